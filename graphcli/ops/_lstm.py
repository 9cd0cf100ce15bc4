"""One step of an LSTM as its fused ops compute it, and the way back; gates are in the order i, ci, f, o."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..errors import RunError

HALF = 2
"""Bytes of a number that is computed with in single precision."""
SOME = 64
"""Rows of a batch that are treated at a time, at least."""


def wide(xp: Any, x: Any) -> Any:
    return xp.asarray(x, xp.float32) if x.dtype.itemsize == HALF else x


def rows_at_once(batch: int) -> int:
    """Rows of a batch that a step treats at a time."""
    return min(512, max(SOME, batch // 32))


def by_rows(n: Any, batch: int, outs: Sequence[Any], body: Callable[[slice], Sequence[Any]]) -> list[Any]:
    """Fills arrays with what ``body(rows)`` gives for some rows at a time; returns what it gives besides, of
    each time."""
    many = rows_at_once(batch)
    more: list[Any] = [()] * -(-batch // many)

    def some(k: int) -> None:
        rows = slice(k * many, (k + 1) * many)
        made = body(rows)
        for out, part in zip(outs, made):
            out[rows] = part
        more[k] = made[len(outs):]

    n.each(len(more), some)
    return more


def scratch_by_rows(n: Any, width: int) -> int:
    """Bytes of what the threads make, ``width`` of each row."""
    batch = n.shapes[0][0]
    many = rows_at_once(batch)
    return int(min(n.threads, -(-batch // many)) * min(batch, many) * width)


def sigmoid(xp: Any, x: Any) -> Any:
    one = xp.asarray(1, x.dtype)
    return one / (one + xp.exp(-x))


def fitting(**sizes: tuple[int, int]) -> None:
    """Raises RunError for a size that is not what it must be."""
    for what, (has, wants) in sizes.items():
        if has != wants:
            raise RunError(f"{what.replace('_of_', ' of ').replace('_', ' ')} is {wants}, not {has}")


def check(batch: int, inputs: int, cell: int, cs_prev: Any, h_prev: Any, w: Any, b: Any) -> None:
    """Raises RunError where state, weights or bias have other sizes than the inputs [batch, inputs] ask for."""
    fitting(rows_of_cs_prev=(cs_prev.shape[0], batch), columns_of_cs_prev=(cs_prev.shape[1], cell),
            rows_of_h_prev=(h_prev.shape[0], batch), columns_of_h_prev=(h_prev.shape[1], cell),
            rows_of_w=(w.shape[0], inputs + cell), columns_of_w=(w.shape[1], 4 * cell),
            size_of_b=(b.shape[0], 4 * cell))


def check_peepholes(cell: int, *peepholes: Any) -> None:
    """Raises RunError where they are no vectors of the state's size."""
    for part in peepholes:
        if part.shape != (cell,):
            raise RunError(f"a peephole has the shape [{cell}], not {list(part.shape)}")


def forward(xp: Any, gates: Any, cs_prev: Any, peephole: Any, forget_bias: float, clip: float) -> tuple[Any, ...]:
    """(i, cs, f, o, ci, co, h), each [batch, cell], of gates [batch, 4 * cell]. peephole: wci, wcf, wco or None."""
    i, ci, f, o = xp.split(gates, 4, axis=1)
    bias = xp.asarray(forget_bias, gates.dtype)
    if peephole is not None:
        i, f = i + peephole[0] * cs_prev, f + peephole[1] * cs_prev
    i, ci, f = sigmoid(xp, i), xp.tanh(ci), sigmoid(xp, f + bias)
    cs = ci * i + cs_prev * f
    if clip > 0:
        cs = xp.clip(cs, -clip, clip)
    o = sigmoid(xp, o if peephole is None else o + peephole[2] * cs)
    co = xp.tanh(cs)
    return i, cs, f, o, ci, co, co * o


def backward(xp: Any, made: tuple[Any, ...], cs_prev: Any, peephole: Any, cs_grad: Any, h_grad: Any
             ) -> tuple[Any, Any, list[Any]]:
    """(cs_prev_grad, gradient of the gates, gradients of the peepholes) of what ``forward`` made but h."""
    i, cs, f, o, ci, co = made
    one = xp.asarray(1, i.dtype)
    d_o = o * (one - o) * h_grad * co
    d_cs = (one - co * co) * h_grad * o + cs_grad
    if peephole is not None:
        d_cs = d_cs + d_o * peephole[2]
    d_ci = (one - ci * ci) * d_cs * i
    d_f = f * (one - f) * d_cs * cs_prev
    d_i = i * (one - i) * d_cs * ci
    before = d_cs * f
    sums = [xp.zeros(i.shape[1:], i.dtype)] * 3
    if peephole is not None:
        before = before + d_i * peephole[0] + d_f * peephole[1]
        sums = [(d_i * cs_prev).sum(0), (d_f * cs_prev).sum(0), (d_o * cs).sum(0)]
    return before, xp.concatenate([d_i, d_ci, d_f, d_o], axis=1), sums
