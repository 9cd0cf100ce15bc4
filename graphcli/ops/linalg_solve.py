"""Inverses, determinants, equations, functions of matrices."""
from __future__ import annotations

from typing import Any

from numpy import ndindex
from numpy.polynomial.legendre import leggauss

from ..errors import InvalidValue, RunError
from ..graph.opdef import op, undefined_gradient
from .linalg_factor import MATRICES, of_each, square, wide

BLAS = True


def solved(xp: Any, call: Any, *arrays: Any) -> Any:
    try:
        return call(*arrays)
    except xp.linalg.LinAlgError:
        raise RunError("Input matrix is not invertible.") from None


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
    infer = square

    def kernel(n: Any) -> Any:
        xp, dtype, adjoint = n.xp, n.dtype(), n.attrs["adjoint"]

        def invert(x: Any) -> Any:
            x = wide(xp, x)
            return solved(xp, xp.linalg.inv, turned(xp, x) if adjoint else x).astype(dtype, copy=False)

        return invert

    def scratch(n: Any) -> Any:
        return 3 * n.bytes() if n.width() < 8 else n.bytes()

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        inverse = op.outputs[0]
        adjoint = op.attrs["adjoint"]
        out = -tf.matmul(inverse, tf.matmul(grad, inverse, adjoint_b=True), adjoint_a=True)
        return [tf.linalg.adjoint(out) if adjoint else out]


@op
class MatrixDeterminant:
    """The determinant (tf.matrix_determinant)."""

    signature = "input: T -> output: T"
    attrs = MATRICES
    no_kernel = "T: float16"
    parts = {"input": 2}

    def infer(n: Any, x: Any) -> Any:
        x = square(n, x)
        return None if x is None else x[:-2]

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()
        return lambda x: xp.asarray(xp.linalg.det(wide(xp, x)), dtype)

    def scratch(n: Any) -> Any:
        return 2 * n.bytes()

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        inverse = tf.matrix_inverse(op.inputs[0], adjoint=True)
        return [(grad * tf.conj(op.outputs[0]))[..., None, None] * inverse]


@op
class LogMatrixDeterminant:
    """Sign of the determinant and log of its absolute value (tf.linalg.slogdet)."""

    signature = "input: T -> sign: T, log_abs_determinant: T"
    attrs = MATRICES
    no_kernel = "T: float16"
    parts = {"input": 2}

    def infer(n: Any, x: Any) -> Any:
        x = square(n, x)
        shape = None if x is None else x[:-2]
        return [shape, shape]

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()

        def determine(x: Any) -> Any:
            sign, log = xp.linalg.slogdet(wide(xp, x))
            return xp.asarray(sign, dtype), xp.asarray(log, dtype)

        return determine

    def scratch(n: Any) -> Any:
        return 2 * n.bytes()

    def gradient(tf: Any, op: Any, _: Any, grad: Any) -> Any:
        if grad is None:
            return [None]
        return [grad[..., None, None] * tf.matrix_inverse(op.inputs[0], adjoint=True)]


@op
class MatrixSolve:
    """The x of matrix @ x = rhs (tf.matrix_solve)."""

    signature = "matrix: T, rhs: T -> output: T"
    attrs = "adjoint: bool = False; " + MATRICES
    no_kernel = "T: float16"
    parts = {"matrix": 2, "rhs": 2}
    infer = right_side

    def kernel(n: Any) -> Any:
        xp, dtype, adjoint = n.xp, n.dtype(), n.attrs["adjoint"]

        def solve(matrix: Any, rhs: Any) -> Any:
            matrix, rhs = wide(xp, matrix), wide(xp, rhs)
            return solved(xp, xp.linalg.solve, turned(xp, matrix) if adjoint else matrix, rhs).astype(dtype)

        return solve

    def scratch(n: Any) -> Any:
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

        def solve(matrix: Any, rhs: Any) -> Any:
            matrix, rhs = wide(xp, matrix), wide(xp, rhs)
            # the other triangle is never looked at
            matrix = xp.ascontiguousarray(matrix)
            if adjoint:
                matrix = turned(xp, matrix) if matrix.dtype.kind == "c" else xp.swapaxes(matrix, -1, -2)
            return substituted(xp, matrix, rhs, lower is not adjoint).astype(dtype, copy=False)

        return solve

    def scratch(n: Any) -> Any:
        complex_ = n.node.inputs[0].dtype.base_dtype.kind == "c"
        return n.bytes() if n.attrs["adjoint"] and complex_ else 0

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
        from .matmul import _summed

        return _summed(tf, matrix, rhs, grad_matrix, grad_rhs)


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


@op
class MatrixSolveLs:
    """The x with the least squares of matrix @ x - rhs (tf.matrix_solve_ls)."""

    signature = "matrix: T, rhs: T, l2_regularizer: float64 -> output: T"
    attrs = MATRICES + "; fast: bool = True"
    no_kernel = "T: float16"
    parts = {"matrix": 2, "rhs": 2}

    def infer(n: Any, matrix: Any, rhs: Any, l2_regularizer: Any) -> Any:
        n.at_least_rank(matrix, 2, "matrix")
        n.at_least_rank(rhs, 2, "rhs")
        if matrix is None or rhs is None:
            return None
        if None not in (matrix[-2], rhs[-2]) and matrix[-2] != rhs[-2]:
            n.fail(f"matrix has {matrix[-2]} rows, rhs {rhs[-2]}")
        return (*n.merge(matrix[:-2], rhs[:-2], "leading sizes"), matrix[-1], rhs[-1])

    def kernel(n: Any) -> Any:
        xp, dtype, fast = n.xp, n.dtype(), n.attrs["fast"]

        def solve(matrix: Any, rhs: Any, l2: Any) -> Any:
            a, b = wide(xp, matrix), wide(xp, rhs)
            if not fast:
                return (xp.linalg.pinv(a) @ b).astype(dtype)
            l2 = a.dtype.type(l2)
            if a.shape[-2] >= a.shape[-1]:
                gram = turned(xp, a) @ a + l2 * xp.eye(a.shape[-1], dtype=a.dtype)
                return solved(xp, xp.linalg.solve, gram, turned(xp, a) @ b).astype(dtype)
            gram = a @ turned(xp, a) + l2 * xp.eye(a.shape[-2], dtype=a.dtype)
            return (turned(xp, a) @ solved(xp, xp.linalg.solve, gram, b)).astype(dtype)

        return solve

    def scratch(n: Any) -> Any:
        return 7 * (n.bytes() + n.bytes(1)) // 2

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


