"""Functions of matrices: roots, logarithms, exponentials."""
from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from numpy import ndindex
from numpy.polynomial.legendre import leggauss

from ..graph.opdef import op, undefined_gradient
from . import _one_matrix as one
from . import _one_schur as by_schur
from .linalg_factor import MATRICES, square

BLAS = True
ROWS, LINES = 64, 128
"""Rows of a matrix that are added up, and that are multiplied, at a time."""


def _by_eigenvalues(xp: Any, x: Any, function: Any) -> Any:
    """A function of matrices by way of their eigenvalues."""
    values, vectors = xp.linalg.eig(x.astype(xp.complex128))
    return vectors @ (function(values)[..., None] * xp.linalg.inv(vectors))


def _sum_of_sizes(xp: Any, a: Any, less: Any = None) -> float:
    """The sum of the absolute values of a, or of a - less, some rows at a time."""
    if len(a) <= ROWS:
        return float(xp.abs(a if less is None else a - less).sum())
    return sum(_sum_of_sizes(xp, a[i:i + ROWS], None if less is None else less[i:i + ROWS])
               for i in range(0, len(a), ROWS))


def _each_by_schur(n: Any, own: Any, x: Any, root: bool) -> Any:
    """Roots or logarithms of one large matrix after the other."""
    xp, out, over = n.xp, n.xp.empty(x.shape, n.dtype()), one.yours(n, x)

    def of_one(at: Any) -> None:
        t = out[at]
        t[...] = x[at]
        if not one.finite(t):
            t.fill(xp.nan)
            return
        z = x[at] if over else xp.empty_like(t)
        values = by_schur.schur(own, t, z)
        if values is None:
            raise xp.linalg.LinAlgError("Eigenvalues did not converge")
        if root and _has_no_root(values, own.complex):
            t.fill(xp.nan)
        elif root or _is_regular(values):
            (by_schur.root if root else by_schur.logarithm)(own, t)
            by_schur.back(own, t, z)
        else:
            by_schur.back(own, t, z)
            t[...] = _by_eigenvalues(xp, t, xp.log)

    one.each(n, x.shape[:-2], (x, out), of_one, copied=not over)
    return out


def _room_by_schur(n: Any) -> int | None:
    """Bytes that this takes beside its results; None where it is not the way."""
    own = one.taken_alone(n, 0, slow=True)
    if own is None:
        return None
    copy = one.copy_room(n)
    return one.at_once(n, copied=copy > 0) * (copy + by_schur.schur_room(own, n.shapes[0][-1]))


def _has_no_root(values: Any, complex_: bool) -> Any:
    """Whether a matrix has no root, by its eigenvalues; of the real ones, as by a real Schur form, none where one is
    negative."""
    none = (values == 0).sum(-1) > 1
    return none if complex_ else none | ((values.imag == 0) & (values.real < 0)).any(-1)


def _is_regular(values: Any) -> bool:
    """Whether no eigenvalue of a matrix is 0 or negative, or nearly."""
    return bool(values.all() and not ((abs(values.imag) <= 1e-9 * abs(values)) & (values.real < 0)).any())


def _iterated_root(xp: Any, x: Any) -> Any:
    """The root of a matrix without eigenvalues on the negative axis, by the iteration of Denman and Beavers."""
    root = xp.array(x, xp.complex128 if x.dtype.kind == "c" else xp.float64)
    inverse = xp.eye(len(x), dtype=root.dtype)
    for _ in range(100):
        following = xp.linalg.inv(inverse)
        following += root
        following *= 0.5
        change = _sum_of_sizes(xp, following, root)
        inverse += xp.linalg.inv(root)
        inverse *= 0.5
        root = following
        if change <= 1e-15 * _sum_of_sizes(xp, root):
            break
    return root


def _of_roots(n: Any) -> Any:
    """Bytes that an iterated root takes: three matrices in double precision, inverted in copies."""
    kind = np.dtype("complex128" if n.node.inputs[0].dtype.base_dtype.is_complex else "float64")
    size = n.shapes[0][-1]
    return (5 * size + 3 * min(ROWS, size)) * size * kind.itemsize


