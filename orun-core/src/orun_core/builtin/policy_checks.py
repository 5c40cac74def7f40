"""The checks behind core's named policies. Each looks at one resolved job and the policy's validated value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from orun_core.spec.duration import seconds
from orun_core.spec.policy import Duty, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from orun_core.builtin import policy_options as options
    from orun_core.spec.stages import Resolution, ResolvedJob

_EXACT_VERSION = re.compile(r"v?\d+\.\d+\.\d+([-+.][0-9A-Za-z.-]+)?")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_IMAGE_DIGEST = re.compile(r"@sha256:[0-9a-f]{64}$")


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(p == name or (p.endswith("*") and name.startswith(p[:-1])) for p in patterns)


def _one_of(what: str, name: str, allowed: tuple[str, ...], field: str) -> Iterator[Violation]:
    if not _matches(name, allowed):
        yield Violation(f'{what} "{name}" is not allowed', field, f"allowed: {', '.join(allowed) or 'none'}")


def allowed_types(value: options.Names, job: ResolvedJob, _: Resolution) -> Iterator[Violation]:
    """The component's type is listed."""
    return _one_of("type", job.bound.instance.component.value.type, value.root, "type")


def allowed_profiles(value: options.Names, job: ResolvedJob, _: Resolution) -> Iterator[Violation]:
    """The profile, short or as `type.profile`, is listed."""
    instance = job.bound.instance
    full = f"{instance.component.value.type}.{instance.profile}"
    if not _matches(full, value.root):
        yield from _one_of("profile", instance.profile, value.root, "profile")


def allowed_environments(value: options.Names, job: ResolvedJob, _: Resolution) -> Iterator[Violation]:
    """The environment is listed."""
    return _one_of("environment", job.bound.instance.environment, value.root, "environment")


def required_labels(value: options.Labels, job: ResolvedJob, _: Resolution) -> Iterator[Violation]:
    """Every label is there, with an allowed value."""
    labels = job.bound.instance.component.value.labels
    for name, allowed in value.root.items():
        if not labels.get(name):
            yield Violation(f'label "{name}" is missing', "labels")
        elif allowed and labels[name] not in allowed:
            hint = f"allowed: {', '.join(allowed)}"
            yield Violation(f'label "{name}" is "{labels[name]}"', f"labels.{name}", hint)


def required_parameters(value: options.Names, job: ResolvedJob, _: Resolution) -> Iterator[Violation]:
    """Every parameter is set and not empty."""
    for name in value.root:
        if job.bound.instance.parameters.get(name) in (None, ""):
            yield Violation(f'parameter "{name}" is not set', f"parameters.{name}")


def forbidden_parameters(value: options.Names, job: ResolvedJob, _: Resolution) -> Iterator[Violation]:
    """No listed parameter is set."""
    for name in job.bound.instance.parameters:
        if _matches(name, value.root):
            yield Violation(f'parameter "{name}" must not be set', f"parameters.{name}")


def parameter_bounds(value: options.Bounds, job: ResolvedJob, _: Resolution) -> Iterator[Violation]:
    """Every bounded parameter that is set keeps its bounds."""
    for name, bound in value.root.items():
        actual = job.bound.instance.parameters.get(name)
        if actual is not None:
            for text in _out_of_bounds(actual, bound):
                yield Violation(f'parameter "{name}" is {actual!r}, {text}', f"parameters.{name}")


def _out_of_bounds(actual: Any, bound: options.Bound) -> Iterator[str]:
    number = actual if isinstance(actual, int | float) and not isinstance(actual, bool) else None
    if (bound.min is not None or bound.max is not None) and number is None:
        yield "not a number"
    elif number is not None and bound.min is not None and number < bound.min:
        yield f"less than {bound.min:g}"
    elif number is not None and bound.max is not None and number > bound.max:
        yield f"more than {bound.max:g}"
    if bound.pattern is not None and not re.fullmatch(bound.pattern, str(actual)):
        yield f"which does not match {bound.pattern}"
    if bound.enum is not None and actual not in bound.enum:
        yield f"not one of {', '.join(map(str, bound.enum))}"


def require_owner(value: options.Switch, job: ResolvedJob, _: Resolution) -> Iterator[Violation]:
    """The component has an owner, or a label `owner` or `team`."""
    component = job.bound.instance.component.value
    if value.root and not (component.owner or component.labels.get("owner") or component.labels.get("team")):
        yield Violation("nobody owns it", "owner", "set `owner`, or the label owner or team")


