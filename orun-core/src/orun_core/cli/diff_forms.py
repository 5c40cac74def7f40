"""The written forms of a plan diff: for the terminal, for machines, and for one pull-request comment."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from orun_core.plan.diff import Change, PlanDiff

SCHEMA_VERSION: Final = "orun.diff/v1"
COMMENT_LIMIT: Final = 65_000
"""A GitHub comment holds 65,536 characters."""
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
        "added": list(found.added),
        "removed": list(found.removed),
        "changed": [{"job": job.job, "changes": [_change_tree(c) for c in job.changes]} for job in found.changed],
        "plan": [_change_tree(change) for change in found.plan],
    }


def _change_tree(change: Change) -> dict[str, Any]:
    cause = change.cause
    where = {"layer": cause.layer, "file": cause.file, "pointer": cause.pointer} if cause else None
    facts = {"path": change.path, "kind": change.kind, "old": change.old, "new": change.new, "cause": where}
    return {key: value for key, value in facts.items() if value is not None}


def verdict(found: PlanDiff) -> str:
    """The first line: will anything run differently?"""
    if found.same_file:
        return "The plans are the same file."
    if found.runs_the_same:
        return "Nothing that runs changed: the checksum is equal, the seal differs."
    counts = ((len(found.added), "added"), (len(found.removed), "removed"), (len(found.changed), "changed"))
    said = ", ".join(f"{number} job{'' if number == 1 else 's'} {what}" for number, what in counts if number)
    return f"What runs changes: {said or 'not the jobs but how they are run'}."


def text(found: PlanDiff, old: str, new: str, *, color: bool = False) -> str:
    """For the terminal."""

    def paint(sign: str, line: str) -> str:
        return f"\x1b[{COLORS[sign]}m{sign} {line}\x1b[0m" if color else f"{sign} {line}"

    lines = [f"{old} → {new}", verdict(found), ""]
    lines += [paint("+", job) for job in found.added]
    lines += [paint("-", job) for job in found.removed]
    for jobs, changes in _grouped(found):
        lines.append(paint("~", ", ".join(jobs)))
        lines += [f"    {paint(SIGNS[c.kind], line)}" for c in changes for line in _lines(c)]
    if found.plan:
        lines += ["", "Around the jobs:"]
        lines += [f"  {paint(SIGNS[c.kind], line)}" for c in found.plan for line in _lines(c)]
    return "\n".join(lines).rstrip()


def _grouped(found: PlanDiff) -> Iterator[tuple[list[str], tuple[Change, ...]]]:
    """Jobs that change alike, told once."""
    changed = sorted(found.changed, key=lambda job: (repr([(c.path, c.old, c.new) for c in job.changes]), job.job))
    for _, group in groupby(changed, key=lambda job: [(c.path, c.old, c.new) for c in job.changes]):
        members = list(group)
        yield [member.job for member in members], members[0].changes


def _lines(change: Change) -> list[str]:
    """One change: what, from, to, and the authored line behind it."""
    old, new = _shown(change.old), _shown(change.new)
    if change.kind == "moved":
        lines = [f"{change.path}: order is now {' → '.join(change.new)}"]
    elif "\n" in old or "\n" in new:
        lines = [f"{change.path}:", *_line_diff(old, new)]
    elif change.kind == "added":
        lines = [f"{change.path}: {new}"]
    elif change.kind == "removed":
        lines = [f"{change.path}: was {old}"]
    else:
        lines = [f"{change.path}: {old} → {new}"]
    if change.cause:
        by = f" ({change.cause.layer})" if change.cause.layer else ""
        lines[0] += f"    because of {change.cause.file}#{change.cause.pointer}{by}"
    return [lines[0], *(f"    {line}" for line in lines[1:])]


def _line_diff(old: str, new: str) -> list[str]:
    from difflib import ndiff

    return [line.rstrip() for line in ndiff(old.splitlines(), new.splitlines()) if line[0] != "?"]


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict) and {"job", "kind", "mode"} <= value.keys():
        return f"{value['mode']} {value['kind']} ({value.get('reason', '')})"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def markdown(found: PlanDiff, old: str, new: str) -> str:
    """One comment for a pull request: the verdict in the open, the details folded, never over the limit."""
    head = [MARKER, f"### orun plan: `{old}` → `{new}`", "", f"**{verdict(found)}**", ""]
    parts: list[str] = []
    parts += _folded(f"{len(found.added)} jobs added", (f"+ {job}" for job in found.added))
    parts += _folded(f"{len(found.removed)} jobs removed", (f"- {job}" for job in found.removed))
    for jobs, changes in _grouped(found):
        title = f"{jobs[0]} and {len(jobs) - 1} more change alike" if len(jobs) > 1 else f"{jobs[0]} changes"
        named = [f"  {', '.join(jobs)}"] if len(jobs) > 1 else []
        parts += _folded(title, (*named, *(f"{SIGNS[c.kind]} {line}" for c in changes for line in _lines(c))))
    parts += _folded("Around the jobs", (f"{SIGNS[c.kind]} {line}" for c in found.plan for line in _lines(c)))
    return _within("\n".join(head), parts)


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
