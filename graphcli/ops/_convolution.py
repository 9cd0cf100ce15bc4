"""Convolution of any number of sizes as matrix products over blocks of patches.

A window of one tap needs no patches at all. Where channels are few, the copies of patches would cost more than the
products, and a row of the product is a strip of outputs (``_strips``). The context's ``each`` shares the blocks among
threads, of a convolution that is worth it. Half precision is multiplied and summed in single precision, a block at a
time.
"""
from __future__ import annotations

from math import prod
from typing import Any

from ..graph.kernel import KernelContext, Product, in_turn
from ._blocks import HUGE, Blocks, side_by_side
from ._joined_groups import joined
from ._panels import adds, product
from ._strips import SHARED, banded, nanoseconds
from ._strips import strip as strip_of
from ._windows import Pads, Sizes, finite, layout
from ._winograd import bounded, convolve

ROWS = 4
"""Into how many blocks a shared convolution of one tap is cut."""


def wide(xp: Any, dtype: Any) -> Any:
    """The dtype to multiply in: half precision is summed in single precision."""
    return xp.float32 if dtype.itemsize == 2 else dtype


def groups(x: Any, w: Any) -> int:
    """How many groups of channels a filter works on."""
    return int(x.shape[-1] // w.shape[-2]) if w.shape[-2] else 1


def forward(n: KernelContext, x: Any, w: Any, strides: Sizes, dilations: Sizes, out: Sizes, pads: Pads) -> Any:
    """``[batch, out…, filters]`` of x ``[batch, size…, channels]`` and w ``[window…, channels, filters]``."""
    xp = n.xp
    w = w.astype(wide(xp, x.dtype), copy=False)
    w = joined(xp, x.shape[-1], w, x, w.dtype, n.winograd)
    many = groups(x, w)
    if many == 1:
        return ungrouped(n, x, w, strides, dilations, out, pads)
    step, filters = w.shape[-2], w.shape[-1] // many
    result = xp.empty((x.shape[0], *out, w.shape[-1]), x.dtype)
    rows = result.reshape(-1, w.shape[-1])
    for g in range(many):
        some = slice(g * filters, (g + 1) * filters)
        ungrouped(n, x[..., g * step:(g + 1) * step], w[..., some], strides, dilations, out, pads, rows[:, some])
    return result


def turned(xp: Any, w: Any) -> Any:
    """A view of a filter, its taps in the opposite order and channels and filters exchanged."""
    return xp.swapaxes(w[(slice(None, None, -1),) * (w.ndim - 2)], -1, -2)


def ungrouped(n: KernelContext, x: Any, w: Any, strides: Sizes, dilations: Sizes, out: Sizes, pads: Pads,
              rows: Any = None, turn: bool = False) -> Any:
    """``forward`` of one group of channels. rows: ``[outputs, filters]`` of a larger result, to be filled; turn:
    whether it is the convolution with the turned filter."""
    xp, filters = n.xp, w.shape[-2 if turn else -1]
    if n.winograd and bounded(xp, x, w):
        found = convolve(n, x, turned(xp, w) if turn else w, out, pads, turn)
        if rows is not None:
            rows[...] = found.reshape(rows.shape)
        return found
    if turn:
        w, kind = turned(xp, w), xp.dtype(wide(xp, x.dtype))
        if xp.__name__ != "numpy" or w.size <= HUGE or w.dtype != kind:
            w = xp.ascontiguousarray(w, kind)
    many = strip_of(xp, w, x.shape, w.shape, strides, dilations, out)
    if many == 1 or not finite(xp, x, w.dtype):
        # what is not finite must not meet the zeros of a band
        return _products(n, x, w, strides, dilations, out, pads, rows)
    result = _products(n, x, banded(xp, w, many, strides[-1], dilations[-1]),
                       (*strides[:-1], strides[-1] * many), (*dilations[:-1], 1), (*out[:-1], out[-1] // many), pads,
                       None if rows is None else rows.reshape(-1, many, filters))
    return result if rows is not None else result.reshape(x.shape[0], *out, filters)


def as_they_lie(window: Sizes, strides: Sizes, pads: Pads) -> bool:
    """Whether the patches are the image itself."""
    return prod(window) == 1 and max(strides, default=1) == 1 and not any(map(any, pads))


def _products(n: KernelContext, x: Any, w: Any, strides: Sizes, dilations: Sizes, out: Sizes, pads: Pads,
              rows: Any) -> Any:
    xp, window, (channels, filters) = n.xp, w.shape[:-2], w.shape[-2:]
    form = (x.shape[0], *out, filters)
    if not prod(form):
        return xp.empty(form, x.dtype)
    if rows is None and as_they_lie(window, strides, pads) and x.dtype == w.dtype and not layout(n).first:
        return one_tap(n)(x.reshape(-1, channels), w.reshape(-1, filters)).reshape(form)
    result = xp.empty(form, x.dtype) if rows is None else rows
    rows = result.reshape(-1, filters) if rows is None else rows
    shared = nanoseconds(len(rows), window, channels, filters) > SHARED
    blocks = Blocks(xp, x, window, strides, dilations, out, pads, w.dtype, filters)
    add = adds(xp, w.dtype)
    # outputs may be of half precision, or strips of a group's
    apart = rows.dtype != w.dtype or rows.ndim > 2 and not rows.flags.c_contiguous
    # each part copies the patches again
    across, wide = side_by_side(filters, 2 if len(blocks) == 1 and rows.ndim == 2 and xp.__name__ == "numpy" else 1)

    def strip(i: int) -> None:
        i, part = divmod(i, across)
        these = slice(part * wide, (part + 1) * wide) if across > 1 else slice(None)
        for place, taps, seen in blocks.of(i):
            there, some = rows[blocks.rows(place)], w[taps].reshape(-1, filters)[:, these]
            there = there[:, these] if across > 1 else there
            if not any(taps):
                made = product(xp, seen, some, xp.empty((len(seen), some.shape[1]), w.dtype) if apart else there)
            else:
                add(seen, some, made)
            if apart and blocks.ends(taps):
                there[...] = made.reshape(there.shape)
                made = None

    (n.each if shared else in_turn)(len(blocks) * across, strip)
    return result


def one_tap(n: KernelContext) -> Product:
    """All outputs of a window of one tap as one product of matrices, which needs no patches."""
    xp = n.xp

    def by_blocks(seen: Any, flat: Any) -> Any:
        rows = xp.empty((len(seen), flat.shape[1]), seen.dtype)
        if nanoseconds(len(rows), (1,), *flat.shape) <= SHARED:
            return product(xp, seen, flat, rows)
        if flat.shape[1] > len(rows):
            # each thread reads the filter once
            parts, wide = side_by_side(flat.shape[1], ROWS)
            n.each(parts, lambda i: xp.matmul(seen, flat[:, i * wide:(i + 1) * wide],
                                              out=rows[:, i * wide:(i + 1) * wide]))
            return rows
        lines = -(-len(rows) // (4 * ROWS)) * 4
        n.each(-(-len(rows) // lines), lambda i: product(
            xp, seen[i * lines:(i + 1) * lines], flat, rows[i * lines:(i + 1) * lines]))
        return rows

    whole = n.shared(by_blocks, xp.matmul)
    return lambda seen, flat: (whole if seen.dtype.kind == "f" else by_blocks)(seen, flat)
