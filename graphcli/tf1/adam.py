"""Adam: moments of the gradient, corrected for their beginning at zero (tf.train.AdamOptimizer)."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .conversion import IndexedSlices
from .framework import apply_op, colocate_with, control_dependencies
from .optimizer import Optimizer
from .optimizers import as_var
from .variables import Variable

EXPORTS = """
train: AdamOptimizer
"""


class AdamOptimizer(Optimizer):
    """Steps by the mean of the gradient over the root of the mean of its square."""

    def __init__(self, learning_rate: Any = 0.001, beta1: Any = 0.9, beta2: Any = 0.999, epsilon: Any = 1e-8,
                 use_locking: bool = False, name: str = "Adam",
                 use_own_namescope_for_non_slot_vars: bool = False) -> None:
        super().__init__(use_locking, name, use_own_namescope_for_non_slot_vars)
        self._lr, self._beta1, self._beta2, self._epsilon = learning_rate, beta1, beta2, epsilon

    def _get_beta_accumulators(self) -> tuple[Any, Any]:
        """The powers of beta1 and beta2, for optimizers that are made of this one."""
        return self._variable_of("beta1_power"), self._variable_of("beta2_power")

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        first = min(var_list, key=lambda v: v.name)
        self._create_non_slot_variable(self._beta1, "beta1_power", first)
        self._create_non_slot_variable(self._beta2, "beta2_power", first)
        for v in var_list:
            self._zeros_slot(v, "m", self._name)
            self._zeros_slot(v, "v", self._name)

    def _prepare(self) -> None:
        self._lr_t = self._setting(self._lr, "learning_rate")
        self._beta1_t = self._setting(self._beta1, "beta1")
        self._beta2_t = self._setting(self._beta2, "beta2")
        self._epsilon_t = self._setting(self._epsilon, "epsilon")

    def _settings_of(self, var: Variable) -> list[Any]:
        settings = (self._lr_t, self._beta1_t, self._beta2_t, self._epsilon_t)
        return [as_var(s, var) for s in (*self._get_beta_accumulators(), *settings)]

    def _apply_dense(self, grad: Any, var: Variable) -> Any:
        inputs = [var, self.get_slot(var, "m"), self.get_slot(var, "v"), *self._settings_of(var), grad]
        return self._write("ApplyAdam", inputs)

    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Any:
        """All rows of the moments decay, as in TF1; only the rows of the gradient get something new."""
        from . import assign, assign_sub, group, sqrt

        power1, power2, rate, beta1, beta2, epsilon = self._settings_of(var)
        step = rate * sqrt(1 - power2) / (1 - power1)
        m, v = self.get_slot(var, "m"), self.get_slot(var, "v")
        values, locking = grad.values, self._use_locking
        first = values * (1 - beta1)
        decayed = assign(m, m * beta1, use_locking=locking)
        with control_dependencies([decayed]):
            m_t = _add_rows(m, grad.indices, first, locking)
        second = (values * values) * (1 - beta2)
        decayed = assign(v, v * beta2, use_locking=locking)
        with control_dependencies([decayed]):
            v_t = _add_rows(v, grad.indices, second, locking)
        root = sqrt(v_t)
        update = assign_sub(var, step * m_t / (root + epsilon), use_locking=locking)
        return group(update, m_t, v_t)

    def _finish(self, update_ops: list[Any], name_scope: str) -> Any:
        from . import group

        power1, power2 = self._get_beta_accumulators()
        with control_dependencies(update_ops), colocate_with(power1.op):
            first = power1.assign(power1 * self._beta1_t, use_locking=self._use_locking)
            second = power2.assign(power2 * self._beta2_t, use_locking=self._use_locking)
        return group(*update_ops, first, second, name=name_scope)


def _add_rows(variable: Any, indices: Any, values: Any, use_locking: bool) -> Any:
    """Adds to rows; the variable as it then is."""
    from . import scatter_add

    if not hasattr(variable, "handle"):
        return scatter_add(variable, indices, values, use_locking=use_locking)
    with control_dependencies([apply_op("ResourceScatterAdd", None, [variable.handle, indices, values])]):
        return variable.value()
