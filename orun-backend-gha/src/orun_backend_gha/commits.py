"""Finds the commit that a reference of an action means: from GitHub's API where there is a token, else from the repository itself."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING
from urllib.parse import quote

from orun_core.spec.errors import Diagnostic, RunError
from orun_core.spec.nearest import did_you_mean

from orun_backend_gha.api import PUBLIC_SERVER, GitHub, base_of, server_of, token_of

if TYPE_CHECKING:
    from collections.abc import Mapping

PEELED = "^{}"
"""What git appends to the name of an annotated tag to name the commit that it stands for."""

HIDDEN = frozenset({"github/forbidden", "github/not-found", "github/refused"})
"""What a token may not see, everybody may; and where there is nothing, git says best what is wrong."""


def commit_of(use: str, environ: Mapping[str, str]) -> str:
    """The whole commit of `OWNER/NAME[/PATH]@REF`, on this environment's server, else on the public one. Raises `RunError`."""
    action, _, ref = use.partition("@")
    repository = "/".join(action.split("/")[:2])
    token = token_of(environ)
    if token:
        try:
            api = GitHub(base_of(environ), repository, token, time.sleep)
            return str(api.get(f"/commits/{quote(ref, safe='')}")["sha"])
        except RunError as error:
            if error.diagnostics[0].code not in HIDDEN:
                raise
    problems: list[Diagnostic] = []
    for server in dict.fromkeys((server_of(environ), PUBLIC_SERVER)):
        try:
            return _by_git(use, f"{server}/{repository}", ref, environ)
        except RunError as error:
            problems += error.diagnostics
    raise RunError(problems[:1])


def _by_git(use: str, url: str, ref: str, environ: Mapping[str, str]) -> str:
    """What the repository says: an annotated tag stands for its commit, a tag comes before a branch of its name."""
    command = ["git", "ls-remote", "--tags", "--heads", "--", url]
    quiet = {**environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    done = subprocess.run(command, env=quiet, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.partition("fatal: ")[2].partition("\n")[0]
        raise _unknown(f"{use}: {url} cannot be read: {said}", "check the name; a private repository needs a token")
    found = {name: commit for commit, name in (line.split("\t") for line in done.stdout.splitlines())}
    for name in (f"refs/tags/{ref}{PEELED}", f"refs/tags/{ref}", f"refs/heads/{ref}"):
        if name in found:
            return found[name]
    names = {name.split("/", 2)[2].removesuffix(PEELED) for name in found}
    raise _unknown(f"{use}: {url} has no tag and no branch {ref}", did_you_mean(ref, names))


def _unknown(message: str, hint: str) -> RunError:
    return RunError(Diagnostic("github/unknown-action", message, hint=hint))
