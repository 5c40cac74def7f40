"""Lines that are shown: bounded, each step below its heading, errors only when asked."""

from __future__ import annotations

from orun_cockpit.tui.lines import CAP, Lines
from orun_cockpit.view import LogLine


def line(text, step="build", attempt=1):
    return LogLine("api.dev.deploy", step, attempt, text, "")


def test_each_step_stands_below_its_heading():
    lines = Lines("-")
    assert lines.add([line("one"), line("two")]) == ["-- api.dev.deploy - build --", "one", "two"]
    assert lines.add([line("three")]) == ["three"]
    assert lines.add([line("four", "check"), line("five", "check", 2)]) == [
        "-- api.dev.deploy - check --",
        "four",
        "-- api.dev.deploy - check attempt 2 --",
        "five",
    ]


def test_only_errors():
    lines = Lines("-")
    lines.add([line("all is well"), line("Error: it is not"), line("terrors are none"), line("FATAL")])
    lines.errors = True
    assert lines.texts() == ["-- api.dev.deploy - build --", "Error: it is not", "FATAL"]


def test_no_more_than_the_cap_is_kept():
    lines = Lines("-")
    lines.add(line(str(number)) for number in range(CAP + 5))
    assert len(lines) == CAP
    assert lines.dropped
    assert lines.full
    assert lines.texts()[1] == "5"


def test_what_stands_before_goes_before():
    lines = Lines("-")
    lines.add([line("two")])
    lines.put_before([line("zero"), line("one")])
    assert lines.texts() == ["-- api.dev.deploy - build --", "zero", "one", "two"]
