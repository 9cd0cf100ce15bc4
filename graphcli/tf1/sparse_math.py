"""Arithmetic of sparse tensors: products, sums, reductions, extremes; ids as indicators."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidType, InvalidValue, said
from ..graph.shapes import broadcast, compatible, show
from ..graph.types import int64
from .conversion import constant, convert_to_tensor
from .framework import Tensor, apply_op, name_scope
from .modules import modules
from .old_names import renamed
from .sparse_forms import sparse_reorder, sparse_tensor_to_dense
from .sparse_tensor import SparseTensor, is_sparse, sparse

EXPORTS = """
tf: sparse_tensor_dense_matmul sparse_add sparse_reduce_sum sparse_reduce_sum_sparse sparse_reduce_max
tf: sparse_reduce_max_sparse sparse_softmax sparse_maximum sparse_minimum sparse_to_indicator sparse_merge
sparse: matmul=sparse_tensor_dense_matmul sparse_dense_matmul=sparse_tensor_dense_matmul add=sparse_add
sparse: reduce_sum=sparse_reduce_sum reduce_sum_sparse=sparse_reduce_sum_sparse reduce_max=sparse_reduce_max
sparse: reduce_max_sparse=sparse_reduce_max_sparse softmax=sparse_softmax maximum=sparse_maximum
sparse: minimum=sparse_minimum to_indicator=sparse_to_indicator merge=sparse_merge
"""

tf = modules["tf"]


def sparse_tensor_dense_matmul(sp_a: Any, b: Any, adjoint_a: bool = False, adjoint_b: bool = False,
                               name: str | None = None) -> Any:
    """The product of a sparse and a dense matrix, or of a dense and a sparse one (tf.sparse_tensor_dense_matmul)."""
    if is_sparse(b):
        return tf.transpose(sparse_tensor_dense_matmul(b, sp_a, not adjoint_b, not adjoint_a))
    sp_a = sparse(sp_a)
    with name_scope(name, "SparseTensorDenseMatMul", [sp_a, b]):
        b = convert_to_tensor(b, name="b")
        return apply_op("SparseTensorDenseMatMul", None, [*sp_a.components, b],
                        {"adjoint_a": adjoint_a, "adjoint_b": adjoint_b})


def sparse_add(a: Any, b: Any, threshold: Any = None, thresh: Any = None) -> Any:
    """The sum of two sparse tensors, or of a sparse and a dense one, which is dense (tf.sparse_add).

    threshold: where both have a value, a sum that is nearer to 0 is left out. Raises InvalidType where neither is
    sparse, InvalidValue where their shapes differ.
    """
    threshold = renamed("threshold", threshold, "thresh", thresh)
    if not is_sparse(a) and not is_sparse(b):
        raise InvalidType("at least one operand of sparse_add is a SparseTensor", hint="tf.add adds tensors")
    if not is_sparse(a) or not is_sparse(b):
        a, b = (a, b) if is_sparse(a) else (b, a)
        return apply_op("SparseTensorDenseAdd", None, [*sparse(a).components, b])
    a, b = sparse(a), sparse(b)
    limit = convert_to_tensor(0 if threshold is None else threshold, a.dtype.real_dtype.base_dtype, name="threshold")
    if not compatible(a.shape.tuple, b.shape.tuple):
        raise InvalidValue(f"the shapes {show(a.shape.tuple)} and {show(b.shape.tuple)} differ")
    indices, values, shape = apply_op("SparseAdd", None, [*a.components, *b.components, limit])
    static = broadcast(a.shape.tuple, b.shape.tuple)
    known = static is not None and None not in static
    return SparseTensor(indices, values, static if known else shape)


def _axes(x: SparseTensor, axis: Any, old: Any) -> Any:
    """The axes of a reduction: all of them where none are given."""
    axis = renamed("axis", axis, "reduction_axes", old)
    if axis is not None:
        return axis
    size = x.dense_shape.static
    if size is not None and size[0] is not None:
        return constant(np.arange(size[0]), "int32")
    return tf.range(0, tf.rank(x))


def sparse_reduce_sum(sp_input: Any, axis: Any = None, keepdims: bool | None = None, reduction_axes: Any = None,
                      keep_dims: bool | None = None) -> Any:
    """Sums over axes, all if none are given, as a tensor (tf.sparse_reduce_sum)."""
    return _reduced("SparseReduceSum", sp_input, axis, reduction_axes, renamed("keepdims", keepdims, "keep_dims",
                                                                               keep_dims))


def sparse_reduce_sum_sparse(sp_input: Any, axis: Any = None, keepdims: bool | None = None, reduction_axes: Any = None,
                             keep_dims: bool | None = None) -> SparseTensor:
    """Sums over axes, all if none are given, as a sparse tensor (tf.sparse_reduce_sum_sparse)."""
    return SparseTensor(*_reduced("SparseReduceSumSparse", sp_input, axis, reduction_axes,
                                  renamed("keepdims", keepdims, "keep_dims", keep_dims)))


def sparse_reduce_max(sp_input: Any, axis: Any = None, keepdims: bool | None = None, reduction_axes: Any = None,
                      keep_dims: bool | None = None) -> Any:
    """The greatest elements over axes, 0 where there are none, as a tensor (tf.sparse_reduce_max)."""
    return _reduced("SparseReduceMax", sp_input, axis, reduction_axes, renamed("keepdims", keepdims, "keep_dims",
                                                                               keep_dims))


def sparse_reduce_max_sparse(sp_input: Any, axis: Any = None, keepdims: bool | None = None, reduction_axes: Any = None,
                             keep_dims: bool | None = None) -> SparseTensor:
    """The greatest elements over axes as a sparse tensor (tf.sparse_reduce_max_sparse)."""
    return SparseTensor(*_reduced("SparseReduceMaxSparse", sp_input, axis, reduction_axes,
                                  renamed("keepdims", keepdims, "keep_dims", keep_dims)))


def _reduced(op_type: str, sp_input: Any, axis: Any, old: Any, keep: bool | None) -> Any:
    sp_input = sparse(sp_input)
    return apply_op(op_type, None, [*sp_input.components, _axes(sp_input, axis, old)], {"keep_dims": bool(keep)})


def sparse_softmax(sp_input: Any, name: str | None = None) -> SparseTensor:
    """Softmax of the elements that are there, over the last axis (tf.sparse_softmax)."""
    sp_input = sparse(sp_input)
    with name_scope(name, "SparseSoftmax", sp_input.components):
        return SparseTensor(sp_input.indices, apply_op("SparseSoftmax", None, sp_input.components),
                            sp_input.dense_shape)


def sparse_maximum(sp_a: Any, sp_b: Any, name: str | None = None) -> SparseTensor:
    """The greater elements of two sparse tensors of one shape; what is not there is 0 (tf.sparse_maximum)."""
    return _extreme("SparseSparseMaximum", sp_a, sp_b, name)


def sparse_minimum(sp_a: Any, sp_b: Any, name: str | None = None) -> SparseTensor:
    """The lesser elements of two sparse tensors of one shape; what is not there is 0 (tf.sparse_minimum)."""
    return _extreme("SparseSparseMinimum", sp_a, sp_b, name)


def _extreme(op_type: str, a: Any, b: Any, name: str | None) -> SparseTensor:
    a, b = sparse(a), sparse(b)
    with name_scope(name, op_type, [*a.components, *b.components]) as scope:
        indices, values = apply_op(op_type, scope, [*a.components, *b.components])
    return SparseTensor(indices, values, a.dense_shape)


def sparse_to_indicator(sp_input: Any, vocab_size: Any, name: str | None = None) -> Any:
    """Of the ids in the rows: a bool tensor that holds at [..., id] for each (tf.sparse_to_indicator).

    sp_input: ids of whole numbers, [..., n]. vocab_size: a number above them.
    """
    sp_input = sparse(sp_input)
    with name_scope(name, "SparseToIndicator", [sp_input]) as scope:
        count = tf.shape(sp_input.indices)[0]
        held = sp_input.with_values(tf.fill(tf.expand_dims(count, 0), True))
        merged = sparse_merge(sp_input, held, vocab_size, scope)
        return sparse_tensor_to_dense(merged, False, validate_indices=False, name=scope)


def sparse_merge(sp_ids: Any, sp_values: Any, vocab_size: Any, name: str | None = None,
                 already_sorted: bool = False) -> SparseTensor:
    """Ids and values, which stand at the same places, as values at their ids (tf.sparse_merge).

    sp_ids: a sparse tensor, or a list of such, with a vocab_size for each. Raises InvalidType, InvalidValue.
    """
    if is_sparse(sp_ids):
        if not isinstance(vocab_size, (int, np.integer, Tensor)):
            raise InvalidType(f"vocab_size is a whole number, not {said(vocab_size)}")
        sp_ids, vocab_size = [sp_ids], [vocab_size]
    if not isinstance(sp_ids, (list, tuple)) or not isinstance(vocab_size, (list, tuple)):
        raise InvalidType("sparse_merge takes a sparse tensor of ids and a vocab_size, or a list of each")
    if len(sp_ids) != len(vocab_size):
        raise InvalidValue(f"there are {len(sp_ids)} tensors of ids and {len(vocab_size)} sizes")
    with name_scope(name, "SparseMerge", [sp_values]):
        ids, values = [sparse(x) for x in sp_ids], sparse(sp_values)
        columns = [tf.expand_dims(tf.cast(x.values, int64), axis=1) for x in ids]
        sizes = [tf.cast(x, int64) for x in vocab_size]
        indices = tf.concat([ids[0].indices[:, :-1], *columns], 1)
        made = SparseTensor(indices, values.values, tf.concat([ids[0].dense_shape[:-1], sizes], 0))
        if already_sorted:
            return made
        ordered = sparse_reorder(made)
        return SparseTensor(ordered.indices, ordered.values, made.dense_shape)
