"""The gradient of a convolution for its filter: products of patches with the output's gradient, added up.

The blocks are divided into a few sums that threads share. Where the filter is large, several of it would be much: then
its taps or its channels are apart, each the product of all that it sees, and the threads share those.
"""
from __future__ import annotations

from math import prod
from typing import Any

from ..graph.kernel import KernelContext, in_turn
from ._blocks import Blocks, most
from ._convolution import wide
from ._convolution_input import reached
from ._panels import Panels, adds, product
from ._strips import SHARED, nanoseconds, reach, strip, unbanded
from ._unpacked import MOST
from ._windows import Pads, Sizes, layout
from ._winograd import bounded
from ._winograd_filter import summed

PARTS = 16
"""Into how many sums the gradient of a filter is divided, ..."""
SUMS = 1 << 18
"""... that have so many elements at most, ..."""
FEW = 4
"""... or are so few. ..."""
LARGEST = 150_000
"""The taps of a filter of more elements are apart, ..."""
MEDIUM, SHARE, HALVES = 1 << 16, 16, 2
"""or the channels, in halves, of one of more elements where so many sums would be such a part of the operands, ..."""
NARROW = 64
"""... taps of the last size too where so many channels make a product, ..."""
TALL = 1 << 17
"""... and a block of what a tap sees has so many elements, ..."""
PANELS, SHORTEST = range(96, 256), 12
"""... of so many filters no more than are multiplied in panels of so many rows."""


