"""Reads JSON that may be hostile: from a server, a job, or whoever can reach a cache or a record."""

from __future__ import annotations

import json
from typing import Any


def loads(content: bytes | str) -> Any:
    """The tree of a document; raises `ValueError`, also for one that is nested too deep to be read."""
    try:
        return json.loads(content)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
