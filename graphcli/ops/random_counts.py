"""Gamma and Poisson numbers on TensorFlow's streams: each output has a stretch of the stream of its own."""
from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from ..graph.inference import broadcast_shape
from ..graph.opdef import op, undefined_gradient
from . import _gamma as exact
from . import _philox as philox
from .math_gamma import blocks, double
from .random import _total, sizes

CPU_ONLY = True
BLOCK = 1 << 13
"""Outputs that are made at a time."""
GAMMA, POISSON = 220, 160
"""Bytes that one takes on the way."""
FACTORIALS = 1 << 12
"""Numbers of which the logarithm of the factorial is kept."""


def _outer(n: Any, shape: Any, values: Any) -> Any:
    n.with_rank(shape, 1, "the shape")
    head = n.shape_value(0)
    return None if head is None or values is None else head + values


class _Draws:
    """Doubles of the stretches of the stream that some outputs have, uniform and normal, in TensorFlow's order.

    first: the counter from ``at`` on at which the stretch of each begins.
    """

    def __init__(self, rng: philox.Philox, at: int, first: Any) -> None:
        self.rng = rng
        self.at = at
        self.next = first
        self.pairs = np.empty((2, len(first), 2))
        self.left = np.zeros((2, len(first)), np.int8)

    def uniform(self, who: Any) -> Any:
        """The next uniform number of some of the outputs."""
        return self._take(0, who, lambda words: philox.uniform_of(words, np.dtype(np.float64)))

    def normal(self, who: Any) -> Any:
        return self._take(1, who, philox.normal_double_of)

    def _take(self, kind: int, who: Any, make: Any) -> Any:
        pairs, left = self.pairs[kind], self.left[kind]
        none = who[left[who] == 0]
        if none.size:
            pairs[none] = make(self.rng.words_at(self.at, self.next[none])).reshape(-1, 2)
            self.next[none] += np.uint64(1)
            left[none] = 2
        left[who] -= 1
        return pairs[who, left[who]]


def _drawn(n: Any, method: Any) -> Any:
    """The kernel of ``method(rng, at, first, parameters)``, a number for each; its stretch of the stream begins at the
    counter ``at + first``."""
    rng, dtype = philox.stream(n), n.dtype()

    def draw(shape: Any, given: Any) -> Any:
        head, flat = sizes(shape), np.asarray(given).reshape(-1)
        each = _total(head)
        at = rng.reserve(each * flat.size * philox.RESERVED)
        out = np.empty((each, flat.size), dtype)

        # two threads would hinder each other: the calls are short
        for start in range(0, out.size, BLOCK):
            index = np.arange(start, min(out.size, start + BLOCK))
            column, row = np.divmod(index, each)
            first = index.astype(np.uint64) * np.uint64(philox.RESERVED)
            out[row, column] = method(rng, at, first, flat[column].astype(np.float64))
        return out.reshape(head + np.shape(given))

    return draw


def _taken(n: Any, each: int) -> int:
    return int(each * min(n.made(), BLOCK))


def _gamma(rng: philox.Philox, at: int, first: Any, alpha: Any) -> Any:
    """Marsaglia and Tsang's method (ACM TOMS 26, 2000)."""
    draws = _Draws(rng, at, first)
    out = np.full(len(alpha), np.nan)
    ones = np.flatnonzero(alpha == 1)
    out[ones] = -np.log1p(-draws.uniform(ones))
    small = alpha < 1
    d = alpha + np.where(small, 2.0 / 3, -1.0 / 3)
    drawn = (d > 0) & (alpha != 1)
    c = 1.0 / 3 / np.sqrt(np.where(drawn, d, np.nan))
    who = np.flatnonzero(drawn)
    while who.size:
        x = draws.normal(who)
        v = 1 + c[who] * x
        inside = v > 0
        some, x, v = who[inside], x[inside], v[inside]
        v = v * v * v
        u = draws.uniform(some)
        good = (u < 1 - 0.0331 * (x * x) * (x * x)) | (u > 0) & (
            np.log(u) < 0.5 * x * x + d[some] * (1 - v + np.log(v)))
        out[some[good]] = d[some[good]] * v[good]
        who = who[np.isnan(out[who])]
    few = np.flatnonzero(small & drawn)
    with np.errstate(divide="ignore"):
        out[few] *= draws.uniform(few) ** (1 / alpha[few])
    return out


