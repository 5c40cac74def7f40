"""A runner reduced to its record: does each job's work once, skips what an earlier try of this execution did.

recording.py JOBS
"""

from __future__ import annotations

import sys
from pathlib import Path

from orun_core.spec.run import (
    SCHEMA_VERSION,
    JobFinished,
    JobSkipped,
    JobStarted,
    PlannedJob,
    PlannedStep,
    RunFinished,
    RunStarted,
    Status,
    StepFinished,
    StepStarted,
)
from orun_core.state.local import LocalStore

EXEC_ID = "crash"


def main() -> None:
    store = LocalStore(Path(".orun"), read_plan=lambda path: None)
    store.save_plan('{"a": 1}', "sha256-" + "0" * 64, '{"b": 2}', "demo")
    jobs = tuple(
        PlannedJob(f"c{n}.dev.j", f"c{n}", "dev", "j", "J", f"sha256-{n}", (), (PlannedStep("work"),))
        for n in range(int(sys.argv[1]))
    )
    known = EXEC_ID in store.layout.run_ids()
    writer = store.begin(EXEC_ID)
    earlier = {job.id: job.status for job in store.run(EXEC_ID).jobs} if known and store.events(EXEC_ID) else {}
    resumed = bool(earlier)
    writer.append(
        RunStarted(SCHEMA_VERSION, EXEC_ID, "sha256-0", "demo", "fake", "manual", "ada", 1, True, jobs, resumed=resumed)
    )
    for job in jobs:
        if earlier.get(job.id) is Status.SUCCEEDED:
            writer.append(JobSkipped(job.id, "succeeded before", resumed=True))
            continue
        log = f"logs/{job.id}/01-work.1.log"
        writer.append(JobStarted(job.id, 1))
        with writer.open_log(log) as file:
            file.write(b"working\n")
        writer.append(StepStarted(job.id, "work", 1, 1, log))
        with Path("ledger").open("a") as ledger:
            ledger.write(f"{job.id}\n")
        writer.append(StepFinished(job.id, "work", 1, 1, Status.SUCCEEDED, 0))
        writer.append(JobFinished(job.id, 1, Status.SUCCEEDED))
    writer.append(RunFinished(Status.SUCCEEDED))
    writer.close()


if __name__ == "__main__":
    main()
