"""Folders whose names are bytes but no text."""

from __future__ import annotations

import os

import pytest
from shop import Shop, shop  # noqa: F401


@pytest.mark.parametrize("command", [("plan",), ("validate",), ("run", "--all-envs")])
def test_a_project_may_stand_in_any_folder(shop: Shop, command: tuple[str, ...]) -> None:  # noqa: F811
    odd = shop.root.with_name(os.fsdecode(b"odd\xff"))
    shop.root.rename(odd)
    ran = Shop(odd).orun(*command)
    assert "plugin/failed" not in ran.err
    assert ran.code == 0


def test_a_component_may_not(shop: Shop) -> None:  # noqa: F811
    shop.edit("intent.yaml", "env: {REGION: eu}\n", "discovery: {roots: [apps]}\n")
    shop.write(
        {os.fsdecode(b"apps/w\xffeb/component.yaml"): "kind: Component\nmetadata: {name: web}\nspec: {type: svc}\n"}
    )
    for command in ("plan", "validate"):
        ran = shop.orun(command)
        assert ran.code == 3
        assert ran.err == (
            "✕ the path 'apps/w\\udcffeb/component.yaml' is not UTF-8\n  [load/encoding]\n  hint: rename its folders\n"
        )
