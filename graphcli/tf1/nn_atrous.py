"""Dilated windows as undilated ones over a rearranged batch (tf.nn.with_space_to_batch)."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import InvalidValue, said
from ..graph.constant import static_value
from ..graph.types import int32
from .conversion import convert_to_tensor, is_tensor
from .modules import modules
from .nn_sequence import padding_attrs

EXPORTS = """
nn: with_space_to_batch
"""

tf = modules["tf"]


def strides_and_rate(n: int, strides: Any, rate: Any) -> tuple[list[int], list[int]]:
    """n strides and n dilation rates. Raises InvalidValue for other numbers, and for both above 1."""
    out = []
    for name, values in (("strides", strides), ("dilation_rate", rate)):
        found = [1] * n if values is None else [int(v) for v in values]
        if len(found) != n:
            raise InvalidValue(f"{name} has {n} entries, not {len(found)}: {found}")
        if min(found) < 1:
            raise InvalidValue(f"{name} is positive, not {found}")
        out.append(found)
    if max(out[0]) > 1 and max(out[1]) > 1:
        raise InvalidValue(f"strides {out[0]} and dilation_rate {out[1]} cannot both be above 1")
    return out[0], out[1]


def _base_paddings(filter_shape: Any, n: int, rate: Any) -> Any:
    """The padding that SAME adds to each size for a dilated filter."""
    extra = (filter_shape[:n] - 1) * rate
    start = extra // 2
    end = extra - start
    return tf.stack([[start[i], end[i]] for i in range(n)])


def _adjust(given: Any, fill: int, spatial: list[int]) -> Any:
    """Rows for the sizes in ``spatial``, with rows of ``fill`` for those before and between."""
    known = static_value(given)
    rest = list(given.static[1:])
    dtype = given.dtype.as_numpy_dtype
    parts: list[Any] = []
    before = 0
    i = 0
    while i < len(spatial):
        start = i
        if spatial[start] > 1:
            parts.append(np.full([spatial[start] - 1 - before, *rest], fill, dtype))
        while i + 1 < len(spatial) and spatial[i + 1] == spatial[i] + 1:
            i += 1
        parts.append((given if known is None else known)[start:i + 1])
        before = spatial[i]
        i += 1
    return np.concatenate(parts) if known is not None else tf.concat(parts, 0)


def with_space_to_batch(input: Any, dilation_rate: Any, padding: Any, op: Callable[[Any, int, Any], Any],
                        filter_shape: Any = None, spatial_dims: Any = None, data_format: str | None = None) -> Any:
    """``op`` dilated by ``dilation_rate`` (tf.nn.with_space_to_batch)."""
    x = convert_to_tensor(input, name="input")
    call = space_to_batch_call(x.static, dilation_rate, padding, lambda n, p: lambda value, _: op(value, n, p),
                               filter_shape, spatial_dims, data_format)
    return call(x, None)


def space_to_batch_call(static: Any, dilation_rate: Any, padding: Any, build: Callable[[int, Any], Any],
                        filter_shape: Any = None, spatial_dims: Any = None, data_format: str | None = None,
                        batch_dims: int = 1) -> Any:
    """A function (input, filter) -> output; makes the nodes for rate and filter shape at once, as TF1 does."""
    rate = convert_to_tensor(dilation_rate, dtype=int32, name="dilation_rate")
    if rate.static is None or len(rate.static) != 1 or rate.static[0] is None:
        raise InvalidValue("dilation_rate is a list of known length")
    n = rate.static[0]
    first = data_format is not None and data_format.startswith("NC")
    start = batch_dims + 1 if first else batch_dims
    spatial = sorted({int(d) for d in (range(start, n + start) if spatial_dims is None else spatial_dims)})
    if spatial[0] < 1:
        raise InvalidValue(f"spatial_dims are positive, not {spatial}")
    least = spatial[-1] if first else spatial[-1] + 1
    if static is not None and len(static) < least:
        raise InvalidValue(f"the input must have at least rank {least}, not {len(static)}")
    known = static_value(rate)
    if known is not None and np.any(known < 1):
        raise InvalidValue(f"dilation_rate is positive, not {known.tolist()}")
    if known is not None and np.all(known == 1):
        return build(n, padding)
    base: Any = None
    attrs = padding_attrs(padding, n + 2)
    if attrs["padding"] == "SAME":
        if filter_shape is None:
            raise InvalidValue("padding 'SAME' needs the shape of the filter")
        if not is_tensor(filter_shape) and not getattr(filter_shape, "is_fully_defined", lambda: True)():
            raise InvalidValue("padding 'SAME' of a dilated convolution needs a filter of known shape, "
                               f"not {filter_shape}")
        shape = convert_to_tensor(_sizes(filter_shape), name="filter_shape")
        fixed = static_value(shape)
        if fixed is not None:
            base = _base_paddings(fixed, n, rate if known is None else known)
    elif attrs["padding"] == "VALID":
        base = np.zeros([n, 2], np.int32)
    elif attrs["padding"] == "EXPLICIT":
        pairs = np.array(attrs["explicit_paddings"]).reshape(n + 2, 2)
        base = pairs[2:] if first else pairs[1:-1]
    else:
        raise InvalidValue(f"padding is 'SAME', 'VALID' or a list of pairs, not {said(padding)}")
    inner = build(n, "VALID")

    def call(value: Any, filters: Any) -> Any:
        sizes: Any = None if static is None else [static[d] for d in spatial]
        if sizes is None or None in sizes:
            shape_ = tf.shape(value)
            sizes = tf.stack([shape_[d] for d in spatial])
        paddings = base
        if paddings is None:
            paddings = _base_paddings(tf.shape(filters), n, rate if known is None else known)
        paddings, crops = tf.required_space_to_batch_paddings(input_shape=sizes, base_paddings=paddings,
                                                              block_shape=rate)
        block = _adjust(rate, 1, spatial)
        paddings, crops = _adjust(paddings, 0, spatial), _adjust(crops, 0, spatial)
        result = inner(tf.space_to_batch_nd(input=value, block_shape=block, paddings=paddings), filters)
        out = tf.batch_to_space_nd(input=result, block_shape=block, crops=crops)
        if first and out.static is not None and out.static[1] is None and filters is not None:
            out.set_shape([out.static[0], filters.static[-1], *out.static[2:]])
        return out

    return call


def _sizes(shape: Any) -> Any:
    return shape if is_tensor(shape) or not hasattr(shape, "as_list") else shape.as_list()
