from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from orun_core.cli.fsck import command
from orun_core.plan.canonical import to_json
from orun_core.plan.reader import read_plan
from orun_core.plan.seal import sealed
from orun_core.spec.errors import Diagnostic, PlanError, RunError, Severity
from orun_core.state.fsck import check, repair
from orun_core.state.local import LocalStore
from orun_core.testing.plans import job, plan
from recorded import planned, record, started


class Here:
    """The part of a host that the command uses."""

    def __init__(self, store: LocalStore) -> None:
        self.store = store
        self.reported: list[Diagnostic] = []

    def report(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        self.reported += diagnostics


def codes(store: LocalStore) -> list[tuple[str, str]]:
    return [(problem.code, problem.severity.value) for problem in check(store)]


def run_file(folder: Path, name: str) -> Path:
    return folder / ".orun/runs/demo-1" / name


def test_a_sound_store(tmp_path: Path) -> None:
    assert codes(record(tmp_path, "demo-1", "api")) == []


def test_a_state_file_that_lies_is_an_error_and_mended_from_the_journal(tmp_path: Path) -> None:
    store = record(tmp_path, "demo-1", "api")
    state = run_file(tmp_path, "state.json")
    truth = state.read_bytes()
    state.write_bytes(truth.replace(b'"exitCode":0', b'"exitCode":1'))
    assert codes(store) == [("state/snapshot", "error")]
    with pytest.raises(RunError):
        CliRunner().invoke(command, obj=Here(store), catch_exceptions=False)
    done = CliRunner().invoke(command, ["--repair"], obj=Here(store), catch_exceptions=False)
    assert done.output == "↻ state.json of demo-1 written again\n✓ 1 run and 0 plans checked\n"
    assert state.read_bytes() == truth


def test_an_interrupted_run_is_only_noted(tmp_path: Path) -> None:
    store = record(tmp_path, "demo-1", "api")
    run_file(tmp_path, "state.json").unlink()
    assert codes(store) == [("state/snapshot", "note")]
    assert (repair(store), codes(store)) == (("demo-1",), [])


def test_a_live_run_is_not_reported_and_not_repaired(tmp_path: Path) -> None:
    store = record(tmp_path, "demo-1", "api")
    writer = store.begin("demo-1")
    writer.append(started(planned("api"), resumed=True))
    assert (codes(store), repair(store)) == ([], ())
    writer.close()


def test_a_missing_line_is_found(tmp_path: Path) -> None:
    store = record(tmp_path, "demo-1", "api")
    journal = run_file(tmp_path, "events.ndjson")
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:3] + lines[4:]))
    assert codes(store) == [("state/journal", "error")]


def test_a_journal_that_does_not_begin_with_a_run_is_found(tmp_path: Path) -> None:
    store = record(tmp_path, "demo-1", "api")
    run_file(tmp_path, "events.ndjson").write_text(
        '{"seq":1,"at":"2026-01-01T00:00:00.000Z","type":"job.queued","job":"a"}\n'
    )
    assert codes(store) == [("state/journal", "error")]


def test_a_journal_that_lost_its_end_is_found(tmp_path: Path) -> None:
    store = record(tmp_path, "demo-1", "api")
    journal = run_file(tmp_path, "events.ndjson")
    whole = journal.read_bytes()
    for rest in (whole[: whole.rindex(b"\n", 0, -1) + 1], whole[:-5], b""):
        journal.write_bytes(rest)
        (problem,) = check(LocalStore(tmp_path / ".orun", read_plan))
        assert (problem.code, problem.severity) == ("state/journal", Severity.ERROR)
        assert "events.ndjson lost its last" in problem.message
    run_file(tmp_path, "state.json").unlink()
    assert [problem.message for problem in check(store)] == [f"{journal} lost all it held"]
    journal.unlink()
    assert [problem.message for problem in check(store)] == [f"{journal} is missing"]


def test_a_state_file_nested_too_deep_is_none(tmp_path: Path) -> None:
    store = record(tmp_path, "demo-1", "api")
    run_file(tmp_path, "state.json").write_text("[" * 100_000)
    assert codes(store) == [("state/snapshot", "note")]
    assert [run.exec_id for run in store.runs()] == ["demo-1"]


def test_a_missing_log_is_a_warning(tmp_path: Path) -> None:
    store = record(tmp_path, "demo-1", "api")
    run_file(tmp_path, "logs/api.dev.deploy/01-build.1.log").unlink()
    (problem,) = check(store)
    assert (problem.code, problem.severity) == ("state/missing-log", Severity.WARNING)
    assert "01-build.1.log" in problem.message


def test_plans_are_read_and_names_followed(tmp_path: Path) -> None:
    checksum = "sha256-" + "a" * 64

    def read(path: Path) -> None:
        raise PlanError(Diagnostic("plan/seal", "the plan is not as it was sealed"))

    store = LocalStore(tmp_path / ".orun", read)
    store.save_plan("{}", checksum, "", "release")
    (problem,) = check(store)
    assert (problem.code, problem.message) == (
        "plan/seal",
        f"{store.layout.plan(checksum)}: the plan is not as it was sealed",
    )
    store.layout.plan(checksum).unlink()
    assert codes(store) == [("state/dangling-name", "warning")] * 2


def test_a_plan_under_the_name_of_another_is_found(tmp_path: Path) -> None:
    made, tree = sealed(plan(job()))
    store = LocalStore(tmp_path / ".orun", read_plan)
    store.save_plan(to_json(tree), made.metadata.checksum)
    assert codes(store) == []
    store.save_plan(to_json(tree), "sha256-" + "b" * 64)
    assert codes(store) == [("state/misplaced-plan", "error")]


def test_the_seal_of_a_stored_plan_is_checked(tmp_path: Path) -> None:
    made, tree = sealed(plan(job()))
    store = LocalStore(tmp_path / ".orun", read_plan)
    store.save_plan(to_json(tree).replace('"demo"', '"other"'), made.metadata.checksum)
    (problem,) = check(store)
    assert (problem.code, problem.message.count(".json")) == ("plan/seal", 1)
