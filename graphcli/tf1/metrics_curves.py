"""Metrics at many thresholds of a probability, and means of other kinds (tf.metrics)."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..errors import InvalidValue, said
from ..graph.shapes import compatible, show
from ..graph.types import bool_, float32, int32, int64
from .confusion import remove_squeezable_dimensions
from .conversion import convert_to_tensor
from .framework import control_dependencies
from .losses_weights import broadcast_weights
from .metrics import Metric, _aligned, _collected, _gathered, asked_of, mean
from .modules import modules
from .named import named
from .variable_scope import variable_scope

EXPORTS = """
metrics: auc precision_at_thresholds recall_at_thresholds sensitivity_at_specificity specificity_at_sensitivity
metrics: true_positives_at_thresholds true_negatives_at_thresholds false_positives_at_thresholds
metrics: false_negatives_at_thresholds mean_per_class_accuracy mean_relative_error mean_cosine_distance mean_tensor
"""

tf = modules["tf"]
_SMALL = 1e-7
_NAMES = {"tp": "true_positives", "fn": "false_negatives", "tn": "true_negatives", "fp": "false_positives"}


def _counts(labels: Any, predictions: Any, thresholds: Sequence[float], weights: Any,
            wanted: Sequence[str] = ("tp", "fn", "tn", "fp")) -> tuple[dict[str, Any], dict[str, Any]]:
    """(variables, updates): for each threshold how many predictions are right and wrong above and below it."""
    asked_of("a metric of thresholds", predictions=predictions)
    law = "predictions must be in [0, 1]"
    with control_dependencies([tf.assert_greater_equal(predictions, tf.cast(0.0, predictions.dtype), message=law),
                               tf.assert_less_equal(predictions, tf.cast(1.0, predictions.dtype), message=law)]):
        predictions, labels, weights = _aligned(tf.cast(predictions, float32), tf.cast(labels, bool_), weights)
    many = len(thresholds)
    column = tf.reshape(predictions, [-1, 1])
    truth = tf.reshape(tf.cast(labels, bool_), [1, -1])
    size = column.static[0]
    size = tf.shape(column)[0] if size is None else size
    limits = tf.tile(tf.expand_dims(tf.constant(thresholds), [1]), tf.stack([1, size]))
    above = tf.greater(tf.tile(tf.transpose(column), [many, 1]), limits)
    below = tf.logical_not(above) if {"fn", "tn"} & set(wanted) else None
    yes = tf.tile(truth, [many, 1])
    no = tf.logical_not(yes) if {"fp", "tn"} & set(wanted) else None
    scale = None
    if weights is not None:
        weights = broadcast_weights(tf.cast(weights, float32), predictions)
        scale = tf.tile(tf.reshape(weights, [1, -1]), [many, 1])
    values, updates = {}, {}
    for key, label, prediction in (("tp", yes, above), ("fn", yes, below), ("tn", no, below), ("fp", no, above)):
        if key in wanted:
            values[key] = _gathered([many], float32, _NAMES[key])
            hits = tf.cast(tf.logical_and(label, prediction), float32)
            if scale is not None:
                hits *= scale
            updates[key] = tf.assign_add(values[key], tf.reduce_sum(hits, 1))
    return values, updates


def _steps(num_thresholds: int, last: float = 1.0 + _SMALL) -> list[float]:
    return [0.0 - _SMALL, *[(i + 1) * 1.0 / (num_thresholds - 1) for i in range(num_thresholds - 2)], last]


def auc(labels: Any, predictions: Any, weights: Any = None, num_thresholds: int = 200, metrics_collections: Any = None,
        updates_collections: Any = None, curve: str = "ROC", name: str | None = None,
        summation_method: str = "trapezoidal", thresholds: Any = None) -> Metric:
    """The area under the ROC (or PR) curve, by thresholds of the predictions (tf.metrics.auc).

    Raises InvalidValue for another curve or summation method.
    """
    with variable_scope(name, "auc", [labels, predictions, weights]):
        if curve not in ("ROC", "PR"):
            raise InvalidValue(f"curve is 'ROC' or 'PR', not {said(curve)}")
        if summation_method not in ("trapezoidal", "careful_interpolation", "minoring", "majoring"):
            raise InvalidValue("summation_method is 'trapezoidal', 'careful_interpolation', 'minoring' or "
                               f"'majoring', not {said(summation_method)}")
        if thresholds is not None:
            limits = [0.0 - _SMALL, *sorted(thresholds), 1.0 + _SMALL]
        else:
            limits = _steps(num_thresholds)
        values, updates = _counts(labels, predictions, limits, weights)
        last = len(limits) - 1

        def area(v: dict[str, Any], name: str) -> Any:
            if curve == "PR" and summation_method == "careful_interpolation":
                return _interpolated(v["tp"], v["fp"], v["fn"], last)
            return _summed(v, last, curve, summation_method, name)

        value = _collected(area(values, "value"), metrics_collections)
        return value, _collected(area(updates, "update_op"), updates_collections)


def _summed(v: dict[str, Any], last: int, curve: str, method: str, name: str) -> Any:
    epsilon = 1e-6
    tp, fn, tn, fp = v["tp"], v["fn"], v["tn"], v["fp"]
    recall = tf.divide(tp + epsilon, tp + fn + epsilon)
    if curve == "ROC":
        x, y = tf.divide(fp, fp + tn + epsilon), recall
    else:
        x, y = recall, tf.divide(tp + epsilon, tp + fp + epsilon)
    width = x[:last] - x[1:]
    if method in ("trapezoidal", "careful_interpolation"):
        height = (y[:last] + y[1:]) / 2.0
    else:
        height = (tf.minimum if method == "minoring" else tf.maximum)(y[:last], y[1:])
    return tf.reduce_sum(tf.multiply(width, height), name=name)


def _interpolated(tp: Any, fp: Any, fn: Any, last: int) -> Any:
    """The area under the PR curve with precision interpolated along true positives (Davis and Goadrich)."""
    dtp = tp[:last] - tp[1:]
    p = tp + fp
    slope = tf.div_no_nan(dtp, tf.maximum(p[:last] - p[1:], 0), name="prec_slope")
    intercept = tp[1:] - tf.multiply(slope, p[1:])
    ratio = tf.where(tf.logical_and(p[:last] > 0, p[1:] > 0),
                     tf.div_no_nan(p[:last], tf.maximum(p[1:], 0), name="recall_relative_ratio"),
                     tf.ones_like(p[1:]))
    return tf.reduce_sum(tf.div_no_nan(slope * (dtp + intercept * tf.log(ratio)), tf.maximum(tp[1:] + fn[1:], 0),
                                       name="pr_auc_increment"), name="interpolate_pr_auc")


def _at_thresholds(key: str) -> Callable[..., Metric]:
    def counted(labels: Any, predictions: Any, thresholds: Any, weights: Any = None, metrics_collections: Any = None,
                updates_collections: Any = None, name: str | None = None) -> Metric:
        with variable_scope(name, _NAMES[key], [predictions, labels, weights]):
            values, updates = _counts(labels, predictions, thresholds, weights, (key,))
            value = _collected(tf.identity(values[key]), metrics_collections)
            return value, _collected(updates[key], updates_collections)

    return named(counted, f"{_NAMES[key]}_at_thresholds",
                 f"How many {_NAMES[key].replace('_', ' ')} there are at each threshold (tf.metrics).")


true_positives_at_thresholds = _at_thresholds("tp")
false_negatives_at_thresholds = _at_thresholds("fn")
true_negatives_at_thresholds = _at_thresholds("tn")
false_positives_at_thresholds = _at_thresholds("fp")


def _share(call: str, word: str, other: str, doc: str) -> Callable[..., Metric]:
    def share(labels: Any, predictions: Any, thresholds: Any, weights: Any = None, metrics_collections: Any = None,
              updates_collections: Any = None, name: str | None = None) -> Metric:
        with variable_scope(name, call, [predictions, labels, weights]):
            values, updates = _counts(labels, predictions, thresholds, weights, ("tp", other))

            def part(v: dict[str, Any], name: str) -> Any:
                return tf.divide(v["tp"], _SMALL + v["tp"] + v[other], name=f"{word}_{name}")

            value = _collected(part(values, "value"), metrics_collections)
            return value, _collected(part(updates, "update_op"), updates_collections)

    return named(share, call, f"{doc} at each threshold (tf.metrics.{call}).")


precision_at_thresholds = _share("precision_at_thresholds", "precision", "fp",
                                 "What part of the predictions above it is right")
recall_at_thresholds = _share("recall_at_thresholds", "recall", "fn", "What part of the true labels is above it")


def _limited(word: str, value: Any) -> None:
    if value < 0 or value > 1:
        raise InvalidValue(f"{word} is from 0 to 1, not {value}")


def sensitivity_at_specificity(labels: Any, predictions: Any, specificity: float, weights: Any = None,
                               num_thresholds: int = 200, metrics_collections: Any = None,
                               updates_collections: Any = None, name: str | None = None) -> Metric:
    """The sensitivity where the specificity is nearest to a given one (tf.metrics.sensitivity_at_specificity)."""
    _limited("specificity", specificity)
    with variable_scope(name, "sensitivity_at_specificity", [predictions, labels, weights]):
        values, updates = _counts(labels, predictions, _steps(num_thresholds), weights)

        def found(v: dict[str, Any], name: str) -> Any:
            specificities = tf.divide(v["tn"], v["tn"] + v["fp"] + _SMALL)
            at = tf.cast(tf.argmin(tf.abs(specificities - specificity), 0), int32)
            return tf.divide(v["tp"][at], v["tp"][at] + v["fn"][at] + _SMALL, name)

        value = _collected(found(values, "value"), metrics_collections)
        return value, _collected(found(updates, "update_op"), updates_collections)


def specificity_at_sensitivity(labels: Any, predictions: Any, sensitivity: float, weights: Any = None,
                               num_thresholds: int = 200, metrics_collections: Any = None,
                               updates_collections: Any = None, name: str | None = None) -> Metric:
    """The specificity where the sensitivity is nearest to a given one (tf.metrics.specificity_at_sensitivity)."""
    _limited("sensitivity", sensitivity)
    with variable_scope(name, "specificity_at_sensitivity", [predictions, labels, weights]):
        values, updates = _counts(labels, predictions, _steps(num_thresholds, 1.0 - _SMALL), weights)

        def found(v: dict[str, Any], name: str) -> Any:
            sensitivities = tf.divide(v["tp"], v["tp"] + v["fn"] + _SMALL)
            nearest = tf.reduce_min(tf.abs(sensitivities - sensitivity))
            there = tf.cast(tf.equal(tf.abs(sensitivities - sensitivity), nearest), int64)
            at = tf.cast(tf.argmax(tf.cumsum(there), 0), int32)
            return tf.divide(v["tn"][at], v["tn"][at] + v["fp"][at] + _SMALL, name)

        value = _collected(found(values, "value"), metrics_collections)
        return value, _collected(found(updates, "update_op"), updates_collections)


def mean_per_class_accuracy(labels: Any, predictions: Any, num_classes: int, weights: Any = None,
                            metrics_collections: Any = None, updates_collections: Any = None,
                            name: str | None = None) -> Metric:
    """The mean over the classes of how often each is predicted (tf.metrics.mean_per_class_accuracy)."""
    asked_of("metrics.mean_per_class_accuracy", predictions=predictions)
    with variable_scope(name, "mean_accuracy", [predictions, labels, weights]):
        labels, predictions = tf.cast(labels, int64), convert_to_tensor(predictions)
        labels, predictions = (x if len(x.static or ()) <= 1 else tf.reshape(x, [-1]) for x in (labels, predictions))
        if not compatible(predictions.static, labels.static):
            raise InvalidValue(f"the predictions are {show(predictions.static)}, the labels {show(labels.static)}")
        total, count = _gathered([num_classes], float32, "total"), _gathered([num_classes], float32, "count")
        ones = tf.ones([tf.size(labels)], float32)
        if labels.dtype.base_dtype is not predictions.dtype.base_dtype:
            predictions = tf.cast(predictions, labels.dtype.base_dtype)
        right = tf.cast(tf.equal(predictions, labels), float32)
        if weights is not None:
            weights = convert_to_tensor(weights)
            weights = tf.cast(tf.reshape(weights, [-1]) if len(weights.static or ()) > 1 else weights, float32)
            right *= weights
            ones *= weights
        update_total = tf.scatter_add(total, labels, ones)
        update_count = tf.scatter_add(count, labels, right)
        value = _collected(tf.reduce_mean(tf.div_no_nan(count, tf.maximum(total, 0)), name="mean_accuracy"),
                       metrics_collections)
        update = tf.div_no_nan(update_count, tf.maximum(update_total, 0), name="update_op")
        return value, _collected(update, updates_collections)


def mean_relative_error(labels: Any, predictions: Any, normalizer: Any, weights: Any = None,
                        metrics_collections: Any = None, updates_collections: Any = None,
                        name: str | None = None) -> Metric:
    """The mean of the errors over a normalizer, 0 where that is (tf.metrics.mean_relative_error)."""
    predictions, labels, weights = _aligned(predictions, labels, weights)
    predictions, normalizer = remove_squeezable_dimensions(predictions, normalizer)
    errors = tf.where(tf.equal(normalizer, 0.0), tf.zeros_like(labels),
                      tf.divide(tf.abs(labels - predictions), normalizer))
    return mean(errors, weights, metrics_collections, updates_collections, name or "mean_relative_error")


def mean_cosine_distance(labels: Any, predictions: Any, dim: int, weights: Any = None, metrics_collections: Any = None,
                         updates_collections: Any = None, name: str | None = None) -> Metric:
    """The mean cosine distance of unit vectors along an axis (tf.metrics.mean_cosine_distance)."""
    predictions, labels, weights = _aligned(predictions, labels, weights)
    products = tf.reduce_sum(tf.multiply(predictions, labels), axis=[dim], keepdims=True)
    near, update = mean(products, weights, None, None, name or "mean_cosine_distance")
    value, update = tf.subtract(1.0, near), tf.subtract(1.0, update)
    return _collected(value, metrics_collections), _collected(update, updates_collections)


def mean_tensor(values: Any, weights: Any = None, metrics_collections: Any = None, updates_collections: Any = None,
                name: str | None = None) -> Metric:
    """The (weighted) mean of each element over the runs (tf.metrics.mean_tensor)."""
    with variable_scope(name, "mean", [values, weights]):
        values = tf.cast(values, float32)
        total = _gathered(values.shape, float32, "total_tensor")
        count = _gathered(values.shape, float32, "count_tensor")
        many = tf.ones_like(values)
        if weights is not None:
            values, _, weights = _aligned(values, None, weights)
            weights = broadcast_weights(tf.cast(weights, float32), values)
            values = tf.multiply(values, weights)
            many = tf.multiply(many, weights)
        update_total = tf.assign_add(total, values)
        with control_dependencies([values]):
            update_count = tf.assign_add(count, many)
        value = _collected(tf.div_no_nan(total, tf.maximum(count, 0), name="value"), metrics_collections)
        update = tf.div_no_nan(update_total, tf.maximum(update_count, 0), name="update_op")
        return value, _collected(update, updates_collections)
