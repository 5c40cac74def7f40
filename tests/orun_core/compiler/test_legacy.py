"""The two older forms of the original: a registry folder (`--config-dir`) and packages with `orun.yaml`."""

from __future__ import annotations

from pathlib import Path

import pytest
from compiling import STAGES, Project, composition
from orun_core.compiler.pipeline import compile_plan
from orun_core.spec.errors import CompileError, OrunError, UsageError
from orun_core.spec.plan import Plan
from orun_core.spec.source import FetchedSource, SourceRequest
from orun_core.spec.stages import Request, Workspace

INTENT = "environments: {dev: {}}\ncomponents: [{name: a, type: svc, subscribe: {environments: [dev]}}]\n"
JOBS = 'metadata: {name: reg, description: Jobs}\njobs: [{name: go, steps: [{name: s, run: "echo {{.orun.component.name}}"}]}, {name: no}]\n'


def refuse(request: SourceRequest) -> FetchedSource:
    raise AssertionError(request)


def plan_with(project: Project, config_dir: str) -> Plan:
    workspace = Workspace(project.root, project.root / "intent.yaml", refuse, config_dir=project.root / config_dir)
    return compile_plan(workspace, Request(), STAGES, {}, None, lambda stage, result: None, lambda: ()).plan


@pytest.mark.parametrize("config_dir", ["cfg", "cf*"])
def test_a_registry_folder(project: Project, config_dir: str) -> None:
    project.write({"intent.yaml": INTENT, "cfg/svc/job.yaml": JOBS, "cfg/svc/schema.yaml": "type: object\n"})
    plan = plan_with(project, config_dir)
    (job,) = plan.jobs
    assert (job.id, job.job_registry, job.profile_source, job.steps[0].run) == (
        "a.dev.go",
        "reg",
        "legacy-none",
        "echo a",
    )
    (source,) = plan.spec.composition_sources
    assert (source.name, source.kind, source.path, source.exports) == (
        "legacy-config-dir",
        "legacy-dir",
        config_dir,
        ("svc",),
    )


def test_the_preferred_file_of_a_type(project: Project) -> None:
    files = {"job.yaml": JOBS, "compositions.yaml": JOBS.replace("reg", "preferred"), "schema.yaml": "type: object\n"}
    project.write({"intent.yaml": INTENT, **{f"cfg/svc/{name}": text for name, text in files.items()}})
    assert plan_with(project, "cfg").jobs[0].job_registry == "preferred"
    assert plan_with(project, "cf*").jobs[0].job_registry == "reg"


@pytest.mark.parametrize(
    ("files", "error", "problems"),
    [
        ({}, UsageError, ["usage/config-dir"]),
        ({"cfg/readme": ""}, CompileError, ["package/no-exports"]),
        ({"cfg/svc/job.yaml": JOBS}, CompileError, ["package/no-schema"]),
        ({"cfg/svc/job.yaml": JOBS, "cfg/svc/schema.yaml": "- object\n"}, CompileError, ["load/wrong-type"]),
        ({"cfg/svc/job.yaml": "jobs: []\n", "cfg/svc/schema.yaml": ""}, CompileError, ["package/no-jobs"]),
    ],
)
def test_registries_that_are_refused(
    project: Project, files: dict[str, str], error: type[OrunError], problems: list[str]
) -> None:
    project.write({"intent.yaml": INTENT, **files})
    with pytest.raises(error) as caught:
        plan_with(project, "cfg")
    assert [problem.code for problem in caught.value.diagnostics] == problems


def test_a_pattern_that_matches_nothing_says_so(project: Project) -> None:
    project.write({"intent.yaml": INTENT})
    with pytest.raises(UsageError) as caught:
        plan_with(project, "cf*")
    assert caught.value.diagnostics[0].message.endswith('cf*" matches no folder')


def test_a_package_of_the_older_form(project: Project) -> None:
    project.write(
        {
            "old/orun.yaml": "kind: CompositionPackage\nmetadata: {name: oldpkg}\nspec: {exports: [{composition: svc, path: c/any.yaml}]}\n",
            "old/c/any.yaml": composition(),
        }
    )
    sources = "compositions: {sources: [{name: x, kind: dir, path: ./old}]}\n"
    (job,) = project.plan("", {"intent.yaml": sources + INTENT}).jobs
    assert (job.id, job.job_registry) == ("a.dev.deploy", "oldpkg")


def test_no_absolute_path_reaches_the_plan(project: Project, tmp_path: Path) -> None:
    project.write({"intent.yaml": INTENT, "cfg/svc/job.yaml": JOBS, "cfg/svc/schema.yaml": "type: object\n"})
    assert str(tmp_path) not in repr(plan_with(project, "cfg"))
