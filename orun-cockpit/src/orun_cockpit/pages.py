"""Lays out everything about one run, plan, job or component: what `orun describe` prints."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from orun_core.spec.amount import amount

from orun_cockpit.cells import Span, Tone, clean, clip_line, fold_line, pad, width
from orun_cockpit.frame import BLANK, brand, header, tally
from orun_cockpit.style import tone
from orun_cockpit.tree import indent, job_spans, step_spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from orun_core.spec.errors import Diagnostic

    from orun_cockpit.cells import Frame, Line
    from orun_cockpit.listing import ComponentView
    from orun_cockpit.style import Theme
    from orun_cockpit.view import JobView, PlanJobView, PlanStepView, PlanView, RunView, StepView

LABEL = 14
UNLIMITED = 1000


def run_page(run: RunView, columns: int, theme: Theme, *, brief: bool = False) -> Frame:
    """Everything about a run; `brief` leaves its jobs out, and keeps facts that are too long."""
    facts = [
        ("Plan", run.plan),
        ("Checksum", run.checksum),
        ("Started", run.started_at),
        ("Finished", run.finished_at),
        ("Backend", run.backend),
        ("Trigger", run.trigger),
        ("User", run.user),
        ("Concurrency", str(run.concurrency)),
        ("Fail fast", "yes" if run.fail_fast else "no"),
    ]
    lines = [
        BLANK,
        *header(run, columns or UNLIMITED, theme),
        BLANK,
        *tally(run.counts, columns or UNLIMITED, theme),
        BLANK,
        *_facts(facts, theme),
    ]
    jobs = () if brief else run.jobs
    lines += _section("Jobs", chain.from_iterable(_run_job(job, theme) for job in jobs), theme)
    lines += _section("Links", (_fact(label, url, theme) for label, url in run.links), theme)
    notes = (_fact(note.kind, theme.inline(note.job, note.message), theme) for note in run.notes)
    lines += _section("Notes", notes, theme)
    return _clipped(lines, 0 if brief else columns, theme)


def _run_job(job: JobView, theme: Theme) -> Iterator[Line]:
    margin = indent(theme)
    sign, _, *rest = job_spans(job, theme)
    yield (margin, sign, Span(f" {job.id}"), *rest)
    if job.reason:
        yield (Span(margin.text * 3), Span(job.reason, tone(job.mark)))
    for step in job.steps:
        yield (Span(margin.text * 3), *step_spans(step, theme))


def _summary(job: JobView, theme: Theme) -> Iterator[Line]:
    """What its steps wrote to their summary, as it was written."""
    return ((indent(theme), Span(clean(line))) for line in job.summary.splitlines())


def ran_page(job: JobView, columns: int, theme: Theme) -> Frame:
    """Everything about a job of a run."""
    facts = [
        ("State", job.state),
        ("Reason", job.reason),
        ("Component", job.component),
        ("Environment", job.environment),
        ("Duration", theme.duration(job.duration)),
        ("Attempt", str(job.attempt) if job.attempt > 1 else ""),
        ("Started", job.started_at),
        ("Finished", job.finished_at),
        ("Needs", ", ".join(job.depends_on)),
    ]
    lines: list[Line] = [BLANK, brand(job.id, theme), BLANK, *_facts(facts, theme)]
    lines += _section("Steps", chain.from_iterable(_ran_step(step, theme) for step in job.steps), theme)
    lines += _section("Links", (_fact(label, url, theme) for label, url in job.links), theme)
    lines += _section("Summary", _summary(job, theme), theme)
    lines += _section("Next", [(indent(theme), Span(job.hint))] if job.hint else [], theme)
    return _clipped(lines, columns, theme)


def _ran_step(step: StepView, theme: Theme) -> Iterator[Line]:
    yield (indent(theme), *step_spans(step, theme))
    if step.reason:
        yield (Span(indent(theme).text * 2), Span(step.reason, tone(step.mark)))


def plan_page(plan: PlanView, columns: int, theme: Theme) -> Frame:
    """Everything about a plan but the text of its steps."""
    facts = [
        ("Checksum", plan.checksum),
        ("Description", plan.description),
        ("Trigger", plan.trigger),
        ("Environments", ", ".join(plan.environments)),
        ("Concurrency", str(plan.concurrency)),
        ("Fail fast", "yes" if plan.fail_fast else "no"),
        ("Jobs", str(len(plan.jobs))),
    ]
    sources = (
        (indent(theme), Span(source.name), Span(f" {source.kind} {source.digest}", Tone.DIM)) for source in plan.sources
    )
    lines = [BLANK, brand(plan.name, theme), BLANK, *_facts(facts, theme)]
    lines += _section("Composition sources", sources, theme)
    lines += _section("Jobs", (_plan_job(job, theme) for job in plan.jobs), theme)
    return _clipped(lines, columns, theme)


def _plan_job(job: PlanJobView, theme: Theme) -> Line:
    needs = f" {theme.glyphs.arrow} {', '.join(job.depends_on)}" if job.depends_on else ""
    return (indent(theme), Span(job.id), Span(f" {amount(len(job.steps), 'step')}", Tone.DIM), Span(needs, Tone.BRAND))


def job_page(job: PlanJobView, ran: JobView | None, exec_id: str, columns: int, theme: Theme) -> Frame:
    """Everything about a planned job, the text of its steps, and how it went in a run."""
    facts = [
        ("Component", job.component),
        ("Environment", job.environment),
        ("Composition", job.composition),
        ("Profile", job.profile),
        ("Path", job.path),
        ("Runs on", job.runs_on),
        ("Timeout", job.timeout),
        ("Retries", str(job.retries)),
        ("Needs", ", ".join(job.depends_on)),
    ]
    lines: list[Line] = [BLANK, brand(job.id, theme), BLANK, *_facts(facts, theme)]
    lines += _section("Steps", chain.from_iterable(_step(step, theme) for step in job.steps), theme)
    if ran:
        lines += _section(f"In run {exec_id}", _run_job(ran, theme), theme)
        lines += _section("Summary", _summary(ran, theme), theme)
    return _clipped(lines, columns, theme)


def _step(step: PlanStepView, theme: Theme) -> Iterator[Line]:
    about = [
        "" if step.phase == "main" else step.phase,
        step.shell,
        step.working_directory,
        f"timeout {step.timeout}" if step.timeout else "",
        f"retry {step.retry}" if step.retry else "",
        f"on failure {step.on_failure}" if step.on_failure else "",
    ]
    margin = indent(theme).text
    yield (
        Span(f"{margin}{step.number}. ", Tone.DIM),
        Span(step.id, bold=True),
        Span(f" {theme.inline(*about)}", Tone.DIM),
    )
    for line in step.run.splitlines() or [f"use: {step.use}"]:
        yield (Span(f"{margin * 2} {line}"),)


def component_page(component: ComponentView, columns: int, theme: Theme) -> Frame:
    """Everything about a component."""
    last = component.last_run
    facts = [
        ("Type", component.type),
        ("Domain", component.domain),
        ("Owner", component.owner),
        ("Enabled", "yes" if component.enabled else "no"),
        ("Path", component.path),
        ("Source", component.source),
        ("Needs", ", ".join(component.depends_on)),
        ("Last run", theme.inline(last.exec_id, last.state, theme.age(last.age)) if last else ""),
    ]
    lines: list[Line] = [BLANK, brand(component.name, theme), BLANK, *_facts(facts, theme)]
    for instance in component.instances:
        about = (("Path", instance.path), ("Profile", instance.profile), ("Jobs", ", ".join(instance.jobs)))
        lines += _section(instance.environment, _facts(about, theme), theme)
    return _clipped(lines, columns, theme)


def problem_page(diagnostics: Iterable[Diagnostic], columns: int, theme: Theme) -> Frame:
    """What is wrong, where, and what mends it; long lines are broken."""
    margin = indent(theme).text
    lines: list[Line] = []
    for one in diagnostics:
        place = f"{one.where} " if one.where else ""
        for number, text in enumerate(one.message.splitlines()):
            sign = " " * width(theme.glyphs.failed) if number else theme.glyphs.failed
            lines.append((Span(f"{margin}{sign} ", Tone.ERROR), Span(clean(text), Tone.ERROR)))
        lines.append((Span(f"{margin}  "), Span(f"{clean(place)}[{one.code}]", Tone.DIM)))
        lines += [(Span(f"{margin}  {theme.glyphs.arrow} ", Tone.BRAND), Span(clean(one.hint)))] if one.hint else []
        lines.append(BLANK)
    return tuple(part for line in lines for part in fold_line(line, columns))


def _clipped(lines: list[Line], columns: int, theme: Theme) -> Frame:
    """The page at a width; 0 for as wide as it is."""
    return tuple(clip_line(line, columns, theme.glyphs.ellipsis) if columns else line for line in lines)


def _section(title: str, lines: Iterable[Line], theme: Theme) -> list[Line]:
    """Lines below a title; nothing when there are none."""
    body = list(lines)
    return [BLANK, (indent(theme), Span(title, Tone.BRAND, bold=True)), *body] if body else []


def _facts(facts: Iterable[tuple[str, str]], theme: Theme) -> Iterator[Line]:
    return (_fact(label, value, theme) for label, value in facts if value)


def _fact(label: str, value: str, theme: Theme) -> Line:
    return (indent(theme), Span(pad(label, LABEL, theme.glyphs.ellipsis), Tone.DIM), Span(value))
