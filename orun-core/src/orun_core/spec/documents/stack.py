"""`stack.yaml`: a package of compositions and presets."""

from __future__ import annotations

from orun_core.spec.documents.document import Document, Metadata


class StackEntry(Document):
    """A composition of a stack."""

    path: str = ""
    """File of the composition; the name of its folder is its type: `compositions/service/composition.yaml`."""


class PresetEntry(Document):
    """A preset of a stack."""

    name: str = ""
    """Name that `extends` uses."""
    path: str = ""
    """File of the preset, relative to the stack."""


class StackSpec(Document):
    """What a stack holds."""

    compositions: tuple[StackEntry, ...] = ()
    """Files of compositions; every `composition.yaml` and `compositions.yaml` below the stack when empty."""
    intent_presets: tuple[PresetEntry, ...] = ()
    """Presets that intents may build on."""


class Registry(Document):
    """Where `orun publish` publishes a stack when it is not told."""

    host: str = ""
    """Host of the registry."""
    namespace: str = ""
    """First part of the repository, such as the owner."""
    repository: str = ""
    """Last part of the repository."""
    visibility: str = ""
    """No effect: the registry decides."""


class Stack(Document):
    """A package of compositions: `stack.yaml`."""

    lenient_keys = frozenset(("registry",))

    api_version: str = ""
    """`orun.io/v1`; not checked."""
    kind: str = ""
    """`Stack`. Required."""
    metadata: Metadata = Metadata.model_construct()
    """`name` is required; it is the `jobRegistry` of jobs in the plan. `version` is needed to publish."""
    registry: Registry = Registry.model_construct()
    """Where it is published."""
    spec: StackSpec = StackSpec.model_construct()
    """What it holds."""
