"""Linear algebra of older graphs: names from when ops of one matrix and of many were two, and what was replaced."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.opdef import op, undefined_gradient
from . import _one_matrix as one
from . import _one_spectrum as spectrum
from ._older import older

BLAS = True
CPU_ONLY = True
_ALL = "T: {float32, float64, complex64, complex128}"
_REAL = "T: {float64, float32}"


def _batch(name: str, attrs: str = "", without: str = "", signature: str = "") -> None:
    older(__name__, f"Batch{name}", name, without=f"T {without}" if attrs else without, more=attrs,
          signature=signature, gradient=undefined_gradient)


for _name in ("Cholesky", "MatrixInverse", "MatrixSolve", "MatrixSolveLs", "MatrixTriangularSolve",
              "SelfAdjointEigV2"):
    _batch(_name, _REAL)
for _name in ("MatrixDeterminant", "Svd"):
    _batch(_name, _ALL)
for _name in ("MatrixDiag", "MatrixDiagPart", "MatrixSetDiag"):
    _batch(_name)
_batch("MatrixBandPart", without="Tindex", signature="input: T, num_lower: int64, num_upper: int64 -> band: T")


@op
class SelfAdjointEig:
    """The eigenvalues of symmetric matrices as a row over their eigenvectors."""

    signature = "input: T -> output: T"
    attrs = "T: {float64, float32, float16}"
    no_kernel = "T: float16"
    gradient = undefined_gradient
    parts = {"input": 2}
    alone = one.each_alone(0)

    def infer(n: Any, matrix: Any) -> Any:
        matrix = n.at_least_rank(matrix, 2, "input")
        if matrix is None:
            return None
        size = n.merge(matrix[-2:-1], matrix[-1:], "input")[0]
        return (*matrix[:-2], None if size is None else size + 1, size)

    def kernel(n: Any) -> Any:
        own: Any = one.routines(np, n.dtype())

        def eigen(matrix: Any) -> Any:
            if one.large(own, matrix.shape) and one.finite(matrix):
                out = np.empty((*matrix.shape[:-2], matrix.shape[-1] + 1, matrix.shape[-1]), own.dtype)

                def of_one(at: Any) -> None:
                    if not spectrum.eigh(own, matrix[at], out[at][0], out[at][1:], False):
                        raise np.linalg.LinAlgError("Eigenvalues did not converge")

                one.each(n, matrix.shape[:-2], (matrix, out), of_one, copied=True)
                return out
            values, vectors = np.linalg.eigh(matrix)
            return np.concatenate([values[..., None, :], vectors], -2)

        return eigen

    def scratch(n: Any) -> int:
        own = one.taken_alone(n, 0)
        if own is not None:
            return one.at_once(n) * spectrum.eigh_room(own, n.shapes[0][-1], True, False)
        return 3 * int(n.out_bytes())


@op
class CholeskyGrad:
    """The gradient of a Cholesky factor for its matrix."""

    signature = "l: T, grad: T -> output: T"
    attrs = "T: {float16, float32, float64}"
    no_kernel = "T: float16"
    gradient = undefined_gradient
    parts = {"l": 2, "grad": 2}
    alone = one.each_alone(0, 1, slow=True)

    def infer(n: Any, factor: Any, grad: Any) -> Any:
        factor = n.at_least_rank(factor, 2, "l")
        if factor is None:
            return None
        size = n.merge(factor[-2:-1], factor[-1:], "l")
        return (*factor[:-2], *size, *size)

    def kernel(n: Any) -> Any:
        own: Any = one.routines(np, n.dtype())

        def gradient(factor: Any, grad: Any) -> Any:
            if factor.shape == grad.shape and one.large(own, factor.shape, grad.shape, slow=True):
                out = np.empty(factor.shape, own.dtype)
                one.each(n, factor.shape[:-2], (factor, grad, out), lambda at: one.cholesky_gradient(
                    own, np.ascontiguousarray(factor[at]), grad[at], out[at]))
                return out
            factor = np.tril(factor)
            inner = np.tril(np.swapaxes(factor, -1, -2) @ np.tril(grad))
            diagonal = np.arange(factor.shape[-1])
            inner[..., diagonal, diagonal] /= 2
            turned = np.swapaxes(factor, -1, -2)
            found = np.linalg.solve(turned, np.swapaxes(np.linalg.solve(turned, np.swapaxes(inner, -1, -2)), -1, -2))
            return (found + np.swapaxes(found, -1, -2)) / 2

        return gradient

    def scratch(n: Any) -> int:
        if n.shapes[0] == n.shapes[1] and one.taken_alone(n, 0, 1, slow=True):
            return int(one.at_once(n, copied=False) * 2 * one.TILE ** 2 * n.width())
        return int(8 * n.out_bytes())


older(__name__, "BatchSelfAdjointEig", "SelfAdjointEig", without="T", more=_REAL, no_kernel="")
older(__name__, "BatchCholeskyGrad", "CholeskyGrad", without="T", more="T: {float32, float64}", no_kernel="")
