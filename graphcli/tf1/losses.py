"""Losses of labels and predictions, each weighed and collected (tf.losses)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue
from ..graph.graph import Tensor
from ..graph.shapes import compatible, show
from ..graph.types import float32
from .conversion import convert_to_tensor
from .framework import name_scope
from .losses_collected import BY_NONZERO, LOSSES, add_loss, compute_weighted_loss, num_present
from .losses_weights import assert_broadcastable
from .modules import modules
from .old_names import renamed

EXPORTS = """
losses: absolute_difference cosine_distance hinge_loss huber_loss log_loss mean_pairwise_squared_error
losses: mean_squared_error sigmoid_cross_entropy softmax_cross_entropy sparse_softmax_cross_entropy
"""

tf = modules["tf"]


def _given(**arguments: Any) -> None:
    for name, value in arguments.items():
        if value is None:
            raise InvalidValue(f"{name!r} must be given")


def _pair(predictions: Any, labels: Any, call: str) -> tuple[Any, Any]:
    """Both as float32, of one shape."""
    predictions = tf.cast(predictions, float32)
    labels = tf.cast(labels, float32)
    _same(predictions, labels, call)
    return predictions, labels


def _same(predictions: Any, labels: Any, call: str) -> None:
    if not compatible(predictions.static, labels.static):
        raise InvalidValue(f"{call} needs two tensors of one shape: {predictions.op.name} is "
                           f"{show(predictions.static)}, {labels.op.name} is {show(labels.static)}")


def absolute_difference(labels: Any, predictions: Any, weights: Any = 1.0, scope: str | None = None,
                        loss_collection: str | None = LOSSES, reduction: str = BY_NONZERO) -> Tensor:
    """|predictions - labels| (tf.losses.absolute_difference)."""
    _given(labels=labels, predictions=predictions)
    with name_scope(scope, "absolute_difference", [labels, predictions]) as scope:
        predictions, labels = _pair(predictions, labels, "absolute_difference")
        losses = tf.abs(tf.subtract(predictions, labels))
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def cosine_distance(labels: Any, predictions: Any, axis: Any = None, weights: Any = 1.0, scope: str | None = None,
                    loss_collection: str | None = LOSSES, reduction: str = BY_NONZERO, dim: Any = None) -> Tensor:
    """1 - sum of predictions * labels along ``axis``, both normalized before (tf.losses.cosine_distance)."""
    axis = renamed("axis", axis, "dim", dim)
    _given(axis=axis, labels=labels, predictions=predictions)
    with name_scope(scope, "cosine_distance_loss", [labels, predictions]) as scope:
        predictions, labels = _pair(predictions, labels, "cosine_distance")
        products = tf.multiply(predictions, labels)
        losses = 1 - tf.reduce_sum(products, axis=(axis,), keepdims=True)
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def hinge_loss(labels: Any, logits: Any, weights: Any = 1.0, scope: str | None = None,
               loss_collection: str | None = LOSSES, reduction: str = BY_NONZERO) -> Tensor:
    """max(0, 1 - (2 * labels - 1) * logits) of labels 0 and 1 (tf.losses.hinge_loss)."""
    _given(labels=labels, logits=logits)
    with name_scope(scope, "hinge_loss", [labels, logits]) as scope:
        logits, labels = _pair(logits, labels, "hinge_loss")
        ones = tf.ones_like(labels)
        signs = tf.subtract(2 * labels, ones)
        losses = tf.nn.relu(tf.subtract(ones, tf.multiply(signs, logits)))
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def huber_loss(labels: Any, predictions: Any, weights: Any = 1.0, delta: float = 1.0, scope: str | None = None,
               loss_collection: str | None = LOSSES, reduction: str = BY_NONZERO) -> Tensor:
    """Half the square of errors up to delta, linear beyond (tf.losses.huber_loss)."""
    _given(labels=labels, predictions=predictions)
    with name_scope(scope, "huber_loss", [labels, predictions]) as scope:
        predictions, labels = _pair(predictions, labels, "huber_loss")
        error = tf.abs(tf.subtract(predictions, labels))
        quadratic = tf.minimum(error, delta)
        linear = tf.subtract(error, quadratic)
        half = convert_to_tensor(0.5, dtype=quadratic.dtype)
        losses = tf.add(tf.multiply(half, tf.multiply(quadratic, quadratic)), tf.multiply(delta, linear))
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def log_loss(labels: Any, predictions: Any, weights: Any = 1.0, epsilon: float = 1e-7, scope: str | None = None,
             loss_collection: str | None = LOSSES, reduction: str = BY_NONZERO) -> Tensor:
    """The cross entropy of probabilities and labels 0 and 1 (tf.losses.log_loss)."""
    _given(labels=labels, predictions=predictions)
    with name_scope(scope, "log_loss", [labels, predictions]) as scope:
        predictions, labels = _pair(predictions, labels, "log_loss")
        hit = -tf.multiply(labels, tf.log(predictions + epsilon))
        losses = hit - tf.multiply(1 - labels, tf.log(1 - predictions + epsilon))
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def mean_pairwise_squared_error(labels: Any, predictions: Any, weights: Any = 1.0, scope: str | None = None,
                                loss_collection: str | None = LOSSES) -> Tensor:
    """The mean square of differences of errors within each example (tf.losses.mean_pairwise_squared_error)."""
    _given(labels=labels, predictions=predictions)
    with name_scope(scope, "mean_pairwise_squared_error", [labels, predictions]):
        weights = tf.cast(weights, float32)
        labels = tf.cast(labels, float32)
        with tf.control_dependencies([assert_broadcastable(weights, labels)]):
            predictions = tf.cast(predictions, float32)
            _same(predictions, labels, "mean_pairwise_squared_error")
            errors = tf.subtract(predictions, labels)
            axes = tf.range(1, tf.rank(errors))
            squares = tf.reduce_sum(tf.square(errors), axis=axes, keepdims=True)
            count = num_present(errors, weights, per_batch=True)
            first = 2.0 * tf.div_no_nan(squares, tf.maximum(count - 1, 0), name="value")
            total = tf.reduce_sum(errors, axis=axes, keepdims=True)
            squared = tf.square(total)
            pairs = tf.maximum(tf.multiply(count, count - 1), 0)
            second = 2.0 * tf.div_no_nan(squared, pairs, name="value")
            loss = tf.reduce_sum(tf.multiply(first - second, weights))
            mean = tf.where(tf.reduce_sum(count) > 0, loss, tf.zeros_like(loss), name="value")
            add_loss(mean, loss_collection)
            return mean  # type: ignore[no-any-return]


def mean_squared_error(labels: Any, predictions: Any, weights: Any = 1.0, scope: str | None = None,
                       loss_collection: str | None = LOSSES, reduction: str = BY_NONZERO) -> Tensor:
    """The square of predictions - labels (tf.losses.mean_squared_error)."""
    _given(labels=labels, predictions=predictions)
    with name_scope(scope, "mean_squared_error", [labels, predictions]) as scope:
        predictions, labels = _pair(predictions, labels, "mean_squared_error")
        losses = tf.squared_difference(predictions, labels)
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def sigmoid_cross_entropy(multi_class_labels: Any, logits: Any, weights: Any = 1.0, label_smoothing: float = 0,
                          scope: str | None = None, loss_collection: str | None = LOSSES,
                          reduction: str = BY_NONZERO) -> Tensor:
    """sigmoid_cross_entropy_with_logits, labels smoothed toward 1/2 (tf.losses.sigmoid_cross_entropy)."""
    _given(multi_class_labels=multi_class_labels, logits=logits)
    with name_scope(scope, "sigmoid_cross_entropy_loss", [multi_class_labels, logits]) as scope:
        logits = convert_to_tensor(logits)
        labels = tf.cast(multi_class_labels, logits.dtype.base_dtype)
        _same(logits, labels, "sigmoid_cross_entropy")
        if label_smoothing > 0:
            labels = labels * (1 - label_smoothing) + 0.5 * label_smoothing
        losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def softmax_cross_entropy(onehot_labels: Any, logits: Any, weights: Any = 1.0, label_smoothing: float = 0,
                          scope: str | None = None, loss_collection: str | None = LOSSES,
                          reduction: str = BY_NONZERO) -> Tensor:
    """softmax_cross_entropy_with_logits_v2, labels smoothed toward 1/classes (tf.losses.softmax_cross_entropy)."""
    _given(onehot_labels=onehot_labels, logits=logits)
    with name_scope(scope, "softmax_cross_entropy_loss", [onehot_labels, logits]) as scope:
        logits = convert_to_tensor(logits)
        labels = tf.cast(onehot_labels, logits.dtype.base_dtype)
        _same(logits, labels, "softmax_cross_entropy")
        if label_smoothing > 0:
            classes = tf.cast(tf.shape(labels)[-1], logits.dtype.base_dtype)
            off = label_smoothing / classes
            labels = labels * (1.0 - label_smoothing) + off
        labels = tf.stop_gradient(labels, name="labels_stop_gradient")
        losses = tf.nn.softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def sparse_softmax_cross_entropy(labels: Any, logits: Any, weights: Any = 1.0, scope: str | None = None,
                                 loss_collection: str | None = LOSSES, reduction: str = BY_NONZERO) -> Tensor:
    """sparse_softmax_cross_entropy_with_logits; a last size of 1 is left out (tf.losses.…)."""
    _given(labels=labels, logits=logits)
    with name_scope(scope, "sparse_softmax_cross_entropy_loss", [labels, logits]) as scope:
        labels, logits = squeezed(labels, logits, 1)
        if weights is not None:
            weights = convert_to_tensor(weights)
            if labels.static is not None and weights.static is not None:
                if len(weights.static) - len(labels.static) == 1:
                    weights = tf.squeeze(weights, [-1])
            else:
                difference = tf.rank(weights) - tf.rank(labels)
                if weights.static is None or weights.static and weights.static[-1] in (None, 1):
                    given = weights
                    weights = tf.cond(tf.equal(1, difference), lambda: tf.squeeze(given, [-1]), lambda: given)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, scope, loss_collection, reduction)


def squeezed(labels: Any, predictions: Any, expected_rank_diff: int = 0, name: str | None = None) -> tuple[Any, Any]:
    """Labels and predictions without a last size of 1 that one has more than expected."""
    with name_scope(name, "remove_squeezable_dimensions", [labels, predictions]):
        predictions, labels = convert_to_tensor(predictions), convert_to_tensor(labels)
        left, right = predictions.static, labels.static
        if left is not None and right is not None:
            difference = len(left) - len(right) - expected_rank_diff
            if difference == 1 and left[-1] in (None, 1):
                predictions = tf.squeeze(predictions, [-1])
            elif difference == -1 and right[-1] in (None, 1):
                labels = tf.squeeze(labels, [-1])
            return labels, predictions
        rank = tf.rank(predictions) - tf.rank(labels)
        if left is None or left[-1] in (None, 1):
            wide = predictions
            predictions = tf.cond(tf.equal(expected_rank_diff + 1, rank), lambda: tf.squeeze(wide, [-1]), lambda: wide)
        if right is None or right[-1] in (None, 1):
            long = labels
            labels = tf.cond(tf.equal(expected_rank_diff - 1, rank), lambda: tf.squeeze(long, [-1]), lambda: long)
        return labels, predictions
