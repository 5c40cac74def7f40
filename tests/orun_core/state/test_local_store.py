from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from orun_core.spec.errors import OrunError, RunError, UsageError
from orun_core.spec.run import JobQueued, JobStarted, RunFinished, Status, StepStarted
from orun_core.spec.store import StateStore
from orun_core.state.layout import GITIGNORE
from orun_core.state.local import LocalStore
from recorded import planned, record, started, store, worked


def code(error: OrunError) -> str:
    return error.diagnostics[0].code


def test_a_run_is_there_from_its_first_event_on(tmp_path: Path) -> None:
    local: StateStore = store(tmp_path)
    writer = local.begin("demo-1")
    assert local.runs() == ()
    writer.append(started(planned("api"), planned("web")))
    state = local.run()
    assert (state.exec_id, state.plan_name, state.user, state.alive) == ("demo-1", "demo", "ada", True)
    assert [(job.status, len(job.steps)) for job in state.jobs] == [(Status.PENDING, 2)] * 2
    writer.close()
    assert local.run().interrupted


def test_everything_of_a_finished_run_is_recorded(tmp_path: Path) -> None:
    local = record(tmp_path, "demo-1", "api", "web")
    folder = tmp_path / ".orun/runs/demo-1"
    assert sorted(p.name for p in folder.iterdir()) == ["events.ndjson", "lock", "logs", "run.json", "state.json"]
    assert (folder / "lock").read_bytes() == b""
    assert (tmp_path / ".orun/runs/latest").read_text() == "demo-1\n"
    assert json.loads((folder / "run.json").read_text())["planChecksum"] == "sha256-abc"
    snapshot = json.loads((folder / "state.json").read_text())
    assert snapshot["journalBytes"] == (folder / "events.ndjson").stat().st_size
    assert snapshot["run"]["jobs"][0]["steps"][0]["exitCode"] == 0
    (summary,) = local.runs()
    assert (summary.status, summary.counts, summary.alive) == (Status.SUCCEEDED, {"succeeded": 2}, False)


