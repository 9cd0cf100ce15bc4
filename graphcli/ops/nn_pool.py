"""Max and average pooling of images, and their gradients."""
from __future__ import annotations

from typing import Any

from ..errors import RunError, Unimplemented
from ..graph.opdef import op
from . import _pooling as pool
from ._gradients import kept
from ._pooling import windows
from ._pooling_scratch import max_grad_grad_scratch, max_grad_scratch, max_scratch, mean_grad_scratch, mean_scratch
from ._windows import explicit, layout, windowed, wrong_paddings

WINDOW = "ksize: list(int) >= 4; strides: list(int) >= 4; "
PLAIN = WINDOW + "padding: {'SAME', 'VALID'}; data_format: {'NHWC', 'NCHW'} = 'NHWC'; "
MAX = WINDOW + ("padding: {'SAME', 'VALID', 'EXPLICIT'}; explicit_paddings: list(int) = []; "
               "data_format: {'NHWC', 'NCHW'} = 'NHWC'; ")
REAL = "T: {realnumbertype}"
MAX_REAL = ("T: {float16, bfloat16, float32, float64, int32, int64, uint8, int16, int8, uint16} = float32")
KEPT = ("ksize", "strides", "padding", "data_format")


def pooled(n: Any, x: Any, *rest: Any) -> Any:
    """The static shape of a pool; a window over channels is allowed."""
    where = layout(n)
    x = n.with_rank(x, where.rank, "the input")
    ksize, strides = n.attrs["ksize"], n.attrs["strides"]
    for key in ("ksize", "strides"):
        if len(n.attrs[key]) != where.rank:
            n.fail(f"{key} must have {where.rank} entries, not {len(n.attrs[key])}")
        if min(n.attrs[key]) <= 0:
            n.fail(f"{key} must be positive, not {n.attrs[key]}")
    if wrong := wrong_paddings(where, n.attrs):
        n.fail(wrong)
    ones = (1,) * len(where.spatial)
    sizes = windowed(n, where.sizes(x), where.sizes(ksize), where.sizes(strides), ones, explicit(where, n.attrs))
    depth = x[where.channel]
    taps, step = ksize[where.channel], strides[where.channel]
    over = depth is not None and n.node.type.startswith("Max")
    if over and n.attrs["padding"] != "SAME" and depth < taps:
        n.fail(f"a window over {taps} channels does not fit into {depth}")
    if over and (taps, step) != (1, 1):
        depth = -(-depth // step) if n.attrs["padding"] == "SAME" else (depth - taps) // step + 1
    return where.shape(x[0], sizes, depth)


def max_kernel(n: Any) -> Any:
    xp, where, over = n.xp, layout(n), windows(n)
    ksize, strides = n.attrs["ksize"], n.attrs["strides"]
    depth = ksize[where.channel]

    def across(x: Any) -> Any:
        """Windows over channels: of one pixel, side by side, and an even number of them."""
        if max(where.sizes(ksize)) > 1 or ksize[0] > 1:
            raise Unimplemented(
                "MaxPooling supports exactly one of pooling across depth or pooling across width/height")
        if strides[where.channel] != depth or x.shape[-1] % depth:
            raise Unimplemented("Depthwise max pooling requires the depth window to equal the depth stride and "
                                "to divide the number of channels evenly")
        return xp.max(x.reshape(*x.shape[:-1], -1, depth), axis=-1)

    def kernel(x: Any) -> Any:
        x = where.last(xp, xp.asarray(x))
        if depth > 1:
            return where.back(xp, across(x))
        return where.back(xp, pool.by_lines(n, pool.greatest, x, *over(x.shape[1:-1])))

    return kernel


def mean_kernel(n: Any) -> Any:
    xp, where, over = n.xp, layout(n), windows(n)

    def kernel(x: Any) -> Any:
        x = where.last(xp, xp.asarray(x))
        return where.back(xp, pool.by_lines(n, pool.mean, x, *over(x.shape[1:-1])))

    return kernel


def max_grad_kernel(n: Any) -> Any:
    xp, where, over = n.xp, layout(n), windows(n)
    to_input = pool.to_all_greatest if where.rank == 5 else pool.to_greatest

    def kernel(x: Any, y: Any, g: Any) -> Any:
        x, y, g = (where.last(xp, xp.asarray(a)) for a in (x, y, g))
        same_sizes(g, y)
        return where.back(xp, pool.back_by_lines(n, to_input, x.shape, x, y, g, *over(x.shape[1:-1])), own=True)

    return kernel


def max_grad_grad_kernel(n: Any) -> Any:
    xp, where, over = n.xp, layout(n), windows(n)

    def kernel(x: Any, y: Any, g: Any) -> Any:
        x, y, g = (where.last(xp, xp.asarray(a)) for a in (x, y, g))
        same_sizes(g, x)
        form = over(x.shape[1:-1])
        return where.back(xp, pool.from_greatest(xp, x, y, g, *form), own=True)

    return kernel


def mean_grad_kernel(n: Any) -> Any:
    xp, where, over = n.xp, layout(n), windows(n)

    def kernel(shape: Any, g: Any) -> Any:
        g = where.last(xp, xp.asarray(g))
        full = [int(s) for s in shape]
        sizes = tuple(full[i] for i in where.spatial)
        window, steps, out, pads = over(sizes)
        if g.shape != (full[0], *out, full[where.channel]):
            raise RunError(f"an input of shape {full} makes an output of sizes {list(out)}, "
                           f"but grad has the shape {list(g.shape)}")
        whole = (full[0], *sizes, full[where.channel])
        found = pool.to_mean(n, whole, g, window, steps, out, pads)
        return where.back(xp, found, own=True)

    return kernel


def same_sizes(g: Any, wanted: Any) -> None:
    if g.shape != wanted.shape:
        raise RunError(f"the gradient has the shape {list(g.shape)}, not {list(wanted.shape)}")


def like_input(n: Any, x: Any, y: Any, g: Any) -> Any:
    rank = layout(n).rank
    n.with_rank(g, rank, "grad")
    return n.with_rank(x, rank, "the input")


def like_output(n: Any, x: Any, y: Any, g: Any) -> Any:
    return pooled(n, x)


def like_shape(n: Any, shape: Any, g: Any) -> Any:
    return n.with_rank(n.shape_value(0), layout(n).rank, "orig_input_shape")


@op
class MaxPool:
    """The greatest value of each window (tf.nn.max_pool)."""

    signature = "input: T -> output: T"
    attrs = MAX_REAL + "; " + MAX.replace("'NHWC', 'NCHW'", "'NHWC', 'NCHW', 'NCHW_VECT_C'")
    infer = pooled
    kernel = max_kernel
    scratch = max_scratch

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.apply_op("MaxPoolGrad", None, [op.inputs[0], op.outputs[0], grad],
                            kept(op, (*KEPT, "explicit_paddings")))]


