"""What gradient formulas share: attrs that are handed on, and the sum back to the shape that was broadcast."""
from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from ..graph.graph import Tensor
from ..graph.shapes import Static, count


def kept(op: Any, names: Iterable[str]) -> dict[str, Any]:
    """The attrs that a gradient takes over from its op."""
    return {name: op.attrs[name] for name in names}


def waiting(formula: Callable[..., Any]) -> Callable[..., Any]:
    """A formula whose nodes wait for the gradient, as TensorFlow's do: nothing is made that would lie idle."""
    @wraps(formula)
    def gradient(tf: Any, op: Any, *grads: Any) -> Any:
        with tf.control_dependencies([grads[0]]):
            return formula(tf, op, *grads)

    return gradient


def alike(*tensors: Any) -> bool:
    """Whether all are tensors of one shape that is known."""
    return (all(isinstance(t, Tensor) and t.static == tensors[0].static for t in tensors)
            and count(tensors[0].static) is not None)


def unbroadcast(tf: Any, x: Any, y: Any, grad_x: Any, grad_y: Any) -> tuple[Any, Any]:
    """The gradients of two inputs that were broadcast against each other, in their own shapes.

    A gradient that is known to have the shape already is handed on as it is, IndexedSlices too.
    """
    of_x, of_y = spread(tf, x, y)
    grad_x = gathered(tf, grad_x, *of_x)
    return grad_x, gathered(tf, grad_y, *of_y)


def spread(tf: Any, x: Any, y: Any) -> list[tuple[Any, Any]]:
    """Of each of two tensors the shape, and the axes along which it is repeated to meet the other, if it is."""
    shapes = [tf.shape(x), tf.shape(y)]
    return list(zip(shapes, _spread_axes(x.static, y.static) or tf.apply_op("BroadcastGradientArgs", None, shapes)))


def gathered(tf: Any, grad: Any, shape: Any, axes: Any) -> Any:
    """A gradient summed over the axes along which its tensor was repeated."""
    if grad is None or axes is None:
        return grad
    return tf.reshape(tf.reduce_sum(grad, axes, keepdims=True), shape)


def backs(tf: Any, *shapes: Any) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """``gathered`` for each of two shapes, whatever is known of them: so TensorFlow's rarer formulas have it."""
    axes = tf.apply_op("BroadcastGradientArgs", None, list(shapes))
    return (lambda grad: tf.reshape(tf.reduce_sum(grad, axes[0]), shapes[0]),
            lambda grad: tf.reshape(tf.reduce_sum(grad, axes[1]), shapes[1]))


def _spread_axes(x: Static, y: Static) -> tuple[list[int] | None, list[int] | None] | None:
    """The axes along which each of two shapes is repeated, None where it is the whole; None where sizes that are not
    known decide."""
    if x is None or y is None:
        return None
    rank = max(len(x), len(y))
    of_x: list[int] = []
    of_y: list[int] = []
    for axis, (a, b) in enumerate(zip((1,) * (rank - len(x)) + x, (1,) * (rank - len(y)) + y)):
        if a == 1 and b != 1:
            of_x.append(axis)
        elif b == 1 and a != 1:
            of_y.append(axis)
        elif a is None or b is None:
            return None
    return (of_x if of_x or len(x) < rank else None), (of_y if of_y or len(y) < rank else None)


def safe_reciprocal(tf: Any, x: Any) -> Any:
    """1/x, next to 0 where x is."""
    return x * tf.reciprocal(x * x + 1e-20)


def differences(tf: Any, x: Any) -> Any:
    """For each pair of eigenvalues 1 over their difference, 0 where they are the same one or alike."""
    apart = tf.expand_dims(x, -2) - tf.expand_dims(x, -1)
    return tf.matrix_set_diag(safe_reciprocal(tf, apart), tf.zeros_like(x))