def _iterated_log(xp: Any, x: Any) -> Any:
    """The logarithm of a matrix without eigenvalues on the negative axis: of a root that is near to 1, by Gauss's
    quadrature of the integral of (x - 1) / (1 + t (x - 1)) over t from 0 to 1."""
    small, roots, diagonal = xp.array(x, xp.complex128), 0, xp.arange(len(x))
    small[diagonal, diagonal] -= 1
    while _sum_of_sizes(xp, small) > 0.25 and roots < 60:
        small[diagonal, diagonal] += 1
        small, roots = _iterated_root(xp, small), roots + 1
        small[diagonal, diagonal] -= 1
    total, system = xp.zeros_like(small), xp.empty_like(small)
    for t, w in zip(*leggauss(12)):
        xp.multiply(small, (t + 1) / 2, out=system)
        system[diagonal, diagonal] += 1
        part = xp.linalg.solve(system, small)
        part *= w / 2
        total += part
        del part
    total *= 2.0 ** roots
    return total


@op
class MatrixSquareRoot:
    """The principal X of X @ X = A (tf.matrix_square_root); NaN where there is none."""

    signature = "input: T -> output: T"
    attrs = MATRICES
    no_kernel = "T: float16"
    parts = {"input": 2}
    alone = one.each_alone(0, slow=True)
    spends = "input"
    infer = square

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()
        own: Any = one.routines(xp, dtype)

        def root(x: Any) -> Any:
            if one.large(own, x.shape, slow=True):
                return _each_by_schur(n, own, x, root=True)
            bad = ~xp.isfinite(x).all((-2, -1))
            values = xp.linalg.eigvals(xp.where(bad[..., None, None], 0, x) if bad.any() else x)
            below = (values.imag == 0) & (values.real < 0)
            none = _has_no_root(values, xp.dtype(dtype).kind == "c") | bad
            out = xp.empty(x.shape, dtype)
            for at in ndindex(*x.shape[:-2]):
                if not none[at]:
                    iterated = not below[at].any() and values[at].all()
                    found = _iterated_root(xp, x[at]) if iterated else _by_eigenvalues(xp, x[at], xp.sqrt)
                    out[at] = found if xp.dtype(dtype).kind == "c" else found.real
            out[none] = xp.nan
            return out

        return root

    def scratch(n: Any) -> Any:
        room = _room_by_schur(n)
        return _of_roots(n) if room is None else room

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        """The equation of Sylvester, as one system of size * size unknowns."""
        root = op.outputs[0]
        shape = tf.shape(root)
        size = shape[-1]
        count = tf.reduce_prod(shape[0:-2])
        flat = tf.reshape(tf.eye(size, dtype=root.dtype.base_dtype), [-1])
        identity = tf.reshape(tf.tile(flat, [count]), shape)
        # of reals the root itself
        root = tf.conj(root)
        first = _kronecker(tf, identity, tf.matrix_transpose(root))
        system = tf.add(first, _kronecker(tf, root, identity), name="Add")
        batch = _batch_of(tf, shape)
        column = tf.concat([batch, [size * size], [1]], 0)
        given = tf.reshape(tf.matrix_transpose(grad), column)
        return [tf.matrix_transpose(tf.reshape(tf.matrix_solve(system, given), shape))]


def _batch_of(tf: Any, shape: Any) -> Any:
    return tf.slice(shape, [0], [tf.subtract(tf.size(shape), 2)])


def _kronecker(tf: Any, a: Any, b: Any) -> Any:
    """Of square matrices: b times each element of a."""
    of_a, of_b = tf.shape(a), tf.shape(b)
    m, n = of_a[-1], of_b[-1]
    batch = _batch_of(tf, of_a)
    of_left, of_right = tf.concat([batch, [m], [1], [m], [1]], 0), tf.concat([batch, [1], [n], [1], [n]], 0)
    left, right = tf.reshape(a, of_left), tf.reshape(b, of_right)
    size = m * n
    of_both = tf.concat([batch, [size], [size]], 0)
    return tf.reshape(left * right, of_both)


@op
class MatrixLogarithm:
    """The principal X of exp(X) = A, of complex matrices (tf.linalg.logm)."""

    signature = "input: T -> output: T"
    attrs = "T: {complex64, complex128}"
    parts = {"input": 2}
    alone = one.each_alone(0, slow=True)
    spends = "input"
    infer = square
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()
        own: Any = one.routines(xp, dtype)

        def logarithm(x: Any) -> Any:
            if one.large(own, x.shape, slow=True):
                return _each_by_schur(n, own, x, root=False)
            out, bad = xp.empty(x.shape, dtype), ~xp.isfinite(x).all((-2, -1))
            for at in ndindex(*x.shape[:-2]):
                if bad[at]:
                    out[at] = xp.nan
                    continue
                regular = _is_regular(xp.linalg.eigvals(x[at]))
                out[at] = _iterated_log(xp, x[at]) if regular else _by_eigenvalues(xp, x[at], xp.log)
            return out

        return logarithm

    def scratch(n: Any) -> Any:
        room = _room_by_schur(n)
        return _of_roots(n) + n.size() * 16 if room is None else room


