"""The metrics of tf.contrib.metrics and slim.metrics: those of tf.metrics, predictions first (streaming_accuracy)."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import InvalidValue
from ..graph.types import float32
from .framework import name_scope
from .modules import modules
from .named import named

EXPORTS = """
contrib.metrics contrib.slim.metrics: accuracy aggregate_metrics aggregate_metric_map
contrib.metrics contrib.slim.metrics: streaming_accuracy streaming_mean streaming_mean_tensor streaming_precision
contrib.metrics contrib.slim.metrics: streaming_recall streaming_auc streaming_mean_absolute_error
contrib.metrics contrib.slim.metrics: streaming_mean_squared_error streaming_root_mean_squared_error
contrib.metrics contrib.slim.metrics: streaming_mean_iou streaming_percentage_less streaming_true_positives
contrib.metrics contrib.slim.metrics: streaming_true_negatives streaming_false_positives streaming_false_negatives
"""

tf = modules["tf"]
metrics = modules["metrics"]
Metric = tuple[Any, Any]


def accuracy(predictions: Any, labels: Any, weights: Any = None, name: str | None = None) -> Any:
    """The share of predictions that are the labels, in this batch (tf.contrib.metrics.accuracy).

    Raises InvalidValue for numbers that are not whole, and for dtypes that differ.
    """
    if not (labels.dtype.is_integer or labels.dtype.base_dtype.name in ("bool", "string")):
        raise InvalidValue(f"labels are whole numbers, truths or texts, not {labels.dtype.name}")
    if labels.dtype.base_dtype is not predictions.dtype.base_dtype:
        raise InvalidValue(f"predictions are {predictions.dtype.name}, and labels {labels.dtype.name}")
    with name_scope(name, "accuracy", values=[predictions, labels]):
        correct = tf.cast(tf.equal(predictions, labels), float32)
        if weights is None:
            return tf.reduce_mean(correct)
        correct = tf.multiply(correct, weights)
        number = tf.multiply(weights, tf.ones_like(correct))
        return tf.div(tf.reduce_sum(correct), tf.reduce_sum(number))


def aggregate_metrics(*value_update_tuples: Metric) -> tuple[list[Any], list[Any]]:
    """The values of metrics, and their updates. Raises InvalidValue for none."""
    if not value_update_tuples:
        raise InvalidValue("there are no metrics to aggregate")
    return [value for value, _ in value_update_tuples], [update for _, update in value_update_tuples]


def aggregate_metric_map(names_to_tuples: Mapping[str, Metric]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The values of metrics by their names, and their updates."""
    return ({name: value for name, (value, _) in names_to_tuples.items()},
            {name: update for name, (_, update) in names_to_tuples.items()})


def _predictions_first(call: str) -> Callable[..., Metric]:
    def streaming(predictions: Any, labels: Any, weights: Any = None, metrics_collections: Any = None,
                  updates_collections: Any = None, name: str | None = None) -> Metric:
        return getattr(metrics, call)(  # type: ignore[no-any-return]
            labels=labels, predictions=predictions, weights=weights, metrics_collections=metrics_collections,
            updates_collections=updates_collections, name=name)

    return _named(streaming, call)


def _of_values(call: str) -> Callable[..., Metric]:
    def streaming(values: Any, weights: Any = None, metrics_collections: Any = None, updates_collections: Any = None,
                  name: str | None = None) -> Metric:
        return getattr(metrics, call)(  # type: ignore[no-any-return]
            values=values, weights=weights, metrics_collections=metrics_collections,
            updates_collections=updates_collections, name=name)

    return _named(streaming, call)


def _named(function: Callable[..., Metric], call: str) -> Callable[..., Metric]:
    name = f"streaming_{call}"
    return named(function, name, f"(value, update op): tf.metrics.{call} (tf.contrib.metrics.{name}).")


streaming_accuracy = _predictions_first("accuracy")
streaming_precision = _predictions_first("precision")
streaming_recall = _predictions_first("recall")
streaming_mean_absolute_error = _predictions_first("mean_absolute_error")
streaming_mean_squared_error = _predictions_first("mean_squared_error")
streaming_root_mean_squared_error = _predictions_first("root_mean_squared_error")
streaming_true_positives = _predictions_first("true_positives")
streaming_true_negatives = _predictions_first("true_negatives")
streaming_false_positives = _predictions_first("false_positives")
streaming_false_negatives = _predictions_first("false_negatives")
streaming_mean = _of_values("mean")
streaming_mean_tensor = _of_values("mean_tensor")


def streaming_auc(predictions: Any, labels: Any, weights: Any = None, num_thresholds: int = 200,
                  metrics_collections: Any = None, updates_collections: Any = None, curve: str = "ROC",
                  name: str | None = None) -> Metric:
    """(value, update op): tf.metrics.auc (tf.contrib.metrics.streaming_auc)."""
    return metrics.auc(labels=labels, predictions=predictions, weights=weights,  # type: ignore[no-any-return]
                       metrics_collections=metrics_collections, num_thresholds=num_thresholds, curve=curve,
                       updates_collections=updates_collections, name=name)


def streaming_mean_iou(predictions: Any, labels: Any, num_classes: Any, weights: Any = None,
                       metrics_collections: Any = None, updates_collections: Any = None,
                       name: str | None = None) -> Metric:
    """(value, update op): tf.metrics.mean_iou (tf.contrib.metrics.streaming_mean_iou)."""
    return metrics.mean_iou(num_classes=num_classes, predictions=predictions,  # type: ignore[no-any-return]
                            labels=labels, weights=weights, metrics_collections=metrics_collections,
                            updates_collections=updates_collections, name=name)


def streaming_percentage_less(values: Any, threshold: Any, weights: Any = None, metrics_collections: Any = None,
                              updates_collections: Any = None, name: str | None = None) -> Metric:
    """(value, update op): tf.metrics.percentage_below (tf.contrib.metrics.streaming_percentage_less)."""
    return metrics.percentage_below(values=values, threshold=threshold,  # type: ignore[no-any-return]
                                    weights=weights, metrics_collections=metrics_collections,
                                    updates_collections=updates_collections, name=name)
