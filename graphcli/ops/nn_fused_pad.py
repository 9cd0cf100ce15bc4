"""Images that are enlarged and mirrored around before they are convolved, as TensorFlow's graph transforms fuse them.

Of a batch TensorFlow's kernels give what they made of the first image for each; here each image gives its own.
"""
from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import op, undefined_gradient
from ..graph.shapes import show
from ._at_once import Shapes
from ._convolution_scratch import forward_scratch
from ._given import Given
from ._windows import place
from .image_resize import _between, _linear
from .nn_conv2d import convolved, forward_kernel

BLAS = True
ATTRS = ("T: {float16, bfloat16, float32, float64}; mode: {'REFLECT', 'SYMMETRIC'}; strides: list(int); "
         "padding: {'SAME', 'VALID'}")
PLAIN: dict[str, Any] = {"dilations": [1, 1, 1, 1], "data_format": "NHWC", "explicit_paddings": []}
VALID: dict[str, Any] = {**PLAIN, "padding": "VALID"}
BAND = 1 << 15
"""Elements of images that are laid out at a time."""


def _convolved(n: Any, x: Any, paddings: Any, w: Any, at: int, size: Any = ()) -> Any:
    """The static shape. size: lines and columns after the images are enlarged, empty where they are not."""
    x, w = n.with_rank(x, 4, "the input"), n.with_rank(w, 4, "the filter")
    if paddings is not None and paddings[0] not in (None, 4):
        n.fail(f"paddings has {paddings[0]} rows, the input has rank 4")
    if len(n.attrs["strides"]) != 4:
        n.fail(f"strides must have 4 entries, not {n.attrs['strides']}")
    if size:
        x = (x[0], *size, x[3])
    value = n.value(at)
    if value is None:
        # of the sizes, that of batches too, nothing is known
        return (None, None, None, w[3])
    mirror = n.attrs["mode"] == "REFLECT"
    for length, (before, after) in zip(x, value.tolist()):
        if min(before, after) < 0:
            n.fail(f"paddings must be non-negative, not {value.tolist()}")
        if length is not None and max(before, after) > length - mirror:
            n.fail(f"paddings {before} and {after} of {length} mirror more than there is")
    padded = tuple(None if s is None else s + a + b for s, (a, b) in zip(x, value.tolist()))
    n.merge((padded[3],), w[2:3], "channels of the input and of the filter")
    return convolved(Given(n, **PLAIN), padded, w)


def _sources(size: int, around: Any, zeros: Any, mirror: int) -> Any:
    """Which line of an image each line of a padded one shows, -1 for zeros. around: how many are mirrored before and
    after, zeros: how many lie before and after these."""
    at = np.arange(-around[0], size + around[1])
    at = np.where(at < 0, -at - 1 + mirror, np.where(at < size, at, 2 * size - 1 - mirror - at))
    return np.pad(at, zeros, constant_values=-1)


