"""Constraints: rules in CEL under intent, group, environment, preset or composition, judged per instance or per job."""

from __future__ import annotations

import re
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from orun_core.compiler.sites import problem
from orun_core.spec.frozen import frozen
from orun_core.spec.nearest import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orun_core.spec.documents import Constraint, Intent
    from orun_core.spec.errors import Diagnostic
    from orun_core.spec.stages import NormalizedProject, Origin, ResolvedJob

CEL: Final = "cel"
"""The engine of constraints that name none."""
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


@frozen
class Rule:
    """A constraint ready to be judged.

    `scope`: whom it is about: `intent`, `group:NAME`, `environment:NAME`, `composition:TYPE`. `layer`: who wrote it: the scope, or
    `preset:SOURCE/NAME`.
    """

    constraint: Constraint
    scope: str
    layer: str
    origin: Origin
    rule: Any
    when: Any
    message: Any
    per_job: bool

    @property
    def name(self) -> str:
        """Name of the constraint, else its rule."""
        return self.constraint.name or self.constraint.rule


def rules_of(project: NormalizedProject, problems: list[Diagnostic]) -> tuple[Rule, ...]:
    """All constraints of a project, those in CEL compiled; what is wrong with them is added to `problems`."""
    declared = tuple(_declared(project))
    first = next((origin for _, _, origin, constraint in declared if constraint.engine == CEL), None)
    if first is not None and find_spec("cel") is None:
        hint = 'install it: pip install "orun-core[policy]"'
        problems.append(problem("policy/no-cel", "constraints are in CEL, which is not installed here", first, hint))
        return ()
    return tuple(_rule(*one, problems) for one in declared)


def _declared(project: NormalizedProject) -> Iterator[tuple[str, str, Origin, Constraint]]:
    """Scope, layer, place and constraint."""
    presets = {preset.origin.file: f"preset:{preset.name}" for preset in reversed(project.loaded.presets)}
    for scope, keys, constraints in _sections(project.intent):
        for index, constraint in enumerate(constraints):
            origin = project.origin(*keys, "constraints", index)
            yield scope, presets.get(origin.file, scope), origin, constraint
    seen = {id(composition): composition for composition in project.chosen.values()}
    for composition in sorted(seen.values(), key=lambda composition: (composition.type, composition.source)):
        scope = f"composition:{composition.type}"
        for index, constraint in enumerate(composition.constraints):
            yield scope, scope, composition.origin.at("spec", "constraints", index), constraint


def _sections(intent: Intent) -> Iterator[tuple[str, tuple[str, ...], tuple[Constraint, ...]]]:
    yield "intent", (), intent.constraints
    for name, group in sorted(intent.groups.items()):
        yield f"group:{name}", ("groups", name), group.constraints
    for name, environment in sorted(intent.environments.items()):
        yield f"environment:{name}", ("environments", name), environment.constraints


def _rule(scope: str, layer: str, origin: Origin, constraint: Constraint, problems: list[Diagnostic]) -> Rule:
    if constraint.severity not in SEVERITIES:
        text = f'severity "{constraint.severity}" is none of {", ".join(SEVERITIES)}'
        problems.append(problem("policy/bad-constraint", text, origin.at("severity")))
    if not constraint.rule.strip():
        problems.append(problem("policy/bad-constraint", "a constraint needs a rule", origin))
    elif constraint.engine == CEL:
        rule = _program(constraint.rule, origin.at("rule"), problems)
        when = _program(constraint.when, origin.at("when"), problems) if constraint.when else None
        message = _message(constraint.message)
        programs = (program for program in (rule, when, message) if program is not None)
        per_job = any(PER_JOB & set(program.variables()) for program in programs)
        return Rule(constraint, scope, layer, origin, rule, when, message, per_job)
    return Rule(constraint, scope, layer, origin, None, None, None, per_job=True)


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
        hint = did_you_mean(name, VARIABLES)
        text_ = f'unknown variable "{name}" in "{text}"'
        problems.append(problem("policy/bad-constraint", text_, origin, hint))
    unknown = (n for n in sorted(program.functions()) if n.isidentifier() and n[0] != "_" and n not in FUNCTIONS)
    problems += (
        problem(
            "policy/bad-constraint", f'unknown function "{name}" in "{text}"', origin, did_you_mean(name, FUNCTIONS)
        )
        for name in unknown
    )
    return program


def _first_error(text: str) -> str:
    line = next((part for part in text.splitlines() if "ERROR" in part), text.splitlines()[0])
    if "ERROR" not in line:
        return text.splitlines()[0]
    return "not a CEL expression: " + line.partition("ERROR: <input>:")[2].partition(" expecting {")[0]


def _message(text: str) -> Any:
    """The message as a program when it is an expression over known names, else None: it is plain text."""
    import cel

    if not any(mark in text for mark in "\"'+.("):
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
        holds = rule.rule.execute(context)
        if not isinstance(holds, bool):
            return f"{rule.constraint.rule} is {holds!r}, neither true nor false"
        if holds:
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
