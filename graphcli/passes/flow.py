"""Flow: the parts of a graph that cannot run as a straight line, for some of their values may be dead
or belong to an iteration of a loop (Switch, Merge, Enter, Exit)."""
from __future__ import annotations

from collections.abc import Sequence

from ..graph.flow import ENTER, EXIT, FLOW, MERGE, NEXT, SWITCH
from ..graph.graph import Node, Tensor
from ..record import Record
from .effects import ALIASES

Conditions = frozenset[tuple[Tensor, int]]
NONE: Conditions = frozenset()


class Region(Record, eq=False):
    """Nodes that run together by the rules of dataflow. nodes: so that each comes after its inputs,
    the way back of loops apart. outside: the tensors that it takes from elsewhere."""

    nodes: tuple[Node, ...]
    outside: tuple[Tensor, ...]

    @property
    def loops(self) -> int:
        """How many loops it has, those within loops with them."""
        return len({n.attrs["frame_name"] for n in self.nodes if n.type in ENTER})

    @property
    def conditions(self) -> int:
        """How many values decide what runs in it, those of loops apart."""
        return len({root_of(n.inputs[1]) for n in self.nodes if n.type in SWITCH} - {
            t for n in self.nodes if n.type == "LoopCond" for t in n.outputs})


def regions(nodes: Sequence[Node], before: dict[Node, list[Node]], fed: frozenset[Tensor]) -> list[Region]:
    """The regions of nodes that will run.

    nodes: in an order in which each comes after what it waits for (``before``), the way back of loops
    apart. Nodes that lie between two nodes of a region belong to it.
    """
    if not any(n.type in FLOW for n in nodes):
        return []
    inside, links = _links(nodes, before, fed)
    return _gather(nodes, before, inside, links, fed)


def root_of(tensor: Tensor) -> Tensor:
    """What it hands on as it is."""
    while tensor.op.type in ALIASES:
        tensor = tensor.op.inputs[0]
    return tensor


class Contexts:
    """frames: the loops in which each node runs, the innermost last. conditions: on what a node, or a tensor, is not
    dead. met: for each node its sources among the nodes, with the conditions of what they hand over."""

    def __init__(self, nodes: Sequence[Node], fed: frozenset[Tensor]) -> None:
        self.frames: dict[Node, tuple[str, ...]] = {}
        self.conditions: dict[Tensor | Node, Conditions] = {}
        self.met: dict[Node, list[tuple[Node, Conditions]]] = {}
        self._entered: dict[str, Conditions] = {}
        for node in nodes:
            self._take(node, fed)

    def _take(self, node: Node, fed: frozenset[Tensor]) -> None:
        kind, frames, conditions = node.type, self.frames, self.conditions
        frame: tuple[str, ...] = ()
        sources: list[tuple[Node, Conditions]] = []
        for tensor in node.inputs:
            if tensor not in fed and tensor.op in frames:
                sources.append((tensor.op, conditions.get(tensor, NONE)))
        for other in node.control_inputs:
            if other in frames:
                sources.append((other, conditions.get(other, NONE)))
        for source, _ in sources:
            given = frames[source][:-1] if source.type in EXIT else frames[source]
            frame = max(frame, given, key=len)
        self.met[node] = sources
        if kind in MERGE:
            data = [conditions.get(t, NONE) for t in node.inputs if t.op in frames and t not in fed]
            condition = frozenset.intersection(*data) if data else NONE
        else:
            condition = NONE.union(*(met for _, met in sources)) if sources else NONE
        if kind in ENTER:
            name = node.attrs["frame_name"]
            self._entered[name] = self._entered.get(name, NONE) | condition
            frame = (*frame, name)
        elif kind in EXIT and frame:
            condition = self._entered.get(frame[-1], NONE)
        frames[node] = frame
        conditions[node] = condition
        for i, output in enumerate(node.outputs):
            conditions[output] = condition | {(root_of(node.inputs[1]), i)} if kind in SWITCH else condition


def _links(nodes: Sequence[Node], before: dict[Node, list[Node]], fed: frozenset[Tensor]
           ) -> tuple[set[Node], list[tuple[Node, Node]]]:
    """(nodes of regions, pairs of them that must be in one)."""
    contexts = Contexts(nodes, fed)
    frames = contexts.frames
    inside: set[Node] = set()
    links: list[tuple[Node, Node]] = []
    first_enter: dict[str, Node] = {}
    known = set(nodes)
    for node in nodes:
        kind, frame = node.type, frames[node]
        if kind in ENTER:
            links.append((first_enter.setdefault(frame[-1], node), node))
        if frame or contexts.conditions[node] or kind in FLOW:
            inside.add(node)
            for source, passed in contexts.met[node]:
                if source in inside:
                    within = frames[source][:-1] if source.type in EXIT else frames[source]
                    if within or passed or frame and kind not in ENTER:
                        links.append((source, node))
    for node in nodes:
        if node.type in MERGE:
            links += [(t.op, node) for t in node.inputs if t.op.type in NEXT and t.op in known]
    return inside, links


def _gather(nodes: Sequence[Node], before: dict[Node, list[Node]], inside: set[Node],
            links: list[tuple[Node, Node]], fed: frozenset[Tensor]) -> list[Region]:
    parent: dict[Node, Node] = {n: n for n in nodes}

    def find(node: Node) -> Node:
        while parent[node] is not node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for a, b in links:
        parent[find(a)] = find(b)
    after: dict[Node, set[Node]] = {}
    for node in nodes:
        for other in before[node]:
            a, b = find(other), find(node)
            if a is not b:
                after.setdefault(a, set()).add(b)
    for component in _components([n for n in nodes if find(n) is n], after):
        for node in component[1:]:
            parent[find(node)] = find(component[0])
    groups: dict[Node, list[Node]] = {}
    flowing = {find(n) for n in inside}
    for node in nodes:
        if find(node) in flowing:
            groups.setdefault(find(node), []).append(node)
    out = []
    for members in groups.values():
        here = set(members)
        outside = dict.fromkeys(t for n in members for t in n.inputs if t in fed or t.op not in here)
        out.append(Region(tuple(members), tuple(outside)))
    return out


def _components(nodes: Sequence[Node], after: dict[Node, set[Node]]) -> list[list[Node]]:
    """Strongly connected components of more than one node (Tarjan, without recursion)."""
    number: dict[Node, int] = {}
    low: dict[Node, int] = {}
    on_stack: set[Node] = set()
    stack: list[Node] = []
    out: list[list[Node]] = []
    for start in nodes:
        if start in number:
            continue
        work = [(start, iter(after.get(start, ())))]
        number[start] = low[start] = len(number)
        stack.append(start)
        on_stack.add(start)
        while work:
            node, rest = work[-1]
            for other in rest:
                if other not in number:
                    number[other] = low[other] = len(number)
                    stack.append(other)
                    on_stack.add(other)
                    work.append((other, iter(after.get(other, ()))))
                    break
                if other in on_stack:
                    low[node] = min(low[node], number[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == number[node]:
                    component = []
                    while True:
                        other = stack.pop()
                        on_stack.discard(other)
                        component.append(other)
                        if other is node:
                            break
                    if len(component) > 1:
                        out.append(component)
    return out
