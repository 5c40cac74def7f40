"""The explained value is the one in the plan, whatever layers there are."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from compiling import Project
from hypothesis import given, settings
from hypothesis import strategies as st
from orun_core.plan.canonical import canonical
from orun_core.plan.explain import Provenance

NAMES = ("a", "b", "c")
VALUES = st.dictionaries(st.sampled_from(NAMES), st.integers(0, 9), max_size=3)
TEXTS = st.dictionaries(st.sampled_from(("A", "B", "C")), st.sampled_from(("x", "y", "{{ .component }}")), max_size=3)
SVC = "stack/compositions/svc/composition.yaml"


@st.composite
def intents(draw: st.DrawFn) -> tuple[str, str]:
    """An intent whose parameters and env are set in random layers, and its composition with random defaults."""
    layer = {name: draw(VALUES) for name in ("env *", "env type", "group *", "group type", "own", "subscription")}
    env = {name: draw(TEXTS) for name in ("intent", "environment", "own", "subscription")}
    intent: dict[str, Any] = {
        "compiler": {"schemaDefaults": draw(st.sampled_from(["", "apply"]))},
        "compositions": {"sources": [{"name": "local", "kind": "dir", "path": "./stack"}]},
        "env": env["intent"],
        "groups": {"shop": {"parameterDefaults": {"*": layer["group *"], "svc": layer["group type"]}}},
        "environments": {
            "dev": {"env": env["environment"], "parameterDefaults": {"*": layer["env *"], "svc": layer["env type"]}}
        },
        "components": [
            {
                "name": "api",
                "type": "svc",
                "domain": "shop",
                "parameters": layer["own"],
                "env": env["own"],
                "subscribe": {
                    "environments": [{"name": "dev", "parameters": layer["subscription"], "env": env["subscription"]}]
                },
            }
        ],
    }
    defaults = {name: {"default": value} for name, value in draw(VALUES).items()}
    schema = {"type": "object", "properties": {"parameters": {"type": "object", "properties": defaults}}}
    job = {"name": "deploy", "steps": [{"name": "one", "run": "echo"}]}
    spec = {"type": "svc", "defaultJob": "deploy", "parameterSchema": schema, "jobs": [job]}
    return json.dumps(intent), json.dumps({"kind": "Composition", "metadata": {"name": "svc"}, "spec": spec})


def at(tree: Any, pointer: str) -> Any:
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        tree = tree[int(key)] if isinstance(tree, list) else tree[key]
    return tree


@given(intents())
@settings(max_examples=60, deadline=None)
def test_the_decided_value_is_the_merged_one(documents: tuple[str, str]) -> None:
    with TemporaryDirectory() as folder:
        compiled = Project(Path(folder)).compile("", {"intent.yaml": documents[0], SVC: documents[1]})
    [job] = compiled.plan.jobs
    explained = Provenance(json.loads(canonical(compiled.provenance)))
    trees = {"intent.yaml": json.loads(documents[0]), SVC: json.loads(documents[1])}
    for field in [*(f"parameters.{n}" for n in job.parameters), *(f"env.{n}" for n in job.env)]:
        found = explained.explain(job, field)
        assert found.decided is not None
        section, _, name = field.partition(".")
        assert found.value == getattr(job, section)[name]
        for source in (found.decided, *found.overridden):
            written = at(trees[source.file], source.pointer)
            assert source.value == (written["default"] if source.layer == "schema default" else written)
        wanted = found.decided.value
        assert found.value == (wanted.replace("{{ .component }}", "api") if isinstance(wanted, str) else wanted)
        places = [(source.file, source.pointer) for source in (found.decided, *found.overridden)]
        assert len(set(places)) == len(places)
