from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from orun_core.cli.gc import command
from orun_core.plugins.registry import Registry
from orun_core.spec.errors import UsageError
from orun_core.state.gc import Retention, parse_age, removals, remove
from recorded import planned, record, started, store


class Here:
    """The part of a host that the command uses."""

    def __init__(self, folder: Path) -> None:
        self.store = store(folder)
        self.registry = Registry(())
        self.report = list


def collect(folder: Path, *arguments: str) -> str:
    done = CliRunner().invoke(command, arguments, obj=Here(folder), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def ids(folder: Path) -> list[str]:
    return sorted(run.exec_id for run in store(folder).runs())


def aged(folder: Path, exec_id: str, days: int) -> None:
    """Let a run have ended some days ago."""
    run = folder / ".orun/runs" / exec_id
    past = time.time() - days * 86_400
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(past))
    lines = [json.loads(line) for line in (run / "events.ndjson").read_text().splitlines()]
    (run / "events.ndjson").write_text("".join(json.dumps({**line, "at": stamp}) + "\n" for line in lines))
    (run / "state.json").unlink()
    for path in (*run.rglob("*"), run):
        os.utime(path, (past, past))


def test_keep_removes_the_oldest_runs_and_keeps_the_logs_of_the_others(tmp_path: Path) -> None:
    for age in (4, 3, 2, 1):
        record(tmp_path, f"run-{age}", "api")
        aged(tmp_path, f"run-{age}", age)
    size = sum(p.stat().st_size for n in (3, 4) for p in (tmp_path / f".orun/runs/run-{n}").rglob("*") if p.is_file())
    said = collect(tmp_path, "--keep", "2")
    assert said.splitlines()[-1] == f"removed 2 runs, {size} bytes"
    assert ids(tmp_path) == ["run-1", "run-2"]
    assert store(tmp_path).log("run-1", "logs/api.dev.deploy/01-build.1.log") == b"build of api\n"
    assert sorted(p.name for p in (tmp_path / ".orun/runs").iterdir()) == ["latest", "run-1", "run-2"]


def test_max_age_alone_and_with_keep(tmp_path: Path) -> None:
    for age in (9, 8, 1):
        record(tmp_path, f"run-{age}", "api")
        aged(tmp_path, f"run-{age}", age)
    assert "run-9" in collect(tmp_path, "--keep", "2", "--max-age", "7d", "--dry-run")
    assert ids(tmp_path) == ["run-1", "run-8", "run-9"]
    collect(tmp_path, "--keep", "2", "--max-age", "7d")
    assert ids(tmp_path) == ["run-1", "run-8"]
    collect(tmp_path, "--max-age", "7d")
    assert ids(tmp_path) == ["run-1"]


def test_all_means_all_but_live_and_young_ones(tmp_path: Path) -> None:
    for name in ("old", "young"):
        record(tmp_path, name, "api")
    aged(tmp_path, "old", 2)
    live = store(tmp_path).begin("live")
    live.append(started(planned("api"), exec_id="live"))
    collect(tmp_path, "--all")
    assert ids(tmp_path) == ["live", "young"]
    collect(tmp_path, "--all", "--grace", "0s")
    assert ids(tmp_path) == ["live"]
    live.close()


def test_nothing_is_removed_by_default_before_there_are_more_than_ten(tmp_path: Path) -> None:
    record(tmp_path, "old", "api")
    aged(tmp_path, "old", 999)
    assert collect(tmp_path) == "nothing to remove\n"


def test_json_tells_the_same(tmp_path: Path) -> None:
    record(tmp_path, "old", "api")
    tree = json.loads(collect(tmp_path, "--all", "--grace", "0", "--json", "--dry-run"))
    assert (tree["dryRun"], [item["name"] for item in tree["removed"]]) == (True, ["old"])
    assert tree["bytes"] == tree["removed"][0]["bytes"] > 0


