"""Release archives: the same files give the same bytes, and a checksum beside each archive proves it.

python3 -m delivery.artifact pack FOLDER ARCHIVE
python3 -m delivery.artifact verify ARCHIVE
python3 -m delivery.artifact unpack ARCHIVE FOLDER
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import shutil
import sys
import tarfile
from pathlib import Path


class BadArchive(Exception):
    """The archive is not what its checksum says."""


def pack(folder: Path, archive: Path) -> str:
    """Write the files of `folder` to `archive` with a checksum file beside it; returns the checksum."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path in files:
            member = tarfile.TarInfo(path.relative_to(folder).as_posix())
            member.size = path.stat().st_size
            with path.open("rb") as content:
                tar.addfile(member, content)
    archive.parent.mkdir(parents=True, exist_ok=True)
    archive.write_bytes(gzip.compress(plain.getvalue(), mtime=0))
    checksum = checksum_of(archive)
    checksum_file(archive).write_text(f"{checksum}  {archive.name}\n")
    return checksum


def verify(archive: Path) -> str:
    """The checksum of `archive`; raises `BadArchive` when the file beside it says another."""
    expected = checksum_file(archive).read_text().split()[0]
    found = checksum_of(archive)
    if found != expected:
        raise BadArchive(f"{archive.name}: expected {expected}, found {found}")
    return found


def unpack(archive: Path, folder: Path) -> int:
    """Replace `folder` by the verified contents of `archive`; returns the number of files."""
    verify(archive)
    fresh = folder.with_name(f"{folder.name}.fresh")
    shutil.rmtree(fresh, ignore_errors=True)
    with tarfile.open(archive) as tar:
        members = [member for member in tar if member.isfile()]
        for member in members:
            target = fresh / member.name
            if not target.resolve().is_relative_to(fresh.resolve()):
                raise BadArchive(f"{archive.name}: {member.name} leaves the folder")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(tar.extractfile(member).read())
    shutil.rmtree(folder, ignore_errors=True)
    fresh.rename(folder)
    return len(members)


def checksum_file(archive: Path) -> Path:
    return archive.with_name(f"{archive.name}.sha256")


def checksum_of(archive: Path) -> str:
    return hashlib.sha256(archive.read_bytes()).hexdigest()


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="delivery.artifact")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, operands in {
        "pack": ("folder", "archive"),
        "verify": ("archive",),
        "unpack": ("archive", "folder"),
    }.items():
        command = commands.add_parser(name)
        for operand in operands:
            command.add_argument(operand, type=Path)
    options = parser.parse_args(arguments)
    try:
        if options.command == "pack":
            print(f"packed {options.archive} sha256:{pack(options.folder, options.archive)}")
        elif options.command == "verify":
            print(f"verified {options.archive} sha256:{verify(options.archive)}")
        else:
            print(f"unpacked {unpack(options.archive, options.folder)} file(s) to {options.folder}")
    except BadArchive as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
