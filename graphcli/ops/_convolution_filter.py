"""The gradient of a convolution for its filter: products of patches with the output's gradient, added up.

The blocks are divided into a few sums that threads share. Where the filter is large, several of it would be much: then
its taps are apart, each the product of all that it sees, and the threads share those.
"""
from __future__ import annotations

from math import prod
from typing import Any

from ..graph.kernel import KernelContext, in_turn
from ._blocks import Blocks
from ._convolution import wide
from ._panels import product
from ._strips import SHARED, nanoseconds, reach, strip, unbanded
from ._windows import Pads, Sizes, layout

PARTS = 16
"""Into how many sums the gradient of a filter is divided, ..."""
SUMS = 1 << 18
"""... that have so many elements at most, ..."""
FEW = 4
"""... or are so few. ..."""
LARGEST = 150_000
"""The taps of a filter of more elements are apart, ..."""
NARROW = 64
"""... those of the last size too where so many channels make a product, ..."""
TALL = 1 << 17
"""... and a block of what a tap sees has so many elements."""


def sums_of(depth: int, filters: int, blocks: int) -> int:
    """How many sums there are; 0: taps are apart."""
    if depth * filters > LARGEST and blocks > 1:
        return 0
    many = max(FEW, SUMS // max(1, depth * filters))
    return min(PARTS, many - many % FEW, blocks)


def taps_apart(window: Sizes, channels: int) -> tuple[int, int]:
    """How many of the sizes of a window have their taps apart, and into how many parts channels are cut."""
    sizes = len(window) if channels >= NARROW else len(window) - 1
    return sizes, FEW if prod(window[:sizes]) < FEW and channels >= FEW * NARROW else 1


def tall(depth: int, filters: int, copied: bool) -> int:
    """Elements of a block of what a tap sees. copied: whether the output's gradient is copied beside it."""
    return TALL * depth // max(depth, filters) if copied else TALL


def to_filter(n: KernelContext, x: Any, shape: Sizes, g: Any, strides: Sizes, dilations: Sizes, pads: Pads) -> Any:
    """The gradient of the filter, of shape ``[window…, channels, filters]``."""
    many = x.shape[-1] // shape[-2] if shape[-2] else 1
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
    blocks = Blocks(xp, x, window, strides, dilations, out, pads, kind, filters)
    many = sums_of(depth, filters, len(blocks))
    if not many:
        return _by_taps(n, x, shape, g, out, strides, dilations, pads, kind)
    sums = xp.empty((many, depth, filters), kind)

    def part(i: int) -> None:
        _add_up(xp, blocks, range(i * len(blocks) // many, (i + 1) * len(blocks) // many), g, sums[i])

    each(many, part)
    return (sums.sum(0) if many > 1 else sums[0]).reshape(shape)


def _add_up(xp: Any, blocks: Blocks, numbers: range, g: Any, total: Any) -> None:
    """Into total: the products of strips of patches with those of g."""
    more = None
    for i in numbers:
        for place, seen in blocks.of(i):
            rows = g[place].reshape(-1, total.shape[-1]).astype(total.dtype, copy=False)
            if more is None:
                product(xp, seen.T, rows, total)
                more = xp.empty_like(total) if len(blocks) > 1 or blocks.strip > blocks.many else total
            else:
                total += product(xp, seen.T, rows, more)
            # let go of before the next is made
            seen = rows = None


def _by_taps(n: KernelContext, x: Any, shape: Sizes, g: Any, out: Sizes, strides: Sizes, dilations: Sizes, pads: Pads,
             kind: Any) -> Any:
    xp, window, (channels, filters) = n.xp, shape[:-2], shape[-2:]
    result = xp.empty(shape, kind)
    sizes, cuts = taps_apart(window, channels)
    joined, step = window[sizes:], -(-channels // cuts)
    limit = tall(prod(joined) * step, filters, kind != g.dtype or layout(n).first)

    def tap(i: int) -> None:
        i, c = divmod(i, cuts)
        at = tuple(int(t) for t in xp.unravel_index(i, window[:sizes])) if sizes else ()
        some = slice(c * step, min(channels, (c + 1) * step))
        # the tap as a window of its own
        here = tuple((before - t * d, after - (k - 1 - t) * d)
                     for (before, after), t, k, d in zip(pads, at, window, dilations))
        blocks = Blocks(xp, x[..., some], (*(1 for _ in at), *joined), strides, dilations, out,
                        (*here, *pads[sizes:]), kind, filters, limit)
        _add_up(xp, blocks, range(len(blocks)), g, result[at][..., some, :].reshape(-1, filters))

    n.each(prod(window[:sizes]) * cuts, tap)
    return result
