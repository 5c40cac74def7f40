"""Every key of the cockpit: one table, from which bindings, hints, help, palette and command log are made."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from orun_core.spec.frozen import frozen
from textual.binding import Binding

if TYPE_CHECKING:
    from collections.abc import Mapping


class Place(StrEnum):
    """Where a key works."""

    EVERYWHERE = "everywhere"
    COMPONENTS = "components"
    PLAN = "plan"
    ACTIVITY = "activity"
    LOGS = "logs"
    HISTORY = "history"


@frozen
class Action:
    """Something a key does. `do` is the method `action_<do>` of the surface, or of the app for what works everywhere.

    `command` is the command line behind it, with the names that it takes in braces; empty when there is none.
    """

    place: Place
    key: str
    do: str
    name: str
    help: str
    command: str = ""
    shown: bool = False
    """In the hints at the bottom."""
    also: str = ""
    """Another key that does it."""

    @property
    def id(self) -> str:
        """Its name in the preferences."""
        return f"{self.place}.{self.do}"

    @property
    def call(self) -> str:
        """What does it from anywhere, for Textual's `run_action`."""
        return f"perform('{self.place}', '{self.do}')"

    def label(self, keys: Mapping[str, str]) -> str:
        """Its key as people write it; `keys` are those that somebody chose, by action."""
        key = keys.get(self.id, self.key).partition(",")[0]
        return _LABELS.get(key, key)


_LABELS = {
    "slash": "/", "question_mark": "?", "colon": ":", "dollar_sign": "$", "escape": "esc", "left_square_bracket": "[",
    "right_square_bracket": "]", "ctrl+r": "^r",
}  # fmt: skip

