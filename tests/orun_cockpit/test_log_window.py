"""Windows on logs: the last page first, then what comes, and what stands before on demand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cockpit_samples import NOW, MemoryStore, job, run
from orun_cockpit.log_window import LogWindow, Scope
from orun_cockpit.project import run_view
from orun_cockpit.stream import CHUNK
from orun_core.spec.run import Status

BUILD = job("api", "build", begin=0, end=2, steps=("make",))
TEST = job("api", "test", Status.RUNNING, begin=2, steps=("check",))
STATE = run(BUILD, TEST, alive=True)
FIRST, SECOND = BUILD.steps[0].logs[0], TEST.steps[0].logs[0]


def window(page=1000, job_id="", **logs):
    store = MemoryStore(STATE, logs={FIRST: logs.get("first", b""), SECOND: logs.get("second", b"")})
    return store, LogWindow(store, Scope(STATE.exec_id, job_id), page)


def texts(lines):
    return [line.text for line in lines]


def test_the_last_page_comes_first_then_what_is_new():
    store, logs = window(page=3, first=b"1\n2\n3\n", second=b"4\n5\n")
    view = run_view(STATE, NOW)
    assert texts(logs.newer(view)) == ["3", "4", "5"]
    assert texts(logs.newer(view)) == []
    store.logs[SECOND] += b"6\nhalf"
    assert texts(logs.newer(view)) == ["6"]
    store.logs[SECOND] += b" done\n"
    assert texts(logs.newer(view)) == ["half done"]
    assert texts(logs.older()) == ["1", "2"]
    assert logs.at_start
    assert texts(logs.older()) == []


def test_a_line_without_an_end_comes_when_its_step_is_over():
    _, logs = window(second=b"begun")
    assert texts(logs.newer(run_view(STATE, NOW))) == []
    over = replace(STATE, alive=False, status=Status.FAILED)
    assert texts(logs.newer(run_view(over, NOW))) == ["begun"]
    _, logs = window(first=b"never ended")
    assert texts(logs.newer(run_view(over, NOW))) == ["never ended"]


def test_a_scope_takes_one_job():
    _, logs = window(job_id="api.production.test", first=b"no\n", second=b"yes\n")
    assert texts(logs.newer(run_view(STATE, NOW))) == ["yes"]


def test_what_grows_too_fast_is_skipped_through():
    store, logs = window(second=b"start\n")
    view = run_view(STATE, NOW)
    logs.newer(view)
    store.logs[SECOND] += b"x" * 99 + b"\n"
    store.logs[SECOND] += (b"y" * 99 + b"\n") * (CHUNK // 50)
    lines = texts(logs.newer(view))
    assert 0 < len(lines) <= CHUNK // 100 + 1
    assert lines[-1] == "y" * 99


@pytest.mark.parametrize(
    ("scope", "words"),
    [(Scope("one"), "--exec-id one"), (Scope("one", "a.b.c", "s"), "--exec-id one --job a.b.c --step s")],
)
def test_a_scope_as_words(scope, words):
    assert scope.words == words
