"""Update rules of optimizers that only some programs use: AdaMax, AddSign, PowerSign; by handles AMSGrad and Keras's
momentum."""
from __future__ import annotations

from typing import Any

from ..graph.opdef import OpDef
from ._update_rules import COMPLEX, rule

BY_HANDLE: list[OpDef] = []
"""What there is for handles alone: the ops for references that are not registered."""


@rule("var m v", sparse=False, lacks=("bfloat16", *COMPLEX))
def AdaMax(xp: Any, var: Any, m: Any, v: Any, beta1_power: Any, lr: Any, beta1: Any, beta2: Any, epsilon: Any,
           grad: Any, attrs: Any) -> None:
    """``m += (grad - m) * (1 - beta1); v = max(beta2 * v, |grad|); var -= lr / (1 - beta1_power) * m / (v + epsilon)``.
    """
    m += (grad - m) * (1 - beta1)
    xp.maximum(beta2 * v, xp.abs(grad), out=v)
    var -= lr / (1 - beta1_power) * (m / (v + epsilon))


@rule("var m", sparse=False, lacks=COMPLEX)
def AddSign(xp: Any, var: Any, m: Any, lr: Any, alpha: Any, sign_decay: Any, beta: Any, grad: Any, attrs: Any) -> None:
    """``m = m * beta + grad * (1 - beta); var -= lr * (alpha + sign_decay * sign(grad) * sign(m)) * grad``."""
    m *= beta
    m += grad * (1 - beta)
    var -= lr * (alpha + sign_decay * (xp.sign(grad) * xp.sign(m))) * grad


@rule("var m", sparse=False, lacks=COMPLEX)
def PowerSign(xp: Any, var: Any, m: Any, lr: Any, logbase: Any, sign_decay: Any, beta: Any, grad: Any, attrs: Any
              ) -> None:
    """``m = m * beta + grad * (1 - beta); var -= lr * exp(logbase * sign_decay * sign(grad) * sign(m)) * grad``."""
    m *= beta
    m += grad * (1 - beta)
    var -= lr * xp.exp(logbase * sign_decay * (xp.sign(grad) * xp.sign(m))) * grad


@rule("var m v vhat", sparse=False, register=BY_HANDLE.append, lacks=COMPLEX)
def AdamWithAmsgrad(xp: Any, var: Any, m: Any, v: Any, vhat: Any, beta1_power: Any, beta2_power: Any, lr: Any,
                    beta1: Any, beta2: Any, epsilon: Any, grad: Any, attrs: Any) -> None:
    """Adam by the greatest of all means of squares so far."""
    m += (grad - m) * (1 - beta1)
    v += (grad * grad - v) * (1 - beta2)
    xp.maximum(vhat, v, out=vhat)
    var -= m * (lr * xp.sqrt(1 - beta2_power) / (1 - beta1_power)) / (xp.sqrt(vhat) + epsilon)


@rule("var accum", more="use_nesterov: bool = False", register=BY_HANDLE.append)
def KerasMomentum(xp: Any, var: Any, accum: Any, lr: Any, grad: Any, momentum: Any, attrs: Any) -> None:
    """``accum = accum * momentum - lr * grad; var += accum`` (with Nesterov: a step ahead)."""
    accum *= momentum
    accum -= grad * lr
    var += accum * momentum - grad * lr if attrs["use_nesterov"] else accum
