"""Reductions over axes."""
from __future__ import annotations

from functools import partial
from math import prod
from typing import Any

from ..graph.opdef import op, undefined_gradient
from ._axes import alone, axes_of, handed_on, reduced
from ._reduced_gradients import kept, number_of_terms, spread_back
from ._reducing import INDEX, KEEP, PART, accumulator, reducing, single, some_rows, wide
from ._totals import by_leaves, by_rows, in_order, rows, summed
from .math_division import truncated


@op
class Sum:
    """Sum over axes (tf.reduce_sum)."""

    signature = "input: T, reduction_indices: Tidx -> output: T"
    takes = "reduction_indices: <=1 built"
    host_memory = "reduction_indices"
    attrs = KEEP + "T: {numbertype}" + INDEX
    infer = reduced
    scratch = wide

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, accumulator(n)

        def total(x: Any, axis: Any, keepdims: bool) -> Any:
            if alone(x, axis):
                return handed_on(xp, x, axis, keepdims)
            return summed(xp, x, axis, keepdims, dtype)

        return single(n, reducing(n, total))

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [spread_back(tf, op, grad), None]


def _mean(xp: Any, x: Any, axis: Any, keepdims: bool, dtype: Any) -> Any:
    """The mean; of nothing it is NaN, of no complex numbers 0."""
    if alone(x, axis):
        return handed_on(xp, x, axis, keepdims)
    if x.size:
        return xp.mean(in_order(x), axis, dtype, keepdims=keepdims)
    return xp.sum(x, axis, dtype, keepdims=keepdims) * (0 if x.dtype.kind == "c" else xp.nan)


@op
class Mean:
    """Mean over axes (tf.reduce_mean); of whole numbers cut toward 0. Of float16 it is the sum, in float16, through the
    count in float16, as TensorFlow's: infinite where the sum is beyond 65504, 0 where the count is."""

    signature = "input: T, reduction_indices: Tidx -> output: T"
    takes = "reduction_indices: <=1 built"
    host_memory = "reduction_indices"
    attrs = KEEP + "T: {numbertype}" + INDEX
    infer = reduced
    scratch = wide

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.out()
        if dtype.is_integer:
            keep, wide = n.attrs["keep_dims"], "uint64" if dtype.is_unsigned else "int64"

            def mean(x: Any, axes: Any) -> Any:
                x = xp.asarray(x)
                where = axes_of(x, axes)
                count = 1
                for axis in where:
                    count *= x.shape[axis]
                total = xp.asarray(xp.sum(x, axis=where, keepdims=keep, dtype=wide))
                size = xp.asarray(max(count, 1), wide)
                return truncated(xp)(total, size).astype(x.dtype)

            return mean
        kind = accumulator(n)
        if dtype.name == "float16":
            def of_halves(x: Any, axis: Any, keepdims: bool) -> Any:
                if alone(x, axis):
                    return handed_on(xp, x, axis, keepdims)
                total = xp.array(summed(xp, x, axis, keepdims, kind), dtype=x.dtype)
                size = prod(x.shape[a] for a in axis)
                total /= x.dtype.type(size if size < 65520 else xp.inf)
                return total

            return some_rows(n, reducing(n, of_halves))
        if dtype.size <= 2:
            return single(n, reducing(n, partial(_mean, xp), dtype=kind))

        def average(x: Any, axis: Any, keepdims: bool) -> Any:
            if alone(x, axis):
                return handed_on(xp, x, axis, keepdims)
            x = in_order(x)
            if by_rows(xp, x, axis, kind):
                total = rows(xp, x, keepdims)
                total /= x.dtype.type(x.shape[-1])
                return total
            if not by_leaves(xp, x, axis):
                return _mean(xp, x, axis=axis, keepdims=keepdims, dtype=kind)
            return xp.true_divide(summed(xp, x, axis, keepdims, kind), xp.intp(x.size)).astype(kind)

        return single(n, reducing(n, average))

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        total = spread_back(tf, op, grad)
        return [total / number_of_terms(tf, op, total.dtype.base_dtype), None]


@op
class Prod:
    """Product over axes (tf.reduce_prod)."""

    signature = "input: T, reduction_indices: Tidx -> output: T"
    takes = "reduction_indices: <=1 built"
    host_memory = "reduction_indices"
    attrs = KEEP + "T: {numbertype}" + INDEX
    infer = reduced
    scratch = wide

    def kernel(n: Any) -> Any:
        return single(n, reducing(n, lambda x, **options: n.xp.prod(in_order(x), **options), dtype=accumulator(n)))

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, axes = op.inputs
        shape = tf.shape(x)
        axes = tf.reshape(axes, [-1])
        if not op.attrs["keep_dims"]:
            grad = tf.reshape(grad, kept(tf, op, shape))
        grad = tf.broadcast_to(grad, shape)
        with tf.device("/cpu:0"):
            rank = tf.rank(x)
            axes = (tf.cast(axes, "int32") + rank) % rank
            others, _ = tf.setdiff1d(tf.range(rank), axes)
            order = tf.concat([axes, others], 0)
            lead = tf.reduce_prod(tf.gather(shape, axes))
            rest = tf.reduce_prod(tf.gather(shape, others))
        turned = tf.transpose(x, order)
        turned_shape = tf.shape(turned)
        flat = tf.reshape(turned, (lead, rest))
        before, after = tf.cumprod(flat, exclusive=True), tf.cumprod(flat, exclusive=True, reverse=True)
        slope = tf.reshape(tf.conj(before) * tf.conj(after), turned_shape)
        slope = tf.transpose(slope, tf.invert_permutation(order))
        return [tf.reshape(grad * slope, shape), None]


