"""`orun github pin`: lock the commits of the actions that a plan uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from orun_core.spec.errors import Diagnostic, RunError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orun_core.spec.host import Host
    from orun_core.spec.plan import Plan


@click.command("pin")
@click.argument("plan", default="latest", metavar="[PLAN]")
@click.option("--update", is_flag=True, help="Ask again about actions that are locked.")
@click.option("--check", is_flag=True, help="Write nothing; fail when the lock would change.")
@click.pass_obj
def pin(host: Host, plan: str, update: bool, check: bool) -> None:
    """Lock the commits of the actions that PLAN (a file, a name, a checksum; `latest`) uses: a tag can be moved, a commit cannot.

    Asks GitHub about actions that are not locked yet; --check alone asks nobody.
    """
    locked = host.locked_actions
    used = movable(host.plan(plan), {})
    asked = [use for use in used if update or use not in locked]
    if check and not update:
        found: Mapping[str, str] = {}
        problems = [_unlocked(use) for use in asked]
    else:
        found = _asked(asked, host.environ)
        problems = list(_moved(locked, found)) if check else []
    if problems:
        raise RunError(problems)
    now = {**locked, **found}
    if now != locked:
        host.lock_actions(now)
    for use in used:
        click.echo(f"{use}  {now[use]}" + (f"  was {locked[use]}" if locked.get(use, now[use]) != now[use] else ""))
    if not used:
        click.echo("the plan uses no action by tag or branch")


def movable(plan: Plan, commits: Mapping[str, str]) -> list[str]:
    """The references of a plan's actions, sorted, that name no commit and have none in `commits`."""
    from orun_backend_gha.workflow_step import is_pinned

    return sorted(
        {step.use for job in plan.jobs for step in job.steps if step.use and not is_pinned(step.use, commits)}
    )


def _asked(uses: list[str], environ: Mapping[str, str]) -> dict[str, str]:
    """The commit of each action. Raises `RunError` with all that are unknown."""
    from orun_backend_gha.commits import commit_of

    found: dict[str, str] = {}
    problems: list[Diagnostic] = []
    for use in uses:
        try:
            found[use] = commit_of(use, environ)
        except RunError as error:
            problems += error.diagnostics
    if problems:
        raise RunError(problems)
    return found


def _moved(locked: Mapping[str, str], found: Mapping[str, str]) -> Iterator[Diagnostic]:
    for use, commit in found.items():
        if use not in locked:
            yield _unlocked(use)
        elif locked[use] != commit:
            hint = "look at what changed, then `orun github pin --update`"
            yield Diagnostic("github/moved-action", f"{use} is {commit} now, the lock has {locked[use]}", hint=hint)


def _unlocked(use: str) -> Diagnostic:
    return Diagnostic(
        "github/unpinned-action", f"{use} is not locked", hint="`orun github pin` locks it; commit the lock"
    )