@op
class RandomGamma:
    """Gamma numbers of rate 1: ``shape + alpha.shape`` (tf.random_gamma)."""

    signature = "shape: S, alpha: T -> output: T"
    attrs = "seed: int = 0; seed2: int = 0; S: {int32, int64}; T: {float16, float32, float64}"
    stateful = True
    infer = _outer

    def kernel(n: Any) -> Any:
        return _drawn(n, _gamma)

    def scratch(n: Any) -> int:
        return _taken(n, GAMMA)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        """By implicit differentiation: how a sample moves with alpha at a fixed place of the stream."""
        shape, alpha = op.inputs
        lead = tf.shape(shape)[0]
        spread = tf.reshape(alpha, tf.concat([tf.ones([lead], dtype=tf.int32), tf.shape(alpha)], 0))
        slope = tf.apply_op("RandomGammaGrad", None, [spread, op.outputs[0]])
        return [None, tf.reduce_sum(grad * slope, axis=tf.range(lead))]


@op
class RandomGammaGrad:
    """How gamma samples move with their alpha."""

    signature = "alpha: T, sample: T -> output: T"
    attrs = "T: {float32, float64}"
    elementwise = True
    infer = broadcast_shape
    gradient = undefined_gradient
    scratch = blocks(19, 17)

    def kernel(n: Any) -> Any:
        def slope(xp: Any, a: Any, x: Any) -> Any:
            density = xp.exp(-x + (a - 1) * xp.log(x) - exact.lgamma(xp, a))
            return -exact.igamma_slope(xp, a, x) / density

        return double(n, slope)


def _poisson(rng: philox.Philox, at: int, first: Any, rate: Any) -> Any:
    """Knuth's product for small rates, Hörmann's transformed rejection for others, as TensorFlow."""
    def pairs(who: Any, step: int) -> tuple[Any, Any]:
        """The next two uniform numbers of some of the outputs."""
        words = rng.words_at(at, first[who] + np.uint64(step))
        later, sooner = philox.uniform_of(words, np.dtype(np.float64)).reshape(-1, 2).T
        return sooner, later

    out = np.full(len(rate), np.nan)
    who, count = np.flatnonzero(rate < 10), 0  # of a rate below 0 as well: its limit is above every product
    with np.errstate(over="ignore"):
        limit, product, later = np.exp(-rate[who]), np.ones(len(who)), who
    while who.size:
        unit, later = (later, later) if count % 2 else pairs(who, count // 2)
        product = product * unit
        over = product > limit
        out[who[~over]] = count
        who, limit, product, later, count = who[over], limit[over], product[over], later[over], count + 1
    who, step = np.flatnonzero((rate >= 10) & (rate < np.inf)), 0
    while who.size:
        some = rate[who]
        b = 0.931 + 2.53 * np.sqrt(some)
        a = -0.059 + 0.02483 * b
        u, v = pairs(who, step)
        u = u - 0.5
        us = 0.5 - np.abs(u)
        k = np.where(us > 0, np.floor((2 * a / us + b) * u + some + 0.43), -1)
        good = (us >= 0.07) & (v <= 0.9277 - 3.6224 / (b - 2))
        i = np.flatnonzero(~good & (k >= 0) & ((us >= 0.013) | (v <= us)))
        a, b, us, some, whole = a[i], b[i], us[i], some[i], k[i]
        s = np.log(v[i] * (1.1239 + 1.1328 / (b - 3.4)) / (a / (us * us) + b))
        good[i] = s <= -some + whole * np.log(some) - _log_factorial(whole)
        out[who[good]] = k[good]
        who, step = who[~good], step + 1
    return out


@lru_cache
def _log_factorials() -> Any:
    return exact.lgamma(np, np.arange(1, FACTORIALS + 1))


def _log_factorial(k: Any) -> Any:
    out = _log_factorials().take(k.astype(np.intp), mode="clip")
    large = np.flatnonzero(k >= FACTORIALS)
    out[large] = exact.lgamma(np, k[large] + 1)
    return out


@op
class RandomPoissonV2:
    """Poisson counts: ``shape + rate.shape`` (tf.random_poisson)."""

    signature = "shape: S, rate: R -> output: dtype"
    attrs = ("seed: int = 0; seed2: int = 0; S: {int32, int64}; R: {float16, float32, float64, int32, int64} = "
             "float64; dtype: {float16, float32, float64, int32, int64} = int64")
    stateful = True
    infer = _outer
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        return _drawn(n, _poisson)

    def scratch(n: Any) -> int:
        return _taken(n, POISSON)


@op
class RandomPoisson:
    """Poisson counts of the rates' dtype, as graphs of before 1.4 have them."""

    signature = "shape: S, rate: dtype -> output: dtype"
    attrs = "seed: int = 0; seed2: int = 0; S: {int32, int64}; dtype: {float16, float32, float64}"
    stateful = True
    infer = _outer
    gradient = undefined_gradient
    kernel, scratch = RandomPoissonV2.kernel, RandomPoissonV2.scratch
