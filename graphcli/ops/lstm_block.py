"""LSTMs whose steps, or whole sequences, are one op (tf.contrib.rnn.LSTMBlockFusedCell)."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.opdef import op, undefined_gradient
from ._lstm import HALF, backward, by_rows, check, check_peepholes, forward, scratch_by_rows, wide

BLAS = True
STATE = "cs_prev: T, h_prev: T, w: T, wci: T, wcf: T, wco: T, b: T"
MADE = "i: T, cs: T, f: T, o: T, ci: T, co: T"
FORWARD = "forget_bias: float = 1; cell_clip: float = 3; use_peephole: bool = False; T: {float16, float32}"
BACKWARD = "use_peephole: bool; T: {float16, float32}"



@op
class LSTMBlockCell:
    """One step of an LSTM, with all that it computes on the way (tf.contrib.rnn.LSTMBlockCell).

    x: [batch, inputs]. cs_prev, h_prev: the state [batch, cell]. w: [inputs + cell, 4 * cell]. wci, wcf, wco: [cell],
    what gates see of the state with use_peephole. cell_clip: bound of the state, if above 0.
    """

    signature = f"x: T, {STATE} -> {MADE}, h: T"
    attrs = FORWARD

    def infer(n: Any, x: Any, cs_prev: Any, *weights: Any) -> Any:
        batch, _ = n.with_rank(x, 2, "x")
        _, cell = n.with_rank(cs_prev, 2, "cs_prev")
        return [(batch, cell)] * 7

    def kernel(n: Any) -> Any:
        xp, dtype, attrs = n.xp, n.dtype(), n.attrs

        def step(x: Any, cs_prev: Any, h_prev: Any, w: Any, wci: Any, wcf: Any, wco: Any, b: Any) -> Any:
            check(len(x), x.shape[1], cs_prev.shape[1], cs_prev, h_prev, w, b)
            if attrs["use_peephole"]:
                check_peepholes(cs_prev.shape[1], wci, wcf, wco)
            w, b = wide(xp, w), wide(xp, b)
            peephole = [wide(xp, p) for p in (wci, wcf, wco)] if attrs["use_peephole"] else None
            outs = [xp.empty(cs_prev.shape, dtype) for _ in range(7)]

            def some(rows: Any) -> Any:
                gates = xp.concatenate([wide(xp, x[rows]), wide(xp, h_prev[rows])], axis=1) @ w
                gates += b
                return forward(xp, gates, wide(xp, cs_prev[rows]), peephole, attrs["forget_bias"], attrs["cell_clip"])

            by_rows(n, len(x), outs, some)
            return tuple(outs)

        return step

    def scratch(n: Any) -> int:
        """Of some rows the gates and all that is made of them; a filter of halves in single precision."""
        halves = n.size(3) * n.wide(3) if n.width(3) == HALF else 0
        return int(scratch_by_rows(n, 12 * n.shapes[1][1] * n.wide()) + halves)

    def gradient(tf: Any, op: Any, *grads: Any) -> Any:
        x, cs_prev, h_prev, w, wci, wcf, wco, b = op.inputs
        inputs, cell, batch = x.static[1], cs_prev.static[1], x.static[0]
        before, gates, *peepholes = tf.apply_op(
            "LSTMBlockCellGrad", None, [*op.inputs, *op.outputs[:6], grads[1], grads[6]],
            {"use_peephole": op.attrs["use_peephole"]})
        xh_grad = tf.matmul(gates, w, transpose_b=True)
        size = -1 if batch is None else batch
        x_grad = tf.slice(xh_grad, (0, 0), (size, inputs))
        h_grad = tf.slice(xh_grad, (0, inputs), (size, cell))
        w_grad = tf.matmul(tf.concat([x, h_prev], 1), gates, transpose_a=True)
        return [x_grad, before, h_grad, w_grad, *peepholes, tf.apply_op("BiasAddGrad", None, [gates])]


@op
class LSTMBlockCellGrad:
    """The gradients of one step, of the gates instead of inputs and weights."""

    signature = (f"x: T, {STATE}, {MADE}, cs_grad: T, h_grad: T -> cs_prev_grad: T, dicfo: T, wci_grad: T, "
                 "wcf_grad: T, wco_grad: T")
    attrs = BACKWARD
    gradient = undefined_gradient

    def infer(n: Any, x: Any, cs_prev: Any, *others: Any) -> Any:
        batch, _ = n.with_rank(x, 2, "x")
        _, cell = n.with_rank(cs_prev, 2, "cs_prev")
        return [(batch, cell), (batch, None if cell is None else 4 * cell), (cell,), (cell,), (cell,)]

    def kernel(n: Any) -> Any:
        xp, dtype, attrs = n.xp, n.dtype(), n.attrs

        def back(x: Any, cs_prev: Any, h_prev: Any, w: Any, wci: Any, wcf: Any, wco: Any, b: Any, *rest: Any) -> Any:
            check(len(x), x.shape[1], cs_prev.shape[1], cs_prev, h_prev, w, b)
            if attrs["use_peephole"]:
                check_peepholes(cs_prev.shape[1], wci, wcf, wco)
            for part in rest:
                if part.shape != cs_prev.shape:
                    raise RunError(f"what a step made has the shape {list(cs_prev.shape)}, not {list(part.shape)}")
            peephole = [wide(xp, p) for p in (wci, wcf, wco)] if attrs["use_peephole"] else None
            batch, cell = cs_prev.shape
            outs = [xp.empty((batch, columns), dtype) for columns in (cell, 4 * cell)]

            def some(rows: Any) -> Any:
                *made, cs_grad, h_grad = (wide(xp, r[rows]) for r in rest)
                before, gates, sums = backward(xp, tuple(made), wide(xp, cs_prev[rows]), peephole, cs_grad, h_grad)
                return before, gates, *sums

            sums = [xp.zeros(cell, wide(xp, b).dtype) for _ in range(3)]
            for found in by_rows(n, batch, outs, some):
                for whole, part in zip(sums, found):
                    whole += part
            return tuple(m.astype(dtype, copy=False) for m in (*outs, *sums))

        return back

    def scratch(n: Any) -> int:
        """Of some rows what leads to the gates' gradients, and these."""
        return scratch_by_rows(n, (14 + 8 * (n.width() == HALF)) * n.shapes[1][1] * n.wide())


