from __future__ import annotations

import json
import shutil
from importlib import resources
from pathlib import Path

import jsonschema_rs
import pytest
from orun_core.spec.run import EVENT_TYPES, SCHEMA_VERSION, Status
from orun_core.state.fsck import check
from orun_core.state.local import LocalStore
from state_schemas import generated, text

FIXTURES = Path(__file__).parents[2] / "fixtures/state"
VERSIONS = sorted(folder.name for folder in FIXTURES.iterdir())


@pytest.fixture(params=VERSIONS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> LocalStore:
    """What an orun of this version recorded."""
    shutil.copytree(FIXTURES / request.param / "orun", tmp_path / ".orun")
    return LocalStore(tmp_path / ".orun", read_plan=lambda path: None)


def validator(name: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(generated()[name])


@pytest.mark.parametrize("name", generated())
def test_the_shipped_schema_is_current(name: str) -> None:
    shipped = resources.files("orun_core").joinpath("schemas", name).read_text(encoding="utf-8")
    assert shipped == text(generated()[name]), "run: python tests/orun_core/state/state_schemas.py"


def test_there_is_a_fixture_of_this_version() -> None:
    assert f"orun.run/{VERSIONS[-1]}" == SCHEMA_VERSION


def test_runs_of_every_version_are_read(store: LocalStore) -> None:
    assert [(run.exec_id, run.status, run.alive) for run in store.runs()] == [
        ("interrupted", Status.RUNNING, False),
        ("finished", Status.FAILED, False),
    ]
    api, web, zed = store.run("finished").jobs
    assert [(job.status, job.reason) for job in (api, web, zed)] == [
        (Status.SUCCEEDED, ""),
        (Status.TIMED_OUT, "step build timed out after 1s"),
        (Status.SKIPPED, "fail-fast after web.dev.deploy"),
    ]
    assert (api.outputs, api.links["Preview"]) == ({"url": "https://shop.example"}, "https://shop.example")
    assert [(step.status, step.exit_code, step.allowed_failure) for step in web.steps] == [
        (Status.TIMED_OUT, 143, False),
        (Status.FAILED, 1, True),
    ]
    assert store.log("finished", api.steps[0].logs[0]) == b"output\n"


def test_an_interrupted_run_of_every_version_is_read_and_continued(store: LocalStore) -> None:
    state = store.run("interrupted")
    assert state.interrupted
    assert [(job.status, job.resumed, job.attempt) for job in state.jobs] == [
        (Status.SUCCEEDED, True, 1),
        (Status.RUNNING, False, 2),
    ]
    assert len(state.jobs[1].steps[0].logs) == 2
    store.begin("interrupted").close()
    assert [problem.message for problem in check(store)] == []


@pytest.mark.parametrize("version", VERSIONS)
def test_files_of_every_version_fit_the_schemas(version: str) -> None:
    runs = FIXTURES / version / "orun/runs"
    kinds = set()
    for journal in runs.glob("*/events.ndjson"):
        for line in journal.read_text().splitlines(keepends=True):
            if line.endswith("\n"):
                validator("event.schema.json").validate(json.loads(line))
                kinds.add(json.loads(line)["type"])
    for name in ("run", "state"):
        for file in runs.glob(f"*/{name}.json"):
            validator(f"{name}.schema.json").validate(json.loads(file.read_text()))
    assert kinds == set(EVENT_TYPES)


@pytest.mark.parametrize(
    ("event", "valid"),
    [
        ({"seq": 1, "at": "t", "type": "job.queued", "job": "a"}, True),
        ({"seq": 1, "at": "t", "type": "job.queued", "job": "a", "newer": 1}, True),
        ({"seq": 1, "at": "t", "type": "job.teleported"}, True),
        ({"seq": 1, "at": "t", "type": "job.queued"}, False),
        ({"seq": 0, "at": "t", "type": "job.queued", "job": "a"}, False),
        ({"at": "t", "type": "job.queued", "job": "a"}, False),
    ],
)
def test_the_schema_of_events_says_yes_and_no(event: dict[str, object], valid: bool) -> None:
    assert validator("event.schema.json").is_valid(event) is valid
