"""Questions about a directed graph of names: order, cycles, distances.

A graph is a map from each node to the nodes that come before it: `{"deploy": ("build",), "build": ()}`. Names that are
no key of the map are ignored. Every answer depends on the names alone, never on the order in which they came.
"""

from __future__ import annotations

from collections import deque
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    Graph: TypeAlias = Mapping[str, Collection[str]]


class CycleError(ValueError):
    """The graph has a cycle; `cycle` is the shortest one, each node followed by one that it waits for."""

    def __init__(self, cycle: tuple[str, ...]) -> None:
        self.cycle = cycle
        super().__init__(" → ".join((*cycle, cycle[0])))


def topological_order(graph: Graph) -> tuple[str, ...]:
    """All nodes, each after those it waits for; of those that may come next, the first by name. Raises `CycleError`."""
    after = dependants(graph)
    waits = {node: len(_known(graph, node)) for node in graph}
    ready = [node for node, count in waits.items() if count == 0]
    heapify(ready)
    order = []
    while ready:
        node = heappop(ready)
        order.append(node)
        for follower in after[node]:
            waits[follower] -= 1
            if waits[follower] == 0:
                heappush(ready, follower)
    if len(order) < len(waits):
        raise CycleError(shortest_cycle(graph))
    return tuple(order)


def dependants(graph: Graph) -> dict[str, tuple[str, ...]]:
    """The same graph, turned round: each node to those that wait for it, sorted."""
    after: dict[str, list[str]] = {node: [] for node in sorted(graph)}
    for node in after:
        for before in _known(graph, node):
            after[before].append(node)
    return {node: tuple(followers) for node, followers in after.items()}


def shortest_cycle(graph: Graph) -> tuple[str, ...]:
    """The shortest cycle, each node followed by one that it waits for, the first by name in front; empty for none."""
    best: tuple[str, ...] = ()
    for start in sorted(_cyclic(graph)):
        found = _way_back(graph, start, len(best))
        if found and (not best or len(found) < len(best)):
            best = found
    return best


def _cyclic(graph: Graph) -> set[str]:
    """Nodes that may lie on a cycle: what remains when nodes that nothing or nobody waits for are taken away."""
    rest = set(graph)
    for direction in (graph, dependants(graph)):
        inner = {node: set(direction[node]) & rest for node in rest}
        back: dict[str, list[str]] = {node: [] for node in rest}
        for node, others in inner.items():
            for other in others:
                back[other].append(node)
        free = [node for node, others in inner.items() if not others]
        while free:
            node = free.pop()
            rest.discard(node)
            for other in back[node]:
                inner[other].discard(node)
                if not inner[other]:
                    free.append(other)
    return rest


def _way_back(graph: Graph, start: str, limit: int) -> tuple[str, ...]:
    """The shortest path from `start` to itself, shorter than `limit` nodes unless that is 0; empty for none."""
    came_from: dict[str, str] = {}
    queue = deque([(start, 1)])
    while queue:
        node, length = queue.popleft()
        if limit and length >= limit:
            return ()
        for before in sorted(_known(graph, node)):
            if before == start:
                path = [node]
                while path[-1] != start:
                    path.append(came_from[path[-1]])
                return tuple(reversed(path))
            if before not in came_from:
                came_from[before] = node
                queue.append((before, length + 1))
    return ()


def closure(graph: Graph, start: Iterable[str]) -> frozenset[str]:
    """`start` and everything that it waits for, directly or not."""
    found = {node for node in start if node in graph}
    queue = list(found)
    while queue:
        for before in _known(graph, queue.pop()):
            if before not in found:
                found.add(before)
                queue.append(before)
    return frozenset(found)


def remaining_lengths(graph: Graph) -> dict[str, int]:
    """For each node, how many nodes the longest chain has that begins with it and goes on through its dependants."""
    lengths: dict[str, int] = {}
    after = dependants(graph)
    for node in reversed(topological_order(graph)):
        lengths[node] = 1 + max((lengths[follower] for follower in after[node]), default=0)
    return lengths


def transitive_reduction(graph: Graph) -> dict[str, tuple[str, ...]]:
    """The same order with the fewest edges: what a drawing of the graph needs. Raises `CycleError`."""
    import networkx as nx

    order = topological_order(graph)
    drawn = nx.DiGraph({node: sorted(_known(graph, node)) for node in order})
    reduced: Any = nx.transitive_reduction(drawn)  # type: ignore[no-untyped-call]
    return {node: tuple(sorted(reduced[node])) for node in order}


def _known(graph: Graph, node: str) -> set[str]:
    return {before for before in graph[node] if before in graph}
