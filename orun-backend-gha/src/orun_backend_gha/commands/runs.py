"""`orun github runs|status|logs|pull`: runs on GitHub, from here."""

from __future__ import annotations

import json
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any, TypeAlias

import click
from orun_core.spec.errors import Diagnostic, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from orun_core.spec.host import Host

    from orun_backend_gha.api import GitHub
    from orun_backend_gha.recorded import Execution

Decorator: TypeAlias = "Callable[[Any], Any]"

NAMING: tuple[Decorator, ...] = (
    click.argument("run_id", default="", metavar="[RUN]"),
    click.option("--run-id", "run_option", default="", metavar="RUN", help="Number of the run."),
    click.option("--exec-id", default="", metavar="ID", help="Execution id gh-RUN-ATTEMPT-PLAN."),
)
CHOOSING: tuple[Decorator, ...] = (
    click.option("--sha", default="", metavar="COMMIT", help="Runs of this commit, in full."),
    click.option("--branch", default="", help="Runs of this branch."),
    click.option("--workflow", default="", metavar="FILE", help="Runs of this workflow."),
    click.option("--failed", is_flag=True, help="Runs that failed."),
    click.option("--repository", default="", metavar="OWNER/NAME", help="The repository; that of git otherwise."),
)

WITHOUT: Decorator = click.option(
    "--without-uploads", is_flag=True, help="Only what GitHub itself tells, not what the jobs uploaded."
)


def with_options(*options: Decorator) -> Decorator:
    """Several options as one decorator."""

    def decorate(function: Any) -> Any:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


@click.command("runs")
@with_options(*CHOOSING)
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many.")
@click.option("--json", "as_json", is_flag=True, help="One JSON list.")
@click.pass_obj
def runs(host: Host, /, repository: str, limit: int, as_json: bool, **chosen: Any) -> None:
    """List runs, newest first."""
    from orun_backend_gha.find_run import Wanted, client
    from orun_backend_gha.find_run import runs as found

    listed = found(client(host, repository), Wanted(**chosen), limit)
    if as_json:
        keys = (
            "id",
            "head_sha",
            "head_branch",
            "event",
            "status",
            "conclusion",
            "created_at",
            "display_title",
            "html_url",
        )
        click.echo(json.dumps([{key: run[key] for key in keys} for run in listed], indent=2))
        return
    if not listed:
        click.echo("No workflow runs found.", err=True)
    for run in listed:
        state = run["conclusion"] or run["status"]
        fields = (
            run["id"],
            run["head_sha"][:7],
            run["head_branch"] or "-",
            state,
            run["created_at"],
            run["display_title"],
        )
        click.echo("  ".join(map(str, fields)))


@click.command("status")
@with_options(*NAMING, *CHOOSING)
@click.pass_obj
def status(host: Host, /, repository: str, **named: Any) -> None:
    """Show the jobs of a run, and the executions that they uploaded: RUN, or the newest that fits."""
    from orun_backend_gha.artifacts import artifacts
    from orun_backend_gha.recorded import uploaded

    api, run = _run(host, repository, named)
    jobs = _jobs(api, run)
    counts = Counter(str(job["conclusion"] or job["status"]) for job in jobs)
    summary = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
    click.echo(f"Run {run['id']} ({run['head_branch'] or '-'}): {len(jobs)} jobs" + (f", {summary}" if summary else ""))
    for job in jobs:
        click.echo(f"  {job['conclusion'] or job['status']}  {job['name']}")
    for exec_id, count in uploaded(artifacts(api, int(run["id"]))).items():
        click.echo(f"  uploaded  {exec_id}: {count} artifact{'s' if count > 1 else ''}")


