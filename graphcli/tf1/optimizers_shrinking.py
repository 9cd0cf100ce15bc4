"""The optimizers of tf.train that shrink weights toward zero: Ftrl, dual averaging, the proximal ones."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import InvalidValue
from ..graph.graph import Tensor
from .conversion import constant, convert_to_tensor
from .framework import colocate_with, device
from .optimizer import Optimizer
from .optimizers import apply_sparse, as_var, one_op
from .variables import Variable

EXPORTS = """
train: AdagradDAOptimizer
train: FtrlOptimizer ProximalGradientDescentOptimizer ProximalAdagradOptimizer
"""


def _setting(value: Any, name: str) -> Tensor:
    """A setting of these, which is a value, and no function that gives one."""
    return convert_to_tensor(value, name=name)


@one_op
class AdagradDAOptimizer(Optimizer):
    """Adagrad by dual averaging: weights may stay zero."""

    op_type = "AdagradDA"

    def __init__(self, learning_rate: Any, global_step: Any, initial_gradient_squared_accumulator_value: float = 0.1,
                 l1_regularization_strength: float = 0.0, l2_regularization_strength: float = 0.0,
                 use_locking: bool = False, name: str = "AdagradDA") -> None:
        if initial_gradient_squared_accumulator_value <= 0.0:
            raise InvalidValue("initial_gradient_squared_accumulator_value must be above 0, "
                               f"not {initial_gradient_squared_accumulator_value}")
        super().__init__(use_locking, name)
        self._learning_rate, self._global_step = learning_rate, global_step
        self._start = initial_gradient_squared_accumulator_value
        self._l1, self._l2 = l1_regularization_strength, l2_regularization_strength

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        for v in var_list:
            kind, shape = v.dtype.base_dtype, v.get_shape()
            with colocate_with(v.op):
                zero = constant(0.0, kind, shape)
                start = constant(self._start, kind, shape)
            self._get_or_make_slot(v, zero, "gradient_accumulator", self._name)
            self._get_or_make_slot(v, start, "gradient_squared_accumulator", self._name)

    def _prepare(self) -> None:
        from . import identity

        self._rate = _setting(self._learning_rate, "learning_rate")
        with colocate_with(self._rate.op):
            self._step = identity(self._global_step) + 1

    def _inputs(self, var: Variable, grad: Any) -> list[Any]:
        from . import identity

        with device(var.device):
            step = identity(self._step)
        return [var, self.get_slot(var, "gradient_accumulator"),
                self.get_slot(var, "gradient_squared_accumulator"), grad, as_var(self._rate, var),
                as_var(self._l1, var), as_var(self._l2, var), step]


@one_op
class FtrlOptimizer(Optimizer):
    """Follow the regularized leader: l1 makes weights exactly zero."""

    def __init__(self, learning_rate: Any, learning_rate_power: float = -0.5, initial_accumulator_value: float = 0.1,
                 l1_regularization_strength: float = 0.0, l2_regularization_strength: float = 0.0,
                 use_locking: bool = False, name: str = "Ftrl", accum_name: str | None = None,
                 linear_name: str | None = None, l2_shrinkage_regularization_strength: float = 0.0,
                 beta: float | None = None) -> None:
        super().__init__(use_locking, name)
        for key, value in (("initial_accumulator_value", initial_accumulator_value),
                           ("l1_regularization_strength", l1_regularization_strength),
                           ("l2_regularization_strength", l2_regularization_strength),
                           ("l2_shrinkage_regularization_strength", l2_shrinkage_regularization_strength)):
            if value < 0.0:
                raise InvalidValue(f"{key} must be at least 0, not {value}")
        if learning_rate_power > 0.0:
            raise InvalidValue(f"learning_rate_power must be at most 0, not {learning_rate_power}")
        self._learning_rate, self._power, self._start = learning_rate, learning_rate_power, initial_accumulator_value
        self._l1, self._l2 = l1_regularization_strength, l2_regularization_strength
        self._shrinkage, self._beta = l2_shrinkage_regularization_strength, 0.0 if beta is None else beta
        self._accum_name, self._linear_name = accum_name or name, linear_name or name
        self.op_type = "FtrlV2" if self._shrinkage > 0.0 else "Ftrl"

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        from . import ones

        def initial(shape: Any, dtype: Any = None, partition_info: Any = None) -> Any:
            return ones(shape=shape, dtype=dtype) * self._start

        for v in var_list:
            self._get_or_make_slot_with_initializer(v, initial, v.shape, v.dtype.base_dtype, "accum",
                                                    self._accum_name)
            self._zeros_slot(v, "linear", self._linear_name)

    def _prepare(self) -> None:
        from . import maximum

        self._settings = [_setting(self._learning_rate, "learning_rate"),
                          _setting(self._l1, "l1_regularization_strength")]
        l2 = self._l2 + self._beta / (2.0 * maximum(self._learning_rate, 1e-36))
        self._settings.append(_setting(l2, "adjusted_l2_regularization_strength"))
        _setting(self._beta, "beta")
        shrinkage = _setting(self._shrinkage, "l2_shrinkage_regularization_strength")
        if self.op_type == "FtrlV2":
            self._settings.append(shrinkage)
        self._settings.append(_setting(self._power, "learning_rate_power"))

    def _inputs(self, var: Variable, grad: Any) -> list[Any]:
        return [var, self.get_slot(var, "accum"), self.get_slot(var, "linear"), grad,
                *[as_var(s, var) for s in self._settings]]


def proximal(optimizer: type) -> type:
    """one_op of what shrinks: TensorFlow casts the settings to the variable's dtype for rows of resource variables
    only; elsewhere it refuses what is not float32.
    """
    made: Any = one_op(optimizer)
    made._prepare, made._apply_sparse = _prepare, _apply_sparse
    return made  # type: ignore[no-any-return]


def _prepare(optimizer: Any) -> None:
    optimizer._settings = [_setting(optimizer._learning_rate, "learning_rate"),
                           _setting(optimizer._l1, "l1_regularization_strength"),
                           _setting(optimizer._l2, "l2_regularization_strength")]


def _apply_sparse(optimizer: Any, grad: Any, var: Variable) -> Any:
    settings = optimizer._settings
    if hasattr(var, "handle"):
        optimizer._settings = [as_var(s, var) for s in settings]
    try:
        return apply_sparse(optimizer, grad, var)
    finally:
        optimizer._settings = settings


@proximal
class ProximalGradientDescentOptimizer(Optimizer):
    """Gradient descent, then shrinking by l1 and l2."""

    op_type = "ProximalGradientDescent"

    _settings: list[Any]

    def __init__(self, learning_rate: Any, l1_regularization_strength: float = 0.0,
                 l2_regularization_strength: float = 0.0, use_locking: bool = False,
                 name: str = "ProximalGradientDescent") -> None:
        super().__init__(use_locking, name)
        self._learning_rate = learning_rate
        self._l1, self._l2 = l1_regularization_strength, l2_regularization_strength

    def _inputs(self, var: Variable, grad: Any) -> list[Any]:
        return [var, *self._settings, grad]


@proximal
class ProximalAdagradOptimizer(Optimizer):
    """Adagrad, then shrinking by l1 and l2."""

    op_type = "ProximalAdagrad"

    _settings: list[Any]

    def __init__(self, learning_rate: Any, initial_accumulator_value: float = 0.1,
                 l1_regularization_strength: float = 0.0, l2_regularization_strength: float = 0.0,
                 use_locking: bool = False, name: str = "ProximalAdagrad") -> None:
        if initial_accumulator_value <= 0.0:
            raise InvalidValue(f"initial_accumulator_value must be above 0, not {initial_accumulator_value}")
        super().__init__(use_locking, name)
        self._learning_rate, self._start = learning_rate, initial_accumulator_value
        self._l1, self._l2 = l1_regularization_strength, l2_regularization_strength

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        for v in var_list:
            with colocate_with(v.op):
                start = constant(self._start, v.dtype.base_dtype, v.get_shape())
            self._get_or_make_slot(v, start, "accumulator", self._name)

    def _inputs(self, var: Variable, grad: Any) -> list[Any]:
        return [var, self.get_slot(var, "accumulator"), *self._settings, grad]
