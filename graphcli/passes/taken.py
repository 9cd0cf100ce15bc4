"""Taken: within loops and branches, products of matrices that are taken into what they are made for.

A sum that goes from turn to turn, such as the gradient of weights in a loop, gets its products where it lies
(``accumulate``), some turns' at a time as one product (``stack``); of a product of which only some columns are used
only these are computed (``narrow``). Same bits, or the same bounds, as where these passes do so outside of loops.
"""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Set
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from ..graph.flow import NEXT
from ..graph.graph import Node, Tensor
from ..record import Record
from .accumulate import small
from .narrow import narrowed
from .stack import stacked

if TYPE_CHECKING:
    from .structured import Structured

ADDING = frozenset({"AddN", "Add", "AddV2"})
"""Ops that may add a product to a sum."""


class Taken(Record, eq=False):
    """A node that makes a product itself.

    columns: those of the product that it takes, from and to; None: it adds it to a sum. stack: of how many turns it
    adds the products as one. shapes: of the operands of the product. inputs: what it takes, the sum first. outputs:
    what it makes. turned: whether the columns are made one after the other, and then laid out row by row.
    """

    node: Node
    product: Node
    columns: tuple[int, int] | None
    stack: int
    shapes: tuple[tuple[int, ...], ...]
    inputs: tuple[Tensor, ...]
    turned: bool = False

    @property
    def nodes(self) -> tuple[Node, ...]:
        return self.product, self.node

    @property
    def outputs(self) -> tuple[Tensor, ...]:
        return (self.node.outputs[0],)

    def met(self, node: Node) -> list[Any]:
        """Stand-ins for the operands: arrays of their shapes and dtypes, without memory."""
        return [np.broadcast_to(np.zeros((), t.dtype.base_dtype.as_numpy_dtype), s)
                for t, s in zip(self.product.inputs, self.shapes)]

    def scratch(self) -> int:
        """Bytes that it holds beside what it makes: the operands of some turns, or a product."""
        size = self.product.outputs[0].dtype.base_dtype.size
        (a, b), attrs = self.shapes, self.product.attrs
        whole = a[1 if attrs["transpose_a"] else 0] * b[0 if attrs["transpose_b"] else 1]
        return size * (self.stack * (prod(a) + prod(b)) if self.stack > 1 else whole)


def takings(found: Structured, exports: Iterable[Tensor], passes: Set[str]) -> dict[Node, Taken]:
    """For nodes that take a product, how. exports: what the region gives."""
    uses = _uses(found)
    counts = Counter({t: len(nodes) for t, nodes in uses.items()})
    counts.update(found.root(t) for t in exports)
    out: dict[Node, Taken] = {}
    if "narrow" in passes:
        # a slice of the same product that nothing needs takes nothing
        slices = narrowed([n for n in found.place if not found.idle(n)], found.root, found.shape, found.value, counts,
                          lambda t: t.op in found.place)
        for node, (whole, columns) in slices.items():
            if _together(found, whole, node):
                out[node] = _taken(found, node, whole, columns, 1, whole.inputs)
    if "accumulate" in passes:
        for merge in (n for n in found.place if found.structure.turns(n) and n.outputs[0] in found.needed):
            product = _summed(found, merge, uses, counts)
            if product is not None:
                node = found.following(merge).op
                stack = stacked([product] * 256, found.shape) if "stack" in passes else 1
                out[node] = _taken(found, node, product, None, stack, (merge.outputs[0], *product.inputs))
    return out


def _taken(found: Structured, node: Node, product: Node, columns: tuple[int, int] | None, stack: int,
           inputs: tuple[Tensor, ...]) -> Taken:
    shapes = tuple(tuple(d or 0 for d in found.shape(t) or ()) for t in product.inputs)
    return Taken(node, product, columns, stack, shapes, tuple(map(found.root, inputs)))


def _uses(found: Structured) -> dict[Tensor, list[Node]]:
    """The nodes that use each value; of a value that comes back the Merge."""
    out: dict[Tensor, list[Node]] = {}
    for node in found.place:
        if found.structure.turns(node) and node.outputs[0] in found.needed or not found.idle(node):
            for tensor in node.inputs:
                # what comes back is what goes on
                given = tensor.op.inputs[0] if tensor.op.type in NEXT else tensor
                out.setdefault(found.root(given), []).append(node)
    return out


def _together(found: Structured, product: Node, node: Node) -> bool:
    """Whether a node may make a product itself: it runs where that would, and nothing changes the operands between."""
    structure = found.structure
    return (structure.frames[product] == structure.frames[node] and structure.live[product] == structure.live[node]
            and not any(found.root(t) in found.loose for t in product.inputs))


def _summed(found: Structured, merge: Node, uses: dict[Tensor, list[Node]], counts: Counter[Tensor]) -> Node | None:
    """The product that each turn adds to a value that comes back, and does nothing else with it; None: it is no sum."""
    structure, state = found.structure, merge.outputs[0]
    frame, total = structure.frames[merge], found.following(merge)
    node = total.op
    if (node.type not in ADDING or len(node.inputs) != 2 or node not in found.place
            or counts[total] != 1 or structure.frames[node] != frame
            or structure.live[node] != {(structure.tests[frame], 1)}):
        return None
    inside = [u for u in uses.get(state, ()) if structure.frames[u][:len(frame)] == frame]
    others = [t for t in map(found.root, node.inputs) if t is not state]
    if inside != [node] or len(others) != 1:
        return None
    product, shape = others[0].op, found.shape(others[0])
    if (product.type != "MatMul" or product not in found.place or counts[others[0]] != 1
            or not _together(found, product, node) or not small(product, found.shape)
            or shape != found.shape(state) or shape != found.shape(total)):
        return None
    return product
