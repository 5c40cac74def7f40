"""Durations in Go's form, read and written."""

from __future__ import annotations

import pytest
from orun_core.spec.duration import seconds, show_duration


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90s", 90.0),
        ("1h30m", 5400.0),
        ("1.5m", 90.0),
        (".5s", 0.5),
        ("250ms", 0.25),
        ("3us", 3e-6),
        ("3µs", 3e-6),
        ("7ns", 7e-9),
        ("1d", 86400.0),
        ("1h1h", 7200.0),
        ("0", 0.0),
        ("0s", 0.0),
        (" 2m ", 120.0),
    ],
)
def test_a_duration_in_seconds(text: str, expected: float) -> None:
    assert seconds(text) == pytest.approx(expected)


@pytest.mark.parametrize("text", ["", " ", "5", "s", "5 m", "1h 30m", "-5s", "+5s", "1m30", "5sec", "1,5s", "m5s"])
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"write 90s, 15m or 1h30m") as caught:
        seconds(text)
    assert f'"{text}"' in str(caught.value)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (0.0, "0.0s"),
        (0.26, "0.3s"),
        (59.94, "59.9s"),
        (59.95, "1m"),
        (60.4, "1m"),
        (61.0, "1m1s"),
        (3599.0, "59m59s"),
        (3599.6, "1h0m"),
        (3725.0, "1h2m"),
    ],
)
def test_seconds_as_a_duration(given: float, expected: str) -> None:
    assert show_duration(given) == expected
