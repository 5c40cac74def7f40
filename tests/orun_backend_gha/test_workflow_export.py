"""Plans as workflows: bytes, semantics of the parts, and what linters say."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from gha_linters import LINTERS
from gha_plans import everything, job, plan, step
from orun_backend_gha.export import MAX_JOBS, export
from orun_backend_gha.expression import literal, without_expressions
from orun_backend_gha.naming import keys_of
from orun_backend_gha.workflow_step import Site, github_steps
from orun_core.spec.plan import Concurrency

GOLDEN = Path(__file__).parent / "golden"
PATH = ".github/workflows/orun.yml"


def chained(count: int):
    """A plan of `count` jobs in chains of seven."""
    return plan(*(job(f"c{i}.dev.build", depends_on=(f"c{i - 1}.dev.build",) if i % 7 else ()) for i in range(count)))


def jobs_of(exported: dict[str, bytes], path: str = PATH) -> dict:
    return yaml.load(exported[path], yaml.BaseLoader)["jobs"]


@pytest.mark.parametrize("style", ["native", "orun"])
def test_the_bytes_of_a_plan_that_uses_everything(style):
    assert export(everything(), {"style": style}) == {PATH: (GOLDEN / f"{style}.yml").read_bytes()}


@pytest.mark.parametrize("linter", LINTERS, ids=lambda linter: linter.__name__)
@pytest.mark.parametrize("style", ["native", "orun"])
def test_linters_find_nothing(linter, style, tmp_path):
    paths = []
    for name, one in {"everything": everything(), "large": chained(300)}.items():
        for path, content in export(one, {"style": style}).items():
            target = tmp_path / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            paths.append(target)
    assert linter(paths) == ""


def test_pins_replace_references_and_the_rest_is_marked():
    commit = "3235b876344d2a9aa001b8d1453c930bba69e610"
    text = export(everything(), {"pins": {"actions/setup-node@v4": commit}})[PATH].decode()
    assert f"uses: actions/setup-node@{commit} # v4\n" in text
    assert "uses: acme/fetch@v2 # zizmor: ignore[unpinned-uses]" in text


def test_orun_style_compiles_the_same_selection_again():
    def compiled(metadata) -> str:
        (entry, *_) = jobs_of(export(replace(one, metadata=metadata), {"style": "orun"})).values()
        return entry["steps"][-1]["run"].splitlines()[0]

    one = plan(job("api.dev.build"), job("web.dev.build"))
    selection = replace(one.metadata.selection, mode="scoped")
    trigger = replace(one.metadata.trigger, type="declared", name="push-main")
    assert compiled(one.metadata) == "orun plan --output orun-plan.json"
    scoped = compiled(replace(one.metadata, selection=selection))
    assert scoped == "orun plan --env dev --component api --component web --output orun-plan.json"
    assert compiled(replace(one.metadata, trigger=trigger)) == "orun plan --trigger push-main --output orun-plan.json"


def test_an_output_reaches_a_script_as_data():
    first, second = "${{ steps.a.outputs.x }}", "${{ steps.b.outputs.y }}"
    script, env = without_expressions(f'echo "{first}" {second} {first}', "bash")
    assert script == 'echo "${ORUN_EXPRESSION_1}" ${ORUN_EXPRESSION_2} ${ORUN_EXPRESSION_1}'
    assert env == {"ORUN_EXPRESSION_1": first, "ORUN_EXPRESSION_2": second}
    assert without_expressions(f"Write-Output {first}", "pwsh")[0] == "Write-Output ${env:ORUN_EXPRESSION_1}"
    assert without_expressions(f"print({first})", "python") == (f"print({first})", {})


def test_other_texts_stay_literal():
    assert literal("a ${{ b }}") == "a ${{ '${{' }} b }}"
    for shell in ("bash", "python"):
        assert without_expressions("x ${{ github.token }}", shell) == ("x ${{ '${{' }} github.token }}", {})


def test_job_keys_are_valid_unique_and_stable():
    names = ["a.b.c", "a_b.c", "A.b.c", "1.x.y", "é.x.y", "z" * 120]
    keys = keys_of(names, taken=["orun"])
    assert keys["a.b.c"] == "a_b_c"
    assert keys["1.x.y"] == "_1_x_y"
    assert keys["é.x.y"] == "__x_y"
    assert len({key.lower() for key in keys.values()}) == len(names)
    assert all(len(key) <= 100 and key.isascii() for key in keys.values())
    assert keys == keys_of(names, taken=["orun"])
    assert keys_of(["orun"], taken=["orun"])["orun"].startswith("orun_")


def test_a_pool_is_a_chain_that_failures_do_not_break():
    pool = Concurrency("db", 2)
    jobs = jobs_of(export(plan(*(job(f"c{i}.dev.build", concurrency=pool) for i in range(4))), {}))
    assert "needs" not in jobs["c1_dev_build"]
    assert (jobs["c2_dev_build"]["needs"], jobs["c2_dev_build"]["if"]) == (["c0_dev_build"], "!cancelled()")
    assert "concurrency" not in jobs["c3_dev_build"]
    ordered = jobs_of(
        export(
            plan(
                job("a.dev.x", concurrency=Concurrency("db")),
                job("b.dev.x"),
                job("c.dev.x", depends_on=("b.dev.x",), concurrency=Concurrency("db")),
            ),
            {},
        )
    )
    assert ordered["c_dev_x"]["needs"] == ["b_dev_x", "a_dev_x"]
    assert ordered["c_dev_x"]["if"] == "!cancelled() && needs.b_dev_x.result == 'success'"


def test_a_large_plan_is_cut_and_keeps_its_edges():
    files = export(chained(600), {})
    assert sorted(files) == [f".github/workflows/orun{part}.yml" for part in ("-1", "-2", "-3", "")]
    caller = jobs_of(files)
    assert list(caller) == ["part-1", "part-2", "part-3", "orun"]
    assert caller["part-2"]["if"] == "!cancelled()"
    second = jobs_of(files, ".github/workflows/orun-2.yml")
    assert len(second) == MAX_JOBS
    first_key = f"c{MAX_JOBS - 1}_dev_build"
    assert second[first_key]["if"] == f"contains(fromJSON(inputs.succeeded || '[]'), 'c{MAX_JOBS - 2}_dev_build')"
    assert second[f"c{MAX_JOBS}_dev_build"]["needs"] == [first_key]


def test_many_bytes_are_cut_too():
    heavy = plan(*(job(f"c{i}.dev.build", step("s", "echo " + "x" * 20_000)) for i in range(60)))
    files = export(heavy, {})
    assert len(files) > 3
    assert max(map(len, files.values())) <= 512 * 1024
    assert sum(len(jobs_of(files, path)) - 1 for path in files if path != PATH) == 60


def run_of(one, **site) -> str:
    (entry,) = github_steps(one, "key", Site(**site))
    return entry["run"]


@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_a_repeated_script_stops_at_success_and_keeps_the_last_status(shell, tmp_path):
    script = run_of(
        step("s", "echo try >> tries\n[ \"$(wc -l < tries)\" -ge 2 ]\necho 'ORUN_SCRIPT'\n", retry=1, shell=shell)
    )
    quick = script.replace('sleep "$pause"', ":")
    done = subprocess.run(
        [shell, "-e", "-c", quick],
        cwd=tmp_path,
        env={"RUNNER_TEMP": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert done.stdout == "attempt 1 of 2 ended with exit status 1; next one in 1s\nORUN_SCRIPT\n"
    failing = run_of(step("s", "exit 7", retry=1, shell=shell)).replace('sleep "$pause"', ":")
    done = subprocess.run(
        [shell, "-e", "-c", failing],
        env={"RUNNER_TEMP": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 7


def test_limits_below_a_minute_hold_where_coreutils_are():
    assert "timeout --kill-after=10 90 bash" in run_of(step("s", "sleep 1", timeout="90s"))
    assert run_of(step("s", "sleep 1", timeout="90s"), exact=False) == "sleep 1"
    assert run_of(step("s", "sleep 1", timeout="2m")) == "sleep 1"
