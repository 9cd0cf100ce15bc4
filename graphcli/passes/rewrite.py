"""Rewrite: the picture of one run that the passes work on. The graph itself is never changed.

A pass says that a tensor stands for another (``replace``) or that its value is known (``fix``); what
nothing needs any more is then left out. Nodes in ``held`` are not touched: those of regions of
control flow, and those that read or write a variable which this run writes.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from typing import Any

from ..graph.graph import Node, Tensor
from ..graph.shapes import Static
from ..record import Record
from .behind import Behind
from .facts import Facts


class Note(Record):
    """What a pass did with a node: ``into`` is the node that stands for it, None for a constant."""

    by: str
    node: Node
    into: Node | None = None
    why: str = ""

    def __str__(self) -> str:
        what = f"{self.node.name} ({self.node.type})"
        if self.by == "skip":
            return f"{self.by}: {what} does not run, {self.why}"
        if self.into is not None:
            return f"{self.by}: {what} is {self.into.name}{f', {self.why}' if self.why else ''}"
        return f"{self.by}: {what} is a constant{f', {self.why}' if self.why else ''}"


class Rewrite:
    """nodes: what runs, each after its inputs. facts: shapes and values that are known. live: tensors that are a
    variable's memory; none of them stands for another."""

    def __init__(self, nodes: Sequence[Node], fed: Set[Tensor], facts: Facts, held: Set[Node],
                 live: Set[Tensor]) -> None:
        self.nodes = list(nodes)
        self.fed = fed
        self.facts = facts
        self.held = held
        self.live = live
        self.flowing: Set[Node] = frozenset()
        self.behind = Behind()
        self.stands: dict[Tensor, Tensor] = {}
        self.values: dict[Tensor, Any] = {}
        self.instead: dict[Node, Node | None] = {}
        self.notes: list[Note] = []
        self.skip: Set[Node] = frozenset()
        self.left_out: set[Node] = set()
        self.nearest: dict[Node, tuple[Node, ...]] = {}
        self.carried: dict[Node, tuple[Node, ...]] = {}
        """What a node that is left out came after by what it took and is not computed for it any more: by the control
        inputs of constants (under ``control_dependencies`` it is the 2 of ``x * 2`` that waits) and of what became
        one, and by a value that follows from a variable's after a write, and of which it took the shape."""

    def of(self, tensor: Tensor) -> Tensor:
        """What stands for a tensor."""
        while tensor in self.stands:
            tensor = self.stands[tensor]
        return tensor

    def shape(self, tensor: Tensor) -> Static:
        """The shape in this run; None where rank or a size is not known."""
        return self.facts.shape(tensor)

    def value(self, tensor: Tensor) -> Any:
        """The value if it is known before the run, else None."""
        return self.facts.value(tensor)

    def free(self) -> Iterator[Node]:
        """The nodes that a pass may replace."""
        for node in self.nodes:
            if node not in self.held and node not in self.instead and not any(t in self.fed for t in node.outputs):
                yield node

    def fix(self, by: str, node: Node, values: Sequence[Any]) -> None:
        """Makes the outputs of a node constants."""
        self.values.update(zip(node.outputs, values))
        self.instead[node] = None
        self.notes.append(Note(by, node))

    def replace(self, by: str, node: Node, tensors: Sequence[Tensor], why: str = "") -> None:
        """Makes other tensors stand for the outputs of a node."""
        self.stands.update((a, self.of(b)) for a, b in zip(node.outputs, tensors))
        other = self.of(tensors[0])
        self.instead[node] = None if other in self.fed or other in self.values else other.op
        self.notes.append(Note(by, node, other.op, why))

    def runs(self, node: Node) -> Node | None:
        """The node that runs in place of one, None where none does."""
        at: Node | None = node
        while at in self.instead:
            at = self.instead[at]
        return at

    def known_late(self, node: Node) -> bool:
        """Whether a node is a constant, or became one, and waits for others."""
        return bool(node.control_inputs) and (node.type == "Const" or node in self.instead)

    def carry(self) -> None:
        """Fills ``carried``, when all passes are done."""
        behind = self.behind
        if not behind.writers and not any(map(self.known_late, self.nodes)):
            return
        for node in self.nodes:
            if node not in self.instead:
                continue
            out = dict.fromkeys(node.control_inputs if self.instead[node] is None else ())
            for tensor in node.inputs:
                if tensor not in self.fed:
                    out.update(dict.fromkeys(self.carried.get(tensor.op, ())))
                    if tensor.op.type == "Const":
                        out.update(dict.fromkeys(tensor.op.control_inputs))
            other = self.instead[node]
            out.update(dict.fromkeys(() if other is None else self.carried.get(other, ())))
            if behind.writers:
                out.update(dict.fromkeys(self._written_before(node)))
            if out:
                self.carried[node] = tuple(out)

    def _written_before(self, node: Node) -> list[Node]:
        """The nearest writers that a node that is left out came after by what is not computed for it."""
        other = self.runs(node)
        kept = {other, *(() if other is None else (self.of(t).op for t in other.inputs))}
        ahead = [self.of(t).op for t in node.inputs if t not in self.fed and self.of(t) not in self.fed]
        return [w for n in ahead if n not in kept for w in self.behind.written_before(n)]

    def waits(self, node: Node) -> tuple[Node, ...]:
        """The nodes that must have run where one is waited for: itself, or what comes before one that is left out."""
        found = self.runs(node)
        more = self.carried_by(node) if self.carried else ()
        if found is None:
            return more
        if found not in self.left_out:
            return (found, *more)
        known = self.nearest.get(found)
        if known is None:
            out: dict[Node, None] = {}
            for tensor in found.inputs:
                at = self.of(tensor)
                if at not in self.fed and at not in self.values:
                    out.update(dict.fromkeys(self.waits(at.op)))
                out.update(dict.fromkeys(self.carried_by(tensor.op)))
            for other in found.control_inputs:
                out.update(dict.fromkeys(self.waits(other)))
            known = self.nearest[found] = tuple(out)
        return (*known, *more)

    def carried_by(self, node: Node) -> tuple[Node, ...]:
        """The nodes that must have run by what a node that is left out carries."""
        return tuple(dict.fromkeys(w for c in self.carried.get(node, ()) for w in self.waits(c)))

    def needed(self, targets: Iterable[Tensor | Node], groups: Iterable[Sequence[Node]]) -> list[Node]:
        """The nodes that still run for ``targets``; of a group all or none do.

        A node of ``skip`` that others only wait for does not run; they wait for what it would have waited for.
        """
        group_of = {n: g for g in groups for n in g}
        inside = set(self.nodes)
        self.carry()
        met: set[Node] = set()
        ordering: set[Node] = set()
        sought: set[Node] = set()
        todo: list[tuple[Node, bool]] = []

        def want(asked: Node, value: bool) -> None:
            ahead = [(asked, value)]
            while ahead:
                asked, value = ahead.pop()
                ahead += [(other, False) for other in self.carried.get(asked, ())]
                if asked in self.instead:
                    ahead += [(other, False) for other in self.behind.acting_before(asked, sought)]
                node = self.runs(asked)
                if node is None or node in met or node not in inside:
                    continue
                if value or node not in self.skip:
                    found = group_of.get(node, (node,))
                    met.update(found)
                    todo.extend((n, True) for n in found)
                elif node not in ordering:
                    ordering.add(node)
                    todo.append((node, False))

        def tensor(t: Tensor, value: bool) -> None:
            if t not in self.fed:
                for other in self.carried.get(t.op, ()):
                    want(other, False)
                if t.op in self.instead:
                    for other in self.behind.acting_before(t.op, sought):
                        want(other, False)
            t = self.of(t)
            if t not in self.fed and t not in self.values:
                want(t.op, value)

        for target in targets:
            if isinstance(target, Tensor):
                tensor(target, True)
            else:
                want(target, True)
        while todo:
            node, value = todo.pop()
            for t in node.inputs:
                tensor(t, value)
            for other in node.control_inputs:
                want(other, False)
        self.left_out = ordering - met
        for node in self.nodes:
            if node in self.left_out:
                self.notes.append(Note("skip", node, None, "nothing uses its value"))
        return [n for n in self.nodes if n in met]
