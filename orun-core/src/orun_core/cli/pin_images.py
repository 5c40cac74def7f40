"""`orun plan --pin-images`: the same plan with every image named by its digest, so that it runs the same bytes later."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from orun_core.plugins.invoke import blame
from orun_core.spec.errors import Diagnostic, PluginError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orun_core.host import Host
    from orun_core.spec.plan import Job
    from orun_core.spec.stages import Compiled


def with_digests(host: Host, compiled: Compiled) -> Compiled:
    """The compiled plan, sealed again with digests. Raises `RunError` with all images that have none."""
    from orun_core.plan.seal import sealed

    jobs = compiled.plan.jobs
    images = {job.runs_on for job in jobs} | {service.image for job in jobs for service in job.services}
    digests = _digests(host, tuple(sorted(images)))
    plan, document = sealed(replace(compiled.plan, jobs=tuple(_pinned(job, digests) for job in jobs)))
    return replace(compiled, plan=plan, document=document)


def _pinned(job: Job, digests: Mapping[str, str]) -> Job:
    services = tuple(replace(service, image=digests[service.image]) for service in job.services)
    return replace(job, runs_on=digests[job.runs_on], services=services)


def _digests(host: Host, images: tuple[str, ...]) -> Mapping[str, str]:
    """What the first backend by name that knows images says."""
    for offer in host.registry.offers("orun_backends"):
        plugin, entry = host.registry.find("orun_backends", offer.name)
        if entry.pin:
            with blame(plugin, f"pinning of backend '{offer.name}'"):
                digests: Mapping[str, str] = entry.pin(host, None, images)
            return digests
    hint = "install one that does: pip install orun-backend-docker"
    raise PluginError(Diagnostic("plan/no-pinning", "no backend knows the digests of images", hint=hint))
