"""Values of `secret://` references: `ORUN_SECRET_<KEY>` of orun's own environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.runtime.environment import shout
from orun_core.runtime.secret_variants import SHORTEST
from orun_core.spec.errors import Diagnostic, RunError
from orun_core.spec.run import Noted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from orun_core.spec.plan import Job, SecretRef

_PREFIX = "ORUN_SECRET_"
_TOKENS = frozenset(("GITHUB_TOKEN", "GH_TOKEN", "ACTIONS_RUNTIME_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"))
"""Variables of a CI system that steps inherit and that nobody may read in a log."""


def secret_key(ref: str) -> str:
    """`KEY` of `secret://[workspace/][dimension:value/]*KEY[@version]`."""
    return ref.partition("://")[2].rpartition("/")[2].partition("@")[0]


def resolve(jobs: Sequence[Job], environ: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Values by job and variable; raises `RunError` with every secret that must be there and is not."""
    if wanting := missing(jobs, environ):
        raise RunError(wanting)
    values: dict[str, dict[str, str]] = {}
    for job in jobs:
        for secret in job.secret_refs:
            if value := _value(secret, environ):
                values.setdefault(job.id, {})[secret.as_env] = value
    return values


def missing(jobs: Iterable[Job], environ: Mapping[str, str]) -> list[Diagnostic]:
    """One problem per secret that must be there and is not, with the jobs that need it."""
    needed: dict[str, list[str]] = {}
    for job in jobs:
        for secret in job.secret_refs:
            if not secret.optional and not _value(secret, environ):
                needed.setdefault(secret.ref, []).append(job.id)
    found = []
    for ref, (first, *others) in needed.items():
        who = f"job {first}" + (f" and {len(others)} more" if others else "")
        text = f"{who} {'need' if others else 'needs'} the secret {ref} and it has no value"
        found.append(Diagnostic("run/missing-secret", text, hint=f"set {_PREFIX}{shout(secret_key(ref))}"))
    return found


def _value(secret: SecretRef, environ: Mapping[str, str]) -> str:
    key = secret_key(secret.ref)
    return environ.get(_PREFIX + key) or environ.get(_PREFIX + shout(key)) or ""


def unmasked(values: Mapping[str, Mapping[str, str]]) -> Iterator[Noted]:
    """A note for each secret of a job that is too short to be masked."""
    for job, secrets in values.items():
        for variable, value in secrets.items():
            if len(value.strip().encode("utf-8", "surrogateescape")) < SHORTEST:
                message = f"the secret in {variable} has fewer than {SHORTEST} bytes and is not masked"
                yield Noted("short-secret", message, job)


def all_values(environ: Mapping[str, str]) -> list[str]:
    """Every secret that orun was given, also those that no job refers to, and the CI system's tokens: all are masked."""
    return [value for name, value in environ.items() if (name.startswith(_PREFIX) or name in _TOKENS) and value]
