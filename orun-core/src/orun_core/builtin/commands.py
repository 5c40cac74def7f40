"""Core's commands: one line each; the object `command` of `orun_core/cli/<name>.py` is imported when it is used."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Final

from orun_core.spec.entries import SurfaceEntry

if TYPE_CHECKING:
    import click

COMMANDS: Final = (
    ("affected", "Say which components a change touches and why."),
    ("archive", "Keep a plan and what vouches for it as one deployment record."),
    ("cache", "List, verify and clean the cache of composition packages."),
    ("component", "List the components, or show one with its merged parameters."),
    ("compositions", "List composition types; lock, pull and update their packages."),
    ("completion", "Print the shell completion script."),
    ("debug", "Show what each compiler stage produced."),
    ("diff", "Say what one plan does that another does not, and why."),
    ("explain", "Say where a value, step or edge of a job came from."),
    ("explain-error", "Say what a diagnostic code means and how to mend it."),
    ("export", "Write a plan in a form of another system."),
    ("fsck", "Check what is recorded under .orun."),
    ("gc", "Remove old runs and, when asked, plans that nothing uses."),
    ("intent", "Print the merged intent, and what each preset contributes."),
    ("pack", "Validate a stack and pack it reproducibly."),
    ("plan", "Compile the intent into a plan and keep it."),
    ("plugins", "List the plugins, what they offer and why one does not work."),
    ("policy", "List policies, test them, and see whom a new one would stop."),
    ("replay", "Run an archived plan again, on any backend."),
    ("run", "Run a plan and record what happens."),
    ("schema", "Print the JSON Schema of a document kind or of the plan."),
    ("stack", "Start, check and test a stack, and see what an upgrade of it changes."),
    ("stop", "Stop a live run: softly, or at once with --force."),
    ("sign", "State with a key that a plan is the reviewed one."),
    ("trace", "Print what a run did, comparable across backends."),
    ("trigger", "List trigger bindings, and say which of them an event matches."),
    ("validate", "Check everything that a plan would refuse."),
    ("verify", "Check that a plan is what it says and that the sources still compile to it."),
    ("version", "Print the versions of orun, Python and the plugins."),
)


def surfaces() -> tuple[SurfaceEntry, ...]:
    """An entry per command."""
    return tuple(SurfaceEntry(name, summary, load=partial(_load, name)) for name, summary in COMMANDS)


def _load(name: str) -> click.Command:
    command: click.Command = import_module(f"orun_core.cli.{name.replace('-', '_')}").command
    return command
