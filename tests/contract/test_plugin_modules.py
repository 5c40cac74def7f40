"""Every plugin module of the product, and the demo's, keeps the contract that a type checker cannot see."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from orun_core.plugins.discover import installed
from orun_core.spec.markers import hookimpl
from orun_core.testing.plugin import check_plugin
from parts import missing
from reference import OURS

if TYPE_CHECKING:
    from orun_core.spec.entries import PolicyEntry
    from orun_core.spec.stages import Binding

pytest_plugins = ("demo_plugin",)

MODULES = {plugin.distribution: plugin.module for plugin in installed(sys.path) if plugin.distribution in OURS}


@pytest.mark.parametrize("distribution", sorted(MODULES))
def test_a_plugin_of_the_product_keeps_the_contract(distribution):
    if find_spec(MODULES[distribution]) is None:
        missing("plugins", f"{distribution} has no {MODULES[distribution]} yet")
    module = import_module(MODULES[distribution])
    assert any(hasattr(found, "orun_impl") for found in vars(module).values())
    assert check_plugin(module) == ()


def test_the_demo_keeps_the_contract(demo):
    assert check_plugin(import_module("orun_demo.plugin")) == ()


def test_what_the_check_sees():
    @hookimpl
    def orun_bind(expansion: Binding, color: str) -> Binding: ...

    @hookimpl(tryfirst=True)
    def orun_policies() -> list[PolicyEntry]: ...

    @hookimpl
    def orun_bnid() -> None: ...

    module = SimpleNamespace(orun_bind=orun_bind, orun_policies=orun_policies, orun_bnid=orun_bnid)
    assert check_plugin(module) == (
        "orun_bind: parameter expansion: 'Binding' should be expansion: 'Expansion'",
        "orun_bind: parameter color: 'str' should be left out",
        "orun_policies: returns list[PolicyEntry], should return tuple[PolicyEntry, ...]",
        "orun_policies: tryfirst is refused",
        "orun_bnid: no such hook",
    )
