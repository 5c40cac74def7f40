"""The original's registered defects that show on the command line: what this orun does instead."""

from __future__ import annotations

from pathlib import Path

import pytest
from compiling import STACK, Project, composition
from orun_core.cli.main import run
from orun_core.cli.report import Reporter
from orun_core.spec.errors import ExitCode


@pytest.fixture
def workspace(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A valid workspace, core alone."""
    project.write(
        {
            "intent.yaml": "compositions: {sources: [{name: local, kind: dir, path: ./stack}]}\nenvironments: {dev: {}}\n",
            "stack/stack.yaml": STACK,
            "stack/compositions/svc/composition.yaml": composition(more="description: Ships a service\n"),
        }
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ORUN_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("ORUN_DISABLE_PLUGIN_AUTOLOAD", "1")
    return project


def orun(*arguments: str) -> int:
    return run(list(arguments), Reporter())


def test_b34_mended_compositions_reports_a_broken_intent(
    workspace: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace.write({"intent.yaml": "compositions: [\n"})
    assert orun("compositions") == ExitCode.COMPILE
    assert "intent.yaml:2:1  [load/yaml-syntax]" in capsys.readouterr().err


def test_b35_mended_compositions_shows_the_description(workspace: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert orun("compositions", "svc") == ExitCode.OK
    assert "Ships a service" in capsys.readouterr().out


def test_b41_mended_a_file_that_cannot_be_written_is_said_once(
    workspace: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert orun("plan", "-o", "intent.yaml/plan.json") != ExitCode.OK
    err = capsys.readouterr().err
    assert err.count("✕") == 1
    assert err.count("intent.yaml") == 1


def test_b42_mended_the_form_counts_and_a_contradiction_is_refused(
    workspace: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert orun("plan", "-o", "plan", "-f", "yaml") == ExitCode.OK
    assert (tmp_path / "plan").read_text().startswith("apiVersion: orun.io/v1\n")
    assert orun("plan", "-o", "plan.yaml", "-f", "json") == ExitCode.USAGE
    assert not (tmp_path / "plan.yaml").exists()
    assert "[usage/conflict]" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [("--long",), ("-l", "svc"), ("list", "--long"), ("svc", "--long")])
def test_list_may_be_left_out(
    workspace: Project, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    assert orun("compositions", *arguments) == ExitCode.OK
    assert "Ships a service" in capsys.readouterr().out


@pytest.mark.parametrize(
    "written",
    [
        "plan -v dag",
        "plan --view=dag --long --no-catalog-refresh --all",
        "plan --all -o plan.json",
        "components",
        "composition",
        "composition svc",
        "composition list --long",
    ],
)
def test_calls_of_the_original(workspace: Project, written: str) -> None:
    assert orun(*written.split()) == ExitCode.OK


@pytest.mark.parametrize(
    ("written", "said", "hint"),
    [
        ("catalog refresh", "no command named 'catalog'", "there is no catalog; "),
        ("approve a.dev.deploy one", "no command named 'approve'", "a run asks on the terminal; "),
        ("secrets list --env dev", "no command named 'secrets'", "a secret is the value of ORUN_SECRET_KEY "),
        ("plan --remote-state", "No such option '--remote-state'", "runs are recorded here; "),
        ("plan --json", "No such option '--json'", "where there is a --report, it takes json"),
        ("plan --name", "Option '--name' requires an argument", ""),
        ("verify", "Missing argument 'PLAN'", "see orun verify --help"),
    ],
)
def test_what_is_said_of_calls_that_nobody_serves(
    workspace: Project, capsys: pytest.CaptureFixture[str], written: str, said: str, hint: str
) -> None:
    assert orun(*written.split()) == ExitCode.USAGE
    first, _, *rest = capsys.readouterr().err.splitlines()
    assert first == f"✕ {said}"
    assert [line.startswith(f"  hint: {hint}") for line in rest] == ([True] if hint else [])


def test_b3_mended_what_a_run_needs_is_said_when_it_is_planned(
    workspace: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace.write(
        {
            "intent.yaml": """\
                compositions: {sources: [{name: local, kind: dir, path: ./stack}]}
                groups: {core: {policies: {isolation: strict}}}
                environments: {dev: {}, prod: {policies: {requireApproval: "true"}}}
                components:
                  - {name: a, type: svc, domain: core, subscribe: {environments: [dev, prod]}}
                  - {name: b, type: svc, subscribe: {environments: [prod]}}
                """
        }
    )
    said = "  Needs:    an approval (2 jobs), a copy of the workspace (2 jobs), by policy\n"
    for _ in ("compiled", "recalled"):
        assert orun("plan") == ExitCode.OK
        assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("run --remote-state", "orun github export"),
        ("run --backend-url=https://example.com", ".orun"),
        ("plan --artifact github", "upload-artifact"),
        ("run --artifact github", "upload-artifact"),
        ("plan --push-catalog", "no catalog"),
        ("plan --catalog-strict", "no catalog"),
    ],
)
def test_options_whose_work_nobody_does_here(
    workspace: Project, capsys: pytest.CaptureFixture[str], written: str, instead: str
) -> None:
    assert orun(*written.split()) == ExitCode.USAGE
    said = capsys.readouterr().err
    assert "[usage/command-line]" in said
    assert instead in said.partition("hint: ")[2]
