"""Linear operators of a matrix that is given: whole, lower triangular, diagonal (tf.linalg)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType, InvalidValue
from ..graph.shapes import TensorShape
from .framework import name_scope
from .grouping import no_op
from .modules import modules
from .operators_linear import LinearOperator, kept

EXPORTS = """
linalg: LinearOperatorFullMatrix LinearOperatorLowerTriangular LinearOperatorDiag
"""

tf = modules["tf"]


def _axes(value: Any, least: int, name: str) -> None:
    if value.shape.ndims is not None and value.shape.ndims < least:
        raise InvalidValue(f"{name} has at least {least} axes, not the shape {value.shape}")


def _nowhere_zero(x: Any) -> Any:
    with name_scope("assert_no_entries_with_modulus_zero"):
        size = tf.abs(tf.convert_to_tensor(x, name="x"))
        zero = tf.convert_to_tensor(0, dtype=size.dtype.base_dtype)
        return tf.assert_less(zero, size, message="Singular operator:  Diagonal contained zero values.")


class LinearOperatorFullMatrix(LinearOperator):
    """The operator of a matrix [..., m, n] (tf.linalg.LinearOperatorFullMatrix).

    Raises InvalidType for whole numbers, InvalidValue for less than two axes.
    """

    def __init__(self, matrix: Any, is_non_singular: bool | None = None, is_self_adjoint: bool | None = None,
                 is_positive_definite: bool | None = None, is_square: bool | None = None,
                 name: str = "LinearOperatorFullMatrix") -> None:
        with name_scope(name):
            self._matrix = kept(matrix, "matrix")
            kind = self._matrix.dtype.base_dtype
            if not kind.is_floating and not kind.is_complex:
                raise InvalidType(f"the matrix of an operator is of real or complex numbers, not of {kind.name}")
            _axes(self._matrix, 2, "matrix")
            super().__init__(kind, [self._matrix], is_non_singular, is_self_adjoint, is_positive_definite, is_square,
                             name)

    def _shape(self) -> TensorShape:
        return self._matrix.shape  # type: ignore[no-any-return]

    def _shape_tensor(self) -> Any:
        return tf.shape(self._matrix)

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return tf.matmul(self._matrix, x, adjoint_a=adjoint, adjoint_b=adjoint_arg)

    def _to_dense(self) -> Any:
        return self._matrix


class LinearOperatorLowerTriangular(LinearOperator):
    """The operator of what a matrix [..., n, n] has up to its diagonal (tf.linalg.LinearOperatorLowerTriangular).

    Raises InvalidValue for less than two axes, and for is_square=False.
    """

    def __init__(self, tril: Any, is_non_singular: bool | None = None, is_self_adjoint: bool | None = None,
                 is_positive_definite: bool | None = None, is_square: bool | None = None,
                 name: str = "LinearOperatorLowerTriangular") -> None:
        if is_square is False:
            raise InvalidValue("a lower triangular operator is square")
        with name_scope(name):
            self._tril = kept(tril, "tril")
            _axes(self._tril, 2, "tril")
            super().__init__(self._tril.dtype, [self._tril], is_non_singular, is_self_adjoint, is_positive_definite,
                             True, name)

    def _lower(self) -> Any:
        return tf.matrix_band_part(self._tril, -1, 0)

    def _diagonal(self) -> Any:
        return tf.matrix_diag_part(self._tril)

    def _shape(self) -> TensorShape:
        return self._tril.shape  # type: ignore[no-any-return]

    def _shape_tensor(self) -> Any:
        return tf.shape(self._tril)

    def _assert_non_singular(self) -> Any:
        return _nowhere_zero(self._diagonal())

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return tf.matmul(self._lower(), x, adjoint_a=adjoint, adjoint_b=adjoint_arg)

    def _determinant(self) -> Any:
        return tf.reduce_prod(self._diagonal(), axis=[-1])

    def _log_abs_determinant(self) -> Any:
        return tf.reduce_sum(tf.log(tf.abs(self._diagonal())), axis=[-1])

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        from .operators_linear_solving import triangular_solved

        rhs = tf.linalg.adjoint(rhs) if adjoint_arg else rhs
        return triangular_solved(self._lower(), rhs, adjoint)

    def _to_dense(self) -> Any:
        return self._lower()


class LinearOperatorDiag(LinearOperator):
    """The operator of a diagonal [..., n] (tf.linalg.LinearOperatorDiag).

    Raises InvalidValue for a scalar, for is_square=False, and for reals with is_self_adjoint=False.
    """

    def __init__(self, diag: Any, is_non_singular: bool | None = None, is_self_adjoint: bool | None = None,
                 is_positive_definite: bool | None = None, is_square: bool | None = None,
                 name: str = "LinearOperatorDiag") -> None:
        with name_scope(name):
            self.diag = kept(diag, "diag")
            _axes(self.diag, 1, "diag")
            if not self.diag.dtype.is_complex:
                if is_self_adjoint is False:
                    raise InvalidValue("a diagonal of real numbers is self-adjoint")
                is_self_adjoint = True
            if is_square is False:
                raise InvalidValue("a diagonal operator is square")
            super().__init__(self.diag.dtype, [self.diag], is_non_singular, is_self_adjoint, is_positive_definite,
                             True, name)

    def _shape(self) -> TensorShape:
        return self.diag.shape.concatenate(self.diag.shape[-1:])  # type: ignore[no-any-return]

    def _shape_tensor(self) -> Any:
        sizes = tf.shape(self.diag)
        return tf.concat((sizes, [sizes[-1]]), 0)

    def _assert_non_singular(self) -> Any:
        return _nowhere_zero(self.diag)

    def _assert_positive_definite(self) -> Any:
        kind = "Diagonal operator had diagonal entries with non-positive real part, " if self.dtype.is_complex else \
            "Real diagonal operator had non-positive diagonal entries, "
        return tf.assert_positive(tf.real(self.diag), message=kind + "thus was not positive definite.")

    def _assert_self_adjoint(self) -> Any:
        with name_scope("assert_zero_imag_part"):
            diag = tf.convert_to_tensor(self.diag, name="x")
            if diag.dtype.is_floating:
                return no_op()
            imag = tf.imag(diag)
            return tf.assert_equal(tf.convert_to_tensor(0, dtype=imag.dtype), imag, message=(
                "This diagonal operator contained non-zero imaginary values.   Thus it was not self-adjoint."))

    def _entries(self, adjoint: bool) -> Any:
        return tf.conj(self.diag) if adjoint else self.diag

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        entries = self._entries(adjoint)
        x = tf.linalg.adjoint(x) if adjoint_arg else x
        return tf.expand_dims(entries, -1) * x

    def _matvec(self, x: Any, adjoint: bool = False) -> Any:
        return self._entries(adjoint) * x

    def _determinant(self) -> Any:
        return tf.reduce_prod(self.diag, axis=[-1])

    def _log_abs_determinant(self) -> Any:
        total = tf.reduce_sum(tf.log(tf.abs(self.diag)), axis=[-1])
        return tf.cast(total, dtype=self.dtype) if self.dtype.is_complex else total

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        entries = self._entries(adjoint)
        rhs = tf.linalg.adjoint(rhs) if adjoint_arg else rhs
        return rhs * tf.expand_dims(1.0 / entries, -1)

    def _to_dense(self) -> Any:
        return tf.matrix_diag(self.diag)

    def _diag_part(self) -> Any:
        return self.diag

    def _add_to_tensor(self, x: Any) -> Any:
        return tf.matrix_set_diag(x, self.diag + tf.matrix_diag_part(x))