def test_the_users_gitignore_is_never_touched(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("mine\n")
    record(tmp_path, "demo-1", "api")
    assert (tmp_path / ".gitignore").read_text() == "mine\n"
    assert (tmp_path / ".orun/.gitignore").read_text() == GITIGNORE
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / ".orun/compositions.lock.yaml").write_text("{}\n")
    seen = subprocess.run(
        ["git", "status", "--short", "-uall"], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert seen.stdout.split() == ["??", ".gitignore", "??", ".orun/.gitignore", "??", ".orun/compositions.lock.yaml"]


def test_a_second_writer_is_refused_and_told_the_process(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from orun_core.state.local import LocalStore;"
        "writer = LocalStore(Path('.orun'), None).begin('demo-1'); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as owner:
        assert owner.stdout.readline() == "held\n"
        with pytest.raises(RunError) as caught:
            store(tmp_path).begin("demo-1")
        owner.kill()
        owner.wait()
        store(tmp_path).begin("demo-1").close()
    assert code(caught.value) == "run/already-live"
    assert f"process {owner.pid} " in str(caught.value)


def test_a_dead_owner_is_taken_over_and_its_run_is_interrupted_until_then(tmp_path: Path) -> None:
    script = (
        "import os; from pathlib import Path; from recorded import *;"
        "writer = store(Path('.')).begin('demo-1'); writer.append(started(planned('api')));"
        "writer.append(JobStarted('api.dev.deploy', 1)); os.kill(os.getpid(), 9)"
    )
    environment = {"PYTHONPATH": str(Path(__file__).parent)}
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=environment, check=False)
    assert done.returncode == -9
    local = store(tmp_path)
    assert local.run().interrupted
    assert not local.runs()[0].alive
    writer = local.begin("demo-1")
    assert local.run().alive
    writer.append(started(planned("api"), resumed=True))
    for what in worked("api", attempt=2):
        writer.append(what)
    writer.append(RunFinished(Status.SUCCEEDED))
    writer.close()
    state = local.run()
    assert (state.status, state.jobs[0].attempt) == (Status.SUCCEEDED, 2)
    assert [event.seq for event in local.events("demo-1")] == list(range(1, 11))


def test_one_process_cannot_hold_a_run_twice(tmp_path: Path) -> None:
    writer = store(tmp_path).begin("demo-1")
    with pytest.raises(RunError, match="already running"):
        store(tmp_path).begin("demo-1")
    writer.close()


def test_a_stale_state_file_is_not_believed(tmp_path: Path) -> None:
    local = record(tmp_path, "demo-1", "api")
    writer = local.begin("demo-1")
    writer.append(started(planned("api"), planned("web"), resumed=True))
    (summary,) = store(tmp_path).runs()
    assert (summary.status, summary.counts, summary.alive) == (Status.RUNNING, {"pending": 1, "succeeded": 1}, True)
    writer.close()


def test_runs_are_listed_newest_first_and_the_newest_live_one_is_the_default(tmp_path: Path) -> None:
    local = record(tmp_path, "z-first", "api")
    live = local.begin("b-second")
    live.append(started(planned("api"), exec_id="b-second"))
    record(tmp_path, "a-third", "api")
    assert sorted(local.runs(), key=lambda run: run.started_at, reverse=True) == list(local.runs())
    assert {run.exec_id for run in local.runs()} == {"z-first", "b-second", "a-third"}
    assert local.run().exec_id == "b-second"
    live.close()
    assert local.run().exec_id == local.run("latest").exec_id == "a-third"


def test_a_run_is_found_by_a_unique_prefix(tmp_path: Path) -> None:
    for exec_id in ("release-1", "release-2", "demo-1"):
        local = record(tmp_path, exec_id, "api")
    assert local.run("de").exec_id == "demo-1"
    with pytest.raises(UsageError, match="release-1, release-2") as caught:
        local.run("rel")
    assert code(caught.value) == "state/ambiguous-run"
    with pytest.raises(UsageError) as caught:
        local.run("dmo-1")
    assert (code(caught.value), caught.value.diagnostics[0].hint) == ("state/unknown-run", 'did you mean "demo-1"?')


def test_without_runs_the_error_says_how_to_start_one(tmp_path: Path) -> None:
    assert store(tmp_path).runs() == ()
    with pytest.raises(UsageError, match="no run is recorded"):
        store(tmp_path).run()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("exec_id", ["", "../x", "a/b", "latest", ".hidden", "-x", "a" * 129, "a\n"])
def test_an_id_that_is_no_file_name_is_refused(tmp_path: Path, exec_id: str) -> None:
    with pytest.raises(UsageError) as caught:
        store(tmp_path).begin(exec_id)
    assert code(caught.value) == "state/bad-name"
    assert list(tmp_path.iterdir()) == []


def test_logs_are_read_by_offset(tmp_path: Path) -> None:
    local = record(tmp_path, "demo-1", "api")
    name = "logs/api.dev.deploy/01-build.1.log"
    assert local.log("demo-1", name) == b"build of api\n"
    assert local.log("demo-1", name, 6, 2) == b"of"
    assert local.log("demo-1", name, 100) == b""
    assert (local.log_size("demo-1", name), local.log_size("demo-1", "logs/none")) == (13, 0)
    assert local.log("demo-1", "logs/none") == b""


@pytest.mark.parametrize("name", ["logs/../run.json", "/etc/passwd", "run.json", "logs", "logs//a", "logs/a\0"])
def test_a_log_name_cannot_leave_the_logs(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError) as caught:
        record(tmp_path, "demo-1", "api").log("demo-1", name)
    assert code(caught.value) == "state/bad-name"


def test_a_log_that_exists_is_continued_not_emptied(tmp_path: Path) -> None:
    writer = store(tmp_path).begin("demo-1")
    writer.append(started(planned("api")))
    for text in (b"one\n", b"two\n"):
        with writer.open_log("logs/a/1.log") as log:
            log.write(text)
    writer.close()
    assert store(tmp_path).log("demo-1", "logs/a/1.log") == b"one\ntwo\n"


def test_a_silent_step_has_an_empty_log(tmp_path: Path) -> None:
    writer = store(tmp_path).begin("demo-1")
    writer.append(started(planned("api")))
    writer.append(StepStarted("api.dev.deploy", "build", 1, 1, "logs/api.dev.deploy/01-build.1.log"))
    writer.close()
    assert (tmp_path / ".orun/runs/demo-1/logs/api.dev.deploy/01-build.1.log").read_bytes() == b""


def test_events_after_a_number(tmp_path: Path) -> None:
    local = record(tmp_path, "demo-1", "api")
    assert [event.seq for event in local.events("demo-1", 6)] == [7, 8]
    assert local.events("demo-1", 99) == ()


def test_events_after_a_number_with_types_that_are_unknown(tmp_path: Path) -> None:
    local = record(tmp_path, "demo-1", "api")
    journal = tmp_path / ".orun/runs/demo-1/events.ndjson"
    lines = journal.read_text().splitlines()
    lines[1:4] = [json.dumps({"seq": seq, "at": "2026-01-01T00:00:00Z", "type": f"new.{seq}"}) for seq in (2, 3, 4)]
    journal.write_text("\n".join(lines) + "\n")
    assert [event.seq for event in local.events("demo-1", 2)] == [5, 6, 7, 8]


def test_a_run_that_was_recorded_anew_is_read_anew(tmp_path: Path) -> None:
    local = record(tmp_path, "demo-1", "api")
    assert len(local.run().jobs) == 1
    (tmp_path / ".orun/runs/demo-1").rename(tmp_path / "away")
    record(tmp_path, "demo-1", "api", "web")
    assert len(local.run().jobs) == 2


def test_watch_tells_of_an_event(tmp_path: Path) -> None:
    local = store(tmp_path)
    writer = local.begin("demo-1")
    writer.append(started(planned("api")))
    for exec_id in ("", "demo-1"):
        ticks = local.watch(exec_id)
        next(ticks)
        event = writer.append(JobQueued("api.dev.deploy"))
        next(ticks)
        assert local.run().last_seq == event.seq
        ticks.close()
    writer.append(JobStarted("api.dev.deploy", 1))
    writer.close()


def test_status_needs_neither_pydantic_nor_yaml(tmp_path: Path) -> None:
    record(tmp_path, "demo-1", "api")
    script = (
        "import sys; from pathlib import Path; from orun_core.state.local import LocalStore;"
        "store = LocalStore(Path('.orun'), None); store.run(); store.runs(); store.events('demo-1');"
        "print(sorted({'pydantic', 'yaml', 'networkx', 'rich', 'click', 'pluggy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"


def test_a_folder_that_was_copied_is_a_run_of_its_own(tmp_path: Path) -> None:
    record(tmp_path, "demo-1", "api")
    runs = tmp_path / ".orun/runs"
    shutil.copytree(runs / "demo-1", runs / "kept")
    (runs / "kept/state.json").unlink()
    local = store(tmp_path)
    assert sorted(summary.exec_id for summary in local.runs()) == ["demo-1", "kept"]
    assert local.run("kept").exec_id == "kept"


def test_a_run_that_was_over_and_goes_on_is_listed_as_it_is(tmp_path: Path) -> None:
    local = record(tmp_path, "demo-1", "api")
    assert local.runs()[0].status is Status.SUCCEEDED
    writer = store(tmp_path).begin("demo-1")
    writer.append(started(planned("api"), planned("web"), resumed=True))
    assert local.runs()[0].status is Status.RUNNING
    writer.close()


def test_pointers_that_are_no_text_name_nothing(tmp_path: Path) -> None:
    local = record(tmp_path, "demo-1", "api")
    (tmp_path / ".orun/runs/latest").write_bytes(b"\xff\xfe")
    (tmp_path / ".orun/plans/names").mkdir(parents=True)
    (tmp_path / ".orun/plans/names/mine").write_bytes(b"\xff")
    assert local.run().exec_id == "demo-1"
    assert local.layout.names() == {"mine": "\ufffd"}


def test_has_run_asks_for_the_whole_id(tmp_path: Path) -> None:
    local = record(tmp_path, "demo-1", "api")
    assert [local.has_run(name) for name in ("demo-1", "demo", "", "../demo-1", "latest")] == [True, *[False] * 4]


def test_a_log_that_cannot_be_opened_is_an_error_of_the_record(tmp_path: Path) -> None:
    writer = store(tmp_path).begin("demo-1")
    writer.append(started(planned("api")))
    (tmp_path / ".orun/runs/demo-1/logs").write_text("in the way")
    with pytest.raises(RunError, match=r"logs/api/x\.log cannot be written: Not a directory"):
        writer.open_log("logs/api/x.log")
    writer.close()


def test_a_run_of_which_nothing_is_recorded_says_so(tmp_path: Path) -> None:
    local = store(tmp_path)
    local.begin("demo-1").close()
    with pytest.raises(UsageError, match='nothing is recorded of the run "demo-1"'):
        local.run("demo-1")


def test_a_run_that_was_killed_before_its_first_event_is_not_recorded(tmp_path: Path) -> None:
    """So that `orun run --exec-id` begins it."""
    made = LocalStore(tmp_path / ".orun", read_plan=lambda path: None)
    made.begin("torn").close()
    (tmp_path / ".orun/runs/torn/events.ndjson").write_bytes(b'{"seq":1,"at":"2026-')
    assert not LocalStore(tmp_path / ".orun", read_plan=lambda path: None).has_run("torn")
