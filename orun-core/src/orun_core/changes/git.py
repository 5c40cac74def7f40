"""Questions to git, one call each. Paths are relative to the folder they are asked in, also those outside it (`../x`)."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from orun_core.spec.errors import CompileError, Diagnostic, UsageError
from orun_core.state.git_environ import git_environ

if TYPE_CHECKING:
    from pathlib import Path

SUBMODULE_MODE: Final = "160000"


@dataclass(frozen=True, slots=True, order=True)
class ChangedFile:
    """A path that differs. `status`: git's letter (A, M, D, T), `?` untracked, empty when only the path is known.

    `opaque`: a submodule or another repository inside this one: everything below the path may have changed.
    """

    path: str
    status: str = ""
    opaque: bool = False


class Repository:
    """The git work tree around a folder. Raises `UsageError` where there is none."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        told = self._run("rev-parse", "--is-shallow-repository", "--show-cdup", "--show-prefix", outside=True)
        shallow, climb, prefix = told.decode(errors="surrogateescape").split("\n", 2)
        self.shallow = shallow == "true"
        self._top = climb or "."
        self._prefix = prefix.removesuffix("\n")
        self._inside = tuple(filter(None, self._prefix.split("/")))

    def commit(self, revision: str) -> str:
        """The commit of a revision, empty when it is unknown here."""
        return self._ask("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")

    def merge_base(self, first: str, second: str) -> str:
        """The best common ancestor of two commits, empty when their histories here have none."""
        return self._ask("merge-base", first, second)

    def remote(self) -> str:
        """`origin`, else the first remote, else nothing."""
        remotes = self._ask("remote").split()
        return "origin" if "origin" in remotes else (remotes or [""])[0]

    def deepen(self, remote: str, commits: int, wanted: tuple[str, ...]) -> bool:
        """Fetch that many more commits of a shallow history; False when the remote refuses or cannot be reached."""
        done = self._start("fetch", "--quiet", "--no-tags", f"--deepen={commits}", remote, *wanted)
        return done.returncode == 0

    def differences(self, base: str, head: str = "", *, untracked: bool = False) -> tuple[ChangedFile, ...]:
        """Files that differ between two commits, or between a commit and the working tree.

        A renamed file counts at both paths. `untracked`: new files inside a submodule count as a change of it.
        """
        submodules = "--ignore-submodules=none" if untracked else "--ignore-submodules=untracked"
        options = ("--raw", "-z", "--no-renames", "--no-relative", "--no-ext-diff", submodules)
        fields = self._run("diff", *options, base, *filter(None, (head,)), "--").split(b"\0")
        return tuple(self._changed(raw, path) for raw, path in zip(fields[::2], fields[1::2], strict=False))

    def untracked(self) -> tuple[ChangedFile, ...]:
        """Files that are neither tracked nor ignored."""
        listed = self._run("-C", self._top, "ls-files", "--others", "--exclude-standard", "-z").split(b"\0")
        return tuple(ChangedFile(self._seen(path.rstrip(b"/")), "?", path.endswith(b"/")) for path in listed if path)

    def content(self, commit: str, path: str) -> bytes | None:
        """The bytes of a file in a commit, None when it is not there."""
        done = self._start("cat-file", "blob", f"{commit}:{self._prefix}{path}")
        return done.stdout if done.returncode == 0 else None

    def _changed(self, raw: bytes, path: bytes) -> ChangedFile:
        old_mode, new_mode, _, _, status = raw.decode().removeprefix(":").split(" ")
        return ChangedFile(self._seen(path), status[:1], SUBMODULE_MODE in (old_mode, new_mode))

    def _seen(self, raw: bytes) -> str:
        """A path of the repository as seen from the folder."""
        parts = raw.decode(errors="surrogateescape").split("/")
        common = 0
        while common < min(len(self._inside), len(parts) - 1) and parts[common] == self._inside[common]:
            common += 1
        return "/".join([".."] * (len(self._inside) - common) + parts[common:])

    def _ask(self, *arguments: str) -> str:
        """The answer as one text; empty where git says no."""
        done = self._start(*arguments)
        return done.stdout.decode().strip() if done.returncode == 0 else ""

    def _run(self, *arguments: str, outside: bool = False) -> bytes:
        done = self._start(*arguments)
        if done.returncode == 0:
            return done.stdout
        said = done.stderr.decode(errors="replace").strip()
        if outside and "not a git repository" in said:
            hint = "name the changed files with --files, or work in a clone"
            text = f"change detection needs git, and {self.folder.name or self.folder} is in no git repository"
            raise UsageError(Diagnostic("changes/not-a-repository", text, hint=hint))
        raise CompileError(Diagnostic("changes/git-failed", f"git {arguments[0]} failed: {said}"))

    def _start(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        environment = {**git_environ(os.environ), "LC_ALL": "C"}
        command = ["git", "-c", "core.quotepath=off", *arguments]
        try:
            return subprocess.run(
                command,
                cwd=self.folder,
                env=environment,
                capture_output=True,
                stdin=subprocess.DEVNULL,
                check=False,
            )
        except FileNotFoundError:
            hint = "install git, or name the changed files with --files"
            raise UsageError(Diagnostic("changes/no-git", "change detection needs git", hint=hint)) from None
