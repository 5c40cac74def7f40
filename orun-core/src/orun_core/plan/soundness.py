"""Whether a plan that has the right shape can mean anything: its text, its names and its graph."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from orun_core.plan.graph import CycleError, topological_order
from orun_core.spec.errors import Diagnostic, Location
from orun_core.spec.tree import pointer_part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orun_core.spec.plan import Plan

_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def hidden_characters(tree: Any, file: str, at: str = "") -> Iterator[Diagnostic]:
    """Texts of a JSON tree that no process, file or terminal takes: with a NUL, or with half a surrogate pair."""
    if isinstance(tree, str):
        if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in tree):
            message = f"{at or 'the plan'} holds a NUL or half a surrogate pair, which no program takes"
            yield Diagnostic("plan/schema", message, Location(file, pointer=at))
    elif isinstance(tree, dict):
        for key, item in tree.items():
            yield from hidden_characters(key, file, at)
            yield from hidden_characters(item, file, f"{at}/{pointer_part(key)}")
    elif isinstance(tree, list):
        for index, item in enumerate(tree):
            yield from hidden_characters(item, file, f"{at}/{index}")


def unsound(plan: Plan, file: str) -> Iterator[Diagnostic]:
    """What is wrong with the names and the edges of a plan's jobs."""
    yield from _names(plan, file)
    ids = Counter(job.id for job in plan.jobs)
    yield from (
        _graph(f"the plan has the job {name!r} {count} times", file) for name, count in ids.items() if count > 1
    )
    for job in plan.jobs:
        strangers = [need for need in job.depends_on if need not in ids]
        if strangers:
            yield _graph(f"job {job.id} depends on {', '.join(strangers)}, which the plan does not have", file)
    try:
        topological_order({job.id: job.depends_on for job in plan.jobs})
    except CycleError as error:
        yield _graph(f"the jobs of the plan wait for each other: {error}", file)


def _names(plan: Plan, file: str) -> Iterator[Diagnostic]:
    """Names of jobs are shown on terminals and written into logs, where a control character means something."""
    for index, job in enumerate(plan.jobs):
        for name in (job.id, job.component, job.environment, job.name):
            if _CONTROL.search(name):
                where = Location(file, pointer=f"/jobs/{index}")
                yield Diagnostic("plan/schema", f"/jobs/{index} has a control character in the name {name!r}", where)


def _graph(message: str, file: str) -> Diagnostic:
    return Diagnostic("plan/graph", message, Location(file), hint="compile the plan again with `orun plan`")
