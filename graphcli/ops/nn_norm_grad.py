"""The gradient of batch normalization in one op."""
from __future__ import annotations

from typing import Any

from ..graph.opdef import op
from ._lines import lines_of, wide_scratch
from ._windows import layout
from .nn_norm import FORMATS, FORMATS_3D, IS_TRAINING, sizes


def backprop_shapes(n: Any, g: Any, x: Any, scale: Any, *reserved: Any) -> Any:
    where = layout(n)
    g, x = n.with_rank(g, where.rank, "y_backprop"), n.with_rank(x, where.rank, "x")
    size = n.merge((g[where.channel],), (x[where.channel],), "numbers of channels")
    for vector in (scale, *reserved[:2]):
        size = n.merge(size, n.with_rank(vector, 1, "scale, mean and variance"), "numbers of channels")
    return [(*g[:where.channel], *size, *g[where.channel:][1:]), size, size, (0,), (0,)]


def backprop_kernel(n: Any) -> Any:
    xp, where, training = n.xp, layout(n), n.attrs["is_training"]
    epsilon = xp.float32(n.attrs["epsilon"])
    known = lines_of(n)

    def kernel(g: Any, x: Any, scale: Any, mean: Any, variance: Any, *reserved: Any) -> Any:
        x, g = xp.asarray(x), xp.asarray(g)
        channels = x.shape[where.channel]
        inverse = 1 / xp.sqrt(variance + epsilon)
        lines = known(x.size // max(1, channels), channels)
        add, many, dx = lines.total, len(lines.blocks), xp.empty(x.shape, x.dtype)
        seen, given, results = (lines.of(array, where.first) for array in (x, g, dx))
        totals, products = xp.empty((2, *lines.apart), xp.float32)
        middle = lines.spread(mean)

        def apart(i: int) -> None:
            some, less = given.seen(i), seen.seen(i)
            less = xp.subtract(less, middle, out=results.room(i, less))
            add(some, 0, out=totals[i])
            products[i] = xp.einsum("ij,ij->j", some, less)

        lines.each(many, apart)
        total, product = lines.sums(totals), lines.sums(products)
        factor, centred = lines.spread(scale * inverse), seen if seen.copied else results
        if training:
            rows = xp.float32(max(lines.rows, 1))
            shift, slope = lines.spread(total / rows), lines.spread(product / rows * inverse * inverse)

        def scaled(i: int) -> None:
            some = given.seen(i)
            if not training:
                results.put(i, xp.multiply(some, factor, out=results.room(i, some)))
                return
            out = centred.seen(i)
            if centred is seen:
                out -= middle
            out *= slope
            xp.subtract(some, out, out=out)
            out -= shift
            out *= factor
            results.put(i, out)

        lines.each(many, scaled)
        none = xp.zeros((0,), xp.float32)
        return dx, product * inverse, total, none, none

    return kernel


def backprop_gradient(tf: Any, op: Any, *grads: Any) -> Any:
    """The second derivative: that of the backward formula written with plain ops."""
    g, x, scale, mean, variance = op.inputs[:5]
    where = layout(op)
    rank, kind = where.rank, scale.dtype.base_dtype
    axes = [0, *where.spatial]
    epsilon = op.attrs["epsilon"]

    def spread(vector: Any) -> Any:
        shape = [1] * rank
        shape[where.channel] = -1
        return tf.reshape(vector, shape)

    wide_g, wide_x = tf.cast(g, kind), tf.cast(x, kind)
    if op.attrs["is_training"]:
        centred = wide_x - tf.reduce_mean(wide_x, axes, keepdims=True)
        inverse = tf.rsqrt(tf.reduce_mean(tf.square(centred), axes, keepdims=True) + epsilon)
        product = tf.reduce_mean(wide_g * centred, axes, keepdims=True)
        rest = wide_g - tf.reduce_mean(wide_g, axes, keepdims=True) - centred * tf.square(inverse) * product
    else:
        centred, inverse, rest = wide_x - spread(mean), tf.rsqrt(spread(variance) + epsilon), wide_g
    outputs = [tf.cast(spread(scale) * inverse * rest, x.dtype.base_dtype),
               tf.reduce_sum(wide_g * centred * inverse, axes), tf.reduce_sum(wide_g, axes)]
    # partial derivatives: g may well depend on x
    found = tf.gradients(outputs, [g, x, scale], list(grads[:3]), stop_gradients=[g, x, scale])
    return [*found, *[None] * (len(op.inputs) - 3)]


def backprop_scratch(n: Any) -> int:
    """Copies of blocks of both, and sums of them."""
    channels, rows, copied = sizes(n, 1)
    return wide_scratch(rows, channels, n.threads, 2 * copied, 2)


@op
class FusedBatchNormGrad:
    """The gradient of FusedBatchNorm."""

    signature = ("y_backprop: T, x: T, scale: T, reserve_space_1: T, reserve_space_2: T -> x_backprop: T, "
                 "scale_backprop: T, offset_backprop: T, reserve_space_3: T, reserve_space_4: T")
    attrs = "T: {float32}; epsilon: float = 0.0001; " + FORMATS + IS_TRAINING
    infer = backprop_shapes
    one_piece = True
    kernel = backprop_kernel
    scratch = backprop_scratch
    gradient = backprop_gradient


@op
class FusedBatchNormGradV2:
    """The gradient of FusedBatchNormV2."""

    signature = ("y_backprop: T, x: T, scale: float32, reserve_space_1: U, reserve_space_2: U -> x_backprop: T, "
                 "scale_backprop: U, offset_backprop: U, reserve_space_3: U, reserve_space_4: U")
    attrs = "T: {float16, bfloat16, float32}; U: {float32}; epsilon: float = 0.0001; " + FORMATS + IS_TRAINING
    infer = backprop_shapes
    one_piece = True
    kernel = backprop_kernel
    scratch = backprop_scratch
    gradient = backprop_gradient


@op
class FusedBatchNormGradV3:
    """The gradient of FusedBatchNormV3."""

    signature = ("y_backprop: T, x: T, scale: float32, reserve_space_1: U, reserve_space_2: U, "
                 "reserve_space_3: U -> x_backprop: T, scale_backprop: U, offset_backprop: U, "
                 "reserve_space_4: U, reserve_space_5: U")
    attrs = "T: {float16, bfloat16, float32}; U: {float32}; epsilon: float = 0.0001; " + FORMATS_3D + IS_TRAINING
    infer = backprop_shapes
    one_piece = True
    kernel = backprop_kernel
    scratch = backprop_scratch
    gradient = backprop_gradient
