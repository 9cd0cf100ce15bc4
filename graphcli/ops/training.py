"""The update rules of optimizers: gradient descent, momentum, Adagrad, Adadelta, RMSProp, Adam."""
from __future__ import annotations

from typing import Any

from ._update_rules import BY_ROWS, COMPLEX, rule


@rule("var", sparse=False)
def GradientDescent(xp: Any, var: Any, alpha: Any, delta: Any, attrs: Any) -> None:
    """``var -= alpha * delta``."""
    var -= alpha * delta


@rule("var accum", more="use_nesterov: bool = False")
def Momentum(xp: Any, var: Any, accum: Any, lr: Any, grad: Any, momentum: Any, attrs: Any) -> None:
    """``accum = accum * momentum + grad; var -= lr * accum`` (with Nesterov: a step ahead)."""
    accum *= momentum
    accum += grad
    if attrs["use_nesterov"]:
        var -= grad * lr + accum * momentum * lr
    else:
        var -= accum * lr


@rule("var accum", more="update_slots: bool = True")
def Adagrad(xp: Any, var: Any, accum: Any, lr: Any, grad: Any, attrs: Any) -> None:
    """``accum += grad ** 2; var -= lr * grad / sqrt(accum)``."""
    if attrs["update_slots"]:
        accum += grad * grad
    var -= grad * lr / xp.sqrt(accum)


@rule("var accum", more="update_slots: bool = True")
def AdagradV2(xp: Any, var: Any, accum: Any, lr: Any, epsilon: Any, grad: Any, attrs: Any) -> None:
    """``accum += grad ** 2; var -= lr * grad / (sqrt(accum) + epsilon)``."""
    if attrs["update_slots"]:
        accum += grad * grad
    var -= grad * lr / (xp.sqrt(accum) + epsilon)


@rule("var gradient_accumulator gradient_squared_accumulator", lacks=("float16", "bfloat16", *COMPLEX))
def AdagradDA(xp: Any, var: Any, gradient_accumulator: Any, gradient_squared_accumulator: Any, grad: Any, lr: Any,
              l1: Any, l2: Any, global_step: Any, attrs: Any) -> None:
    """Adagrad by dual averaging: the weights follow from the sums of gradients and their squares."""
    step = var.dtype.type(int(global_step))
    gradient_accumulator += grad
    gradient_squared_accumulator += grad * grad
    below = l2 * step * lr + xp.sqrt(gradient_squared_accumulator)
    if l1 > 0:
        shrunk = xp.maximum(xp.abs(gradient_accumulator) - l1 * step, 0)
        var[...] = -xp.sign(gradient_accumulator) * lr * shrunk / below
    else:
        var[...] = -gradient_accumulator * lr / below


@rule("var accum accum_update")
def Adadelta(xp: Any, var: Any, accum: Any, accum_update: Any, lr: Any, rho: Any, epsilon: Any, grad: Any,
             attrs: Any) -> None:
    """``update = sqrt(accum_update + epsilon) / sqrt(accum + epsilon) * grad; var -= lr * update``."""
    keep, take = rho, 1 - rho
    accum *= keep
    accum += grad * grad * take
    update = xp.sqrt(accum_update + epsilon) / xp.sqrt(accum + epsilon) * grad
    var -= update * lr
    accum_update *= keep
    accum_update += update * update * take


def _follow(mean: Any, new: Any, rho: Any, attrs: Any) -> None:
    """Moves a mean on. Of rows TensorFlow adds parts of the old and the new one, of all the difference to the new one:
    what is infinite stays so in the one and is no number in the other."""
    if attrs.get(BY_ROWS):
        mean *= rho
        mean += new * (1 - rho)
    else:
        mean += (new - mean) * (1 - rho)


@rule("var ms mom", rows_lack=("bfloat16",))
def RMSProp(xp: Any, var: Any, ms: Any, mom: Any, lr: Any, rho: Any, momentum: Any, epsilon: Any, grad: Any,
            attrs: Any) -> None:
    """``ms += (grad ** 2 - ms) * (1 - rho); mom = mom * momentum + lr * grad / sqrt(ms + epsilon); var -= mom``."""
    _follow(ms, grad * grad, rho, attrs)
    mom *= momentum
    mom += grad * lr / xp.sqrt(ms + epsilon)
    var -= mom


@rule("var mg ms mom", rows_lack=("bfloat16",))
def CenteredRMSProp(xp: Any, var: Any, mg: Any, ms: Any, mom: Any, lr: Any, rho: Any, momentum: Any, epsilon: Any,
                    grad: Any, attrs: Any) -> None:
    """RMSProp by the variance of the gradient: ``ms - mg ** 2`` in place of ``ms``."""
    _follow(ms, grad * grad, rho, attrs)
    _follow(mg, grad, rho, attrs)
    mom *= momentum
    mom += grad * lr / xp.sqrt(ms - mg * mg + epsilon)
    var -= mom


@rule("var m v", more="use_nesterov: bool = False", sparse=False)
def Adam(xp: Any, var: Any, m: Any, v: Any, beta1_power: Any, beta2_power: Any, lr: Any, beta1: Any, beta2: Any,
         epsilon: Any, grad: Any, attrs: Any) -> None:
    """``m += (grad - m) * (1 - beta1); v += (grad ** 2 - v) * (1 - beta2); var -= alpha * m / (sqrt(v) + epsilon)``."""
    alpha = lr * xp.sqrt(1 - beta2_power) / (1 - beta1_power)
    part = grad - m
    part *= 1 - beta1
    m += part
    part = grad * grad
    part -= v
    part *= 1 - beta2
    v += part
    step = (grad * (1 - beta1) + beta1 * m) * alpha if attrs["use_nesterov"] else m * alpha
    part = xp.sqrt(v)
    part += epsilon
    step /= part
    var -= step
