"""Convolutions of lines, images and volumes, plain, dilated, depthwise, separable and transposed (tf.nn)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue, said
from .conversion import convert_to_tensor, is_tensor
from .framework import apply_op, name_scope
from .modules import modules
from .nn_atrous import space_to_batch_call, strides_and_rate, with_space_to_batch
from .nn_sequence import channel_index, padding_attrs, sequence
from .old_names import renamed

EXPORTS = """
nn: conv1d conv2d conv3d convolution atrous_conv2d depthwise_conv2d depthwise_conv2d_native separable_conv2d
"""

tf = modules["tf"]


def _rank(x: Any) -> int | None:
    static = x.static if hasattr(x, "static") else getattr(getattr(x, "shape", None), "tuple", ())
    return None if static is None else len(static)


def flat_batches(x: Any, op: Any, inner: int, name: str | None = None) -> Any:
    """``op`` on x with all its batch axes in one."""
    with name_scope(name, "squeeze_batch_dims"):
        x = convert_to_tensor(x, name="input")
        static = x.static
        tail: Any = list(static[-inner:])
        if None in tail:
            tail = tf.shape(x)[-inner:]
        head: Any = list(static[:-inner])
        if None in head:
            head = tf.shape(x)[:-inner]
        shape = [-1, *tail] if isinstance(tail, list) else tf.concat(([-1], tail), axis=-1)
        out = op(tf.reshape(x, shape))
        end: Any = list(out.static[-inner:])
        if None in end:
            end = tf.shape(out)[-inner:]
        result = tf.reshape(out, tf.concat((head, end), axis=-1))
        result.set_shape((*static[:-inner], *result.static[-inner:]) if result.static else None)
        return result


def conv2d(input: Any, filter: Any = None, strides: Any = None, padding: Any = None, use_cudnn_on_gpu: bool = True,
           data_format: str | None = "NHWC", dilations: Any = (1, 1, 1, 1), name: str | None = None,
           filters: Any = None) -> Any:
    """Convolution of images (tf.nn.conv2d).

    input: [batch, height, width, channels]; filter: [height, width, channels, filters]; strides, dilations:
    a number, [height, width] or one per axis; padding: 'SAME', 'VALID' or a list of pairs.
    """
    filter = renamed("filters", filters, "filter", filter)
    pads = padding_attrs(padding)
    data_format = data_format or "NHWC"
    where = channel_index(data_format, 4)
    attrs = {"strides": sequence(strides, 2, where, "strides"), "use_cudnn_on_gpu": use_cudnn_on_gpu, **pads,
             "data_format": data_format, "dilations": sequence(dilations, 2, where, "dilations")}
    if (_rank(input) or 0) <= 4:
        return apply_op("Conv2D", name, [input, filter], attrs)
    return flat_batches(input, lambda x: apply_op("Conv2D", None, [x, filter], attrs), 3, name)


def conv1d(value: Any = None, filters: Any = None, stride: Any = None, padding: Any = None,
           use_cudnn_on_gpu: bool | None = None, data_format: str | None = None, name: str | None = None,
           input: Any = None, dilations: Any = None) -> Any:
    """Convolution of lines [batch, width, channels] by [width, channels, filters] (tf.nn.conv1d)."""
    value = renamed("input", input, "value", value)
    with name_scope(name, "conv1d") as scope:
        if data_format not in (None, "NHWC", "NWC", "NCHW", "NCW"):
            raise InvalidValue(f"data_format of lines is 'NWC' or 'NCW', not {said(data_format)}")
        first = data_format in ("NCHW", "NCW")
        axis, where = (-2, 1) if first else (-3, 2)
        attrs = {"strides": [1, *sequence(stride, 1, where, "stride")], "padding": padding,
                 "use_cudnn_on_gpu": use_cudnn_on_gpu, "data_format": "NCHW" if first else "NHWC",
                 "dilations": [1, *sequence(dilations, 1, where, "dilations")]}
        value = tf.expand_dims(value, axis)
        filters = tf.expand_dims(filters, 0)
        if (_rank(value) or 0) <= 4:
            result = apply_op("Conv2D", scope, [value, filters], attrs)
        else:
            result = flat_batches(value, lambda x: apply_op("Conv2D", None, [x, filters], attrs), 3, scope)
        return tf.squeeze(result, [axis])


def conv3d(input: Any, filter: Any = None, strides: Any = None, padding: Any = None,
           data_format: str | None = "NDHWC", dilations: Any = (1, 1, 1, 1, 1), name: str | None = None,
           filters: Any = None) -> Any:
    """Convolution of volumes (tf.nn.conv3d); strides and dilations have 5 entries."""
    filter = renamed("filters", filters, "filter", filter)
    return apply_op("Conv3D", name, [input, filter],
                    {"strides": strides, "padding": padding, "data_format": data_format, "dilations": dilations})


def convolution(input: Any, filter: Any, padding: Any, strides: Any = None, dilation_rate: Any = None,
                name: str | None = None, data_format: str | None = None, filters: Any = None,
                dilations: Any = None) -> Any:
    """Convolution of 1 to 3 sizes, strided or dilated (tf.nn.convolution)."""
    filter = renamed("filters", filters, "filter", filter)
    rate = renamed("dilations", dilations, "dilation_rate", dilation_rate)
    if not is_tensor(filter):
        with name_scope("convolution_internal"):
            filter = convert_to_tensor(filter, name="filters")
    if not is_tensor(input):
        with name_scope("convolution_internal"):
            input = convert_to_tensor(input, name="input")
    rank = _rank(filter) or _rank(input)
    if not rank:
        raise InvalidValue("the rank of the input or of the filter of a convolution must be known")
    n = rank - 2
    if n not in (1, 2, 3):
        raise InvalidValue(f"a convolution is over 1 to 3 sizes, not {n}")
    batch_dims = (_rank(input) or n + 2) - n - 1
    first = data_format is not None and data_format.startswith("NC")
    where = batch_dims if first else batch_dims + n
    rates = sequence(rate, n, where, "dilations")
    steps = sequence(strides, n, where, "strides")
    with name_scope(name, None if name else "convolution") as scope:
        if all(r == 1 for r in rates):
            return _plain(n, input, filter, steps, padding, data_format, rates, scope)
        inner = slice(2, None) if where == 1 else slice(1, -1)
        return _dilated(n, input, filter, padding, steps[inner], rates[inner], scope, data_format, batch_dims)


def _plain(n: int, x: Any, w: Any, strides: Any, padding: Any, data_format: str | None, dilations: Any,
           name: str | None) -> Any:
    if n == 1:
        return conv1d(x, w, strides, padding, data_format=data_format, name=name, dilations=dilations)
    attrs = {"strides": strides, "padding": padding, "data_format": data_format, "dilations": dilations}
    op_type = "Conv2D" if n == 2 else "Conv3D"
    if (_rank(x) or 0) <= n + 2:
        return apply_op(op_type, name, [x, w], attrs)
    return flat_batches(x, lambda v: apply_op(op_type, None, [v, w], attrs), n + 1, name)


def _dilated(n: int, x: Any, w: Any, padding: Any, strides: Any, rates: Any, name: str | None,
             data_format: str | None, batch_dims: int) -> Any:
    x, w = convert_to_tensor(x), convert_to_tensor(w)
    steps, rate = strides_and_rate(n, strides, rates)
    first = data_format is not None and data_format.startswith("NC")
    axis = batch_dims if first else batch_dims + n
    channels, wanted = (None if x.static is None else x.static[axis]), (None if w.static is None else w.static[n])
    if channels is not None and wanted and channels % wanted:
        raise InvalidValue(f"the input has {channels} channels, the filter is for {wanted}")
    start = batch_dims + 1 if first else batch_dims

    def build(_: int, pads: Any) -> Any:
        def op(value: Any, filters: Any) -> Any:
            full = [1, 1, *steps] if first else [1, *steps, 1]
            if n == 1:
                return conv1d(value, filters, steps[0], pads, data_format=data_format or "NWC", name=name)
            if n == 2:
                return conv2d(value, filters, full, pads, data_format=data_format or "NHWC", name=name)
            return _plain(3, value, filters, full, pads, data_format, None, name)

        return op

    spatial = range(start, start + n)
    call = space_to_batch_call(x.static, rate, padding, build, w.shape, spatial, data_format, batch_dims)
    return call(x, w)


def atrous_conv2d(value: Any, filters: Any, rate: Any, padding: Any, name: str | None = None) -> Any:
    """Convolution of images with a filter dilated by ``rate`` (tf.nn.atrous_conv2d)."""
    rates = list(rate) if hasattr(rate, "__len__") else [rate, rate]
    return convolution(value, filters, padding, dilation_rate=rates * (2 // len(rates)), name=name)


def depthwise_conv2d_native(input: Any, filter: Any, strides: Any, padding: Any, data_format: str | None = "NHWC",
                            dilations: Any = (1, 1, 1, 1), name: str | None = None) -> Any:
    """Each channel by its own filters, one node (tf.nn.depthwise_conv2d_native)."""
    return apply_op("DepthwiseConv2dNative", name, [input, filter],
                    {"strides": strides, **padding_attrs(padding), "data_format": data_format, "dilations": dilations})


def depthwise_conv2d(input: Any, filter: Any, strides: Any, padding: Any, rate: Any = None, name: str | None = None,
                     data_format: str | None = None, dilations: Any = None) -> Any:
    """Each channel by filters [height, width, channels, multiplier] of its own (tf.nn.depthwise_conv2d)."""
    rate = renamed("dilations", dilations, "rate", rate)
    with name_scope(name, "depthwise") as scope:
        input = convert_to_tensor(input, name="tensor_in")
        filter = convert_to_tensor(filter, name="filter_in")

        def op(value: Any, _: int, pads: Any) -> Any:
            return depthwise_conv2d_native(value, filter, strides, pads, data_format=data_format, name=scope)

        return with_space_to_batch(input, [1, 1] if rate is None else rate, padding, op,
                                   filter_shape=tf.shape(filter), data_format=data_format)


def separable_conv2d(input: Any, depthwise_filter: Any, pointwise_filter: Any, strides: Any, padding: Any,
                     rate: Any = None, name: str | None = None, data_format: str | None = None,
                     dilations: Any = None) -> Any:
    """A depthwise convolution, then one of single pixels that mixes the channels (tf.nn.separable_conv2d)."""
    rate = renamed("dilations", dilations, "rate", rate)
    with name_scope(name, "separable_conv2d") as scope:
        input = convert_to_tensor(input, name="tensor_in")
        depthwise_filter = convert_to_tensor(depthwise_filter, name="depthwise_filter")
        pointwise_filter = convert_to_tensor(pointwise_filter, name="pointwise_filter")
        static = pointwise_filter.static
        if static is not None and (len(static) != 4 or static[0] not in (None, 1) or static[1] not in (None, 1)):
            raise InvalidValue(f"pointwise_filter has the shape [1, 1, channels, filters], not {list(static)}")

        def op(value: Any, _: int, pads: Any) -> Any:
            return depthwise_conv2d_native(value, depthwise_filter, strides, pads, data_format=data_format,
                                           name="depthwise")

        depthwise = with_space_to_batch(input, [1, 1] if rate is None else rate, padding, op,
                                        filter_shape=tf.shape(depthwise_filter), data_format=data_format)
        return conv2d(depthwise, pointwise_filter, [1, 1, 1, 1], padding="VALID", data_format=data_format, name=scope)
