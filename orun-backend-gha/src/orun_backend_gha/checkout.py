"""What git and the environment say about a workspace, in the words of GitHub."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

REMOTE = re.compile(r"[:/](?P<name>[^/:]+/[^/]+?)(?:\.git)?/?$")


def facts_of(workspace: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """`event`, `payload`, `sha`, `ref` and `repository` of a run: the environment's, else git's, else empty."""
    path = environ.get("GITHUB_EVENT_PATH", "")
    given = bool(path) and Path(path).is_file()
    return {
        "event": (environ.get("GITHUB_EVENT_NAME") if given else "") or "push",
        "payload": Path(path).read_text() if given else "",
        "sha": environ.get("GITHUB_SHA") or _git(workspace, "rev-parse", "--verify", "--quiet", "HEAD"),
        "ref": environ.get("GITHUB_REF") or _git(workspace, "symbolic-ref", "--quiet", "HEAD"),
        "repository": environ.get("GITHUB_REPOSITORY") or remote_name(workspace),
    }


def remote_name(workspace: Path) -> str:
    """`owner/name` of the remote `origin`, or nothing."""
    found = REMOTE.search(_git(workspace, "remote", "get-url", "origin"))
    return found["name"] if found else ""


def branch_name(workspace: Path) -> str:
    """The branch that is checked out, or nothing."""
    return _git(workspace, "branch", "--show-current")


def _git(workspace: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=workspace, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
