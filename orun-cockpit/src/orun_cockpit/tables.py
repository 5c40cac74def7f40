"""From lists to text tables: (list view, width, theme) → lines. What is too wide loses columns, then the middle of its ids."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from orun_core.spec.amount import amount
from orun_core.spec.frozen import frozen

from orun_cockpit.cells import Span, Tone, clip_line, clip_middle, line_width, width
from orun_cockpit.frame import BLANK, brand
from orun_cockpit.style import tone
from orun_cockpit.tree import indent

if TYPE_CHECKING:
    from orun_cockpit.cells import Frame, Line
    from orun_cockpit.listing import ComponentListView, EnvironmentListView, JobListView, PlanListView
    from orun_cockpit.style import Theme
    from orun_cockpit.view import Mark, RunListView, RunRow

GAP = 2
LEAST = 12
"""Cells that a cut column keeps."""


@frozen
class Column:
    """A column: its title, its cells, when it goes (`drop`: higher first, 0 never), and whether its text may be cut."""

    title: str
    cells: list[Line] = field(default_factory=list)
    drop: int = 0
    cut: bool = False

    @property
    def width(self) -> int:
        """Cells that the widest entry takes."""
        return max([width(self.title), *(line_width(cell) for cell in self.cells)])


def table(columns: list[Column], total: int, theme: Theme, *, wide: bool = False) -> list[Line]:
    """Title and rows. Unless `wide`, columns are dropped and cut until it fits into `total`."""
    kept = fitted(columns, total, theme, wide=wide)
    widths = [cells for _, cells in kept]
    titles: Line = tuple(Span(column.title.upper(), Tone.DIM) for column, _ in kept)
    lines = [_row([(title,) for title in titles], widths, theme)]
    lines += [_row(list(cells), widths, theme) for cells in zip(*(column.cells for column, _ in kept), strict=True)]
    return lines


def fitted(columns: list[Column], total: int, theme: Theme, *, wide: bool = False) -> list[tuple[Column, int]]:
    """The columns that stay, with their widths, when they shall fit into `total`; all of them when `wide`."""
    kept = list(columns)
    while not wide and _needed(kept, theme) > total and any(column.drop for column in kept):
        kept.remove(max(kept, key=lambda column: column.drop))
    excess = 0 if wide else max(_needed(kept, theme) - total, 0)
    widths = []
    for column in kept:
        less = min(excess, max(column.width - LEAST, 0)) if column.cut else 0
        excess -= less
        widths.append((column, column.width - less))
    return widths


def _needed(columns: list[Column], theme: Theme) -> int:
    return line_width((indent(theme),)) + sum(column.width for column in columns) + GAP * (len(columns) - 1)


def _row(cells: list[Line], widths: list[int], theme: Theme) -> Line:
    spans = [indent(theme)]
    for position, (cell, cells_wide) in enumerate(zip(cells, widths, strict=True)):
        shown = cut_cell(cell, cells_wide, theme)
        spans += shown
        if position < len(cells) - 1:
            spans.append(Span(" " * (cells_wide - line_width(shown) + GAP)))
    return tuple(spans)


def cut_cell(cell: Line, cells: int, theme: Theme) -> Line:
    """The cell cut to `cells` in the middle of its last span."""
    if line_width(cell) <= cells:
        return cell
    *lead, last = cell
    room = cells - line_width(tuple(lead))
    return (*lead, Span(clip_middle(last.text, room, theme.glyphs.ellipsis), last.tone, last.bold))


def titled(title: str, body: list[Line], theme: Theme) -> Frame:
    """A body below the brand and a title."""
    return (BLANK, brand(title, theme), BLANK, *body)


def run_list_frame(view: RunListView, columns: int, theme: Theme, *, wide: bool = False) -> Frame:
    """All runs."""
    if not view.runs:
        return nothing("No runs yet.", "Start one with: orun run", theme)
    return titled("runs", table(run_columns(view, theme, wide=wide), columns, theme, wide=wide), theme)


def run_columns(view: RunListView, theme: Theme, *, wide: bool = False) -> list[Column]:
    """What is said of each run."""
    runs = view.runs
    shown = [
        Column("run", [(_sign(run.mark, theme), Span(f" {run.exec_id}")) for run in runs], cut=True),
        Column("state", [(Span(run.state, tone(run.mark)),) for run in runs]),
        Column("plan", [(Span(run.plan),) for run in runs], drop=2, cut=True),
        Column("result", [_result(run, theme) for run in runs]),
        Column("duration", [(Span(theme.duration(run.duration)),) for run in runs], drop=3),
        Column("age", [(Span(theme.age(run.age), Tone.DIM),) for run in runs], drop=1),
    ]
    if wide:
        shown += [
            Column("trigger", [(Span(run.trigger or theme.glyphs.absent),) for run in runs]),
            Column("backend", [(Span(run.backend or theme.glyphs.absent),) for run in runs]),
            Column("checksum", [(Span(run.checksum),) for run in runs]),
        ]
    return shown


def _result(run: RunRow, theme: Theme) -> Line:
    """`3/8`, and how many failed."""
    if not run.total:
        return (Span(theme.glyphs.absent, Tone.DIM),)
    failed = [Span(f" {theme.glyphs.failed} {run.failed} failed", Tone.ERROR)] if run.failed else []
    return (Span(f"{run.ended}/{run.total}"), *failed)


def plan_list_frame(view: PlanListView, columns: int, theme: Theme, *, wide: bool = False) -> Frame:
    """All stored plans."""
    if not view.plans:
        return nothing("No plans yet.", "Compile one with: orun plan", theme)
    plans = view.plans
    absent = theme.glyphs.absent
    shown = [
        Column("plan", [(Span(plan.checksum if wide else plan.checksum_short),) for plan in plans]),
        Column("names", [(Span(", ".join(plan.names) or absent),) for plan in plans], drop=1, cut=True),
        Column("latest run", [(Span(plan.latest or absent),) for plan in plans], cut=True),
        Column("state", [_state(plan.mark, plan.state, theme) for plan in plans]),
        Column("age", [(Span(theme.age(plan.age), Tone.DIM),) for plan in plans], drop=2),
    ]
    return titled("plans", table(shown, columns, theme, wide=wide), theme)


def job_list_frame(view: JobListView, columns: int, theme: Theme, *, wide: bool = False) -> Frame:
    """The jobs of a plan, with how they went."""
    jobs = view.jobs
    shown = [
        Column("job", [(_sign(job.mark, theme), Span(f" {job.id}")) for job in jobs], cut=True),
        Column("state", [(_word(job.mark, job.state, theme),) for job in jobs]),
        Column("duration", [(Span(theme.duration(job.duration)),) for job in jobs], drop=1),
        Column("steps", [(Span(str(job.steps)),) for job in jobs], drop=2),
    ]
    if wide:
        needs = [", ".join(job.depends_on) or theme.glyphs.absent for job in jobs]
        shown.append(Column("needs", [(Span(text),) for text in needs]))
    about = [Span(theme.inline(view.checksum_short, amount(len(jobs), "job"), view.exec_id), Tone.DIM)]
    body = [clip_line((indent(theme), *about), columns, theme.glyphs.ellipsis), BLANK]
    return titled(view.plan, body + (table(shown, columns, theme, wide=wide) if jobs else []), theme)


def component_list_frame(view: ComponentListView, columns: int, theme: Theme, *, wide: bool = False) -> Frame:
    """All components of the intent."""
    if not view.components:
        return nothing("No components found.", "Add a component.yaml, or an entry to components in the intent.", theme)
    return titled("components", table(component_columns(view, theme, wide=wide), columns, theme, wide=wide), theme)


def component_columns(view: ComponentListView, theme: Theme, *, wide: bool = False) -> list[Column]:
    """What is said of each component."""
    components = view.components
    absent = theme.glyphs.absent
    shown = [
        Column("component", [(Span(one.name, Tone.FG if one.enabled else Tone.DIM),) for one in components], cut=True),
        Column("type", [(Span(one.type),) for one in components]),
        Column("environments", [(Span(", ".join(one.environments) or absent),) for one in components], cut=True),
        Column("domain", [(Span(one.domain or absent),) for one in components], drop=2),
        Column(
            "last run",
            [
                _state(one.last_run.mark, theme.age(one.last_run.age), theme) if one.last_run else (Span(absent),)
                for one in components
            ],
            drop=1,
        ),
    ]
    if any(one.changed is not None for one in components):
        badge = {
            True: Span(f"{theme.glyphs.changed} changed", Tone.WARNING),
            False: Span(absent, Tone.DIM),
            None: Span(""),
        }
        shown.append(Column("changed", [(badge[one.changed],) for one in components]))
    if wide:
        shown += [
            Column("path", [(Span(one.path or absent),) for one in components]),
            Column("needs", [(Span(", ".join(one.depends_on) or absent),) for one in components]),
            Column("source", [(Span(one.source),) for one in components]),
        ]
    return shown


def environment_list_frame(view: EnvironmentListView, columns: int, theme: Theme, *, wide: bool = False) -> Frame:
    """All environments of the intent."""
    if not view.environments:
        return nothing("No environments found.", "Add one to environments in the intent.", theme)
    environments = view.environments
    absent = theme.glyphs.absent
    shown = [
        Column("environment", [(Span(one.name, Tone.FG if one.active else Tone.DIM),) for one in environments]),
        Column("components", [(Span(str(len(one.components))),) for one in environments]),
        Column("after", [(Span(", ".join(one.after) or absent),) for one in environments], drop=1),
        Column(
            "policies",
            [(Span(" ".join(f"{key}={value}" for key, value in one.policies) or absent),) for one in environments],
            drop=2,
            cut=True,
        ),
    ]
    return titled("environments", table(shown, columns, theme, wide=wide), theme)


def nothing(said: str, advice: str, theme: Theme) -> Frame:
    """What is shown when there is nothing to show."""
    return ((Span(said),), BLANK, (indent(theme), Span(advice, Tone.DIM)))


def _sign(mark: Mark | None, theme: Theme) -> Span:
    return Span(theme.glyph(mark), tone(mark)) if mark else Span(theme.glyphs.pending, Tone.DIM)


def _word(mark: Mark | None, state: str, theme: Theme) -> Span:
    return Span(state, tone(mark)) if mark else Span(theme.glyphs.absent, Tone.DIM)


def _state(mark: Mark | None, state: str, theme: Theme) -> Line:
    return (theme.pill(mark, state),) if mark else (Span(theme.glyphs.absent, Tone.DIM),)
