"""Which known name a word means."""

from __future__ import annotations

import pytest
from orun_core.spec.nearest import did_you_mean, nearest


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
    ],
)
def test_the_nearest_name(word: str, names: tuple[str, ...], meant: str) -> None:
    assert nearest(word, names) == meant


def test_a_hint_lists_all_names_when_none_is_near() -> None:
    assert did_you_mean("staging", ("prod", "dev")) == "known: dev, prod"
    assert did_you_mean("staging", ()) == "known: none"
