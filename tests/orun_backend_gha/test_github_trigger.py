"""The `github` trigger provider on recorded payloads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from orun_backend_gha.trigger import GitHubTrigger
from orun_core.spec.errors import UsageError
from orun_core.spec.trigger import ChangeRange

PAYLOADS = Path(__file__).parent / "payloads"
BASE = "6dcb09b5b57875f334f61aebed695e2e4193db5e"
HEAD = "b8a6a4fd1b5b2b5bd9c3f3c7a6f5dbd5f4b13d0c"
MERGED = "f95f852bd8fca8fcc58a9a2d6c842781e32a215e"
QUEUE = f"gh-readonly-queue/main/pr-42-{BASE}"

EVENTS = {
    "push": ("push", "", "main", "", "", "refs/heads/main", BASE, HEAD),
    "push_new_branch": ("push", "", "release/1.4", "", "", "refs/heads/release/1.4", "", HEAD),
    "push_tag": ("push", "", "", "", "v1.4.0", "refs/tags/v1.4.0", "", HEAD),
    "pull_request_opened": (
        "pull_request",
        "opened",
        "feature/api-memory",
        "main",
        "",
        "refs/pull/42/merge",
        BASE,
        HEAD,
    ),
    "pull_request_synchronize": (
        "pull_request",
        "synchronize",
        "feature/api-memory",
        "main",
        "",
        "refs/pull/42/merge",
        BASE,
        HEAD,
    ),
    "pull_request_fork": ("pull_request", "opened", "feature/api-memory", "main", "", "refs/pull/42/merge", BASE, HEAD),
    "merge_group": ("merge_group", "checks_requested", QUEUE, "main", "", f"refs/heads/{QUEUE}", BASE, MERGED),
    "schedule": ("schedule", "", "main", "", "", "refs/heads/main", "", ""),
    "workflow_dispatch": ("workflow_dispatch", "", "main", "", "", "refs/heads/main", "", ""),
}


def payload(name: str) -> dict[str, object]:
    return json.loads((PAYLOADS / f"{name}.json").read_text())


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_a_recorded_payload_is_understood_without_its_event_name(name):
    body = payload(name)
    event = GitHubTrigger().parse(body, {})
    found = (
        event.event,
        event.action,
        event.branch,
        event.base_branch,
        event.tag,
        event.ref,
        event.base_sha,
        event.head_sha,
    )
    assert (event.provider, found) == ("github", EVENTS[name])
    assert event.payload == body


def test_actions_says_which_kind_of_pull_request_it_is():
    event = GitHubTrigger().parse(payload("pull_request_target"), {"GITHUB_EVENT_NAME": "pull_request_target"})
    assert (event.event, event.base_branch, event.head_sha) == ("pull_request_target", "main", HEAD)


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_the_same_payload_is_the_same_event_in_every_run(name):
    body = payload(name)
    elsewhere = {"GITHUB_EVENT_NAME": "push", "GITHUB_REF": "refs/heads/other", "GITHUB_SHA": MERGED}
    assert GitHubTrigger().parse(body, {**elsewhere, "GITHUB_ACTIONS": "true"}) == GitHubTrigger().parse(body, {})


def test_an_unknown_payload_is_an_unknown_event():
    assert GitHubTrigger().parse({"zen": "Keep it logically awesome."}, {}).event == "unknown"


@pytest.mark.parametrize("name", ["push", "pull_request", "pull_request_target", "merge_group"])
def test_a_payload_of_another_event_is_refused(name):
    with pytest.raises(UsageError) as caught:
        GitHubTrigger().parse({"zen": "Keep it logically awesome."}, {"GITHUB_EVENT_NAME": name})
    (problem,) = caught.value.diagnostics
    assert problem.code == "trigger/wrong-payload"
    assert problem.message.startswith(f"the payload is not a github {name} event: ")


def actions(name: str, event_file: str = "", **more: str) -> dict[str, str]:
    path = str(PAYLOADS / event_file) if event_file else ""
    return {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": path, **more}


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        (actions("pull_request", GITHUB_BASE_REF="develop", GITHUB_SHA=MERGED), ("pull_request", "develop", MERGED)),
        (actions("pull_request", GITHUB_HEAD_REF="feature/x"), ("pull_request", "main", "feature/x")),
        (
            actions("pull_request_target", GITHUB_BASE_REF="main", GITHUB_SHA=BASE),
            ("pull_request_target", "main", BASE),
        ),
        (actions("push", "push.json", GITHUB_SHA=HEAD), ("push", BASE, HEAD)),
        (actions("push", "push_new_branch.json", GITHUB_SHA=HEAD), ("push", "main", HEAD)),
        (actions("push", "no-such-file.json", GITHUB_SHA=HEAD), ("push", "main", HEAD)),
        (actions("merge_group", "merge_group.json", GITHUB_SHA=MERGED), ("merge_group", BASE, MERGED)),
        (actions("schedule", "schedule.json"), ("schedule", "main", "HEAD")),
        (actions("", "", GITHUB_SHA=HEAD), ("unknown", "main", HEAD)),
    ],
)
def test_the_change_range_of_an_actions_run(environ, expected):
    assert GitHubTrigger().detect(environ) == ChangeRange(*expected)


def test_a_broken_event_file_leaves_the_default(tmp_path):
    broken = tmp_path / "event.json"
    broken.write_text("{")
    environ = {"GITHUB_ACTIONS": "TRUE", "GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": str(broken)}
    assert GitHubTrigger().detect(environ) == ChangeRange("push", "main", "")


def test_nothing_is_detected_outside_actions():
    assert GitHubTrigger().detect({"GITHUB_EVENT_NAME": "push"}) is None
