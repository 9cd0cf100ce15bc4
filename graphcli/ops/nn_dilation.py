"""Grayscale dilation: the greatest of input plus filter in each window, and its gradients."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.opdef import op, undefined_gradient
from ._pooling import lowest
from ._windows import place, taps, windowed

ATTRS = "T: {realnumbertype}; strides: list(int) >= 4; rates: list(int) >= 4; padding: {'SAME', 'VALID'}"
NONE = ((0, 0), (0, 0))
ALL = slice(None)
SOME = 1 << 17
"""Elements of images of which the filter's gradient is summed at a time."""


def geometry(n: Any, x: Any, w: Any) -> Any:
    strides, rates = tuple(n.attrs["strides"][1:3]), tuple(n.attrs["rates"][1:3])
    for key in ("strides", "rates"):
        if n.attrs[key][0] != 1 or n.attrs[key][3] != 1:
            raise RunError(f"{key} of batches and channels must be 1, not {n.attrs[key]}")
    if x.ndim != 4 or w.ndim != 3 or x.shape[3] != w.shape[2]:
        raise RunError(f"input and filter must have the same depth: {list(x.shape)} and {list(w.shape)}")
    out, pads = place(n.attrs["padding"], x.shape[1:3], w.shape[:2], strides, rates, NONE)
    return strides, rates, out, pads


def each(xp: Any, n: Any, x: Any, w: Any) -> Any:
    """For each tap of the filter: its place, the outputs it meets, the inputs they see."""
    strides, rates, out, pads = geometry(n, x, w)
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            moved = tuple((b - t * r, 0) for t, r, (b, _) in zip((i, j), rates, pads))
            for to, source in taps((1, 1), strides, (1, 1), out, x.shape[1:3], moved):
                yield (i, j), (ALL, *to), (ALL, *source)


def number(shape: Any) -> str:
    """The dtype that numbers the taps of a filter of this shape."""
    return "uint8" if shape[0] * shape[1] < 256 else "int32"


def some(x: Any) -> int:
    """How many images of this shape are treated at a time."""
    return max(1, SOME // max(1, int(x[1] * x[2] * x[3])))


def winners(xp: Any, n: Any, x: Any, w: Any) -> tuple[Any, Any]:
    """The output, and the flat tap that made each of its values (the first of equals)."""
    _, _, out, _ = geometry(n, x, w)
    shape = (x.shape[0], *out, x.shape[3])
    best, tap = xp.full(shape, lowest(xp, x.dtype), x.dtype), xp.zeros(shape, number(w.shape))
    for (i, j), to, source in each(xp, n, x, w):
        value = x[source] + w[i, j]
        better = value > best[to]
        xp.copyto(best[to], value, where=better)
        xp.copyto(tap[to], i * w.shape[1] + j, where=better)
    return best, tap


@op
class Dilation2D:
    """The greatest of input + filter in each window (tf.nn.dilation2d)."""

    signature = "input: T, filter: T -> output: T"
    attrs = ATTRS
    parts = {"input": 3}

    def infer(n: Any, x: Any, w: Any) -> Any:
        x, w = n.with_rank(x, 4, "the input"), n.with_rank(w, 3, "the filter")
        for key in ("strides", "rates"):
            if len(n.attrs[key]) != 4:
                n.fail(f"{key} must have 4 entries, not {len(n.attrs[key])}")
        if None in (*x[1:3], *w[:2]):
            return (x[0], None, None, w[2])
        n.merge((x[3],), (w[2],), "numbers of channels")
        sizes = windowed(n, x[1:3], w[:2], n.attrs["strides"][1:3], n.attrs["rates"][1:3], NONE, short=True)
        return (x[0], *sizes, w[2])

    def kernel(n: Any) -> Any:
        xp = n.xp
        return lambda x, w: winners(xp, n, xp.asarray(x), xp.asarray(w))[0]

    def scratch(n: Any) -> Any:
        return n.made() * (n.width() + 2 if n.shapes[1][0] * n.shapes[1][1] < 256 else n.width() + 5)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        attrs = {k: op.attrs[k] for k in ("strides", "rates", "padding")}
        inputs = [op.inputs[0], op.inputs[1], grad]
        return [tf.apply_op("Dilation2DBackpropInput", None, inputs, attrs),
                tf.apply_op("Dilation2DBackpropFilter", None, inputs, attrs)]


@op
class Dilation2DBackpropInput:
    """The gradient of Dilation2D for its input."""

    signature = "input: T, filter: T, out_backprop: T -> in_backprop: T"
    attrs = ATTRS
    parts = {"input": 3, "out_backprop": 3}
    gradient = undefined_gradient

    def infer(n: Any, x: Any, w: Any, g: Any) -> Any:
        return x

    def kernel(n: Any) -> Any:
        xp = n.xp

        def kernel(x: Any, w: Any, g: Any) -> Any:
            _, tap = winners(xp, n, x, w)
            out = xp.zeros(x.shape, x.dtype)
            for (i, j), to, source in each(xp, n, x, w):
                out[source] += xp.where(tap[to] == i * w.shape[1] + j, g[to], xp.zeros((), g.dtype))
            return out

        return kernel

    def scratch(n: Any) -> Any:
        return n.size(2) * ((2 if n.shapes[1][0] * n.shapes[1][1] < 256 else 5) + 2 * n.width())


@op
class Dilation2DBackpropFilter:
    """The gradient of Dilation2D for its filter."""

    signature = "input: T, filter: T, out_backprop: T -> filter_backprop: T"
    attrs = ATTRS
    gradient = undefined_gradient

    def infer(n: Any, x: Any, w: Any, g: Any) -> Any:
        return w

    def kernel(n: Any) -> Any:
        xp = n.xp

        def kernel(x: Any, w: Any, g: Any) -> Any:
            out = xp.zeros(w.shape, xp.float32 if w.dtype.itemsize == 2 and w.dtype.kind not in "iu" else w.dtype)
            many = some(x.shape)
            for image in range(0, len(x), many):
                seen, given = x[image:image + many], g[image:image + many]
                _, tap = winners(xp, n, seen, w)
                for (i, j), to, _ in each(xp, n, seen, w):
                    hit = tap[to] == i * w.shape[1] + j
                    found = xp.where(hit, given[to], xp.zeros((), g.dtype))
                    out[i, j] += xp.sum(found, axis=(0, 1, 2)).astype(out.dtype)
            return out.astype(w.dtype, copy=False)

        return kernel

    def scratch(n: Any) -> Any:
        images = n.shapes[2][0]
        part = min(1, some(n.shapes[0]) / max(1, images))
        return int(part * n.size(2) * ((3 if n.shapes[1][0] * n.shapes[1][1] < 256 else 6) + 2 * n.width()))
