"""The commands: which run is meant, what is printed, with which exit code."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from cockpit_samples import CANCELLED, FAILED, INTERRUPTED, NOW, RESUMED, RUNNING, Desk, MemoryStore, with_logs
from orun_cockpit.commands.describe import command as describe
from orun_cockpit.commands.get import command as get
from orun_cockpit.commands.logs import command as logs
from orun_cockpit.commands.report import command as report
from orun_cockpit.commands.status import command as status
from orun_core.spec.errors import UsageError

OLDER = replace(RESUMED, exec_id="older-run")


@pytest.fixture(autouse=True)
def _fixed_clock(monkeypatch):
    for module in ("orun_cockpit.commands.options", "orun_cockpit.commands.get", "orun_cockpit.stream"):
        monkeypatch.setattr(f"{module}.utc_now", lambda: NOW)


def call(command, *arguments, store):
    return CliRunner(env={"COLUMNS": "120"}).invoke(command, arguments, obj=Desk(store))


def test_status_shows_the_live_run_though_a_newer_one_is_over():
    assert "State: running" in call(status, store=MemoryStore(FAILED, replace(RUNNING, exec_id="live"))).output


def test_status_shows_the_newest_run_when_none_is_live():
    assert "State: failed" in call(status, store=MemoryStore(FAILED, OLDER)).output


@pytest.mark.parametrize("arguments", [("older-run",), ("--exec-id", "older-run")])
def test_status_of_a_named_run(arguments):
    assert "Run: older-run" in call(status, *arguments, store=MemoryStore(FAILED, OLDER)).output


@pytest.mark.parametrize("command", [status, logs, report])
def test_without_runs_there_is_a_clear_line(command):
    result = call(command, store=MemoryStore())
    assert (result.exit_code, result.output) == (0, "No runs yet.\n\n  Start one with: orun run\n")


@pytest.mark.parametrize(
    ("command", "arguments"), [(status, ("--json",)), (logs, ("--json",)), (describe, ("run", "-o", "yaml"))]
)
def test_without_runs_a_machine_gets_an_error_and_no_text(command, arguments):
    result = call(command, *arguments, store=MemoryStore())
    assert isinstance(result.exception, UsageError)
    assert result.output == ""


@pytest.mark.parametrize("arguments", [("nope",), ("--exec-id", "nope"), ("nope", "--watch"), ("nope", "--json")])
def test_an_unknown_run_is_an_error(arguments):
    result = call(status, *arguments, store=MemoryStore(FAILED))
    assert isinstance(result.exception, UsageError)
    assert result.exception.exit_code == 2


@pytest.mark.parametrize(
    ("state", "code"), [(RESUMED, 0), (RUNNING, 0), (FAILED, 1), (INTERRUPTED, 1), (CANCELLED, 130)]
)
def test_exit_status(state, code):
    assert call(status, "--exit-status", store=MemoryStore(state)).exit_code == code
    assert call(status, "--exit-status", "--json", store=MemoryStore(state)).exit_code == code
    assert call(status, store=MemoryStore(state)).exit_code == 0


def test_all_runs_with_live_ones_first():
    result = call(status, "--all", store=MemoryStore(FAILED, replace(RUNNING, exec_id="live")))
    assert result.output == (
        "\n"
        "▲ orun runs\n"
        "\n"
        "  RUN                              STATE    PLAN                        RESULT          DURATION  AGE\n"
        "  ◐ live                           running  multi-environment-platform  3/5             1m42s     1m ago\n"
        "  ✗ gh-26563885741-1-896da6b09c29  failed   multi-environment-platform  6/6 ✗ 2 failed  3m26s     1m ago\n"
    )


def test_all_runs_as_json():
    rows = json.loads(call(status, "--all", "--json", store=MemoryStore(FAILED, OLDER)).output)["runs"]
    assert [(row["execId"], row["status"], row["total"]) for row in rows] == [
        (FAILED.exec_id, "failed", 6),
        ("older-run", "succeeded", 2),
    ]


def test_all_and_a_run_contradict():
    assert call(status, "--all", "older-run", store=MemoryStore(OLDER)).exit_code == 2


def test_logs_show_the_last_lines_with_the_count_of_those_above():
    output = call(logs, "--job", "migrate", store=with_logs(FAILED)).output

    assert "  ● db · prod · migrate\n    ✓ plan 0ms\n      … 22 lines above\n      plan line 23\n" in output
    assert "    ✗ apply failed 3m25s exit 3\n      … 10 lines above\n      apply line 11\n" in output
    assert output.endswith("      apply line 30\n")


def test_logs_of_what_failed_only():
    output = call(logs, "--failed", "--tail", "1", store=with_logs(FAILED)).output
    assert [line.strip() for line in output.splitlines() if "line 30" in line] == ["apply line 30", "work line 30"]


def test_what_often_helps_stands_below_the_last_lines_of_a_failure():
    store = with_logs(FAILED)
    [failed] = [name for name in store.logs if "migrate" in name and "apply" in name]
    store.logs[failed] = b"line 1: psql: command not found\n"
    output = call(logs, "--failed", "--job", "migrate", store=store).output
    assert output.endswith("      line 1: psql: command not found\n      → a program is not installed here\n")
    assert "→" not in call(logs, "--job", "api", store=store).output


def test_logs_come_in_the_order_in_which_jobs_began():
    output = call(logs, store=with_logs(FAILED)).output
    heads = [line.strip() for line in output.splitlines() if line.startswith("  ● ")]
    assert heads == ["● api · stage · deploy", "● db · prod · migrate", "● db · prod · lint", "● web · prod · smoke"]


@pytest.mark.parametrize("what", ["job/db@prod.migrate", "job/db.prod.migrate", "job/migrate"])
def test_logs_of_a_job(what):
    output = call(logs, what, store=with_logs(FAILED)).output
    assert [line for line in output.splitlines() if line.startswith("  ● ")] == ["  ● db · prod · migrate"]


@pytest.mark.parametrize("what", ["migrate", "db.prod", "db@prod.migrate"])
def test_logs_of_a_name_that_is_no_run_are_those_of_jobs(what):
    output = call(logs, what, "--step", "apply", store=MemoryStore(FAILED, OLDER, logs=with_logs(FAILED).logs)).output
    assert [line for line in output.splitlines() if line.startswith("  ● ")] == ["  ● db · prod · migrate"]


def test_logs_of_a_name_and_a_run_are_those_of_jobs_of_the_run():
    output = call(logs, "deploy", "--exec-id", "older-run", store=MemoryStore(FAILED, OLDER)).output
    assert "Run: older-run" in output
    assert call(logs, "older", "--exec-id", "older-run", store=MemoryStore(FAILED, OLDER)).exception.exit_code == 2


@pytest.mark.parametrize(("what", "near"), [("migrat3", "known: "), ("db.pord", "db.prod"), ("older-rum", "older-run")])
def test_a_name_that_is_neither_run_nor_job_gets_the_nearest_of_both(what, near):
    problem = call(logs, what, store=MemoryStore(FAILED, OLDER)).exception
    assert problem.diagnostics[0].message == f"no run and no job named '{what}'"
    assert near in problem.diagnostics[0].hint


@pytest.mark.parametrize("what", ["run/older-run", "older-run"])
def test_logs_of_a_run(what):
    output = call(logs, what, store=MemoryStore(FAILED, OLDER)).output
    assert "Run: older-run" in output
    assert "Run: gh-26563885741-1-896da6b09c29" in call(logs, "run/latest", store=MemoryStore(FAILED, OLDER)).output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--job", "db.prod.migrat3"), "no job named 'db.prod.migrat3'"),
        (("job/nowhere",), "no job named 'nowhere'"),
        (("nowhere",), "no run and no job named 'nowhere'"),
        (("--step", "aply"), "no step named 'aply'"),
    ],
)
def test_logs_of_an_unknown_name(arguments, message):
    problem = call(logs, *arguments, store=with_logs(FAILED)).exception
    assert isinstance(problem, UsageError)
    assert problem.diagnostics[0].message == message
    assert problem.diagnostics[0].code == "usage/unknown-name"


@pytest.mark.parametrize(
    ("typed", "meant"), [("db.prod.migrat3", "db.prod.migrate"), ("bd", "db"), ("apl.stage", "api.stage")]
)
def test_a_misspelt_job_gets_the_nearest_one_or_the_component_that_is_nearest(typed, meant):
    problem = call(logs, "--job", typed, store=with_logs(FAILED)).exception
    assert problem.diagnostics[0].hint == f'did you mean "{meant}"?'


@pytest.mark.parametrize(
    "arguments", [("step/migrate",), ("run/",), ("run/x", "--exec-id", "y"), ("job/x", "--job", "y")]
)
def test_logs_refuse_what_says_nothing_or_two_things(arguments):
    assert call(logs, *arguments, store=with_logs(FAILED)).exit_code == 2


def test_raw_logs_are_the_bytes_of_the_logs():
    store = with_logs(FAILED)
    name = "logs/db.prod.migrate/02-apply.1.log"
    store.logs[name] = b"\x1b[31m\xff raw\r\nno end"
    result = call(logs, "--raw", "--step", "apply", store=store)
    assert result.stdout_bytes == store.logs[name]


def test_logs_as_documents():
    output = call(logs, "--json", "--step", "apply", "--tail", "2", store=with_logs(FAILED)).output
    assert [json.loads(line) for line in output.splitlines()] == [
        {
            "schemaVersion": "orun.view/v1",
            "job": "db.prod.migrate",
            "step": "apply",
            "attempt": 1,
            "text": text,
            "at": "",
        }
        for text in ("apply line 29", "apply line 30")
    ]


def test_every_line_of_a_long_log_is_a_document():
    store = with_logs(FAILED)
    store.logs["logs/db.prod.migrate/02-apply.1.log"] = b"".join(b"%d\n" % number for number in range(400_000))
    lines = call(logs, "--json", "--step", "apply", store=store).output.splitlines()
    assert [json.loads(line)["text"] for line in (lines[0], lines[200_000], lines[-1])] == ["0", "200000", "399999"]
    assert len(lines) == 400_000


def test_raw_logs_need_a_run():
    assert isinstance(call(logs, "--raw", store=MemoryStore()).exception, UsageError)


def test_the_last_lines_of_a_step_that_is_followed_are_those_of_all_its_attempts():
    first, second = "logs/database.production.apply/01-init.1.log", "logs/database.production.apply/01-init.2.log"
    init, apply = RUNNING.jobs[3].steps
    job = replace(RUNNING.jobs[3], steps=(replace(init, logs=(first, second), attempts=2), replace(apply, logs=())))
    state = replace(RUNNING, jobs=(*RUNNING.jobs[:3], job, *RUNNING.jobs[4:]))
    store = MemoryStore(
        state, logs={first: b"a\nb\nc\n", second: b"d\n"}, later=(replace(state, alive=False, last_seq=99),)
    )
    assert call(logs, "--follow", "--raw", "--tail", "3", "database", store=store).output == "b\nc\nd\n"


def test_timestamps_say_when_a_step_ran():
    output = call(logs, "--timestamps", "--step", "apply", store=with_logs(FAILED)).output
    assert "✗ apply failed 3m25s exit 3 10:00:01 → 10:03:26\n" in output


def test_follow_prints_lines_as_they_come_and_ends_with_the_run():
    store = with_logs(RUNNING, lines=2)
    over = replace(RUNNING, alive=False, status=FAILED.status, last_seq=99)
    store.later = [RUNNING, over]
    output = call(logs, "--follow", "job/database.production.apply", store=store).output
    assert output == (
        "database.production.apply · init │ init line 1\n"
        "database.production.apply · init │ init line 2\n"
        "database.production.apply · terraform-apply │ terraform-apply line 1\n"
        "database.production.apply · terraform-apply │ terraform-apply line 2\n"
    )


def test_follow_with_a_tail_leaves_out_what_is_older():
    store = with_logs(RUNNING, lines=9)
    store.later = [RUNNING, replace(RUNNING, alive=False, last_seq=99)]
    output = call(logs, "--follow", "--raw", "--tail", "1", "job/database.production.apply", store=store).output
    assert output == "init line 9\nterraform-apply line 9\n"


def test_get_runs_and_plans():
    store = MemoryStore(FAILED, OLDER)
    runs = json.loads(call(get, "runs", "-o", "json", store=store).output)
    plans = json.loads(call(get, "plans", "-o", "json", store=store).output)

    assert [run["execId"] for run in runs["runs"]] == [FAILED.exec_id, "older-run"]
    assert plans["plans"][0]["latest"] == FAILED.exec_id
    assert "sha256-ad6ce  latest  gh-26563885741-1-896da6b09c29  ✗ failed" in call(get, "plans", store=store).output


def test_empty_lists_say_what_to_do():
    assert call(get, "runs", store=MemoryStore()).output == "No runs yet.\n\n  Start one with: orun run\n"
    assert call(get, "plans", store=MemoryStore()).output == "No plans yet.\n\n  Compile one with: orun plan\n"
    assert call(get, "jobs", store=MemoryStore()).output == "No plans yet.\n\n  Compile one with: orun plan\n"


def test_a_kind_may_be_in_either_number_and_hold_the_name():
    store = MemoryStore(FAILED, OLDER)
    assert call(get, "run", store=store).output == call(get, "runs", store=store).output
    assert "Run: older-run" in call(describe, "run/older-run", store=store).output


def test_an_unknown_kind_gets_the_nearest_one():
    problem = call(get, "rusn", store=MemoryStore()).exception
    assert isinstance(problem, UsageError)
    assert problem.diagnostics[0].hint == 'did you mean "runs"?'


def test_describe_run_says_everything():
    output = call(describe, "run", store=MemoryStore(FAILED)).output
    assert "  Backend       shell\n" in output
    assert "  ✗ db.prod.migrate failed 3m25s\n      step apply: exit code 3\n      ✓ plan 0ms\n" in output
    assert json.loads(call(describe, "run", "-o", "json", store=MemoryStore(FAILED)).output)["status"] == "failed"
