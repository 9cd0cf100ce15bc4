"""Convolution of each channel by filters of its own, and its two gradients."""
from __future__ import annotations

from math import prod
from typing import Any

from ..errors import InvalidArgument, RunError
from ..graph.opdef import op
from ..graph.parts import SIZES
from ._convolution_input import around
from ._depthwise import LINES, factors, laid_out, padded_spread, some_lines
from ._gradients import kept
from ._windows import Layout, crop, finite, fitting, inner_ones, last, not_inner, pad, place, taps, windowed
from .nn_conv2d import back_to_filter, back_to_input, check, geometry

ATTRS = ("strides: list(int); padding: {'SAME', 'VALID', 'EXPLICIT'}; explicit_paddings: list(int) = []; "
         "data_format: {'NHWC', 'NCHW'} = 'NHWC'; dilations: list(int) = [1, 1, 1, 1]")
KEPT = ("strides", "padding", "explicit_paddings", "data_format", "dilations")
ALL = slice(None)


def steps(xp: Any, window: Any, strides: Any, dilations: Any, out: Any) -> Any:
    """For each tap: its place in the window and the slices of a padded input that it meets."""
    for tap in xp.ndindex(*window):
        yield tap, tuple(slice(t * d, t * d + (o - 1) * s + 1, s) for t, d, o, s in zip(tap, dilations, out, strides))


def unequal(attrs: Any) -> str:
    """Why no depthwise convolution runs with such strides, nothing where one does."""
    where = Layout(attrs["data_format"])
    if len(attrs["strides"]) == where.rank and len(set(where.sizes(attrs["strides"]))) > 1:
        return "Current implementation only supports equal length strides in the row and column dimensions."
    return not_inner(attrs, "strides")


def start(n: Any, x_sizes: Any, w_shape: Any) -> Any:
    """Strides, dilations, output sizes and paddings of real shapes."""
    _, strides, dilations, given = geometry(n)
    inner_ones(n, "strides")
    if wrong := unequal(n.attrs):
        raise InvalidArgument(wrong)
    fitting(n)
    out, pads = place(n.attrs["padding"], x_sizes, w_shape[:-2], strides, dilations, given)
    return strides, dilations, out, pads


def _pads(n: Any, sizes: Any, w: Any) -> Any:
    """The paddings of inputs of these sizes."""
    _, strides, dilations, given = geometry(n)
    return place(n.attrs["padding"], sizes, w[:-2], strides, dilations, given)[1]


def _padded(x: Any, pads: Any) -> int:
    """Elements of a padded x of this shape."""
    return int(x[0] * prod(s + b + a for s, (b, a) in zip(x[1:-1], pads)) * x[3])


def _taken(n: Any, x: Any, w: Any, pads: Any, out: Any) -> int:
    """Bytes of what ``padded_spread`` pads, and repeats, at a time, and of the factors for outputs."""
    many, plain = w[3], not any(map(any, pads)) and n.width(1) == n.wide(1)
    padded = _padded(x, pads) * (many * (many > 1) + (not plain))
    return int(some_lines(n, x, w, padded) * _wide(n) + n.wide(1) * factors(out, w, geometry(n)[1]))


def _wide(n: Any) -> int:
    """Bytes for an element of what is padded: of half precision also in single precision. What is made of it is made
    apart then, and where channels come first."""
    half = n.width(1) < n.wide(1)
    return int(n.wide(1) + (n.width(1) if half else 0) + (n.wide(1) if half or geometry(n)[0].first else 0))


def summed(xp: Any, form: str, a: Any, b: Any) -> Any:
    """einsum, which numpy has for no bfloat16."""
    if a.dtype.name == "bfloat16":
        return xp.einsum(form, a.astype(xp.float32), b.astype(xp.float32))
    return xp.einsum(form, a, b)


