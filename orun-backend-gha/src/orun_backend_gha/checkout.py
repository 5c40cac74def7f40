"""What git and the environment say about a workspace, in the words of GitHub."""

from __future__ import annotations

import re
import subprocess
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

REMOTE = re.compile(r"[:/](?P<name>[^/:]+/[^/]+?)(?:\.git)?/?$")


class Checkout:
    """What git says of a workspace; asked once, so that all jobs of a run are told the same."""

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace

    @cached_property
    def sha(self) -> str:
        """The commit that is checked out, or nothing."""
        return _git(self._workspace, "rev-parse", "--verify", "--quiet", "HEAD")

    @cached_property
    def ref(self) -> str:
        """The branch that is checked out, as `refs/heads/NAME`, or nothing."""
        return _git(self._workspace, "symbolic-ref", "--quiet", "HEAD")

    @cached_property
    def repository(self) -> str:
        """`owner/name` of the remote `origin`, or nothing."""
        return remote_name(self._workspace)


def facts_of(checkout: Checkout, environ: Mapping[str, str]) -> dict[str, str]:
    """`event`, `payload`, `sha`, `ref` and `repository` of a run: the environment's, else git's, else empty."""
    path = environ.get("GITHUB_EVENT_PATH", "")
    given = bool(path) and Path(path).is_file()
    return {
        "event": (environ.get("GITHUB_EVENT_NAME") if given else "") or "push",
        "payload": Path(path).read_text() if given else "",
        "sha": environ.get("GITHUB_SHA") or checkout.sha,
        "ref": environ.get("GITHUB_REF") or checkout.ref,
        "repository": environ.get("GITHUB_REPOSITORY") or checkout.repository,
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
