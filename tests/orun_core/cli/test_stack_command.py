"""`orun stack init | lint | test | preview`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest


@pytest.fixture
def orun(tmp_path):
    def run(*arguments, status=0):
        command = [sys.executable, "-m", "orun_core.cli.main", *arguments]
        environ = {"PATH": os.environ["PATH"], "ORUN_CACHE_DIR": str(tmp_path / "cache")}
        done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60)
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr

    run("stack", "init", "ops")
    return run


def edit(tmp_path, old, new):
    file = tmp_path / "ops/compositions/service/composition.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_a_new_stack_is_valid_and_is_not_written_over(orun):
    assert orun("stack", "lint", "--root", "ops") == "✓ ops 0.1.0: 3 files are valid\n"
    assert "[stack/exists]" in orun("stack", "init", "ops", status=2)


def test_lint_reports_what_is_wrong_and_what_is_missing(tmp_path, orun):
    manifest = tmp_path / "ops/stack.yaml"
    manifest.write_text(manifest.read_text().replace("  description: Compositions of ops.\n", ""))
    assert "[stack/incomplete]" in orun("stack", "lint", "--root", "ops")
    edit(tmp_path, "defaultJob: deploy", "defaultJob: destroy")
    assert "[package/unknown-job]" in orun("stack", "lint", "--root", "ops", status=3)


def test_a_test_compares_jobs_with_the_expected_ones(tmp_path, orun):
    assert "[stack/test-differs]" in orun("stack", "test", "--root", "ops", status=3)
    orun("stack", "test", "--root", "ops", "--update")
    jobs = json.loads((tmp_path / "ops/tests/service/jobs.json").read_text())
    assert [(job["environment"], [step["run"] for step in job["steps"]]) for job in jobs] == [
        ("development", ["echo building api"]),
        ("production", ["echo building api", "echo hello from api"]),
    ]
    assert orun("stack", "test", "--root", "ops") == "✓ service: 2 jobs\n"
    (tmp_path / "ops/README.md").write_text("a file that changes the package, not its jobs\n")
    orun("stack", "test", "--root", "ops")
    edit(tmp_path, "echo building", "echo making")
    said = orun("stack", "test", "--root", "ops", status=3)
    assert '+        "run": "echo making api"' in said
    edit(tmp_path, "stepsEnabled: [build]", "stepsEnabled: [bild]")
    assert "[package/unknown-step]" in orun("stack", "test", "--root", "ops", status=3)


def test_a_stack_without_tests(tmp_path, orun):
    shutil.rmtree(tmp_path / "ops/tests")
    assert "[stack/no-tests]" in orun("stack", "test", "--root", "ops", status=2)


def test_a_preview_says_what_an_upgrade_changes(tmp_path, orun):
    shutil.copytree(tmp_path / "ops", tmp_path / "old")
    edit(tmp_path, "echo building", "echo making")
    orun("pack", "--root", "ops", "-o", "new.tgz")
    intent = "ops/tests/service/intent.yaml"
    said = orun("--intent", intent, "stack", "preview", "old", "new.tgz")
    assert '~ step "build" runs: echo building api → echo making api' in said
    same = orun("--intent", intent, "stack", "preview", "old", "old", "--source", "stack")
    assert "step" not in same
    assert "[source/not-found]" in orun("--intent", intent, "stack", "preview", "old", "nope", status=2)
    assert "[usage/unknown-name]" in orun(
        "--intent", intent, "stack", "preview", "old", "old", "--source", "stak", status=2
    )
