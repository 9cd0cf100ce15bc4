"""A step of a GRU in one op, with its gradient."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidArgument
from ..graph.opdef import op, undefined_gradient
from ..graph.shapes import Static
from ._lstm import by_rows, scratch_by_rows

BLAS = True
_GIVEN = "x: T, h_prev: T, w_ru: T, w_c: T, b_ru: T, b_c: T"


def _fitting(x: Any, h_prev: Any, w_ru: Any, w_c: Any, b_ru: Any, b_c: Any) -> None:
    """Raises InvalidArgument for shapes that are none of a step's."""
    size, cell = x.shape[1], h_prev.shape[1]
    for said, fits in (("h_prev.dims(0) != batch_size", h_prev.shape[0] == x.shape[0]),
                       ("w_ru must have the shape [input_size + cell_size, 2 * cell_size]",
                        w_ru.shape == (size + cell, 2 * cell)),
                       ("w_c must have the shape [input_size + cell_size, cell_size]",
                        w_c.shape == (size + cell, cell)),
                       ("b_ru must have the shape [2 * cell_size]", b_ru.shape == (2 * cell,)),
                       ("b_c must have the shape [cell_size]", b_c.shape == (cell,))):
        if not fits:
            raise InvalidArgument(said)


@op
class GRUBlockCell:
    """A step of a GRU (tf.contrib.rnn.GRUBlockCellV2)."""

    signature = f"{_GIVEN} -> r: T, u: T, c: T, h: T"
    attrs = "T: {float32}"

    def infer(n: Any, x: Static, h_prev: Static, *others: Static) -> list[Static]:
        x, h_prev = n.with_rank(x, 2, "x"), n.with_rank(h_prev, 2, "h_prev")
        return [(x[0], h_prev[1])] * 4

    def kernel(n: Any) -> Any:
        xp = n.xp

        def step(x: Any, h_prev: Any, w_ru: Any, w_c: Any, b_ru: Any, b_c: Any) -> Any:
            _fitting(x, h_prev, w_ru, w_c, b_ru, b_c)
            cell = h_prev.shape[1]
            outs = [xp.empty(h_prev.shape, h_prev.dtype) for _ in range(4)]

            def some(rows: Any) -> Any:
                x_now, h_now = x[rows], h_prev[rows]
                both = 1 / (1 + xp.exp(-(xp.matmul(xp.concatenate([x_now, h_now], 1), w_ru) + b_ru)))
                r, u = both[:, :cell], both[:, cell:]
                c = xp.tanh(xp.matmul(xp.concatenate([x_now, h_now * r], 1), w_c) + b_c)
                return [r, u, c, u * (h_now - c) + c]

            by_rows(n, len(x), outs, some)
            return outs

        return step

    def scratch(n: Any) -> int:
        """Of some rows the gates, what is multiplied, and what is made of it."""
        return scratch_by_rows(n, 4 * max(n.shapes[0][1] + 4 * n.shapes[1][1], 6 * n.shapes[1][1]))

    def gradient(tf: Any, op: Any, *grads: Any) -> Any:
        x, h_prev = op.inputs[:2]
        r, u, c, _ = op.outputs
        d_x, d_h, d_c, d_ru = tf.apply_op("GRUBlockCellGrad", None, [*op.inputs, r, u, c, grads[3]])
        w_ru = tf.matmul(tf.concat([x, h_prev], 1), d_ru, transpose_a=True)
        b_ru = tf.apply_op("BiasAddGrad", None, [d_ru])
        w_c = tf.matmul(tf.concat([x, h_prev * r], 1), d_c, transpose_a=True)
        return [d_x, d_h, w_ru, w_c, b_ru, tf.apply_op("BiasAddGrad", None, [d_c])]


@op
class GRUBlockCellGrad:
    """The gradients of a step of a GRU: of x, h_prev and the products."""

    signature = f"{_GIVEN}, r: T, u: T, c: T, d_h: T -> d_x: T, d_h_prev: T, d_c_bar: T, d_r_bar_u_bar: T"
    attrs = "T: {float32}"
    gradient = undefined_gradient

    def infer(n: Any, x: Static, h_prev: Static, w_ru: Static, *others: Static) -> list[Static]:
        x, h_prev = n.with_rank(x, 2, "x"), n.with_rank(h_prev, 2, "h_prev")
        w_ru = n.with_rank(w_ru, 2, "w_ru")
        return [x, h_prev, (x[0], h_prev[1]), (x[0], w_ru[1])]

    def kernel(n: Any) -> Any:
        xp = n.xp

        def back(x: Any, h_prev: Any, w_ru: Any, w_c: Any, *rest: Any) -> Any:
            b_ru, b_c, r, u, c, d_h = rest
            _fitting(x, h_prev, w_ru, w_c, b_ru, b_c)
            size, cell = x.shape[1], h_prev.shape[1]
            outs = [xp.empty((len(x), columns), x.dtype) for columns in (size, cell, cell, 2 * cell)]

            def some(rows: Any) -> Any:
                h, r_now, u_now, c_now, grad = (a[rows] for a in (h_prev, r, u, c, d_h))
                d_c = grad * (1 - u_now) * (1 - c_now * c_now)
                d_u = grad * (h - c_now) * u_now * (1 - u_now)
                second = xp.matmul(d_c, w_c.T)
                d_r = second[:, size:] * h * r_now * (1 - r_now)
                d_ru = xp.concatenate([d_r, d_u], 1)
                first = xp.matmul(d_ru, w_ru.T)
                return [first[:, :size] + second[:, :size],
                        first[:, size:] + second[:, size:] * r_now + grad * u_now, d_c, d_ru]

            by_rows(n, len(x), outs, some)
            return outs

        return back

    def scratch(n: Any) -> int:
        """Of some rows both products, and what leads to them and is made of them."""
        return scratch_by_rows(n, 4 * (3 * n.shapes[0][1] + 9 * n.shapes[1][1]))
