"""The written forms of a plan diff: for the terminal, for machines, and for one pull-request comment."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from orun_core.cli.diff_words import job_line, sentence
from orun_core.cli.explain import source_tree
from orun_core.spec.amount import amount

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from orun_core.plan.diff import Change, PlanDiff
    from orun_core.plan.explain import Source
    from orun_core.spec.plan import Job

SCHEMA_VERSION: Final = "orun.diff/v1"
COMMENT_LIMIT: Final = 65_000
"""A GitHub comment holds 65,536 characters."""
MANY_CAUSES: Final = 3
"""Authored lines that are named for one change of many jobs."""
MARKER: Final = "<!-- orun diff -->"
"""First line of the comment, by which it is found again."""
SIGNS: Final = {"added": "+", "removed": "-", "changed": "~", "moved": "~"}
COLORS: Final = {"+": 32, "-": 31, "~": 33}


def tree(found: PlanDiff) -> dict[str, Any]:
    """The diff as JSON."""
    return {
        "schemaVersion": SCHEMA_VERSION,
        "old": found.old_checksum,
        "new": found.new_checksum,
        "runsTheSame": found.runs_the_same,
        "sameFile": found.same_file,
        "added": [job.id for job in found.added],
        "removed": [job.id for job in found.removed],
        "changed": [{"job": job.job, "changes": [_change_tree(c) for c in job.changes]} for job in found.changed],
        "plan": [_change_tree(change) for change in found.plan],
    }


def diff_schema() -> dict[str, Any]:
    """The JSON Schema of `tree`, shipped as `diff.schema.json`."""
    text, whole, anything = {"type": "string"}, {"type": "integer"}, {"description": "The value in the plan."}
    cause = {"layer": text, "file": text, "pointer": text, "line": whole, "column": whole}
    change = {
        "path": {**text, "description": "Where in the job or plan: parameters.replicas, steps.build.run …"},
        "kind": {"enum": list(SIGNS)},
        "old": anything,
        "new": anything,
        "cause": _closed(cause, "layer", "file", "pointer"),
    }
    changes = {"type": "array", "items": _closed(change, "path", "kind")}
    ids = {"type": "array", "items": text}
    facts = {
        "schemaVersion": {"const": SCHEMA_VERSION},
        "old": {**text, "description": "Checksum of the old plan."},
        "new": {**text, "description": "Checksum of the new plan."},
        "runsTheSame": {"type": "boolean", "description": "The checksums are equal: nothing that runs differs."},
        "sameFile": {"type": "boolean", "description": "The seals are equal."},
        "added": ids,
        "removed": ids,
        "changed": {"type": "array", "items": _closed({"job": text, "changes": changes}, "job", "changes")},
        "plan": {**changes, "description": "Differences around the jobs."},
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "PlanDiff", **_closed(facts, *facts)}


def _closed(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def _change_tree(change: Change) -> dict[str, Any]:
    cause = change.cause
    where = {key: value for key, value in (source_tree(cause) or {}).items() if key != "value"} if cause else None
    facts = {"path": change.path, "kind": change.kind, "old": change.old, "new": change.new, "cause": where}
    return {key: value for key, value in facts.items() if value is not None}


def verdict(found: PlanDiff) -> str:
    """The first line: will anything run differently?"""
    if found.same_file:
        return "The plans are the same file."
    if found.runs_the_same:
        return "Nothing that runs changed: the checksum is equal, the seal differs."
    counts = ((found.added, "added"), (found.removed, "removed"), (found.changed, "changed"))
    said = ", ".join(_counted(jobs, what) for jobs, what in counts if jobs)
    if not said:
        by_run = any(change.path.startswith("execution.") for change in found.plan)
        said = "the same jobs, run in another way" if by_run else "the same jobs, of packages with other content"
    return f"What runs changes: {said}."


def text(found: PlanDiff, old: str, new: str, *, color: bool = False) -> str:
    """For the terminal."""

    def paint(sign: str, line: str) -> str:
        return f"\x1b[{COLORS[sign]}m{sign} {line}\x1b[0m" if color else f"{sign} {line}"

    lines = [f"{old} → {new}", verdict(found), ""]
    for sign, jobs in (("+", found.added), ("-", found.removed)):
        lines += [line for job in jobs for line in (paint(sign, job_line(job)), *_source_line(found, job))]
    for names, changes in _grouped(found):
        lines.append(paint("~", ", ".join(names)))
        lines += [f"    {line}" for alike in changes for line in _painted(alike, paint)]
    if found.plan:
        lines += [*([""] if lines[-1] else []), "Around the jobs:"]
        lines += [f"  {line}" for change in found.plan for line in _painted([change], paint)]
    return "\n".join(lines).rstrip()


def _source_line(found: PlanDiff, job: Job) -> Iterator[str]:
    if job.id in found.sources:
        yield f"  ← {because(found.sources[job.id])}"


def _painted(alike: Sequence[Change], paint: Callable[[str, str], str]) -> Iterator[str]:
    """What one change says, of as many jobs as have it, and every authored line that made it so."""
    first, *more = sentence(alike[0])
    yield paint(SIGNS[alike[0].kind], first)
    yield from more
    causes = list(dict.fromkeys(because(change.cause) for change in alike if change.cause))
    yield from (f"  ← {cause}" for cause in causes[:MANY_CAUSES])
    if len(causes) > MANY_CAUSES:
        yield f"  ← and {amount(len(causes) - MANY_CAUSES, 'more line')} like it"


def because(cause: Source) -> str:
    """The authored line behind a change, with its layer."""
    return f"{cause}  ({cause.layer})" if cause.layer else str(cause)


def headline(change: Change) -> str:
    """One change in one line."""
    said = " ".join(line.strip() for line in sentence(change))
    return f"{said} ← {because(change.cause)}" if change.cause else said


def _grouped(found: PlanDiff) -> Iterator[tuple[list[str], list[tuple[Change, ...]]]]:
    """Jobs that change alike, told once: their ids, and each change as every one of them has it."""
    changed = sorted(found.changed, key=lambda job: (repr([(c.path, c.old, c.new) for c in job.changes]), job.job))
    for _, group in groupby(changed, key=lambda job: [(c.path, c.old, c.new) for c in job.changes]):
        members = list(group)
        yield [member.job for member in members], list(zip(*(member.changes for member in members), strict=True))


def markdown(found: PlanDiff, old: str, new: str) -> str:
    """One comment for a pull request: the verdict in the open, the details folded, never over the limit."""
    head = [MARKER, f"### orun plan: `{old}` → `{new}`", "", f"**{verdict(found)}**", ""]
    parts: list[str] = []
    for sign, jobs, what in (("+", found.added, "added"), ("-", found.removed, "removed")):
        parts += _folded(
            _counted(jobs, what),
            (line for job in jobs for line in (f"{sign} {job_line(job)}", *_source_line(found, job))),
        )
    for names, changes in _grouped(found):
        title = f"{names[0]} and {len(names) - 1} more change alike" if len(names) > 1 else f"{names[0]} changes"
        named = [f"  {', '.join(names)}"] if len(names) > 1 else []
        parts += _folded(title, (*named, *(line for alike in changes for line in _painted(alike, _signed))))
    parts += _folded("Around the jobs", (line for c in found.plan for line in _painted([c], _signed)))
    return _within("\n".join(head), parts)


def _signed(sign: str, line: str) -> str:
    return f"{sign} {line}"


def _counted(jobs: Sequence[object], what: str) -> str:
    return f"{amount(len(jobs), 'job')} {what}"


def _folded(title: str, lines: Iterable[str]) -> list[str]:
    body = "\n".join(lines).replace("```", "'''")
    return [f"<details><summary>{title}</summary>\n\n```diff\n{body}\n```\n\n</details>"] if body else []


def _within(head: str, parts: list[str]) -> str:
    """As many whole parts as fit, and how many are left out."""
    used, kept = len(head) + 200, []
    for part in parts:
        if used + len(part) + 1 > COMMENT_LIMIT:
            break
        kept.append(part)
        used += len(part) + 1
    left = len(parts) - len(kept)
    tail = [f"\n{left} more parts are left out here; `orun diff` shows them."] if left else []
    return "\n".join([head, *kept, *tail])
