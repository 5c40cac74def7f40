"""The plans of a workspace, by checksum and by name."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from orun_core.spec.errors import Diagnostic, UsageError
from orun_core.spec.nearest import did_you_mean
from orun_core.state.durable import make_folder, write_whole
from orun_core.state.layout import LATEST, Layout, checked_name

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orun_core.spec.plan import Plan

CHECKSUM = re.compile(r"(?:sha256[-:])?([0-9a-f]{4,64})")


class PlanShelf:
    """Stored plans. `read_plan` reads and verifies the file of one."""

    def __init__(self, layout: Layout, read_plan: Callable[[Path], Plan]) -> None:
        self.layout = layout
        self._read_plan = read_plan

    def save_plan(self, plan: str, checksum: str, provenance: str = "", name: str = "") -> None:
        """Store the text of a sealed plan and of its provenance, name it, and make it `latest`.

        Raises `UsageError` (`state/bad-name`) for an impossible name.
        """
        if name:
            checked_name("name of a plan", name)
        self.layout.prepare()
        make_folder(self.layout.plan_names)
        if provenance:
            _keep(self.layout.provenance(checksum), provenance.encode())
        _keep(self.layout.plan(checksum), plan.encode())
        if name:
            write_whole(self.layout.plan_name(name), f"{checksum}\n".encode())
        write_whole(self.layout.latest_plan, f"{checksum}\n".encode())

    def plan(self, reference: str = "") -> Plan:
        """A stored plan by name, checksum prefix or `latest`."""
        return self._read_plan(self.layout.plan(self.plan_checksum(reference)))

    def plan_text(self, checksum: str) -> str:
        """Text of a stored plan as it was saved, not verified; empty when there is none."""
        return _text(self.layout.plan(checksum))

    def provenance(self, checksum: str) -> str:
        """Text of the provenance document of a stored plan, empty when there is none."""
        return _text(self.layout.provenance(checksum))

    def plan_checksum(self, reference: str = "") -> str:
        """The checksum of a stored plan by name, prefix of at least four digits with or without `sha256-`, or `latest`.

        Raises `UsageError` (`state/unknown-plan`, `state/ambiguous-plan`) with the nearest names or all candidates.
        """
        stored, names = self.layout.checksums(), self.layout.names()
        if reference in ("", LATEST):
            return self._latest(stored)
        if names.get(reference) in stored:
            return names[reference]
        prefix = CHECKSUM.fullmatch(reference.lower())
        matches = [checksum for checksum in stored if prefix and checksum.startswith(f"sha256-{prefix[1]}")]
        if len(matches) == 1:
            return matches[0]
        if matches:
            text = f'"{reference}" begins the checksums of {len(matches)} plans: {", ".join(matches)}'
            raise UsageError(Diagnostic("state/ambiguous-plan", text, hint="type more digits"))
        known = [*names, LATEST, *(checksum[:15] for checksum in stored)]
        hint = did_you_mean(reference, known) if stored else "store one with `orun plan`"
        raise UsageError(Diagnostic("state/unknown-plan", f'no plan "{reference}" is stored here', hint=hint))

    def plans(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Checksums of stored plans, newest first, each with its names."""
        names = self.layout.names()
        newest = sorted(self.layout.checksums(), key=lambda checksum: -self.layout.plan(checksum).stat().st_mtime_ns)
        return tuple((checksum, tuple(name for name in names if names[name] == checksum)) for checksum in newest)

    def _latest(self, stored: tuple[str, ...]) -> str:
        checksum = self.layout.latest(self.layout.latest_plan)
        if checksum in stored:
            return checksum
        raise UsageError(Diagnostic("state/unknown-plan", "no plan is stored here", hint="store one with `orun plan`"))


def _keep(path: Path, content: bytes) -> None:
    """Write a file, or only make it the newest when it has this content already and is ours."""
    if path.is_file() and path.stat().st_uid == os.geteuid() and path.read_bytes() == content:
        os.utime(path)
    else:
        write_whole(path, content)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
