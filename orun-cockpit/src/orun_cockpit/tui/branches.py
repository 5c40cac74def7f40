"""A tree whose nodes have keys: labels change in place, what is open stays open. Glyphs come from the theme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text
from textual.widgets import Tree

from orun_cockpit.cells import Span, Tone, width
from orun_cockpit.tui.actions import OPEN
from orun_cockpit.tui.grid import next_after
from orun_cockpit.tui.skin import text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rich.style import Style
    from textual.widgets.tree import TreeNode

    from orun_cockpit.cells import Line
    from orun_cockpit.style import Theme


@dataclass(frozen=True, slots=True)
class Twig:
    """A node to show. `parent` is the key of a twig before it, empty for the root; `open` is how it starts."""

    key: str
    parent: str
    line: Line
    open: bool = False


class Branches(Tree[str]):
    """Nodes carry their key as data."""

    BINDINGS = [OPEN]

    show_root = False
    guide_depth = 3
    auto_expand = False

    def __init__(self, look: Theme, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__("", data="", id=id)
        self.look = look
        glyphs = look.glyphs
        blank = " " * width(glyphs.trunk)
        self.LINES = dict.fromkeys(
            ("default", "bold", "double"), (f"{blank} ", f"{glyphs.trunk} ", glyphs.last_branch, glyphs.branch)
        )
        self._known: dict[str, TreeNode[str]] = {"": self.root}
        self._twigs: tuple[Twig, ...] = ()

    @property
    def selected(self) -> str:
        """Key of the node under the cursor; empty for none."""
        return (self.cursor_node.data or "") if self.cursor_node else ""

    def grow(self, twigs: Iterable[Twig], *, afresh: bool = False) -> None:
        """Show these nodes; `afresh` forgets what was open."""
        new = tuple(twigs)
        if afresh or not _same_shape(new, self._twigs):
            self._plant(new, {} if afresh else {key: node.is_expanded for key, node in self._known.items()})
        else:
            for twig, before in zip(new, self._twigs, strict=True):
                if twig is not before and twig.line != before.line:
                    self._known[twig.key].set_label(text(twig.line, self.look))
        self._twigs = new

    def select(self, key: str) -> None:
        """Move the cursor to a node, if it is there."""
        if key in self._known:
            self.move_cursor(self._known[key])

    def reveal(self, key: str) -> None:
        """Open what is above a node, then move the cursor to it."""
        above = self._known[key].parent if key in self._known else None
        while above is not None:
            above.expand()
            above = above.parent
        self.call_after_refresh(self.select, key)

    def after(self, wanted: Callable[[str], bool]) -> str:
        """Key of the next node below the cursor, from the end on at the top, that is wanted; empty for none."""
        return next_after(self.selected, [twig.key for twig in self._twigs], wanted)

    def on_tree_node_selected(self, event: Tree.NodeSelected[str]) -> None:
        """Open or close what has something below it."""
        if event.node.allow_expand:
            event.node.toggle()

    def render_label(self, node: TreeNode[str], base_style: Style, style: Style) -> Text:
        """The line; what can be opened says so behind it."""
        label = Text() + node.label if isinstance(node.label, Text) else Text(str(node.label))
        if node.allow_expand:
            sign = self.look.glyphs.opened if node.is_expanded else self.look.glyphs.closed
            label.append_text(text((Span(f" {sign}", Tone.DIM),), self.look))
        label.stylize_before(base_style + style)
        return label

    def _plant(self, twigs: tuple[Twig, ...], opened: dict[str, bool]) -> None:
        before = self.selected
        self.clear()
        self._known = {"": self.root}
        parents = {twig.parent for twig in twigs}
        for twig in twigs:
            self._known[twig.key] = self._known[twig.parent].add(
                text(twig.line, self.look),
                data=twig.key,
                expand=opened.get(twig.key, twig.open),
                allow_expand=twig.key in parents,
            )
        self.root.expand()
        if before in self._known and before:
            self.call_after_refresh(self.select, before)
        elif twigs:
            self.call_after_refresh(self.select, twigs[0].key)


def _same_shape(new: tuple[Twig, ...], old: tuple[Twig, ...]) -> bool:
    """True when there are the same nodes at the same places."""
    return len(new) == len(old) and all(
        a is b or (a.key, a.parent) == (b.key, b.parent) for a, b in zip(new, old, strict=True)
    )
