"""Batch normalization in one op."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.opdef import op
from ._lines import lines_of, wide_scratch
from ._windows import layout

FORMATS = "data_format: {'NHWC', 'NCHW'} = 'NHWC'; "
FORMATS_3D = "data_format: {'NHWC', 'NCHW', 'NDHWC', 'NCDHW'} = 'NHWC'; "
AVERAGE = "epsilon: float = 0.0001; exponential_avg_factor: float = 1.0; "
IS_TRAINING = "is_training: bool = True"


def normalized(n: Any, x: Any, scale: Any, offset: Any, mean: Any, variance: Any) -> Any:
    where = layout(n)
    x = n.with_rank(x, where.rank, "x")
    size = (x[where.channel],)
    for what, shape in (("scale", scale), ("offset", offset)):
        size = n.merge(size, n.with_rank(shape, 1, what), "channels of x and sizes of " + what)
    if not n.attrs["is_training"]:
        for what, shape in (("mean", mean), ("variance", variance)):
            size = n.merge(size, n.with_rank(shape, 1, what), "channels of x and sizes of " + what)
    y = list(x)
    y[where.channel] = size[0]
    return [tuple(y), size, size, size, size, *([None] if len(n.node.outputs) == 6 else [])]


def normalize_kernel(n: Any) -> Any:
    xp, where, training = n.xp, layout(n), n.attrs["is_training"]
    epsilon, factor = xp.float32(n.attrs["epsilon"]), n.attrs["exponential_avg_factor"]
    known = lines_of(n)
    six = len(n.node.outputs) == 6

    def inferred(x: Any, scale: Any, offset: Any, mean: Any, variance: Any) -> Any:
        """What the kernel does with symbols where the averages are given: the same calls."""
        y = xp.asarray(x, xp.float32) - mean
        y *= scale / xp.sqrt(variance + epsilon)
        y += offset
        return (xp.asarray(y, x.dtype), mean, variance, mean, variance, *([xp.zeros((), n.dtype(5))] if six else ()))

    if getattr(xp, "traces", False) and not training and not where.first:
        return inferred

    def kernel(x: Any, scale: Any, offset: Any, mean: Any, variance: Any) -> Any:
        if x.ndim != where.rank:
            raise RunError(f"input must be {where.rank}-dimensional, not {list(x.shape)}")
        x = xp.asarray(x)
        channels = x.shape[where.channel]
        for what, given in (("scale", scale), ("offset", offset)):
            if given.shape != (channels,):
                raise RunError(f"{what} must have {channels} elements, not {list(given.shape)}")
        rows = x.size // max(1, channels)
        lines = known(rows, channels)
        total, many, y = lines.total, len(lines.blocks), xp.empty(x.shape, x.dtype)
        images, results = lines.of(x, where.first), lines.of(y, where.first)
        if training:
            parts, all_rows = xp.empty(lines.apart, xp.float32), xp.float32(max(rows, 1))
            lines.each(many, lambda i: total(images.seen(i), 0, out=parts[i]))
            saved_mean = lines.sums(parts) / all_rows
            middle = lines.spread(saved_mean)

            def apart(i: int) -> None:
                seen = images.seen(i)
                less = xp.subtract(seen, middle, out=results.room(i, seen))
                parts[i] = xp.einsum("ij,ij->j", less, less)

            lines.each(many, apart)
            saved = lines.sums(parts) / all_rows
            new_mean, new_variance = saved_mean, saved * xp.float32(rows / max(rows - 1, 1))
            if not rows:
                new_mean = new_variance = xp.full(channels, xp.nan, xp.float32)
            if factor != 1.0:
                f = xp.float32(factor)
                new_mean = (1 - f) * mean + f * new_mean
                new_variance = (1 - f) * variance + f * new_variance
        else:
            for what, given in (("mean", mean), ("variance", variance)):
                if given.shape != (channels,):
                    raise RunError(f"{what} must have {channels} elements, not {list(given.shape)}")
            saved_mean, saved, new_mean, new_variance = mean, variance, mean, variance
            middle = lines.spread(mean)
        centred = results if training and not images.copied else images
        times, plus = lines.spread(scale / xp.sqrt(saved + epsilon)), lines.spread(offset)

        def scaled(i: int) -> None:
            some = centred.seen(i)
            if centred is images:
                some = xp.subtract(some, middle, out=results.room(i, some))
            some *= times
            some += plus
            results.put(i, some)

        lines.each(many, scaled)
        rest = (xp.zeros((), n.dtype(5)),) if six else ()
        return (y, new_mean, new_variance, saved_mean, saved, *rest)

    return kernel


def sizes(n: Any, images: int) -> tuple[int, int, bool]:
    """Channels, rows of them, and whether their blocks are copied."""
    where = layout(n)
    channels = n.shapes[images][where.channel]
    rows = n.size(images) // max(1, channels)
    return channels, rows, n.width(images) != 4 or where.first and channels > 1 and rows > n.shapes[images][0]


def normalize_scratch(n: Any) -> int:
    """Copies of blocks, and sums of them."""
    channels, rows, copied = sizes(n, 0)
    return wide_scratch(rows, channels, n.threads, copied, n.attrs["is_training"])


def normalize_gradient(op_type: str) -> Any:
    def gradient(tf: Any, op: Any, grad: Any, *unused: Any) -> Any:
        x, scale, _, mean, variance = op.inputs
        training, data_format = op.attrs["is_training"], op.attrs["data_format"]
        if training:
            mean, variance = op.outputs[3], op.outputs[4]
        where = layout(op)
        if not training and where.first:
            order = [0, *where.spatial, 1]
            x, grad = tf.transpose(x, order), tf.transpose(grad, order)
            data_format = "NHWC" if where.rank == 4 else "NDHWC"
        more = [op.outputs[5]] if len(op.outputs) == 6 else []
        dx, dscale, doffset, _, _ = tf.apply_op(op_type, None, [grad, x, scale, mean, variance, *more], {
            "epsilon": op.attrs["epsilon"], "data_format": data_format, "is_training": training})
        if not training and where.first:
            dx = tf.transpose(dx, [0, where.rank - 1, *range(1, where.rank - 1)])
        return [dx, dscale, doffset, None, None]

    return gradient


@op
class FusedBatchNorm:
    """Batch normalization of float32 images (the older form of FusedBatchNormV3)."""

    signature = ("x: T, scale: T, offset: T, mean: T, variance: T -> y: T, batch_mean: T, batch_variance: T, "
                 "reserve_space_1: T, reserve_space_2: T")
    takes = "mean: [?] run; variance: [?] run"
    attrs = "T: {float32}; " + AVERAGE + FORMATS + IS_TRAINING
    infer = normalized
    one_piece = True
    kernel = normalize_kernel
    scratch = normalize_scratch
    gradient = normalize_gradient("FusedBatchNormGrad")


@op
class FusedBatchNormV2:
    """Batch normalization of images (the older form of FusedBatchNormV3)."""

    signature = ("x: T, scale: U, offset: U, mean: U, variance: U -> y: T, batch_mean: U, batch_variance: U, "
                 "reserve_space_1: U, reserve_space_2: U")
    takes = "mean: [?] run; variance: [?] run"
    attrs = "T: {float16, bfloat16, float32}; U: {float32}; " + AVERAGE + FORMATS + IS_TRAINING
    infer = normalized
    one_piece = True
    kernel = normalize_kernel
    scratch = normalize_scratch
    gradient = normalize_gradient("FusedBatchNormGradV2")


@op
class FusedBatchNormV3:
    """(x - mean) / sqrt(variance + epsilon) * scale + offset per channel (tf.nn.fused_batch_norm).

    In training mean and variance are the batch's; ``batch_variance`` is the unbiased one.
    """

    signature = ("x: T, scale: U, offset: U, mean: U, variance: U -> y: T, batch_mean: U, batch_variance: U, "
                 "reserve_space_1: U, reserve_space_2: U, reserve_space_3: U")
    takes = "mean: [?] run; variance: [?] run"
    attrs = "T: {float16, bfloat16, float32}; U: {bfloat16, float32}; " + AVERAGE + FORMATS_3D + IS_TRAINING
    no_kernel = "U: bfloat16"
    slight = 5
    infer = normalized
    one_piece = True
    kernel = normalize_kernel
    scratch = normalize_scratch
    gradient = normalize_gradient("FusedBatchNormGradV3")
