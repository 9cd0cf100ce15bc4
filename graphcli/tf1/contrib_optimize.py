"""One call from a loss to its training step (tf.contrib.layers.optimize_loss)."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..errors import InvalidValue, did_you_mean, said
from ..graph.collections import GraphKeys
from .adam import AdamOptimizer
from .clipping import clip_by_global_norm, global_norm
from .conversion import IndexedSlices, is_tensor
from .framework import get_collection
from .get_variable import get_variable
from .global_step import assert_global_step, get_global_step
from .grouping import with_dependencies
from .initializers import Constant
from .modules import modules
from .optimizer import Optimizer
from .optimizers import AdagradOptimizer, GradientDescentOptimizer, MomentumOptimizer, RMSPropOptimizer
from .optimizers_shrinking import FtrlOptimizer
from .summary import histogram, scalar
from .variable_lists import trainable_variables
from .variable_scope import variable_scope

EXPORTS = """
contrib.layers contrib.slim: optimize_loss OPTIMIZER_CLS_NAMES OPTIMIZER_SUMMARIES
"""

tf = modules["tf"]
OPTIMIZER_CLS_NAMES: dict[str, Callable[..., Any]] = {
    "Adagrad": AdagradOptimizer, "Adam": AdamOptimizer, "Ftrl": FtrlOptimizer,
    "Momentum": lambda learning_rate: MomentumOptimizer(learning_rate, momentum=0.9),
    "RMSProp": RMSPropOptimizer, "SGD": GradientDescentOptimizer}
OPTIMIZER_SUMMARIES = ["learning_rate", "loss", "gradients", "gradient_norm", "global_gradient_norm"]
_USUAL = ("loss", "learning_rate", "global_gradient_norm")
Pairs = list[tuple[Any, Any]]


def optimize_loss(loss: Any, global_step: Any, learning_rate: Any, optimizer: Any, gradient_noise_scale: Any = None,
                  gradient_multipliers: Mapping[Any, Any] | None = None, clip_gradients: Any = None,
                  learning_rate_decay_fn: Callable[[Any, Any], Any] | None = None, update_ops: Any = None,
                  variables: Any = None, name: str | None = None, summaries: Sequence[str] | None = None,
                  colocate_gradients_with_ops: bool = False, increment_global_step: bool = True) -> Any:
    """A tensor that takes one step of training and is the loss (tf.contrib.layers.optimize_loss).

    optimizer: one of OPTIMIZER_CLS_NAMES, a class, an object, or a function of the rate. clip_gradients: the
    greatest norm of all gradients, or a function of pairs. gradient_multipliers: by variable or its name with
    ``:0``. summaries: which of OPTIMIZER_SUMMARIES. Raises InvalidValue for what is none of these.
    """
    with variable_scope(name, "OptimizeLoss", [loss, global_step]):
        if global_step is None:
            global_step = get_global_step()
        if global_step is not None:
            assert_global_step(global_step)
        updates = list(dict.fromkeys(get_collection(GraphKeys.UPDATE_OPS) if update_ops is None else update_ops))
        if updates:
            loss = with_dependencies(updates, loss)
        wanted = _USUAL if summaries is None else summaries
        for word in wanted:
            if word not in OPTIMIZER_SUMMARIES:
                raise InvalidValue(f"summaries are of {', '.join(OPTIMIZER_SUMMARIES)}, not {said(word)}")
        rate = None if learning_rate is None else _rate(learning_rate)
        if rate is not None and learning_rate_decay_fn is not None:
            if global_step is None:
                raise InvalidValue("learning_rate_decay_fn asks for a global_step")
            rate = learning_rate_decay_fn(rate, global_step)
            if "learning_rate" in wanted:
                scalar("learning_rate", rate)
        opt = _optimizer(optimizer, rate)
        grads = opt.compute_gradients(loss, trainable_variables() if variables is None else variables,
                                      colocate_gradients_with_ops=colocate_gradients_with_ops)
        if gradient_noise_scale is not None:
            grads = _noisy(grads, gradient_noise_scale)
        if gradient_multipliers is not None:
            grads = _multiplied(grads, gradient_multipliers)
        whole = "global_gradient_norm" in wanted or "gradient_norm" in wanted
        if whole:
            scalar("global_norm/gradient_norm", global_norm([g for g, _ in grads]))
        if isinstance(clip_gradients, float):
            clipped, _ = clip_by_global_norm([g for g, _ in grads], clip_gradients)
            grads = list(zip(clipped, [v for _, v in grads]))
        elif callable(clip_gradients):
            grads = clip_gradients(grads)
        elif clip_gradients is not None:
            raise InvalidValue(f"clip_gradients is a float or a function, not {said(clip_gradients)}")
        if "loss" in wanted:
            scalar("loss", loss)
        _summarize(grads, wanted)
        if clip_gradients is not None and whole:
            scalar("global_norm/clipped_gradient_norm", global_norm([g for g, _ in grads]))
        applied = opt.apply_gradients(grads, global_step=global_step if increment_global_step else None,
                                      name="train")
        return with_dependencies([applied], loss)


def _rate(learning_rate: Any) -> Any:
    """The rate, a number as a variable, so that it may be changed and is saved."""
    if is_tensor(learning_rate) and learning_rate.shape.ndims == 0:
        return learning_rate
    if isinstance(learning_rate, float) and learning_rate >= 0.0:
        return get_variable("learning_rate", [], trainable=False, initializer=Constant(learning_rate))
    raise InvalidValue(f"learning_rate is a float of at least 0 or a tensor of rank 0, not {said(learning_rate)}")


def _optimizer(optimizer: Any, rate: Any) -> Any:
    made: Any
    if isinstance(optimizer, str):
        if optimizer not in OPTIMIZER_CLS_NAMES:
            raise InvalidValue(f"optimizer is one of {', '.join(OPTIMIZER_CLS_NAMES)}, not {optimizer!r}",
                               hint=did_you_mean(optimizer, OPTIMIZER_CLS_NAMES))
        if rate is None:
            raise InvalidValue(f"optimizer {optimizer!r} asks for a learning_rate")
        return OPTIMIZER_CLS_NAMES[optimizer](learning_rate=rate)
    if isinstance(optimizer, type) and issubclass(optimizer, Optimizer):
        if rate is None:
            raise InvalidValue(f"{optimizer.__name__} asks for a learning_rate")
        return optimizer(learning_rate=rate)  # type: ignore[call-arg]
    if isinstance(optimizer, Optimizer):
        return optimizer
    if not callable(optimizer):
        raise InvalidValue(f"optimizer is a name, a class, an object or a function, not {said(optimizer)}")
    made = optimizer() if rate is None else optimizer(rate)
    if not isinstance(made, Optimizer):
        raise InvalidValue(f"the function gives an optimizer, not {said(made)}")
    return made


def _noisy(grads: Pairs, scale: Any) -> Pairs:
    found = []
    for grad, var in grads:
        if grad is not None:
            slices = isinstance(grad, IndexedSlices)
            noise = tf.truncated_normal(grad.dense_shape if slices else grad.shape) * scale
            grad = grad + noise
        found.append((grad, var))
    return found


def _multiplied(grads: Pairs, multipliers: Mapping[Any, Any]) -> Pairs:
    found = []
    for grad, var in grads:
        if grad is not None and (var in multipliers or var.name in multipliers):
            by = multipliers[var if var in multipliers else var.name]
            if isinstance(grad, IndexedSlices):
                grad = IndexedSlices(grad.values * by, grad.indices, grad.dense_shape)
            else:
                grad = grad * tf.cast(by, grad.dtype)
        found.append((grad, var))
    return found


def _summarize(grads: Pairs, wanted: Sequence[str]) -> None:
    for grad, var in grads:
        values = grad.values if isinstance(grad, IndexedSlices) else grad
        if values is None:
            continue
        name = var.name.replace(":", "_")
        if "gradients" in wanted:
            histogram(f"gradients/{name}", values)
        if "gradient_norm" in wanted:
            scalar(f"gradient_norm/{name}", global_norm([values]))
