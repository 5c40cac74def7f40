"""Values of `secret://` references: `ORUN_SECRET_<KEY>` of orun's own environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.runtime.environment import shout
from orun_core.spec.errors import Diagnostic, RunError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from orun_core.spec.plan import Job

_PREFIX = "ORUN_SECRET_"
_TOKENS = frozenset(("GITHUB_TOKEN", "GH_TOKEN", "ACTIONS_RUNTIME_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"))
"""Variables of a CI system that steps inherit and that nobody may read in a log."""


def secret_key(ref: str) -> str:
    """`KEY` of `secret://[workspace/][dimension:value/]*KEY[@version]`."""
    return ref.partition("://")[2].rpartition("/")[2].partition("@")[0]


def resolve(jobs: Iterable[Job], environ: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Values by job and variable; raises `RunError` with every secret that must be there and is not."""
    values: dict[str, dict[str, str]] = {}
    missing = []
    for job in jobs:
        for secret in job.secret_refs:
            key = secret_key(secret.ref)
            value = environ.get(_PREFIX + key) or environ.get(_PREFIX + shout(key))
            if value:
                values.setdefault(job.id, {})[secret.as_env] = value
            elif not secret.optional:
                message = f"job {job.id} needs the secret {secret.ref} and it has no value"
                missing.append(Diagnostic("run/missing-secret", message, hint=f"set {_PREFIX}{shout(key)}"))
    if missing:
        raise RunError(missing)
    return values


def all_values(environ: Mapping[str, str]) -> list[str]:
    """Every secret that orun was given, also those that no job refers to, and the CI system's tokens: all are masked."""
    return [value for name, value in environ.items() if (name.startswith(_PREFIX) or name in _TOKENS) and value]
