from __future__ import annotations

import subprocess
import sys
from graphlib import TopologicalSorter
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from orun_core.plan.graph import (
    CycleError,
    closure,
    dependants,
    remaining_lengths,
    shortest_cycle,
    topological_order,
    transitive_reduction,
)

DIAMOND = {"d": ("b", "c"), "c": ("a",), "b": ("a",), "a": ()}


@st.composite
def graphs(draw: st.DrawFn, *, cyclic: bool) -> dict[str, tuple[str, ...]]:
    names = [f"n{i}" for i in range(draw(st.integers(0, 9)))]
    return {
        name: tuple(draw(st.lists(st.sampled_from(names if cyclic else names[:i]), unique=True))) if i or cyclic else ()
        for i, name in enumerate(names)
    }


def test_the_first_by_name_comes_first() -> None:
    assert topological_order(DIAMOND) == ("a", "b", "c", "d")
    assert topological_order({"a": ("z",), "b": (), "z": ()}) == ("b", "z", "a")


def test_names_outside_the_graph_are_ignored() -> None:
    assert topological_order({"a": ("ghost",)}) == ("a",)
    assert dependants({"a": ("ghost",)}) == {"a": ()}


def test_the_order_of_the_input_does_not_matter() -> None:
    assert len({topological_order(dict(items)) for items in permutations(DIAMOND.items())}) == 1


@given(graphs(cyclic=False))
def test_every_node_comes_after_those_it_waits_for(graph: dict[str, tuple[str, ...]]) -> None:
    order = topological_order(graph)
    assert sorted(order) == sorted(graph)
    assert all(order.index(before) < order.index(node) for node in graph for before in graph[node])


@given(graphs(cyclic=True))
def test_a_cycle_is_found_exactly_when_there_is_one(graph: dict[str, tuple[str, ...]]) -> None:
    cycle = shortest_cycle(graph)
    assert all(after in graph[node] for node, after in zip(cycle, (*cycle[1:], *cycle[:1]), strict=True))
    sorter = TopologicalSorter(graph)
    try:
        sorter.prepare()
        found = False
    except ValueError:
        found = True
    assert bool(cycle) == found


def test_the_shortest_cycle_is_reported_from_its_first_name() -> None:
    graph = {"a": ("b", "d"), "b": ("c",), "c": ("a",), "d": ("a",), "e": ("a",)}
    assert shortest_cycle(graph) == ("a", "d")
    assert shortest_cycle({"a": ("a",)}) == ("a",)
    with pytest.raises(CycleError) as caught:
        topological_order(graph)
    assert (caught.value.cycle, str(caught.value)) == (("a", "d"), "a → d → a")


def test_closure_holds_the_start_and_all_before_it() -> None:
    assert closure(DIAMOND, ["b"]) == {"a", "b"}
    assert closure(DIAMOND, ["d", "ghost"]) == set("abcd")


def test_remaining_lengths_count_the_longest_chain_of_dependants() -> None:
    assert remaining_lengths(DIAMOND) == {"a": 3, "b": 2, "c": 2, "d": 1}


def test_a_reduction_leaves_out_what_follows_from_the_rest() -> None:
    assert transitive_reduction({"c": ("a", "b"), "b": ("a",), "a": ()}) == {"a": (), "b": ("a",), "c": ("b",)}


def test_only_the_reduction_loads_networkx() -> None:
    script = "import sys, orun_core.plan.graph as g; g.topological_order({'a': ()}); print('networkx' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout == "False\n"
