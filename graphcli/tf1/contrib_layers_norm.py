"""Batch normalization of tf.contrib.layers, whose moving averages may be updated in the step itself."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import InvalidValue, said
from ..graph.collections import GraphKeys
from ..graph.types import bfloat16, float16, float32
from .averages import assign_moving_average
from .contrib_arg_scope import add_arg_scope
from .contrib_outputs import (
    channel_dimension,
    collect_named_outputs,
    constant_value,
    get_variable_collections,
    keep_variable,
    smart_cond,
    variable_getter,
)
from .contrib_variables import model_variable
from .conversion import convert_to_tensor
from .framework import add_to_collections, control_dependencies
from .initializers import Ones, Zeros
from .layers_norm import BatchNormalization
from .modules import modules
from .variable_scope import get_variable_scope, variable_scope

EXPORTS = """
contrib.layers contrib.slim: batch_norm
"""

tf = modules["tf"]
UPDATE_OPS = GraphKeys.UPDATE_OPS
_INITIAL = {"beta": Zeros(), "gamma": Ones(), "moving_mean": Zeros(), "moving_variance": Ones()}
Moments = tuple[Any, Any]


@add_arg_scope
def batch_norm(inputs: Any, decay: Any = 0.999, center: bool = True, scale: bool = False, epsilon: float = 0.001,
               activation_fn: Any = None, param_initializers: Mapping[str, Any] | None = None,
               param_regularizers: Mapping[str, Any] | None = None, updates_collections: Any = UPDATE_OPS,
               is_training: Any = True, reuse: Any = None, variables_collections: Any = None,
               outputs_collections: Any = None, trainable: bool = True, batch_weights: Any = None,
               fused: bool | None = None, data_format: str = "NHWC", zero_debias_moving_mean: bool = False,
               scope: Any = None, renorm: bool = False, renorm_clipping: Any = None, renorm_decay: Any = 0.99,
               adjustment: Any = None) -> Any:
    """Normalizes by the batch's moments in training, by their moving averages else (tf.contrib.layers.batch_norm).

    decay: of the averages. updates_collections: of their updates; None makes them in each step of training.
    param_initializers: of ``beta``, ``gamma``, ``moving_mean`` and ``moving_variance``; param_regularizers: of the
    first two. batch_weights: how much each element of the batch counts. fused: one FusedBatchNormV3, by default
    where it can be. zero_debias_moving_mean: a moving mean that is divided by how much of it has been filled.

    Raises InvalidValue for another data_format, for renorm with what it cannot have, and where the rank or the
    size of the channels is not known.
    """
    if data_format not in ("NHWC", "NCHW"):
        raise InvalidValue(f"data_format is 'NHWC' or 'NCHW', not {said(data_format)}")
    fused = fused is None or fused
    inputs = convert_to_tensor(inputs)
    rank = inputs.shape.ndims
    special = updates_collections != UPDATE_OPS or zero_debias_moving_mean
    initial = {**_INITIAL, **(param_initializers or {})}
    regularizers = param_regularizers or {}
    one_op = fused and batch_weights is None and not renorm and adjustment is None and rank in (2, 4)
    # of a matrix, and with updates of its own, the layer of tf.layers makes none
    own = one_op and (special or rank == 2)
    with variable_scope(scope, "BatchNorm", [inputs], reuse=reuse,
                        custom_getter=None if own else variable_getter()) as sc:
        if not own and batch_weights is None and not special:
            layer = BatchNormalization(
                axis=1 if data_format == "NCHW" else -1, momentum=decay, epsilon=epsilon, center=center, scale=scale,
                beta_initializer=initial["beta"], gamma_initializer=initial["gamma"],
                moving_mean_initializer=initial["moving_mean"],
                moving_variance_initializer=initial["moving_variance"], beta_regularizer=regularizers.get("beta"),
                gamma_regularizer=regularizers.get("gamma"), trainable=trainable, renorm=renorm,
                renorm_clipping=renorm_clipping, renorm_momentum=renorm_decay, adjustment=adjustment, name=sc.name,
                _scope=sc, _reuse=reuse, fused=fused and not renorm)
            outputs = layer(inputs, training=is_training)
            for name in ("moving_mean", "moving_variance", "beta", "gamma"):
                if (variable := getattr(layer, name, None)) is not None:
                    keep_variable(variable, variables_collections, name)
        else:
            if renorm:
                raise InvalidValue("renorm goes with no batch_weights, updates_collections or "
                                   "zero_debias_moving_mean")
            if rank is None:
                raise InvalidValue(f"the rank of {inputs.name} is not known", hint="give the placeholder a shape")
            averages = _Averages(decay, updates_collections, is_training, zero_debias_moving_mean)
            made = _Variables(inputs, data_format, own, initial, regularizers, trainable, variables_collections)
            if own:
                outputs = _fused(inputs, rank, made, averages, center, scale, epsilon, data_format)
            else:
                outputs = _plain(inputs, rank, made, averages, center, scale, epsilon, data_format, batch_weights)
        if activation_fn is not None:
            outputs = activation_fn(outputs)
        return collect_named_outputs(outputs_collections, sc.name, outputs)


class _Variables:
    """Makes the variables of one batch normalization, each of the size of the channels."""

    def __init__(self, inputs: Any, data_format: str, fused: bool, initial: Mapping[str, Any],
                 regularizers: Mapping[str, Any], trainable: bool, collections: Any) -> None:
        self.channels = channel_dimension(inputs.shape, data_format)
        kind = inputs.dtype.base_dtype
        self.kind = float32 if fused and kind in (float16, bfloat16) else kind
        self.initial, self.regularizers = initial, regularizers
        self.trainable, self.collections = trainable, collections

    def make(self, name: str, trainable: bool = True) -> Any:
        return model_variable(name, shape=[self.channels], dtype=self.kind, initializer=self.initial[name],
                              regularizer=self.regularizers.get(name) if trainable else None,
                              trainable=trainable and self.trainable,
                              collections=get_variable_collections(self.collections, name))

    def averages(self) -> Moments:
        """The moving mean and variance, which are in one piece whatever the scope says."""
        with variable_scope(get_variable_scope()) as scope:
            partitioner = scope.partitioner
            scope.set_partitioner(None)
            try:
                return self.make("moving_mean", False), self.make("moving_variance", False)
            finally:
                scope.set_partitioner(partitioner)


class _Averages:
    """How moving averages follow the moments of a batch."""

    def __init__(self, decay: Any, collections: Any, training: Any, zero_debias: bool) -> None:
        self.decay, self.collections, self.training, self.zero_debias = decay, collections, training, zero_debias

    def _updates(self, moving: Moments, moments: Moments) -> Moments:
        return (assign_moving_average(moving[0], moments[0], self.decay, zero_debias=self.zero_debias),
                assign_moving_average(moving[1], moments[1], self.decay, zero_debias=False))

    def follow(self, moving: Moments, moments: Moments, result: Callable[[], Any], other: Callable[[], Any]) -> Any:
        """What ``result`` gives after the updates in training, else ``other``; None where updates are collected."""
        if self.collections is None:
            def after() -> Any:
                with control_dependencies(list(self._updates(moving, moments))):
                    return result()

            return smart_cond(self.training, after, other)
        for update in smart_cond(self.training, lambda: self._updates(moving, moments), lambda: moving):
            add_to_collections(self.collections, update)
        return None


def _fused(inputs: Any, rank: int, made: _Variables, averages: _Averages, center: bool, scale: bool, epsilon: float,
           data_format: str) -> Any:
    """All in one FusedBatchNormV3; a matrix is an image of one place."""
    given = inputs
    if rank == 2:
        size = made.channels
        inputs = tf.reshape(inputs, [-1, 1, 1, size] if data_format == "NHWC" else [-1, size, 1, 1])
    beta = made.make("beta") if center else tf.constant(0.0, made.kind, [made.channels])
    gamma = made.make("gamma") if scale else tf.constant(1.0, made.kind, [made.channels])
    moving = made.averages()
    outputs, mean, variance = smart_cond(
        averages.training,
        lambda: tf.nn.fused_batch_norm(inputs, gamma, beta, epsilon=epsilon, data_format=data_format),
        lambda: tf.nn.fused_batch_norm(inputs, gamma, beta, mean=moving[0], variance=moving[1], epsilon=epsilon,
                                       is_training=False, data_format=data_format))
    if constant_value(averages.training) is not False:
        followed = averages.follow(moving, (mean, variance), lambda: tf.identity(outputs), lambda: outputs)
        outputs = outputs if followed is None else followed
    outputs.set_shape(inputs.static)
    if rank != 2:
        return outputs
    return tf.reshape(outputs, tf.shape(given))


def _plain(inputs: Any, rank: int, made: _Variables, averages: _Averages, center: bool, scale: bool, epsilon: float,
           data_format: str, batch_weights: Any) -> Any:
    """By moments of the batch and arithmetic."""
    first = data_format == "NCHW"
    around = [0, *range(2, rank)] if first else list(range(rank - 1))
    wide = [1, made.channels, *[1] * (rank - 2)]
    if batch_weights is not None:
        batch_weights = tf.reshape(convert_to_tensor(batch_weights), [-1, *[1] * (rank - 1)])
    beta = made.make("beta") if center else None
    gamma = made.make("gamma") if scale else None
    moving = made.averages()
    mean, variance = moving
    if constant_value(averages.training) is not False:
        if batch_weights is None:
            mean, variance = tf.nn.moments(inputs, around, keep_dims=first)
        else:
            mean, variance = tf.nn.weighted_moments(inputs, around, batch_weights, keep_dims=first)
        if first:
            mean, variance = tf.reshape(mean, [-1]), tf.reshape(variance, [-1])
        batch = (mean, variance)
        followed = averages.follow(moving, batch, lambda: (tf.identity(batch[0]), tf.identity(batch[1])),
                                   lambda: moving)
        mean, variance = followed or smart_cond(averages.training, lambda: batch, lambda: moving)
    if first:
        mean, variance, beta, gamma = (None if v is None else tf.reshape(v, wide)
                                       for v in (mean, variance, beta, gamma))
    outputs = tf.nn.batch_normalization(inputs, mean, variance, beta, gamma, epsilon)
    outputs.set_shape(inputs.static)
    return outputs
