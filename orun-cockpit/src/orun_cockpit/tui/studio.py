"""The plan studio: compose a draft, compile it, read jobs and steps, see what a run would do, run it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from orun_core.spec.amount import amount
from orun_core.spec.errors import OrunError
from textual import on, work
from textual.widgets import Tree

from orun_cockpit.bridge import Draft
from orun_cockpit.cells import Span, Tone
from orun_cockpit.frame import BLANK
from orun_cockpit.pages import job_page, plan_page
from orun_cockpit.tui.actions import Place, action, bindings
from orun_cockpit.tui.dialogs import Choose, Confirm
from orun_cockpit.tui.frame_text import FrameText
from orun_cockpit.tui.keyed_tree import KeyedTree
from orun_cockpit.tui.messages import DraftChanged, Failed, InspectorWanted, Planned, Previewed, Started
from orun_cockpit.tui.nodes import GROUP, STEP, plan_list
from orun_cockpit.tui.surface import Surface

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult

    from orun_cockpit.bridge import Bridge, Catalogue
    from orun_cockpit.cells import Frame
    from orun_cockpit.style import Theme
    from orun_cockpit.view import PlanJobView, PlanView


class PlanSurface(Surface):
    """A draft and the plan that it compiled to."""

    place = Place.PLAN
    BINDINGS = bindings(Place.PLAN)

    def __init__(self, bridge: Bridge, look: Theme, draft: Draft) -> None:
        super().__init__(bridge, look)
        self.draft = draft
        self.catalogue: Catalogue | None = None
        self.plan: PlanView | None = None
        self._busy = ""

    def compose(self) -> ComposeResult:
        """The draft above the jobs."""
        yield FrameText(self.look, "draft", "title")
        yield KeyedTree(self.look, id="plan-tree")

    def on_mount(self) -> None:
        """Nothing is compiled yet."""
        self._draw()

    @property
    def _tree(self) -> KeyedTree:
        return self.query_one(KeyedTree)

    @property
    def job(self) -> PlanJobView | None:
        """The job under the cursor, or the one of the step there."""
        name = self._tree.selected.partition(STEP)[0]
        return next((job for job in self.plan.jobs if job.id == name), None) if self.plan else None

    def can(self, do: str) -> bool:
        """Only a plan with jobs is read and run, and only triggers that there are can be chosen."""
        match do:
            case "run" | "dry_run" | "open":
                return self.plan is not None and bool(self.plan.jobs)
            case "trigger":
                return self.catalogue is not None and bool(self.catalogue.triggers)
            case _:
                return True

    def attend(self) -> None:
        """The jobs take the focus."""
        self.screen.set_focus(self._tree)

    def compose_component(self, component: str, *, run: bool) -> None:
        """Compile a plan of one component; `run` asks to run it."""
        self._change(replace(self.draft, components=(component,), changed=False))
        self._generate(run=run)

    def page(self, columns: int) -> Frame:
        """Everything about the job, or about the plan."""
        if self.plan is None:
            return super().page(columns)
        if self.job and not self._tree.selected.startswith(GROUP):
            return job_page(self.job, None, "", 0, self.look)
        return plan_page(self.plan, 0, self.look)

    def band(self, columns: int) -> Frame:  # noqa: ARG002 - it is short
        """How large the plan is."""
        if self.plan is None:
            return (BLANK, self.said(Span(self.draft.command, Tone.DIM)))
        plan = self.plan
        size = [
            amount(len(plan.components), "component"),
            amount(len(plan.jobs), "job"),
            amount(len(plan.environments), "environment"),
            amount(sum(len(job.steps) for job in plan.jobs), "step"),
        ]
        return (self.said(Span(self.look.inline(*size))), self.said(Span(plan.checksum, Tone.DIM)))

    def action_environments(self) -> None:
        """Choose environments."""
        names = [one.name for one in self.catalogue.environments.environments] if self.catalogue else []
        self._choose(
            "Environments",
            names,
            self.draft.environments,
            lambda chosen: self._change(replace(self.draft, environments=chosen)),
        )

    def action_components(self) -> None:
        """Choose components."""
        names = [one.name for one in self.catalogue.components.components] if self.catalogue else []
        self._choose(
            "Components",
            names,
            self.draft.components,
            lambda chosen: self._change(replace(self.draft, components=chosen)),
        )

    def _choose(
        self, title: str, names: list[str], chosen: tuple[str, ...], take: Callable[[tuple[str, ...]], None]
    ) -> None:
        def taken(names: tuple[str, ...] | None) -> None:
            if names is not None:
                take(names)

        if names:
            self.app.push_screen(Choose(title, names, chosen, several=True), taken)
        else:
            self.notify("The intent is not compiled yet.")

    def action_trigger(self) -> None:
        """Choose the trigger."""

        def taken(names: tuple[str, ...] | None) -> None:
            if names is not None:
                self._change(replace(self.draft, trigger=names[0]))

        triggers = self.catalogue.triggers if self.catalogue else ()
        if triggers:
            self.app.push_screen(Choose("Trigger", ("", *triggers), (self.draft.trigger,), several=False), taken)
        else:
            self.notify("The intent binds no triggers.")

    def action_changed(self) -> None:
        """Only what changed, or all."""
        self._change(replace(self.draft, changed=not self.draft.changed))

    def action_clear(self) -> None:
        """Start over."""
        self._change(Draft())

    def _change(self, draft: Draft) -> None:
        self.draft = draft
        self.plan = None
        self._tree.show(())
        self.post_message(DraftChanged(draft))
        self._draw()

    def action_generate(self) -> None:
        """Compile the draft."""
        self._generate(run=False)

    def _generate(self, *, run: bool) -> None:
        self._busy = "compiling"
        self._draw()
        self.ran("generate", plan=self.draft.command)
        self._compile(self.draft, run=run)

    @work(thread=True, group="plan", exclusive=True)
    def _compile(self, draft: Draft, *, run: bool) -> None:
        try:
            self.post_message(Planned(self.bridge.compose(draft), run=run))
        except OrunError as error:
            self.post_message(Failed("plan", error))

    @on(Planned)
    def _planned(self, message: Planned) -> None:
        self.plan = message.plan
        self._busy = ""
        self._tree.show(plan_list(message.plan, self.look))
        self._draw()
        if message.run:
            self.action_run()

    @on(Failed)
    def _failed(self) -> None:
        self._busy = ""
        self._draw()

    @on(Tree.NodeHighlighted)
    def _moved(self) -> None:
        self.changed()

    @on(Tree.NodeSelected)
    def _opened(self) -> None:
        if STEP in self._tree.selected and self.job and self.plan:
            self.ran("open", job=self.job.id, plan=self.plan.checksum_short)
            self.post_message(InspectorWanted())

    def action_dry_run(self) -> None:
        """Show what a run would do."""
        if self._ready():
            self.ran("dry_run", plan=self._checksum)
            self._preview(self._checksum)

    @work(thread=True, group="plan", exclusive=True)
    def _preview(self, checksum: str) -> None:
        try:
            self.post_message(Previewed(self.bridge.preview(checksum)))
        except OrunError as error:
            self.post_message(Failed("dry run", error))

    def action_run(self) -> None:
        """Ask, then run the plan."""
        if self.plan is None or not self._ready():
            return
        plan = self.plan
        facts = [
            ("Plan", f"{plan.name} {plan.checksum_short}"),
            (
                "Components",
                self.look.inline(
                    *plan.components[:6], f"+{len(plan.components) - 6}" if len(plan.components) > 6 else ""
                ),
            ),
            ("Environments", ", ".join(plan.environments)),
            ("Jobs", str(len(plan.jobs))),
            ("Command", action(Place.PLAN, "run").command.format(plan=plan.checksum_short)),
        ]

        def answered(answer: str | None) -> None:
            if answer:
                self.ran("run", plan=plan.checksum)
                self._start(plan.checksum)

        answers = {"y": f"Run {amount(len(plan.jobs), 'job')}"}
        self.app.push_screen(Confirm(self.look, "Run this plan?", facts, answers), answered)

    @work(thread=True, group="start")
    def _start(self, checksum: str) -> None:
        try:
            self.post_message(Started(self.bridge.start(checksum)))
        except OrunError as error:
            self.post_message(Failed("run", error))

    @property
    def _checksum(self) -> str:
        return self.plan.checksum if self.plan else ""

    def _ready(self) -> bool:
        if self.plan is not None and self.plan.jobs:
            return True
        self.notify("The plan has no jobs." if self.plan else "Press g to compile the draft first.")
        return False

    def _draw(self) -> None:
        """The draft, and what it compiled to."""
        draft, glyphs = self.draft, self.look.glyphs
        whole = Span("as the intent says", Tone.DIM)
        components = Span(", ".join(draft.components)) if draft.components else whole
        rows = [
            ("Environments", Span(", ".join(draft.environments)) if draft.environments else whole),
            ("Components", Span("only what changed") if draft.changed else components),
            ("Trigger", Span(draft.trigger) if draft.trigger else whole),
        ]
        if self._busy:
            state = Span(self._busy + glyphs.ellipsis, Tone.RUNNING)
        elif self.plan is None:
            state = Span("press g to compile this draft", Tone.WARNING)
        elif not self.plan.jobs:
            state = Span("nothing is selected: the plan has no jobs", Tone.WARNING)
        else:
            jobs = amount(len(self.plan.jobs), "job")
            state = Span(self.look.inline(self.plan.checksum_short, jobs, "stored"), Tone.SUCCESS)
        lines = [self.said(Span(f"{name:<14}", Tone.DIM), value) for name, value in [*rows, ("Plan", state)]]
        self.query_one("#draft", FrameText).show(tuple(lines))
        self.changed()
