"""Parts: a kernel that treats the entries of its inputs apart (rows, images, matrices) takes some of them at a time.

What it makes on the way is then as large as a part and stays in cache, and the parts are shared among threads. An op
says ``parts = {"x": 3, "y": 0}``: of each input that is cut, how many of its last axes are one entry; all axes before
them are entries, the same ones for each, and for each output. SIZES stands for a vector of sizes of which the first
is the number of entries. How many entries are a part follows from the shapes, and the numbers do not depend on it.
"""
from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import TYPE_CHECKING

from .scratch import ScratchContext

if TYPE_CHECKING:
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
        self.alone = opdef.alone

    def of(self, n: ScratchContext) -> tuple[int, int, bool]:
        """(entries of a part, bytes that a part takes, whether threads share the parts); 0 entries: the whole."""
        leads = {n.shapes[i][:len(n.shapes[i]) - axes] if len(n.shapes[i]) > axes else () for i, axes in self.where}
        lead = next(iter(leads), ())
        entries = prod(lead)
        size = sum(n.bytes(i) for i, _ in self.where) + sum(n.out_bytes(i) for i in range(len(n.outs)))
        if size <= PART or len(leads) != 1 or not lead or entries < 2 or any(
                whole(n) for whole in (self.uncut, self.alone) if whole is not None):
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
        # the first part tells what is made
        return takes * (max(1, min(n.threads, -(-entries // many) - 1)) if shared else 1)
