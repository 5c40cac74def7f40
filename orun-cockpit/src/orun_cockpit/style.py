"""How orun looks: glyphs, colours, connectors, bars, pills, forms of durations and ages. Nothing else knows them.

A theme file (`~/.config/orun/theme.toml`) replaces any part of it; every surface follows.
"""

from __future__ import annotations

import re
from dataclasses import fields, replace
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, assert_never

from orun_core.spec.errors import Diagnostic, UsageError
from orun_core.spec.frozen import frozen

from orun_cockpit.cells import Span, Tone
from orun_cockpit.view import Mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orun_cockpit.cells import Frame, Line

Part = TypeVar("Part", "Palette", "Glyphs", "Geometry")


@frozen
class Palette:
    """One colour per tone, `#rrggbb`. `row_alt` and `row_selected` are backgrounds, `background` is the cockpit's own."""

    fg: str
    dim: str
    muted: str
    brand: str
    brand_soft: str
    running: str
    success: str
    warning: str
    error: str
    border: str
    row_alt: str
    row_selected: str
    background: str

    def color(self, tone: Tone) -> str:
        """The colour of a tone."""
        return str(getattr(self, tone.value))


LIGHT = Palette(
    fg="#1f2933", dim="#64748b", muted="#94a3b8", brand="#7c3aed", brand_soft="#c4b5fd", running="#0891b2",
    success="#059669", warning="#b45309", error="#dc2626", border="#cbd5e1", row_alt="#f1f5f9", row_selected="#ede9fe",
    background="#ffffff",
)  # fmt: skip
DARK = Palette(
    fg="#e2e8f0", dim="#64748b", muted="#475569", brand="#a78bfa", brand_soft="#6d28d9", running="#22d3ee",
    success="#34d399", warning="#fbbf24", error="#f87171", border="#334155", row_alt="#1e293b", row_selected="#312e81",
    background="#0f172a",
)  # fmt: skip
ANSI16 = {
    Tone.FG: "", Tone.DIM: "2", Tone.MUTED: "2", Tone.BRAND: "35", Tone.BRAND_SOFT: "35", Tone.RUNNING: "36",
    Tone.SUCCESS: "32", Tone.WARNING: "33", Tone.ERROR: "31", Tone.BORDER: "2",
    Tone.ROW_ALT: "", Tone.ROW_SELECTED: "7",
}  # fmt: skip


@frozen
class Glyphs:
    """Every character that means something. `marks` are one cell wide."""

    pending: str = "○"
    running: str = "◐"
    succeeded: str = "✓"
    failed: str = "✗"
    skipped: str = "↷"
    cancelled: str = "⊘"
    resumed: str = "↻"
    brand: str = "▲"
    group: str = "●"
    group_untouched: str = "○"
    changed: str = "●"
    arrow: str = "→"
    separator: str = "·"
    ellipsis: str = "…"
    absent: str = "—"
    rule: str = "─"
    trunk: str = "│"
    branch: str = "├─"
    last_branch: str = "└─"
    closed: str = "▸"
    opened: str = "▾"
    caret: str = "›"
    critical: str = "◆"
    bar_full: str = "▓"
    bar_empty: str = "░"
    spark_failed: str = "█"
    spark_running: str = "▆"
    spark_succeeded: str = "▃"
    spark_other: str = "·"


UNICODE = Glyphs()
ASCII = Glyphs(
    pending="o", running="*", succeeded="+", failed="x", skipped=">", cancelled="-", resumed="^", brand="^",
    group="*", group_untouched="o", changed="*", arrow="->", separator="|", ellipsis="~", absent="-", rule="-",
    trunk="|", branch="|-", last_branch="`-", closed="+", opened="-", caret=">", critical="!", bar_full="#", bar_empty="-", spark_failed="#",
    spark_running="+", spark_succeeded="=", spark_other=".",
)  # fmt: skip


@frozen
class Geometry:
    """Sizes. Below `narrow` columns a frame drops what can be asked for; from `wide` on, the bar is twice as long."""

    bar: int = 15
    narrow: int = 60
    wide: int = 110
    indent: int = 2


class Depth(IntEnum):
    """How many colours the terminal shows."""

    NONE = 0
    ANSI = 16
    INDEXED = 256
    TRUE = 1 << 24


