"""Parts: a kernel that treats the entries of its inputs apart (rows, images, matrices) takes some of them at a time.

What it makes on the way is then as large as a part and stays in cache, and the parts are shared among threads. An op
says ``parts = {"x": 3, "y": 0}``: of each input that is cut, how many of its last axes are one entry; all axes before
them are entries, the same ones for each, and for each output. SIZES stands for a vector of sizes of which the first
is the number of entries. How many entries are a part follows from the shapes, and the numbers do not depend on it.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import TYPE_CHECKING, Any

from .scratch import ScratchContext
from .shapes import count

if TYPE_CHECKING:
    from .kernel import KernelContext
    from .opdef import OpDef

SIZES = -1
PART = 1 << 20
"""Bytes of a part, of what is cut and of what is made, and of what is left whole."""
SHARE = 16
"""Into how many parts an op is cut at least, what it makes on the way and two threads taken into account, ..."""
SMALLEST = 1 << 18
"""... as long as a part has so many bytes."""
SHARED = 1 << 22
"""Bytes of an entry from which parts are not shared among threads: two of them at a time would be much."""

Cut = Mapping[str, int]
Scratch = Callable[[ScratchContext], int]


class Parts:
    """How an op's kernel is cut. scratch: bytes that it takes beside its results, None for none."""

    def __init__(self, opdef: OpDef, cut: Cut, scratch: Scratch | None) -> None:
        names = [a.name for a in opdef.inputs]
        self.where = [(names.index(name), axes) for name, axes in cut.items() if axes != SIZES]
        self.sizes = [names.index(name) for name, axes in cut.items() if axes == SIZES]
        self.scratch = scratch
        self.shares = opdef.shares
        self.uncut = opdef.uncut

    def of(self, n: ScratchContext) -> tuple[int, int, bool]:
        """(entries of a part, bytes that a part takes, whether threads share the parts); 0 entries: the whole."""
        leads = {n.shapes[i][:len(n.shapes[i]) - axes] if len(n.shapes[i]) > axes else () for i, axes in self.where}
        lead = next(iter(leads), ())
        entries = prod(lead)
        size = sum(n.bytes(i) for i, _ in self.where) + sum(n.out_bytes(i) for i in range(len(n.outs)))
        if size <= PART or len(leads) != 1 or not lead or entries < 2 or self.uncut is not None and self.uncut(n):
            return 0, 0, False
        shared = size // entries <= SHARED and not self.shares
        many = max(1, PART * entries // size)
        while True:
            part = n.part(many, {i: n.shapes[i][len(lead):] for i, _ in self.where}, len(lead))
            part.threads = 1 if shared else n.threads
            takes = (0 if self.scratch is None else int(self.scratch(part))) + sum(
                part.out_bytes(i) for i in range(len(n.outs)))
            if many == 1 or 2 * takes * SHARE <= size or many // 2 * size < SMALLEST * entries:
                return many, takes, shared
            many //= 2

    def taken(self, n: ScratchContext) -> int:
        """What the kernel takes beside its results: as much as the parts that are done at the same time."""
        many, takes, shared = self.of(n)
        if not many:
            return 0 if self.scratch is None else int(self.scratch(n))
        first = self.where[0]
        entries = prod(n.shapes[first[0]][:len(n.shapes[first[0]]) - first[1]])
        return takes * (min(n.threads, -(-entries // many)) if shared else 1)


def in_parts(parts: Parts, n: KernelContext, kernel: Callable[..., Any]) -> Callable[..., Any]:
    """The kernel over parts, where its inputs are numpy's and large, and cut into the same entries."""
    if n.xp.__name__ != "numpy" or not parts.where:
        return kernel
    import numpy

    at = [i for i, _ in parts.where]
    ahead = sum((count(t.static) or 0) * t.dtype.base_dtype.size for t in n.node.outputs)
    known: dict[Any, tuple[int, int, bool]] = {}

    def run(*args: Any) -> Any:
        cut = [args[i] for i in at]
        if sum([a.nbytes for a in cut if type(a) is numpy.ndarray]) + ahead <= PART:
            return kernel(*args)
        lead: Any = None
        for array, (_, axes) in zip(cut, parts.where):
            mine = array.shape[:array.ndim - axes] if type(array) is numpy.ndarray and array.ndim > axes else ()
            if not mine or lead not in (None, mine):
                return kernel(*args)
            lead = mine
        # the entries as one axis, and ones in the place of the others
        rank = min([_in_one(a, len(lead)) for a in cut])
        entries, each = prod(lead[:rank]), max(1, prod(lead[rank:]))
        ones = (1,) * (rank - 1)
        cut = [a.reshape(entries, *ones, *a.shape[rank:]) if ones else a for a in cut]
        if entries < 2 or any([numpy.ndim(args[i]) != 1 or args[i][0] != entries for i in parts.sizes]):
            return kernel(*args)

        def some(start: int, stop: int) -> Any:
            given = list(args)
            for i, array in zip(at, cut):
                given[i] = array[start:stop]
            for i in parts.sizes:
                given[i] = numpy.concatenate([[stop - start], args[i][1:]]).astype(args[i].dtype)
            return kernel(*given)

        shapes = tuple([numpy.shape(a) for a in args])
        try:
            # what is made is seen by the first part
            first = known[shapes][0] if shapes in known else 1
            if not first:
                return kernel(*args)
            first = max(1, first // each)
            made = some(0, first)
            several = type(made) in (tuple, list)
            made = list(made) if several else [made]
            fit = [numpy.shape(m)[:rank] == (first, *ones) for m in made]
            if any([numpy.size(m) and not f for f, m in zip(fit, made)]):
                known[shapes] = 0, 0, False
                return kernel(*args)
            # what is left out stays empty
            results = [m if not f else None if i in n.unused else numpy.empty(lead[:rank] + m.shape[rank:], m.dtype)
                       for i, (f, m) in enumerate(zip(fit, made))]
            lines = [None if r is None or not f else r.reshape(entries, *ones, *r.shape[rank:])
                     for f, r in zip(fit, results)]
            if shapes not in known:
                if len(known) > 64:
                    known.clear()
                outs = [lead[:rank] + m.shape[rank:] if f else m.shape for f, m in zip(fit, made)]
                known[shapes] = parts.of(ScratchContext(n.node, shapes, outs))
            many, _, shared = known[shapes]
            if not many:
                return kernel(*args)
            many = max(1, many // each)

            def put(found: Any, start: int, stop: int) -> None:
                for line, m in zip(lines, found if several else [found]):
                    if line is not None:
                        line[start:stop] = m

            def body(i: int) -> None:
                start = first + i * many
                stop = min(entries, start + many)
                put(some(start, stop), start, stop)

            put(made if several else made[0], 0, first)
            del made
            turns = -(-(entries - first) // many)
            if turns > 1 and shared:
                n.each(turns, body)
            else:
                for i in range(turns):
                    body(i)
        except Exception:
            # what fails tells of the whole
            return kernel(*args)
        return tuple(results) if several else results[0]

    return run


def _in_one(array: Any, most: int) -> int:
    """How many of its first axes an array has as one axis, where it lies."""
    if array.flags.c_contiguous:
        return most
    rank = 1
    while rank < most and array.strides[rank - 1] == array.shape[rank] * array.strides[rank]:
        rank += 1
    return rank