def require_pinned_versions(value: options.Pins, job: ResolvedJob, _: Resolution) -> Iterator[Violation]:
    """Actions are pinned to commits, images to digests, tool versions are exact."""
    if "images" in value.root:
        yield from _unpinned_images(job)
    for index, bound in enumerate(job.bound.steps):
        step = bound.step
        if "actions" in value.root and step.use and not _pinned_action(step.use):
            yield Violation(
                f'action "{step.use}" is not pinned to a commit', f"steps.{index}.use", "use OWNER/REPO@<40 hex digits>"
            )
        if "tools" in value.root:
            for key, tool in step.with_.items():
                if key.lower().endswith(("version", "versions")) and not _EXACT_VERSION.fullmatch(str(tool)):
                    yield Violation(f'{key} "{tool}" is not an exact version', f"steps.{index}.with.{key}")
    if "tools" in value.root:
        for key, tool in job.bound.instance.parameters.items():
            if key.lower().endswith("version") and not _EXACT_VERSION.fullmatch(str(tool)):
                yield Violation(f'parameter "{key}" is "{tool}", not an exact version', f"parameters.{key}")


def _unpinned_images(job: ResolvedJob) -> Iterator[Violation]:
    template = job.bound.template.value
    looks_like_image = "/" in template.runs_on or ":" in template.runs_on or "@" in template.runs_on
    if looks_like_image and not _IMAGE_DIGEST.search(template.runs_on):
        yield Violation(f'image "{template.runs_on}" is not pinned by digest', "runsOn", "use IMAGE@sha256:…")
    for name, service in template.services.items():
        if not _IMAGE_DIGEST.search(service.image):
            yield Violation(
                f'image "{service.image}" is not pinned by digest', f"services.{name}.image", "use IMAGE@sha256:…"
            )


def _pinned_action(reference: str) -> bool:
    if reference.startswith("./"):
        return True
    if reference.startswith("docker://"):
        return bool(_IMAGE_DIGEST.search(reference))
    return bool(_COMMIT.fullmatch(reference.rpartition("@")[2]))


def require_pinned_terraform(value: options.Switch, job: ResolvedJob, _: Resolution) -> Iterator[Violation]:
    """The parameter `terraformVersion` is exact."""
    version = str(job.bound.instance.parameters.get("terraformVersion", ""))
    if value.root and not _EXACT_VERSION.fullmatch(version):
        yield Violation(f'terraformVersion is "{version}", not an exact version', "parameters.terraformVersion")


def require_approval(value: options.Approval, _: ResolvedJob, __: Resolution) -> Iterator[Duty]:
    """An approval before the job starts."""
    if value.required:
        yield Duty("approval", {"approvers": list(value.approvers)} if value.approvers else None)


def require_clean_git_tree(value: options.Switch, _: ResolvedJob, __: Resolution) -> Iterator[Duty]:
    """A clean git tree when the job starts."""
    if value.root:
        yield Duty("clean-git-tree")


def isolation(value: options.Isolation, _: ResolvedJob, __: Resolution) -> Iterator[Duty]:
    """A copy of the workspace for the job."""
    if value.root not in ("", "none", "auto", False, None):
        yield Duty("isolation", value.root)


def max_timeout(value: options.Timeout, job: ResolvedJob, _: Resolution) -> Iterator[Violation]:
    """The job has a budget within the limit, and so have its steps."""
    timeout = job.bound.template.value.timeout
    if not timeout:
        yield Violation("the job has no timeout", "timeout", f"set one of at most {value.root}")
    yield from _too_long("the job's timeout", timeout, value.root, "timeout")
    for index, bound in enumerate(job.bound.steps):
        who = f'the timeout of step "{bound.step.id}"'
        yield from _too_long(who, bound.step.timeout, value.root, f"steps.{index}.timeout")


def _too_long(who: str, timeout: str, limit: str, field: str) -> Iterator[Violation]:
    try:
        if timeout and seconds(timeout) > seconds(limit):
            yield Violation(f"{who} is {timeout}, more than {limit}", field)
    except ValueError as error:
        yield Violation(f"{who}: {error}", field)


def forbidden_commands(value: options.Patterns, job: ResolvedJob, _: Resolution) -> Iterator[Violation]:
    """No step's script matches a pattern."""
    for index, bound in enumerate(job.bound.steps):
        for pattern in value.root:
            found = re.search(pattern, bound.step.run, re.MULTILINE)
            if found:
                yield Violation(
                    f'step "{bound.step.id}" runs "{found.group()}"', f"steps.{index}.run", f"forbidden: {pattern}"
                )
