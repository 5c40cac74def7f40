"""The backend `github`: runs a plan's exported workflow on GitHub and follows it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from orun_core.spec.backend import Capabilities
from orun_core.spec.errors import Diagnostic, RunError
from orun_core.spec.run import JobFinished, JobSkipped, Noted, Output, RunFinished, Status

from orun_backend_gha.api import GitHub, base_of, token_of
from orun_backend_gha.checkout import branch_name, remote_name
from orun_backend_gha.remote_jobs import RemoteJob, own_name
from orun_backend_gha.remote_logs import cut
from orun_backend_gha.workflow import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from orun_core.spec.backend import PlanContext
    from orun_core.spec.plan import Job, Plan
    from orun_core.spec.run import Event, Happening

    from orun_backend_gha.options import RemoteOptions

ATTACHED = "github-run"
"""Kind of the note that remembers which run is followed."""
APPEARS_WITHIN = 24
"""Looks that a new run may take to appear: GitHub's parts agree late."""


class GitHubBackend:
    """Runs plans on GitHub Actions itself."""

    capabilities = Capabilities(
        isolated=True, supports_uses=True, supports_services=True, local=False, context="ci", granularity="plan"
    )

    def __init__(self, options: RemoteOptions, environ: Mapping[str, str]) -> None:
        self._options = options
        self._environ = environ

    def open(self, plan: Plan, context: PlanContext) -> GitHubSession:
        """Follow the run that an earlier attempt noted, repeat its failed jobs, or dispatch a new run."""
        options = self._options
        repository = options.repository or self._environ.get("GITHUB_REPOSITORY") or remote_name(context.workspace)
        if not repository:
            hint = "set GITHUB_REPOSITORY, or the git remote `origin`"
            raise RunError(Diagnostic("github/no-repository", "which repository on GitHub is not known", hint=hint))
        stop = threading.Event()
        api = GitHub(base_of(self._environ), repository, token_of(self._environ), lambda seconds: _wait(stop, seconds))
        noted = _noted_run(context.earlier)
        if noted:
            run = _resumed(api, noted)
        else:
            ref = options.ref or branch_name(context.workspace) or "main"
            _demand_whole_plan(plan, context.jobs)
            _demand_same_plan(api, plan, options.workflow, ref)
            run = _dispatched(api, options.workflow, ref, context.exec_id)
        jobs = [job for job in plan.jobs if job.id in context.jobs]
        return GitHubSession(jobs, api, run, stop, options.interval)


class GitHubSession:
    """One run on GitHub, looked at again and again until it ended."""

    def __init__(
        self, jobs: Iterable[Job], api: GitHub, run: Mapping[str, Any], stop: threading.Event, interval: float
    ) -> None:
        self._api = api
        self._run = run
        self._stop = stop
        self._interval = interval
        settings = Settings()
        self._jobs = {job.check_name: RemoteJob(job, settings) for job in jobs}
        self._ids: dict[str, int] = {}

    def events(self) -> Iterator[Happening | Output]:
        """What happens in the run, from its beginning."""
        number = int(self._run["id"])
        attempt = int(self._run.get("run_attempt") or 1)
        url = str(self._run.get("html_url") or "")
        yield Noted(ATTACHED, f"run {number} on GitHub: {url}", data={"run": number, "attempt": attempt, "url": url})
        while True:
            run = self._api.get(f"/actions/runs/{number}")
            yield from self._look(number, int(run.get("run_attempt") or attempt))
            if run["status"] == "completed":
                break
            _wait(self._stop, self._interval)
        yield from self._never_started()
        status = Status.SUCCEEDED if run["conclusion"] == "success" else Status.FAILED
        status = Status.CANCELLED if run["conclusion"] == "cancelled" else status
        yield RunFinished(status, "" if status is Status.SUCCEEDED else f"GitHub says {run['conclusion']}")

    def _look(self, number: int, attempt: int) -> Iterator[Happening | Output]:
        for seen in self._api.pages(f"/actions/runs/{number}/attempts/{attempt}/jobs", "jobs"):
            job = self._jobs.get(own_name(str(seen["name"])))
            if job is None:
                continue
            self._ids[job.job.id] = int(seen["id"])
            for what in job.look(seen):
                if isinstance(what, JobFinished):
                    yield from self._printed(job, seen)
                yield what

    def _printed(self, job: RemoteJob, seen: Mapping[str, Any]) -> Iterator[Output]:
        """What the steps of a finished job printed; nothing when GitHub cannot say: `log` then tells why."""
        steps = seen.get("steps") or []
        own = job.numbers(steps)
        if not own:
            return
        try:
            texts = cut(self._api.download(f"/actions/jobs/{seen['id']}/logs"), steps)
        except RunError:
            return
        for step, number in own:
            for line in texts.get(number, b"").splitlines():
                yield Output(job.job.id, step, line.decode("utf-8", "surrogateescape"))

    def _never_started(self) -> Iterator[Happening]:
        for job in self._jobs.values():
            if not job.ended:
                yield JobSkipped(job.job.id, "GitHub never started it")

    def cancel(self) -> None:
        """Ask GitHub to stop the run; it ends when GitHub says so. One that has ended refuses, which is well."""
        self._stop.set()
        try:
            self._api.post(f"/actions/runs/{self._run['id']}/cancel")
        except RunError as error:
            if error.diagnostics[0].code != "github/refused":
                raise

    def log(self, job: str) -> bytes:
        """Raw log of a finished job; a line that says so when GitHub no longer has it."""
        if job not in self._ids:
            return b""
        try:
            return self._api.download(f"/actions/jobs/{self._ids[job]}/logs")
        except RunError as error:
            return f"the log could not be had: {error}\n".encode()


