"""Images that are enlarged and mirrored around before they are convolved, as TensorFlow's graph transforms fuse them.

Of a batch TensorFlow's kernels give what they made of the first image for each; here each image gives its own.
"""
from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import op, undefined_gradient
from ..graph.shapes import show
from ._convolution_scratch import forward_scratch
from ._given import Given
from ._mirrored import mirrored
from .image_resize import _between, _linear
from .nn_conv2d import convolved, forward_kernel

BLAS = True
ATTRS = ("T: {float16, bfloat16, float32, float64}; mode: {'REFLECT', 'SYMMETRIC'}; strides: list(int); "
         "padding: {'SAME', 'VALID'}")
PLAIN: dict[str, Any] = {"dilations": [1, 1, 1, 1], "data_format": "NHWC", "explicit_paddings": []}


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


def _kernel(n: Any) -> Any:
    convolve = forward_kernel(Given(n, **PLAIN))
    mirror = int(n.attrs["mode"] == "REFLECT")

    def kernel(x: Any, paddings: Any, w: Any) -> Any:
        widths = paddings.tolist()
        if np.shape(paddings) != (4, 2):
            raise InvalidArgument(f"paddings must be a matrix with 2 columns and 4 rows: {show(np.shape(paddings))}")
        for size, (before, after) in zip(x.shape, widths):
            if min(before, after) < 0:
                raise InvalidArgument(f"paddings must be non-negative: {before} {after}")
            if max(before, after) > size - mirror:
                law = "less than" if mirror else "no greater than"
                raise InvalidArgument(f"paddings must be {law} the dimension size: {before}, {after} {law} {size}")
        if any(widths[0]) or any(widths[3]):
            raise InvalidArgument(f"only lines and columns can be padded, not {widths}")
        if x.shape[3] + sum(widths[3]) != w.shape[2]:
            raise InvalidArgument(f"input and filter must have the same depth: {x.shape[3]} vs {w.shape[2]}")
        return convolve(mirrored(np, np.ascontiguousarray(x), widths, mirror), w)

    return kernel


def _scratch(n: Any) -> int:
    """The images with what is mirrored, and what the convolution of them takes."""
    w, out, steps = n.shapes[-1], n.outs[0], tuple(n.attrs["strides"][1:3])
    sizes = [(o - 1) * t + k if n.attrs["padding"] == "VALID" else o * t for o, t, k in zip(out[1:3], steps, w)]
    x = (out[0], *sizes, w[2])
    return int(prod(x) * n.width() + forward_scratch(n, x, w, steps, (1, 1), out[1:3], ((0, 0), (0, 0))))


@op
class FusedPadConv2D:
    """A convolution of images that are mirrored around (MirrorPad and Conv2D as one)."""

    signature = "input: T, paddings: int32, filter: T -> output: T"
    takes = "paddings: [?, 2]"
    host_memory = "paddings"
    attrs = ATTRS
    cpu_only = True
    kernel, scratch, gradient = _kernel, _scratch, undefined_gradient

    def infer(n: Any, x: Any, paddings: Any, w: Any) -> Any:
        return _convolved(n, x, paddings, w, 1)


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
        rest, corners = _kernel(n), n.attrs["resize_align_corners"]

        def kernel(x: Any, size: Any, paddings: Any, w: Any) -> Any:
            height, width = (int(v) for v in size)
            if min(height, width) <= 0:
                raise InvalidArgument("output dimensions must be positive")
            if 0 in x.shape[1:]:
                raise InvalidArgument(f"images must not be empty, and have the shape {show(x.shape)}")
            above, below, down = _linear(x.shape[1], height, corners, False)
            left, right, over = _linear(x.shape[2], width, corners, False)
            wide = _between(np, x.astype(np.float32 if x.dtype == np.float16 else x.dtype), 2, left, right, over)
            wide = _between(np, wide, 1, above, below, down).astype(x.dtype, copy=False)
            return rest(wide, paddings, w)

        return kernel

    def scratch(n: Any) -> int:
        # before they are mirrored they are about as many
        x, out, steps = n.shapes[0], n.outs[0], n.attrs["strides"]
        return _scratch(n) + int(out[0] * out[1] * steps[1] * out[2] * steps[2] * x[3] * n.width())
