"""Writes a run's lines to stdout; a reader that goes away does not end the run."""

from __future__ import annotations

import os
import sys

import click


def say(*lines: str, end: bool = True) -> None:
    """Print lines; once nobody reads stdout any more, into nothing. `end`: each gets a line end."""
    try:
        for line in lines:
            click.echo(line, nl=end)
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
