"""The descriptions of a JSON Schema are the docstrings of the fields."""

from __future__ import annotations

import pytest
from orun_core.cli.schema import schema
from orun_core.spec.documents import KINDS, Document, Intent, LegacyJob
from orun_core.spec.field_docs import field_docs


def test_docstrings_of_a_class_and_its_bases():
    found = field_docs(LegacyJob)
    assert found["name"] == "Job name."
    assert "runs_on" in found


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_field_is_described(kind):
    tree = schema(kind)
    for name, model in {kind: tree, **tree.get("$defs", {})}.items():
        for field, value in model.get("properties", {}).items():
            assert value.get("description"), f"{name}.{field}"


def test_a_default_that_is_a_model_is_a_whole_one():
    defaults = [field.default for field in Intent.model_fields.values() if isinstance(field.default, Document)]
    assert defaults
    for default in defaults:
        assert default == type(default)()
        assert default.model_fields_set == set()
