"""Least squares."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue, RunError
from ..graph.opdef import op
from . import _one_matrix as one
from . import _one_spectrum as spectrum
from .linalg_factor import MATRICES, wide
from .linalg_solve import solved, turned

BLAS = True
DEFICIENT = ("Input matrix was rank deficient or ill-conditioned. Try setting fast=False or provide a larger "
             "l2_regularizer > 0.")


@op
class MatrixSolveLs:
    """The x with the least squares of matrix @ x - rhs (tf.matrix_solve_ls)."""

    signature = "matrix: T, rhs: T, l2_regularizer: float64 -> output: T"
    takes = "l2_regularizer: []"
    cpu_only = True
    attrs = MATRICES + "; fast: bool = True"
    no_kernel = "T: float16"
    parts = {"matrix": 2, "rhs": 2}
    alone = one.each_alone(0, 1, slow=True)

    def infer(n: Any, matrix: Any, rhs: Any, l2_regularizer: Any) -> Any:
        n.at_least_rank(matrix, 2, "matrix")
        n.at_least_rank(rhs, 2, "rhs")
        if matrix is None or rhs is None:
            both = (None,) * 2
            return None if matrix is rhs else (*(matrix or rhs)[:-2], (matrix or both)[-1], (rhs or both)[-1])
        if None not in (matrix[-2], rhs[-2]) and matrix[-2] != rhs[-2]:
            n.fail(f"matrix has {matrix[-2]} rows, rhs {rhs[-2]}")
        return (*n.merge(matrix[:-2], rhs[:-2], "leading sizes"), matrix[-1], rhs[-1])

    def kernel(n: Any) -> Any:
        xp, dtype, fast = n.xp, n.dtype(), n.attrs["fast"]
        own: Any = one.routines(xp, dtype)

        def alone(matrix: Any, rhs: Any, l2: float) -> Any:
            out = xp.empty((*matrix.shape[:-2], matrix.shape[-1], rhs.shape[-1]), dtype)

            def of_one(at: Any) -> None:
                a, b = xp.ascontiguousarray(matrix[at]), xp.ascontiguousarray(rhs[at])
                if fast and not one.least_squares(own, a, b, out[at], l2):
                    raise RunError(DEFICIENT)
                if not fast and not spectrum.least_norm(own, a, b, out[at]):
                    raise xp.linalg.LinAlgError("least squares are not found")

            one.each(n, matrix.shape[:-2], (matrix, rhs, out), of_one, copied=True)
            return out

        def solve(matrix: Any, rhs: Any, l2: Any) -> Any:
            if not l2 >= 0:
                raise RunError("l2_regularizer must be >= 0.")
            if one.large(own, matrix.shape, rhs.shape, slow=True):
                return alone(matrix, rhs, float(l2))
            a, b = wide(xp, matrix), wide(xp, rhs)
            if not fast:
                # numbers that do not count are cut off where Eigen does, which TensorFlow asks
                least = float(xp.finfo(a.dtype).eps) * min(a.shape[-2:])
                # to TensorFlow a matrix that is not finite has the rank 0
                bad = ~xp.isfinite(a).all((-2, -1))[..., None, None]
                some = xp.linalg.pinv(xp.where(bad, 0, a) if bad.any() else a, least) @ b
                return xp.where(bad, 0, some).astype(dtype)
            l2 = a.dtype.type(l2)
            if a.shape[-2] >= a.shape[-1]:
                gram = turned(xp, a) @ a + l2 * xp.eye(a.shape[-1], dtype=a.dtype)
                return solved(xp, xp.linalg.solve, gram, turned(xp, a) @ b, otherwise=DEFICIENT).astype(dtype)
            gram = a @ turned(xp, a) + l2 * xp.eye(a.shape[-2], dtype=a.dtype)
            return (turned(xp, a) @ solved(xp, xp.linalg.solve, gram, b, otherwise=DEFICIENT)).astype(dtype)

        return solve

    def scratch(n: Any) -> Any:
        own = one.taken_alone(n, 0, 1, slow=True)
        if own is None:
            return 7 * (n.bytes() + n.bytes(1)) // 2
        (rows, columns), many = n.shapes[0][-2:], n.shapes[1][-1]
        if not n.attrs["fast"]:
            return one.at_once(n) * spectrum.least_norm_room(own, rows, columns, many)
        less = min(rows, columns)
        return one.at_once(n) * (less * (less + 1) // 2 + (rows * many if rows < columns else 0)) * n.width()

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        if not op.attrs["fast"]:
            raise InvalidValue(f"{op.name} (MatrixSolveLs) has a gradient only if fast=True", op.span)
        a, b, l2 = op.inputs
        x = op.outputs[0]
        l2 = tf.cast(l2, a.dtype.base_dtype)
        rows, columns = a.static[-2:]
        tall = rows >= columns
        gram = tf.matmul(a, a, adjoint_a=tall, adjoint_b=not tall)
        size = columns if tall else rows
        gram = gram + l2 * tf.eye(size, batch_shape=tf.shape(a)[:-2], dtype=a.dtype.base_dtype)
        chol = tf.cholesky(gram)
        if tall:
            z = tf.cholesky_solve(chol, grad)
            xz = tf.matmul(x, z, adjoint_b=True)
            xz = xz + tf.linalg.adjoint(xz)
            return [-tf.matmul(a, xz) + tf.matmul(b, z, adjoint_b=True), tf.matmul(a, z), None]
        grad_b = tf.cholesky_solve(chol, tf.matmul(a, grad))
        bz = -tf.matmul(tf.cholesky_solve(chol, b), grad_b, adjoint_b=True)
        bz = bz + tf.linalg.adjoint(bz)
        return [tf.matmul(bz, a) + tf.matmul(tf.cholesky_solve(chol, b), grad, adjoint_b=True), grad_b, None]
