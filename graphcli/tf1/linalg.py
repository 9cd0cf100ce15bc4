"""Linear algebra: factorings, inverses, equations, eigenvalues, tridiagonal matrices."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType, InvalidValue, said
from .conversion import convert_to_tensor
from .framework import apply_op, control_dependencies, elementwise, name_scope, raw
from .modules import modules

EXPORTS = """
tf: cholesky cholesky_solve matrix_inverse matrix_determinant matrix_solve matrix_solve_ls matrix_triangular_solve
tf: matrix_square_root qr svd self_adjoint_eig self_adjoint_eigvals
linalg: cholesky cholesky_solve inv=matrix_inverse det=matrix_determinant solve=matrix_solve lstsq=matrix_solve_ls
linalg: triangular_solve=matrix_triangular_solve sqrtm=matrix_square_root qr svd eigh=self_adjoint_eig
linalg: eigvalsh=self_adjoint_eigvals slogdet logdet logm adjoint
linalg: matrix_rank pinv tridiagonal_solve tridiagonal_matmul
"""

tf = modules["tf"]

cholesky = elementwise("cholesky", "Cholesky")
matrix_inverse = raw("MatrixInverse")
matrix_determinant = elementwise("matrix_determinant", "MatrixDeterminant")
matrix_solve = raw("MatrixSolve")
matrix_square_root = elementwise("matrix_square_root", "MatrixSquareRoot")
logm = elementwise("logm", "MatrixLogarithm")
slogdet = elementwise("slogdet", "LogMatrixDeterminant")
qr = raw("Qr")


def matrix_triangular_solve(matrix: Any, rhs: Any, lower: bool = True, adjoint: bool = False,
                            name: str | None = None) -> Any:
    """The x of matrix @ x = rhs for a triangular matrix [..., n, n] (tf.matrix_triangular_solve)."""
    with name_scope(name, "triangular_solve"):
        return _triangular(matrix, rhs, lower, adjoint)


def _triangular(matrix: Any, rhs: Any, lower: bool = True, adjoint: bool = False) -> Any:
    return apply_op("MatrixTriangularSolve", None, [matrix, rhs], {"lower": lower, "adjoint": adjoint})


def cholesky_solve(chol: Any, rhs: Any, name: str | None = None) -> Any:
    """The x of A @ x = rhs, given the Cholesky factor of A (tf.cholesky_solve)."""
    with name_scope(name, "cholesky_solve"):
        return _triangular(chol, _triangular(chol, rhs), adjoint=True)


def svd(tensor: Any, full_matrices: bool = False, compute_uv: bool = True, name: str | None = None) -> Any:
    """Singular values, and with ``compute_uv`` u and v: (s, u, v) (tf.svd)."""
    s, u, v = apply_op("Svd", name, [tensor], {"compute_uv": compute_uv, "full_matrices": full_matrices})
    return (tf.real(s), u, v) if compute_uv else tf.real(s)


def self_adjoint_eig(tensor: Any, name: str | None = None) -> Any:
    """Eigenvalues, ascending, and eigenvectors of self-adjoint matrices: (e, v) (tf.self_adjoint_eig)."""
    e, v = apply_op("SelfAdjointEigV2", name, [tensor], {"compute_v": True})
    return e, v


def self_adjoint_eigvals(tensor: Any, name: str | None = None) -> Any:
    """Eigenvalues, ascending, of self-adjoint matrices (tf.self_adjoint_eigvals)."""
    return apply_op("SelfAdjointEigV2", name, [tensor], {"compute_v": False})[0]


def logdet(matrix: Any, name: str | None = None) -> Any:
    """log of the determinant of positive definite matrices (tf.linalg.logdet)."""
    with name_scope(name, "logdet"):
        chol = cholesky(matrix)
        return 2.0 * tf.reduce_sum(tf.log(tf.real(tf.matrix_diag_part(chol))), axis=[-1])


def adjoint(matrix: Any, name: str | None = None) -> Any:
    """The conjugate transpose (tf.linalg.adjoint)."""
    with name_scope(name, "adjoint"):
        return tf.matrix_transpose(convert_to_tensor(matrix, name="matrix"), conjugate=True)


def _gramian_cholesky(matrix: Any, l2_regularizer: Any, tall: bool) -> Any:
    gramian = tf.matmul(matrix, matrix, adjoint_a=tall, adjoint_b=not tall)
    if hasattr(l2_regularizer, "static") or l2_regularizer != 0:
        shape = tf.shape(matrix)
        batch, small = shape[:-2], shape[-1] if tall else shape[-2]
        identity = tf.eye(small, batch_shape=batch, dtype=matrix.dtype.base_dtype)
        size = matrix.static[-1 if tall else -2] if matrix.static is not None else None
        if matrix.static is not None:
            identity.set_shape((*matrix.static[:-2], size, size))
        gramian += l2_regularizer * identity
    return cholesky(gramian)


def matrix_solve_ls(matrix: Any, rhs: Any, l2_regularizer: Any = 0.0, fast: bool = True,
                    name: str | None = None) -> Any:
    """The x with the least squares of matrix @ x - rhs (tf.matrix_solve_ls)."""
    matrix = convert_to_tensor(matrix, name="matrix")
    static = matrix.static
    if not fast or static is not None and None not in static and large(static, matrix.dtype.size):
        return apply_op("MatrixSolveLs", name, [matrix, rhs, l2_regularizer], {"fast": fast})

    def tall() -> Any:
        chol = _gramian_cholesky(matrix, l2_regularizer, True)
        return cholesky_solve(chol, tf.matmul(matrix, rhs, adjoint_a=True))

    def wide() -> Any:
        chol = _gramian_cholesky(matrix, l2_regularizer, False)
        return tf.matmul(matrix, cholesky_solve(chol, rhs), adjoint_a=True)

    with name_scope(name, "matrix_solve_ls"):
        if static is not None and None not in static[-2:]:
            return tall() if static[-2] >= static[-1] else wide()
        sizes = tf.shape(matrix)[-2:]
        return tf.cond(sizes[-2] >= sizes[-1], tall, wide)


def large(static: Any, size: int) -> bool:
    """Whether TF1 leaves a stack of many small matrices to one op."""
    batch = 1
    for d in static[:-2]:
        batch *= d
    return bool(batch * static[-1] * static[-2] * size > 256000 and batch > min(static[-2:]))


def matrix_rank(a: Any, tol: Any = None, validate_args: bool = False, name: str | None = None) -> Any:
    """How many singular values are above ``tol`` (tf.linalg.matrix_rank)."""
    import numpy as np

    with name_scope(name or "matrix_rank"):
        a = _real_matrix("matrix_rank", a, validate_args)
        s = svd(a, compute_uv=False)
        if tol is None:
            known = a.static is not None and None not in a.static[-2:]
            m = np.max(a.static[-2:]) if known else tf.reduce_max(tf.shape(a)[-2:])
            eps = np.finfo(a.dtype.as_numpy_dtype).eps
            tol = eps * tf.cast(m, a.dtype.base_dtype) * tf.reduce_max(s, axis=-1, keepdims=True)
        return tf.reduce_sum(tf.cast(s > tol, "int32"), axis=-1)


def _real_matrix(call: str, a: Any, validate_args: bool) -> Any:
    a = convert_to_tensor(a, dtype_hint="float32", name="a")
    if not a.dtype.is_floating:
        raise InvalidType(f"{call}: a is {a.dtype.base_dtype.name}, not real")
    if a.static is not None and len(a.static) < 2:
        raise InvalidValue(f"{call}: a has rank {len(a.static)}; a matrix has at least 2")
    if a.static is None and validate_args:
        with control_dependencies([tf.assert_rank_at_least(a, rank=2, message="`a` must have at least 2 dimensions.")]):
            return tf.identity(a)
    return a


def pinv(a: Any, rcond: Any = None, validate_args: bool = False, name: str | None = None) -> Any:
    """The Moore-Penrose inverse of real matrices (tf.linalg.pinv)."""
    import numpy as np

    with name_scope(name or "pinv"):
        a = _real_matrix("pinv", a, validate_args)
        kind = a.dtype.as_numpy_dtype
        if rcond is None:
            rows, columns = [a.static[i] if a.static is not None and a.static[i] is not None else tf.shape(a)[i]
                             for i in (-2, -1)]
            if isinstance(rows, int) and isinstance(columns, int):
                longest: Any = float(max(rows, columns))
            else:
                longest = tf.cast(tf.maximum(rows, columns), a.dtype.base_dtype)
            rcond = 10.0 * longest * np.finfo(kind).eps
        rcond = convert_to_tensor(rcond, a.dtype.base_dtype, "rcond")
        s, u, v = svd(a, full_matrices=False, compute_uv=True)
        cutoff = rcond * tf.reduce_max(s, axis=-1)
        s = apply_op("SelectV2", None, [s > tf.expand_dims(cutoff, -1), s, np.array(np.inf, kind)])
        out = tf.matmul(v / tf.expand_dims(s, -2), u, adjoint_b=True)
        if a.static is not None:
            out.set_shape((*a.static[:-2], a.static[-1], a.static[-2]))
        return out


def tridiagonal_solve(diagonals: Any, rhs: Any, diagonals_format: str = "compact", transpose_rhs: bool = False,
                      conjugate_rhs: bool = False, name: str | None = None, partial_pivoting: bool = True,
                      perturb_singular: bool = False) -> Any:
    """The x of A @ x = rhs for a tridiagonal A of diagonals [..., 3, n] (tf.linalg.tridiagonal_solve)."""
    if diagonals_format == "sequence":
        if not isinstance(diagonals, (list, tuple)) or len(diagonals) != 3:
            raise InvalidValue("tridiagonal_solve: a sequence has three diagonals")
        above, middle, below = (convert_to_tensor(d) for d in diagonals)
        size = middle.static[-1]  # type: ignore[index]
        below, above = _padded(below, size, [1, 0]), _padded(above, size, [0, 1])
        diagonals = tf.stack((above, middle, below), axis=-2)
    elif diagonals_format == "matrix":
        diagonals = tf.matrix_diag_part(diagonals, k=(-1, 1), padding_value=0.0, align="LEFT_RIGHT")
    elif diagonals_format != "compact":
        raise InvalidValue(f"diagonals_format is compact, sequence or matrix, not {said(diagonals_format)}")
    diagonals, rhs = convert_to_tensor(diagonals), convert_to_tensor(rhs)
    attrs = {"partial_pivoting": partial_pivoting, "perturb_singular": perturb_singular}
    if rhs.static is not None and diagonals.static is not None and len(rhs.static) == len(diagonals.static) - 1:
        if conjugate_rhs:
            rhs = tf.conj(rhs)
        rhs = tf.expand_dims(rhs, -1)
        return tf.squeeze(apply_op("TridiagonalSolve", name, [diagonals, rhs], attrs), -1)
    if transpose_rhs:
        rhs = tf.matrix_transpose(rhs, conjugate=conjugate_rhs)
    elif conjugate_rhs:
        rhs = tf.conj(rhs)
    return apply_op("TridiagonalSolve", name, [diagonals, rhs], attrs)


def _padded(diagonal: Any, size: Any, where: list[int]) -> Any:
    have = diagonal.static[-1]
    if not have or have == size:
        return diagonal
    if have != size - 1:
        raise InvalidValue(f"a diagonal beside one of {size} elements has {size} or {size - 1}, not {have}")
    return tf.pad(diagonal, [[0, 0]] * (len(diagonal.static) - 1) + [where])


def tridiagonal_matmul(diagonals: Any, rhs: Any, diagonals_format: str = "compact", name: str | None = None) -> Any:
    """A @ rhs for a tridiagonal A of diagonals [..., 3, n] (tf.linalg.tridiagonal_matmul)."""
    if diagonals_format == "sequence":
        parts = [convert_to_tensor(d) for d in diagonals]
    elif diagonals_format in ("compact", "matrix"):
        whole = convert_to_tensor(diagonals)
        if diagonals_format == "matrix":
            whole = tf.matrix_diag_part(whole, k=(-1, 1), padding_value=0.0, align="LEFT_RIGHT")
        parts = [whole[..., i, :] for i in range(3)]
    else:
        raise InvalidValue(f"diagonals_format is compact, sequence or matrix, not {said(diagonals_format)}")
    return apply_op("TridiagonalMatMul", name, [*(tf.expand_dims(p, -2) for p in parts), rhs])
