"""Transposed convolutions, the gradients of convolutions as calls, dilation and erosion (tf.nn)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType, InvalidValue, said
from .conversion import convert_to_tensor, is_tensor
from .framework import apply_op, name_scope
from .modules import modules
from .nn_sequence import channel_index, padding_attrs, sequence
from .old_names import renamed

EXPORTS = """
nn: conv1d_transpose conv2d_transpose conv3d_transpose conv_transpose atrous_conv2d_transpose
nn: conv2d_backprop_input conv2d_backprop_filter
nn: depthwise_conv2d_backprop_input depthwise_conv2d_native_backprop_input=depthwise_conv2d_backprop_input
nn: depthwise_conv2d_backprop_filter depthwise_conv2d_native_backprop_filter=depthwise_conv2d_backprop_filter
nn: conv3d_backprop_filter conv3d_backprop_filter_v2=conv3d_backprop_filter
nn: dilation2d erosion2d
"""

tf = modules["tf"]
ONES = (1, 1, 1, 1)


def conv2d_transpose(value: Any = None, filter: Any = None, output_shape: Any = None, strides: Any = None,
                     padding: Any = "SAME", data_format: str | None = "NHWC", name: str | None = None,
                     input: Any = None, filters: Any = None, dilations: Any = None) -> Any:
    """The gradient of conv2d as an op of its own (tf.nn.conv2d_transpose).

    filter: [height, width, output channels, input channels]; output_shape: the whole shape of the result.
    """
    value = renamed("input", input, "value", value)
    filter = renamed("filters", filters, "filter", filter)
    with name_scope(name, "conv2d_transpose") as scope:
        return _conv2d_transpose(value, filter, output_shape, strides, padding, data_format, dilations, scope)


def _conv2d_transpose(value: Any, filter: Any, output_shape: Any, strides: Any, padding: Any,
                      data_format: str | None, dilations: Any, name: str | None) -> Any:
    with name_scope(name, "conv2d_transpose") as scope:
        data_format = data_format or "NHWC"
        where = channel_index(data_format, 4)
        attrs = {"strides": sequence(strides, 2, where, "strides"), **padding_attrs(padding),
                 "data_format": data_format, "dilations": sequence(dilations, 2, where, "dilations")}
        return apply_op("Conv2DBackpropInput", scope, [output_shape, filter, value], attrs)


def conv1d_transpose(input: Any, filters: Any, output_shape: Any, strides: Any, padding: str = "SAME",
                     data_format: str | None = "NWC", dilations: Any = None, name: str | None = None) -> Any:
    """The gradient of conv1d as an op of its own (tf.nn.conv1d_transpose)."""
    with name_scope(name, "conv1d_transpose") as scope:
        if data_format not in (None, "NWC", "NCW"):
            raise InvalidValue(f"data_format of lines is 'NWC' or 'NCW', not {said(data_format)}")
        first = data_format == "NCW"
        axis, where = (2, 1) if first else (1, 2)
        attrs = {"strides": [1, *sequence(strides, 1, where, "stride")], "padding": padding,
                 "data_format": "NCHW" if first else "NHWC",
                 "dilations": [1, *sequence(dilations, 1, where, "dilations")]}
        input = tf.expand_dims(input, axis)
        filters = tf.expand_dims(filters, 0)
        shape = output_shape if is_tensor(output_shape) else list(output_shape)
        shape = tf.concat([shape[:axis], [1], shape[axis:]], 0)
        return tf.squeeze(apply_op("Conv2DBackpropInput", scope, [shape, filters, input], attrs), axis)


def conv3d_transpose(value: Any, filter: Any = None, output_shape: Any = None, strides: Any = None,
                     padding: str = "SAME", data_format: str | None = "NDHWC", name: str | None = None,
                     input: Any = None, filters: Any = None, dilations: Any = None) -> Any:
    """The gradient of conv3d as an op of its own (tf.nn.conv3d_transpose)."""
    filter = renamed("filters", filters, "filter", filter)
    value = renamed("input", input, "value", value)
    with name_scope(name, "conv3d_transpose") as scope:
        data_format = data_format or "NDHWC"
        where = channel_index(data_format, 5)
        attrs = {"strides": sequence(strides, 3, where, "strides"), "padding": padding, "data_format": data_format,
                 "dilations": sequence(dilations, 3, where, "dilations")}
        return apply_op("Conv3DBackpropInputV2", scope, [output_shape, filter, value], attrs)


def conv_transpose(input: Any, filters: Any, output_shape: Any, strides: Any, padding: Any = "SAME",
                   data_format: str | None = None, dilations: Any = None, name: str | None = None) -> Any:
    """conv1d_transpose, 2d or 3d, by the length of ``output_shape`` (tf.nn.conv_transpose)."""
    with name_scope(name, "conv_transpose") as scope:
        n = (output_shape.static[0] if is_tensor(output_shape) else len(output_shape)) - 2
        if n not in (1, 2, 3):
            raise InvalidValue(f"output_shape has 3 to 5 sizes, not {n + 2}")
        if n == 1:
            return conv1d_transpose(input, filters, output_shape, strides, padding, data_format, dilations, scope)
        if n == 2:
            return _conv2d_transpose(input, filters, output_shape, strides, padding, data_format, dilations, scope)
        return conv3d_transpose(input, filters, output_shape, strides, padding, data_format, scope,
                                dilations=dilations)


def atrous_conv2d_transpose(value: Any, filters: Any, output_shape: Any, rate: int, padding: str,
                            name: str | None = None) -> Any:
    """The gradient of atrous_conv2d as an op of its own (tf.nn.atrous_conv2d_transpose)."""
    with name_scope(name, "atrous_conv2d_transpose"):
        value = convert_to_tensor(value, name="value")
        filters = convert_to_tensor(filters, name="filters")
        if value.static is None:
            raise InvalidType("atrous_conv2d_transpose: the rank of value must be known")
        if not value.shape[3].is_compatible_with(filters.shape[3]):
            raise InvalidValue(f"value has {value.shape[3]} channels, filters are for {filters.shape[3]}")
        if rate < 1:
            raise InvalidValue(f"the rate is at least 1, not {rate}")
        if rate == 1:
            return conv2d_transpose(value, filters, output_shape, strides=[1, 1, 1, 1], padding=padding)
        if convert_to_tensor(output_shape, name="output_shape").static not in (None, (None,), (4,)):
            raise InvalidValue("atrous_conv2d_transpose: output_shape has four sizes")
        output_shape = list(output_shape) if isinstance(output_shape, tuple) else output_shape
        if not is_tensor(output_shape):
            if filters.static is None:
                raise InvalidType("atrous_conv2d_transpose: the rank of filters must be known")
            if not filters.shape[2].is_compatible_with(output_shape[3]):
                raise InvalidValue(f"output_shape has {output_shape[3]} channels, filters make {filters.shape[2]}")
        before: list[Any] = [0, 0]
        after: list[Any] = [0, 0]
        if padding == "SAME":
            known = filters.static is not None and None not in filters.static
            sizes: Any = filters.static if known else tf.shape(filters)
            taps = sizes[0], sizes[1]
            reach = [t + (t - 1) * (rate - 1) for t in taps]
            both = [r - 1 for r in reach]
            for i, b in enumerate(both):
                before[i] = b // 2
                after[i] = b - before[i]
        elif padding != "VALID":
            raise InvalidValue(f"padding is 'SAME' or 'VALID', not {said(padding)}")
        height = output_shape[1] + before[0] + after[0]
        width = output_shape[2] + before[1] + after[1]
        below = (rate - height % rate) % rate
        right = (rate - width % rate) % rate
        value = tf.space_to_batch(input=value, paddings=[[0, below], [0, right]], block_size=rate)
        sizes = [rate * rate * output_shape[0], (height + below) // rate, (width + right) // rate, output_shape[3]]
        value = apply_op("Conv2DBackpropInput", None, [sizes, filters, value],
                         {"strides": [1, 1, 1, 1], "padding": "VALID", "data_format": "NHWC"})
        crops = [[before[0], after[0] + below], [before[1], after[1] + right]]
        return tf.batch_to_space(input=value, crops=crops, block_size=rate)


def conv2d_backprop_input(input_sizes: Any, filter: Any = None, out_backprop: Any = None, strides: Any = None,
                          padding: Any = None, use_cudnn_on_gpu: bool = True, data_format: str | None = "NHWC",
                          dilations: Any = ONES, name: str | None = None, filters: Any = None) -> Any:
    """The gradient of conv2d for its input (tf.nn.conv2d_backprop_input)."""
    filter = renamed("filters", filters, "filter", filter)
    return apply_op("Conv2DBackpropInput", name, [input_sizes, filter, out_backprop],
                    {"strides": strides, "use_cudnn_on_gpu": use_cudnn_on_gpu, **padding_attrs(padding),
                     "data_format": data_format, "dilations": dilations})


def conv2d_backprop_filter(input: Any, filter_sizes: Any, out_backprop: Any, strides: Any, padding: Any,
                           use_cudnn_on_gpu: bool = True, data_format: str | None = "NHWC", dilations: Any = ONES,
                           name: str | None = None) -> Any:
    """The gradient of conv2d for its filter (tf.nn.conv2d_backprop_filter)."""
    return apply_op("Conv2DBackpropFilter", name, [input, filter_sizes, out_backprop],
                    {"strides": strides, "use_cudnn_on_gpu": use_cudnn_on_gpu, **padding_attrs(padding),
                     "data_format": data_format, "dilations": dilations})


def conv3d_backprop_filter(input: Any, filter_sizes: Any, out_backprop: Any, strides: Any, padding: str,
                           data_format: str | None = "NDHWC", dilations: Any = (1, 1, 1, 1, 1),
                           name: str | None = None) -> Any:
    """The gradient of conv3d for its filter (tf.nn.conv3d_backprop_filter)."""
    return apply_op("Conv3DBackpropFilterV2", name, [input, filter_sizes, out_backprop],
                    {"strides": strides, "padding": padding, "data_format": data_format, "dilations": dilations})


def depthwise_conv2d_backprop_input(input_sizes: Any, filter: Any, out_backprop: Any, strides: Any, padding: Any,
                                    data_format: str | None = "NHWC", dilations: Any = ONES,
                                    name: str | None = None) -> Any:
    """The gradient of a depthwise convolution for its input (tf.nn.depthwise_conv2d_backprop_input)."""
    return apply_op("DepthwiseConv2dNativeBackpropInput", name, [input_sizes, filter, out_backprop],
                    {"strides": strides, **padding_attrs(padding), "data_format": data_format, "dilations": dilations})


def depthwise_conv2d_backprop_filter(input: Any, filter_sizes: Any, out_backprop: Any, strides: Any, padding: Any,
                                     data_format: str | None = "NHWC", dilations: Any = ONES,
                                     name: str | None = None) -> Any:
    """The gradient of a depthwise convolution for its filter (tf.nn.depthwise_conv2d_backprop_filter)."""
    return apply_op("DepthwiseConv2dNativeBackpropFilter", name, [input, filter_sizes, out_backprop],
                    {"strides": strides, **padding_attrs(padding), "data_format": data_format, "dilations": dilations})


def dilation2d(input: Any, filter: Any = None, strides: Any = None, rates: Any = None, padding: str | None = None,
               name: str | None = None, filters: Any = None, dilations: Any = None) -> Any:
    """The greatest of input + filter in each window (tf.nn.dilation2d)."""
    filter = renamed("filters", filters, "filter", filter)
    rates = renamed("dilations", dilations, "rates", rates)
    return apply_op("Dilation2D", name, [input, filter], {"strides": strides, "rates": rates, "padding": padding})


def erosion2d(value: Any, kernel: Any, strides: Any, rates: Any, padding: str, name: str | None = None) -> Any:
    """The least of value - kernel in each window (tf.nn.erosion2d)."""
    with name_scope(name, "erosion2d") as scope:
        grown = apply_op("Dilation2D", scope, [tf.negative(value), tf.reverse(kernel, [0, 1])],
                         {"strides": strides, "rates": rates, "padding": padding})
        return tf.negative(grown)
