"""The stream reads a run again only when there is something new, and gives out each line of a log once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cockpit_samples import MANY, RUNNING, MemoryStore
from orun_cockpit.cells import log_text
from orun_cockpit.log_tail import LogTail
from orun_cockpit.project import run_view
from orun_cockpit.stream import SLOWEST, RunStream, paced, utc_now
from orun_core.spec.run import Status


def test_a_look_without_news_does_not_read_the_run():
    store = MemoryStore(MANY)
    stream = RunStream(store, MANY.exec_id)
    reads = store.reads

    assert [stream.look() for _ in range(100)] == [False] * 100
    assert store.reads == reads


def test_a_look_with_news_reads_it_once():
    store = MemoryStore(RUNNING, later=(replace(RUNNING, last_seq=99),))
    stream = RunStream(store, RUNNING.exec_id)

    assert [stream.look(), stream.look()] == [True, False]
    assert stream.state.last_seq == 99


def test_a_dead_owner_is_noticed_without_an_event(monkeypatch):
    store = MemoryStore(RUNNING)
    stream = RunStream(store, RUNNING.exec_id)
    store.states[RUNNING.exec_id] = replace(RUNNING, alive=False)
    assert not stream.look()
    monkeypatch.setattr("orun_cockpit.stream.LIVENESS", -1.0)

    assert stream.look()
    assert not stream.live
    assert stream.view().mark == "interrupted"


def test_a_stream_ends_with_the_run():
    over = replace(RUNNING, alive=False, status=Status.FAILED, last_seq=99)
    store = MemoryStore(RUNNING, later=(RUNNING, over))

    assert [view.status for view in RunStream(store, RUNNING.exec_id, pace=0)] == ["running", "running", "failed"]


def test_changed_leaves_out_looks_without_news():
    over = replace(RUNNING, alive=False, status=Status.FAILED, last_seq=99)
    store = MemoryStore(RUNNING, later=(RUNNING, RUNNING, over))

    assert [view.status for view in RunStream(store, RUNNING.exec_id, pace=0).changed()] == ["running", "failed"]


class Clock:
    """Time that passes when somebody sleeps, and work that is said to have been done."""

    now = 100.0
    worked = 0.0

    def monotonic(self):
        return self.now

    def process_time(self):
        return self.worked

    def sleep(self, seconds):
        self.now += seconds


@pytest.mark.parametrize(
    ("work", "share", "rest"), [(0.001, 16, 0.25), (0.02, 16, 0.32), (2.0, 16, SLOWEST), (2.0, 0, 0.25)]
)
def test_who_worked_long_rests_long(monkeypatch, work, share, rest):
    clock = Clock()
    monkeypatch.setattr("orun_cockpit.stream.time", clock)
    ticks = paced(iter([None] * 3), 0.25, share)
    next(ticks)
    for _ in range(2):
        began = clock.now
        clock.worked += work
        next(ticks)
        assert clock.now - began == pytest.approx(rest)


def tail_of(store, wanted=lambda job, step: True):
    tail = LogTail(store, wanted)
    return lambda run: [(line.step, line.text) for line in tail.read(run_view(run, utc_now()))]


LOG = "logs/database.production.apply/02-terraform-apply.1.log"


def test_a_line_comes_when_it_is_complete():
    store = MemoryStore(RUNNING)
    read = tail_of(store, lambda job, step: step.id == "terraform-apply")
    store.logs[LOG] = b"one\ntw"
    first = read(RUNNING)
    store.logs[LOG] += b"o\nthr"

    assert first == [("terraform-apply", "one")]
    assert read(RUNNING) == [("terraform-apply", "two")]
    assert read(RUNNING) == []


def test_the_last_line_comes_without_its_end_when_the_step_is_over():
    store = MemoryStore(RUNNING, logs={LOG: b"one\nno end"})
    read = tail_of(store, lambda job, step: step.id == "terraform-apply")
    jobs = tuple(
        replace(job, steps=tuple(replace(step, finished_at="2026-05-29T10:01:42Z") for step in job.steps))
        for job in RUNNING.jobs
    )

    assert read(replace(RUNNING, jobs=jobs)) == [("terraform-apply", "one"), ("terraform-apply", "no end")]


def test_a_log_longer_than_a_chunk_is_read_to_its_end(monkeypatch):
    monkeypatch.setattr("orun_cockpit.stream.CHUNK", 4)
    store = MemoryStore(RUNNING, logs={LOG: b"".join(b"%d\n" % n for n in range(10))})
    read = tail_of(store, lambda job, step: step.id == "terraform-apply")
    lines = []
    while new := read(RUNNING):
        lines += [text for _, text in new]

    assert lines == [str(n) for n in range(10)]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"\x1b[1;31mred\x1b[0m", "red"),
        (b"50%\r100%", "100%"),
        (b"windows\r", "windows"),
        (b"\x1b]0;title\x07text", "text"),
        (b"a\tb", "a   b"),
        (b"\xff\x00x", "\ufffdx"),
        ("\u202eevil".encode(), "evil"),
    ],
)
def test_log_text_is_safe_to_show(raw, text):
    assert log_text(raw) == text
