"""Steps that run an image (`docker://…`) on this machine. act runs images only as part of an action, so each such step gets one.

act takes an action from a git repository and nothing else, so one is written into its cache as if it had been fetched.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from orun_core.spec.plan import Job, Step

SCHEME = "docker://"
OWNER = "orun"
WHO = "orun <orun@localhost> 0 +0000"
CONFIG = '[core]\n\tbare = false\n[remote "origin"]\n\turl = {server}/{owner}/{name}\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n'


def as_actions(job: Job, cache: Path, server: str) -> Job:
    """The job with an action for each image; the actions are in `cache`, as if they came from `server`."""
    if not any(step.use.startswith(SCHEME) for step in job.steps):
        return job

    def one(step: Step) -> Step:
        return replace(step, use=_action(step.use, cache, server)) if step.use.startswith(SCHEME) else step

    return replace(job, steps=tuple(one(step) for step in job.steps))


def _action(image: str, cache: Path, server: str) -> str:
    name = f"image-{hashlib.sha256(image.encode()).hexdigest()[:12]}"
    folder = cache / f"{OWNER}-{name}@v1"
    if not folder.exists():
        content = json.dumps({"name": image, "runs": {"using": "docker", "image": image}}).encode()
        folder.mkdir()
        (folder / "action.yml").write_bytes(content)
        _commit(folder / ".git", "action.yml", content)
        (folder / ".git" / "config").write_text(CONFIG.format(server=server, owner=OWNER, name=name))
    return f"{OWNER}/{name}@v1"


def _commit(git: Path, file: str, content: bytes) -> None:
    """A repository whose tag `v1` is a commit of one file."""
    blob = _keep(git, "blob", content)
    tree = _keep(git, "tree", f"100644 {file}\0".encode() + bytes.fromhex(blob))
    commit = _keep(git, "commit", f"tree {tree}\nauthor {WHO}\ncommitter {WHO}\n\n{file}\n".encode())
    for name in ("refs/heads/main", "refs/tags/v1"):
        (git / name).parent.mkdir(parents=True)
        (git / name).write_text(f"{commit}\n")
    (git / "HEAD").write_text("ref: refs/heads/main\n")


def _keep(git: Path, kind: str, content: bytes) -> str:
    """Write an object of git; its id."""
    whole = f"{kind} {len(content)}\0".encode() + content
    identity = hashlib.sha1(whole, usedforsecurity=False).hexdigest()
    place = git / "objects" / identity[:2] / identity[2:]
    place.parent.mkdir(parents=True)
    place.write_bytes(zlib.compress(whole))
    return identity
