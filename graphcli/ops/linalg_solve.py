"""Inverses, determinants and equations."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.opdef import op
from . import _one_matrix as one
from .linalg_factor import MATRICES, square, starts_regular, wide

BLAS = True
SINGULAR = "Input matrix is not invertible."


def solved(xp: Any, call: Any, *arrays: Any, otherwise: str = SINGULAR) -> Any:
    """What a call gives. Raises RunError, with the words for it, where a matrix is singular."""
    try:
        return call(*arrays)
    except xp.linalg.LinAlgError:
        raise RunError(otherwise) from None


def turned(xp: Any, x: Any) -> Any:
    """The conjugate transpose."""
    return xp.conj(xp.swapaxes(x, -1, -2))


def right_side(n: Any, matrix: Any, rhs: Any) -> Any:
    """The shape of the x of matrix @ x = rhs."""
    matrix = square(n, matrix, "matrix")
    n.at_least_rank(rhs, 2, "rhs")
    if matrix is None:
        return rhs
    if rhs is None:
        return (*matrix[:-1], None)
    if None not in (matrix[-1], rhs[-2]) and matrix[-1] != rhs[-2]:
        n.fail(f"matrix has {matrix[-1]} rows, rhs {rhs[-2]}")
    return (*n.merge(matrix[:-2], rhs[:-2], "leading sizes"), matrix[-1] if rhs[-2] is None else rhs[-2], rhs[-1])


@op
class MatrixInverse:
    """The inverse, or its adjoint (tf.matrix_inverse)."""

    signature = "input: T -> output: T"
    attrs = "adjoint: bool = False; " + MATRICES
    parts = {"input": 2}
    alone = one.each_alone(0)
    infer = square

    def kernel(n: Any) -> Any:
        xp, dtype, adjoint = n.xp, n.dtype(), n.attrs["adjoint"]
        own: Any = one.routines(xp, dtype)

        def alone(x: Any) -> Any:
            out = xp.empty(x.shape, own.dtype)

            def of_one(at: Any) -> None:
                if not one.inverse(own, x[at], out[at], adjoint):
                    raise RunError(SINGULAR)

            one.each(n, x.shape[:-2], (x, out), of_one)
            return out.astype(dtype, copy=False)

        def invert(x: Any) -> Any:
            if not starts_regular(xp, x):
                raise RunError(SINGULAR)
            if one.large(own, x.shape):
                return alone(x)
            x = wide(xp, x)
            return solved(xp, xp.linalg.inv, turned(xp, x) if adjoint else x).astype(dtype, copy=False)

        return invert

    def scratch(n: Any) -> Any:
        own = one.taken_alone(n, 0)
        if own is not None:
            room = one.at_once(n, copied=False) * one.inverse_room(own, n.shapes[0][-1])
            return room + (2 * n.bytes() if n.width() < 4 else 0)
        return 3 * n.bytes() if n.width() < 8 else n.bytes()

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        inverse = op.outputs[0]
        if op.attrs["adjoint"]:
            return [-tf.matmul(inverse, tf.matmul(grad, inverse, adjoint_a=True))]
        return [-tf.matmul(inverse, tf.matmul(grad, inverse, adjoint_b=True), adjoint_a=True)]


def _each_determinant(n: Any, own: Any, x: Any) -> tuple[Any, Any]:
    """Signs of determinants, and logarithms of their absolute values, of one matrix after the other."""
    xp, over = n.xp, one.yours(n, x)
    sign, log = xp.empty(x.shape[:-2], own.dtype), xp.empty(x.shape[:-2])

    def of_one(at: Any) -> None:
        sign[at], log[at] = one.determinant(own, x[at], over)

    one.each(n, x.shape[:-2], (x,), of_one, copied=not over)
    return sign, log


def _of_determinants(n: Any) -> Any:
    return 2 * n.bytes() if one.taken_alone(n, 0) is None else one.at_once(n) * one.copy_room(n)


@op
class MatrixDeterminant:
    """The determinant (tf.matrix_determinant)."""

    signature = "input: T -> output: T"
    attrs = MATRICES
    no_kernel = "T: float16"
    parts = {"input": 2}
    alone = one.each_alone(0)
    spends = "input"

    def infer(n: Any, x: Any) -> Any:
        x = square(n, x)
        return None if x is None else x[:-2]

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()
        own: Any = one.routines(xp, dtype)

        def determine(x: Any) -> Any:
            if not one.large(own, x.shape):
                return xp.asarray(xp.linalg.det(wide(xp, x)), dtype)
            sign, log = _each_determinant(n, own, x)
            return (sign * xp.exp(log)).astype(dtype)

        return determine

    def scratch(n: Any) -> Any:
        return _of_determinants(n)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        inverse = tf.matrix_inverse(op.inputs[0], adjoint=True)
        c = op.outputs[0]
        return [tf.reshape(grad * c, tf.concat([tf.shape(c), [1, 1]], 0)) * inverse]


@op
class LogMatrixDeterminant:
    """Sign of the determinant and log of its absolute value (tf.linalg.slogdet)."""

    signature = "input: T -> sign: T, log_abs_determinant: T"
    attrs = MATRICES
    no_kernel = "T: float16"
    parts = {"input": 2}
    alone = one.each_alone(0)
    spends = "input"

    def infer(n: Any, x: Any) -> Any:
        x = square(n, x)
        shape = None if x is None else x[:-2]
        return [shape, shape]

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()
        own: Any = one.routines(xp, dtype)

        def determine(x: Any) -> Any:
            large = one.large(own, x.shape)
            sign, log = _each_determinant(n, own, x) if large else xp.linalg.slogdet(wide(xp, x))
            # of no number there is no sign
            sign = xp.where(xp.isnan(log), xp.nan, sign)
            return xp.asarray(sign, dtype), xp.asarray(log, dtype)

        return determine

    def scratch(n: Any) -> Any:
        return _of_determinants(n)

    def gradient(tf: Any, op: Any, _: Any, grad: Any) -> Any:
        inverse = tf.matrix_inverse(op.inputs[0], adjoint=True)
        return [tf.reshape(grad, tf.concat([tf.shape(op.outputs[1]), [1, 1]], 0)) * inverse]


@op
class MatrixSolve:
    """The x of matrix @ x = rhs (tf.matrix_solve)."""

    signature = "matrix: T, rhs: T -> output: T"
    attrs = "adjoint: bool = False; " + MATRICES
    no_kernel = "T: float16"
    parts = {"matrix": 2, "rhs": 2}
    alone = one.each_alone(0, 1)
    spends = "matrix"
    infer = right_side

    def kernel(n: Any) -> Any:
        xp, dtype, adjoint = n.xp, n.dtype(), n.attrs["adjoint"]
        own: Any = one.routines(xp, dtype)

        def alone(matrix: Any, rhs: Any) -> Any:
            out, over = xp.empty(rhs.shape, dtype), one.yours(n, matrix)

            def of_one(at: Any) -> None:
                if not one.solve(own, matrix[at], rhs[at], out[at], adjoint, over):
                    raise RunError(SINGULAR)

            one.each(n, rhs.shape[:-2], (matrix, rhs, out), of_one, copied=not over)
            return out

        def solve(matrix: Any, rhs: Any) -> Any:
            if not starts_regular(xp, matrix):
                raise RunError(SINGULAR)
            if one.large(own, matrix.shape, rhs.shape):
                return alone(matrix, rhs)
            matrix, rhs = wide(xp, matrix), wide(xp, rhs)
            return solved(xp, xp.linalg.solve, turned(xp, matrix) if adjoint else matrix, rhs).astype(dtype)

        return solve

    def scratch(n: Any) -> Any:
        if one.taken_alone(n, 0, 1):
            copy, size = one.copy_room(n), n.shapes[0][-1]
            return one.at_once(n, copied=copy > 0) * (copy + one.solve_room(size, n.shapes[1][-1], n.width()))
        return 2 * n.bytes() + 3 * n.out_bytes()

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        matrix, adjoint = op.inputs[0], op.attrs["adjoint"]
        x = op.outputs[0]
        grad_rhs = tf.matrix_solve(matrix, grad, adjoint=not adjoint)
        if adjoint:
            return [-tf.matmul(x, grad_rhs, adjoint_b=True), grad_rhs]
        return [-tf.matmul(grad_rhs, x, adjoint_b=True), grad_rhs]


@op
class MatrixTriangularSolve:
    """The x of matrix @ x = rhs for triangular matrices (tf.matrix_triangular_solve)."""

    signature = "matrix: T, rhs: T -> output: T"
    attrs = "lower: bool = True; adjoint: bool = False; T: {bfloat16, float64, float32, float16, complex64, complex128}"
    parts = {"matrix": 2, "rhs": 2}
    alone = one.each_alone(0, 1, slow=True)
    no_kernel = "T: float16, bfloat16"

    def infer(n: Any, matrix: Any, rhs: Any) -> Any:
        matrix = square(n, matrix, "matrix")
        n.at_least_rank(rhs, 2, "rhs")
        if matrix is None or rhs is None:
            return None
        if None not in (matrix[-1], rhs[-2]) and matrix[-1] != rhs[-2]:
            n.fail(f"matrix has {matrix[-1]} rows, rhs {rhs[-2]}")
        lead = n.broadcast(matrix[:-2], rhs[:-2])
        return (*lead, matrix[-1] if rhs[-2] is None else rhs[-2], rhs[-1])

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()
        lower, adjoint = n.attrs["lower"], n.attrs["adjoint"]
        own: Any = one.routines(xp, dtype)

        def alone(matrix: Any, rhs: Any) -> Any:
            lead = xp.broadcast_shapes(matrix.shape[:-2], rhs.shape[:-2])
            out = xp.empty((*lead, *rhs.shape[-2:]), dtype)
            matrix = xp.broadcast_to(matrix, (*lead, *matrix.shape[-2:]))
            rhs = xp.broadcast_to(rhs, out.shape)
            one.each(n, lead, (matrix, rhs, out), lambda at: one.triangular(
                own, xp.ascontiguousarray(matrix[at]), rhs[at], out[at], lower, adjoint))
            return out

        def solve(matrix: Any, rhs: Any) -> Any:
            if one.large(own, matrix.shape, rhs.shape, slow=True):
                return alone(matrix, rhs)
            matrix, rhs = wide(xp, matrix), wide(xp, rhs)
            # the other triangle is never looked at
            matrix = xp.ascontiguousarray(matrix)
            if adjoint:
                matrix = turned(xp, matrix) if matrix.dtype.kind == "c" else xp.swapaxes(matrix, -1, -2)
            return substituted(xp, matrix, rhs, lower is not adjoint).astype(dtype, copy=False)

        return solve

    def scratch(n: Any) -> Any:
        if one.taken_alone(n, 0, 1, slow=True):
            return 0
        complex_ = n.node.inputs[0].dtype.base_dtype.kind == "c"
        rows = 3 * n.out_bytes() // max(1, n.shapes[1][-2] if len(n.shapes[1]) > 1 else 1)
        return rows + (n.bytes() if n.attrs["adjoint"] and complex_ else 0)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        matrix, rhs = op.inputs
        lower, adjoint = op.attrs["lower"], op.attrs["adjoint"]
        x = op.outputs[0]
        grad_rhs = tf.matrix_triangular_solve(matrix, grad, lower=lower, adjoint=not adjoint)
        if adjoint:
            grad_matrix = -tf.matmul(x, grad_rhs, adjoint_b=True)
        else:
            grad_matrix = -tf.matmul(grad_rhs, x, adjoint_b=True)
        grad_matrix = tf.matrix_band_part(grad_matrix, -1, 0) if lower else tf.matrix_band_part(grad_matrix, 0, -1)
        from .matmul_batch import summed

        return summed(tf, matrix, rhs, grad_matrix, grad_rhs, whole=True)


def substituted(xp: Any, matrix: Any, rhs: Any, lower: bool) -> Any:
    """Forward (or backward) substitution, row by row, over whole stacks."""
    size = matrix.shape[-1]
    lead = xp.broadcast_shapes(matrix.shape[:-2], rhs.shape[:-2])
    out = xp.empty((*lead, *rhs.shape[-2:]), rhs.dtype)
    for i in range(size) if lower else range(size - 1, -1, -1):
        known = slice(0, i) if lower else slice(i + 1, size)
        rest = rhs[..., i, :] - xp.matmul(matrix[..., i, None, known], out[..., known, :])[..., 0, :]
        out[..., i, :] = rest / matrix[..., i, i, None]
    return out
