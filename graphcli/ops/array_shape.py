"""Other shapes for the same elements: reshape, transpose, axes of size 1, broadcast."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.opdef import no_gradient, op
from ..graph.shapes import compatible, count, merge, show
from ._axes import axis_in
from ._extremes import greatest, least

PART = 1 << 16
"""Places of a permutation that are turned round at a time."""


def _known(shape: Any) -> tuple[int, int | None] | None:
    """The product of the known sizes and the place of the one that is not; None if two are not."""
    if 0 in shape:
        return 0, None
    gaps = [i for i, d in enumerate(shape) if d is None]
    if len(gaps) > 1:
        return None
    return count(tuple(d for d in shape if d is not None)) or 0, gaps[0] if gaps else None


@op
class Reshape:
    """The same elements in another shape; -1 is what is left (tf.reshape)."""

    signature = "tensor: T, shape: Tshape -> output: T"
    host_memory = "shape"
    attrs = "T: type; Tshape: {int32, int64} = int32"

    def infer(n: Any, x: Any, shape: Any) -> Any:
        n.with_rank(shape, 1, "shape")
        value = n.value(1)
        if value is not None and (value < -1).any():
            n.fail(f"sizes in shape are -1 or more, not {value.tolist()}")
        wanted = n.shape_value(1)
        if wanted is None or x is None:
            return wanted
        has, makes = _known(x), _known(wanted)
        if has is None or makes is None:
            return wanted
        (total, gap), (product, free) = has, makes
        if gap is None and free is None and total != product:
            n.fail(f"{total} elements do not make the shape {show(wanted)} of {product}")
        if gap is None and free is not None and product:
            if total % product:
                n.fail(f"{total} elements cannot be divided by the {product} of {show(wanted)}")
            return wanted[:free] + (total // product,) + wanted[free + 1:]
        if gap is not None and free is None and total and product % total:
            n.fail(f"the {product} elements of {show(wanted)} cannot be divided by the {total} of {show(x)}")
        return wanted

    def kernel(n: Any) -> Any:
        def reshape(x: Any, shape: Any) -> Any:
            sizes = tuple(shape.tolist())
            if sizes.count(-1) > 1:
                raise RunError(f"Only one input size may be -1, not {list(sizes)}")
            product = 1
            for size in sizes:
                if size < -1:
                    raise RunError(f"Size {sizes.index(size)} must be non-negative, not {size}")
                product *= size if size != -1 else 1
            if -1 in sizes:
                # As in TensorFlow, sizes of 0 on both sides are left out of the count.
                whole = x.size
                if product == 0:
                    product, whole = 1, 1
                    for size in sizes:
                        product *= size if size > 0 else 1
                    for size in x.shape:
                        whole *= size or 1
                elif whole % product:
                    raise RunError(f"Input to reshape is a tensor with {x.size} values, but the requested shape "
                                   f"{list(sizes)} requires a multiple of {product}")
                sizes = tuple(whole // product if size == -1 else size for size in sizes)
                if 0 in sizes and x.size:
                    raise RunError(f"Input to reshape is a tensor with {x.size} values, but the requested shape "
                                   f"{list(sizes)} has 0")
            elif product != x.size:
                raise RunError(f"Input to reshape is a tensor with {x.size} values, but the requested shape "
                               f"{list(sizes)} has {product}")
            return x.reshape(sizes)

        return reshape

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        static = op.inputs[0].static
        if static is not None and static.count(None) == 1 and 0 not in static:
            return [tf.reshape(grad, [-1 if d is None else d for d in static]), None]
        return [tf.reshape(grad, tf.shape(op.inputs[0])), None]


def _permuted(n: Any, x: Any, perm: Any) -> Any:
    """The shape of a transpose; TensorFlow leaves a perm that repeats an axis to the run."""
    order = n.value(1)
    if perm is not None and len(perm) not in (0, 1):
        n.fail("perm must be a vector")
    many = perm[0] if perm else None
    if order is not None:
        many = order.size
    if many is not None and x is not None and many != len(x):
        n.fail(f"perm has {many} axes, x has {len(x)}")
    rank = len(x) if x is not None else many
    if x is None and rank is not None and rank < 2:
        # one axis may be that of a scalar
        return None
    if order is None or x is None or rank is None:
        return None if rank is None else (None,) * rank
    for axis in order.reshape(-1).tolist():
        if not -rank <= axis < rank:
            n.fail(f"axis {axis} of perm is not in [{-rank}, {rank})")
    return tuple(x[a] for a in order.reshape(-1).tolist())


def _permuting(n: Any, conjugate: bool) -> Any:
    xp = n.xp

    def transpose(x: Any, perm: Any) -> Any:
        rank = len(x.shape)
        order = [a + rank if a < 0 else a for a in perm.tolist()]
        if len(order) != rank:
            raise RunError(f"transpose expects a vector of size {rank}. But input(1) is a vector of size {len(order)}")
        if sorted(order) != list(range(rank)):
            raise RunError(f"perm {perm.tolist()} is no order of the axes 0 to {rank - 1}: each must come once")
        x = xp.transpose(x, order)
        return xp.conj(x) if conjugate else x

    return transpose


@op
class Transpose:
    """Axes in another order (tf.transpose)."""

    signature = "x: T, perm: Tperm -> y: T"
    takes = "perm: [?]"
    host_memory = "perm"
    attrs = "T: type; Tperm: {int32, int64} = int32"
    infer = _permuted

    def kernel(n: Any) -> Any:
        return _permuting(n, False)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.transpose(grad, tf.invert_permutation(op.inputs[1])), None]


@op
class ConjugateTranspose:
    """Axes in another order, complex numbers conjugated (tf.transpose with conjugate)."""

    signature = "x: T, perm: Tperm -> y: T"
    takes = "perm: [?]"
    host_memory = "perm"
    attrs = "T: type; Tperm: {int32, int64} = int32"
    infer = _permuted

    def kernel(n: Any) -> Any:
        return _permuting(n, n.out().is_complex)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.transpose(grad, tf.invert_permutation(op.inputs[1]), conjugate=True), None]


@op
class InvertPermutation:
    """The permutation that undoes another (tf.invert_permutation)."""

    signature = "x: T -> y: T"
    attrs = "T: {int32, int64} = int32"
    gradient = no_gradient

    def infer(n: Any, x: Any) -> Any:
        return n.with_rank(x, 1, "x")

    def kernel(n: Any) -> Any:
        xp = n.xp

        def invert(x: Any) -> Any:
            out = xp.full_like(x, -1)
            if least(x, 0) >= 0 and greatest(x, -1) < x.size:
                for i in range(0, x.size, PART):
                    part = x[i:i + PART]
                    out[part] = xp.arange(i, i + len(part))
            if least(out, 0) < 0:
                raise RunError(f"{x.tolist()} is not a permutation")
            return out

        return invert


@op
class ExpandDims:
    """A new axis of size 1 (tf.expand_dims)."""

    signature = "input: T, dim: Tdim -> output: T"
    host_memory = "dim"
    attrs = "T: type; Tdim: {int32, int64} = int32"

    def infer(n: Any, x: Any, dim: Any) -> Any:
        value = n.value(1)
        if value is not None and value.size != 1:
            n.fail(f"dim is one axis, not {value.tolist()}")
        if x is None:
            return None
        if value is None:
            return None
        at = axis_in(n, int(value.item()), len(x) + 1, "dim")
        return x[:at] + (1,) + x[at:]

    def kernel(n: Any) -> Any:
        xp = n.xp
        return lambda x, dim: xp.expand_dims(x, int(dim.reshape(()) if hasattr(dim, "reshape") else dim))

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.reshape(grad, tf.shape(op.inputs[0])), None]


@op
class Squeeze:
    """Without its axes of size 1 (tf.squeeze)."""

    signature = "input: T -> output: T"
    attrs = "T: type; squeeze_dims: list(int) = []"

    def infer(n: Any, x: Any) -> Any:
        dims = n.attrs["squeeze_dims"]
        if x is None:
            return None
        if not dims:
            return None if None in x else tuple(d for d in x if d != 1)
        gone = {axis_in(n, d, len(x)) for d in dims}
        for axis in sorted(gone):
            if x[axis] not in (None, 1):
                n.fail(f"axis {axis} has size {x[axis]} and cannot be squeezed; only an axis of size 1 can")
        return tuple(d for i, d in enumerate(x) if i not in gone)

    def kernel(n: Any) -> Any:
        xp, dims = n.xp, tuple(n.attrs["squeeze_dims"])

        def squeeze(x: Any) -> Any:
            for d in dims:
                if x.shape[d] != 1:
                    raise RunError(f"Can not squeeze dim[{d}], expected a dimension of 1, got {x.shape[d]}")
            return xp.squeeze(x, dims or None)

        return squeeze

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.reshape(grad, tf.shape(op.inputs[0]))]


@op
class BroadcastTo:
    """Repeated to a shape, as broadcasting does (tf.broadcast_to)."""

    signature = "input: T, shape: Tidx -> output: T"
    takes = "shape: [?]"
    host_memory = "shape"
    attrs = "T: type; Tidx: {int32, int64} = int32"

    def infer(n: Any, x: Any, shape: Any) -> Any:
        wanted = n.shape_value(1)
        if wanted is not None and x is not None:
            made = n.broadcast(x, wanted)
            if len(x) > len(wanted) or not compatible(made, wanted):
                n.fail(f"{show(x)} cannot be broadcast to {show(wanted)}")
            return merge(made, wanted)
        return wanted

    def kernel(n: Any) -> Any:
        xp = n.xp

        def broadcast(x: Any, shape: Any) -> Any:
            try:
                return xp.broadcast_to(x, tuple(shape.tolist()))
            except ValueError:
                raise RunError(f"Incompatible shapes: {list(x.shape)} vs. {shape.tolist()}") from None

        return broadcast

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, shape = op.inputs
        own = tf.shape(x, out_type=shape.dtype)
        static = op.outputs[0].static
        if static is not None and None not in static:
            shape = tf.constant(list(static), dtype=shape.dtype)
        _, axes = tf.apply_op("BroadcastGradientArgs", None, [shape, own])
        return [tf.reshape(tf.reduce_sum(grad, axis=axes, keepdims=True), own), None]
