"""docs/tui.md lists every key; `python tests/orun_cockpit/tui/test_page.py` writes it."""

from __future__ import annotations

from pathlib import Path

from orun_cockpit.tui.actions import ACTIONS

PAGE = Path(__file__).parents[3] / "docs" / "tui.md"
BEGIN, END = "<!-- keys: begin -->\n", "<!-- keys: end -->"


def table() -> str:
    """Every action: its key, its place, what it does, the command behind it."""
    rows = [
        f"| `{each.label({})}` | {each.place} | `{each.do}` | {each.help} | {f'`{each.command}`' if each.command else ''} |"
        for each in ACTIONS
    ]
    return "\n".join(["| key | place | action | what it does | command |", "|---|---|---|---|---|", *rows]) + "\n"


def written(text: str) -> str:
    """The page with its table of now."""
    before, _, rest = text.partition(BEGIN)
    return before + BEGIN + table() + END + rest.partition(END)[2]


def test_the_page_lists_every_key():
    assert PAGE.read_text("utf-8") == written(PAGE.read_text("utf-8"))


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text("utf-8")), "utf-8")
