"""Constraints: rules in CEL under intent, group, environment, preset or composition, judged per instance or per job."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from orun_core.compiler.sites import problem
from orun_core.spec.errors import CompileError, Diagnostic
from orun_core.spec.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orun_core.spec.documents import Constraint, Environment, Group
    from orun_core.spec.stages import NormalizedProject, Origin, ResolvedJob

VARIABLES: Final = (
    "component",
    "environment",
    "parameters",
    "env",
    "labels",
    "profile",
    "trigger",
    "job",
    "steps",
    "edges",
)
PER_JOB: Final = frozenset(("job", "steps", "edges"))
SEVERITIES: Final = ("deny", "warn", "info")
FUNCTIONS: Final = frozenset(
    (
        *(
            "size",
            "contains",
            "startsWith",
            "endsWith",
            "matches",
            "has",
            "all",
            "exists",
            "exists_one",
            "map",
            "filter",
        ),
        *("int", "uint", "double", "string", "bool", "bytes", "type", "duration", "timestamp", "min", "max", "abs"),
        *(
            "lowerAscii",
            "upperAscii",
            "split",
            "join",
            "replace",
            "trim",
            "indexOf",
            "lastIndexOf",
            "substring",
            "charAt",
        ),
    )
)
MAX_LENGTH: Final = 4000
MAX_COMPREHENSIONS: Final = 4
"""Budget: only comprehensions inside each other multiply the work; CEL has no other way to run long."""

_MACRO = re.compile(r"\.\s*(?:all|exists|exists_one|map|filter)\s*\(\s*([A-Za-z_]\w*)\s*,")


@dataclass(frozen=True, slots=True)
class Rule:
    """A constraint ready to be judged. `scope`: `intent`, `group:NAME`, `environment:NAME`, `composition:TYPE`."""

    constraint: Constraint
    scope: str
    origin: Origin
    rule: Any
    when: Any
    message: Any
    per_job: bool

    @property
    def name(self) -> str:
        """Name of the constraint, else its rule."""
        return self.constraint.name or self.constraint.rule


def rules_of(project: NormalizedProject) -> tuple[Rule, ...]:
    """All constraints of a project, compiled; raises `CompileError` with every one that is wrong."""
    problems: list[Diagnostic] = []
    rules = []
    for scope, origin, constraint in _declared(project):
        if constraint.engine != "cel":
            continue
        found = _compiled(scope, origin, constraint, problems)
        rules += [found] if found else []
    if problems:
        raise CompileError(problems)
    return tuple(rules)


def foreign_rules(project: NormalizedProject) -> Iterator[tuple[str, Origin, Constraint]]:
    """Constraints of other engines: (scope, origin, constraint)."""
    return (found for found in _declared(project) if found[2].engine != "cel")


def _declared(project: NormalizedProject) -> Iterator[tuple[str, Origin, Constraint]]:
    intent = project.intent
    for index, constraint in enumerate(intent.constraints):
        yield "intent", project.origin("constraints", index), constraint
    scopes: tuple[tuple[str, Mapping[str, Group | Environment]], ...] = (
        ("groups", intent.groups),
        ("environments", intent.environments),
    )
    for section, owners in scopes:
        for name in sorted(owners):
            for index, constraint in enumerate(owners[name].constraints):
                yield f"{section[:-1]}:{name}", project.origin(section, name, "constraints", index), constraint
    seen = {id(composition): composition for composition in project.chosen.values()}
    for composition in sorted(seen.values(), key=lambda composition: (composition.type, composition.source)):
        for index, constraint in enumerate(composition.constraints):
            yield f"composition:{composition.type}", composition.origin.at("spec", "constraints", index), constraint


def _compiled(scope: str, origin: Origin, constraint: Constraint, problems: list[Diagnostic]) -> Rule | None:
    before = len(problems)
    if constraint.severity not in SEVERITIES:
        text = f'severity "{constraint.severity}" is none of {", ".join(SEVERITIES)}'
        problems.append(problem("policy/bad-constraint", text, origin.at("severity")))
    if not constraint.rule.strip():
        problems.append(problem("policy/bad-constraint", "a constraint needs a rule", origin))
        return None
    rule = _program(constraint.rule, origin.at("rule"), problems)
    when = _program(constraint.when, origin.at("when"), problems) if constraint.when else None
    message = _message(constraint.message)
    if len(problems) > before:
        return None
    per_job = any(PER_JOB & set(program.variables()) for program in (rule, when, message) if program is not None)
    return Rule(constraint, scope, origin, rule, when, message, per_job)


def _program(text: str, origin: Origin, problems: list[Diagnostic]) -> Any:
    """A compiled expression whose names are all known; problems are added."""
    import cel

    if len(text) > MAX_LENGTH or len(_MACRO.findall(text)) > MAX_COMPREHENSIONS:
        hint = f"at most {MAX_LENGTH} characters and {MAX_COMPREHENSIONS} comprehensions"
        problems.append(problem("policy/bad-constraint", "the expression is over its budget", origin, hint))
        return None
    try:
        program = cel.compile(text)
    except ValueError as error:
        problems.append(problem("policy/bad-constraint", _first_error(str(error)), origin))
        return None
    bound = set(_MACRO.findall(text))
    for name in sorted(set(program.variables()) - bound - set(VARIABLES)):
        hint = nearest(name, VARIABLES)
        text_ = f'unknown variable "{name}" in "{text}"'
        problems.append(problem("policy/bad-constraint", text_, origin, hint))
    unknown = (n for n in sorted(program.functions()) if n.isidentifier() and n[0] != "_" and n not in FUNCTIONS)
    problems += (
        problem("policy/bad-constraint", f'unknown function "{name}" in "{text}"', origin, nearest(name, FUNCTIONS))
        for name in unknown
    )
    return program


def _first_error(text: str) -> str:
    line = next((part for part in text.splitlines() if "ERROR" in part), text.splitlines()[0])
    return "not a CEL expression: " + line.partition("ERROR: <input>:")[2] if "ERROR" in line else text.splitlines()[0]


def _message(text: str) -> Any:
    """The message as a program when it is an expression over known names, else None: it is plain text."""
    import cel

    if not any(mark in text for mark in ('"', "'", "+")):
        return None
    try:
        program = cel.compile(text)
    except ValueError:
        return None
    return program if set(program.variables()) <= set(VARIABLES) else None


def applies(rule: Rule, job: ResolvedJob) -> bool:
    """True when the job is in the rule's scope."""
    kind, _, name = rule.scope.partition(":")
    instance = job.bound.instance
    subject = {
        "group": instance.component.value.domain,
        "environment": instance.environment,
        "composition": instance.composition.type,
    }
    return kind == "intent" or subject[kind] == name


