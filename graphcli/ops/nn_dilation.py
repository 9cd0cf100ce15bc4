"""Grayscale dilation: the greatest of input plus filter in each window, and its gradients.

Some images at a time, or lines of one, so that what is made of them stays in cache; threads share these.
"""
from __future__ import annotations

from math import prod
from typing import Any, NamedTuple

from ..errors import RunError
from ..graph.opdef import op, undefined_gradient
from ._pooling import lowest
from ._windows import Sizes, place, seen_of, taps, windowed

ATTRS = "T: {realnumbertype}; strides: list(int) >= 4; rates: list(int) >= 4; padding: {'SAME', 'VALID'}"
NONE = ((0, 0), (0, 0))
ALL = slice(None)
SOME = 1 << 16
"""Elements that are treated at a time."""
SUMS = 16
"""How many sums for a filter are held at once."""


class Band(NamedTuple):
    """Some images, or lines of some: which outputs, which lines of the input they see, how many are missing above."""

    images: slice
    outputs: slice
    lines: slice
    above: int


class Geometry:
    """Where the windows of a dilation lie. Raises RunError for what does not fit."""

    def __init__(self, attrs: Any, x: Sizes, w: Sizes) -> None:
        self.strides, self.rates = tuple(attrs["strides"][1:3]), tuple(attrs["rates"][1:3])
        for key in ("strides", "rates"):
            if attrs[key][0] != 1 or attrs[key][3] != 1:
                raise RunError(f"{key} of batches and channels must be 1, not {attrs[key]}")
        if len(x) != 4 or len(w) != 3 or x[3] != w[2]:
            raise RunError(f"input and filter must have the same depth: {list(x)} and {list(w)}")
        self.x, self.window = x, w[:2]
        self.out, self.pads = place(attrs["padding"], x[1:3], w[:2], self.strides, self.rates, NONE)
        self.halo = (w[0] - 1) * self.rates[0]

    def by_outputs(self) -> list[Band]:
        """Bands that have no outputs in common."""
        return [Band(images, rows, *self._seen(rows)) for images, rows in self.cut(self.out[0], self.out[1], 1)]

    def by_lines(self) -> list[tuple[slice, Band]]:
        """Lines of the input, of some images, and the band of all outputs that see them."""
        found = []
        for images, lines in self.cut(self.x[1], self.x[2], 2 * self.halo):
            above, stride = self.pads[0][0], self.strides[0]
            first = max(0, -((self.halo - above - lines.start) // stride))
            rows = slice(first, max(first, min(self.out[0], (lines.stop - 1 + above) // stride + 1)))
            found.append((lines, Band(images, rows, *self._seen(rows))))
        return found

    def cut(self, lines: int, width: int, least: int) -> list[tuple[slice, slice]]:
        """Images, and lines of them that are at least so many: about SOME elements at a time."""
        images = SOME // max(1, lines * width * self.x[3])
        many = lines if images else max(least, SOME // max(1, width * self.x[3]), 1)
        return [(slice(i, i + max(1, images)), slice(j, min(lines, j + many)))
                for i in range(0, self.x[0], max(1, images)) for j in range(0, lines, max(1, many))]

    def _seen(self, rows: slice) -> tuple[slice, int]:
        lines, (above, _) = seen_of(rows.start, rows.stop - rows.start, self.window[0], self.strides[0], self.rates[0],
                                    self.x[1], self.pads[0][0])
        return lines, above

    def each(self, band: Band) -> Any:
        """For each tap of the filter: its place, the outputs of a band it meets, the inputs of the band they see."""
        out = (band.outputs.stop - band.outputs.start, self.out[1])
        sizes = (band.lines.stop - band.lines.start, self.x[2])
        for i in range(self.window[0]):
            for j in range(self.window[1]):
                before = (band.above - i * self.rates[0], self.pads[1][0] - j * self.rates[1])
                for to, source in taps((1, 1), self.strides, (1, 1), out, sizes, tuple((b, 0) for b in before)):
                    yield (i, j), (ALL, *to), (ALL, *source)

    def winners(self, xp: Any, x: Any, w: Any, band: Band, best: Any) -> Any:
        """Into ``best``: the outputs of a band; the flat tap that made each of them (the first of equals)."""
        best[...] = lowest(xp, x.dtype)
        tap = xp.zeros(best.shape, number(w.shape))
        x = x[band.images, band.lines]
        for (i, j), to, source in self.each(band):
            value = x[source] + w[i, j]
            better = value > best[to]
            xp.copyto(best[to], value, where=better)
            xp.copyto(tap[to], i * w.shape[1] + j, where=better)
        return tap


def number(shape: Any) -> str:
    """The dtype that numbers the taps of a filter of this shape."""
    return "uint8" if shape[0] * shape[1] < 256 else "int32"


def taken(n: Any, bands: list[Any], each: int, values: int) -> int:
    """Bytes of so many values for each element of a band, with the taps that win and where they do, of all threads."""
    taps = 3 if prod(n.shapes[1][:2]) < 256 else 6
    return min(int(n.threads), len(bands)) * each * (values * int(n.width()) + taps)


def largest(bands: list[tuple[slice, slice]], images: int, width: int) -> int:
    """Elements of the largest of bands of lines of so many elements."""
    return max((min(images, i.stop - i.start) * (j.stop - j.start) * width for i, j in bands), default=0)


def dilated(n: Any, x: Any, w: Any) -> Any:
    """The static shape of a dilation."""
    x, w = n.with_rank(x, 4, "the input"), n.with_rank(w, 3, "the filter")
    for key in ("strides", "rates"):
        if len(n.attrs[key]) != 4:
            n.fail(f"{key} must have 4 entries, not {len(n.attrs[key])}")
    if None in (*x[1:3], *w[:2]):
        return (x[0], None, None, w[2])
    n.merge((x[3],), (w[2],), "numbers of channels")
    sizes = windowed(n, x[1:3], w[:2], n.attrs["strides"][1:3], n.attrs["rates"][1:3], NONE, short=True)
    return (x[0], *sizes, w[2])


@op
class Dilation2D:
    """The greatest of input + filter in each window (tf.nn.dilation2d)."""

    signature = "input: T, filter: T -> output: T"
    attrs = ATTRS

    infer = dilated

    def kernel(n: Any) -> Any:
        xp = n.xp

        def dilate(x: Any, w: Any) -> Any:
            x, w = xp.asarray(x), xp.asarray(w)
            geometry = Geometry(n.attrs, x.shape, w.shape)
            result = xp.empty((x.shape[0], *geometry.out, x.shape[3]), x.dtype)
            bands = geometry.by_outputs()
            n.each(len(bands), lambda i: geometry.winners(xp, x, w, bands[i], result[bands[i][:2]]))
            return result

        return dilate

    def scratch(n: Any) -> Any:
        geometry = Geometry(n.attrs, *n.shapes[:2])
        bands = geometry.cut(geometry.out[0], geometry.out[1], 1)
        return taken(n, bands, largest(bands, n.shapes[0][0], geometry.out[1] * n.shapes[0][3]), 1)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        attrs = {k: op.attrs[k] for k in ("strides", "rates", "padding")}
        inputs = [op.inputs[0], op.inputs[1], grad]
        return [tf.apply_op("Dilation2DBackpropInput", None, inputs, attrs),
                tf.apply_op("Dilation2DBackpropFilter", None, inputs, attrs)]


def _fitting(n: Any, x: Any, w: Any, g: Any) -> None:
    """Refuses a gradient that is not of what Dilation2D makes: in a step, as TensorFlow."""
    if not n.built:
        n.merge(dilated(n, x, w), n.with_rank(g, 4, "out_backprop"), "shapes of the output and of out_backprop")


@op
class Dilation2DBackpropInput:
    """The gradient of Dilation2D for its input."""

    signature = "input: T, filter: T, out_backprop: T -> in_backprop: T"
    attrs = ATTRS
    gradient = undefined_gradient

    def infer(n: Any, x: Any, w: Any, g: Any) -> Any:
        _fitting(n, x, w, g)
        return x

    def kernel(n: Any) -> Any:
        xp = n.xp

        def kernel(x: Any, w: Any, g: Any) -> Any:
            geometry = Geometry(n.attrs, x.shape, w.shape)
            result = xp.zeros(x.shape, x.dtype)
            bands = geometry.by_lines()

            def back(number: int) -> None:
                lines, band = bands[number]
                given = g[band.images, band.outputs]
                tap = geometry.winners(xp, x, w, band, xp.empty(given.shape, x.dtype))
                # with lines beside these, of which other bands add more
                seen = xp.zeros_like(x[band.images, band.lines])
                for (i, j), to, source in geometry.each(band):
                    seen[source] += xp.where(tap[to] == i * w.shape[1] + j, given[to], xp.zeros((), g.dtype))
                low, high = max(lines.start, band.lines.start), min(lines.stop, band.lines.stop)
                if low < high:
                    at = band.lines.start
                    result[band.images, low:high] = seen[:, low - at:high - at]

            n.each(len(bands), back)
            return result

        return kernel

    def scratch(n: Any) -> Any:
        geometry = Geometry(n.attrs, *n.shapes[:2])
        images, _, width, channels = n.shapes[0]
        bands = geometry.cut(n.shapes[0][1], width, 2 * geometry.halo)
        whole = largest(bands, images, width * channels)
        beside = min(2 * geometry.halo, n.shapes[0][1]) * width * channels * (whole < n.size())
        return taken(n, bands, whole + beside, 3)


@op
class Dilation2DBackpropFilter:
    """The gradient of Dilation2D for its filter."""

    signature = "input: T, filter: T, out_backprop: T -> filter_backprop: T"
    attrs = ATTRS
    gradient = undefined_gradient

    def infer(n: Any, x: Any, w: Any, g: Any) -> Any:
        _fitting(n, x, w, g)
        return w

    def kernel(n: Any) -> Any:
        xp = n.xp

        def kernel(x: Any, w: Any, g: Any) -> Any:
            geometry = Geometry(n.attrs, x.shape, w.shape)
            out = xp.zeros(w.shape, xp.float32 if w.dtype.itemsize == 2 and w.dtype.kind not in "iu" else w.dtype)
            bands = geometry.by_outputs()

            def part(band: Band, into: Any) -> None:
                given = g[band.images, band.outputs]
                tap = geometry.winners(xp, x, w, band, xp.empty(given.shape, x.dtype))
                for (i, j), to, _ in geometry.each(band):
                    found = xp.where(tap[to] == i * w.shape[1] + j, given[to], xp.zeros((), g.dtype))
                    into[i, j] = xp.sum(found, axis=(0, 1, 2)).astype(into.dtype)

            for first in range(0, len(bands), SUMS):
                some = bands[first:first + SUMS]
                sums = xp.zeros((len(some), *out.shape), out.dtype)
                n.each(len(some), lambda i, some=some, sums=sums: part(some[i], sums[i]))
                for each in sums:
                    out += each
            return out.astype(w.dtype, copy=False)

        return kernel

    def scratch(n: Any) -> Any:
        geometry = Geometry(n.attrs, *n.shapes[:2])
        bands = geometry.cut(geometry.out[0], geometry.out[1], 1)
        each = largest(bands, n.shapes[0][0], geometry.out[1] * n.shapes[0][3])
        return taken(n, bands, each, 3) + min(SUMS, len(bands)) * n.bytes(1)
