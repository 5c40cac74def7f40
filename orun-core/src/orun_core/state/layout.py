"""The `.orun/` tree: every path of it, in one place. `docs/state.md` describes each file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from orun_core.spec.errors import Diagnostic, UsageError
from orun_core.spec.frozen import frozen
from orun_core.state.durable import make_folder, write_whole

if TYPE_CHECKING:
    from pathlib import Path

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,127}")
LATEST = "latest"
GITIGNORE = "*\n!.gitignore\n!compositions.lock.yaml\n"
LOCK_FILE: Final = ".orun/compositions.lock.yaml"
"""The lock of an intent, relative to its folder; committed."""


@frozen
class RunFolder:
    """The files of one execution."""

    path: Path

    @property
    def request(self) -> Path:
        """What was asked for when the run started last."""
        return self.path / "run.json"

    @property
    def journal(self) -> Path:
        """What happened: one event per line."""
        return self.path / "events.ndjson"

    @property
    def state(self) -> Path:
        """A fold of the journal."""
        return self.path / "state.json"

    @property
    def lock(self) -> Path:
        """Who writes the journal."""
        return self.path / "lock"

    @property
    def logs(self) -> Path:
        """Output of the steps."""
        return self.path / "logs"

    def log(self, name: str) -> Path:
        """The file of a log; raises `UsageError` (`state/bad-name`) when the name leads out of the run's folder."""
        parts = name.split("/")
        if parts[0] != "logs" or len(parts) < 2 or any(part in ("", ".", "..") or "\0" in part for part in parts):
            raise UsageError(
                Diagnostic("state/bad-name", f'"{name}" is no log of a run', hint="log names begin with logs/")
            )
        return self.path.joinpath(*parts)


@frozen
class Layout:
    """The `.orun` folder `root` of a workspace."""

    root: Path

    @property
    def gitignore(self) -> Path:
        """Keeps everything here out of git, except itself and the composition lock."""
        return self.root / ".gitignore"

    @property
    def cache(self) -> Path:
        """What can be computed again."""
        return self.root / "cache"

    @property
    def plans(self) -> Path:
        """Stored plans."""
        return self.root / "plans"

    @property
    def plan_names(self) -> Path:
        """Names of plans."""
        return self.plans / "names"

    @property
    def latest_plan(self) -> Path:
        """Checksum of the plan that was saved last."""
        return self.plans / LATEST

    @property
    def runs(self) -> Path:
        """Recorded executions."""
        return self.root / "runs"

    @property
    def latest_run(self) -> Path:
        """Id of the execution that started last."""
        return self.runs / LATEST

    def plan(self, checksum: str) -> Path:
        """A stored plan."""
        return self.plans / f"{checksum}.json"

    def provenance(self, checksum: str) -> Path:
        """Where every value of a stored plan came from."""
        return self.plans / f"{checksum}.provenance.json"

    def plan_name(self, name: str) -> Path:
        """Checksum of the plan with this name."""
        return self.plan_names / name

    def run(self, exec_id: str) -> RunFolder:
        """The folder of an execution."""
        return RunFolder(self.runs / exec_id)

    def latest(self, pointer: Path) -> str:
        """What `latest_plan` or `latest_run` names; empty when it does not exist."""
        return _word(pointer) if pointer.exists() else ""

    def prepare(self) -> None:
        """Create the folder with its `.gitignore`; the user's own is never touched."""
        make_folder(self.root)
        if not self.gitignore.exists():
            write_whole(self.gitignore, GITIGNORE.encode())

    def checksums(self) -> tuple[str, ...]:
        """Checksums of all stored plans, sorted."""
        return tuple(name.removesuffix(".json") for name in _names(self.plans) if _is_plan(name))

    def names(self) -> dict[str, str]:
        """Checksum by plan name, sorted by name."""
        return {name: _word(self.plan_name(name)) for name in _names(self.plan_names)}

    def run_ids(self) -> tuple[str, ...]:
        """Ids of all executions with a journal, sorted."""
        return tuple(name for name in _names(self.runs) if self.run(name).journal.is_file())

    def has_run(self, exec_id: str) -> bool:
        """True when there is an execution with exactly this id."""
        return NAME.fullmatch(exec_id) is not None and self.run(exec_id).journal.is_file()


def checked_name(kind: str, name: str) -> str:
    """The name, if it can be a file's name of this tree; raises `UsageError` (`state/bad-name`)."""
    if NAME.fullmatch(name) and name != LATEST:
        return name
    hint = f'use letters, digits and ".", "_", "-", "@", "+", beginning with a letter or digit; "{LATEST}" is taken'
    raise UsageError(Diagnostic("state/bad-name", f'"{name}" cannot be the {kind}', hint=hint))


def _names(folder: Path) -> tuple[str, ...]:
    if not folder.is_dir():
        return ()
    return tuple(
        sorted(entry.name for entry in folder.iterdir() if NAME.fullmatch(entry.name) and entry.name != LATEST)
    )


def _word(path: Path) -> str:
    return path.read_text("utf-8", "replace").strip()


def _is_plan(name: str) -> bool:
    return name.startswith("sha256-") and name.endswith(".json") and not name.endswith(".provenance.json")
