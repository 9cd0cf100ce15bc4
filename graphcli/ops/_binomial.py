"""Binomial counts as TensorFlow 1.15 draws them: each takes as much of one stream as it needs, one after the other."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from math import ceil, floor, isnan, log, log1p, sqrt
from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.shapes import show
from . import _philox as philox

_WORDS = 1 << 10
_TAILS = (0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.02079067210376509, 0.0166446911898211,
          0.0138761288230707, 0.0118967099458917, 0.0104112652619720, 0.00925546218271273, 0.00833056343336287)
Pairs = Iterator[tuple[float, float]]


def _pairs(rng: philox.Philox, at: int) -> Pairs:
    """The uniform numbers of the stream, in the order in which TensorFlow takes the two of a step."""
    while True:
        for later, sooner in philox.uniform_of(rng.words(at, _WORDS), np.dtype(np.float64)).reshape(-1, 2).tolist():
            yield sooner, later
        at += _WORDS


def _inversion(count: float, prob: float, pairs: Pairs) -> float:
    """Sums of geometric numbers."""
    if prob == 0:
        return 0.0
    total, found, rest = 0.0, 0, log1p(-prob)
    while True:
        for u in next(pairs):
            total += ceil(log(u) / rest) if u else float("inf")
            if total > count:
                return float(found)
            found += 1


def _tail(k: float) -> float:
    if k <= 9:
        return _TAILS[int(k)]
    square = (k + 1) * (k + 1)
    return (1 / 12 - (1 / 360 - 1 / 1260 / square) / square) / (k + 1)


def _rejection(count: float, prob: float, pairs: Pairs) -> float:
    """Hörmann's transformed rejection."""
    deviation = sqrt(count * prob * (1 - prob))
    b = 1.15 + 2.53 * deviation
    a = -0.0873 + 0.0248 * b + 0.01 * prob
    c = count * prob + 0.5
    limit, ratio, alpha = 0.92 - 4.2 / b, prob / (1 - prob), (2.83 + 5.1 / b) * deviation
    m = floor((count + 1) * prob)
    for u, v in pairs:
        u -= 0.5
        us = 0.5 - abs(u)
        if not us:
            continue
        k = floor((2 * a / us + b) * u + c)
        if us >= 0.07 and v <= limit:
            return float(k)
        if k < 0 or k > count:
            continue
        v = log(v * alpha / (a / (us * us) + b)) if v else -float("inf")
        if v <= ((m + 0.5) * log((m + 1) / (ratio * (count - m + 1)))
                 + (count + 1) * log((count - m + 1) / (count - k + 1))
                 + (k + 0.5) * log(ratio * (count - k + 1) / (k + 1))
                 + _tail(m) + _tail(count - m) - _tail(k) - _tail(count - k)):
            return float(k)
    raise AssertionError


def _of(count: float, prob: float) -> Callable[[Pairs], float]:
    """How a count is drawn."""
    if isnan(count) or isnan(prob) or count < 0:
        return lambda pairs: 0.0
    less = min(max(min(prob, 1 - prob), 0.0), 0.5)
    way = _rejection if count * less >= 10 else _inversion
    return (lambda pairs: way(count, less, pairs)) if prob <= 0.5 else lambda pairs: count - way(count, less, pairs)


def binomial(rng: philox.Philox, at: int, shape: tuple[int, ...], counts: Any, probs: Any) -> Any:
    """Counts of a shape, rows of which have a number of trials and a probability each, or all the same."""
    for what, given in (("counts", counts), ("probs", probs)):
        if given.ndim > 1 or given.ndim == 1 and len(given) not in (1, *shape[:1]):
            raise InvalidArgument(f"Input {what} should have length 1 or shape[0], got shape: {show(given.shape)}")
    rows = shape[0] if shape else 1
    out = np.empty((rows, int(np.prod(shape[1:], dtype=np.int64))), np.float64)
    pairs = _pairs(rng, at)
    for row, count, prob in zip(out, *(np.broadcast_to(g.reshape(-1).astype(np.float64), rows).tolist()
                                       for g in (counts, probs))):
        draw = _of(count, prob)
        for i in range(len(row)):
            row[i] = draw(pairs)
    return out.reshape(shape)
