"""Sparse tensors in other forms: dense, reordered, reshaped, transposed, cut, joined, filled up."""
from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..errors import InvalidType, InvalidValue, said
from ..graph.constant import static_value
from ..graph.shapes import compatible, show
from ..graph.types import int64
from .conversion import IndexedSlices, constant, convert_to_tensor
from .framework import Tensor, apply_op, name_scope
from .grouping import with_dependencies
from .modules import modules
from .old_names import renamed
from .sparse_tensor import SparseTensor, known_shape, sparse

EXPORTS = """
tf: sparse_tensor_to_dense sparse_reorder sparse_transpose sparse_reshape sparse_concat sparse_split sparse_slice
tf: sparse_fill_empty_rows sparse_retain sparse_reset_shape sparse_mask
sparse: to_dense=sparse_tensor_to_dense reorder=sparse_reorder transpose=sparse_transpose reshape=sparse_reshape
sparse: concat=sparse_concat split=sparse_split slice=sparse_slice fill_empty_rows=sparse_fill_empty_rows
sparse: retain=sparse_retain reset_shape=sparse_reset_shape mask=sparse_mask from_dense eye expand_dims
"""

tf = modules["tf"]


def sparse_tensor_to_dense(sp_input: Any, default_value: Any = None, validate_indices: bool = True,
                           name: str | None = None) -> Any:
    """The whole tensor, with ``default_value`` (0) where there is no element (tf.sparse_tensor_to_dense).

    validate_indices: they come in order, none twice, or the run ends in an error.
    """
    sp_input = sparse(sp_input)
    if default_value is None:
        default_value = tf.zeros([], sp_input.dtype)
    return apply_op("SparseToDense", name, [sp_input.indices, sp_input.dense_shape, sp_input.values, default_value],
                    {"validate_indices": validate_indices})


def from_dense(tensor: Any, name: str | None = None) -> SparseTensor:
    """The elements of a tensor that are not 0 (tf.sparse.from_dense)."""
    with name_scope(name, "dense_to_sparse"):
        tensor = convert_to_tensor(tensor)
        indices = tf.where_v2(tf.not_equal(tensor, tf.zeros_like(tensor)))
        return SparseTensor(indices, tf.gather_nd(tensor, indices), tf.shape(tensor, out_type=int64))


def eye(num_rows: Any, num_columns: Any = None, dtype: Any = "float32", name: str | None = None) -> SparseTensor:
    """A matrix with ones on its diagonal (tf.sparse.eye)."""
    with name_scope(name, "eye", [num_rows, num_columns]):
        rows = _whole(num_rows, "num_rows")
        columns = rows if num_columns is None else _whole(num_columns, "num_columns")
        size = tf.minimum(rows, columns)
        numbers = tf.range(size, dtype=int64)
        return SparseTensor(tf.stack([numbers, numbers], axis=1), tf.ones(size, dtype), [rows, columns])


def _whole(value: Any, name: str) -> Any:
    """A number as an int64 tensor."""
    if isinstance(value, (int, np.integer)):
        return convert_to_tensor(value, int64, name=name)
    if not isinstance(value, Tensor):
        raise InvalidType(f"{name} is a whole number, not {said(value)}")
    return tf.cast(value, int64)


def sparse_reorder(sp_input: Any, name: str | None = None) -> SparseTensor:
    """The elements in the order of their indices, the last axis the fastest (tf.sparse_reorder)."""
    sp_input = sparse(sp_input)
    indices, values = apply_op("SparseReorder", name, sp_input.components)
    shape = sp_input.shape
    if shape.is_fully_defined():
        return SparseTensor(indices, values, shape.as_list())
    made = SparseTensor(indices, values, tf.identity(sp_input.dense_shape))
    made.set_shape(shape)
    return made


def sparse_transpose(sp_input: Any, perm: Any = None, name: str | None = None) -> SparseTensor:
    """The axes in another order, back to front if none is given (tf.sparse_transpose)."""
    with name_scope(name, "SparseTranspose"):
        rank = sp_input.shape.rank
        if perm is None and rank is not None:
            perm = (rank - 1) - np.arange(0, rank, 1)
        elif perm is None:
            count = tf.rank(sp_input)
            perm = (count - 1) - tf.range(0, count, 1)
        indices = tf.transpose(tf.gather(tf.transpose(sp_input.indices), perm))
        axes = static_value(convert_to_tensor(perm))
        if axes is not None and sp_input.shape.is_fully_defined():
            sizes = sp_input.shape.as_list()
            shape: Any = [sizes[axis] for axis in axes.tolist()]
        else:
            shape = tf.gather(sp_input.dense_shape, perm)
        return sparse_reorder(SparseTensor(indices, sp_input.values, shape))


