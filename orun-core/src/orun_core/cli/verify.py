"""`orun verify`: is this plan what it says, and do the sources still compile to it?"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import click

from orun_core.spec.errors import CompileError, Diagnostic, PlanError, PolicyError, Severity
from orun_core.spec.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orun_core.host import Host
    from orun_core.spec.plan import Plan


@frozen
class Check:
    """One thing that was looked at; `problems` is empty when it is right."""

    name: str
    problems: tuple[Diagnostic, ...] = ()
    note: str = ""


@click.command("verify")
@click.argument("plan")
@click.option("--key", metavar="FILE", default="", help="Public key (PEM) that must have signed the plan.")
@click.option("--signature", metavar="FILE", default="", help="Signature file; PLAN.sig by default.")
@click.option(
    "--as-of", metavar="DATE", default="", help="Day against which waivers expire; by default a day on which they hold."
)
@click.option("--sealed-only", is_flag=True, help="Look at the file alone: schema, seal and signature.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "sarif"]), default="text", help="Form of the output."
)
@click.pass_obj
def command(host: Host, /, plan: str, key: str, signature: str, as_of: str, sealed_only: bool, form: str) -> None:
    """Verify a plan: schema, seal, signature, lock, inputs, and that the sources compile to the same bytes."""
    host.reporter.format = form
    found = host.plan(plan)
    checks = [Check("schema and seal")]
    if key:
        checks.append(_signature(plan, key, signature))
    if not sealed_only:
        checks += [_lock(host, found), _inputs(host, found), _sources(host, found, plan, as_of)]
    if form == "json":
        host.reporter.result = {
            "plan": found.metadata.checksum,
            "checks": [{"name": c.name, "ok": not c.problems} for c in checks],
        }
    elif form == "text":
        for check in checks:
            click.echo(f"{'✗' if check.problems else '✓'} {check.name}{f'  ({check.note})' if check.note else ''}")
    problems = [problem for check in checks for problem in check.problems]
    if problems:
        raise PlanError(problems)


def _signature(plan: str, key: str, signature: str) -> Check:
    from orun_core.cli.sign import PREDICATE
    from orun_core.spec.attestation import AttestationError, public_key, verify

    path = Path(signature or f"{plan}.sig")
    try:
        verify(path.read_bytes(), sha256(Path(plan).read_bytes()).hexdigest(), PREDICATE, public_key(Path(key)))
    except OSError as error:
        problem = Diagnostic(
            "plan/signature", f"cannot read {error.filename}: {error.strerror}", hint="sign it with `orun sign`"
        )
        return Check("signature", (problem,))
    except AttestationError as error:
        return Check("signature", (Diagnostic("plan/signature", f"{path}: {error}"),))
    return Check("signature", note=key)


def _lock(host: Host, plan: Plan) -> Check:
    """Packages of the plan against the lock of this workspace, when it has one."""
    from orun_core.compiler.lockfile import read_lock

    try:
        lock = read_lock(host.root)
    except CompileError as error:
        return Check("lock", error.diagnostics)
    if lock is None:
        return Check("lock", note="this workspace has none")
    locked = {source.name: source.digest for source in lock.sources}
    problems = tuple(
        Diagnostic(
            "plan/lock",
            f'package "{source.name}" is {source.resolved_digest} in the plan and {locked.get(source.name, "absent")} in the lock',
            hint="compile the plan again, or update the lock with `orun compositions lock`",
        )
        for source in plan.spec.composition_sources
        if locked.get(source.name) != source.resolved_digest
    )
    return Check("lock", problems)


def _inputs(host: Host, plan: Plan) -> Check:
    return Check("inputs", tuple(_changed_inputs(host.root, plan)))


def _changed_inputs(root: Path, plan: Plan) -> Iterator[Diagnostic]:
    for file in plan.metadata.compiler.inputs:
        path = root / file.path
        if not path.is_file():
            yield Diagnostic("plan/input", f"{file.path} is gone; the plan was compiled from it")
        elif "sha256:" + sha256(path.read_bytes()).hexdigest() != file.digest:
            yield Diagnostic("plan/input", f"{file.path} is not what the plan was compiled from")


def _sources(host: Host, plan: Plan, name: str, as_of: str) -> Check:
    """Compile what the plan recorded again; what stops that is a difference too."""
    from orun_core.cli.drift import drift
    from orun_core.spec.stages import Recorded, Request

    if host.intent is None:
        return Check("sources", note="no intent here to compile from")
    recorded = Recorded(plan.metadata.trigger, plan.metadata.selection)
    dates = [waiver.expires for job in plan.jobs for waiver in job.waivers]
    try:
        compiled = host.compile(Request(recorded=recorded, as_of=as_of or min(dates, default="")))
    except (CompileError, PolicyError) as error:
        text = f"the sources of {name} do not compile any more"
        wrong = (d for d in error.diagnostics if d.severity is Severity.ERROR)
        return Check("sources", (Diagnostic("plan/drift", text, hint="the problems follow"), *wrong))
    found = drift(host, plan, compiled, name)
    return Check("sources", (found,)) if found else Check("sources", note="they compile to the same bytes")
