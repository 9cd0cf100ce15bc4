"""Factorings of matrices (or stacks of them): Cholesky, LU, QR."""
from __future__ import annotations

from contextlib import suppress
from typing import Any

from numpy import ndindex

from ..errors import NotSupported, RunError
from ..graph.opdef import op, undefined_gradient
from . import _one_matrix as one

BLAS = True
MATRICES = "T: {float64, float32, float16, complex64, complex128}"


def square(n: Any, x: Any, what: str = "input") -> Any:
    """A stack of square matrices."""
    n.at_least_rank(x, 2, what)
    if x is not None and None not in x[-2:] and x[-1] != x[-2]:
        n.fail(f"{what} is not square: {x[-2]} rows, {x[-1]} columns")
    if x is None:
        return None
    size = x[-1] if x[-2] is None else x[-2]
    return (*x[:-2], size, size)


def wide(xp: Any, x: Any) -> Any:
    """Half precision as single: LAPACK has no halves."""
    return x.astype(xp.float32) if x.dtype.itemsize == 2 else x


def _halves(n: Any) -> Any:
    """Bytes of operands and results of half precision in single precision."""
    return 0 if n.width() > 2 else 2 * n.bytes() + 2 * sum(n.out_bytes(i) for i in range(len(n.outs)))


def of_each(xp: Any, call: Any, *stacks: Any) -> Any:
    """A call for stacks of matrices, its result shaped as the last of them. Where a matrix has no answer, NaN stands
    (in complex matrices 0), which is what TensorFlow fills in."""
    try:
        return call(*stacks)
    except xp.linalg.LinAlgError:
        last = stacks[-1]
        out = xp.full(last.shape, 0 if last.dtype.kind == "c" else xp.nan, last.dtype)
        for at in ndindex(*last.shape[:-2]):
            with suppress(xp.linalg.LinAlgError):
                out[at] = call(*(s[at] for s in stacks))
        return out


def starts_regular(xp: Any, x: Any) -> bool:
    """Whether no matrix begins with NaN, which TensorFlow takes for a pivot of 0; it asks no other."""
    return not xp.isnan(x[..., :1, :1]).any()


def lower_part(tf: Any, x: Any) -> Any:
    return tf.matrix_band_part(x, -1, 0)


@op
class Cholesky:
    """The lower triangular L of L @ L^H = A (tf.cholesky); NaN where A is not positive definite."""

    signature = "input: T -> output: T"
    attrs = MATRICES
    no_kernel = "T: float16"
    parts = {"input": 2}
    alone = one.each_alone(0)
    infer = square

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()
        own: Any = one.routines(xp, dtype)

        def alone(x: Any) -> Any:
            out = xp.empty(x.shape, dtype)

            def of_one(at: Any) -> None:
                if not one.cholesky(own, x[at], out[at]):
                    out[at] = 0 if own.complex else xp.tril(xp.full(x.shape[-2:], xp.nan, dtype))

            one.each(n, x.shape[:-2], (x, out), of_one)
            return out

        def factor(x: Any) -> Any:
            # of the input LAPACK reads the lower triangle only
            if one.large(own, x.shape):
                return alone(x)
            factors = of_each(xp, xp.linalg.cholesky, wide(xp, x))
            return (xp.tril(factors) if xp.isnan(factors).any() else factors).astype(dtype, copy=False)

        return factor

    def scratch(n: Any) -> Any:
        if one.taken_alone(n, 0):
            return one.at_once(n, copied=False) * one.TILE ** 2 * n.width()
        return 3 * n.bytes() if n.width() < 8 else n.size()

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        factor = op.outputs[0]
        rows = tf.shape(factor)[-1]
        inverse = tf.matrix_triangular_solve(factor, tf.eye(rows, batch_shape=tf.shape(factor)[:-2],
                                                            dtype=factor.dtype.base_dtype))
        middle = tf.matmul(factor, grad, adjoint_a=True)
        middle = lower_part(tf, tf.matrix_set_diag(middle, 0.5 * tf.matrix_diag_part(middle)))
        out = tf.matmul(tf.matmul(inverse, middle, adjoint_a=True), inverse)
        return [(out + tf.linalg.adjoint(out)) * 0.5]


@op
class Lu:
    """L and U in one matrix, and the order of the rows (tf.linalg.lu)."""

    signature = "input: T -> lu: T, p: output_idx_type"
    attrs = MATRICES + "; output_idx_type: {int32, int64} = int32"
    no_kernel = "T: float16"
    parts = {"input": 2}
    gradient = undefined_gradient

    def alone(n: Any) -> bool:
        return bool(n.node.inputs[0].dtype.base_dtype.is_floating and one.taken_alone(n, 0, slow=True))

    def infer(n: Any, x: Any) -> Any:
        x = square(n, x)
        return [x, None if x is None else x[:-1]]

    def kernel(n: Any) -> Any:
        xp, dtype, index = n.xp, n.dtype(), n.dtype(1)
        # of complex numbers LAPACK's pivot is not the greatest as TensorFlow measures it
        own: Any = one.routines(xp, dtype) if xp.dtype(dtype).kind == "f" else None

        def factor(x: Any) -> Any:
            if not starts_regular(xp, x):
                raise RunError("Input is not invertible.")
            lu, order = xp.empty(x.shape, dtype), xp.empty(x.shape[:-1], index)
            if not x.size:
                return lu, order
            if one.large(own, x.shape, slow=True):
                def of_one(at: Any) -> None:
                    order[at], regular = one.lu(own, x[at], lu[at])
                    if not regular:
                        raise RunError("Input is not invertible.")

                one.each(n, x.shape[:-2], (x, lu), of_one)
                return lu, order
            lu[...] = x
            order[...] = xp.arange(x.shape[-1])
            _eliminated(xp, lu.reshape((-1, *x.shape[-2:])), order.reshape(-1, x.shape[-1]))
            return lu, order

        return factor

    def scratch(n: Any) -> Any:
        if one.taken_alone(n, 0, slow=True) and n.node.inputs[0].dtype.base_dtype.is_floating:
            return one.at_once(n, copied=False) * (one.TILE ** 2 * n.width() + 40 * n.shapes[0][-1])
        return n.bytes() // n.shapes[0][-1] if n.size() else 0


