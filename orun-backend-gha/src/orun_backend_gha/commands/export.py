"""`orun github export`: a plan as a workflow, and the check that it still is."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click
from orun_core.spec.errors import Diagnostic, RunError, Severity, UsageError

from orun_backend_gha.commands.pin import movable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orun_core.spec.host import Host
    from orun_core.spec.plan import Plan

DEFAULT = ".github/workflows/orun.yml"


@click.command("export")
@click.argument("plan", default="latest", metavar="[PLAN]")
@click.option(
    "-o", "--output", default="", metavar="PATH", help=f"The workflow's file, {DEFAULT} by default; - prints it."
)
@click.option(
    "--style",
    type=click.Choice(["native", "orun"]),
    default="native",
    show_default=True,
    help="Steps of Actions, or orun in each job.",
)
@click.option(
    "--runner", default="ubuntu-latest", show_default=True, metavar="LABEL", help="Runner of jobs that name none."
)
@click.option("--pin", multiple=True, metavar="ACTION@REF=COMMIT", help="Commit to lock for an action; repeatable.")
@click.option("--check", is_flag=True, help="Write nothing; fail when the files are not what would be written.")
@click.pass_obj
def export(host: Host, plan: str, output: str, style: str, runner: str, pin: tuple[str, ...], check: bool) -> None:
    """Write PLAN (a file, a name, a checksum; `latest`) as a workflow of GitHub Actions."""
    from orun_backend_gha.export import export as exported

    chosen = host.plan(plan)
    repository = _repository(host.root)
    root = host.root.resolve().relative_to(repository).as_posix().removeprefix(".")
    path = Path(os.path.relpath(Path(output).resolve(), repository)).as_posix() if output not in ("", "-") else DEFAULT
    locked = host.locked_actions
    pins = {**locked, **_pins(pin)}
    options = {"path": path, "style": style, "runner": runner, "pins": pins, "root": root}
    files = exported(chosen, options)
    host.report(_unpinned(chosen, pins) if style == "native" else ())
    if output == "-":
        for content in files.values():
            click.echo(content.decode(), nl=False)
        return
    left = _left_over(repository, path, files)
    if check:
        _demand_same(files, left, repository)
    else:
        if pins != locked:
            host.lock_actions(pins)
        for name, content in files.items():
            write(repository / name, content)
            click.echo(name)
        for name in left:
            (repository / name).unlink()
            click.echo(f"{name} removed")


def write(path: Path, content: bytes) -> None:
    """Replace a file in one step; a pipe or a device is written to and stays what it is."""
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
        os.fchmod(file.fileno(), 0o644)
    Path(temporary).replace(path)


def _demand_same(files: Mapping[str, bytes], left: list[str], repository: Path) -> None:
    drifted = [name for name, content in files.items() if not _is(repository / name, content)]
    hint = "export the plan again and commit the files"
    problems = [
        *(Diagnostic("github/export-drift", f"{name} is not what the plan exports", hint=hint) for name in drifted),
        *(Diagnostic("github/export-drift", f"{name} is a part of an earlier export", hint=hint) for name in left),
    ]
    if problems:
        raise RunError(problems)


def _left_over(repository: Path, path: str, files: Mapping[str, bytes]) -> list[str]:
    """Parts that an earlier export of a larger plan wrote beside `path`, and this one does not have."""
    from orun_backend_gha.export import HEAD

    whole = repository / path
    parts = sorted(whole.parent.glob(f"{whole.stem}-[0-9]*{whole.suffix}")) if whole.parent.is_dir() else []
    names = {
        part: part.relative_to(repository).as_posix() for part in parts if part.stem[len(whole.stem) + 1 :].isdigit()
    }
    return [name for part, name in names.items() if name not in files and part.read_bytes().startswith(HEAD.encode())]


def _is(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _repository(root: Path) -> Path:
    """The checkout that the intent's folder is in, or that folder."""
    command = ["git", "rev-parse", "--show-toplevel"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    return Path(done.stdout.strip()).resolve() if done.returncode == 0 else root.resolve()


def _pins(given: tuple[str, ...]) -> dict[str, str]:
    from orun_backend_gha.workflow_step import SHA

    pins = {}
    for pin in given:
        action, _, commit = pin.partition("=")
        if "@" not in action or not SHA.fullmatch(commit):
            message = f"--pin {pin!r} is not ACTION@REF=COMMIT with a whole commit"
            raise UsageError(Diagnostic("usage/command-line", message))
        pins[action] = commit
    return pins


def _unpinned(plan: Plan, pins: Mapping[str, str]) -> tuple[Diagnostic, ...]:
    loose = movable(plan, pins)
    if not loose:
        return ()
    message = f"actions without a commit: {', '.join(loose)}"
    hint = "a tag can be moved; `orun github pin` locks the commits"
    return (Diagnostic("github/unpinned-action", message, hint=hint, severity=Severity.WARNING),)
