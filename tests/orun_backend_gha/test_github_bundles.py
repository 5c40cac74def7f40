"""Run bundles of the original become runs of the cockpit, or are refused."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile

import gha_fake_github as fake_github
import pytest
from gha_fake_github import NUMBER, FakeGitHub
from gha_plans import job, plan
from orun_backend_gha.find_run import client
from orun_backend_gha.recorded import chosen
from orun_backend_gha.recorded import executions as uploaded
from orun_core.spec.errors import OrunError
from orun_core.spec.run import Status
from test_github_commands import Desk, code_of, run
from test_github_uploads import archive

PLAN = "896da6b09c29"
EXEC = f"gh-{NUMBER}-1-{PLAN}"
JOBS = ("api.dev.deploy", "web.dev.deploy", "zed.dev.deploy")
STEPS = [{"id": "test"}, {"name": "say it loud"}, {"id": "tidy", "phase": "post"}, {"id": "init", "phase": "pre"}]


def shard(role: str, files: dict[str, object], /, exec_id: str = EXEC, sums: bool = True, **manifest) -> bytes:
    """An archive as the original writes it: texts as they are, all else as JSON."""
    content = {
        name: text.encode() if isinstance(text, str) else json.dumps(text).encode() for name, text in files.items()
    }
    listed = {name.partition(".")[0]: name for name in content if not name.startswith("logs/")}
    logs = {f"log:{name[5:-4]}": name for name in content if name.startswith("logs/")}
    listed |= {"manifest": "manifest.json", "checksums": "checksums.json"} | logs | ({"logs": "logs/"} if logs else {})
    told = {"apiVersion": "orun.io/v1alpha1", "kind": "RunBundleShard", "schemaVersion": "1.0.0", "role": role}
    told |= {
        "execId": exec_id,
        "planId": PLAN,
        "source": {"type": "github-actions", "runId": str(NUMBER)},
        "files": listed,
    }
    content["manifest.json"] = json.dumps({**told, **manifest}).encode()
    digests = {name: hashlib.sha256(text).hexdigest() for name, text in content.items()}
    if sums:
        content["checksums.json"] = json.dumps({"algorithm": "sha256", "files": digests}).encode()
    return archive(content)


def plan_shard(jobs=JOBS, **manifest) -> bytes:
    planned = [
        {
            "id": name,
            "name": "deploy",
            "displayName": "Deploy",
            "component": name[:3],
            "environment": "dev",
            "steps": STEPS,
        }
        for name in jobs
    ]
    planned[1]["dependsOn"] = [jobs[0]]
    tree = {"kind": "Plan", "metadata": {"name": "tides", "checksum": f"sha256-{PLAN}ff"}, "jobs": planned}
    return shard("plan", {"plan.json": {**tree, "execution": {"failFast": True}}}, **manifest)


def job_shard(name: str, status: str = "completed", steps=None, logs=None, error="", **manifest) -> bytes:
    state = {"status": status, "steps": steps or {"test": "completed"}, "lastError": error}
    times = {"startedAt": "2026-05-29T10:00:00Z", "finishedAt": "2026-05-29T10:04:00+00:00"}
    texts = {f"logs/{step}.log": text for step, text in (logs or {}).items()}
    files = {"job.json": {"jobId": name}, "state.json": {**state, **times}, "steps.jsonl": "", **texts}
    return shard("job", files, **{"jobId": name, "jobUid": f"job_{name[:3]}", "status": status, **times, **manifest})


def names(exec_id: str = EXEC, jobs=JOBS, status: str = "completed") -> list[str]:
    return [
        f"orun.v1.{exec_id}.plan.{PLAN}.created",
        *(f"orun.v1.{exec_id}.job.job_{one[:3]}.{status}" for one in jobs),
    ]


@pytest.fixture
def fake():
    made = FakeGitHub()
    made.frames = [(fake_github.run(conclusion="failure"), [])]
    yield made
    made.close()
    assert made.wrong == []


@pytest.fixture
def desk(fake, tmp_path):
    return Desk(tmp_path, fake.environ, plan(job("api.dev.build")))


def test_an_execution_of_the_original_is_shown_like_one_of_ours(desk, fake):
    of_plan, api, web, zed = names()
    steps = {"test": "completed", "say it loud": "failed", "tidy": "completed", "init": "completed"}
    failed = job_shard(
        JOBS[1], "failed", steps, {"say it loud": "loud\n", "test": "tested\n"}, error="say it loud: exit status 3"
    )
    fake.artifacts = {
        of_plan: plan_shard(planId="sha256-896da"),
        api: job_shard(JOBS[0]),
        web.replace("completed", "failed"): failed,
        zed.replace("completed", "skipped"): job_shard(JOBS[2], "skipped", error="fail-fast"),
        "coverage": b"no zip at all",
    }
    run(desk, "pull", str(NUMBER))
    state = desk.store.run(EXEC)
    assert (state.status, state.plan_name, state.plan_checksum) == (Status.FAILED, "tides", f"sha256-{PLAN}ff")
    assert [(one.id, one.status, one.reason) for one in state.jobs] == [
        (JOBS[0], Status.SUCCEEDED, ""),
        (JOBS[1], Status.FAILED, "say it loud: exit status 3"),
        (JOBS[2], Status.SKIPPED, "fail-fast"),
    ]
    web = state.jobs[1]
    assert (web.depends_on, web.started_at, web.finished_at) == (
        (JOBS[0],),
        "2026-05-29T10:00:00.000Z",
        "2026-05-29T10:04:00.000Z",
    )
    assert [(one.id, one.phase, one.status) for one in web.steps] == [
        ("init", "pre", Status.SUCCEEDED),
        ("test", "main", Status.SUCCEEDED),
        ("say it loud", "main", Status.FAILED),
        ("tidy", "post", Status.SUCCEEDED),
    ]
    assert web.steps[2].logs == (f"logs/{JOBS[1]}/03-say_it_loud.1.log",)
    assert desk.store.log(EXEC, web.steps[2].logs[0]) == b"loud\n"
    assert [one.status for one in state.jobs[0].steps] == [
        Status.SKIPPED,
        Status.SUCCEEDED,
        Status.SKIPPED,
        Status.SKIPPED,
    ]
    assert run(desk, "logs", str(NUMBER), "--job", "web") == (
        f"=== {JOBS[1]} / test ===\ntested\n=== {JOBS[1]} / say it loud ===\nloud\n"
    )
    assert code_of(desk, "logs", str(NUMBER), "--job", "nowhere") == "github/no-run"
    assert run(desk, "status", str(NUMBER)).splitlines()[1:] == [f"  uploaded  {EXEC}: 4 artifacts"]


def test_what_is_missing_is_shown_and_what_the_plan_lacks_is_added(desk, fake):
    of_plan, api, *_ = names()
    fake.frames = [(fake_github.run(), [])]
    orphan = job_shard("old@dev.deploy", steps={"b": "running", "a": "completed"}, status="running", jobUid="job_old")
    fake.artifacts = {of_plan: plan_shard(), api: job_shard(JOBS[0]), names(jobs=("old",))[1]: orphan}
    told = run(desk, "pull", str(NUMBER))
    assert "  2 of 4 jobs left a record\n" in told
    state = desk.store.run(EXEC)
    assert [(one.id, one.status, one.reason) for one in state.jobs] == [
        (JOBS[0], Status.SUCCEEDED, ""),
        (JOBS[1], Status.SKIPPED, "it left no record"),
        (JOBS[2], Status.SKIPPED, "it left no record"),
        ("old@dev.deploy", Status.CANCELLED, "the original says running"),
    ]
    assert (state.jobs[3].component, state.jobs[3].environment, state.jobs[3].name) == ("old", "dev", "deploy")
    assert [(one.id, one.status) for one in state.jobs[3].steps] == [("b", Status.CANCELLED), ("a", Status.SUCCEEDED)]
    assert (state.status, state.reason) == (Status.FAILED, "job old@dev.deploy: the original says running")


def test_jobs_without_a_plan_are_shown_too(desk, fake):
    fake.frames = [(fake_github.run(), [])]
    fake.artifacts = {names()[1]: job_shard(JOBS[0], component="api", environment="dev")}
    run(desk, "pull", str(NUMBER))
    state = desk.store.run(EXEC)
    assert (state.status, [(one.id, one.status) for one in state.jobs]) == (
        Status.SUCCEEDED,
        [(JOBS[0], Status.SUCCEEDED)],
    )


def executions(*exec_ids: str) -> dict[str, bytes]:
    of_each = [(names(one), one) for one in exec_ids]
    plans = {found[0]: plan_shard(exec_id=one) for found, one in of_each}
    return plans | {found[1]: job_shard(JOBS[0], logs={"test": f"{one}\n"}, exec_id=one) for found, one in of_each}


def test_of_several_executions_one_is_chosen(desk, fake):
    other = f"gh-{NUMBER}-1-0123456789ab"
    fake.artifacts = executions(EXEC, other)
    with pytest.raises(OrunError) as caught:
        run(desk, "pull", str(NUMBER))
    (problem,) = caught.value.diagnostics
    assert (problem.code, problem.hint) == ("github/several-executions", "choose one with --exec-id")
    assert problem.message == f"run {NUMBER} has several executions: {other}, {EXEC}"
    assert desk.store.runs() == ()
    assert code_of(desk, "pull", "--exec-id", f"gh-{NUMBER}-1-ffffffffffff") == "github/no-run"
    run(desk, "pull", "--exec-id", other)
    assert [one.exec_id for one in desk.store.runs()] == [other]
    assert run(desk, "logs", "--exec-id", EXEC) == f"=== {JOBS[0]} / test ===\n{EXEC}\n"


def test_a_terminal_is_asked(desk, fake):
    other = f"gh-{NUMBER}-1-0123456789ab"
    fake.artifacts = executions(EXEC, other)
    (ended, _), asked = fake.frames[0], []
    found = uploaded(client(desk), ended)

    def ask(names):
        asked.append(names)
        return other

    assert chosen(found, "", ended, ask).exec_id == other
    assert asked == [[other, EXEC]]
    assert chosen(found[:1], "", ended, ask).exec_id == other
    assert chosen([], "", ended, ask) is None
    assert len(asked) == 1


def test_the_last_attempt_is_meant_and_an_earlier_one_can_be(desk, fake):
    second = f"gh-{NUMBER}-2-{PLAN}"
    fake.frames = [(fake_github.run(conclusion="failure", run_attempt=2), [])]
    fake.artifacts = executions(EXEC, second)
    run(desk, "pull", str(NUMBER))
    assert [one.exec_id for one in desk.store.runs()] == [second]
    run(desk, "pull", "--exec-id", EXEC)
    assert f"/repos/acme/platform/actions/runs/{NUMBER}/attempts/1" in fake.paths()
    assert {one.exec_id for one in desk.store.runs()} == {EXEC, second}


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (job_shard(JOBS[0], kind="Run"), "kind is 'Run', not 'RunBundleShard'"),
        (job_shard(JOBS[0], schemaVersion="2.0.0"), "schemaVersion is '2.0.0', not '1.0.0'"),
        (job_shard(JOBS[0], role="plan"), "role is 'plan', not 'job'"),
        (job_shard(JOBS[0], exec_id="gh-1-1-x"), "execId is 'gh-1-1-x'"),
        (job_shard(JOBS[0], planId=""), "planId is missing"),
        (job_shard(JOBS[0], jobId=""), "jobId is missing"),
        (job_shard(JOBS[0], jobId="../../x"), "'../../x' is no id of a job"),
        (job_shard(JOBS[0], planId="ffffffffffff"), "it is of plan ffffffffffff, the others of 896da6b09c29"),
        (job_shard(JOBS[0], source={"runId": "7"}), "it is of run 7"),
        (job_shard(JOBS[0], startedAt="yesterday"), "Invalid isoformat string: 'yesterday'"),
        (job_shard(JOBS[0], files={"manifest": "manifest.json", "state": "../state.json"}), "'../state.json' leads out of it"),
        (job_shard(JOBS[0], files={"manifest": "manifest.json", "plan": "plan.json"}), "plan.json is missing"),
        (job_shard(JOBS[0], files={}), "its manifest lists no files"),
        (job_shard(JOBS[0], sums=False), "checksums.json is missing"),
        (archive({"manifest.json": b"{"}), "manifest.json cannot be read"),
        (archive({"manifest.json": b"[" * 100_000}), "manifest.json cannot be read"),
        (archive({"manifest.json": b"[]"}), "manifest.json is no object"),
        (archive({}), "manifest.json is missing"),
        (archive({"../manifest.json": b"{}"}), "'../manifest.json' leads out of it"),
    ],
)  # fmt: skip
def test_what_cannot_be_trusted_is_refused(desk, fake, wrong, why):
    of_plan, api, *_ = names()
    fake.artifacts = {of_plan: plan_shard(), api: wrong}
    with pytest.raises(OrunError) as caught:
        run(desk, "pull", str(NUMBER))
    (problem,) = caught.value.diagnostics
    assert problem.code == "github/bad-upload"
    assert why in problem.message
    assert problem.message.startswith(f"artifact {api}: ")
    assert desk.store.runs() == ()


def test_a_changed_file_is_refused(desk, fake):
    with zipfile.ZipFile(io.BytesIO(job_shard(JOBS[0], logs={"test": "tested\n"}))) as opened:
        files = {name: opened.read(name) for name in opened.namelist()}
    fake.artifacts = {names()[1]: archive({**files, "logs/test.log": b"another\n"})}
    with pytest.raises(OrunError, match=r"logs/test\.log does not have its checksum"):
        run(desk, "pull", str(NUMBER))


def test_a_hostile_plan_is_refused(desk, fake):
    fake.artifacts = {names()[0]: plan_shard(jobs=("../x", "b"))}
    with pytest.raises(OrunError, match=r"'\.\./x' is no id of a job"):
        run(desk, "pull", str(NUMBER))
