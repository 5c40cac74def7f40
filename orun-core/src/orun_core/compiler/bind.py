"""Stage 4, bind: give every instance its jobs, with steps chosen by profile, replaced by overrides, ordered and rendered."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, NamedTuple

from orun_core.compiler.secret_bindings import bind_secrets
from orun_core.compiler.sites import caution, problem
from orun_core.compiler.steps import PHASES, StepRenderer, phase_of
from orun_core.spec.duration import seconds
from orun_core.spec.errors import CompileError, Diagnostic
from orun_core.spec.json_form import json_name
from orun_core.spec.nearest import did_you_mean
from orun_core.spec.stages import Authored, Binding, BoundJob, BoundStep, Expansion, Instance, Origin

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orun_core.spec.documents import JobTemplate, ProfileJob, Step


RESERVED: Final = ("ORUN_", "GITHUB_")
"""How names of variables begin that only orun sets."""
ON_FAILURE: Final = ("stop", "continue")
ALIKE: Final = 0.8
"""Likeness of a name to a known one from which on it is taken for misspelt."""


class ChosenStep(NamedTuple):
    """An authored step before rendering. `origins`: where a field stands that a profile changed."""

    step: Step
    origin: Origin
    layer: str
    origins: dict[str, Origin]


def bind(expansion: Expansion) -> Binding:
    """All jobs of all instances; raises `CompileError` with the problems of every job."""
    return _Binder(expansion).bind()


class _Binder:
    def __init__(self, expansion: Expansion) -> None:
        self.expansion = expansion
        self.problems: dict[Diagnostic, None] = {}
        self.warnings: dict[Diagnostic, None] = {}
        self.renderer = StepRenderer()
        self._ordered: dict[tuple[int, str, str], list[ChosenStep]] = {}

    def bind(self) -> Binding:
        jobs = [job for instance in self.expansion.instances for job in self.jobs(instance)]
        if self.problems or self.renderer.problems:
            raise CompileError([*self.problems, *self.renderer.problems, *self.warnings])
        warnings = (*self.warnings, *self.renderer.warnings())
        return Binding(self.expansion, tuple(sorted(jobs, key=lambda job: job.id)), warnings)

    def jobs(self, instance: Instance) -> list[BoundJob]:
        composition = instance.composition
        secrets = bind_secrets(instance, self.expansion.project.intent, self.problems)
        if secrets is not None:
            instance = secrets
        if not instance.profile:
            names = [composition.default_job]
        else:
            profile = composition.profiles[instance.profile]
            names = sorted(profile.value.jobs)
            for name in names:
                if name not in composition.jobs:
                    text = f'profile "{instance.profile}" names unknown job "{name}"'
                    hint = did_you_mean(name, composition.jobs)
                    self.add("bind/unknown-job", text, profile.origin.at("jobs", name), hint)
        return [self.job(instance, name) for name in names if name in composition.jobs]

    def job(self, instance: Instance, name: str) -> BoundJob:
        template = instance.composition.jobs[name]
        job_id = f"{instance.name}.{instance.environment}.{name}"
        steps = [
            BoundStep(
                self.renderer.render(chosen, instance, job_id, name, position),
                chosen.origin,
                chosen.layer,
                {json_name(field): origin for field, origin in chosen.origins.items()},
            )
            for position, chosen in enumerate(self.steps(instance, name, template), 1)
        ]
        return BoundJob(job_id, name, instance, template, tuple(steps))

    def steps(self, instance: Instance, name: str, template: Authored[JobTemplate]) -> list[ChosenStep]:
        """Steps in execution order: phase, then `order`, then as authored."""
        key = (id(template), name, instance.profile)
        overrides = instance.component.value.overrides.steps
        if not overrides and key in self._ordered:
            return self._ordered[key]
        chosen = (
            _overridden(self.selected(instance, name, template), instance)
            if overrides
            else self.selected(instance, name, template)
        )
        for item in chosen:
            self.check(item)
            self.warn_of_step(item)
        self.warn_of_run(f'job "{name}"', template.value.timeout, template.value.retries, template.origin, "retries")
        if template.value.steps and not chosen:
            text = f'profile "{instance.profile}" leaves job "{name}" without a step'
            at = instance.composition.profiles[instance.profile].origin.at("jobs", name)
            listed = ", ".join(_identity(step) for step in template.value.steps)
            hint = f"name steps in stepsEnabled or capabilities in includeCapabilities; the steps: {listed}"
            self.warn("bind/no-steps", text, at, hint)
        ordered = sorted(chosen, key=lambda item: (PHASES.get(phase_of(item.step), 1), item.step.order))
        if not overrides:
            self._ordered[key] = ordered
        return ordered

    def selected(self, instance: Instance, name: str, template: Authored[JobTemplate]) -> list[ChosenStep]:
        """The template's steps that the profile takes, with the profile's changes."""
        steps = [
            ChosenStep(step, template.origin.at("steps", index), "composition", {})
            for index, step in enumerate(template.value.steps)
        ]
        if not instance.profile:
            return steps
        profile = instance.composition.profiles[instance.profile]
        wanted = profile.value.jobs[name]
        origin = profile.origin.at("jobs", name)
        self.check_names(instance.profile, wanted, template.value.steps, origin)
        changes = origin.at("stepOverrides")
        return [_changed(chosen, wanted, changes) for chosen in steps if _taken(chosen.step, wanted)]

    def check_names(self, profile: str, wanted: ProfileJob, steps: tuple[Step, ...], origin: Origin) -> None:
        """Warn of names that are nearly those of a step or a capability; others are for the jobs that share a profile."""
        ids = {_identity(step) for step in steps}
        capabilities = {step.capability for step in steps if step.capability}
        overrides = ((name, name) for name in wanted.step_overrides)
        who = f'profile "{profile}" names'
        self.warn_of_misspelt(f"{who} step", enumerate(wanted.steps_enabled), ids, origin.at("stepsEnabled"))
        self.warn_of_misspelt(f"{who} step", overrides, ids, origin.at("stepOverrides"))
        listed, at = enumerate(wanted.include_capabilities), origin.at("includeCapabilities")
        self.warn_of_misspelt(f"{who} capability", listed, capabilities, at)

    def warn_of_misspelt(
        self, who: str, names: Iterable[tuple[str | int, str]], known: set[str], origin: Origin
    ) -> None:
        for key, name in names:
            near = get_close_matches(name, known, n=1, cutoff=ALIKE) if name not in known else []
            if near:
                text = f'{who} "{name}", which the job does not have'
                self.warn("bind/unknown-name", text, origin.at(key), f'did you mean "{near[0]}"?')

    def check(self, chosen: ChosenStep) -> None:
        step, origin = chosen.step, chosen.origin
        who = f'step "{step.name or step.id}"'
        if phase_of(step) not in PHASES:
            self.add("bind/bad-phase", f'{who}: phase "{step.phase}" is none of pre, main, post', origin.at("phase"))
        if step.workflow.strip():
            hint = "write the commands as `run:` steps, or call the workflow from one"
            self.add("bind/workflow-step", f"{who}: workflow files are not supported", origin.at("workflow"), hint)
        if step.run.strip() and step.use.strip():
            self.add(
                "bind/exec-form", f"{who} sets run and use", chosen.origins.get("run", origin), "a step has one of them"
            )
        if step.approval is not None:
            hint = "use the policy requireApproval"
            self.add("bind/step-approval", f"{who}: approval belongs to workflow steps", origin.at("approval"), hint)

    def warn_of_step(self, chosen: ChosenStep) -> None:
        step, origin = chosen.step, chosen.origin
        who = f'step "{step.name or step.id}"'
        self.warn_of_run(who, step.timeout, step.retry, origin, "retry")
        for name in sorted(name for name in step.env if name.startswith(RESERVED)):
            at = chosen.origins.get("env", origin.at("env")).at(name)
            hint = "choose a name that does not begin with ORUN_ or GITHUB_"
            self.warn("bind/reserved-env", f"{who} sets {name}; a run will refuse it", at, hint)
        if step.on_failure not in ("", *ON_FAILURE):
            text = f'{who}: onFailure "{step.on_failure}" counts as stop'
            self.warn("bind/bad-on-failure", text, origin.at("onFailure"), did_you_mean(step.on_failure, ON_FAILURE))

    def warn_of_run(self, who: str, timeout: str, retries: int, origin: Origin, field: str) -> None:
        """Values that compile and fail when the job runs."""
        try:
            seconds(timeout or "0")
        except ValueError as error:
            self.warn("bind/bad-duration", f"{who}: {error}", origin.at("timeout"))
        if retries < 0:
            self.warn("bind/bad-count", f"{who}: {field} is {retries}; it counts as 0", origin.at(field))

    def warn(self, code: str, message: str, origin: Origin, hint: str = "") -> None:
        self.warnings[caution(code, message, origin, hint)] = None

    def add(self, code: str, message: str, origin: Origin, hint: str = "") -> None:
        self.problems[problem(code, message, origin, hint)] = None


def _identity(step: Step) -> str:
    return step.id or step.name


def _taken(step: Step, wanted: ProfileJob) -> bool:
    if wanted.include_capabilities:
        return not step.capability or step.capability in wanted.include_capabilities
    return _identity(step) in wanted.steps_enabled


def _changed(chosen: ChosenStep, wanted: ProfileJob, origin: Origin) -> ChosenStep:
    identity = _identity(chosen.step)
    override = wanted.step_overrides.get(identity)
    if override is None:
        return chosen
    fields = {name: getattr(override, name) for name in ("run", "with_", "env") if getattr(override, name)}
    origins = {name: origin.at(identity, name.rstrip("_")) for name in fields}
    return chosen._replace(
        step=chosen.step.model_copy(update=fields), layer="profile" if fields else chosen.layer, origins=origins
    )


def _overridden(steps: list[ChosenStep], instance: Instance) -> list[ChosenStep]:
    """Component overrides: the last step of the same name is replaced entirely, others are appended."""
    result = list(steps)
    at = instance.component.origin.at("overrides", "steps")
    for index, step in enumerate(instance.component.value.overrides.steps):
        mine = ChosenStep(step, at.at(index), "component", {})
        same = [i for i, chosen in enumerate(result) if chosen.step.name == step.name]
        if same:
            result[same[-1]] = mine
        else:
            result.append(mine)
    return result
