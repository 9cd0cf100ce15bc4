"""Contract: products of matrices take operands as they lie that were turned for them, and put their result where it is
turned to.

What ``transpose`` and ``reshape`` lay out for products alone, or of a product alone, is then never made: the product
is a sum of products over the axes as they are (``ops/_contraction.py``). So are most of ``tf.tensordot``, the heads of
attention that are put together again, and operands that are conjugated. It is done where that takes no longer: not
where parts would be laid out again and again, nor where one copy serves several products. Sums may be cut otherwise:
both ways are within n units of ``2**-24`` (float64: ``2**-53``) of the sum of the n terms' absolute values from the
exact sum. An operand of which no view is a matrix is laid out a block at a time, once, where that is as quick.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from math import prod
from string import ascii_letters
from typing import TYPE_CHECKING, Any

import numpy as np

from ..graph.graph import Node, Tensor
from ..graph.shapes import Static
from ..record import Record
from .effects import ALIASES
from .labels import Axes, Labels

if TYPE_CHECKING:
    from ..ops._contraction import Contraction

PRODUCTS = {"MatMul": ("transpose_a", "transpose_b"), "BatchMatMul": ("adj_x", "adj_y"),
            "BatchMatMulV2": ("adj_x", "adj_y")}
FORMS = frozenset({"Reshape", "Squeeze", "ExpandDims"})
TURNS = frozenset({"Transpose", "ConjugateTranspose"})
CONJUGATES = frozenset({"Conj", "ConjugateTranspose"})
KINDS = frozenset({"float16", "bfloat16", "float32", "float64", "complex64", "complex128"})
LEAST = 1 << 18
"""Bytes that are laid out for a product, from which that is left out."""
LARGE = 1 << 20
"""The same where blocks of operands are laid out anyway, for their numbers are conjugated or in half precision."""
MANY = 10
"""Labels beyond which a product is left as it is."""


class Contracted(Record, eq=False):
    """A product as its operands and its result lie.

    operands: what it takes. last: whose output it makes. gone: nodes that then nobody needs. shapes: of operands and
    result, an axis for each label. shape: of the output. how: as the numbers are multiplied.
    """

    product: Node
    operands: tuple[Tensor, Tensor]
    last: Node
    gone: tuple[Node, ...]
    shapes: tuple[Sequence[int], ...]
    shape: tuple[int, ...]
    how: Contraction


class _Way:
    """From a tensor through nodes that only turn it. ends: the tensor at the other end, and its axes. laid: what each
    makes, from what is there on, and whether that is laid out anew. conjugate: whether it is conjugated on the way."""

    def __init__(self, end: Tensor, axes: Axes) -> None:
        self.end = end
        self.axes = axes
        self.laid: list[tuple[Tensor, bool]] = []
        self.conjugate = False


class Contractions:
    """Finds them. The arguments are those of ``narrowed``; taken: products that are others' already. together: whether
    nodes may run as one, where the last of them stands."""

    def __init__(self, nodes: Sequence[Node], root: Callable[[Tensor], Tensor], shape: Callable[[Tensor], Static],
                 value: Callable[[Tensor], Any], uses: Mapping[Tensor, int], free: Callable[[Tensor], bool],
                 taken: Set[Node], together: Callable[[Sequence[Node]], bool]) -> None:
        self.root, self.shape, self.value, self.uses, self.free = root, shape, value, uses, free
        self.together = together
        self.products: list[Node] = []
        self.users: dict[Tensor, list[Node]] = {}
        if any(n.type in TURNS or n.type == "Conj" for n in nodes):
            self.products = [n for n in nodes if n.type in PRODUCTS and n not in taken and free(n.outputs[0])
                             and n.outputs[0].dtype.base_dtype.name in KINDS]
            for node in nodes if self.products else ():
                if node.type not in ALIASES:
                    for tensor in node.inputs:
                        self.users.setdefault(root(tensor), []).append(node)

    def found(self) -> dict[Node, Contracted]:
        """By the node whose output they make."""
        ends: set[Tensor] = set()
        while True:
            made = [c for p in self.products for c in [self._of(p, ends)] if c is not None]
            gone = self._gone([c for c, _ in made])
            # what is laid out anyway, for others too or as a result, is taken as it is
            more = {t for _, ways in made for way in ways for t, laid in way.laid if laid and t.op not in gone}
            more.update(c.last.outputs[0] for c, _ in made)
            if more <= ends:
                return {c.last: c.replace(gone=tuple(n for n in c.gone if n in gone)) for c, _ in made}
            ends |= more

    def _gone(self, made: Sequence[Contracted]) -> set[Node]:
        """The nodes whose outputs nobody takes any more."""
        gone = {n for c in made for n in c.gone}
        while True:
            left = {n.outputs[0]: self.uses.get(n.outputs[0], 0) for n in gone}
            for node in {*gone, *(c.product for c in made), *(c.last for c in made)}:
                for tensor in node.inputs:
                    if self.root(tensor) in left:
                        left[self.root(tensor)] -= 1
            kept = {t.op for t, count in left.items() if count}
            if not kept:
                return gone
            gone -= kept

    def _of(self, product: Node, ends: Set[Tensor]) -> tuple[Contracted, Sequence[_Way]] | None:
        """A product as it lies; None where nothing is laid out for it. ends: where an operand is taken as it is."""
        sizes = [self._sizes(t) for t in (*product.inputs, product.outputs[0])]
        x, y, out = (s or () for s in sizes)
        if not (x and y and out):
            return None
        labels = Labels()
        *lead, rows, columns = [labels.new(n) for n in out]
        turns = [bool(product.attrs[key]) for key in PRODUCTS[product.type]]
        inner = labels.new(x[-2] if turns[0] else x[-1])
        if not inner:
            return None
        ways, saved, copied = [], 0, 0.0
        for tensor, shape, pair, turn in zip(product.inputs, (x, y), ((rows, inner), (inner, columns)), turns):
            ahead = [a if n > 1 else () for a, n in zip(lead[len(out) - len(shape):], shape)]
            axes: Axes = (*ahead, *(pair[::-1] if turn else pair))
            way = self._back(self.root(tensor), axes, labels, ends)
            ways.append(way)
            in_rows = product.type == "MatMul" or labels.term((axes[-1],))[-1:] in ([], labels.term(way.axes)[-1:])
            if not in_rows or any(laid for _, laid in way.laid):
                saved += prod(shape)
                copied += prod(shape) / (self.uses[self.root(tensor)] if in_rows else 1)
        last = self._on(product, (*lead, rows, columns), labels)
        if last.laid:
            saved, copied = saved + prod(out), copied + prod(out)
        dtype = product.outputs[0].dtype.base_dtype
        gone = [*(t.op for way in ways for t, _ in way.laid),
                *([product, *(t.op for t, _ in last.laid[:-1])] if last.laid else [])]
        node = last.end.op
        if saved * dtype.size < LEAST or not self.together([*gone, node]):
            return None
        terms = [labels.term(way.axes) for way in (*ways, last)]
        letters = dict(zip(dict.fromkeys(x for t in terms for x in t), ascii_letters[:MANY]))
        if not all(x in letters for t in terms for x in t):
            return None
        from ..ops._contraction import COPIED, contraction, multiplied

        half = dtype.size == 2
        kind = np.dtype(np.float32 if half else dtype.as_numpy_dtype)
        conjugate = [kind.kind == "c" and way.conjugate != (turn and product.type != "MatMul")
                     for way, turn in zip(ways, turns)]
        shapes = tuple([labels.sizes[x] for x in t] for t in terms)
        how, _ = contraction(["".join(letters[x] for x in t) for t in terms], shapes,
                             [*(half or c for c in conjugate), half], conjugate, kind, [dtype.size] * 3)
        if half or any(conjugate):
            # one large matrix is packed again for each of its blocks: up to 1.3 times the time, and no copy
            worth = saved * dtype.size >= LARGE
        else:
            quick = not any(how.laid) or saved * dtype.size >= LARGE and how.laid_quickly
            worth = quick and how.cost <= multiplied(how.work, out[-2], out[-1]) + COPIED * copied
        if not worth:
            return None
        final = self._sizes(last.end) or ()
        return Contracted(product, (ways[0].end, ways[1].end), node, tuple(gone), shapes, final, how), ways

    def _sizes(self, tensor: Tensor) -> tuple[int, ...] | None:
        """The sizes of a tensor; None where they are not known, or one is 0."""
        shape = self.shape(tensor)
        return None if shape is None or not all(shape) else tuple(d or 0 for d in shape)

    def _back(self, tensor: Tensor, axes: Axes, labels: Labels, ends: Set[Tensor]) -> _Way:
        """From an operand back to what is there."""
        way = _Way(tensor, axes)
        passed: list[tuple[Tensor, Axes]] = []
        while way.end not in ends and self.free(way.end) and not way.end.op.control_inputs:
            node = way.end.op
            found = self._before(node, way.axes, labels)
            if found is None:
                break
            passed.append((way.end, way.axes))
            way.conjugate ^= node.type in CONJUGATES
            way.end, way.axes = self.root(node.inputs[0]), found
        term, laid = labels.term(way.axes), False
        for there, its in passed[::-1]:
            laid = laid or there.op.type in CONJUGATES or not labels.in_one(its, term)
            way.laid.append((there, laid))
        return way

    def _before(self, node: Node, axes: Axes, labels: Labels) -> Axes | None:
        """The axes of what a node turns; None where it does something else, or that is not known."""
        if node.type == "Conj":
            return axes
        sizes = self._sizes(node.inputs[0]) if node.inputs else None
        if sizes is None:
            return None
        if node.type in FORMS:
            return labels.formed(axes, sizes)
        order = self.value(node.inputs[1]) if node.type in TURNS else None
        return None if order is None else tuple(axes[i] for i in np.argsort(order))

    def _on(self, product: Node, axes: Axes, labels: Labels) -> _Way:
        """From a result on to where it is laid out last, if only such nodes take it."""
        way = _Way(product.outputs[0], axes)
        passed: list[tuple[Tensor, Axes]] = []
        at, its = product.outputs[0], axes
        while self.uses.get(at) == 1 and len(self.users.get(at, ())) == 1:
            node = self.users[at][0]
            sizes = self._sizes(node.outputs[0]) if node.outputs else None
            if sizes is None or node.control_inputs or not self.free(node.outputs[0]) or (
                    self.root(node.inputs[0]) is not at):
                break
            found: Axes | None = None
            if node.type in FORMS:
                found = labels.formed(its, sizes)
            elif node.type == "Transpose":
                order = self.value(node.inputs[1])
                found = None if order is None else tuple(its[i] for i in order)
            if found is None:
                break
            at, its = node.outputs[0], found
            passed.append((at, its))
        term, laid = labels.term(axes), 0
        for i, (_, there) in enumerate(passed, 1):
            laid = laid if labels.in_one(there, term) else i
        for at, its in passed[:laid]:
            way.laid.append((at, True))
            way.end, way.axes = at, its
        return way
