"""The operands of `orun diff` and `orun verify`: a plan file, a stored plan, or a revision of the repository, compiled."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from orun_core.intent_file import no_intent
from orun_core.plan.explain import Provenance
from orun_core.spec.errors import Diagnostic, OrunError, Severity, UsageError
from orun_core.spec.frozen import frozen
from orun_core.spec.json_text import loads
from orun_core.state.git_environ import git_environ

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from orun_core.host import Host
    from orun_core.plan.explain import Locate
    from orun_core.spec.errors import Location
    from orun_core.spec.plan import Plan
    from orun_core.spec.stages import Compiled, Request


@frozen
class Operand:
    """A plan with its provenance, when that is known, and what the user called it."""

    name: str
    plan: Plan
    provenance: Provenance | None


def operand(host: Host, name: str, request: Request) -> Operand:
    """The plan that a word means: empty compiles the workspace as it is now; a plan file or stored plan; else a git revision."""
    if not name:
        compiled = host.compile(request)
        return Operand("the workspace", compiled.plan, workspace_provenance(host, compiled))
    try:
        plan = host.plan(name)
    except UsageError as unknown:
        return _revision(host, name, request, unknown)
    return Operand(name, plan, _provenance(host, name, plan))


def workspace_provenance(host: Host, compiled: Compiled) -> Provenance:
    """The provenance of what was compiled just now."""
    return Provenance(compiled.provenance, lines(_reader(host.root)))


def lines(read: Callable[[str], bytes | None]) -> Locate:
    """Finds lines in the files that `read` gives, each read once."""
    from orun_core.compiler.yaml_source import locate

    content = cache(read)

    @cache
    def find(file: str, pointer: str) -> Location | None:
        data = content(file)
        return None if data is None else locate(data, file, pointer)

    return find


def _reader(root: Path, only: Mapping[str, str] | None = None) -> Callable[[str], bytes | None]:
    """Reads files of a workspace; with `only`, those that still have the digest given there."""

    def read(file: str) -> bytes | None:
        path = root / file
        if not path.is_file():
            return None
        data = path.read_bytes()
        return data if only is None or only.get(file) == "sha256:" + sha256(data).hexdigest() else None

    return read


def _provenance(host: Host, name: str, plan: Plan) -> Provenance | None:
    """The provenance of a plan: as stored, or in the file beside it; None where that is damaged or about another plan."""
    text: str | bytes | None = host.store.provenance(plan.metadata.checksum)
    beside = Path(name).with_suffix(".provenance.json")
    if text is None and beside.is_file():
        text = beside.read_bytes()
    try:
        tree = loads(text or "null")
    except ValueError:
        return None
    if not isinstance(tree, dict) or tree.get("checksum") != plan.metadata.checksum:
        return None
    inputs = {file.path: file.digest for file in plan.metadata.compiler.inputs}
    return Provenance(tree, lines(_reader(host.root, inputs)))


def _revision(host: Host, name: str, request: Request, unknown: OrunError) -> Operand:
    found = _git(host, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    if host.intent is None or found.returncode:
        raise unknown
    commit = found.stdout.decode().strip()
    try:
        compiled = compiled_at(host, commit, request)
    except OrunError as error:
        note = Diagnostic("usage/revision", f"this is about revision {name}, not the workspace", severity=Severity.NOTE)
        error.diagnostics = (*error.diagnostics, note)
        raise

    def read(file: str) -> bytes | None:
        shown = _git(host, "show", f"{commit}:./{file}")
        return None if shown.returncode else shown.stdout

    return Operand(name, compiled.plan, Provenance(compiled.provenance, lines(read)))


def compiled_at(host: Host, commit: str, request: Request) -> Compiled:
    """What the intent of this workspace compiles to at a commit; raises `UsageError` when git cannot read that."""
    if host.intent is None:
        raise UsageError(no_intent(Path.cwd()))
    top = Path(_git(host, "rev-parse", "--show-toplevel").stdout.decode().strip())
    if _git(host, "cat-file", "-e", f"{commit}:./{host.intent.name}").returncode:
        raise UsageError(Diagnostic("usage/revision", f"there is no {host.intent.name} in revision {commit[:12]}"))
    archive = _git(host, "archive", "--format=tar", commit, at=top)
    if archive.returncode:
        text = f'git cannot read revision "{commit}": {archive.stderr.decode(errors="replace").strip()}'
        raise UsageError(Diagnostic("usage/revision", text))
    with tempfile.TemporaryDirectory(prefix="orun-revision-") as folder:
        _unpack(archive.stdout, Path(folder))
        intent = Path(folder) / host.intent.resolve().relative_to(top.resolve())
        return replace(host, given_intent=intent, temporary=True).compile(request)


def _unpack(data: bytes, folder: Path) -> None:
    """Files and folders of git's own archive; links are left out: packages may not hold any."""
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:
            target = folder / member.name
            if member.isdir():
                target.mkdir(parents=True, exist_ok=True)
            elif member.isfile():
                target.parent.mkdir(parents=True, exist_ok=True)
                source = archive.extractfile(member)
                target.write_bytes(source.read() if source else b"")


def _git(host: Host, *arguments: str, at: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    environ = git_environ(host.environ)
    return subprocess.run(["git", *arguments], cwd=at or host.root, env=environ, capture_output=True, check=False)