@click.command("logs")
@with_options(*NAMING, *CHOOSING)
@click.option("--job", default="", metavar="TEXT", help="Only jobs whose name has this text.")
@WITHOUT
@click.pass_obj
def logs(host: Host, /, repository: str, job: str, without_uploads: bool, **named: Any) -> None:
    """Print the logs of a run, step by step: RUN, or the newest that fits. What the jobs uploaded comes before what GitHub kept."""
    api, run = _run(host, repository, named)
    execution = None if without_uploads else _execution(api, run, named["exec_id"])
    found = _logs_of_execution(execution, job) if execution else _logs_of_github(api, run, job)
    for title, step, text in found:
        click.echo(f"=== {title} / {step} ===")
        click.echo(text, nl=not text.endswith(b"\n"))


def _logs_of_execution(execution: Execution, wanted: str) -> Iterator[tuple[str, str, bytes]]:
    names = {job.id: f"{job.component} · {job.environment} · {job.display_name}" for job in execution.started.jobs}
    fit = {job for job, name in names.items() if wanted.lower() in f"{job}\0{name}".lower()}
    if not fit:
        raise _no_job(wanted, execution.exec_id)
    return (log for log in execution.printed() if log[0] in fit)


def _logs_of_github(api: GitHub, run: dict[str, Any], job: str) -> Iterator[tuple[str, str, bytes]]:
    from orun_backend_gha.remote_logs import cut

    chosen = [one for one in _jobs(api, run) if job.lower() in str(one["name"]).lower()]
    if not chosen:
        raise _no_job(job, f"run {run['id']}")
    for one in chosen:
        if one["conclusion"] in (None, "skipped"):
            continue
        texts = cut(api.download(f"/actions/jobs/{one['id']}/logs"), one["steps"] or [])
        for step in one["steps"] or []:
            if step["number"] in texts:
                yield one["name"], step["name"], texts[step["number"]]


def _no_job(name: str, where: str) -> UsageError:
    return UsageError(Diagnostic("github/no-run", f"no job of {where} has {name!r} in its name"))


@click.command("pull")
@with_options(*NAMING, *CHOOSING)
@click.option("--plan", default="", metavar="PLAN", help="The plan that the run ran, for its steps and dependencies.")
@WITHOUT
@click.pass_obj
def pull(host: Host, /, repository: str, plan: str, without_uploads: bool, **named: Any) -> None:
    """Record a finished run here, so that status, logs, report and tui show it: RUN, or the newest that fits."""
    from orun_backend_gha.hydrate import hydrate

    api, run = _run(host, repository, named)
    if run["status"] != "completed":
        message = f"run {run['id']} is still {run['status']}"
        raise UsageError(Diagnostic("github/still-running", message, hint="pull it when it has ended"))
    execution = None if without_uploads else _execution(api, run, named["exec_id"])
    exec_id = hydrate(api, run, host.plan(plan) if plan else None, host.store, execution)
    click.echo(f"✓ imported run {run['id']} as {exec_id}  {run['conclusion']}", err=True)
    if execution and execution.missing:
        jobs = len(execution.started.jobs)
        click.echo(f"  {jobs - len(execution.missing)} of {jobs} jobs left a record", err=True)
    click.echo(f"  view it with: orun status {exec_id}", err=True)


def _execution(api: GitHub, run: dict[str, Any], exec_id: str) -> Execution | None:
    from orun_backend_gha.recorded import chosen, executions

    ask = _ask if sys.stdin.isatty() and sys.stderr.isatty() else None
    return chosen(executions(api, run), exec_id, run, ask)


def _ask(names: Sequence[str]) -> str:
    answer: str = click.prompt("Which execution", type=click.Choice(names), err=True)
    return answer


def _run(host: Host, repository: str, named: dict[str, Any]) -> tuple[GitHub, dict[str, Any]]:
    from orun_backend_gha.find_run import Wanted, client, one_run

    number = str(named.pop("run_id") or named.pop("run_option", ""))
    named.pop("run_option", None)
    api = client(host, repository)
    return api, one_run(api, Wanted(number=number, **named))


def _jobs(api: GitHub, run: dict[str, Any]) -> list[dict[str, Any]]:
    attempt = int(run.get("run_attempt") or 1)
    return list(api.pages(f"/actions/runs/{run['id']}/attempts/{attempt}/jobs", "jobs"))
