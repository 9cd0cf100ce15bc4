"""Products and equations of matrices with three diagonals."""
from __future__ import annotations

from typing import Any

from ..graph.opdef import op
from .linalg_factor import of_each

BLAS = True


@op
class TridiagonalMatMul:
    """The product of a tridiagonal matrix and a matrix (tf.linalg.tridiagonal_matmul)."""

    signature = "superdiag: T, maindiag: T, subdiag: T, rhs: T -> output: T"
    attrs = "T: {float64, float32, complex64, complex128}"
    parts = {"superdiag": 2, "maindiag": 2, "subdiag": 2, "rhs": 2}

    def infer(n: Any, above: Any, middle: Any, below: Any, rhs: Any) -> Any:
        n.at_least_rank(rhs, 2, "rhs")
        return rhs

    def kernel(n: Any) -> Any:
        xp = n.xp

        def multiply(above: Any, middle: Any, below: Any, rhs: Any) -> Any:
            above, middle, below = above[..., 0, :, None], middle[..., 0, :, None], below[..., 0, :, None]
            out = middle * rhs
            out[..., :-1, :] += above[..., :-1, :] * rhs[..., 1:, :]
            out[..., 1:, :] += below[..., 1:, :] * rhs[..., :-1, :]
            return xp.ascontiguousarray(out)

        return multiply

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        above, middle, below, rhs = op.inputs
        adjoint = [tf.conj(t) for t in (above, middle, below)]
        pads = [[0, 0]] * (len(rhs.static) - 2)
        up = tf.pad(rhs[..., 1:, :], [*pads, [0, 1], [0, 0]])
        down = tf.pad(rhs[..., :-1, :], [*pads, [1, 0], [0, 0]])
        lines = [tf.expand_dims(tf.reduce_sum(tf.conj(t) * grad, axis=-1), -2) for t in (up, rhs, down)]
        pads = [[0, 0]] * (len(above.static) - 1)
        turned_above = tf.pad(adjoint[2][..., 1:], [*pads, [0, 1]])
        turned_below = tf.pad(adjoint[0][..., :-1], [*pads, [1, 0]])
        return [*lines, tf.apply_op("TridiagonalMatMul", None, [turned_above, adjoint[1], turned_below, grad])]


def _tridiagonal(xp: Any, diagonals: Any) -> Any:
    size = diagonals.shape[-1]
    out = xp.zeros((*diagonals.shape[:-2], size, size), diagonals.dtype)
    index = xp.arange(size)
    out[..., index[:-1], index[1:]] = diagonals[..., 0, :-1]
    out[..., index, index] = diagonals[..., 1, :]
    out[..., index[1:], index[:-1]] = diagonals[..., 2, 1:]
    return out


def _eliminated(xp: Any, diagonals: Any, rhs: Any) -> Any:
    """The solution by elimination in the order of the rows (Thomas); NaN (in complex systems 0) for a pivot of 0."""
    above, middle, below = (diagonals[..., i, :] for i in range(3))
    size = middle.shape[-1]
    pivots, x = middle.copy(), rhs.copy()
    for i in range(1, size):
        factor = below[..., i] / pivots[..., i - 1]
        pivots[..., i] -= factor * above[..., i - 1]
        x[..., i, :] -= factor[..., None] * x[..., i - 1, :]
    for i in range(size - 1, -1, -1):
        if i < size - 1:
            x[..., i, :] -= above[..., i, None] * x[..., i + 1, :]
        x[..., i, :] /= pivots[..., i, None]
    # a pivot of 0 leaves NaN in those that follow
    x[~(xp.isfinite(pivots) & (pivots != 0)).all(-1)] = 0 if x.dtype.kind == "c" else xp.nan
    return x


@op
class TridiagonalSolve:
    """The x of A @ x = rhs for tridiagonal A (tf.linalg.tridiagonal_solve); NaN where A is singular."""

    signature = "diagonals: T, rhs: T -> output: T"
    attrs = ("partial_pivoting: bool = True; perturb_singular: bool = False; "
             "T: {float64, float32, complex64, complex128}")

    def parts(attrs: Any) -> Any:
        return {"diagonals": 2, "rhs": 2} if attrs["partial_pivoting"] else {}

    def infer(n: Any, diagonals: Any, rhs: Any) -> Any:
        n.at_least_rank(diagonals, 2, "diagonals")
        n.at_least_rank(rhs, 2, "rhs")
        if diagonals is not None and rhs is not None:
            if diagonals[-2] not in (None, 3):
                n.fail(f"there are three diagonals, not {diagonals[-2]}")
            if None not in (diagonals[-1], rhs[-2]) and diagonals[-1] != rhs[-2]:
                n.fail(f"the matrix has {diagonals[-1]} rows, rhs {rhs[-2]}")
        return rhs

    def kernel(n: Any) -> Any:
        xp, pivoting = n.xp, n.attrs["partial_pivoting"]

        def solve(diagonals: Any, rhs: Any) -> Any:
            if pivoting:
                return of_each(xp, xp.linalg.solve, _tridiagonal(xp, diagonals), rhs)
            return _eliminated(xp, diagonals, rhs)

        return solve

    def scratch(n: Any) -> Any:
        systems = n.size() // max(1, 3 * n.shapes[0][-1])
        return 3 * systems * n.shapes[0][-1] ** 2 * n.width() if n.attrs["partial_pivoting"] else 3 * n.bytes()

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        diagonals, _ = op.inputs
        x = op.outputs[0]
        pads = [[0, 0]] * (len(diagonals.static) - 2)
        above, middle, below = (tf.conj(diagonals[..., i, :]) for i in range(3))
        turned_above = tf.pad(below[..., 1:], [*pads, [0, 1]])
        turned_below = tf.pad(above[..., :-1], [*pads, [1, 0]])
        adjoint = tf.stack([turned_above, middle, turned_below], axis=-2)
        grad_rhs = tf.apply_op("TridiagonalSolve", None, [adjoint, grad])
        up = tf.pad(x[..., 1:, :], [*pads, [0, 1], [0, 0]])
        down = tf.pad(x[..., :-1, :], [*pads, [1, 0], [0, 0]])
        lines = [-tf.reduce_sum(tf.conj(t) * grad_rhs, axis=-1) for t in (up, x, down)]
        return [tf.stack(lines, axis=-2), grad_rhs]
