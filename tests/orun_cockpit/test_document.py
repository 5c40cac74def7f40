"""Documents say their version, have the shipped schema, and read the same as JSON and as YAML."""

from __future__ import annotations

import json
import os
from importlib.resources import files
from pathlib import Path

import jsonschema_rs
import pytest
import yaml
from cockpit_samples import NOW, STATES, summary
from orun_cockpit.document import schema, to_json, to_json_line, to_yaml
from orun_cockpit.project import run_list, run_view
from orun_cockpit.schemas import SCHEMAS
from orun_cockpit.view import LogLine

SHIPPED = Path(str(files("orun_cockpit"))) / "schemas"


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_shipped_schema_is_made_from_the_view(name):
    text = json.dumps(schema(SCHEMAS[name]), indent=2) + "\n"
    if os.environ.get("ORUN_WRITE_SCHEMAS"):
        (SHIPPED / f"{name}.json").write_text(text)
    assert (SHIPPED / f"{name}.json").read_text() == text
    assert json.loads(text)["properties"]["schemaVersion"] == {"const": "orun.view/v1"}


def test_no_schema_is_left_over():
    assert sorted(path.stem for path in SHIPPED.glob("*.json")) == sorted(SCHEMAS)


def valid(name, text):
    return jsonschema_rs.validator_for(schema(SCHEMAS[name])).is_valid(json.loads(text))


@pytest.mark.parametrize("name", STATES)
def test_run_documents_fit_their_schema(name):
    view = run_view(STATES[name], NOW)
    text = to_json(view)

    assert valid("run", text)
    assert not valid("run", text.replace('"execId"', '"execID"'))
    assert next(iter(json.loads(text))) == "schemaVersion"
    assert yaml.safe_load(to_yaml(view)) == json.loads(text)
    assert json.loads(to_json_line(view)) == json.loads(text)


def test_lists_and_lines_fit_their_schema():
    runs = run_list((summary(state) for state in STATES.values()), NOW)

    assert valid("runs", to_json(runs))
    assert yaml.safe_load(to_yaml(runs)) == json.loads(to_json(runs))
    assert valid("log-line", to_json_line(LogLine("a.b.c", "work", 1, "Größe: 5 µm", "")))
