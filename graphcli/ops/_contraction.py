"""The sum of products of two tensors by the labels of their axes, as products of matrices in blocks.

Labels that both have and the result keeps lead: there is a product of matrices for each. Those that it lacks are
summed, and those of one operand are rows or columns. Where rows, columns and sums each are one axis, BLAS reads the
operands and writes the result as they lie. Else, or where numbers are converted, those of a block are laid out anew.
How operands are read and what a block is follows from sizes alone, and so do the bits.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from math import isqrt, prod
from typing import Any

import numpy

from ._products import MANY, OWN, PART, PARTS, adder_of, product_of_two

SHARE, LEAST, LARGEST = 80, 1 << 18, 1 << 20
"""What is laid out of an operand is this part of operands and result, at least and at most so many bytes."""
SIDE = 512
"""Bytes of a column of a block that is laid out, at least; sums are cut where there would be fewer."""
EVEN = 16
"""Rows or columns of a block are a multiple of it."""
MULTIPLIED, PACKED, COPIED = 0.0175, 0.25, 1.5
"""Nanoseconds, measured: for a multiplication, for a number that BLAS takes into its buffers, for one laid out."""
Place = Mapping[str, slice]
EVERYWHERE = slice(None)


class Operand:
    """A tensor of which each label stands once, as a stack of matrices. term: its labels. lead, first, second: those
    that lead, and of the matrices' axes. laid: whether its numbers are laid out anew. conjugate: only then."""

    def __init__(self, term: str, lead: str, first: str, second: str, laid: bool, conjugate: bool = False) -> None:
        self.term, self.lead, self.laid, self.conjugate = term, lead, laid, conjugate
        kept = "".join(x for x in term if x in lead + first + second)
        # what is laid out keeps its innermost axis
        self.turned = laid and bool(first) and kept.endswith(first[-1])
        self.groups = (second, first) if self.turned else (first, second)
        self.ordered = "".join(x for x in lead if x in term) + "".join(self.groups)
        self.summed = len(kept) < len(term)
        self.order = [term.index(x) for x in self.ordered]

    def part(self, x: Any, place: Place) -> Any:
        """A block of x, its axes in order."""
        if place:
            x = x[tuple([place.get(label, EVERYWHERE) for label in self.term])]
        return x if self.summed else x.transpose(self.order)

    def matrices(self, x: Any, place: Place, dtype: Any) -> Any:
        """A block of x, as ``[lead…, first, second]``; of dtype where it is laid out."""
        x = self.part(x, place)
        if self.summed:
            x = numpy.einsum(f"{self.term}->{self.ordered}", x, dtype=dtype, casting="unsafe")
        if self.laid:
            some = numpy.empty(x.shape, dtype)
            some[...] = x
            x = numpy.conj(some, some) if self.conjugate else some
        sizes = dict(zip(self.ordered, x.shape))
        x = x.reshape([sizes.get(label, 1) for label in self.lead]
                      + [prod([sizes[label] for label in g]) for g in self.groups])
        return x.swapaxes(-1, -2) if self.turned else x


