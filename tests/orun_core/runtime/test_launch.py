"""What a run refuses before it records anything, and what it promises about size, leaks and secrets."""

from __future__ import annotations

import base64
import gc
import os
import resource
import threading
from pathlib import Path

import pytest
from orun_backend_shell.backend import ShellBackend
from orun_core.runtime.gates import Consent, Revision, check
from orun_core.runtime.isolation import IsolationMode
from orun_core.spec.errors import OrunError
from orun_core.spec.plan import Gate, SecretRef, Service
from orun_core.spec.run import JobFinished, JobSkipped, JobStarted, Noted, RunFinished, RunStarted, Status, StepFinished
from orun_core.state.local import LocalStore
from orun_core.testing.plans import job, step
from orun_core.testing.trial import Trial


@pytest.fixture
def trial(tmp_path):
    root = tmp_path / "workspace"
    root.mkdir()
    return Trial(ShellBackend(), root)


def refused(trial, *jobs, **options):
    with pytest.raises(OrunError) as raised:
        trial(*jobs, **options)
    return [(problem.code, problem.message) for problem in raised.value.diagnostics]


def test_all_reserved_names_are_reported_at_once(trial):
    jobs = [job("a.dev.x", step("true", env={"ORUN_X": "1"})), job("b.dev.x", env={"GITHUB_SHA": "x"})]
    assert [code for code, _ in refused(trial, *jobs)] == ["run/reserved-name"] * 2


def test_names_that_can_be_no_variable(trial):
    jobs = [job("a.dev.x", step("true", env={"": "1"})), job("b.dev.x", env={"A=B": "x"})]
    assert refused(trial, *jobs) == [
        ("run/bad-variable", "step main of job a.dev.x sets '', which can be no variable"),
        ("run/bad-variable", "job b.dev.x sets 'A=B', which can be no variable"),
    ]


def test_bad_durations(trial):
    assert refused(trial, job("a.dev.x", step("true", timeout="soon")))[0][0] == "run/bad-duration"


def test_all_missing_secrets_are_reported_at_once(trial):
    refs = (
        SecretRef("A", "secret://ws/env:dev/ONE@3"),
        SecretRef("B", "secret://TWO"),
        SecretRef("C", "secret://NO", optional=True),
    )
    assert [message.split(" and ")[0] for _, message in refused(trial, job("a.dev.x", secret_refs=refs))] == [
        "job a.dev.x needs the secret secret://ws/env:dev/ONE@3",
        "job a.dev.x needs the secret secret://TWO",
    ]


def test_an_optional_secret_may_be_missing(trial):
    ran = trial(
        job("a.dev.x", step("echo [${C-unset}]", id="say"), secret_refs=(SecretRef("C", "secret://C", optional=True),))
    )
    assert ran.log("say") == "[unset]\n"


def test_a_secret_that_is_too_short_to_be_masked_is_noted(trial):
    refs = tuple(SecretRef(name, f"secret://{name}") for name in ("TINY", "FINE"))
    ran = trial(job("a.dev.x", "true", secret_refs=refs), secrets={"TINY": "zq ", "FINE": "long enough"})
    assert [(note.kind, note.message, note.job) for note in ran.record.of(Noted)] == [
        ("short-secret", "the secret in TINY has fewer than 4 bytes and is not masked", "a.dev.x")
    ]


def test_the_recorded_command_line_is_masked(trial):
    ran = trial(job("a.dev.x", "true"), secrets={"K": "a-canary-value"}, argv=("run", "--reason", "for a-canary-value"))
    assert ran.record.of(RunStarted)[0].argv == ("run", "--reason", "for ***")


def test_why_a_run_failed_is_masked_like_why_its_job_did(trial):
    script = 'echo "$K" >> "$ORUN_OUTPUT"'
    mine = job("a.dev.x", step(script, id="say"), secret_refs=(SecretRef("K", "secret://K"),))
    ran = trial(mine, secrets={"K": "a-canary-value"})
    reason = "step say: OUTPUT file has a line without = or <<: '***'"
    assert ran.job.reason == reason
    assert ran.record.of(RunFinished)[0].reason == f"job a.dev.x: {reason}"


@pytest.mark.parametrize("word", ["build", "deploy", "api.dev.deploy", "succeeded", "dev.", "logs/"])
def test_a_secret_that_is_a_word_of_the_plan_changes_no_name(trial, word):
    mine = job("api.dev.deploy", step("echo $K", id="build"), secret_refs=(SecretRef("K", "secret://K"),))
    ran = trial(mine, secrets={"K": word})
    assert ran.ended("api.dev.deploy").status is Status.SUCCEEDED
    assert [(ended.job, ended.step) for ended in ran.record.of(StepFinished)] == [("api.dev.deploy", "build")]
    assert ran.log("build") == "***\n"


