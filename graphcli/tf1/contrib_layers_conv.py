"""Convolution layers of tf.contrib.layers, over 1 to 3 sizes, transposed and separable."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue, said
from .contrib import xavier_initializer
from .contrib_arg_scope import add_arg_scope
from .contrib_layers import normalized, with_weights
from .contrib_outputs import (
    collect_named_outputs,
    get_variable_collections,
    keep_variable,
    two_element_tuple,
    variable_getter,
)
from .contrib_variables import model_variable
from .conversion import convert_to_tensor
from .initializers import Zeros
from .layers_conv import Conv1D, Conv2D, Conv3D
from .layers_conv_more import Conv2DTranspose, Conv3DTranspose, SeparableConv2D
from .modules import modules
from .named import named
from .variable_scope import variable_scope

EXPORTS = """
contrib.layers contrib.slim: convolution conv1d convolution1d=conv1d conv2d convolution2d=conv2d
contrib.layers contrib.slim: conv3d convolution3d=conv3d
contrib.layers contrib.slim: conv2d_transpose convolution2d_transpose=conv2d_transpose
contrib.layers contrib.slim: conv3d_transpose convolution3d_transpose=conv3d_transpose
contrib.layers contrib.slim: separable_conv2d separable_convolution2d=separable_conv2d
"""

tf = modules["tf"]
XAVIER = xavier_initializer()
ZEROS = Zeros()
RELU = tf.nn.relu


class _Conv1D(Conv1D):
    op_name = "conv1d"


_LAYERS: dict[int, Any] = {3: _Conv1D, 4: Conv2D, 5: Conv3D}


def keras_format(data_format: str | None, words: tuple[str, ...]) -> str:
    """``channels_first`` or ``channels_last`` for TensorFlow's word. Raises InvalidValue for one not in ``words``."""
    if data_format is not None and data_format not in words:
        raise InvalidValue(f"data_format is one of {', '.join(words)}, not {said(data_format)}")
    return "channels_first" if data_format and data_format.startswith("NC") else "channels_last"


@add_arg_scope
def convolution(inputs: Any, num_outputs: int, kernel_size: Any, stride: Any = 1, padding: str = "SAME",
                data_format: str | None = None, rate: Any = 1, activation_fn: Any = RELU, normalizer_fn: Any = None,
                normalizer_params: Any = None, weights_initializer: Any = XAVIER, weights_regularizer: Any = None,
                biases_initializer: Any = ZEROS, biases_regularizer: Any = None, reuse: Any = None,
                variables_collections: Any = None, outputs_collections: Any = None, trainable: bool = True,
                scope: Any = None, conv_dims: int | None = None) -> Any:
    """``activation_fn(conv(inputs, weights) + biases)`` over as many sizes as the input has.

    normalizer_fn: takes the place of the biases. conv_dims: how many sizes it must have. Variables ``weights`` and
    ``biases``, of the model. Raises InvalidValue for another rank or data_format, and where the channels of the
    input are not known.
    """
    layout = keras_format(data_format, ("NWC", "NCW", "NHWC", "NCHW", "NDHWC", "NCDHW"))
    with variable_scope(scope, "Conv", [inputs], reuse=reuse,
                        custom_getter=variable_getter(kernel="weights", bias="biases")) as sc:
        inputs = convert_to_tensor(inputs)
        rank = inputs.shape.ndims
        if conv_dims is not None and conv_dims + 2 != rank:
            raise InvalidValue(f"the input of this convolution has rank {conv_dims + 2}, not {rank}")
        if rank not in _LAYERS:
            raise InvalidValue(f"the input of a convolution has rank 3, 4 or 5, not {rank}")
        return with_weights(_LAYERS[rank], sc, inputs, (num_outputs, kernel_size), weights_initializer,
                            weights_regularizer, biases_initializer, biases_regularizer, normalizer_fn,
                            normalizer_params, activation_fn, reuse, variables_collections, outputs_collections,
                            trainable, strides=stride, padding=padding, data_format=layout, dilation_rate=rate)


def _of_dims(name: str, dims: int, what: str) -> Any:
    def conv(inputs: Any, num_outputs: int, kernel_size: Any, stride: Any = 1, padding: str = "SAME",
             data_format: str | None = None, rate: Any = 1, activation_fn: Any = RELU, normalizer_fn: Any = None,
             normalizer_params: Any = None, weights_initializer: Any = XAVIER, weights_regularizer: Any = None,
             biases_initializer: Any = ZEROS, biases_regularizer: Any = None, reuse: Any = None,
             variables_collections: Any = None, outputs_collections: Any = None, trainable: bool = True,
             scope: Any = None) -> Any:
        return convolution(inputs, num_outputs, kernel_size, stride, padding, data_format, rate, activation_fn,
                           normalizer_fn, normalizer_params, weights_initializer, weights_regularizer,
                           biases_initializer, biases_regularizer, reuse, variables_collections,
                           outputs_collections, trainable, scope, dims)

    # stack and repeat name their scopes after it
    return add_arg_scope(named(conv, name, f"Convolution of {what} (tf.contrib.layers.{name})."))


conv1d = _of_dims("convolution1d", 1, "sequences")
conv2d = _of_dims("convolution2d", 2, "images")
conv3d = _of_dims("convolution3d", 3, "volumes")


