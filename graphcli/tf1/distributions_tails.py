"""Distributions of all real numbers with heavier tails: tf.distributions.Laplace and StudentT."""
from __future__ import annotations

import math
from contextlib import nullcontext
from typing import Any

import numpy as np

from ..graph.shapes import TensorShape
from .conversion import convert_to_tensor
from .distributions import FULLY_REPARAMETERIZED, Distribution
from .distributions_real import Located, new_seed, one_float, same_shapes
from .framework import control_dependencies, name_scope
from .grouping import with_dependencies
from .modules import modules

EXPORTS = """
distributions contrib.distributions: Laplace StudentT
"""

_tf = modules["tf"]


class Laplace(Located):
    """The Laplace distribution (tf.distributions.Laplace).

    loc: medians. scale: positive, which validate_args checks in the run. Raises InvalidValue where they have not one
    real dtype.
    """

    def __init__(self, loc: Any, scale: Any, validate_args: bool = False, allow_nan_stats: bool = True,
                 name: str = "Laplace") -> None:
        super().__init__(name, loc, scale, lambda: [_tf.assert_positive(scale)], dict(locals()), validate_args,
                         allow_nan_stats)

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        shape = _tf.concat([[n], self.batch_shape_tensor()], 0)
        # above -1, so that the logarithm is finite
        least = np.nextafter(self.dtype.as_numpy_dtype(-1.0), self.dtype.as_numpy_dtype(0.0))
        drawn = _tf.random_uniform(shape=shape, minval=least, maxval=1.0, dtype=self.dtype, seed=seed)
        return self.loc - self.scale * _tf.sign(drawn) * _tf.log1p(-_tf.abs(drawn))

    def _log_prob(self, x: Any) -> Any:
        return -_tf.abs(self._z(x)) - (math.log(2.0) + _tf.log(self.scale))

    def _log_cdf(self, x: Any) -> Any:
        return log_cdf_laplace(self._z(x))

    def _log_survival_function(self, x: Any) -> Any:
        return log_cdf_laplace(-self._z(x))

    def _cdf(self, x: Any) -> Any:
        z = self._z(x)
        return 0.5 + 0.5 * _tf.sign(z) * (1.0 - _tf.exp(-_tf.abs(z)))

    def _entropy(self) -> Any:
        scale = self.scale + _tf.zeros_like(self.loc)
        return math.log(2.0) + 1.0 + _tf.log(scale)

    def _mean(self) -> Any:
        return self.loc + _tf.zeros_like(self.scale)

    def _stddev(self) -> Any:
        return math.sqrt(2.0) * self.scale + _tf.zeros_like(self.loc)

    def _mode(self) -> Any:
        return self._mean()


def log_cdf_laplace(x: Any) -> Any:
    """The logarithm of the standard Laplace distribution function, without loss far from 0."""
    with name_scope("log_cdf_laplace", values=[x]):
        x = convert_to_tensor(x, name="x")
        lower = -math.log(2.0) + x
        safe = _tf.exp(-_tf.abs(x))
        upper = _tf.log1p(-0.5 * safe)
        return _tf.where_v2(x < 0.0, lower, upper)


