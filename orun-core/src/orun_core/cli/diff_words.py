"""A change of a plan in words that tell what will happen."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orun_core.plan.diff import Change
    from orun_core.spec.plan import Job

SUBJECTS: Final = (
    (r"steps\.(?P<a>.+)\.run", 'step "{a}" runs'),
    (r"steps\.(?P<a>.+)\.use", 'step "{a}" uses'),
    (r"steps\.(?P<a>.+)\.env\.(?P<b>[^.]+)", 'variable {b} of step "{a}"'),
    (r"steps\.(?P<a>.+)\.with\.(?P<b>[^.]+)", 'input {b} of step "{a}"'),
    (r"steps\.(?P<a>.+)\.(?P<b>timeout|retry|phase|order|shell|working-directory|onFailure)", '{b} of step "{a}"'),
    (r"steps\.(?P<a>.+)", 'step "{a}"'),
    (r"steps", "order of the steps"),
    (r"parameters\.(?P<a>.+)", "parameter {a}"),
    (r"env\.(?P<a>.+)", "variable {a}"),
    (r"labels\.(?P<a>.+)", "label {a}"),
    (r"secretRefs\.(?P<a>[^.]+)(\.ref)?", "secret {a}"),
    (r"policies\.(?P<a>[^.]+)(\.value)?", "policy {a}"),
    (r"policies\.(?P<a>[^.]+)\.layer", "policy {a} is set by"),
    (r"services\.(?P<a>[^.]+)\.image", "image of service {a}"),
    (r"services\.(?P<a>.+)", "service {a}"),
    (r"obligations\..+", "before it starts"),
    (r"waivers\.(?P<a>.+)", "waiver of {a}"),
    (r"dependsOn\.(?P<a>.+)", "waits for {a}"),
    (r"profileSource", "who chose the profile"),
    (r"runsOn", "runs on"),
    (r"path", "runs in the folder"),
    (r"retries", "attempts again after a failure"),
    (r"compositions\.(?P<a>[^.]+)\.resolvedDigest", "content of package {a}"),
    (r"compositions\.(?P<a>[^.]+)", "package {a}"),
    (r"inputs\.(?P<a>.+)", "file {a}"),
    (r"plugins\.(?P<a>[^.]+)\.version", "version of plugin {a}"),
    (r"plugins\.(?P<a>[^.]+)\.roles", "part of plugin {a}"),
    (r"plugins\.(?P<a>[^.]+)", "plugin {a}"),
    (r"compiler", "version of orun"),
    (r"execution\.concurrency", "jobs at once"),
    (r"execution\.failFast", "stop after the first failure"),
    (r"metadata\.(?P<a>.+)", "{a}"),
)
"""Path of a change → what it is about; the first that fits."""

_DIGEST: Final = re.compile(r"sha256:([0-9a-f]{12})[0-9a-f]{52}")


def subject(path: str) -> str:
    """What a change is about."""
    for pattern, words in SUBJECTS:
        if found := re.fullmatch(pattern, path):
            return words.format(**found.groupdict())
    return path


def sentence(change: Change) -> list[str]:
    """A change: its line, and below it, for text of several lines, which of them come and go."""
    about, old, new = subject(change.path), _shown(change.old), _shown(change.new)
    if change.kind == "moved":
        return [f"{about}: {' → '.join(change.new)} (was {' → '.join(change.old)})"]
    if change.path.startswith("inputs."):
        return [f"{about} {'was edited' if change.kind == 'changed' else f'was {change.kind}'}"]
    if "\n" in old or "\n" in new:
        return [f"{about}:", *(f"      {line}" for line in _line_diff(old, new))]
    if isinstance(change.old, list) and isinstance(change.new, list):
        return [f"{about}: {_members(change.old, change.new)}"]
    if change.kind == "changed":
        return [f"{about}: {old} → {new}"]
    if change.path.startswith("dependsOn.") and isinstance(edge := change.new or change.old, dict):
        about = f"{'no longer ' if change.kind == 'removed' else ''}{about}"
        return [f"{about} ({edge['mode']}; {edge.get('reason', edge['kind'])})"]
    return [f"{about}: {new}" if change.kind == "added" else f"{about} is gone (was {old})"]


def _members(old: list[Any], new: list[Any]) -> str:
    """What a list gains and loses; its order when that is all."""
    gained = [f"now with {_shown(item)}" for item in new if item not in old]
    lost = [f"no longer with {_shown(item)}" for item in old if item not in new]
    return ", ".join(gained + lost) or "in another order"


def job_line(job: Job) -> str:
    """A job that comes or goes: what it does, where and after what."""
    after = f", after {', '.join(job.depends_on)}" if job.depends_on else ""
    steps = " → ".join(step.id for step in job.steps) or "no steps"
    return f"{job.id}: {steps}{f' on {job.runs_on}' if job.runs_on else ''}{after}"


def _line_diff(old: str, new: str) -> Iterator[str]:
    from difflib import ndiff

    return (line.rstrip() for line in ndiff(old.splitlines(), new.splitlines()) if line[0] != "?")


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict) and (value.get("run") or value.get("use")):
        return str(value.get("run") or value["use"])
    if isinstance(value, dict) and {"policy", "kind"} <= value.keys():
        how = f" {json.dumps(value['value'])}" if "value" in value else ""
        return f"{value['kind']}{how} ({value['policy']} of {value['layer']})"
    if isinstance(value, dict) and "value" in value:
        value = value["value"]
    if isinstance(value, dict) and "ref" in value:
        value = value["ref"]
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return _DIGEST.sub(r"\1…", text) or '""'
