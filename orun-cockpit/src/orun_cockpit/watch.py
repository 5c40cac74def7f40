"""A run as it goes: a screen that is drawn again on a terminal, one line per change on a pipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_cockpit.frame import changes, run_frame
from orun_cockpit.stream import RunStream

if TYPE_CHECKING:
    from orun_core.spec.store import StateStore

    from orun_cockpit.terminal import Terminal
    from orun_cockpit.view import RunView


def watch_run(
    store: StateStore, exec_id: str, terminal: Terminal, interval: float, *, detailed: bool, as_json: bool
) -> RunView:
    """Follow a run until it ends; returns how it ended. On a terminal its last frame stays, after Ctrl-C too."""
    stream = RunStream(store, exec_id, pace=interval)
    if as_json:
        return _documents(stream, terminal)
    if not terminal.interactive:
        return _lines(stream, terminal)
    try:
        with terminal.alternate():
            for view in stream:
                frame = run_frame(view, terminal.columns, terminal.theme, detailed=detailed, height=terminal.rows)
                terminal.redraw(frame)
    finally:
        view = stream.view()
        height = terminal.rows - 2 if view.live else None
        terminal.show(run_frame(view, terminal.columns, terminal.theme, detailed=detailed, height=height))
    return view


def _lines(stream: RunStream, terminal: Terminal) -> RunView:
    before: RunView | None = None
    for view in stream.changed():
        terminal.show(tuple(changes(before, view, terminal.theme)))
        before = view
    return stream.view()


def _documents(stream: RunStream, terminal: Terminal) -> RunView:
    from orun_cockpit.document import to_json_line

    for view in stream.changed():
        terminal.write(to_json_line(view))
    return stream.view()
