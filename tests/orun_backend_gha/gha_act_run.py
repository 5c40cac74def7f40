"""Exported workflows in the hands of the real act, with stand-ins for the actions of artifacts."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

from orun_backend_gha.actions import DOWNLOAD, UPLOAD

if TYPE_CHECKING:
    from pathlib import Path

KEEP = """\
name: upload
inputs: {name: {required: true}, path: {required: true}, retention-days: {}}
runs:
  using: composite
  steps:
    - shell: bash
      env: {NAME: "${{ inputs.name }}", FILE: "${{ inputs.path }}"}
      run: mkdir -p "$KEPT/$NAME" && cp "$FILE" "$KEPT/$NAME/"
"""
FETCH = KEEP.replace("upload", "download").replace(
    'mkdir -p "$KEPT/$NAME" && cp "$FILE" "$KEPT/$NAME/"', 'mkdir -p "$FILE" && cp "$KEPT/$NAME"/* "$FILE/"'
)
LABELS = ("ubuntu-latest", "ubuntu-22.04")


def commit(folder: Path) -> None:
    """Make the folder a git repository of one commit."""
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-C", str(folder)]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "x"]):
        subprocess.run([*git, *arguments], check=True)


def executed(program: str, repository: Path, folder: Path) -> list[dict]:
    """What act says of the exported workflow of a repository, which must succeed; `folder` takes what comes with it."""
    command = [program, "workflow_dispatch", "--json", "--no-cache-server", "--action-offline-mode"]
    command += ["--action-cache-path", str(folder / "act")]
    for label in LABELS:
        command += ["--platform", f"{label}=-self-hosted"]
    for name, reference, content in (("upload", UPLOAD, KEEP), ("download", DOWNLOAD, FETCH)):
        (folder / name).mkdir()
        (folder / name / "action.yml").write_text(content)
        command += ["--local-repository", f"{reference.value}={folder / name}"]
    environ = {**os.environ, "KEPT": str(folder / "kept"), "XDG_CACHE_HOME": str(folder / "xdg")}
    done = subprocess.run(command, cwd=repository, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
