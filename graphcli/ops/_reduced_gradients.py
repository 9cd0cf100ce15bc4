"""Gradients of reductions: what has the shape of the result, in the shape of the input."""
from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from ..graph.constant import static_value
from ..graph.graph import Graph
from ..graph.shapes import ShapeTuple, count

_tiled: WeakKeyDictionary[Graph, set[tuple[ShapeTuple, tuple[int, ...]]]] = WeakKeyDictionary()
"""The shapes and axes of which a graph has the nodes that tell how often to repeat, which TensorFlow makes once."""


def kept(tf: Any, op: Any, shape: Any) -> Any:
    """The shape of the result with the reduced axes as 1: numbers where all is known, else a tensor.

    shape: the tensor that is the shape of the input.
    """
    return kept_of(tf, op.inputs[0].static, op.inputs[1], shape)


def kept_of(tf: Any, static: ShapeTuple | None, axes: Any, shape: Any) -> Any:
    """Sizes with 1 at ``axes``: numbers where all is known, else a tensor. static: what is known of the sizes."""
    known = static_value(axes)
    if known is not None and static is not None and count(static) is not None:
        return np.array(_ones_at(static, known), np.int32)
    return with_ones(tf, shape, tf.cast(axes, "int32"))


def with_ones(tf: Any, shape: Any, axes: Any) -> Any:
    """Sizes with 1 at these axes."""
    rank = tf.size(shape)
    axes = (axes + rank) % rank
    size = tf.shape(axes)
    return tf.dynamic_stitch([tf.range(rank), axes], [shape, tf.ones(size, shape.dtype)])


def _ones_at(shape: ShapeTuple, axes: Any) -> list[Any]:
    out = list(shape)
    for axis in np.reshape(axes, -1).tolist():
        out[axis] = 1
    return out


def spread_back(tf: Any, op: Any, grad: Any) -> Any:
    """The gradient of a sum: that of the result, at every place of the input."""
    x, axes = op.inputs
    known = static_value(axes)
    if x.static is not None and known is not None:
        rank = len(x.static)
        # one axis that is no list of axes is not all of them, to TensorFlow
        if np.array_equal(known, np.arange(rank)):
            grad = tf.reshape(grad, [1] * rank)
            times = tf.shape(x) if None in x.static else tf.constant(np.array(x.static, np.int32))
            return tf.tile(grad, times)
        if None not in x.static:
            return _tile(tf, op.graph, grad, x.static, tuple(np.reshape(known, -1).tolist()))
    shape = tf.shape(x)
    if not op.attrs["keep_dims"]:
        with tf.colocate_with(shape):
            small = kept(tf, op, shape)
        grad = tf.reshape(grad, small)
    return tf.broadcast_to(grad, shape)


def _tile(tf: Any, graph: Graph, grad: Any, shape: ShapeTuple, axes: tuple[int, ...]) -> Any:
    small = np.array(_ones_at(shape, axes), np.int32)
    times = np.array(shape, np.int32) // np.maximum(small, 1)
    made = _tiled.setdefault(graph, set())
    if (shape, axes) not in made:
        made.add((shape, axes))
        np.array(shape, np.int32) // tf.maximum(small, 1)
    return tf.tile(tf.reshape(grad, small), times)


def number_of_terms(tf: Any, op: Any, dtype: Any) -> Any:
    """How many elements of the input are in one of the result."""
    x, axes = op.inputs
    many, few = count(x.static), count(op.outputs[0].static)
    if many is not None and few is not None:
        return tf.constant(many // max(few, 1), dtype)
    shape = tf.shape(x)
    rank = tf.size(shape)
    return tf.cast(tf.reduce_prod(tf.gather(shape, (tf.cast(axes, "int32") + rank) % rank)), dtype)
