"""`orun run` as its users meet it: frames, exit codes, selection, resuming, signals."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
from orun_core.spec.plan import Gate, Obligation, SecretRef
from orun_core.testing.plans import job, step
from running import Project

ALONE = ("--no-plugin", "cockpit")
"""Core's own plain lines: what an installation without the cockpit shows."""


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


@pytest.fixture
def chain(project):
    """api and web, where web waits for api and fails while there is no file `fixed`."""
    project.plan(
        job("api.dev.deploy", "echo api"),
        job("web.dev.deploy", step("echo compiling; test -e fixed", id="build"), depends_on=("api.dev.deploy",)),
        job("zed.dev.deploy", "echo zed", depends_on=("web.dev.deploy",)),
    )
    return project


def test_success_frame(project):
    made = project.plan(
        job("api.dev.deploy", "echo 'Preview URL: https://x.dev/1'"),
        job("api.prod.deploy", "true", depends_on=("api.dev.deploy",)),
        job("web.dev.deploy", "true", depends_on=("api.prod.deploy",)),
    )
    ran = project.orun(*ALONE, "run", "plan.json", "--exec-id", "demo-1")
    assert (ran.code, ran.err) == (0, "")
    assert ran.frame() == [
        "",
        "▲ orun demo",
        f"  Plan: {made.metadata.checksum[:12]} · Run: demo-1",
        "  Scope: 2 components · 3 jobs · 4× parallel · local",
        "",
        "  ● api",
        "  │  ├─ ✓ dev  Deploy  N.Ns",
        "  │       ↗ Preview URL  https://x.dev/1",
        "  │  └─ ✓ prod  Deploy  N.Ns",
        "  │",
        "  ● web",
        "  │  └─ ✓ dev  Deploy  N.Ns",
        "",
        "✓ Done in N.Ns",
        "  3 succeeded",
        "  Preview URL https://x.dev/1",
        "",
        "  status  orun status --exec-id demo-1",
        "  logs    orun logs --exec-id demo-1",
    ]


def test_failure_frame_shows_the_last_lines_and_what_did_not_start(project):
    made = project.plan(
        job(
            "api.dev.deploy",
            step("echo compiling\necho 'boom: missing file'\nexit 3", id="build"),
            step("true", id="tidy", phase="post"),
        ),
        job("web.dev.deploy", "true", depends_on=("api.dev.deploy",)),
    )
    ran = project.orun(*ALONE, "run", "plan.json", "--exec-id", "demo-1")
    assert ran.code == 1
    assert ran.frame() == [
        "",
        "▲ orun demo",
        f"  Plan: {made.metadata.checksum[:12]} · Run: demo-1",
        "  Scope: 2 components · 2 jobs · 4× parallel · local · dev",
        "",
        "    ✗ api/Deploy  N.Ns",
        "       step build",
        "       error command exited with code 3",
        "       │ compiling",
        "       │ boom: missing file",
        "       logs orun logs --exec-id demo-1 --job api.dev.deploy",
        "  ● api",
        "  │  └─ ✗ Deploy  N.Ns",
        "  │",
        "  ● web",
        "  │  └─ ↷ Deploy  skipped (dependency failed: api.dev.deploy)",
        "",
        "✗ Failed in N.Ns",
        "  1 failed · 1 skipped",
        "",
        "  status  orun status --exec-id demo-1",
        "  logs    orun logs --exec-id demo-1 --failed",
    ]
    assert [step.status.value for step in project.state("demo-1").jobs[0].steps] == ["failed", "succeeded"]


def test_json_is_one_object_per_line_with_a_summary_at_the_end(chain):
    ran = chain.orun("run", "plan.json", "--json", "--exec-id", "one")
    events = ran.events()
    assert [event["seq"] for event in events if "seq" in event] == list(range(1, 1 + sum("seq" in e for e in events)))
    assert {"type": "step.output", "job": "web.dev.deploy", "step": "build", "text": "compiling"} in events
    assert events[-1]["counts"] == {"failed": 1, "skipped": 1, "succeeded": 1}
    assert events[-1]["type"] == "run.summary"
    assert (ran.code, events[-1]["status"]) == (1, "failed")


def test_verbose_lines_carry_no_terminal_sequences(project):
    script = r"printf '\033]0;title\007\033[31mred\033[0m\033P1;x\033\\ a\tb\rc\010\033(B\302\233\n'; exit 1"
    project.plan(job("api.dev.deploy", step(script, id="build")))
    ran = project.orun("run", "plan.json", "--verbose")
    assert "  │ api/build  red a\tbc" in ran.out.splitlines()
    assert "       │ red a\tb" in ran.out.splitlines()
    assert not any(ord(char) < 32 and char not in "\n\t" for char in ran.out)