@op
class DepthwiseConv2dNative:
    """Each channel by its own filters [height, width, channels, multiplier] (tf.nn.depthwise_conv2d_native)."""

    signature = "input: T, filter: T -> output: T"
    one_piece = True
    attrs = "T: {floating}; " + ATTRS
    never = unequal

    def infer(n: Any, x: Any, w: Any) -> Any:
        where = check(n)[0]
        x, w = n.with_rank(x, 4, "the input"), n.with_rank(w, 4, "the filter")
        _, strides, dilations, pads = geometry(n)
        channels = n.merge((x[where.channel],), (w[2],), "numbers of channels")[0]
        many = None if channels is None or w[3] is None else channels * w[3]
        return where.shape(x[0], windowed(n, where.sizes(x), w[:2], strides, dilations, pads), many)

    def kernel(n: Any) -> Any:
        xp, where = n.xp, geometry(n)[0]

        def kernel(x: Any, w: Any) -> Any:
            x, w = where.last(xp, xp.asarray(x)), xp.asarray(w)
            if x.shape[-1] != w.shape[2]:
                raise RunError(f"the input has {x.shape[-1]} channels, the filter {w.shape[2]}")
            strides, dilations, out, pads = start(n, x.shape[1:-1], w.shape)
            result = padded_spread(n, x, w, strides, dilations, out, pads)
            return where.back(xp, result)

        return kernel

    def scratch(n: Any) -> Any:
        where, strides, dilations, _ = geometry(n)
        x, w, out = last(where, n.shapes[0]), n.shapes[1], last(where, n.outs[0])
        return _taken(n, x, w, _pads(n, x[1:-1], w), out) + n.wide(1) * n.threads * laid_out(out, w, strides, dilations)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, w = op.inputs
        return [tf.apply_op("DepthwiseConv2dNativeBackpropInput", None, [tf.shape(x), w, grad], kept(op, KEPT)),
                tf.apply_op("DepthwiseConv2dNativeBackpropFilter", None, [x, tf.shape(w), grad], kept(op, KEPT))]


