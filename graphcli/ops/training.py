"""The update rules of optimizers, dense (Apply*) and by rows (SparseApply*), in place.

A rule is written once, for arrays; the sparse op applies it to the rows that its indices name.
"""
from __future__ import annotations

import inspect
from collections.abc import Callable
from math import prod
from typing import Any

import numpy

from ..errors import RunError
from ..graph.opdef import OpDef, op, undefined_gradient
from ..graph.shapes import compatible, show
from ._ranked import all_different, marks
from .state import initialized
from .state_scatter import check_rows

_T = "T: {numbertype}"
AS_NUMBERS = ("global_step", "l1", "lr_power")
"""What decides how a rule goes on."""
BLOCK = 1 << 15
"""Elements that are updated at a time."""
BY_ROWS = "by rows"
"""Beside the attrs of a rule that is applied to some rows."""
MADE = 5
"""Arrays of so many elements that a rule makes on the way."""


def registered(made: OpDef) -> None:
    """Makes an op one of the vocabulary."""
    op(made.cls)


def rule(refs: str, more: str = "", sparse: bool = True, register: Callable[[OpDef], None] = registered
         ) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Makes ``Apply…`` and ``SparseApply…`` of a rule.

    refs: its arguments that are variables; more: attrs beside T and use_locking. The first
    argument of the rule is the array module, the last (by keyword) the attrs. register: what takes the ops.
    """
    variables = refs.split()

    def make(function: Callable[..., None]) -> Callable[..., None]:
        name = function.__name__
        args = [a for a in inspect.signature(function).parameters if a not in ("xp", "attrs")]
        doc = inspect.getdoc(function) or name
        _op(f"Apply{name}", doc, function, args, variables, more, None, register)
        if sparse:
            spelled = ["grad" if a == "delta" else a for a in args]
            _op(f"SparseApply{name}", f"{doc} Only of the rows that indices name.", function, spelled, variables,
                more, spelled.index("grad") + 1, register)
        return function

    return make


def _op(name: str, doc: str, function: Callable[..., None], args: list[str], variables: list[str], more: str,
        rows: int | None, register: Callable[[OpDef], None]) -> None:
    def spec(arg: str) -> str:
        if arg == "global_step":
            return f"{arg}: int64"
        return f"{arg}: Ref(T)" if arg in variables else f"{arg}: T"

    parts = [spec(a) for a in args]
    attrs = f"{_T}; use_locking: bool = False" + (f"; {more}" if more else "")
    if rows is not None:
        parts.insert(rows, "indices: Tindices")
        attrs = attrs.replace(_T, f"{_T}; Tindices: {{int32, int64}}")
    gradient_at = next(i for i, a in enumerate(args) if a in ("grad", "delta"))
    count = len(variables)

    def infer(n: Any, *shapes: Any) -> Any:
        shape = shapes[0]
        for other in shapes[1:count]:
            shape = n.merge(shape, other, "shapes of the variables")
        for i, scalar in enumerate(shapes):
            if i >= count and i != gradient_at and i != rows:
                n.with_rank(scalar, 0, f"input {n.node.opdef.inputs[i].name!r}")
        if rows is None:
            return n.merge(shape, shapes[gradient_at], "shapes of the variable and the gradient")
        grad = shapes[gradient_at]
        if shape is not None and grad is not None and (not grad or not compatible(grad[1:], shape[1:])):
            n.fail(f"the rows of the gradient {show(grad)} are not those of the variable {show(shape)}")
        return shape

    def kernel(n: Any) -> Any:
        xp, chosen = n.xp, n.attrs
        return _sparse(xp, chosen, function, count, gradient_at, rows) if rows is not None \
            else _dense(xp, n.each, chosen, function, count, gradient_at)

    def scratch(n: Any) -> int:
        if rows is None:
            return int(MADE * n.width(gradient_at) * min(n.size(gradient_at), BLOCK * n.threads))
        # rows are taken out of the variables; the numbers of rows that are there are marked
        block = (MADE + count) * n.width(gradient_at) * min(n.size(gradient_at), BLOCK)
        return int(block + marks(n.size(rows), n.shapes[0][0] if n.shapes[0] else n.size(rows)))

    register(OpDef(type(name, (), {
        "__doc__": doc, "__module__": function.__module__, "attrs": attrs,
        "signature": f"{', '.join(parts)} -> out: Ref(T)",
        "infer": infer, "kernel": kernel, "gradient": undefined_gradient, "scratch": scratch,
        "host_memory": ", ".join(a for a in args if a in AS_NUMBERS)})))


def _dense(xp: Any, each: Any, attrs: Any, function: Callable[..., None], count: int, gradient_at: int) -> Any:
    def update(*args: Any) -> Any:
        buffers = [initialized(s) for s in args[:count]]
        shape = xp.shape(args[gradient_at])
        if any(b.shape != shape for b in buffers):
            raise RunError(f"the variable has shape {show(buffers[0].shape)}, the gradient {show(shape)}")
        flat = [*buffers, args[gradient_at]]
        if buffers[0].size <= BLOCK or any(type(a) is not numpy.ndarray or not a.flags.c_contiguous for a in flat):
            function(xp, *buffers, *args[count:], attrs=attrs)
            return args[0]
        flat = [a.reshape(-1) for a in flat]

        def block(i: int) -> None:
            *found, grad = (a[i * BLOCK:(i + 1) * BLOCK] for a in flat)
            rest = list(args[count:])
            rest[gradient_at - count] = grad
            function(xp, *found, *rest, attrs=attrs)

        each(-(-flat[0].size // BLOCK), block)
        return args[0]

    return update


def _sparse(xp: Any, attrs: Any, function: Callable[..., None], count: int, gradient_at: int, rows: int) -> Any:
    attrs = {**attrs, BY_ROWS: True}

    def update(*args: Any) -> Any:
        buffers = [initialized(s) for s in args[:count]]
        indices, grad = args[rows], args[gradient_at]
        rest = list(args[count:rows] + args[rows + 1:])
        at = gradient_at - count
        if grad.shape[:1] != indices.shape or any(b.shape[1:] != grad.shape[1:] for b in buffers):
            raise RunError(f"{indices.shape} indices and a gradient {show(grad.shape)} do not name rows of "
                           f"{show(buffers[0].shape)}")
        check_rows(xp, indices, buffers[0].shape[0])
        if all_different(xp, indices, buffers[0].shape[0]):
            many = max(1, BLOCK // max(1, prod(grad.shape[1:])))
            parts = [slice(i, i + many) for i in range(0, len(indices), many)]
        else:
            # a row that is named twice is updated twice, one after the other
            parts = [slice(i, i + 1) for i in range(len(indices))]
        for part in parts:
            where = indices[part]
            found = [b[where] for b in buffers]
            rest[at] = grad[part]
            function(xp, *found, *rest, attrs=attrs)
            for buffer, row in zip(buffers, found):
                buffer[where] = row
        return args[0]

    return update


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


@rule("var gradient_accumulator gradient_squared_accumulator")
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


@rule("var ms mom")
def RMSProp(xp: Any, var: Any, ms: Any, mom: Any, lr: Any, rho: Any, momentum: Any, epsilon: Any, grad: Any,
            attrs: Any) -> None:
    """``ms += (grad ** 2 - ms) * (1 - rho); mom = mom * momentum + lr * grad / sqrt(ms + epsilon); var -= mom``."""
    _follow(ms, grad * grad, rho, attrs)
    mom *= momentum
    mom += grad * lr / xp.sqrt(ms + epsilon)
    var -= mom


@rule("var mg ms mom")
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


@rule("var accum linear", more="multiply_linear_by_lr: bool = False")
def Ftrl(xp: Any, var: Any, accum: Any, linear: Any, grad: Any, lr: Any, l1: Any, l2: Any, lr_power: Any,
         attrs: Any) -> None:
    """Follow the regularized leader."""
    _ftrl(xp, var, accum, linear, grad, grad, lr, l1, l2, lr_power, attrs)


@rule("var accum linear", more="multiply_linear_by_lr: bool = False")
def FtrlV2(xp: Any, var: Any, accum: Any, linear: Any, grad: Any, lr: Any, l1: Any, l2: Any, l2_shrinkage: Any,
           lr_power: Any, attrs: Any) -> None:
    """Follow the regularized leader, with a decay of the weights in the gradient."""
    _ftrl(xp, var, accum, linear, grad, grad + 2 * l2_shrinkage * var, lr, l1, l2, lr_power, attrs)


def _proximal(xp: Any, var: Any, step: Any, rate: Any, l1: Any, l2: Any) -> None:
    moved = var - step
    if l1 > 0:
        moved = xp.sign(moved) * xp.maximum(xp.abs(moved) - rate * l1, 0)
    var[...] = moved / (1 + l2 * rate)


@rule("var")
def ProximalGradientDescent(xp: Any, var: Any, alpha: Any, l1: Any, l2: Any, delta: Any, attrs: Any) -> None:
    """Gradient descent, then shrinking by l1 and l2."""
    _proximal(xp, var, delta * alpha, alpha, l1, l2)


@rule("var accum")
def ProximalAdagrad(xp: Any, var: Any, accum: Any, lr: Any, l1: Any, l2: Any, grad: Any, attrs: Any) -> None:
    """Adagrad, then shrinking by l1 and l2."""
    accum += grad * grad
    rate = lr / xp.sqrt(accum)
    _proximal(xp, var, grad * rate, rate, l1, l2)
