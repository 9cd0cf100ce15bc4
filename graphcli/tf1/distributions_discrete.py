"""Distributions of whole numbers: tf.distributions.Bernoulli and Categorical."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType, InvalidValue, NotSupported
from ..graph.shapes import TensorShape
from ..graph.types import as_dtype, int32, int64
from .conversion import convert_to_tensor
from .distributions import NOT_REPARAMETERIZED, Distribution
from .framework import name_scope
from .modules import modules

EXPORTS = """
distributions contrib.distributions: Bernoulli Categorical
"""

_tf = modules["tf"]


class Chances(Distribution):
    """Made of logits or of probabilities; the others are computed."""

    def _take(self, logits: Any, probs: Any, several: bool, scope: str, validate: bool) -> None:
        if validate:
            raise NotSupported(f"validate_args of {type(self).__name__} is left out", hint="tf.assert_near checks sums")
        with name_scope(scope):
            if (probs is None) == (logits is None):
                raise InvalidValue(f"{type(self).__name__} takes probs or logits, and not both")
            word, given = ("logits", logits) if probs is None else ("probs", probs)
            tensor = convert_to_tensor(given, name=word)
            if not tensor.dtype.is_floating:
                raise InvalidType(f"{word} must be real numbers, not {tensor.dtype.name}")
            if probs is None:
                self.logits = tensor
                self.probs = (_tf.nn.softmax if several else _tf.sigmoid)(tensor, name="probs")
            else:
                self.probs = tensor
                with name_scope("logits"):
                    self.logits = _tf.log(tensor) if several else _tf.log(tensor) - _tf.log1p(-1.0 * tensor)

    def _made(self, dtype: Any, allow_nan_stats: bool, parameters: dict[str, Any], scope: str) -> None:
        Distribution.__init__(self, as_dtype(dtype), NOT_REPARAMETERIZED, False, allow_nan_stats, parameters,
                              [self.logits, self.probs], scope)


class Bernoulli(Chances):
    """1 with probability ``probs`` or sigmoid(``logits``), else 0 (tf.distributions.Bernoulli).

    Raises InvalidValue unless one of them is given, InvalidType for one that is not of real numbers.
    """

    def __init__(self, logits: Any = None, probs: Any = None, dtype: Any = int32, validate_args: bool = False,
                 allow_nan_stats: bool = True, name: str = "Bernoulli") -> None:
        parameters = dict(locals())
        with name_scope(name) as scope:
            self._take(logits, probs, False, scope, validate_args)
        self._made(dtype, allow_nan_stats, parameters, scope)

    @staticmethod
    def _param_shapes(sample_shape: Any) -> dict[str, Any]:
        return {"logits": convert_to_tensor(sample_shape, dtype=int32)}

    def _batch_shape_tensor(self) -> Any:
        return _tf.shape(self.logits)

    def _batch_shape(self) -> TensorShape:
        found: TensorShape = self.logits.get_shape()
        return found

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        shape = _tf.concat([[n], self.batch_shape_tensor()], 0)
        drawn = _tf.random_uniform(shape, seed=seed, dtype=self.probs.dtype)
        return _tf.cast(_tf.less(drawn, self.probs), self.dtype)

    def _log_prob(self, event: Any) -> Any:
        event, logits = _tf.cast(event, self.logits.dtype), self.logits
        known = event.get_shape().is_fully_defined() and logits.get_shape().is_fully_defined()
        if not (known and event.get_shape() == logits.get_shape()):
            logits, event = _tf.ones_like(event) * logits, _tf.ones_like(logits) * event
        return -_tf.nn.sigmoid_cross_entropy_with_logits(labels=event, logits=logits)

    def _entropy(self) -> Any:
        return -self.logits * (_tf.sigmoid(self.logits) - 1) + _tf.nn.softplus(-self.logits)

    def _mean(self) -> Any:
        return _tf.identity(self.probs)

    def _variance(self) -> Any:
        return self._mean() * (1.0 - self.probs)

    def _mode(self) -> Any:
        return _tf.cast(self.probs > 0.5, self.dtype)


class Categorical(Chances):
    """The number of a class, by the probabilities or logits along the last axis (tf.distributions.Categorical).

    Raises InvalidValue unless one of them is given, InvalidType for one that is not of real numbers.
    """

    def __init__(self, logits: Any = None, probs: Any = None, dtype: Any = int32, validate_args: bool = False,
                 allow_nan_stats: bool = True, name: str = "Categorical") -> None:
        parameters = dict(locals())
        with name_scope(name, values=[logits, probs]) as scope:
            self._take(logits, probs, True, scope, validate_args)
            static = self.logits.get_shape().with_rank_at_least(1)
            if static.ndims is not None:
                self._batch_rank = convert_to_tensor(static.ndims - 1, dtype=int32, name="batch_rank")
            else:
                with name_scope("batch_rank"):
                    self._batch_rank = _tf.rank(self.logits) - 1
            shape = _tf.shape(self.logits, name="logits_shape")
            if static[-1].value is not None:
                self.event_size = convert_to_tensor(static[-1].value, dtype=int32, name="event_size")
            else:
                with name_scope("event_size"):
                    self.event_size = shape[self._batch_rank]
            if static[:-1].is_fully_defined():
                self._batch_sizes = _tf.constant(static[:-1].as_list(), dtype=int32, name="batch_shape")
            else:
                with name_scope("batch_shape"):
                    self._batch_sizes = shape[:-1]
        self._made(dtype, allow_nan_stats, parameters, scope)

    def _batch_shape_tensor(self) -> Any:
        return _tf.identity(self._batch_sizes)

    def _batch_shape(self) -> TensorShape:
        found: TensorShape = self.logits.get_shape()[:-1]
        return found

    def _sample_n(self, n: Any, seed: Any = None) -> Any:
        rows = self.logits
        if rows.get_shape().ndims != 2:
            rows = _tf.reshape(rows, [-1, self.event_size])
        drawn = _tf.multinomial(rows, n, seed=seed, output_dtype=int64 if self.dtype.size > 4 else int32)
        drawn = _tf.reshape(_tf.transpose(drawn), _tf.concat([[n], self.batch_shape_tensor()], 0))
        return _tf.cast(drawn, self.dtype)

    def _cdf(self, k: Any) -> Any:
        k, probs = self._broadcast(k, self.probs)
        rows = _tf.reshape(probs, (-1, self.event_size))
        flat = _tf.reshape(k, [-1])
        below = _tf.where(_tf.sequence_mask(flat, self.event_size), rows, _tf.zeros_like(rows))
        return _tf.reshape(_tf.reduce_sum(below, axis=-1), _tf.shape(k))

    def _log_prob(self, k: Any) -> Any:
        k, logits = self._broadcast(k, self.logits)
        return -_tf.nn.sparse_softmax_cross_entropy_with_logits(labels=k, logits=logits)

    def _entropy(self) -> Any:
        return -_tf.reduce_sum(_tf.nn.log_softmax(self.logits) * self.probs, axis=-1)

    def _mode(self) -> Any:
        found = _tf.cast(_tf.argmax(self.logits, axis=self._batch_rank), self.dtype)
        found.set_shape(self.batch_shape)
        return found

    def _broadcast(self, event: Any, params: Any) -> tuple[Any, Any]:
        if event.dtype.is_floating:
            event = _tf.cast(event, dtype=int32)
        elif not event.dtype.is_integer:
            raise InvalidType(f"a class is a whole number, not {event.dtype.name}")
        known = params.shape.ndims is not None and params.shape[:-1].is_fully_defined() \
            and event.shape.is_fully_defined()
        if not known or params.shape[:-1] != event.shape:
            params *= _tf.ones_like(event[..., None], dtype=params.dtype)
            event *= _tf.ones(_tf.shape(params)[:-1], dtype=event.dtype)
            if params.shape.ndims is not None:
                event.set_shape(params.shape[:-1])
        return event, params
