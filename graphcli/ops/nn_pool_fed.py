"""Max pooling whose windows and strides are inputs, and its gradients."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import RunError
from ..graph.inference import InferContext
from ..graph.opdef import op, undefined_gradient
from ._given import Given
from ._pooling_scratch import max_grad_grad_scratch, max_grad_scratch, max_scratch
from ._windows import layout
from .nn_pool import MAX_REAL, REAL, like_input, max_grad_grad_kernel, max_grad_kernel, max_kernel, pooled

PLAIN = "padding: {'SAME', 'VALID'}; data_format: {'NHWC', 'NCHW'} = 'NHWC'; "
KEPT = ("padding", "data_format")


def _pooled(n: Any, at: int, x: Any) -> Any:
    """The static shape of a pool whose window is the input ``at``; nothing where it is not known."""
    n.with_rank(x, 4, "the input")
    ksize, strides = n.value(at), n.value(at + 1)
    if ksize is None or strides is None:
        return None
    return pooled(Given(n, ksize=ksize.tolist(), strides=strides.tolist()), x)


def _fed(make: Callable[[Any], Any], at: int) -> Callable[[Any], Any]:
    """The kernel that ``make`` makes of each window that comes; the last one is kept."""

    def kernel(n: Any) -> Any:
        made: dict[Any, Any] = {}

        def run(*inputs: Any) -> Any:
            form = tuple(tuple(int(v) for v in value) for value in inputs[at:at + 2])
            for name, values in zip(("ksize", "strides"), form):
                if len(values) != 4 or min(values) <= 0:
                    raise RunError(f"{name} must be 4 numbers above 0, not {list(values)}")
            if form not in made:
                made.clear()
                made[form] = make(Given(n, ksize=list(form[0]), strides=list(form[1])))
            return made[form](*inputs[:at])

        return run

    return kernel


def _taken(of: Callable[[Any], int], at: int) -> Callable[[Any], int]:
    """The bytes that ``of`` tells of a window that is known; of another, of one of three by three."""

    def scratch(n: Any) -> int:
        known = [InferContext(n.node).value(i) for i in (at, at + 1)]
        threes = list(layout(n).shape(1, (3, 3), 1))
        ksize, strides = (threes if v is None else v.tolist() for v in known)
        return of(Given(n, ksize=ksize, strides=strides, explicit_paddings=[]))

    return scratch


@op
class MaxPoolV2:
    """The greatest value of each window, which comes as an input (gen_nn_ops.max_pool_v2)."""

    signature = "input: T, ksize: int32, strides: int32 -> output: T"
    takes = "ksize: [4]; strides: [4]"
    host_memory = "ksize, strides"
    attrs = MAX_REAL + "; " + PLAIN.replace("'NHWC', 'NCHW'", "'NHWC', 'NCHW', 'NCHW_VECT_C'")
    kernel = _fed(max_kernel, 1)
    scratch = _taken(max_scratch, 1)

    def infer(n: Any, x: Any, ksize: Any, strides: Any) -> Any:
        return _pooled(n, 1, x)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, ksize, strides = op.inputs
        return [tf.apply_op("MaxPoolGradV2", None, [x, op.outputs[0], grad, ksize, strides],
                            {k: op.attrs[k] for k in KEPT}), None, None]


@op
class MaxPoolGradV2:
    """The gradient of MaxPoolV2: of each window to the first of its greatest values."""

    signature = "orig_input: T, orig_output: T, grad: T, ksize: int32, strides: int32 -> output: T"
    takes = "ksize: [4]; strides: [4]"
    host_memory = "ksize, strides"
    attrs = PLAIN + REAL + " = float32"
    kernel = _fed(max_grad_kernel, 3)
    scratch = _taken(max_grad_scratch, 3)

    def infer(n: Any, x: Any, y: Any, g: Any, ksize: Any, strides: Any) -> Any:
        return like_input(n, x, y, g)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y, _, ksize, strides = op.inputs
        return [tf.zeros_like(x), tf.zeros_like(y), tf.apply_op(
            "MaxPoolGradGradV2", None, [x, y, grad, ksize, strides], {k: op.attrs[k] for k in KEPT}), None, None]


@op
class MaxPoolGradGradV2:
    """The gradient of MaxPoolGradV2 for its grad."""

    signature = "orig_input: T, orig_output: T, grad: T, ksize: int32, strides: int32 -> output: T"
    takes = "ksize: [4]; strides: [4]"
    host_memory = "ksize, strides"
    attrs = PLAIN + REAL
    kernel = _fed(max_grad_grad_kernel, 3)
    scratch = _taken(max_grad_grad_scratch, 3)
    gradient = undefined_gradient

    def infer(n: Any, x: Any, y: Any, g: Any, ksize: Any, strides: Any) -> Any:
        return _pooled(n, 3, x)
