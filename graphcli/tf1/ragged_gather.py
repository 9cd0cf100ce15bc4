"""Parts of ragged tensors by their places (tf.gather, tf.gather_nd, tf.batch_gather of ragged tensors)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue
from ..graph.types import int32
from .framework import apply_op, name_scope
from .modules import modules
from .ragged_rows import repeat
from .ragged_tensor import RaggedTensor, convert_to_tensor_or_ragged_tensor, is_ragged, is_rows, match_row_splits_dtypes

tf = modules["tf"]


def _both(params: Any, indices: Any) -> tuple[Any, Any]:
    params = convert_to_tensor_or_ragged_tensor(params, name="params")
    indices = convert_to_tensor_or_ragged_tensor(indices, name="indices")
    match_row_splits_dtypes(params, indices)
    return params, indices


def gather(params: Any, indices: Any, validate_indices: Any = None, axis: Any = 0, batch_dims: Any = 0,
           name: str | None = None) -> Any:
    """Rows of a ragged tensor, or rows by ragged indices (tf.gather). Raises InvalidValue for another axis than 0."""
    for word, value in (("axis", axis), ("batch_dims", batch_dims)):
        if not isinstance(value, int) or value != 0:
            raise InvalidValue(f"{word} != 0 is not supported for ragged gather yet.")
    with name_scope(name, "RaggedGather", [params, indices]):
        params, indices = _both(params, indices)
        if is_rows(indices):
            return indices.with_values(gather(params, indices.values))
        if not is_rows(params):
            return tf.gather(params, indices)
        if indices.shape.ndims is None:
            raise InvalidValue("indices.shape.ndims must be known statically")
        splits = list(params.nested_row_splits)
        made = apply_op("RaggedGather", None, [splits, params.flat_values, indices],
                        {"OUTPUT_RAGGED_RANK": indices.shape.ndims + len(splits) - 1})
        return RaggedTensor.from_nested_row_splits(made.output_dense_values, made.output_nested_splits, validate=False)


def gather_nd(params: Any, indices: Any, batch_dims: Any = 0, name: str | None = None) -> Any:
    """Parts of a ragged tensor by index vectors, the last axis of ``indices`` (tf.gather_nd). Raises InvalidValue."""
    if not isinstance(batch_dims, int) or batch_dims != 0:
        raise InvalidValue("batch_dims != 0 is not supported for ragged gather yet.")
    if not (is_ragged(params) or is_ragged(indices)):
        return tf.gather_nd(params, indices, name)
    with name_scope(name, "RaggedGatherNd", [params, indices]):
        params, indices = _both(params, indices)
        rank = indices.shape.ndims
        if rank is None:
            raise InvalidValue("indices.rank be statically known.")
        if rank == 0:
            raise InvalidValue("indices.rank must be at least 1.")
        if is_rows(indices) and rank == indices.ragged_rank + 1:
            raise InvalidValue("The innermost dimension of indices may not be ragged")
        size = indices.shape[-1].value
        if size is None:
            raise InvalidValue("indices.shape[-1] must be statically known.")
        if rank > 2:
            return _of_rows(params, indices, rank)
        if size == 0:
            ranks = params.ragged_rank + tf.rank(params.flat_values)
            for _ in range(rank - 1):
                params = tf.expand_dims(params, axis=0)
            many = tf.concat([tf.shape(indices)[:-1], tf.ones([ranks], int32)], axis=0)
            return tf.tile(params, many)
        if size == 1:
            return gather(params, tf.reshape(indices, [-1]))
        return _by_pairs(params, indices, size)


def _of_rows(params: Any, indices: Any, rank: int) -> Any:
    dense = not is_rows(indices)
    if dense:
        kind = params.row_splits.dtype
        indices = RaggedTensor.from_tensor(indices, ragged_rank=rank - 2, row_splits_dtype=kind)
    made = indices.with_flat_values(gather_nd(params, indices.flat_values))
    return made.to_tensor() if dense and is_rows(made) and made.ragged_rank == rank - 2 else made


def _by_pairs(params: Any, indices: Any, size: int) -> Any:
    indices = tf.cast(indices, params.row_splits.dtype)
    places = tf.gather(params.row_splits, indices[..., 0])
    places += indices[..., 1]
    values = params.values
    for dim in range(2, size):
        if not is_rows(values):
            places = tf.concat([tf.expand_dims(places, axis=1), indices[..., dim:]], axis=1)
            return tf.gather_nd(values, places)
        places = tf.gather(values.row_starts(), places)
        places += indices[..., dim]
        values = values.values
    return gather(values, places)


def batch_gather(params: Any, indices: Any, name: str | None = None) -> Any:
    """Parts of each row by their places in it (tf.batch_gather). Raises InvalidValue."""
    if not (is_ragged(params) or is_ragged(indices)):
        return tf.batch_gather(params, indices, name)
    with name_scope(name, "RaggedBatchGather", [params, indices]):
        params, indices = _both(params, indices)
        rank = indices.shape.ndims
        if rank is None:
            raise InvalidValue("batch_gather does not allow indices with unknown shape.")
        if rank == 0:
            raise InvalidValue("indices.rank must be at least 1.")
        if is_rows(indices):
            return _batches(params, indices, rank)
        if rank == 1:
            return gather(params, indices)
        if rank == 2:
            starts = tf.expand_dims(params.row_starts(), 1)
            return gather(params.values, tf.cast(indices, starts.dtype) + starts)
        raise InvalidValue("batch shape from indices does not match params shape")


def _batches(params: Any, indices: Any, rank: int) -> Any:
    if rank > 2:
        if not is_rows(params):
            raise InvalidValue("batch shape from indices does not match params shape")
        with tf.control_dependencies([tf.assert_equal(params.row_splits, indices.row_splits)]):
            return RaggedTensor.from_row_splits(batch_gather(params.values, indices.values), indices.row_splits,
                                                validate=False)
    if not is_rows(params):
        if params.shape.ndims is not None and params.shape.ndims < 2:
            raise InvalidValue("batch shape from indices does not match params shape")
        params = RaggedTensor.from_tensor(params, ragged_rank=1, row_splits_dtype=indices.row_splits.dtype)
    lengths = indices.row_lengths()
    starts = repeat(params.row_starts(), lengths, axis=0)
    places = tf.cast(indices.values, starts.dtype) + starts
    return RaggedTensor.from_row_splits(gather(params.values, places), indices.row_splits, validate=False)
