"""How a backend runs things: a step, a job, or a whole plan.

A backend implements exactly one of `StepBackend`, `JobBackend` and `PlanBackend`. The runtime asks for capabilities, never
for a name. Everything here may be called from several threads, one per running job; a session belongs to one thread, but
`terminate`, `kill` and `cancel` may be called from another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, runtime_checkable

from orun_core.spec.frozen import frozen

if TYPE_CHECKING:
    from orun_core.spec.plan import Job, Plan
    from orun_core.spec.run import Event, Happening, Output


@frozen
class Capabilities:
    """What a backend can do.

    `max_parallel`: jobs at once, None for no limit of its own. `isolated`: steps cannot touch the host's workspace by
    accident. `supports_uses`: runs `use:` steps. `supports_services`: starts a job's services. `local`: uses this machine's
    files and processes, so workspace isolation and SIGTERM to a process group apply. `context`: value of `ORUN_CONTEXT`.
    `granularity`: which of the three protocols the backend implements. `inherits`: steps start from orun's own environment.
    """

    max_parallel: int | None = None
    isolated: bool = False
    supports_uses: bool = False
    supports_services: bool = False
    local: bool = True
    context: str = "local"
    granularity: Literal["step", "job", "plan"] = "step"
    inherits: bool = True


@frozen
class JobContext:
    """What the runtime gives a backend for one job.

    `workspace`: root of the files the job sees (the intent's folder or a staged copy of it). `scratch`: an empty folder of
    this job for scripts and file commands. `secrets`: values by variable, never to be written or put on a command line. `note` records an audit
    fact (`kind`, `message`, data) in the journal. `mask` adds a value to the run's redaction. `owner` names orun's process, to mark
    what a backend leaves elsewhere; `gone` says of such a name that its process is known to be dead.
    """

    exec_id: str
    workspace: Path
    scratch: Path
    environment: Mapping[str, str]
    secrets: Mapping[str, str] = field(default_factory=dict)
    attempt: int = 1
    note: Callable[[str, str, Mapping[str, str]], None] = lambda kind, message, data: None
    mask: Callable[[str], None] = lambda value: None
    owner: str = ""
    gone: Callable[[str], bool] = lambda owner: False


@frozen
class StepCommand:
    """One process: `argv` with host paths already translated by `StepSession.locate`, whole environment, host folder to start in."""

    argv: tuple[str, ...]
    environment: Mapping[str, str]
    cwd: Path


class StepProcess(Protocol):
    """A running command whose stdout and stderr come as one stream."""

    def read(self, size: int) -> bytes:
        """Up to `size` bytes as they arrive; blocks; `b""` at the end of the stream."""

    def wait(self) -> int:
        """Exit status: 0–255, or `128 + n` after signal n. Call after `read` returned `b""`. Raises `RunError` when nobody knows it."""

    def terminate(self) -> None:
        """Ask the whole process group to end (SIGTERM). Harmless when it has."""

    def kill(self) -> None:
        """End the whole process group (SIGKILL). Harmless when it has."""


class StepSession(Protocol):
    """One job on a step backend."""

    @property
    def environment(self) -> Mapping[str, str]:
        """What a step finds there besides the variables of its command, such as the `PATH` of an image; may be empty."""

    def locate(self, path: Path) -> str:
        """The path, as the job sees it, of a host path below `workspace` or `scratch`."""

    def has(self, program: str) -> bool:
        """True when the program is found where the steps run: decides the default shell."""

    def start(self, command: StepCommand) -> StepProcess:
        """Start one command; raises `RunError` when it cannot be started."""

    def close(self) -> None:
        """Give back whatever the session holds. Called once, also after a crash of a step."""


@runtime_checkable
class StepBackend(Protocol):
    """Runs one command at a time; core does phases, retries, timeouts, file commands, masking and logs."""

    capabilities: Capabilities

    def open(self, job: Job, context: JobContext) -> StepSession:
        """Prepare one job; raises `RunError` with one clear message and its remedy."""


class JobSession(Protocol):
    """One job on a job backend."""

    def events(self) -> Iterator[Happening | Output]:
        """`StepStarted`, `Output`, `StepFinished` … and a last `JobFinished`."""

    def cancel(self) -> None:
        """Stop soon; `events` still ends with `JobFinished`."""


@runtime_checkable
class JobBackend(Protocol):
    """Runs the steps of a job itself; core schedules and records."""

    capabilities: Capabilities

    def open(self, job: Job, context: JobContext) -> JobSession:
        """Prepare one job; raises `RunError`."""


@frozen
class PlanContext:
    """What the runtime gives a plan backend. `jobs`: ids to run. `earlier`: events of the execution that is re-attached or resumed."""

    exec_id: str
    workspace: Path
    jobs: tuple[str, ...]
    earlier: tuple[Event, ...] = ()


class PlanSession(Protocol):
    """A whole plan elsewhere."""

    def events(self) -> Iterator[Happening | Output]:
        """Events of all jobs; ends when the remote run ended."""

    def cancel(self) -> None:
        """Ask the remote side to stop."""

    def log(self, job: str) -> bytes:
        """Raw log of a finished job."""


@runtime_checkable
class PlanBackend(Protocol):
    """Runs the DAG elsewhere; core only records."""

    capabilities: Capabilities

    def open(self, plan: Plan, context: PlanContext) -> PlanSession:
        """Start or re-attach; raises `RunError`."""


Backend: TypeAlias = StepBackend | JobBackend | PlanBackend
