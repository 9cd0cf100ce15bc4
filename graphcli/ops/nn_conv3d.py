"""Convolution of volumes and its two gradients."""
from __future__ import annotations

from typing import Any

from ..graph.opdef import op
from ..graph.shapes import show
from ._gradients import kept
from ._windows import layout, skips
from .nn_conv2d import (
    back_to_filter,
    back_to_input,
    convolved,
    filter_kernel,
    filter_scratch,
    forward_kernel,
    forward_scratch,
    input_kernel,
    input_scratch,
)

BLAS = True

ATTRS = ("strides: list(int) >= 5; padding: {'SAME', 'VALID'}; data_format: {'NDHWC', 'NCDHW'} = 'NDHWC'; "
         "dilations: list(int) = [1, 1, 1, 1, 1]")
KEPT = ("strides", "padding", "data_format", "dilations")


@op
class Conv3D:
    """Volumes [batch, depth, height, width, channels] and a filter (tf.nn.conv3d)."""

    signature = "input: T, filter: T -> output: T"
    attrs = "T: {float16, bfloat16, float32, float64}; " + ATTRS
    never = skips

    def infer(n: Any, x: Any, w: Any) -> Any:
        x, w = n.with_rank(x, 5, "the input"), n.with_rank(w, 5, "the filter")
        n.merge((x[layout(n).channel],), w[-2:-1], "channels of the input and of the filter")
        if 0 in w:
            n.fail(f"the filter {show(w)} has no elements")
        # TensorFlow's inference takes the dilations of rows and columns crossed
        where = layout(n)
        crossed = list(n.attrs["dilations"])
        if len(crossed) == where.rank:
            *_, rows, columns = where.spatial
            crossed[rows], crossed[columns] = crossed[columns], crossed[rows]
        return convolved(n, x, w, crossed)

    kernel = forward_kernel
    scratch = forward_scratch

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, w = op.inputs
        shape_x, shape_w = tf.shape_n([x, w])
        return [tf.apply_op("Conv3DBackpropInputV2", None, [shape_x, w, grad], kept(op, KEPT)),
                tf.apply_op("Conv3DBackpropFilterV2", None, [x, shape_w, grad], kept(op, KEPT))]


@op
class Conv3DBackpropInputV2:
    """The gradient of a convolution of volumes for its input; as a forward op, a transposed convolution."""

    signature = "input_sizes: Tshape, filter: T, out_backprop: T -> output: T"
    takes = "input_sizes: [5]"
    host_memory = "input_sizes"
    attrs = "T: {float16, bfloat16, float32, float64}; " + ATTRS + "; Tshape: {int32, int64} = int32"
    never = skips
    infer = back_to_input
    kernel = input_kernel
    scratch = input_scratch

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        _, w, g = op.inputs
        return [None, tf.apply_op("Conv3DBackpropFilterV2", None, [grad, tf.shape(w), g], kept(op, KEPT)),
                tf.apply_op("Conv3D", None, [grad, w], kept(op, KEPT))]


@op
class Conv3DBackpropFilterV2:
    """The gradient of a convolution of volumes for its filter."""

    signature = "input: T, filter_sizes: int32, out_backprop: T -> output: T"
    takes = "filter_sizes: [5]"
    host_memory = "filter_sizes"
    attrs = "T: {float16, bfloat16, float32, float64}; " + ATTRS
    never = skips
    infer = back_to_filter
    kernel = filter_kernel
    scratch = filter_scratch

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, _, g = op.inputs
        return [tf.apply_op("Conv3DBackpropInputV2", None, [tf.shape(x), grad, g], kept(op, KEPT)), None,
                tf.apply_op("Conv3D", None, [x, grad], kept(op, KEPT))]