@frozen
class Theme:
    """A palette, a set of glyphs, sizes, and the colours that the terminal can show."""

    palette: Palette = DARK
    glyphs: Glyphs = UNICODE
    geometry: Geometry = Geometry()
    depth: Depth = Depth.NONE
    dark: bool = True

    @property
    def ascii(self) -> bool:
        """True when frames hold ASCII characters only, but for names and output."""
        return all(getattr(self.glyphs, field.name).isascii() for field in fields(self.glyphs))

    def glyph(self, mark: Mark) -> str:
        """The character of a mark."""
        match mark:
            case Mark.PENDING | Mark.QUEUED:
                return self.glyphs.pending
            case Mark.RUNNING:
                return self.glyphs.running
            case Mark.SUCCEEDED:
                return self.glyphs.succeeded
            case Mark.FAILED | Mark.TIMED_OUT | Mark.ALLOWED:
                return self.glyphs.failed
            case Mark.CANCELLED | Mark.INTERRUPTED:
                return self.glyphs.cancelled
            case Mark.SKIPPED:
                return self.glyphs.skipped
            case Mark.RESUMED:
                return self.glyphs.resumed
            case _:
                assert_never(mark)

    def pill(self, mark: Mark, text: str) -> Span:
        """Glyph and word of a mark, in its tone."""
        return Span(f"{self.glyph(mark)} {text}", tone(mark))

    def bar(self, percent: int, cells: int) -> tuple[Span, Span]:
        """A progress bar: full only at 100 %, empty only at 0 %."""
        full = (percent * cells + 50) // 100
        full = min(max(full, percent > 0), cells - (percent < 100))
        return Span(self.glyphs.bar_full * full, Tone.BRAND), Span(self.glyphs.bar_empty * (cells - full), Tone.MUTED)

    def spark(self, mark: Mark) -> Span:
        """One run of a row of small bars."""
        match mark:
            case Mark.FAILED | Mark.TIMED_OUT | Mark.CANCELLED | Mark.INTERRUPTED:
                return Span(self.glyphs.spark_failed, tone(mark))
            case Mark.RUNNING:
                return Span(self.glyphs.spark_running, tone(mark))
            case Mark.SUCCEEDED | Mark.RESUMED | Mark.ALLOWED:
                return Span(self.glyphs.spark_succeeded, tone(mark))
            case Mark.PENDING | Mark.QUEUED | Mark.SKIPPED:
                return Span(self.glyphs.spark_other, tone(mark))
            case _:
                assert_never(mark)

    def inline(self, *parts: str) -> str:
        """Parts on one line, with the separator between those that are there."""
        return f" {self.glyphs.separator} ".join(part for part in parts if part)

    def duration(self, seconds: float | None) -> str:
        """`850ms`, `3.4s`, `3m25s`, `2h05m`; the sign for absence when there is none. Rounds down."""
        if seconds is None:
            return self.glyphs.absent
        whole = int(max(seconds, 0.0))
        if whole < 1:
            return f"{int(max(seconds, 0.0) * 1000 + 1e-6)}ms"
        if whole < 60:
            return f"{int(seconds * 10 + 1e-6) / 10:.1f}s"
        if whole < 3600:
            return f"{whole // 60}m{whole % 60:02d}s"
        return f"{whole // 3600}h{whole % 3600 // 60:02d}m"

    def age(self, seconds: float | None) -> str:
        """`12s ago`, `5m ago`, `3h ago`, `9d ago`."""
        if seconds is None:
            return self.glyphs.absent
        whole = int(max(seconds, 0.0))
        for size, unit in ((86400, "d"), (3600, "h"), (60, "m")):
            if whole >= size:
                return f"{whole // size}{unit} ago"
        return f"{whole}s ago"

    def paint(self, line: Line) -> str:
        """The line as bytes of a terminal: ANSI colours as deep as it shows them, none without colour."""
        if self.depth is Depth.NONE:
            return "".join(span.text for span in line).rstrip()
        painted = "".join(self._painted(span) for span in line)
        return painted.rstrip()

    def paint_frame(self, frame: Frame) -> str:
        """Every line, ended."""
        return "".join(self.paint(line) + "\n" for line in frame)

    def _painted(self, span: Span) -> str:
        codes = [code for code in ("1" if span.bold else "", self._sgr(span.tone)) if code]
        if not codes or not span.text.strip():
            return span.text
        return f"\x1b[{';'.join(codes)}m{span.text}\x1b[0m"

    def _sgr(self, tone: Tone) -> str:
        """The SGR parameters of a tone."""
        if tone is Tone.FG:
            return ""
        if self.depth is Depth.ANSI:
            return ANSI16[tone]
        plane = 48 if tone in (Tone.ROW_ALT, Tone.ROW_SELECTED) else 38
        red, green, blue = _rgb(self.palette.color(tone))
        if self.depth is Depth.TRUE:
            return f"{plane};2;{red};{green};{blue}"
        return f"{plane};5;{_cube(red, green, blue)}"


