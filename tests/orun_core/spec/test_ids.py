"""Ids that are derived: of a plan, and of a run inside GitHub Actions."""

from __future__ import annotations

import pytest
from orun_core.spec.ids import github_exec_id, plan_id


def test_a_plan_is_known_by_the_first_digits_of_its_checksum() -> None:
    assert plan_id("sha256-" + "0123456789abcdef" * 4) == plan_id("0123456789abcdef" * 4) == "0123456789ab"
    assert plan_id("") == ""


@pytest.mark.parametrize(
    ("plan", "environ", "expected"),
    [
        ("0123456789ab", {"GITHUB_RUN_ID": "42", "GITHUB_RUN_ATTEMPT": "3"}, "gh-42-3-0123456789ab"),
        ("0123456789ab", {"GITHUB_RUN_ID": "42", "GITHUB_RUN_ATTEMPT": ""}, "gh-42-1-0123456789ab"),
        ("0123456789ab", {"GITHUB_RUN_ID": "42"}, "gh-42-1-0123456789ab"),
        ("0123456789ab", {"GITHUB_RUN_ATTEMPT": "3"}, ""),
        ("0123456789ab", {"GITHUB_RUN_ID": ""}, ""),
        ("", {"GITHUB_RUN_ID": "42"}, ""),
    ],
)
def test_jobs_of_one_attempt_of_a_run_share_an_id(plan: str, environ: dict[str, str], expected: str) -> None:
    assert github_exec_id(plan, environ) == expected
