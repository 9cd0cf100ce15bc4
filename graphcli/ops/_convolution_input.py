"""The gradient of a convolution for its input.

With strides of 1 it is the convolution with the turned filter, unless inputs are many more than outputs. Else the
products of the output's gradient with the filter are added where their taps lie, a block of the input at a time: a
block is some images, or lines of one, and then the taps of the sizes that are cut are multiplied apart, each with the
lines that it brings into the block. So nothing is computed twice, no two blocks add to one place, and an element sums
its taps in one order however the input is cut.
"""
from __future__ import annotations

from itertools import product as pairs
from math import prod
from typing import Any

from ..graph.kernel import KernelContext
from ._blocks import HUGE, most
from ._convolution import ungrouped, wide
from ._joined_groups import joined
from ._windows import Pads, Sizes

ALL = slice(None)


def around(window: Sizes, strides: Sizes, dilations: Sizes, pads: Pads) -> Pads | None:
    """The padding with which the gradient of x is a convolution of that of the output; None where it is none."""
    beyond = tuple((k - 1) * d for k, d in zip(window, dilations))
    if max(strides) > 1 or any(b > r or a > r for (b, a), r in zip(pads, beyond)):
        return None
    return tuple((r - b, r - a) for r, (b, a) in zip(beyond, pads))


def turned_pads(winograd: bool, sizes: Sizes, window: Sizes, filters: int, strides: Sizes, dilations: Sizes,
                out: Sizes, pads: Pads) -> Pads | None:
    """The padding with which the gradient is made as a convolution; None where products are added. sizes, out: without
    batch and channels."""
    return None if not winograd and scattered(sizes, filters, out) else around(window, strides, dilations, pads)


def scattered(sizes: Sizes, filters: int, out: Sizes) -> bool:
    """Whether a product for each output, added where its taps lie, is less work than one for each input: to add an
    element up takes as long as 20 multiplications."""
    return prod(sizes) * filters > 1.15 * prod(out) * (filters + 20)


def reached(taps: int, stride: int, dilation: int, out: int, before: int, low: int,
            high: int) -> list[tuple[int, slice, slice]]:
    """Which taps of outputs along a size meet an input from low to high: (tap, outputs, inputs counted from low)."""
    found = []
    for tap in range(taps):
        start = tap * dilation - before
        first = max(0, -((start - low) // stride))
        last = min(out - 1, (high - 1 - start) // stride)
        if first <= last:
            at = start - low + first * stride
            found.append((tap, slice(first, last + 1), slice(at, at + (last - first) * stride + 1, stride)))
    return found


def cut_input(sizes: Sizes, window: Sizes, channels: int, filters: int, strides: Sizes,
              out: Sizes) -> tuple[int, int, int]:
    """How an input ``[batch, sizes…, channels]`` is cut into blocks: along which size, how many of it are a block, and
    elements of the product of a block."""
    rows = (sizes[0], *out)
    for axis in range(len(rows)):
        # the taps of this size and those before it are apart
        joined = prod(window[axis:]) * channels
        inner, limit = prod(out[axis:]) * joined, most(joined, rows, filters)
        if inner <= limit or axis == len(out):
            break
    many = max(1, min(rows[axis], limit // max(1, inner)))
    if axis:
        many = -(-rows[axis] // -(-rows[axis] // many))
    return axis, many * (strides[axis - 1] if axis else 1), many * inner


def to_input(n: KernelContext, sizes: Sizes, w: Any, g: Any, strides: Sizes, dilations: Sizes, pads: Pads) -> Any:
    """The gradient of x, of shape ``[batch, sizes…, channels]``, from the gradient g of the output."""
    xp = n.xp
    w = joined(xp, sizes[-1], w, g, xp.dtype(wide(xp, g.dtype)), n.winograd)
    many = sizes[-1] // w.shape[-2] if w.shape[-2] else 1
    if many == 1:
        return _to_input(n, sizes, w, g, strides, dilations, pads)
    step, filters = w.shape[-2], w.shape[-1] // many
    result = xp.empty(sizes, g.dtype)
    rows = result.reshape(-1, sizes[-1])
    for i in range(many):
        _to_input(n, (*sizes[:-1], step), w[..., i * filters:(i + 1) * filters],
                  g[..., i * filters:(i + 1) * filters], strides, dilations, pads, rows[:, i * step:(i + 1) * step])
    return result


def _to_input(n: KernelContext, sizes: Sizes, w: Any, g: Any, strides: Sizes, dilations: Sizes, pads: Pads,
              rows: Any = None) -> Any:
    xp, window, (channels, filters), out = n.xp, w.shape[:-2], w.shape[-2:], g.shape[1:-1]
    kind = xp.dtype(wide(xp, g.dtype))
    if not g.size or not w.size:
        if rows is not None:
            rows[...] = 0
        return xp.zeros(sizes, g.dtype) if rows is None else rows
    surrounded = turned_pads(n.winograd, sizes[1:-1], window, filters, strides, dilations, out, pads)
    if surrounded is not None:
        return ungrouped(n, g, w, strides, dilations, sizes[1:-1], surrounded, rows, turn=True)
    result = xp.empty(sizes, g.dtype) if rows is None else rows.reshape(sizes)
    axis, many, _ = cut_input(sizes, window, channels, filters, strides, out)
    apart, joined = window[:axis], window[axis:]
    across = xp.swapaxes(w.reshape(*apart, -1, filters), -1, -2)
    if w.size <= HUGE or w.dtype != kind:
        across = xp.ascontiguousarray(across, kind)
    blocks = -(-sizes[axis] // many)

    def met(i: int, low: int, high: int) -> list[tuple[int, slice, slice]]:
        return reached(window[i], strides[i], dilations[i], out[i], pads[i][0], low, high)

    whole = [met(i, 0, sizes[i + 1]) for i in range(axis, len(out))]
    inside = [tuple(zip(*taps)) or ((), (), ()) for taps in pairs(*whole)]

    def block(number: int) -> None:
        number, along = divmod(number, blocks)
        low: tuple[int, ...] = (along * many,)
        high: tuple[int, ...] = (min(sizes[axis], low[0] + many),)
        for size in sizes[:axis][::-1]:
            number, i = divmod(number, size)
            low, high = (i, *low), (i + 1, *high)
        place = tuple(map(slice, low, high))
        target = result[place] if result.dtype == kind else xp.empty(result[place].shape, kind)
        target[...] = 0
        for ahead in pairs(*[met(i, low[i + 1], high[i + 1]) for i in range(axis)]):
            tap, outputs, inputs = tuple(zip(*ahead)) or ((), (), ())
            part = g[(place[0], *outputs)]
            lines = part.shape[:axis + 1]
            part = part.reshape(-1, filters).astype(kind, copy=False)
            seen = xp.matmul(part, across[tap]).reshape(*lines, *out[axis:], *joined, channels)
            for taps, some, where in inside:
                target[(ALL, *inputs, *where)] += seen[(*(ALL for _ in lines), *some, *taps)]
            # let go of before the next is made
            seen = None
        if target.dtype != result.dtype:
            result[place] = target

    n.each(prod(sizes[:axis]) * blocks, block)
    return result
