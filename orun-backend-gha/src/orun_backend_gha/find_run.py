"""Which run on GitHub is meant, and the client that asks."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

from orun_core.spec.errors import Diagnostic, UsageError
from orun_core.spec.frozen import frozen

from orun_backend_gha.api import GitHub, base_of, token_of
from orun_backend_gha.checkout import remote_name

if TYPE_CHECKING:
    from orun_core.spec.host import Host

EXEC_ID = re.compile(r"gh-(\d+)-(\d+)-.+")


@frozen
class Wanted:
    """How a run is named: its number, an execution id, a commit, or the newest of a branch, a workflow, or of those that failed."""

    number: str = ""
    exec_id: str = ""
    sha: str = ""
    branch: str = ""
    workflow: str = ""
    failed: bool = False


def client(host: Host, repository: str = "") -> GitHub:
    """The API of the repository at hand. Raises `UsageError` when there is none."""
    name = repository or host.environ.get("GITHUB_REPOSITORY") or remote_name(host.root)
    if not name:
        hint = "give --repository, GITHUB_REPOSITORY, or the git remote `origin`"
        raise UsageError(Diagnostic("github/no-repository", "which repository on GitHub is not known", hint=hint))
    return GitHub(base_of(host.environ), name, token_of(host.environ), time.sleep)


def runs(api: GitHub, wanted: Wanted, limit: int) -> list[dict[str, Any]]:
    """The newest runs that fit, at most `limit`."""
    path = f"/actions/workflows/{wanted.workflow}/runs" if wanted.workflow else "/actions/runs"
    query: dict[str, str | int] = {"per_page": min(limit, 100)}
    query |= {"branch": wanted.branch} if wanted.branch else {}
    query |= {"head_sha": wanted.sha} if wanted.sha else {}
    query |= {"status": "failure"} if wanted.failed else {}
    found: list[dict[str, Any]] = []
    for run in api.pages(path, "workflow_runs", **query):
        found.append(run)
        if len(found) == limit:
            break
    return found


def one_run(api: GitHub, wanted: Wanted) -> dict[str, Any]:
    """The run that is meant, of an execution the very attempt. Raises `UsageError` when none fits."""
    named = EXEC_ID.fullmatch(wanted.exec_id)
    number = wanted.number or (named[1] if named else "")
    if wanted.exec_id and not named:
        message = f"{wanted.exec_id!r} is not an execution of GitHub Actions"
        raise UsageError(Diagnostic("github/no-run", message, hint="such ids look like gh-RUN-ATTEMPT-PLAN"))
    attempt = f"/attempts/{named[2]}" if named and not wanted.number else ""
    found = [api.find(f"/actions/runs/{number}{attempt}")] if number else runs(api, wanted, 1)
    if not found or found[0] is None:
        raise UsageError(Diagnostic("github/no-run", "no run on GitHub fits", hint="`orun github runs` lists them"))
    run: dict[str, Any] = found[0]
    return run
