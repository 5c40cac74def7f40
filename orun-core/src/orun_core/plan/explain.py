"""Where the values of a plan came from, read from its provenance document; the sources themselves are not needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from orun_core.spec.plan import json_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orun_core.spec.plan import Job

LAYERED: Final = {
    "parameters": "parameters",
    "env": "env",
    "secretRefs": "secretEnv",
    "policies": "policies",
    "path": "path",
}
"""Field of a job → name of its layers in the provenance document."""

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

    def __init__(self, document: Mapping[str, Any]) -> None:
        """`document` is the parsed JSON."""
        self._document = document

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
        for field in ("composition", "profile", "dependencyMode", "path", "runsOn", "timeout"):
            yield self.explain(job, field)
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
            at = record["component"] if head != "secretRefs" or record["profile"] is None else record["profile"]
            rule = (
                "the file's folder, or ./"
                if head == "path"
                else "a default of the schema"
                if head == "parameters"
                else "bound by the profile"
            )
            return Explanation(_dotted(head, name), value, rule, self._source("", at))
        *overridden, decided = sources
        return Explanation(
            _dotted(head, name), value, "the last layer that sets it", decided, tuple(reversed(overridden))
        )

    def _step(self, job: Job, name: str, record: Mapping[str, Any]) -> Explanation:
        names = [step["id"] for step in record["steps"]]
        index = int(name) if name.isdigit() and int(name) < len(names) else names.index(name) if name in names else -1
        if index < 0:
            raise KeyError(name)
        step = record["steps"][index]
        rules = {
            "composition": "the job's template",
            "profile": "the template, changed by the profile",
            "component": "overrides.steps of the component",
        }
        found = job.steps[index]
        decided = self._source(step["layer"], step["at"])
        return Explanation(f"steps.{step['id']}", found.run or found.use, rules[step["layer"]], decided)

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
            at = record["subscription"] if job.profile_source.startswith("subscription") else record["composition"]
            return Explanation(field, job.profile or "none", rule, self._source("", at or record["component"]))
        if field == "dependencyMode":
            via = f" for trigger {job.dependency_rule_trigger_ref}" if job.dependency_rule_trigger_ref else ""
            return Explanation(field, job.dependency_mode, f"{job.dependency_source}{via}")
        if field == "composition":
            return Explanation(field, job.composition, "the component's type", self._source("", record["composition"]))
        if field in TEMPLATE_FIELDS:
            return Explanation(
                field, _attribute(job, field), "the job's template", self._source("", record["template"], key=field)
            )
        return Explanation(field, _attribute(job, field), "derived from the rest of the job")

    def _source(self, layer: str, at: list[Any], value: Any = None, key: str = "") -> Source:
        number, pointer = at
        return Source(layer, self._document["files"][number], f"{pointer}/{key}" if key else pointer, value)


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


def _attribute(job: Job, field: str) -> Any:
    for name in job.__dataclass_fields__:
        if json_name(name) == field:
            return getattr(job, name)
    raise KeyError(field)
