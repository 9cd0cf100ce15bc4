"""Products and equations of matrices with three diagonals."""
from __future__ import annotations

from math import prod
from typing import Any

import numpy

from ..graph.kernel import in_turn
from ..graph.lapack import lapack
from ..graph.opdef import op
from ..graph.shapes import count
from ._tridiagonal import PIECE, WORKED, Long, in_order, room, rows_of, side_by_side
from .linalg_factor import of_each

BLAS = True
PART = 1 << 18
"""Bytes of what is multiplied at a time."""
FEW = 1 << 10
"""Numbers of matrices for which numpy.linalg is quicker."""


@op
class TridiagonalMatMul:
    """The product of a tridiagonal matrix and a matrix (tf.linalg.tridiagonal_matmul)."""

    signature = "superdiag: T, maindiag: T, subdiag: T, rhs: T -> output: T"
    takes = "superdiag: >=2; maindiag: >=2; subdiag: >=2"
    attrs = "T: {float64, float32, complex64, complex128}"

    def infer(n: Any, above: Any, middle: Any, below: Any, rhs: Any) -> Any:
        n.at_least_rank(rhs, 2, "rhs")
        for word, diagonal in (("superdiag", above), ("maindiag", middle), ("subdiag", below)):
            if diagonal is not None and diagonal[-2] not in (None, 1):
                n.fail(f"{word} must be one row, not {diagonal[-2]}")
            if rhs is not None and diagonal is not None:
                n.merge(diagonal[:-2] + diagonal[-1:], rhs[:-1], f"batches and rows of {word} and of rhs")
        return rhs

    def kernel(n: Any) -> Any:
        xp = n.xp

        def multiply(*inputs: Any) -> Any:
            rhs = inputs[-1]
            size, columns = rhs.shape[-2:]
            out = xp.empty(rhs.shape, rhs.dtype)
            if not out.size:
                return out
            lines = (*rhs.shape[:-2], 1, size)
            above, middle, below = [(x if x.shape == lines else xp.broadcast_to(x, lines)).reshape(-1, size, 1)
                                    for x in inputs[:-1]]
            line = columns * rhs.dtype.itemsize
            many, rows = max(1, PART // (size * line)), max(1, PART // line)
            if xp.__name__ != "numpy":
                many = rows = rhs.size
            y, x = out.reshape(-1, size, columns), rhs.reshape(-1, size, columns)
            across = -(-size // rows)

            def block(number: int) -> None:
                first, start = number // across * many, number % across * rows
                some, stop = slice(first, first + many), min(size, start + rows)
                high, low = min(stop, size - 1), max(start, 1)
                xp.multiply(middle[some, start:stop], x[some, start:stop], out=y[some, start:stop])
                y[some, start:high] += above[some, start:high] * x[some, start + 1:high + 1]
                y[some, low:stop] += below[some, low:stop] * x[some, low - 1:stop - 1]

            blocks = -(-len(y) // many) * across
            (n.each if blocks > 1 else in_turn)(blocks, block)
            return out

        return multiply

    def scratch(n: Any) -> int:
        return int(min(n.out_bytes(), 2 * PART * n.threads))

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


def _way(own: Any, pivoting: bool, shape: Any, width: int) -> tuple[str, int]:
    """How systems [systems, size, columns] are solved, and how many at a time."""
    systems, size, columns = shape
    if not pivoting:
        # a row of all that are taken together is a few calls
        return "in order", max(1, max(PART, systems * size * (3 + 2 * columns) * width // 32) // (size * width))
    many = max(1, min(systems, PIECE // room(size, columns, width)))
    return ("long", 1) if own is not None and many <= size else ("beside", many)


def _mover(tf: Any, x: Any, axis: int, like: Any) -> Any:
    """A function that puts a zero before or after a part of x on an axis."""
    if count(like.static) is not None:
        sizes = list(x.static[:-2]) + ([1] if axis == -1 else [1, x.static[-1]])
        zeros = tf.zeros(sizes, dtype=x.dtype)
        return lambda part, before: tf.concat((zeros, part) if before else (part, zeros), axis=axis)
    none = tf.zeros((tf.rank(like) - 2, 2), dtype="int32")

    def padded(part: Any, before: bool) -> Any:
        ends = [[1, 0] if before else [0, 1]] + [[0, 0]] * (axis == -2)
        return tf.pad(part, tf.concat((none, tf.constant(ends)), axis=0))

    return padded


def _turned(tf: Any, diagonals: Any) -> Any:
    """The diagonals of the transposed matrix."""
    middle = diagonals[..., 1, :]
    moved = _mover(tf, diagonals, -1, diagonals)
    above, below = moved(diagonals[..., 2, 1:], False), moved(diagonals[..., 0, :-1], True)
    return tf.stack([above, middle, below], axis=-2)


def _diagonals(tf: Any, x: Any, y: Any) -> Any:
    """The three diagonals of a product of x with y transposed."""
    middle = tf.reduce_sum(x * y, axis=-1)
    moved = _mover(tf, x, -2, y)
    above = tf.reduce_sum(x * moved(y[..., 1:, :], False), axis=-1)
    below = tf.reduce_sum(x * moved(y[..., :-1, :], True), axis=-1)
    return tf.stack([above, middle, below], axis=-2)


@op
class TridiagonalSolve:
    """The x of A @ x = rhs for tridiagonal A (tf.linalg.tridiagonal_solve); NaN where A is singular."""

    signature = "diagonals: T, rhs: T -> output: T"
    attrs = ("partial_pivoting: bool = True; perturb_singular: bool = False; "
             "T: {float64, float32, complex64, complex128}")

    def infer(n: Any, diagonals: Any, rhs: Any) -> Any:
        n.at_least_rank(diagonals, 2, "diagonals")
        n.at_least_rank(rhs, 2, "rhs")
        if diagonals is not None and rhs is not None:
            if diagonals[-2] not in (None, 3):
                n.fail(f"there are three diagonals, not {diagonals[-2]}")
            if None not in (diagonals[-1], rhs[-2]) and diagonals[-1] != rhs[-2]:
                n.fail(f"the matrix has {diagonals[-1]} rows, rhs {rhs[-2]}")
            n.merge(diagonals[:-2], rhs[:-2], "batches of diagonals and of rhs")
        return rhs

    def kernel(n: Any) -> Any:
        xp, pivoting, dtype = n.xp, n.attrs["partial_pivoting"], n.dtype()
        own: Any = lapack(xp.dtype(dtype)) if xp.__name__ == "numpy" else None

        def solve(diagonals: Any, rhs: Any) -> Any:
            size, columns = rhs.shape[-2:]
            lead = rhs.shape[:-2]
            if pivoting and (xp.__name__ != "numpy" or diagonals.shape[:-2] != lead or prod(lead) * size ** 2 <= FEW):
                return of_each(xp, xp.linalg.solve, _tridiagonal(xp, diagonals), rhs)
            out = rhs.copy()
            if not out.size:
                return out
            d = xp.broadcast_to(diagonals, (*rhs.shape[:-2], 3, size)).reshape(-1, 3, size)
            x = out.reshape(-1, size, columns)
            how, many = _way(own, pivoting, x.shape, out.itemsize)

            def block(i: int) -> None:
                some = slice(i * many, (i + 1) * many)
                if how == "long":
                    good = xp.asarray([Long(own, d[i], x[i]).solve()])
                elif how == "beside":
                    good = side_by_side(d[some], x[some])
                else:
                    good = in_order(xp, d[some], x[some])
                x[some][~good] = 0 if out.dtype.kind == "c" else xp.nan

            if xp.__name__ != "numpy":
                many = len(x)
            (n.each if pivoting else in_turn)(-(-len(x) // many), block)
            return out

        return solve

    def scratch(n: Any) -> int:
        size, columns = n.outs[0][-2:]
        width, systems = n.out_width(), prod(n.outs[0][:-2])
        kind = numpy.dtype(n.node.outputs[0].dtype.as_numpy_dtype)
        pivoting = n.attrs["partial_pivoting"]
        how, many = _way(lapack(kind), pivoting, (systems, size, columns), width)
        if pivoting and systems * size ** 2 <= FEW:
            return int(3 * systems * size ** 2 * width)
        if not pivoting:
            return int(min(many, systems) * size * width * 3 // 2)
        threads = min(n.threads, -(-systems // many))
        if how == "long":
            return int(rows_of(size, columns, width) * (WORKED + columns) * width * threads)
        return int(many * room(size, columns, width) * threads)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        grad_rhs = tf.linalg.tridiagonal_solve(
            _turned(tf, op.inputs[0]), grad, partial_pivoting=op.attrs["partial_pivoting"],
            perturb_singular=op.attrs["perturb_singular"])
        return [-_diagonals(tf, grad_rhs, op.outputs[0]), grad_rhs]
