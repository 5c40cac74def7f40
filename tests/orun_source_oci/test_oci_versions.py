"""Semantic versions: their order and their ranges."""

from __future__ import annotations

import pytest
from orun_core.spec.errors import CompileError
from orun_source_oci.versions import newest, parse_version

ORDER = [
    "1.0.0-alpha",
    "1.0.0-alpha.1",
    "1.0.0-alpha.beta",
    "1.0.0-beta",
    "1.0.0-beta.2",
    "1.0.0-beta.11",
    "1.0.0-rc.1",
    "1.0.0",
    "1.0.1",
    "1.10.0",
    "2.0.0",
]
TAGS = [
    "latest",
    "0.1.0",
    "0.1.5",
    "0.2.0",
    "v1.1.9",
    "1.2.0",
    "1.2.3",
    "1.3.0-rc.1",
    "1.10.0",
    "2.0.0-rc.1",
    "2.0.0",
    "main",
]


def test_the_order_is_that_of_the_specification():
    assert sorted(set(ORDER), key=parse_version) == ORDER
    assert parse_version("latest") is None
    assert parse_version("1.2") is None


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("^1.2", "1.10.0"),
        ("^1.1.0", "1.10.0"),
        ("^0.1", "0.1.5"),
        ("^0.1.2", "0.1.5"),
        ("^0", "0.2.0"),
        ("^3", ""),
        ("~1.2", "1.2.3"),
        ("~1.2.1", "1.2.3"),
        ("~1", "1.10.0"),
        ("1.x", "1.10.0"),
        ("1.2.*", "1.2.3"),
        ("=1.1.9", "v1.1.9"),
        (">=1.2 <2", "1.10.0"),
        (">=1.2, <1.3", "1.2.3"),
        (">1.2", "2.0.0"),
        (">1.10.0 <=2.0.0", "2.0.0"),
        ("<1", "0.2.0"),
        ("<=1.2", "1.2.3"),
        (">2.0.0", ""),
        ("*", "2.0.0"),
        (">=2.0.0-rc.1 <2.0.0-z", "2.0.0-rc.1"),
        ("^1.3.0-rc.1", "1.10.0"),
    ],
)
def test_the_newest_version_of_a_range(wanted, found):
    assert newest(TAGS, wanted) == found


@pytest.mark.parametrize("wanted", ["^", "^x.y.z.w", ">=", "^1.2 || ^3", "latest"])
def test_what_is_no_range(wanted):
    with pytest.raises(CompileError) as caught:
        newest(TAGS, wanted)
    assert caught.value.diagnostics[0].code == "source/bad-reference"
