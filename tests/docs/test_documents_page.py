"""`docs/documents.md` says what `orun_core.spec.documents` says, and a field without effect has none."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args, get_origin

import yaml

sys.path.insert(0, str(Path(__file__).parent))

import documents_page
from compiling import Project
from orun_core.spec import documents
from orun_core.spec.documents import (
    ComponentFile,
    ComponentSchema,
    Composition,
    Document,
    ExecutionProfile,
    Intent,
    IntentPreset,
    JobTemplateFile,
    Stack,
)
from orun_core.spec.field_docs import field_docs
from orun_core.spec.plan import Execution, Job, Plan

MODELS = {m for m in vars(documents).values() if isinstance(m, type) and issubclass(m, Document)} - {Document}
NOT_TRIED = {"PackageSpec.version", "LegacyJob.capabilities"}
"""Of documents that nobody writes any more."""
SCHEMA = {"type": "object"}
STEPS = [{"name": "one", "run": "echo one"}]
JOBS = [{"name": "deploy", "templateRef": {"name": "ship"}}]
PRESET = {"env": {"A": "b"}, "groups": {"shop": {}}, "environments": {"dev": {"env": {"C": "d"}}}}
FILES: dict[str, tuple[type[Document], dict[str, Any]]] = {
    "intent.yaml": (
        Intent,
        {
            "metadata": {"name": "shop"},
            "extends": [{"source": "local", "preset": "base"}],
            "compositions": {"sources": [{"name": "local", "kind": "dir", "path": "./stack"}]},
            "discovery": {"roots": ["apps"]},
            "automation": {"triggerBindings": {"push": {"on": {"provider": "github", "event": "push"}}}},
            "groups": {"shop": {}},
            "environments": {"dev": {}, "live": {"promotion": {"dependsOn": [{"environment": "dev"}]}}},
            "execution": {"concurrency": 2, "state": {"workspace": "acme"}},
            "components": [{"name": "db", "type": "svc", "subscribe": {"environments": [{"name": "dev"}]}}],
        },
    ),
    "apps/api/component.yaml": (
        ComponentFile,
        {
            "kind": "Component",
            "metadata": {"name": "api"},
            "spec": {
                "type": "svc",
                "domain": "shop",
                "subscribe": {"environments": [{"name": "dev", "profile": "fast"}, {"name": "live"}]},
                "dependsOn": [{"component": "db"}],
                "overrides": {"steps": [{"name": "two", "run": "echo two"}]},
            },
        },
    ),
    "stack/stack.yaml": (
        Stack,
        {
            "kind": "Stack",
            "metadata": {"name": "house"},
            "registry": {"host": "registry.example"},
            "spec": {"intentPresets": [{"name": "base", "path": "base.yaml"}]},
        },
    ),
    "stack/base.yaml": (IntentPreset, {"kind": "IntentPreset", "metadata": {"name": "base"}, "spec": PRESET}),
    "stack/compositions/svc/composition.yaml": (
        Composition,
        {
            "kind": "Composition",
            "metadata": {"name": "svc"},
            "spec": {
                "type": "svc",
                "defaultJob": "deploy",
                "defaultProfile": "fast",
                "schemaRef": {"name": "any"},
                "jobs": JOBS,
                "profiles": [{"name": "fast", "profileRef": {"name": "fast"}}],
            },
        },
    ),
    "stack/compositions/svc/schema.yaml": (
        ComponentSchema,
        {"kind": "ComponentSchema", "metadata": {"name": "any"}, "spec": {"schema": SCHEMA}},
    ),
    "stack/compositions/svc/jobs/ship.yaml": (
        JobTemplateFile,
        {"kind": "JobTemplate", "metadata": {"name": "ship"}, "spec": {"runsOn": "here", "steps": STEPS}},
    ),
    "stack/compositions/svc/profiles/fast.yaml": (
        ExecutionProfile,
        {
            "kind": "ExecutionProfile",
            "metadata": {"name": "fast"},
            "spec": {
                "jobs": {"deploy": {"stepsEnabled": ["one"]}},
                "secretBindings": {"KEY": {"required": True}},
                "materialize": {"target": "there", "secrets": ["KEY"]},
            },
        },
    ),
}
"""A project with one of nearly everything that can be written."""


def test_the_page_equals_the_code() -> None:
    assert documents_page.PAGE.read_text(encoding="utf-8") == documents_page.page(), (
        "run python tests/docs/documents_page.py"
    )


def test_every_model_is_on_the_page() -> None:
    told = set(documents_page.TOP.values())
    told |= {spec for model in told if (spec := documents_page.spec_of(model))}
    page = documents_page.page()
    assert {model for model in MODELS - told if f"\n### {documents_page.heading(model)}\n" not in page} == set()


def test_fields_without_effect_have_none(project: Project) -> None:
    plain = project.compile("", {name: yaml.safe_dump(tree) for name, (_, tree) in FILES.items()})
    filled: set[str] = set()
    files = {name: yaml.safe_dump(full(tree, model, filled)) for name, (model, tree) in FILES.items()}
    other = project.compile("", files)
    assert other.warnings == plain.warnings == ()
    assert len(plain.plan.jobs) == 3
    assert what_runs(other.plan) == what_runs(plain.plan)
    told = {f"{m.__name__}.{name}" for m in MODELS for name, text in field_docs(m).items() if idle(text)}
    assert told - filled == {f"Approval.{name}" for name in documents.Approval.model_fields} | NOT_TRIED


def what_runs(plan: Plan) -> tuple[Execution, list[Job]]:
    """A plan without the digests of the files that it was compiled from."""
    return plan.execution, [replace(job, uid="") for job in plan.jobs]


def idle(docstring: str) -> bool:
    """True when a field has no effect."""
    return docstring.startswith("No effect")


def full(tree: dict[str, Any], model: type[Document], filled: set[str]) -> dict[str, Any]:
    """A document with every field and key that has no effect; the fields are added to `filled`."""
    docs = field_docs(model)
    result: dict[str, Any] = dict.fromkeys(model.ignored_keys, "anything")
    for name, field in model.model_fields.items():
        key = field.alias or name
        if idle(docs[name]):
            filled.add(f"{model.__name__}.{name}")
            result[key] = sample(field.annotation)
        elif key in tree:
            result[key] = within(tree[key], field.annotation, filled)
    return result


def within(value: Any, annotation: Any, filled: set[str]) -> Any:
    """A value with every document inside it filled."""
    if isinstance(annotation, type) and issubclass(annotation, Document):
        return full(value, annotation, filled)
    inside = [argument for argument in get_args(annotation) if argument not in (str, type(None), ...)]
    if len(inside) != 1:
        return value
    if isinstance(value, list):
        return [within(item, inside[0], filled) for item in value]
    if get_origin(annotation) is dict:
        return {key: within(item, inside[0], filled) for key, item in value.items()}
    return within(value, inside[0], filled)


def sample(annotation: Any) -> Any:
    """Something of a type."""
    if isinstance(annotation, type) and issubclass(annotation, Document):
        return {name: sample(field.annotation) for name, field in annotation.model_fields.items()}
    inside = [argument for argument in get_args(annotation) if argument is not ...]
    if get_origin(annotation) is tuple:
        return [sample(inside[0])]
    return {"some": sample(inside[1])} if get_origin(annotation) is dict else "anything"
