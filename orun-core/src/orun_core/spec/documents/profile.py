"""Which jobs and steps of a composition run, and with which secrets."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from orun_core.spec.documents.document import Document, Metadata


class StepOverride(Document):
    """What a profile changes in a step. What is empty changes nothing."""

    run: str = ""
    """Script in place of the step's."""
    with_: dict[str, Any] = Field(default={}, alias="with")
    """Inputs in place of all of the step's."""
    env: dict[str, Any] = Field(default_factory=dict)
    """Environment variables in place of all of the step's."""


class ProfileJob(Document):
    """What a profile takes of a job."""

    steps_enabled: tuple[str, ...] = ()
    """Ids of the steps to take; no effect beside `includeCapabilities`."""
    include_capabilities: tuple[str, ...] = ()
    """Capabilities whose steps to take, besides all steps without a capability."""
    step_overrides: dict[str, StepOverride] = Field(default_factory=dict)
    """Id of a step that is taken → what changes in it."""


class SecretBinding(Document):
    """A secret that jobs of a profile need."""

    required: bool = False
    """`true`: there is no plan while `execution.state` does not say where the secret is. Otherwise the job goes without."""
    as_env: str = ""
    """Variable that holds it; the key when empty."""


class MaterializeDocument(Document):
    """Where a profile wants secrets written: carried into the plan, for runners that do it. Those of orun do not."""

    target: str = ""
    """Name of the place. Required."""
    secrets: tuple[str, ...] = ()
    """Keys of `secretBindings`, or variables of `secretEnv`."""
    on_rotate: str = ""
    """No effect."""


class Profile(Document):
    """A way to ship a type: `spec` of an ExecutionProfile document, or a value of a composition's `executionProfiles`."""

    description: str = ""
    """No effect: for people."""
    policies: dict[str, Any] = Field(default_factory=dict)
    """Policy → value, for jobs with this profile; they win over all other layers."""
    jobs: dict[str, ProfileJob] = Field(default_factory=dict)
    """Name of a job that runs → what is taken of it."""
    secret_bindings: dict[str, SecretBinding] = Field(default_factory=dict)
    """Key of a secret → how the jobs get it."""
    materialize: MaterializeDocument | None = None
    """Where secrets are to be written."""


class ExecutionProfile(Document):
    """A profile of a composition in a file of its own: `profiles/NAME.yaml` or `NAME.yaml` in the composition's folder."""

    api_version: str = ""
    """`orun.io/v1`; not checked."""
    kind: str = ""
    """`ExecutionProfile`. Required."""
    metadata: Metadata = Metadata.model_construct()
    """`name` is the name in `profileRef`."""
    spec: Profile = Profile.model_construct()
    """The profile."""
