from __future__ import annotations

import os
from pathlib import Path

import pytest
from orun_core.spec.errors import UsageError
from recorded import store

ONE, TWO = "sha256-" + "ab12" + "0" * 60, "sha256-" + "ab13" + "0" * 60


@pytest.fixture
def plans(tmp_path: Path):
    found = store(tmp_path)
    found.save_plan('{"one": 1}', ONE, '{"why": 1}', "release")
    found.save_plan('{"two": 2}', TWO, "", "")
    return found


def test_a_plan_is_stored_with_provenance_name_and_latest(plans, tmp_path: Path) -> None:
    folder = tmp_path / ".orun/plans"
    assert {str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*") if p.is_file()} == {
        f"{ONE}.json": '{"one": 1}',
        f"{ONE}.provenance.json": '{"why": 1}',
        f"{TWO}.json": '{"two": 2}',
        "names/release": f"{ONE}\n",
        "latest": f"{TWO}\n",
    }


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("", TWO),
        ("latest", TWO),
        ("release", ONE),
        ("ab12", ONE),
        ("sha256-ab13", TWO),
        ("sha256:ab13", TWO),
        ("AB12", ONE),
        (ONE, ONE),
        (ONE.replace("-", ":"), ONE),
    ],
)
def test_a_plan_is_found_by_any_reference(plans, reference: str, found: str) -> None:
    assert plans.plan_checksum(reference) == found
    assert plans.plan(reference) == plans.layout.plan(found)


@pytest.mark.parametrize("reference", ["ab1", "ab14", "release1", "../x", "sha256-"])
def test_an_unknown_plan(plans, reference: str) -> None:
    with pytest.raises(UsageError) as caught:
        plans.plan(reference)
    assert caught.value.diagnostics[0].code == "state/unknown-plan"


def test_an_unknown_name_suggests_the_nearest(plans) -> None:
    with pytest.raises(UsageError) as caught:
        plans.plan("relase")
    assert caught.value.diagnostics[0].hint == 'did you mean "release"?'


def test_an_ambiguous_prefix_lists_the_candidates(tmp_path: Path) -> None:
    plans = store(tmp_path)
    first, second = ("sha256-" + start.ljust(64, "0") for start in ("abcd1", "abcd2"))
    for checksum in (first, second):
        plans.save_plan("{}", checksum)
    with pytest.raises(UsageError) as caught:
        plans.plan("abcd")
    assert caught.value.diagnostics[0].code == "state/ambiguous-plan"
    assert first in str(caught.value)
    assert second in str(caught.value)
    assert plans.plan_checksum("abcd2") == second


def test_a_name_wins_over_a_prefix(plans) -> None:
    plans.save_plan("{}", TWO, "", "ab12")
    assert plans.plan_checksum("ab12") == TWO


def test_plans_are_listed_newest_first_with_their_names(plans) -> None:
    os.utime(plans.layout.plan(ONE), (2e9, 2e9))
    assert plans.plans() == ((ONE, ("release",)), (TWO, ()))


@pytest.mark.parametrize("name", ["latest", "a/b", "..", ".x"])
def test_an_impossible_name_stores_nothing(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError) as caught:
        store(tmp_path).save_plan("{}", ONE, "", name)
    assert caught.value.diagnostics[0].code == "state/bad-name"
    assert list(tmp_path.iterdir()) == []


def test_an_empty_store_says_how_to_fill_it(tmp_path: Path) -> None:
    for reference in ("", "release"):
        with pytest.raises(UsageError) as caught:
            store(tmp_path).plan(reference)
        assert caught.value.diagnostics[0].hint == "store one with `orun plan`"