class Contraction:
    """How two operands are multiplied of which each label stands once; none of size 0.

    a, b, out: the labels, as they lie. lay: (of a, of b, of the result) whether to lay them out in any case.
    conjugate: (a, b); only what is laid out. kind: of the numbers that are multiplied. total: bytes of operands and
    result.
    """

    def __init__(self, a: str, b: str, out: str, sizes: Mapping[str, int], lay: Sequence[bool],
                 conjugate: Sequence[bool], kind: Any, total: int) -> None:
        self.terms, self.sizes, self.kind, width = (a, b, out), sizes, kind, kind.itemsize
        self.limit = max(LEAST, min(LARGEST, total // SHARE)) // width
        lone = ["".join(x for x in term if x not in other + out) for term, other in ((a, b), (b, a))]
        self.work = prod(sizes[x] for x in {*a, *b} - {*lone[0], *lone[1]})
        found = self._read([lay[0] or bool(lone[0]), lay[1] or bool(lone[1]), lay[2]])
        self.cost, (lead, rows, columns, sums, laid) = found
        self.lead, self.rows, self.columns, self.sums = lead, rows, columns, sums
        self.operands = (Operand(a, lead, rows, sums, laid[0], conjugate[0]),
                         Operand(b, lead, sums, columns, laid[1], conjugate[1]))
        self.result = Operand(out, lead, rows, columns, False)
        self.laid = laid
        self.pieces = dict(sizes)
        self.kept = *["".join(x for x in t if x not in l) for t, l in zip((a, b), lone)], out
        self._cut()
        self.outer = [*self._blocks(lead + rows + ("" if laid[0] else columns))]
        self.inner = [*self._blocks(columns if laid[0] else "")]
        self.parts = [*self._blocks(sums)]
        self.laid_quickly = self._is_laid_quickly()
        """Whether laying out in blocks takes no longer than one copy of all."""
        self.alone = self._of_block(lead) == 1
        """Whether a block is one product."""
        self.plain = not (lead or any(laid)) and bool(sums)
        """Whether it is one product of matrices as they lie."""

    def _read(self, lay: Sequence[bool]) -> tuple[float, tuple[str, str, str, str, Sequence[bool]]]:
        """About how many nanoseconds it takes in the order that takes the least; which labels lead, are rows, columns
        and sums there, and what is laid out."""
        (a, b, out), size = self.terms, self._size
        sums = [_only(t, (a, b), out) for t in (a, b)]
        if not sums[0]:
            return 0.0, (out, "", "", "", lay)
        lead = _only(out, (a, b, out), "")
        found: list[Any] = []
        for rows, columns, some in product({_only(t, (a, out), b): 0 for t in (a, out)},
                                           {_only(t, (b, out), a): 0 for t in (b, out)}, dict.fromkeys(sums)):
            for (rows_, ahead), (columns_, ahead_b) in product(_runs(rows), _runs(columns)):
                laid = [lay[0] or not _as_it_is(a, rows_, some), lay[1] or not _as_it_is(b, some, columns_),
                        lay[2] or not _as_it_is(out, rows_, columns_)]
                cost = multiplied(self.work, size(rows_), size(columns_)) + COPIED * (
                    laid[0] * size(a + ahead_b) + laid[1] * size(b + ahead) + laid[2] * size(out))
                found.append((cost, (lead + ahead + ahead_b, rows_, columns_, some, laid)))
        return min(found, key=lambda f: f[0])  # type: ignore[no-any-return]

    def _is_laid_quickly(self) -> bool:
        """Whether what is laid out is so once, and blocks, which are in cache, save more than BLAS takes to pack the
        other operand for each of them."""
        sides = [self._of_block(labels) for labels in (self.rows, self.columns)]
        wholes = [self._size(labels) for labels in (self.rows, self.columns)]
        if all(self.laid[:2]) or any(laid and side < whole for laid, side, whole in zip(
                self.laid, sides[::-1], wholes[::-1])):
            return False
        copied = sum(self._size(term) for laid, term in zip(self.laid, self.kept) if laid)
        return multiplied(self.work, *sides) - multiplied(self.work, *wholes) <= COPIED / 2 * copied

    def _size(self, labels: str) -> int:
        return prod([self.sizes[x] for x in labels])

    def _of_block(self, labels: str) -> int:
        return prod([self.pieces[x] for x in labels])

    def _cut(self) -> None:
        """Cuts labels until what is laid out for a block is no more than the limit, or for threads to share."""
        a, b, out = self.kept
        limit, least = self.limit, max(1, SIDE // self.kind.itemsize)
        if self.laid[0] and self.laid[1]:
            # each block is laid out again for each of the other operand: sums are the shorter, the block the larger
            limit, least = limit * 3 // 4, isqrt(limit * 3 // 2)
        if self.laid[0]:
            self._reduce(a, self.rows, self.sums, limit, least)
        if self.laid[1]:
            self._reduce(b, self.columns, self.sums, limit, least)
        if self.laid[2] or self._of_block(self.sums) < self._size(self.sums):
            self._reduce(out, self.rows, self.columns, max(self.limit, least ** 2), least)
        if self.work >= 2 * PART and self.pieces == self.sizes:
            parts = 2 if self.work < MANY else PARTS
            long = [x for x in self.lead if self.sizes[x] >= parts]
            for label in (long or [*max(self.rows, self.columns, key=self._size)] or [*self.lead])[:1]:
                self._piece(label, -(-self.sizes[label] // parts))

    def _reduce(self, term: str, side: str, rest: str, limit: int, least: int) -> None:
        """Cuts what leads, then a side of the matrices but to ``least``, then the rest, the outermost label first."""
        for group in ("".join(x for x in self.lead if x in term), side, rest):
            for i, label in enumerate(group):
                over = -(-self._of_block(term) // limit)
                if over <= 1:
                    return
                low = -(-least // self._size(group[i + 1:])) if group is side else 1
                self._piece(label, max(low, self.pieces[label] // over))

    def _piece(self, label: str, most: int) -> None:
        """Takes so much of a label at most, in pieces that are nearly alike."""
        size = self.sizes[label]
        if most < size:
            piece = -(-size // -(-size // most))
            self.pieces[label] = min(most, -(-piece // EVEN) * EVEN) if label not in self.lead else piece

    def _blocks(self, labels: str) -> Iterator[Place]:
        cut = [x for x in labels if self.pieces[x] < self.sizes[x]]
        for starts in product(*[range(0, self.sizes[x], self.pieces[x]) for x in cut]):
            yield {x: slice(i, i + self.pieces[x]) for x, i in zip(cut, starts)}

    def scratch(self, threads: int, same: bool) -> int:
        """Bytes that are laid out at the same time. same: whether both operands are one; see ``product_of_two``."""
        taken = sum(self._of_block(t) for laid, t in zip(self.laid, self.kept) if laid)
        if len(self.parts) > 1 and not (self.alone and adder_of(self.kind)):
            taken += self._of_block(self.terms[2])
        if same and not self.laid[1] and self.sums and self._size(self.rows) == self._size(self.columns):
            one, size = self._size(self.sums + self.columns), self.kind.itemsize
            taken += min(self._of_block(self.terms[1]), OWN // size) if one * size <= OWN else (
                0 if adder_of(self.kind) else one)
        return taken * int(self.kind.itemsize) * (min(threads, len(self.outer)) if self.work >= PART else 1)

    def whole(self, a: Any, b: Any, matmul: Callable[[Any, Any], Any]) -> Any:
        """The one product, where ``plain``."""
        x, y = (o.matrices(t, {}, t.dtype) for o, t in zip(self.operands, (a, b)))
        return matmul(x, y) if not self.result.term.startswith(self.columns) or not self.columns else matmul(y.T, x.T)

    def run(self, a: Any, b: Any, out: Any, each: Callable[..., None]) -> None:
        """Puts the result into ``out``."""
        dtype = self.kind
        first, second = self.operands
        multiply = product_of_two if self.sums else numpy.multiply
        adding = adder_of(dtype) if len(self.parts) > 1 and self.alone else None

        def one(place: Place) -> None:
            into = self.result.part(out, place)
            total: Any = None if self.laid[2] else self.result.matrices(out, place, dtype)
            for i, part in enumerate(self.parts):
                x, y = first.matrices(a, {**place, **part}, dtype), second.matrices(b, {**place, **part}, dtype)
                if not i:
                    total = multiply(x, y, total)
                elif not adding or not _added(adding, total, x, y):
                    total += multiply(x, y)
                # before the next are laid out
                del x, y
            if self.laid[2]:
                into[...] = total.reshape(into.shape)

        def block(i: int) -> None:
            for more in self.inner:
                one({**self.outer[i], **more})

        if len(self.outer) > 1 and self.work >= PART:
            each(len(self.outer), block)
        else:
            for i in range(len(self.outer)):
                block(i)


def _added(add: Callable[..., None], total: Any, x: Any, y: Any) -> bool:
    """Adds the one product of two stacks to a total; False, and nothing done, where that does not lie in lines."""
    total, x, y = (t.reshape(t.shape[-2:]) for t in (total, x, y))
    if total.strides[1] == total.itemsize:
        add(total, x, y, 1.0)
    elif total.strides[0] == total.itemsize:
        add(total.T, y.T, x.T, 1.0)
    else:
        return False
    return True


def multiplied(work: int, rows: int, columns: int) -> float:
    """About how many nanoseconds so many multiplications take in products of so many rows and columns."""
    return work * (MULTIPLIED + PACKED / rows + PACKED / columns)


def contraction(terms: Sequence[str], shapes: Sequence[Sequence[int]], lay: Sequence[bool], conjugate: Sequence[bool],
                kind: Any, widths: Sequence[int]) -> tuple[Contraction, list[list[int]]]:
    """How two operands are multiplied, and the shapes that it takes them and the result in: without axes of size 1.
    terms, shapes, widths (bytes of a number): of the operands and the result. kind: what is multiplied."""
    total = sum(prod(s) * w for s, w in zip(shapes, widths))
    sizes = {x: n for t, s in zip(terms, shapes) for x, n in zip(t, s) if n > 1}
    found = ["".join(x for x, n in zip(t, s) if n > 1) for t, s in zip(terms, shapes)]
    return (Contraction(found[0], found[1], found[2], sizes, lay, conjugate, kind, total),
            [[n for n in s if n > 1] for s in shapes])


def _only(term: str, those: Sequence[str], other: str) -> str:
    """Of a term the labels that stand in those and not in the other."""
    return "".join(x for x in term if all(x in t for t in those) and x not in other)


def _as_it_is(term: str, *axes: str) -> bool:
    """Whether labels are axes of matrices that BLAS takes: each in one piece, and the innermost one of them."""
    return all(x in term for x in axes) and (not any(axes) or any(x and term.endswith(x) for x in axes))


def _runs(labels: str) -> Iterator[tuple[str, str]]:
    """Which of some labels are an axis of matrices, and which lead."""
    if not labels:
        yield "", ""
    for i in range(len(labels)):
        for j in range(len(labels), i, -1):
            yield labels[i:j], labels[:i] + labels[j:]
