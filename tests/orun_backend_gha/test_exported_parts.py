"""A workflow cut into reusable ones: what jobs hand on crosses from file to file, in the real act and for the linters."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml
from gha_act_run import commit, executed
from gha_linters import LINTERS
from gha_plans import job, plan, step
from orun_backend_gha.commands.export import write
from orun_backend_gha.shards import sharded
from orun_backend_gha.workflow import Settings
from orun_backend_gha.yaml_text import yaml_text

READ = 'echo "${{ needs.api.dev.build.outputs.version }} $ORUN_OUTPUT_API_DEV_BUILD_VERSION"'


@pytest.fixture
def repository(tmp_path):
    """Three jobs in three files; the last one reads what the first one found out."""
    build = job("api.dev.build", step("make", 'echo "version=1.4" >> "$ORUN_OUTPUT"'))
    test = job("api.dev.test", depends_on=("api.dev.build",))
    use = job("api.dev.use", step("read", READ), depends_on=("api.dev.build", "api.dev.test"))
    folder = tmp_path / "repository"
    for path, tree in sharded(plan(build, test, use), Settings(), 1).items():
        write(folder / path, yaml_text(tree).encode())
    return folder


def test_an_output_is_handed_on_by_the_file_of_its_job(repository):
    whole = yaml.safe_load((repository / ".github/workflows/orun.yml").read_text())["jobs"]["part-3"]
    assert whole["needs"] == ["part-1", "part-2"]
    assert whole["with"] == {
        "succeeded": "${{ needs.part-2.outputs.succeeded }}",
        "api_dev_build_version": "${{ needs.part-1.outputs.api_dev_build_version }}",
    }
    last = yaml.load((repository / ".github/workflows/orun-3.yml").read_text(), yaml.BaseLoader)
    env = last["jobs"]["api_dev_use"]["env"]
    assert env["ORUN_OUTPUT_API_DEV_BUILD_VERSION"] == "${{ inputs.api_dev_build_version }}"


def test_jobs_of_one_name_in_two_spellings_do_not_share_an_output():
    first, second = (job(f"api.dev.{name}", step("s", 'echo "n=1" >> "$ORUN_OUTPUT"')) for name in ("a-b", "a"))
    steps = [
        step("r", f"echo ${{{{ needs.{one}.outputs.{name} }}}}") for one, name in ((first.id, "c"), (second.id, "b-c"))
    ]
    reader = replace(job("api.dev.z", *steps), depends_on=(first.id, second.id))
    tree = sharded(plan(first, second, reader), Settings(), 1)[".github/workflows/orun.yml"]
    assert len(tree["jobs"]["part-3"]["with"]) == 3


@pytest.mark.parametrize("linter", LINTERS, ids=lambda linter: linter.__name__)
def test_linters_find_nothing_in_the_parts(linter, repository):
    assert linter(sorted((repository / ".github/workflows").iterdir())) == ""


@pytest.mark.act
def test_act_hands_it_on(repository, program, tmp_path):
    commit(repository)
    said = [line["msg"] for line in executed(program, repository, tmp_path) if line.get("raw_output")]
    assert "1.4 1.4\n" in said
