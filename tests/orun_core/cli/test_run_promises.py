"""What operators rely on, from end to end: nothing is missing from the record, and what is printed is true."""

from __future__ import annotations

import json

import pytest
from orun_core.testing.plans import job, step
from running import Project


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


def test_a_failure_leaves_a_whole_record(project):
    pytest.importorskip("orun_cockpit")
    tidy = step("touch tidied", id="tidy", phase="post")
    project.plan(
        job("api.dev.x", step("exit 3", id="build"), step("true", id="test"), tidy),
        job("web.dev.x", "true", depends_on=("api.dev.x",)),
        job("zed.dev.x", "true", depends_on=("web.dev.x",)),
    )
    assert project.orun("run", "plan.json", "--exec-id", "one", "--isolation", "none").code == 1
    assert (project.root / "tidied").exists()
    shown = json.loads(project.orun("status", "one", "--json").out)
    jobs = [found for group in shown["groups"] for found in group["jobs"]]
    assert [(found["id"], found["status"]) for found in jobs] == [
        ("api.dev.x", "failed"),
        ("web.dev.x", "skipped"),
        ("zed.dev.x", "skipped"),
    ]
    assert [found["status"] for found in jobs[0]["steps"]] == ["failed", "skipped", "succeeded"]


@pytest.mark.parametrize("concurrency", ["1", "4"])
def test_a_failed_job_is_never_exit_0(project, concurrency):
    project.plan(job("api.dev.x", "false"), job("web.dev.x", "true"))
    arguments = ("run", "plan.json", "--keep-going", "--concurrency", concurrency, "--exec-id", "one")
    assert project.orun(*arguments).code == 1
    assert project.status("one") == {"api.dev.x": "failed", "web.dev.x": "succeeded"}


@pytest.mark.parametrize("concurrency", ["1", "4"])
def test_an_allowed_failure_blocks_nothing(project, concurrency):
    project.plan(
        job("api.dev.x", step("false", id="lint", on_failure="continue")),
        job("web.dev.x", "true", depends_on=("api.dev.x",)),
    )
    assert project.orun("run", "plan.json", "--concurrency", concurrency, "--exec-id", "one").code == 0
    assert project.status("one") == {"api.dev.x": "succeeded", "web.dev.x": "succeeded"}
    assert project.state("one").jobs[0].allowed_failure


@pytest.mark.parametrize("script", ["true", "echo why; false"])
def test_the_commands_that_a_run_prints_work(project, script):
    pytest.importorskip("orun_cockpit")
    project.plan(job("api.dev.x", script))
    ran = project.orun("run", "plan.json")
    printed = [line.partition("orun ")[2].split() for line in ran.out.splitlines() if " orun " in line]
    commands = [words for words in printed if words and words[0] in ("status", "logs")]
    assert commands or script == "true"
    for words in commands:
        shown = project.orun(*words)
        assert (shown.code, "api" in shown.out) == (0, True), words


def test_the_token_of_a_workflow_is_masked_from_the_first_byte(project):
    project.plan(job("api.dev.x", step("echo $GITHUB_TOKEN; printf %s $GITHUB_TOKEN | base64", id="say")))
    ran = project.orun("run", "plan.json", "--verbose", "--exec-id", "one", GITHUB_TOKEN="ghs_canaryCanary00001")
    assert ran.code == 0
    assert "canary" not in ran.out.lower()
    assert (project.root / ".orun/runs/one/logs/api.dev.x/01-say.1.log").read_text() == "***\n***\n"


def test_times_have_milliseconds_and_codes_are_kept(project):
    project.plan(job("api.dev.x", step("exit 7", id="build", retry=1)))
    project.orun("run", "plan.json", "--exec-id", "one")
    (build,) = project.state("one").jobs[0].steps
    assert (build.exit_code, build.attempts, build.started_at[-5], build.started_at[-1]) == (7, 2, ".", "Z")
