"""Tests of the migrations and of the tool that applies them."""

from __future__ import annotations

import shutil
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HERE))

import migrate  # noqa: E402 - the component's folder is put on the path above


class Migrate(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.migrations = Path(folder.name, "migrations")
        shutil.copytree(HERE / "migrations", self.migrations)
        self.database = Path(folder.name, "tides.sqlite3")

    def test_each_migration_is_applied_once(self) -> None:
        self.assertEqual(
            ["0001_ports.sql", "0002_constituents.sql", "0003_seed.sql"], migrate.apply(self.migrations, self.database)
        )
        self.assertEqual([], migrate.apply(self.migrations, self.database))
        self.assertEqual({"ports": 3}, migrate.verify(self.database, 3, ["ports"]))

    def test_a_failing_migration_leaves_nothing_behind(self) -> None:
        migrate.apply(self.migrations, self.database)
        (self.migrations / "0004_bad.sql").write_text(
            "CREATE TABLE half (id INTEGER);\nINSERT INTO nowhere VALUES (1);\n"
        )
        with self.assertRaisesRegex(migrate.BadDatabase, "0004_bad.sql: no such table: nowhere"):
            migrate.apply(self.migrations, self.database)
        with self.assertRaisesRegex(migrate.BadDatabase, r"missing table\(s\): half"):
            migrate.verify(self.database, 3, ["half"])

    def test_history_is_not_rewritten(self) -> None:
        migrate.apply(self.migrations, self.database)
        (self.migrations / "0001_ports.sql").write_text("CREATE TABLE ports (name TEXT);\n")
        with self.assertRaisesRegex(migrate.BadDatabase, "0001_ports.sql changed after it was applied"):
            migrate.apply(self.migrations, self.database)


if __name__ == "__main__":
    unittest.main()
