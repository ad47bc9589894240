"""Which cells are not shown, so that nobody can be made out in them, nor worked out from what is shown.

The published tables are: unit by month with all margins; municipality with the total; kind of case with the total. A cell
of fewer than ``LEAST`` is hidden. So are as many others as it takes that no hidden cell follows from the sums:

- of every sum that is shown, the hidden parts together hold at least ``LEAST``;
- seen as a graph (each sum a node, each cell an edge between its two sums), a hidden cell follows from the others exactly
  where it is a bridge among hidden edges. A bridge is put on a cycle by hiding the cells on the cheapest way round.
"""

import heapq
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from silta.evaluation.enums import Hidden

LEAST = 5
_TOTAL, _FREE = "total", "free"
Node = tuple[str, Hashable]


class Bucket(NamedTuple):
    """Of what a figure tells: None stands for all. ``month`` is its first day, in ISO."""

    unit: str | None = None
    municipality: str | None = None
    kind: str | None = None
    month: str | None = None


@dataclass(frozen=True, slots=True)
class _Edge:
    bucket: Bucket
    one: Node
    other: Node

    def across(self, node: Node) -> Node:
        return self.other if node == self.one else self.one


_Graph = dict[Node, list[_Edge]]


def hidden_cells(counts: Mapping[Bucket, int]) -> dict[Bucket, Hidden]:
    """The cells that are not shown, and why; ``counts`` are all published cells with the number of people in each.

    Cells of nought are shown: nobody is in them.
    """
    held = {bucket: n for bucket, n in counts.items() if n > 0}
    hidden = {bucket: Hidden.SMALL for bucket, n in held.items() if n < LEAST}
    graphs = [_graph(edges) for edges in _tables(held) if edges]
    before = -1
    while hidden and len(hidden) != before:
        before = len(hidden)
        for graph in graphs:
            for bucket in _too_small_together(graph, held, hidden):
                hidden.setdefault(bucket, Hidden.PROTECTING)
            for bridge in list(_bridges(graph, hidden)):
                for bucket in _way_round(graph, held, hidden, bridge):
                    hidden.setdefault(bucket, Hidden.PROTECTING)
    return hidden


def _tables(held: Iterable[Bucket]) -> tuple[list[_Edge], list[_Edge], list[_Edge]]:
    by_unit, by_municipality, by_kind = [], [], []
    line: tuple[Node, Node] = (("line", _TOTAL), (_FREE, _TOTAL))
    for bucket in held:
        if bucket.municipality is None and bucket.kind is None:
            by_unit.append(_Edge(bucket, ("unit", bucket.unit or _TOTAL), ("month", bucket.month or _TOTAL)))
        if bucket.unit is None and bucket.month is None:
            if bucket.kind is None:
                by_municipality.append(_Edge(bucket, *line))
            if bucket.municipality is None:
                by_kind.append(_Edge(bucket, *line))
    return by_unit, by_municipality, by_kind


def _graph(edges: Iterable[_Edge]) -> _Graph:
    graph: _Graph = defaultdict(list)
    for edge in edges:
        graph[edge.one].append(edge)
        graph[edge.other].append(edge)
    return graph


def _too_small_together(
    graph: _Graph, held: Mapping[Bucket, int], hidden: Mapping[Bucket, Hidden]
) -> Iterator[Bucket]:
    """Further cells to hide where the hidden parts of a sum that is shown hold too few."""
    for node, edges in graph.items():
        if node[0] == _FREE:
            continue
        margin = max((edge.bucket for edge in edges), key=_width)
        parts = [edge.bucket for edge in edges if edge.bucket != margin]
        lost = sum(held[bucket] for bucket in parts if bucket in hidden)
        if margin in hidden or lost == 0:
            continue
        for bucket in sorted(
            (one for one in parts if one not in hidden), key=lambda one: (held[one], _sortable(one))
        ):
            if lost >= LEAST:
                break
            lost += held[bucket]
            yield bucket
        if lost < LEAST:
            yield margin


def _width(bucket: Bucket) -> int:
    """Of how much a bucket tells: of the cells of a sum, the sum itself is the widest."""
    return sum(part is None for part in bucket)


def _sortable(bucket: Bucket) -> tuple[str, ...]:
    return tuple(part or "" for part in bucket)


def _bridges(graph: _Graph, hidden: Mapping[Bucket, Hidden]) -> Iterator[_Edge]:
    """The hidden edges that lie on no cycle of hidden edges, by depth-first search without recursion."""
    found: dict[Node, int] = {}
    low: dict[Node, int] = {}
    for root in graph:
        if root in found:
            continue
        found[root] = low[root] = len(found)
        stack: list[tuple[Node, _Edge | None, Iterator[_Edge]]] = [(root, None, iter(graph[root]))]
        while stack:
            node, came_by, edges = stack[-1]
            edge = next((one for one in edges if one.bucket in hidden and one is not came_by), None)
            if edge is not None:
                further = edge.across(node)
                if further in found:
                    low[node] = min(low[node], found[further])
                else:
                    found[further] = low[further] = len(found)
                    stack.append((further, edge, iter(graph[further])))
                continue
            stack.pop()
            if came_by is not None:
                parent = came_by.across(node)
                low[parent] = min(low[parent], low[node])
                if low[node] > found[parent]:
                    yield came_by


def _way_round(
    graph: _Graph, held: Mapping[Bucket, int], hidden: Mapping[Bucket, Hidden], bridge: _Edge
) -> list[Bucket]:
    """The cells on the cheapest way between the two sums of a bridge that does not use it; hidden ones cost nothing."""
    best: dict[Node, int] = {bridge.one: 0}
    came: dict[Node, _Edge] = {}
    waiting: list[tuple[int, int, Node]] = [(0, 0, bridge.one)]
    pushed = 0
    while waiting:
        cost, _order, node = heapq.heappop(waiting)
        if node == bridge.other:
            break
        if cost > best[node]:
            continue
        for edge in graph[node]:
            if edge is bridge:
                continue
            further = edge.across(node)
            reached = cost + (0 if edge.bucket in hidden else held[edge.bucket])
            if reached < best.get(further, reached + 1):
                best[further], came[further] = reached, edge
                pushed += 1
                heapq.heappush(waiting, (reached, pushed, further))
    if bridge.other not in came:
        return []  # No sum holds the cell: nothing tells it.
    way, node = [], bridge.other
    while node != bridge.one:
        way.append(came[node].bucket)
        node = came[node].across(node)
    return way
