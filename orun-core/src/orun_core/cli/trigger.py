"""`orun trigger list | match`: the trigger bindings of the intent, and which of them an event matches."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from orun_core.cli.request import EVENT, PACKAGES, event_from, options_of, request_from
from orun_core.spec.errors import Diagnostic, EmptySelectionError, Location, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orun_core.compiler.triggers import Verdict
    from orun_core.host import Host
    from orun_core.spec.documents import TriggerBinding
    from orun_core.spec.plan import Trigger
    from orun_core.spec.stages import NormalizedProject
    from orun_core.spec.trigger import TriggerEvent

json_option = click.option("--json", "as_json", is_flag=True, help="The answer as JSON.")


@click.group("trigger")
def command() -> None:
    """The trigger bindings of the intent, and which of them an event matches."""


@command.command("list")
@json_option
@options_of(PACKAGES)
@click.pass_obj
def listed(host: Host, /, as_json: bool, **options: Any) -> None:
    """List the trigger bindings, what they match and which environments they activate."""
    host.reporter.format = "json" if as_json else "text"
    project, sites = host.project(request_from(host, options))
    bindings = sorted(project.intent.automation.trigger_bindings.items())
    rows = []
    for name, binding in bindings:
        origin = project.origin("automation", "triggerBindings", name)
        place = str(sites.locate(Location(origin.file, pointer=origin.pointer)))
        rows.append(_row(name, binding, _environments(project, name), place))
    if as_json:
        host.reporter.result = {"bindings": rows}
    elif not rows:
        click.echo("The intent declares no trigger bindings.")
    else:
        click.echo("\n\n".join("\n".join(_described(row)) for row in rows))


@command.command("match")
@json_option
@click.option("--fail-on-empty", is_flag=True, help="Exit 7 when no binding matches.")
@options_of(EVENT, PACKAGES)
@click.pass_obj
def match(host: Host, /, as_json: bool, fail_on_empty: bool, **options: Any) -> None:
    """Say which bindings an event matches, why the others do not, and what it would plan."""
    from orun_core.compiler.triggers import explain_event, resolve_trigger
    from orun_core.spec.tree import document

    host.reporter.format = "json" if as_json else "text"
    event = event_from(host, options.pop("from_ci"), options.pop("event_file"))
    if event is None:
        hint = "for example `orun trigger match --from-ci github --event-file event.json`"
        raise UsageError(Diagnostic("usage/missing-option", "which event? give --event-file", hint=hint))
    request = request_from(host, options)
    project, _ = host.project(request)
    verdicts = explain_event(project.intent, event)
    matched = [verdict for verdict in verdicts if verdict.matched]
    if not as_json:
        click.echo("\n".join(_verdicts(event, verdicts)))
    if not matched and fail_on_empty:
        raise EmptySelectionError(Diagnostic("trigger/no-match", "no trigger binding matched"))
    trigger = None
    if matched:
        trigger, _ = resolve_trigger(project.intent, project.environments, replace(request, event=event))
    if as_json:
        said = {"event": document(replace(event, payload={})), "bindings": [document(v) for v in verdicts]}
        host.reporter.result = {**said, "trigger": document(trigger)}
    elif trigger:
        click.echo("\n".join(_planned(trigger)))


def _environments(project: NormalizedProject, binding: str) -> list[str]:
    return [name for name, value in project.environments.items() if binding in value.activation.trigger_refs]


def _row(name: str, binding: TriggerBinding, environments: list[str], place: str) -> dict[str, Any]:
    return {
        "name": name,
        "on": binding.on.model_dump(by_alias=True, exclude_defaults=True),
        "plan": binding.plan.model_dump(by_alias=True, exclude_defaults=True),
        "environments": environments,
        "where": place,
    }


def _described(row: dict[str, Any]) -> Iterator[str]:
    yield f"{row['name']}  {row['where']}"
    for key, value in {**row["on"], **row["plan"]}.items():
        yield f"  {key}: {', '.join(value) if isinstance(value, list | tuple) else value}"
    yield f"  activates: {', '.join(row['environments']) or 'nothing'}"


def _verdicts(event: TriggerEvent, verdicts: tuple[Verdict, ...]) -> Iterator[str]:
    yield f"{event.provider} {event.event} {event.action}".rstrip()
    facts = {
        "branch": event.branch,
        "base branch": event.base_branch,
        "tag": event.tag,
        "base": event.base_sha,
        "head": event.head_sha,
    }
    yield from (f"  {name}: {value}" for name, value in facts.items() if value)
    yield ""
    if not verdicts:
        yield "The intent declares no trigger bindings."
    yield from (f"{'✓' if v.matched else '✗'} {v.binding}: {v.reason}" for v in verdicts)


def _planned(trigger: Trigger) -> Iterator[str]:
    yield f"\nscope: {trigger.scope}"
    yield f"environments: {', '.join(trigger.active_environments)}"
    if trigger.scope == "changed":
        yield f"compared: {trigger.base or 'main'} with {trigger.head or 'the working tree'}"
