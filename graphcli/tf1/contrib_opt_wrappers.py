"""Optimizers around optimizers (tf.contrib.opt): averages, clipped variables, tasks without gradients; LARS."""
from __future__ import annotations

import types
from collections.abc import Callable, Sequence
from typing import Any

from ..errors import InvalidType, InvalidValue
from .averages import ExponentialMovingAverage
from .conversion import IndexedSlices
from .framework import colocate_with, control_dependencies, name_scope
from .modules import modules
from .optimizer import Optimizer
from .optimizers import as_var
from .variables import Variable

EXPORTS = """
contrib.opt: MovingAverageOptimizer VariableClippingOptimizer MultitaskOptimizerWrapper LARSOptimizer
contrib.opt: clip_gradients_by_global_norm
"""

tf = modules["tf"]


class MovingAverageOptimizer(Optimizer):
    """An optimizer that keeps averages of the variables (tf.contrib.opt.MovingAverageOptimizer)."""

    def __init__(self, opt: Any, average_decay: Any = 0.9999, num_updates: Any = None,
                 sequential_update: bool = True) -> None:
        self._optimizer = opt
        self._ema = ExponentialMovingAverage(average_decay, num_updates=num_updates)
        self._swapped: dict[str, str] | None = None
        self._sequential_update = sequential_update

    def compute_gradients(self, *args: Any, **kwargs: Any) -> Any:
        return self._optimizer.compute_gradients(*args, **kwargs)

    def apply_gradients(self, grads_and_vars: Any, global_step: Any = None, name: str | None = None) -> Any:
        pairs = list(grads_and_vars)
        train_op = self._optimizer.apply_gradients(pairs, global_step=global_step, name=name)
        changed = [v for g, v in pairs if g is not None]
        with control_dependencies([train_op] if self._sequential_update else []):
            averaged = self._ema.apply(changed)
        self._swapped = {}
        for v in changed:
            average: Any = self._ema.average(v)
            self._swapped[v.op.name], self._swapped[average.op.name] = average.op.name, v.op.name
        return tf.group(train_op, averaged, name="train_with_avg")

    def swapping_saver(self, var_list: Any = None, name: str = "swapping_saver", **kwargs: Any) -> Any:
        """A saver that writes averages under the names of the variables, and these under theirs.

        Raises RuntimeError before ``apply_gradients``, InvalidValue where one of a pair is not saved.
        """
        if self._swapped is None:
            raise RuntimeError("apply_gradients or minimize comes before swapping_saver")
        if var_list is None:
            var_list = tf.global_variables()
        saved = var_list if isinstance(var_list, dict) else {v.op.name: v for v in var_list}
        for name_ in saved:
            if self._swapped.get(name_, name_) not in saved:
                raise InvalidValue(f"Variable to swap {self._swapped[name_]} is not part of variables to save. "
                                   "This breaks MovingAverageOptimizer.")
        return tf.train.Saver({n: saved[self._swapped.get(n, n)] for n in saved}, name=name, **kwargs)


class VariableClippingOptimizer(Optimizer):
    """An optimizer after whose step variables are clipped by their norm over dimensions of theirs
    (tf.contrib.opt.VariableClippingOptimizer)."""

    def __init__(self, opt: Any, vars_to_clip_dims: dict[Any, list[int]], max_norm: Any, use_locking: bool = False,
                 colocate_clip_ops_with_vars: bool = False, name: str = "VariableClipping") -> None:
        super().__init__(use_locking, name)
        self._opt, self._max_norm, self._beside = opt, max_norm, colocate_clip_ops_with_vars
        self._vars_to_clip_dims = {v: dims[:] for v, dims in vars_to_clip_dims.items()}

    def compute_gradients(self, *args: Any, **kwargs: Any) -> Any:
        return self._opt.compute_gradients(*args, **kwargs)

    def get_slot(self, *args: Any, **kwargs: Any) -> Any:
        return self._opt.get_slot(*args, **kwargs)

    def get_slot_names(self, *args: Any, **kwargs: Any) -> Any:
        return self._opt.get_slot_names(*args, **kwargs)

    def apply_gradients(self, grads_and_vars: Any, global_step: Any = None, name: str | None = None) -> Any:
        pairs = list(grads_and_vars)
        with name_scope(name, self._name) as scope:
            update = self._opt.apply_gradients(pairs, global_step=global_step)
            clipped = []
            with control_dependencies([update]):
                for grad, var in pairs:
                    if grad is not None and var in self._vars_to_clip_dims:
                        with name_scope(f"clip_{var.op.name}"):
                            clipped.append(self._clip(grad, var))
            return tf.group(update, *clipped, name=scope)

    def _clip(self, grad: Any, var: Any) -> Any:
        dims = self._vars_to_clip_dims[var]
        if not isinstance(grad, IndexedSlices) or 0 in dims:
            with colocate_with(var.op if self._beside else None):
                value = var.read_value()
                delta = value - tf.clip_by_norm(value, self._max_norm, dims)
            with colocate_with(var.op):
                return var.assign_sub(delta, use_locking=self._use_locking)
        with colocate_with(var.op):
            rows = tf.gather(var, grad.indices)
        with colocate_with(var.op if self._beside else None):
            delta = IndexedSlices(rows - tf.clip_by_norm(rows, self._max_norm, dims), grad.indices, grad.dense_shape)
        with colocate_with(var.op):
            return var.scatter_sub(delta, use_locking=self._use_locking)