def sparse_reshape(sp_input: Any, shape: Any, name: str | None = None) -> SparseTensor:
    """The elements in another shape; -1 stands for what is left (tf.sparse_reshape). Raises InvalidValue where the
    numbers of elements are known and differ."""
    sp_input = sparse(sp_input)
    shape = tf.cast(shape, int64)
    with name_scope(name, "SparseReshape", [sp_input]) as scope:
        indices, made = apply_op("SparseReshape", scope, [sp_input.indices, sp_input.dense_shape, shape])
        sizes = known_shape(shape) if static_value(shape) is not None else None
        if sizes is not None and sp_input.shape.is_fully_defined():
            total, known = _elements(sp_input.shape.as_list()), _elements(sizes)
            if sizes.count(None) > 1:
                raise InvalidValue("only one size of a shape may be -1")
            given = [total // max(1, known) if s is None else s for s in sizes]
            if _elements(given) != total:
                raise InvalidValue(f"cannot reshape a tensor with {total} elements to shape {given} "
                                   f"({_elements(given)} elements)")
            made = constant(given, int64)
        return SparseTensor(indices, tf.identity(sp_input.values), made)


def _elements(sizes: Any) -> int:
    """Of a shape, without the sizes that are not known."""
    return prod(s for s in sizes if s is not None)


def expand_dims(sp_input: Any, axis: Any = None, name: str | None = None) -> SparseTensor:
    """With an axis of size 1 more, the last if none is given (tf.sparse.expand_dims)."""
    rank = sp_input.dense_shape.shape[0].value
    axis = -1 if axis is None else axis
    with name_scope(name, "expand_dims", [sp_input]):
        axis = convert_to_tensor(axis, "int32", name="axis")
        axis = tf.where_v2(axis >= 0, axis, axis + rank + 1)
        column = tf.zeros([tf.shape(sp_input.indices)[0], 1], int64)
        before = tf.slice(sp_input.indices, [0, 0], [-1, axis])
        after = tf.slice(sp_input.indices, [0, axis], [-1, -1])
        indices = tf.concat([before, column, after], axis=1)
        sizes = tf.slice(sp_input.dense_shape, [0], [axis])
        more = tf.slice(sp_input.dense_shape, [axis], [-1])
        shape = tf.concat([sizes, convert_to_tensor([1], int64, name="new_shape"), more], axis=0)
        return SparseTensor(indices, sp_input.values, shape)


def sparse_concat(axis: Any, sp_inputs: Any, name: str | None = None, expand_nonconcat_dim: bool = False,
                  concat_dim: Any = None, expand_nonconcat_dims: Any = None) -> SparseTensor:
    """Sparse tensors one after the other along an axis (tf.sparse_concat). expand_nonconcat_dim: their other sizes may
    differ, and become the greatest."""
    expand = renamed("expand_nonconcat_dim", expand_nonconcat_dim or None, "expand_nonconcat_dims",
                     expand_nonconcat_dims)
    axis = renamed("axis", axis, "concat_dim", concat_dim)
    if not isinstance(sp_inputs, (list, tuple)):
        raise InvalidType(f"sparse_concat joins a list of sparse tensors, not {said(sp_inputs)}")
    inputs = [sparse(x) for x in sp_inputs]
    if len(inputs) == 1:
        return inputs[0]
    shapes = [x.dense_shape for x in inputs]
    if expand:
        most = tf.reduce_max(tf.concat([tf.reshape(s, [1, -1]) for s in shapes], 0), 0)
        shapes = [tf.concat([most[:axis], s[-1:] if axis == -1 else s[axis:axis + 1],
                             [] if axis == -1 else most[axis + 1:]], 0) for s in shapes]
    indices, values, shape = apply_op(
        "SparseConcat", name, [[x.indices for x in inputs], [x.values for x in inputs], shapes], {"concat_dim": axis})
    known = [x.shape for x in inputs]
    if all(s.rank is not None for s in known):
        sizes = [_most(column) if expand else column[0] for column in zip(*[s.as_list() for s in known])]
        along = [s.as_list()[axis] for s in known]
        sizes[axis] = None if None in along else sum(along)
        if None not in sizes:
            shape = constant(sizes, int64)
        made = SparseTensor(indices, values, shape)
        made.set_shape(sizes)
        return made
    return SparseTensor(indices, values, shape)


def _most(sizes: Any) -> int | None:
    return None if None in sizes else max(sizes)


def sparse_split(keyword_required: Any = None, sp_input: Any = None, num_split: int | None = None, axis: Any = None,
                 name: str | None = None, split_dim: Any = None) -> list[SparseTensor]:
    """Parts along an axis, by keywords only (tf.sparse_split); the first ones take what is left over."""
    if keyword_required is not None:
        raise InvalidValue("sparse_split takes its arguments by their names",
                           hint="sparse_split(sp_input=sp, num_split=2, axis=1)")
    axis = renamed("axis", axis, "split_dim", split_dim)
    for value, word in ((sp_input, "sp_input"), (num_split, "num_split"), (axis, "axis")):
        if value is None:
            raise InvalidValue(f"sparse_split needs {word}")
    parts = apply_op("SparseSplit", name, [axis, *sparse(sp_input).components], {"num_split": num_split})
    return [SparseTensor(*part) for part in zip(*parts)]


def sparse_slice(sp_input: Any, start: Any, size: Any, name: str | None = None) -> SparseTensor:
    """The elements of a box: from ``start`` on, ``size`` of each axis (tf.sparse_slice)."""
    sp_input = sparse(sp_input)
    start, size = convert_to_tensor(start, int64), convert_to_tensor(size, int64)
    with name_scope(name, "SparseSlice", [sp_input]) as scope:
        return SparseTensor(*apply_op("SparseSlice", scope, [*sp_input.components, start, size]))


def sparse_fill_empty_rows(sp_input: Any, default_value: Any, name: str | None = None) -> tuple[SparseTensor, Any]:
    """With an element of ``default_value`` in each row that has none, and which rows these were, bool
    (tf.sparse_fill_empty_rows)."""
    sp_input = sparse(sp_input)
    with name_scope(name, "SparseFillEmptyRows", [sp_input]):
        default = convert_to_tensor(default_value, sp_input.dtype)
        made = apply_op("SparseFillEmptyRows", None, [*sp_input.components, default])
        return SparseTensor(made[0], made[1], sp_input.dense_shape), made[2]


def sparse_retain(sp_input: Any, to_retain: Any) -> SparseTensor:
    """The elements for which ``to_retain``, a bool [n], holds (tf.sparse_retain)."""
    sp_input = sparse(sp_input)
    kept = convert_to_tensor(to_retain)
    if not compatible(kept.static, sp_input.values.static):
        raise InvalidValue(f"to_retain of shape {show(kept.static)} is not for values of shape "
                           f"{show(sp_input.values.static)}")
    places = tf.reshape(tf.where(kept), [-1])
    return SparseTensor(tf.gather(sp_input.indices, places), tf.gather(sp_input.values, places),
                        tf.identity(sp_input.dense_shape))


def sparse_reset_shape(sp_input: Any, new_shape: Any = None) -> SparseTensor:
    """The same elements in a larger shape, or in the least one (tf.sparse_reset_shape). Raises InvalidValue where the
    new shape is known to be too small."""
    sp_input = sparse(sp_input)
    indices, values, sizes = (tf.identity(part) for part in sp_input.components)
    if new_shape is None:
        most = tf.reduce_max(indices, axis=0)
        wanted = tf.maximum(constant(0, int64), tf.add(most, tf.ones_like(sizes)))
        return SparseTensor(indices, values, wanted)
    wanted = tf.cast(convert_to_tensor(new_shape), int64)
    if not compatible(wanted.static, sizes.static):
        raise InvalidValue(f"the new shape {show(wanted.static)} and the shape {show(sizes.static)} differ in rank")
    new, old = static_value(wanted), sp_input.shape
    if new is not None and old.is_fully_defined():
        if (new < np.asarray(old.as_list())).any():
            raise InvalidValue(f"the new shape {new.tolist()} is smaller than the shape {old.as_list()}")
        return SparseTensor(indices, values, new)
    wanted = with_dependencies([tf.assert_equal(tf.shape(sizes), tf.shape(wanted))], wanted)
    wanted = with_dependencies([tf.assert_less_equal(sizes, wanted)], wanted)
    return SparseTensor(indices, values, wanted)


def sparse_mask(a: IndexedSlices, mask_indices: Any, name: str | None = None) -> IndexedSlices:
    """Slices without those of some rows (tf.sparse_mask)."""
    with name_scope(name, "sparse_mask", [a, mask_indices]) as scope:
        rows, kept = tf.setdiff1d(a.indices, mask_indices)
        return IndexedSlices(tf.gather(a.values, kept, name=scope), rows, a.dense_shape)


