"""Adding a bias to every position of an array, and its gradient."""
from __future__ import annotations

from math import prod
from typing import Any

from ..errors import RunError
from ..graph.halves import single
from ..graph.opdef import op
from ._totals import in_order, ones

BLAS = True

FEW = 64
"""Channels below which numpy's inner loop over them is mostly its own cost."""
CHUNK = 256
"""Rows that BLAS sums one after the other."""
BLOCK = 1 << 15
"""Halves that are made single precision at a time."""


def channel_axis(n: Any, rank: int) -> int:
    return 1 if n.attrs.get("data_format") == "NCHW" and rank > 1 else rank - 1


def biased(n: Any, x: Any, bias: Any) -> Any:
    """The shape of the value; its channels are as many as the bias has."""
    bias = n.with_rank(bias, 1, "the bias")
    if x is None:
        return None
    least = 3 if n.attrs.get("data_format") == "NCHW" else 2
    if len(x) < least:
        n.fail(f"the value must have at least rank {least}, not {len(x)}")
    axis = channel_axis(n, len(x))
    if x[axis] is not None and bias[0] is not None and x[axis] != bias[0]:
        n.fail(f"the value has {x[axis]} channels, the bias {bias[0]}")
    return (*x[:axis], bias[0] if x[axis] is None else x[axis], *x[axis + 1:])


def add_kernel(n: Any) -> Any:
    xp, first = n.xp, n.attrs.get("data_format") == "NCHW"

    def kernel(x: Any, bias: Any) -> Any:
        axis = channel_axis(n, x.ndim)
        if x.shape[axis] != bias.shape[0]:
            raise RunError(f"the value has {x.shape[axis]} channels, the bias {bias.shape[0]}")
        if first:
            bias = bias.reshape((-1,) + (1,) * (x.ndim - 2))
        return xp.add(x, bias)

    return kernel


@op
class BiasAdd:
    """value + bias along the channels (tf.nn.bias_add)."""

    signature = "value: T, bias: T -> output: T"
    attrs = "T: {numbertype}; data_format: {'NHWC', 'NCHW'} = 'NHWC'"
    infer = biased
    kernel = add_kernel

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad, tf.apply_op("BiasAddGrad", None, [grad], {"data_format": op.attrs["data_format"]})]


@op
class BiasAddV1:
    """value + bias along the last axis (the older form of BiasAdd)."""

    signature = "value: T, bias: T -> output: T"
    attrs = "T: {numbertype}"
    infer = biased
    kernel = add_kernel

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [grad, tf.reduce_sum(grad, tf.range(tf.rank(grad) - 1))]


def columns(xp: Any, rows: Any) -> Any:
    """The sums of the columns of a matrix, as products with ones: of CHUNK rows, then of these and the rest."""
    many = len(rows) // CHUNK
    if not many:
        return xp.matmul(ones(len(rows), rows.dtype.char), rows)
    total = xp.matmul(ones(len(rows) - many * CHUNK, rows.dtype.char), rows[many * CHUNK:])
    parts = xp.matmul(ones(CHUNK, rows.dtype.char), rows[:many * CHUNK].reshape(many, CHUNK, -1))
    total += xp.add.reduce(parts, 0)
    return total


def halves(xp: Any, g: Any, axis: int) -> Any:
    """The sums of float16 by channels in single precision, a block after the other."""
    channels, after = g.shape[axis], prod(g.shape[axis + 1:])
    total = xp.zeros(channels, xp.float32)
    if after == 1:
        rows = g.reshape(-1, channels)
        many = max(1, BLOCK // max(1, channels))
        for i in range(0, len(rows), many):
            total += columns(xp, single(rows[i:i + many]))
        return total
    lines = g.reshape(-1, channels, after)
    many = max(1, BLOCK // max(1, channels * after))
    for i in range(0, len(lines), many):
        for j in range(0, after, BLOCK):
            total += xp.sum(single(lines[i:i + many, :, j:j + BLOCK]), (0, 2))
    return total


@op
class BiasAddGrad:
    """The gradient of a bias: the sum over everything but the channels.

    That of float16 is kept in single precision, that of bfloat16 is rounded at each step, as TensorFlow's are.
    """

    signature = "out_backprop: T -> output: T"
    attrs = "T: {numbertype}; data_format: {'NHWC', 'NCHW'} = 'NHWC'"

    def infer(n: Any, g: Any) -> Any:
        if g is None:
            return (None,)
        least = 3 if n.attrs["data_format"] == "NCHW" else 2
        return (n.at_least_rank(g, least, "out_backprop")[channel_axis(n, len(g))],)

    def kernel(n: Any) -> Any:
        xp = n.xp

        def kernel(g: Any) -> Any:
            axis = channel_axis(n, g.ndim)
            if axis == g.ndim - 1 and g.shape[-1] < FEW and xp.__name__ == "numpy" and g.dtype.char in "fd":
                return columns(xp, g.reshape(prod(g.shape[:-1]), g.shape[-1]))
            if g.dtype == xp.float16 and xp.__name__ == "numpy":
                return halves(xp, in_order(g), axis).astype(g.dtype)
            others = tuple(i for i in range(g.ndim) if i != axis)
            kind = xp.float32 if g.dtype == xp.float16 else g.dtype if g.dtype.itemsize > 2 else None
            return xp.sum(in_order(g), axis=others, dtype=kind).astype(g.dtype, copy=False)

        return kernel

    def scratch(n: Any) -> Any:
        return 0 if n.wide() == n.width() else 6 * min(n.size(), max(BLOCK, n.made()))

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        shape, size = tf.shape(op.inputs[0]), tf.shape(grad)
        if op.attrs["data_format"] == "NCHW":
            expanded = tf.concat([tf.ones_like(shape[:1]), size, tf.ones_like(shape[2:])], 0)
            times = tf.concat([shape[:1], [1], shape[2:]], 0)
        else:
            expanded = tf.concat([tf.ones_like(shape[:-1]), size], 0)
            times = tf.concat([shape[:-1], [1]], 0)
        return [tf.tile(tf.reshape(grad, expanded), times)]
