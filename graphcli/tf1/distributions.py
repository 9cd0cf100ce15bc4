"""Distributions of TF1 (tf.distributions.Distribution): what they have in common, under TensorFlow's names.

A distribution keeps the name scope that its constructor opened, and what is asked of it is made below that. A
subclass says how it is done in methods with a leading ``_``; where one is missing, another that says as much is used.
"""
from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..errors import InvalidValue, NotSupported
from ..graph.constant import static_value
from ..graph.shapes import TensorShape
from ..graph.types import DType, int32
from .conversion import convert_to_tensor
from .distributions_unwritten import Unwritten
from .framework import name_scope
from .modules import modules

EXPORTS = """
distributions contrib.distributions: Distribution ReparameterizationType FULLY_REPARAMETERIZED NOT_REPARAMETERIZED
"""

_tf = modules["tf"]


class ReparameterizationType:
    """Whether samples have a gradient with respect to the parameters (tf.distributions.ReparameterizationType)."""

    def __init__(self, rep_type: str) -> None:
        self._rep_type = rep_type

    def __repr__(self) -> str:
        return f"<Reparameterization Type: {self._rep_type}>"


FULLY_REPARAMETERIZED = ReparameterizationType("FULLY_REPARAMETERIZED")
NOT_REPARAMETERIZED = ReparameterizationType("NOT_REPARAMETERIZED")


