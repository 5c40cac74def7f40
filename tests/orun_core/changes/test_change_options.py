"""Options that contradict each other are all named."""

from __future__ import annotations

import pytest
from orun_core.changes.options import ChangeOptions
from orun_core.spec.errors import UsageError


@pytest.mark.parametrize(
    ("options", "messages"),
    [
        (ChangeOptions(head="x"), ["--head needs --base"]),
        (ChangeOptions(files=("a",), base="x"), ["--files excludes --base"]),
        (
            ChangeOptions(files=("a",), uncommitted=True, untracked=True),
            ["--files excludes --uncommitted, --untracked", "--uncommitted excludes --untracked"],
        ),
        (ChangeOptions(untracked=True, base="x", head="y"), ["--untracked excludes --base, --head"]),
        (ChangeOptions(base="--output=/tmp/x"), ['--base: "--output=/tmp/x" is an option, not a revision']),
    ],
)
def test_contradictions(options: ChangeOptions, messages: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        options.check()
    assert [d.message for d in caught.value.diagnostics] == messages
    assert {d.code for d in caught.value.diagnostics} == {"changes/conflicting-options"}


@pytest.mark.parametrize(
    "options",
    [ChangeOptions(), ChangeOptions(base="x"), ChangeOptions(base="x", head="y"), ChangeOptions(files=("a", "b"))],
)
def test_options_that_agree(options: ChangeOptions) -> None:
    options.check()
