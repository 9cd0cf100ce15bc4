"""Pools of numpy's images, a tap of all windows at a time laid out side by side.

The channels of an element are copied as one run of memory, and calls then go over arrays in one piece: numpy's inner
loop over few channels is mostly its own cost.
"""
from __future__ import annotations

from functools import lru_cache
from itertools import product as pairs
from math import prod
from typing import Any

import numpy

from ._runs import ALL, by_runs
from ._windows import Pads, Sizes, counts

GROUP = 1 << 17
"""Elements of the images of which taps are laid out at a time."""
PART = 1 << 15
"""Elements of an output that are made along one size after the other at a time."""
BITS: dict[Any, Any] = {numpy.dtype(real): numpy.dtype(bits) for real, bits in (
    (numpy.float32, numpy.int32), (numpy.float64, numpy.int64))}


class Taps:
    """Where the taps of windows lie. padded: the sizes with a border that all windows fit into, None where they do.
    inside: what is seen, within these. places: of each tap, and along each size. one_by_one: whether one size is
    taken after the other."""

    def __init__(self, sizes: Sizes, window: Sizes, strides: Sizes, out: Sizes, pads: Pads) -> None:
        ends = [(o - 1) * s + k - b for o, s, k, (b, _) in zip(out, strides, window, pads)]
        around = [(max(0, b), max(0, end - size)) for size, end, (b, _) in zip(sizes, ends, pads)]
        self.padded = tuple(s + b + a for s, (b, a) in zip(sizes, around)) if any(map(any, around)) else None
        self.inside = (ALL, *(slice(b, b + s) for s, (b, _) in zip(sizes, around)))
        skipped = [max(0, -b) for b, _ in pads]
        along = [[slice(t + first, t + first + (o - 1) * s + 1, s) for t in range(k)]
                 for first, k, s, o in zip(skipped, window, strides, out)]
        self.places = [(ALL, *place) for place in pairs(*along)]
        self.along = along
        self.one_by_one = max(strides) == 1 and sum(k > 1 for k in window) > 1
        self.apart = all(s >= k for s, k in zip(strides, window))
        self.all = self.apart and sizes == tuple(o * k for o, k in zip(out, window)) and strides == window

    def around(self, x: Any, value: Any) -> Any:
        """Images with a border of this value."""
        if self.padded is None:
            return x
        whole = numpy.full((len(x), *self.padded, x.shape[-1]), value, x.dtype)
        whole[self.inside] = x
        return whole


taps_of = lru_cache(1024)(Taps)


def fits(xp: Any, *arrays: Any) -> bool:
    """Whether these are numpy's floats, the channels of an element side by side."""
    return xp is numpy and all([a.dtype in BITS and a.dtype == arrays[0].dtype and a.size and (
        a.shape[-1] == 1 or a.strides[-1] == a.itemsize) for a in arrays])


