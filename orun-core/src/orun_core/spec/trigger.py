"""How an event of a CI provider becomes an input of the compiler."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Protocol

from orun_core.spec.frozen import frozen


@frozen
class TriggerEvent:
    """An event, with fields named as in `automation.triggerBindings`. A field is empty when the event does not have it."""

    provider: str
    event: str
    action: str = ""
    branch: str = ""
    base_branch: str = ""
    tag: str = ""
    ref: str = ""
    base_sha: str = ""
    head_sha: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)


@frozen
class ChangeRange:
    """The revisions that a CI run compares, for `--changed` without explicit refs."""

    event: str
    base: str
    head: str


class TriggerProvider(Protocol):
    """A CI system."""

    def parse(self, payload: Mapping[str, Any], environ: Mapping[str, str]) -> TriggerEvent:
        """The event of a payload; `environ` is the process environment, given by the caller. Raises `UsageError`."""

    def detect(self, environ: Mapping[str, str]) -> ChangeRange | None:
        """The change range of the CI run this process is in, or None outside this CI system."""


def payload_text(payload: Mapping[str, Any], path: str) -> str:
    """The value at a dotted path of a payload, as text: `pull_request.base.sha`. Empty when there is none."""
    here: object = payload
    for key in path.split("."):
        here = here.get(key) if isinstance(here, Mapping) else None
    return "" if here is None or isinstance(here, Mapping | list) else str(here)


def payload_revision(payload: Mapping[str, Any], path: str) -> str:
    """The revision at a dotted path of a payload; empty when there is none, which CI systems write as all zeros."""
    sha = payload_text(payload, path)
    return sha if sha.strip("0") else ""


def branch_of(ref: str) -> str:
    """The branch of a full ref, or nothing: `refs/heads/release/1` → `release/1`."""
    return ref.removeprefix("refs/heads/") if ref.startswith("refs/heads/") else ""


def tag_of(ref: str) -> str:
    """The tag of a full ref, or nothing: `refs/tags/v1` → `v1`."""
    return ref.removeprefix("refs/tags/") if ref.startswith("refs/tags/") else ""
