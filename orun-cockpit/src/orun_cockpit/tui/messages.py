"""What workers and surfaces tell the app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.spec.errors import Diagnostic, OrunError
from textual.message import Message

from orun_cockpit.cells import clean

if TYPE_CHECKING:
    from orun_cockpit.bridge import Catalogue, Draft
    from orun_cockpit.log_window import LogWindow, Scope
    from orun_cockpit.tui.actions import Place
    from orun_cockpit.view import LogLine, PlanView, RunListView, RunView


class RunsRead(Message):
    """The list of runs was read."""

    def __init__(self, runs: RunListView) -> None:
        super().__init__()
        self.runs = runs


class RunRead(Message):
    """The run at hand was read."""

    def __init__(self, run: RunView) -> None:
        super().__init__()
        self.run = run


class LinesRead(Message):
    """Lines came into a window on logs; `before` says that they stand before what was read."""

    def __init__(self, window: LogWindow, lines: tuple[LogLine, ...], *, before: bool = False) -> None:
        super().__init__()
        self.window = window
        self.lines = lines
        self.before = before


class Compiled(Message):
    """The intent was compiled."""

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self.catalogue = catalogue


class Planned(Message):
    """The draft was compiled; `run` asks to run it."""

    def __init__(self, plan: PlanView, *, run: bool) -> None:
        super().__init__()
        self.plan = plan
        self.run = run


class Started(Message):
    """A run was started from here."""

    def __init__(self, exec_id: str) -> None:
        super().__init__()
        self.exec_id = exec_id


class Previewed(Message):
    """What a run would do is known."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class Failed(Message):
    """Something could not be done; `doing` says what, `diagnostics` why."""

    def __init__(self, doing: str, error: OrunError | OSError) -> None:
        super().__init__()
        self.doing = doing
        self.diagnostics = (
            error.diagnostics if isinstance(error, OrunError) else (Diagnostic("usage/system", str(error)),)
        )

    @property
    def said(self) -> str:
        """Messages and hints as text."""
        texts = (text for one in self.diagnostics for text in (one.message, one.hint) if text)
        return "\n".join(clean(line) for text in texts for line in text.splitlines())


class Selected(Message):
    """A surface shows something else: its inspector page and its band are out of date."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place

    def can_replace(self, message: Message) -> bool:
        """Of several in a row, the last one is enough."""
        return isinstance(message, Selected) and message.place is self.place


class LogsWanted(Message):
    """The logs of a scope shall be shown."""

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope


class RunWanted(Message):
    """A run shall be shown."""

    def __init__(self, exec_id: str) -> None:
        super().__init__()
        self.exec_id = exec_id


class Ran(Message):
    """Something was done that has a command line."""

    def __init__(self, command: str) -> None:
        super().__init__()
        self.command = command


class ComposeWanted(Message):
    """A plan of one component shall be composed; `run` asks to run it, too."""

    def __init__(self, component: str, *, run: bool) -> None:
        super().__init__()
        self.component = component
        self.run = run


class InspectorWanted(Message):
    """Everything about what is selected shall be shown."""


class DraftChanged(Message):
    """The draft of the plan studio is another one."""

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self.draft = draft


class GraphChosen(Message):
    """Runs shall be shown as graphs, or as lists."""

    def __init__(self, *, graph: bool) -> None:
        super().__init__()
        self.graph = graph


class CancelWanted(Message):
    """A run shall be stopped, once confirmed."""

    def __init__(self, exec_id: str) -> None:
        super().__init__()
        self.exec_id = exec_id


class ReportWanted(Message):
    """A run shall be written as one page."""

    def __init__(self, exec_id: str) -> None:
        super().__init__()
        self.exec_id = exec_id


class ResumeWanted(Message):
    """A run shall be continued."""

    def __init__(self, exec_id: str) -> None:
        super().__init__()
        self.exec_id = exec_id
