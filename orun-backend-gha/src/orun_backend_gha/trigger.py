"""The trigger provider `github`: payloads of GitHub events, and the change range of an Actions run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from orun_core.spec.errors import Diagnostic, UsageError
from orun_core.spec.json_text import loads
from orun_core.spec.trigger import ChangeRange, TriggerEvent, branch_of, payload_revision, payload_text, tag_of

if TYPE_CHECKING:
    from collections.abc import Mapping

PULL_REQUESTS = ("pull_request", "pull_request_target")
DEFAULT_BRANCH = "main"


class GitHubTrigger:
    """Reads what GitHub sends to webhooks and puts at `GITHUB_EVENT_PATH`."""

    def parse(self, payload: Mapping[str, Any], environ: Mapping[str, str]) -> TriggerEvent:
        """The event of a payload, the same on every machine: `GITHUB_EVENT_NAME` only says what the payload does not.

        Raises `UsageError` for a payload of another kind.
        """
        name = event_name(payload, environ.get("GITHUB_EVENT_NAME", ""))
        if name in PULL_REQUESTS:
            return _pull_request(name, payload)
        if name == "push":
            return _push(payload)
        if name == "merge_group":
            return _merge_group(payload)
        ref = payload_text(payload, "ref")
        if name == "schedule":
            ref = f"refs/heads/{payload_text(payload, 'repository.default_branch') or DEFAULT_BRANCH}"
        return TriggerEvent(
            provider="github",
            event=name,
            action=payload_text(payload, "action"),
            branch=branch_of(ref),
            tag=tag_of(ref),
            ref=ref,
            payload=payload,
        )

    def detect(self, environ: Mapping[str, str]) -> ChangeRange | None:
        """The revisions that an Actions run stands between, or None outside Actions."""
        if environ.get("GITHUB_ACTIONS", "").lower() != "true":
            return None
        name = environ.get("GITHUB_EVENT_NAME") or "unknown"
        sha = environ.get("GITHUB_SHA", "")
        if name in PULL_REQUESTS:
            base = environ.get("GITHUB_BASE_REF") or DEFAULT_BRANCH
            return ChangeRange(name, base, sha or environ.get("GITHUB_HEAD_REF", ""))
        payload = _event_file(environ.get("GITHUB_EVENT_PATH", ""))
        default = payload_text(payload, "repository.default_branch") or DEFAULT_BRANCH
        if name == "push":
            return ChangeRange(name, payload_revision(payload, "before") or default, sha)
        if name == "merge_group":
            return ChangeRange(name, payload_revision(payload, "merge_group.base_sha") or default, sha)
        return ChangeRange(name, default, sha or "HEAD")


def event_name(payload: Mapping[str, Any], said: str) -> str:
    """The name that the keys of a payload give away; `said` decides between kinds of pull request and for unknown keys."""
    found = inferred_name(payload)
    if found == "pull_request":
        return said if said.startswith(found) else found
    return said or found if found == "unknown" else found


def inferred_name(payload: Mapping[str, Any]) -> str:
    """The event name that the keys of a payload give away, `unknown` when none does."""
    if "merge_group" in payload:
        return "merge_group"
    if "pull_request" in payload:
        return "pull_request"
    if "before" in payload and "after" in payload:
        return "push"
    if "schedule" in payload:
        return "schedule"
    return "workflow_dispatch" if "workflow" in payload and "ref" in payload else "unknown"


def _pull_request(name: str, payload: Mapping[str, Any]) -> TriggerEvent:
    _demand(name, payload, "pull_request.base.ref", "pull_request.head.ref")
    number = payload_text(payload, "pull_request.number") or payload_text(payload, "number")
    return TriggerEvent(
        provider="github",
        event=name,
        action=payload_text(payload, "action"),
        branch=payload_text(payload, "pull_request.head.ref"),
        base_branch=payload_text(payload, "pull_request.base.ref"),
        ref=f"refs/pull/{number}/merge" if number else "",
        base_sha=payload_revision(payload, "pull_request.base.sha"),
        head_sha=payload_revision(payload, "pull_request.head.sha"),
        payload=payload,
    )


def _push(payload: Mapping[str, Any]) -> TriggerEvent:
    _demand("push", payload, "ref")
    ref = payload_text(payload, "ref")
    return TriggerEvent(
        provider="github",
        event="push",
        branch=branch_of(ref),
        tag=tag_of(ref),
        ref=ref,
        base_sha=payload_revision(payload, "before"),
        head_sha=payload_revision(payload, "after"),
        payload=payload,
    )


def _merge_group(payload: Mapping[str, Any]) -> TriggerEvent:
    _demand("merge_group", payload, "merge_group.head_ref", "merge_group.base_ref")
    ref = payload_text(payload, "merge_group.head_ref")
    return TriggerEvent(
        provider="github",
        event="merge_group",
        action=payload_text(payload, "action"),
        branch=branch_of(ref),
        base_branch=branch_of(payload_text(payload, "merge_group.base_ref")),
        ref=ref,
        base_sha=payload_revision(payload, "merge_group.base_sha"),
        head_sha=payload_revision(payload, "merge_group.head_sha"),
        payload=payload,
    )


def _demand(event: str, payload: Mapping[str, Any], *paths: str) -> None:
    missing = [path for path in paths if not payload_text(payload, path)]
    if missing:
        message = f"the payload is not a github {event} event: {', '.join(missing)} is missing"
        hint = "set GITHUB_EVENT_NAME to the event that sent this payload"
        raise UsageError(Diagnostic("trigger/wrong-payload", message, hint=hint))


def _event_file(path: str) -> Mapping[str, Any]:
    """The payload that Actions wrote, or an empty one: detection must not fail where a default exists."""
    try:
        payload = loads(Path(path).read_bytes()) if path else {}
    except (OSError, ValueError):
        return {}
    return payload if isinstance(payload, dict) else {}
