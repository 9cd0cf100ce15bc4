"""What gradient formulas share: summing a gradient back to the shape that was broadcast."""
from __future__ import annotations

from typing import Any


def unbroadcast(tf: Any, x: Any, y: Any, grad_x: Any, grad_y: Any) -> tuple[Any, Any]:
    """The gradients of two inputs that were broadcast against each other, in their own shapes."""
    if x.static is not None and x.static == y.static and None not in x.static:
        return grad_x, grad_y
    shape_x, shape_y = tf.shape(x), tf.shape(y)
    reduce_x, reduce_y = tf.apply_op("BroadcastGradientArgs", None, [shape_x, shape_y])
    if grad_x is not None:
        grad_x = tf.reshape(tf.reduce_sum(grad_x, reduce_x), shape_x)
    if grad_y is not None:
        grad_y = tf.reshape(tf.reduce_sum(grad_y, reduce_y), shape_y)
    return grad_x, grad_y
