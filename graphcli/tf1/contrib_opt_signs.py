"""Steps by whether gradients keep their sign (tf.contrib.opt.AddSignOptimizer, PowerSignOptimizer), and their decay."""
from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from ..errors import InvalidValue
from .conversion import IndexedSlices, convert_to_tensor
from .modules import modules
from .optimizer import Optimizer
from .optimizers import as_var
from .variables import Variable

EXPORTS = """
contrib.opt: AddSignOptimizer PowerSignOptimizer
contrib.opt.sign_decay: get_linear_decay_fn get_cosine_decay_fn get_restart_decay_fn
"""

tf = modules["tf"]
Decay = Callable[[Any], Any]


class _SignOptimizer(Optimizer):
    """What both have: a mean of gradients, a rate and a decay by the step."""

    def __init__(self, learning_rate: Any, beta: Any, sign_decay_fn: Decay | None, use_locking: bool,
                 name: str) -> None:
        super().__init__(use_locking, name)
        self._lr, self._beta, self._sign_decay_fn = learning_rate, beta, sign_decay_fn

    def apply_gradients(self, grads_and_vars: Any, global_step: Any = None, name: str | None = None) -> Any:
        if self._sign_decay_fn is not None:
            self._sign_decay_t = convert_to_tensor(self._sign_decay_fn(global_step), name="sign_decay")
        return super().apply_gradients(grads_and_vars, global_step=global_step, name=name)

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        for v in var_list:
            self._zeros_slot(v, "m", self._name)

    def _settings_of(self, var: Variable) -> list[Any]:
        """The rate, the factor or base, the decay and beta."""
        return [as_var(s, var) for s in (self._lr_t, self._strength_t, self._sign_decay_t, self._beta_t)]

    def _prepare_with(self, strength: Any, name: str) -> None:
        self._lr_t = convert_to_tensor(self._lr, name="learning_rate")
        self._beta_t = convert_to_tensor(self._beta, name="beta")
        self._strength_t = convert_to_tensor(strength, name=name)
        if self._sign_decay_fn is None:
            self._sign_decay_t = convert_to_tensor(1.0, name="sign_decay")

    def _rows(self, grad: IndexedSlices, var: Variable, rate: Any, beta: Any, factor: Callable[[Any], Any]) -> Any:
        m = self.get_slot(var, "m")
        m_t = tf.assign(m, (m * beta) + (grad * (1 - beta)), use_locking=self._use_locking)
        sign = tf.sign(grad.values)
        agreed = tf.gather(tf.sign(m_t), grad.indices) * sign
        change = rate * factor(agreed) * grad.values
        return tf.group(tf.scatter_sub(var, grad.indices, change, use_locking=self._use_locking), m_t)


class AddSignOptimizer(_SignOptimizer):
    """``w -= rate * (alpha + decay * sign(g) * sign(m)) * g`` (tf.contrib.opt.AddSignOptimizer)."""

    def __init__(self, learning_rate: Any = 0.1, alpha: Any = 1.0, beta: Any = 0.9, sign_decay_fn: Decay | None = None,
                 use_locking: bool = False, name: str = "AddSignOptimizer") -> None:
        super().__init__(learning_rate, beta, sign_decay_fn, use_locking, name)
        self._alpha = alpha

    def _prepare(self) -> None:
        self._prepare_with(self._alpha, "alpha")

    def _apply_dense(self, grad: Any, var: Variable) -> Any:
        return self._write("ApplyAddSign", [var, self.get_slot(var, "m"), *self._settings_of(var), grad])

    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Any:
        rate, alpha, beta = (as_var(s, var) for s in (self._lr_t, self._strength_t, self._beta_t))
        return self._rows(grad, var, rate, beta, lambda agreed: alpha + as_var(self._sign_decay_t, var) * agreed)


class PowerSignOptimizer(_SignOptimizer):
    """``w -= rate * base ** (decay * sign(g) * sign(m)) * g`` (tf.contrib.opt.PowerSignOptimizer)."""

    def __init__(self, learning_rate: Any = 0.1, base: float = math.e, beta: Any = 0.9,
                 sign_decay_fn: Decay | None = None, use_locking: bool = False,
                 name: str = "PowerSignOptimizer") -> None:
        super().__init__(learning_rate, beta, sign_decay_fn, use_locking, name)
        self._logbase = math.log(base)

    def _prepare(self) -> None:
        self._prepare_with(self._logbase, "logbase")

    def _apply_dense(self, grad: Any, var: Variable) -> Any:
        return self._write("ApplyPowerSign", [var, self.get_slot(var, "m"), *self._settings_of(var), grad])

    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Any:
        rate, beta, logbase = (as_var(s, var) for s in (self._lr_t, self._beta_t, self._strength_t))
        e = as_var(math.e, var)
        return self._rows(grad, var, rate, beta,
                          lambda agreed: tf.pow(e, logbase * as_var(self._sign_decay_t, var) * agreed))


def _needed(global_step: Any, name: str) -> None:
    if global_step is None:
        raise InvalidValue(f"global_step is required for {name}")


def get_linear_decay_fn(decay_steps: Any) -> Decay:
    """A decay from 1 to 0 in so many steps (sign_decay.get_linear_decay_fn)."""
    def linear_decay_fn(global_step: Any) -> Any:
        _needed(global_step, "linear_decay")
        step = tf.minimum(global_step, decay_steps)
        rest = tf.cast(decay_steps, tf.int32) - tf.cast(step, tf.int32)
        return tf.maximum(0.0, tf.cast(rest, tf.float32) / tf.cast(decay_steps, tf.float32))

    return linear_decay_fn


def get_cosine_decay_fn(decay_steps: Any, num_periods: float = 0.5, zero_after: float | None = None) -> Decay:
    """A decay by a cosine, 0 after a share of the periods (sign_decay.get_cosine_decay_fn)."""
    def cosine_decay_fn(global_step: Any) -> Any:
        _needed(global_step, "cosine_decay")
        step = tf.minimum(global_step, decay_steps)
        done = tf.cast(step, tf.float32) / tf.cast(decay_steps, tf.float32)
        fraction = 2.0 * num_periods * done
        decayed = 0.5 * (1.0 + tf.cos(tf.constant(math.pi) * fraction))
        if zero_after is not None:
            decayed = tf.where(tf.greater_equal(fraction, 2 * zero_after), 0.0, decayed)
        return decayed

    return cosine_decay_fn


def get_restart_decay_fn(decay_steps: Any, num_periods: int = 1, zero_after: float | None = None) -> Decay:
    """A decay by a cosine that begins anew each period (sign_decay.get_restart_decay_fn)."""
    def restart_decay_fn(global_step: Any) -> Any:
        _needed(global_step, "cosine_decay")
        step = tf.minimum(global_step, decay_steps)
        within = tf.mod(num_periods * tf.cast(step, tf.float32), decay_steps)
        fraction = within / tf.cast(decay_steps, tf.float32)
        decayed = 0.5 * (1.0 + tf.cos(tf.constant(math.pi) * fraction))
        if zero_after is not None:
            periods = tf.cast(num_periods * step, tf.float32) / tf.cast(decay_steps, tf.float32)
            decayed = tf.where(tf.greater_equal(periods, zero_after), 0.0, decayed)
        return decayed

    return restart_decay_fn
