"""What a run did, without clocks, hosts and paths: equal for two runs of one plan on two backends that behave alike."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from orun_core.spec.run import JobState, RunState

SCHEMA_VERSION: Final = "orun.trace/v1"


def trace(state: RunState) -> dict[str, Any]:
    """The trace of a run: jobs by id with their order constraints, steps in order, exit codes and digests of outputs."""
    return {
        "schemaVersion": SCHEMA_VERSION,
        "plan": state.plan_checksum,
        "status": state.status.value,
        "jobs": {job.id: _job(job) for job in sorted(state.jobs, key=lambda job: job.id)},
    }


def _job(job: JobState) -> dict[str, Any]:
    return {
        "status": job.status.value,
        "allowedFailure": job.allowed_failure,
        "after": sorted(job.depends_on),
        "steps": [
            {
                "id": step.id,
                "phase": step.phase,
                "status": step.status.value,
                "exitCode": step.exit_code,
                "attempts": step.attempts,
            }
            for step in job.steps
        ],
        "outputs": {
            name: "sha256:" + sha256(value.encode()).hexdigest() for name, value in sorted(job.outputs.items())
        },
    }
