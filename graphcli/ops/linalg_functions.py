"""Functions of matrices: roots, logarithms, exponentials."""
from __future__ import annotations

from typing import Any

from numpy import ndindex
from numpy.polynomial.legendre import leggauss

from ..graph.opdef import op, undefined_gradient
from .linalg_factor import MATRICES, square

BLAS = True


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
