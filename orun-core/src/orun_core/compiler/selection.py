"""Names and patterns: how a user's words select environments and components."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.spec.errors import Diagnostic, UsageError
from orun_core.spec.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from orun_core.spec.components import ComponentSummary
    from orun_core.spec.documents import Environment


def matches(pattern: str, name: str) -> bool:
    """True for `*`, an exact name, or a prefix ending in `*`."""
    return pattern == name or (pattern.endswith("*") and name.startswith(pattern[:-1]))


def membership(component: ComponentSummary, name: str, environment: Environment) -> str:
    """The pattern that puts a component into an environment: of its subscriptions, else of the environment's selectors."""
    for pattern in component.environments:
        if matches(pattern, name):
            return pattern
    if component.environments:
        return ""
    selectors = environment.selectors.components or ()
    return next((pattern for pattern in selectors if matches(pattern, component.name)), "")


def applies(component: ComponentSummary, name: str, environment: Environment) -> bool:
    """True when a component belongs to an environment: `obstacle` without the words."""
    domains = environment.selectors.domains
    if domains and not any(matches(pattern, component.domain) for pattern in domains):
        return False
    return bool(membership(component, name, environment))


def obstacle(component: ComponentSummary, name: str, environment: Environment) -> str:
    """Why a component does not apply to an environment, in words; empty when it does."""
    domains = environment.selectors.domains
    if applies(component, name, environment):
        return ""
    if domains and not any(matches(pattern, component.domain) for pattern in domains):
        return f'{name} takes domains {", ".join(domains)}, and its domain is "{component.domain}"'
    if component.environments:
        return f"it subscribes to {', '.join(component.environments)}, not to {name}"
    return f"it has no subscription, and environments.{name}.selectors.components does not name it"


def select(patterns: Sequence[str], names: Iterable[str], what: str) -> tuple[str, ...]:
    """The names that any pattern matches, sorted. Raises `UsageError` with one diagnostic per pattern that matches none."""
    known = sorted(names)
    unmatched = [p for p in patterns if not any(matches(p, name) for name in known)]
    if unmatched:
        raise UsageError(
            [
                Diagnostic("usage/unknown-name", f'no {what} matches "{p}"', hint=_available(p, known, what))
                for p in unmatched
            ]
        )
    return tuple(name for name in known if any(matches(p, name) for p in patterns))


def _available(pattern: str, known: list[str], what: str) -> str:
    near = nearest(pattern.rstrip("*"), known)
    listed = f"available {what}s: {', '.join(known) or 'none'}"
    return f'did you mean "{near}"? {listed}' if near else listed
