"""The identity and multiples of it, as linear operators (tf.linalg)."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidType, InvalidValue
from ..graph.constant import static_value
from ..graph.shapes import TensorShape
from ..graph.types import float32
from .conversion import convert_to_tensor
from .framework import name_scope
from .grouping import no_op, with_dependencies
from .modules import modules
from .operators_linear import LinearOperator, kept
from .operators_linear_sizes import as_shape_tensor
from .variables import Variable

EXPORTS = """
linalg: LinearOperatorIdentity LinearOperatorScaledIdentity
"""

tf = modules["tf"]


def _sizes(value: Any, name: str, rank: int, asserted: bool) -> tuple[Any, Any]:
    """Sizes as a tensor and what is known of them.

    Raises InvalidType for what is no whole number or a variable, InvalidValue for another rank or sizes below 0.
    """
    if isinstance(value, Variable):
        raise InvalidType(f"{name} is a number or a tensor, not a variable")
    sizes = as_shape_tensor(value, "batch_shape_arg" if rank else name)
    known = static_value(sizes)
    if asserted:
        kind = f"Argument {name} must be "
        sizes = with_dependencies([tf.assert_rank(sizes, rank, message=f"{kind}a {rank}-D Tensor."),
                                   tf.assert_non_negative(sizes, message=f"{kind}non-negative.")], sizes)
    if not sizes.dtype.is_integer:
        raise InvalidType(f"{name} is of whole numbers, not of {sizes.dtype.name}")
    if known is not None and (known.ndim != rank or np.any(known < 0)):
        raise InvalidValue(f"{name} has {rank} axes and sizes from 0 on, not {known.tolist()}")
    return sizes, known


class _Identity(LinearOperator):
    """What both have: a number of rows."""

    _num_rows: Any
    _known_rows: Any
    _asserted: bool

    def _square_shape(self) -> TensorShape:
        rows = None if self._known_rows is None else int(self._known_rows)
        return TensorShape((rows, rows))

    def _square_tensor(self) -> Any:
        return tf.stack((self._num_rows, self._num_rows), axis=0)

    def _least_tensor(self) -> Any:
        return tf.reduce_min(self.shape_tensor()[-2:])

    def _ones(self) -> Any:
        if self.shape.is_fully_defined():
            return tf.ones(shape=self.batch_shape.concatenate([self.domain_dimension.value]), dtype=self.dtype)
        sizes = tf.concat([self.batch_shape_tensor(), [self._least_tensor()]], axis=0)
        return tf.ones(shape=sizes, dtype=self.dtype)

    def _batch_of_ones(self) -> Any:
        known = self.batch_shape.is_fully_defined()
        return tf.ones(shape=self.batch_shape if known else self.batch_shape_tensor(), dtype=self.dtype)

    def _meeting(self, x: Any, adjoint_arg: bool) -> Any:
        x = tf.linalg.adjoint(x) if adjoint_arg else x
        if not self._asserted:
            return x
        check = tf.assert_equal(tf.shape(x)[-2], self.domain_dimension_tensor(), message=(
            "Dimensions are not compatible.  shape[-2] of argument to be the same as this operator"))
        return with_dependencies([check], x)


class LinearOperatorIdentity(_Identity):
    """The operator that gives back what it takes (tf.linalg.LinearOperatorIdentity).

    num_rows: its size; batch_shape: of the batch, none by default. Raises InvalidValue where a hint says that it is
    not what it is, and for sizes as InvalidType and InvalidValue say.
    """

    def __init__(self, num_rows: Any, batch_shape: Any = None, dtype: Any = None, is_non_singular: bool | None = True,
                 is_self_adjoint: bool | None = True, is_positive_definite: bool | None = True,
                 is_square: bool | None = True, assert_proper_shapes: bool = False,
                 name: str = "LinearOperatorIdentity") -> None:
        self._asserted = assert_proper_shapes
        with name_scope(name):
            if not (is_non_singular and is_self_adjoint and is_positive_definite and is_square):
                raise InvalidValue("an identity is square, self-adjoint, positive definite and not singular")
            super().__init__(dtype or float32, None, True, True, True, True, name)
            self._num_rows, self._known_rows = _sizes(num_rows, "num_rows", 0, assert_proper_shapes)
            self._batch: Any = None
            if batch_shape is not None:
                self._batch, self._known_batch = _sizes(batch_shape, "batch_shape", 1, assert_proper_shapes)

    def _shape(self) -> TensorShape:
        if self._batch is None:
            return self._square_shape()
        batch = TensorShape(None if self._known_batch is None else self._known_batch.tolist())
        return batch.concatenate(self._square_shape())

    def _shape_tensor(self) -> Any:
        square = self._square_tensor()
        return square if self._batch is None else tf.concat((self._batch, square), 0)

    def _assert_non_singular(self) -> Any:
        return no_op("assert_non_singular")

    def _assert_positive_definite(self) -> Any:
        return no_op("assert_positive_definite")

    def _assert_self_adjoint(self) -> Any:
        return no_op("assert_self_adjoint")

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        x = self._meeting(x, adjoint_arg)
        if self._batch is None:
            return x
        special = self.batch_shape.concatenate([1, 1])
        both = tf.broadcast_static_shape(x.shape, special)
        if not special.is_fully_defined():
            sizes = tf.concat((self.batch_shape_tensor(), [1, 1]), 0)
            return x + tf.zeros(shape=sizes, dtype=self.dtype)
        return x if both == x.shape else x + tf.zeros(shape=special, dtype=self.dtype)

    def _determinant(self) -> Any:
        return tf.ones(shape=self.batch_shape_tensor(), dtype=self.dtype)

    def _log_abs_determinant(self) -> Any:
        return tf.zeros(shape=self.batch_shape_tensor(), dtype=self.dtype)

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self._matmul(rhs, adjoint_arg=adjoint_arg)

    def _trace(self) -> Any:
        ones = self._batch_of_ones()
        size = self.domain_dimension.value
        return (tf.cast(self._least_tensor(), self.dtype) if size is None else size) * ones

    def _diag_part(self) -> Any:
        return self._ones()

    def add_to_tensor(self, mat: Any, name: str = "add_to_tensor") -> Any:
        """The matrix plus a tensor."""
        with self._name_scope(name):
            mat = convert_to_tensor(mat, name="mat")
            return tf.matrix_set_diag(mat, 1 + tf.matrix_diag_part(mat))


class LinearOperatorScaledIdentity(_Identity):
    """The identity times a number, or times each of a batch [...] (tf.linalg.LinearOperatorScaledIdentity).

    Raises InvalidValue for is_square=False, and for reals with is_self_adjoint=False.
    """

    def __init__(self, num_rows: Any, multiplier: Any, is_non_singular: bool | None = None,
                 is_self_adjoint: bool | None = None, is_positive_definite: bool | None = None,
                 is_square: bool | None = True, assert_proper_shapes: bool = False,
                 name: str = "LinearOperatorScaledIdentity") -> None:
        self._asserted = assert_proper_shapes
        with name_scope(name):
            self.multiplier = kept(multiplier, "multiplier")
            if not self.multiplier.dtype.is_complex:
                if is_self_adjoint is False:
                    raise InvalidValue("a diagonal of real numbers is self-adjoint")
                is_self_adjoint = True
            if not is_square:
                raise InvalidValue("a multiple of the identity is square")
            super().__init__(self.multiplier.dtype, None, is_non_singular, is_self_adjoint, is_positive_definite,
                             is_square, name)
            self._num_rows, self._known_rows = _sizes(num_rows, "num_rows", 0, assert_proper_shapes)
            self._rows_as = tf.cast(self._num_rows, self.dtype), tf.cast(self._num_rows, self.dtype.real_dtype)

    def _shape(self) -> TensorShape:
        return self.multiplier.shape.concatenate(self._square_shape())  # type: ignore[no-any-return]

    def _shape_tensor(self) -> Any:
        square = self._square_tensor()
        return tf.concat((tf.shape(self.multiplier), square), 0)

    def _assert_non_singular(self) -> Any:
        return tf.assert_positive(tf.abs(self.multiplier), message="LinearOperator was singular")

    def _assert_positive_definite(self) -> Any:
        return tf.assert_positive(tf.real(self.multiplier), message="LinearOperator was not positive definite.")

    def _assert_self_adjoint(self) -> Any:
        imag = tf.imag(self.multiplier)
        return tf.assert_equal(tf.zeros_like(imag), imag, message="LinearOperator was not self-adjoint")

    def _multiples(self, conjugate: bool) -> Any:
        made = tf.expand_dims(tf.expand_dims(self.multiplier, -1), -1)
        return tf.conj(made) if conjugate else made

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self._meeting(x, adjoint_arg) * self._multiples(adjoint)

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self._meeting(rhs, adjoint_arg) / self._multiples(adjoint)

    def _determinant(self) -> Any:
        return self.multiplier ** self._rows_as[0]

    def _log_abs_determinant(self) -> Any:
        return self._rows_as[1] * tf.log(tf.abs(self.multiplier))

    def _trace(self) -> Any:
        ones = self._batch_of_ones()
        size = self.domain_dimension.value
        rows = tf.cast(self._least_tensor(), self.dtype) if size is None else size
        return self.multiplier * rows * ones

    def _diag_part(self) -> Any:
        return self._ones() * self.multiplier[..., tf.newaxis]

    def add_to_tensor(self, mat: Any, name: str = "add_to_tensor") -> Any:
        """The matrix plus a tensor."""
        with self._name_scope(name):
            added = tf.expand_dims(self.multiplier, -1)
            mat = convert_to_tensor(mat, name="mat")
            return tf.matrix_set_diag(mat, added + tf.matrix_diag_part(mat))