def _all_zeros(grad: Any) -> Any:
    return tf.equal(tf.count_nonzero(grad), 0)


def _unless_zero(function: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(optimizer: Any, grad: Any, *args: Any, **kwargs: Any) -> Any:
        zeros = _all_zeros(grad)

        def applied() -> Any:
            with control_dependencies([function(grad, *args, **kwargs)]):
                return tf.no_op()

        return tf.cond(zeros, tf.no_op, applied)

    return wrapped


class MultitaskOptimizerWrapper:
    """An optimizer that leaves a variable and its slots alone where its gradient is all zeros
    (tf.contrib.opt.MultitaskOptimizerWrapper). Raises InvalidType for what is no optimizer."""

    def __init__(self, opt: Any) -> None:
        if not isinstance(opt, Optimizer):
            raise InvalidType("Supplied optimizer must be an instance of tf.train.Optimizer")
        self._opt = opt
        for name in ("_apply_dense", "_resource_apply_dense", "_apply_sparse", "_resource_apply_sparse"):
            if hasattr(opt, name):
                setattr(opt, name, types.MethodType(_unless_zero(getattr(opt, name)), opt))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._opt, name)


def clip_gradients_by_global_norm(gradients_variables: Any, clip_norm: float = 20.0) -> tuple[list[Any], Any]:
    """(the pairs with clipped gradients, the norm of all that are not all zeros)
    (tf.contrib.opt.clip_gradients_by_global_norm)."""
    gradients, variables = zip(*gradients_variables)

    def counted(grad: Any) -> Any:
        if grad is None:
            return grad
        return tf.cond(_all_zeros(grad), lambda: tf.zeros([], dtype=grad.dtype), lambda: grad)

    norm = tf.global_norm([counted(g) for g in gradients])
    clipped, _ = tf.clip_by_global_norm(gradients, clip_norm, use_norm=norm)
    return list(zip(clipped, variables)), norm


class LARSOptimizer(Optimizer):
    """Momentum whose rate of each variable goes by the norms of its weights and gradients
    (tf.contrib.opt.LARSOptimizer).

    skip_list: words; a variable whose name has one of them gets the plain rate. Raises InvalidValue for a negative
    momentum or weight_decay.
    """

    def __init__(self, learning_rate: Any, momentum: Any = 0.9, weight_decay: float = 0.0001, eeta: float = 0.001,
                 epsilon: float = 0.0, name: str = "LARSOptimizer", skip_list: Sequence[str] | None = None,
                 use_nesterov: bool = False) -> None:
        for what, value in (("momentum", momentum), ("weight_decay", weight_decay)):
            if value < 0.0:
                raise InvalidValue(f"{what} should be positive: {value}")
        super().__init__(False, name)
        self._learning_rate, self._momentum, self._weight_decay = learning_rate, momentum, weight_decay
        self._eeta, self._epsilon, self._skip_list, self._use_nesterov = eeta, epsilon, skip_list, use_nesterov

    def _create_slots(self, var_list: Sequence[Variable]) -> None:
        for v in var_list:
            self._zeros_slot(v, "momentum", self._name)

    def compute_lr(self, grad: Any, var: Any) -> tuple[Any, Any]:
        """(the rate of a variable, its gradient with the decay of the weights)."""
        if self._skip_list is not None and any(word in var.name for word in self._skip_list):
            return self._learning_rate, grad
        w, g = tf.norm(var, ord=2), tf.norm(grad, ord=2)
        above = tf.greater(w, 0)
        moves = tf.greater(g, 0)
        trust = tf.where(above, tf.where(moves, self._eeta * w / (g + self._weight_decay * w + self._epsilon), 1.0),
                         1.0)
        return self._learning_rate * trust, grad + self._weight_decay * var

    def _prepare(self) -> None:
        self._learning_rate_tensor = self._setting(self._learning_rate, "learning_rate")
        self._momentum_tensor = self._setting(self._momentum, "momentum")

    def _apply_dense(self, grad: Any, var: Variable) -> Any:
        rate, grad = self.compute_lr(grad, var)
        inputs = [var, self.get_slot(var, "momentum"), as_var(1.0, var), grad * rate, self._momentum]
        return self._write("ApplyMomentum", inputs, {"use_nesterov": self._use_nesterov})

    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Any:
        inputs = [var, self.get_slot(var, "momentum"), as_var(self._learning_rate_tensor, var), grad.values,
                  grad.indices, as_var(self._momentum_tensor, var)]
        return self._write("SparseApplyMomentum", inputs, {"use_nesterov": self._use_nesterov})
