"""A tree whose nodes have keys: labels change in place, what is open stays open. Glyphs come from the theme."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orun_core.spec.frozen import frozen
from rich.text import Text
from textual.widgets import Tree

from orun_cockpit.cells import Span, Tone, width
from orun_cockpit.tui.actions import OPEN
from orun_cockpit.tui.keyed_table import next_after
from orun_cockpit.tui.textual_theme import text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rich.style import Style
    from textual.widgets.tree import TreeNode

    from orun_cockpit.cells import Line
    from orun_cockpit.style import Theme


@frozen
class Node:
    """A node to show. `parent` is the key of a node before it, empty for the root; `open` is how it starts."""

    key: str
    parent: str
    line: Line
    open: bool = False


class KeyedTree(Tree[str]):
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
        self._shown: tuple[Node, ...] = ()

    @property
    def selected(self) -> str:
        """Key of the node under the cursor; empty for none."""
        return (self.cursor_node.data or "") if self.cursor_node else ""

    def show(self, nodes: Iterable[Node], *, afresh: bool = False) -> None:
        """Show these nodes; `afresh` forgets what was open."""
        new = tuple(nodes)
        if afresh or not _same_shape(new, self._shown):
            self._rebuild(new, {} if afresh else {key: node.is_expanded for key, node in self._known.items()})
        else:
            for node, before in zip(new, self._shown, strict=True):
                if node is not before and node.line != before.line:
                    self._known[node.key].set_label(text(node.line, self.look))
        self._shown = new

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
        return next_after(self.selected, [node.key for node in self._shown], wanted)

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

    def _rebuild(self, nodes: tuple[Node, ...], opened: dict[str, bool]) -> None:
        before = self.selected
        self.clear()
        self._known = {"": self.root}
        parents = {node.parent for node in nodes}
        for node in nodes:
            self._known[node.key] = self._known[node.parent].add(
                text(node.line, self.look),
                data=node.key,
                expand=opened.get(node.key, node.open),
                allow_expand=node.key in parents,
            )
        self.root.expand()
        if before in self._known and before:
            self.call_after_refresh(self.select, before)
        elif nodes:
            self.call_after_refresh(self.select, nodes[0].key)


def _same_shape(new: tuple[Node, ...], old: tuple[Node, ...]) -> bool:
    """True when there are the same nodes at the same places."""
    return len(new) == len(old) and all(
        a is b or (a.key, a.parent) == (b.key, b.parent) for a, b in zip(new, old, strict=True)
    )
