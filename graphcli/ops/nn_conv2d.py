"""Convolution of images and its two gradients."""
from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from ..errors import InvalidArgument, RunError
from ..graph.opdef import op
from ..graph.types import float32, float64
from . import _convolution as conv
from . import _convolution_filter, _convolution_input
from . import _convolution_scratch as extra
from ._at_once import AtOnce, Shapes
from ._gradients import kept
from ._windows import Layout, explicit, fitting, inner_ones, last, layout, place, skips, windowed, wrong_paddings
from ._winograd import gains
from ._winograd_filter import sums_gain

BLAS = True

ATTRS = ("strides: list(int); use_cudnn_on_gpu: bool = True; padding: {'SAME', 'VALID', 'EXPLICIT'}; "
         "explicit_paddings: list(int) = []; data_format: {'NHWC', 'NCHW'} = 'NHWC'; "
         "dilations: list(int) = [1, 1, 1, 1]")
KEPT = ("strides", "use_cudnn_on_gpu", "padding", "explicit_paddings", "data_format", "dilations")


def geometry(n: Any) -> tuple[Layout, Any, Any, Any]:
    """The layout, strides, dilations and explicit paddings over the sizes. Raises InvalidArgument for what a file may
    say and inference lets pass, as TensorFlow's does for gradients."""
    where = layout(n)
    node = getattr(n, "node", n)
    who = f"{node.name} ({node.type})"
    for key in ("strides", "dilations"):
        values = n.attrs[key]
        if len(values) != where.rank or min(values) < 1:
            raise InvalidArgument(f"{who}: {key} must be {where.rank} positive numbers, not {list(values)}", node.span)
    if len(n.attrs.get("explicit_paddings") or ()) not in (0, 2 * where.rank):
        raise InvalidArgument(f"{who}: explicit_paddings must have {2 * where.rank} entries", node.span)
    return where, where.sizes(n.attrs["strides"]), where.sizes(n.attrs["dilations"]), explicit(where, n.attrs)


def convolved(n: Any, x: Any, w: Any, over: Any = None) -> Any:
    """The static shape of a convolution; ``over`` are other dilations than the attr's."""
    where, _, _, _ = check(n)
    x = n.with_rank(x, where.rank, "the input")
    w = n.with_rank(w, where.rank, "the filter")
    _, strides, dilations, pads = geometry(n)
    dilations = dilations if over is None else where.sizes(over)
    channels, wanted = x[where.channel], w[-2]
    if channels is not None and wanted is not None and (wanted == 0 or channels == 0 or channels % wanted):
        n.fail(f"the input has {channels} channels, the filter is for {wanted}")
    return where.shape(x[0], windowed(n, where.sizes(x), w[:-2], strides, dilations, pads), w[-1])


def check(n: Any) -> tuple[Layout, Any, Any, Any]:
    where = layout(n)
    for key in ("strides", "dilations"):
        if len(n.attrs[key]) != where.rank:
            n.fail(f"{key} must have {where.rank} entries, not {len(n.attrs[key])}")
    if wrong := wrong_paddings(where, n.attrs):
        n.fail(wrong)
    return where, None, None, None


def direct(n: Any) -> bool:
    """Whether one product sees the images where they lie, if the filter has one tap."""
    return (not layout(n).first and n.attrs["padding"] != "EXPLICIT"
            and {*n.attrs["strides"], *n.attrs["dilations"]} == {1}
            and n.node.inputs[0].dtype.base_dtype in (float32, float64))


