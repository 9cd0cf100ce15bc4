"""Reductions over axes."""
from __future__ import annotations

from functools import partial
from math import prod
from typing import Any

from ..graph.opdef import op, undefined_gradient
from ._axes import alone, axes_of, handed_on, reduced
from ._reduced_gradients import kept, number_of_terms, spread_back
from ._totals import by_leaves, by_rows, in_order, rows, summed
from .math_division import truncated

KEEP = "keep_dims: bool = False; "
HALVES = ("float16", "bfloat16")
BLOCK = 1 << 16
"""Halves that are reduced at a time."""
INDEX = "; Tidx: {int32, int64} = int32"


def reducing(n: Any, function: Any, **options: Any) -> Any:
    """A kernel that hands numpy the axes of input 1."""
    keep, xp = n.attrs["keep_dims"], n.xp

    def kernel(x: Any, axes: Any) -> Any:
        x = xp.asarray(x)
        return function(x, axis=axes_of(x, axes), keepdims=keep, **options)

    return kernel


def accumulator(n: Any) -> Any:
    """What sums are kept in: of halves in single precision, for one half after the other would lose digits."""
    return n.xp.float32 if n.out().name in HALVES else n.dtype()


def single(n: Any, function: Any) -> Any:
    """The kernel, its result rounded where it is of halves."""
    if n.out().name not in HALVES:
        return some_rows(n, function, whole=True)
    dtype = n.dtype()
    return some_rows(n, lambda x, axes: function(x, axes).astype(dtype))


def some_rows(n: Any, function: Any, whole: bool = False) -> Any:
    """The kernel for some rows at a time, if the first axis is kept, or of halves for some columns, if the last one is:
    what halves are added up in is twice as wide, and what does not lie in one piece is copied. whole: what does is
    reduced at once."""
    import numpy

    def rows_of(x: Any, axes: Any) -> Any:
        x = n.xp.asarray(x)
        if n.xp is not numpy or x.ndim < 2 or x.size <= BLOCK or whole and x.flags.c_contiguous:
            return function(x, axes)
        gone = axes_of(x, axes)
        if 0 in gone:
            left = x.size // prod([x.shape[i] for i in gone])
            return function(x, axes) if whole or x.ndim - 1 in gone or left <= BLOCK else columns_of(x, axes)
        many = -(-BLOCK * len(x) // x.size)
        first = function(x[:many], axes)
        out = numpy.empty((len(x), *first.shape[1:]), first.dtype)
        out[:many] = first

        def some(i: int) -> None:
            out[(i + 1) * many:(i + 2) * many] = function(x[(i + 1) * many:(i + 2) * many], axes)

        n.each(-(-len(x) // many) - 1, some)
        return out

    def columns_of(x: Any, axes: Any) -> Any:
        many = -(-BLOCK * x.shape[-1] // x.size)
        first = function(x[..., :many], axes)
        out = numpy.empty((*first.shape[:-1], x.shape[-1]), first.dtype)
        out[..., :many] = first

        def some(i: int) -> None:
            part = slice((i + 1) * many, (i + 2) * many)
            out[..., part] = function(x[..., part], axes)

        n.each(-(-x.shape[-1] // many) - 1, some)
        return out

    return rows_of


def wide(n: Any) -> int:
    """Bytes of sums of halves in single precision, where they are not of some rows or columns at a time."""
    if n.node.outputs[0].dtype.base_dtype.name not in HALVES:
        return 0
    kept = (n.shapes[0][:1] == n.outs[0][:1] and n.size() > BLOCK
            or n.shapes[0][-1:] == n.outs[0][-1:] and n.made() > BLOCK)
    return int(min(4 * n.made(), 8 * BLOCK * n.threads) if kept else 4 * n.made())


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


PART = 1 << 18
"""Elements that are squared at once, and looked through along an axis that is not the last: numpy copies them."""
