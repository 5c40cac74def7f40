"""Packing a stack so that the same files give the same bytes: on any machine, for any user, umask and clock."""

from __future__ import annotations

import io
import tarfile
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from orun_core.builtin.extraction import FILE_MODE
from orun_core.builtin.tree_digest import plain_files
from orun_core.spec.errors import CompileError, Diagnostic
from orun_core.spec.source import FetchedSource, PackedStack, SourceRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from orun_core.spec.documents import Stack

GZIP_HEADER: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
"""No name, no time, no flags, unknown system."""
NEVER_PACKED: Final = (".git/", ".orun/")


def pack_stack(folder: Path) -> PackedStack:
    """Validate every document of a stack and pack it. Raises `CompileError` with everything that is wrong with it."""
    stack = _validated(folder)
    files = [path for path in plain_files(folder) if not path.startswith(NEVER_PACKED)]
    examples = [path for path in files if path.startswith("examples/")]
    where = stack.registry
    return PackedStack(
        name=stack.metadata.name,
        version=stack.metadata.version,
        description=stack.metadata.description,
        registry="/".join(filter(None, (where.host, where.namespace, where.repository))) if where.host else "",
        files=tuple(files),
        archive=archive(folder, files),
        compositions=archive(folder, (path for path in files if not path.startswith(("examples/", "tests/")))),
        examples=archive(folder, examples) if examples else b"",
    )


def archive(folder: Path, files: Iterable[str]) -> bytes:
    """A gzip tar of files of a folder in the given order, owned by 0:0, mode 0644, dated 1970.

    The tar is stored, not compressed: a digest must not depend on the version of a compression library.
    """
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as target:
        for path in files:
            data = (folder / path).read_bytes()
            member = tarfile.TarInfo(path)
            member.size, member.mode = len(data), FILE_MODE
            target.addfile(member, io.BytesIO(data))
    return _gzip(plain.getvalue())


def _gzip(data: bytes) -> bytes:
    """A gzip member of stored blocks (RFC 1951, 3.2.4)."""
    parts = [GZIP_HEADER]
    for start in range(0, len(data), 0xFFFF):
        block = data[start : start + 0xFFFF]
        last = start + 0xFFFF >= len(data)
        length = len(block)
        parts += [bytes([last]), length.to_bytes(2, "little"), (length ^ 0xFFFF).to_bytes(2, "little"), block]
    parts += [zlib.crc32(data).to_bytes(4, "little"), (len(data) & 0xFFFFFFFF).to_bytes(4, "little")]
    return b"".join(parts)


def _validated(folder: Path) -> Stack:
    """The manifest of a stack whose documents are all right."""
    from orun_core.compiler.decode import decode
    from orun_core.compiler.packages import PackageReader
    from orun_core.compiler.sites import Sites
    from orun_core.spec.documents import Stack
    from orun_core.spec.stages import Origin

    manifest = folder / "stack.yaml"
    if not manifest.is_file():
        hint = "orun.yaml packages are read, new ones are stacks" if (folder / "orun.yaml").is_file() else ""
        raise CompileError(Diagnostic("package/no-manifest", f"{folder} has no stack.yaml", hint=hint))
    sites = Sites(folder, {})
    request = SourceRequest(name="package", kind="dir", path=".")
    problems: list[Diagnostic] = []
    with _collected(problems):
        stack, _ = decode(manifest.read_bytes(), "stack.yaml", Stack)
        with _collected(problems):
            PackageReader(request, FetchedSource("", folder), str).read()
        presets = [
            (preset.name, Origin("stack.yaml", f"/spec/intentPresets/{index}"))
            for index, preset in enumerate(stack.spec.intent_presets)
        ]
        PackageReader(request, FetchedSource("", folder), str).presets(presets)
    if problems:
        raise CompileError(sites.located(problems))
    return stack


@contextmanager
def _collected(problems: list[Diagnostic]) -> Iterator[None]:
    """Go on after a `CompileError`, its diagnostics kept."""
    try:
        yield
    except CompileError as error:
        problems += error.diagnostics