class StudentT(Distribution):
    """Student's t-distribution (tf.distributions.StudentT).

    df: degrees of freedom, positive, which validate_args checks in the run. loc: centers. scale: widths.
    Raises InvalidValue where they have not one real dtype.
    """

    def __init__(self, df: Any, loc: Any, scale: Any, validate_args: bool = False, allow_nan_stats: bool = True,
                 name: str = "StudentT") -> None:
        parameters = dict(locals())
        with name_scope(name, values=[df, loc, scale]) as scope:
            with control_dependencies([_tf.assert_positive(df)]) if validate_args else nullcontext():
                self.df = _tf.identity(df, name="df")
                self.loc = _tf.identity(loc, name="loc")
                self.scale = _tf.identity(scale, name="scale")
            one_float([self.df, self.loc, self.scale])
        super().__init__(self.scale.dtype, FULLY_REPARAMETERIZED, validate_args, allow_nan_stats, parameters,
                         [self.df, self.loc, self.scale], scope)

    @staticmethod
    def _param_shapes(sample_shape: Any) -> dict[str, Any]:
        return same_shapes(("df", "loc", "scale"), sample_shape)

    def _batch_shape_tensor(self) -> Any:
        return _tf.broadcast_dynamic_shape(_tf.shape(self.df), _tf.broadcast_dynamic_shape(
            _tf.shape(self.loc), _tf.shape(self.scale)))

    def _batch_shape(self) -> TensorShape:
        of_two = _tf.broadcast_static_shape(self.df.get_shape(), self.loc.get_shape())
        found: TensorShape = _tf.broadcast_static_shape(of_two, self.scale.get_shape())
        return found

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        shape = _tf.concat([[n], self.batch_shape_tensor()], 0)
        normal = _tf.random_normal(shape, dtype=self.dtype, seed=seed)
        df = self.df * _tf.ones(self.batch_shape_tensor(), dtype=self.dtype)
        gamma = _tf.random_gamma([n], 0.5 * df, beta=0.5, dtype=self.dtype, seed=new_seed(seed, "student_t"))
        return normal * _tf.rsqrt(gamma / df) * self.scale + self.loc

    def _log_prob(self, x: Any) -> Any:
        y = (x - self.loc) / self.scale
        return -0.5 * (self.df + 1.0) * _tf.log1p(y ** 2.0 / self.df) - self._log_normalization()

    def _log_normalization(self) -> Any:
        return (_tf.log(_tf.abs(self.scale)) + 0.5 * _tf.log(self.df) + 0.5 * np.log(np.pi)
                + _tf.lgamma(0.5 * self.df) - _tf.lgamma(0.5 * (self.df + 1.0)))

    def _cdf(self, x: Any) -> Any:
        y = (x - self.loc) / _tf.abs(self.scale)
        part = self.df / (y ** 2.0 + self.df)
        tail = 0.5 * _tf.betainc(0.5 * self.df, 0.5, part)
        return _tf.where_v2(_tf.less(y, 0.0), tail, 1.0 - tail)

    def _entropy(self) -> Any:
        v = _tf.ones(self.batch_shape_tensor(), dtype=self.dtype)[..., _tf.newaxis]
        u = v * self.df[..., _tf.newaxis]
        beta = _tf.concat([u, v], -1) / 2.0
        return (_tf.log(_tf.abs(self.scale)) + 0.5 * _tf.log(self.df) + _tf.lbeta(beta)
                + 0.5 * (self.df + 1.0) * (_tf.digamma(0.5 * (self.df + 1.0)) - _tf.digamma(0.5 * self.df)))

    def _mean(self) -> Any:
        mean = self.loc * _tf.ones(self.batch_shape_tensor(), dtype=self.dtype)
        return self._above_one("mean", mean)

    def _above_one(self, what: str, value: Any) -> Any:
        """A value that is defined for more than one degree of freedom: NaN elsewhere, or refused."""
        if self.allow_nan_stats:
            nan = np.array(np.nan, dtype=self.dtype.as_numpy_dtype)
            defined = _tf.greater(self.df, _tf.ones(self.batch_shape_tensor(), dtype=self.dtype))
            return _tf.where_v2(defined, value, _tf.fill(self.batch_shape_tensor(), nan, name="nan"))
        return with_dependencies([_tf.assert_less(
            _tf.ones([], dtype=self.dtype), self.df,
            message=f"{what} not defined for components of df <= 1")], value)

    def _variance(self) -> Any:
        # df - 2 is kept from 0 where the variance is not finite
        finite = _tf.greater(self.df, 2.0)
        denominator = _tf.where_v2(finite, self.df - 2.0, _tf.ones_like(self.df))
        variance = (_tf.ones(self.batch_shape_tensor(), dtype=self.dtype) * _tf.square(self.scale) * self.df
                    / denominator)
        infinite = np.array(np.inf, dtype=self.dtype.as_numpy_dtype)
        result = _tf.where_v2(self.df > _tf.fill(self.batch_shape_tensor(), 2.0), variance,
                              _tf.fill(self.batch_shape_tensor(), infinite, name="inf"))
        return self._above_one("variance", result)

    def _mode(self) -> Any:
        return _tf.identity(self.loc)
