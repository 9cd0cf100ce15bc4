"""The optimizers of tf.train whose update is one op: each says its slots, its settings and its inputs."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import InvalidValue
from .conversion import IndexedSlices
from .framework import apply_op
from .optimizer import Optimizer
from .variables import Variable

EXPORTS = """
train: GradientDescentOptimizer MomentumOptimizer AdagradOptimizer AdadeltaOptimizer
train: RMSPropOptimizer
"""


def as_var(value: Any, var: Variable) -> Any:
    """A setting in the dtype of a variable."""
    from . import cast

    return cast(value, var.dtype.base_dtype)


def one_op(optimizer: type) -> type:
    """The class with dense and sparse updates that are one op each, of the same inputs.

    op_type: ``Apply…`` is the dense op, ``SparseApply…`` the sparse one. ``_inputs(var, grad)`` gives the inputs with
    the gradient among them. The class stays one of Optimizer's own, as all of tf.train are.
    """
    defaults: dict[str, Any] = {"_attrs": _no_attrs, "_apply_dense": apply_dense, "_apply_sparse": apply_sparse}
    for name, method in defaults.items():
        if name not in vars(optimizer):
            setattr(optimizer, name, method)
    return optimizer


def _no_attrs(optimizer: Any) -> dict[str, Any]:
    return {}


def apply_dense(optimizer: Any, grad: Any, var: Variable) -> Any:
    """The op that changes all of a variable."""
    return optimizer._write(f"Apply{optimizer.op_type}", optimizer._inputs(var, grad), optimizer._attrs())


def apply_sparse(optimizer: Any, grad: IndexedSlices, var: Variable) -> Any:
    """The op that changes some rows of a variable."""
    inputs = optimizer._inputs(var, grad.values)
    at = next(i for i, x in enumerate(inputs) if x is grad.values)
    inputs.insert(at + 1, grad.indices)
    return optimizer._write(f"SparseApply{optimizer.op_type}", inputs, optimizer._attrs())


@one_op
class GradientDescentOptimizer(Optimizer):
    """``w -= learning_rate * gradient``."""

    op_type = "GradientDescent"

    def __init__(self, learning_rate: Any, use_locking: bool = False, name: str = "GradientDescent") -> None:
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate

    def _prepare(self) -> None:
        self._rate = self._setting(self._learning_rate, "learning_rate")

    def _inputs(self, var: Variable, grad: Any) -> list[Any]:
        return [var, as_var(self._rate, var), grad]

    def _apply_sparse_duplicate_indices(self, grad: IndexedSlices, var: Variable) -> Any:
        if hasattr(var, "handle"):
            return apply_op("ResourceScatterAdd", None,
                            [var.handle, grad.indices, -grad.values * as_var(self._rate, var)])
        delta = IndexedSlices(grad.values * as_var(self._rate, var), grad.indices, grad.dense_shape)
        return var.scatter_sub(delta, use_locking=self._use_locking)


@one_op
class MomentumOptimizer(Optimizer):
    """Gradient descent with a memory of earlier gradients."""

    op_type = "Momentum"

    def __init__(self, learning_rate: Any, momentum: Any, use_locking: bool = False, name: str = "Momentum",
                 use_nesterov: bool = False) -> None:
        super().__init__(use_locking, name)
        self._learning_rate, self._momentum, self._use_nesterov = learning_rate, momentum, use_nesterov

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        for v in var_list:
            self._zeros_slot(v, "momentum", self._name)

    def _prepare(self) -> None:
        self._rate = self._setting(self._learning_rate, "learning_rate")
        self._keep = self._setting(self._momentum, "momentum")

    def _inputs(self, var: Variable, grad: Any) -> list[Any]:
        return [var, self.get_slot(var, "momentum"), as_var(self._rate, var), grad, as_var(self._keep, var)]

    def _attrs(self) -> dict[str, Any]:
        return {"use_nesterov": self._use_nesterov}


@one_op
class AdagradOptimizer(Optimizer):
    """A rate for each weight, smaller the more its gradients have summed up to."""

    op_type = "Adagrad"

    def __init__(self, learning_rate: Any, initial_accumulator_value: float = 0.1, use_locking: bool = False,
                 name: str = "Adagrad") -> None:
        if initial_accumulator_value <= 0.0:
            raise InvalidValue(f"initial_accumulator_value must be above 0, not {initial_accumulator_value}")
        super().__init__(use_locking, name)
        self._learning_rate, self._start = learning_rate, initial_accumulator_value

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        accumulators(self, var_list, self._start)

    def _prepare(self) -> None:
        self._rate = self._setting(self._learning_rate, "learning_rate")

    def _inputs(self, var: Variable, grad: Any) -> list[Any]:
        return [var, self.get_slot(var, "accumulator"), as_var(self._rate, var), grad]


def accumulators(optimizer: Any, var_list: Sequence[Variable], start: float) -> None:
    """The slots ``accumulator`` that begin with a number."""
    from .initializers import Constant

    for v in var_list:
        kind = v.dtype.base_dtype
        initial: Any = Constant(start, dtype=kind)
        if not v.get_shape().is_fully_defined():
            def initial(v: Any = v, kind: Any = kind) -> Any:
                from . import cast, shape

                return cast(apply_op("Fill", None, [shape(v), start]), kind)

        optimizer._get_or_make_slot_with_initializer(v, initial, v.get_shape(), kind, "accumulator",
                                                     optimizer._name)


@one_op
class AdadeltaOptimizer(Optimizer):
    """Steps in the scale of earlier steps."""

    op_type = "Adadelta"

    def __init__(self, learning_rate: Any = 0.001, rho: Any = 0.95, epsilon: Any = 1e-8, use_locking: bool = False,
                 name: str = "Adadelta") -> None:
        super().__init__(use_locking, name)
        self._learning_rate, self._rho, self._epsilon = learning_rate, rho, epsilon

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        for v in var_list:
            self._zeros_slot(v, "accum", self._name)
            self._zeros_slot(v, "accum_update", self._name)

    def _prepare(self) -> None:
        self._settings = [self._setting(self._learning_rate, "lr"), self._setting(self._rho, "rho"),
                          self._setting(self._epsilon, "epsilon")]

    def _inputs(self, var: Variable, grad: Any) -> list[Any]:
        return [var, self.get_slot(var, "accum"), self.get_slot(var, "accum_update"),
                *[as_var(s, var) for s in self._settings], grad]


@one_op
class RMSPropOptimizer(Optimizer):
    """Steps in the scale of the gradient's recent size; ``centered``: of its recent deviation."""

    def __init__(self, learning_rate: Any, decay: Any = 0.9, momentum: Any = 0.0, epsilon: Any = 1e-10,
                 use_locking: bool = False, centered: bool = False, name: str = "RMSProp") -> None:
        super().__init__(use_locking, name)
        self._learning_rate, self._decay, self._momentum, self._epsilon = learning_rate, decay, momentum, epsilon
        self._centered = centered
        self.op_type = "CenteredRMSProp" if centered else "RMSProp"

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        from .initializers import Ones

        for v in var_list:
            kind = v.dtype.base_dtype
            initial: Any = Ones(dtype=kind)
            if not v.get_shape().is_fully_defined():
                from . import ones_like

                initial = ones_like(v)
            self._get_or_make_slot_with_initializer(v, initial, v.get_shape(), kind, "rms", self._name)
            if self._centered:
                self._zeros_slot(v, "mg", self._name)
            self._zeros_slot(v, "momentum", self._name)

    def _prepare(self) -> None:
        self._settings = [self._setting(self._learning_rate, "learning_rate"), self._setting(self._decay, "decay"),
                          self._setting(self._momentum, "momentum"), self._setting(self._epsilon, "epsilon")]

    def _inputs(self, var: Variable, grad: Any) -> list[Any]:
        centers = [self.get_slot(var, "mg")] if self._centered else []
        return [var, *centers, self.get_slot(var, "rms"), self.get_slot(var, "momentum"),
                *[as_var(s, var) for s in self._settings], grad]
