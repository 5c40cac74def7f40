"""`orun export`: the exporters of whoever is installed, with their options as flags."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from orun_core.plan.canonical import to_json
from orun_core.plan.seal import sealed
from orun_core.testing.plans import job, plan

if TYPE_CHECKING:
    from plugin_shelf import Shelf

pytest_plugins = ("demo_plugin", "plugin_shelf")


@pytest.fixture
def folder(tmp_path):
    """A workspace with the plan of two environments, in `plan.json`."""
    jobs = (job("api.dev.build", "true"), job("api.prod.build", "true", depends_on=("api.dev.build",)))
    (tmp_path / "shop/deep").mkdir(parents=True)
    (tmp_path / "shop/intent.yaml").touch()
    (tmp_path / "shop/plan.json").write_text(to_json(sealed(plan(*jobs))[1]))
    return tmp_path / "shop"


def test_it_is_listed_without_its_code(demo, folder):
    done = demo.orun("export", cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "demo             A list of job ids  (demo)" in done.stdout.splitlines()
    rows = json.loads(demo.orun("export", "--format", "json", cwd=folder).stdout)["exporters"]
    assert {"name": "demo", "summary": "A list of job ids", "plugin": "demo"} in rows


def test_it_writes_into_the_workspace(demo, folder):
    done = demo.orun("export", "demo", "../plan.json", cwd=folder / "deep")
    assert (done.returncode, done.stdout, done.stderr) == (0, "../jobs.txt\n", "")
    assert (folder / "jobs.txt").read_text() == "api.dev.build\napi.prod.build\n"


def test_its_options_are_flags(demo, folder):
    done = demo.orun("export", "demo", "plan.json", "--split", "--prefix", "7", "-o", "out", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "out/jobs/dev.txt\nout/jobs/prod.txt\n")
    assert (folder / "out/jobs/prod.txt").read_text() == "7api.prod.build\n"
    said = demo.orun("export", "demo", "--help", cwd=folder).stdout
    assert "--split / --no-split" in said
    assert "A file per environment." in said


def test_one_file_goes_where_it_is_wanted(demo, folder):
    assert demo.orun("export", "demo", "plan.json", "-o", "new/list", cwd=folder).stdout == "new/list\n"
    assert (folder / "new/list").read_text() == "api.dev.build\napi.prod.build\n"
    assert demo.orun("export", "demo", "plan.json", "-o", "deep", cwd=folder).stdout == "deep/jobs.txt\n"
    assert demo.orun("export", "demo", "plan.json", "-o", "other/", cwd=folder).stdout == "other/jobs.txt\n"
    printed = demo.orun("export", "demo", "plan.json", "-o", "-", cwd=folder)
    assert printed.stdout == "api.dev.build\napi.prod.build\n"


def test_what_was_written_as_json(demo, folder):
    done = demo.orun("export", "demo", "plan.json", "--format", "json", cwd=folder)
    told = json.loads(done.stdout)
    assert told["plan"] == json.loads((folder / "plan.json").read_text())["metadata"]["checksum"]
    assert (told["exporter"], told["files"]) == ("demo", [{"path": "jobs.txt", "bytes": 29}])


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["demmo"], 6, 'did you mean "demo"?'),
        (["demo", "plan.json", "--splt"], 2, "did you mean --split?"),
        (["demo", "plan.json", "--prefix", "long"], 2, "prefix: String should have at most 3 characters"),
        (["demo", "plan.json", "--prefix", "long"], 2, "[export/bad-option]"),
        (["demo", "plan.json", "--split", "-o", "-"], 2, "demo writes 2 files, and - is one"),
        (["github-workflow"], 2, "[export/own-command]\n  hint: `orun github export`"),
        (["github-output"], 2, "hint: `orun plan --github-output`"),
    ],
)
def test_what_cannot_be_is_said(demo, folder, arguments, status, said):
    if arguments[0].startswith("github"):
        pytest.importorskip("orun_backend_gha")
    done = demo.orun("export", *arguments, cwd=folder)
    assert (done.returncode, done.stdout) == (status, "")
    assert said in done.stderr


@pytest.mark.parametrize(
    ("words", "offered"),
    [("orun export de", ["demo"]), ("orun export demo --sp", ["--split"]), ("orun export nobody --for", ["--format"])],
)
def test_names_and_flags_are_completed(demo, folder, words, offered):
    count = str(len(words.split()) - 1)
    done = demo.orun(cwd=folder, COMP_WORDS=words, COMP_CWORD=count, _ORUN_COMPLETE="bash_complete")
    assert [line.removeprefix("plain,") for line in done.stdout.splitlines()] == offered


@pytest.mark.parametrize(
    ("returned", "said"),
    [
        ("{'../x': b''}", "'../x' is no path inside of the workspace"),
        ("{'/x': b''}", "'/x' is no path inside of the workspace"),
        ("{'x': 'text'}", "expected paths with bytes, got 'x' with str"),
        ("None", "expected a mapping of paths, got NoneType"),
        ("1 / 0", "plugin 'wild' failed in exporter 'wild': ZeroDivisionError"),
    ],
)
def test_an_exporter_that_misbehaves_is_named(demo, folder, shelf: Shelf, returned, said):
    source = f"""
    @hookimpl
    def orun_exporters():
        return (ExporterEntry("wild", "Anything", lambda: lambda plan, options: {returned}),)
    """
    shelf.put("wild", source)
    path = os.pathsep.join((*demo.path, str(shelf.folder)))
    done = demo.orun("export", "wild", "plan.json", cwd=folder, PYTHONPATH=path)
    assert (done.returncode, done.stdout) == (6, "")
    assert said in done.stderr
    assert "orun-wild 1.0" in done.stderr


def test_an_option_that_is_oruns_own_is_a_bug_of_the_plugin(demo, folder, shelf: Shelf):
    source = """
    def options():
        from pydantic import BaseModel
        return type("Options", (BaseModel,), {"__annotations__": {"output": str}})

    @hookimpl
    def orun_exporters():
        return (ExporterEntry("wild", "Anything", lambda: None, options=options),)
    """
    shelf.put("wild", source)
    path = os.pathsep.join((*demo.path, str(shelf.folder)))
    done = demo.orun("export", "wild", "plan.json", cwd=folder, PYTHONPATH=path)
    assert done.returncode == 6
    assert "--output is an option of orun's own" in done.stderr
