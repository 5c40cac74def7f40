"""Reads the entries of a gzip tar or a zip as a stream: regular files and folders; everything else is refused."""

from __future__ import annotations

import gzip
import os
import stat
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final, Protocol

from orun_core.spec.errors import CompileError, Diagnostic
from orun_core.spec.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK: Final = 512
CHUNK: Final = 1 << 16
MAX_HEADER: Final = 1 << 16
"""Largest extended header (long names, pax records) that is read into memory."""
MAX_DIRECTORY: Final = 8 << 20
"""Bytes of the largest list of members of a zip that is read into memory."""
ZIP_END: Final = 22
ZIP64_LOCATOR: Final = 20
ZIP_TAIL: Final = ZIP64_LOCATOR + ZIP_END + (1 << 16)
"""Bytes at the end of a zip among which its end record is: the record, the locator before it and the longest comment."""
FILE_TYPES: Final = frozenset(b"0\0")
REFUSED_TYPES: Final = {
    ord("1"): "a hard link",
    ord("2"): "a symbolic link",
    ord("3"): "a character device",
    ord("4"): "a block device",
    ord("6"): "a FIFO",
    ord("K"): "a long link",
    ord("S"): "a sparse file",
}


class Stream(Protocol):
    """A stream that decompresses while it is read."""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; `b""` at the end."""


@dataclass(slots=True)
class Bounded:
    """A stream that refuses to give more than `left` bytes."""

    stream: Stream
    left: int

    def read(self, size: int, /) -> bytes:
        """As the stream's; raises `CompileError` (`archive/too-large`)."""
        chunk = self.stream.read(size)
        self.left -= len(chunk)
        if self.left < 0:
            raise refused("it unpacks to more bytes than a package may have", "archive/too-large")
        return chunk


@frozen
class Entry:
    """A member: name as written, whether it is a folder, and its bytes, to be read before the next is asked for."""

    name: str
    folder: bool
    content: Iterator[bytes]


def refused(what: str, code: str = "archive/hostile") -> CompileError:
    """The error of an archive that is not unpacked."""
    return CompileError(Diagnostic(code, f"the archive is refused: {what}", hint="nothing of it was kept"))


@contextmanager
def damage_refused() -> Iterator[None]:
    """Turn what decompression says about damaged archives into `CompileError` (`archive/damaged`)."""
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, NotImplementedError, UnicodeError) as error:
        raise refused(f"it is damaged: {error}", "archive/damaged") from error


def entries(archive: IO[bytes], most: int) -> Iterator[Entry]:
    """Members of a gzip tar or a zip, told apart by their first bytes; a tar has at most `most` bytes.

    Raises `CompileError` (`archive/damaged`, `archive/hostile`, `archive/too-large`), and inside `damage_refused` nothing else.
    """
    magic = archive.read(4)
    archive.seek(0)
    if magic[:2] == b"\x1f\x8b":
        with gzip.GzipFile(fileobj=archive) as stream:
            yield from tar_entries(Bounded(stream, most))
    elif magic in (b"PK\x03\x04", b"PK\x05\x06"):
        _check_directory(archive)
        with zipfile.ZipFile(archive) as members:
            yield from zip_entries(members)
    else:
        raise refused("it is neither a gzip tar nor a zip", "archive/damaged")


# --- tar --------------------------------------------------------------------------------------------------------------


def tar_entries(stream: Stream) -> Iterator[Entry]:
    """Members of an uncompressed tar: ustar, pax and GNU long names."""
    extended: dict[str, str] = {}
    while (header := _exactly(stream, BLOCK)) != bytes(BLOCK):
        _check_sum(header)
        kind, size = header[156], _number(header[124:136])
        if kind in b"xgL":
            records = _extended(kind, _body(stream, size))
            extended = extended | records if kind != ord("g") else extended
            continue
        name = extended.get("path") or _name(header)
        size = _decimal(extended["size"]) if "size" in extended else size
        if kind not in FILE_TYPES and kind != ord("5"):
            raise refused(f"'{name}' is {REFUSED_TYPES.get(kind, 'of an unknown type')}")
        if any(key.startswith("GNU.sparse") for key in extended):
            raise refused(f"'{name}' is a sparse file")
        extended = {}
        folder = kind == ord("5") or name.endswith("/")
        if folder and size:
            raise refused(f"the folder '{name}' has a body")
        content = _content(stream, size)
        yield Entry(name, folder, content)
        for _ in content:
            pass
    while rest := stream.read(CHUNK):
        if rest.strip(b"\0"):
            raise refused("data follows its end")


