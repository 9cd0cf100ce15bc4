"""Derivatives that TensorFlow has as ops of their own: they take the output of the function, not its input."""
from __future__ import annotations

from typing import Any

from ..graph.inference import same_count
from ..graph.opdef import op
from ._gradients import waiting

FRACTIONAL = "T: {floating, complex64, complex128}"


def _settled(n: Any, slope: Any) -> Any:
    """A slope that TensorFlow takes for 0 where nothing comes from above, be the slope infinite there."""
    xp, zero = n.xp, n.xp.zeros((), n.dtype())
    return lambda y, dy: xp.where(dy == zero, zero, slope(y, dy))


@op
class SigmoidGrad:
    """dy * y * (1 - y), the gradient of Sigmoid."""

    signature = "y: T, dy: T -> z: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = same_count

    def kernel(n: Any) -> Any:
        one = n.xp.ones((), n.dtype())
        return lambda y, dy: dy * y * (one - y)

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        y, dy = tf.conj(op.inputs[0]), tf.conj(op.inputs[1])
        both = grad * dy
        return [both - 2.0 * both * y, tf.apply_op("SigmoidGrad", None, [y, grad])]


@op
class TanhGrad:
    """dy * (1 - y * y), the gradient of Tanh."""

    signature = "y: T, dy: T -> z: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = same_count

    def kernel(n: Any) -> Any:
        xp, one = n.xp, n.xp.ones((), n.dtype())
        return lambda y, dy: dy * (one - xp.square(y))

    @waiting
    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        y, dy = tf.conj(op.inputs[0]), tf.conj(op.inputs[1])
        return [grad * -2.0 * dy * y, tf.apply_op("TanhGrad", None, [y, grad])]


@op
class SqrtGrad:
    """dy / (2 * y), the gradient of Sqrt; 0 where dy is 0."""

    signature = "y: T, dy: T -> z: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = same_count

    def kernel(n: Any) -> Any:
        xp, half = n.xp, n.xp.asarray(0.5, n.dtype())
        return _settled(n, lambda y, dy: half * dy / (xp.conj(y) if n.out().is_complex else y))

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        with tf.control_dependencies([grad]):
            change = grad / op.inputs[0]
            return [-tf.conj(change) * op.outputs[0], 0.5 * change]


@op
class RsqrtGrad:
    """dy * y ** 3 / -2, the gradient of Rsqrt; 0 where dy is 0."""

    signature = "y: T, dy: T -> z: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = same_count

    def kernel(n: Any) -> Any:
        xp, half = n.xp, n.xp.asarray(-0.5, n.dtype())

        def slope(y: Any, dy: Any) -> Any:
            y = xp.conj(y) if n.out().is_complex else y
            return half * (dy * y) * (y * y)

        return _settled(n, slope)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        with tf.control_dependencies([grad]):
            y, dy, outer = tf.conj(op.inputs[0]), op.inputs[1], tf.conj(grad)
            return [-1.5 * outer * dy * tf.square(y), tf.apply_op("RsqrtGrad", None, [y, grad])]


@op
class ReciprocalGrad:
    """-dy * y * y, the gradient of Reciprocal; 0 where dy is 0."""

    signature = "y: T, dy: T -> z: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = same_count

    def kernel(n: Any) -> Any:
        xp = n.xp
        return _settled(n, lambda y, dy: -dy * xp.square(xp.conj(y) if n.out().is_complex else y))

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        with tf.control_dependencies([grad]):
            y, dy, outer = tf.conj(op.inputs[0]), op.inputs[1], tf.conj(grad)
            return [outer * -2 * dy * y, tf.apply_op("ReciprocalGrad", None, [y, grad])]


@op
class InvGrad:
    """-dy * y * y (the older name of ReciprocalGrad)."""

    signature = "y: T, dy: T -> z: T"
    attrs = FRACTIONAL
    elementwise = True
    infer = same_count
    kernel = ReciprocalGrad.__dict__["kernel"]
    gradient = ReciprocalGrad.__dict__["gradient"]
