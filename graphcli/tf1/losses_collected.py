"""How the elements of a loss are weighed into one number, and where losses are collected."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue, did_you_mean
from ..graph.collections import GraphKeys
from ..graph.graph import Tensor
from ..graph.types import float32
from .conversion import constant, convert_to_tensor
from .framework import get_default_graph, name_scope
from .losses_weights import assert_broadcastable, broadcast_weights
from .modules import modules

EXPORTS = """
losses: Reduction compute_weighted_loss add_loss get_losses get_total_loss
losses: get_regularization_losses get_regularization_loss
"""

tf = modules["tf"]


class Reduction:
    """How a loss of many elements becomes one number (tf.losses.Reduction)."""

    NONE = "none"
    SUM = "weighted_sum"
    SUM_OVER_BATCH_SIZE = "weighted_sum_over_batch_size"
    MEAN = "weighted_mean"
    SUM_BY_NONZERO_WEIGHTS = "weighted_sum_by_nonzero_weights"
    SUM_OVER_NONZERO_WEIGHTS = SUM_BY_NONZERO_WEIGHTS

    @classmethod
    def all(cls) -> tuple[str, ...]:
        return (cls.NONE, cls.SUM, cls.MEAN, cls.SUM_OVER_BATCH_SIZE, cls.SUM_BY_NONZERO_WEIGHTS)

    @classmethod
    def validate(cls, key: Any) -> None:
        if key not in cls.all():
            raise InvalidValue(f"{key!r} is not a reduction of losses; they are {', '.join(cls.all())}",
                               hint=did_you_mean(key, cls.all()))


BY_NONZERO = Reduction.SUM_BY_NONZERO_WEIGHTS

LOSSES = GraphKeys.LOSSES


def add_loss(loss: Any, loss_collection: str | None = LOSSES) -> None:
    """Adds a loss to the collection (tf.losses.add_loss)."""
    if loss_collection:
        get_default_graph().add_to_collection(loss_collection, loss)


def get_losses(scope: str | None = None, loss_collection: str = LOSSES) -> list[Any]:
    """The losses of the collection (tf.losses.get_losses)."""
    return get_default_graph().get_collection(loss_collection, scope)


def get_regularization_losses(scope: str | None = None) -> list[Any]:
    """What the regularizers of variables made (tf.losses.get_regularization_losses)."""
    return get_default_graph().get_collection(GraphKeys.REGULARIZATION_LOSSES, scope)


def get_regularization_loss(scope: str | None = None, name: str = "total_regularization_loss") -> Tensor:
    """The sum of the regularization losses, 0 if there are none (tf.losses.get_regularization_loss)."""
    losses = get_regularization_losses(scope)
    return tf.add_n(losses, name=name) if losses else constant(0.0)


def get_total_loss(add_regularization_losses: bool = True, name: str = "total_loss",
                   scope: str | None = None) -> Tensor:
    """The sum of the collected losses (tf.losses.get_total_loss)."""
    losses = list(get_losses(scope=scope))
    if add_regularization_losses:
        losses += get_regularization_losses(scope=scope)
    return tf.add_n(losses, name=name)  # type: ignore[no-any-return]


def _num_elements(losses: Any) -> Any:
    with name_scope(None, "num_elements") as scope:
        return tf.cast(tf.size(losses, name=scope), losses.dtype.base_dtype)


def num_present(losses: Any, weights: Any, per_batch: bool = False) -> Any:
    """How many elements have a weight that is not 0."""
    if isinstance(weights, float) and weights != 0.0:
        return _num_elements(losses)
    with name_scope(None, "num_present") as scope:
        weights = tf.cast(weights, float32)
        present = tf.where(tf.equal(weights, 0.0), tf.zeros_like(weights), tf.ones_like(weights))
        present = broadcast_weights(present, losses)
        if per_batch:
            axes = tf.range(1, tf.rank(present))
            return tf.reduce_sum(present, axis=axes, keepdims=True, name=scope)
        return tf.reduce_sum(present, name=scope)


def _safe_mean(losses: Any, count: Any) -> Any:
    return tf.div_no_nan(tf.reduce_sum(losses), count, name="value")


def compute_weighted_loss(losses: Any, weights: Any = 1.0, scope: str | None = None,
                          loss_collection: str | None = LOSSES, reduction: str = BY_NONZERO) -> Tensor:
    """Losses times weights, reduced to one number and collected (tf.losses.compute_weighted_loss).

    weights: a number or a tensor of the losses' rank with sizes equal or 1. Raises InvalidValue.
    """
    Reduction.validate(reduction)
    with name_scope(scope, "weighted_loss"):
        with tf.control_dependencies([assert_broadcastable(weights, losses)]):
            losses = convert_to_tensor(losses)
            kind = losses.dtype.base_dtype
            losses = tf.cast(losses, float32)
            weights = tf.cast(weights, float32)
            weighted = tf.multiply(losses, weights)
            if reduction == Reduction.NONE:
                loss = weighted
            else:
                loss = tf.reduce_sum(weighted)
                if reduction == Reduction.MEAN:
                    loss = _safe_mean(loss, tf.reduce_sum(tf.ones_like(losses) * weights))
                elif reduction == Reduction.SUM_BY_NONZERO_WEIGHTS:
                    loss = _safe_mean(loss, num_present(losses, weights))
                elif reduction == Reduction.SUM_OVER_BATCH_SIZE:
                    loss = _safe_mean(loss, _num_elements(losses))
            loss = tf.cast(loss, kind)
            add_loss(loss, loss_collection)
            return loss  # type: ignore[no-any-return]
