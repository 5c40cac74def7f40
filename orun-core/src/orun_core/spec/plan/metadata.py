"""Where a plan comes from: the event, the selection, the files and plugins behind it, and the digests that identify it."""

from __future__ import annotations

from typing import Literal

from orun_core.spec.frozen import frozen
from orun_core.spec.json_form import SCHEMA_CONFIG


@frozen
class Trigger:
    """The event that this plan answers."""

    __pydantic_config__ = SCHEMA_CONFIG

    type: Literal["system", "declared"]
    """`declared` when trigger bindings of the intent matched."""
    name: str
    """First matched binding, or `system.manual`, `system.manual-changed`."""
    mode: Literal["manual", "changed", "event-file"]
    """How the event came."""
    matched_bindings: tuple[str, ...]
    """All matched bindings, sorted."""
    active_environments: tuple[str, ...]
    """Environments that the bindings activate, sorted."""
    scope: str
    """`full` or `changed`."""
    provider: str = ""
    """Trigger provider."""
    event: str = ""
    """Event name."""
    action: str = ""
    """Action of the event."""
    base: str = ""
    """Revision to compare with."""
    head: str = ""
    """Revision that is planned."""


@frozen
class PrunedEdge:
    """A dependency that the selection left out."""

    __pydantic_config__ = SCHEMA_CONFIG

    kind: Literal["component", "promotion"]
    """`component`: between components; `promotion`: between environments."""
    from_: str
    """Who depends."""
    to: str
    """On whom."""
    reason: Literal["component-not-selected", "env-not-selected"]
    """Why it is not in the plan."""


@frozen
class Selection:
    """What part of the intent is in the plan."""

    __pydantic_config__ = SCHEMA_CONFIG

    envs: tuple[str, ...]
    """Active environments, sorted."""
    components: tuple[str, ...]
    """Components with at least one job, sorted."""
    mode: Literal["full", "scoped"]
    """`scoped` when any filter, trigger or change set was used."""
    all_envs: bool
    """`--all-envs` was given."""
    pruned_edges: tuple[PrunedEdge, ...] = ()
    """Dependencies that the selection left out, sorted."""


@frozen
class PluginRef:
    """A plugin that acted on this plan."""

    __pydantic_config__ = SCHEMA_CONFIG

    name: str
    """Plugin name."""
    distribution: str
    """Distribution that ships it."""
    version: str
    """Version of the distribution."""
    roles: tuple[str, ...]
    """What it did: `stage:bind`, `source:oci`, `policy:allowedTypes`, sorted."""


@frozen
class InputFile:
    """A file that the plan was compiled from."""

    __pydantic_config__ = SCHEMA_CONFIG

    path: str
    """Path relative to the intent's folder."""
    digest: str
    """`sha256:` + hash of its bytes."""


@frozen
class Compiler:
    """Who compiled the plan, from what."""

    __pydantic_config__ = SCHEMA_CONFIG

    version: str
    """Version of orun-core."""
    plugins: tuple[PluginRef, ...]
    """Plugins that acted, sorted by name."""
    inputs: tuple[InputFile, ...] = ()
    """Authored files, sorted by path; composition packages are pinned by `spec.compositionSources`."""


@frozen
class Metadata:
    """Identity and origin of a plan."""

    __pydantic_config__ = SCHEMA_CONFIG

    name: str
    """`metadata.name` of the intent."""
    checksum: str
    """`sha256-` + hash of what will run: execution, jobs (without `uid`) and composition digests."""
    seal: str
    """`sha256-` + hash of the whole file without this field: tamper evidence."""
    trigger: Trigger
    """The event that this plan answers."""
    selection: Selection
    """What part of the intent is in the plan."""
    compiler: Compiler
    """Who compiled it, from what."""
    description: str = ""
    """`metadata.description` of the intent."""
    namespace: str = ""
    """`metadata.namespace` of the intent."""