def test_actions_form_keeps_characters_whole_across_pieces(project):
    project.plan(job("api.dev.deploy", step("head -c 1048575 /dev/zero | tr '\\0' x; printf '日本'", id="build")))
    assert "x日本\n" in project.orun("run", "plan.json", GITHUB_ACTIONS="true").out


def test_actions_form_groups_and_annotates(project):
    project.plan(job("api.dev.deploy", step("echo '::error::not mine'; exit 2", id="build")))
    ran = project.orun("run", "plan.json", "--exec-id", "one", GITHUB_ACTIONS="true")
    lines = ran.frame()
    group = lines.index("::group::✗  01 build  N.Ns  ·  command exited with code 2")
    token = lines[group + 1].removeprefix("::stop-commands::")
    assert lines[group + 2 : group + 4] == ["::error::not mine", f"::{token}::"]
    assert "::error title=api · dev · Deploy › build::command exited with code 2" in lines


def test_summaries_reach_the_workflows_own(project):
    project.plan(job("api.dev.deploy", 'echo "**12** tests" >> "$ORUN_STEP_SUMMARY"'))
    file = project.root / "summary.md"
    project.orun("run", "plan.json", GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(file))
    told, _, whole = file.read_text().partition("### ")
    assert told == "## api · dev · Deploy\n\n**12** tests\n\n"
    assert "| ✓ | api.dev.deploy | " in whole


def test_a_run_of_another_machine_is_not_stopped_from_here(project):
    project.plan(job("api.dev.deploy", "true"))
    project.orun("run", "plan.json", "--exec-id", "one")
    folder = project.root / ".orun/runs/one"
    journal = (folder / "events.ndjson").read_text().splitlines(keepends=True)
    (folder / "events.ndjson").write_text("".join(journal[:-1]))
    owner = {"pid": 1, "started": "1", "boot": "another", "namespace": "n", "machine": "elsewhere"}
    (folder / "lock").write_text(json.dumps(owner))
    ran = project.orun("stop", "one")
    assert (ran.code, "run/elsewhere" in ran.err) == (1, True)


def test_resuming_skips_what_succeeded_and_finishes_the_rest(chain):
    assert chain.orun("run", "plan.json", "--exec-id", "one").code == 1
    (chain.root / "fixed").touch()
    ran = chain.orun(*ALONE, "run", "--resume", "one")
    assert ran.code == 0
    assert "  │  └─ ⚡ Deploy  cached (succeeded in attempt 1)" in ran.frame()
    assert chain.status("one") == dict.fromkeys(("api.dev.deploy", "web.dev.deploy", "zed.dev.deploy"), "succeeded")
    assert {job.id: job.attempt for job in chain.state("one").jobs} == {
        "api.dev.deploy": 1,
        "web.dev.deploy": 2,
        "zed.dev.deploy": 1,
    }


def test_resuming_a_part_of_a_plan_runs_only_that_part(project):
    project.plan(job("api.dev.x", "test -e fixed"), job("api.prod.x", "true"))
    assert project.orun("run", "plan.json", "--env", "dev", "--exec-id", "one").code == 1
    (project.root / "fixed").touch()
    assert project.orun("run", "--resume", "one").code == 0
    assert project.status("one") == {"api.dev.x": "succeeded"}


def test_one_job_of_a_failed_execution_uses_its_recorded_dependencies(chain):
    chain.orun("run", "plan.json", "--exec-id", "one")
    (chain.root / "fixed").touch()
    ran = chain.orun("run", "--exec-id", "one", "--job", "web@dev.deploy")
    assert ran.code == 0
    assert chain.status("one")["api.dev.deploy"] == "succeeded"
    assert chain.state("one").jobs[1].attempt == 2


def test_retry_runs_a_succeeded_job_again(chain):
    chain.orun("run", "plan.json", "--exec-id", "one")
    ran = chain.orun(*ALONE, "run", "--exec-id", "one", "--job", "api.dev", "--retry")
    assert ran.code == 0
    assert chain.state("one").jobs[0].attempt == 2
    assert "  the execution as a whole stays failed: job web.dev.deploy failed earlier" in ran.frame()


