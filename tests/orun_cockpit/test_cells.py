"""Widths are those of a terminal; nothing is cut through a character."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from orun_cockpit.cells import (
    Span,
    clean,
    clip,
    clip_line,
    clip_middle,
    fold_line,
    line_width,
    log_text,
    pad,
    width,
)
from rich.cells import cell_len

FAMILY = "👩\u200d👩\u200d👧"


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("", 0),
        ("abc", 3),
        ("é", 1),
        ("e\u0301", 1),
        ("支払い", 6),
        ("🚀", 2),
        ("❤\ufe0f", 2),
        (FAMILY, 2),
        ("▲ ✓ ◐", 5),
        ("ｱ", 1),
    ],
)
def test_width(text, cells):
    assert width(text) == cells


@pytest.mark.parametrize("text", ["plain", "支払いサービス", "🚀 deploy", "naïve-café", "✓✗◐○↷▲●⊘↻▓░·├└│"])
def test_width_agrees_with_rich(text):
    assert width(text) == cell_len(text)


@pytest.mark.parametrize(
    ("text", "cells", "cut"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdef", 4, "abc…"),
        ("支払い", 4, "支…"),
        ("支払い", 5, "支払…"),
        ("abc", 1, "…"),
        ("abc", 0, ""),
    ],
)
def test_clip(text, cells, cut):
    assert clip(text, cells) == cut


def test_clip_middle_keeps_both_ends():
    assert clip_middle("gh-26563885741-1-896da6b09c29", 15) == "gh-2656…6b09c29"


def test_a_joined_emoji_is_never_taken_apart():
    assert clip(FAMILY + "abc", 4) == FAMILY + "a…"
    assert clip(FAMILY + "abc", 2) == "…"


@given(st.text(max_size=30), st.integers(0, 20))
def test_cut_and_padded_texts_fit(text, cells):
    assert width(clip(text, cells)) <= cells
    assert width(clip_middle(text, cells)) <= cells
    assert width(pad(text, cells)) == cells


@given(st.lists(st.text(max_size=10), max_size=5), st.integers(1, 20))
def test_cut_lines_fit(texts, cells):
    line = clip_line(tuple(Span(text) for text in texts), cells)
    assert line_width(line) <= cells


def test_a_long_line_is_folded_below_its_last_span():
    line = (Span("Needs  "), Span("one two three four"))
    assert ["".join(span.text for span in part) for part in fold_line(line, 16)] == [
        "Needs  one two",
        "       three",
        "       four",
    ]
    assert ["".join(span.text for span in part) for part in fold_line((Span("abcdefgh"),), 4)] == ["abcd", "efgh"]
    assert fold_line(line, 40) == (line,)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[2J\x1b[Hhome", "home"),
        ("\x1b]0;title\x07after", "after"),
        ("\x1b]8;;http://e/\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bPq#0;2\x1b\\sixel", "sixel"),
        ("\x9b31mred\x9b0m", "red"),
        ("\x9d0;title\x9cafter", "after"),
        ("\x1b(Bplain\x1bc", "plain"),
        ("bell\x07 back\x08 \u202eover\u202c", "bell back over"),
        ("tab\tx", "tab x"),
        (FAMILY, FAMILY),
    ],
)
def test_what_moves_the_cursor_is_taken_out(said, shown):
    assert clean(said) == shown


@given(st.text())
def test_whatever_is_said_what_is_shown_is_printable(text):
    assert clean(text).replace("\u200d", "").isprintable()


def test_what_a_carriage_return_overwrote_is_gone():
    assert log_text(b"1%\r50%\r\x1b[32m100%\r") == "100%"
    assert log_text(b"\xff\xfe \xc3(") == "\ufffd\ufffd \ufffd("
