"""Draws a run as SVG: its graph with the critical path, and its timeline. Pure."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from orun_cockpit.cells import clip, width
from orun_cockpit.style import tone

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orun_cockpit.style import Theme
    from orun_cockpit.view import JobView, RunView

NODE_WIDTH, NODE_HEIGHT = 236, 46
COLUMN, ROW = 292, 60
MARGIN = 16
NAME_CELLS = 26
BAR_LEFT, BAR_WIDTH, BAR_ROW = 336, 680, 26
BAR_CELLS = 43


def graph(run: RunView, theme: Theme) -> str:
    """The jobs as nodes, left to right by rank, with the edges that no others imply; the critical path is heavy."""
    places = _places(run.jobs)
    if not places:
        return ""
    wide = max(x for x, _ in places.values()) + NODE_WIDTH + MARGIN
    high = max(y for _, y in places.values()) + NODE_HEIGHT + MARGIN
    edges = "".join(_edges(run.jobs, places))
    nodes = "".join(_node(job, *places[job.id], theme) for job in run.jobs)
    return _svg(wide, high, f"Graph of {run.exec_id}", edges + nodes)


def _places(jobs: tuple[JobView, ...]) -> Mapping[str, tuple[int, int]]:
    """Upper left corner of each node; in a column, nodes stand near the middle of what they depend on."""
    rows: dict[str, int] = {}
    ranks = sorted({job.rank for job in jobs})
    for rank in ranks:
        column = [job for job in jobs if job.rank == rank]
        height = {job.id: _middle([rows[d] for d in job.depends_on if d in rows]) for job in column}
        for row, job in enumerate(sorted(column, key=lambda job: height[job.id])):
            rows[job.id] = row
    return {job.id: (MARGIN + job.rank * COLUMN, MARGIN + rows[job.id] * ROW) for job in jobs}


def _middle(rows: list[int]) -> float:
    return sum(rows) / len(rows) if rows else 0.0


def _edges(jobs: tuple[JobView, ...], places: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    critical = {job.id for job in jobs if job.critical}
    direct = _direct(jobs)
    for job in jobs:
        x2, y2 = places[job.id]
        y2 += NODE_HEIGHT // 2
        for other in direct[job.id]:
            x1, y1 = places[other][0] + NODE_WIDTH, places[other][1] + NODE_HEIGHT // 2
            middle = (x1 + x2) // 2
            kind = "edge critical" if {job.id, other} <= critical else "edge"
            yield f'<path class="{kind}" d="M{x1} {y1} C{middle} {y1} {middle} {y2} {x2} {y2}"/>'


def _direct(jobs: tuple[JobView, ...]) -> Mapping[str, list[str]]:
    """Dependencies of each job without those that another of its dependencies has, directly or not."""
    bit = {job.id: 1 << index for index, job in enumerate(jobs)}
    below: dict[str, int] = {}
    direct = {}
    for job in jobs:
        known = [other for other in job.depends_on if other in below]
        implied = 0
        for other in known:
            implied |= below[other]
        direct[job.id] = [other for other in known if not bit[other] & implied]
        below[job.id] = implied | sum(bit[other] for other in direct[job.id])
    return direct


def _node(job: JobView, x: int, y: int, theme: Theme) -> str:
    kind = "node critical" if job.critical else "node"
    name = escape(clip(job.component or job.name, NAME_CELLS, theme.glyphs.ellipsis))
    lasted = theme.duration(job.duration) if job.duration is not None else job.state
    label = clip(job.label, NAME_CELLS - width(theme.inline(" ", lasted)) + 1, theme.glyphs.ellipsis)
    about = escape(theme.inline(label, lasted))
    return (
        f'<g class="{kind}"><title>{escape(theme.inline(job.id, job.state, job.reason))}</title>'
        f'<rect x="{x}" y="{y}" width="{NODE_WIDTH}" height="{NODE_HEIGHT}" rx="8"/>'
        f'<text class="{tone(job.mark)}" x="{x + 14}" y="{y + 28}">{theme.glyph(job.mark)}</text>'
        f'<text class="name" x="{x + 34}" y="{y + 20}">{name}</text>'
        f'<text class="dim" x="{x + 34}" y="{y + 36}">{about}</text></g>'
    )


def timeline(run: RunView, theme: Theme) -> str:
    """When each job ran, on one scale."""
    rows = [job for job in run.jobs if job.offset is not None and job.duration is not None]
    total = max(((job.offset or 0.0) + (job.duration or 0.0) for job in rows), default=0.0)
    if not total:
        return ""
    scale = BAR_WIDTH / total
    bars = "".join(_bar(job, MARGIN + 18 + index * BAR_ROW, scale, theme) for index, job in enumerate(rows))
    high = MARGIN + 18 + len(rows) * BAR_ROW + MARGIN
    return _svg(BAR_LEFT + BAR_WIDTH + 90, high, f"Timeline of {run.exec_id}", _scale(total, scale, high, theme) + bars)


def _scale(total: float, scale: float, high: int, theme: Theme) -> str:
    lines = []
    for quarter in range(5):
        x = BAR_LEFT + round(total * quarter / 4 * scale)
        lines.append(f'<path class="grid" d="M{x} 24 V{high - MARGIN}"/>')
        lines.append(f'<text class="dim middle" x="{x}" y="16">{theme.duration(total * quarter / 4)}</text>')
    return "".join(lines)


def _bar(job: JobView, y: int, scale: float, theme: Theme) -> str:
    x = BAR_LEFT + round((job.offset or 0.0) * scale)
    wide = max(round((job.duration or 0.0) * scale), 2)
    name = escape(clip(theme.inline(job.component, job.label), BAR_CELLS, theme.glyphs.ellipsis))
    kind = f"bar {tone(job.mark)}" + (" critical" if job.critical else "")
    return (
        f'<text class="name" x="{MARGIN}" y="{y + 14}">{name}</text>'
        f'<rect class="{kind}" x="{x}" y="{y + 3}" width="{wide}" height="14" rx="4">'
        f"<title>{escape(theme.inline(job.id, job.state))}</title></rect>"
        f'<text class="dim" x="{x + wide + 6}" y="{y + 14}">{theme.duration(job.duration)}</text>'
    )


def _svg(wide: int, high: int, title: str, body: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" '
        f'role="img" aria-label="{escape(title)}">{body}</svg>'
    )
