"""The normal distribution: tf.distributions.Normal."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import InvalidType
from ..graph.types import float32, float64
from .distributions_real import Located
from .framework import name_scope
from .modules import modules

EXPORTS = """
distributions contrib.distributions: Normal
"""

_tf = modules["tf"]


class Normal(Located):
    """The normal distribution (tf.distributions.Normal).

    loc: means. scale: standard deviations, positive, which validate_args checks in the run. Raises InvalidValue where
    they have not one real dtype.
    """

    def __init__(self, loc: Any, scale: Any, validate_args: bool = False, allow_nan_stats: bool = True,
                 name: str = "Normal") -> None:
        super().__init__(name, loc, scale, lambda: [_tf.assert_positive(scale)], dict(locals()), validate_args,
                         allow_nan_stats)

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        shape = _tf.concat([[n], self.batch_shape_tensor()], 0)
        drawn = _tf.random_normal(shape=shape, mean=0.0, stddev=1.0, dtype=self.loc.dtype, seed=seed)
        return drawn * self.scale + self.loc

    def _log_prob(self, x: Any) -> Any:
        return self._unnormalized(x) - self._log_normalization()

    def _unnormalized(self, x: Any) -> Any:
        return -0.5 * _tf.square(self._z(x))

    def _log_normalization(self) -> Any:
        return 0.5 * math.log(2.0 * math.pi) + _tf.log(self.scale)

    def _log_cdf(self, x: Any) -> Any:
        return log_ndtr(self._z(x))

    def _cdf(self, x: Any) -> Any:
        return ndtr(self._z(x))

    def _log_survival_function(self, x: Any) -> Any:
        return log_ndtr(-self._z(x))

    def _survival_function(self, x: Any) -> Any:
        return ndtr(-self._z(x))

    def _entropy(self) -> Any:
        scale = self.scale * _tf.ones_like(self.loc)
        return 0.5 * math.log(2.0 * math.pi * math.e) + _tf.log(scale)

    def _mean(self) -> Any:
        return self.loc * _tf.ones_like(self.scale)

    def _stddev(self) -> Any:
        return self.scale * _tf.ones_like(self.loc)

    def _mode(self) -> Any:
        return self._mean()

    def _z(self, x: Any) -> Any:
        with name_scope("standardize", values=[x]):
            return (x - self.loc) / self.scale


def ndtr(x: Any) -> Any:
    """The area below the standard normal density up to x, under a scope of its own."""
    with name_scope("ndtr", values=[x]):
        return _ndtr(x)


def _ndtr(x: Any) -> Any:
    half = _tf.constant(0.5 * math.sqrt(2.0), dtype=x.dtype, name="half_sqrt_2")
    w = x * half
    z = _tf.abs(w)
    near = _tf.less(z, half)
    inner = 1.0 + _tf.erf(w)
    right = _tf.greater(w, 0.0)
    return 0.5 * _tf.where_v2(near, inner, _tf.where_v2(right, 2.0 - _tf.erfc(z), _tf.erfc(z)))


def log_ndtr(x: Any, order: int = 3) -> Any:
    """The logarithm of ``ndtr``, by an asymptotic series of ``order`` terms far below 0.

    Raises InvalidType for another dtype than float32 and float64.
    """
    bounds = {float64: (-20.0, 8.0), float32: (-10.0, 5.0)}.get(x.dtype.base_dtype)
    if bounds is None:
        raise InvalidType(f"the logarithm of a normal cdf is known for float32 and float64, not {x.dtype.name}")
    low, high = (np.array(b, x.dtype.as_numpy_dtype) for b in bounds)
    with name_scope("log_ndtr", values=[x]):
        above = _tf.greater(x, high)
        far = -_ndtr(-x)
        between = _tf.greater(x, low)
        return _tf.where_v2(above, far, _tf.where_v2(between, _tf.log(_ndtr(_tf.maximum(x, low))),
                                                     _log_ndtr_below(_tf.minimum(x, low), order)))


def _log_ndtr_below(x: Any, order: int) -> Any:
    square = _tf.square(x)
    scale = -0.5 * square - _tf.log(-x) - 0.5 * np.log(2.0 * np.pi)
    power = _tf.square(x)
    even, odd = _tf.zeros_like(x), _tf.zeros_like(x)
    first = power
    for n in range(1, order + 1):
        term = float(math.prod(range(2 * n - 1, 0, -2))) / power
        if n % 2:
            odd += term
        else:
            even += term
        power *= first
    return scale + _tf.log(1.0 + even - odd)
