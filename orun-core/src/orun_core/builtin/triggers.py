"""Core's trigger providers: `gitlab`, `buildkite` and `manual`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orun_core.spec.entries import TriggerEntry
from orun_core.spec.errors import Diagnostic, UsageError
from orun_core.spec.trigger import ChangeRange, TriggerEvent, branch_of, payload_revision, payload_text, tag_of

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_BRANCH = "main"


class ManualTrigger:
    """Events that people write themselves.

    The payload says all: `event`, `action`, `branch`, `baseBranch`, `tag`, `ref`, `base` and `head`.
    """

    def parse(self, payload: Mapping[str, Any], environ: Mapping[str, str]) -> TriggerEvent:  # noqa: ARG002
        """The event that the payload spells out; `manual` without a name."""
        return TriggerEvent(
            provider="manual",
            event=payload_text(payload, "event") or "manual",
            action=payload_text(payload, "action"),
            branch=payload_text(payload, "branch"),
            base_branch=payload_text(payload, "baseBranch"),
            tag=payload_text(payload, "tag"),
            ref=payload_text(payload, "ref"),
            base_sha=payload_text(payload, "base"),
            head_sha=payload_text(payload, "head"),
            payload=payload,
        )

    def detect(self, environ: Mapping[str, str]) -> ChangeRange | None:  # noqa: ARG002
        """Never: a person says what to compare with."""
        return None


class GitLabTrigger:
    """GitLab webhooks `push`, `tag_push` and `merge_request`, and GitLab CI jobs."""

    def parse(self, payload: Mapping[str, Any], environ: Mapping[str, str]) -> TriggerEvent:  # noqa: ARG002
        """The event of a webhook payload, named by its `object_kind`. Raises `UsageError` without one."""
        kind = payload_text(payload, "object_kind")
        if not kind:
            message = "the payload is not a gitlab event: object_kind is missing"
            raise UsageError(Diagnostic("trigger/wrong-payload", message, hint="give the body of a GitLab webhook"))
        if kind == "merge_request":
            return TriggerEvent(
                provider="gitlab",
                event=kind,
                action=payload_text(payload, "object_attributes.action"),
                branch=payload_text(payload, "object_attributes.source_branch"),
                base_branch=payload_text(payload, "object_attributes.target_branch"),
                ref=f"refs/merge-requests/{payload_text(payload, 'object_attributes.iid')}/head",
                head_sha=payload_text(payload, "object_attributes.last_commit.id"),
                payload=payload,
            )
        ref = payload_text(payload, "ref")
        return TriggerEvent(
            provider="gitlab",
            event=kind,
            branch=branch_of(ref),
            tag=tag_of(ref),
            ref=ref,
            base_sha=payload_revision(payload, "before"),
            head_sha=payload_revision(payload, "checkout_sha") or payload_revision(payload, "after"),
            payload=payload,
        )

    def detect(self, environ: Mapping[str, str]) -> ChangeRange | None:
        """The range of a GitLab CI job, or None outside GitLab."""
        if not environ.get("GITLAB_CI", "").strip():
            return None
        sha = environ.get("CI_COMMIT_SHA", "")
        target = environ.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "")
        if target:
            return ChangeRange("merge_request", target, environ.get("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME") or sha)
        return ChangeRange("push", DEFAULT_BRANCH, sha or "HEAD")


class BuildkiteTrigger:
    """Buildkite webhooks `build.*`, and Buildkite jobs."""

    def parse(self, payload: Mapping[str, Any], environ: Mapping[str, str]) -> TriggerEvent:  # noqa: ARG002
        """The event of a webhook payload: `pull_request` when the build belongs to one, else `push`.

        Raises `UsageError` without a build.
        """
        if not payload_text(payload, "build.commit"):
            message = "the payload is not a buildkite event: build.commit is missing"
            raise UsageError(Diagnostic("trigger/wrong-payload", message, hint="give the body of a Buildkite webhook"))
        tag = payload_text(payload, "build.tag")
        branch = payload_text(payload, "build.branch")
        base = payload_text(payload, "build.pull_request.base")
        return TriggerEvent(
            provider="buildkite",
            event="pull_request" if base else "push",
            action=payload_text(payload, "event"),
            branch="" if tag else branch,
            base_branch=base,
            tag=tag,
            ref=f"refs/tags/{tag}" if tag else f"refs/heads/{branch}",
            head_sha=payload_text(payload, "build.commit"),
            payload=payload,
        )

    def detect(self, environ: Mapping[str, str]) -> ChangeRange | None:
        """The range of a Buildkite job, or None outside Buildkite."""
        if not environ.get("BUILDKITE", "").strip():
            return None
        base = environ.get("BUILDKITE_PULL_REQUEST_BASE_BRANCH", "")
        event = "pull_request" if base else "push"
        return ChangeRange(event, base or DEFAULT_BRANCH, environ.get("BUILDKITE_COMMIT") or "HEAD")


TRIGGERS = (
    TriggerEntry("buildkite", "Buildkite webhooks and jobs", BuildkiteTrigger),
    TriggerEntry("gitlab", "GitLab webhooks and CI jobs", GitLabTrigger),
    TriggerEntry("manual", "events written by hand", ManualTrigger),
)
"""What core offers; `builtin/plugin.py` registers it."""
