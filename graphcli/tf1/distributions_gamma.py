"""Distributions of positive real numbers: tf.distributions.Gamma and Exponential."""
from __future__ import annotations

from typing import Any

import numpy as np

from .conversion import convert_to_tensor
from .distributions_real import Two, same_shapes
from .framework import name_scope
from .grouping import with_dependencies
from .modules import modules

EXPORTS = """
distributions contrib.distributions: Gamma Exponential
"""

_tf = modules["tf"]


class Gamma(Two):
    """The gamma distribution (tf.distributions.Gamma).

    concentration, rate: positive, which validate_args checks in the run. Raises InvalidValue where they have not one
    real dtype.
    """

    _names = ("concentration", "rate")

    def __init__(self, concentration: Any, rate: Any, validate_args: bool = False, allow_nan_stats: bool = True,
                 name: str = "Gamma") -> None:
        super().__init__(name, concentration, rate,
                         lambda: [_tf.assert_positive(concentration), _tf.assert_positive(rate)], dict(locals()),
                         validate_args, allow_nan_stats)

    @property
    def concentration(self) -> Any:
        return self._first

    @property
    def rate(self) -> Any:
        return self._second

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        return _tf.random_gamma(shape=[n], alpha=self.concentration, beta=self.rate, dtype=self.dtype, seed=seed)

    def _valid(self, x: Any) -> Any:
        return with_dependencies([_tf.assert_positive(x)], x) if self.validate_args else x

    def _log_prob(self, x: Any) -> Any:
        x = self._valid(x)
        density = _tf.math.xlogy(self.concentration - 1.0, x) - self.rate * x
        return density - (_tf.lgamma(self.concentration) - self.concentration * _tf.log(self.rate))

    def _cdf(self, x: Any) -> Any:
        x = self._valid(x)
        return _tf.igamma(self.concentration, self.rate * x)

    def _entropy(self) -> Any:
        return (self.concentration - _tf.log(self.rate) + _tf.lgamma(self.concentration)
                + (1.0 - self.concentration) * _tf.digamma(self.concentration))

    def _mean(self) -> Any:
        return self.concentration / self.rate

    def _variance(self) -> Any:
        return self.concentration / _tf.square(self.rate)

    def _stddev(self) -> Any:
        return _tf.sqrt(self.concentration) / self.rate

    def _mode(self) -> Any:
        mode = (self.concentration - 1.0) / self.rate
        if self.allow_nan_stats:
            nan = _tf.fill(self.batch_shape_tensor(), np.array(np.nan, self.dtype.as_numpy_dtype), name="nan")
            return _tf.where_v2(self.concentration > 1.0, mode, nan)
        return with_dependencies([_tf.assert_less(
            _tf.ones([], self.dtype), self.concentration,
            message="mode not defined when any concentration <= 1")], mode)


class Exponential(Gamma):
    """The exponential distribution (tf.distributions.Exponential).

    rate: positive, one over the mean; validate_args checks it in the run.
    """

    def __init__(self, rate: Any, validate_args: bool = False, allow_nan_stats: bool = True,
                 name: str = "Exponential") -> None:
        parameters = dict(locals())
        with name_scope(name, values=[rate]) as scope:
            rate = convert_to_tensor(rate, name="rate")
        super().__init__(_tf.ones([], dtype=rate.dtype), rate, validate_args, allow_nan_stats, scope)
        self._given = parameters

    @classmethod
    def _param_shapes(cls, sample_shape: Any) -> dict[str, Any]:
        return same_shapes(("rate",), sample_shape)

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        shape = _tf.concat([[n], _tf.shape(self.rate)], 0)
        tiny = np.finfo(self.dtype.as_numpy_dtype).tiny
        drawn = _tf.random_uniform(shape, minval=tiny, maxval=1.0, seed=seed, dtype=self.dtype)
        return -_tf.log(drawn) / self.rate

    def _log_survival_function(self, x: Any) -> Any:
        return self._log_prob(x) - _tf.log(self.rate)