def judge(rule: Rule, context: dict[str, Any]) -> str | None:
    """None when the rule holds, else the message. A rule that cannot be evaluated does not hold."""
    try:
        if rule.when is not None and not rule.when.execute(context):
            return None
        if rule.rule.execute(context) is True:
            return None
        said = rule.message.execute(context) if rule.message is not None else rule.constraint.message
    except (KeyError, RuntimeError, TypeError, ValueError) as error:
        return f"cannot be evaluated: {error}"
    return str(said) or f"{rule.constraint.rule} is false"


def context_of(job: ResolvedJob, project: NormalizedProject) -> dict[str, Any]:
    """The variables of a constraint for one job."""
    from orun_core.spec.tree import document

    instance, template = job.bound.instance, job.bound.template.value
    value = instance.component.value
    return {
        "component": {
            "name": value.name,
            "type": value.type,
            "domain": value.domain,
            "path": instance.path,
            "owner": value.owner,
            "labels": dict(value.labels),
            "dependsOn": [dependency.component for dependency in value.depends_on],
        },
        "environment": {"name": instance.environment},
        "parameters": dict(instance.parameters),
        "env": dict(instance.env),
        "labels": dict(value.labels),
        "profile": instance.profile,
        "trigger": document(project.trigger),
        "job": {
            "id": job.id,
            "name": job.bound.name,
            "runsOn": template.runs_on,
            "timeout": template.timeout,
            "retries": template.retries,
            "dependsOn": list(job.depends_on),
        },
        "steps": [
            {"run": "", "use": "", "shell": "", "timeout": "", **document(bound.step)} for bound in job.bound.steps
        ],
        "edges": [document(dependency) for dependency in job.dependencies],
    }
