"""The options of `orun run`, and which of them go together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from orun_core.spec.errors import Diagnostic, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

Command = TypeVar("Command", bound="Callable[..., Any]")

OPTIONS = (
    click.argument("reference", metavar="[PLAN|COMPONENT]", required=False, default=""),
    click.option("-p", "--plan", "plan_reference", metavar="REF", default="", help="Same as the argument."),
    click.option(
        "--job",
        "--job-id",
        "job_names",
        metavar="ID",
        multiple=True,
        help="Job: its id, component@env.job or a unique prefix.",
    ),
    click.option("--all", "everything", is_flag=True, help="Do not narrow the run to the component of this folder."),
    click.option("--with-deps", is_flag=True, help="Run what the selected jobs depend on, too."),
    click.option("--assume-deps", is_flag=True, help="Take dependencies outside the selection as done; recorded."),
    click.option(
        "--runner",
        metavar="NAME",
        default="",
        help="Backend; also ORUN_RUNNER. With --help its options are listed, too.",
    ),
    click.option(
        "-O",
        "--runner-option",
        "runner_options",
        metavar="NAME=VALUE",
        multiple=True,
        help="Option of the backend; also as a flag, --NAME VALUE.",
    ),
    click.option("--gha", is_flag=True, help="Same as --runner github-actions."),
    click.option("--exec-id", metavar="ID", default="", help="Id of the execution; an existing one is resumed."),
    click.option("--resume", metavar="EXEC", default="", help="Continue an execution: skip what succeeded unchanged."),
    click.option("--force-resume", is_flag=True, help="Resume although the plan differs."),
    click.option("--retry", is_flag=True, help="Run the jobs of --job again inside their execution."),
    click.option("--expect", metavar="CHECKSUM", default="", help="Refuse any plan but this one."),
    click.option(
        "--concurrency", type=click.IntRange(0), default=0, help="Jobs at once; the plan's number by default."
    ),
    click.option(
        "--component-concurrency", type=click.IntRange(0), default=0, help="Components at once; 0 for no limit."
    ),
    click.option(
        "--fail-fast",
        type=click.Choice(["stop", "cancel"]),
        is_flag=False,
        flag_value="stop",
        default=None,
        help="After a failure start nothing new, or also cancel what runs.",
    ),
    click.option("--keep-going", is_flag=True, help="After a failure run what does not depend on it."),
    click.option(
        "--isolation",
        type=click.Choice(["auto", "workspace", "none"]),
        default="auto",
        help="Staged copies of the workspace: where jobs collide, always, never.",
    ),
    click.option("--keep-workspaces", is_flag=True, help="Keep staged copies."),
    click.option(
        "--env-policy",
        type=click.Choice(["inherit", "clean"]),
        default="inherit",
        help="What steps see of this environment.",
    ),
    click.option("--workdir", metavar="DIR", default="", help="Run every job in this folder."),
    click.option("--ignore-gates", is_flag=True, help="Go on although a promotion gate is unmet; recorded."),
    click.option("--approve", metavar="JOB", multiple=True, help="Approve a job; needs --reason."),
    click.option("--reason", metavar="TEXT", default="", help="Why --approve is given; recorded."),
    click.option("--background", "--bg", is_flag=True, help="Detach; follow with orun status, end with orun stop."),
    click.option("--dry-run", is_flag=True, help="Show what would run, in order; run and record nothing."),
    click.option("--fail-on-empty", is_flag=True, help="Exit 7 when nothing is selected."),
    click.option("--verbose", is_flag=True, help="Show every step and its output as it comes."),
    click.option("--json", "as_json", is_flag=True, help="One JSON object per line on stdout."),
)


COMPILED: Final[tuple[str, ...]] = (
    *("trigger", "from_ci", "event_file", "as_of", "strict", "offline"),
    *("changed", "base", "head", "files", "uncommitted", "untracked"),
)
"""Options of a compile that mean nothing for a plan that exists."""


def run_options(command: Command) -> Command:
    """Add the argument and the options of a run to a command."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def check_options(options: dict[str, Any]) -> None:
    """Refuse options that contradict or need each other; raises `UsageError` with all of them."""
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
            options["gha"] and options["runner"] not in ("", "act", "gha", "github-actions"),
            "usage/conflict",
            f"--gha cannot be combined with --runner {options['runner']}",
        ),
    )
    problems = [Diagnostic(code, message) for wrong, code, message in pairs if wrong]
    if problems:
        raise UsageError(problems)


def refuse_compile_options(options: dict[str, Any]) -> None:
    """Options of a compile mean nothing for a plan that exists; raises `UsageError`."""
    given = [f"--{name.replace('_', '-')}" for name in COMPILED if options[name]]
    if given:
        text = f"{', '.join(given)} cannot change a plan that exists"
        raise UsageError(
            Diagnostic("usage/conflict", text, hint="leave it out, or run without a plan to compile a fresh one")
        )