def _wait(stop: threading.Event, seconds: float) -> None:
    """Wait, but not on after a cancellation: then a second is enough between looks."""
    if stop.wait(seconds):
        threading.Event().wait(min(seconds, 1.0))


def _noted_run(earlier: Iterable[Event]) -> int:
    """Number of the run that the journal remembers, 0 for none."""
    notes = [event.what for event in earlier if isinstance(event.what, Noted) and event.what.kind == ATTACHED]
    return int(notes[-1].data["run"]) if notes else 0


def _resumed(api: GitHub, number: int) -> dict[str, Any]:
    """The noted run: as it is while it runs, with its failed jobs begun again when it ended badly."""
    run: dict[str, Any] = api.get(f"/actions/runs/{number}")
    if run["status"] == "completed" and run["conclusion"] not in ("success", "neutral"):
        api.post(f"/actions/runs/{number}/rerun-failed-jobs")
        run = {**run, "run_attempt": int(run.get("run_attempt") or 1) + 1}
        _await_attempt(api, number, int(run["run_attempt"]))
    return run


def _await_attempt(api: GitHub, number: int, attempt: int) -> None:
    for _ in range(APPEARS_WITHIN):
        if int(api.get(f"/actions/runs/{number}").get("run_attempt") or 1) >= attempt:
            return
        api.pause(1.0)


def _demand_whole_plan(plan: Plan, jobs: tuple[str, ...]) -> None:
    if set(jobs) != {job.id for job in plan.jobs}:
        message = "the backend github runs whole plans: an exported workflow has all jobs of its plan"
        hint = "plan the selection you want, or run single jobs with --runner github-actions"
        raise RunError(Diagnostic("github/whole-plan", message, hint=hint))


def _demand_same_plan(api: GitHub, plan: Plan, workflow: str, ref: str) -> None:
    """Refuse to dispatch a workflow that was exported from another plan."""
    path = f"/contents/.github/workflows/{workflow}?ref={ref}"
    content = api.download(path, accept="application/vnd.github.raw+json")
    if plan.metadata.checksum.encode() not in content.partition(b"\nname:")[0]:
        message = f"{workflow} at {ref} was exported from another plan than {plan.metadata.checksum}"
        hint = f"orun github export PLAN -o .github/workflows/{workflow}, commit and push it"
        raise RunError(Diagnostic("github/stale-workflow", message, hint=hint))


def _dispatched(api: GitHub, workflow: str, ref: str, exec_id: str) -> dict[str, Any]:
    """A new run. Servers that do not tell its number are searched for its title."""
    path = f"/actions/workflows/{workflow}/dispatches"
    body = {"ref": ref, "inputs": {"exec_id": exec_id}, "return_run_details": True}
    answer = api.post(path, body) or {}
    title = f"orun {exec_id}"
    for _ in range(APPEARS_WITHIN):
        run = _appeared(api, workflow, answer.get("workflow_run_id"), title)
        if run:
            return run
        api.pause(1.0)
    message = f"the run {title!r} of {workflow} was dispatched but never appeared"
    raise RunError(Diagnostic("github/run-gone", message, hint="look for it on GitHub; it may still start"))


def _appeared(api: GitHub, workflow: str, number: object, title: str) -> dict[str, Any]:
    if number:
        return api.find(f"/actions/runs/{number}") or {}
    runs = api.get(f"/actions/workflows/{workflow}/runs", event="workflow_dispatch", per_page=50)["workflow_runs"]
    return next((dict(run) for run in runs if run["display_title"] == title), {})
