"""Importing any module has no effect and leaves nothing that can change: state lives in objects that `main` makes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(ROOT.glob("orun-*/src/**/*.py"))
BUILDERS = {
    "dict",
    "list",
    "set",
    "defaultdict",
    "deque",
    "Counter",
    "OrderedDict",
    "WeakValueDictionary",
    "ContextVar",
}
CHANGERS = {"add", "append", "clear", "discard", "extend", "insert", "pop", "popitem", "remove", "setdefault", "update"}
CHANGING = (ast.Store, ast.Del)


def containers(tree: ast.Module) -> set[str]:
    """Names at module level that are bound to something that can change."""
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and mutable(node.value):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


def mutable(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Call):
        called = value.func
        return (called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")) in BUILDERS
    return isinstance(value, ast.Dict | ast.List | ast.Set | ast.DictComp | ast.ListComp | ast.SetComp)


def changes(tree: ast.Module) -> list[str]:
    """Where a module-level container is changed, and every `global`."""
    names = containers(tree)
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            found.append(f"{node.lineno}: global {', '.join(node.names)}")
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, CHANGING) and named(node.value, names):
            found.append(f"{node.lineno}: {ast.unparse(node)} is set")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGERS:
            if named(node.func.value, names):
                found.append(f"{node.lineno}: {ast.unparse(node)}")
        elif isinstance(node, ast.AugAssign) and named(node.target, names):
            found.append(f"{node.lineno}: {ast.unparse(node)}")
    return found


def named(node: ast.expr, names: set[str]) -> bool:
    return isinstance(node, ast.Name) and node.id in names


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_nothing_at_module_level_changes(file):
    assert changes(ast.parse(file.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_constants_are_written_in_capitals(file):
    lower = {name for name in containers(ast.parse(file.read_text(encoding="utf-8"))) if not name.isupper()}
    assert lower - {"__all__"} == set()


@pytest.mark.parametrize(
    "source",
    [
        "X = {}\ndef f(): X[1] = 2",
        "X = []\ndef f(): X.append(1)",
        "X = set()\ndef f(): X.add(1)",
        "def f():\n global X",
    ],
)
def test_the_scan_sees_what_it_looks_for(source):
    assert len(changes(ast.parse(source))) == 1
