"""What did not change is neither made nor drawn again: that is what keeps the cockpit of a busy run cheap."""

from __future__ import annotations

import asyncio

import pytest
from cockpit_samples import MANY, NOW
from orun_cockpit.cells import Span
from orun_cockpit.project import Projector, run_view
from orun_cockpit.style import Theme
from orun_cockpit.tui.frame_text import FrameText
from orun_cockpit.tui.keyed_tree import KeyedTree, Node
from orun_cockpit.tui.nodes import RunNodes
from orun_cockpit.view import Mark
from textual.app import App


@pytest.mark.parametrize("graph", [False, True])
def test_nodes_of_jobs_that_did_not_change_stay_the_same_objects(graph):
    projector, nodes = Projector(), RunNodes(Theme(), graph=graph)
    run = projector.view(MANY, NOW)
    before, after = nodes.of(run), nodes.of(projector.view(MANY, NOW))
    changed = {node.key for node, old in zip(after, before, strict=True) if node is not old and node.line == old.line}

    assert before == after == RunNodes(Theme(), graph=graph).of(run_view(MANY, NOW))
    running = {job.id for job in run.jobs if job.mark is Mark.RUNNING}
    assert {key.partition("\t")[0] for key in changed if not key.startswith("\n")} == running


class Stage(App[None]):
    """An app around one widget."""

    def __init__(self, widget):
        super().__init__()
        self.widget = widget

    def compose(self):
        yield self.widget


def on_stage(widget, scenario):
    async def play():
        async with Stage(widget).run_test() as pilot:
            await scenario(pilot)

    asyncio.run(play())


def test_the_same_text_is_not_drawn_again():
    text = FrameText(Theme(), "text")

    async def scenario(pilot):
        text.show(((Span("one"),), (Span("two"),)))
        shown = text.content
        text.show(((Span("one"),), (Span("two"),)))
        assert text.content is shown
        text.show(((Span("one"),), (Span("three"),)))
        assert str(text.render()) == "one\nthree"

    on_stage(text, scenario)


def test_a_tree_changes_labels_in_place_and_keeps_what_is_open():
    tree = KeyedTree(Theme(), "tree")

    def grown(word, *, more=False):
        extra = [Node("c", "", (Span("c"),))] if more else []
        return [Node("a", "", (Span("a"),)), Node("a1", "a", (Span(word),)), *extra]

    async def scenario(pilot):
        tree.show(grown("old"))
        tree.root.children[0].expand()
        nodes = list(tree.root.children)
        tree.show(grown("new"))
        assert list(tree.root.children) == nodes
        assert str(nodes[0].children[0].label) == "new"
        tree.show(grown("new", more=True))
        assert [node.data for node in tree.root.children] == ["a", "c"]
        assert tree.root.children[0].is_expanded

    on_stage(tree, scenario)
