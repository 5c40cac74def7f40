"""Artifacts of a run on GitHub: listed, fetched, and unpacked without trust in their content."""

from __future__ import annotations

import io
import stat
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orun_core.spec.errors import Diagnostic, RunError

if TYPE_CHECKING:
    from orun_backend_gha.api import GitHub

MAX_FILES = 20_000
MAX_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True, order=True)
class Artifact:
    """An artifact that can still be fetched."""

    name: str
    number: int

    def fetch(self, api: GitHub) -> dict[str, bytes]:
        """Its files by path. Raises `RunError`, `github/bad-upload` for a hostile one."""
        return unpacked(self.name, api.download(f"/actions/artifacts/{self.number}/zip"))


def artifacts(api: GitHub, run: int) -> list[Artifact]:
    """What a run has, in the order of the names."""
    found = api.pages(f"/actions/runs/{run}/artifacts", "artifacts")
    return sorted(Artifact(str(one["name"]), int(one["id"])) for one in found if not one["expired"])


def unpacked(name: str, archive: bytes) -> dict[str, bytes]:
    """The regular files of a zip archive by path. Raises `RunError` for anything that could leave its folder or fill the memory."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            members = [member for member in opened.infolist() if not member.is_dir()]
            if len(members) > MAX_FILES or sum(member.file_size for member in members) > MAX_BYTES:
                raise hostile(name, "it is larger than a run can be")
            paths = [_checked(name, member) for member in members]
            if len(set(paths)) < len(paths):
                raise hostile(name, "it has a file twice")
            return {path: opened.read(member) for path, member in zip(paths, members, strict=True)}
    except zipfile.BadZipFile as error:
        raise hostile(name, str(error)) from error


def _checked(name: str, member: zipfile.ZipInfo) -> str:
    path = member.filename
    kind = stat.S_IFMT(member.external_attr >> 16)
    if leads_out(path):
        raise hostile(name, f"{path!r} leads out of it")
    if kind not in (0, stat.S_IFREG):
        raise hostile(name, f"{path!r} is no regular file")
    return path


def leads_out(path: str) -> bool:
    """True when a path could name something outside the folder that it is read in."""
    parts = path.split("/")
    return path.startswith("/") or "\\" in path or ":" in parts[0] or ".." in parts or "\0" in path


def hostile(name: str, why: str) -> RunError:
    """The error for an artifact that cannot be trusted or read."""
    hint = "nothing of it was used; --without-uploads takes what GitHub itself tells"
    return RunError(Diagnostic("github/bad-upload", f"artifact {name}: {why}", hint=hint))
