"""Metrics of the k largest predictions: precision, recall and average precision at k (tf.metrics)."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import InvalidValue
from ..graph.types import float64, int64
from .framework import control_dependencies, name_scope
from .losses_weights import assert_broadcastable, broadcast_weights
from .metrics import Metric, _collected, _gathered
from .modules import modules
from .named import named
from .sparse_tensor import SparseTensor, convert_to_tensor_or_sparse_tensor

EXPORTS = """
metrics: precision_at_k precision_at_top_k recall_at_k recall_at_top_k average_precision_at_k
metrics: sparse_precision_at_k=precision_at_k sparse_average_precision_at_k=average_precision_at_k
"""

tf = modules["tf"]


def _named(word: str, k: Any, class_id: Any = None) -> str:
    name = f"{word}_at_{'k' if k is None else k}"
    return name if class_id is None else f"{name}_class{class_id}"


def _of_class(ids: Any, class_id: Any) -> Any:
    """Of the ids those that are the class's, as a sparse tensor."""
    ids = convert_to_tensor_or_sparse_tensor(ids)
    if isinstance(ids, SparseTensor):
        return tf.sparse_retain(ids, tf.equal(ids.values, class_id))
    shape = tf.shape(ids, out_type=int64)
    last = tf.reshape(tf.size(shape) - 1, [1])
    wanted = tf.fill(_without(shape, last), tf.cast(class_id, int64))
    found = tf.sets.intersection(wanted, ids)
    return SparseTensor(found.indices, found.values, shape)


def _without(shape: Any, axes: Any) -> Any:
    """A shape in which these axes are 1 (reduced_shape of TensorFlow)."""
    rank = tf.size(shape)
    axes = (axes + rank) % rank
    many = tf.shape(axes)
    return tf.dynamic_stitch([tf.range(rank), axes], [shape, tf.ones(many, dtype=shape.dtype)])


def _hits(compare: Callable[..., Any], scope: str | None, default: str, labels: Any, ids: Any, class_id: Any,
          weights: Any) -> Any:
    """How many ids each row has in what ``compare`` makes of its predictions and labels."""
    with name_scope(scope, default, [ids, labels, weights]):
        if class_id is not None:
            labels, ids = _of_class(labels, class_id), _of_class(ids, class_id)
        many = tf.cast(tf.sets.size(compare(ids, labels)), float64)
        if weights is None:
            return many
        with control_dependencies([assert_broadcastable(weights, many)]):
            return tf.multiply(many, tf.cast(weights, float64))


_KINDS: dict[str, Callable[..., Any]] = {
    "true_positive": lambda ids, labels: tf.sets.intersection(ids, labels),
    "false_positive": lambda ids, labels: tf.sets.difference(ids, labels, aminusb=True),
    "false_negative": lambda ids, labels: tf.sets.difference(ids, labels, aminusb=False)}


def _summed(kind: str, labels: Any, ids: Any, k: Any, class_id: Any, weights: Any) -> Metric:
    """The hits of all rows so far."""
    with name_scope(None, _named(kind, k, class_id), [ids, labels, weights]) as scope:
        many = _hits(_KINDS[kind], None, f"{kind}s", labels, ids, class_id, weights)
        total = tf.cast(tf.reduce_sum(many), float64)
        count = _gathered([], float64, scope)
        return count, tf.assign_add(count, total, name="update")


