"""One large matrix at a time, by LAPACK in its own precision: what is taken beside operands and results is what the
algorithm cannot do without.

LAPACK takes an array in rows for the transposed matrix. Most of what follows is said of that; where signs or the order
of rows would be other ones than numpy's, the matrix is turned first.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np

from ..graph.kernel import in_turn
from ..graph.lapack import Lapack, lapack
from ..graph.parts import SHARED
from ..graph.scratch import ScratchContext

LARGE = 1 << 16
"""Elements of matrices from which LAPACK is called for one at a time, four times as many of double precision, and a
fourth where numpy has nothing as fast. For stacks of smaller ones numpy.linalg is better, and its copies are small."""
TILE = 128
CHUNK = 1 << 18


def routines(xp: Any, dtype: Any) -> Lapack | None:
    """LAPACK for matrices of a dtype, halves in single precision; None where numpy.linalg has to do."""
    dtype = xp.dtype(dtype)
    return lapack(xp.dtype("f4") if dtype.itemsize == 2 else dtype) if xp.__name__ == "numpy" else None


def large(own: Lapack | None, *shapes: tuple[int, ...], slow: bool = False) -> bool:
    """Whether entries of these shapes, matrices in their last two axes, are treated one at a time. own: the routines;
    slow: whether numpy has nothing as fast."""
    if own is None:
        return False
    elements = [prod(s[-2:]) for s in shapes]
    return all(elements) and sum(elements) >= (LARGE // 4 if slow else LARGE if own.real.itemsize == 4 else 4 * LARGE)


def taken_alone(n: ScratchContext, *inputs: int, slow: bool = False) -> Lapack | None:
    """The routines by which a kernel treats the matrices that are its inputs; None for numpy.linalg."""
    own = routines(np, n.node.inputs[inputs[0]].dtype.base_dtype.as_numpy_dtype)
    return own if large(own, *(n.shapes[i] for i in inputs), slow=slow) else None


def each_alone(*inputs: int, slow: bool = False) -> Callable[[ScratchContext], bool]:
    """Whether the matrices that are these inputs are treated one at a time, as an op tells (``alone``)."""
    return lambda n: taken_alone(n, *inputs, slow=slow) is not None


def _side_by_side(lead: Sequence[int], size: int, threads: int, copied: bool) -> int:
    """How many matrices threads treat at the same time. size: bytes of operands and results. copied: whether each takes
    about as much as itself besides."""
    count = prod(lead)
    return 1 if copied and (count < 3 or size > count * SHARED) else max(1, min(threads, count))


def each(n: Any, lead: Sequence[int], arrays: Sequence[Any], body: Callable[[tuple[int, ...]], Any],
         copied: bool = False) -> list[Any]:
    """What ``body(index)`` gives for each matrix of stacks, in their order. arrays: operands and results. copied: see
    ``_side_by_side``."""
    places = list(np.ndindex(*lead))
    found: list[Any] = [None] * len(places)

    def some(i: int) -> None:
        found[i] = body(places[i])

    several = _side_by_side(lead, sum(a.nbytes for a in arrays), 2, copied) > 1
    (n.each if several else in_turn)(len(places), some)
    return found


def at_once(n: ScratchContext, copied: bool = True) -> int:
    """How many matrices of the first input are treated at the same time."""
    size = sum(n.bytes(i) for i in range(len(n.shapes))) + sum(n.out_bytes(i) for i in range(len(n.outs)))
    return _side_by_side(n.shapes[0][:-2], size, n.threads, copied)


def yours(n: Any, x: Any, index: int = 0) -> bool:
    """Whether a kernel may write over an input: its memory is nobody else's, and in one piece."""
    return index in n.owned and bool(x.flags.c_contiguous and x.flags.writeable)


def copy_room(n: ScratchContext) -> int:
    """Bytes of a copy of one matrix of the first input that LAPACK writes over; 0 where it may be the input itself."""
    return 0 if 0 in n.owned else prod(n.shapes[0][-2:]) * n.width()


def finite(x: Any) -> bool:
    """Whether all of a matrix is finite."""
    if x.dtype.kind == "c":
        return finite(x.real) and finite(x.imag)
    # a NaN is the greatest of all, and the least
    return bool(np.isfinite(x.max(initial=0)) and np.isfinite(x.min(initial=0)))


def turn(a: Any) -> None:
    """Transposes a square matrix where it lies."""
    size = len(a)
    for i in range(0, size, TILE):
        rows = slice(i, i + TILE)
        a[rows, rows] = a[rows, rows].T.copy()
        for j in range(i + TILE, size, TILE):
            columns = slice(j, j + TILE)
            above = a[rows, columns].copy()
            a[rows, columns] = a[columns, rows].T
            a[columns, rows] = above.T


def put_turned(out: Any, x: Any) -> None:
    """``out[...] = x.T`` by tiles that stay in cache."""
    for i in range(0, x.shape[0], TILE):
        for j in range(0, x.shape[1], TILE):
            out[j:j + TILE, i:i + TILE] = x[i:i + TILE, j:j + TILE].T