def _transpose(name: str, kind: Any, default: str, words: tuple[str, str], what: str) -> Any:
    def conv(inputs: Any, num_outputs: int, kernel_size: Any, stride: Any = 1, padding: str = "SAME",
             data_format: str = words[0], activation_fn: Any = RELU, normalizer_fn: Any = None,
             normalizer_params: Any = None, weights_initializer: Any = XAVIER, weights_regularizer: Any = None,
             biases_initializer: Any = ZEROS, biases_regularizer: Any = None, reuse: Any = None,
             variables_collections: Any = None, outputs_collections: Any = None, trainable: bool = True,
             scope: Any = None) -> Any:
        layout = keras_format(data_format, words)
        with variable_scope(scope, default, [inputs], reuse=reuse,
                            custom_getter=variable_getter(kernel="weights", bias="biases")) as sc:
            return with_weights(kind, sc, convert_to_tensor(inputs), (num_outputs, kernel_size), weights_initializer,
                                weights_regularizer, biases_initializer, biases_regularizer, normalizer_fn,
                                normalizer_params, activation_fn, reuse, variables_collections, outputs_collections,
                                trainable, strides=stride, padding=padding, data_format=layout)

    return add_arg_scope(named(conv, name, f"Transposed convolution of {what} (tf.contrib.layers.{name})."))


conv2d_transpose = _transpose("convolution2d_transpose", Conv2DTranspose, "Conv2d_transpose", ("NHWC", "NCHW"),
                              "images")
conv3d_transpose = _transpose("convolution3d_transpose", Conv3DTranspose, "Conv3d_transpose", ("NDHWC", "NCDHW"),
                              "volumes")


@add_arg_scope
def separable_convolution2d(
        inputs: Any, num_outputs: int | None, kernel_size: Any, depth_multiplier: int = 1, stride: Any = 1,
        padding: str = "SAME", data_format: str = "NHWC", rate: Any = 1, activation_fn: Any = RELU,
        normalizer_fn: Any = None, normalizer_params: Any = None, weights_initializer: Any = XAVIER,
        pointwise_initializer: Any = None, weights_regularizer: Any = None, biases_initializer: Any = ZEROS,
        biases_regularizer: Any = None, reuse: Any = None, variables_collections: Any = None,
        outputs_collections: Any = None, trainable: bool = True, scope: Any = None) -> Any:
    """Each channel by itself, then 1x1 over the channels (tf.contrib.layers.separable_conv2d).

    num_outputs None: no 1x1. Variables ``depthwise_weights``, ``pointwise_weights`` and ``biases``.
    """
    layout = keras_format(data_format, ("NHWC", "NCHW"))
    getter = variable_getter(bias="biases", depthwise_kernel="depthwise_weights",
                             pointwise_kernel="pointwise_weights")
    with variable_scope(scope, "SeparableConv2d", [inputs], reuse=reuse, custom_getter=getter) as sc:
        inputs = convert_to_tensor(inputs)
        if num_outputs is not None:
            layer = SeparableConv2D(
                num_outputs, kernel_size, strides=stride, padding=padding, data_format=layout,
                dilation_rate=two_element_tuple(rate), depth_multiplier=depth_multiplier,
                use_bias=bool(not normalizer_fn and biases_initializer),
                depthwise_initializer=weights_initializer,
                pointwise_initializer=pointwise_initializer or weights_initializer,
                bias_initializer=biases_initializer, depthwise_regularizer=weights_regularizer,
                pointwise_regularizer=weights_regularizer, bias_regularizer=biases_regularizer,
                trainable=trainable, name=sc.name, dtype=inputs.dtype.base_dtype, _scope=sc, _reuse=reuse)
            outputs = layer(inputs)
            for kernel in (layer.depthwise_kernel, layer.pointwise_kernel):
                keep_variable(kernel, variables_collections, "weights")
            if layer.bias is not None:
                keep_variable(layer.bias, variables_collections, "biases")
        else:
            outputs = _depthwise(inputs, kernel_size, depth_multiplier, stride, padding, data_format, rate,
                                 None if normalizer_fn else biases_initializer, weights_initializer,
                                 weights_regularizer, biases_regularizer, variables_collections, trainable)
        outputs = normalized(outputs, normalizer_fn, normalizer_params, activation_fn)
        return collect_named_outputs(outputs_collections, sc.name, outputs)


def _depthwise(inputs: Any, kernel_size: Any, depth_multiplier: int, stride: Any, padding: str, data_format: str,
               rate: Any, biases_initializer: Any, weights_initializer: Any, weights_regularizer: Any,
               biases_regularizer: Any, variables_collections: Any, trainable: bool) -> Any:
    kind = inputs.dtype.base_dtype
    channels = inputs.static[3 if data_format == "NHWC" else 1]
    weights = model_variable("depthwise_weights", shape=[*two_element_tuple(kernel_size), channels, depth_multiplier],
                             dtype=kind, initializer=weights_initializer, regularizer=weights_regularizer,
                             trainable=trainable,
                             collections=get_variable_collections(variables_collections, "weights"))
    high, wide = two_element_tuple(stride)
    strides = [1, 1, high, wide] if data_format == "NCHW" else [1, high, wide, 1]
    outputs = tf.nn.depthwise_conv2d(inputs, weights, strides, padding, rate=two_element_tuple(rate),
                                     data_format=data_format)
    if biases_initializer is None:
        return outputs
    biases = model_variable("biases", shape=[depth_multiplier * channels], dtype=kind,
                            initializer=biases_initializer, regularizer=biases_regularizer, trainable=trainable,
                            collections=get_variable_collections(variables_collections, "biases"))
    return tf.nn.bias_add(outputs, biases, data_format=data_format)


separable_conv2d = separable_convolution2d