def sums_of(depth: int, filters: int, blocks: int, operands: int) -> int:
    """How many sums there are; 0: taps or channels are apart. operands: how many elements they have."""
    size = depth * filters
    if blocks > 1 and (size > LARGEST or size > MEDIUM and FEW * SHARE * size > operands):
        return 0
    many = max(FEW, SUMS // max(1, size))
    return min(PARTS, many - many % FEW, blocks)


def taps_apart(window: Sizes, channels: int, filters: int) -> tuple[int, int]:
    """How many of the sizes of a window have their taps apart, and into how many parts channels are cut."""
    if prod(window) * channels * filters <= LARGEST:
        return 0, HALVES
    sizes = len(window) if channels >= NARROW else len(window) - 1
    return sizes, FEW if prod(window[:sizes]) < FEW and channels >= FEW * NARROW else 1


def tall(depth: int, filters: int, copied: bool) -> int:
    """Elements of a block of what a tap sees. copied: whether the output's gradient is copied beside it."""
    some = TALL * depth // max(depth, filters) if copied else TALL
    return min(some, MOST // (SHORTEST * filters) * depth) if filters in PANELS else some


def to_filter(n: KernelContext, x: Any, shape: Sizes, g: Any, strides: Sizes, dilations: Sizes, pads: Pads) -> Any:
    """The gradient of the filter, of shape ``[window…, channels, filters]``."""
    many = x.shape[-1] // shape[-2] if shape[-2] else 1
    if n.winograd and bounded(n.xp, x, g):
        return summed(n, x, shape, g, pads)
    if many == 1:
        return _to_filter(n, x, shape, g, strides, dilations, pads)
    step, filters = shape[-2], shape[-1] // many
    result = n.xp.empty(shape, x.dtype)
    for i in range(many):
        result[..., i * filters:(i + 1) * filters] = _to_filter(
            n, x[..., i * step:(i + 1) * step], (*shape[:-1], filters), g[..., i * filters:(i + 1) * filters],
            strides, dilations, pads)
    return result


def _to_filter(n: KernelContext, x: Any, shape: Sizes, g: Any, strides: Sizes, dilations: Sizes, pads: Pads) -> Any:
    xp, out, kind = n.xp, g.shape[1:-1], wide(n.xp, x.dtype)
    many = strip(xp, xp.empty(0, kind), x.shape, shape, strides, dilations, out)
    if many == 1:
        return _sums(n, x, shape, g, out, strides, dilations, pads, kind).astype(x.dtype, copy=False)
    window, (channels, filters) = shape[:-2], shape[-2:]
    span = reach(many, window[-1], strides[-1], dilations[-1])
    # of some filters of a gradient the outputs of a strip lie apart
    g = g.reshape(len(g), *out[:-1], out[-1] // many, many, filters)
    found = _sums(n, x, (*window[:-1], span, channels, many * filters), g, (*out[:-1], out[-1] // many),
                  (*strides[:-1], strides[-1] * many), (*dilations[:-1], 1), pads, kind)
    return unbanded(xp, found, shape, many, strides[-1], dilations[-1]).astype(x.dtype, copy=False)


def _sums(n: KernelContext, x: Any, shape: Sizes, g: Any, out: Sizes, strides: Sizes, dilations: Sizes, pads: Pads,
          kind: Any) -> Any:
    xp, window, (channels, filters) = n.xp, shape[:-2], shape[-2:]
    depth = prod(window) * channels
    if not g.size or not depth:
        return xp.zeros(shape, kind)
    each = n.each if nanoseconds(g.size // filters, window, channels, filters) > SHARED else in_turn
    blocks = Blocks(xp, x, window, strides, dilations, out, pads, kind, filters, most(depth, (len(x), *out), filters))
    many = sums_of(depth, filters, len(blocks), x.size + g.size)
    if not many:
        return _by_taps(n, x, shape, g, out, strides, dilations, pads, kind)
    total, others = xp.empty((depth, filters), kind), xp.empty((many - 1, depth, filters), kind)

    def part(i: int) -> None:
        _add_up(xp, blocks, range(i * len(blocks) // many, (i + 1) * len(blocks) // many), g,
                others[i - 1] if i else total, Panels(xp))

    each(many, part)
    for other in others:
        total += other
    return total.reshape(shape)


def _add_up(xp: Any, blocks: Blocks, numbers: range, g: Any, total: Any, add: Any) -> None:
    """Into total: the products of strips of patches with those of g, the first put and others added."""
    begun = False
    for i in numbers:
        for place, _, seen in blocks.of(i):
            rows = g[place].reshape(-1, total.shape[-1]).astype(total.dtype, copy=False)
            if begun:
                add(seen.T, rows, total)
            else:
                product(xp, seen.T, rows, total)
            begun = True
            # let go of before the next is made
            seen = rows = None


def _by_taps(n: KernelContext, x: Any, shape: Sizes, g: Any, out: Sizes, strides: Sizes, dilations: Sizes, pads: Pads,
             kind: Any) -> Any:
    xp, window, (channels, filters) = n.xp, shape[:-2], shape[-2:]
    result = xp.empty(shape, kind)
    sizes, cuts = taps_apart(window, channels, filters)
    joined, step = window[sizes:], -(-channels // cuts)
    limit = tall(prod(joined) * step, filters, kind != g.dtype or layout(n).first)

    def tap(i: int) -> None:
        i, c = divmod(i, cuts)
        at = tuple(int(t) for t in xp.unravel_index(i, window[:sizes])) if sizes else ()
        some = slice(c * step, min(channels, (c + 1) * step))
        there = result[at][..., some, :]
        met = [reached(1, s, 1, o, before - t * d, 0, size)
               for t, s, d, o, (before, _), size in zip(at, strides, dilations, out, pads, x.shape[1:])]
        if not all(met):
            there[...] = 0
            return
        # the tap as a window of its own over what it meets
        places = [taps[0][1:] for taps in met]
        around = tuple((outputs.start, o - outputs.stop) for (outputs, _), o in zip(places, out))
        seen = x[(slice(None), *(inputs for _, inputs in places), ..., some)]
        ones = (1,) * sizes
        blocks = Blocks(xp, seen, (*ones, *joined), (*ones, *strides[sizes:]), (*ones, *dilations[sizes:]), out,
                        (*around, *pads[sizes:]), kind, filters, limit)
        total = there if there.flags.c_contiguous else xp.empty(there.shape, kind)
        _add_up(xp, blocks, range(len(blocks)), g, total.reshape(-1, filters),
                Panels(xp) if filters in PANELS else adds(xp, result.dtype))
        if total is not there:
            there[...] = total

    n.each(prod(window[:sizes]) * cuts, tap)
    return result
