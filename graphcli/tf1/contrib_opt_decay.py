"""Weights that decay beside what an optimizer does (tf.contrib.opt.AdamWOptimizer and its like)."""
from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .adam import AdamOptimizer, _add_rows
from .conversion import IndexedSlices, convert_to_tensor
from .framework import control_dependencies
from .modules import modules
from .optimizers import MomentumOptimizer
from .variables import Variable

EXPORTS = """
contrib.opt: DecoupledWeightDecayExtension extend_with_decoupled_weight_decay AdamWOptimizer MomentumWOptimizer
"""

tf = modules["tf"]


class DecoupledWeightDecayExtension:
    """Stands before an optimizer among the bases of a class: variables lose a share of themselves before its update.

    weight_decay: the share, or a function that gives it (tf.contrib.opt.DecoupledWeightDecayExtension).
    """

    _use_locking: bool

    def __init__(self, weight_decay: Any, **kwargs: Any) -> None:
        self._decay_var_list: Any = None
        self._weight_decay = weight_decay
        super().__init__(**kwargs)

    def minimize(self, loss: Any, global_step: Any = None, var_list: Any = None, gate_gradients: int = 1,
                 aggregation_method: Any = None, colocate_gradients_with_ops: bool = False, name: str | None = None,
                 grad_loss: Any = None, decay_var_list: Iterable[Any] | None = None) -> Any:
        """As the optimizer's; decay_var_list: the variables that decay, all if None."""
        parent: Any = super()
        self._decay_var_list = set(decay_var_list) if decay_var_list else False
        return parent.minimize(loss, global_step=global_step, var_list=var_list, gate_gradients=gate_gradients,
                               aggregation_method=aggregation_method,
                               colocate_gradients_with_ops=colocate_gradients_with_ops, name=name, grad_loss=grad_loss)

    def apply_gradients(self, grads_and_vars: Any, global_step: Any = None, name: str | None = None,
                        decay_var_list: Iterable[Any] | None = None) -> Any:
        """As the optimizer's; decay_var_list: the variables that decay, all if None."""
        parent: Any = super()
        self._decay_var_list = set(decay_var_list) if decay_var_list else False
        return parent.apply_gradients(grads_and_vars, global_step=global_step, name=name)

    def _prepare(self) -> None:
        parent: Any = super()
        decay = self._weight_decay() if callable(self._weight_decay) else self._weight_decay
        convert_to_tensor(decay, name="weight_decay")
        parent._prepare()

    def _decays(self, var: Variable) -> bool:
        return not self._decay_var_list or var in self._decay_var_list

    def _decay_weights_op(self, var: Any) -> Any:
        locking = self._use_locking
        return var.assign_sub(self._weight_decay * var, locking) if self._decays(var) else tf.no_op()

    def _decay_weights_sparse_op(self, var: Any, indices: Any, scatter_add: Any) -> Any:
        if not self._decays(var):
            return tf.no_op()
        return scatter_add(var, indices, -self._weight_decay * tf.gather(var, indices), self._use_locking)

    def _apply_dense(self, grad: Any, var: Variable) -> Any:
        parent: Any = super()
        with control_dependencies([self._decay_weights_op(var)]):
            return parent._apply_dense(grad, var)

    def _apply_sparse(self, grad: IndexedSlices, var: Variable) -> Any:
        parent: Any = super()
        with control_dependencies([self._decay_weights_sparse_op(var, grad.indices, _add_rows)]):
            return parent._apply_sparse(grad, var)


def extend_with_decoupled_weight_decay(base_optimizer: Any) -> type:
    """An optimizer's class with ``weight_decay`` as its first argument, the others by name
    (tf.contrib.opt.extend_with_decoupled_weight_decay)."""
    class OptimizerWithDecoupledWeightDecay(DecoupledWeightDecayExtension, base_optimizer):  # type: ignore[misc]
        """The base optimizer; variables lose a share of themselves first."""

        def __init__(self, weight_decay: Any, *args: Any, **kwargs: Any) -> None:
            super().__init__(weight_decay, *args, **kwargs)

    return OptimizerWithDecoupledWeightDecay


class MomentumWOptimizer(DecoupledWeightDecayExtension, MomentumOptimizer):
    """Momentum with weights that decay (tf.contrib.opt.MomentumWOptimizer)."""

    def __init__(self, weight_decay: Any, learning_rate: Any, momentum: Any, use_locking: bool = False,
                 name: str = "MomentumW", use_nesterov: bool = False) -> None:
        super().__init__(weight_decay, learning_rate=learning_rate, momentum=momentum, use_locking=use_locking,
                         name=name, use_nesterov=use_nesterov)


class AdamWOptimizer(DecoupledWeightDecayExtension, AdamOptimizer):
    """Adam with weights that decay (tf.contrib.opt.AdamWOptimizer)."""

    def __init__(self, weight_decay: Any, learning_rate: Any = 0.001, beta1: Any = 0.9, beta2: Any = 0.999,
                 epsilon: Any = 1e-8, use_locking: bool = False, name: str = "AdamW") -> None:
        super().__init__(weight_decay, learning_rate=learning_rate, beta1=beta1, beta2=beta2, epsilon=epsilon,
                         use_locking=use_locking, name=name)
