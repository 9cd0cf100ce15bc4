"""Distributions of vectors: tf.distributions.Dirichlet, Multinomial and DirichletMultinomial."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import NotSupported
from ..graph.shapes import TensorShape
from .conversion import convert_to_tensor
from .distributions import FULLY_REPARAMETERIZED, NOT_REPARAMETERIZED, Distribution
from .distributions_discrete import Chances
from .distributions_real import new_seed
from .framework import name_scope
from .grouping import with_dependencies
from .modules import modules

EXPORTS = """
distributions contrib.distributions: Dirichlet Multinomial DirichletMultinomial
"""

_tf = modules["tf"]


def _outer(x: Any) -> Any:
    return _tf.matmul(x[..., _tf.newaxis], x[..., _tf.newaxis, :])


class _OfVectors(Distribution):
    """Over vectors as long as ``_like``, a vector or a batch of them."""

    _like: Any

    def _event_shape_tensor(self) -> Any:
        return _tf.shape(self._like)[-1:]

    def _event_shape(self) -> TensorShape:
        found: TensorShape = self._like.get_shape().with_rank_at_least(1)[-1:]
        return found


class _OfMass(_OfVectors):
    """Made of a vector of positive concentrations."""

    concentration: Any
    total_concentration: Any

    def _take(self, concentration: Any, validate: bool) -> None:
        self.concentration = convert_to_tensor(concentration, name="concentration")
        if validate:
            told = "Concentration parameter must "
            checks = [_tf.assert_positive(self.concentration, message=f"{told}be positive."),
                      _tf.assert_rank_at_least(self.concentration, 1, message=f"{told}have >=1 dimensions."),
                      _tf.assert_less(1, _tf.shape(self.concentration)[-1],
                                      message=f"{told}have event_size >= 2.")]
            self.concentration = with_dependencies(checks, self.concentration)
        self._like = self.concentration
        self.total_concentration = _tf.reduce_sum(self.concentration, -1)

    def _batch_shape_tensor(self) -> Any:
        return _tf.shape(self.total_concentration)

    def _batch_shape(self) -> TensorShape:
        found: TensorShape = self.total_concentration.get_shape()
        return found


class Dirichlet(_OfMass):
    """The Dirichlet distribution over vectors that sum to one (tf.distributions.Dirichlet).

    concentration: positive, a vector or a batch of them; validate_args checks it and samples in the run.
    """

    def __init__(self, concentration: Any, validate_args: bool = False, allow_nan_stats: bool = True,
                 name: str = "Dirichlet") -> None:
        parameters = dict(locals())
        with name_scope(name, values=[concentration]) as scope:
            self._take(concentration, validate_args)
        super().__init__(self.concentration.dtype, FULLY_REPARAMETERIZED, validate_args, allow_nan_stats, parameters,
                         [self.concentration, self.total_concentration], scope)

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        drawn = _tf.random_gamma(shape=[n], alpha=self.concentration, dtype=self.dtype, seed=seed)
        return drawn / _tf.reduce_sum(drawn, -1, keepdims=True)

    def _log_prob(self, x: Any) -> Any:
        if self.validate_args:
            positive = _tf.assert_positive(x, message="samples must be positive")
            whole = _tf.assert_near(_tf.ones([], dtype=self.dtype), _tf.reduce_sum(x, -1),
                                    message="sample last-dimension must sum to `1`")
            x = with_dependencies([positive, whole], x)
        return self._unnormalized(x) - self._log_normalization()

    def _unnormalized(self, x: Any) -> Any:
        return _tf.reduce_sum(_tf.math.xlogy(self.concentration - 1.0, x), -1)

    def _log_normalization(self) -> Any:
        return _tf.lbeta(self.concentration)

    def _prob(self, x: Any) -> Any:
        return _tf.exp(self._log_prob(x))

    def _entropy(self) -> Any:
        k = _tf.cast(self.event_shape_tensor()[0], self.dtype)
        return (self._log_normalization() + (self.total_concentration - k) * _tf.digamma(self.total_concentration)
                - _tf.reduce_sum((self.concentration - 1.0) * _tf.digamma(self.concentration), axis=-1))

    def _mean(self) -> Any:
        return self.concentration / self.total_concentration[..., _tf.newaxis]

    def _covariance(self) -> Any:
        x = self._variance_scale() * self._mean()
        return _tf.matrix_set_diag(-_outer(x), self._variance())

    def _variance(self) -> Any:
        scale = self._variance_scale()
        x = scale * self._mean()
        return x * (scale - x)

    def _variance_scale(self) -> Any:
        return _tf.rsqrt(1.0 + self.total_concentration[..., _tf.newaxis])

    def _mode(self) -> Any:
        k = _tf.cast(self.event_shape_tensor()[0], self.dtype)
        mode = (self.concentration - 1.0) / (self.total_concentration[..., _tf.newaxis] - k)
        if self.allow_nan_stats:
            nan = _tf.fill(_tf.shape(mode), np.array(np.nan, self.dtype.as_numpy_dtype), name="nan")
            return _tf.where_v2(_tf.reduce_all(self.concentration > 1.0, axis=-1), mode, nan)
        return with_dependencies([_tf.assert_less(
            _tf.ones([], self.dtype), self.concentration,
            message="Mode undefined when any concentration <= 1")], mode)


class Multinomial(_OfVectors, Chances):
    """Counts of classes among ``total_count`` draws (tf.distributions.Multinomial).

    Raises InvalidValue unless one of logits and probs is given, NotSupported for validate_args.
    """

    def __init__(self, total_count: Any, logits: Any = None, probs: Any = None, validate_args: bool = False,
                 allow_nan_stats: bool = True, name: str = "Multinomial") -> None:
        parameters = dict(locals())
        with name_scope(name, values=[total_count, logits, probs]) as scope:
            self.total_count = convert_to_tensor(total_count, name="total_count")
            self._take(logits, probs, True, scope, validate_args)
            self._like = self._mean_value = self.total_count[..., _tf.newaxis] * self.probs
        Distribution.__init__(self, self.probs.dtype, NOT_REPARAMETERIZED, validate_args, allow_nan_stats, parameters,
                              [self.total_count, self.logits, self.probs], scope)

    def _batch_shape_tensor(self) -> Any:
        return _tf.shape(self._mean_value)[:-1]

    def _batch_shape(self) -> TensorShape:
        found: TensorShape = self._mean_value.get_shape().with_rank_at_least(1)[:-1]
        return found

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        """One row of logits after the other is drawn from, as often as its count says."""
        counts = _tf.cast(self.total_count, dtype="int32")
        classes = self.event_shape_tensor()[0]
        counts = _tf.ones_like(self.logits[..., 0], dtype=counts.dtype) * counts
        logits = _tf.ones_like(counts[..., _tf.newaxis], dtype=self.logits.dtype) * self.logits

        def one(args: Any) -> Any:
            row, count = args
            drawn = _tf.reshape(_tf.multinomial(row[_tf.newaxis, ...], count, seed=seed), shape=[n, -1])
            return _tf.reduce_sum(_tf.one_hot(drawn, depth=classes), axis=-2)

        rows = _tf.reshape(logits, [-1, classes])
        out = _tf.map_fn(one, [rows, n * _tf.reshape(counts, [-1])], dtype=self.dtype)
        out = _tf.transpose(out, perm=[1, 0, 2])
        return _tf.reshape(out, _tf.concat([[n], self.batch_shape_tensor(), [classes]], 0))

    def _log_prob(self, counts: Any) -> Any:
        return self._unnormalized(counts) - self._log_normalization(counts)

    def _unnormalized(self, counts: Any) -> Any:
        return _tf.reduce_sum(counts * _tf.nn.log_softmax(self.logits), -1)

    def _log_normalization(self, counts: Any) -> Any:
        return -log_combinations(self.total_count, counts)

    def _mean(self) -> Any:
        return _tf.identity(self._mean_value)

    def _covariance(self) -> Any:
        p = self.probs * _tf.ones_like(self.total_count)[..., _tf.newaxis]
        return _tf.matrix_set_diag(-_tf.matmul(self._mean_value[..., _tf.newaxis], p[..., _tf.newaxis, :]),
                                   self._variance())

    def _variance(self) -> Any:
        p = self.probs * _tf.ones_like(self.total_count)[..., _tf.newaxis]
        return self._mean_value - self._mean_value * p


class DirichletMultinomial(_OfMass):
    """Counts of classes whose probabilities are drawn from a Dirichlet distribution
    (tf.distributions.DirichletMultinomial).

    Raises NotSupported for validate_args.
    """

    def __init__(self, total_count: Any, concentration: Any, validate_args: bool = False, allow_nan_stats: bool = True,
                 name: str = "DirichletMultinomial") -> None:
        parameters = dict(locals())
        if validate_args:
            raise NotSupported("validate_args of DirichletMultinomial is left out",
                               hint="tf.assert_positive checks concentrations")
        with name_scope(name, values=[total_count, concentration]) as scope:
            self.total_count = convert_to_tensor(total_count, name="total_count")
            self._take(concentration, validate_args)
        super().__init__(self.concentration.dtype, NOT_REPARAMETERIZED, validate_args, allow_nan_stats, parameters,
                         [self.total_count, self.concentration], scope)

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        counts = _tf.cast(self.total_count, dtype="int32")
        classes = self.event_shape_tensor()[0]
        gammas = _tf.random_gamma(shape=[n], alpha=self.concentration, dtype=self.dtype, seed=seed)
        logits = _tf.reshape(_tf.log(gammas), shape=[-1, classes])
        drawn = _tf.multinomial(logits=logits, num_samples=counts, seed=new_seed(seed, "dirichlet_multinomial"))
        out = _tf.reduce_sum(_tf.one_hot(drawn, depth=classes), -2)
        return _tf.cast(_tf.reshape(out, _tf.concat([[n], self.batch_shape_tensor(), self.event_shape_tensor()], 0)),
                        self.dtype)

    def _log_prob(self, counts: Any) -> Any:
        ordered = _tf.lbeta(self.concentration + counts) - _tf.lbeta(self.concentration)
        return ordered + log_combinations(self.total_count, counts)

    def _prob(self, counts: Any) -> Any:
        return _tf.exp(self._log_prob(counts))

    def _mean(self) -> Any:
        return self.total_count * (self.concentration / self.total_concentration[..., _tf.newaxis])

    def _covariance(self) -> Any:
        x = self._variance_scale() * self._mean()
        return _tf.matrix_set_diag(-_outer(x), self._variance())

    def _variance(self) -> Any:
        scale = self._variance_scale()
        x = scale * self._mean()
        return x * (self.total_count * scale - x)

    def _variance_scale(self) -> Any:
        c0 = self.total_concentration[..., _tf.newaxis]
        return _tf.sqrt((1.0 + c0 / self.total_count[..., _tf.newaxis]) / (1.0 + c0))


def log_combinations(n: Any, counts: Any, name: str = "log_combinations") -> Any:
    """The logarithm of how many orders give these counts of ``n`` draws."""
    with name_scope(name, values=[n, counts]):
        n = convert_to_tensor(n, name="n")
        counts = convert_to_tensor(counts, name="counts")
        total = _tf.lgamma(n + 1)
        each = _tf.lgamma(counts + 1)
        return total - _tf.reduce_sum(each, axis=[-1])