ACTIONS: tuple[Action, ...] = (
    Action(Place.EVERYWHERE, "1", "components", "Components", "Show the compiled components.", "orun get components"),
    Action(Place.EVERYWHERE, "2", "plan", "Plan", "Open the plan studio: compose a plan, read it, run it."),
    Action(Place.EVERYWHERE, "3", "activity", "Activity", "Show runs, their jobs and steps.", "orun status --all"),
    Action(Place.EVERYWHERE, "4", "logs", "Logs", "Show what the steps of the run at hand print."),
    Action(Place.EVERYWHERE, "5", "history", "History", "Show runs that are over.", "orun get runs"),
    Action(Place.EVERYWHERE, "escape", "up", "Back", "Go back: up a level, then to the surface before."),
    Action(Place.EVERYWHERE, "j", "down", "Down", "As the arrow down."),
    Action(Place.EVERYWHERE, "k", "up_a_row", "Up", "As the arrow up."),
    Action(Place.EVERYWHERE, "i", "inspector", "Inspector", "Show or hide everything about the selected row."),
    Action(Place.EVERYWHERE, "b", "band", "Band", "Show or hide counts and progress at the bottom."),
    Action(Place.EVERYWHERE, "dollar_sign", "commands", "Commands", "List the commands behind what was done."),
    Action(Place.EVERYWHERE, "ctrl+r", "reload", "Reload", "Compile the intent again.", "orun get components"),
    Action(Place.EVERYWHERE, "colon", "command_palette", "Palette", "Find an action by its name and do it."),
    Action(Place.EVERYWHERE, "question_mark", "help", "Help", "List all keys; type to search.", shown=True),
    Action(Place.EVERYWHERE, "q", "leave", "Quit", "Quit; asks when a run that was started here is live.", shown=True, also="ctrl+c"),
    Action(Place.COMPONENTS, "enter", "open", "Open", "Show everything about the component.", "orun describe component {component}", shown=True),
    Action(Place.COMPONENTS, "g", "compose", "Compose", "Compose a plan of the component.", shown=True),
    Action(Place.COMPONENTS, "r", "run", "Run", "Plan the component and run it, once confirmed.", "orun run {component}", shown=True),
    Action(Place.COMPONENTS, "a", "last_run", "Last run", "Show the last run of the component.", "orun status {run}", shown=True),
    Action(Place.COMPONENTS, "c", "changed", "Changed", "Ask what changed; show only that, or all again.", "orun get components --changed", shown=True),
    Action(Place.COMPONENTS, "slash", "find", "Find", "Show only rows that hold a text.", shown=True),
    Action(Place.COMPONENTS, "y", "copy", "Copy", "Copy the name of the component."),
    Action(Place.PLAN, "g", "generate", "Generate", "Compile the draft and store the plan.", "{plan}", shown=True),
    Action(Place.PLAN, "r", "run", "Run", "Run the plan, once confirmed.", "orun run {plan} --all --background", shown=True),
    Action(Place.PLAN, "d", "dry_run", "Dry run", "Show what a run would do.", "orun run {plan} --all --dry-run", shown=True),
    Action(Place.PLAN, "enter", "open", "Open", "Open or close a job; show the text of a step.", "orun describe job {job} --plan {plan}", shown=True),
    Action(Place.PLAN, "e", "environments", "Environments", "Choose environments.", shown=True),
    Action(Place.PLAN, "t", "trigger", "Trigger", "Choose the trigger to plan for.", shown=True),
    Action(Place.PLAN, "o", "components", "Components", "Choose components.", shown=True),
    Action(Place.PLAN, "c", "changed", "Changed", "Take only changed components, or all."),
    Action(Place.PLAN, "x", "clear", "Clear", "Start over with an empty draft."),
    Action(Place.ACTIVITY, "enter", "open", "Open", "Open a run; open or close a job; show the log of a step.", "orun status {run} --detailed", shown=True),
    Action(Place.ACTIVITY, "e", "next_bad", "Next error", "Go to the next run or job that went wrong.", shown=True),
    Action(Place.ACTIVITY, "slash", "find", "Find", "Show only rows that hold a text.", shown=True),
    Action(Place.ACTIVITY, "v", "graph", "Graph", "Show jobs below their components, or below what they depend on.", shown=True),
    Action(Place.ACTIVITY, "l", "show_log", "Logs", "Show the logs of what is selected.", "orun logs {scope}", shown=True),
    Action(Place.ACTIVITY, "x", "cancel", "Cancel", "Stop the run, once confirmed: post steps still run.", "orun stop {run}", shown=True),
    Action(Place.ACTIVITY, "u", "resume", "Resume", "Try again what went wrong in a run, and what waited for it.", "orun run --resume {run}", shown=True),
    Action(Place.ACTIVITY, "w", "report", "Report", "Write the run as one HTML page.", "orun report {run}"),
    Action(Place.ACTIVITY, "y", "copy", "Copy", "Copy the name of the job, or the run."),
    Action(Place.LOGS, "f", "follow", "Follow", "Stay at the last line, or stop there.", "orun logs {scope} --follow", shown=True),
    Action(Place.LOGS, "g", "top", "First line", "Go to the first line that is at hand."),
    Action(Place.LOGS, "G", "bottom", "Last line", "Go to the last line, and follow."),
    Action(Place.LOGS, "e", "errors", "Errors", "Show only lines that speak of errors, or all.", shown=True),
    Action(Place.LOGS, "slash", "find", "Search", "Search; enter keeps it, esc ends it.", shown=True),
    Action(Place.LOGS, "n", "next_match", "Next", "Go to the next line that was searched for."),
    Action(Place.LOGS, "N", "previous_match", "Previous", "Go to the line before that was searched for."),
    Action(Place.LOGS, "left_square_bracket", "previous_step", "Step before", "Show the step before."),
    Action(Place.LOGS, "right_square_bracket", "next_step", "Next step", "Show the next step."),
    Action(Place.LOGS, "a", "everything", "All steps", "Show the logs of the whole run."),
    Action(Place.LOGS, "o", "older", "Older", "Read the lines before the first one.", shown=True),
    Action(Place.LOGS, "y", "copy", "Copy", "Copy the marked lines, or all that are shown.", shown=True),
    Action(Place.LOGS, "p", "pager", "Pager", "Open the whole log in $PAGER.", "orun logs {scope} --raw", shown=True),
    Action(Place.LOGS, "w", "report", "Report", "Write the run as one HTML page.", "orun report {run}"),
    Action(Place.HISTORY, "enter", "open", "Open", "Show the jobs of the run.", "orun status {run}", shown=True),
    Action(Place.HISTORY, "l", "show_log", "Logs", "Show the logs of the run.", "orun logs {scope}", shown=True),
    Action(Place.HISTORY, "u", "resume", "Resume", "Try again what went wrong in a run, and what waited for it.", "orun run --resume {run}", shown=True),
    Action(Place.HISTORY, "w", "report", "Report", "Write the run as one HTML page.", "orun report {run}", shown=True),
    Action(Place.HISTORY, "slash", "find", "Find", "Show only rows that hold a text.", shown=True),
    Action(Place.HISTORY, "y", "copy", "Copy", "Copy the name of the run."),
)  # fmt: skip

SURFACES = tuple(place for place in Place if place is not Place.EVERYWHERE)


def actions(place: Place) -> tuple[Action, ...]:
    """The actions of one place."""
    return tuple(action for action in ACTIONS if action.place is place)


def action(place: Place, do: str) -> Action:
    """One action; raises `KeyError` for none."""
    for found in actions(place):
        if found.do == do:
            return found
    raise KeyError(f"{place}.{do}")


OPEN = Binding("enter", "select_cursor", "Open", show=False)
"""What enter is in every list and tree; the surface around it says what that means."""


def bindings(place: Place) -> list[Binding | tuple[str, str] | tuple[str, str, str]]:
    """The keys of one place, as Textual wants them, but for `enter`, which is `OPEN`."""
    found: list[Binding | tuple[str, str] | tuple[str, str, str]] = []
    for each in actions(place):
        if each.key != "enter":
            found.append(Binding(each.key, each.do, each.name, show=False, id=each.id))
        if each.also:
            found.append(Binding(each.also, each.do, each.name, show=False))
    return found
