"""Tide heights from harmonic constituents."""

from __future__ import annotations

import math
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Constituent:
    """One cosine of the tide; hours count from midnight."""

    amplitude: float
    period_hours: float
    phase_hours: float

    def at(self, hour: float) -> float:
        return self.amplitude * math.cos(2 * math.pi * (hour - self.phase_hours) / self.period_hours)


@dataclass(frozen=True)
class Port:
    """A port and its tide."""

    name: str
    mean_level: float
    constituents: tuple[Constituent, ...]

    def height(self, hour: float) -> float:
        """Metres above chart datum."""
        return self.mean_level + sum(constituent.at(hour) for constituent in self.constituents)

    def table(self) -> list[dict[str, float]]:
        """Height at every full hour of a day."""
        return [{"hour": hour, "metres": round(self.height(hour), 2)} for hour in range(24)]


def read_port(database: Path, name: str) -> Port | None:
    """The port of that name; None when there is none."""
    with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        row = connection.execute("SELECT mean_level FROM ports WHERE name = ?", (name,)).fetchone()
        query = "SELECT amplitude, period_hours, phase_hours FROM constituents WHERE port = ? ORDER BY name"
        constituents = tuple(Constituent(*values) for values in connection.execute(query, (name,)))
    return Port(name, row[0], constituents) if row else None