def put_upper(out: Any, x: Any) -> None:
    """Of the first rows of a matrix, as many as ``out`` has, what is right of the diagonal, and 0 left of it; the same
    array or another."""
    for i in range(0, len(out), TILE):
        rows = slice(i, min(i + TILE, len(out)))
        out[rows, :i] = 0
        out[rows, rows] = np.triu(x[rows, rows])
        if out is not x:
            out[rows, rows.stop:] = x[rows, rows.stop:]


def put_lower(out: Any, x: Any) -> None:
    """Of a square matrix what is left of the diagonal and on it, and 0 right of it; the same array or another."""
    for i in range(0, len(out), TILE):
        rows = slice(i, min(i + TILE, len(out)))
        out[rows, rows.stop:] = 0
        out[rows, rows] = np.tril(x[rows, rows])
        if out is not x:
            out[rows, :i] = x[rows, :i]


def cholesky(own: Lapack, x: Any, out: Any) -> bool:
    """L of L @ L^H = x, and 0 above it; False where x is not positive definite, and ``out`` is no answer then.

    Column by column, for which OpenBLAS takes four fifths of the time.
    """
    tiles = [slice(i, i + TILE) for i in range(0, len(x), TILE)]
    for i, rows in enumerate(tiles):
        for columns in tiles[:i + 1]:
            out[columns, rows] = x[rows, columns].T
    definite = own.call("potrf", "L", len(x), out, len(x)) == 0
    for i, rows in enumerate(tiles):
        for columns in tiles[:i]:
            out[rows, columns] = out[columns, rows].T
            out[columns, rows] = 0
        out[rows, rows] = np.tril(out[rows, rows].T)
    return definite


def _factored(own: Lapack, m: Any) -> tuple[Any, bool]:
    """Puts L and U of the transposed of a matrix where it lies: what its rows were swapped with, and False if it is
    singular."""
    size = len(m)
    swaps = np.empty(size, "int64")
    return swaps, own.call("getrf", size, size, m, size, swaps) == 0


def _order(swaps: Any) -> Any:
    """Where rows come from, by LAPACK's list of what each was swapped with."""
    order = list(range(len(swaps)))
    for i, other in enumerate(swaps.tolist()):
        order[i], order[other - 1] = order[other - 1], order[i]
    return np.array(order, "int64")


def columns_of(own: Lapack, x: Any, adjoint: bool, out: Any) -> None:
    """Puts a matrix, or its adjoint, column by column; the same array or another."""
    if not adjoint:
        if out is x:
            turn(out)
        else:
            put_turned(out, x)
    elif own.complex:
        np.conj(x, out)
    elif out is not x:
        out[...] = x


def _rows(own: Lapack, x: Any, adjoint: bool, out: Any) -> None:
    """Puts a matrix, or its adjoint, row by row."""
    if not adjoint:
        out[...] = x
        return
    put_turned(out, x)
    if own.complex:
        np.conj(out, out)


def lu(own: Lapack, x: Any, out: Any) -> tuple[Any, bool]:
    """L and U in one matrix; the order of its rows, and False if it is singular."""
    put_turned(out, x)
    swaps, regular = _factored(own, out)
    turn(out)
    return _order(swaps), regular


def inverse(own: Lapack, x: Any, out: Any, adjoint: bool) -> bool:
    """The inverse, or its adjoint; False where there is none."""
    columns_of(own, x, adjoint, out)
    regular = invert(own, out)
    turn(out)
    return regular


def invert(own: Lapack, m: Any) -> bool:
    """Puts the inverse of a matrix where it lies; False where there is none."""
    swaps, regular = _factored(own, m)
    return regular and not own.worked("getri", len(m), m, len(m), swaps)


def inverse_room(own: Lapack, size: int) -> int:
    """Bytes that ``inverse`` works in."""
    return own.room("getri", size, own.unused, size, own.unused) + size * 8


def determinant(own: Lapack, x: Any, over: bool) -> tuple[Any, Any]:
    """The sign of the determinant and the logarithm of its absolute value. over: whether x may be written over."""
    m = x if over else np.empty(x.shape, own.dtype)
    columns_of(own, x, False, m)
    swaps, regular = _factored(own, m)
    if not regular:
        return own.dtype.type(0), -np.inf
    diagonal = m.diagonal()
    sizes = abs(diagonal)
    odd = np.count_nonzero(swaps != np.arange(1, len(x) + 1)) % 2
    signs = diagonal / sizes if own.complex else np.where(diagonal < 0, -1, 1)
    return own.dtype.type(signs.prod() * (-1 if odd else 1)), np.log(sizes.astype("f8")).sum()


