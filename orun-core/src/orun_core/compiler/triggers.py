"""Which trigger bindings an event matches, and which environments that activates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from orun_core.spec.errors import CompileError, Diagnostic, EmptySelectionError, UsageError
from orun_core.spec.frozen import frozen
from orun_core.spec.nearest import did_you_mean
from orun_core.spec.plan import Trigger

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orun_core.spec.documents import Environment, Intent, TriggerBinding
    from orun_core.spec.stages import Request
    from orun_core.spec.trigger import TriggerEvent


@frozen
class Verdict:
    """Whether a binding matches an event; `reason` says why not, or what matched."""

    binding: str
    matched: bool
    reason: str


def resolve_trigger(
    intent: Intent, environments: Mapping[str, Environment], request: Request
) -> tuple[Trigger, tuple[str, ...] | None]:
    """The plan's trigger and the environments it activates (None without a declared trigger).

    Raises `UsageError` for an unknown binding, `EmptySelectionError` for an event that matches nothing, `CompileError` for conflicting scopes
    and bindings that activate nothing.
    """
    if request.recorded:
        trigger = request.recorded.trigger
        return trigger, trigger.active_environments if trigger.type == "declared" else None
    if request.trigger:
        return _named(intent, environments, request.trigger)
    if request.event is not None:
        return _from_event(intent, environments, request.event)
    name = "system.manual-changed" if request.changed else "system.manual"
    scope = "changed" if request.changed else "full"
    mode: Literal["changed", "manual"] = "changed" if request.changed else "manual"
    return Trigger("system", name, mode, (name,), (), scope, provider="orun", event="manual"), None


def _named(intent: Intent, environments: Mapping[str, Environment], name: str) -> tuple[Trigger, tuple[str, ...]]:
    bindings = intent.automation.trigger_bindings
    if name not in bindings:
        text = f'no trigger binding is called "{name}"'
        raise UsageError(Diagnostic("trigger/unknown-binding", text, hint=did_you_mean(name, bindings)))
    binding = bindings[name]
    active = _activated(environments, (name,))
    scope = binding.plan.scope or "full"
    trigger = Trigger(
        "declared", name, "manual", (name,), active, scope, provider=binding.on.provider, event=binding.on.event
    )
    return trigger, active


def _from_event(
    intent: Intent, environments: Mapping[str, Environment], event: TriggerEvent
) -> tuple[Trigger, tuple[str, ...]]:
    bindings = intent.automation.trigger_bindings
    verdicts = explain_event(intent, event)
    matched = tuple(v.binding for v in verdicts if v.matched)
    if not matched:
        said = " ".join(filter(None, (event.provider, "event", event.event, event.action and f"action {event.action}")))
        hint = "; ".join(f"{v.binding}: {v.reason}" for v in verdicts) or "the intent declares no trigger bindings"
        raise EmptySelectionError(Diagnostic("trigger/no-match", f"no trigger binding matched: {said}", hint=hint))
    scopes = {name: bindings[name].plan.scope for name in matched if bindings[name].plan.scope}
    if len(set(scopes.values())) > 1:
        listed = ", ".join(f"{name}={scope}" for name, scope in sorted(scopes.items()))
        text = f"several trigger bindings match this event and disagree on the scope: {listed}"
        raise CompileError(Diagnostic("trigger/conflicting-scopes", text, hint="give them the same plan.scope"))
    active = _activated(environments, matched)
    return (
        Trigger(
            "declared",
            matched[0],
            "event-file",
            matched,
            active,
            next(iter(scopes.values()), "full"),
            provider=event.provider,
            event=event.event,
            action=event.action,
            base=_revision(event, [bindings[name].plan.base for name in matched], event.base_sha),
            head=_revision(event, [bindings[name].plan.head for name in matched], event.head_sha),
        ),
        active,
    )


def _activated(environments: Mapping[str, Environment], names: tuple[str, ...]) -> tuple[str, ...]:
    active = tuple(sorted(e for e, value in environments.items() if set(value.activation.trigger_refs) & set(names)))
    if not active:
        text = f'trigger binding "{", ".join(names)}" matched, but no environment lists it in activation.triggerRefs'
        raise CompileError(
            Diagnostic("trigger/activates-nothing", text, hint="add it to an environment's activation.triggerRefs")
        )
    return active


def explain_event(intent: Intent, event: TriggerEvent) -> tuple[Verdict, ...]:
    """For every binding, sorted by name, whether it matches and why."""
    return tuple(
        Verdict(name, *_judge(binding, event)) for name, binding in sorted(intent.automation.trigger_bindings.items())
    )


def _judge(binding: TriggerBinding, event: TriggerEvent) -> tuple[bool, str]:
    on = binding.on
    if on.provider != event.provider:
        return False, f'provider is "{event.provider}", not "{on.provider}"'
    if on.event != event.event:
        return False, f'event is "{event.event}", not "{on.event}"'
    if on.actions and event.action not in on.actions:
        return False, f'action "{event.action}" is not one of {", ".join(on.actions)}'
    matched = [f"event {event.event}"]
    for what, patterns, value in (
        ("branch", on.branches, event.branch),
        ("base branch", on.base_branches, event.base_branch),
        ("tag", on.tags, event.tag),
    ):
        if not patterns:
            continue
        hit = next((p for p in patterns if value and glob_matches(p, value)), None)
        if hit is None:
            return (
                False,
                f'{what} "{value}" matches none of {", ".join(patterns)}' if value else f"the event has no {what}",
            )
        matched.append(f'{what} "{value}" matches "{hit}"')
    return True, ", ".join(matched)


def glob_matches(pattern: str, value: str) -> bool:
    """True when `*` stands for any text in `pattern`, also across `/`; `**` means the same."""
    if "*" not in pattern:
        return pattern == value
    head, *rest = pattern.replace("**", "*").split("*")
    if not value.startswith(head):
        return False
    position = len(head)
    for part in rest[:-1]:
        found = value.find(part, position)
        if found < 0:
            return False
        position = found + len(part)
    return value.endswith(rest[-1]) and len(value) - len(rest[-1]) >= position


def _revision(event: TriggerEvent, paths: list[str], fallback: str) -> str:
    """The first dot-path that leads to something in the payload, else the event's own revision."""
    for path in filter(None, paths):
        value: Any = event.payload
        for key in path.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        if value is not None:
            return str(value)
    return fallback
