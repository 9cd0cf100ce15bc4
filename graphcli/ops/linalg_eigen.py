"""Eigenvalues and eigenvectors of matrices."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.opdef import op
from . import _one_general as general
from . import _one_matrix as one
from . import _one_spectrum as spectrum
from ._gradients import differences
from .linalg_factor import MATRICES, square, wide
from .math_complex import as_precise

BLAS = True
INVALID = "Self-adjoint eigen decomposition was not successful. The input might not be valid."

GENERAL = {"float32": (4.4, 12.4), "float64": (1.2, 4.2), "complex64": (4.4, 7.4), "complex128": (1.2, 2.2)}
"""How much numpy takes for a matrix that is not symmetric, in double precision, with LAPACK's copies: in parts of the
matrix, for the values alone, and for the vectors too."""


def _valid(xp: Any, x: Any) -> bool:
    """Whether all that is read of matrices, their lower triangles, is finite; what is infinite on the diagonal is
    let pass, as TensorFlow does."""
    if one.finite(x) if xp.__name__ == "numpy" else xp.isfinite(x).all():
        return True
    low = xp.tril(x)
    return not xp.isnan(low).any() and bool(xp.isfinite(xp.tril(x, -1)).all())


@op
class SelfAdjointEigV2:
    """Eigenvalues, ascending, and eigenvectors of self-adjoint matrices (tf.self_adjoint_eig)."""

    signature = "input: T -> e: T, v: T"
    attrs = "compute_v: bool = True; " + MATRICES
    no_kernel = "T: float16"
    parts = {"input": 2}
    alone = one.each_alone(0)
    spends = "input"

    def infer(n: Any, x: Any) -> Any:
        x = square(n, x)
        e = None if x is None else x[:-1]
        return [e, x if n.attrs["compute_v"] else (0,)]

    def kernel(n: Any) -> Any:
        xp, dtype, vectors = n.xp, n.dtype(), n.attrs["compute_v"]
        own: Any = one.routines(xp, dtype)

        def alone(x: Any) -> Any:
            e, v = xp.empty(x.shape[:-1], own.real), xp.empty(x.shape if vectors else 0, dtype)
            over = one.yours(n, x)

            def of_one(at: Any) -> None:
                if not spectrum.eigh(own, x[at], e[at], v[at] if vectors else None, over):
                    raise xp.linalg.LinAlgError("Eigenvalues did not converge")

            one.each(n, x.shape[:-2], (x, v), of_one, copied=vectors or not over)
            return e.astype(dtype, copy=False), v

        def decompose(x: Any) -> Any:
            if not _valid(xp, x):
                raise RunError(INVALID)
            if one.large(own, x.shape):
                return alone(x)
            if not vectors:
                return xp.linalg.eigvalsh(wide(xp, x)).astype(dtype), xp.zeros(0, dtype)
            e, v = xp.linalg.eigh(wide(xp, x))
            return e.astype(dtype), v.astype(dtype)

        return decompose

    def scratch(n: Any) -> Any:
        own = one.taken_alone(n, 0)
        if own is not None:
            over, vectors = not one.copy_room(n), n.attrs["compute_v"]
            return one.at_once(n, vectors or not over) * spectrum.eigh_room(own, n.shapes[0][-1], vectors, over)
        return (3 if n.attrs["compute_v"] else 2) * n.bytes()

    def gradient(tf: Any, op: Any, grad_e: Any, grad_v: Any = None) -> Any:
        with tf.control_dependencies([grad_e, grad_v]):
            if op.attrs["compute_v"]:
                e, v = op.outputs
                f = differences(tf, e)
                inner = tf.matrix_diag(grad_e) + f * tf.matmul(v, grad_v, adjoint_a=True)
            else:
                _, v = tf.self_adjoint_eig(op.inputs[0])
                inner = tf.matrix_diag(grad_e)
            out = tf.matmul(v, tf.matmul(inner, v, adjoint_b=True))
            low = tf.matrix_band_part(out + tf.linalg.adjoint(out), -1, 0)
            return [tf.matrix_set_diag(low, 0.5 * tf.matrix_diag_part(low))]


def _own(n: Any) -> Any:
    """LAPACK in the precision of a matrix of which complex vectors are wanted in the same one; else None."""
    kind = n.node.inputs[0].dtype.base_dtype
    xp = getattr(n, "xp", np)
    same = n.node.outputs[0].dtype.base_dtype.size == kind.size * (1 if kind.kind == "c" else 2)
    return one.routines(xp, kind.as_numpy_dtype) if same else None

def _copied(n: Any, over: bool) -> bool:
    """Whether a matrix takes as much again: not if it is written over, or lies where its complex vectors will."""
    return not over and (not n.attrs["compute_v"] or bool(n.node.inputs[0].dtype.base_dtype.is_complex))


@op
class Eig:
    """Eigenvalues and right eigenvectors of square matrices."""

    signature = "input: T -> e: Tout, v: Tout"
    attrs = "compute_v: bool = True; T: {float32, float64, complex64, complex128}; Tout: {complex64, complex128}"
    parts = {"input": 2}
    spends = "input"

    def alone(n: Any) -> bool:
        return bool(_own(n) and one.taken_alone(n, 0))

    infer = SelfAdjointEigV2.__dict__["infer"]

    def kernel(n: Any) -> Any:
        xp, dtype, vectors = n.xp, as_precise(n), n.attrs["compute_v"]
        own = _own(n)

        def alone(x: Any) -> Any:
            e, v = xp.empty(x.shape[:-1], dtype), xp.empty(x.shape if vectors else 0, dtype)
            over = one.yours(n, x)

            def of_one(at: Any) -> None:
                if not general.eig(own, x[at], e[at], v[at] if vectors else None, over):
                    raise xp.linalg.LinAlgError("Eigenvalues did not converge")

            one.each(n, x.shape[:-2], (x, v), of_one, copied=_copied(n, over))
            return e, v

        def decompose(x: Any) -> Any:
            if one.large(own, x.shape) and one.finite(x):
                return alone(x)
            if not vectors:
                return xp.linalg.eigvals(x).astype(dtype), xp.zeros(0, dtype)
            e, v = xp.linalg.eig(x)
            return e.astype(dtype), v.astype(dtype)

        return decompose

    def scratch(n: Any) -> Any:
        own = _own(n) and one.taken_alone(n, 0)
        if own:
            over = not one.copy_room(n)
            room = general.eig_room(own, n.shapes[0][-1], n.attrs["compute_v"], over)
            return one.at_once(n, _copied(n, over)) * room
        return int(GENERAL[n.node.inputs[0].dtype.base_dtype.name][n.attrs["compute_v"]] * n.bytes())

    def gradient(tf: Any, op: Any, grad_e: Any, grad_v: Any) -> Any:
        e, v = op.outputs
        if not op.attrs["compute_v"]:
            v = tf.apply_op("Eig", None, [op.inputs[0]], {"compute_v": True, "Tout": e.dtype})[1]
        adjoint = tf.linalg.adjoint(v)
        inner = tf.matrix_diag(grad_e)
        if op.attrs["compute_v"]:
            # eigenvectors of length 1: what would change the length is taken out
            turned = tf.matmul(adjoint, grad_v)
            along = tf.matrix_diag(tf.cast(tf.real(tf.matrix_diag_part(turned)), v.dtype))
            turned -= tf.matmul(tf.matmul(adjoint, v), along)
            apart = tf.matrix_set_diag(tf.expand_dims(e, -2) - tf.expand_dims(e, -1), tf.ones_like(e))
            inner += tf.conj(tf.matrix_set_diag(tf.reciprocal(apart), tf.zeros_like(e))) * turned
        return [tf.cast(tf.matrix_solve(adjoint, tf.matmul(inner, adjoint)), op.inputs[0].dtype.base_dtype)]