class Distribution(Unwritten):
    """A distribution over tensors, or a batch of them (tf.distributions.Distribution).

    dtype: of the samples. graph_parents: the tensors that it is made of. name: a scope's name with a final ``/``, or
    a name that is made unique.
    """

    def __init__(self, dtype: Any, reparameterization_type: ReparameterizationType, validate_args: bool,
                 allow_nan_stats: bool, parameters: dict[str, Any] | None = None, graph_parents: Any = None,
                 name: str | None = None) -> None:
        if not name or name[-1] != "/":
            with name_scope(name or type(self).__name__) as name:
                pass
        self.dtype: DType = dtype
        self.reparameterization_type = reparameterization_type
        self.validate_args, self.allow_nan_stats = validate_args, allow_nan_stats
        self._given = dict(parameters or {})
        self._graph_parents = list(graph_parents or [])
        self.name = name

    @property
    def parameters(self) -> dict[str, Any]:
        """The arguments that it was made with."""
        return {k: v for k, v in self._given.items() if not k.startswith("__") and k != "self"}

    def copy(self, **override_parameters_kwargs: Any) -> Any:
        """The same distribution with other arguments."""
        return type(self)(**{**self.parameters, **override_parameters_kwargs})

    @classmethod
    def param_shapes(cls, sample_shape: Any, name: str = "DistributionParamShapes") -> dict[str, Any]:
        """The shapes of parameters, as tensors, that make samples of a shape."""
        with name_scope(name, values=[sample_shape]):
            return cls._param_shapes(sample_shape)

    @classmethod
    def param_static_shapes(cls, sample_shape: Any) -> dict[str, TensorShape]:
        """The same as static shapes. Raises InvalidValue for a sample_shape that is not known."""
        if hasattr(sample_shape, "op"):
            sample_shape = static_value(sample_shape)
            if sample_shape is None:
                raise InvalidValue("sample_shape must be known")
        return {key: TensorShape(None if (known := static_value(shape)) is None else known.tolist())
                for key, shape in cls.param_shapes(list(TensorShape(sample_shape).as_list())).items()}

    @contextmanager
    def _name_scope(self, name: str, values: Any = ()) -> Iterator[str]:
        parents = [v for v in (*values, *self._graph_parents) if hasattr(v, "graph")]
        with name_scope(self.name), name_scope(name, values=parents) as scope:
            yield scope

    def _of_value(self, value: Any, name: str, way: Callable[[Any], Any], other: Callable[[Any], Any]) -> Any:
        with self._name_scope(name, [value]):
            tensor = convert_to_tensor(value, name="value", preferred_dtype=self.dtype)
            try:
                return way(tensor)
            except NotSupported as missing:
                try:
                    return other(tensor)
                except NotSupported:
                    raise missing from None

    def log_prob(self, value: Any, name: str = "log_prob") -> Any:
        """The logarithm of the density or mass at ``value``."""
        return self._of_value(value, name, self._log_prob, lambda v: _tf.log(self._prob(v)))

    def prob(self, value: Any, name: str = "prob") -> Any:
        """The density or mass at ``value``."""
        return self._of_value(value, name, self._prob, lambda v: _tf.exp(self._log_prob(v)))

    def log_cdf(self, value: Any, name: str = "log_cdf") -> Any:
        """The logarithm of the probability of at most ``value``."""
        return self._of_value(value, name, self._log_cdf, lambda v: _tf.log(self._cdf(v)))

    def cdf(self, value: Any, name: str = "cdf") -> Any:
        """The probability of at most ``value``."""
        return self._of_value(value, name, self._cdf, lambda v: _tf.exp(self._log_cdf(v)))

    def log_survival_function(self, value: Any, name: str = "log_survival_function") -> Any:
        """The logarithm of the probability of more than ``value``."""
        return self._of_value(value, name, self._log_survival_function, lambda v: _tf.log1p(-self.cdf(v)))

    def survival_function(self, value: Any, name: str = "survival_function") -> Any:
        """The probability of more than ``value``."""
        return self._of_value(value, name, self._survival_function, lambda v: 1.0 - self.cdf(v))

    def entropy(self, name: str = "entropy") -> Any:
        """The Shannon entropy in nats."""
        with self._name_scope(name):
            return self._entropy()

    def mean(self, name: str = "mean") -> Any:
        with self._name_scope(name):
            return self._mean()

    def mode(self, name: str = "mode") -> Any:
        with self._name_scope(name):
            return self._mode()

    def variance(self, name: str = "variance") -> Any:
        with self._name_scope(name):
            try:
                return self._variance()
            except NotSupported:
                return _tf.square(self._stddev())

    def stddev(self, name: str = "stddev") -> Any:
        with self._name_scope(name):
            try:
                return self._stddev()
            except NotSupported:
                return _tf.sqrt(self._variance())

    def covariance(self, name: str = "covariance") -> Any:
        with self._name_scope(name):
            return self._covariance()

    def cross_entropy(self, other: Any, name: str = "cross_entropy") -> Any:
        """The entropy of this distribution and its divergence from another."""
        from .distributions_kl import kl_divergence

        with self._name_scope(name), name_scope(None, "cross_entropy"):
            return self.entropy() + kl_divergence(self, other, allow_nan_stats=self.allow_nan_stats)

    def kl_divergence(self, other: Any, name: str = "kl_divergence") -> Any:
        """The Kullback-Leibler divergence of another distribution from this one."""
        from .distributions_kl import kl_divergence

        with self._name_scope(name):
            return kl_divergence(self, other, allow_nan_stats=self.allow_nan_stats)

    # -- shapes and samples

    @property
    def batch_shape(self) -> TensorShape:
        """The static shape of the batch: what the parameters have beside one distribution."""
        return self._batch_shape()

    @property
    def event_shape(self) -> TensorShape:
        """The static shape of one sample of one distribution."""
        return self._event_shape()

    def batch_shape_tensor(self, name: str = "batch_shape_tensor") -> Any:
        with self._name_scope(name):
            if self.batch_shape.is_fully_defined():
                return convert_to_tensor(self.batch_shape.as_list(), dtype=int32, name="batch_shape")
            return self._batch_shape_tensor()

    def event_shape_tensor(self, name: str = "event_shape_tensor") -> Any:
        with self._name_scope(name):
            if self.event_shape.is_fully_defined():
                return convert_to_tensor(self.event_shape.as_list(), dtype=int32, name="event_shape")
            return self._event_shape_tensor()

    def is_scalar_event(self, name: str = "is_scalar_event") -> Any:
        with self._name_scope(name):
            return convert_to_tensor(_is_scalar(self.event_shape, self.event_shape_tensor), name="is_scalar_event")

    def is_scalar_batch(self, name: str = "is_scalar_batch") -> Any:
        with self._name_scope(name):
            return convert_to_tensor(_is_scalar(self.batch_shape, self.batch_shape_tensor), name="is_scalar_batch")

    def sample(self, sample_shape: Any = (), seed: int | None = None, name: str = "sample") -> Any:
        """Samples of shape ``sample_shape + batch_shape + event_shape``."""
        with self._name_scope(name, [sample_shape]):
            shape, n = _as_vector(convert_to_tensor(sample_shape, dtype=int32, name="sample_shape"))
            samples = self._sample_n(n, seed)
            rest = _tf.shape(samples)[1:]
            samples = _tf.reshape(samples, _tf.concat([shape, rest], 0))
            known = static_value(shape)
            lead = None if known is None else known.tolist()
            batch, event = self.batch_shape, self.event_shape
            if lead is not None and batch.ndims is not None and event.ndims is not None:
                samples.set_shape(TensorShape(lead).concatenate(batch).concatenate(event))
            return samples

    def __str__(self) -> str:
        shapes = "".join(f", {word}_shape={shape}" for word, shape in
                         (("batch", self.batch_shape), ("event", self.event_shape)) if shape.ndims is not None)
        return f'tfp.distributions.{type(self).__name__}("{self.name}"{shapes}, dtype={self.dtype.name})'

    def __repr__(self) -> str:
        return (f"<tfp.distributions.{type(self).__name__} '{self.name}' batch_shape={self.batch_shape} "
                f"event_shape={self.event_shape} dtype={self.dtype.name}>")


def _is_scalar(static: TensorShape, dynamic: Callable[[], Any]) -> Any:
    return static.ndims == 0 if static.ndims is not None else _tf.equal(_tf.shape(dynamic())[0], 0)


def _as_vector(shape: Any) -> tuple[Any, Any]:
    """A shape of samples as a vector, and how many samples that is."""
    known, rank = static_value(shape), shape.get_shape().ndims
    n = _tf.reduce_prod(shape) if known is None else np.prod(known, dtype=np.int32)
    if rank is None:
        one = _tf.where(_tf.equal(_tf.rank(shape), 0), np.array([1], np.int32), _tf.shape(shape))
        shape = _tf.reshape(shape, one)
    elif rank == 0:
        shape = _tf.reshape(shape, [1]) if known is None else convert_to_tensor(np.array([known], np.int32),
                                                                               name="sample_shape")
    elif rank != 1:
        raise InvalidValue("sample_shape is a number or a list of numbers")
    return shape, n

