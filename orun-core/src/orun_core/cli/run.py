"""`orun run`: find the plan, select jobs, choose the runner, run, and exit with the outcome."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orun_core.cli.backend_options import TakesBackendOptions
from orun_core.cli.request import change_options, compile_options
from orun_core.cli.run_options import check_options, refuse_compile_options, run_options
from orun_core.spec.errors import Diagnostic, EmptySelectionError, Severity
from orun_core.spec.workflow_text import in_actions

if TYPE_CHECKING:
    from orun_core.host import Host
    from orun_core.runtime.launch import Launch
    from orun_core.runtime.resume import Earlier
    from orun_core.runtime.selection import Wanted
    from orun_core.spec.plan import Job, Plan
    from orun_core.spec.run import Noted, RunState
    from orun_core.spec.surface import RunDisplay


@click.command("run", cls=TakesBackendOptions)
@run_options
@compile_options
@change_options
@click.pass_obj
def command(host: Host, /, **options: Any) -> None:
    """Run a plan: a file, a name, a checksum; a component; or, without an argument, what the intent compiles to."""
    from orun_core.cli.run_plan import keep

    check_options(options)
    state = _recorded(host, options)
    try:
        launch = _prepare(host, options, state)
    except EmptySelectionError as nothing:
        if options["fail_on_empty"]:
            raise
        host.report(replace(d, severity=Severity.NOTE) for d in nothing.diagnostics)
        launch = None
    if launch is None:
        if options["fail_on_empty"]:
            raise EmptySelectionError(Diagnostic("run/empty", "nothing is selected"))
        click.echo("✓ no jobs to run")
        return
    if options["dry_run"]:
        from orun_core.cli.run_preview import preview
        from orun_core.runtime.launch import missing_secrets

        click.echo("\n".join(preview(launch)))
        host.report(missing_secrets(launch))
        return
    keep(host, launch.plan)
    if options["background"]:
        from orun_core.cli.run_background import detach

        detach(host, launch)
    raise click.exceptions.Exit(execute(host, launch, _display(host, options)))


def execute(host: Host, launch: Launch, display: RunDisplay) -> int:
    """Run to the end; the exit status of the command."""
    from orun_core.cli.stdout import settle
    from orun_core.plugins.watch import tell
    from orun_core.runtime.launch import run

    def observe(exec_id: str, event: Any) -> None:
        host.report(tell(host.registry, "orun_run_advanced", exec_id=exec_id, event=event))

    watched = host.registry.observers("orun_run_advanced")
    outcome = run(launch, host.store, display, observe if watched else None)
    settle()
    return outcome.exit_code


def _recorded(host: Host, options: dict[str, Any]) -> RunState | None:
    """The execution that is continued, or None for a new one."""
    from orun_core.cli.run_names import checked_exec_id, inside_step

    if options["resume"]:
        return host.store.run(options["resume"])
    asked = options["exec_id"] or ("" if inside_step(host) else host.environ.get("ORUN_EXEC_ID", ""))
    if not asked:
        if options["retry"]:
            return host.store.run()
        return None
    options["exec_id"] = checked_exec_id(asked)
    return host.store.run(asked) if host.store.has_run(asked) else None


def _prepare(host: Host, options: dict[str, Any], state: RunState | None) -> Launch | None:
    """Everything about the run; None when nothing is selected."""
    from orun_core.cli import run_plan
    from orun_core.cli.run_names import inside_step
    from orun_core.runtime.resume import Earlier

    reference = options["reference"] or options["plan_reference"]
    if not reference and state is None and not inside_step(host):
        reference = host.environ.get("ORUN_PLAN_ID", "")
    found = run_plan.find_plan(host, reference, state, options)
    plan = found.plan
    if not found.fresh:
        refuse_compile_options(options)
    if options["expect"]:
        run_plan.check_expected(plan, options["expect"])
    wanted = _wanted(host, options, plan, state)
    if state is None and not options["dry_run"]:
        run_plan.guard(found, wanted, options)
    again = frozenset(_ids(plan, options["job_names"])) if options["retry"] else frozenset[str]()
    earlier = Earlier()
    if state is not None:
        events = host.store.events(state.exec_id)
        earlier = Earlier.of(state, plan, events, again=again, force=options["force_resume"])
    options["assume_deps"] = options["assume_deps"] or _ordered_by_workflow(host, options)
    jobs, satisfied, notes = _select(plan, wanted, earlier, options)
    if not jobs:
        return None
    return _launch(host, options, plan, jobs, satisfied, notes, earlier, state)


def _ids(plan: Plan, names: tuple[str, ...]) -> list[str]:
    from orun_core.runtime.selection import find_job

    return [find_job(plan, name).id for name in names]


def _wanted(host: Host, options: dict[str, Any], plan: Plan, state: RunState | None) -> Wanted:
    """The filters; without any, a resumed execution is about the jobs it was about, a new one about the folder's component."""
    from orun_core.cli import run_plan
    from orun_core.runtime.selection import Wanted

    environments = tuple(part.strip() for value in options["environments"] for part in value.split(",") if part.strip())
    components = tuple(options["components"])
    wanted = Wanted(tuple(options["job_names"]), components, environments, options["with_deps"])
    if state is not None:
        known = {job.id for job in plan.jobs}
        if wanted or state.plan_checksum != plan.metadata.checksum:
            return wanted
        return Wanted(tuple(job.id for job in state.jobs if job.id in known), with_deps=wanted.with_deps)
    chosen = components or options["everything"] or options["job_names"] or options["changed"]
    if not chosen and host.intent is not None:
        here = run_plan.component_here(host.root)
        if here and any(job.component == here for job in plan.jobs):
            components = run_plan.with_dependencies(plan, here)
            if not options["as_json"]:
                click.echo("\n".join(run_plan.banner(components)), err=True)
    return replace(wanted, components=components)


