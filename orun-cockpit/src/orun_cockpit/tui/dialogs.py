"""Dialogs above a surface: confirmations, choices, and texts to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Input, OptionList, SelectionList, Static
from textual.widgets.option_list import Option
from textual.widgets.selection_list import Selection

from orun_cockpit.cells import Span, Tone, fold_line
from orun_cockpit.tui.textual_theme import page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from orun_cockpit.cells import Frame
    from orun_cockpit.style import Theme


CARD = 72
"""Columns of a card, at the most."""
SCROLLING = {"up": "up", "down": "down", "pageup": "page_up", "pagedown": "page_down"}
"""Keys that scroll what is read, with the way they do."""


class Confirm(ModalScreen[str]):
    """A question with facts and answers; the result is the key of an answer, empty for none."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape,n", "dismiss('')", "Cancel"),
        ("left", "app.focus_previous", "Previous"),
        ("right", "app.focus_next", "Next"),
    ]

    def __init__(self, look: Theme, question: str, facts: Sequence[tuple[str, str]], answers: dict[str, str]) -> None:
        """`answers` maps keys to words, the first of them has the focus."""
        super().__init__()
        self.look = look
        self._question = question
        self._facts = facts
        self._answers = answers

    def compose(self) -> ComposeResult:
        """The card."""
        room = min(CARD, self.app.size.width * 94 // 100) - 4
        rows: Frame = tuple((Span(f"{name:<14}", Tone.DIM), Span(value)) for name, value in self._facts)
        lines = [part for row in rows for part in fold_line(row, room)]
        with Vertical(classes="card"):
            yield Static(Text(self._question, "bold"), classes="question")
            yield Static(page(lines, self.look), classes="facts")
            with Horizontal(classes="answers"):
                for key, words in self._answers.items():
                    yield Button(Text(f"{words} ({key})"), id=f"answer-{key}", compact=True)
                yield Button(Text("Back (esc)"), id="answer-", compact=True)

    def on_mount(self) -> None:
        """A key per answer."""
        for key in self._answers:
            self._bindings.bind(key, f"dismiss('{key}')")
        self.query(Button).first().focus()

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss((event.button.id or "").removeprefix("answer-"))


class Choose(ModalScreen["tuple[str, ...] | None"]):
    """Some names out of many; None when it was left."""

    BINDINGS: ClassVar[list[BindingType]] = [("escape", "dismiss(None)", "Cancel")]

    def __init__(self, title: str, names: Sequence[str], chosen: Sequence[str], *, several: bool) -> None:
        super().__init__()
        self._title = title
        self._names = names
        self._chosen = chosen
        self._several = several

    def compose(self) -> ComposeResult:
        """The card."""
        advice = "space marks, enter takes them, esc leaves" if self._several else "enter takes it, esc leaves"
        with Vertical(classes="card"):
            yield Static(Text.assemble((self._title, "bold"), f"  {advice}"), classes="question")
            if self._several:
                yield SelectionList[str](*(Selection(name, name, name in self._chosen) for name in self._names))
            else:
                yield OptionList(*(Option(name or "(as the intent says)", id=f"={name}") for name in self._names))

    def on_mount(self) -> None:
        """Enter takes the marked names instead of marking one."""
        if self._several:
            chooser = self.query_one(SelectionList)
            chooser._bindings.key_to_bindings.pop("enter", None)  # noqa: SLF001 - Textual has no public way to unbind a key
            chooser.focus()
        else:
            self.query_one(OptionList).focus()

    def key_enter(self) -> None:
        """Take the marked names."""
        if self._several:
            marked = set(self.query_one(SelectionList).selected)
            self.dismiss(tuple(name for name in self._names if name in marked))

    @on(OptionList.OptionSelected)
    def _taken(self, event: OptionList.OptionSelected) -> None:
        if not self._several:
            self.dismiss(((event.option_id or "=")[1:],))


class Reading(ModalScreen[None]):
    """Texts to read and scroll, one below the other, with a search when they are `findable`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        ("escape,q", "dismiss(None)", "Close"),
        *((key, f"scroll('scroll_{way}')", "Scroll") for key, way in SCROLLING.items()),
    ]

    def __init__(self, title: str, texts: Sequence[Text], *, findable: bool = False) -> None:
        super().__init__()
        self._title = title
        self._texts = texts
        self._findable = findable

    def compose(self) -> ComposeResult:
        """The card."""
        advice = "type to search, arrows scroll, esc leaves" if self._findable else "arrows scroll, esc leaves"
        with Vertical(classes="card reading"):
            yield Static(Text.assemble((self._title, "bold"), f"  {advice}"), classes="question")
            if self._findable:
                yield Input(placeholder="search", classes="find")
            with VerticalScroll():
                yield Static(_below(self._texts), id="body")

    def on_mount(self) -> None:
        """The text, or the search, takes the focus."""
        self.query_one(Input if self._findable else VerticalScroll).focus()

    def action_scroll(self, way: str) -> None:
        """Scroll the texts, from the search as well."""
        getattr(self.query_one(VerticalScroll), way)(animate=False)

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        wanted = event.value.lower()
        fitting = [text for text in self._texts if wanted in text.plain.lower()]
        self.query_one("#body", Static).update(_below(fitting or [Text("Nothing fits.")]))
        self.query_one(VerticalScroll).scroll_home(animate=False)


def _below(texts: Sequence[Text]) -> Text:
    """Texts below each other; long lines are broken."""
    body = Text("\n").join(texts)
    body.no_wrap = False
    return body
