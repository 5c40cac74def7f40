"""`orun stack init | lint | test | preview`: the package author's kit."""

from __future__ import annotations

import difflib
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orun_core.cli.stack_preview import preview
from orun_core.spec.errors import CompileError, Diagnostic, Location, OrunError, UsageError
from orun_core.state.durable import write_whole

if TYPE_CHECKING:
    from orun_core.host import Host

GOLDEN = "jobs.json"
VOLATILE = frozenset({"uid", "digest"})
root_option = click.option("--root", metavar="DIR", default=".", help="Folder of stack.yaml; here by default.")


@click.group("stack")
def command() -> None:
    """Start, check and test a stack, and see what an upgrade of it changes."""


command.add_command(preview)


@command.command("init")
@click.argument("folder", default=".")
@click.option("--name", metavar="NAME", default="", help="Name of the stack; that of its folder by default.")
def init(folder: str, name: str) -> None:
    """Write a small stack with a composition and a test."""
    from orun_core.cli.stack_scaffold import FILES

    root = Path(folder)
    if (root / "stack.yaml").exists():
        raise UsageError(Diagnostic("stack/exists", f"{root / 'stack.yaml'} is there already"))
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        write_whole(root / path, text.replace("NAME", name or root.resolve().name).encode())
        click.echo(root / path)
    click.echo("next: orun stack test --update, then look at what it wrote")


@command.command("lint")
@root_option
@click.pass_obj
def lint(host: Host, root: str) -> None:
    """Validate every document of a stack, as `orun pack` and `orun publish` do."""
    packed = host.pack(Path(root))
    for field in ("version", "description"):
        if not getattr(packed, field):
            hint = "people choose packages by it"
            problem = Diagnostic(
                "stack/incomplete", f"stack.yaml has no metadata.{field}", Location("stack.yaml"), hint
            )
            host.report([problem.warning()])
    click.echo(f"✓ {packed.name} {packed.version}".rstrip() + f": {len(packed.files)} files are valid")


@command.command("test")
@root_option
@click.option("--update", is_flag=True, help="Write the jobs that are compiled as the expected ones.")
@click.pass_obj
def test(host: Host, root: str, update: bool) -> None:
    """Compile every `tests/*/intent.yaml` of a stack and compare its jobs with `jobs.json` beside it."""
    cases = sorted(Path(root).glob("tests/*/intent.yaml"))
    if not cases:
        hint = "`orun stack init` writes one to start from"
        raise UsageError(Diagnostic("stack/no-tests", f"{Path(root)} has no tests/*/intent.yaml", hint=hint))
    problems: list[Diagnostic] = []
    for intent in cases:
        try:
            found = _jobs(host, intent)
        except OrunError as error:
            problems += [_of_case(problem, intent) for problem in error.diagnostics]
            continue
        golden = intent.with_name(GOLDEN)
        if update:
            write_whole(golden, found.encode())
        elif difference := _difference(golden, found):
            problems.append(difference)
            continue
        click.echo(f"✓ {intent.parent.name}: {found.count(chr(10) + '  {')} jobs")
    if problems:
        raise CompileError(problems)


def _jobs(host: Host, intent: Path) -> str:
    """The jobs of an intent, without what follows from the package's own digest."""
    from orun_core.spec.stages import Request
    from orun_core.spec.tree import document

    tree: dict[str, Any] = document(replace(host, given_intent=intent.resolve()).compile(Request()).plan)
    jobs = [{key: value for key, value in job.items() if key not in VOLATILE} for job in tree["jobs"]]
    return json.dumps(jobs, indent=2, ensure_ascii=False) + "\n"


def _difference(golden: Path, found: str) -> Diagnostic | None:
    if not golden.is_file():
        text, hint = f"{golden} is missing", "`orun stack test --update` writes it"
        return Diagnostic("stack/test-differs", text, Location(str(golden)), hint)
    expected = golden.read_text(encoding="utf-8")
    if expected == found:
        return None
    lines = difflib.unified_diff(expected.splitlines(), found.splitlines(), "expected", "compiled", lineterm="")
    hint = "if the change is wanted, write it with `orun stack test --update`"
    text = f"{golden.parent.name}: the jobs are not the expected ones\n" + "\n".join(lines)
    return Diagnostic("stack/test-differs", text, Location(str(golden)), hint)


def _of_case(problem: Diagnostic, intent: Path) -> Diagnostic:
    return replace(problem, message=f"{intent.parent.name}: {problem.message}")
