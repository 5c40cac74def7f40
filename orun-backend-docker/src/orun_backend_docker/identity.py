"""How the containers and networks of a job are named and marked at the engine."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from orun_core.spec.frozen import frozen

if TYPE_CHECKING:
    from orun_core.spec.backend import JobContext
    from orun_core.spec.plan import Job

OWNER = "io.orun.owner"
EXECUTION = "io.orun.execution"
JOB = "io.orun.job"


@frozen
class Identity:
    """Of one attempt of a job: the first part of every name, and the labels, by which orphans are found."""

    name: str
    labels: dict[str, str]

    @classmethod
    def of(cls, job: Job, context: JobContext) -> Identity:
        """A new one, unlike any other."""
        readable = re.sub(r"[^A-Za-z0-9_.-]", "-", f"{context.exec_id}-{job.id}")
        labels = {OWNER: context.owner, EXECUTION: context.exec_id, JOB: job.id}
        return cls(f"orun-{readable}-{secrets.token_hex(4)}", labels)
