"""Softmax and cross entropies of rows of millions, some of a row at a time: the powers of a row are made once to be
added up and, where they are wanted, once more, so that nothing as long is held beside operands and results.

Sums have the bits of the sum of a whole row: numpy halves it, to a multiple of 8, until little is left.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy

from ._packed import infinite
from ._totals import LEAF, count

LONGEST = 1 << 17
"""Elements of a row that is made as a whole, ..."""
LOGARITHMS = 1 << 20
"""... and of log_softmax of halves, which takes 1.5 times as long in parts."""
PART = 1 << 15
"""Elements that are made at a time, ..."""
HALVES = 1 << 13
"""... of half precision, whose conversion takes longer than the calls."""
BITS, SIGN = numpy.int16(0x7FFF), numpy.int16(15)
Made = Callable[[int, int], Any]


def long(xp: Any, x: Any, logarithms: bool = False) -> bool:
    """Whether rows are taken so; a symbol that stands for an array refuses it then."""
    return bool(xp.__name__ == "numpy" and x.ndim > 0 and longer(x.shape, x.dtype.itemsize, logarithms))


def longer(shape: Any, width: int, logarithms: bool = False) -> bool:
    """The same of rows of this shape, of so many bytes an element."""
    return bool(shape) and shape[-1] > (LOGARITHMS if logarithms and width == 2 else LONGEST)


def scratch(arrays: int, width: int) -> int:
    """Bytes of so many arrays of a part, of elements of so many bytes; halves are wide there."""
    return arrays * max(4, width) * _part(width)


def _part(width: int) -> int:
    return PART if width > 2 else HALVES


def total(made: Made, start: int, stop: int, part: int) -> Any:
    """numpy's sum of what ``made(start, stop)`` gives, in pairs."""
    size = stop - start
    if size <= part:
        return numpy.add.reduce(made(start, stop))
    middle = start + size // 2 // 8 * 8
    return total(made, start, middle, part) + total(made, middle, stop, part)


def _by_leaves(made: Made, size: int, dtype: Any) -> Any:
    """The same by the tree of ``_totals``, as all elements of an array are summed."""
    leaves = numpy.empty(count(size), dtype)
    for i in range(len(leaves)):
        leaves[i] = numpy.add.reduce(made(i * LEAF, min(size, (i + 1) * LEAF)))
    return numpy.add.reduce(leaves)


def parts(size: int, part: int) -> Iterator[slice]:
    return (slice(i, min(size, i + part)) for i in range(0, size, part))


class Row:
    """A row of logits, in single precision at least. alone: whether it is all that there is."""

    def __init__(self, x: Any, alone: bool) -> None:
        self.x = x
        self.alone = alone
        self.part = _part(x.dtype.itemsize)
        self.wide = numpy.dtype(numpy.float32) if x.dtype.itemsize == 2 else x.dtype
        self.less = numpy.maximum.reduce(x) if x.dtype == self.wide else self.wide.type(_greatest(x))

    def seen(self, part: slice) -> Any:
        return self.x[part].astype(self.wide, copy=False)

    def shifted(self, part: slice) -> Any:
        return self.seen(part) - self.less

    def powers(self, part: slice) -> Any:
        out = self.shifted(part)
        return numpy.exp(out, out)

    def total(self, into: Any = None, apart: Any = None) -> Any:
        """The sum of the powers. into: where they are kept, or what they are of where they are made apart."""
        def made(start: int, stop: int) -> Any:
            if into is None:
                return self.powers(slice(start, stop))
            out = into[start:stop]
            numpy.subtract(self.x[start:stop], self.less, out)
            return numpy.exp(out, out if apart is None else apart[:stop - start])

        return _by_leaves(made, len(self.x), self.wide) if self.alone else total(made, 0, len(self.x), self.part)


def _greatest(x: Any) -> Any:
    """Of halves, by whole numbers that rise as they do; NaN where one is."""
    bits = x.view(numpy.int16)
    some = [bits[part] for part in parts(len(x), HALVES)]
    if any((numpy.abs(b & BITS) > infinite(x.dtype)).any() for b in some):
        return numpy.nan
    most = max(numpy.maximum.reduce(b ^ ((b >> SIGN) & BITS)) for b in some)
    return (most ^ ((most >> SIGN) & BITS)).view(x.dtype)


def log_softmax(x: Any) -> Any:
    out = numpy.empty(x.shape, x.dtype)
    for at in numpy.ndindex(*x.shape[:-1]):
        row, into = Row(x[at], x.ndim == 1), out[at]
        if into.dtype == row.wide:
            log = numpy.log(row.total(into, numpy.empty(max(PART, LEAF), row.wide)))
            numpy.subtract(into, log, into)
            continue
        log = numpy.log(row.total())
        for part in parts(x.shape[-1], row.part):
            into[part] = row.shifted(part) - log
    return out


def softmax(x: Any, low: float, high: float) -> Any:
    """low, high: between these the powers of the greatest of a row are taken as they are."""
    out = numpy.empty(x.shape, x.dtype)
    for at in numpy.ndindex(*x.shape[:-1]):
        row, into = Row(x[at], x.ndim == 1), out[at]
        if low <= row.less <= high:
            row.less = row.wide.type(0)
        factor = 1 / row.total()
        for part in parts(x.shape[-1], row.part):
            into[part] = row.powers(part) * factor
    return out


def cross_entropy(x: Any, labels: Any) -> tuple[Any, Any]:
    """Of rows of logits and of probabilities, and its gradient for the logits."""
    losses, back = numpy.empty(len(x), x.dtype), numpy.empty(x.shape, x.dtype)
    for i in range(len(x)):
        row, wanted, into = Row(x[i], False), labels[i], back[i]
        kept = into.dtype == row.wide
        among = row.total(into if kept else None)
        log = numpy.log(among)

        def lost(start: int, stop: int, row: Row = row, wanted: Any = wanted, log: Any = log) -> Any:
            # as in TensorFlow, a logit of -infinity makes NaN even where its label is 0
            return wanted[start:stop].astype(row.wide, copy=False) * (log - row.shifted(slice(start, stop)))

        losses[i] = total(lost, 0, x.shape[1], row.part)
        for part in parts(x.shape[1], row.part):
            made = into[part] if kept else row.powers(part)
            made /= among
            into[part] = numpy.subtract(made, wanted[part].astype(row.wide, copy=False), made)
    return losses, back


def sparse_cross_entropy(x: Any, labels: Any) -> tuple[Any, Any]:
    """The same for the index of the right class of each row."""
    losses, back = numpy.empty(len(x), x.dtype), numpy.empty(x.shape, x.dtype)
    for i, label in enumerate(labels.tolist()):
        row, into = Row(x[i], False), back[i]
        among = row.total()
        losses[i] = numpy.log(among) - row.shifted(slice(label, label + 1))[0]
        for part in parts(x.shape[1], row.part):
            made = row.powers(part) / among
            if part.start <= label < part.stop:
                made[label - part.start] -= 1
            into[part] = made
    return losses, back