def test_a_damaged_run_goes_with_all(tmp_path: Path) -> None:
    record(tmp_path, "broken", "api")
    (tmp_path / ".orun/runs/broken/events.ndjson").write_text("{}\n{}\n")
    collect(tmp_path, "--all", "--grace", "0")
    assert list((tmp_path / ".orun/runs").glob("broken*")) == []


def test_plans_go_only_when_asked_and_nothing_uses_them(tmp_path: Path) -> None:
    local = record(tmp_path, "demo-1", "api")
    for digit, name in (("1", ""), ("2", "named"), ("3", "")):
        local.save_plan("{}", "sha256-" + digit * 64, "{}", name)
    assert "plan" not in collect(tmp_path, "--all", "--grace", "0", "--dry-run")
    said = collect(tmp_path, "--keep", "9", "--plans", "--grace", "0")
    assert said.splitlines()[-1] == "removed 1 plan, 4 bytes"
    assert [checksum[7:8] for checksum in local.layout.checksums()] == ["2", "3"]
    assert not local.layout.provenance("sha256-" + "1" * 64).exists()


def test_what_killed_commands_left_is_removed_after_the_grace(tmp_path: Path) -> None:
    local = record(tmp_path, "demo-1", "api")
    left = [local.layout.runs / ".gone-x", local.layout.runs / "empty"]
    for folder in left:
        folder.mkdir()
    left += [local.layout.runs / "demo-1/.state.json.1.2.tmp", local.layout.root / "..gitignore.1.2.tmp"]
    for file in left[2:]:
        file.write_text("half")
    assert removals(local, Retention()) == ()
    found = removals(local, Retention(grace=0))
    assert {removal.path for removal in found} == set(left)
    assert all(remove(local, removal) for removal in found)
    assert not any(path.exists() for path in left)
    assert ids(tmp_path) == ["demo-1"]


def test_a_run_that_came_to_life_meanwhile_is_left(tmp_path: Path) -> None:
    local = record(tmp_path, "demo-1", "api")
    (removal,) = removals(local, Retention(everything=True, grace=0))
    writer = local.begin("demo-1")
    assert not remove(local, removal)
    writer.close()
    assert ids(tmp_path) == ["demo-1"]


def test_latest_names_a_run_that_is_left(tmp_path: Path) -> None:
    for name in ("one", "two"):
        record(tmp_path, name, "api")
    local = store(tmp_path)
    for removal in removals(local, Retention(everything=True, grace=0)):
        if removal.name == "two":
            remove(local, removal)
    assert local.layout.latest_run.read_text() == "one\n"
    assert local.run().exec_id == "one"


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("5m", 300), ("2h", 7200), ("1d", 86400), ("1w", 604800), ("2", 172800)]
)
def test_ages(text: str, seconds: int) -> None:
    assert parse_age(text) == seconds


def test_no_age_and_conflicting_options(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no age"):
        parse_age("1y")
    with pytest.raises(UsageError, match="--all keeps nothing"):
        CliRunner().invoke(command, ["--all", "--keep", "1"], obj=Here(tmp_path), catch_exceptions=False)


def test_links_are_removed_and_what_they_point_to_is_not(tmp_path: Path) -> None:
    record(tmp_path, "run-1", "api")
    outside, runs = tmp_path / "outside", tmp_path / ".orun/runs"
    (runs / "run-1").replace(outside)
    (outside / "lock").unlink()
    (runs / "run-1").symlink_to(outside)
    (runs / ".gone-x").symlink_to(outside)
    (tmp_path / ".orun/.left.tmp").symlink_to(outside)
    before = sorted(path.name for path in outside.rglob("*"))
    assert "removed 1 run, 2 leftovers" in collect(tmp_path, "--all", "--grace", "0s")
    assert sorted(path.name for path in outside.rglob("*")) == before
    assert [path.name for path in runs.iterdir() if path.is_symlink()] == []
    assert collect(tmp_path, "--all", "--grace", "0s") == "nothing to remove\n"
