"""Staged copies of a workspace: every tracked file and every new one that is not ignored, never a hard link."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from orun_core.spec.errors import Diagnostic, RunError
from orun_core.spec.frozen import frozen
from orun_core.state.git_environ import git_environ

if TYPE_CHECKING:
    from orun_core.spec.plan import Job

_FICLONE = 0x40049409


def confine(root: Path | None, folder: Path, *, here: bool = True) -> Path:
    """`folder` with symlinks resolved; raises `RunError` when it leaves `root`, or does not exist `here`, on this machine."""
    real = os.path.realpath(folder)
    if root is not None and os.path.commonpath((real, base := os.path.realpath(root))) != base:
        message = f"working directory leaves the workspace: {folder}"
        raise RunError(Diagnostic("run/outside-workspace", message, hint="use a folder inside the workspace"))
    if here and not os.path.isdir(real):  # noqa: PTH112 - each step comes here
        raise RunError(Diagnostic("run/no-directory", f"working directory does not exist: {folder}"))
    return Path(real)


@frozen
class Copier:
    """Copies single files; `refused`: devices whose file system cannot share blocks."""

    refused: set[int] = field(default_factory=set)

    def copy(self, source: str, target: str) -> None:
        """One file with its permission bits; a symlink as a symlink; a device, socket or vanished file not at all."""
        try:
            facts = os.lstat(source)
        except FileNotFoundError:
            return
        if stat.S_ISLNK(facts.st_mode):
            os.symlink(os.readlink(source), target)  # noqa: PTH211, PTH115 - hot loop over every file
        elif stat.S_ISREG(facts.st_mode):
            if not self._clone(source, target):
                shutil.copyfile(source, target)
            os.chmod(target, stat.S_IMODE(facts.st_mode))  # noqa: PTH101
            os.utime(target, ns=(facts.st_atime_ns, facts.st_mtime_ns))

    def _clone(self, source: str, target: str) -> bool:
        """Share the blocks copy-on-write where the file system can."""
        with open(source, "rb") as old:  # noqa: PTH123
            device = os.fstat(old.fileno()).st_dev
            if device in self.refused:
                return False
            with open(target, "wb") as new:  # noqa: PTH123
                try:
                    fcntl.ioctl(new, _FICLONE, old.fileno())
                except OSError:
                    self.refused.add(device)
                    return False
        return True


@dataclass
class Files:
    """The files of a workspace that a copy holds.

    `head`: the commit of the workspace; `extra`: outputs that jobs gave back, which git may ignore.
    """

    root: Path
    names: tuple[str, ...]
    head: bytes = b""
    extra: set[str] = field(default_factory=set)
    _copier: Copier = field(default_factory=Copier)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(cls, root: Path) -> Files:
        """List a workspace once: what git tracks or would track, or everything but `.orun` where there is no git."""
        listed = _git(root, "ls-files", "-co", "--exclude-standard", "-z")
        if listed is None:
            return cls(root, tuple(sorted(_walk(root))))
        names = {os.fsdecode(name) for name in listed.split(b"\0") if name}
        tracked = sorted(name for name in names if not name.startswith(".orun/"))
        return cls(root, tuple(tracked), _git(root, "rev-parse", "--verify", "HEAD") or b"")

    def stage(self, stage: Path) -> None:
        """Make a copy at `stage`, which must not exist unless it is stale. Raises `RunError` when the disk refuses."""
        shutil.rmtree(stage, ignore_errors=True)
        with self._lock:
            names = dict.fromkeys((*self.names, *sorted(self.extra)))
        try:
            stage.mkdir(parents=True)
            made: set[str] = set()
            for name in names:
                folder = os.path.dirname(name)  # noqa: PTH120 - hot loop over every file
                if folder not in made:
                    os.makedirs(stage / folder, exist_ok=True)  # noqa: PTH103
                    made.add(folder)
                self._copier.copy(f"{self.root}/{name}", f"{stage}/{name}")
            _private_git(self.root, stage, self.head)
        except OSError as error:
            raise RunError(Diagnostic("run/staging", f"cannot stage the workspace: {error}")) from error

    def give_back(self, stage: Path, job: Job) -> None:
        """Copy the job's declared outputs from its copy into the workspace; raises `RunError` for one that leaves it."""
        for output in job.outputs:
            source = (stage / job.path / output).resolve()
            if not source.is_relative_to(stage.resolve()):
                message = f"job {job.id}: output {output} leaves the workspace"
                raise RunError(Diagnostic("run/outside-workspace", message))
            for file in _files_below(source):
                name = str(file.relative_to(stage.resolve()))
                target = self.root / name
                if not target.parent.resolve().is_relative_to(self.root.resolve()):
                    message = f"job {job.id}: output {output} leaves the workspace"
                    raise RunError(Diagnostic("run/outside-workspace", message))
                target.parent.mkdir(parents=True, exist_ok=True)
                fresh = target.with_name(f".{target.name}.orun-new")
                self._copier.copy(str(file), str(fresh))
                fresh.replace(target)
                with self._lock:
                    self.extra.add(name)


def _git(root: Path, *arguments: str) -> bytes | None:
    """What git says; None outside a repository, without git, or when it refuses."""
    command = ["git", "-C", str(root), *arguments]
    try:
        return subprocess.run(command, capture_output=True, check=True, env=git_environ(os.environ)).stdout
    except (OSError, subprocess.CalledProcessError):
        return None


def _walk(root: Path) -> list[str]:
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in (".orun", ".git")]
        base = os.path.relpath(folder, root)
        links = [name for name in folders if os.path.islink(f"{folder}/{name}")]  # noqa: PTH114
        found += [name if base == "." else f"{base}/{name}" for name in (*files, *links)]
    return found


def _files_below(source: Path) -> list[Path]:
    if source.is_dir():
        return sorted(file for file in source.rglob("*") if file.is_symlink() or file.is_file())
    return [source] if source.exists() else []


def _private_git(root: Path, stage: Path, head: bytes) -> None:
    """Let git commands work in the copy.

    Objects and refs are those of the user's repository; the index and a detached HEAD are the copy's own.
    """
    git = _git_folder(root)
    if git is None:
        return
    named = git / "commondir"
    common = git / named.read_text().strip() if named.exists() else git
    own = stage / ".git"
    own.mkdir()
    (own / "commondir").write_text(f"{common.resolve()}\n")
    (own / "HEAD").write_bytes(head or (git / "HEAD").read_bytes())
    if (git / "index").exists():
        shutil.copyfile(git / "index", own / "index")


def _git_folder(root: Path) -> Path | None:
    """Where git keeps the index of a work tree: `.git`, or what a file of that name says, as in submodules and further work trees."""
    git = root / ".git"
    if git.is_file():
        git = root / git.read_text().removeprefix("gitdir:").strip()
    return git if git.is_dir() else None
