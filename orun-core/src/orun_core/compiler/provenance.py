"""Where every value of a plan came from: the document stored beside it as `<checksum>.provenance.json`.

Layers are written once and referred to by number, so that thousands of jobs share them; `orun_core.plan.explain` reads it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orun_core.compiler.origins import profile_origin, subscription_origin

if TYPE_CHECKING:
    from orun_core.spec.plan import Plan
    from orun_core.spec.stages import BoundStep, Layer, Origin, Resolution, ResolvedJob

SCHEMA_VERSION = "orun.provenance/v1"


def provenance(resolution: Resolution, plan: Plan) -> dict[str, Any]:
    """The provenance document of a sealed plan, deterministic like the plan."""
    book = _Book()
    jobs = {job.id: _job(job, book) for job in resolution.jobs}
    return {
        "schemaVersion": SCHEMA_VERSION,
        "checksum": plan.metadata.checksum,
        "seal": plan.metadata.seal,
        "files": book.files,
        "layers": book.layers,
        "jobs": dict(sorted(jobs.items())),
    }


class _Book:
    """Files and layers by number, in order of first use."""

    def __init__(self) -> None:
        self.files: list[str] = []
        self.layers: list[dict[str, Any]] = []
        self._files: dict[str, int] = {}
        self._layers: dict[tuple[str, str, str, int], int] = {}

    def place(self, origin: Origin) -> list[Any]:
        """[file number, pointer]."""
        if origin.file not in self._files:
            self._files[origin.file] = len(self.files)
            self.files.append(origin.file)
        return [self._files[origin.file], origin.pointer]

    def layer(self, layer: Layer) -> int:
        key = (layer.name, layer.origin.file, layer.origin.pointer, id(layer.values))
        if key not in self._layers:
            self._layers[key] = len(self.layers)
            values = {name: layer.values[name] for name in sorted(layer.values)}
            self.layers.append({"name": layer.name, "at": self.place(layer.origin), "values": values})
        return self._layers[key]


def _job(job: ResolvedJob, book: _Book) -> dict[str, Any]:
    instance = job.bound.instance
    subscription = instance.subscription
    return {
        "component": book.place(instance.component.origin),
        "subscription": book.place(subscription.origin) if subscription else None,
        "template": book.place(job.bound.template.origin),
        "composition": book.place(instance.composition.origin),
        "profile": book.place(instance.composition.profiles[instance.profile].origin) if instance.profile else None,
        "layers": {
            field: [book.layer(layer) for layer in layers]
            for field, layers in sorted(instance.layers.items())
            if layers
        },
        "steps": [_step(step, book) for step in job.bound.steps],
        "profileChoice": book.place(profile_origin(instance)) if instance.profile else None,
        "environment": book.place(subscription_origin(instance)),
        "edges": {target: book.place(origin) for target, origin in sorted(job.causes.items())},
    }


def _step(bound: BoundStep, book: _Book) -> dict[str, Any]:
    found = {"id": bound.step.id, "at": book.place(bound.origin), "layer": bound.layer}
    changed = {name: book.place(origin) for name, origin in sorted(bound.changed.items())}
    return {**found, "changed": changed} if changed else found
