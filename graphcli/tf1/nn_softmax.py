"""Softmax along any axis, and the losses that take logits (tf.nn)."""
from __future__ import annotations

import math
from typing import Any

from ..errors import InvalidArgument, InvalidType, InvalidValue
from ..graph.constant import static_value
from ..graph.shapes import compatible, show
from ..graph.types import bfloat16, float16, float32
from .conversion import constant, convert_to_tensor, is_tensor
from .framework import apply_op, name_scope
from .modules import modules
from .old_names import renamed

EXPORTS = """
nn math: softmax log_softmax
nn: softmax_cross_entropy_with_logits softmax_cross_entropy_with_logits_v2 sparse_softmax_cross_entropy_with_logits
nn: sigmoid_cross_entropy_with_logits weighted_cross_entropy_with_logits log_poisson_loss
"""

tf = modules["tf"]


def _swap(x: Any, axis: Any, last: Any, name: str | None = None) -> Any:
    order = tf.concat([tf.range(axis), [last], tf.range(axis + 1, last), [axis]], 0)
    return tf.transpose(x, order, name=name)


def _along(op_type: str, logits: Any, axis: Any, name: str | None) -> Any:
    """An op that works on the last axis, on another one between two transpositions."""
    logits = convert_to_tensor(logits)
    static = logits.static
    rank = None if static is None else len(static)
    if isinstance(axis, int) and (axis == -1 or rank is not None and axis == rank - 1):
        return apply_op(op_type, name, [logits])
    if rank is None:
        raise InvalidType(f"the rank of {logits.name} must be known for a softmax along axis {axis}")
    known = static_value(axis) if is_tensor(axis) else axis
    if known is not None and not -rank <= int(known) < rank:
        raise InvalidArgument(f"the axis must be in [{-rank}, {rank}), not {int(known)}")
    size = tf.rank(logits)
    if is_tensor(axis):
        axis = tf.where(tf.less(axis, 0), axis + size, axis)
    elif axis < 0:
        axis += size
    total = tf.rank(logits)
    where = axis % rank
    swapped = _swap(logits, where, tf.subtract(total, 1))
    out = _swap(apply_op(op_type, None, [swapped]), where, tf.subtract(total, 1), name)
    out.set_shape(static)
    return out


def softmax(logits: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Any:
    """exp(x) over its sum along ``axis``, the last by default (tf.nn.softmax)."""
    axis = renamed("axis", axis, "dim", dim)
    return _along("Softmax", logits, -1 if axis is None else axis, name)


def log_softmax(logits: Any, axis: Any = None, name: str | None = None, dim: Any = None) -> Any:
    """The logarithm of softmax, computed without loss (tf.nn.log_softmax)."""
    axis = renamed("axis", axis, "dim", dim)
    return _along("LogSoftmax", logits, -1 if axis is None else axis, name)


def _need(call: str, labels: Any, logits: Any) -> None:
    if labels is None or logits is None:
        raise InvalidValue(f"{call} needs both labels and logits")


def _same_shape(first: str, x: Any, second: str, y: Any) -> None:
    if not compatible(x.static, y.static):
        raise InvalidValue(f"{first} and {second} must have the same shape: {x.op.name} is {show(x.static)}, "
                           f"{y.op.name} is {show(y.static)}")


def _flat(x: Any) -> Any:
    """x as a matrix, all but the last axis in one."""
    rank = tf.rank(x)
    last = tf.slice(tf.shape(x), [tf.subtract(rank, 1)], [1])
    out = tf.reshape(x, tf.concat([[-1], last], 0))
    static = x.static
    if static is not None and None not in static[:-1]:
        out.set_shape([math.prod(static[:-1]), static[-1]])
    return out


def _to_end(x: Any, axis: Any, rank: Any) -> Any:
    return tf.transpose(x, tf.concat([tf.range(axis), tf.range(axis + 1, rank), [axis]], 0))


def softmax_cross_entropy_with_logits_v2(labels: Any, logits: Any, axis: Any = None, name: str | None = None,
                                         dim: Any = None) -> Any:
    """The cross entropy of each row of probabilities and logits (tf.nn.softmax_cross_entropy_with_logits_v2).

    labels, logits: floats [..., classes]; gives [...]. Gradients reach both.
    """
    axis = renamed("axis", axis, "dim", dim)
    _need("softmax_cross_entropy_with_logits_v2", labels, logits)
    axis = -1 if axis is None else axis
    with name_scope(name, "softmax_cross_entropy_with_logits", [labels, logits]) as scope:
        logits = convert_to_tensor(logits, name="logits")
        labels = convert_to_tensor(labels, name="labels")
        half = logits.dtype.base_dtype in (float16, bfloat16)
        precise = tf.cast(logits, float32) if half else logits
        labels = tf.cast(labels, precise.dtype.base_dtype)
        rank = tf.rank(precise)
        static = logits.static
        if axis != -1:
            precise, labels = _to_end(precise, axis, rank), _to_end(labels, axis, rank)
        shape = tf.shape(precise)
        cost = apply_op("SoftmaxCrossEntropyWithLogits", scope, [_flat(precise), _flat(labels)])[0]
        cost = tf.reshape(cost, tf.slice(shape, [0], [tf.subtract(rank, 1)]))
        if static is not None:
            sizes = list(static)
            del sizes[axis]
            cost.set_shape(sizes)
        return tf.cast(cost, logits.dtype.base_dtype) if half else cost


def softmax_cross_entropy_with_logits(labels: Any = None, logits: Any = None, dim: Any = -1, name: str | None = None,
                                      axis: Any = None) -> Any:
    """The same without a gradient for the labels (tf.nn.softmax_cross_entropy_with_logits)."""
    dim = renamed("axis", axis, "dim", dim)
    _need("softmax_cross_entropy_with_logits", labels, logits)
    with name_scope(name, "softmax_cross_entropy_with_logits_sg", [labels, logits]) as scope:
        labels = tf.stop_gradient(labels, name="labels_stop_gradient")
    return softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits, axis=dim, name=scope)


