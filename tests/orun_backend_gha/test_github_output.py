"""What a matrix of Actions is given."""

from __future__ import annotations

import json

from gha_plans import job, plan
from orun_backend_gha.github_output import export

ENVIRON = {"GITHUB_RUN_ID": "26606158847", "GITHUB_RUN_ATTEMPT": "2"}


def outputs(one, **options) -> dict[str, str]:
    """The file, read as the runner does."""
    lines = iter(export(one, {"environ": ENVIRON, **options})["GITHUB_OUTPUT"].decode().splitlines())
    found = {}
    for line in lines:
        name, heredoc, value = line.partition("<<EOF")
        if heredoc:
            value = next(lines)
            assert next(lines) == "EOF"
        else:
            name, _, value = line.partition("=")
        found[name] = value
    return found


def test_the_bytes_of_a_small_plan():
    one = job("api.dev.build")
    assert export(plan(one), {"environ": ENVIRON})["GITHUB_OUTPUT"].decode() == (
        f'matrix<<EOF\n{{"include":[{{"id":"api.dev.build","uid":"{one.uid}","component":"api","env":"dev",'
        '"composition":"service","profile":"service.default"}]}\nEOF\n'
        "plan_id=896da6b09c29\n"
        "exec_id=gh-26606158847-2-896da6b09c29\n"
    )


def test_an_empty_plan_has_an_empty_matrix_and_no_run_no_execution():
    found = export(plan(), {})["GITHUB_OUTPUT"].decode()
    assert found == 'matrix<<EOF\n{"include":[]}\nEOF\nplan_id=896da6b09c29\nexec_id=\n'


def test_a_large_plan_is_cut_with_a_warning():
    warnings = []
    one = plan(*(job(f"c{number}.dev.build") for number in range(600)))
    found = outputs(one, report=warnings.extend)
    assert json.loads(found["shards"]) == [1, 2, 3]
    parts = [json.loads(found[f"matrix_{number}"])["include"] for number in (1, 2, 3)]
    assert [len(part) for part in parts] == [256, 256, 88]
    assert [entry["id"] for part in parts for entry in part] == [job.id for job in one.jobs]
    (warning,) = warnings
    assert (warning.code, warning.severity) == ("github/matrix-limit", "warning")
    assert "shards" not in outputs(plan(*one.jobs[:256]))
