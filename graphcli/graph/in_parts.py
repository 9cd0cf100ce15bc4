"""A kernel over parts of its inputs, each an array of numpy's; which parts those are says ``parts``."""
from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import TYPE_CHECKING, Any

import numpy

from .parts import PART, Parts
from .scratch import ScratchContext
from .shapes import count

if TYPE_CHECKING:
    from .kernel import KernelContext


def in_parts(parts: Parts, n: KernelContext, kernel: Callable[..., Any]) -> Callable[..., Any]:
    """The kernel over parts, where its inputs are numpy's and large, and cut into the same entries."""
    return kernel if n.xp.__name__ != "numpy" or not parts.where else _InParts(parts, n, kernel)


class _InParts:
    """A kernel that takes a part at a time, and the whole where that would not fit or fails."""

    def __init__(self, parts: Parts, n: KernelContext, kernel: Callable[..., Any]) -> None:
        self.parts, self.n, self.kernel = parts, n, kernel
        self.ahead = sum((count(t.static) or 0) * t.dtype.base_dtype.size for t in n.node.outputs)
        self.known: dict[Any, tuple[int, int, bool]] = {}
        """By the inputs' shapes: what ``Parts.of`` says."""

    def __call__(self, *args: Any) -> Any:
        lead = self._lead(args)
        if not lead or self.parts.alone is not None and self._alone(tuple([numpy.shape(a) for a in args])):
            return self.kernel(*args)
        cut = _Cut(self.parts, args, lead)
        if cut.entries < 2 or not cut.sizes_fit():
            return self.kernel(*args)
        try:
            results = self._over(cut, args)
        except Exception:
            # what fails tells of the whole
            results = None
        return self.kernel(*args) if results is None else results

    def _alone(self, shapes: Any) -> bool:
        """Whether the kernel treats entries of such inputs one by one itself."""
        if shapes not in self.known and self.parts.alone(ScratchContext(self.n.node, shapes, ())):  # type: ignore[misc]
            self.known[shapes] = 0, 0, False
        return self.known.get(shapes) == (0, 0, False)

    def _lead(self, args: Any) -> Any:
        """The axes that are entries, the same for all that is cut; none where the whole is taken."""
        where = self.parts.where
        if sum([args[i].nbytes for i, _ in where if type(args[i]) is numpy.ndarray]) + self.ahead <= PART:
            return ()
        lead: Any = None
        for i, axes in where:
            array = args[i]
            mine = array.shape[:array.ndim - axes] if type(array) is numpy.ndarray and array.ndim > axes else ()
            if not mine or lead not in (None, mine):
                return ()
            lead = mine
        return lead

    def _over(self, cut: _Cut, args: Any) -> Any:
        """The results, None where the whole is to be taken."""
        shapes = tuple([numpy.shape(a) for a in args])
        known = self.known
        # what is made is seen by the first part
        first = known[shapes][0] if shapes in known else 1
        if not first:
            return None
        first = max(1, first // cut.each)
        made = self.kernel(*cut.some(0, first))
        several = type(made) in (tuple, list)
        made = list(made) if several else [made]
        fit = [numpy.shape(m)[:cut.rank] == (first, *cut.ones) for m in made]
        if any([numpy.size(m) and not f for f, m in zip(fit, made)]):
            known[shapes] = 0, 0, False
            return None
        # what is left out stays empty
        results = [m if not f else None if i in self.n.unused else cut.whole(m)
                   for i, (f, m) in enumerate(zip(fit, made))]
        lines = [None if r is None or not f else cut.line(r) for f, r in zip(fit, results)]
        if shapes not in known:
            if len(known) > 64:
                known.clear()
            outs = [cut.lead[:cut.rank] + m.shape[cut.rank:] if f else m.shape for f, m in zip(fit, made)]
            known[shapes] = self.parts.of(ScratchContext(self.n.node, shapes, outs))
        many, _, shared = known[shapes]
        if not many:
            return None
        many = max(1, many // cut.each)

        def put(found: Any, start: int, stop: int) -> None:
            for line, m in zip(lines, found):
                if line is not None:
                    line[start:stop] = m

        def body(turn: int) -> None:
            start = first + turn * many
            stop = min(cut.entries, start + many)
            found = self.kernel(*cut.some(start, stop))
            put(found if several else [found], start, stop)

        put(made, 0, first)
        del made
        turns = -(-(cut.entries - first) // many)
        if turns > 1 and shared:
            self.n.each(turns, body)
        else:
            for turn in range(turns):
                body(turn)
        return tuple(results) if several else results[0]


class _Cut:
    """The inputs of one call, with the entries as one axis and ones in the place of the others."""

    def __init__(self, parts: Parts, args: Any, lead: tuple[int, ...]) -> None:
        self.args, self.lead, self.sizes = args, lead, parts.sizes
        self.rank = min([_in_one(args[i], len(lead)) for i, _ in parts.where])
        self.entries = prod(lead[:self.rank])
        self.each = max(1, prod(lead[self.rank:]))
        """How many entries of the op are one of these."""
        self.ones = (1,) * (self.rank - 1)
        self.cut = {i: self.line(args[i]) for i, _ in parts.where}

    def sizes_fit(self) -> bool:
        """Whether each vector of sizes begins with the number of entries."""
        return all([numpy.ndim(self.args[i]) == 1 and self.args[i][0] == self.entries for i in self.sizes])

    def line(self, array: Any) -> Any:
        """An array with its entries as one axis."""
        return array.reshape(self.entries, *self.ones, *array.shape[self.rank:]) if self.ones else array

    def whole(self, part: Any) -> Any:
        """A place for all entries of which a part was made."""
        return numpy.empty(self.lead[:self.rank] + part.shape[self.rank:], part.dtype)

    def some(self, start: int, stop: int) -> list[Any]:
        """The kernel's inputs for these entries."""
        given = list(self.args)
        for i, array in self.cut.items():
            given[i] = array[start:stop]
        for i in self.sizes:
            given[i] = numpy.concatenate([[stop - start], given[i][1:]]).astype(given[i].dtype)
        return given


def _in_one(array: Any, most: int) -> int:
    """How many of its first axes an array has as one axis, where it lies."""
    if array.flags.c_contiguous:
        return most
    rank = 1
    while rank < most and array.strides[rank - 1] == array.shape[rank] * array.strides[rank]:
        rank += 1
    return rank
