"""The plan contract: what `plan.json` holds, and nothing that compiles or runs it.

The classes are the schema (`orun schema plan` prints it): a field without a default is always written, a field with a default
is written unless it is empty. Fields are written in the order in which the classes list them, maps with their keys sorted. JSON names
are the camelCase of the names here (`json_name`), and are those of the original orun's plan, so that pipelines which read one go on working.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Final, Literal

from orun_core.spec.frozen import frozen
from orun_core.spec.json_form import SCHEMA_CONFIG
from orun_core.spec.plan.edge import Dependency, Gate
from orun_core.spec.plan.job import Job
from orun_core.spec.plan.metadata import Compiler, InputFile, Metadata, PluginRef, PrunedEdge, Selection, Trigger
from orun_core.spec.plan.needs import Concurrency, Materialize, SecretRef, Service
from orun_core.spec.plan.policy import Obligation, Policy, Waiver
from orun_core.spec.plan.step import Step

__all__ = [
    "API_VERSION",
    "KIND",
    "Compiler",
    "CompositionSource",
    "Concurrency",
    "Dependency",
    "Execution",
    "Gate",
    "InputFile",
    "Job",
    "Materialize",
    "Metadata",
    "Obligation",
    "Plan",
    "PluginRef",
    "Policy",
    "PrunedEdge",
    "SecretRef",
    "Selection",
    "Service",
    "Spec",
    "Step",
    "Trigger",
    "Waiver",
]

API_VERSION: Final = "orun.io/v1"
KIND: Final = "Plan"


@frozen
class Execution:
    """Defaults of a run of this plan."""

    __pydantic_config__ = SCHEMA_CONFIG

    concurrency: int
    """Jobs at once."""
    fail_fast: bool
    """Start nothing new after the first failure."""


@frozen
class CompositionSource:
    """A composition package, pinned by digest."""

    __pydantic_config__ = SCHEMA_CONFIG

    name: str
    """Name of the source in the intent."""
    kind: str
    """Kind of source: `dir`, `archive`, `oci`, `git` or a plugin's."""
    resolved_digest: str
    """`sha256:` + hash of the package."""
    ref: str = ""
    """Reference as authored."""
    path: str = ""
    """Path as authored."""
    exports: tuple[str, ...] = ()
    """Types it exports, sorted."""


@frozen
class Spec:
    """What the jobs were built with."""

    __pydantic_config__ = SCHEMA_CONFIG

    job_bindings: Mapping[str, str] = field(default_factory=dict)
    """Composition type → name of the stack that ships it."""
    composition_sources: tuple[CompositionSource, ...] = ()
    """Packages in the order of the intent."""


@frozen
class Plan:
    """The boundary: everything a run needs and a reviewer wants, and nothing else."""

    __pydantic_config__ = SCHEMA_CONFIG

    api_version: Literal["orun.io/v1"]
    """Version of this contract."""
    kind: Literal["Plan"]
    """Always `Plan`."""
    metadata: Metadata
    """Identity and origin."""
    execution: Execution
    """Defaults of a run."""
    spec: Spec
    """What the jobs were built with."""
    jobs: tuple[Job, ...]
    """Jobs in lexicographic topological order."""

    def job(self, job_id: str) -> Job:
        """The job with this id; raises `KeyError`."""
        for job in self.jobs:
            if job.id == job_id:
                return job
        raise KeyError(job_id)
