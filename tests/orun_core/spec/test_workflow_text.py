from __future__ import annotations

import pytest
from orun_core.spec.workflow_text import in_actions, without_commands


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("::error::x", ": :error::x"),
        ("one\n \t::set-output name=a::b\n", "one\n \t: :set-output name=a::b\n"),
        ("\u00a0\u2003::debug::x", "\u00a0\u2003: :debug::x"),
        ("see ##[group]x and ###[x]", "see # #[group]x and ## #[x]"),
        ("std::vector a::b :: # #[ ##", "std::vector a::b :: # #[ ##"),
        (":::x", ": ::x"),
        ("", ""),
    ],
)
def test_no_line_is_a_command(text, shown):
    assert without_commands(text) == shown


def test_only_a_step_of_actions_is_one():
    assert in_actions({"GITHUB_ACTIONS": "true"})
    assert not in_actions({"GITHUB_ACTIONS": "false"})
    assert not in_actions({})
