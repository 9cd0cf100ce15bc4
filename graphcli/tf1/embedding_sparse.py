"""Rows of tables by the ids of sparse tensors, combined row by row (tf.nn.embedding_lookup_sparse)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue, said
from ..graph.shapes import TensorShape, compatible
from ..graph.types import bfloat16, float16, float32, int32
from .conversion import convert_to_tensor
from .embedding import embedding_lookup, tables
from .framework import name_scope
from .modules import modules
from .sparse_forms import sparse_fill_empty_rows, sparse_reshape, sparse_retain
from .sparse_tensor import SparseTensor, sparse

EXPORTS = """
nn: embedding_lookup_sparse safe_embedding_lookup_sparse
"""

tf = modules["tf"]
COMBINERS = {"sum": "sparse_segment_sum", "mean": "sparse_segment_mean", "sqrtn": "sparse_segment_sqrt_n"}


def embedding_lookup_sparse(params: Any, sp_ids: Any, sp_weights: Any, partition_strategy: str = "mod",
                            name: str | None = None, combiner: str | None = None, max_norm: Any = None,
                            allow_fast_lookup: bool = False) -> Any:
    """The rows of one table or of several for the ids of each row, as one (tf.nn.embedding_lookup_sparse).

    sp_ids: int32 or int64, [n, m], in order; sp_weights: None, or a sparse tensor of weights at the same places.
    combiner: 'mean' (the default), 'sum' or 'sqrtn' (the sum by the root of the squares of the weights).
    Raises InvalidType, InvalidValue.
    """
    combiner = "mean" if combiner is None else combiner
    if combiner not in COMBINERS:
        raise InvalidValue(f"combiner is one of {', '.join(COMBINERS)}, not {said(combiner)}")
    given = tables(params)
    ids = sparse(sp_ids)
    weights = None if sp_weights is None else sparse(sp_weights)
    if weights is not None:
        for mine, theirs in zip(weights.components, ids.components):
            if not compatible(mine.static, theirs.static):
                raise InvalidValue(f"the weights {weights} do not stand where the ids {ids} do")
    with name_scope(name, "embedding_lookup_sparse", [*given, ids]) as scope:
        rows = ids.indices[:, 0]
        if len(given) == 1 and not hasattr(given[0], "sparse_read"):
            # what stands elsewhere is looked up there; of a variable its own device counts, not that of its read
            here = given[0].device == rows.device
            given = [convert_to_tensor(given[0])]
            if weights is None and max_norm is None and here:
                return getattr(tf, COMBINERS[combiner])(given[0], ids.values, rows, name=scope, sparse_gradient=True)
        once, places = tf.unique(ids.values)
        found = embedding_lookup(given, once, partition_strategy, max_norm=max_norm)
        if weights is None:
            return getattr(tf, COMBINERS[combiner])(found, places, rows, name=scope)
        return _weighted(found, places, tf.cast(rows, int32), weights.values, combiner, scope)


def _weighted(found: Any, places: Any, rows: Any, weights: Any, combiner: str, scope: str) -> Any:
    """The rows that were found times their weights, added up."""
    found = tf.gather(found, places)
    own = found.dtype
    if own in (float16, bfloat16):
        found = tf.cast(found, float32)
    weights = tf.cast(weights, found.dtype)
    static = weights.shape
    one_each = tf.expand_dims(tf.rank(found) - 1, 0)
    sizes = tf.shape(weights)
    weights = tf.reshape(weights, tf.concat([sizes, tf.ones(one_each, int32)], 0))
    if found.shape.rank is not None:
        weights.set_shape(static.concatenate([1] * (found.shape.rank - 1)))
    found = found * weights
    if combiner == "sum":
        return tf.cast(tf.segment_sum(found, rows, name=scope), own)
    sums = tf.segment_sum(found, rows)
    if combiner == "mean":
        return tf.cast(tf.div_no_nan(sums, tf.segment_sum(weights, rows), name=scope), own)
    squares = tf.segment_sum(tf.pow(weights, 2), rows)
    return tf.cast(tf.div_no_nan(sums, tf.sqrt(squares), name=scope), own)


def safe_embedding_lookup_sparse(embedding_weights: Any, sparse_ids: Any, sparse_weights: Any = None,
                                 combiner: str = "mean", default_id: int | None = None, name: str | None = None,
                                 partition_strategy: str = "div", max_norm: Any = None,
                                 allow_fast_lookup: bool = False) -> Any:
    """``embedding_lookup_sparse`` of ids of any rank. Ids below 0 are left out, and weights not above 0 unless it sums;
    a row without ids is 0, or that of ``default_id`` (tf.nn.safe_embedding_lookup_sparse).

    sparse_ids: [..., m]; gives [..., width]. Raises InvalidValue without a table.
    """
    given = tables(embedding_weights)
    dtype = None if sparse_weights is None else sparse_weights.dtype
    given = [w if hasattr(w, "sparse_read") and dtype in (None, w.dtype.base_dtype) else convert_to_tensor(w, dtype)
             for w in given]
    with name_scope(name, "embedding_lookup", [*given, sparse_ids, sparse_weights]) as scope:
        ids = sparse(sparse_ids)
        shape = ids.dense_shape
        known = TensorShape(shape.static)[0].value
        last = (tf.size(shape) if known is None else known) - 1
        ids = sparse_reshape(ids, [tf.reduce_prod(tf.slice(shape, [0], [last])), tf.gather(shape, last)])
        weights = None
        valid = tf.greater_equal(ids.values, 0)
        if sparse_weights is not None:
            weights = SparseTensor(ids.indices, sparse(sparse_weights).values, ids.dense_shape)
            valid = tf.logical_and(valid, tf.ones_like(weights.values, dtype="bool"))
        ids, weights = _kept(ids, weights, valid)
        if combiner != "sum" and weights is not None:
            ids, weights = _kept(ids, weights, tf.greater(weights.values, 0))
        ids, empty = sparse_fill_empty_rows(ids, default_id or 0)
        if weights is not None:
            weights, _ = sparse_fill_empty_rows(weights, 1.0)
        result = embedding_lookup_sparse(given, ids, weights, partition_strategy, None if default_id is None else scope,
                                         combiner, max_norm)
        if default_id is None:
            wide = tf.tile(tf.reshape(empty, [-1, 1]), tf.stack([1, tf.shape(result)[1]]))
            result = tf.where(wide, tf.zeros_like(result), result, name=scope)
        sizes = tf.concat([tf.slice(tf.cast(shape, int32), [0], [last]), tf.slice(tf.shape(result), [1], [-1])], 0)
        final = tf.reshape(result, sizes)
        final.set_shape(TensorShape(None if known is None else [None] * (known - 1)).concatenate(result.shape[1:]))
        return final


def _kept(ids: SparseTensor, weights: SparseTensor | None, which: Any) -> tuple[SparseTensor, SparseTensor | None]:
    return sparse_retain(ids, which), None if weights is None else sparse_retain(weights, which)


