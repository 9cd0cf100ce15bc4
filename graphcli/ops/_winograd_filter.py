"""The gradient of a convolution for its filter by Winograd's minimal filtering: what ``_winograd`` does, turned around.

That outputs are mixed sums of products of a mixed filter with mixed lines is linear in the filter. So the gradient for
the mixed filter is the product of the mixed lines with the mixed lines of the output's gradient, and the gradient for
the filter is mixed from that, once. m lines of the output's gradient and r taps take m + r - 1 products instead of m r.

The blocks are divided into a few sums, which threads share. Rounded otherwise than the plain sum: measured, the error's
mean square is 0.8 to 2.6 times that of the plain sum in single precision.
"""
from __future__ import annotations

from functools import lru_cache
from itertools import product
from math import prod
from typing import Any

from ..graph.kernel import in_turn
from ._panels import height
from ._windows import Pads, Sizes
from ._winograd import GRADIENTS, Tiling, arrays, best, fits, lines_of, pays

SUMS, FEW, MOST = 1 << 18, 4, 16
"""Elements that the sums have together, at most; how few, and how many they are."""
ADD = 0.15
"""Nanoseconds of adding an element of a product to its sum."""
SHARE = 8
"""So many times the elements of a sum the operands have at least, for a thread holds two sums."""
LOW = 48
"""In products of fewer rows the sums take longer than the panels (``_panels``) save."""


class Sums(Tiling):
    """How the gradient of a filter w is cut. out: the sizes of the output's gradient. parts: sums apart."""

    block, largest = 5 << 16, 1 << 19

    def __init__(self, x: Sizes, w: Sizes, out: Sizes, pads: Pads, made: int) -> None:
        self.apart = min(MOST, max(FEW, SUMS // prod(w) // FEW * FEW))
        super().__init__(x, w, out, pads, made)
        self.parts = min(self.count, self.apart)

    def highest(self) -> int:
        found = height(self.inner, self.filters)
        return found if found >= LOW else self.places

    def nanoseconds(self) -> float:
        return super().nanoseconds() + ADD * self.count * self.chunks * self.along * self.mixed

    def taken(self, threads: int) -> int:
        """Elements that it takes beside the gradient."""
        # a sum, and a block with its products
        within = self.mixed + self.within(self.mixed)
        return (self.parts - 1) * prod(self.w) + min(self.parts, threads if self.shared else 1) * within


@lru_cache(256)
def tiling_of_sums(x: Sizes, w: Sizes, out: Sizes, pads: Pads) -> Sums:
    return best([Sums(x, w, out, pads, made) for made in GRADIENTS[w[0]]])


def sums_gain(x: Sizes, w: Sizes, strides: Sizes, dilations: Sizes, out: Sizes, pads: Pads) -> bool:
    """Whether the gradient of a filter w is to be made so: from shapes alone."""
    if not fits(x, w, strides, dilations, out):
        return False
    found = tiling_of_sums(x, w, out, pads)
    return pays(found) and SHARE * found.mixed <= prod(x) + x[0] * prod(out) * w[3]


def summed(n: Any, x: Any, w: Sizes, g: Any, pads: Pads) -> Any:
    """The gradient for a filter of shape w, of x and of the output's gradient g of single precision, with strides and
    dilations of 1."""
    xp = n.xp
    t = tiling_of_sums(x.shape, w, g.shape[1:3], pads)
    outputs, filters, lines = arrays(xp, w[0], t.made)
    result = xp.empty((t.parts, w[0], t.inner * t.filters), x.dtype)

    def part(i: int) -> None:
        total = xp.zeros((t.many, t.inner, t.filters), x.dtype)
        for number in range(i * t.count // t.parts, (i + 1) * t.count // t.parts):
            where, tile, tiles = t.block_of(number)
            seen = lines_of(xp, t, x[where], tile, tiles, lines)
            _add_up(xp, t, seen, _mixed(xp, t, g[where], tile, tiles, outputs.T), total)
            # let go of before the next is made
            seen = None
        xp.matmul(filters.T, total.reshape(t.many, -1), out=result[i])

    (n.each if t.shared else in_turn)(t.parts, part)
    for other in result[1:]:
        result[0] += other
    return result[0].reshape(w)


def _mixed(xp: Any, t: Sums, g: Any, tile: int, tiles: int, mix: Any) -> Any:
    """``[many, room * filters]``: the mixed lines of the output's gradient, each at the place of its patch."""
    images, line, span = len(g), t.line * t.filters, t.out[1] * t.filters
    mixed = xp.empty((t.many, t.room * t.filters), g.dtype)
    mixed[:, images * tiles * line:] = 0
    made = mixed[:, :images * tiles * line].reshape(t.many, images, tiles, line)
    made[..., span:] = 0
    made = xp.moveaxis(made[..., :span], 0, 2)
    whole = min(tiles, t.out[0] // t.made - tile)
    if whole:
        some = xp.ascontiguousarray(g[:, t.made * tile:t.made * (tile + whole)])
        xp.matmul(mix, some.reshape(images, whole, t.made, span), out=made[:, :whole])
    if whole < tiles:
        # of the last tile only some lines are there
        left = t.out[0] - t.made * (tile + whole)
        xp.matmul(mix[:, :left], xp.ascontiguousarray(g[:, -left:]).reshape(images, 1, left, span),
                  out=made[:, whole:])
    return mixed


def _add_up(xp: Any, t: Sums, seen: Any, mixed: Any, total: Any) -> None:
    a = xp.swapaxes(t.in_steps(xp, seen, t.channels, t.inner), -1, -2)
    b = t.in_steps(xp, mixed, t.filters, t.filters)
    made = xp.empty(total.shape, total.dtype)
    for chunk, some in product(range(t.chunks), range(t.along)):
        xp.matmul(a[:, chunk, some], b[:, chunk, some], out=made)
        total += made
