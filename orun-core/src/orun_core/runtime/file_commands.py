"""The five files through which a step speaks to orun: environment, outputs, path, state and summary.

Grammar of ENV, OUTPUT and STATE: `KEY=value` per line, or `KEY<<DELIM`, lines, `DELIM`. Values are kept byte for byte; a
UTF-8 byte order mark and CRLF line ends between entries are tolerated.

A step may run in a container that sees less than orun does: what it puts in the place of a file is never followed.
"""

from __future__ import annotations

import os
import re
import stat
from io import BytesIO
from typing import TYPE_CHECKING

from orun_core.spec.frozen import frozen

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("ENV", "OUTPUT", "PATH", "STATE", "STEP_SUMMARY")
SUMMARY_LIMIT = 1 << 20
SIZE_LIMIT = 16 << 20
_FORBIDDEN = re.compile(r"(GITHUB_|RUNNER_|ORUN_).*|NODE_OPTIONS", re.IGNORECASE)
_PLACE = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_BOM = b"\xef\xbb\xbf"


class FileCommandError(Exception):
    """A file that a step wrote breaks the grammar."""


@frozen
class Written:
    """What one step wrote."""

    env: dict[str, str]
    outputs: dict[str, str]
    path: tuple[str, ...]
    state: dict[str, str]
    summary: str


def create(folder: Path) -> dict[str, Path]:
    """Make the five empty files of one attempt; returns path by name."""
    folder.mkdir(parents=True)
    files = {name: folder / name.lower() for name in NAMES}
    for file in files.values():
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    return files


def read(files: dict[str, Path]) -> Written:
    """Parse what the step left behind; raises `FileCommandError`."""
    raw = {name: _content(name, file) for name, file in files.items()}
    env = assignments(raw["ENV"], "ENV")
    for name in env:
        if _FORBIDDEN.fullmatch(name):
            raise FileCommandError(f"ENV file may not set {name}")
    path = tuple(_text(line) for part in raw["PATH"].split(b"\n") if (line := part.removesuffix(b"\r")))
    if b"\0" in raw["PATH"]:
        raise FileCommandError("PATH file has a NUL, which no folder's name has")
    summary = _text(raw["STEP_SUMMARY"][:SUMMARY_LIMIT])
    return Written(env, assignments(raw["OUTPUT"], "OUTPUT"), path, assignments(raw["STATE"], "STATE"), summary)


def _content(name: str, file: Path) -> bytes:
    try:
        data = _read(file, SIZE_LIMIT + 1) if _filled(file) else b""
    except (FileNotFoundError, NotADirectoryError):
        return b""
    except OSError as error:
        raise FileCommandError(f"{name} file was replaced by a link, which is not followed") from error
    if len(data) > SIZE_LIMIT and name != "STEP_SUMMARY":
        raise FileCommandError(f"{name} file has more than {SIZE_LIMIT >> 20} MiB")
    return data


def _filled(file: Path) -> bool:
    """False for a regular file that is empty, as most are."""
    found = os.lstat(file)
    return found.st_size > 0 or not stat.S_ISREG(found.st_mode)


def _read(file: Path, most: int) -> bytes:
    """The beginning of a regular file, nothing of anything else; `OSError` for a link in its place or in its folder's."""
    place = os.open(file.parent, _PLACE)
    try:
        opened = os.open(file.name, _FILE, dir_fd=place)
    finally:
        os.close(place)
    try:
        regular = stat.S_ISREG(os.fstat(opened).st_mode)
        with open(opened, "rb", closefd=False) if regular else BytesIO() as stream:
            return stream.read(most)
    finally:
        os.close(opened)


def assignments(data: bytes, which: str) -> dict[str, str]:
    """The entries of an ENV, OUTPUT or STATE file, in order; a later entry of a name wins."""
    found: dict[str, str] = {}
    data = data.removeprefix(_BOM)
    at = 0
    while at < len(data):
        line, at = _line(data, at)
        if not line:
            continue
        equals, heredoc = line.find(b"="), line.find(b"<<")
        if heredoc >= 0 and (equals < 0 or heredoc < equals):
            key, delimiter = line[:heredoc], line[heredoc + 2 :]
            value, at = _heredoc(data, at, delimiter, which)
        elif equals >= 0:
            key, value = line[:equals], line[equals + 1 :]
        else:
            raise FileCommandError(f"{which} file has a line without = or <<: {_text(line)[:80]!r}")
        if not key.strip() or b"\0" in key + value:
            raise FileCommandError(f"{which} file has an invalid assignment: {_text(line)[:80]!r}")
        found[_text(key)] = _text(value)
    return found


def _line(data: bytes, at: int) -> tuple[bytes, int]:
    end = data.find(b"\n", at)
    if end < 0:
        return data[at:], len(data)
    return data[at:end].removesuffix(b"\r"), end + 1


def _heredoc(data: bytes, at: int, delimiter: bytes, which: str) -> tuple[bytes, int]:
    if not delimiter:
        raise FileCommandError(f"{which} file opens a value with << but names no delimiter")
    start = at
    while at < len(data):
        begin = at
        line, at = _line(data, at)
        if line == delimiter:
            value = data[start:begin]
            return value.removesuffix(b"\n").removesuffix(b"\r"), at
    raise FileCommandError(f"{which} file: matching delimiter {_text(delimiter)!r} not found")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