def _by_eigenvalues(xp: Any, x: Any, function: Any) -> Any:
    """A function of matrices by way of their eigenvalues."""
    values, vectors = xp.linalg.eig(x.astype(xp.complex128))
    return vectors @ (function(values)[..., None] * xp.linalg.inv(vectors))


def _iterated_root(xp: Any, x: Any) -> Any:
    """The root of a matrix without eigenvalues on the negative axis, by the iteration of Denman and Beavers."""
    root = xp.array(x, xp.complex128 if x.dtype.kind == "c" else xp.float64)
    inverse = xp.eye(len(x), dtype=root.dtype)
    for _ in range(100):
        last, root, inverse = root, (root + xp.linalg.inv(inverse)) / 2, (inverse + xp.linalg.inv(root)) / 2
        if xp.abs(root - last).sum() <= 1e-15 * xp.abs(root).sum():
            break
    return root


def _iterated_log(xp: Any, x: Any) -> Any:
    """The logarithm of a matrix without eigenvalues on the negative axis: of a root that is near to 1, by Gauss's
    quadrature of the integral of (x - 1) / (1 + t (x - 1)) over t from 0 to 1."""
    x, one, roots = xp.asarray(x, xp.complex128), xp.eye(len(x)), 0
    while xp.abs(x - one).sum() > 0.25 and roots < 60:
        x, roots = _iterated_root(xp, x), roots + 1
    points, weights = leggauss(12)
    small = x - one
    total = sum(w / 2 * xp.linalg.solve(one + (t + 1) / 2 * small, small) for t, w in zip(points, weights))
    return 2.0 ** roots * total


@op
class MatrixSquareRoot:
    """The principal X of X @ X = A (tf.matrix_square_root); NaN where there is none."""

    signature = "input: T -> output: T"
    attrs = MATRICES
    no_kernel = "T: float16"
    parts = {"input": 2}
    infer = square

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()

        def root(x: Any) -> Any:
            values = xp.linalg.eigvals(x)
            below = (values.imag == 0) & (values.real < 0)
            none = (values == 0).sum(-1) > 1
            if xp.dtype(dtype).kind != "c":
                # as by a real Schur form: a negative eigenvalue has no real root
                none |= below.any(-1)
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
        return 8 * n.shapes[0][-1] ** 2 * 8

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        root = op.outputs[0]
        size = root.static[-1]
        identity = tf.eye(size, batch_shape=tf.shape(root)[:-2], dtype=root.dtype.base_dtype)

        def kron(a: Any, b: Any) -> Any:
            product = a[..., :, None, :, None] * b[..., None, :, None, :]
            return tf.reshape(product, tf.concat([tf.shape(root)[:-2], [size * size, size * size]], 0))

        adjoint = tf.linalg.adjoint(root)
        system = kron(identity, tf.matrix_transpose(adjoint)) + kron(adjoint, identity)
        flat = tf.reshape(grad, tf.concat([tf.shape(root)[:-2], [size * size, 1]], 0))
        return [tf.reshape(tf.matrix_solve(system, flat), tf.shape(root))]


@op
class MatrixLogarithm:
    """The principal X of exp(X) = A, of complex matrices (tf.linalg.logm)."""

    signature = "input: T -> output: T"
    attrs = "T: {complex64, complex128}"
    parts = {"input": 2}
    infer = square
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()

        def logarithm(x: Any) -> Any:
            out = xp.empty(x.shape, dtype)
            for at in ndindex(*x.shape[:-2]):
                values = xp.linalg.eigvals(x[at])
                iterated = values.all() and not ((abs(values.imag) <= 1e-9 * abs(values)) & (values.real < 0)).any()
                out[at] = _iterated_log(xp, x[at]) if iterated else _by_eigenvalues(xp, x[at], xp.log)
            return out

        return logarithm

    def scratch(n: Any) -> Any:
        return 8 * n.shapes[0][-1] ** 2 * 8


@op
class MatrixExponential:
    """exp of matrices (of older graphs; tf.linalg.expm makes many nodes)."""

    signature = "input: T -> output: T"
    attrs = MATRICES
    no_kernel = "T: float16"
    infer = square
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()

        def exponential(x: Any) -> Any:
            x = x.astype(xp.complex128 if x.dtype.kind == "c" else xp.float64)
            size = xp.max(xp.sum(xp.abs(x), axis=-2), initial=0)
            halvings = max(0, int(xp.ceil(xp.log2(size))) + 4) if size > 0 else 0
            x = x / 2.0 ** halvings
            term = total = xp.broadcast_to(xp.eye(x.shape[-1], dtype=x.dtype), x.shape)
            for i in range(1, 20):
                term = term @ x / i
                total = total + term
            for _ in range(halvings):
                total = total @ total
            return total.astype(dtype)

        return exponential

    def scratch(n: Any) -> Any:
        return 7 * n.bytes()


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
