"""A run recorded, torn at any byte, taken over and resumed in any order never loses what was durable."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from orun_core.spec.errors import RunError
from orun_core.spec.run import JobFinished, JobQueued, JobSkipped, JobStarted, RunFinished, Status
from orun_core.state.fold import fold
from orun_core.state.fsck import check
from orun_core.state.journal import encode
from orun_core.state.local import LocalRunWriter, LocalStore
from recorded import planned, started, store

NAMES = ("api", "web", "zed")
JOBS = tuple(planned(name) for name in NAMES)


class Recording(RuleBasedStateMachine):
    """`durable` is what every reader must see."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.writer: LocalRunWriter | None = None
        self.durable: list = []

    @initialize()
    def begin_the_run(self) -> None:
        self.reader: LocalStore = store(Path(self.folder.name))
        self.writer = self.reader.begin("demo-1")
        self.append(started(*JOBS))

    def append(self, what) -> None:
        self.durable.append(self.writer.append(what))

    @precondition(lambda self: self.writer)
    @rule(
        name=st.sampled_from(NAMES),
        what=st.sampled_from(
            [
                JobQueued,
                lambda job: JobStarted(job, 1),
                lambda job: JobFinished(job, 1, Status.SUCCEEDED),
                lambda job: JobFinished(job, 1, Status.FAILED, "exit status 1"),
                lambda job: JobSkipped(job, "because"),
                lambda job: JobSkipped(job, "done before", resumed=True),
                lambda job: RunFinished(Status.FAILED),
            ]
        ),
    )
    def record(self, name, what) -> None:
        self.append(what(f"{name}.dev.deploy"))

    @precondition(lambda self: self.writer)
    @rule()
    def nobody_else_can_write(self) -> None:
        with pytest.raises(RunError, match="already running"):
            store(Path(self.folder.name)).begin("demo-1")

    @precondition(lambda self: self.writer)
    @rule()
    def close(self) -> None:
        self.writer.close()
        self.writer = None
        assert check(self.reader) == ()

    @precondition(lambda self: self.writer)
    @rule(cut=st.floats(0, 1, exclude_max=True))
    def die_in_the_middle_of_a_line(self, cut) -> None:
        """What `kill -9` leaves: half a line, no state, a lock that nobody holds."""
        line = encode(self.durable[-1])
        self.writer._journal.close()
        self.writer._run_lock.release()
        self.writer = None
        with self.reader.layout.run("demo-1").journal.open("ab") as journal:
            journal.write(line[: int(cut * len(line))])

    @precondition(lambda self: not self.writer)
    @rule()
    def take_over(self) -> None:
        self.writer = store(Path(self.folder.name)).begin("demo-1")
        self.append(started(*JOBS, resumed=True))

    @invariant()
    def readers_old_and_new_see_what_was_durable(self) -> None:
        if self.durable:
            expected = fold(self.durable)
            for reader in (self.reader, store(Path(self.folder.name))):
                assert list(reader.events("demo-1")) == self.durable
                state = reader.run("demo-1")
                assert (state.jobs, state.status, state.last_seq) == (expected.jobs, expected.status, expected.last_seq)
                assert state.alive == (bool(self.writer) and not expected.status.ended)
                assert reader.runs()[0].status is expected.status

    def teardown(self) -> None:
        if self.writer:
            self.writer.close()
        self.folder.cleanup()


TestRecording = Recording.TestCase
TestRecording.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