def test_another_plan_is_refused_unless_forced(chain):
    chain.orun("run", "plan.json", "--exec-id", "one")
    chain.plan(job("api.dev.deploy", "echo changed"), job("new.dev.deploy", "true"))
    ran = chain.orun("run", "plan.json", "--exec-id", "one")
    assert (ran.code, "run/other-plan" in ran.err) == (1, True)
    ran = chain.orun("run", "plan.json", "--exec-id", "one", "--force-resume")
    assert ran.code == 0
    assert chain.state("one").jobs[0].attempt == 2


def test_dependencies_outside_the_selection(chain):
    ran = chain.orun("run", "plan.json", "--job", "zed.dev.deploy")
    assert (ran.code, "run/missing-dependencies" in ran.err) == (2, True)
    (chain.root / "fixed").touch()
    assert chain.orun("run", "plan.json", "--job", "zed.dev.deploy", "--with-deps").code == 0
    ran = chain.orun("run", "plan.json", "--job", "zed.dev.deploy", "--assume-deps", "--exec-id", "two")
    assert ran.code == 0
    assert [note.kind for note in chain.state("two").notes] == ["assumed-dependency"]


def test_environments_are_a_comma_list(project):
    project.plan(job("api.dev.x", "true"), job("api.prod.x", "true"), job("api.stage.x", "true"))
    assert project.orun("run", "plan.json", "--env", "dev,stage", "--exec-id", "one").code == 0
    assert project.status("one") == {"api.dev.x": "succeeded", "api.stage.x": "succeeded"}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--job", "nope"), 2, "usage/unknown-name"),
        (("--component", "wep"), 2, 'did you mean "web"?'),
        (("--job", ""), 2, "usage/ambiguous-name"),
        (("--retry",), 2, "usage/missing-option"),
        (("--exec-id", "a/b"), 2, "run/bad-exec-id"),
        (("--background", "--dry-run"), 2, "usage/conflict"),
        (("--expect", "sha256-0000000000000000"), 5, "run/unexpected-plan"),
        (("--trigger", "nightly"), 2, "--trigger cannot change a plan that exists"),
        (("--runner", "nope"), 6, "plugin/unknown-name"),
    ],
)
def test_refusals(chain, arguments, code, said):
    ran = chain.orun("run", "plan.json", *arguments)
    assert (ran.code, said in ran.err) == (code, True), ran.err
    assert not (chain.root / ".orun/runs").exists()


def test_the_expected_plan_runs(project):
    made = project.plan(job("api.dev.x", "true"))
    assert project.orun("run", "plan.json", "--expect", made.metadata.checksum[:19]).code == 0


def test_an_edited_plan_is_refused(project):
    project.plan(job("api.dev.x", "true"))
    file = project.root / "plan.json"
    file.write_text(file.read_text().replace('"true"', '"rm -rf x"'))
    assert project.orun("run", "plan.json").code == 5


def test_an_empty_selection(project):
    project.plan(job("api.dev.x", "true"), job("web.prod.x", "true"))
    ran = project.orun("run", "plan.json", "--component", "api", "--env", "prod")
    assert (ran.code, ran.out) == (0, "✓ no jobs to run\n")
    assert project.orun("run", "plan.json", "--component", "api", "--env", "prod", "--fail-on-empty").code == 7


def test_dry_run_shows_the_order_and_runs_nothing(chain):
    ran = chain.orun("run", "plan.json", "--dry-run")
    lines = ran.frame()
    assert [line.split()[-1] for line in lines if line.startswith("  ◌")] == [
        "api.dev.deploy",
        "web.dev.deploy",
        "zed.dev.deploy",
    ]
    assert "        needs    api.dev.deploy" in lines
    assert "✓" not in ran.out
    assert not (chain.root / ".orun/runs").exists()


def test_interruption_seals_the_record(project):
    project.plan(
        job(
            "api.dev.x",
            step("echo $$ > pid; echo begun; sleep 60", id="slow"),
            step("echo tidy", id="tidy", phase="post"),
        ),
        job("web.dev.x", "true", depends_on=("api.dev.x",)),
    )
    ran = project.interrupted_at("begun", "run", "plan.json", "--exec-id", "one")
    assert ran.code == 130
    assert ran.events()[-1]["status"] == "cancelled"
    assert {"type": "step.output", "job": "api.dev.x", "step": "tidy", "text": "tidy"} in ran.events()
    assert project.status("one") == {"api.dev.x": "cancelled", "web.dev.x": "skipped"}
    assert not Path(f"/proc/{(project.root / 'pid').read_text().strip()}").exists()


