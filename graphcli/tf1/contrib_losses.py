"""The losses of tf.contrib.losses and tf.contrib.slim.losses: predictions first, and weights of another kind."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue
from ..graph.graph import Tensor
from ..graph.types import float32
from .contrib_arg_scope import add_arg_scope
from .conversion import convert_to_tensor
from .framework import name_scope
from .losses_collected import LOSSES, get_losses, get_regularization_losses, get_total_loss
from .losses_collected import add_loss as kept
from .modules import modules

EXPORTS = """
contrib.slim.losses contrib.losses: add_loss get_losses get_regularization_losses get_total_loss
contrib.slim.losses contrib.losses: compute_weighted_loss absolute_difference mean_squared_error log_loss hinge_loss
contrib.slim.losses contrib.losses: cosine_distance sigmoid_cross_entropy softmax_cross_entropy
contrib.slim.losses contrib.losses: sparse_softmax_cross_entropy
"""

__all__ = ["get_losses", "get_regularization_losses", "get_total_loss"]

tf = modules["tf"]


@add_arg_scope
def add_loss(loss: Any, loss_collection: str = LOSSES) -> None:
    """Adds a loss to the collection (tf.contrib.losses.add_loss)."""
    kept(loss, loss_collection)


def compute_weighted_loss(losses: Any, weights: Any = 1.0, scope: str | None = None) -> Tensor:
    """The mean of losses times weights, over those whose weight is not 0; it is collected.

    weights: a number, or a tensor of the first sizes of the losses; a last size of 1 is taken off.
    Raises InvalidValue where a rank is not known.
    """
    with name_scope(scope, "weighted_loss", [losses, weights]):
        losses = convert_to_tensor(losses)
        kind = losses.dtype
        losses = tf.cast(losses, float32)
        weights = tf.cast(convert_to_tensor(weights), float32)
        if losses.shape.ndims is None or weights.shape.ndims is None:
            raise InvalidValue("the ranks of losses and weights must be known")
        if weights.shape.ndims > 1 and weights.static[-1] in (None, 1):
            weights = tf.squeeze(weights, [-1])
        around = list(range(weights.shape.ndims, losses.shape.ndims))
        total = tf.reduce_sum(tf.multiply(tf.reduce_sum(losses, axis=around), weights))
        present = _present(losses, weights)
        mean = tf.cast(tf.div_no_nan(tf.reduce_sum(total), present, name="value"), kind)
        add_loss(mean)
        return mean  # type: ignore[no-any-return]


def _present(losses: Any, weights: Any) -> Any:
    """How many losses have a weight that is not 0."""
    rank = weights.shape.ndims
    if rank == 0:
        batch = tf.reshape(tf.slice(tf.shape(losses), [0], [1]), [])
        each = tf.div(tf.cast(tf.size(losses), float32), tf.cast(batch, float32))
        each = tf.where(tf.equal(weights, 0.0), 0.0, each)
        return tf.reduce_sum(tf.multiply(tf.ones(tf.reshape(batch, [1])), each))
    weighed = tf.reduce_sum(tf.cast(tf.not_equal(weights, 0.0), float32), axis=list(range(1, rank)))
    below = tf.reduce_prod(tf.slice(tf.shape(losses), [rank], [-1]))
    return tf.reduce_sum(tf.multiply(weighed, tf.cast(below, float32)))


def _same_shape(predictions: Any, labels: Any) -> None:
    if not predictions.shape.is_compatible_with(labels.shape):
        raise InvalidValue(f"predictions {predictions.shape} and labels {labels.shape} differ in shape")


def _pair(predictions: Any, labels: Any) -> tuple[Any, Any]:
    """Both as float32, of one shape."""
    _same_shape(predictions, labels)
    return tf.cast(predictions, float32), tf.cast(labels, float32)


def absolute_difference(predictions: Any, labels: Any = None, weights: Any = 1.0, scope: str | None = None) -> Tensor:
    """The mean of ``abs(predictions - labels)`` (tf.contrib.losses.absolute_difference)."""
    with name_scope(scope, "absolute_difference", [predictions, labels, weights]) as scope:
        predictions, labels = _pair(predictions, labels)
        return compute_weighted_loss(tf.abs(tf.subtract(predictions, labels)), weights, scope)


def mean_squared_error(predictions: Any, labels: Any = None, weights: Any = 1.0, scope: str | None = None) -> Tensor:
    """The mean of ``(predictions - labels) ** 2`` (tf.contrib.losses.mean_squared_error)."""
    with name_scope(scope, "mean_squared_error", [predictions, labels, weights]) as scope:
        predictions, labels = _pair(predictions, labels)
        return compute_weighted_loss(tf.squared_difference(predictions, labels), weights, scope)


def log_loss(predictions: Any, labels: Any = None, weights: Any = 1.0, epsilon: float = 1e-7,
             scope: str | None = None) -> Tensor:
    """The cross entropy of labels and probabilities (tf.contrib.losses.log_loss)."""
    with name_scope(scope, "log_loss", [predictions, labels, weights]) as scope:
        predictions, labels = _pair(predictions, labels)
        losses = -tf.multiply(labels, tf.log(predictions + epsilon)) - tf.multiply(
            1 - labels, tf.log(1 - predictions + epsilon))
        return compute_weighted_loss(losses, weights, scope)


def hinge_loss(logits: Any, labels: Any = None, scope: str | None = None) -> Tensor:
    """``relu(1 - (2 labels - 1) logits)``, of each element, not collected (tf.contrib.losses.hinge_loss)."""
    with name_scope(scope, "hinge_loss", [logits, labels]):
        _same_shape(logits, labels)
        labels = tf.cast(labels, float32)
        ones = tf.ones_like(labels)
        signs = tf.subtract(2 * labels, ones)
        return tf.nn.relu(tf.subtract(ones, tf.multiply(signs, logits)))  # type: ignore[no-any-return]


def cosine_distance(predictions: Any, labels: Any = None, axis: int | None = None, weights: Any = 1.0,
                    scope: str | None = None, dim: int | None = None) -> Tensor:
    """1 less the product of vectors of length 1 along an axis. Raises InvalidValue for no axis."""
    axis = dim if axis is None else axis
    if axis is None:
        raise InvalidValue("cosine_distance asks for an axis")
    with name_scope(scope, "cosine_distance_loss", [predictions, labels, weights]) as scope:
        predictions, labels = _pair(predictions, labels)
        losses = 1 - tf.reduce_sum(tf.multiply(predictions, labels), axis=[axis])
        return compute_weighted_loss(losses, weights, scope)


def sigmoid_cross_entropy(logits: Any, multi_class_labels: Any, weights: Any = 1.0, label_smoothing: float = 0,
                          scope: str | None = None) -> Tensor:
    """The cross entropy of each label and the sigmoid of its logit; label_smoothing draws labels towards 0.5."""
    with name_scope(scope, "sigmoid_cross_entropy_loss", [logits, multi_class_labels, weights]) as scope:
        _same_shape(logits, multi_class_labels)
        labels = tf.cast(multi_class_labels, logits.dtype)
        if label_smoothing > 0:
            labels = labels * (1 - label_smoothing) + 0.5 * label_smoothing
        losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, scope)


def softmax_cross_entropy(logits: Any, onehot_labels: Any, weights: Any = 1.0, label_smoothing: float = 0,
                          scope: str | None = None) -> Tensor:
    """The cross entropy of labels and softmax; label_smoothing draws labels towards one for all classes."""
    with name_scope(scope, "softmax_cross_entropy_loss", [logits, onehot_labels, weights]) as scope:
        _same_shape(logits, onehot_labels)
        labels = tf.cast(onehot_labels, logits.dtype)
        if label_smoothing > 0:
            away = label_smoothing / tf.cast(tf.shape(labels)[1], logits.dtype)
            labels = labels * (1.0 - label_smoothing) + away
        losses = tf.nn.softmax_cross_entropy_with_logits(labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, scope)


def sparse_softmax_cross_entropy(logits: Any, labels: Any, weights: Any = 1.0, scope: str | None = None) -> Tensor:
    """softmax_cross_entropy with the numbers of classes as labels."""
    with name_scope(scope, "sparse_softmax_cross_entropy_loss", [logits, labels, weights]) as scope:
        labels = tf.reshape(labels, shape=[tf.shape(labels)[0]])
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits, name="xentropy")
        return compute_weighted_loss(losses, weights, scope)
