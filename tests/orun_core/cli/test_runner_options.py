"""`--runner-option`, options of backends as flags, and one job of a matrix on GitHub."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from orun_core.plan.canonical import to_json
from orun_core.plan.seal import sealed
from orun_core.testing.plans import job, plan


@pytest.fixture
def orun(tmp_path: Path):
    jobs = [job("a.dev.build", "echo a"), job("b.dev.build", "echo b", depends_on=("a.dev.build",))]
    (tmp_path / "plan.json").write_text(to_json(sealed(plan(*jobs))[1]))

    def run(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ORUN_", "GITHUB_"))}
        command = [sys.executable, "-m", "orun_core.cli.main", *arguments]
        everything = {**kept, "ORUN_CACHE_DIR": str(tmp_path / "cache"), **environ}
        return subprocess.run(command, cwd=tmp_path, env=everything, capture_output=True, text=True, check=False)

    return run


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-O", "x=1"), 'backend "local" takes no options'),
        (("--runner", "github", "-O", "interval=soon"), "interval: Input should be a valid number"),
        (("--runner", "github", "-O", "refs=1"), 'has no option "refs"'),
        (("--runner", "github", "-O", "refs=1"), 'did you mean "ref"?'),
        (("--runner", "github", "-O", "interval"), '"interval" has no value'),
        (("--interval", "soon", "--runner", "github"), "interval: Input should be a valid number"),
        (("--runner=GitHub", "--interval=soon"), "interval: Input should be a valid number"),
        (("--gha", "--act-platform", "x", "-O", "nope=1"), 'has no option "nope"'),
        (("--act-platform", "x"), 'backend "local" has no option --act-platform'),
        (("--act-platform", "x"), "github-actions has it: add --runner github-actions"),
        (("--runner", "docker", "--act-platform", "x"), 'backend "docker" has no option --act-platform'),
        (("--runner", "docker", "--no-read-only", "--cpus", "lots"), "cpus: Input should be a valid number"),
    ],
)
def test_wrong_options_are_refused(orun, arguments: tuple[str, ...], said: str) -> None:
    done = orun("run", "plan.json", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "[run/bad-option]" in done.stderr


@pytest.mark.parametrize("arguments", [("--gha", "--act-platfrom", "x"), ("--act-platfrom=x",)])
def test_a_misspelt_flag_gets_the_nearest_name(orun, arguments: tuple[str, ...]) -> None:
    done = orun("run", "plan.json", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "No such option '--act-platfrom'" in done.stderr
    assert "did you mean --act-platform" in done.stderr


def test_a_text_is_taken_as_it_is_typed(orun) -> None:
    """`image` is a text, so that 1 is no number; `ready` is one."""
    done = orun("run", "plan.json", "--runner", "docker", "-O", "user=1000", "-O", "network=1", "--ready", "0")
    assert done.stderr.count("[run/bad-option]") == 1
    assert "ready: Input should be greater than 0" in done.stderr


def test_the_flags_of_orun_run_stay_its_own(orun) -> None:
    """The docker backend has an option `files`, too."""
    done = orun("run", "plan.json", "--runner", "docker", "--files", "a", "--dry-run")
    assert "--files cannot change a plan that exists" in done.stderr


def test_help_about_a_backend_lists_its_options(orun) -> None:
    every, named = orun("run", "--help").stdout, orun("run", "--gha", "--help").stdout
    assert named.startswith(every.rstrip())
    assert "--act-platform" in named.removeprefix(every.rstrip())
    assert "--act-platform" not in every


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("orun run --gha --act-", ["--act-platform"]),
        ("orun run --act-", ["--act-platform"]),
        ("orun run --act-platform x --gha --cac", ["--cache"]),
        ("orun run --runner docker --pull n", ["never"]),
        ("orun run --workf", ["--workflow"]),
    ],
)
def test_flags_are_completed(orun, words: str, offered: list[str]) -> None:
    count = str(len(words.split()) - 1)
    done = orun(COMP_WORDS=words, COMP_CWORD=count, _ORUN_COMPLETE="bash_complete")
    assert [line.removeprefix("plain,") for line in done.stdout.splitlines()] == offered


def test_the_options_of_a_backend_have_a_schema(orun) -> None:
    done = orun("schema", "backend:github")
    assert set(json.loads(done.stdout)["properties"]) == {"repository", "workflow", "ref", "interval"}


def test_one_job_of_a_matrix_takes_its_dependencies_as_done_on_github(orun) -> None:
    refused = orun("run", "--plan", "plan.json", "--job", "b.dev.build")
    assert refused.returncode == 2
    done = orun("run", "--plan", "plan.json", "--job", "b.dev.build", "--json", GITHUB_ACTIONS="true")
    assert done.returncode == 0
    notes = [line for line in done.stdout.splitlines() if "assumed-dependency" in line]
    assert len(notes) == 1


def test_jobs_of_a_run_on_github_share_an_execution(orun, tmp_path: Path) -> None:
    """A further run of the same workspace is another one: it never resumes what it does not name."""
    inside = {"GITHUB_ACTIONS": "true", "GITHUB_RUN_ID": "77", "GITHUB_RUN_ATTEMPT": "2"}
    checksum = json.loads((tmp_path / "plan.json").read_text())["metadata"]["checksum"]
    shared = f"gh-77-2-{checksum.removeprefix('sha256-')[:12]}"

    def execution(*arguments: str, **environ: str) -> str:
        done = orun("run", "--plan", "plan.json", "--json", *arguments, **environ)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[0])["execId"]

    assert execution("--job", "a.dev.build", **inside) == shared
    assert execution(**inside) == f"{shared}-2"
    assert execution(**inside) == f"{shared}-3"
    assert execution("--exec-id", shared, "--job", "b.dev.build", **inside) == shared
    assert execution(GITHUB_RUN_ID="77").startswith("demo-")
    assert execution(**inside, ORUN_JOB_ID="outer").startswith("demo-")