def _sequence(n: Any, x: Any, b: Any) -> tuple[Any, Any, Any]:
    """(time, batch, cell) as far as they are known."""
    steps, batch, _ = n.with_rank(x, 3, "x")
    size, = n.with_rank(b, 1, "b")
    if size is not None and size % 4:
        n.fail(f"b has a bias for each of four gates, not {size} in all")
    return steps, batch, None if size is None else size // 4


@op
class BlockLSTM:
    """An LSTM over a sequence [time, batch, inputs], with all that it computes on the way (LSTMBlockFusedCell).

    seq_len_max: int64 []; what comes after that step is 0. The others are those of LSTMBlockCell.
    """

    signature = f"seq_len_max: int64, x: T, {STATE} -> {MADE}, h: T"
    host_memory = "seq_len_max"
    attrs = FORWARD

    def infer(n: Any, seq_len_max: Any, x: Any, *others: Any) -> Any:
        return [_sequence(n, x, others[-1])] * 7

    def kernel(n: Any) -> Any:
        xp, dtype, attrs = n.xp, n.dtype(), n.attrs

        def run(most: Any, x: Any, cs_prev: Any, h_prev: Any, w: Any, wci: Any, wcf: Any, wco: Any, b: Any) -> Any:
            steps, batch, inputs = x.shape
            cell = cs_prev.shape[1]
            check(batch, inputs, cell, cs_prev, h_prev, w, b)
            check_peepholes(cell, wci, wcf, wco)
            most = _most(most, steps)
            made = [xp.zeros((steps, batch, cell), dtype) for _ in range(7)]
            of_x, of_h, b = wide(xp, w[:inputs]), wide(xp, w[inputs:]), wide(xp, b)
            peephole = [wide(xp, p) for p in (wci, wcf, wco)] if attrs["use_peephole"] else None
            for t in range(most):
                gates = wide(xp, x[t]) @ of_x
                gates += wide(xp, h_prev) @ of_h
                gates += b
                now = forward(xp, gates, wide(xp, cs_prev), peephole, attrs["forget_bias"], attrs["cell_clip"])
                for whole, part in zip(made, now):
                    whole[t] = part
                cs_prev, h_prev = made[1][t], made[6][t]
            return tuple(made)

        return run

    def gradient(tf: Any, op: Any, *grads: Any) -> Any:
        return [None, *tf.apply_op("BlockLSTMGrad", None, [*op.inputs, *op.outputs, grads[1], grads[6]],
                                   {"use_peephole": op.attrs["use_peephole"]})]


