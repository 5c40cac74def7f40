"""An exported workflow, executed whole by the real act: what its scripts say is what they would say in the shell."""

from __future__ import annotations

import pytest
from gha_act_run import commit, executed
from gha_plans import job, plan, step
from orun_backend_gha.commands.export import write
from orun_backend_gha.export import export
from orun_core.spec.plan import Concurrency

pytestmark = pytest.mark.act


def pipeline():
    """Three jobs that hand on files, outputs and expressions, with a step that fails and may."""
    build = job(
        "api.dev.build",
        step(
            "make",
            'mkdir -p dist && echo "made by $ORUN_COMPONENT" > dist/file\necho "version=1.4" >> "$ORUN_OUTPUT"\n',
        ),
        step("say", "echo 'built ${{ steps.make.outputs.version }}' \"${{ steps.make.outputs.version }}\""),
        step("flaky", "test -e twice || { touch twice; exit 3; }", retry=1),
        step("maybe", "exit 9", on_failure="continue"),
        step("tidy", "echo tidied", phase="post"),
        path="apps/api",
        outputs=("dist",),
    )
    use = job(
        "api.dev.use",
        step("read", 'cat apps/api/dist/file; echo "$ORUN_OUTPUT_API_DEV_BUILD_VERSION"'),
        step("inside", "echo version ${{ needs.api.dev.build.outputs.version }}"),
        step("again", 'echo "$GOT"', env={"GOT": "got ${{ needs.api.dev.build.outputs.version }}"}),
        depends_on=("api.dev.build",),
        concurrency=Concurrency("one"),
    )
    script = "print('${{ github.actor }}')"
    where = (
        'echo "$ORUN_EXEC_ID $ORUN_JOB_RUN_ID $ORUN_JOB_ATTEMPT $ORUN_STEP_ID"\ncd "$ORUN_WORKSPACE" && ls -d apps\n'
    )
    steps = (step("trick", script, shell="python3 {0}"), step("where am i", where))
    trick = job("web.dev.show", *steps, uid="job_896da6b_7", concurrency=Concurrency("one"))
    return plan(build, use, trick)


def test_the_trace_of_an_exported_workflow(program, tmp_path):
    repository = tmp_path / "repository"
    (repository / "apps/api").mkdir(parents=True)
    (repository / "apps/api/.keep").touch()
    for path, content in export(pipeline(), {}).items():
        write(repository / path, content)
    commit(repository)
    lines = executed(program, repository, tmp_path)
    said: dict[str, list[str]] = {}
    for line in lines:
        if line.get("raw_output"):
            said.setdefault(f"{line['jobID']}/{line['stepID'][0]}", []).append(line["msg"].rstrip("\n"))
    assert said["api_dev_build/say"] == ["built ${ORUN_EXPRESSION_1} 1.4"]
    assert said["api_dev_build/flaky"] == ["attempt 1 of 2 ended with exit status 3; next one in 1s"]
    assert said["api_dev_build/tidy"] == ["tidied"]
    assert said["api_dev_use/read"] == ["made by api", "1.4"]
    assert said["api_dev_use/inside"] == ["version 1.4"]
    assert said["api_dev_use/again"] == ["got 1.4"]
    assert said["web_dev_show/trick"] == ["${{ github.actor }}"]
    execution = "gh-1-1-896da6b09c29"
    assert said["web_dev_show/where_am_i"] == [f"{execution} {execution}/job_896da6b_7 1 where am i", "apps"]
    results = {line["jobID"]: line["jobResult"] for line in lines if "jobResult" in line}
    assert results == dict.fromkeys(("api_dev_build", "api_dev_use", "web_dev_show", "orun"), "success")
    maybe = [line["stepResult"] for line in lines if line.get("stepID") == ["maybe"] and "stepResult" in line]
    assert maybe == ["failure"]