def images(x: Sizes) -> int:
    """How many images are a group."""
    return max(1, min(x[0], GROUP * x[0] // max(1, prod(x))))


def groups(x: Any) -> Any:
    """Some images at a time."""
    many = images(x.shape)
    return [slice(i, i + many) for i in range(0, len(x), many)]


def gathered(taps: Taps, x: Any, border: Any, result: Any, put: Any) -> None:
    """Into result, of as many images: the taps of windows, by ``put(result, tap, out=result)``."""
    if taps.one_by_one:
        _one_by_one(taps, taps.around(x, border), result, put)
        return
    seen, other = by_runs(taps.around(x, border)), None
    by_runs(result)[...] = seen[taps.places[0]]
    for place in taps.places[1:]:
        other = numpy.empty_like(result) if other is None else other
        by_runs(other)[...] = seen[place]
        put(result, other, out=result)


def _one_by_one(taps: Taps, seen: Any, result: Any, put: Any) -> None:
    """The same for strides of 1, along one size after the other, some lines at a time: fewer taps are put together, and
    whole lines lie in one piece."""
    lines, (down, *others) = result.shape[1], taps.along
    many = max(1, PART * lines // result.size)
    for start in range(0, lines, many):
        some = min(many, lines - start)
        first = down[0].start + start
        part = seen[:, first:first + some - 1 + len(down)]
        for axis, places in enumerate(others, 1):
            part = _along(part, axis, places, put, None)
        _along(part, 0, [slice(t, t + some) for t in range(len(down))], put, result[:, start:start + some])


def _along(x: Any, axis: int, places: Any, put: Any, out: Any) -> Any:
    """The taps along one size, into ``out`` where that is given."""
    one, *others = (x[(ALL,) * (axis + 1) + (place,)] for place in places)
    if not others:
        if out is not None:
            out[...] = one
        return one
    out = put(one, others[0], out=out)
    for other in others[1:]:
        put(out, other, out=out)
    return out


def greatest(x: Any, window: Sizes, strides: Sizes, out: Sizes, pads: Pads) -> Any:
    """The greatest of each window, NaN passed over, or the least finite number."""
    taps, low = taps_of(x.shape[1:-1], window, strides, out, pads), numpy.finfo(x.dtype).min
    result = numpy.empty((len(x), *out, x.shape[-1]), x.dtype)
    for some in groups(x):
        best = result[some]
        gathered(taps, x[some], low, best, numpy.fmax)
        if not best.min() >= low:
            numpy.fmax(best, low, out=best)
    return result


@lru_cache(256)
def seen_by(window: Sizes, strides: Sizes, out: Sizes, sizes: Sizes, pads: Pads, kind: Any) -> Any:
    """How many inputs each window sees, one number where all see as many."""
    found = counts(numpy, window, strides, out, sizes, pads, kind)
    return found.flat[0] if found.size and found.min() == found.max() else found


def mean(x: Any, window: Sizes, strides: Sizes, out: Sizes, pads: Pads) -> Any:
    """The mean of each window, without the border."""
    taps = taps_of(x.shape[1:-1], window, strides, out, pads)
    result = numpy.empty((len(x), *out, x.shape[-1]), x.dtype)
    for some in groups(x):
        gathered(taps, x[some], 0, result[some], numpy.add)
    result /= seen_by(window, strides, out, x.shape[1:-1], pads, x.dtype)
    return result


def to_mean(shape: Sizes, g: Any, window: Sizes, strides: Sizes, out: Sizes, pads: Pads) -> Any:
    """The gradient of the input, of this shape: each window's is shared out among its values."""
    taps = taps_of(shape[1:-1], window, strides, out, pads)
    share = g / seen_by(window, strides, out, shape[1:-1], pads, g.dtype)
    whole = taps.all and taps.padded is None
    target = (numpy.empty if whole else numpy.zeros)((len(g), *(taps.padded or shape[1:-1]), shape[-1]), g.dtype)
    for place in taps.places:
        if taps.apart:
            by_runs(target)[place] = by_runs(share)
        else:
            target[place] += share
    return target if taps.padded is None else numpy.ascontiguousarray(target[taps.inside])


def to_greatest(x: Any, y: Any, g: Any, window: Sizes, strides: Sizes, out: Sizes, pads: Pads) -> Any:
    """The gradient of the input: each window's goes to the first of its greatest values."""
    taps, kind = taps_of(x.shape[1:-1], window, strides, out, pads), BITS[x.dtype]
    whole = taps.all and taps.padded is None
    result = (numpy.empty if whole or taps.padded else numpy.zeros)(x.shape, g.dtype)
    for some in groups(x):
        best, given = y[some], g[some].view(kind)
        # nothing is equal to a border of these
        seen, made = by_runs(taps.around(x[some], numpy.nan)), numpy.empty(best.shape, g.dtype)
        target = result[some]
        if taps.padded is not None:
            target = numpy.zeros((len(best), *taps.padded, x.shape[-1]), g.dtype)
        runs, bits, hit, free = by_runs(made), made.view(kind), numpy.empty(best.shape, bool), None
        for place in taps.places:
            runs[...] = seen[place]
            numpy.equal(made, best, out=hit)
            if free is None:
                free = numpy.logical_not(hit)
            else:
                hit &= free
                free ^= hit
            # the bits of g where it hits, else 0
            numpy.multiply(given, hit, out=bits)
            if taps.apart:
                by_runs(target)[place] = runs
            else:
                target[place] += made
        if taps.padded is not None:
            result[some] = target[taps.inside]
    return result