def _most(seq_len_max: Any, steps: int) -> int:
    if not 0 <= seq_len_max <= steps:
        raise RunError(f"seq_len_max is from 0 to {steps}, not {int(seq_len_max)}")
    return int(seq_len_max)


@op
class BlockLSTMGrad:
    """The gradients of an LSTM over a sequence."""

    signature = (f"seq_len_max: int64, x: T, {STATE}, {MADE}, h: T, cs_grad: T, h_grad: T -> x_grad: T, "
                 "cs_prev_grad: T, h_prev_grad: T, w_grad: T, wci_grad: T, wcf_grad: T, wco_grad: T, b_grad: T")
    host_memory = "seq_len_max"
    attrs = BACKWARD
    gradient = undefined_gradient

    def infer(n: Any, seq_len_max: Any, x: Any, *others: Any) -> Any:
        ranks = (2, 2, 2, 1, 1, 1, 1)
        names = ("cs_prev", "h_prev", "w", "wci", "wcf", "wco", "b")
        return [n.with_rank(x, 3, "x"), *[n.with_rank(s, rank, name) for s, rank, name in zip(others, ranks, names)]]

    def kernel(n: Any) -> Any:
        xp, dtype, attrs = n.xp, n.dtype(), n.attrs

        def back(most: Any, x: Any, cs_prev: Any, h_prev: Any, w: Any, wci: Any, wcf: Any, wco: Any, b: Any,
                 *rest: Any) -> Any:
            steps, batch, inputs = x.shape
            cell = cs_prev.shape[1]
            check(batch, inputs, cell, cs_prev, h_prev, w, b)
            check_peepholes(cell, wci, wcf, wco)
            for part in rest:
                if part.shape != (steps, batch, cell):
                    raise RunError(f"what the steps made has the shape {[steps, batch, cell]}, not {list(part.shape)}")
            most = _most(most, steps)
            *made, h, cs_grads, h_grads = rest
            kind = xp.float32 if dtype.itemsize == 2 else dtype
            w_wide = wide(xp, w)
            x_grad, w_grad = xp.zeros(x.shape, dtype), xp.zeros(w.shape, kind)
            cs_grad, h_grad = xp.zeros((batch, cell), kind), xp.zeros((batch, cell), kind)
            b_grad, peepholes = xp.zeros(b.shape, kind), [xp.zeros((cell,), kind) for _ in range(3)]
            peephole = [wide(xp, p) for p in (wci, wcf, wco)] if attrs["use_peephole"] else None
            for t in range(most - 1, -1, -1):
                cs_before, h_before = (made[1][t - 1], h[t - 1]) if t else (cs_prev, h_prev)
                cs_grad, gates, sums = backward(
                    xp, tuple(wide(xp, m[t]) for m in made), wide(xp, cs_before), peephole, cs_grad + cs_grads[t],
                    h_grad + h_grads[t])
                both = gates @ w_wide.T
                x_grad[t], h_grad = both[:, :inputs], both[:, inputs:]
                w_grad[:inputs] += wide(xp, x[t]).T @ gates
                w_grad[inputs:] += wide(xp, h_before).T @ gates
                b_grad += gates.sum(0)
                for whole, part in zip(peepholes, sums):
                    whole += part
            return (x_grad, *(g.astype(dtype, copy=False) for g in (cs_grad, h_grad, w_grad, *peepholes, b_grad)))

        return back