def forward_kernel(n: Any) -> Any:
    xp, padding = n.xp, n.attrs["padding"]
    where, strides, dilations, given = geometry(n)
    product = conv.one_tap(n)
    as_it_lies = direct(n)
    few = AtOnce(n, strides, dilations, given)

    def kernel(x: Any, w: Any) -> Any:
        if as_it_lies and w.shape[:3] == (1, 1, x.shape[-1]) and x.size and w.size:
            return product(x.reshape(-1, x.shape[-1]), w[0, 0]).reshape(*x.shape[:-1], -1)
        made = few.forward(x, w)
        if made is not None:
            return made
        inner_ones(n, "strides", "dilations")
        x, w = where.last(xp, xp.asarray(x)), xp.asarray(w)
        if not w.shape[-2] or x.shape[-1] % w.shape[-2]:
            raise RunError(f"the input has {x.shape[-1]} channels, the filter is for {w.shape[-2]}")
        if w.shape[-1] % (x.shape[-1] // w.shape[-2] or 1):
            raise RunError(f"output depth must be evenly divisible by number of groups: {w.shape[-1]} vs "
                           f"{x.shape[-1] // w.shape[-2]}")
        out, pads = place(padding, x.shape[1:-1], w.shape[:-2], strides, dilations, given)
        return where.back(xp, conv.forward(n, x, w, strides, dilations, out, pads), own=True)

    return kernel


def in_tiles(node: Any, shapes: Sequence[Any]) -> bool:
    """Whether Winograd's way is quicker, of a convolution or of one of its gradients.

    shapes: of the inputs, and of the output."""
    where, strides, dilations, given = geometry(node)
    *_, w, g = shapes[:-1]
    if node.type != "Conv2DBackpropInput":
        sums = node.type == "Conv2DBackpropFilter"
        x, w = last(where, shapes[0]), shapes[-1 if sums else 1]
        out, pads = place(node.attrs["padding"], x[1:-1], w[:-2], strides, dilations, given)
        return (sums_gain if sums else gains)(x, w, strides, dilations, out, pads)
    *sizes, channels = last(where, shapes[-1])[1:]
    if channels != w[-2]:
        return False
    _, pads = place(node.attrs["padding"], sizes, w[:-2], strides, dilations, given)
    around = _convolution_input.around(w[:-2], strides, dilations, pads)
    turned = (*w[:-2], w[-1], w[-2])
    return around is not None and gains(last(where, g), turned, strides, dilations, tuple(sizes), around,
                                        gradient=True)


def forward_scratch(n: Any) -> int:
    where, strides, dilations, given = geometry(n)
    x, w = last(where, n.shapes[0]), n.shapes[1]
    if direct(n) and w[:3] == (1, 1, x[-1]):
        return int(n.copied_as(0, prod(x[:-1]), x[-1]))
    shapes = Shapes(n, strides, dilations, given)
    few = shapes.found(shapes.forward, x, w)
    if few is not None:
        return shapes.scratch(few, w, n.copied(0) // shapes.width)
    out, pads = place(n.attrs["padding"], x[1:-1], w[:-2], strides, dilations, given)
    return max(_turned(n), extra.forward_scratch(n, x, w, strides, dilations, out, pads))


def input_scratch(n: Any) -> int:
    where, strides, dilations, given = geometry(n)
    w, g, sizes = n.shapes[1], last(where, n.shapes[2]), last(where, n.outs[0])
    shapes = Shapes(n, strides, dilations, given)
    few = shapes.found(shapes.to_input, sizes, w, g)
    if few is not None:
        return shapes.scratch(few, w, n.copied(2) // shapes.width)
    _, pads = place(n.attrs["padding"], sizes[1:-1], w[:-2], strides, dilations, given)
    return max(_turned(n), extra.to_input_scratch(n, sizes, w, g, strides, dilations, pads))


def _turned(n: Any) -> int:
    """Bytes that it takes to turn the result that was made with its channels last."""
    where = layout(n)
    return where.back_scratch(last(where, n.outs[0]), n.out_width())


def filter_scratch(n: Any) -> int:
    where, strides, dilations, given = geometry(n)
    x, g, shape = last(where, n.shapes[0]), last(where, n.shapes[2]), n.outs[0]
    shapes = Shapes(n, strides, dilations, given)
    few = shapes.found(shapes.to_filter, x, shape, g)
    if few is not None:
        return int(few.sum_scratch(shape[-1], n.copied(0) // shapes.width) * shapes.width + n.copied(2))
    _, pads = place(n.attrs["padding"], x[1:-1], shape[:-2], strides, dilations, given)
    return extra.to_filter_scratch(n, x, shape, g, strides, dilations, pads)


def input_kernel(n: Any) -> Any:
    xp, padding = n.xp, n.attrs["padding"]
    where, strides, dilations, given = geometry(n)
    few = AtOnce(n, strides, dilations, given)

    def kernel(sizes: Any, w: Any, g: Any) -> Any:
        inner_ones(n, "strides", "dilations")
        fitting(n)
        full = sizes.tolist()
        if len(full) == len(where.spatial):
            full = list(where.shape(g.shape[0], full, w.shape[-2]))
        made = few.to_input(tuple(full), w, g)
        if made is not None:
            return made
        g, w = where.last(xp, xp.asarray(g)), xp.asarray(w)
        inner = tuple(full[i] for i in where.spatial)
        out, pads = place(padding, inner, w.shape[:-2], strides, dilations, given)
        if (full[0], *out, w.shape[-1]) != g.shape:
            raise RunError(f"input_sizes {full} make an output of sizes {list(out)} in {full[0]} images of "
                           f"{w.shape[-1]} channels, but out_backprop has the shape {list(g.shape)}")
        shape = (full[0], *inner, full[where.channel])
        return where.back(xp, _convolution_input.to_input(n, shape, w, g, strides, dilations, pads), own=True)

    return kernel


def filter_kernel(n: Any) -> Any:
    xp, padding = n.xp, n.attrs["padding"]
    where, strides, dilations, given = geometry(n)
    few = AtOnce(n, strides, dilations, given)
    alike = n.node.type != "Conv2DBackpropFilter"

    def taken(x: Any, shape: Any) -> None:
        channels, wanted = x[where.channel], shape[-2]
        if wanted and channels % wanted or alike and channels != wanted:
            raise RunError(f"the input has {channels} channels, the filter is for {wanted}")

    def kernel(x: Any, sizes: Any, g: Any) -> Any:
        inner_ones(n, "strides", "dilations")
        fitting(n)
        shape = tuple(sizes.tolist())
        taken(x.shape, shape)
        made = few.to_filter(x, shape, g)
        if made is not None:
            return made
        x, g = where.last(xp, xp.asarray(x)), where.last(xp, xp.asarray(g))
        out, pads = place(padding, x.shape[1:-1], shape[:-2], strides, dilations, given)
        if (x.shape[0], *out, shape[-1]) != g.shape:
            raise RunError(f"filter_sizes {list(shape)} make an output of sizes {list(out)} in {x.shape[0]} images "
                           f"of {shape[-1]} channels, but out_backprop has the shape {list(g.shape)}")
        return _convolution_filter.to_filter(n, x, shape, g, strides, dilations, pads)

    return kernel


def back_to_input(n: Any, sizes: Any, w: Any, g: Any) -> Any:
    where = layout(n)
    g = n.with_rank(g, where.rank, "out_backprop")
    w = n.with_rank(w, where.rank, "the filter")
    if n.node.type == "Conv2DBackpropInput":
        n.merge(w[-1:], (g[where.channel],), "channels that the filter makes and that out_backprop has")
    shape = n.shape_value(0)
    if shape is not None and len(shape) == where.rank - 2:
        return where.shape(g[0], shape, w[-2])
    shape = n.with_rank(shape, where.rank, "input_sizes")
    if n.node.type != "Conv2DBackpropInput":
        return shape
    n.merge(shape[:1], g[:1], "batches of input_sizes and out_backprop")
    return g[0], *shape[1:]


def back_to_filter(n: Any, x: Any, sizes: Any, g: Any) -> Any:
    where = layout(n)
    shape = n.with_rank(n.shape_value(1), where.rank, "filter_sizes")
    n.with_rank(x, where.rank, "the input")
    n.with_rank(g, where.rank, "out_backprop")
    return shape


@op
class Conv2D:
    """Images [batch, height, width, channels] and a filter [height, width, channels, filters] (tf.nn.conv2d)."""

    signature = "input: T, filter: T -> output: T"
    attrs = "T: {float16, bfloat16, float32, float64, int32}; " + ATTRS
    never = skips
    infer = convolved
    kernel = forward_kernel
    scratch = forward_scratch

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, w = op.inputs
        shape_x, shape_w = tf.shape_n([x, w])
        return [tf.apply_op("Conv2DBackpropInput", None, [shape_x, w, grad], kept(op, KEPT)),
                tf.apply_op("Conv2DBackpropFilter", None, [x, shape_w, grad], kept(op, KEPT))]


@op
class Conv2DBackpropInput:
    """The gradient of a convolution for its input; as a forward op, a transposed convolution."""

    signature = "input_sizes: int32, filter: T, out_backprop: T -> output: T"
    takes = "input_sizes: [?]"
    host_memory = "input_sizes"
    attrs = "T: {float16, bfloat16, float32, float64, int32}; " + ATTRS
    never = skips
    infer = back_to_input
    kernel = input_kernel
    scratch = input_scratch

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        _, w, g = op.inputs
        return [None, tf.apply_op("Conv2DBackpropFilter", None, [grad, tf.shape(w), g], kept(op, KEPT)),
                tf.apply_op("Conv2D", None, [grad, w], kept(op, KEPT))]


@op
class Conv2DBackpropFilter:
    """The gradient of a convolution for its filter."""

    signature = "input: T, filter_sizes: int32, out_backprop: T -> output: T"
    takes = "filter_sizes: [4]"
    host_memory = "filter_sizes"
    attrs = "T: {float16, bfloat16, float32, float64}; " + ATTRS
    never = skips
    infer = back_to_filter
    kernel = filter_kernel
    scratch = filter_scratch

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, _, g = op.inputs
        return [tf.apply_op("Conv2DBackpropInput", None, [tf.shape(x), grad, g], kept(op, KEPT)), None,
                tf.apply_op("Conv2D", None, [x, grad], kept(op, KEPT))]
