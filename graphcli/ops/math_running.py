"""Running sums and products along an axis."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.inference import same_shape
from ..graph.opdef import op
from ._reducing import INDEX, PART

SHIFTED = 1 << 15
"""Elements that are moved along at a time: numpy copies them on the way."""


def _running(n: Any, function: Any, start: Any) -> Any:
    """A running total. function: of an array, the axis, and where the totals go."""
    xp, exclusive, reverse, dtype = n.xp, n.attrs["exclusive"], n.attrs["reverse"], n.dtype()

    def run(x: Any, axis: Any) -> Any:
        at = int(axis)
        if not -x.ndim <= at < x.ndim:
            raise RunError(f"Expected scan axis in the range [{-x.ndim}, {x.ndim}), but got {at}")
        out = xp.empty(x.shape, dtype)
        if not out.size:
            return out
        order = (*(slice(None),) * (at % x.ndim), slice(None, None, -1 if reverse else 1))
        to = out[order]
        function(x[order], at, to)
        if exclusive:
            # each has the total of those before it; a part at a time, from the end
            to = xp.moveaxis(to, at, 0)
            across = max(range(1, to.ndim), key=to.shape.__getitem__) if to.size > SHIFTED * len(to) else 0
            some = max(1, SHIFTED * len(to) * to.shape[across] // to.size) if across else 1
            for i in range(0, to.shape[across] if across else 1, some):
                lines = to[(slice(None),) * across + (slice(i, i + some),)] if across else to
                many = max(1, SHIFTED * len(to) // lines.size)
                for stop in range(len(to) - 1, 0, -many):
                    first = max(0, stop - many)
                    lines[first + 1:stop + 1] = lines[first:stop]
            to[0] = start
        return out

    return run


@op
class Cumsum:
    """Running sum along an axis (tf.cumsum)."""

    signature = "x: T, axis: Tidx -> out: T"
    takes = "axis: [] run"
    host_memory = "axis"
    attrs = "exclusive: bool = False; reverse: bool = False; T: {numbertype}" + INDEX
    infer = same_shape

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()
        return _running(n, lambda x, axis, out: xp.cumsum(x, axis, dtype, out), 0)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.cumsum(grad, op.inputs[1], exclusive=op.attrs["exclusive"], reverse=not op.attrs["reverse"]), None]


@op
class Cumprod:
    """Running product along an axis (tf.cumprod)."""

    signature = "x: T, axis: Tidx -> out: T"
    takes = "axis: [] run"
    host_memory = "axis"
    attrs = "exclusive: bool = False; reverse: bool = False; T: {numbertype}" + INDEX
    infer = same_shape

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()
        return _running(n, lambda x, axis, out: xp.cumprod(x, axis, dtype, out), 1)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, axis = op.inputs
        exclusive, reverse = op.attrs["exclusive"], op.attrs["reverse"]
        product = tf.cumprod(x, axis, exclusive=exclusive, reverse=reverse)
        # 0 beside a factor of 0, as in TensorFlow: the true slope there takes the others' product
        return [tf.div_no_nan(tf.cumsum(product * grad, axis, exclusive=exclusive, reverse=not reverse), x), None]


def _log_of_sum(xp: Any, a: Any, b: Any) -> Any:
    """log(exp(a) + exp(b)) as TensorFlow compares the two: a NaN is neither more nor less."""
    most, least = xp.where(a < b, b, a), xp.where(b < a, b, a)
    return xp.where(most < xp.finfo(most.dtype).min, most, xp.log1p(xp.exp(least - most)) + most)


@op
class CumulativeLogsumexp:
    """Running log of the sum of exp along an axis (tf.math.cumulative_logsumexp)."""

    signature = "x: T, axis: Tidx -> out: T"
    takes = "axis: [] run"
    cpu_only = True
    attrs = "exclusive: bool = False; reverse: bool = False; T: {floating}" + INDEX
    infer = same_shape

    def kernel(n: Any) -> Any:
        xp = n.xp

        def in_parts(x: Any, out: Any) -> None:
            """Half precision is summed in single precision, some of it at a time."""
            many = max(1, PART // 4 * len(x) // x.size)
            parts = [slice(i, i + many) for i in range(0, len(x), many)]
            plain = all(bool(xp.isfinite(x[p].astype(xp.float32)).all()) for p in parts)
            total = None if plain else xp.full(x.shape[1:], -xp.inf, xp.float32)
            for p in parts:
                some = x[p].astype(xp.float32)
                if plain:
                    if total is not None:
                        some[0] = xp.logaddexp(total, some[0])
                    xp.logaddexp.accumulate(some, 0, out=some)
                else:
                    for i, line in enumerate(some):
                        some[i] = _log_of_sum(xp, total, line)
                        total = some[i]
                total = some[-1].copy()
                out[p] = some

        def run(x: Any, axis: int, out: Any) -> None:
            if x.itemsize == 2:
                in_parts(xp.moveaxis(x, axis, 0), xp.moveaxis(out, axis, 0))
                return
            if not xp.isfinite(x.min(initial=0)) or not xp.isfinite(x.max(initial=0)):
                x, out = xp.moveaxis(x, axis, 0), xp.moveaxis(out, axis, 0)
                total = xp.full(out.shape[1:], -xp.inf, x.dtype)
                for i in range(len(out)):
                    out[i] = total = _log_of_sum(xp, total, x[i])
            else:
                xp.logaddexp.accumulate(x, axis, out=out)

        return _running(n, run, -xp.inf)

    def scratch(n: Any) -> Any:
        line = n.size() // max(1, min(n.shapes[0], default=1))
        return 0 if n.width() > 2 else 9 * min(n.size(), max(PART // 4, line))

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, axis = op.inputs
        exclusive, reverse, total = op.attrs["exclusive"], op.attrs["reverse"], op.outputs[0]
        # the sum of grad * exp(x - total), each sign on its own in logarithms
        size = tf.log(tf.abs(grad))
        least = x.dtype.base_dtype.min
        parts = [tf.where(sign(grad, 0.0), size, tf.fill(tf.shape(grad), tf.constant(least, x.dtype.base_dtype)))
                 for sign in (tf.greater, tf.less)]
        up, down = (tf.exp(tf.math.cumulative_logsumexp(p - total, axis, exclusive=exclusive, reverse=not reverse) + x)
                    for p in parts)
        return [up - down, None]
