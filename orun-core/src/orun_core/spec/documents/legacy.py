"""Packages and registries of jobs as the original orun had them first."""

from __future__ import annotations

from orun_core.spec.documents.document import Document, Metadata
from orun_core.spec.documents.step import JobTemplate


class PackageExport(Document):
    """A composition of a package."""

    composition: str = ""
    """Type."""
    path: str = ""
    """File of the composition."""


class PackageSpec(Document):
    """What a package holds."""

    ignored_keys = frozenset({"orun", "dependencies"})

    version: str = ""
    """No effect: for people."""
    exports: tuple[PackageExport, ...] = ()
    """Its compositions."""


class CompositionPackage(Document):
    """The older form of a stack: `orun.yaml`. New packages are stacks."""

    api_version: str = ""
    """`orun.io/v1`; not checked."""
    kind: str = ""
    """`CompositionPackage`. Required."""
    metadata: Metadata = Metadata.model_construct()
    """`name` is required."""
    spec: PackageSpec = PackageSpec.model_construct()
    """What it holds."""


class LegacyJob(JobTemplate):
    """A job of the original's registry."""

    name: str = ""
    """Job name."""


class LegacyRegistry(Document):
    """Jobs of a type in a folder of the original's `--config-dir`: `job.yaml` or `compositions.yaml`, beside a `schema.yaml`."""

    api_version: str = ""
    """Not checked."""
    kind: str = ""
    """Not checked."""
    metadata: Metadata = Metadata.model_construct()
    """Name and description."""
    jobs: tuple[LegacyJob, ...] = ()
    """Its jobs; the first is the default."""