def extreme(tf: Any, op: Any, grad: Any) -> Any:
    """The gradient of Max and Min: shared evenly by equal extremes."""
    x, axes = op.inputs
    shape, y = tf.shape(x), op.outputs[0]
    if op.attrs["keep_dims"]:
        small = tf.shape(y)
    else:
        small = kept(tf, op, shape)
        y, grad = tf.reshape(y, small), tf.reshape(grad, small)
    winners = tf.cast(tf.equal(y, x), grad.dtype)
    number = tf.reshape(tf.reduce_sum(winners, axes), small)
    return [winners / number * grad, None]


def starting(n: Any, function: Any, start: Any) -> Any:
    """Max or Min, of an empty set ``start``."""
    if n.xp.__name__ == "numpy":
        return reducing(n, function, initial=start)
    # cupy has no ``initial``
    extreme, nothing = reducing(n, function), reducing(n, n.xp.sum, dtype=n.dtype())
    return lambda x, axes: extreme(x, axes) if x.size else nothing(x, axes) + n.xp.asarray(start, n.dtype())


@op
class Max:
    """Greatest over axes (tf.reduce_max); NaN wins."""

    signature = "input: T, reduction_indices: Tidx -> output: T"
    takes = "reduction_indices: <=1 built"
    host_memory = "reduction_indices"
    attrs = KEEP + "T: {realnumbertype}" + INDEX
    infer = reduced
    gradient = extreme

    def kernel(n: Any) -> Any:
        return starting(n, n.xp.max, -n.xp.inf if n.out().is_floating else n.out().min)


@op
class Min:
    """Least over axes (tf.reduce_min); NaN wins."""

    signature = "input: T, reduction_indices: Tidx -> output: T"
    takes = "reduction_indices: <=1 built"
    host_memory = "reduction_indices"
    attrs = KEEP + "T: {realnumbertype}" + INDEX
    infer = reduced
    gradient = extreme

    def kernel(n: Any) -> Any:
        return starting(n, n.xp.min, n.xp.inf if n.out().is_floating else n.out().max)


@op
class All:
    """And over axes (tf.reduce_all)."""

    signature = "input: bool, reduction_indices: Tidx -> output: bool"
    takes = "reduction_indices: <=1 built"
    host_memory = "reduction_indices"
    attrs = "keep_dims: bool = False; Tidx: {int32, int64} = int32"
    infer = reduced
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        return reducing(n, n.xp.all)


@op
class AnyOp:
    """Or over axes (tf.reduce_any)."""

    type_name = "Any"

    signature = "input: bool, reduction_indices: Tidx -> output: bool"
    takes = "reduction_indices: <=1 built"
    host_memory = "reduction_indices"
    attrs = "keep_dims: bool = False; Tidx: {int32, int64} = int32"
    infer = reduced
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        return reducing(n, n.xp.any)


@op
class EuclideanNorm:
    """Root of the sum of squares over axes (tf.reduce_euclidean_norm)."""

    one_piece = True
    signature = "input: T, reduction_indices: Tidx -> output: T"
    takes = "reduction_indices: <=1 built"
    host_memory = "reduction_indices"
    attrs = KEEP + "T: {numbertype}" + INDEX
    infer = reduced

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()
        kind = dtype if n.out().is_integer else None

        def squares(x: Any, axes: tuple[int, ...]) -> Any:
            """The sums of squares, some of the first axis at a time."""
            along = next((i for i, size in enumerate(x.shape) if size > 1), 0)
            many = max(1, PART * x.shape[along] // max(1, x.size)) if x.ndim else 1
            if x.size <= PART or many >= x.shape[along] or xp.__name__ != "numpy":
                return xp.sum(xp.square(xp.abs(x) if x.dtype.kind == "c" else x), axis=axes, keepdims=True, dtype=kind)
            parts = (squares(x[(*(slice(None) for _ in range(along)), slice(i, i + many))], axes)
                     for i in range(0, x.shape[along], many))
            if along not in axes:
                return xp.concatenate(list(parts), along)
            total = next(parts)
            for part in parts:
                total += part
            return total

        def norm(x: Any, axes: Any) -> Any:
            axes = axes_of(x, axes)
            found = xp.sqrt(squares(x, axes)).astype(dtype)
            return found if n.attrs["keep_dims"] else found.reshape([d for i, d in enumerate(x.shape) if i not in axes])

        return norm

    def scratch(n: Any) -> Any:
        return min(n.size(), PART) * n.width() + (2 * n.out_bytes() if n.size() > PART else 0)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, y = op.inputs[0], op.outputs[0]
        if not op.attrs["keep_dims"]:
            small = kept(tf, op, tf.shape(x))
            y, grad = tf.reshape(y, small), tf.reshape(grad, small)
        return [tf.truediv(x, y / grad), None]