def test_a_reader_that_goes_away_does_not_end_the_run(project):
    project.plan(
        job("api.dev.x", "echo begun; while ! test -e gone; do sleep 0.02; done; seq 1 2000"), job("web.dev.x", "true")
    )
    with project.start("run", "plan.json", "--exec-id", "one", "--verbose", "--isolation", "none") as process:
        while "begun" not in process.stdout.readline():
            pass
        process.stdout.close()
        (project.root / "gone").touch()
        assert process.wait(timeout=30) == 0
        assert process.stderr.read() == ""
    assert project.status("one") == {"api.dev.x": "succeeded", "web.dev.x": "succeeded"}


def test_termination_is_143(project):
    project.plan(job("api.dev.x", "echo begun; sleep 60"))
    assert project.interrupted_at("begun", "run", "plan.json", number=signal.SIGTERM).code == 143


def test_a_killed_run_is_interrupted_at_once_and_can_be_resumed(project):
    project.plan(
        job("api.dev.x", "echo once >> ran"),
        job("web.dev.x", "echo $$ > pid; echo begun; test -e fixed || sleep 60", depends_on=("api.dev.x",)),
    )
    assert project.interrupted_at("begun", "run", "plan.json", "--exec-id", "one", number=signal.SIGKILL).code == -9
    assert project.state("one").interrupted
    (project.root / "fixed").touch()
    assert project.orun("run", "--resume", "one").code == 0
    assert project.status("one") == {"api.dev.x": "succeeded", "web.dev.x": "succeeded"}
    assert (project.root / "ran").read_text() == "once\n"


def test_what_a_killed_run_left_running_is_ended_before_it_goes_on(project):
    project.plan(job("api.dev.x", "echo $$ >> pids; echo begun; test -e fixed || sleep 60"))
    project.interrupted_at("begun", "run", "plan.json", "--exec-id", "one", number=signal.SIGKILL)
    (project.root / "fixed").touch()
    assert project.orun("run", "--resume", "one").code == 0
    first = (project.root / "pids").read_text().split()[0]
    state = Path(f"/proc/{first}/stat")
    assert not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z"


def test_a_second_process_with_the_same_id_fails_fast(project):
    project.plan(job("api.dev.x", "echo begun; sleep 60"))
    with project.start("run", "plan.json", "--exec-id", "one", "--json") as live:
        while '"begun"' not in live.stdout.readline():
            pass
        ran = project.orun("run", "plan.json", "--exec-id", "one")
        live.send_signal(signal.SIGTERM)
        live.communicate()
    assert (ran.code, "run/already-live" in ran.err) == (1, True)
    assert project.status("one") == {"api.dev.x": "cancelled"}


def test_background_and_stop(project):
    project.plan(job("api.dev.x", step("sleep 60", id="slow"), step("echo tidy", id="tidy", phase="post")))
    ran = project.orun("run", "plan.json", "--background", "--exec-id", "one")
    assert ran.code == 0
    assert ran.out.splitlines()[:2] == ["✓ background run started", "  exec-id: one"]
    assert project.state("one").alive
    ran = project.orun("stop", "one")
    assert (ran.code, ran.out) == (0, "one: cancelled\n")
    assert ran.err == "waiting for post steps; `orun stop one --force` kills at once\n"
    assert [step.status.value for step in project.state("one").jobs[0].steps] == ["cancelled", "succeeded"]
    assert project.orun("stop", "one").out == "one has ended: cancelled\n"


def test_a_background_run_that_cannot_start_says_so(project):
    project.plan(job("api.dev.x", "true", secret_refs=(SecretRef("T", "secret://T"),)))
    ran = project.orun("run", "plan.json", "--background", "--exec-id", "one")
    assert (ran.code, "run/missing-secret" in ran.err) == (1, True)


def test_a_secret_without_a_value_is_one_problem_and_a_warning_of_a_preview(project):
    wanted, optional = SecretRef("T", "secret://w/KEY"), SecretRef("O", "secret://w/OTHER", optional=True)
    project.plan(*(job(f"{name}.dev.x", "true", secret_refs=(wanted, optional)) for name in ("api", "db", "web")))
    ran = project.orun("run", "plan.json")
    said = "job api.dev.x and 2 more need the secret secret://w/KEY and it has no value"
    assert (ran.code, ran.err.count("run/missing-secret"), said in ran.err) == (1, 1, True)
    assert "hint: set ORUN_SECRET_KEY" in ran.err
    ran = project.orun("run", "plan.json", "--dry-run")
    assert (ran.code, f"⚠ {said}" in ran.err) == (0, True)
    assert "api.dev.x" in ran.out
    assert project.orun("run", "plan.json", "--dry-run", ORUN_SECRET_KEY="s3cret").err == ""


