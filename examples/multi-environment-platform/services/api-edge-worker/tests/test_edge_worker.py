"""Tests of the tide API."""

from __future__ import annotations

import sqlite3
import tempfile
import unittest
from contextlib import closing
from pathlib import Path

from edge_worker.server import answer
from edge_worker.tides import Constituent, Port


class Tides(unittest.TestCase):
    def test_high_water_at_the_phase(self) -> None:
        port = Port("dover", 3.7, (Constituent(2.25, 12.42, 11.0),))
        self.assertAlmostEqual(5.95, port.height(11.0))
        self.assertAlmostEqual(1.45, port.height(11.0 + 12.42 / 2))

    def test_a_day_has_24_hours(self) -> None:
        table = Port("flat", 1.0, ()).table()
        self.assertEqual([{"hour": hour, "metres": 1.0} for hour in range(24)], table)


class Answers(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.database = Path(folder.name, "tides.sqlite3")
        with closing(sqlite3.connect(self.database)) as connection:
            connection.executescript(
                "CREATE TABLE ports (name, mean_level);"
                "CREATE TABLE constituents (port, name, amplitude, period_hours, phase_hours);"
                "INSERT INTO ports VALUES ('dover', 3.7);"
                "INSERT INTO constituents VALUES ('dover', 'M2', 2.25, 12.42, 11.0);"
            )

    def test_health(self) -> None:
        self.assertEqual((200, {"status": "ok"}), answer(self.database, "/healthz"))

    def test_tides_of_a_port(self) -> None:
        status, body = answer(self.database, "/tides/dover")
        self.assertEqual((200, "dover", 5.95), (status, body["port"], body["tides"][11]["metres"]))

    def test_unknown_port(self) -> None:
        self.assertEqual((404, {"error": "nothing at /tides/atlantis"}), answer(self.database, "/tides/atlantis"))


if __name__ == "__main__":
    unittest.main()
