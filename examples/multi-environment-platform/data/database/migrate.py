"""Migrations of a SQLite database: numbered SQL files, each applied once, in order, in its own transaction.

python3 migrate.py snapshot DATABASE
python3 migrate.py apply MIGRATIONS DATABASE [--expect-none]
python3 migrate.py verify DATABASE --version N [--table NAME]...
"""

from __future__ import annotations

import argparse
import hashlib
import sqlite3
import sys
from contextlib import closing
from pathlib import Path


class BadDatabase(Exception):
    """The database is not what its migrations make of it."""


def connect(database: Path) -> sqlite3.Connection:
    database.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def apply(migrations: Path, database: Path) -> list[str]:
    """Apply what the database has not seen; returns the names of the files applied."""
    with closing(connect(database)) as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS migrations "
            "(version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)"
        )
        seen = dict(connection.execute("SELECT version, checksum FROM migrations"))
        applied = []
        for file in sorted(migrations.glob("[0-9]*.sql")):
            version, text = int(file.name.partition("_")[0]), file.read_text(encoding="utf-8")
            checksum = hashlib.sha256(text.encode()).hexdigest()
            if version not in seen:
                _apply_one(connection, version, file.name, text, checksum)
                applied.append(file.name)
            elif seen[version] != checksum:
                raise BadDatabase(f"{file.name} changed after it was applied")
        return applied


def _apply_one(connection: sqlite3.Connection, version: int, name: str, text: str, checksum: str) -> None:
    row = f"INSERT INTO migrations VALUES ({version}, '{name}', '{checksum}');"
    try:
        connection.executescript(f"BEGIN;\n{text}\n{row}\nCOMMIT;")
    except sqlite3.Error as error:
        connection.execute("ROLLBACK")
        raise BadDatabase(f"{name}: {error}") from error


def snapshot(database: Path) -> Path | None:
    """Copy the database beside itself before anything touches it; None when there is nothing yet."""
    if not database.exists():
        return None
    target = database.with_name(f"{database.name}.snapshot")
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
    return target


def verify(database: Path, version: int, tables: list[str]) -> dict[str, int]:
    """Row counts of `tables`; raises `BadDatabase` when version, tables, keys or pages are wrong."""
    with closing(connect(database)) as connection:
        found = connection.execute("SELECT max(version) FROM migrations").fetchone()[0]
        if found != version:
            raise BadDatabase(f"the schema is at version {found}, not {version}")
        present = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if missing := sorted(set(tables) - present):
            raise BadDatabase(f"missing table(s): {', '.join(missing)}")
        if broken := connection.execute("PRAGMA foreign_key_check").fetchall():
            raise BadDatabase(f"{len(broken)} row(s) break a foreign key")
        if (state := connection.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
            raise BadDatabase(state)
        return {table: connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in tables}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="migrate.py")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("snapshot").add_argument("database", type=Path)
    applying = commands.add_parser("apply")
    applying.add_argument("migrations", type=Path)
    applying.add_argument("database", type=Path)
    applying.add_argument("--expect-none", action="store_true", help="fail when anything had to be applied")
    verifying = commands.add_parser("verify")
    verifying.add_argument("database", type=Path)
    verifying.add_argument("--version", type=int, required=True)
    verifying.add_argument("--table", action="append", default=[])
    options = parser.parse_args(arguments)
    try:
        return _run(options)
    except BadDatabase as error:
        print(error, file=sys.stderr)
        return 1


def _run(options: argparse.Namespace) -> int:
    if options.command == "snapshot":
        print(snapshot(options.database) or "nothing to snapshot")
    elif options.command == "verify":
        for table, rows in verify(options.database, options.version, options.table).items():
            print(f"{table}: {rows} row(s)")
    else:
        applied = apply(options.migrations, options.database)
        print("\n".join(f"applied {name}" for name in applied) or "up to date")
        return 1 if applied and options.expect_none else 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
