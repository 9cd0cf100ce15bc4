"""Pooling of lines, images and volumes (tf.nn.max_pool, tf.nn.avg_pool, tf.nn.pool)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue, said
from ..graph.types import int64
from .conversion import convert_to_tensor
from .framework import apply_op, name_scope
from .modules import modules
from .nn_sequence import channel_index, padding_attrs, sequence
from .old_names import renamed

EXPORTS = """
nn: max_pool max_pool1d max_pool2d max_pool3d max_pool_v2 max_pool_with_argmax
nn: fractional_max_pool fractional_avg_pool
nn: avg_pool avg_pool2d=avg_pool avg_pool1d avg_pool3d avg_pool_v2 pool
"""

tf = modules["tf"]


def _sizes(ksize: Any, strides: Any, n: int, data_format: str) -> dict[str, Any]:
    where = channel_index(data_format, n + 2)
    ksize = sequence(ksize, n, where, "ksize")
    if 0 in ksize:
        raise InvalidValue(f"ksize cannot be zero: {ksize}")
    return {"ksize": ksize, "strides": sequence(strides, n, where, "strides"), "data_format": data_format}


def _image(op_type: str, scope: str | None, default: str, x: Any, ksize: Any, strides: Any, padding: Any,
           data_format: str | None) -> Any:
    with name_scope(scope, default) as name:
        attrs = _sizes(ksize, strides, 2, data_format or "NHWC")
        attrs |= padding_attrs(padding) if op_type == "MaxPool" else {"padding": padding}
        return apply_op(op_type, name, [x], attrs)


def _line(op_type: str, name: str | None, default: str, x: Any, ksize: Any, strides: Any, padding: Any,
          data_format: str | None) -> Any:
    with name_scope(name, default) as scope:
        data_format = data_format or "NWC"
        where = channel_index(data_format, 3)
        attrs: dict[str, Any] = {"ksize": [1, *sequence(ksize, 1, where, "ksize")],
                                 "strides": [1, *sequence(strides, 1, where, "strides")]}
        if op_type == "MaxPool":
            attrs |= padding_attrs(padding, 3)
            if attrs["explicit_paddings"]:
                attrs["explicit_paddings"] = [0, 0, *attrs["explicit_paddings"]]
        else:
            attrs["padding"] = padding
        axis = 1 if data_format == "NWC" else 2
        attrs["data_format"] = "NHWC" if data_format == "NWC" else "NCHW"
        x = tf.expand_dims(x, axis)
        return tf.squeeze(apply_op(op_type, scope, [x], attrs), [axis])


def _volume(op_type: str, name: str | None, default: str, x: Any, ksize: Any, strides: Any, padding: Any,
            data_format: str | None) -> Any:
    with name_scope(name, default) as scope:
        attrs = _sizes(ksize, strides, 3, data_format or "NDHWC")
        return apply_op(op_type, scope, [x], attrs | {"padding": padding})


def max_pool(value: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = "NHWC",
             name: str | None = None, input: Any = None) -> Any:
    """The greatest value of each window of images [batch, height, width, channels] (tf.nn.max_pool).

    ksize, strides: a number, [height, width] or one per axis. padding: 'SAME', 'VALID' or a list of pairs.
    """
    value = renamed("input", input, "value", value)
    return _image("MaxPool", name, "MaxPool", value, ksize, strides, padding, data_format)


def max_pool2d(input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = "NHWC",
               name: str | None = None) -> Any:
    """The greatest value of each window of images (tf.nn.max_pool2d)."""
    return _image("MaxPool", name, "MaxPool2d", input, ksize, strides, padding, data_format)


def max_pool1d(input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = "NWC",
               name: str | None = None) -> Any:
    """The greatest value of each window of lines [batch, width, channels] (tf.nn.max_pool1d)."""
    return _line("MaxPool", name, "MaxPool1d", input, ksize, strides, padding, data_format)


def max_pool3d(input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = "NDHWC",
               name: str | None = None) -> Any:
    """The greatest value of each window of volumes (tf.nn.max_pool3d)."""
    return _volume("MaxPool3D", name, "MaxPool3D", input, ksize, strides, padding, data_format)


def avg_pool(value: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = "NHWC",
             name: str | None = None, input: Any = None) -> Any:
    """The mean of each window of images, padding left out (tf.nn.avg_pool)."""
    with name_scope(name, "AvgPool") as scope:
        value = renamed("input", input, "value", value)
        attrs = _sizes(ksize, strides, 2, data_format or "NHWC")
        return apply_op("AvgPool", scope, [value], attrs | {"padding": padding})


def avg_pool1d(input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = "NWC",
               name: str | None = None) -> Any:
    """The mean of each window of lines (tf.nn.avg_pool1d)."""
    return _line("AvgPool", name, "AvgPool1D", input, ksize, strides, padding, data_format)


def avg_pool3d(input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = "NDHWC",
               name: str | None = None) -> Any:
    """The mean of each window of volumes (tf.nn.avg_pool3d)."""
    return _volume("AvgPool3D", name, "AvgPool3D", input, ksize, strides, padding, data_format)


def _by_rank(kind: str, x: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None,
             name: str | None) -> Any:
    x = convert_to_tensor(x)
    n = len(x.static) - 2 if x.static is not None else len(data_format or "") - 2
    if not 1 <= n <= 3:
        raise InvalidValue(f"the input of a pool has rank 3, 4 or 5, not {n + 2}")
    where = channel_index(data_format, n + 2)
    ksize, strides = sequence(ksize, n, where, "ksize"), sequence(strides, n, where, "strides")
    if n == 1:
        call = max_pool1d if kind == "Max" else avg_pool1d
        return call(x, ksize, strides, padding, data_format, name)
    if n == 2 and kind == "Max":
        return max_pool2d(x, ksize, strides, padding, data_format, name)
    attrs = {"ksize": ksize, "strides": strides, "padding": padding, "data_format": data_format}
    return apply_op(f"{kind}Pool" + ("3D" if n == 3 else ""), name, [x], attrs)


def max_pool_v2(input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = None,
                name: str | None = None) -> Any:
    """max_pool1d, 2d or 3d, by the rank of the input (tf.nn.max_pool_v2)."""
    return _by_rank("Max", input, ksize, strides, padding, data_format, name)


def avg_pool_v2(input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = None,
                name: str | None = None) -> Any:
    """avg_pool1d, 2d or 3d, by the rank of the input (tf.nn.avg_pool_v2)."""
    return _by_rank("Avg", input, ksize, strides, padding, data_format, name)


def max_pool_with_argmax(input: Any, ksize: Any, strides: Any, padding: Any, data_format: str = "NHWC",
                         Targmax: Any = None, name: str | None = None, output_dtype: Any = None,
                         include_batch_in_index: bool = False) -> Any:
    """The greatest value of each window and its flat index (tf.nn.max_pool_with_argmax)."""
    if data_format != "NHWC":
        raise InvalidValue(f"max_pool_with_argmax takes the data_format NHWC only, not {said(data_format)}")
    kind = renamed("output_dtype", output_dtype, "Targmax", Targmax)
    return apply_op("MaxPoolWithArgmax", name, [input],
                    {"ksize": ksize, "strides": strides, "padding": padding, "Targmax": kind or int64,
                     "include_batch_in_index": include_batch_in_index})


def pool(input: Any, window_shape: Any, pooling_type: str, padding: str, dilation_rate: Any = None,
         strides: Any = None, name: str | None = None, data_format: str | None = None, dilations: Any = None) -> Any:
    """Pooling of 1 to 3 sizes, ``pooling_type`` "MAX" or "AVG", dilated if asked (tf.nn.pool)."""
    from .nn_atrous import strides_and_rate, with_space_to_batch

    dilation_rate = renamed("dilations", dilations, "dilation_rate", dilation_rate)
    with name_scope(name, f"{pooling_type.lower()}_pool") as scope:
        x = convert_to_tensor(input, name="input")
        n = len(window_shape)
        if not 1 <= n <= 3:
            raise InvalidValue(f"window_shape has 1 to 3 sizes, not {n}")
        if x.static is not None and len(x.static) != n + 2:
            raise InvalidValue(f"the input of a pool over {n} sizes has rank {n + 2}, not {len(x.static)}")
        steps, rate = strides_and_rate(n, strides, dilation_rate)
        if padding == "SAME" and max(rate) > 1:
            raise InvalidValue("a pool with padding 'SAME' cannot be dilated")
        if any(s > w for s, w in zip(steps, window_shape)):
            raise InvalidValue(f"the strides {steps} of a pool must not exceed its window {list(window_shape)}")
        if pooling_type not in ("MAX", "AVG"):
            raise InvalidValue(f"pooling_type is 'MAX' or 'AVG', not {said(pooling_type)}")
        first = data_format is not None and data_format.startswith("NC")
        spatial = list(range(2, n + 2)) if first else list(range(1, n + 1))
        window = [1, 1, *window_shape] if first else [1, *window_shape, 1]
        stride = [1, 1, *steps] if first else [1, *steps, 1]
        if n == 1:
            if data_format not in (None, "NWC", "NCW"):
                raise InvalidValue(f"data_format of lines is 'NWC' or 'NCW', not {said(data_format)}")
            window, stride = [1, *window], [1, *stride]
        layout = ("NCHW" if first else "NHWC") if n == 1 else data_format
        calls = {("MAX", 3): max_pool3d, ("AVG", 3): avg_pool3d}
        call: Any = calls.get((pooling_type, n)) or (max_pool if pooling_type == "MAX" else avg_pool)

        def op(converted: Any, _: int, padding_: Any) -> Any:
            if n == 1:
                converted = tf.expand_dims(converted, spatial[0])
            result = call(converted, window, stride, padding_, data_format=layout, name=scope)
            return tf.squeeze(result, [spatial[0]]) if n == 1 else result

        return with_space_to_batch(x, rate, padding, op, filter_shape=window_shape, spatial_dims=spatial)


def _fractional(op_type: str, value: Any, ratio: Any, pseudo_random: bool, overlapping: bool, deterministic: bool,
                seed: int, seed2: int, name: str | None) -> Any:
    return apply_op(op_type, name, [value], {
        "pooling_ratio": ratio, "pseudo_random": pseudo_random, "overlapping": overlapping,
        "deterministic": deterministic, "seed": seed or 0, "seed2": seed2 or 0})


def fractional_max_pool(value: Any, pooling_ratio: Any, pseudo_random: bool = False, overlapping: bool = False,
                        deterministic: bool = False, seed: int = 0, seed2: int = 0, name: str | None = None) -> Any:
    """(the greatest value of each window, where windows begin in rows, and in columns), of windows whose sizes differ
    by chance (tf.nn.fractional_max_pool). pooling_ratio: [1, rows, columns, 1]. overlapping: whether a window has the
    first line of the next. deterministic: whether each run has the same windows; then seeds may be given."""
    return _fractional("FractionalMaxPool", value, pooling_ratio, pseudo_random, overlapping, deterministic, seed,
                       seed2, name)


def fractional_avg_pool(value: Any, pooling_ratio: Any, pseudo_random: bool = False, overlapping: bool = False,
                        deterministic: bool = False, seed: int = 0, seed2: int = 0, name: str | None = None) -> Any:
    """The same with the mean of each window (tf.nn.fractional_avg_pool)."""
    return _fractional("FractionalAvgPool", value, pooling_ratio, pseudo_random, overlapping, deterministic, seed,
                       seed2, name)
