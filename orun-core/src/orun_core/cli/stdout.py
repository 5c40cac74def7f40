"""Writes to stdout, also when its reader goes away or its disk is full."""

from __future__ import annotations

import os
import re
import sys

import click

_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_].*?(?:\x07|\x1b\\|$)|[ -/]*[0-~])")
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f]")


def say(*lines: str, end: bool = True) -> None:
    """Print a run's lines; once nobody reads stdout any more, into nothing. `end`: each gets a line end.

    Raises `OSError` for what else is wrong with stdout.
    """
    try:
        for line in lines:
            click.echo(line, nl=end)
    except BrokenPipeError:
        _forget()


def plain(text: str) -> str:
    """A line without terminal sequences and control characters but the tab."""
    return _CONTROL.sub("", _SEQUENCE.sub("", text))


def settle() -> OSError | None:
    """Write what stdout holds back; what is wrong with it, unless its reader went away, and then nothing of it is left to write."""
    try:
        sys.stdout.flush()
    except OSError as error:
        _forget()
        error.filename = "stdout"
        return None if isinstance(error, BrokenPipeError) else error
    return None


def _forget() -> None:
    """Let stdout be nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
