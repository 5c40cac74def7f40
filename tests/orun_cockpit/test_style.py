"""One file decides how everything looks; the environment chooses, a theme file replaces."""

from __future__ import annotations

from pathlib import Path

import pytest
from cockpit_samples import FAILED, NOW, RUNNING, with_logs
from orun_cockpit.cells import Span, Tone, plain
from orun_cockpit.frame import run_frame
from orun_cockpit.log_frame import log_frame
from orun_cockpit.logs import Selection, log_view
from orun_cockpit.pages import run_page
from orun_cockpit.project import run_list, run_view
from orun_cockpit.report import page
from orun_cockpit.style import ASCII, DARK, LIGHT, UNICODE, Depth, Theme, theme
from orun_cockpit.tables import run_list_frame
from orun_core.spec.errors import UsageError

COLOR_MATRIX = [
    ({}, True, Depth.INDEXED),
    ({}, False, Depth.NONE),
    ({"NO_COLOR": "1"}, True, Depth.NONE),
    ({"NO_COLOR": ""}, True, Depth.INDEXED),
    ({"CLICOLOR": "0"}, True, Depth.NONE),
    ({"CLICOLOR_FORCE": "1"}, False, Depth.INDEXED),
    ({"CLICOLOR_FORCE": "0"}, False, Depth.NONE),
    ({"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, False, Depth.INDEXED),
    ({"TERM": "dumb"}, True, Depth.NONE),
    ({"TERM": "dumb", "CLICOLOR_FORCE": "1"}, True, Depth.ANSI),
    ({"TERM": "linux"}, True, Depth.ANSI),
    ({"COLORTERM": "truecolor"}, True, Depth.TRUE),
    ({"COLORTERM": "24bit"}, True, Depth.TRUE),
    ({"COLORTERM": "truecolor"}, False, Depth.NONE),
]


@pytest.mark.parametrize(("environ", "terminal", "depth"), COLOR_MATRIX)
def test_colour(environ: dict[str, str], terminal: bool, depth: Depth, tmp_path: Path) -> None:
    basis = {"TERM": "xterm-256color", "HOME": str(tmp_path)}
    assert theme({**basis, **environ}, terminal=terminal).depth is depth


@pytest.mark.parametrize(
    ("environ", "palette"),
    [
        ({}, DARK),
        ({"ORUN_THEME": "light"}, LIGHT),
        ({"ORUN_THEME": "dark", "COLORFGBG": "0;15"}, DARK),
        ({"COLORFGBG": "0;15"}, LIGHT),
        ({"COLORFGBG": "15;0"}, DARK),
        ({"ORUN_THEME": "auto", "COLORFGBG": "0;7"}, LIGHT),
    ],
)
def test_palette(environ: dict[str, str], palette: object, tmp_path: Path) -> None:
    assert theme({"HOME": str(tmp_path), **environ}, terminal=True).palette is palette


def test_ascii_is_asked_for(tmp_path: Path) -> None:
    assert theme({"HOME": str(tmp_path), "ORUN_ASCII": "1"}, terminal=True).glyphs is ASCII
    assert theme({"HOME": str(tmp_path), "ORUN_ASCII": "0"}, terminal=True).glyphs is UNICODE


@pytest.mark.parametrize(
    ("environ", "encoding", "glyphs"),
    [
        ({}, "utf-8", UNICODE),
        ({"LANG": "de_DE.UTF-8"}, "utf-8", UNICODE),
        ({"LANG": "en_US"}, "utf-8", UNICODE),
        ({"LANG": "C.UTF-8", "LC_ALL": ""}, "utf-8", UNICODE),
        ({"LC_ALL": "C"}, "utf-8", ASCII),
        ({"LC_ALL": "de_DE.UTF-8", "LANG": "C"}, "utf-8", UNICODE),
        ({"LANG": "POSIX"}, "utf-8", ASCII),
        ({"LC_CTYPE": "de_DE.ISO-8859-15@euro"}, "utf-8", ASCII),
        ({}, "ascii", ASCII),
        ({"LANG": "C.UTF-8"}, "iso8859-1", ASCII),
        ({"LC_ALL": "C", "ORUN_ASCII": "0"}, "ascii", UNICODE),
        ({"LANG": "C.UTF-8", "ORUN_ASCII": "1"}, "utf-8", ASCII),
    ],
)
def test_glyphs_are_those_that_can_be_shown(
    environ: dict[str, str], encoding: str, glyphs: object, tmp_path: Path
) -> None:
    assert theme({"HOME": str(tmp_path), **environ}, terminal=True, encoding=encoding).glyphs is glyphs


@pytest.mark.parametrize(
    ("depth", "painted"),
    [
        (Depth.NONE, "▲ orun"),
        (Depth.ANSI, "\x1b[1;35m▲ orun\x1b[0m"),
        (Depth.INDEXED, "\x1b[1;38;5;141m▲ orun\x1b[0m"),
        (Depth.TRUE, "\x1b[1;38;2;167;139;250m▲ orun\x1b[0m"),
    ],
)
def test_violet_at_each_depth(depth: Depth, painted: str) -> None:
    assert Theme(depth=depth).paint((Span("▲ orun", Tone.BRAND, bold=True),)) == painted


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "—"), (0, "0ms"), (0.0004, "0ms"), (0.85, "850ms"), (0.9999, "999ms"), (1, "1.0s"), (3.4, "3.4s"),
        (59.96, "59.9s"), (60, "1m00s"), (205, "3m25s"), (3599.9, "59m59s"), (3600, "1h00m"), (7500, "2h05m"),
        (90061, "25h01m"), (-3, "0ms"),
    ],
)  # fmt: skip
def test_durations(seconds: float | None, text: str) -> None:
    assert Theme().duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, "—"), (0, "0s ago"), (59, "59s ago"), (61, "1m ago"), (7300, "2h ago"), (180000, "2d ago")],
)
def test_ages(seconds: float | None, text: str) -> None:
    assert Theme().age(seconds) == text


