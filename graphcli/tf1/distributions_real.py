"""Distributions of real numbers that lie between bounds: tf.distributions.Uniform and Beta."""
from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from contextlib import nullcontext
from typing import Any

import numpy as np

from ..errors import InvalidValue
from ..graph.shapes import TensorShape
from ..graph.types import int32
from .conversion import convert_to_tensor
from .distributions import FULLY_REPARAMETERIZED, Distribution
from .framework import control_dependencies, name_scope
from .grouping import with_dependencies
from .modules import modules

EXPORTS = """
distributions contrib.distributions: Uniform Beta
"""

_tf = modules["tf"]


def same_shapes(names: Iterable[str], sample_shape: Any) -> dict[str, Any]:
    """The shapes of parameters that have those of samples."""
    return dict.fromkeys(names, convert_to_tensor(sample_shape, dtype=int32))


def one_float(tensors: list[Any]) -> None:
    kinds = {t.dtype.base_dtype for t in tensors}
    if len(kinds) > 1 or not kinds.copy().pop().is_floating:
        raise InvalidValue("the parameters of a distribution must have one real dtype, not "
                           + " and ".join(t.dtype.base_dtype.name for t in tensors))


def _tensors(*values: Any) -> list[Any]:
    return [v for v in values if hasattr(v, "graph")]


class Two(Distribution):
    """Made of two tensors that are broadcast."""

    _names: tuple[str, str]

    @classmethod
    def _param_shapes(cls, sample_shape: Any) -> dict[str, Any]:
        return same_shapes(cls._names, sample_shape)

    def __init__(self, name: str, first: Any, second: Any, check: Any, parameters: dict[str, Any],
                 validate_args: bool, allow_nan_stats: bool) -> None:
        with name_scope(name, values=_tensors(first, second)) as scope:
            with control_dependencies(check()) if validate_args else nullcontext():
                self._first = _tf.identity(first, name=self._names[0])
                self._second = _tf.identity(second, name=self._names[1])
            one_float([self._first, self._second])
        super().__init__(self._second.dtype, FULLY_REPARAMETERIZED, validate_args, allow_nan_stats, parameters,
                         [self._first, self._second], scope)

    def _batch_shape_tensor(self) -> Any:
        return _tf.broadcast_dynamic_shape(_tf.shape(self._first), _tf.shape(self._second))

    def _batch_shape(self) -> TensorShape:
        found: TensorShape = _tf.broadcast_static_shape(self._first.get_shape(), self._second.get_shape())
        return found


class Located(Two):
    """The difference from ``loc``, divided by ``scale``, has a distribution that does not depend on them."""

    _names = ("loc", "scale")

    @property
    def loc(self) -> Any:
        return self._first

    @property
    def scale(self) -> Any:
        return self._second

    def _z(self, x: Any) -> Any:
        return (x - self.loc) / self.scale


class Uniform(Two):
    """The uniform distribution from ``low`` to below ``high`` (tf.distributions.Uniform).

    validate_args: that low is less than high is checked in the run. Raises InvalidValue where they have not one real
    dtype.
    """

    _names = ("low", "high")

    def __init__(self, low: Any = 0.0, high: Any = 1.0, validate_args: bool = False, allow_nan_stats: bool = True,
                 name: str = "Uniform") -> None:
        super().__init__(name, low, high,
                         lambda: [_tf.assert_less(low, high, message="uniform not defined when low >= high.")],
                         dict(locals()), validate_args, allow_nan_stats)

    @property
    def low(self) -> Any:
        return self._first

    @property
    def high(self) -> Any:
        return self._second

    def range(self, name: str = "range") -> Any:
        """``high - low``."""
        with self._name_scope(name):
            return self.high - self.low

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        shape = _tf.concat([[n], self.batch_shape_tensor()], 0)
        drawn = _tf.random_uniform(shape=shape, dtype=self.dtype, seed=seed)
        return self.low + self.range() * drawn

    def _prob(self, x: Any) -> Any:
        wide = x * _tf.ones(self.batch_shape_tensor(), dtype=x.dtype)
        nan = _tf.is_nan(wide)
        outside = _tf.logical_or(wide < self.low, wide >= self.high)
        return _tf.where_v2(nan, wide, _tf.where_v2(outside, _tf.zeros_like(wide), _tf.ones_like(wide) / self.range()))

    def _cdf(self, x: Any) -> Any:
        shape = _tf.broadcast_dynamic_shape(_tf.shape(x), self.batch_shape_tensor())
        zeros, ones = _tf.zeros(shape, dtype=self.dtype), _tf.ones(shape, dtype=self.dtype)
        wide = x * ones
        below = _tf.where_v2(x < self.low, zeros, (wide - self.low) / self.range())
        return _tf.where_v2(x >= self.high, ones, below)

    def _entropy(self) -> Any:
        return _tf.log(self.range())

    def _mean(self) -> Any:
        return (self.low + self.high) / 2.0

    def _variance(self) -> Any:
        return _tf.square(self.range()) / 12.0

    def _stddev(self) -> Any:
        return self.range() / math.sqrt(12.0)