def tone(mark: Mark) -> Tone:
    """The tone of a mark."""
    match mark:
        case Mark.PENDING | Mark.QUEUED:
            return Tone.DIM
        case Mark.RUNNING:
            return Tone.RUNNING
        case Mark.SUCCEEDED | Mark.RESUMED:
            return Tone.SUCCESS
        case Mark.FAILED | Mark.TIMED_OUT | Mark.INTERRUPTED | Mark.CANCELLED:
            return Tone.ERROR
        case Mark.SKIPPED | Mark.ALLOWED:
            return Tone.WARNING
        case _:
            assert_never(mark)


def _rgb(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _cube(red: int, green: int, blue: int) -> int:
    """The nearest colour of the 6 x 6 x 6 cube of 256-colour terminals."""
    levels = (0, 95, 135, 175, 215, 255)
    r, g, b = (min(range(6), key=lambda i: abs(levels[i] - value)) for value in (red, green, blue))
    return 16 + 36 * r + 6 * g + b


def theme(environ: Mapping[str, str], *, terminal: bool, encoding: str = "utf-8") -> Theme:
    """The theme that the environment asks for; `terminal` says whether somebody sees colours, `encoding` how text is written.

    Raises `UsageError` (`cockpit/bad-theme`) for a theme file with unknown keys or colours.
    """
    dark = _is_dark(environ)
    glyphs = UNICODE if _is_unicode(environ, encoding) else ASCII
    chosen = Theme(DARK if dark else LIGHT, glyphs, Geometry(), _depth(environ, terminal=terminal), dark)
    path = theme_path(environ)
    return _reskinned(chosen, path) if path.is_file() else chosen


def theme_path(environ: Mapping[str, str]) -> Path:
    """Where the theme file is looked for."""
    config = environ.get("XDG_CONFIG_HOME") or str(Path(environ.get("HOME") or "~").expanduser() / ".config")
    return Path(config) / "orun" / "theme.toml"


def _is_dark(environ: Mapping[str, str]) -> bool:
    asked = environ.get("ORUN_THEME", "auto").lower()
    if asked in ("light", "dark"):
        return asked == "dark"
    return environ.get("COLORFGBG", "").rpartition(";")[2] not in ("7", "15")


def _is_unicode(environ: Mapping[str, str], encoding: str) -> bool:
    """Whether glyphs can be more than ASCII: a locale that is named and cannot show them, or an encoding without them, says no."""
    asked = environ.get("ORUN_ASCII", "")
    if asked:
        return asked == "0"
    locale = next((environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(name)), "")
    charset = locale.partition(".")[2].partition("@")[0] or encoding
    return locale not in ("C", "POSIX") and all(name.lower().startswith("utf") for name in (charset, encoding))


def _depth(environ: Mapping[str, str], *, terminal: bool) -> Depth:
    forced = environ.get("CLICOLOR_FORCE", "0") not in ("", "0")
    refused = environ.get("NO_COLOR") or environ.get("CLICOLOR") == "0" or environ.get("TERM") == "dumb"
    if not forced and (refused or not terminal):
        return Depth.NONE
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return Depth.TRUE
    return Depth.ANSI if environ.get("TERM", "") in ("", "dumb", "linux", "ansi", "vt100", "vt220") else Depth.INDEXED


def _reskinned(chosen: Theme, path: Path) -> Theme:
    """The theme with the tables `[light]`, `[dark]`, `[glyphs]` and `[geometry]` of a theme file laid over it."""
    import tomllib

    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise UsageError(Diagnostic("cockpit/bad-theme", f"{path}: {error}")) from error
    unknown = sorted(set(tables) - {"light", "dark", "glyphs", "geometry"})
    problems = [f"unknown table [{name}]" for name in unknown]
    palette = _over(chosen.palette, tables.get("dark" if chosen.dark else "light", {}), problems)
    glyphs = _over(chosen.glyphs, tables.get("glyphs", {}) if chosen.glyphs is not ASCII else {}, problems)
    geometry = _over(chosen.geometry, tables.get("geometry", {}), problems)
    if problems:
        raise UsageError(tuple(Diagnostic("cockpit/bad-theme", f"{path}: {problem}") for problem in problems))
    return replace(chosen, palette=palette, glyphs=glyphs, geometry=geometry)


def _over(part: Part, table: Mapping[str, Any], problems: list[str]) -> Part:
    """The part with the values of a table; what does not fit is added to `problems`."""
    known = {field.name for field in fields(part)}
    for key, value in table.items():
        if key not in known:
            problems.append(f"unknown key {key!r}; known are {', '.join(sorted(known))}")
        elif type(value) is not type(getattr(part, key)):
            problems.append(f"{key!r} must be a {type(getattr(part, key)).__name__}, not {value!r}")
        elif isinstance(part, Palette) and not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
            problems.append(f"{key!r} must be a colour such as #7c3aed, not {value!r}")
    return part if problems else replace(part, **table)
