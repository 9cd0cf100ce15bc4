"""Gamma and Poisson numbers on TensorFlow's streams: each output has a stretch of the stream of its own."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..graph.inference import broadcast_shape
from ..graph.opdef import op, undefined_gradient
from . import _gamma as exact
from . import _philox as philox
from .math_gamma import double
from .random import _total, sizes

CPU_ONLY = True


def _outer(n: Any, shape: Any, values: Any) -> Any:
    n.with_rank(shape, 1, "the shape")
    head = n.shape_value(0)
    return None if head is None or values is None else head + values


class _Draws:
    """Doubles of one output's stretch of the stream, uniform and normal, in TensorFlow's order."""

    def __init__(self, rng: philox.Philox, at: int) -> None:
        self.rng = rng
        self.at = at
        self.uniforms: list[float] = []
        self.normals: list[float] = []

    def _words(self) -> Any:
        self.at += 1
        return self.rng.words(self.at - 1, 1)

    def uniform(self) -> float:
        if not self.uniforms:
            self.uniforms = philox.uniform_of(self._words(), np.dtype(np.float64)).tolist()
        return self.uniforms.pop()

    def normal(self) -> float:
        if not self.normals:
            self.normals = philox.normal_double_of(self._words()).tolist()
        return self.normals.pop()


def _gamma(draws: _Draws, alpha: float) -> float:
    """Marsaglia and Tsang's method (ACM TOMS 26, 2000)."""
    if alpha == 1.0:
        return -math.log1p(-draws.uniform())
    small = alpha < 1
    d = alpha + (2.0 / 3 if small else -1.0 / 3)
    c = 1.0 / 3 / math.sqrt(d)
    while True:
        x = draws.normal()
        v = 1 + c * x
        if v <= 0:
            continue
        v = v * v * v
        u = draws.uniform()
        if u < 1 - 0.0331 * (x * x) * (x * x) or u > 0 and math.log(u) < 0.5 * x * x + d * (1 - v + math.log(v)):
            return d * v * (draws.uniform() ** (1 / alpha) if small else 1.0)


@op
class RandomGamma:
    """Gamma numbers of rate 1: ``shape + alpha.shape`` (tf.random_gamma)."""

    signature = "shape: S, alpha: T -> output: T"
    attrs = "seed: int = 0; seed2: int = 0; S: {int32, int64}; T: {float16, float32, float64}"
    stateful = True
    infer = _outer

    def kernel(n: Any) -> Any:
        rng, dtype = philox.stream(n), n.dtype()

        def draw(shape: Any, alpha: Any) -> Any:
            head = sizes(shape)
            each = _total(head)
            flat = np.asarray(alpha, np.float64).reshape(-1).tolist()
            at = rng.reserve(each * len(flat) * philox.RESERVED)
            out = np.empty((each, len(flat)), np.float64)
            index = 0
            for column, value in enumerate(flat):
                for row in range(each):
                    out[row, column] = _gamma(_Draws(rng, at + philox.RESERVED * index), value) \
                        if value > 0 else math.nan
                    index += 1
            return out.astype(dtype).reshape(head + np.shape(alpha))

        return draw

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

    def kernel(n: Any) -> Any:
        def slope(xp: Any, a: Any, x: Any) -> Any:
            density = xp.exp(-x + (a - 1) * xp.log(x) - exact.lgamma(xp, a))
            return -exact.igamma_slope(xp, a, x) / density

        return double(n, slope)


def _poisson(draws: _Draws, rate: float) -> float:
    """Knuth's product for small rates, Hörmann's transformed rejection for others, as TensorFlow."""
    if not math.isfinite(rate) or rate < 0:
        return math.nan
    if rate < 10:
        limit = math.exp(-rate)
        product, count = 1.0, 0.0
        while True:
            product *= draws.uniform()
            if product <= limit:
                return count
            count += 1
    log_rate = math.log(rate)
    b = 0.931 + 2.53 * math.sqrt(rate)
    a = -0.059 + 0.02483 * b
    inverse = 1.1239 + 1.1328 / (b - 3.4)
    while True:
        u = draws.uniform() - 0.5
        v = draws.uniform()
        us = 0.5 - abs(u)
        k = math.floor((2 * a / us + b) * u + rate + 0.43) if us else -1
        if us >= 0.07 and v <= 0.9277 - 3.6224 / (b - 2):
            return float(k)
        if k < 0 or us < 0.013 and v > us:
            continue
        s = math.log(v * inverse / (a / (us * us) + b)) if v > 0 else -math.inf
        if s <= -rate + k * log_rate - math.lgamma(k + 1):
            return float(k)


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
        rng, dtype = philox.stream(n), n.dtype()

        def draw(shape: Any, rate: Any) -> Any:
            head = sizes(shape)
            each = _total(head)
            flat = np.asarray(rate, np.float64).reshape(-1).tolist()
            at = rng.reserve(each * len(flat) * philox.RESERVED)
            out = np.empty((each, len(flat)), np.float64)
            index = 0
            for column, value in enumerate(flat):
                for row in range(each):
                    out[row, column] = _poisson(_Draws(rng, at + philox.RESERVED * index), value)
                    index += 1
            return out.astype(dtype).reshape(head + np.shape(rate))

        return draw
