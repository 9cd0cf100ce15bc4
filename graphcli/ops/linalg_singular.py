"""Singular values of matrices (or stacks of them)."""
from __future__ import annotations

from typing import Any

from ..errors import NotSupported
from ..graph.opdef import op
from . import _one_matrix as one
from . import _one_spectrum as spectrum
from ._gradients import differences, safe_reciprocal
from .linalg_factor import MATRICES, wide

BLAS = True


@op
class Svd:
    """Singular values, descending, and with compute_uv the vectors: A = u @ diag(s) @ v^H (tf.svd)."""

    signature = "input: T -> s: T, u: T, v: T"
    attrs = "compute_uv: bool = True; full_matrices: bool = False; " + MATRICES
    no_kernel = "T: float16"
    parts = {"input": 2}
    alone = one.each_alone(0)
    spends = "input"

    def infer(n: Any, x: Any) -> Any:
        n.at_least_rank(x, 2, "input")
        if x is None:
            return [None, None, None] if n.attrs["compute_uv"] else [None, (0,), (0,)]
        rows, columns = x[-2:]
        small = None if None in (rows, columns) else min(rows, columns)
        s = (*x[:-2], small)
        if not n.attrs["compute_uv"]:
            return [s, (0,), (0,)]
        if n.attrs["full_matrices"]:
            return [s, (*x[:-2], rows, rows), (*x[:-2], columns, columns)]
        return [s, (*x[:-2], rows, small), (*x[:-2], columns, small)]

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()
        vectors, full = n.attrs["compute_uv"], n.attrs["full_matrices"]
        own: Any = one.routines(xp, dtype)

        def alone(x: Any) -> Any:
            lead, (rows, columns) = x.shape[:-2], x.shape[-2:]
            less, over = min(rows, columns), one.yours(n, x)
            s = xp.empty((*lead, less), own.real)
            u = xp.empty((*lead, rows, rows if full else less) if vectors else 0, dtype)
            v = xp.empty((*lead, columns, columns if full else less) if vectors else 0, dtype)

            def of_one(at: Any) -> None:
                parts: Any = (s[at], u[at], v[at]) if vectors else (s[at], None, None)
                if not one.finite(x[at]):
                    for part in parts[:3 if vectors else 1]:
                        part[...] = xp.nan
                elif not spectrum.svd(own, x[at], over, *parts):
                    raise xp.linalg.LinAlgError("SVD did not converge")

            one.each(n, lead, (x, u, v), of_one, copied=vectors or not over)
            return s.astype(dtype, copy=False), u, v

        def factor(x: Any) -> Any:
            if one.large(own, x.shape):
                return alone(x)
            bad = ~xp.isfinite(x).all((-2, -1))
            x = xp.where(bad[..., None, None], 0, wide(xp, x)) if bad.any() else wide(xp, x)
            if not vectors:
                s = xp.linalg.svd(x, compute_uv=False).astype(dtype)
                s[bad] = xp.nan
                return s, xp.zeros(0, dtype), xp.zeros(0, dtype)
            u, s, vh = xp.linalg.svd(x, full_matrices=full)
            found = s.astype(dtype), u.astype(dtype), xp.conj(xp.swapaxes(vh, -1, -2)).astype(dtype)
            for part in found:
                part[bad] = xp.nan
            return found

        return factor

    def scratch(n: Any) -> Any:
        vectors, own = n.attrs["compute_uv"], one.taken_alone(n, 0)
        if own is not None:
            rows, columns = n.shapes[0][-2:]
            over = not one.copy_room(n)
            room = spectrum.svd_room(own, rows, columns, vectors, n.attrs["full_matrices"], over)
            return one.at_once(n, vectors or not over) * room
        return (4 if vectors else 2) * n.bytes()

    def gradient(tf: Any, op: Any, grad_s: Any, grad_u: Any, grad_v: Any) -> Any:
        x = op.inputs[0]
        grad_s = tf.cast(grad_s, x.dtype)
        middle = tf.matrix_diag(grad_s)
        if not op.attrs["compute_uv"]:
            _, u, v = tf.svd(x, compute_uv=True)
            return [tf.matmul(u, tf.matmul(middle, v, adjoint_b=True))]
        rows, columns = _sizes(x, grad_u, grad_v)
        s, u, v = op.outputs
        s = tf.cast(s, x.dtype)
        deep = rows > columns
        if deep:
            rows, columns = columns, rows
            u, v, grad_u, grad_v = v, u, grad_v, grad_u
        with tf.control_dependencies([grad_s, grad_u, grad_v]):
            if op.attrs["full_matrices"] and columns - rows > 1:
                raise NotSupported("the gradient of svd() with full_matrices=True is there for matrices whose numbers "
                                   f"of rows and columns differ by 1 at most, not for {rows} and {columns}", op.span)
            out = _wide(tf, op, s, u, v, middle, grad_u, grad_v, rows, columns)
            return [tf.matrix_transpose(out, conjugate=True) if deep else out]


def _sizes(x: Any, grad_u: Any, grad_v: Any) -> tuple[int, int]:
    """Rows and columns of the matrices. Raises NotSupported where they are not known."""
    shapes = [(None, None) if t.static is None else t.static[-2:] for t in (x, grad_u, grad_v)]
    rows = shapes[0][0] if shapes[0][0] is not None else shapes[1][0]
    columns = shapes[0][1] if shapes[0][1] is not None else shapes[2][0]
    if rows is None or columns is None:
        raise NotSupported("SVD gradient has not been implemented for input with unknown inner matrix shape.")
    return rows, columns


def _wide(tf: Any, op: Any, s: Any, u: Any, v: Any, middle: Any, grad_u: Any, grad_v: Any, m: int, n: int) -> Any:
    """The gradient of matrices with no more rows (m) than columns (n). middle: that of the singular values."""
    adjoint = tf.linalg.adjoint
    diagonal = tf.matrix_diag(s)
    squares = tf.square(s)
    sizes = tf.shape(s)
    f = differences(tf, squares)
    inverse = tf.matrix_diag(safe_reciprocal(tf, s))
    v1, grad_v1 = v[..., :, :m], grad_v[..., :, :m]
    along_u = tf.matmul(u, grad_u, adjoint_a=True)
    along_v = tf.matmul(v1, grad_v1, adjoint_a=True)
    f_u, f_v = f * along_u, f * along_v
    inner = middle + tf.matmul(f_u + adjoint(f_u), diagonal) + tf.matmul(diagonal, f_v + adjoint(f_v))
    out = tf.matmul(u, tf.matmul(inner, v1, adjoint_b=True))
    if m != n:
        turned = tf.matrix_transpose(grad_v1, conjugate=True)
        beyond = turned - tf.matmul(tf.matmul(turned, v1), v1, adjoint_b=True)
        if op.attrs["full_matrices"]:
            v2, grad_v2 = v[..., :, m:n], grad_v[..., :, m:n]
            beyond -= tf.matmul(tf.matmul(v1, grad_v2, adjoint_a=True), v2, adjoint_b=True)
        out = out + tf.matmul(tf.matmul(u, inverse), beyond)
    if s.dtype.is_complex:
        eye = tf.eye(sizes[-1], batch_shape=sizes[:-1], dtype=s.dtype)
        phases = eye * along_v
        turned = tf.matmul(inverse, adjoint(phases) - phases)
        out += 0.5 * tf.matmul(u, tf.matmul(turned, v1, adjoint_b=True))
    return out