def _eliminated(xp: Any, lu: Any, order: Any) -> None:
    """Puts L and U where a stack of matrices lies, a column and a row at a time (Crout), and orders their rows."""
    every = xp.arange(len(lu))
    for k in range(lu.shape[-1]):
        column, row = lu[:, k:, k], lu[:, k, k + 1:]
        column -= xp.matmul(lu[:, k:, :k], lu[:, :k, k, None])[..., 0]
        best = k + xp.abs(column).argmax(-1)
        for part in (lu, order):
            above = part[:, k].copy()
            part[:, k] = part[every, best]
            part[every, best] = above
        if (lu[:, k, k] == 0).any():
            raise RunError("Input is not invertible.")
        column[:, 1:] /= column[:, :1]
        row -= xp.matmul(lu[:, k, None, :k], lu[:, :k, k + 1:])[:, 0]


@op
class Qr:
    """Q with orthonormal columns and the upper triangular R of Q @ R = A (tf.qr)."""

    signature = "input: T -> q: T, r: T"
    attrs = "full_matrices: bool = False; " + MATRICES
    parts = {"input": 2}
    alone = one.each_alone(0)

    def infer(n: Any, x: Any) -> Any:
        n.at_least_rank(x, 2, "input")
        if x is None:
            return [None, None]
        rows, columns = x[-2:]
        small = None if None in (rows, columns) else min(rows, columns)
        if n.attrs["full_matrices"]:
            return [(*x[:-2], rows, rows), x]
        return [(*x[:-2], rows, small), (*x[:-2], small, columns)]

    def kernel(n: Any) -> Any:
        xp, dtype, mode = n.xp, n.dtype(), "complete" if n.attrs["full_matrices"] else "reduced"

        own: Any = one.routines(xp, dtype)

        def alone(x: Any) -> Any:
            rows, columns = x.shape[-2:]
            many = rows if mode == "complete" else min(rows, columns)
            q = xp.empty((*x.shape[:-1], many), own.dtype)
            r = xp.empty((*x.shape[:-2], many, columns), own.dtype)
            one.each(n, x.shape[:-2], (x, q, r), lambda at: one.qr(own, x[at], q[at], r[at]))
            return q.astype(dtype, copy=False), r.astype(dtype, copy=False)

        def factor(x: Any) -> Any:
            if one.large(own, x.shape):
                return alone(x)
            q, r = xp.linalg.qr(wide(xp, x), mode)
            return q.astype(dtype), r.astype(dtype)

        return factor

    def scratch(n: Any) -> Any:
        own = one.taken_alone(n, 0)
        if own is None:
            return 5 * n.bytes()
        rows, columns = n.shapes[0][-2:]
        return one.at_once(n, copied=False) * one.qr_room(own, rows, columns, n.outs[0][-1]) + _halves(n)

    def gradient(tf: Any, op: Any, grad_q: Any, grad_r: Any) -> Any:
        q, r = op.outputs
        if r.static is None or None in r.static[-2:]:
            raise NotSupported(f"QrGrad not implemented with dynamic shapes. Received r.shape: {r.shape}", op.span)
        if r.static[-2] > r.static[-1] and q.static[-2] == q.static[-1]:
            raise NotSupported("QrGrad not implemented when nrows > ncols and full_matrices is true. Received r.shape="
                               f"{r.shape}", op.span)
        rows = q.static[-2]
        if rows >= r.static[-1]:
            return [_qr_deep(tf, q, r, grad_q, grad_r)]
        y = op.inputs[0][..., :, rows:]
        u = r[..., :, :rows]
        grad_rest, grad_upper = grad_r[..., :, rows:], grad_r[..., :, :rows]
        dy = tf.matmul(q, grad_rest)
        dx = _qr_deep(tf, q, u, grad_q + tf.matmul(y, grad_rest, adjoint_b=True), grad_upper)
        return [tf.concat([dx, dy], axis=-1)]


def _qr_deep(tf: Any, q: Any, r: Any, grad_q: Any, grad_r: Any) -> Any:
    """The gradient of QR of a matrix with at least as many rows as columns."""
    adjoint = tf.linalg.adjoint

    def solved(x: Any) -> Any:
        return adjoint(tf.matrix_triangular_solve(r, adjoint(x), lower=False, adjoint=False))

    of_q = tf.matmul(q, grad_q, adjoint_a=True)
    skew_q = of_q - adjoint(of_q)
    of_r = tf.matmul(r, grad_r, adjoint_b=True)
    skew_r = of_r - adjoint(of_r)
    low = tf.matrix_band_part(skew_q + skew_r, -1, 0)
    first = tf.matmul(q, grad_r + solved(low))
    second = solved(grad_q - tf.matmul(q, of_q))
    out = first + second
    if q.dtype.is_complex:
        turned = of_r - adjoint(of_q)
        diagonal = tf.linalg.set_diag(tf.zeros_like(turned), tf.linalg.diag_part(turned))
        phases = diagonal - tf.cast(tf.real(diagonal), q.dtype)
        out = out + solved(tf.matmul(q, adjoint(phases)))
    return out
