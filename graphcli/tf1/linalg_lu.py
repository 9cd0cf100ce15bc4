"""What is done with a factoring of matrices into triangles: equations, inverses, the matrices again."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue
from ..graph.shapes import compatible
from .conversion import convert_to_tensor
from .framework import control_dependencies, name_scope, raw
from .modules import modules

EXPORTS = """
linalg: lu lu_solve lu_matrix_inverse lu_reconstruct
"""

tf = modules["tf"]

lu = raw("Lu")


def _checked(lower_upper: Any, perm: Any, validate_args: bool) -> list[Any]:
    """Refuses shapes that are known not to be those of a factoring; the checks of the rest, for the run."""
    static, of_perm = lower_upper.static, perm.static
    checks = []
    text = "`lower_upper` must have at least 2 dimensions."
    if static is not None and len(static) < 2:
        raise InvalidValue(text)
    if validate_args:
        checks.append(tf.assert_rank_at_least(lower_upper, 2, message=text))
    text = "`rank(lower_upper)` must equal `rank(perm) + 1`"
    if static is not None and of_perm is not None:
        if len(static) != len(of_perm) + 1:
            raise InvalidValue(f"{text}; they are {len(static)} and {len(of_perm)}")
    elif validate_args:
        checks.append(tf.assert_rank(lower_upper, tf.rank(perm) + 1, message=text))
    text = "`lower_upper` must be square."
    if static is not None and None not in static[:-2]:
        if not compatible(static[-2:-1], static[-1:]):
            raise InvalidValue(text)
    elif validate_args:
        rows, columns = tf.split(tf.shape(lower_upper)[-2:], num_or_size_splits=2)
        checks.append(tf.assert_equal(rows, columns, message=text))
    return checks


def _checked_rhs(lower_upper: Any, rhs: Any, validate_args: bool) -> list[Any]:
    checks = []
    text = "`rhs` must have at least 2 dimensions."
    if rhs.static is not None:
        if len(rhs.static) < 2:
            raise InvalidValue(text)
    elif validate_args:
        checks.append(tf.assert_rank_at_least(rhs, rank=2, message=text))
    if None not in (lower_upper.static, rhs.static) and not compatible(lower_upper.static[-1:], rhs.static[-2:-1]):
        raise InvalidValue(f"a matrix of {lower_upper.static[-1]} rows, the right side has {rhs.static[-2]}")
    return checks


def _after(checks: list[Any], *tensors: Any) -> tuple[Any, ...]:
    """Tensors as they are after checks."""
    if not checks:
        return tensors
    with control_dependencies(checks):
        return tuple(tf.identity(t) for t in tensors)


def lu_solve(lower_upper: Any, perm: Any, rhs: Any, validate_args: bool = False, name: str | None = None) -> Any:
    """The x of A @ x = rhs [..., n, k], given ``lu(A)`` of matrices (tf.linalg.lu_solve). Raises InvalidValue."""
    with name_scope(name or "lu_solve"):
        lower_upper = convert_to_tensor(lower_upper, dtype_hint="float32", name="lower_upper")
        perm = convert_to_tensor(perm, dtype_hint="int32", name="perm")
        rhs = convert_to_tensor(rhs, dtype_hint=lower_upper.dtype.base_dtype, name="rhs")
        checks = _checked(lower_upper, perm, validate_args) + _checked_rhs(lower_upper, rhs, validate_args)
        lower_upper, perm, rhs = _after(checks, lower_upper, perm, rhs)
        if rhs.static is not None and len(rhs.static) == 2 and perm.static is not None and len(perm.static) == 1:
            permuted = tf.gather(rhs, perm, axis=-2)
        else:
            permuted = _permuted_rows(rhs, perm)
        lower = _unit_lower(lower_upper)
        return tf.matrix_triangular_solve(lower_upper, tf.matrix_triangular_solve(lower, permuted), lower=False)


def _permuted_rows(rhs: Any, perm: Any) -> Any:
    """The rows of stacks [..., n, k], each in its own order; the stacks are broadcast."""
    sizes = tf.shape(rhs)
    batch = tf.broadcast_dynamic_shape(sizes[:-2], tf.shape(perm)[:-1])
    rows, columns = sizes[-2], sizes[-1]
    full = tf.concat([batch, [rows, columns]], axis=0)
    flat = tf.reshape(tf.broadcast_to(rhs, full), [-1, rows, columns])
    perm = tf.reshape(tf.broadcast_to(perm, full[:-1]), [-1, rows])
    return tf.reshape(tf.gather_nd(flat, _with_batches(perm, tf.reduce_prod(batch), rows)), full)


def _with_batches(perm: Any, many: Any, rows: Any) -> Any:
    """Index vectors (batch, row) for row numbers [batch, n]."""
    return tf.stack([tf.broadcast_to(tf.range(many)[:, None], [many, rows]), perm], axis=-1)


def _unit_lower(lower_upper: Any) -> Any:
    band = tf.matrix_band_part(lower_upper, num_lower=-1, num_upper=0)
    return tf.matrix_set_diag(band, tf.ones(tf.shape(lower_upper)[:-1], dtype=lower_upper.dtype.base_dtype))


def _given(lower_upper: Any, perm: Any, validate_args: bool) -> tuple[Any, ...]:
    """What ``lu`` gave as tensors, checked if that is asked for."""
    lower_upper = convert_to_tensor(lower_upper, dtype_hint="float32", name="lower_upper")
    perm = convert_to_tensor(perm, dtype_hint="int32", name="perm")
    return _after(_checked(lower_upper, perm, validate_args), lower_upper, perm)


def lu_matrix_inverse(lower_upper: Any, perm: Any, validate_args: bool = False, name: str | None = None) -> Any:
    """The inverse of matrices, given their ``lu`` (tf.linalg.lu_matrix_inverse)."""
    with name_scope(name or "lu_matrix_inverse"):
        lower_upper, perm = _given(lower_upper, perm, validate_args)
        shape = tf.shape(lower_upper)
        return lu_solve(lower_upper, perm, tf.eye(shape[-1], batch_shape=shape[:-2],
                                                  dtype=lower_upper.dtype.base_dtype))


def lu_reconstruct(lower_upper: Any, perm: Any, validate_args: bool = False, name: str | None = None) -> Any:
    """The matrix of which ``lu`` gave these (tf.linalg.lu_reconstruct)."""
    with name_scope(name or "lu_reconstruct"):
        lower_upper, perm = _given(lower_upper, perm, validate_args)
        shape = tf.shape(lower_upper)
        lower = tf.matrix_set_diag(tf.matrix_band_part(lower_upper, num_lower=-1, num_upper=0),
                                   tf.ones(shape[:-1], dtype=lower_upper.dtype.base_dtype))
        x = tf.matmul(lower, tf.matrix_band_part(lower_upper, num_lower=0, num_upper=-1))
        if lower_upper.static is not None and len(lower_upper.static) == 2:
            x = tf.gather(x, tf.invert_permutation(perm))
        else:
            many, rows = tf.reduce_prod(shape[:-2]), shape[-1]
            x = tf.reshape(x, [many, rows, rows])
            perm = tf.map_fn(tf.invert_permutation, tf.reshape(perm, [many, rows]))
            x = tf.reshape(tf.gather_nd(x, _with_batches(perm, many, rows)), shape)
        x.set_shape(lower_upper.shape)
        return x