def _labels_for(labels: Any, ids: Any) -> Any:
    """The labels with a last axis, where there is one for each prediction. Raises InvalidValue for other ranks."""
    with name_scope(None, "expand_labels", [labels, ids]) as scope:
        labels = convert_to_tensor_or_sparse_tensor(labels)
        if isinstance(labels, SparseTensor):
            return tf.cond(tf.equal(tf.rank(ids), tf.size(labels.dense_shape) + 1),
                           lambda: tf.sparse_reshape(labels, tf.concat([labels.dense_shape, (1,)], 0), name=scope),
                           lambda: labels)
        ours, theirs = labels.static, ids.static
        if ours is not None and theirs is not None:
            if len(ours) == len(theirs):
                return labels
            if len(theirs) == len(ours) + 1:
                return tf.expand_dims(labels, -1, name=scope)
            raise InvalidValue(f"Unexpected labels shape {labels.shape} for predictions shape {ids.shape}. Predictions "
                               "rank should be the same rank as labels rank or labels rank plus one .")
        return tf.cond(tf.equal(tf.rank(ids), tf.rank(labels) + 1),
                       lambda: tf.expand_dims(labels, -1, name=scope), lambda: labels)


def _share(word: str, other: str, doc: str) -> tuple[Callable[..., Metric], Callable[..., Metric]]:
    """(the metric of predictions, that of the ids of the largest)."""
    def at_top_k(labels: Any, predictions_idx: Any, k: Any = None, class_id: Any = None, weights: Any = None,
                 metrics_collections: Any = None, updates_collections: Any = None, name: str | None = None) -> Metric:
        with name_scope(name, _named(word, k, class_id), [predictions_idx, labels, weights]) as scope:
            labels = _labels_for(labels, predictions_idx)
            ids = tf.cast(predictions_idx, int64)
            hits, update_hits = _summed("true_positive", labels, ids, k, class_id, weights)
            misses, update_misses = _summed(other, labels, ids, k, class_id, weights)
            value = _collected(tf.divide(hits, tf.add(hits, misses), name=scope), metrics_collections)
            update = tf.divide(update_hits, tf.add(update_hits, update_misses), name="update")
            return value, _collected(update, updates_collections)

    def at_k(labels: Any, predictions: Any, k: Any, class_id: Any = None, weights: Any = None,
             metrics_collections: Any = None, updates_collections: Any = None, name: str | None = None) -> Metric:
        with name_scope(name, _named(word, k, class_id), [predictions, labels, weights]) as scope:
            _, ids = tf.nn.top_k(predictions, k)
            return at_top_k(labels, ids, k, class_id, weights, metrics_collections, updates_collections, scope)

    call, top = f"{word}_at_k", f"{word}_at_top_k"
    return (named(at_k, call, f"{doc}, of the k largest predictions, for one class or for all (tf.metrics.{call})."),
            named(at_top_k, top, f"{doc}, of the ids of the largest predictions (tf.metrics.{top})."))


precision_at_k, precision_at_top_k = _share("precision", "false_positive", "What part is among the labels")
recall_at_k, recall_at_top_k = _share("recall", "false_negative", "What part of the labels was found")


def _repeated(labels: Any, many: int, name: str) -> Any:
    """The labels [..., n] as [..., many, n]."""
    with name_scope(name, "expand_and_tile", [labels]) as scope:
        labels = convert_to_tensor_or_sparse_tensor(labels)
        if isinstance(labels, SparseTensor):
            last = tf.reshape(tf.size(labels.dense_shape) + -1, [1])
            shape = tf.concat((tf.slice(labels.dense_shape, [0], last), [1],
                               tf.slice(labels.dense_shape, last, [-1])), 0, name="expanded_shape")
            rows = tf.sparse_reshape(labels, shape, name="expand")
            return rows if many == 1 else tf.sparse_concat(-2, [rows] * many, name=scope)
        rows = tf.expand_dims(labels, -2, name="expand")
        if many == 1:
            return rows
        ones = tf.ones_like(tf.shape(labels))
        times = tf.concat((ones[:-1], (many,), ones[-1:]), 0, name="multiples")
        return tf.tile(rows, times, name=scope)