def _exactly(stream: Stream, size: int) -> bytes:
    parts = []
    while size:
        chunk = stream.read(min(size, CHUNK))
        if not chunk:
            raise refused("it ends too early", "archive/damaged")
        parts.append(chunk)
        size -= len(chunk)
    return b"".join(parts)


def _content(stream: Stream, size: int) -> Iterator[bytes]:
    padding = -size % BLOCK
    while size:
        chunk = _exactly(stream, min(size, CHUNK))
        size -= len(chunk)
        yield chunk
    _exactly(stream, padding)


def _body(stream: Stream, size: int) -> bytes:
    if size > MAX_HEADER:
        raise refused(f"a header of {size} bytes")
    return b"".join(_content(stream, size))


def _check_sum(header: bytes) -> None:
    blank = header[:148] + b" " * 8 + header[156:]
    if _number(header[148:156]) != sum(blank):
        raise refused("a header's checksum is wrong", "archive/damaged")


def _number(field: bytes) -> int:
    if field[0] & 0x80:
        return int.from_bytes(bytes([field[0] & 0x7F]) + field[1:], "big")
    text = field.split(b"\0")[0].strip()
    if text.strip(b"01234567"):
        raise refused("a header's number is not octal", "archive/damaged")
    return int(text or b"0", 8)


def _decimal(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 20:
        raise refused("a pax size is not a number", "archive/damaged")
    return int(text)


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise refused(f"the name {data!r} is not UTF-8") from error


def _name(header: bytes) -> str:
    name, prefix = header[:100].split(b"\0")[0], header[345:500].split(b"\0")[0]
    posix = header[257:263] == b"ustar\0"
    return _text(prefix + b"/" + name if prefix and posix else name)


def _extended(kind: int, body: bytes) -> dict[str, str]:
    """Records of a pax header (`x`, `g`), or a GNU long name (`L`) as the pax record it stands for."""
    if kind == ord("L"):
        return {"path": _text(body.rstrip(b"\0"))}
    records = {}
    while body:
        length, _, _ = body.partition(b" ")
        if not length.isdigit() or len(length) > 6 or not len(length) < int(length) <= len(body):
            raise refused("a pax record is malformed", "archive/damaged")
        record, body = body[: int(length)], body[int(length) :]
        key, equals, value = record[len(length) + 1 : -1].partition(b"=")
        if not equals or not record.endswith(b"\n"):
            raise refused("a pax record is malformed", "archive/damaged")
        if key in (b"path", b"size") or key.startswith(b"GNU.sparse"):
            records[_text(key)] = _text(value)
    return records


# --- zip --------------------------------------------------------------------------------------------------------------


def _check_directory(archive: IO[bytes]) -> None:
    """Refuse a zip whose list of members is too long to be read into memory, as its end record says; leaves it at its start.

    A zip64 says its length elsewhere; no package needs one.
    """
    archive.seek(max(0, archive.seek(0, os.SEEK_END) - ZIP_TAIL))
    tail = archive.read()
    archive.seek(0)
    end = tail.rfind(b"PK\x05\x06")
    record, before = tail[end:], tail[: max(end, 0)]
    if len(record) < ZIP_END:
        raise refused("it has no end record", "archive/damaged")
    if int.from_bytes(record[12:16], "little") > MAX_DIRECTORY or before[-ZIP64_LOCATOR:].startswith(b"PK\x06\x07"):
        raise refused("its list of members is too long", "archive/too-large")


def zip_entries(archive: zipfile.ZipFile) -> Iterator[Entry]:
    """Members of a zip."""
    for member in archive.infolist():
        name = member.orig_filename
        if not 0 <= member.header_offset < archive.start_dir:
            raise refused(f"the header of '{member.filename}' is not where it should be", "archive/damaged")
        mode = member.external_attr >> 16
        if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise refused(f"'{member.filename}' is a link or a device")
        if member.flag_bits & 1:
            raise refused(f"'{member.filename}' is encrypted")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise refused(f"'{member.filename}' is compressed by a method other than deflate")
        yield Entry(name, name.endswith("/"), _zip_content(archive, member))


def _zip_content(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(member) as stream:
        while chunk := stream.read(CHUNK):
            yield chunk
