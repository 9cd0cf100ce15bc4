"""Labels against predictions."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue
from ..graph.shapes import compatible, show
from ..graph.types import int64
from .conversion import convert_to_tensor
from .framework import name_scope
from .grouping import with_dependencies
from .modules import modules

EXPORTS = """
tf math: confusion_matrix
"""

tf = modules["tf"]


def remove_squeezable_dimensions(labels: Any, predictions: Any, expected_rank_diff: int = 0,
                                 name: str | None = None) -> tuple[Any, Any]:
    """The two, without the last axis of 1 that one of them has beyond the rank difference that is expected."""
    with name_scope(name, "remove_squeezable_dimensions"):
        predictions, labels = convert_to_tensor(predictions), convert_to_tensor(labels)
        ours, theirs = predictions.static, labels.static
        if ours is not None and theirs is not None:
            difference = len(ours) - len(theirs)
            if difference == expected_rank_diff + 1 and ours[-1] in (None, 1):
                predictions = tf.squeeze(predictions, [-1])
            elif difference == expected_rank_diff - 1 and theirs[-1] in (None, 1):
                labels = tf.squeeze(labels, [-1])
            return labels, predictions
        apart = tf.rank(predictions) - tf.rank(labels)

        def squeezed(wanted: int, x: Any) -> Any:
            if x.static is not None and (not x.static or x.static[-1] not in (None, 1)):
                return x
            return tf.cond(tf.equal(wanted, apart), lambda: tf.squeeze(x, [-1]), lambda: x)

        predictions = squeezed(expected_rank_diff + 1, predictions)
        return squeezed(expected_rank_diff - 1, labels), predictions


def confusion_matrix(labels: Any, predictions: Any, num_classes: Any = None, dtype: Any = "int32",
                     name: str | None = None, weights: Any = None) -> Any:
    """How often (or with what weight) each label, a row, was predicted as each, a column (tf.confusion_matrix).

    A run error for a negative class, and for one of ``num_classes`` or more. Raises InvalidValue for weights of
    another shape than the predictions'.
    """
    with name_scope(name, "confusion_matrix"):
        labels, predictions = remove_squeezable_dimensions(convert_to_tensor(labels, name="labels"),
                                                           convert_to_tensor(predictions, name="predictions"))
        predictions, labels = tf.cast(predictions, int64), tf.cast(labels, int64)
        labels = with_dependencies([tf.assert_non_negative(labels, message="`labels` contains negative values")],
                                   labels)
        predictions = with_dependencies(
            [tf.assert_non_negative(predictions, message="`predictions` contains negative values")], predictions)
        if num_classes is None:
            num_classes = tf.maximum(tf.reduce_max(predictions), tf.reduce_max(labels)) + 1
        else:
            limit = tf.cast(num_classes, int64)
            labels = with_dependencies([tf.assert_less(labels, limit, message="`labels` out of bound")], labels)
            predictions = with_dependencies(
                [tf.assert_less(predictions, limit, message="`predictions` out of bound")], predictions)
        if weights is not None:
            weights = convert_to_tensor(weights, name="weights")
            if not compatible(predictions.static, weights.static):
                raise InvalidValue(f"confusion_matrix: the predictions are {show(predictions.static)}, the weights "
                                   f"{show(weights.static)}")
            weights = tf.cast(weights, dtype)
        sizes = tf.stack([num_classes, num_classes])
        indices = tf.stack([labels, predictions], axis=1)
        values = tf.ones_like(predictions, dtype) if weights is None else weights
        return tf.scatter_nd(indices=indices, updates=values, shape=tf.cast(sizes, int64))
