"""Names that match nothing and are a slip of the hand from one that would: what they should select, set or guard is lost silently."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from orun_core.compiler.findings import Findings
    from orun_core.spec.components import Components
    from orun_core.spec.documents import Intent
    from orun_core.spec.stages import Origin


def check_slips(intent: Intent, components: Components, types: Iterable[str], findings: Findings) -> None:
    """Selectors, types of parameter defaults, and domains without a group; other names that match nothing may be meant for later."""
    names = {summary.name for summary in components.summaries}
    domains = {summary.domain: summary.name for summary in reversed(components.summaries) if summary.domain}
    known_types = {*types, *(summary.type for summary in components.summaries), "*"}

    def look(what: str, name: str, known: Collection[str], at: Origin) -> None:
        meant = slip(name, known) if name not in known and not name.endswith("*") else ""
        if meant:
            findings.doubtful("normalize/slip", f'{what} "{name}"', at, f'did you mean "{meant}"?')

    defaults = [
        *(("environments", name, each.parameter_defaults) for name, each in sorted(intent.environments.items())),
        *(("groups", name, each.parameter_defaults) for name, each in sorted(intent.groups.items())),
    ]
    for section, owner, by_type in defaults:
        for type_ in by_type:
            at = findings.at(section, owner, "parameterDefaults", type_)
            look("parameterDefaults are for unknown type", type_, known_types, at)
    for owner, environment in sorted(intent.environments.items()):
        at = findings.at("environments", owner, "selectors")
        for index, name in enumerate(environment.selectors.components or ()):
            look("the selector matches no component:", name, names, at.at("components", index))
        for index, name in enumerate(environment.selectors.domains or ()):
            look("the selector matches no component's domain:", name, domains, at.at("domains", index))
    for domain in sorted(domains.keys() - intent.groups.keys()):
        at = components.named(domains[domain]).origin.at("domain")
        look("no group is called like the domain", domain, intent.groups, at)


def slip(word: str, names: Iterable[str]) -> str:
    """The name that `word` is in another case, with two neighbours swapped, or with a letter too many or too few; else empty."""
    mine = word.lower()
    return next((name for name in sorted(names) if _one_slip(mine, name.lower())), "")


def _one_slip(a: str, b: str) -> bool:
    if len(a) == len(b):
        differ = [index for index, (x, y) in enumerate(zip(a, b, strict=True)) if x != y]
        swapped = (
            len(differ) == 2
            and differ[1] == differ[0] + 1
            and a[differ[0]] == b[differ[1]]
            and a[differ[1]] == b[differ[0]]
        )
        return not differ or swapped
    short, long = sorted((a, b), key=len)
    return len(long) == len(short) + 1 and any(long[:i] + long[i + 1 :] == short for i in range(len(long)))