def _ordered_by_workflow(host: Host, options: dict[str, Any]) -> bool:
    """True for one job of a matrix on GitHub: other machines run its dependencies, the workflow's `needs` orders them."""
    return in_actions(host.environ) and bool(options["job_names"]) and not options["with_deps"]


def _select(
    plan: Plan, wanted: Wanted, earlier: Earlier, options: dict[str, Any]
) -> tuple[tuple[Job, ...], frozenset[str], tuple[Noted, ...]]:
    from orun_core.runtime.selection import missing_dependencies, refuse_missing, select
    from orun_core.spec.run import Noted

    done = earlier.succeeded()
    jobs = select(plan, wanted, done)
    missing = missing_dependencies(jobs, done)
    if not options["assume_deps"]:
        refuse_missing(missing)
    assumed = {need for needs in missing.values() for need in needs}
    notes = tuple(
        Noted("assumed-dependency", f"assuming {need} is done", job) for job, needs in missing.items() for need in needs
    )
    return jobs, done | assumed, notes


def _launch(
    host: Host,
    options: dict[str, Any],
    plan: Plan,
    jobs: tuple[Job, ...],
    satisfied: frozenset[str],
    notes: tuple[Noted, ...],
    earlier: Earlier,
    state: RunState | None,
) -> Launch:
    from orun_core.cli.run_names import choose_runner, new_exec_id
    from orun_core.runtime.environment import EnvPolicy
    from orun_core.runtime.isolation import IsolationMode
    from orun_core.runtime.launch import Launch
    from orun_core.runtime.scheduler import OnFailure

    asked = "github-actions" if options["gha"] else options["runner"] or (state.backend if state else "")
    runner, backend = choose_runner(host, asked, jobs, options["runner_options"], options["backend_flags"])
    stop = OnFailure(options["fail_fast"] or ("stop" if plan.execution.fail_fast else "keep-going"))
    return Launch(
        plan=plan,
        jobs=jobs,
        exec_id=state.exec_id if state else options["exec_id"] or new_exec_id(host, plan),
        runner=runner,
        backend=backend,
        root=host.root,
        environ=host.environ,
        earlier=earlier,
        consent=_consent(host, options, plan),
        satisfied=satisfied,
        notes=notes,
        concurrency=options["concurrency"],
        component_concurrency=options["component_concurrency"],
        on_failure=OnFailure.KEEP_GOING if options["keep_going"] else stop,
        isolation=IsolationMode(options["isolation"]),
        keep_workspaces=options["keep_workspaces"],
        env_policy=EnvPolicy(options["env_policy"]),
        workdir=Path(options["workdir"]).absolute() if options["workdir"] else None,
        argv=tuple(sys.argv[1:]),
    )


def _consent(host: Host, options: dict[str, Any], plan: Plan) -> Any:
    from orun_core.runtime.gates import Consent

    approved = dict.fromkeys(_ids(plan, options["approve"]), options["reason"])
    user = host.environ.get("USER") or host.environ.get("LOGNAME") or ""
    interactive = sys.stdin.isatty() and sys.stderr.isatty() and not options["as_json"] and not options["background"]
    return Consent(options["ignore_gates"], approved, _ask if interactive else None, user)


def _ask(job: Job, policy: str) -> str:
    """Ask for an approval on the terminal."""
    question = f"{job.id} needs an approval ({policy}). Reason, or nothing to refuse"
    answer: str = click.prompt(question, default="", show_default=False, err=True)
    return answer.strip()


def _display(host: Host, options: dict[str, Any]) -> RunDisplay:
    from orun_core.cli.run_json import JsonDisplay

    if options["as_json"]:
        return host.steady(JsonDisplay())
    if in_actions(host.environ):
        from orun_core.cli.run_actions import ActionsDisplay

        summary = host.environ.get("GITHUB_STEP_SUMMARY")
        return host.steady(ActionsDisplay(host.store, Path(summary) if summary else None))
    if not options["verbose"]:
        display = host.display()
        if display is not None:
            return display
    from orun_core.cli.run_display import PlainDisplay

    return host.steady(PlainDisplay(host.store, verbose=options["verbose"]))
