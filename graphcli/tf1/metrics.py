"""Metrics that gather over many runs in local variables: each is (value, update_op) (tf.metrics)."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.collections import GraphKeys
from ..graph.shapes import compatible, show
from ..graph.types import float32, float64, int64
from .confusion import confusion_matrix, remove_squeezable_dimensions
from .conversion import convert_to_tensor
from .framework import add_to_collections, control_dependencies
from .losses_weights import broadcast_weights
from .modules import modules
from .named import named
from .variable_scope import variable_scope
from .variables import Variable

EXPORTS = """
metrics: mean accuracy mean_squared_error root_mean_squared_error mean_absolute_error percentage_below mean_iou
metrics: true_positives true_negatives false_positives false_negatives precision recall
"""

tf = modules["tf"]
Metric = tuple[Any, Any]


def _gathered(shape: list[int], dtype: Any, name: str) -> Any:
    """A local variable that is not trained and begins with zeros."""
    return Variable(lambda: tf.zeros(shape, dtype), trainable=False, name=name,
                    collections=[GraphKeys.LOCAL_VARIABLES, "metric_variables"])


def _collected(value: Any, collections: Any) -> Any:
    """The value of a metric, or what updates it, in its collections."""
    if collections:
        add_to_collections(collections, value)
    return value


def asked_of(call: str, **given: Any) -> None:
    """Raises InvalidType where a metric is given a list or number: it asks what it is given for its shape or dtype."""
    for word, value in given.items():
        if not hasattr(value, "dtype"):
            raise InvalidType(f"{call} takes a tensor for {word}, not {said(value)}",
                              hint="tf.constant makes one")


def _aligned(predictions: Any, labels: Any, weights: Any) -> tuple[Any, Any, Any]:
    """Predictions, labels and weights without the last axis of 1 that one of them has beyond the others.

    Raises InvalidValue for labels of another shape.
    """
    predictions = convert_to_tensor(predictions)
    if labels is not None:
        labels, predictions = remove_squeezable_dimensions(labels, predictions)
        if not compatible(predictions.static, labels.static):
            raise InvalidValue(f"the predictions are {show(predictions.static)}, the labels {show(labels.static)}")
    if weights is None:
        return predictions, labels, None
    weights = convert_to_tensor(weights)
    ours, theirs = weights.static, predictions.static
    if ours == ():
        return predictions, labels, weights
    if ours is not None and theirs is not None:
        if len(ours) - len(theirs) == 1:
            weights = tf.squeeze(weights, [-1])
        elif len(theirs) - len(ours) == 1:
            weights = tf.expand_dims(weights, [-1])
        return predictions, labels, weights
    given, rank = weights, tf.rank(weights)
    apart = rank - tf.rank(predictions)

    def shorter() -> Any:
        return given if ours is not None and ours[-1] not in (None, 1) else tf.squeeze(given, [-1])

    def longer() -> Any:
        return tf.cond(tf.equal(apart, -1), lambda: tf.expand_dims(given, [-1]), lambda: given)

    def adjusted() -> Any:
        return tf.cond(tf.equal(apart, 1), shorter, longer)

    return predictions, labels, tf.cond(tf.equal(rank, 0), lambda: given, adjusted)


def mean(values: Any, weights: Any = None, metrics_collections: Any = None, updates_collections: Any = None,
         name: str | None = None) -> Metric:
    """The (weighted) mean of all values so far (tf.metrics.mean)."""
    with variable_scope(name, "mean", [values, weights]):
        values = tf.cast(values, float32)
        total, count = _gathered([], float32, "total"), _gathered([], float32, "count")
        if weights is None:
            many = tf.cast(tf.size(values), float32)
        else:
            values, _, weights = _aligned(values, None, weights)
            weights = broadcast_weights(tf.cast(weights, float32), values)
            values = tf.multiply(values, weights)
            many = tf.reduce_sum(weights)
        update_total = tf.assign_add(total, tf.reduce_sum(values))
        with control_dependencies([values]):
            update_count = tf.assign_add(count, many)
        value = _collected(tf.div_no_nan(total, tf.maximum(count, 0), name="value"), metrics_collections)
        update = tf.div_no_nan(update_total, tf.maximum(update_count, 0), name="update_op")
        return value, _collected(update, updates_collections)


def accuracy(labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None,
             updates_collections: Any = None, name: str | None = None) -> Metric:
    """How often predictions are the labels (tf.metrics.accuracy)."""
    predictions, labels, weights = _aligned(predictions, labels, weights)
    if labels.dtype.base_dtype is not predictions.dtype.base_dtype:
        predictions = tf.cast(predictions, labels.dtype.base_dtype)
    right = tf.cast(tf.equal(predictions, labels), float32)
    return mean(right, weights, metrics_collections, updates_collections, name or "accuracy")


def mean_squared_error(labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None,
                       updates_collections: Any = None, name: str | None = None) -> Metric:
    """The mean of the squares of the errors (tf.metrics.mean_squared_error)."""
    predictions, labels, weights = _aligned(predictions, labels, weights)
    return mean(tf.squared_difference(labels, predictions), weights, metrics_collections, updates_collections,
                name or "mean_squared_error")


def root_mean_squared_error(labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None,
                            updates_collections: Any = None, name: str | None = None) -> Metric:
    """The root of the mean of the squares of the errors (tf.metrics.root_mean_squared_error)."""
    predictions, labels, weights = _aligned(predictions, labels, weights)
    squares, update = mean_squared_error(labels, predictions, weights, None, None, name or "root_mean_squared_error")
    value = _collected(tf.sqrt(squares), metrics_collections)
    return value, _collected(tf.sqrt(update), updates_collections)


def mean_absolute_error(labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None,
                        updates_collections: Any = None, name: str | None = None) -> Metric:
    """The mean size of the errors (tf.metrics.mean_absolute_error)."""
    predictions, labels, weights = _aligned(predictions, labels, weights)
    return mean(tf.abs(predictions - labels), weights, metrics_collections, updates_collections,
                name or "mean_absolute_error")


def percentage_below(values: Any, threshold: Any, weights: Any = None, metrics_collections: Any = None,
                     updates_collections: Any = None, name: str | None = None) -> Metric:
    """What part of the values is below a threshold (tf.metrics.percentage_below)."""
    below = tf.cast(tf.less(values, threshold), float32)
    return mean(below, weights, metrics_collections, updates_collections, name or "percentage_below_threshold")


def _counted(values: Any, weights: Any, metrics_collections: Any, updates_collections: Any) -> Metric:
    """How many (or what weight) of booleans are true."""
    tf.assert_type(values, "bool")
    count = _gathered([], float32, "count")
    values = tf.cast(values, float32)
    if weights is not None:
        with control_dependencies([tf.assert_rank_in(weights, (0, tf.rank(values)))]):
            weights = tf.cast(weights, float32)
            values = tf.multiply(values, weights)
    value = _collected(tf.identity(count), metrics_collections)
    return value, _collected(tf.assign_add(count, tf.reduce_sum(values)), updates_collections)


def _booleans(labels: Any, predictions: Any, weights: Any) -> tuple[Any, Any, Any]:
    return _aligned(tf.cast(predictions, "bool"), tf.cast(labels, "bool"), weights)


def _counting(call: str, label: bool, prediction: bool) -> Callable[..., Metric]:
    def count(labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None,
              updates_collections: Any = None, name: str | None = None) -> Metric:
        with variable_scope(name, call, [predictions, labels, weights]):
            predictions, labels, weights = _booleans(labels, predictions, weights)
            hits = tf.logical_and(tf.equal(labels, label), tf.equal(predictions, prediction))
            return _counted(hits, weights, metrics_collections, updates_collections)

    return named(count, call, f"How often a {'true' if label else 'false'} label was predicted "
                 f"{'true' if prediction else 'false'} (tf.metrics.{call}).")


true_positives = _counting("true_positives", True, True)
true_negatives = _counting("true_negatives", False, False)
false_positives = _counting("false_positives", False, True)
false_negatives = _counting("false_negatives", True, False)


def _share(call: str, other: Callable[..., Metric], doc: str) -> Callable[..., Metric]:
    def share(labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None,
              updates_collections: Any = None, name: str | None = None) -> Metric:
        with variable_scope(name, call, [predictions, labels, weights]):
            predictions, labels, weights = _booleans(labels, predictions, weights)
            hits, update_hits = true_positives(labels, predictions, weights)
            misses, update_misses = other(labels, predictions, weights)

            def part(a: Any, b: Any, name: str) -> Any:
                return tf.where(tf.greater(a + b, 0), tf.divide(a, a + b), 0, name)

            value = _collected(part(hits, misses, "value"), metrics_collections)
            return value, _collected(part(update_hits, update_misses, "update_op"), updates_collections)

    return named(share, call, f"{doc} (tf.metrics.{call}).")


precision = _share("precision", false_positives, "What part of the true predictions is right")
recall = _share("recall", false_negatives, "What part of the true labels was predicted")


def _flat(x: Any) -> Any:
    """x as a vector. Raises InvalidValue where its rank is not known."""
    if x.static is None:
        raise InvalidValue("mean_iou: the rank of labels, predictions and weights must be known")
    return tf.reshape(x, [-1]) if len(x.static) > 1 else x


def mean_iou(labels: Any, predictions: Any, num_classes: Any, weights: Any = None, metrics_collections: Any = None,
             updates_collections: Any = None, name: str | None = None) -> Metric:
    """The mean over the classes of their intersection over their union (tf.metrics.mean_iou)."""
    asked_of("metrics.mean_iou", predictions=predictions, labels=labels)
    with variable_scope(name, "mean_iou", [predictions, labels, weights]):
        predictions, labels = convert_to_tensor(predictions), convert_to_tensor(labels)
        if not compatible(predictions.static, labels.static):
            raise InvalidValue(f"the predictions are {show(predictions.static)}, the labels {show(labels.static)}")
        total = _gathered([num_classes, num_classes], float64, "total_confusion_matrix")
        predictions, labels, number = tf.cast(predictions, int64), tf.cast(labels, int64), tf.cast(num_classes, int64)
        predictions, labels = _flat(predictions), _flat(labels)
        weights = None if weights is None else _flat(convert_to_tensor(weights))
        current = confusion_matrix(labels, predictions, number, weights=weights, dtype=float64)
        update = tf.assign_add(total, current)

        rows, columns = (tf.cast(tf.reduce_sum(total, i), float32) for i in (0, 1))
        both = tf.cast(tf.diag_part(total), float32)
        either = rows + columns - both
        many = tf.reduce_sum(tf.cast(tf.not_equal(either, 0), dtype=float32))
        either = tf.where(tf.greater(either, 0), either, tf.ones_like(either))
        shares = tf.divide(both, either)
        value = tf.where(tf.greater(many, 0), tf.reduce_sum(shares, name="mean_iou") / many, 0)
        return _collected(value, metrics_collections), _collected(update, updates_collections)