def _relevant(labels: Any, k: int) -> Any:
    """How many of the labels could be found among k."""
    with name_scope(None, "num_relevant", [labels]) as scope:
        labels = convert_to_tensor_or_sparse_tensor(labels)
        if isinstance(labels, SparseTensor):
            return tf.minimum(tf.sets.size(labels), k, name=scope)
        known = tf.where_v2(tf.greater_equal(labels, 0), tf.ones_like(labels), tf.zeros_like(labels))
        return tf.minimum(tf.reduce_sum(known, axis=-1), k, name=scope)


def _average(labels: Any, ids: Any) -> Any:
    """The average precision of each row. Raises InvalidValue where the number of ids is not known."""
    with name_scope(None, "average_precision", [ids, labels]) as scope:
        ids = tf.cast(ids, int64, name="predictions_idx")
        if not ids.static or ids.static[-1] is None:
            raise InvalidValue("The last dimension of predictions_idx must be set. Currently, it is None.")
        k = ids.static[-1]
        labels = _labels_for(labels, ids)
        one_by_one = tf.expand_dims(ids, -1, name="predictions_idx_per_k")
        repeated = _repeated(labels, k, "labels_per_k")
        found = _hits(_KINDS["true_positive"], "relevant_per_k", "", repeated, one_by_one, None, None)
        hits = tf.cumsum(found, axis=-1, name="tp_per_k")
        seen = tf.cumsum(tf.ones_like(found), axis=-1, name="retrieved_per_k")
        precision = tf.divide(tf.cast(hits, float64), tf.cast(seen, float64), name="precision_per_k")
        counted = tf.multiply(precision, tf.cast(found, float64), name="relevant_precision_per_k")
        total = tf.reduce_sum(counted, axis=(-1,), name="precision_sum")
        return tf.divide(total, tf.cast(_relevant(labels, k), float64), name=scope)


def average_precision_at_k(labels: Any, predictions: Any, k: Any, weights: Any = None, metrics_collections: Any = None,
                           updates_collections: Any = None, name: str | None = None) -> Metric:
    """The mean over rows of the average precision of the k largest predictions (tf.metrics.average_precision_at_k).

    labels: int64 [..., n], dense or sparse. Raises InvalidValue for a k below 1.
    """
    if k < 1:
        raise InvalidValue(f"Invalid k={k}. `k` should be >= 1.")
    with name_scope(name, _named("average_precision", k), [predictions, labels, weights]) as outer:
        _, ids = tf.nn.top_k(predictions, k)
        labels = _known_classes(labels, tf.cast(tf.shape(predictions)[-1], int64))
        with name_scope(outer, "average_precision_at_top_k", [ids, labels, weights]) as scope:
            each = _average(labels, ids)
            if weights is not None:
                weights = broadcast_weights(tf.cast(weights, float64), each)
                each = tf.multiply(each, weights)
            with name_scope(None, "max", [each]) as inner:
                most = _gathered([], float64, inner)
                many = tf.cast(tf.size(each, name="batch_max"), float64) if weights is None \
                    else tf.reduce_sum(weights, name="batch_max")
                update_most = tf.assign_add(most, many, name="update")
            with name_scope(None, "total", [each]) as inner:
                total = _gathered([], float64, inner)
                update_total = tf.assign_add(total, tf.reduce_sum(each, name="batch_total"), name="update")
            value = _collected(tf.div_no_nan(total, most, name="mean"), metrics_collections)
            update = tf.div_no_nan(update_total, update_most, name=scope)
            return value, _collected(update, updates_collections)


def _known_classes(labels: Any, number: Any) -> Any:
    """The labels, -1 for those that are no class."""
    sparse = hasattr(labels, "dense_shape")

    def cleaned(values: Any) -> Any:
        return tf.where_v2(tf.greater_equal(values, number), -1 * tf.ones_like(values), values)

    def clean() -> Any:
        return type(labels)(indices=labels.indices, values=cleaned(labels.values), dense_shape=labels.dense_shape) \
            if sparse else cleaned(labels)

    largest = tf.reduce_max(labels.values if sparse else labels)
    return tf.cond(tf.greater_equal(largest, number), clean, lambda: labels)


