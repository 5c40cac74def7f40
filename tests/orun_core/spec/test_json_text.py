from __future__ import annotations

import pytest
from orun_core.spec.json_text import loads


def test_the_tree_of_a_document():
    assert loads(b'{"a": [1, "\xc3\xa9"]}') == {"a": [1, "é"]}


@pytest.mark.parametrize(
    "content",
    ["", "{", b"\xff", "[" * 100_000, '{"a":' * 100_000, "9" * 5000],
    ids=["empty", "half", "bytes", "deep list", "deep object", "long number"],
)
def test_whatever_cannot_be_read_is_a_value_error(content):
    with pytest.raises(ValueError, match=r".+"):
        loads(content)
