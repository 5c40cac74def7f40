"""Identity and tamper evidence of a plan: checksum, job digests, job uids and seal, computed and verified.

All functions take the JSON tree of a plan (`spec.tree.document`), just compiled or read from a file.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from orun_core.plan.canonical import canonical, digest
from orun_core.spec.errors import Diagnostic, PlanError
from orun_core.spec.tree import document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from orun_core.spec.plan import Plan

MOST_NAMED = 3
SOURCE_IDENTITY = ("name", "kind", "resolvedDigest")


def checksum(tree: Mapping[str, Any]) -> str:
    """`metadata.checksum`: hash of what will run: execution, jobs without `uid`, composition digests."""
    return digest({**_identity(tree), "jobs": [_without(job, "uid") for job in tree["jobs"]]})


def _identity(tree: Mapping[str, Any]) -> dict[str, Any]:
    sources = tree.get("spec", {}).get("compositionSources", ())
    return {
        "execution": tree["execution"],
        "compositionSources": [{key: source[key] for key in SOURCE_IDENTITY} for source in sources],
    }


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


def sealed(plan: Plan) -> tuple[Plan, dict[str, Any]]:
    """The plan with job digests, checksum, uids and seal, and its JSON tree; whatever stood there before is replaced.

    Equal to calling `job_digest`, `checksum`, `uid` and `seal`, but each job's content is written to canonical form once.
    """
    trees = [document(job) for job in plan.jobs]
    texts = [_JobText(tree) for tree in trees]
    tree = document(replace(plan, jobs=()))
    identity = _spliced({**_identity(tree), "jobs": []}, [text.without_uid() for text in texts])
    tree["metadata"]["checksum"] = identity
    jobs = []
    for job, text, job_tree in zip(plan.jobs, texts, trees, strict=True):
        text.uid = uid(identity, job.id)
        job_tree["digest"], job_tree["uid"] = text.digest, text.uid
        jobs.append(replace(job, digest=text.digest, uid=text.uid))
    tree["jobs"] = []
    described = {**tree, "metadata": _without(tree["metadata"], "seal")}
    tree["metadata"]["seal"] = _spliced(described, [text.complete() for text in texts])
    tree["jobs"] = trees
    metadata = replace(plan.metadata, checksum=identity, seal=tree["metadata"]["seal"])
    return replace(plan, jobs=tuple(jobs), metadata=metadata), tree


class _JobText:
    """Canonical bytes of a job in three parts, between which `digest` and `uid` stand.

    Before `digest` and after `uid` no field of a job holds names of the user's choice, so the first and the last are the job's own.
    """

    __slots__ = ("digest", "head", "middle", "tail", "uid")

    def __init__(self, tree: Mapping[str, Any]) -> None:
        text = canonical({**tree, "digest": "", "uid": ""})
        self.head, _, rest = text.partition(b'"digest":"",')
        self.middle, _, self.tail = rest.rpartition(b',"uid":""')
        self.digest = "sha256-" + sha256(self.head + self.middle + self.tail).hexdigest()
        self.uid = ""

    def without_uid(self) -> bytes:
        return b'%b"digest":"%b",%b%b' % (self.head, self.digest.encode(), self.middle, self.tail)

    def complete(self) -> bytes:
        return b'%b"digest":"%b",%b,"uid":"%b"%b' % (
            self.head,
            self.digest.encode(),
            self.middle,
            self.uid.encode(),
            self.tail,
        )


def _spliced(tree: Mapping[str, Any], jobs: list[bytes]) -> str:
    """Digest of a tree whose empty `jobs` list is replaced by these canonical items."""
    head, tail = canonical(tree).split(b'"jobs":[]', 1)
    return "sha256-" + sha256(b'%b"jobs":[%b]%b' % (head, b",".join(jobs), tail)).hexdigest()


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
    parts = []
    if metadata["checksum"] != checksum(tree):
        parts.append(f"what will run differs from metadata.checksum {metadata['checksum']}")
    parts += _named("differs from its digest", [j["id"] for j in tree["jobs"] if j["digest"] != job_digest(j)])
    foreign = [j["id"] for j in tree["jobs"] if j["uid"] != uid(metadata["checksum"], j["id"])]
    parts += _named("has a uid of another plan", foreign)
    if not parts and metadata["seal"] != seal(tree):
        parts.append("its description differs (metadata, spec or the seal itself); what will run does not")
    hint = "the file was edited after it was compiled: compile it again with `orun plan`"
    for part in parts:
        yield Diagnostic("plan/seal", f"the plan is not as it was sealed: {part}", hint=hint)


def _named(what: str, jobs: list[str]) -> Iterator[str]:
    """One sentence about some jobs: the first few by name, the rest by number."""
    if jobs:
        more = f" (and {len(jobs) - MOST_NAMED} more)" if len(jobs) > MOST_NAMED else ""
        listed = ", ".join(f'"{job}"' for job in jobs[:MOST_NAMED])
        yield f"job {listed}{more} {what}"


def _without(tree: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in tree.items() if key not in keys}
