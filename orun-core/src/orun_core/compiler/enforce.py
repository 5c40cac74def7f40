"""Policies at compile time, between resolve and materialize: they veto, they never edit.

A violation that no waiver covers stops the plan; what only a run can satisfy becomes an obligation of the job.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from orun_core.compiler.constraints import CEL, Rule, applies, context_of, judge, rules_of
from orun_core.compiler.origins import location, origin_of
from orun_core.compiler.selection import matches
from orun_core.compiler.sites import caution, problem
from orun_core.spec.errors import CompileError, Diagnostic, PolicyError, Related, Severity
from orun_core.spec.frozen import frozen
from orun_core.spec.nearest import did_you_mean, nearest
from orun_core.spec.plan import Obligation, Policy, Waiver
from orun_core.spec.policy import Duty, Violation
from orun_core.spec.stages import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from orun_core.spec.documents import WaiverDocument
    from orun_core.spec.entries import PolicyEntry
    from orun_core.spec.stages import Origin, Resolution, ResolvedJob

_KINDS: Final = {
    "tuple": "a list",
    "string": "a text",
    "dict": "a mapping",
    "model": "a mapping",
    "model_attributes": "a mapping",
    "bool": "true or false",
    "float": "a number",
}
"""Kind of a pydantic error → what was expected."""
SEVERITY: Final = {"warn": Severity.WARNING, "info": Severity.NOTE}
_NAMES = re.compile(
    r"""(?<![\w."'])((?:parameters|env|labels|component\.labels)\.[A-Za-z_]\w*"""
    r"|component\.(?:owner|type|domain)|environment\.name|job\.(?:runsOn|timeout|retries)|profile)\b"
)
_FIELDS: Final = {
    "environment.name": "environment",
    "job.runsOn": "runsOn",
    "job.timeout": "timeout",
    "job.retries": "retries",
}


@frozen
class Finding:
    """One violation: of which policy, by which jobs of a component in an environment, and where its value was set."""

    policy: str
    jobs: tuple[str, ...]
    component: str
    environment: str
    diagnostic: Diagnostic


def enforce(resolution: Resolution, policies: Mapping[str, PolicyEntry]) -> Verdict:
    """What the policies said.

    Raises `PolicyError` with every violation that no waiver covers, `CompileError` for policies, constraints and waivers that
    are themselves wrong.
    """
    return _Enforcer(resolution, policies).enforce()


@dataclass(slots=True)
class _Enforcer:
    resolution: Resolution
    policies: Mapping[str, PolicyEntry]
    findings: list[Finding] = field(default_factory=list)
    problems: dict[Diagnostic, None] = field(default_factory=dict)
    warnings: dict[Diagnostic, None] = field(default_factory=dict)
    obligations: dict[str, dict[str, Obligation]] = field(default_factory=dict)
    waived: dict[str, list[Waiver]] = field(default_factory=dict)
    values: dict[tuple[str, int], Any] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)

    def enforce(self) -> Verdict:
        self.check_policies()
        self.check_constraints()
        waivers = self.waivers()
        if self.problems:
            raise CompileError([*self.problems, *self.warnings])
        unwaived = [finding for finding in self.findings if not self.waive(finding, waivers)]
        if any(finding.diagnostic.severity is Severity.ERROR for finding in unwaived):
            raise PolicyError([*(finding.diagnostic for finding in unwaived), *self.warnings])
        allowed = [f.diagnostic for f in unwaived]
        return Verdict(
            {job: tuple(found[kind] for kind in sorted(found)) for job, found in self.obligations.items()},
            {job: tuple(sorted(set(found), key=lambda w: w.policy)) for job, found in self.waived.items()},
            (*self.warnings, *allowed),
        )

    # --- named policies ---------------------------------------------------------------------------------------------

    def check_policies(self) -> None:
        for job in self.resolution.jobs:
            for policy in job.bound.instance.policies:
                entry = self.policies.get(policy.name)
                if entry is None:
                    self.unknown(policy, job)
                    continue
                if policy.value is None:
                    text = f'policy "{policy.name}" has no value: it asks for nothing'
                    self.warn("policy/bad-options", text, _policy_origin(policy, job), "write a value, or delete it")
                    continue
                value = self.value(policy, entry, job)
                if value is not None:
                    for said in entry.check(value, job, self.resolution):
                        self.hear(said, policy.name, policy.layer, job, _policy_origin(policy, job))

    def unknown(self, policy: Policy, job: ResolvedJob) -> None:
        near = nearest(policy.name, self.policies)
        text = f'policy "{policy.name}" is carried in the plan and enforced by nobody'
        hint = (
            f'did you mean "{near}"?'
            if near
            else "no installed plugin offers it; `orun policy list` shows those that are"
        )
        self.warn("policy/unknown", text, _policy_origin(policy, job), hint)

    def value(self, policy: Policy, entry: PolicyEntry, job: ResolvedJob) -> Any:
        """The validated value of a policy, each authored value validated once; None when it is wrong."""
        if entry.options is None:
            return policy.value
        key = (policy.name, id(policy.value))
        if key not in self.values:
            from pydantic import ValidationError

            try:
                self.values[key] = entry.options().model_validate(policy.value)
            except ValidationError as error:
                self.values[key] = None
                hint = f"write {(entry.options().__doc__ or '').strip().rstrip('.')}"
                for wrong in error.errors():
                    origin = _policy_origin(policy, job).at(*wrong["loc"])
                    path = ".".join(str(part) for part in wrong["loc"])
                    text = f'policy "{policy.name}"{": " + path if path else ""}: {_expected(wrong)}'
                    self.problems[problem("policy/bad-options", text, origin, hint)] = None
        return self.values[key]

    # --- constraints ------------------------------------------------------------------------------------------------

    def check_constraints(self) -> None:
        """Each constraint once per instance, or once per job when it looks at jobs."""
        project = self.resolution.project
        wrong: list[Diagnostic] = []
        rules = rules_of(project, wrong)
        self.problems.update(dict.fromkeys(wrong))
        self.names = {*self.policies, *(rule.name for rule in rules)}
        if wrong or not rules:
            return
        judged: set[tuple[str, str]] = set()
        for job in self.resolution.jobs:
            context = context_of(job, project)
            instance = (job.bound.instance.name, job.bound.instance.environment)
            first = instance not in judged
            judged.add(instance)
            for rule in rules:
                if (first or rule.per_job) and applies(rule, job):
                    self.judge(rule, job, context)

    def judge(self, rule: Rule, job: ResolvedJob, context: dict[str, Any]) -> None:
        severity = SEVERITY.get(rule.constraint.severity, Severity.ERROR)
        if rule.constraint.engine == CEL:
            said = judge(rule, context)
            found: Iterable[Violation | Duty] = (Violation(said, _field_of(rule)),) if said is not None else ()
        else:
            found = self.judged_elsewhere(rule, job)
        for violation in found:
            self.hear(violation, rule.name, rule.layer, job, rule.origin, severity, whole=not rule.per_job)

    def judged_elsewhere(self, rule: Rule, job: ResolvedJob) -> Iterable[Violation | Duty]:
        """What the policy plugin that a constraint names as its engine says."""
        entry = self.policies.get(rule.constraint.engine)
        if entry is not None:
            return entry.check(rule.constraint.model_dump(by_alias=True), job, self.resolution)
        text = f'no policy plugin is called "{rule.constraint.engine}"'
        hint = did_you_mean(rule.constraint.engine, (CEL, *self.policies))
        self.problems[problem("policy/unknown-engine", text, rule.origin.at("engine"), hint)] = None
        return ()

    # --- findings ---------------------------------------------------------------------------------------------------

    def hear(
        self,
        said: Violation | Duty,
        name: str,
        layer: str,
        job: ResolvedJob,
        origin: Origin,
        severity: Severity = Severity.ERROR,
        *,
        whole: bool = False,
    ) -> None:
        """Record a violation, of the `whole` instance or of this job, or make a duty an obligation of the job."""
        if isinstance(said, Duty):
            duty = Obligation(said.kind, name, layer, said.value)  # type: ignore[arg-type]
            self.obligations.setdefault(job.id, {})[said.kind] = duty
            return
        instance = job.bound.instance
        where, related = origin_of(job, said.field) if said.field else (origin, ())
        if where != origin:
            related += (Related(f"{name} of {layer} stands here", location(origin)),)
        subject = f"{instance.name} in {instance.environment}"
        found = problem("policy/violation", f"{name} ({layer}): {subject}: {said.message}", where, said.hint)
        same = (other.id for other in self.resolution.jobs if other.bound.instance is instance)
        jobs = tuple(same) if whole else (job.id,)
        told = replace(found, related=related, severity=severity)
        finding = Finding(name, jobs, instance.name, instance.environment, told)
        self.findings.append(finding)

    # --- waivers ----------------------------------------------------------------------------------------------------

    def waivers(self) -> list[WaiverDocument]:
        """Waivers that hold on the request's date; wrong ones are problems, late and idle ones warnings."""
        project = self.resolution.project
        today = project.loaded.request.as_of
        if today and not _is_date(today):
            wrong = Diagnostic("policy/bad-waiver", f'--as-of "{today}" is no date', hint="write YYYY-MM-DD")
            self.problems[wrong] = None
        held = []
        for index, waiver in enumerate(project.intent.waivers):
            origin = project.origin("waivers", index)
            wrong_of = _wrong(waiver)
            if wrong_of:
                self.problems[problem("policy/bad-waiver", wrong_of, origin)] = None
            elif waiver.policy not in self.names:
                text = f'a waiver of "{waiver.policy}", which is no policy or constraint here'
                self.warn("policy/unknown", text, origin.at("policy"), did_you_mean(waiver.policy, self.names))
            elif not today:
                text = f'the waiver of "{waiver.policy}" is not considered without a date'
                self.warn("policy/undated-waiver", text, origin, "give the day with --as-of YYYY-MM-DD")
            elif today > waiver.expires:
                text = f'the waiver of "{waiver.policy}" expired on {waiver.expires}'
                self.warn("policy/expired-waiver", text, origin, f"ask {waiver.owner}")
            else:
                held.append(waiver)
        return held

    def warn(self, code: str, message: str, origin: Origin, hint: str) -> None:
        self.warnings[caution(code, message, origin, hint)] = None

    def waive(self, finding: Finding, waivers: list[WaiverDocument]) -> bool:
        for waiver in waivers:
            if (
                waiver.policy == finding.policy
                and matches(waiver.component, finding.component)
                and matches(waiver.environment, finding.environment)
            ):
                accepted = Waiver(waiver.policy, waiver.owner, waiver.reason, waiver.expires)
                for job in finding.jobs:
                    self.waived.setdefault(job, []).append(accepted)
                return True
        return False


