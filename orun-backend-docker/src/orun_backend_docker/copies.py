"""The files of a job on an engine that does not see them: copied in, and what the job declares copied out."""

from __future__ import annotations

import posixpath
import shutil
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from orun_core.spec.errors import Diagnostic, RunError

from orun_backend_docker.mounts import SCRATCH, WORKSPACE
from orun_backend_docker.unpack import unpack

if TYPE_CHECKING:
    from collections.abc import Callable

    from orun_core.spec.backend import StepProcess
    from orun_core.spec.plan import Job

    from orun_backend_docker.engine import Engine
    from orun_backend_docker.mounts import Mounts

_IN_MEMORY = 1 << 24
_NOT_COPIED = ".orun"


class Copies:
    """Moves files between this machine and one container, as tar archives. Files inside belong to `user`."""

    def __init__(self, engine: Engine, container: str, mounts: Mounts, user: str, job: Job) -> None:
        self._engine = engine
        self._container = container
        self._mounts = mounts
        uid, _, gid = user.partition(":")
        self._owner = int(uid), int(gid or 0)
        self._job = job
        self._sent: set[str] = set()

    def send_all(self) -> None:
        """Copy workspace and scratch into a container that does not run yet."""
        self._send([(self._mounts.workspace, WORKSPACE), (self._mounts.scratch, SCRATCH)])
        self._sent = {entry.name for entry in self._mounts.scratch.iterdir()}

    def around(self, start: Callable[[], StepProcess]) -> StepProcess:
        """Start a step with its own files there, and bring them back when it ended."""
        fresh = sorted(entry.name for entry in self._mounts.scratch.iterdir() if entry.name not in self._sent)
        self._send([(self._mounts.scratch / name, f"{SCRATCH}/{name}") for name in fresh])
        self._sent.update(fresh)
        return _CopiedProcess(start(), lambda: self._fetch_scratch(fresh))

    def fetch_outputs(self) -> None:
        """Copy what the job declares as outputs into the workspace, file by file, each whole or not at all."""
        for output in self._job.outputs:
            name = posixpath.normpath(posixpath.join(self._job.path, output))
            if name.startswith(("..", "/")):
                raise self._leaves(name)
            with tempfile.TemporaryDirectory(dir=self._mounts.scratch) as folder:
                if self._fetch(posixpath.join(WORKSPACE, name), Path(folder)):
                    self._place(Path(folder) / posixpath.basename(name), self._mounts.workspace / name)

    def _place(self, made: Path, target: Path) -> None:
        files = [made] if not made.is_dir() or made.is_symlink() else [f for f in made.rglob("*") if not f.is_dir()]
        for file in files:
            home = target / file.relative_to(made) if file != made else target
            if not home.parent.resolve().is_relative_to(self._mounts.workspace.resolve()):
                raise self._leaves(str(home))
            home.parent.mkdir(parents=True, exist_ok=True)
            fresh = home.with_name(f".{home.name}.orun-new")
            shutil.copy2(file, fresh, follow_symlinks=False)
            fresh.replace(home)

    def _leaves(self, output: str) -> RunError:
        message = f"job {self._job.id}: output {output} leaves the workspace"
        return RunError(Diagnostic("docker/outside", message, hint="declare an output inside the workspace"))

    def _fetch_scratch(self, names: list[str]) -> None:
        for name in names:
            self._fetch(f"{SCRATCH}/{name}", self._mounts.scratch)

    def _send(self, pairs: list[tuple[Path, str]]) -> None:
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as spool:
            doing = "cannot copy the workspace to the engine"
            try:
                with tarfile.open(fileobj=spool, mode="w") as archive:
                    for source, inside in pairs:
                        archive.add(source, inside.lstrip("/"), filter=self._owned)
            except OSError as error:
                raise RunError(Diagnostic("docker/input", f"{doing}: {error}")) from error
            spool.seek(0)
            with self._engine.speaking(doing):
                self._engine.api.put_archive(self._container, "/", spool)

    def _owned(self, entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
        if entry.name == f"{WORKSPACE.lstrip('/')}/{_NOT_COPIED}":
            return None
        entry.uid, entry.gid = self._owner
        entry.uname = entry.gname = ""
        return entry

    def _fetch(self, inside: str, folder: Path) -> bool:
        """Unpack a file or folder of the container; False when there is none. Members may not leave `folder`."""
        found = self._engine.archive(self._container, inside)
        if found is None:
            return False
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as spool:
            try:
                spool.writelines(found)
                spool.seek(0)
                with tarfile.open(fileobj=cast("BinaryIO", spool)) as archive:
                    unpack(archive, folder)
            except (tarfile.TarError, OSError) as error:
                message = f"cannot take {posixpath.basename(inside)} from the container: {error}"
                raise RunError(Diagnostic("docker/output", message)) from error
        return True


class _CopiedProcess:
    """A process whose files come back once it ended."""

    def __init__(self, process: StepProcess, fetch: Callable[[], None]) -> None:
        self.read = process.read
        self.terminate = process.terminate
        self.kill = process.kill
        self._process = process
        self._fetch = fetch

    def wait(self) -> int:
        """Exit status; its files are here when this returns."""
        status = self._process.wait()
        self._fetch()
        return status