class Beta(Distribution):
    """The beta distribution between 0 and 1 (tf.distributions.Beta).

    concentration1, concentration0: positive, which validate_args checks in the run. Raises InvalidValue where they have
    not one real dtype.
    """

    def __init__(self, concentration1: Any = None, concentration0: Any = None, validate_args: bool = False,
                 allow_nan_stats: bool = True, name: str = "Beta") -> None:
        parameters = dict(locals())
        with name_scope(name, values=_tensors(concentration1, concentration0)) as scope:
            self.concentration1 = self._positive(convert_to_tensor(concentration1, name="concentration1"),
                                                 validate_args)
            self.concentration0 = self._positive(convert_to_tensor(concentration0, name="concentration0"),
                                                 validate_args)
            one_float([self.concentration1, self.concentration0])
            self.total_concentration = self.concentration1 + self.concentration0
        super().__init__(self.total_concentration.dtype, FULLY_REPARAMETERIZED, validate_args, allow_nan_stats,
                         parameters, [self.concentration1, self.concentration0, self.total_concentration], scope)

    @staticmethod
    def _positive(concentration: Any, validate: bool) -> Any:
        if not validate:
            return concentration
        check = _tf.assert_positive(concentration, message="Concentration parameter must be positive.")
        return with_dependencies([check], concentration)

    @staticmethod
    def _param_shapes(sample_shape: Any) -> dict[str, Any]:
        return same_shapes(("concentration1", "concentration0"), sample_shape)

    def _batch_shape_tensor(self) -> Any:
        return _tf.shape(self.total_concentration)

    def _batch_shape(self) -> TensorShape:
        found: TensorShape = self.total_concentration.get_shape()
        return found

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        one = _tf.ones_like(self.total_concentration, dtype=self.dtype) * self.concentration1
        zero = _tf.ones_like(self.total_concentration, dtype=self.dtype) * self.concentration0
        a = _tf.random_gamma(shape=[n], alpha=one, dtype=self.dtype, seed=seed)
        b = _tf.random_gamma(shape=[n], alpha=zero, dtype=self.dtype, seed=new_seed(seed, "beta"))
        return a / (a + b)

    def _log_prob(self, x: Any) -> Any:
        if self.validate_args:
            x = with_dependencies([_tf.assert_positive(x, message="sample must be positive"),
                         _tf.assert_less(x, _tf.ones([], self.dtype), message="sample must be less than `1`.")], x)
        density = _tf.math.xlogy(self.concentration1 - 1.0, x) + (self.concentration0 - 1.0) * _tf.log1p(-x)
        return density - self._log_normalization()

    def _prob(self, x: Any) -> Any:
        return _tf.exp(self._log_prob(x))

    def _log_cdf(self, x: Any) -> Any:
        return _tf.log(self._cdf(x))

    def _cdf(self, x: Any) -> Any:
        return _tf.betainc(self.concentration1, self.concentration0, x)

    def _log_normalization(self) -> Any:
        return (_tf.lgamma(self.concentration1) + _tf.lgamma(self.concentration0)
                - _tf.lgamma(self.total_concentration))

    def _entropy(self) -> Any:
        return (self._log_normalization() - (self.concentration1 - 1.0) * _tf.digamma(self.concentration1)
                - (self.concentration0 - 1.0) * _tf.digamma(self.concentration0)
                + (self.total_concentration - 2.0) * _tf.digamma(self.total_concentration))

    def _mean(self) -> Any:
        return self.concentration1 / self.total_concentration

    def _variance(self) -> Any:
        return self._mean() * (1.0 - self._mean()) / (1.0 + self.total_concentration)

    def _mode(self) -> Any:
        mode = (self.concentration1 - 1.0) / (self.total_concentration - 2.0)
        if self.allow_nan_stats:
            nan = _tf.fill(self.batch_shape_tensor(), np.array(np.nan, self.dtype.as_numpy_dtype), name="nan")
            defined = _tf.logical_and(self.concentration1 > 1.0, self.concentration0 > 1.0)
            return _tf.where_v2(defined, mode, nan)
        return with_dependencies([_tf.assert_less(_tf.ones([], dtype=self.dtype), part,
                                        message=f"Mode undefined for concentration{i} <= 1.")
                        for i, part in ((1, self.concentration1), (0, self.concentration0))], mode)


def new_seed(seed: int | None, salt: str) -> int | None:
    """Another seed that follows from one."""
    if seed is None:
        return None
    return int(hashlib.md5(f"{seed}{salt}".encode()).hexdigest()[:8], 16) & 0x7FFFFFFF