def test_uses_and_services_need_a_backend_that_can(trial):
    assert refused(trial, job("a.dev.x", step(use="actions/checkout@v4")))[0][0] == "run/no-uses"
    assert refused(trial, job("a.dev.x", services=(Service("db", "postgres:17"),)))[0][0] == "run/no-services"


def test_an_unknown_output_fails_the_step(trial):
    ran = trial(job("a.dev.x", step("echo ${{ steps.nope.outputs.x }}", id="say")))
    assert ran.job.reason == "step say: ${{ steps.nope.outputs.x }}: no earlier step 'nope'"


def test_other_expressions_are_left_alone(trial):
    ran = trial(job("a.dev.x", step("cat <<'EOF'\n${{ github.sha }}\nEOF", id="say")))
    assert ran.log("say") == "${{ github.sha }}\n"


def test_needs_expression(trial):
    make = job("a.dev.x", step('echo "v=7" >> "$ORUN_OUTPUT"', id="make"))
    ran = trial(make, job("b.dev.x", step("echo ${{ needs.a.dev.x.outputs.v }}", id="say"), depends_on=("a.dev.x",)))
    assert ran.log("say") == "7\n"


def test_a_shell_that_cannot_be_executed(trial):
    (trial.root / "mysh").write_text("no interpreter")
    (trial.root / "mysh").chmod(0o644)
    ran = trial(job("a.dev.x", step("true", id="bad", shell=f"{trial.root}/mysh {{0}}")))
    assert ran.job.reason.startswith(f"step bad: cannot start {trial.root}/mysh: Permission denied")


def test_what_keeps_a_step_from_starting_is_in_its_log_with_the_remedy(trial):
    large = step('head -c 200000 /dev/zero | tr "\\0" x | sed "s/^/BIG=/" >> $ORUN_ENV', id="large")
    ran = trial(job("a.dev.x", large, step("true", id="next")), job("b.dev.x", step("x", id="lost", shell="nope {0}")))
    assert ran.log("next").splitlines() == [
        "orun: cannot start bash: Argument list too long",
        "orun: hint: BIG is its largest variable, with 200000 characters: write it to a file",
    ]
    assert ran.log("lost").splitlines()[1].startswith("orun: hint: it is looked for in /")


def test_workdir_runs_every_job_in_one_folder(trial, tmp_path):
    ran = trial(job("a.dev.x", step("pwd", id="say"), path="missing"), workdir=tmp_path)
    assert ran.log("say") == f"{tmp_path}\n"


def test_staging_that_fails_is_a_reason(trial):
    (trial.root / ".orun").mkdir()
    (trial.root / "file").touch()
    jobs = (job("a.dev.x", "chmod 500 $ORUN_WORKSPACE"),)
    stages = trial.root / ".orun" / "work" / "trial"
    stages.mkdir(parents=True)
    (stages / jobs[0].uid).write_text("in the way")
    ran = trial(*jobs, isolation=IsolationMode.WORKSPACE)
    assert ran.job.reason.startswith("cannot stage the workspace: ")


def test_steps_that_may_resume_are_not_repeated(trial):
    from orun_core.runtime.resume import Earlier
    from orun_core.spec.run import JobState, StepState

    mine = job("a.dev.x", step("echo build >> ran", id="build", resume=True), step("echo test >> ran", id="test"))
    steps = (StepState("build", 1, "main", Status.SUCCEEDED, 1), StepState("test", 2, "main", Status.FAILED, 1))
    before = JobState(mine.id, "a", "dev", "x", "X", mine.digest, status=Status.FAILED, attempt=1, steps=steps)
    ran = trial(mine, earlier=Earlier({mine.id: before}, {mine.id: mine.digest}, exists=True))
    assert (trial.root / "ran").read_text() == "test\n"
    assert [(end.status, end.reason) for end in ran.steps("build")] == [
        (Status.SKIPPED, "succeeded in an earlier attempt")
    ]
    assert ran.record.of(JobStarted)[0].attempt == 2
    assert list(ran.record.logs) == ["logs/a.dev.x/02-test.2.log"] or not ran.record.logs


def test_an_execution_that_another_process_ran_meanwhile_is_not_run_again(trial):
    store = LocalStore(trial.root / ".orun", read_plan=None)
    trial(job("a.dev.x", "echo ran >> ran"), store=store)
    before = (trial.root / ".orun/runs/trial/events.ndjson").read_bytes()
    assert refused(trial, job("a.dev.x", "echo ran >> ran"), store=store) == [
        ("run/overtaken", 'execution "trial" was run by another process just now')
    ]
    assert (trial.root / "ran").read_text() == "ran\n"
    assert (trial.root / ".orun/runs/trial/events.ndjson").read_bytes() == before


