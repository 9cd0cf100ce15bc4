"""Fully connected layers, biases, dropout and what else is simple of tf.contrib.layers."""
from __future__ import annotations

from functools import partial
from typing import Any

from ..errors import InvalidValue, said
from ..graph.types import int32
from .contrib import xavier_initializer
from .contrib_arg_scope import add_arg_scope
from .contrib_outputs import (
    channel_dimension,
    collect_named_outputs,
    get_variable_collections,
    keep_variable,
    last_dimension,
    variable_getter,
)
from .contrib_variables import model_variable
from .conversion import convert_to_tensor
from .framework import name_scope
from .initializers import Zeros
from .layers_core import Dense, Dropout
from .layers_core import flatten as flattened
from .modules import modules
from .variable_scope import variable_scope

EXPORTS = """
contrib.layers contrib.slim: fully_connected linear relu relu6 elu bias_add dropout flatten
contrib.layers contrib.slim: one_hot_encoding softmax
contrib.slim: fc=fully_connected
"""

tf = modules["tf"]


def whole_number(value: Any, what: str) -> int:
    """A whole number of Python's. Raises InvalidValue for anything else."""
    if not isinstance(value, int):
        raise InvalidValue(f"{what} is a whole number, not {said(value)}")
    return value


def normalized(outputs: Any, normalizer_fn: Any, normalizer_params: Any, activation_fn: Any) -> Any:
    """Outputs through the normalizer and the activation, where there are such."""
    if normalizer_fn is not None:
        outputs = normalizer_fn(outputs, **(normalizer_params or {}))
    return outputs if activation_fn is None else activation_fn(outputs)


def with_weights(kind: Any, sc: Any, inputs: Any, sizes: tuple[Any, ...], weights_initializer: Any,
                 weights_regularizer: Any, biases_initializer: Any, biases_regularizer: Any, normalizer_fn: Any,
                 normalizer_params: Any, activation_fn: Any, reuse: Any, variables_collections: Any,
                 outputs_collections: Any, trainable: bool, **more: Any) -> Any:
    """The outputs of a layer of tf.layers with a kernel and, where nothing normalizes, a bias, in the scope ``sc``.

    kind: its class, of ``sizes`` and ``more``. Kernel and bias go into the collections for weights and biases.
    """
    layer = kind(*sizes, use_bias=bool(not normalizer_fn and biases_initializer),
                 kernel_initializer=weights_initializer, bias_initializer=biases_initializer,
                 kernel_regularizer=weights_regularizer, bias_regularizer=biases_regularizer, trainable=trainable,
                 name=sc.name, dtype=inputs.dtype.base_dtype, _scope=sc, _reuse=reuse, **more)
    outputs = layer(inputs)
    keep_variable(layer.kernel, variables_collections, "weights")
    if layer.bias is not None:
        keep_variable(layer.bias, variables_collections, "biases")
    outputs = normalized(outputs, normalizer_fn, normalizer_params, activation_fn)
    return collect_named_outputs(outputs_collections, sc.name, outputs)


@add_arg_scope
def fully_connected(inputs: Any, num_outputs: int, activation_fn: Any = tf.nn.relu, normalizer_fn: Any = None,
                    normalizer_params: Any = None, weights_initializer: Any = xavier_initializer(),
                    weights_regularizer: Any = None, biases_initializer: Any = Zeros(),
                    biases_regularizer: Any = None, reuse: Any = None, variables_collections: Any = None,
                    outputs_collections: Any = None, trainable: bool = True, scope: Any = None) -> Any:
    """``activation_fn(inputs @ weights + biases)`` over the last axis (tf.contrib.layers.fully_connected).

    normalizer_fn: takes the place of the biases. Variables ``weights`` [inputs, num_outputs] and ``biases``, of the
    model. Raises InvalidValue where num_outputs is no whole number, or the last size of the input is not known.
    """
    whole_number(num_outputs, "num_outputs")
    with variable_scope(scope, "fully_connected", [inputs], reuse=reuse,
                        custom_getter=variable_getter(kernel="weights", bias="biases")) as sc:
        inputs = convert_to_tensor(inputs)
        return with_weights(Dense, sc, inputs, (num_outputs,), weights_initializer, weights_regularizer,
                            biases_initializer, biases_regularizer, normalizer_fn, normalizer_params, activation_fn,
                            reuse, variables_collections, outputs_collections, trainable)


