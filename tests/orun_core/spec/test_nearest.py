"""Which known name a word means, and what a hint says of one that means none."""

from __future__ import annotations

import pytest
from orun_core.spec.nearest import MANY, did_you_mean, nearest


@pytest.mark.parametrize(
    ("word", "names", "meant"),
    [
        ("pord", ("dev", "prod"), "prod"),
        ("stag", ("staging", "stage"), "stage"),
        ("production", ("dev", "prod"), "prod"),
        ("directory", ("archive", "dir", "git", "oci"), "dir"),
        ("--environment", ("--component", "--env", "--intent"), "--env"),
        ("dev-ue", ("dev", "dev-eu"), "dev-eu"),
        ("dev-us-east-1", ("dev", "dev-us"), "dev-us"),
        ("--everything", ("--e", "--plan"), ""),
        ("x", (), ""),
        ("zz", ("api", "db"), ""),
        ("m", ("x",), ""),
        ("of", ("a",), ""),
        ("qc", ("qa", "zz"), "qa"),
        ("bd", ("app", "db"), "db"),
    ],
)
def test_the_nearest_name(word: str, names: tuple[str, ...], meant: str) -> None:
    assert nearest(word, names) == meant


def test_a_hint_lists_all_names_when_none_is_near() -> None:
    assert did_you_mean("staging", ("prod", "dev")) == "known: dev, prod"
    assert did_you_mean("staging", ()) == "known: none"


@pytest.mark.parametrize(
    ("names", "hint"),
    [
        (["dev", "prod"], 'did you mean "prod"?'),
        (["dev", "stage"], "known: dev, stage"),
        ([], "known: none"),
    ],
)
def test_the_nearest_name_or_all(names, hint):
    assert did_you_mean("prdo", names) == hint


def test_of_many_names_some_are_listed_and_the_others_counted():
    names = [f"component-{number:03d}" for number in range(300)]
    hint = did_you_mean("x", names)
    assert hint == f"known: {', '.join(names[:MANY])} and {300 - MANY} more"