def solve(own: Lapack, x: Any, rhs: Any, out: Any, adjoint: bool, over: bool) -> bool:
    """The solution of x @ out = rhs (adjoint: of x^H); False where x is singular. over: whether x may be written
    over."""
    m = x if over else np.empty(x.shape, own.dtype)
    columns_of(own, x, adjoint, m)
    swaps, regular = _factored(own, m)
    if regular:
        order = _order(swaps)
        many = max(1, CHUNK // max(1, len(x) * x.itemsize))
        for i in range(0, rhs.shape[1], many):
            out[:, i:i + many] = rhs[order, i:i + many]
        _divided(own, m, out, "L", "T", "U")
        _divided(own, m, out, "U", "T")
    return regular


def solve_room(size: int, many: int, width: int) -> int:
    """Bytes that ``solve`` works in beside the factors."""
    return min(CHUNK, size * many * width)


def _divided(own: Lapack, m: Any, out: Any, part: str, how: str, diagonal: str = "N") -> None:
    """Puts out^T @ T^-1 for out^T. T: the upper (U) or lower (L) triangle of m^T, as it is (N), transposed (T) or its
    adjoint (C). diagonal: U if it is to be taken for ones."""
    own.call("trsm", "R", part, how, diagonal, out.shape[1], len(out), 1.0, m, len(m), out, out.shape[1], info=False)


def triangular(own: Lapack, x: Any, rhs: Any, out: Any, lower: bool, adjoint: bool) -> None:
    """The solution of x @ out = rhs, of which x is one triangle (adjoint: of its adjoint)."""
    out[...] = rhs
    _divided(own, x, out, "U" if lower else "L", "C" if adjoint else "N")


def cholesky_gradient(own: Lapack, factor: Any, grad: Any, out: Any) -> None:
    """Puts the gradient for a matrix of that for its Cholesky factor: L^-T @ P @ L^-1, half of it and of its
    transposed, where P is the lower triangle of L^T @ grad with half of its diagonal."""
    size = len(factor)
    put_lower(out, grad)

    def triangular(name: str, side: str, how: str) -> None:
        own.call(name, side, "U", how, "N", size, size, 1.0, factor, size, out, size, info=False)

    triangular("trmm", "R", "T")
    put_lower(out, out)
    out.reshape(-1)[::size + 1] /= 2
    triangular("trsm", "R", "T")
    triangular("trsm", "L", "N")
    tiles = [slice(i, i + TILE) for i in range(0, size, TILE)]
    for i, rows in enumerate(tiles):
        for columns in tiles[:i + 1]:
            half = (out[rows, columns] + out[columns, rows].T) / 2
            out[rows, columns] = half
            out[columns, rows] = half.T


def qr(own: Lapack, x: Any, q: Any, r: Any, adjoint: bool = False) -> None:
    """Q and R of a matrix or of its adjoint: the rows of the transposed are made orthogonal. q: [rows, less] or, as r
    then, of full size."""
    rows, columns = shape = x.shape[::-1] if adjoint else x.shape
    # reflections lie below R; so where there is room for x, and then those that are the less
    whole = q if q.shape == shape else r
    _rows(own, x, adjoint, whole)
    scales = np.empty(min(rows, columns), own.dtype)
    own.worked("gelqf", columns, rows, whole, columns, scales)
    if whole is q:
        put_upper(r, whole)
    else:
        many = min(rows, columns)
        q[:, :many] = whole[:, :many]
        put_upper(whole, whole)
    own.worked("unglq" if own.complex else "orglq", q.shape[1], rows, len(scales), q, q.shape[1], scales)


def qr_room(own: Lapack, rows: int, columns: int, made: int) -> int:
    """Bytes that ``qr`` works in. made: columns of Q."""
    less, none = min(rows, columns), own.unused
    return less * int(own.dtype.itemsize) + max(
        own.room("gelqf", columns, rows, none, columns, none),
        own.room("unglq" if own.complex else "orglq", made, rows, less, none, made, none))


def least_squares(own: Lapack, x: Any, rhs: Any, out: Any, l2: float) -> bool:
    """The least of |x @ out - rhs|^2 + l2 |out|^2, by Cholesky's factors of x^H @ x (or of x @ x^H, which is smaller);
    False where these are not positive definite."""
    rows, columns = x.shape
    less, tall = min(rows, columns), rows >= columns
    # of what is the same on both sides of the diagonal one is held (LAPACK's rectangular full packed format)
    gram = np.empty(less * (less + 1) // 2, own.dtype)
    adjoint = "C" if own.complex else "T"
    own.call("hfrk" if own.complex else "sfrk", "N", "U", "N" if tall else adjoint, less, max(rows, columns), 1.0, x,
             columns, 0.0, gram, info=False)
    for first in (less // 2, less // 2 + 1):
        gram[first::less + 2 - less % 2] += l2
    y = out if tall else rhs.copy()
    if tall:
        _adjoint_product(own, x, rhs, out)
    if own.call("pftrf", "N", "U", less, gram):
        return False
    for how in ("N", adjoint):
        own.call("tfsm", "N", "R", "U", how, "N", y.shape[1], less, 1.0, gram, y, y.shape[1], info=False)
    if not tall:
        _adjoint_product(own, x, y, out)
    return True


def _adjoint_product(own: Lapack, x: Any, y: Any, out: Any) -> None:
    """``out[...] = x^H @ y``."""
    (rows, columns), many = x.shape, y.shape[1]
    own.call("gemm", "N", "C", many, columns, rows, 1.0, y, many, x, columns, 0.0, out, many, info=False)