@op
class DepthwiseConv2dNativeBackpropInput:
    """The gradient of a depthwise convolution for its input."""

    signature = "input_sizes: int32, filter: T, out_backprop: T -> output: T"
    takes = "input_sizes: [4]"
    host_memory = "input_sizes"
    one_piece = True
    attrs = "T: {floating}; " + ATTRS
    never = unequal
    shares = True

    def parts(attrs: Any) -> Any:
        return {"input_sizes": SIZES, "out_backprop": 3} if max(attrs["strides"], default=1) > 1 else {}

    infer = back_to_input

    def kernel(n: Any) -> Any:
        xp, where = n.xp, geometry(n)[0]

        def kernel(sizes: Any, w: Any, g: Any) -> Any:
            g, w = where.last(xp, xp.asarray(g)), xp.asarray(w)
            full = [int(s) for s in sizes]
            inner = where.sizes(full)
            strides, dilations, out, pads = start(n, inner, w.shape)
            if g.shape != (full[0], *out, w.shape[2] * w.shape[3]):
                raise RunError(f"input_sizes {full} do not belong to out_backprop of shape {list(g.shape)}")
            turned = around(w.shape[:2], strides, dilations, pads) if w.shape[3] == 1 else None
            if turned is not None:
                return where.back(xp, padded_spread(n, g, w[::-1, ::-1], strides, dilations, inner, turned))
            g = g.reshape(*g.shape[:-1], *w.shape[2:])
            padded = tuple(s + b + a for s, (b, a) in zip(inner, pads))
            kind = xp.float32 if g.dtype.itemsize == 2 else g.dtype
            result = xp.zeros((full[0], *padded, w.shape[2]), kind)
            if g.size:
                for tap, seen in steps(xp, w.shape[:2], strides, dilations, out):
                    result[(ALL, *seen)] += summed(xp, "bhwcm,cm->bhwc", g, w[tap])
            return where.back(xp, xp.ascontiguousarray(crop(result, pads)).astype(g.dtype, copy=False))

        return kernel

    def scratch(n: Any) -> Any:
        where = geometry(n)[0]
        w, sizes, g = n.shapes[1], last(where, n.outs[0]), last(where, n.shapes[2])
        _, strides, dilations, _ = geometry(n)
        pads = _pads(n, sizes[1:-1], w)
        turned = around(w[:2], strides, dilations, pads) if w[3] == 1 else None
        if turned is not None:
            return _taken(n, g, w, turned, sizes)
        padded, half = _padded(sizes, pads), n.width(1) < n.wide(1)
        cropped = half or where.first or any(map(any, pads))
        return n.wide(1) * max(padded * cropped, padded - n.made() * (not half) + prod(g) // max(1, w[3]))

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        _, w, g = op.inputs
        return [None, tf.apply_op("DepthwiseConv2dNativeBackpropFilter", None, [grad, tf.shape(w), g], kept(op, KEPT)),
                tf.apply_op("DepthwiseConv2dNative", None, [grad, w], kept(op, KEPT))]


@op
class DepthwiseConv2dNativeBackpropFilter:
    """The gradient of a depthwise convolution for its filter."""

    signature = "input: T, filter_sizes: int32, out_backprop: T -> output: T"
    takes = "filter_sizes: [4]"
    host_memory = "filter_sizes"
    one_piece = True
    attrs = "T: {floating}; " + ATTRS
    never = unequal
    infer = back_to_filter

    def kernel(n: Any) -> Any:
        xp, where = n.xp, geometry(n)[0]

        def kernel(x: Any, sizes: Any, g: Any) -> Any:
            x, g = where.last(xp, xp.asarray(x)), where.last(xp, xp.asarray(g))
            shape = tuple(int(s) for s in sizes)
            strides, dilations, out, pads = start(n, x.shape[1:-1], shape)
            if g.shape != (x.shape[0], *out, shape[2] * shape[3]):
                raise RunError(f"filter_sizes {list(shape)} do not belong to out_backprop of shape {list(g.shape)}")
            g = g.reshape(*g.shape[:-1], *shape[2:])
            kind = xp.float32 if g.dtype.itemsize == 2 else g.dtype
            result = xp.zeros(shape, kind)
            if not g.size:
                return result.astype(g.dtype, copy=False)
            if any(map(any, pads)) and (shape[2] * shape[3] == 1 or not finite(xp, g, kind)):
                # the zeros of the padding are not to be left out: they change the order of a sum, or make NaN
                x, pads = pad(xp, x, pads), ((0, 0), (0, 0))
            # numpy adds up no bfloat16: some images at a time are of single precision; float16 as TensorFlow's is
            wide = g.dtype.name == "bfloat16"
            many = max(1, LINES * len(x) // x.size) if wide else len(x)
            for image in range(0, len(x), many):
                some, given = (a[image:image + many].astype(kind if wide else g.dtype, copy=False) for a in (x, g))
                for tap in xp.ndindex(*shape[:2]):
                    moved = tuple((b - t * d, 0) for t, d, (b, _) in zip(tap, dilations, pads))
                    for to, source in taps((1, 1), strides, (1, 1), out, x.shape[1:3], moved):
                        result[tap] += xp.einsum("bhwc,bhwcm->cm", some[(ALL, *source)], given[(ALL, *to)])
                del some, given
            return result.astype(g.dtype, copy=False)

        return kernel

    def scratch(n: Any) -> Any:
        if n.made() and prod(n.outs[0][2:]) > 1:
            if n.node.outputs[0].dtype.base_dtype.name != "bfloat16":
                return 0
            images = max(1, n.shapes[0][0])
            part = min(1, max(1, LINES * images // max(1, n.size())) / images)
            return int(4 * part * (n.size() + n.size(2)))
        x = last(geometry(n)[0], n.shapes[0])
        pads = _pads(n, x[1:-1], n.outs[0])
        return n.wide() * _padded(x, pads) if any(map(any, pads)) else 0

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, _, g = op.inputs
        return [tf.apply_op("DepthwiseConv2dNativeBackpropInput", None, [tf.shape(x), grad, g], kept(op, KEPT)), None,
                tf.apply_op("DepthwiseConv2dNative", None, [x, grad], kept(op, KEPT))]
