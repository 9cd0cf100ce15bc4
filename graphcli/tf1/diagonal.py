"""Diagonals, identity matrices, traces and norms."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType, InvalidValue, said
from .conversion import convert_to_tensor, is_tensor
from .framework import apply_op, name_scope, raw
from .modules import modules
from .old_names import renamed

EXPORTS = """
tf: eye matrix_diag matrix_diag_part matrix_set_diag matrix_band_part diag=tensor_diag diag_part=tensor_diag_part trace
tf: norm
linalg: eye diag=matrix_diag diag_part=matrix_diag_part set_diag=matrix_set_diag band_part=matrix_band_part
linalg: tensor_diag tensor_diag_part trace norm normalize
"""

tf = modules["tf"]
matrix_band_part = raw("MatrixBandPart")


def tensor_diag(diagonal: Any, name: str | None = None) -> Any:
    """A tensor of twice the rank with these values on its diagonal (tf.diag)."""
    return apply_op("Diag", name, [diagonal])


def tensor_diag_part(input: Any, name: str | None = None) -> Any:
    """The diagonal of a tensor of even rank (tf.diag_part)."""
    return apply_op("DiagPart", name, [input])


def _padding(x: Any, value: Any) -> Any:
    return bool(value) if hasattr(x, "dtype") and x.dtype == "bool" else value


def matrix_diag(diagonal: Any, name: str | None = "diag", k: Any = 0, num_rows: Any = -1, num_cols: Any = -1,
                padding_value: Any = 0, align: str = "RIGHT_LEFT") -> Any:
    """Matrices with these diagonals (tf.matrix_diag)."""
    return apply_op("MatrixDiagV3", name, [diagonal, k, num_rows, num_cols, _padding(diagonal, padding_value)],
                    {"align": align})


def matrix_diag_part(input: Any, name: str | None = "diag_part", k: Any = 0, padding_value: Any = 0,
                     align: str = "RIGHT_LEFT") -> Any:
    """The diagonals of matrices (tf.matrix_diag_part)."""
    return apply_op("MatrixDiagPartV3", name, [input, k, _padding(input, padding_value)], {"align": align})


def matrix_set_diag(input: Any, diagonal: Any, name: str | None = "set_diag", k: Any = 0,
                    align: str = "RIGHT_LEFT") -> Any:
    """Matrices with other diagonals (tf.matrix_set_diag)."""
    return apply_op("MatrixSetDiagV3", name, [input, diagonal, k], {"align": align})


def eye(num_rows: Any, num_columns: Any = None, batch_shape: Any = None, dtype: Any = "float32",
        name: str | None = None) -> Any:
    """Identity matrices (tf.eye)."""
    with name_scope(name, "eye"):
        square = num_columns is None
        batch: Any = [] if batch_shape is None else batch_shape
        columns = num_rows if num_columns is None else num_columns
        if is_tensor(num_rows) or is_tensor(columns):
            size = tf.minimum(num_rows, columns)
        else:
            for count in (num_rows, columns):
                if not hasattr(count, "__index__"):
                    raise InvalidType(f"eye: the number of rows or columns is a whole number, not {said(count)}")
            square = num_rows == columns
            size = min(num_rows, columns)
        if is_tensor(batch) or is_tensor(size):
            batch = convert_to_tensor(batch, "int32", "shape")
            diagonal_shape = tf.concat((batch, [size]), axis=0)
            shape = None if square else tf.concat((batch, [num_rows, columns]), axis=0)
        else:
            batch = list(batch)
            diagonal_shape, shape = [*batch, size], [*batch, num_rows, columns]
        ones = tf.ones(diagonal_shape, dtype=dtype)
        if square:
            return matrix_diag(ones)
        return matrix_set_diag(tf.zeros(shape, dtype=dtype), ones)


def trace(x: Any, name: str | None = None) -> Any:
    """The sum of the diagonal of matrices (tf.trace)."""
    with name_scope(name, "Trace") as scope:
        x = convert_to_tensor(x, name="x")
        return tf.reduce_sum(matrix_diag_part(x), [-1], name=scope)


def norm(tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: Any = None, name: str | None = None,
         keep_dims: Any = None) -> Any:
    """The norm of vectors, or of matrices where ``axis`` is a pair (tf.norm).

    ord: 'euclidean', 'fro', infinity or a positive number; of matrices 1, 2, infinity, 'euclidean', 'fro'.
    """
    keep = bool(renamed("keepdims", keepdims, "keep_dims", keep_dims))
    matrix = isinstance(axis, (list, tuple)) and len(axis) == 2
    infinite = ord == float("inf")
    if matrix:
        axis = tuple(axis)
        if not all(isinstance(i, int) for i in axis) or axis[0] == axis[1]:
            raise InvalidValue(f"norm: axis is None, a number or two different numbers, not {axis}")
        if ord not in ("euclidean", "fro", 1, 2) and not infinite:
            raise InvalidValue(f"norm: ord of a matrix is euclidean, fro, 1, 2 or infinity, not {said(ord)}")
    else:
        if axis is not None and not isinstance(axis, int):
            raise InvalidValue(f"norm: axis is None, a number or two different numbers, not {axis}")
        if ord != "euclidean" and (isinstance(ord, str) or ord <= 0):
            raise InvalidValue(f"norm: ord is 'euclidean' or a positive number, not {said(ord)}")
        axis = None if axis is None else (axis,)
    with name_scope(name, "norm"):
        x = convert_to_tensor(tensor)
        if matrix and ord == 2:
            out = _largest_singular(x, axis)
        elif ord in ("fro", "euclidean", 2):
            out = tf.sqrt(tf.reduce_sum(x * tf.conj(x), axis, keepdims=True))
        else:
            out = tf.abs(x)
            if ord == 1:
                out = tf.reduce_sum(out, None if axis is None else axis[0], keepdims=True)
                if matrix:
                    out = tf.reduce_max(out, axis[-1], keepdims=True)
            elif infinite:
                if matrix:
                    out = tf.reduce_sum(out, axis[1], keepdims=True)
                out = tf.reduce_max(out, None if axis is None else axis[0], keepdims=True)
            else:
                out = tf.pow(tf.reduce_sum(tf.pow(out, ord), axis, keepdims=True), 1.0 / ord)
        return out if keep else tf.squeeze(out, axis)


def normalize(tensor: Any, ord: Any = "euclidean", axis: Any = None, name: str | None = None) -> Any:
    """The tensor divided by its norm, and the norm (tf.linalg.normalize)."""
    with name_scope(name, "normalize"):
        x = convert_to_tensor(tensor)
        size = tf.cast(norm(x, ord, axis, keepdims=True), x.dtype.base_dtype)
        return x / size, size


def _largest_singular(x: Any, axis: Any) -> Any:
    """The largest singular value of the matrices of two axes, which are kept with size 1."""
    rank = tf.rank(x)
    axis = tf.map_fn(lambda i: tf.cond(i >= 0, lambda: i, lambda: i + rank), convert_to_tensor(axis))
    axes = tf.range(rank)
    order = tf.concat([tf.setdiff1d(axes, axis)[0], axis], axis=0)
    back = tf.map_fn(lambda i: tf.cast(tf.squeeze(tf.where_v2(tf.equal(order, i))), "int32"), axes)
    values = tf.linalg.svd(tf.transpose(x, perm=order), compute_uv=False)
    largest = tf.expand_dims(tf.reduce_max(tf.abs(values), axis=-1, keepdims=True), axis=-1)
    return tf.transpose(largest, perm=back)
