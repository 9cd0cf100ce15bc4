"""Singular values of matrices (or stacks of them)."""
from __future__ import annotations

from typing import Any

from numpy import ndindex

from ..graph.opdef import op
from . import _one_matrix as one
from . import _one_spectrum as spectrum
from .linalg_factor import MATRICES, wide

BLAS = True


@op
class Svd:
    """Singular values, descending, and with compute_uv the vectors: A = u @ diag(s) @ v^H (tf.svd)."""

    signature = "input: T -> s: T, u: T, v: T"
    attrs = "compute_uv: bool = True; full_matrices: bool = False; " + MATRICES
    no_kernel = "T: float16"
    parts = {"input": 2}
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
            for at in ndindex(*lead):
                parts: Any = (s[at], u[at], v[at]) if vectors else (s[at], None, None)
                if not one.finite(x[at]):
                    for part in parts[:3 if vectors else 1]:
                        part[...] = xp.nan
                elif not spectrum.svd(own, x[at], over, *parts):
                    raise xp.linalg.LinAlgError("SVD did not converge")
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
            return spectrum.svd_room(own, rows, columns, vectors, n.attrs["full_matrices"], not one.copy_room(n))
        return (4 if vectors else 2) * n.bytes()

    def gradient(tf: Any, op: Any, grad_s: Any, grad_u: Any = None, grad_v: Any = None) -> Any:
        x = op.inputs[0]
        adjoint = tf.linalg.adjoint
        if not op.attrs["compute_uv"]:
            _, u, v = tf.svd(x, compute_uv=True)
            inner = tf.matrix_diag(tf.cast(grad_s, x.dtype.base_dtype))
            return [tf.matmul(u, tf.matmul(inner, v, adjoint_b=True))]
        s, u, v = op.outputs
        grad_s = tf.zeros_like(s) if grad_s is None else grad_s
        grad_u = tf.zeros_like(u) if grad_u is None else grad_u
        grad_v = tf.zeros_like(v) if grad_v is None else grad_v
        size = min(x.static[-2:])
        u, v, grad_u, grad_v = (t[..., :size] for t in (u, v, grad_u, grad_v))
        values = tf.real(s)
        squares = tf.square(values)
        apart = tf.expand_dims(squares, -2) - tf.expand_dims(squares, -1)
        f = tf.matrix_set_diag(tf.reciprocal(tf.matrix_set_diag(apart, tf.ones_like(values))), tf.zeros_like(values))
        f = tf.cast(f, x.dtype.base_dtype)
        diagonal = tf.matrix_diag(s)
        inverse = tf.matrix_diag(tf.reciprocal(s))
        along_u = f * (tf.matmul(u, grad_u, adjoint_a=True) - tf.matmul(grad_u, u, adjoint_a=True))
        along_v = f * (tf.matmul(v, grad_v, adjoint_a=True) - tf.matmul(grad_v, v, adjoint_a=True))
        middle = tf.matrix_diag(grad_s) + tf.matmul(along_u, diagonal) + tf.matmul(diagonal, along_v)
        out = tf.matmul(u, tf.matmul(middle, v, adjoint_b=True))
        beyond_u = grad_u - tf.matmul(u, tf.matmul(u, grad_u, adjoint_a=True))
        out += tf.matmul(tf.matmul(beyond_u, inverse), v, adjoint_b=True)
        beyond_v = grad_v - tf.matmul(v, tf.matmul(v, grad_v, adjoint_a=True))
        return [out + tf.matmul(tf.matmul(u, inverse), adjoint(beyond_v))]
