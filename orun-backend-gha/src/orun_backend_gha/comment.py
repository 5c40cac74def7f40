"""One comment of a pull request that tells the plan, kept up to date in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.spec.amount import amount
from orun_core.spec.ids import plan_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orun_core.spec.plan import Job, Plan

    from orun_backend_gha.api import GitHub

LIMIT = 65_000
"""GitHub refuses comments of more than 65,536 characters."""


def body(plan: Plan, key: str = "") -> str:
    """The comment's Markdown. `key` tells comments of several plans in one pull request apart."""
    components, environments = plan.metadata.selection.components, plan.metadata.selection.envs
    counts = f"{amount(len(components), 'component')} × {amount(len(environments), 'environment')}"
    short = plan_id(plan.metadata.checksum)
    head = [marker(key), f"### orun plan `{short}`", "", f"{counts} → {amount(len(plan.jobs), 'job')}"]
    trigger = plan.metadata.trigger
    head += [f"Trigger: {_code(trigger.name)}, scope {_code(trigger.scope)}", ""]
    if not plan.jobs:
        return "\n".join([*head, "Nothing to do."])
    table = ["| Job | Steps | After |", "|---|---|---|"]
    foot = ["", f"Run it with `orun run {short}`"]
    rows = _fitting([_row(job) for job in plan.jobs], LIMIT - sum(map(len, [*head, *table, *foot])) - 200)
    left = len(plan.jobs) - len(rows)
    more = [f"… and {left} more jobs."] if left else []
    return "\n".join(
        [*head, "<details open><summary>Jobs</summary>", "", *table, *rows, *more, "", "</details>", *foot]
    )


def marker(key: str) -> str:
    """The invisible line by which the comment is found again."""
    return f"<!-- orun-plan {key.replace('--', '')} -->"


def keep(api: GitHub, pull_request: int, text: str, key: str = "") -> str:
    """Write the comment, or change the one that is there when it says something else; its address."""
    mine = marker(key)
    for comment in api.pages(f"/issues/{pull_request}/comments", ""):
        if str(comment.get("body") or "").startswith(mine):
            if comment["body"] != text:
                comment = api.patch(f"/issues/comments/{comment['id']}", {"body": text})
            return str(comment["html_url"])
    return str(api.post(f"/issues/{pull_request}/comments", {"body": text})["html_url"])


def _row(job: Job) -> str:
    after = ", ".join(_code(name) for name in job.depends_on[:5])
    more = f" and {len(job.depends_on) - 5} more" if len(job.depends_on) > 5 else ""
    return f"| {_code(job.id)} | {len(job.steps)} | {after}{more} |"


def _code(text: str) -> str:
    """Text of the plan as code: no part of it is Markdown, a mention, or a cell's end."""
    safe = text.replace("`", "'").replace("|", "\\|").replace("\n", " ")
    return f"`{safe}`" if safe else ""


def _fitting(rows: Iterable[str], room: int) -> list[str]:
    kept: list[str] = []
    for row in rows:
        room -= len(row) + 1
        if room < 0:
            break
        kept.append(row)
    return kept
