"""Identity and tamper evidence of a plan: checksum, job digests, job uids and seal, computed and verified.

All functions take the JSON tree of a plan (`plan.canonical.document`), just compiled or read from a file.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from orun_core.plan.canonical import digest, document
from orun_core.spec.errors import Diagnostic, PlanError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orun_core.spec.plan import Plan

SOURCE_IDENTITY = ("name", "kind", "resolvedDigest")


def checksum(tree: Mapping[str, Any]) -> str:
    """`metadata.checksum`: hash of what will run: execution, jobs without `uid`, composition digests."""
    sources = tree.get("spec", {}).get("compositionSources", ())
    return digest(
        {
            "execution": tree["execution"],
            "jobs": [_without(job, "uid") for job in tree["jobs"]],
            "compositionSources": [{key: source[key] for key in SOURCE_IDENTITY} for source in sources],
        }
    )


def job_digest(job: Mapping[str, Any]) -> str:
    """`jobs[].digest`: hash of one job's own content, without `uid` and `digest`."""
    return digest(_without(job, "uid", "digest"))


def uid(plan_checksum: str, job_id: str) -> str:
    """`jobs[].uid`: 7 digits of the checksum and 12 of the id's hash."""
    plan_part = plan_checksum.removeprefix("sha256-")[:7]
    return f"job_{plan_part}_{sha256(job_id.encode()).hexdigest()[:12]}"


def seal(tree: Mapping[str, Any]) -> str:
    """`metadata.seal`: hash of the whole plan without this field."""
    return digest({**tree, "metadata": _without(tree["metadata"], "seal")})


def sealed(plan: Plan) -> Plan:
    """The plan with job digests, checksum, uids and seal; whatever stood there before is replaced."""
    jobs = [document(job) for job in plan.jobs]
    digests = [job_digest(job) for job in jobs]
    for job, job_sum in zip(jobs, digests, strict=True):
        job["digest"] = job_sum
    tree = {**document(replace(plan, jobs=())), "jobs": jobs}
    identity = checksum(tree)
    uids = [uid(identity, job["id"]) for job in jobs]
    for job, job_uid in zip(jobs, uids, strict=True):
        job["uid"] = job_uid
    tree["metadata"]["checksum"] = identity
    complete = tuple(
        replace(job, digest=job_sum, uid=job_uid)
        for job, job_sum, job_uid in zip(plan.jobs, digests, uids, strict=True)
    )
    metadata = replace(plan.metadata, checksum=identity, seal=seal(tree))
    return replace(plan, jobs=complete, metadata=metadata)


def differences(tree: Mapping[str, Any]) -> tuple[Diagnostic, ...]:
    """What in a sealed plan is not what was sealed, from the largest to the smallest part; empty when all is right."""
    return tuple(_differences(tree))


def verify(tree: Mapping[str, Any], where: str) -> None:
    """Raise `PlanError` (`plan/seal`) when the plan is not as it was sealed: one diagnostic per part that differs."""
    found = differences(tree)
    if found:
        raise PlanError(Diagnostic(d.code, f"{where}: {d.message}", hint=d.hint) for d in found)


def _differences(tree: Mapping[str, Any]) -> Iterator[Diagnostic]:
    metadata = tree["metadata"]
    if metadata["seal"] == seal(tree):
        return
    parts = []
    if metadata["checksum"] != checksum(tree):
        parts.append(f"what will run differs from metadata.checksum {metadata['checksum']}")
    parts += [f'job "{job["id"]}" differs from its digest' for job in tree["jobs"] if job["digest"] != job_digest(job)]
    parts += [
        f'job "{job["id"]}" has a uid of another plan'
        for job in tree["jobs"]
        if job["uid"] != uid(metadata["checksum"], job["id"])
    ]
    if not parts:
        parts.append("its description differs (metadata, spec or a seal of another file); what will run does not")
    hint = "the file was edited after it was compiled: compile it again with `orun plan`"
    for part in parts:
        yield Diagnostic("plan/seal", f"the plan is not as it was sealed: {part}", hint=hint)


def _without(tree: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in tree.items() if key not in keys}
