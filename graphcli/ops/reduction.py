"""Reductions over axes, positions of extremes, and running sums and products."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.opdef import no_gradient, op

KEEP = "keep_dims: bool = False; "
INDEX = "; Tidx: {int32, int64} = int32"


def reduced(n: Any, x: Any, axes: Any) -> Any:
    """The shape of a reduction over the axes in input 1."""
    keep = n.attrs["keep_dims"]
    value = n.value(1)
    if x is None:
        return None
    if value is None:
        if keep:
            return (None,) * len(x)
        return None
    gone = set()
    for axis in value.reshape(-1).tolist():
        if not -len(x) <= axis < len(x):
            n.fail(f"axis {axis} is not in [{-len(x)}, {len(x)})")
        gone.add(axis % len(x))
    if keep:
        return tuple(1 if i in gone else d for i, d in enumerate(x))
    return tuple(d for i, d in enumerate(x) if i not in gone)


def axes_of(x: Any, axes: Any) -> tuple[int, ...]:
    """Axes as numpy takes them; refuses those that x has not."""
    rank = len(x.shape)
    out = []
    for axis in axes.reshape(-1).tolist():
        if not -rank <= axis < rank:
            raise RunError(f"Invalid reduction dimension {axis} for input with {rank} dimensions")
        out.append(axis % rank)
    return tuple(dict.fromkeys(out))


def reducing(n: Any, function: Any, **options: Any) -> Any:
    """A kernel that hands numpy the axes of input 1."""
    keep, xp = n.attrs["keep_dims"], n.xp

    def kernel(x: Any, axes: Any) -> Any:
        x = xp.asarray(x)
        return function(x, axis=axes_of(x, xp.asarray(axes)), keepdims=keep, **options)

    return kernel


def spread(tf: Any, op: Any, grad: Any) -> Any:
    """A gradient of the output, in the shape of the input."""
    x, axes = op.inputs
    shape = tf.shape(x)
    if not op.attrs["keep_dims"]:
        rank = tf.rank(x)
        positive = tf.floormod(axes + rank, rank)
        flat = tf.reshape(positive, [-1])
        keep = tf.tensor_scatter_update(shape, tf.expand_dims(flat, 1), tf.ones_like(flat))
        grad = tf.reshape(grad, keep)
    return tf.broadcast_to(grad, shape)


@op
class Sum:
    """Sum over axes (tf.reduce_sum)."""

    signature = "input: T, reduction_indices: Tidx -> output: T"
    attrs = KEEP + "T: {numbertype}" + INDEX
    infer = reduced

    def kernel(n: Any) -> Any:
        return reducing(n, n.xp.sum, dtype=n.dtype())

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [spread(tf, op, grad), None]


@op
class Mean:
    """Mean over axes (tf.reduce_mean); of whole numbers cut toward 0."""

    signature = "input: T, reduction_indices: Tidx -> output: T"
    attrs = KEEP + "T: {numbertype}" + INDEX
    infer = reduced

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.out()
        if dtype.is_integer:
            keep = n.attrs["keep_dims"]

            def mean(x: Any, axes: Any) -> Any:
                x = xp.asarray(x)
                where = axes_of(x, xp.asarray(axes))
                count = 1
                for axis in where:
                    count *= x.shape[axis]
                if not count:
                    raise RunError("the mean of no whole numbers")
                total = xp.sum(x, axis=where, keepdims=keep, dtype=x.dtype)
                return xp.trunc(total / count).astype(x.dtype)

            return mean
        return reducing(n, n.xp.mean, dtype=n.dtype() if dtype.size > 2 else None)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x = op.inputs[0]
        total, kept = tf.cast(tf.size(x), x.dtype), tf.cast(tf.size(op.outputs[0]), x.dtype)
        return [spread(tf, op, grad) / (total / tf.maximum(kept, 1.0)), None]


@op
class Prod:
    """Product over axes (tf.reduce_prod)."""

    signature = "input: T, reduction_indices: Tidx -> output: T"
    attrs = KEEP + "T: {numbertype}" + INDEX
    infer = reduced

    def kernel(n: Any) -> Any:
        return reducing(n, n.xp.prod, dtype=n.dtype())

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x = op.inputs[0]
        rank = tf.rank(x)
        axes = tf.reshape(tf.floormod(op.inputs[1] + rank, rank), [-1])
        everything = tf.range(rank)
        others, _ = tf.setdiff1d(everything, axes)
        order = tf.concat([axes, others], 0)
        shape = tf.shape(x)
        lead = tf.reduce_prod(tf.gather(shape, axes))
        flat = tf.reshape(tf.transpose(x, order), [lead, tf.reduce_prod(tf.gather(shape, others))])
        rest = tf.cumprod(flat, exclusive=True) * tf.cumprod(flat, exclusive=True, reverse=True)
        back = tf.transpose(tf.reshape(rest, tf.gather(shape, order)), tf.invert_permutation(order))
        return [tf.reshape(spread(tf, op, grad) * back, shape), None]


def extreme(tf: Any, op: Any, grad: Any) -> Any:
    """The gradient of Max and Min: shared evenly by equal extremes."""
    x = op.inputs[0]
    winners = tf.cast(tf.equal(spread(tf, op, op.outputs[0]), x), grad.dtype)
    number = tf.reduce_sum(winners, op.inputs[1], keepdims=True)
    return [winners / tf.broadcast_to(number, tf.shape(x)) * spread(tf, op, grad), None]


def starting(n: Any, function: Any, start: Any) -> Any:
    """Max or Min, of an empty set ``start``."""
    return reducing(n, function, initial=start)


@op
class Max:
    """Greatest over axes (tf.reduce_max); NaN wins."""

    signature = "input: T, reduction_indices: Tidx -> output: T"
    attrs = KEEP + "T: {realnumbertype}" + INDEX
    infer = reduced
    gradient = extreme

    def kernel(n: Any) -> Any:
        return starting(n, n.xp.max, -n.xp.inf if n.out().is_floating else n.out().min)


@op
class Min:
    """Least over axes (tf.reduce_min); NaN wins."""

    signature = "input: T, reduction_indices: Tidx -> output: T"
    attrs = KEEP + "T: {realnumbertype}" + INDEX
    infer = reduced
    gradient = extreme

    def kernel(n: Any) -> Any:
        return starting(n, n.xp.min, n.xp.inf if n.out().is_floating else n.out().max)


@op
class All:
    """And over axes (tf.reduce_all)."""

    signature = "input: bool, reduction_indices: Tidx -> output: bool"
    attrs = "keep_dims: bool = False; Tidx: {int32, int64} = int32"
    infer = reduced
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return reducing(n, n.xp.all)


@op
class AnyOp:
    """Or over axes (tf.reduce_any)."""

    type_name = "Any"

    signature = "input: bool, reduction_indices: Tidx -> output: bool"
    attrs = "keep_dims: bool = False; Tidx: {int32, int64} = int32"
    infer = reduced
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return reducing(n, n.xp.any)


@op
class EuclideanNorm:
    """Root of the sum of squares over axes (tf.reduce_euclidean_norm)."""

    signature = "input: T, reduction_indices: Tidx -> output: T"
    attrs = KEEP + "T: {numbertype}" + INDEX
    infer = reduced

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()
        total = reducing(n, n.xp.sum)
        return lambda x, axes: xp.sqrt(total(xp.square(xp.abs(x)), axes)).astype(dtype)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [spread(tf, op, grad) * op.inputs[0] / spread(tf, op, op.outputs[0]), None]


def _position(n: Any, x: Any, axis: Any) -> Any:
    value = n.value(1)
    if x is None:
        return None
    n.at_least_rank(x, 1, "input")
    if value is None:
        return (None,) * (len(x) - 1)
    at = int(value)
    if not -len(x) <= at < len(x):
        n.fail(f"axis {at} is not in [{-len(x)}, {len(x)})")
    at %= len(x)
    return x[:at] + x[at + 1:]


def _finding(n: Any, function: Any) -> Any:
    dtype = n.dtype()

    def find(x: Any, axis: Any) -> Any:
        at = int(axis)
        if x.shape[at] == 0:
            raise RunError(f"Reduction axis {at} is empty in shape {list(x.shape)}")
        return function(x, axis=at).astype(dtype)

    return find


@op
class ArgMax:
    """Where the greatest is along an axis, the first of equals (tf.argmax)."""

    signature = "input: T, dimension: Tidx -> output: output_type"
    attrs = ("T: {realnumbertype, bool}; Tidx: {int16, int32, int64} = int32; "
             "output_type: {int16, uint16, int32, int64} = int64")
    infer = _position
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return _finding(n, n.xp.argmax)


@op
class ArgMin:
    """Where the least is along an axis, the first of equals (tf.argmin)."""

    signature = "input: T, dimension: Tidx -> output: output_type"
    attrs = "T: {realnumbertype, bool}; Tidx: {int32, int64} = int32; output_type: {int32, int64} = int64"
    infer = _position
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return _finding(n, n.xp.argmin)


def _running(n: Any, function: Any, start: Any) -> Any:
    xp, exclusive, reverse, dtype = n.xp, n.attrs["exclusive"], n.attrs["reverse"], n.dtype()

    def run(x: Any, axis: Any) -> Any:
        at = int(axis)
        if not -x.ndim <= at < x.ndim:
            raise RunError(f"Expected scan axis in the range [{-x.ndim}, {x.ndim}), but got {at}")
        if reverse:
            x = xp.flip(x, at)
        out = function(x, axis=at, dtype=dtype)
        if exclusive:
            head = xp.full_like(xp.take(out, [0], at), start) if out.shape[at] else out
            out = xp.concatenate([head, xp.take(out, xp.arange(out.shape[at] - 1), at)], at) if out.shape[at] else out
        return xp.flip(out, at) if reverse else out

    return run


def _along(n: Any, x: Any, axis: Any) -> Any:
    value = n.value(1)
    if value is not None and x is not None and not -len(x) <= int(value) < len(x):
        n.fail(f"axis {int(value)} is not in [{-len(x)}, {len(x)})")
    return x


@op
class Cumsum:
    """Running sum along an axis (tf.cumsum)."""

    signature = "x: T, axis: Tidx -> out: T"
    attrs = "exclusive: bool = False; reverse: bool = False; T: {numbertype}" + INDEX
    infer = _along

    def kernel(n: Any) -> Any:
        return _running(n, n.xp.cumsum, 0)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.cumsum(grad, op.inputs[1], exclusive=op.attrs["exclusive"], reverse=not op.attrs["reverse"]), None]


@op
class Cumprod:
    """Running product along an axis (tf.cumprod)."""

    signature = "x: T, axis: Tidx -> out: T"
    attrs = "exclusive: bool = False; reverse: bool = False; T: {numbertype}" + INDEX
    infer = _along

    def kernel(n: Any) -> Any:
        return _running(n, n.xp.cumprod, 1)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, axis = op.inputs
        exclusive, reverse = op.attrs["exclusive"], op.attrs["reverse"]
        product = tf.cumprod(x, axis, exclusive=exclusive, reverse=reverse)
        return [tf.cumsum(product * grad, axis, exclusive=exclusive, reverse=not reverse) / x, None]
