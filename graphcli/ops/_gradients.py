"""What gradient formulas share: attrs that are handed on, and the sum back to the shape that was broadcast."""
from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..graph.shapes import broadcast


def kept(op: Any, names: Iterable[str]) -> dict[str, Any]:
    """The attrs that a gradient takes over from its op."""
    return {name: op.attrs[name] for name in names}


def unbroadcast(tf: Any, x: Any, y: Any, grad_x: Any, grad_y: Any) -> tuple[Any, Any]:
    """The gradients of two inputs that were broadcast against each other, in their own shapes.

    A gradient that is known to have the shape already is handed on as it is, IndexedSlices too.
    """
    keep_x = keep_y = False
    if x.static is not None and y.static is not None and None not in x.static + y.static:
        out = broadcast(x.static, y.static)
        keep_x, keep_y = x.static == out, y.static == out
    if keep_x and keep_y:
        return grad_x, grad_y
    shape_x, shape_y = tf.shape(x), tf.shape(y)
    reduce_x, reduce_y = tf.apply_op("BroadcastGradientArgs", None, [shape_x, shape_y])
    if grad_x is not None and not keep_x:
        grad_x = tf.reshape(tf.reduce_sum(grad_x, reduce_x), shape_x)
    if grad_y is not None and not keep_y:
        grad_y = tf.reshape(tf.reduce_sum(grad_y, reduce_y), shape_y)
    return grad_x, grad_y