@pytest.mark.parametrize(
    ("percent", "full"), [(0, 0), (1, 1), (3, 1), (50, 8), (86, 13), (97, 14), (99, 14), (100, 15)]
)
def test_the_bar_is_full_only_at_the_end_and_empty_only_at_the_start(percent: int, full: int) -> None:
    filled, empty = Theme().bar(percent, 15)
    assert (filled.text, empty.text) == ("▓" * full, "░" * (15 - full))


def test_a_theme_file_changes_every_surface_at_once(tmp_path: Path) -> None:
    file = tmp_path / "orun" / "theme.toml"
    file.parent.mkdir()
    file.write_text(
        '[dark]\nbrand = "#010203"\nsuccess = "#040506"\n[glyphs]\nbrand = "♠"\nsucceeded = "♥"\nbranch = "|="\n'
    )
    skin = theme({"XDG_CONFIG_HOME": str(tmp_path), "COLORTERM": "truecolor"}, terminal=True)
    run = run_view(FAILED, NOW)
    store = with_logs(FAILED)
    surfaces = {
        "frame": run_frame(run, 80, skin),
        "watch": run_frame(run, 80, skin, height=20),
        "list": run_list_frame(run_list(store.runs(), NOW), 80, skin),
        "logs": log_frame(log_view(store, run, Selection()), 80, skin),
        "page": run_page(run, 80, skin),
    }

    for name, frame in surfaces.items():
        assert "♠" in plain(frame), name
        assert "✓" not in plain(frame), name
        assert "\x1b[1;38;2;1;2;3m♠" in skin.paint_frame(frame), name
    assert "|= ♥ stage/deploy" in plain(surfaces["frame"])
    html = page(log_view(store, run, Selection()), skin)
    assert "--brand: #010203" in html
    assert "♥" in html
    assert "✓" not in html


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[dark", "Expected"),
        ('[glyph]\nbrand = "x"', "unknown table [glyph]"),
        ('[dark]\nbrnd = "#000000"', "unknown key 'brnd'"),
        ('[dark]\nbrand = "violet"', "'brand' must be a colour such as #7c3aed, not 'violet'"),
        ("[geometry]\nbar = true", "'bar' must be a int, not True"),
    ],
)
def test_a_bad_theme_file_says_what_is_wrong(text: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "orun" / "theme.toml"
    file.parent.mkdir()
    file.write_text(text)
    with pytest.raises(UsageError) as caught:
        theme({"XDG_CONFIG_HOME": str(tmp_path)}, terminal=True)
    assert caught.value.diagnostics[0].code == "cockpit/bad-theme"
    assert message in caught.value.diagnostics[0].message


def test_only_style_knows_glyphs_and_colours() -> None:
    known = {glyph for glyphs in (UNICODE,) for name in glyphs.__slots__ for glyph in getattr(glyphs, name)}
    known -= set("·…—→")
    package = Path(__import__("orun_cockpit").__file__).parent
    for path in package.rglob("*.py"):
        if path.name == "style.py":
            continue
        code = "".join(line for line in path.read_text().splitlines(keepends=True) if '"""' not in line)
        assert not known & set(code), path.name


def test_the_running_frame_in_colour_has_one_colour_per_tone() -> None:
    painted = Theme(depth=Depth.TRUE).paint_frame(run_frame(run_view(RUNNING, NOW), 80, Theme(depth=Depth.TRUE)))
    assert "\x1b[38;2;34;211;238m◐\x1b[0m apply" in painted
    assert "\x1b[38;2;52;211;153m✓\x1b[0m build" in painted


def test_the_theme_file_of_the_page_works(tmp_path: Path) -> None:
    page = Path(__file__).parents[2] / "docs" / "cockpit.md"
    file = tmp_path / "orun" / "theme.toml"
    file.parent.mkdir()
    file.write_text(page.read_text().split("```toml\n")[1].split("```")[0])
    skin = theme({"XDG_CONFIG_HOME": str(tmp_path), "ORUN_THEME": "light"}, terminal=True)

    assert (skin.palette.brand, skin.glyphs.succeeded, skin.geometry.bar) == ("#6d28d9", "●", 20)


def test_the_page_shows_the_frame_that_is_drawn() -> None:
    page = Path(__file__).parents[2] / "docs" / "cockpit.md"
    assert plain(run_frame(run_view(RUNNING, NOW), 100, Theme())).strip() in page.read_text()
