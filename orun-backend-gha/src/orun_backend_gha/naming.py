"""Names that GitHub accepts for the jobs and steps of a plan."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LIMIT = 90
"""GitHub accepts 100 characters; the rest is for suffixes."""


def keys_of(names: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """A key for each name: letters, digits, `_` and `-`, unique without regard to case, the same for the same names."""
    used = {name.lower() for name in taken}
    keys: dict[str, str] = {}
    for name in names:
        key = re.sub(r"[^A-Za-z0-9_-]", "_", name)
        if not re.match(r"[A-Za-z_]", key):
            key = f"_{key}"
        if len(key) > LIMIT or key.lower() in used:
            key = f"{key[: LIMIT - 13]}_{sha256(name.encode()).hexdigest()[:12]}"
        used.add(key.lower())
        keys[name] = key
    return keys