@op
class MaxPoolGrad:
    """The gradient of MaxPool: of each window to the first of its greatest values."""

    signature = "orig_input: T, orig_output: T, grad: T -> output: T"
    attrs = MAX + REAL + " = float32"
    infer = like_input
    kernel = max_grad_kernel
    scratch = max_grad_scratch

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y, _ = op.inputs
        return [tf.zeros_like(x), tf.zeros_like(y), tf.apply_op("MaxPoolGradGrad", None, [x, y, grad], kept(op, KEPT))]


@op
class MaxPoolGradGrad:
    """The gradient of MaxPoolGrad for its grad."""

    signature = "orig_input: T, orig_output: T, grad: T -> output: T"
    attrs = PLAIN + REAL
    parts = {"orig_input": 3, "orig_output": 3, "grad": 3}
    infer = like_output
    kernel = max_grad_grad_kernel
    scratch = max_grad_grad_scratch

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y, _ = op.inputs
        return [tf.zeros_like(x), tf.zeros_like(y), tf.apply_op("MaxPoolGrad", None, [x, y, grad], kept(op, KEPT))]


@op
class AvgPool:
    """The mean of each window, padding left out (tf.nn.avg_pool)."""

    signature = "value: T -> output: T"
    attrs = PLAIN + "T: {floating}"
    infer = pooled
    kernel = mean_kernel
    scratch = mean_scratch

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.apply_op("AvgPoolGrad", None, [tf.shape(op.inputs[0]), grad], kept(op, KEPT))]


@op
class AvgPoolGrad:
    """The gradient of AvgPool: of each window in equal shares to its values."""

    signature = "orig_input_shape: int32, grad: T -> output: T"
    takes = "orig_input_shape: [4]"
    host_memory = "orig_input_shape"
    attrs = PLAIN + "T: {floating}"
    infer = like_shape
    kernel = mean_grad_kernel
    scratch = mean_grad_scratch

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.stop_gradient(op.inputs[0]), tf.apply_op("AvgPool", None, [grad], kept(op, KEPT))]
