"""`orun explain`: where a value, step or edge of a job came from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from orun_core.cli.names import unknown
from orun_core.cli.request import compile_options, request_from
from orun_core.cli.revisions import operand
from orun_core.spec.errors import Diagnostic, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orun_core.host import Host
    from orun_core.plan.explain import Explanation, Source
    from orun_core.spec.plan import Job, Plan


@click.command("explain")
@click.argument("job")
@click.argument("field", required=False, default="")
@click.option(
    "--plan", "reference", metavar="PLAN", default="", help="Plan to look at; the workspace, compiled, by default."
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Form of the output.")
@compile_options
@click.pass_obj
def command(host: Host, /, job: str, field: str, reference: str, form: str, **options: Any) -> None:
    """Explain a job, or one FIELD of it: parameters.NAME, env.NAME, steps.NAME, dependsOn.JOB, profile, path …"""
    found = operand(host, reference, request_from(host, options))
    if found.provenance is None:
        hint = "compile it here with `orun plan`, or explain the workspace without --plan"
        raise UsageError(
            Diagnostic("plan/no-provenance", f"the provenance of {found.name} is not stored here", hint=hint)
        )
    subject = find_job(found.plan, job)
    try:
        explained = [found.provenance.explain(subject, field)] if field else list(found.provenance.fields(subject))
    except KeyError:
        known = [e.field for e in found.provenance.fields(subject)]
        raise UsageError(unknown("field", field, known)) from None
    if form == "json":
        host.reporter.format = "json"
        host.reporter.result = {"job": subject.id, "fields": [_tree(e) for e in explained]}
    else:
        click.echo("\n".join([subject.id, *(line for e in explained for line in _lines(e))]))


def find_job(plan: Plan, name: str) -> Job:
    """A job by id (`component.environment.job` or `component@environment.job`) or unique prefix; raises `UsageError`."""
    wanted = name.replace("@", ".", 1)
    matches = [job for job in plan.jobs if job.id == wanted] or [job for job in plan.jobs if job.id.startswith(wanted)]
    if len(matches) == 1:
        return matches[0]
    if matches:
        listed = ", ".join(job.id for job in matches[:8])
        raise UsageError(
            Diagnostic("usage/ambiguous-name", f'"{name}" begins {len(matches)} jobs', hint=f"for example {listed}")
        )
    places = sorted({f"{job.component}.{job.environment}" for job in plan.jobs})
    raise UsageError(unknown("job", name, [*(job.id for job in plan.jobs), *places]))


def _tree(explanation: Explanation) -> dict[str, Any]:
    return {
        "field": explanation.field,
        "value": explanation.value,
        "rule": explanation.rule,
        "decided": source_tree(explanation.decided),
        "overridden": [source_tree(source) for source in explanation.overridden],
    }


def source_tree(source: Source | None) -> dict[str, Any] | None:
    """An authored value as JSON; `line` and `column` when they are known."""
    if source is None:
        return None
    where = source.where
    place = {"line": where.line, "column": where.column} if where.line else {}
    return {"layer": source.layer, "file": source.file, "pointer": source.pointer, **place, "value": source.value}


def _lines(explanation: Explanation) -> Iterator[str]:
    value = (
        explanation.value if isinstance(explanation.value, str) else json.dumps(explanation.value, ensure_ascii=False)
    )
    first, *more = value.rstrip("\n").split("\n")
    yield f"  {explanation.field}: {first}".rstrip()
    yield from (f"    {line}" for line in more)
    yield f"    · {explanation.rule}"
    if explanation.decided:
        yield f"    ← {_place(explanation.decided)}"
    for source in explanation.overridden:
        what = "" if source.value is None else f"{json.dumps(source.value, ensure_ascii=False)} of "
        yield f"    ⤷ overrides {what}{_place(source)}"


def _place(source: Source) -> str:
    return f"{source}  ({source.layer})" if source.layer else str(source)
