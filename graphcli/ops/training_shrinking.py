"""The update rules of optimizers that pull weights to zero: FTRL and the proximal ones."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ._update_rules import BY_ROWS, COMPLEX, rule


def _ftrl(xp: Any, var: Any, accum: Any, linear: Any, grad: Any, shrunk: Any, lr: Any, l1: Any, l2: Any,
          lr_power: Any, attrs: Any) -> None:
    by_lr, by_rows = attrs["multiply_linear_by_lr"], attrs.get(BY_ROWS)
    if by_rows:
        for wrong, what in ((lr < 0 or not (by_lr or lr > 0), "lr is not positive"), (l1 < 0, "l1 is negative"),
                            (l2 < 0, "l2 is negative"), (lr_power > 0, "lr_power is positive")):
            if wrong:
                raise RunError(what)
    new = accum + grad * grad

    def power(x: Any) -> Any:
        return xp.sqrt(x) if lr_power == -0.5 else x ** -lr_power

    root = power(new)
    if by_lr:
        linear += shrunk * lr - (root - power(accum)) * var
        bound, below = l1 * lr, root + 2 * l2 * lr
    else:
        linear += shrunk - (root - power(accum)) / lr * var
        bound, below = l1, root / lr + 2 * l2
    # of rows what is no number is none afterwards, of all it is 0
    var[...] = (xp.clip(linear, -bound, bound) - linear) / below if by_rows else xp.where(
        xp.abs(linear) > bound, (bound * xp.sign(linear) - linear) / below, 0)
    accum[...] = new


@rule("var accum linear", more="multiply_linear_by_lr: bool = False", lacks=COMPLEX)
def Ftrl(xp: Any, var: Any, accum: Any, linear: Any, grad: Any, lr: Any, l1: Any, l2: Any, lr_power: Any,
         attrs: Any) -> None:
    """Follow the regularized leader."""
    _ftrl(xp, var, accum, linear, grad, grad, lr, l1, l2, lr_power, attrs)


@rule("var accum linear", more="multiply_linear_by_lr: bool = False", lacks=COMPLEX)
def FtrlV2(xp: Any, var: Any, accum: Any, linear: Any, grad: Any, lr: Any, l1: Any, l2: Any, l2_shrinkage: Any,
           lr_power: Any, attrs: Any) -> None:
    """Follow the regularized leader, with a decay of the weights in the gradient."""
    _ftrl(xp, var, accum, linear, grad, grad + 2 * l2_shrinkage * var, lr, l1, l2, lr_power, attrs)


def _proximal(xp: Any, var: Any, step: Any, rate: Any, l1: Any, l2: Any) -> None:
    moved = var - step
    if l1 > 0:
        moved = xp.sign(moved) * xp.maximum(xp.abs(moved) - rate * l1, 0)
    var[...] = moved / (1 + l2 * rate)


@rule("var", lacks=("float16", "bfloat16", *COMPLEX))
def ProximalGradientDescent(xp: Any, var: Any, alpha: Any, l1: Any, l2: Any, delta: Any, attrs: Any) -> None:
    """Gradient descent, then shrinking by l1 and l2."""
    _proximal(xp, var, delta * alpha, alpha, l1, l2)


@rule("var accum", lacks=("float16", "bfloat16", *COMPLEX))
def ProximalAdagrad(xp: Any, var: Any, accum: Any, lr: Any, l1: Any, l2: Any, grad: Any, attrs: Any) -> None:
    """Adagrad, then shrinking by l1 and l2."""
    accum += grad * grad
    rate = lr / xp.sqrt(accum)
    _proximal(xp, var, grad * rate, rate, l1, l2)
