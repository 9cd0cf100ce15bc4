"""The op that takes one step of training (tf.contrib.slim.learning.create_train_op)."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..errors import InvalidValue
from ..graph.collections import GraphKeys
from .clipping import clip_by_norm, global_norm
from .conversion import IndexedSlices
from .framework import add_to_collection, control_dependencies, get_collection, name_scope
from .global_step import get_or_create_global_step
from .grouping import no_op, with_dependencies
from .logging import info, warn
from .modules import modules
from .optimizer import Optimizer
from .summary import histogram, scalar
from .variable_lists import trainable_variables

EXPORTS = """
contrib.slim.learning: create_train_op
contrib.training: create_train_op=create_train_op_with
contrib.slim.learning contrib.training: add_gradients_summaries clip_gradient_norms multiply_gradients
contrib.training: clip_gradient_norms_fn
"""

tf = modules["tf"]
OWN_STEP = 0
"""Stands for the graph's global step, which is made if there is none."""
Pairs = list[tuple[Any, Any]]


def create_train_op(total_loss: Any, optimizer: Any, global_step: Any = OWN_STEP, update_ops: Any = None,
                    variables_to_train: Any = None, clip_gradient_norm: Any = 0, summarize_gradients: bool = False,
                    gate_gradients: int = Optimizer.GATE_OP, aggregation_method: int | None = None,
                    colocate_gradients_with_ops: bool = False, gradient_multipliers: Any = None,
                    check_numerics: bool = True) -> Any:
    """A tensor that takes one step of training and is the loss (tf.contrib.slim.learning.create_train_op).

    update_ops: what is to run before the loss, those in UPDATE_OPS by default. clip_gradient_norm: each gradient is
    scaled down to this norm. gradient_multipliers: of gradients, by variable or its name. check_numerics: a loss
    that is no number is an error. Raises InvalidValue for a variable that is not trained.
    """
    def transform(grads: Pairs) -> Pairs:
        if gradient_multipliers:
            with name_scope("multiply_grads"):
                grads = multiply_gradients(grads, gradient_multipliers)
        if clip_gradient_norm > 0:
            with name_scope("clip_grads"):
                grads = clip_gradient_norms(grads, clip_gradient_norm)
        return grads

    return create_train_op_with(total_loss, optimizer, global_step, update_ops, variables_to_train, transform,
                                summarize_gradients, gate_gradients, aggregation_method,
                                colocate_gradients_with_ops, check_numerics)


def create_train_op_with(total_loss: Any, optimizer: Any, global_step: Any = OWN_STEP, update_ops: Any = None,
                         variables_to_train: Any = None, transform_grads_fn: Callable[[Pairs], Pairs] | None = None,
                         summarize_gradients: bool = False, gate_gradients: int = Optimizer.GATE_OP,
                         aggregation_method: int | None = None, colocate_gradients_with_ops: bool = False,
                         check_numerics: bool = True) -> Any:
    """create_train_op with any change of the gradients (tf.contrib.training.create_train_op)."""
    if global_step is OWN_STEP:
        global_step = get_or_create_global_step()
    collected = list(dict.fromkeys(get_collection(GraphKeys.UPDATE_OPS)))
    updates = collected if update_ops is None else list(dict.fromkeys(update_ops))
    if not set(collected) <= set(updates):
        warn("update_ops in create_train_op does not contain all the update_ops in GraphKeys.UPDATE_OPS")
    if updates:
        with control_dependencies(updates):
            barrier = no_op(name="update_barrier")
        total_loss = with_dependencies([barrier], total_loss)
    if variables_to_train is None:
        variables_to_train = trainable_variables()
    for variable in variables_to_train:
        if variable not in trainable_variables():
            raise InvalidValue(f"{variable.op.name} is not trained", hint="it is not in TRAINABLE_VARIABLES")
    if not variables_to_train:
        raise InvalidValue("there are no variables to train")
    grads = optimizer.compute_gradients(total_loss, variables_to_train, gate_gradients=gate_gradients,
                                        aggregation_method=aggregation_method,
                                        colocate_gradients_with_ops=colocate_gradients_with_ops)
    if transform_grads_fn:
        grads = transform_grads_fn(grads)
    if summarize_gradients:
        with name_scope("summarize_grads"):
            add_gradients_summaries(grads)
    applied = optimizer.apply_gradients(grads, global_step=global_step)
    with name_scope("train_op"):
        if check_numerics:
            total_loss = tf.check_numerics(total_loss, "LossTensor is inf or nan")
        train_op = with_dependencies([applied], total_loss)
    if not any(train_op is other for other in get_collection(GraphKeys.TRAIN_OP)):
        add_to_collection(GraphKeys.TRAIN_OP, train_op)
    return train_op


def multiply_gradients(grads_and_vars: Pairs, gradient_multipliers: Mapping[Any, Any]) -> Pairs:
    """Gradients times numbers, by variable or its name. Raises InvalidValue for none and for a gradient of None."""
    if not gradient_multipliers or not isinstance(gradient_multipliers, Mapping):
        raise InvalidValue("gradient_multipliers is a dict from variables or their names to numbers")
    multiplied = []
    for grad, var in grads_and_vars:
        key = var if var in gradient_multipliers else var.op.name
        if key in gradient_multipliers:
            if grad is None:
                raise InvalidValue(f"{var.op.name} has no gradient that could be multiplied")
            by = tf.constant(gradient_multipliers[key], dtype=grad.dtype.base_dtype)
            grad = _with_values(grad, by.__rmul__)
        multiplied.append((grad, var))
    return multiplied


def clip_gradient_norms(gradients_to_variables: Pairs, max_norm: Any) -> Pairs:
    """Gradients, each scaled down where its norm is above ``max_norm``."""
    return [(None if grad is None else _with_values(grad, lambda values: clip_by_norm(values, max_norm)), var)
            for grad, var in gradients_to_variables]


def clip_gradient_norms_fn(max_norm: Any) -> Callable[[Pairs], Pairs]:
    """clip_gradient_norms as a transform_grads_fn."""
    return lambda pairs: clip_gradient_norms(pairs, max_norm)


def _with_values(grad: Any, function: Callable[[Any], Any]) -> Any:
    if isinstance(grad, IndexedSlices):
        return IndexedSlices(function(grad.values), grad.indices, grad.dense_shape)
    return function(grad)


def add_gradients_summaries(grads_and_vars: Sequence[tuple[Any, Any]]) -> list[Any]:
    """Summaries of each gradient and of its norm."""
    made = []
    for grad, var in grads_and_vars:
        if grad is None:
            info("Var %s has no gradient", var.op.name)
            continue
        values = grad.values if isinstance(grad, IndexedSlices) else grad
        made.append(histogram(f"{var.op.name}_gradient", values))
        made.append(scalar(f"{var.op.name}_gradient_norm", global_norm([values])))
    return made