def sparse_softmax_cross_entropy_with_logits(labels: Any = None, logits: Any = None, name: str | None = None) -> Any:
    """The cross entropy of rows of logits and the index of the right class (tf.nn.…).

    labels: int32 or int64 [...], logits: floats [..., classes]; gives [...]. A label that is not a class
    is a run error. Raises InvalidValue for shapes that do not belong together.
    """
    _need("sparse_softmax_cross_entropy_with_logits", labels, logits)
    with name_scope(name, "SparseSoftmaxCrossEntropyWithLogits", [labels, logits]):
        labels, logits = convert_to_tensor(labels), convert_to_tensor(logits)
        half = logits.dtype.base_dtype is float16
        precise = tf.cast(logits, float32) if half else logits
        given, wide = labels.static, logits.static
        shape = tf.shape(labels)
        known = given is not None and wide is not None and None not in (*given, *wide[:-1])
        if wide == ():
            raise InvalidValue(f"logits cannot be a scalar: {logits.name}")
        if wide is not None and given is not None and len(given) != len(wide) - 1:
            raise InvalidValue(f"labels must have one rank less than logits: {labels.op.name} is {show(given)}, "
                               f"{logits.op.name} is {show(wide)}",
                               hint="softmax_cross_entropy_with_logits takes a row of probabilities for each")
        if known and given != wide[:-1]:
            raise InvalidValue(f"labels must have the shape of logits without its last size: {labels.op.name} is "
                               f"{show(given)}, {logits.op.name} is {show(wide)}")
        if wide is not None and len(wide) == 2:
            cost = apply_op("SparseSoftmaxCrossEntropyWithLogits", name, [precise, labels])[0]
            return tf.cast(cost, float16) if half else cost
        checks = [] if known else [tf.debugging.assert_equal(tf.shape(labels), tf.shape(logits)[:-1])]
        with tf.control_dependencies(checks):
            classes = tf.shape(logits)[tf.rank(logits) - 1]
            precise = tf.reshape(precise, [-1, classes])
            labels = tf.reshape(labels, [-1])
            cost = apply_op("SparseSoftmaxCrossEntropyWithLogits", name, [precise, labels])[0]
            cost = tf.reshape(cost, shape)
            cost.set_shape(given)
            return tf.cast(cost, float16) if half else cost


def sigmoid_cross_entropy_with_logits(labels: Any = None, logits: Any = None, name: str | None = None) -> Any:
    """max(x, 0) - x * z + log(1 + exp(-|x|)) of logits x and labels z of one shape (tf.nn.…)."""
    _need("sigmoid_cross_entropy_with_logits", labels, logits)
    with name_scope(name, "logistic_loss", [labels, logits]) as scope:
        logits = convert_to_tensor(logits, name="logits")
        labels = convert_to_tensor(labels, name="labels")
        _same_shape("logits", logits, "labels", labels)
        zeros = tf.zeros_like(logits, dtype=logits.dtype.base_dtype)
        positive = logits >= zeros
        least = tf.where(positive, logits, zeros)
        below = tf.where(positive, -logits, logits)
        return tf.add(least - logits * labels, tf.log1p(tf.exp(below)), name=scope)


def weighted_cross_entropy_with_logits(labels: Any = None, logits: Any = None, pos_weight: Any = None,
                                       name: str | None = None, targets: Any = None) -> Any:
    """The sigmoid cross entropy in which a missed positive costs ``pos_weight`` times as much (tf.nn.…)."""
    labels = renamed("labels", labels, "targets", targets)
    with name_scope(name, "logistic_loss", [labels, logits]) as scope:
        logits = convert_to_tensor(logits, name="logits")
        labels = convert_to_tensor(labels, name="labels")
        _same_shape("logits", logits, "labels", labels)
        weight = 1 + (pos_weight - 1) * labels
        return tf.add((1 - labels) * logits,
                      weight * (tf.log1p(tf.exp(-tf.abs(logits))) + tf.nn.relu(-logits)), name=scope)


def log_poisson_loss(targets: Any, log_input: Any, compute_full_loss: bool = False, name: str | None = None) -> Any:
    """exp(c) - z * c of log predictions c and targets z, with Stirling's term if asked (tf.nn.log_poisson_loss)."""
    with name_scope(name, "log_poisson_loss"):
        log_input = convert_to_tensor(log_input, name="log_input")
        targets = convert_to_tensor(targets, name="targets")
        _same_shape("log_input", log_input, "targets", targets)
        result = tf.exp(log_input) - log_input * targets
        if compute_full_loss:
            kind = targets.dtype.base_dtype
            half, circle = constant(0.5, kind), constant(2 * math.pi, kind)
            stirling = targets * tf.log(targets) - targets + half * tf.log(circle * targets)
            zeros, ones = tf.zeros_like(targets, dtype=kind), tf.ones_like(targets, dtype=kind)
            inside = tf.logical_and(targets >= zeros, targets <= ones)
            result += tf.where(inside, zeros, stirling)
        return result
