"""`orun run`: find the plan, select jobs, choose the runner, run, and exit with the outcome."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orun_core.cli.request import compile_options
from orun_core.spec.errors import Diagnostic, EmptySelectionError, UsageError

if TYPE_CHECKING:
    from orun_core.host import Host
    from orun_core.runtime.launch import Launch
    from orun_core.runtime.resume import Earlier
    from orun_core.runtime.selection import Wanted
    from orun_core.spec.plan import Job, Plan
    from orun_core.spec.run import Noted, RunState
    from orun_core.spec.surface import RunDisplay


@click.command("run")
@click.argument("reference", metavar="[PLAN|COMPONENT]", required=False, default="")
@click.option("-p", "--plan", "plan_reference", metavar="REF", default="", help="Same as the argument.")
@click.option(
    "--job",
    "--job-id",
    "job_names",
    metavar="ID",
    multiple=True,
    help="Job: its id, component@env.job or a unique prefix.",
)
@click.option("--all", "everything", is_flag=True, help="Do not narrow the run to the component of this folder.")
@click.option("--with-deps", is_flag=True, help="Run what the selected jobs depend on, too.")
@click.option("--assume-deps", is_flag=True, help="Take dependencies outside the selection as done; recorded.")
@click.option("--runner", metavar="NAME", default="", help="Backend; also ORUN_RUNNER.")
@click.option("--gha", is_flag=True, help="Same as --runner github-actions.")
@click.option("--exec-id", metavar="ID", default="", help="Id of the execution; an existing one is resumed.")
@click.option("--resume", metavar="EXEC", default="", help="Continue an execution: skip what succeeded unchanged.")
@click.option("--force-resume", is_flag=True, help="Resume although the plan differs.")
@click.option("--retry", is_flag=True, help="Run the jobs of --job again inside their execution.")
@click.option("--expect", metavar="CHECKSUM", default="", help="Refuse any plan but this one.")
@click.option("--concurrency", type=click.IntRange(0), default=0, help="Jobs at once; the plan's number by default.")
@click.option("--component-concurrency", type=click.IntRange(0), default=0, help="Components at once; 0 for no limit.")
@click.option(
    "--fail-fast",
    type=click.Choice(["stop", "cancel"]),
    is_flag=False,
    flag_value="stop",
    default=None,
    help="After a failure start nothing new, or also cancel what runs.",
)
@click.option("--keep-going", is_flag=True, help="After a failure run what does not depend on it.")
@click.option(
    "--isolation",
    type=click.Choice(["auto", "workspace", "none"]),
    default="auto",
    help="Staged copies of the workspace: where jobs collide, always, never.",
)
@click.option("--keep-workspaces", is_flag=True, help="Keep staged copies.")
@click.option(
    "--env-policy",
    type=click.Choice(["inherit", "clean"]),
    default="inherit",
    help="What steps see of this environment.",
)
@click.option("--workdir", metavar="DIR", default="", help="Run every job in this folder.")
@click.option("--ignore-gates", is_flag=True, help="Go on although a promotion gate is unmet; recorded.")
@click.option("--approve", metavar="JOB", multiple=True, help="Approve a job; needs --reason.")
@click.option("--reason", metavar="TEXT", default="", help="Why --approve is given; recorded.")
@click.option("--background", "--bg", is_flag=True, help="Detach; follow with orun status, end with orun stop.")
@click.option("--dry-run", is_flag=True, help="Show what would run, in order; run and record nothing.")
@click.option("--fail-on-empty", is_flag=True, help="Exit 7 when nothing is selected.")
@click.option("--verbose", is_flag=True, help="Show every step and its output as it comes.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line on stdout.")
@compile_options
@click.pass_obj
def command(host: Host, /, **options: Any) -> None:
    """Run a plan: a file, a name, a checksum; a component; or, without an argument, what the intent compiles to."""
    from orun_core.cli.run_plan import keep

    _check(options)
    state = _recorded(host, options)
    launch = _prepare(host, options, state)
    if launch is None:
        if options["fail_on_empty"]:
            raise EmptySelectionError(Diagnostic("run/empty", "nothing is selected"))
        click.echo("✓ no jobs to run")
        return
    if options["dry_run"]:
        from orun_core.cli.run_preview import preview

        click.echo("\n".join(preview(launch)))
        return
    keep(host, launch.plan)
    if options["background"]:
        from orun_core.cli.run_background import detach

        detach(host, launch)
    raise click.exceptions.Exit(execute(host, launch, _display(host, options)))


def execute(host: Host, launch: Launch, display: RunDisplay) -> int:
    """Run to the end; the exit status of the command."""
    from orun_core.plugins.watch import tell
    from orun_core.runtime.launch import run

    def observe(exec_id: str, event: Any) -> None:
        host.report(tell(host.registry, "orun_run_advanced", exec_id=exec_id, event=event))

    watched = host.registry.observers("orun_run_advanced")
    return run(launch, host.store, display, observe if watched else None).exit_code


def _check(options: dict[str, Any]) -> None:
    pairs = (
        (options["retry"] and not options["job_names"], "usage/missing-option", "--retry needs --job"),
        (options["approve"] and not options["reason"], "usage/missing-option", "--approve needs --reason"),
        (
            options["background"] and options["dry_run"],
            "usage/conflict",
            "--background and --dry-run exclude each other",
        ),
        (
            options["keep_going"] and options["fail_fast"],
            "usage/conflict",
            "--keep-going and --fail-fast exclude each other",
        ),
        (
            options["with_deps"] and options["assume_deps"],
            "usage/conflict",
            "--with-deps and --assume-deps exclude each other",
        ),
        (options["reference"] and options["plan_reference"], "usage/conflict", "the plan is given twice"),
        (options["resume"] and options["exec_id"], "usage/conflict", "--resume and --exec-id exclude each other"),
        (options["all_envs"] and options["environments"], "usage/conflict", "--env and --all-envs exclude each other"),
        (
            options["gha"] and options["runner"] not in ("", "github-actions", "gha"),
            "usage/conflict",
            f"--gha cannot be combined with --runner {options['runner']}",
        ),
    )
    problems = [Diagnostic(code, message) for wrong, code, message in pairs if wrong]
    if problems:
        raise UsageError(problems)


def _inside_step(host: Host) -> bool:
    return "ORUN_JOB_ID" in host.environ


def _recorded(host: Host, options: dict[str, Any]) -> RunState | None:
    """The execution that is continued, or None for a new one."""
    from orun_core.cli.run_names import checked_exec_id

    if options["resume"]:
        return host.store.run(options["resume"])
    asked = options["exec_id"] or ("" if _inside_step(host) else host.environ.get("ORUN_EXEC_ID", ""))
    if not asked:
        if options["retry"]:
            return host.store.run()
        return None
    options["exec_id"] = checked_exec_id(asked)
    known = {summary.exec_id for summary in host.store.runs()}
    return host.store.run(asked) if asked in known else None


def _prepare(host: Host, options: dict[str, Any], state: RunState | None) -> Launch | None:
    """Everything about the run; None when nothing is selected."""
    from orun_core.cli import run_plan
    from orun_core.runtime.resume import Earlier

    reference = options["reference"] or options["plan_reference"]
    if not reference and state is None and not _inside_step(host):
        reference = host.environ.get("ORUN_PLAN_ID", "")
    found = run_plan.find_plan(host, reference, state, options)
    plan = found.plan
    if not found.fresh:
        _refuse_compile_options(options)
    if options["expect"]:
        run_plan.check_expected(plan, options["expect"])
    wanted = _wanted(host, options, plan)
    if state is None and not options["dry_run"]:
        run_plan.guard(found, wanted, options)
    again = frozenset(_ids(plan, options["job_names"])) if options["retry"] else frozenset[str]()
    earlier = Earlier()
    if state is not None:
        events = host.store.events(state.exec_id)
        earlier = Earlier.of(state, plan, events, again=again, force=options["force_resume"])
    jobs, satisfied, notes = _select(plan, wanted, earlier, options)
    if not jobs:
        return None
    return _launch(host, options, plan, jobs, satisfied, notes, earlier, state)


def _refuse_compile_options(options: dict[str, Any]) -> None:
    """Options of a compile mean nothing for a plan that exists; raises `UsageError`."""
    given = [
        f"--{name.replace('_', '-')}"
        for name in ("trigger", "from_ci", "event_file", "as_of", "strict", "offline")
        if options[name]
    ]
    if given:
        text = f"{', '.join(given)} cannot change a plan that exists"
        raise UsageError(
            Diagnostic("usage/conflict", text, hint="leave it out, or run without a plan to compile a fresh one")
        )


def _ids(plan: Plan, names: tuple[str, ...]) -> list[str]:
    from orun_core.runtime.selection import find_job

    return [find_job(plan, name).id for name in names]


def _wanted(host: Host, options: dict[str, Any], plan: Plan) -> Wanted:
    from orun_core.cli import run_plan
    from orun_core.runtime.selection import Wanted

    environments = tuple(part.strip() for value in options["environments"] for part in value.split(",") if part.strip())
    components = tuple(options["components"])
    if not components and not options["everything"] and not options["job_names"] and host.intent is not None:
        here = run_plan.component_here(host.root)
        if here and any(job.component == here for job in plan.jobs):
            components = run_plan.with_dependencies(plan, here)
            if not options["as_json"]:
                click.echo("\n".join(run_plan.banner(components)), err=True)
    return Wanted(tuple(options["job_names"]), components, environments, options["with_deps"])


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

    runner, backend = choose_runner(host, "github-actions" if options["gha"] else options["runner"], jobs)
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
        leave=_leave(host, options, plan),
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


def _leave(host: Host, options: dict[str, Any], plan: Plan) -> Any:
    from orun_core.runtime.gates import Leave

    approved = dict.fromkeys(_ids(plan, options["approve"]), options["reason"])
    user = host.environ.get("USER") or host.environ.get("LOGNAME") or ""
    interactive = sys.stdin.isatty() and sys.stderr.isatty() and not options["as_json"] and not options["background"]
    return Leave(options["ignore_gates"], approved, _ask if interactive else None, user)


def _ask(job: Job, policy: str) -> str:
    """Ask for an approval on the terminal."""
    question = f"{job.id} needs an approval ({policy}). Reason, or nothing to refuse"
    answer: str = click.prompt(question, default="", show_default=False, err=True)
    return answer.strip()


def _display(host: Host, options: dict[str, Any]) -> RunDisplay:
    from orun_core.cli.run_json import JsonDisplay

    if options["as_json"]:
        return JsonDisplay()
    if host.environ.get("GITHUB_ACTIONS") == "true":
        from orun_core.cli.run_actions import ActionsDisplay

        summary = host.environ.get("GITHUB_STEP_SUMMARY")
        return ActionsDisplay(host.store, Path(summary) if summary else None)
    if not options["verbose"] and not options["background"] and sys.stdout.isatty():
        display = host.display()
        if display is not None:
            return display
    from orun_core.cli.run_display import PlainDisplay

    return PlainDisplay(host.store, verbose=options["verbose"])
