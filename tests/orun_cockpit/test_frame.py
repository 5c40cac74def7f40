"""Frames, byte for byte: `frames/<state>-<columns>.txt` and, with colour, `.ansi`. ORUN_WRITE_FRAMES=1 writes them anew."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from cockpit_samples import FAILED, MANY, NOW, RUNNING, STATES, WIDE_TEXT, job, run
from orun_cockpit.cells import line_width, plain
from orun_cockpit.frame import changes, farewell, run_frame
from orun_cockpit.project import run_view
from orun_cockpit.style import ASCII, Depth, Theme
from orun_cockpit.view import Mark
from orun_core.spec.run import Status

FRAMES = Path(__file__).parent / "frames"
WIDTHS = (44, 80, 120)
PLAIN = Theme()
COLOURED = Theme(depth=Depth.TRUE)


def golden(name: str, text: str) -> None:
    path = FRAMES / name
    if os.environ.get("ORUN_WRITE_FRAMES"):
        path.write_bytes(text.encode())
    assert text.encode() == path.read_bytes()


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("name", STATES)
def test_the_frame_of_each_kind_of_run_at_each_width(name: str, columns: int) -> None:
    frame = run_frame(run_view(STATES[name], NOW), columns, PLAIN)

    golden(f"{name}-{columns}.txt", plain(frame))
    golden(f"{name}-{columns}.ansi", COLOURED.paint_frame(run_frame(run_view(STATES[name], NOW), columns, COLOURED)))


@pytest.mark.parametrize("columns", [20, *WIDTHS])
@pytest.mark.parametrize("name", STATES)
def test_no_line_is_wider_than_the_terminal(name: str, columns: int) -> None:
    frame = run_frame(run_view(STATES[name], NOW), columns, PLAIN, detailed=True)

    assert max(line_width(line) for line in frame) <= columns


def test_the_frame_of_the_front_page() -> None:
    text = plain(run_frame(run_view(RUNNING, NOW), 100, PLAIN))

    assert text == (
        "\n"
        "▲ orun multi-environment-platform\n"
        "  Plan: sha256-ad6ce · Run: gh-26563885741-1-896da6b09c29 · State: running · Duration: 1m42s\n"
        "  Scope: 3 components · 5 jobs · 1 environment\n"
        "\n"
        "  Status: ✓ 3 succeeded · ◐ 1 running · ○ 1 queued · ✗ 0 failed\n"
        "  Progress: ▓▓▓▓▓▓▓▓▓░░░░░░ 60%\n"
        "\n"
        "  ● api-edge-worker\n"
        "  │  ├─ ✓ build 4.1s\n"
        "  │  ├─ ✓ test 12.3s\n"
        "  │  └─ ✓ verify-deploy 19.0s\n"
        "  ● database\n"
        "  │  └─ ◐ apply running 38.2s · terraform-apply\n"
        "  ○ web-app\n"
        "     └─ ○ deploy queued\n"
    )


def test_detailed_shows_the_steps_below_their_job() -> None:
    text = plain(run_frame(run_view(FAILED, NOW), 80, PLAIN, detailed=True))

    assert "  │  ├─ ✗ prod/migrate failed 3m25s  step apply: exit code 3\n" in text
    assert "  │  │  ├─ ✓ plan 0ms\n" in text
    assert "  │  │  └─ ✗ apply failed 3m25s exit 3\n" in text


def test_a_job_says_that_it_went_on_after_a_failure_that_is_allowed() -> None:
    whole = run(job("a", "lint", Status.SUCCEEDED, begin=1, end=3), status=Status.SUCCEEDED, end=4)
    [lint] = whole.jobs
    work = replace(lint.steps[1], status=Status.FAILED, allowed_failure=True)
    state = replace(whole, jobs=(replace(lint, allowed_failure=True, steps=(lint.steps[0], work)),))
    view = run_view(state, NOW)

    assert "✓ lint 2.0s 1 step failed, allowed\n" in plain(run_frame(view, 80, PLAIN))
    assert plain(tuple(changes(None, view, PLAIN))).startswith(
        "✓ a.production.lint succeeded 2.0s 1 step failed, allowed\n"
    )


def test_a_frame_with_a_height_keeps_what_runs_and_counts_the_rest() -> None:
    frame = run_frame(run_view(MANY, NOW), 80, PLAIN, height=24)
    text = plain(frame)

    assert len(frame) <= 24
    assert "├─ ◐ build running 42.0s · work" in text
    assert "more jobs\n" in text


def test_a_frame_with_room_for_it_folds_only_what_went_well() -> None:
    text = plain(run_frame(run_view(RUNNING, NOW), 80, PLAIN, height=14))

    assert "  ● api-edge-worker ✓ 3 jobs\n  ● database\n" in text
    assert text.endswith("  ○ web-app\n     └─ ○ deploy queued\n")


def test_lines_of_output_stand_below_the_job_that_failed() -> None:
    tails = {"db.prod.migrate": ("Error: the table is locked",)}
    text = plain(run_frame(run_view(FAILED, NOW), 80, PLAIN, tails=tails))

    assert "migrate failed 3m25s  step apply: exit code 3\n  │  │    Error: the table is locked\n" in text


def test_ascii_frames_are_ascii() -> None:
    text = plain(run_frame(run_view(FAILED, NOW), 80, Theme(glyphs=ASCII)))

    assert text.isascii()
    assert "  |  `- x prod/lint failed, allowed 2.0s" in text


def test_wide_characters_keep_the_tree_straight() -> None:
    frame = run_frame(run_view(WIDE_TEXT, NOW), 24, PLAIN)

    assert "  ● 支払いサービス\n  │  └─ ✓ デプロイ 4.1s\n" in plain(frame)
    assert all(line_width(line) <= 24 for line in frame)


def test_changes_tell_each_job_once_and_the_run_when_it_turns() -> None:
    before = run_view(RUNNING, NOW)
    jobs = tuple(replace(job, status=job.status.SUCCEEDED) if job.name == "apply" else job for job in RUNNING.jobs)
    after = run_view(replace(RUNNING, jobs=jobs), NOW)

    assert plain(tuple(changes(before, after, PLAIN))) == "✓ database.production.apply succeeded 38.2s\n"
    assert plain(tuple(changes(None, before, PLAIN))).splitlines()[-1] == (
        "◐ run gh-26563885741-1-896da6b09c29 running 1m42s"
    )
    assert list(changes(after, after, PLAIN)) == []


def test_every_mark_has_a_glyph_a_tone_and_a_spark() -> None:
    for mark in Mark:
        for theme in (PLAIN, Theme(glyphs=ASCII)):
            assert line_width((theme.pill(mark, ""), theme.spark(mark))) == 3


def test_golden_frames_have_unix_line_ends() -> None:
    assert all(b"\r" not in path.read_bytes() for path in FRAMES.iterdir())


def test_a_long_label_is_cut_in_the_middle_before_its_state() -> None:
    name = "a-very-long-job-name-that-goes-on-and-ends"
    state = run(job("api", name, Status.FAILED, begin=0, end=3), status=Status.FAILED, end=3)

    assert "     └─ ✗ a-very-l…-and-ends failed 3.0s\n" in plain(run_frame(run_view(state, NOW), 40, PLAIN))


def test_what_stays_of_several_runs_is_the_last_one_and_how_to_watch_those_that_go_on() -> None:
    others = replace(RUNNING, exec_id="other")
    text = plain(farewell([run_view(others, NOW), run_view(MANY, NOW)], 80, 24, PLAIN))
    lines = text.splitlines()

    assert lines[0] == "  ◐ run other running 1m42s"
    assert "▲ orun multi-environment-platform" in lines
    assert len(lines) <= 24
    assert lines[-2:] == [
        "  → orun status other --watch",
        "  → orun status gh-26563885741-1-896da6b09c29 --watch",
    ]
    assert farewell([], 80, 24, PLAIN) == ()


def test_a_frame_that_is_folded_says_how_to_go_on_when_the_run_is_over() -> None:
    over = replace(MANY, alive=False)
    text = plain(run_frame(run_view(over, NOW), 80, PLAIN, height=24))

    assert text.splitlines()[-1] == "  → orun run --resume gh-26563885741-1-896da6b09c29"
    assert len(text.splitlines()) <= 24
