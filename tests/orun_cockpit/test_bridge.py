"""The bridge: what a draft is as a command, and a run that is gone while it is followed."""

from __future__ import annotations

import pytest
from cockpit_samples import RUNNING, Desk, MemoryStore
from orun_cockpit.bridge import Bridge, Draft
from orun_core.spec.errors import Diagnostic, UsageError


class Forgetful(MemoryStore):
    """A store in which no run can be watched by its name."""

    def watch(self, exec_id=""):
        if exec_id:
            raise UsageError(Diagnostic("state/unknown-run", f"no run {exec_id}"))
        return super().watch()


def test_ticks_go_on_when_the_followed_run_is_gone():
    ticks = Bridge(Desk(Forgetful(RUNNING))).ticks(lambda: "gone")
    assert [next(ticks), next(ticks)] == [None, None]


@pytest.mark.parametrize(
    ("draft", "command"),
    [
        (Draft(), "orun plan"),
        (Draft(("dev", "prod"), ("api",), "nightly"), "orun plan --component api --env dev,prod --trigger nightly"),
        (Draft(changed=True), "orun plan --changed"),
    ],
)
def test_a_draft_as_a_command(draft, command):
    assert draft.command == command
