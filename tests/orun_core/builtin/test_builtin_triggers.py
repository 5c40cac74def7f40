"""Core's own trigger providers: the same door as `github`."""

from __future__ import annotations

import pytest
from orun_core.builtin.triggers import TRIGGERS, BuildkiteTrigger, GitLabTrigger, ManualTrigger
from orun_core.spec.errors import UsageError
from orun_core.spec.trigger import ChangeRange

BEFORE = "95790bf891e76fee5e1747ab589903a6a1f80f22"
AFTER = "da1560886d4f094c3e6c9ef40349f7d38b5d27d7"
ZEROS = "0" * 40


def test_the_providers_are_offered_by_name():
    assert [entry.name for entry in TRIGGERS] == ["buildkite", "gitlab", "manual"]
    assert [type(entry.create()) for entry in TRIGGERS] == [BuildkiteTrigger, GitLabTrigger, ManualTrigger]


def test_a_gitlab_push():
    payload = {"object_kind": "push", "ref": "refs/heads/main", "before": BEFORE, "after": AFTER, "checkout_sha": AFTER}
    event = GitLabTrigger().parse(payload, {})
    assert (event.provider, event.event, event.branch, event.base_sha, event.head_sha) == (
        "gitlab",
        "push",
        "main",
        BEFORE,
        AFTER,
    )


def test_a_gitlab_tag_push_has_a_tag_and_no_base():
    event = GitLabTrigger().parse(
        {"object_kind": "tag_push", "ref": "refs/tags/v1", "before": ZEROS, "after": AFTER}, {}
    )
    assert (event.event, event.tag, event.branch, event.base_sha, event.head_sha) == ("tag_push", "v1", "", "", AFTER)


def test_a_gitlab_merge_request():
    attributes = {
        "iid": 7,
        "action": "update",
        "source_branch": "feature/x",
        "target_branch": "main",
        "last_commit": {"id": AFTER},
    }
    event = GitLabTrigger().parse({"object_kind": "merge_request", "object_attributes": attributes}, {})
    found = (event.event, event.action, event.branch, event.base_branch, event.ref, event.head_sha)
    assert found == ("merge_request", "update", "feature/x", "main", "refs/merge-requests/7/head", AFTER)


def test_a_buildkite_build_of_a_pull_request_and_of_a_tag():
    build = {"commit": AFTER, "branch": "feature/x", "tag": None, "pull_request": {"id": "7", "base": "main"}}
    event = BuildkiteTrigger().parse({"event": "build.scheduled", "build": build}, {})
    found = (event.event, event.action, event.branch, event.base_branch, event.head_sha)
    assert found == ("pull_request", "build.scheduled", "feature/x", "main", AFTER)
    tagged = BuildkiteTrigger().parse(
        {"build": {"commit": AFTER, "branch": "v1", "tag": "v1", "pull_request": None}}, {}
    )
    assert (tagged.event, tagged.branch, tagged.tag, tagged.ref) == ("push", "", "v1", "refs/tags/v1")


@pytest.mark.parametrize("provider", [GitLabTrigger, BuildkiteTrigger])
def test_a_payload_of_another_system_is_refused(provider):
    with pytest.raises(UsageError) as caught:
        provider().parse({"ref": "refs/heads/main"}, {})
    assert caught.value.diagnostics[0].code == "trigger/wrong-payload"


def test_a_manual_event_says_everything_itself():
    event = ManualTrigger().parse({"event": "release", "tag": "v1", "baseBranch": "main", "head": AFTER}, {})
    assert (event.provider, event.event, event.tag, event.base_branch, event.head_sha) == (
        "manual",
        "release",
        "v1",
        "main",
        AFTER,
    )
    assert ManualTrigger().parse({}, {}).event == "manual"
    assert ManualTrigger().detect({"GITLAB_CI": "true"}) is None


@pytest.mark.parametrize(
    ("provider", "environ", "expected"),
    [
        (
            GitLabTrigger,
            {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "x"},
            ("merge_request", "main", "x"),
        ),
        (
            GitLabTrigger,
            {"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main", "CI_COMMIT_SHA": AFTER},
            ("merge_request", "main", AFTER),
        ),
        (GitLabTrigger, {"CI_COMMIT_SHA": AFTER}, ("push", "main", AFTER)),
        (GitLabTrigger, {}, ("push", "main", "HEAD")),
        (
            BuildkiteTrigger,
            {"BUILDKITE_PULL_REQUEST_BASE_BRANCH": "dev", "BUILDKITE_COMMIT": AFTER},
            ("pull_request", "dev", AFTER),
        ),
        (BuildkiteTrigger, {}, ("push", "main", "HEAD")),
    ],
)
def test_the_change_range_of_a_ci_job(provider, environ, expected):
    switch = {"GITLAB_CI": "true"} if provider is GitLabTrigger else {"BUILDKITE": "true"}
    assert provider().detect({**switch, **environ}) == ChangeRange(*expected)
    assert provider().detect({**environ, "GITLAB_CI": " ", "BUILDKITE": ""}) is None