def _expected(wrong: Mapping[str, Any]) -> str:
    """What an option should have been."""
    kind = wrong["type"].removesuffix("_type").removesuffix("_parsing")
    if kind in _KINDS:
        return f"expected {_KINDS[kind]}, got {wrong['input']!r}"
    if kind == "extra_forbidden":
        return "there is no such option"
    said: str = wrong["msg"]
    return said.removeprefix("Value error, ")


def _policy_origin(policy: Policy, job: ResolvedJob) -> Origin:
    for layer in reversed(job.bound.instance.layers["policies"]):
        if policy.name in layer.values:
            return layer.origin.at(policy.name)
    return job.bound.instance.component.origin


def _wrong(waiver: WaiverDocument) -> str:
    """What is wrong with a waiver, or nothing."""
    missing = [name for name in ("policy", "owner", "reason", "expires") if not getattr(waiver, name).strip()]
    if missing:
        return f"a waiver needs {', '.join(missing)}"
    return "" if _is_date(waiver.expires) else f'expires "{waiver.expires}" is no date YYYY-MM-DD'


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _field_of(rule: Rule) -> str:
    """The value that a rule looks at, when it looks at one: `parameters.replicas` of `parameters.replicas < 5`."""
    found = {_FIELDS.get(name, name.removeprefix("component.")) for name in _NAMES.findall(rule.constraint.rule)}
    return found.pop() if len(found) == 1 else ""