linear = partial(fully_connected, activation_fn=None)
relu = partial(fully_connected, activation_fn=tf.nn.relu)
relu6 = partial(fully_connected, activation_fn=tf.nn.relu6)
elu = partial(fully_connected, activation_fn=tf.nn.elu)


@add_arg_scope
def bias_add(inputs: Any, activation_fn: Any = None, initializer: Any = Zeros(), regularizer: Any = None,
             reuse: Any = None, variables_collections: Any = None, outputs_collections: Any = None,
             trainable: bool = True, data_format: str = "NHWC", scope: Any = None) -> Any:
    """The input plus a variable ``biases``, one for each channel (tf.contrib.layers.bias_add)."""
    if data_format not in ("NHWC", "NCHW"):
        raise InvalidValue(f"data_format is 'NHWC' or 'NCHW', not {said(data_format)}")
    with variable_scope(scope, "BiasAdd", [inputs], reuse=reuse) as sc:
        inputs = convert_to_tensor(inputs)
        features = channel_dimension(inputs.shape, data_format, min_rank=2)
        biases = model_variable("biases", shape=[features], dtype=inputs.dtype.base_dtype, initializer=initializer,
                                regularizer=regularizer, trainable=trainable,
                                collections=get_variable_collections(variables_collections, "biases"))
        outputs = tf.nn.bias_add(inputs, biases, data_format=data_format)
        if activation_fn is not None:
            outputs = activation_fn(outputs)
        return collect_named_outputs(outputs_collections, sc.name, outputs)


@add_arg_scope
def dropout(inputs: Any, keep_prob: Any = 0.5, noise_shape: Any = None, is_training: Any = True,
            outputs_collections: Any = None, scope: Any = None, seed: int | None = None) -> Any:
    """The input, of which a share ``keep_prob`` is kept in training (tf.contrib.layers.dropout)."""
    with variable_scope(scope, "Dropout", [inputs], custom_getter=variable_getter()) as sc:
        inputs = convert_to_tensor(inputs)
        layer = Dropout(rate=1 - keep_prob, noise_shape=noise_shape, seed=seed, name=sc.name, _scope=sc)
        outputs = layer(inputs, training=is_training)
        return collect_named_outputs(outputs_collections, sc.name, outputs)


@add_arg_scope
def flatten(inputs: Any, outputs_collections: Any = None, scope: Any = None) -> Any:
    """[batch, all the rest] of the input (tf.contrib.layers.flatten)."""
    with name_scope(scope, "Flatten", [inputs]) as sc:
        inputs = convert_to_tensor(inputs)
        return collect_named_outputs(outputs_collections, sc, flattened(inputs))


@add_arg_scope
def one_hot_encoding(labels: Any, num_classes: Any, on_value: Any = 1.0, off_value: Any = 0.0,
                     outputs_collections: Any = None, scope: Any = None) -> Any:
    """tf.one_hot of whole numbers (tf.contrib.layers.one_hot_encoding)."""
    with name_scope(scope, "OneHotEncoding", [labels, num_classes]) as sc:
        labels = convert_to_tensor(labels)
        if labels.dtype.base_dtype is int32:
            labels = tf.to_int64(labels)
        outputs = tf.one_hot(labels, num_classes, on_value=on_value, off_value=off_value)
        return collect_named_outputs(outputs_collections, sc, outputs)


@add_arg_scope
def softmax(logits: Any, scope: Any = None) -> Any:
    """The softmax over the last axis of a tensor of rank 2 or more (tf.contrib.layers.softmax)."""
    with variable_scope(scope, "softmax", [logits]):
        size = last_dimension(logits.shape, min_rank=2)
        predictions = tf.reshape(tf.nn.softmax(tf.reshape(logits, [-1, size])), tf.shape(logits))
        predictions.set_shape(logits.static)
        return predictions
