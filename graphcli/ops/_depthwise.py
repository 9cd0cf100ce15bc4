"""Sums of what the taps of a window see of each channel times factors of its own."""
from __future__ import annotations

from math import gcd, prod
from typing import Any

import numpy

from ..graph.kernel import in_turn
from ._pooling import room
from ._strips import SHARED
from ._windows import layout, lines_of, pad

LINES = 1 << 17
"""Elements of an image from which some lines of it are padded at a time."""
SMALL = 1 << 20
"""Elements of images that are padded at once."""
LEAST, MOST, BLOCKS = 1 << 15, 1 << 17, 4
"""Elements of an output that are summed at a time, at least and at most, and into how many blocks it is cut between:
a call of einsum takes 7 us beside its sums."""
NARROW = 48
"""Channels up to which columns are laid side by side: the copy takes less than runs of so few elements."""


def spread(xp: Any, each: Any, x: Any, w: Any, strides: Any, dilations: Any, result: Any) -> None:
    """Into ``[batch, out…, channels * multiplier]``, of a padded x: what each tap sees times its w, added up.

    Lines of an image at a time, which threads share; for strides of 1 the factors are laid out for a whole line, so
    that numpy's inner loop is as long as that. Of few channels the columns that the same taps see are laid side by side
    where they lie strides apart.
    """
    kind, out, channels = result.dtype, result.shape[1:-1], result.shape[-1]
    x, w = x.astype(kind, copy=False), w.astype(kind, copy=False)
    if w.shape[3] > 1:
        x = xp.repeat(x, w.shape[3], -1)
    taps, (down, along) = w.reshape(*w.shape[:2], channels), strides
    lines, apart = _block(result.shape, along)
    x = xp.ascontiguousarray(x)
    reach = (taps.shape[0] - 1) * dilations[0] + 1
    width = (out[1] * channels,) if apart == along else (out[1], channels)
    columns, after = [], apart // gcd(apart, dilations[1])
    for first in range(min(after, taps.shape[1])):
        at, column = divmod(first * dilations[1], apart)
        these = taps[:, first::after]
        factors = xp.tile(these, out[1]) if apart == along else these[:, :, None]
        columns.append((column, at, after * dilations[1] // apart, factors))
    across = -(-out[0] // lines)

    def block(i: int) -> None:
        image, line = divmod(i, across)
        part = slice(line * lines, min(out[0], (line + 1) * lines))
        into = result[image, part].reshape(-1, *width)
        seen = x[image, part.start * down:(part.stop - 1) * down + reach]
        for column, at, step, factors in columns:
            side = xp.ascontiguousarray(seen[:, column::apart])[:, at:]
            down_one, along_one, one = side.strides
            inner = (one,) if apart == along else (along_one * along, one)
            # [line, tap, tap, ...]: what the taps of each output see
            met = xp.lib.stride_tricks.as_strided(
                side, (len(into), *factors.shape[:2], *width),
                (down_one * down, down_one * dilations[0], along_one * step, *inner))
            if column != columns[0][0]:
                into += xp.einsum("yij...,ij...->y...", met, factors)
            elif xp is numpy:
                xp.einsum("yij...,ij...->y...", met, factors, out=into)
            else:
                into[...] = xp.einsum("yij...,ij...->y...", met, factors)
            side = met = None

    each(x.shape[0] * across, block)


def _block(out: Any, along: int) -> tuple[int, int]:
    """(Lines of an image that are summed at a time, how far apart the columns were that lie side by side)."""
    _, down, across, channels = out
    apart = along if channels <= NARROW else 1
    some = LEAST if apart > 1 else max(LEAST, min(MOST, prod(out) // BLOCKS))
    return -(-down // max(1, -(-down * across * channels // some))), apart


def factors(out: Any, window: Any, strides: Any) -> int:
    """Elements of the factors, which are laid out for a line where its columns lie side by side."""
    return int(window[0] * window[1] * out[3] * (out[2] if _block(out, strides[1])[1] == strides[1] else 1))


def laid_out(out: Any, window: Any, strides: Any, dilations: Any) -> int:
    """Elements of a block's columns that are laid side by side, and of what is made of them."""
    lines, apart = _block(out, strides[1])
    if apart == 1:
        return 0
    seen = lines * strides[0] + (window[0] - 1) * dilations[0]
    return int((seen * (out[2] + window[1] // apart) + lines * out[2]) * out[3])


def padded_spread(n: Any, x: Any, w: Any, strides: Any, dilations: Any, out: Any, pads: Any) -> Any:
    """``spread`` of an x that is yet to be padded: some images at a time, of large ones some lines."""
    xp, image = n.xp, x.size // max(1, len(x)) * max(1, w.shape[3])
    channels = w.shape[2] * w.shape[3]
    kind = xp.float32 if x.dtype.itemsize == 2 else x.dtype
    result = room(n, (len(x), *out, channels), x.dtype)
    direct = result.dtype == kind and not layout(n).first
    if not result.size or not w.size:
        result[...] = 0
        return result
    lines = max(1, LINES * out[0] // max(1, image))
    together = max(1, lines // out[0])
    parts = list(lines_of(lines, out[0], w.shape[0], strides[0], dilations[0], x.shape[1], pads[0]))

    def some(i: int) -> None:
        first, part = divmod(i, len(parts))
        to, seen, around = parts[part]
        images = slice(first * together, (first + 1) * together)
        into = result[images, to]
        made = into if direct else xp.empty(into.shape, kind)
        spread(xp, in_turn, pad(xp, x[images, seen], (around, pads[1])), w, strides, dilations, made)
        if not direct:
            into[...] = made

    each = n.each if result.size * w.shape[0] * w.shape[1] * 0.2 > SHARED else in_turn
    if image * len(x) <= SMALL:
        made = result if direct else xp.empty(result.shape, kind)
        spread(xp, each, pad(xp, x, pads), w, strides, dilations, made)
        if not direct:
            result[...] = made
    else:
        each(-(-len(x) // together) * len(parts), some)
    return result


def some_lines(n: Any, x: Any, w: Any, padded: int) -> int:
    """Elements of what is padded, and multiplied, at a time, of so many in all. x: the images."""
    if prod(x) * max(1, w[3]) <= SMALL:
        return padded
    return int(min(padded, n.threads * (1 + (w[3] > 1)) * max(LINES, prod(x[2:]) * w[0]) * 1.1))
