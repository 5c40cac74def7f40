"""`composition.yaml`: how a type of component is built and deployed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from orun_core.spec.documents.document import Document, Metadata
from orun_core.spec.documents.policy import Constraint
from orun_core.spec.documents.profile import Profile
from orun_core.spec.documents.step import JobTemplate


class NameRef(Document):
    """A document in a file of its own, by name."""

    main_field = "name"

    name: str = ""
    """`metadata.name` of that document."""


class JobEntry(JobTemplate):
    """A job of a composition: written here, or in a file of its own."""

    name: str = ""
    """Name of the job, in ids: `component.environment.NAME`. Required."""
    template_ref: NameRef | None = None
    """JobTemplate in a file of its own; everything else but `name` has no effect then."""


class ProfileEntry(Document):
    """A profile of a composition, in a file of its own."""

    name: str = ""
    """Name that subscriptions use."""
    profile_ref: NameRef | None = None
    """The ExecutionProfile document."""


class CompositionSpec(Document):
    """How a type is shipped."""

    ignored_keys = frozenset({"effects"})
    retired_keys: ClassVar[Mapping[str, str]] = {"inputSchema": "parameterSchema"}
    lenient_keys = frozenset(("version", "lifecycle"))

    type: str = ""
    """The type; equal to `metadata.name` and to the name of the folder. Required."""
    description: str = ""
    """What it ships, for `orun compositions`."""
    version: str = ""
    """No effect: for people; versions belong to packages."""
    lifecycle: str = ""
    """`deprecated` warns everybody who uses the type."""
    default_job: str = ""
    """Job of components when there are no profiles. Required."""
    default_profile: str = ""
    """Profile of subscriptions that name none. Required beside `executionProfiles`."""
    parameter_schema: dict[str, Any] = Field(default_factory=dict)
    """JSON Schema of a component with `name`, `type`, `domain`, `labels` and `parameters`; wins over `schemaRef`. One of
    the two is required.
    """
    schema_ref: NameRef | None = None
    """A ComponentSchema in a file of its own."""
    jobs: tuple[JobEntry, ...] = ()
    """Its jobs. Required."""
    execution_profiles: dict[str, Profile] | None = None
    """Name → profile; wins over `profiles`."""
    profiles: tuple[ProfileEntry, ...] = ()
    """Profiles in files of their own."""
    constraints: tuple[Constraint, ...] = ()
    """Rules for components of this type."""


class Composition(Document):
    """How a type of component is built and deployed: `composition.yaml`, in a folder that has the name of the type."""

    api_version: str = ""
    """`orun.io/v1`; not checked."""
    kind: str = ""
    """`Composition`. Required."""
    metadata: Metadata = Metadata.model_construct()
    """`name` is the type."""
    spec: CompositionSpec = CompositionSpec.model_construct()
    """How it is shipped."""


class ComponentSchemaSpec(Document):
    """A JSON Schema of components."""

    type: str = ""
    """No effect: for people."""
    schema_: dict[str, Any] = Field(default={}, alias="schema")
    """JSON Schema, as `parameterSchema` of a composition."""


class ComponentSchema(Document):
    """The schema of a composition in a file of its own: `schema.yaml` or `NAME.yaml` in the composition's folder."""

    api_version: str = ""
    """`orun.io/v1`; not checked."""
    kind: str = ""
    """`ComponentSchema`. Required."""
    metadata: Metadata = Metadata.model_construct()
    """`name` is the name in `schemaRef`."""
    spec: ComponentSchemaSpec = ComponentSchemaSpec.model_construct()
    """The schema."""
