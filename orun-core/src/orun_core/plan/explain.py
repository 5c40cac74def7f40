"""Where the values of a plan came from, read from its provenance document; the sources themselves are not needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from orun_core.spec.errors import Location
from orun_core.spec.json_form import json_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orun_core.spec.plan import Job, Step

Locate: TypeAlias = Callable[[str, str], Location | None]
"""(file, JSON pointer) → the place with its line, None when the file is not known."""

LAYERED: Final = {
    "parameters": "parameters",
    "env": "env",
    "secretRefs": "secretEnv",
    "policies": "policies",
    "path": "path",
}
"""Field of a job → name of its layers in the provenance document."""

STEP_RULES: Final = {
    "composition": "the job's template",
    "profile": "the profile's stepOverrides",
    "component": "overrides.steps of the component",
}
"""Who wrote a step → the rule in words."""

TEMPLATE_FIELDS: Final = frozenset(
    ("runsOn", "timeout", "retries", "services", "outputs", "concurrency", "name", "job")
)


@dataclass(frozen=True, slots=True)
class Source:
    """One authored value: the layer that wrote it, where it stands, and the value as written."""

    layer: str
    file: str
    pointer: str
    value: Any = None
    locate: Locate | None = field(default=None, compare=False, repr=False)

    @property
    def where(self) -> Location:
        """The place, with line and column when the file as it was compiled is at hand."""
        found = self.locate(self.file, self.pointer) if self.locate else None
        return found or Location(self.file, pointer=self.pointer)

    def __str__(self) -> str:
        """`file:line:column`, or `file#/pointer` when the line is not known."""
        where = self.where
        return str(where) if where.line else f"{self.file}#{self.pointer}"


@dataclass(frozen=True, slots=True)
class Explanation:
    """A field of a job: its final value, the rule that decided it in words, who set it, and what that overrode (nearest first)."""

    field: str
    value: Any
    rule: str
    decided: Source | None = None
    overridden: tuple[Source, ...] = ()


class Provenance:
    """A provenance document (`<checksum>.provenance.json`)."""

    def __init__(self, document: Mapping[str, Any], locate: Locate | None = None) -> None:
        """`document` is the parsed JSON; `locate` finds the line of a JSON pointer in one of its files, or None."""
        self._document = document
        self._locate = locate

    def explain(self, job: Job, field: str) -> Explanation:
        """One field: `parameters.replicas`, `env.REGION`, `steps.build`, `dependsOn.db.dev.apply`, `profile`, `path`, `timeout` …

        Raises `KeyError` when the job has no such field.
        """
        head, _, rest = field.partition(".")
        record = self._document["jobs"][job.id]
        if head == "steps" and rest:
            return self._step(job, rest, record)
        if head in ("dependsOn", "advisoryDependsOn") and rest:
            return self._edge(job, head, rest, record)
        if head in LAYERED:
            return self._layered(job, head, rest, record)
        return self._simple(job, field, record)

    def fields(self, job: Job) -> Iterator[Explanation]:
        """Everything about a job that has an origin, in reading order."""
        for simple in ("composition", "environment", "profile", "dependencyMode", "path", "runsOn", "timeout"):
            yield self.explain(job, simple)
        for section, names in (
            ("parameters", job.parameters),
            ("env", job.env),
            ("policies", {p.name: p for p in job.policies}),
        ):
            for name in sorted(names):
                yield self.explain(job, f"{section}.{name}")
        for ref in job.secret_refs:
            yield self.explain(job, f"secretRefs.{ref.as_env}")
        for index in range(len(job.steps)):
            yield self.explain(job, f"steps.{index}")
        for target in (*job.depends_on, *job.advisory_depends_on):
            kind = "dependsOn" if target in job.depends_on else "advisoryDependsOn"
            yield self.explain(job, f"{kind}.{target}")

    # --- kinds of fields --------------------------------------------------------------------------------------------

    def _layered(self, job: Job, head: str, name: str, record: Mapping[str, Any]) -> Explanation:
        key = "path" if head == "path" else name
        value = job.path if head == "path" else _member(job, head, name)
        sources = [
            self._source(layer["name"], layer["at"], layer["values"][key], key)
            for layer in (self._document["layers"][number] for number in record["layers"].get(LAYERED[head], ()))
            if key in layer["values"]
        ]
        if not sources:
            rule, at = self._unlayered(job, head, name, record)
            return Explanation(_dotted(head, name), value, rule, at)
        *overridden, decided = sources
        return Explanation(
            _dotted(head, name), value, "the last layer that sets it", decided, tuple(reversed(overridden))
        )

    def _unlayered(self, job: Job, head: str, name: str, record: Mapping[str, Any]) -> tuple[str, Source]:
        """(rule, place) of a value that no layer sets."""
        component = record["component"]
        if head == "path":
            return "the file's folder, or ./", self._source("", component)
        if head == "secretRefs":
            if next(ref.optional for ref in job.secret_refs if ref.as_env == name):
                return "an optional secret of the component", self._source(
                    "", component, key=f"optionalSecretEnv/{name}"
                )
            return "bound by the profile", self._source("", record["profile"] or component, key="secretBindings")
        return "nobody set it", self._source("", component)

    def _step(self, job: Job, name: str, record: Mapping[str, Any]) -> Explanation:
        """`build`, `0`, or a field of it such as `build.run`; step ids may have dots."""
        names = [step["id"] for step in record["steps"]]
        wanted, _, inside = (name, "", "") if name in names else name.partition(".")
        if not inside and name not in names and not name.isdigit():
            wanted, _, inside = name.rpartition(".")
        index = names.index(wanted) if wanted in names else int(wanted) if wanted.isdigit() else len(names)
        if index >= len(names):
            raise KeyError(name)
        step, found = record["steps"][index], job.steps[index]
        changed = step.get("changed", {})
        exec_field = inside or ("run" if found.run else "use")
        value = _attribute(found, exec_field)
        written = self._source("composition" if changed else step["layer"], step["at"], key=inside)
        field = f"steps.{step['id']}" + (f".{inside}" if inside else "")
        if exec_field in changed:
            decided = self._source("profile", changed[exec_field])
            return Explanation(field, value, STEP_RULES["profile"], decided, (written,))
        rule = STEP_RULES["composition" if changed else step["layer"]]
        return Explanation(field, value, rule, written)

    def _edge(self, job: Job, kind: str, target: str, record: Mapping[str, Any]) -> Explanation:
        if target not in record["edges"]:
            raise KeyError(target)
        edge = next(d for d in job.dependencies if d.job == target)
        rule = f"{edge.kind}, {edge.mode}: {edge.reason}"
        return Explanation(f"{kind}.{target}", target, rule, self._source(edge.kind, record["edges"][target]))

    def _simple(self, job: Job, field: str, record: Mapping[str, Any]) -> Explanation:
        if field == "profile":
            rule = {
                "subscription-rule": f"profile rule for trigger {job.profile_rule_trigger_ref}",
                "subscription": "the subscription's profile",
                "composition-default": "the composition's defaultProfile",
                "legacy-none": "the composition has no profiles",
            }[job.profile_source]
            at = record["profileChoice"] or record["component"]
            return Explanation(field, job.profile or "none", rule, self._source("", at))
        if field == "dependencyMode":
            via = f" for trigger {job.dependency_rule_trigger_ref}" if job.dependency_rule_trigger_ref else ""
            return Explanation(field, job.dependency_mode, f"{job.dependency_source}{via}")
        head, _, name = field.partition(".")
        if head == "labels" and name in job.labels:
            at = self._source("", record["component"], key=field.replace(".", "/", 1))
            return Explanation(field, job.labels[name], "a label of the component", at)
        if field == "environment":
            rule = "the component goes there, by its subscription or the environment's selectors"
            return Explanation(field, job.environment, rule, self._source("", record["environment"]))
        if field == "composition":
            at = self._source("", record["component"], key="type")
            return Explanation(field, job.composition, "the component's type", at)
        if head in TEMPLATE_FIELDS:
            at = self._source("", record["template"], key=field.replace(".", "/"))
            return Explanation(field, _attribute(job, head), "the job's template", at)
        return Explanation(field, _attribute(job, field), "derived from the rest of the job")

    def _source(self, layer: str, at: list[Any], value: Any = None, key: str = "") -> Source:
        number, pointer = at
        inside = f"{pointer}/{key}" if key else pointer
        return Source(layer, self._document["files"][number], inside, value, self._locate)


def _dotted(head: str, name: str) -> str:
    return f"{head}.{name}" if name else head


def _member(job: Job, head: str, name: str) -> Any:
    values: Mapping[str, Any] = {
        "parameters": job.parameters,
        "env": job.env,
        "policies": {policy.name: policy.value for policy in job.policies},
        "secretRefs": {ref.as_env: ref.ref for ref in job.secret_refs},
    }[head]
    return values[name]


def _attribute(owner: Job | Step, field: str) -> Any:
    for name in owner.__dataclass_fields__:
        if json_name(name) == field:
            return getattr(owner, name)
    raise KeyError(field)