def test_gate_evidence_of_the_same_source_revision(tmp_path):
    gate = Gate("environment-promotion", "dev", "api", "success", {"revision": "source"})
    store = LocalStore(tmp_path / ".orun", read_plan=None)
    mine = job("api.prod.x", gates=(gate,))
    with pytest.raises(OrunError, match="of the same source revision"):
        check([mine], Consent(), store, lambda: Revision("abc"))
    assert check([mine], Consent(ignore_gates=True), store, lambda: Revision("abc"))[0].kind == "gate-ignored"


def test_ten_background_children_and_a_thousand_jobs_leak_nothing(trial):
    threads, files = threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))
    chains = 10
    jobs = [
        job(f"c{n}.dev.x", ":", path="", depends_on=(f"c{n - chains}.dev.x",) if n >= chains else ())
        for n in range(1000)
    ]
    ran = trial(*jobs, isolation=IsolationMode.NONE, wants_output=False)
    gc.collect()
    assert len(ran.record.of(JobFinished)) == 1000
    assert ran.record.of(JobSkipped) == []
    assert (threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))) == (threads, files)


def test_a_large_log_needs_constant_memory(tmp_path):
    megabytes = int(os.environ.get("ORUN_TEST_LOG_MB", "100"))
    root = tmp_path / "workspace"
    root.mkdir()
    trial, store = Trial(ShellBackend(), root), LocalStore(root / ".orun", read_plan=None)
    script = f"head -c {megabytes}M /dev/zero | tr '\\0' x | fold -w 200"
    secrets = {"K": "a-canary-that-is-not-printed"}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ran = trial(
        job("a.dev.x", step(script, id="big"), secret_refs=(SecretRef("K", "secret://K"),)),
        secrets=secrets,
        wants_output=False,
        store=store,
    )
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert ran.job.status is Status.SUCCEEDED
    assert store.log_size("trial", "logs/a.dev.x/01-big.1.log") >= megabytes << 20
    assert grown < 30_000


CANARY = "cAn4ry/+ '\"$& value 0123\nsecond half of it"


def test_a_canary_in_twelve_encodings_is_nowhere(tmp_path):
    root = tmp_path / "workspace"
    root.mkdir()
    store = LocalStore(root / ".orun", read_plan=None)
    script = """
import base64, binascii, html, json, os, shlex, subprocess, urllib.parse
value = os.environ["CANARY"]
raw = value.encode()
print(subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout)
for form in (
    value, value.strip(), value.splitlines()[1], base64.b64encode(raw).decode(), base64.b64encode(b"x" + raw).decode(),
    base64.b64encode(b"xy" + raw).decode(), base64.urlsafe_b64encode(raw).decode(), urllib.parse.quote(value, safe=""),
    urllib.parse.quote_plus(value), json.dumps(value), json.dumps(json.dumps(value)), shlex.quote(value),
    html.escape(value), raw.hex(),
):
    print("form:", form)
with open(os.environ["ORUN_STEP_SUMMARY"], "a") as summary:
    summary.write("summary " + value)
with open(os.environ["ORUN_OUTPUT"], "a") as output:
    output.write("leak<<END_OF\\n" + value + "\\nEND_OF\\n")
with open(os.environ["ORUN_ENV"], "a") as env:
    env.write("COPY<<END_OF\\n" + value + "\\nEND_OF\\n")
"""
    steps = (step(script, id="say", shell="python3"), step('echo "copy $COPY"; exit 3', id="copy"))
    mine = job("a.dev.x", *steps, secret_refs=(SecretRef("CANARY", "secret://CANARY"),))
    ran = Trial(ShellBackend(), root)(mine, secrets={"CANARY": CANARY}, store=store)
    assert ran.job.status is Status.FAILED
    kept = {str(file): file.read_bytes() for file in Path(root).rglob("*") if file.is_file()}
    kept["display"] = ran.record.text().encode()
    kept["happenings"] = repr(ran.record.happenings).encode()
    tells = [b"cAn4ry", b"value 0123", b"second half", b"value+0123", b"value%200123", b"second%20half"]
    tells += [base64.b64encode(part)[1:-4] for part in (b"cAn4ry", b"value 0123", b"second half")]
    tells += [base64.b64encode(b"\0" * shift + b"second half of it")[4:-4] for shift in range(3)]
    tells += [b"cAn4ry".hex().encode(), b"second half".hex().encode()]
    found = [(where, tell) for where, content in kept.items() for tell in tells if tell in content]
    assert found == []
    assert kept["display"].count(b"form:") == 14
    assert any(note.kind == "secret-output" for note in ran.record.of(Noted))
