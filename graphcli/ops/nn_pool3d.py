"""Max and average pooling of volumes, and their gradients."""
from __future__ import annotations

from typing import Any

from ..graph.opdef import op
from ._gradients import kept
from ._pooling_scratch import max_grad_grad_scratch, max_grad_scratch, max_scratch, mean_grad_scratch, mean_scratch
from .nn_pool import (
    KEPT,
    like_input,
    like_output,
    like_shape,
    max_grad_grad_kernel,
    max_grad_kernel,
    max_kernel,
    mean_grad_kernel,
    mean_kernel,
    pooled,
)

ATTRS = ("ksize: list(int) >= 5; strides: list(int) >= 5; padding: {'SAME', 'VALID'}; "
         "data_format: {'NDHWC', 'NCDHW'} = 'NDHWC'; ")
SMALL = "{float16, bfloat16, float32}"


@op
class MaxPool3D:
    """The greatest value of each window of a volume (tf.nn.max_pool3d)."""

    signature = "input: T -> output: T"
    attrs = ATTRS + f"T: {SMALL}"
    no_kernel = "T: float16"
    infer = pooled
    kernel = max_kernel
    scratch = max_scratch

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.apply_op("MaxPool3DGrad", None, [op.inputs[0], op.outputs[0], grad], kept(op, KEPT))]


@op
class MaxPool3DGrad:
    """The gradient of MaxPool3D: of each window to all its greatest values."""

    signature = "orig_input: TInput, orig_output: TInput, grad: T -> output: T"
    attrs = ATTRS + f"T: {SMALL} = float32; TInput: {SMALL} = float32"
    no_kernel = "T: float16; TInput: float16"
    infer = like_input
    kernel = max_grad_kernel
    scratch = max_grad_scratch

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y, _ = op.inputs
        return [tf.zeros_like(x), tf.zeros_like(y),
                tf.apply_op("MaxPool3DGradGrad", None, [x, y, grad], kept(op, KEPT))]


@op
class MaxPool3DGradGrad:
    """The gradient of MaxPool3DGrad for its grad."""

    signature = "orig_input: T, orig_output: T, grad: T -> output: T"
    attrs = ATTRS + "T: {realnumbertype}"
    no_kernel = "T: float16, float64, int8, int16, int32, int64, uint8, uint16, uint32, uint64"
    parts = {"orig_input": 4, "orig_output": 4, "grad": 4}
    infer = like_output
    kernel = max_grad_grad_kernel
    scratch = max_grad_grad_scratch

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y, _ = op.inputs
        return [tf.zeros_like(x), tf.zeros_like(y), tf.apply_op("MaxPool3DGrad", None, [x, y, grad], kept(op, KEPT))]


@op
class AvgPool3D:
    """The mean of each window of a volume (tf.nn.avg_pool3d)."""

    signature = "input: T -> output: T"
    attrs = ATTRS + "T: {floating}"
    no_kernel = "T: float16, float64"
    infer = pooled
    kernel = mean_kernel
    scratch = mean_scratch

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.apply_op("AvgPool3DGrad", None, [tf.shape(op.inputs[0]), grad], kept(op, KEPT))]


@op
class AvgPool3DGrad:
    """The gradient of AvgPool3D."""

    signature = "orig_input_shape: int32, grad: T -> output: T"
    takes = "orig_input_shape: [5]"
    host_memory = "orig_input_shape"
    attrs = ATTRS + "T: {floating}"
    no_kernel = "T: float16, float64"
    infer = like_shape
    kernel = mean_grad_kernel
    scratch = mean_grad_scratch

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.stop_gradient(op.inputs[0]), tf.apply_op("AvgPool3D", None, [grad], kept(op, KEPT))]
