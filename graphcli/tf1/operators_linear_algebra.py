"""Linear operators made of others: adjoints, inverses, products, Cholesky factors (tf.linalg)."""
from __future__ import annotations

from functools import reduce
from typing import Any

from ..errors import InvalidType, InvalidValue
from ..graph.shapes import TensorShape
from .framework import name_scope
from .modules import modules
from .operators_linear import LinearOperator
from .operators_linear_identity import LinearOperatorIdentity, LinearOperatorScaledIdentity
from .operators_linear_matrices import LinearOperatorDiag, LinearOperatorLowerTriangular

EXPORTS = """
linalg: LinearOperatorAdjoint LinearOperatorInversion LinearOperatorComposition
"""

tf = modules["tf"]


def _hint(given: bool | None, known: bool | None, word: str) -> bool | None:
    """A hint for an operator that is what another is. Raises InvalidValue where the two contradict each other."""
    if given is not None and known is not None and given != known:
        raise InvalidValue(f"{word}={given} contradicts what the operator itself is said to be")
    return known if given is None else given


class _OfOne(LinearOperator):
    """An operator made of one other, that has its hints and asserts them of it."""

    def __init__(self, operator: LinearOperator, suffix: str, is_non_singular: bool | None,
                 is_self_adjoint: bool | None, is_positive_definite: bool | None, is_square: bool | None,
                 name: str | None) -> None:
        self.operator = operator
        name = name or operator.name + suffix
        with name_scope(name):
            super().__init__(operator.dtype, operator.graph_parents,
                             _hint(is_non_singular, operator.is_non_singular, "is_non_singular"),
                             _hint(is_self_adjoint, operator.is_self_adjoint, "is_self_adjoint"),
                             _hint(is_positive_definite, operator.is_positive_definite, "is_positive_definite"),
                             _hint(is_square, operator.is_square, "is_square"), name)

    def _assert_non_singular(self) -> Any:
        return self.operator.assert_non_singular()

    def _assert_positive_definite(self) -> Any:
        return self.operator.assert_positive_definite()

    def _assert_self_adjoint(self) -> Any:
        return self.operator.assert_self_adjoint()


class LinearOperatorAdjoint(_OfOne):
    """The conjugate transpose of an operator (tf.linalg.LinearOperatorAdjoint)."""

    def __init__(self, operator: LinearOperator, is_non_singular: bool | None = None,
                 is_self_adjoint: bool | None = None, is_positive_definite: bool | None = None,
                 is_square: bool | None = None, name: str | None = None) -> None:
        super().__init__(operator, "_adjoint", is_non_singular, is_self_adjoint, is_positive_definite, is_square, name)

    def _shape(self) -> TensorShape:
        whole = self.operator.shape
        return whole if whole.ndims is None else whole[:-2].concatenate([whole[-1], whole[-2]])

    def _shape_tensor(self) -> Any:
        sizes = self.operator.shape_tensor()
        return tf.concat([sizes[:-2], [sizes[-1], sizes[-2]]], axis=-1)

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self.operator.matmul(x, adjoint=not adjoint, adjoint_arg=adjoint_arg)

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self.operator.solve(rhs, adjoint=not adjoint, adjoint_arg=adjoint_arg)

    def _conjugate(self, x: Any) -> Any:
        return tf.conj(x) if self.dtype.is_complex else x

    def _determinant(self) -> Any:
        return self._conjugate(self.operator.determinant())

    def _log_abs_determinant(self) -> Any:
        return self.operator.log_abs_determinant()

    def _trace(self) -> Any:
        return self._conjugate(self.operator.trace())

    def _to_dense(self) -> Any:
        dense = self.operator.to_dense()
        return dense if self.is_self_adjoint else tf.linalg.adjoint(dense)


