"""What did not change is neither made nor drawn again: that is what keeps the cockpit of a busy run cheap."""

from __future__ import annotations

import asyncio

import pytest
from cockpit_samples import MANY, NOW
from orun_cockpit.cells import Span
from orun_cockpit.project import Projector, run_view
from orun_cockpit.style import Theme
from orun_cockpit.tui.branches import Branches, Twig
from orun_cockpit.tui.twigs import RunTwigs
from orun_cockpit.tui.words import Words
from orun_cockpit.view import Mark
from textual.app import App


@pytest.mark.parametrize("graph", [False, True])
def test_nodes_of_jobs_that_did_not_change_stay_the_same_objects(graph):
    projector, twigs = Projector(), RunTwigs(Theme(), graph=graph)
    run = projector.view(MANY, NOW)
    before, after = twigs.of(run), twigs.of(projector.view(MANY, NOW))
    changed = {twig.key for twig, old in zip(after, before, strict=True) if twig is not old and twig.line == old.line}

    assert before == after == RunTwigs(Theme(), graph=graph).of(run_view(MANY, NOW))
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


def test_the_same_words_are_not_drawn_again():
    words = Words(Theme(), "words")

    async def scenario(pilot):
        words.show(((Span("one"),), (Span("two"),)))
        shown = words.content
        words.show(((Span("one"),), (Span("two"),)))
        assert words.content is shown
        words.show(((Span("one"),), (Span("three"),)))
        assert str(words.render()) == "one\nthree"

    on_stage(words, scenario)


def test_a_tree_changes_labels_in_place_and_keeps_what_is_open():
    tree = Branches(Theme(), "tree")

    def grown(word, *, more=False):
        extra = [Twig("c", "", (Span("c"),))] if more else []
        return [Twig("a", "", (Span("a"),)), Twig("a1", "a", (Span(word),)), *extra]

    async def scenario(pilot):
        tree.grow(grown("old"))
        tree.root.children[0].expand()
        nodes = list(tree.root.children)
        tree.grow(grown("new"))
        assert list(tree.root.children) == nodes
        assert str(nodes[0].children[0].label) == "new"
        tree.grow(grown("new", more=True))
        assert [node.data for node in tree.root.children] == ["a", "c"]
        assert tree.root.children[0].is_expanded

    on_stage(tree, scenario)
