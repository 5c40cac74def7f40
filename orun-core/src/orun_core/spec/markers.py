"""The two pluggy markers of the project ``orun``: ``hookspec`` for core, ``hookimpl`` for plugins."""

from __future__ import annotations

import pluggy

hookspec = pluggy.HookspecMarker("orun")
hookimpl = pluggy.HookimplMarker("orun")