def test_gates_ask_for_recorded_evidence(project):
    gate = Gate("environment-promotion", "dev", "api", "success", {})
    project.plan(job("api.prod.x", "true", gates=(gate,)), file="prod.json")
    ran = project.orun("run", "prod.json")
    assert (ran.code, "run/gate" in ran.err) == (4, True)
    assert project.orun("run", "prod.json", "--ignore-gates", "--exec-id", "forced").code == 0
    assert [note.kind for note in project.state("forced").notes] == ["gate-ignored"]
    project.plan(job("api.dev.x", "true"), file="dev.json")
    assert project.orun("run", "dev.json", "--exec-id", "evidence").code == 0
    assert project.orun("run", "prod.json", "--exec-id", "promoted").code == 0
    assert project.state("promoted").notes[0].data == {"evidence": "evidence"}


def test_approval_is_needed_and_recorded(project):
    project.plan(job("api.prod.x", "true", obligations=(Obligation("approval", "requireApproval", "intent"),)))
    ran = project.orun("run", "plan.json")
    assert (ran.code, "run/approval" in ran.err) == (4, True)
    assert project.orun("run", "plan.json", "--approve", "api.prod.x").code == 2
    ran = project.orun("run", "plan.json", "--approve", "api.prod.x", "--reason", "CHG-7", "--exec-id", "one")
    assert ran.code == 0
    (note,) = project.state("one").notes
    assert (note.kind, note.message, note.job, note.data["user"]) == ("approval", "CHG-7", "api.prod.x", "ada")


def test_clean_tree_obligation(project):
    project.plan(job("api.prod.x", "true", obligations=(Obligation("clean-git-tree", "clean", "intent"),)))
    ran = project.orun("run", "plan.json")
    assert (ran.code, "run/dirty-tree" in ran.err, "not a git repository" in ran.err) == (4, True, True)
    os.system(f"git -C {project.root} init -q")
    ran = project.orun("run", "plan.json", GIT_DIR="../.git")
    assert (ran.code, "run/dirty-tree" in ran.err, "commit or discard" in ran.err) == (4, True, True)
    (project.root / ".gitignore").write_text("/*\n!.orun\n")
    (project.root / ".orun").mkdir(exist_ok=True)
    (project.root / ".orun/compositions.lock.yaml").write_text("kind: CompositionLock\n")
    ran = project.orun("run", "plan.json", GIT_DIR="../.git")
    assert ran.code == 0, "what orun itself writes makes no tree dirty"


def test_a_background_run_that_is_refused_says_so_and_nothing_of_earlier_runs(project):
    project.plan(job("api.dev.x", "sleep 60"))
    assert project.orun("run", "plan.json", "--exec-id", "one", "--background").code == 0
    ran = project.orun("run", "plan.json", "--exec-id", "one", "--background")
    assert (ran.code, ran.out, ran.err.splitlines()[0][:40]) == (1, "", '✕ execution "one" is already running in ')
    assert project.orun("stop", "one", "--force").code == 0


def test_fail_fast_cancel_ends_what_runs(project):
    project.plan(
        job("api.dev.x", step("while test ! -e begun; do sleep 0.02; done; exit 1", id="bad")),
        job("web.dev.x", step("touch begun; sleep 60", id="slow")),
    )
    assert project.orun("run", "plan.json", "--fail-fast=cancel", "--isolation", "none", "--exec-id", "one").code == 1
    assert project.status("one") == {"api.dev.x": "failed", "web.dev.x": "cancelled"}


def test_steps_do_not_see_secrets_of_others_nor_the_outer_run(project):
    project.plan(
        job("api.dev.x", step("env | grep -c '^ORUN_SECRET' || true; echo [$ORUN_EXEC_ID]; echo [$HOME]", id="say"))
    )
    outer = {"ORUN_SECRET_A": "hidden-value", "ORUN_EXEC_ID": "outer", "ORUN_JOB_ID": "outer.job.x"}
    ran = project.orun("run", "plan.json", "--json", "--env-policy", "clean", **outer)
    said = [event["text"] for event in ran.events() if event["type"] == "step.output"]
    assert said[0] == "0"
    assert said[1] != "[outer]"
    assert said[2] == f"[{os.environ['HOME']}]"
