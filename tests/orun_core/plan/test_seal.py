from __future__ import annotations

import json
from copy import deepcopy
from hashlib import sha256

import pytest
from orun_core.plan.seal import checksum, differences, job_digest, seal, uid
from orun_core.spec.tree import document
from planned import plan


def hashed(tree: object) -> str:
    text = json.dumps(tree, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return "sha256-" + sha256(text.encode()).hexdigest()


def test_the_sealed_tree_is_the_document_of_the_sealed_plan() -> None:
    value, tree = plan()
    assert document(value) == tree


def test_identities_are_the_hashes_that_the_contract_defines() -> None:
    _, tree = plan()
    first = tree["jobs"][0]
    assert (
        first["digest"] == job_digest(first) == hashed({k: v for k, v in first.items() if k not in ("uid", "digest")})
    )
    runs = {
        "execution": {"concurrency": 4, "failFast": True},
        "jobs": [{k: v for k, v in job.items() if k != "uid"} for job in tree["jobs"]],
        "compositionSources": [{"name": "stack", "kind": "dir", "resolvedDigest": "sha256:aa"}],
    }
    assert tree["metadata"]["checksum"] == checksum(tree) == hashed(runs)
    digits = tree["metadata"]["checksum"][7:14]
    assert first["uid"] == uid(tree["metadata"]["checksum"], first["id"])
    assert first["uid"] == f"job_{digits}_{sha256(b'api.dev.deploy').hexdigest()[:12]}"
    rest = {k: v for k, v in tree["metadata"].items() if k != "seal"}
    assert tree["metadata"]["seal"] == seal(tree) == hashed({**tree, "metadata": rest})


def test_a_sealed_plan_has_no_differences() -> None:
    assert differences(plan()[1]) == ()


def test_sealing_again_changes_nothing() -> None:
    value, tree = plan()
    assert plan(*value.jobs)[1] == tree


@pytest.mark.parametrize(
    ("path", "value", "parts"),
    [
        (("metadata", "name"), "other", ["its description differs"]),
        (("metadata", "seal"), "sha256-0", ["its description differs"]),
        (("execution", "concurrency"), 9, ["what will run differs"]),
        (("jobs", 1, "env", "A"), "2", ["what will run differs", 'job "web.dev.deploy" differs from its digest']),
        (("jobs", 0, "uid"), "job_x", ['job "api.dev.deploy" has a uid of another plan']),
        (("spec", "compositionSources", 0, "path"), "elsewhere", ["its description differs"]),
    ],
)
def test_a_change_is_named(path: tuple, value: object, parts: list[str]) -> None:
    tree = deepcopy(plan()[1])
    *parents, last = path
    target = tree
    for key in parents:
        target = target[key]
    target[last] = value
    found = [problem.message for problem in differences(tree)]
    assert len(found) == len(parts)
    assert all(part in message for part, message in zip(parts, found, strict=True))


def test_a_new_seal_does_not_hide_an_edited_job() -> None:
    tree = deepcopy(plan()[1])
    tree["jobs"][0]["steps"][0]["run"] = "curl evil"
    tree["metadata"]["seal"] = seal(tree)
    assert [problem.code for problem in differences(tree)] == ["plan/seal"] * 2
