"""`orun policy`: which policies there are, tests of them, and what a new one would refuse."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from orun_core.cli.request import compile_options, request_from
from orun_core.spec.amount import amount
from orun_core.spec.errors import CompileError, Diagnostic, ExitCode, PolicyError, Severity, UsageError
from orun_core.spec.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orun_core.host import Host
    from orun_core.spec.documents import PolicyCase, PolicyTrial
    from orun_core.spec.stages import LoadedProject, Request

_SAID: Final = re.compile(r"(?P<policy>.*?) \([^()]*\): (?P<subject>\S+ in \S+): ", re.DOTALL)
"""How `orun_core.compiler.enforce` words a violation."""


@click.group("policy")
def command() -> None:
    """List policies, test them, and see whom a new one would stop."""


@command.command("list")
@click.option("-l", "--long", is_flag=True, help="Show the JSON Schema of each policy's value.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Form of the output.")
@click.pass_obj
def list_policies(host: Host, /, long: bool, form: str) -> None:
    """List the named policies and who offers them."""
    rows = [_row(host, offer.name, long=long) for offer in host.registry.offers("orun_policies")]
    if form == "json":
        host.reporter.format = "json"
        host.reporter.result = {"policies": rows}
        return
    width = max(len(row["name"]) for row in rows)
    for row in rows:
        click.echo(f"{row['name']:<{width}}  {row['summary']}  ({row['plugin']})")
        if long and row["value"]:
            click.echo(f"{'':<{width}}  {json.dumps(row['value'])}")


def _row(host: Host, name: str, *, long: bool) -> dict[str, Any]:
    plugin, entry = host.registry.find("orun_policies", name)
    schema = entry.options().model_json_schema() if long and entry.options else None
    return {"name": name, "summary": entry.summary, "plugin": plugin.name, "value": schema}


@command.command("impact")
@click.argument("file", metavar="FILE")
@compile_options
@click.pass_obj
def impact(host: Host, /, file: str, **options: Any) -> None:
    """Report whom the policies and constraints of FILE would stop, without enforcing them."""
    from orun_core.spec.documents import PolicyTrial

    trial = _read(file, PolicyTrial)
    request = request_from(host, options)
    before = _violations(host, request, None)
    after = _violations(host, request, trial)
    new = [violation for violation in after if violation.message not in {old.message for old in before}]
    grouped: dict[str, list[Diagnostic]] = defaultdict(list)
    for violation in new:
        grouped[_about(violation)[1]].append(violation)
    for subject, found in sorted(grouped.items()):
        click.echo(subject)
        for violation in found:
            click.echo(f"  {violation.message}\n    {violation.where}")
    subjects = f"{amount(len(grouped), 'component')} (per environment)"
    click.echo(f"\n{subjects} would be stopped by {file}" if grouped else f"✓ Nobody would be stopped by {file}")


@command.command("test")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@compile_options
@click.pass_obj
def test(host: Host, /, files: tuple[str, ...], **options: Any) -> int:
    """Run the policy tests of PolicyTest documents; exit 1 when one fails."""
    from orun_core.spec.documents import PolicyTest

    request = request_from(host, options)
    failed = total = 0
    for file in files:
        document = _read(file, PolicyTest)
        for case in document.tests:
            outcome = _outcome(host, request, case)
            total += 1
            failed += outcome.failed
            click.echo(f"{'✗' if outcome.failed else '✓'} {case.name}{f': {outcome.said}' if outcome.failed else ''}")
    click.echo(f"\n{total - failed} passed, {failed} failed")
    return ExitCode.FAILED if failed else ExitCode.OK


@frozen
class _Outcome:
    failed: bool
    said: str


def _outcome(host: Host, request: Request, case: PolicyCase) -> _Outcome:
    """Compile with the case's values set on the component, and look for the violation it expects or forbids."""
    found = [violation for violation in _violations(host, request, None, case) if _is_about(violation, case)]
    if case.expect == "deny":
        return _Outcome(not found, f"{case.policy or 'every policy'} allows it")
    return _Outcome(bool(found), "; ".join(violation.message for violation in found))


def _about(violation: Diagnostic) -> tuple[str, str]:
    """The policy, and the subject `COMPONENT in ENVIRONMENT`, of a violation."""
    found = _SAID.match(violation.message)
    return (found["policy"], found["subject"]) if found else ("", "")


def _is_about(violation: Diagnostic, case: PolicyCase) -> bool:
    policy, subject = _about(violation)
    component, _, environment = subject.partition(" in ")
    same_place = component == case.component and case.environment in ("", environment)
    return same_place and case.policy in ("", policy)


def _violations(
    host: Host, request: Request, trial: PolicyTrial | None, case: PolicyCase | None = None
) -> tuple[Diagnostic, ...]:
    """The violations of the workspace with a trial's policies added and a case's values set."""

    def amend(project: LoadedProject) -> LoadedProject:
        intent = project.intent.value
        if trial is not None:
            update = {
                "policies": {**intent.policies, **trial.policies},
                "constraints": intent.constraints + trial.constraints,
            }
            project = replace(project, intent=replace(project.intent, value=intent.model_copy(update=update)))
        return _with_case(project, case) if case else project

    try:
        host.compile(request, amend=amend)
    except PolicyError as error:
        return tuple(d for d in error.diagnostics if d.severity is Severity.ERROR)
    return ()


def _with_case(project: LoadedProject, case: PolicyCase) -> LoadedProject:
    names = [component.name for component in project.components.summaries]
    if case.component not in names:
        from orun_core.cli.names import unknown

        raise UsageError(unknown("component", case.component, names))
    components = [
        replace(c, value=c.value.model_copy(update=dict(_updates(c.value, case))))
        if c.value.name == case.component
        else c
        for c in project.components
    ]
    from orun_core.spec.components import Components

    return replace(project, components=Components.of(components))


def _updates(component: Any, case: PolicyCase) -> Iterator[tuple[str, Any]]:
    """Fields of the component with the case's `set` values: `parameters.x`, `labels.x`, `env.x`, or a field."""
    changed: dict[str, Any] = {}
    for path, value in case.set_.items():
        head, _, key = path.partition(".")
        if key:
            changed[head] = {**changed.get(head, getattr(component, head)), key: value}
        else:
            changed[head] = value
    yield from changed.items()


def _read(file: str, model: Any) -> Any:
    from orun_core.compiler.decode import decode, read_error

    try:
        document, _ = decode(Path(file).read_bytes(), file, model)
    except OSError as error:
        raise CompileError(read_error(file, error)) from error
    return document
