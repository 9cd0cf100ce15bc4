"""Relatives of Adam in tf.contrib.opt: LazyAdam, which moves rows alone, Nadam, AdaMax."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .adam import AdamOptimizer, _add_rows
from .conversion import IndexedSlices
from .framework import apply_op, colocate_with, control_dependencies
from .modules import modules
from .optimizers import as_var
from .variables import Variable

EXPORTS = """
contrib.opt: LazyAdamOptimizer NadamOptimizer AdaMaxOptimizer
"""

tf = modules["tf"]


def set_rows(variable: Any, indices: Any, values: Any, use_locking: bool) -> Any:
    """Sets rows; the variable as it then is."""
    if not hasattr(variable, "handle"):
        return tf.scatter_update(variable, indices, values, use_locking=use_locking)
    with control_dependencies([apply_op("ResourceScatterUpdate", None, [variable.handle, indices, values])]):
        return variable.value()


class LazyAdamOptimizer(AdamOptimizer):
    """Adam whose moments decay in the rows of a sparse gradient alone (tf.contrib.opt.LazyAdamOptimizer)."""

    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Any:
        power1, power2, rate, beta1, beta2, epsilon = self._settings_of(var)
        step = rate * tf.sqrt(1 - power2) / (1 - power1)
        m, v, rows, locking = self.get_slot(var, "m"), self.get_slot(var, "v"), grad.indices, self._use_locking
        if not hasattr(var, "handle"):
            m_t = tf.scatter_update(m, rows, beta1 * tf.gather(m, rows) + (1 - beta1) * grad.values,
                                    use_locking=locking)
            v_t = tf.scatter_update(v, rows, beta2 * tf.gather(v, rows) + (1 - beta2) * tf.square(grad.values),
                                    use_locking=locking)
            first, second = tf.gather(m_t, rows), tf.gather(v_t, rows)
            root = tf.sqrt(second) + epsilon
            return tf.group(tf.scatter_sub(var, rows, step * first / root, use_locking=locking), m_t, v_t)
        handles: Any = (m, v)
        m_handle, v_handle = (slot.handle for slot in handles)
        first = beta1 * tf.gather(m, rows) + (1 - beta1) * grad.values
        m_t = apply_op("ResourceScatterUpdate", None, [m_handle, rows, first])
        second = beta2 * tf.gather(v, rows) + (1 - beta2) * tf.square(grad.values)
        v_t = apply_op("ResourceScatterUpdate", None, [v_handle, rows, second])
        change = step * first / (tf.sqrt(second) + epsilon)
        return tf.group(apply_op("ResourceScatterSub", None, [var.handle, rows, change]), m_t, v_t)


class NadamOptimizer(AdamOptimizer):
    """Adam with Nesterov's step (tf.contrib.opt.NadamOptimizer)."""

    def _apply_dense(self, grad: Any, var: Variable) -> Any:
        inputs = [var, self.get_slot(var, "m"), self.get_slot(var, "v"), *self._settings_of(var), grad]
        return self._write("ApplyAdam", inputs, {"use_nesterov": True})

    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Any:
        power1, power2, rate, beta1, beta2, epsilon = self._settings_of(var)
        step = rate * tf.sqrt(1 - power2) / (1 - power1)
        m, v, rows, locking = self.get_slot(var, "m"), self.get_slot(var, "v"), grad.indices, self._use_locking
        first = grad.values * (1 - beta1)
        with control_dependencies([tf.assign(m, m * beta1, use_locking=locking)]):
            m_t = _add_rows(m, rows, first, locking)
            mean = first + beta1 * tf.gather(m_t, rows)
        second = (grad.values * grad.values) * (1 - beta2)
        with control_dependencies([tf.assign(v, v * beta2, use_locking=locking)]):
            v_t = _add_rows(v, rows, second, locking)
        root = tf.sqrt(tf.gather(v_t, rows))
        return tf.group(_add_rows(var, rows, -step * mean / (root + epsilon), locking), mean, v_t)


class AdaMaxOptimizer(AdamOptimizer):
    """Adam that divides by the greatest gradient there was, which fades (tf.contrib.opt.AdaMaxOptimizer)."""

    def __init__(self, learning_rate: Any = 0.001, beta1: Any = 0.9, beta2: Any = 0.999, epsilon: Any = 1e-8,
                 use_locking: bool = False, name: str = "AdaMax") -> None:
        super().__init__(learning_rate, beta1, beta2, epsilon, use_locking, name)

    def _get_beta_accumulators(self) -> Any:
        return self._variable_of("beta1_power")

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        self._create_non_slot_variable(self._beta1, "beta1_power", min(var_list, key=lambda v: v.name))
        for v in var_list:
            self._zeros_slot(v, "m", self._name)
            self._zeros_slot(v, "v", self._name)

    def _settings_of(self, var: Variable) -> list[Any]:
        settings = (self._get_beta_accumulators(), self._lr_t, self._beta1_t, self._beta2_t, self._epsilon_t)
        return [as_var(s, var) for s in settings]

    def _apply_dense(self, grad: Any, var: Variable) -> Any:
        inputs = [var, self.get_slot(var, "m"), self.get_slot(var, "v"), *self._settings_of(var), grad]
        return self._write("ApplyAdaMax", inputs)

    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Any:
        power, rate, beta1, beta2, epsilon = self._settings_of(var)
        m, v, rows, locking = self.get_slot(var, "m"), self.get_slot(var, "v"), grad.indices, self._use_locking
        first = tf.gather(m, rows) * beta1 + grad.values * (1 - beta1)
        with control_dependencies([first]):
            m_t = set_rows(m, rows, first, locking)
        second = tf.maximum(tf.gather(v, rows) * beta2, tf.abs(grad.values))
        with control_dependencies([second]):
            v_t = set_rows(v, rows, second, locking)
        change = -rate / (1 - power) * (first / (second + epsilon))
        with control_dependencies([change]):
            update = _add_rows(var, rows, change, locking)
        return tf.group(update, m_t, v_t)

    def _finish(self, update_ops: list[Any], name_scope: str) -> Any:
        with control_dependencies(update_ops):
            power = self._get_beta_accumulators()
            with colocate_with(power.op):
                update = power.assign(power * self._beta1_t, use_locking=self._use_locking)
        return tf.group(*update_ops, update, name=name_scope)
