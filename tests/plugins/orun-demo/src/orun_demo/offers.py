"""What stands behind the names that this plugin offers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NoReturn

from orun_core.spec.backend import Capabilities, JobContext
from orun_core.spec.errors import Diagnostic, UsageError
from orun_core.spec.policy import Violation
from orun_core.spec.run import (
    Event,
    Happening,
    JobFinished,
    Output,
    RunState,
    RunSummary,
    Status,
    StepFinished,
    StepStarted,
)
from orun_core.spec.source import FetchedSource, SourceContext, SourceRequest
from orun_core.spec.trigger import ChangeRange, TriggerEvent

if TYPE_CHECKING:
    import click
    from orun_core.spec.host import Host
    from orun_core.spec.plan import Job, Plan
    from orun_core.spec.stages import Resolution, ResolvedJob

FILES = {
    "stack.yaml": b"kind: Stack\nmetadata: {name: demo}\n",
    "demo/composition.yaml": (
        b"kind: Composition\nmetadata: {name: demo}\n"
        b"spec: {type: demo, defaultJob: nothing, parameterSchema: {type: object}, jobs: [{name: nothing, steps: []}]}\n"
    ),
}


class DemoSource:
    """A package with one composition, whose job does nothing."""

    def fetch(self, request: SourceRequest, context: SourceContext) -> FetchedSource:
        """The package, from the cache once it is there."""
        digest = self.latest(request, context)
        root = context.cache.tree(digest)
        if root is None:
            root = self._write(digest, context)
        return FetchedSource(digest, root)

    def latest(self, request: SourceRequest, context: SourceContext) -> str:
        """Hash of the files."""
        return "sha256:" + hashlib.sha256(repr(sorted(FILES.items())).encode()).hexdigest()

    def _write(self, digest: str, context: SourceContext) -> Path:
        with TemporaryDirectory() as folder:
            for name, content in FILES.items():
                file = Path(folder, name)
                file.parent.mkdir(exist_ok=True)
                file.write_bytes(content)
            return context.cache.adopt(digest, Path(folder))


class DemoTrigger:
    """Every payload is a push to the branch it names."""

    def parse(self, payload: Mapping[str, Any], environ: Mapping[str, str]) -> TriggerEvent:
        """The event of a payload."""
        return TriggerEvent("demo-ci", "push", branch=str(payload.get("branch", "main")), payload=payload)

    def detect(self, environ: Mapping[str, str]) -> ChangeRange | None:
        """The range in `DEMO_CI_RANGE` (`base..head`), if any."""
        base, found, head = environ.get("DEMO_CI_RANGE", "").partition("..")
        return ChangeRange("push", base, head) if found else None


def no_trailing_dash(value: Any, job: ResolvedJob, resolution: Resolution) -> Iterable[Violation]:
    """Object to names such as `api-`."""
    name = job.bound.instance.name
    if value and name.endswith("-"):
        yield Violation(f"component name '{name}' ends in a dash", "name")


class PretendSession:
    """A job whose steps all succeed at once."""

    def __init__(self, job: Job, attempt: int) -> None:
        """Take the job."""
        self._job = job
        self._attempt = attempt

    def events(self) -> Iterator[Happening | Output]:
        """What a run of the job looks like."""
        for index, step in enumerate(self._job.steps, 1):
            yield StepStarted(self._job.id, step.id, index, 1)
            yield StepFinished(self._job.id, step.id, index, 1, Status.SUCCEEDED)
        yield JobFinished(self._job.id, self._attempt, Status.SUCCEEDED)

    def cancel(self) -> None:
        """There is nothing to stop."""


class PretendBackend:
    """A job backend that does nothing, successfully."""

    capabilities = Capabilities(granularity="job", local=False, context="demo")

    def open(self, job: Job, context: JobContext) -> PretendSession:
        """A session of the job."""
        return PretendSession(job, context.attempt)


def backend(host: Host, options: object) -> PretendBackend:
    """The backend `demo`."""
    return PretendBackend()


class ForgetfulStore:
    """A state store without state."""

    def runs(self) -> tuple[RunSummary, ...]:
        """None."""
        return ()

    def plans(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """None."""
        return ()

    def has_run(self, exec_id: str) -> bool:
        """Never."""
        return False

    def run(self, reference: str = "") -> RunState:
        """Never there."""
        return self._unknown("run", reference)

    def plan(self, reference: str = "") -> Plan:
        """Never there."""
        return self._unknown("plan", reference)

    def plan_text(self, checksum: str) -> str:
        """Nothing."""
        return ""

    def save_plan(self, plan: str, checksum: str, provenance: str = "", name: str = "") -> None:
        """Forget it."""

    def events(self, exec_id: str, after: int = 0) -> tuple[Event, ...]:
        """None."""
        return ()

    def log(self, exec_id: str, name: str, offset: int = 0, size: int = -1) -> bytes:
        """Nothing."""
        return b""

    def log_size(self, exec_id: str, name: str) -> int:
        """Nothing."""
        return 0

    def watch(self, exec_id: str = "") -> Iterator[None]:
        """Nothing ever changes."""
        return iter(())

    def begin(self, exec_id: str) -> NoReturn:
        """Nothing can be recorded."""
        self._unknown("run", exec_id)

    def _unknown(self, kind: str, name: str) -> NoReturn:
        raise UsageError(Diagnostic(f"state/unknown-{kind}", f"no {kind} named '{name}': this store remembers nothing"))


def store(host: Host) -> ForgetfulStore:
    """The state store `demo`."""
    return ForgetfulStore()


def demo_command() -> click.Command:
    """The command `orun demo`."""
    import click

    @click.command("demo")
    @click.pass_obj
    def command(host: Host) -> None:
        """Say where the intent is."""
        click.echo(host.intent.name if host.intent else "no intent")

    return command


def exporter() -> Any:
    """The exporter `demo`."""
    return export


def export(plan: Plan, options: Mapping[str, Any]) -> Mapping[str, bytes]:
    """One file with a job id per line; a file per environment when that is wanted."""
    files: dict[str, bytes] = {}
    for job in plan.jobs:
        name = f"jobs/{job.environment}.txt" if options.get("split") else "jobs.txt"
        files[name] = files.get(name, b"") + f"{options.get('prefix', '')}{job.id}\n".encode()
    return files


def export_options() -> Any:
    """The options model of the exporter."""
    from pydantic import BaseModel, Field

    class Options(BaseModel):
        split: bool = Field(default=False, description="A file per environment.")
        prefix: str = Field(default="", max_length=3, description="Before each id.")

    return Options