class LinearOperatorInversion(_OfOne):
    """The inverse of an operator, which solves (tf.linalg.LinearOperatorInversion).

    Raises InvalidValue for an operator that is singular or not square.
    """

    def __init__(self, operator: LinearOperator, is_non_singular: bool | None = None,
                 is_self_adjoint: bool | None = None, is_positive_definite: bool | None = None,
                 is_square: bool | None = None, name: str | None = None) -> None:
        if False in (operator.is_square, operator.is_non_singular, is_square, is_non_singular):
            raise InvalidValue(f"{operator.name} is singular or not square, or the hints say so of its inverse")
        super().__init__(operator, "_inv", True, is_self_adjoint, is_positive_definite, True, name)

    def _shape(self) -> TensorShape:
        return self.operator.shape

    def _shape_tensor(self) -> Any:
        return self.operator.shape_tensor()

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self.operator.solve(x, adjoint=adjoint, adjoint_arg=adjoint_arg)

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        return self.operator.matmul(rhs, adjoint=adjoint, adjoint_arg=adjoint_arg)

    def _determinant(self) -> Any:
        return 1.0 / self.operator.determinant()

    def _log_abs_determinant(self) -> Any:
        return -1.0 * self.operator.log_abs_determinant()


class LinearOperatorComposition(LinearOperator):
    """The product of operators, the last one first (tf.linalg.LinearOperatorComposition).

    Raises InvalidType for other dtypes, InvalidValue for none, and for sizes that do not meet.
    """

    def __init__(self, operators: list[LinearOperator], is_non_singular: bool | None = None,
                 is_self_adjoint: bool | None = None, is_positive_definite: bool | None = None,
                 is_square: bool | None = None, name: str | None = None) -> None:
        self.operators = list(operators)
        if not self.operators:
            raise InvalidValue("a product needs an operator")
        kinds = {o.dtype for o in self.operators}
        if len(kinds) > 1:
            raise InvalidType(f"the operators of a product have one dtype, not {sorted(k.name for k in kinds)}")
        if all(o.is_non_singular for o in self.operators):
            is_non_singular = _hint(is_non_singular, True, "is_non_singular")
        name = name or "_o_".join(o.name for o in self.operators)
        with name_scope(name):
            super().__init__(kinds.pop(), [t for o in self.operators for t in o.graph_parents], is_non_singular,
                             is_self_adjoint, is_positive_definite, is_square, name)

    def _shape(self) -> TensorShape:
        for left, right in zip(self.operators, self.operators[1:]):
            left.domain_dimension.assert_is_compatible_with(right.range_dimension)
        batch = reduce(tf.broadcast_static_shape, (o.batch_shape for o in self.operators))
        return batch.concatenate([self.operators[0].range_dimension, self.operators[-1].domain_dimension])

    def _shape_tensor(self) -> Any:
        square = tf.stack([self.operators[0].range_dimension_tensor(), self.operators[-1].domain_dimension_tensor()])
        batch = reduce(tf.broadcast_dynamic_shape, (o.batch_shape_tensor() for o in self.operators))
        return tf.concat((batch, square), 0)

    def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        for i, operator in enumerate(self.operators if adjoint else self.operators[::-1]):
            x = operator.matmul(x, adjoint=adjoint, adjoint_arg=adjoint_arg and i == 0)
        return x

    def _solve(self, rhs: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
        for i, operator in enumerate(self.operators[::-1] if adjoint else self.operators):
            rhs = operator.solve(rhs, adjoint=adjoint, adjoint_arg=adjoint_arg and i == 0)
        return rhs

    def _determinant(self) -> Any:
        return reduce(lambda a, o: a * o.determinant(), self.operators[1:], self.operators[0].determinant())

    def _log_abs_determinant(self) -> Any:
        return reduce(lambda a, o: a + o.log_abs_determinant(), self.operators[1:],
                      self.operators[0].log_abs_determinant())


def _hints(operator: LinearOperator) -> dict[str, Any]:
    return {"is_non_singular": operator.is_non_singular, "is_self_adjoint": operator.is_self_adjoint,
            "is_positive_definite": operator.is_positive_definite, "is_square": operator.is_square}


def _both(a: LinearOperator, b: LinearOperator) -> dict[str, Any]:
    """What is known of the product of two operators that commute."""
    def known(x: bool | None, y: bool | None) -> bool | None:
        return True if x and y else None

    ways = a.is_non_singular, b.is_non_singular
    singular = False if False in ways else known(*ways)
    definite = True if a.is_positive_definite and b.is_positive_definite and a.is_self_adjoint and b.is_self_adjoint \
        else None
    return {"is_non_singular": singular, "is_self_adjoint": known(a.is_self_adjoint, b.is_self_adjoint),
            "is_positive_definite": definite, "is_square": True}


def adjoint_of(operator: LinearOperator) -> LinearOperator:
    """The adjoint as what it is: a diagonal where it is one."""
    if isinstance(operator, LinearOperatorIdentity):
        return operator
    if isinstance(operator, LinearOperatorScaledIdentity):
        return LinearOperatorScaledIdentity(operator._num_rows, tf.conj(operator.multiplier), **_hints(operator))
    if isinstance(operator, LinearOperatorDiag):
        return LinearOperatorDiag(tf.conj(operator.diag), **_hints(operator))
    return LinearOperatorAdjoint(operator, **_hints(operator))


def inverse_of(operator: LinearOperator) -> LinearOperator:
    """The inverse as what it is."""
    if isinstance(operator, LinearOperatorIdentity):
        return operator
    if isinstance(operator, LinearOperatorScaledIdentity):
        return LinearOperatorScaledIdentity(operator._num_rows, 1.0 / operator.multiplier, **{
            **_hints(operator), "is_square": True})
    if isinstance(operator, LinearOperatorDiag):
        return LinearOperatorDiag(1.0 / operator.diag, **{**_hints(operator), "is_square": True})
    return LinearOperatorInversion(operator, **_hints(operator))


def cholesky_of(operator: LinearOperator) -> LinearOperator:
    """The Cholesky factor as what it is."""
    sure: dict[str, Any] = {"is_non_singular": True, "is_self_adjoint": True, "is_positive_definite": True,
                            "is_square": True}
    if isinstance(operator, LinearOperatorIdentity):
        return LinearOperatorIdentity(operator._num_rows, operator.batch_shape.as_list(), operator.dtype)
    if isinstance(operator, LinearOperatorScaledIdentity):
        return LinearOperatorScaledIdentity(operator._num_rows, tf.sqrt(operator.multiplier), **sure)
    if isinstance(operator, LinearOperatorDiag):
        return LinearOperatorDiag(tf.sqrt(operator.diag), **sure)
    return LinearOperatorLowerTriangular(tf.cholesky(operator.to_dense()), is_non_singular=True,
                                         is_self_adjoint=False, is_square=True)


def _diagonals(a: LinearOperator, b: LinearOperator, quotients: bool) -> LinearOperator | None:
    """``a @ b``, or ``b`` over ``a``, where both are diagonal."""
    entries = []
    for operator in (a, b):
        if isinstance(operator, LinearOperatorScaledIdentity):
            entries.append(operator.multiplier)
        elif isinstance(operator, LinearOperatorDiag):
            entries.append(operator.diag)
        else:
            return None
    left, right = entries
    scaled = a if isinstance(a, LinearOperatorScaledIdentity) else None
    if quotients:
        made = right / left
    else:
        # a multiple comes behind what it multiplies
        made = right * left if scaled and isinstance(b, LinearOperatorDiag) else left * right
    if scaled and isinstance(b, LinearOperatorScaledIdentity):
        return LinearOperatorScaledIdentity(scaled._num_rows, made, **_both(a, b))
    return LinearOperatorDiag(made, **_both(a, b))


def product(a: LinearOperator, b: LinearOperator) -> LinearOperator:
    """``a @ b`` as what it is."""
    if isinstance(a, LinearOperatorIdentity):
        return b
    if isinstance(b, LinearOperatorIdentity):
        return a
    return _diagonals(a, b, False) or LinearOperatorComposition([a, b])


def quotient(a: LinearOperator, b: LinearOperator) -> LinearOperator:
    """The operator of ``a`` inverted times ``b``."""
    if isinstance(a, LinearOperatorIdentity):
        return b
    return _diagonals(a, b, True) or LinearOperatorComposition([LinearOperatorInversion(a), b])
