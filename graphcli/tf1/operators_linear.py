"""Matrices that are known by what they do (tf.linalg.LinearOperator): what all of them have in common.

A kind of operator says what it can do better than with its dense matrix, in methods with a leading ``_``. Each call
makes its nodes in a scope ``NAME/call``.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidType, InvalidValue, NotSupported
from . import logging
from .conversion import convert_to_tensor
from .framework import name_scope
from .modules import modules
from .operators_linear_sizes import Sized
from .variables import Variable

EXPORTS = """
linalg: LinearOperator
"""

tf = modules["tf"]


def kept(value: Any, name: str) -> Any:
    """A variable as it is, anything else as a tensor."""
    return value if isinstance(value, Variable) else convert_to_tensor(value, name=name)


def _dense(what: str) -> None:
    logging.warn(f"Using (possibly slow) default implementation of {what}.  Requires conversion to a dense matrix and "
                 "O(N^3) operations.")


class LinearOperator(Sized):
    """A batch of matrices [..., m, n] (tf.linalg.LinearOperator).

    graph_parents: the tensors that it is made of. is_non_singular, is_self_adjoint, is_positive_definite, is_square:
    what the caller knows, None where he does not. Raises InvalidValue for hints that contradict one another.
    """

    # -- assertions

    def _by_cholesky(self) -> bool | None:
        return self.is_self_adjoint and self.is_positive_definite

    def _assert_non_singular(self) -> Any:
        _dense("assert_non_singular")
        if self._by_cholesky():
            return self.assert_positive_definite()
        values = tf.svd(self.to_dense(), compute_uv=False)
        condition = tf.reduce_max(values, axis=-1) / tf.reduce_min(values, axis=-1)
        with name_scope("max_nonsingular_condition_number"):
            sizes = [tf.cast(size(), self.dtype)
                     for size in (self.range_dimension_tensor, self.domain_dimension_tensor)]
            least = tf.cast(tf.reduce_max([100.0, *sizes]), self.dtype) * np.finfo(self.dtype.as_numpy_dtype).eps
            most = 1.0 / least
        return tf.assert_less(condition, most, message="Singular matrix up to precision epsilon.")

    def _assert_positive_definite(self) -> Any:
        _dense("assert_positive_definite")
        if not self.is_self_adjoint:
            raise NotSupported("assert_positive_definite is not implemented.")
        return tf.assert_positive(tf.matrix_diag_part(tf.cholesky(self.to_dense())),
                                  message="Matrix was not positive definite.")

    def _assert_self_adjoint(self) -> Any:
        dense = self.to_dense()
        _dense("assert_self_adjoint")
        return tf.assert_equal(dense, tf.linalg.adjoint(dense), message="Matrix was not equal to its adjoint.")

    def assert_non_singular(self, name: str = "assert_non_singular") -> Any:
        """An operation that fails where the operator is singular."""
        with self._name_scope(name):
            return self._assert_non_singular()

    def assert_positive_definite(self, name: str = "assert_positive_definite") -> Any:
        with self._name_scope(name):
            return self._assert_positive_definite()

    def assert_self_adjoint(self, name: str = "assert_self_adjoint") -> Any:
        with self._name_scope(name):
            return self._assert_self_adjoint()

    # -- products and equations

    def _taken(self, x: Any, name: str, axis: int, of_x: int) -> Any:
        """``x`` as a tensor. Raises InvalidType for another dtype, InvalidValue where the sizes do not meet."""
        x = convert_to_tensor(x, name=name)
        if x.dtype.base_dtype != self.dtype:
            raise InvalidType(f"{self.name} is of {self.dtype.name}, and {x.name} of {x.dtype.name}")
        if x.shape.ndims is not None:
            if x.shape.ndims < -of_x:
                raise InvalidValue(f"{x.name} has too few axes for {self.name}: {x.shape}")
            self._dimension(axis).assert_is_compatible_with(x.shape[of_x])
        return x

    def _pair(self, other: LinearOperator, adjoint: bool, adjoint_arg: bool) -> tuple[LinearOperator, LinearOperator]:
        left, right = self.adjoint() if adjoint else self, other.adjoint() if adjoint_arg else other
        if (right.range_dimension != left.domain_dimension) is True:
            raise InvalidValue(f"operators of sizes {left.shape} and {right.shape} do not meet")
        return left, right

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        raise NotSupported("_matmul is not implemented.")

    def matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False, name: str = "matmul") -> Any:
        """The operator times a matrix [..., n, k], or an operator that is their product. Raises InvalidValue."""
        if isinstance(x, LinearOperator):
            from .operators_linear_algebra import product

            left, right = self._pair(x, adjoint, adjoint_arg)
            with self._name_scope(name), name_scope(None, "Matmul"):
                return product(left, right)
        with self._name_scope(name):
            x = self._taken(x, "x", -2 if adjoint else -1, -1 if adjoint_arg else -2)
            return self._matmul(x, adjoint=adjoint, adjoint_arg=adjoint_arg)

    def _matvec(self, x: Any, adjoint: bool = False) -> Any:
        return tf.squeeze(self.matmul(tf.expand_dims(x, axis=-1), adjoint=adjoint), axis=-1)

    def matvec(self, x: Any, adjoint: bool = False, name: str = "matvec") -> Any:
        """The operator times a vector [..., n]."""
        with self._name_scope(name):
            return self._matvec(self._taken(x, "x", -2 if adjoint else -1, -1), adjoint=adjoint)

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        from .operators_linear_solving import cholesky_solved, solved

        if self.is_square is False:
            raise NotSupported("Solve is not yet implemented for non-square operators.")
        _dense("solve")
        rhs = tf.linalg.adjoint(rhs) if adjoint_arg else rhs
        if self._by_cholesky():
            return cholesky_solved(tf.cholesky(self.to_dense()), rhs)
        return solved(self.to_dense(), rhs, adjoint)

    def solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False, name: str = "solve") -> Any:
        """The x of operator @ x = rhs, [..., n, k], or an operator that gives it.

        Raises NotSupported for an operator that is singular or not square, InvalidValue as matmul.
        """
        if self.is_non_singular is False or self.is_square is False:
            raise NotSupported(f"{self.name} is not square, or singular: equations with it are not solved")
        if isinstance(rhs, LinearOperator):
            from .operators_linear_algebra import quotient

            left, right = self._pair(rhs, adjoint, adjoint_arg)
            with self._name_scope(name), name_scope(None, "Solve"):
                return quotient(left, right)
        with self._name_scope(name):
            rhs = self._taken(rhs, "rhs", -1 if adjoint else -2, -1 if adjoint_arg else -2)
            return self._solve(rhs, adjoint=adjoint, adjoint_arg=adjoint_arg)

    def _solvevec(self, rhs: Any, adjoint: bool = False) -> Any:
        return tf.squeeze(self.solve(tf.expand_dims(rhs, axis=-1), adjoint=adjoint), axis=-1)

    def solvevec(self, rhs: Any, adjoint: bool = False, name: str = "solve") -> Any:
        """The same for a vector [..., m]."""
        with self._name_scope(name):
            return self._solvevec(self._taken(rhs, "rhs", -1 if adjoint else -2, -1), adjoint=adjoint)

    # -- determinants and parts

    def _determinant(self) -> Any:
        _dense("determinant")
        if self._by_cholesky():
            return tf.exp(self.log_abs_determinant())
        return tf.matrix_determinant(self.to_dense())

    def _log_abs_determinant(self) -> Any:
        _dense("determinant")
        if self._by_cholesky():
            diagonal = tf.matrix_diag_part(tf.cholesky(self.to_dense()))
            return 2 * tf.reduce_sum(tf.log(diagonal), axis=[-1])
        return tf.linalg.slogdet(self.to_dense())[1]

    def _square_alone(self) -> None:
        if self.is_square is False:
            raise NotSupported(f"{self.name} is not square: it has no determinant")

    def determinant(self, name: str = "det") -> Any:
        """Raises NotSupported for an operator that is not square."""
        self._square_alone()
        with self._name_scope(name):
            return self._determinant()

    def log_abs_determinant(self, name: str = "log_abs_det") -> Any:
        """The logarithm of the size of the determinant. Raises NotSupported as determinant."""
        self._square_alone()
        with self._name_scope(name):
            return self._log_abs_determinant()

    def _to_dense(self) -> Any:
        batch: Any = self.batch_shape if self.batch_shape.is_fully_defined() else self.batch_shape_tensor()
        size = self.domain_dimension.value
        rows = self.domain_dimension_tensor() if size is None else size
        return self.matmul(tf.eye(num_rows=rows, batch_shape=batch, dtype=self.dtype))

    def to_dense(self, name: str = "to_dense") -> Any:
        """The matrix itself."""
        with self._name_scope(name):
            return self._to_dense()

    def _diag_part(self) -> Any:
        return tf.matrix_diag_part(self.to_dense())

    def diag_part(self, name: str = "diag_part") -> Any:
        with self._name_scope(name):
            return self._diag_part()

    def _trace(self) -> Any:
        return tf.reduce_sum(self.diag_part(), axis=-1)

    def trace(self, name: str = "trace") -> Any:
        """The sum of the diagonal."""
        with self._name_scope(name):
            return self._trace()

    def _add_to_tensor(self, x: Any) -> Any:
        return self.to_dense() + x

    def add_to_tensor(self, x: Any, name: str = "add_to_tensor") -> Any:
        """The matrix plus a tensor. Raises InvalidType for another dtype."""
        with self._name_scope(name):
            x = convert_to_tensor(x, name="x")
            if x.dtype.base_dtype != self.dtype:
                raise InvalidType(f"{self.name} is of {self.dtype.name}, and {x.name} of {x.dtype.name}")
            return self._add_to_tensor(x)

    # -- other operators

    def adjoint(self, name: str = "adjoint") -> LinearOperator:
        """The operator of the conjugate transpose; itself where it is known to be self-adjoint."""
        from .operators_linear_algebra import adjoint_of

        if self.is_self_adjoint is True:
            return self
        with self._name_scope(name), name_scope(None, "Adjoint"):
            return adjoint_of(self)

    H = property(adjoint)

    def inverse(self, name: str = "inverse") -> LinearOperator:
        """The operator that solves. Raises InvalidValue for an operator that is singular or not square."""
        from .operators_linear_algebra import inverse_of

        if self.is_square is False or self.is_non_singular is False:
            raise InvalidValue(f"{self.name} is not square, or singular: it has no inverse")
        with self._name_scope(name), name_scope(None, "Inverse"):
            return inverse_of(self)

    def cholesky(self, name: str = "cholesky") -> LinearOperator:
        """The lower triangular factor. Raises InvalidValue where it is not known to be positive definite."""
        from .operators_linear_algebra import cholesky_of

        if not self._by_cholesky():
            raise InvalidValue(f"{self.name} is not known to be positive definite and self-adjoint",
                               hint="is_self_adjoint=True, is_positive_definite=True says so")
        with self._name_scope(name), name_scope(None, "Cholesky"):
            return cholesky_of(self)