class _Bands:
    """Some images, or some lines of one, as they are convolved at a time. x, w: the shapes of all images, enlarged, and
    of the filter."""

    def __init__(self, n: Any, x: Any, widths: Any, w: Any) -> None:
        self.step, self.taps = n.attrs["strides"][1], w[0]
        sizes = [s + before + after for s, (before, after) in zip(x[1:3], widths[1:3])]
        self.out, zeros = place(n.attrs["padding"], sizes, w[:2], n.attrs["strides"][1:3], (1, 1), ((0, 0), (0, 0)))
        mirror = int(n.attrs["mode"] == "REFLECT")
        self.lines, self.columns = (_sources(*each, mirror) for each in zip(x[1:3], widths[1:3], zeros))
        self.left = zeros[1][0] + widths[2][0]
        line = max(1, len(self.columns) * x[3])
        self.images = max(1, min(x[0], BAND // (line * max(1, len(self.lines)))))
        self.many = max(1, self.out[0] if self.images > 1 else min(
            self.out[0], (BAND // line - self.taps) // self.step + 1))
        self.high = (self.many - 1) * self.step + self.taps
        self.places = [(i, j) for i in range(0, x[0], self.images) for j in range(0, self.out[0], self.many)]

    def laid_out(self, inner: Callable[[Any], Any], start: int) -> Any:
        """What the lines of outputs from ``start`` on see. inner: gives lines of the images by their numbers."""
        first = start * self.step
        rows = self.lines[first:first + (min(self.many, self.out[0] - start) - 1) * self.step + self.taps]
        there = np.flatnonzero(rows >= 0)
        lines = inner(rows[there])
        block = np.empty((len(lines), len(rows), len(self.columns), lines.shape[3]), lines.dtype)
        low, high = (int(there[0]), int(there[-1]) + 1) if len(there) else (0, 0)
        block[:, :low], block[:, high:] = 0, 0
        right = self.left + lines.shape[2]
        block[:, low:high, self.left:right] = lines
        for at in (*range(self.left), *range(right, len(self.columns))):
            block[:, low:high, at] = 0 if self.columns[at] < 0 else lines[:, :, self.columns[at]]
        return block


def _convolve(n: Any, inner: Callable[[Any, Any], Any], shape: Any, paddings: Any, w: Any) -> Any:
    """The convolution of mirrored images, a band at a time. inner: gives of some images some lines, as the mirror shows
    them. shape: of all images as they are mirrored."""
    widths = paddings.tolist()
    _refuse(shape, np.shape(paddings), widths, int(n.attrs["mode"] == "REFLECT"), w)
    convolve, bands = forward_kernel(Given(n, **VALID)), _Bands(n, shape, widths, w.shape)
    out = np.empty((shape[0], *bands.out, w.shape[3]), w.dtype)

    def some(k: int) -> None:
        image, start = bands.places[k]
        images = slice(image, image + bands.images)
        out[images, start:start + bands.many] = convolve(bands.laid_out(lambda rows: inner(images, rows), start), w)

    n.each(len(bands.places) if out.size else 0, some)
    return out


def _refuse(shape: Any, of_paddings: Any, widths: Any, mirror: int, w: Any) -> None:
    """Raises InvalidArgument for paddings, or depths, that cannot be."""
    if of_paddings != (4, 2):
        raise InvalidArgument(f"paddings must be a matrix with 2 columns and 4 rows: {show(of_paddings)}")
    for size, (before, after) in zip(shape, widths):
        if min(before, after) < 0:
            raise InvalidArgument(f"paddings must be non-negative: {before} {after}")
        if max(before, after) > size - mirror:
            law = "less than" if mirror else "no greater than"
            raise InvalidArgument(f"paddings must be {law} the dimension size: {before}, {after} {law} {size}")
    if any(widths[0]) or any(widths[3]):
        raise InvalidArgument(f"only lines and columns can be padded, not {widths}")
    if shape[3] != w.shape[2]:
        raise InvalidArgument(f"input and filter must have the same depth: {shape[3]} vs {w.shape[2]}")


def _scratch(n: Any, enlarged: bool = False) -> int:
    """What is laid out for some bands, and what the convolution of them takes."""
    w, out, steps = n.shapes[-1], n.outs[0], tuple(n.attrs["strides"][1:3])
    high, wide = ((o - 1) * t + k for o, t, k in zip(out[1:3], steps, w))
    line, valid = max(1, wide * w[2]), Given(n, **VALID)
    images = max(1, min(out[0], BAND // (line * max(1, high))))
    many = max(1, out[1] if images > 1 else min(out[1], (BAND // line - w[0]) // steps[0] + 1))
    x, made = (images, (many - 1) * steps[0] + w[0], wide, w[2]), (images, many, out[2], w[3])
    few = Shapes(valid, steps, (1, 1), ((0, 0), (0, 0)))
    found = few.found(few.forward, x, w)
    taken = few.scratch(found, w, 0) if found is not None else forward_scratch(
        valid, x, w, steps, (1, 1), made[1:3], ((0, 0), (0, 0)))
    laid = prod(x) * n.width()
    count = -(-out[0] // images) * -(-out[1] // many)
    return int(min(n.threads, count) * max(laid * (4 if enlarged else 2), laid + taken + prod(made) * n.width()))


@op
class FusedPadConv2D:
    """A convolution of images that are mirrored around (MirrorPad and Conv2D as one)."""

    signature = "input: T, paddings: int32, filter: T -> output: T"
    takes = "paddings: [?, 2]"
    host_memory = "paddings"
    attrs = ATTRS
    cpu_only = True
    scratch, gradient = _scratch, undefined_gradient

    def infer(n: Any, x: Any, paddings: Any, w: Any) -> Any:
        return _convolved(n, x, paddings, w, 1)

    def kernel(n: Any) -> Any:
        return lambda x, paddings, w: _convolve(n, lambda images, rows: x[images, rows], x.shape, paddings, w)


@op
class FusedResizeAndPadConv2D:
    """A convolution of images that are enlarged, linear between pixels, and mirrored around (ResizeBilinear, MirrorPad
    and Conv2D as one)."""

    signature = "input: T, size: int32, paddings: int32, filter: T -> output: T"
    takes = "size: [2]; paddings: [?, 2]"
    host_memory = "size, paddings"
    attrs = ATTRS.replace("bfloat16, ", "") + "; resize_align_corners: bool = False"
    cpu_only = True
    gradient = undefined_gradient

    def infer(n: Any, x: Any, size: Any, paddings: Any, w: Any) -> Any:
        value = n.value(1)
        return _convolved(n, x, paddings, w, 2, (None, None) if value is None else tuple(int(v) for v in value))

    def kernel(n: Any) -> Any:
        corners = n.attrs["resize_align_corners"]

        def kernel(x: Any, size: Any, paddings: Any, w: Any) -> Any:
            height, width = (int(v) for v in size)
            if min(height, width) <= 0:
                raise InvalidArgument("output dimensions must be positive")
            if 0 in x.shape[1:]:
                raise InvalidArgument(f"images must not be empty, and have the shape {show(x.shape)}")
            above, below, down = _linear(x.shape[1], height, corners, False)
            left, right, over = _linear(x.shape[2], width, corners, False)

            def enlarged(images: Any, rows: Any) -> Any:
                seen = np.union1d(above[rows], below[rows])
                some = x[images, seen].astype(np.float32 if x.dtype == np.float16 else x.dtype, copy=False)
                some = _between(np, some, 2, left, right, over)
                first, second = (np.searchsorted(seen, lines[rows]) for lines in (above, below))
                return _between(np, some, 1, first, second, down[rows]).astype(x.dtype, copy=False)

            return _convolve(n, enlarged, (x.shape[0], height, width, x.shape[3]), paddings, w)

        return kernel

    def scratch(n: Any) -> int:
        return _scratch(n, enlarged=True)
