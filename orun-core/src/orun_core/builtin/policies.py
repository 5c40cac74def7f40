"""Core's named policies: what each is called and where its check and its options are. Light: nothing is imported until one is used."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from orun_core.spec.entries import PolicyEntry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import BaseModel

    from orun_core.spec.policy import Duty, Violation
    from orun_core.spec.stages import Resolution, ResolvedJob

POLICIES: Final = {
    "allowedTypes": ("allowed_types", "Names", "Component types that may be used."),
    "allowedProfiles": ("allowed_profiles", "Names", "Profiles that may be used."),
    "allowedEnvironments": ("allowed_environments", "Names", "Environments that components may go to."),
    "requiredLabels": ("required_labels", "Labels", "Labels that a component must have, and their allowed values."),
    "requiredParameters": ("required_parameters", "Names", "Parameters that must be set."),
    "forbiddenParameters": ("forbidden_parameters", "Names", "Parameters that must not be set."),
    "parameterBounds": ("parameter_bounds", "Bounds", "Least and greatest value, pattern or choice of a parameter."),
    "requireOwner": ("require_owner", "Switch", "A component must say who answers for it."),
    "requirePinnedVersions": ("require_pinned_versions", "Pins", "Images, actions and tool versions must be exact."),
    "requirePinnedTerraformVersion": ("require_pinned_terraform", "Switch", "The parameter terraformVersion must be exact."),
    "requireApproval": ("require_approval", "Approval", "Somebody must approve the job before it starts."),
    "requireCleanGitTree": ("require_clean_git_tree", "Switch", "The job runs only from a clean git tree."),
    "isolation": ("isolation", "Isolation", "The job runs in a copy of the workspace."),
    "maxTimeout": ("max_timeout", "Timeout", "A job must have a timeout, and none longer than this."),
    "forbiddenCommands": ("forbidden_commands", "Patterns", "Commands that no step may run (regular expressions)."),
}  # fmt: skip
"""Name → (check, options model, summary)."""


def policies() -> tuple[PolicyEntry, ...]:
    """An entry per policy."""
    return tuple(
        PolicyEntry(name, summary, partial(_check, check), options=partial(_options, options))
        for name, (check, options, summary) in POLICIES.items()
    )


def _check(name: str, value: Any, job: ResolvedJob, resolution: Resolution) -> Iterable[Violation | Duty]:
    found: Iterable[Violation | Duty] = getattr(import_module("orun_core.builtin.policy_checks"), name)(
        value, job, resolution
    )
    return found


def _options(name: str) -> type[BaseModel]:
    model: type[BaseModel] = getattr(import_module("orun_core.builtin.policy_options"), name)
    return model
