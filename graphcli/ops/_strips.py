"""Strips: some outputs that are neighbours along the last size as one row of a product.

A patch of few channels is many short runs of memory, and copying them costs more than multiplying. A strip of
outputs sees a longer run; its filter is a band that holds the filter once for each output, zeros beside it. The
products grow by the zeros, the copies shrink: how long a strip is follows from shapes alone, by what
either costs.
"""
from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import Any

from ._windows import Sizes

MULTIPLY = 1 / 45
"""Nanoseconds of one multiplication in a product of float32 matrices."""
COPY, RUN = 0.1, 5.0
"""Nanoseconds of copying one element, and of beginning one run of memory."""
SHARED = 150_000
"""Nanoseconds of work, about, from which a second thread is worth waking."""
LONGEST = 128
"""Elements of a run that is long enough as it is."""


def nanoseconds(rows: int, window: Sizes, channels: int, filters: int) -> float:
    """What a convolution costs one thread, about. rows: its outputs."""
    depth = prod(window) * channels
    if prod(window) == 1:
        return rows * depth * filters * MULTIPLY
    return rows * depth * (filters * MULTIPLY + COPY + RUN / max(1, window[-1] * channels))


def reach(many: int, taps: int, stride: int, dilation: int) -> int:
    """How many neighbours a strip of ``many`` outputs sees."""
    return (many - 1) * stride + (taps - 1) * dilation + 1


def strip(xp: Any, w: Any, x: Sizes, shape: Sizes, strides: Sizes, dilations: Sizes, out: Sizes) -> int:
    """How many outputs of a convolution of x with a filter of this shape make a strip; 1: none do. w: an array of the
    dtype that is multiplied."""
    *window, channels, filters = shape
    if xp.__name__ != "numpy" or w.dtype.kind != "f":
        return 1
    return best(x[0] * prod(out[:-1]), tuple(window), channels, filters, strides[-1], dilations[-1], out[-1])


def best(lines: int, window: Sizes, channels: int, filters: int, stride: int, dilation: int, width: int) -> int:
    """How many of the outputs of these lines make a strip; 1 where a patch is one tap, or runs that are long."""
    return cheapest(lines, window, channels, filters, stride, dilation, width)[0]


@lru_cache(1024)
def cheapest(lines: int, window: Sizes, channels: int, filters: int, stride: int, dilation: int, width: int
             ) -> tuple[int, float]:
    """How many outputs make a strip, and the nanoseconds that a convolution then costs one thread, about."""
    plain = nanoseconds(lines * width, window, channels, filters)
    if not lines or not prod(window) * channels * filters or window[-1] * channels >= LONGEST or prod(window) == 1:
        return 1, plain

    def cost(many: int) -> float:
        if many == 1:
            return plain
        span = reach(many, window[-1], stride, dilation)
        depth = prod(window[:-1]) * span * channels
        band = depth * many * filters * COPY + many * prod(window) * channels * (filters * COPY + RUN)
        return band + nanoseconds(lines * width // many, (*window[:-1], span), channels, many * filters)

    many = min((many for many in range(1, width + 1) if not width % many), key=cost, default=1)
    return many, cost(many)


def _diagonals(xp: Any, band: Any, many: int, taps: int, stride: int, dilation: int) -> Any:
    """A view ``[window…, many, taps, channels, filters]`` of a band ``[window…, span, channels, many, filters]``."""
    *lead, along, channel, output, one = band.strides
    shape = (*band.shape[:-4], many, taps, band.shape[-3], band.shape[-1])
    steps = (*lead, stride * along + output, dilation * along, channel, one)
    return xp.lib.stride_tricks.as_strided(band, shape, steps)


def banded(xp: Any, w: Any, many: int, stride: int, dilation: int) -> Any:
    """The filter ``[window…, span, channels, many * filters]`` of strips of ``many`` outputs."""
    *lead, taps, channels, filters = w.shape
    span = reach(many, taps, stride, dilation)
    band = xp.zeros((*lead, span, channels, many, filters), w.dtype)
    _diagonals(xp, band, many, taps, stride, dilation)[...] = xp.expand_dims(w, -4)
    return band.reshape(*lead, span, channels, many * filters)


def unbanded(xp: Any, band: Any, shape: Sizes, many: int, stride: int, dilation: int) -> Any:
    """The gradient of a filter of this shape from that of its band: the sum over the outputs of a strip."""
    *lead, taps, _, filters = shape
    parts = band.reshape(*band.shape[:-1], many, filters)
    return _diagonals(xp, parts, many, taps, stride, dilation).sum(len(lead))
