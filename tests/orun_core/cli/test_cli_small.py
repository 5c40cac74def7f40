"""The commands that say what is installed, what a code means and what a document may hold."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import jsonschema_rs
import pytest
from orun_core.cli.main import run
from orun_core.cli.report import Reporter
from orun_core.spec.codes import CODES
from orun_core.spec.documents import KINDS


@pytest.fixture
def orun(capfd, tmp_path, monkeypatch):
    """Run a command line; its status, stdout and stderr."""
    monkeypatch.setenv("ORUN_CACHE_DIR", str(tmp_path / "cache"))

    def call(*arguments):
        status = run(list(arguments), Reporter())
        out, err = capfd.readouterr()
        return status, out, err

    return call


def test_version_says_what_is_installed(orun):
    status, out, _ = orun("version")
    assert status == 0
    assert out.startswith("orun 0.1.0 (plugin API 1.0, Python 3.")
    assert "orun-backend-shell 0.1.0" in out.splitlines()
    facts = json.loads(orun("version", "--format", "json")[1])
    assert (facts["orun"], facts["pluginApi"]) == ("0.1.0", "1.0")
    assert facts["plugins"]["orun-backend-shell"] == "0.1.0"


def test_plugins_shows_each_with_its_hooks_and_offers(orun):
    status, out, _ = orun("plugins", "list", "--format", "json")
    assert status == 0
    core = next(row for row in json.loads(out)["plugins"] if row["name"] == "core")
    assert (core["distribution"], core["version"], core["status"], core["error"]) == ("orun-core", "0.1.0", "ok", "")
    assert {"orun_load", "orun_surfaces"} <= set(core["hooks"])
    summary = "Compile the intent into a plan and keep it."
    assert {"hook": "orun_surfaces", "kind": "command", "name": "plan", "summary": summary} in core["offers"]


def test_what_draws_runs_is_no_command(orun):
    pytest.importorskip("orun_cockpit")
    lines = orun("plugins")[1].splitlines()
    assert "  display             live" in lines
    assert not any(line.split()[0] == "command" and "live" in line for line in lines)


def test_a_code_is_explained(orun):
    status, out, err = orun("explain-error", "plugin/failed")
    assert (status, err) == (0, "")
    assert " ".join(out.split()) == f"plugin/failed {CODES['plugin/failed']}"
    assert orun("explain-error")[1].split() == sorted(CODES)
    status, _, err = orun("explain-error", "plugin/faild")
    assert (status, err.splitlines()[-1]) == (2, '  hint: did you mean "plugin/failed"?')


@pytest.mark.parametrize("kind", [*KINDS, "plan"])
def test_every_kind_has_a_schema_that_is_one(orun, kind):
    status, out, _ = orun("schema", kind)
    assert status == 0
    tree = json.loads(out)
    assert tree["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema_rs.validator_for(tree)


def test_the_schema_of_an_intent_knows_its_fields(orun):
    tree = json.loads(orun("schema", "intent")[1])
    validator = jsonschema_rs.validator_for(tree)
    assert {"metadata", "environments", "components", "compiler"} <= set(tree["properties"])
    assert validator.is_valid({"metadata": {"name": "x"}, "environments": {"dev": {}}})
    assert not validator.is_valid({"environments": ["dev"]})


def test_an_unknown_kind_gets_a_suggestion(orun):
    status, _, err = orun("schema", "intnet")
    assert (status, err.splitlines()[-1]) == (2, '  hint: did you mean "Intent"?')


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(orun, shell):
    status, out, _ = orun("completion", shell)
    assert status == 0
    assert "_ORUN_COMPLETE" in out


def complete(words, tmp_path):
    """What a shell gets for a half-typed command line."""
    environ = {**os.environ, "ORUN_CACHE_DIR": str(tmp_path), "_ORUN_COMPLETE": "bash_complete"}
    environ |= {"COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    command = [sys.executable, "-m", "orun_core.cli.main"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    return done.stdout.split(), done.stderr


def test_completion_completes_commands_and_options(tmp_path):
    assert complete("orun pl", tmp_path) == (["plain,plan", "plain,plugins"], "")
    assert complete("orun version --fo", tmp_path) == (["plain,--format"], "")
    assert complete("orun completion z", tmp_path) == (["plain,zsh"], "")
