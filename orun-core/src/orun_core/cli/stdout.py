"""Writes to stdout although its reader may go away or its disk may be full."""

from __future__ import annotations

import os
import sys

import click


def say(*lines: str, end: bool = True) -> None:
    """Print a run's lines; once nobody reads stdout any more, into nothing. `end`: each gets a line end.

    Raises `OSError` for what else is wrong with stdout.
    """
    try:
        for line in lines:
            click.echo(line, nl=end)
    except BrokenPipeError:
        _forget()


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
