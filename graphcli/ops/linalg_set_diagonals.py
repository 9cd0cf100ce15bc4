"""Matrices with other diagonals."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.opdef import op
from ..graph.shapes import count, merge
from ._diagonals import bounds, known_bounds, lengths, met, within_matrix
from .linalg_diagonals import ALIGN, write_diagonals


def _set_shape(n: Any, x: Any, diagonal: Any, *k: Any) -> Any:
    n.at_least_rank(x, 2, "input")
    n.at_least_rank(diagonal, 1, "diagonal")
    if not k:
        if x is None and diagonal is not None:
            return (*diagonal[:-1], None, None)
        if x is None or diagonal is None:
            return x
        wanted = *x[:-2], None if None in x[-2:] else min(x[-2:])
        lead = n.merge(wanted, diagonal, "shapes of the diagonal wanted and given")[:len(x) - 2]
        return (*lead, *x[-2:])
    value = n.value(2)
    low, high = (0, 0) if value is None else known_bounds(n, value)
    several = low != high
    if x is not None:
        n.at_most_rank(diagonal, len(x), "diagonal")
    if x is not None and value is not None:
        n.with_rank(diagonal, len(x) if several else len(x) - 1, "diagonal")
        within_matrix(n, x, low, high)
    if diagonal is None or (x is not None and None not in x):
        return x
    if several and len(diagonal) < 2:
        n.fail("several diagonals need rank 2")
    return n.merge(x, (*diagonal[:-2 if several else -1], None, None), "shapes of the matrices and of their diagonals")


def _set_kernel(n: Any) -> Any:
    xp, align = n.xp, n.attrs.get("align", "LEFT_LEFT")

    def replace(x: Any, diagonal: Any, k: Any = None) -> Any:
        low, high = (0, 0) if k is None else bounds(xp.asarray(k))
        out = xp.array(x)
        if out.ndim < 2:
            raise RunError(f"input must be at least 2-dim, received shape: {list(out.shape)}")
        rows, columns = out.shape[-2:]
        met(rows, columns, low, high)
        longest = lengths(rows, columns, low, high)[1]
        wanted = (*out.shape[:-2], longest) if low == high else (*out.shape[:-2], high - low + 1, longest)
        if diagonal.shape != wanted:
            raise RunError(f"the diagonals must have shape {list(wanted)}, not {list(diagonal.shape)}")
        write_diagonals(xp, out, diagonal, low, high, align)
        return out

    return replace


def _set_gradient(tf: Any, op: Any, grad: Any) -> Any:
    k = op.inputs[2] if len(op.inputs) > 2 else 0
    align = op.attrs.get("align", "LEFT_LEFT")
    given = op.inputs[1]
    nothing = tf.zeros_like(given) if count(given.static) is None else tf.zeros(given.static, given.dtype.base_dtype)
    rest = tf.matrix_set_diag(grad, nothing, k=k, align=align)
    return [rest, tf.matrix_diag_part(grad, k=k, align=align), *[None] * (len(op.inputs) - 2)]


def _main_gradient(tf: Any, op: Any, grad: Any) -> Any:
    """The gradient of another main diagonal."""
    x, diagonal = op.inputs
    full: Any = merge(x.static, grad.static)
    lead: Any = merge(None if full is None else full[:-2], None if diagonal.static is None else diagonal.static[:-1])
    if count(lead) is not None and full is not None and None not in full[-2:]:
        shape: Any = [*lead, min(full[-2:])]
    else:
        with tf.colocate_with(grad):
            sizes, rank = tf.shape(grad), tf.rank(grad)
            batches, matrix = tf.slice(sizes, [0], [rank - 2]), tf.slice(sizes, [rank - 2], [2])
            shape = tf.concat([batches, [tf.reduce_min(matrix)]], 0)
    rest = tf.matrix_set_diag(grad, tf.zeros(shape, dtype=grad.dtype))
    return [rest, tf.matrix_diag_part(grad)]


@op
class MatrixSetDiag:
    """Matrices with another main diagonal (of older graphs)."""

    signature = "input: T, diagonal: T -> output: T"
    attrs = "T: type"
    no_kernel = "T: string"
    infer = _set_shape
    kernel = _set_kernel
    gradient = _main_gradient


@op
class MatrixSetDiagV2:
    """Matrices with other diagonals (of older graphs)."""

    signature = "input: T, diagonal: T, k: int32 -> output: T"
    takes = "k: <=1"
    host_memory = "k"
    attrs = "T: type"
    no_kernel = "T: string"
    infer = _set_shape
    kernel = _set_kernel
    gradient = _set_gradient


@op
class MatrixSetDiagV3:
    """Matrices with other diagonals (tf.matrix_set_diag)."""

    signature = "input: T, diagonal: T, k: int32 -> output: T"
    takes = "k: <=1"
    host_memory = "k"
    attrs = "T: type" + ALIGN
    no_kernel = "T: string"
    infer = _set_shape
    kernel = _set_kernel
    gradient = _set_gradient
