"""The place of a problem opens from the folder in which somebody works, wherever the intent is."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path

import pytest
from orun_core.cli.main import run
from orun_core.cli.report import Reporter
from shop import Shop, shop  # noqa: F401

BROKEN = "kind: Component\nmetadata: {name: web}\nspec: {type: svv, subscribe: {environments: [dev]}}\n"


def said(folder: Path, *arguments: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        run(["validate", *arguments], Reporter())
    return out.getvalue(), err.getvalue()


@pytest.mark.parametrize(
    ("folder", "arguments", "place"),
    [
        (".", (), "apps/web/component.yaml"),
        ("apps/web", (), "component.yaml"),
        ("apps", (), "web/component.yaml"),
        ("stack", (), "../apps/web/component.yaml"),
        ("..", ("-i", "shop/intent.yaml"), "shop/apps/web/component.yaml"),
    ],
)
def test_a_place_opens_from_the_working_folder(
    shop: Shop,  # noqa: F811
    folder: str,
    arguments: tuple[str, ...],
    place: str,
) -> None:
    shop.write({"apps/web/component.yaml": BROKEN})
    shop.git("init", "--quiet")
    here = shop.root / folder
    assert f"  {place}:3:8  [normalize/unknown-type]" in said(here, *arguments)[1].splitlines()
    [problem] = json.loads(said(here, *arguments, "--format", "json")[0])["diagnostics"]
    assert (here / problem["where"]["file"]).read_text() == BROKEN
    [result] = json.loads(said(here, *arguments, "--format", "sarif")[0])["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == place


def test_what_was_defined_first_opens_too(shop: Shop) -> None:  # noqa: F811
    shop.write(
        {
            "apps/web/component.yaml": BROKEN.replace("svv", "svc"),
            "apps/two/component.yaml": BROKEN.replace("svv", "svc"),
        }
    )
    shop.git("init", "--quiet")
    err = said(shop.root / "apps/web")[1].splitlines()
    assert "  component.yaml:3:1  [normalize/duplicate-component]" in err
    assert "  ../two/component.yaml:3:1: first defined here" in err