@op
class MatrixExponential:
    """exp of matrices (of older graphs; tf.linalg.expm makes many nodes)."""

    signature = "input: T -> output: T"
    attrs = MATRICES
    no_kernel = "T: float16"
    parts = {"input": 2}
    spends = "input"

    def alone(n: Any) -> bool:
        return bool(prod(n.shapes[0][-2:]) >= one.LARGE)

    infer = square
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()

        def exponential(x: Any) -> Any:
            # of small matrices in double precision
            large = prod(x.shape[-2:]) >= one.LARGE
            series = (1, 18) if not large or xp.dtype(dtype).name in ("float64", "complex128") else (4, 22)
            if not large:
                return _exponential(xp, x.astype(xp.complex128 if x.dtype.kind == "c" else xp.float64, copy=False),
                                    *series).astype(dtype, copy=False)
            out, over = xp.empty(x.shape, dtype), one.yours(n, x)
            one.each(n, x.shape[:-2], (x, out), lambda at: _exponential_of_one(xp, x[at], *series, out[at], over),
                     copied=not over)
            return out

        return exponential

    def scratch(n: Any) -> Any:
        narrow = n.node.inputs[0].dtype.base_dtype.name in ("float32", "complex64")
        if prod(n.shapes[0][-2:]) < one.LARGE:
            return (6 if narrow else 2) * n.bytes()
        copy = one.copy_room(n)
        return one.at_once(n, copied=copy > 0) * (copy + LINES * n.shapes[0][-1] * n.width())


def _exponential(xp: Any, x: Any, most: int, degree: int) -> Any:
    """The series of exp, of matrices that are halved until no column adds up to more than ``most``, squared as often.

    The fewer squares, the less of single precision is lost: 4 and 22 terms are as exact as TensorFlow's fractions.
    """
    halved = _halvings(xp, x, most)
    scale = (0.5 ** halved)[..., None, None].astype(x.real.dtype)
    total, following = xp.empty(x.shape, x.dtype), xp.empty(x.shape, x.dtype)
    xp.multiply(x, scale / degree, out=total)
    for i in range(degree - 1, -1, -1):
        total.reshape(*x.shape[:-2], x.shape[-1] ** 2)[..., ::x.shape[-1] + 1] += 1
        if i:
            xp.matmul(total, x, out=following)
            following *= scale / i
            total, following = following, total
    for i in range(int(halved.max()) if halved.size else 0):
        more = halved > i
        if more.all():
            xp.matmul(total, total, out=following)
            total, following = following, total
        else:
            total[more] = total[more] @ total[more]
    return total


def _halvings(xp: Any, x: Any, most: int) -> Any:
    """How often matrices are halved until no column adds up to more than ``most``."""
    size = sum(xp.abs(x[..., i:i + ROWS, :]).sum(-2) for i in range(0, x.shape[-1], ROWS))
    size = xp.max(size, axis=-1) if x.size else xp.zeros(x.shape[:-2])
    return xp.where(xp.isfinite(size), xp.ceil(xp.log2(xp.maximum(size / most, 1))), 0)


def _exponential_of_one(xp: Any, x: Any, most: int, degree: int, out: Any, over: bool) -> None:
    """The same of one large matrix, put in ``out``: products with it some rows at a time, which may lie where they
    came from; a second matrix is for squares alone. over: whether that may be x."""
    halved = _halvings(xp, x, most)
    scale = (0.5 ** halved).astype(x.real.dtype)
    xp.multiply(x, scale / degree, out=out)
    for i in range(degree - 1, -1, -1):
        out.reshape(-1)[::len(x) + 1] += 1
        for at in range(0, len(x), LINES) if i else ():
            rows = out[at:at + LINES] @ x
            rows *= scale / i
            out[at:at + LINES] = rows
            del rows
    square, other = out, x if over else xp.empty_like(out)
    for _ in range(int(halved)):
        xp.matmul(square, square, out=other)
        square, other = other, square
    if square is not out:
        out[...] = square
