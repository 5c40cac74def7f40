"""A stand-in for node, which answers act's question for the place of node without starting it.

act asks for the place of node in every job, before it knows whether an action needs it, and asks by starting node: that takes longer than
everything else it does for a small job. A stand-in that is found first answers without starting anything.
"""

from __future__ import annotations

import shlex
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

STAND_IN = """\
#!/bin/sh
if [ "$*" = "--no-warnings -e console.log(process.execPath)" ]; then
  echo {node}
else
  exec {node} "$@"
fi
"""


def stand_in(folder: Path, path: str) -> str:
    """Write the stand-in for the node of a search path below `folder`; returns what to put before the path, nothing without a node."""
    node = shutil.which("node", path=path)
    if node is None or not node.startswith("/"):
        return ""
    script = folder / "act-node" / "node"
    script.parent.mkdir()
    script.write_text(STAND_IN.format(node=shlex.quote(node)), encoding="utf-8", errors="surrogateescape")
    script.chmod(0o755)
    return f"{script.parent}:"


def put_back(before: str) -> str:
    """A line of shell that takes the stand-in from the search path again, so that scripts find what they always find."""
    if not before:
        return ""
    place = shlex.quote(before)
    return f'case "$PATH" in *{place}*) PATH="${{PATH%%{place}*}}${{PATH#*{place}}}" ;; esac\n'
