"""Other shapes for the same elements: reshape, transpose, join, split, repeat, pad."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.constant import constant_value
from ..graph.opdef import no_gradient, op
from ..graph.types import compatible, count, merge, show


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
            if sorted(x.tolist()) != list(range(x.size)):
                raise RunError(f"{x.tolist()} is not a permutation")
            out = xp.empty_like(x)
            out[x] = xp.arange(x.size)
            return out

        return invert


def axis_in(n: Any, axis: int, rank: int, what: str = "axis") -> int:
    if not -rank <= axis < rank:
        n.fail(f"{what} {axis} is not in [{-rank}, {rank})")
    return axis % rank


@op
class ExpandDims:
    """A new axis of size 1 (tf.expand_dims)."""

    signature = "input: T, dim: Tdim -> output: T"
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
class ConcatV2:
    """Tensors joined along an axis (tf.concat)."""

    signature = "values: N*T, axis: Tidx -> output: T"
    attrs = "N: int >= 2; T: type; Tidx: {int32, int64} = int32"

    def infer(n: Any, values: Any, axis: Any) -> Any:
        value = n.value(len(values))
        ranks = {len(v) for v in values if v is not None}
        if len(ranks) > 1:
            n.fail(f"the values must have one rank, not {' and '.join(str(r) for r in sorted(ranks))}")
        if not ranks:
            return None
        rank = ranks.pop()
        if rank == 0:
            n.fail("scalars cannot be joined", "tf.stack makes a vector of them")
        if value is None:
            return (None,) * rank
        at = axis_in(n, int(value), rank)
        total: int | None = 0
        shape: Any = None
        for v in values:
            if v is None:
                total = None
                continue
            total = None if total is None or v[at] is None else total + v[at]
            rest = v[:at] + (None,) + v[at + 1:]
            shape = rest if shape is None else n.merge(shape, rest, f"shapes beside axis {at}")
        return shape[:at] + (total,) + shape[at + 1:]

    def kernel(n: Any) -> Any:
        xp = n.xp

        def concat(values: Any, axis: Any) -> Any:
            at = int(axis)
            first = values[0]
            for v in values[1:]:
                if v.ndim != first.ndim or any(a != b for i, (a, b) in enumerate(zip(v.shape, first.shape))
                                               if i != at % max(first.ndim, 1)):
                    raise RunError(f"ConcatOp : Dimensions of inputs should match: {list(first.shape)} vs. "
                                   f"{list(v.shape)}")
            return xp.concatenate(values, at)

        return concat

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        values, axis = op.inputs[:-1], op.inputs[-1]
        rank = tf.rank(values[0])
        at = tf.floormod(axis, rank)
        shapes = tf.shape_n(list(values))
        if isinstance(grad, tf.IndexedSlices) and (known := constant_value(axis)) is not None and values[0].shape.rank:
            return [*_sparse_parts(tf, grad, shapes, int(known) % values[0].shape.rank), None]
        offsets = tf.apply_op("ConcatOffset", None, [at, shapes])
        return [*[tf.slice(grad, o, s) for o, s in zip(offsets, shapes)], None]


def _sparse_parts(tf: Any, grad: Any, shapes: Any, axis: int) -> list[Any]:
    """The parts of a gradient that is IndexedSlices: its rows shared out, or each row cut."""
    parts, start = [], 0
    for shape in shapes:
        end = start + shape[axis]
        if axis:
            begin = [start if i == axis else 0 for i in range(shape.shape[0])]
            values = tf.slice(grad.values, begin, tf.concat([[-1], shape[1:]], 0))
            parts.append(tf.IndexedSlices(values, grad.indices, shape))
        else:
            ids = grad.indices
            low, high = (tf.cast(n, ids.dtype) for n in (start, end))
            mine = tf.squeeze(tf.where(tf.logical_and(tf.greater_equal(ids, low), tf.less(ids, high))), axis=[1])
            parts.append(tf.IndexedSlices(tf.gather(grad.values, mine), tf.gather(ids, mine) - low, shape))
        start = end
    return parts


@op
class ConcatOffset:
    """Where each part of a concat begins."""

    signature = "concat_dim: int32, shape: N*shape_type -> offset: N*shape_type"
    attrs = "N: int >= 2; shape_type: {int32, int64} = int32"
    gradient = no_gradient

    def infer(n: Any, axis: Any, shapes: Any) -> Any:
        return list(shapes)

    def kernel(n: Any) -> Any:
        xp, dtype = n.xp, n.dtype()

        def offsets(axis: Any, shapes: Any) -> Any:
            at, total, out = int(axis), 0, []
            for shape in shapes:
                one = xp.zeros(len(shape), dtype)
                one[at] = total
                total += int(shape[at])
                out.append(one)
            return out

        return offsets


@op
class Pack:
    """Tensors as rows of a new axis (tf.stack)."""

    signature = "values: N*T -> output: T"
    attrs = "N: int >= 1; T: type; axis: int = 0"

    def infer(n: Any, values: Any) -> Any:
        shape = None
        for v in values:
            shape = n.merge(shape, v, "shapes of the values")
        if shape is None:
            return None
        at = axis_in(n, n.attrs["axis"], len(shape) + 1)
        return shape[:at] + (len(values),) + shape[at:]

    def kernel(n: Any) -> Any:
        xp, axis = n.xp, n.attrs["axis"]

        def pack(values: Any) -> Any:
            shapes = {xp.shape(v) for v in values}
            if len(shapes) > 1:
                raise RunError(f"Shapes of all inputs must match: {sorted(list(s) for s in shapes)}")
            return xp.stack(values, axis)

        return pack

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return tf.unstack(grad, num=op.attrs["N"], axis=op.attrs["axis"])


@op
class Unpack:
    """The rows of an axis (tf.unstack)."""

    signature = "value: T -> output: num*T"
    attrs = "num: int >= 0; T: type; axis: int = 0"

    def infer(n: Any, x: Any) -> Any:
        number = n.attrs["num"]
        if x is None:
            return [None] * number
        at = axis_in(n, n.attrs["axis"], len(x))
        if x[at] not in (None, number):
            n.fail(f"axis {at} has {x[at]} rows, not {number}")
        return [x[:at] + x[at + 1:]] * number

    def kernel(n: Any) -> Any:
        xp, axis, number = n.xp, n.attrs["axis"], n.attrs["num"]

        def unpack(x: Any) -> Any:
            if x.shape[axis] != number:
                raise RunError(f"axis {axis} has {x.shape[axis]} rows, not {number}")
            return list(xp.moveaxis(x, axis, 0))

        return unpack

    def gradient(tf: Any, op: Any, *grads: Any) -> Any:
        full = [tf.zeros_like(o) if g is None else g for o, g in zip(op.outputs, grads)]
        return [tf.stack(full, axis=op.attrs["axis"])]


@op
class Split:
    """Equal parts along an axis (tf.split of a number)."""

    signature = "split_dim: int32, value: T -> output: num_split*T"
    attrs = "num_split: int >= 1; T: type"

    def infer(n: Any, axis: Any, x: Any) -> Any:
        number, value = n.attrs["num_split"], n.value(0)
        if x is None:
            return [None] * number
        if value is None:
            return [(None,) * len(x)] * number
        at = axis_in(n, int(value), len(x), "split_dim")
        if x[at] is not None and x[at] % number:
            n.fail(f"axis {at} of size {x[at]} cannot be split into {number} equal parts")
        return [x[:at] + (None if x[at] is None else x[at] // number,) + x[at + 1:]] * number

    def kernel(n: Any) -> Any:
        xp, number = n.xp, n.attrs["num_split"]

        def split(axis: Any, x: Any) -> Any:
            at = int(axis)
            if x.shape[at] % number:
                raise RunError(f"axis {at} of size {x.shape[at]} cannot be split into {number} equal parts")
            return xp.split(x, number, at)

        return split

    def gradient(tf: Any, op: Any, *grads: Any) -> Any:
        full = [tf.zeros_like(o) if g is None else g for o, g in zip(op.outputs, grads)]
        return [None, tf.concat(full, op.inputs[0])]


@op
class SplitV:
    """Parts of given sizes along an axis (tf.split of a list)."""

    signature = "value: T, size_splits: Tlen, split_dim: int32 -> output: num_split*T"
    attrs = "num_split: int >= 1; T: type; Tlen: {int8, int32, int64} = int64"

    def infer(n: Any, x: Any, sizes: Any, axis: Any) -> Any:
        number, at, values = n.attrs["num_split"], n.value(2), n.value(1)
        if x is None:
            return [None] * number
        if not x:
            n.fail("a scalar cannot be split")
        if at is None and values is None:
            return [(None,) * len(x)] * number
        # with known sizes TensorFlow takes an unknown axis for the last
        a = axis_in(n, -1 if at is None else int(at), len(x), "split_dim")
        parts: list[int | None] = [None] * number
        if values is not None:
            given = values.tolist()
            if len(given) != number:
                n.fail(f"there are {len(given)} sizes for {number} parts")
            rest = None if x[a] is None else x[a] - sum(v for v in given if v >= 0)
            if rest is not None and (rest < 0 or rest and -1 not in given):
                n.fail(f"the sizes {given} do not make the {x[a]} of axis {a}")
            parts = [rest if v == -1 else v for v in given]
        return [x[:a] + (p,) + x[a + 1:] for p in parts]

    def kernel(n: Any) -> Any:
        xp, number = n.xp, n.attrs["num_split"]

        def split(x: Any, sizes: Any, axis: Any) -> Any:
            at, given = int(axis), sizes.tolist()
            if len(given) != number:
                raise RunError(f"size_splits has {len(given)} elements, there are {number} parts")
            if number == 1 and given[0] != x.shape[at]:
                raise RunError(f"the one size {given[0]} is not the {x.shape[at]} of axis {at}")
            rest = x.shape[at] - sum(v for v in given if v >= 0)
            if rest < 0 or rest and -1 not in given:
                raise RunError(f"the sizes {given} do not make the {x.shape[at]} of axis {at}")
            ends, total = [], 0
            for v in given[:-1]:
                total += rest if v == -1 else v
                ends.append(total)
            return xp.split(x, ends, at)

        return split

    def gradient(tf: Any, op: Any, *grads: Any) -> Any:
        full = [tf.zeros_like(o) if g is None else g for o, g in zip(op.outputs, grads)]
        return [tf.concat(full, op.inputs[2]), None, None]


@op
class Tile:
    """Repeated along each axis (tf.tile)."""

    signature = "input: T, multiples: Tmultiples -> output: T"
    attrs = "T: type; Tmultiples: {int32, int64} = int32"

    def infer(n: Any, x: Any, multiples: Any) -> Any:
        times = n.shape_value(1)
        if x is not None and multiples is not None and multiples[0] not in (None, len(x)):
            n.fail(f"multiples has {multiples[0]} entries, input has rank {len(x)}")
        value = n.value(1)
        if value is not None and (value < -1).any():
            n.fail(f"multiples must not be negative, but are {value.tolist()}")
        rank = len(x) if x is not None else len(times) if times is not None else None
        if rank is None:
            return None
        x, times = x or (None,) * rank, times or (None,) * rank
        return tuple(0 if d == 0 or t == 0 else None if d is None or t is None else d * t for d, t in zip(x, times))

    def kernel(n: Any) -> Any:
        xp = n.xp

        def tile(x: Any, multiples: Any) -> Any:
            times = tuple(multiples.tolist())
            if any(t < 0 for t in times):
                raise RunError(f"Expected multiples >= 0, but got {list(times)}")
            return xp.tile(x, times)

        return tile

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, times = op.inputs
        shape = tf.shape(x)
        split = tf.reshape(tf.transpose(tf.stack([times, shape])), [-1])
        axes = tf.range(0, tf.size(split), 2)
        return [tf.reduce_sum(tf.reshape(grad, split), axes), None]


def _padded(n: Any, x: Any, paddings: Any) -> Any:
    value = n.value(1)
    n.with_rank(paddings, 2, "paddings")
    if x is not None and paddings is not None and paddings[0] not in (None, len(x)):
        n.fail(f"paddings has {paddings[0]} rows, the input has rank {len(x)}")
    if value is None:
        rank = len(x) if x is not None else paddings[0] if paddings else None
        return None if rank is None else (None,) * rank
    if (value < 0).any():
        n.fail(f"paddings must not be negative, but are {value.tolist()}")
    if x is None:
        return (None,) * len(value)
    return tuple(None if d is None else d + int(a) + int(b) for d, (a, b) in zip(x, value.tolist()))


@op
class Pad:
    """Zeros around (tf.pad)."""

    signature = "input: T, paddings: Tpaddings -> output: T"
    attrs = "T: type; Tpaddings: {int32, int64} = int32"
    infer = _padded

    def kernel(n: Any) -> Any:
        xp = n.xp
        empty: Any = b"" if n.out().kind == "S" else 0
        return lambda x, paddings: xp.pad(x, paddings.tolist(), constant_values=empty) if x.ndim else x

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, paddings = op.inputs[:2]
        begin = tf.reshape(tf.slice(paddings, [0, 0], tf.stack([tf.rank(x), 1])), [-1])
        return [tf.slice(grad, begin, tf.shape(x, out_type=begin.dtype)), None]


@op
class PadV2:
    """A constant around (tf.pad with constant_values)."""

    signature = "input: T, paddings: Tpaddings, constant_values: T -> output: T"
    attrs = "T: type; Tpaddings: {int32, int64} = int32"

    def infer(n: Any, x: Any, paddings: Any, value: Any) -> Any:
        return _padded(n, x, paddings)

    def kernel(n: Any) -> Any:
        xp = n.xp
        return lambda x, paddings, value: xp.pad(x, paddings.tolist(), constant_values=value) if x.ndim else x

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x, paddings = op.inputs[:2]
        begin = tf.reshape(tf.slice(paddings, [0, 0], tf.stack([tf.rank(x), 1])), [-1])
        return [tf.slice(grad, begin, tf.shape(x, out_type=begin.dtype)), None, None]


def _check_mirror(shape: Any, paddings: Any, reflect: bool) -> None:
    for size, (before, after) in zip(shape, paddings):
        if before < 0 or after < 0:
            raise RunError(f"paddings must be non-negative: {before} {after}")
        if max(before, after) > size - reflect:
            law = "less than" if reflect else "no greater than"
            raise RunError(f"paddings must be {law} the dimension size: {before}, {after} for {size}")


@op
class MirrorPad:
    """Mirrored around: REFLECT leaves the border out, SYMMETRIC repeats it (tf.pad with mode)."""

    signature = "input: T, paddings: Tpaddings -> output: T"
    attrs = "T: type; Tpaddings: {int32, int64} = int32; mode: {'REFLECT', 'SYMMETRIC'}"
    infer = _padded

    def kernel(n: Any) -> Any:
        xp, mode = n.xp, n.attrs["mode"].lower()

        def pad(x: Any, paddings: Any) -> Any:
            widths = paddings.tolist()
            if len(widths) != x.ndim:
                raise RunError(f"The first dimension of paddings must be the rank of inputs: {len(widths)} for "
                               f"{list(x.shape)}")
            _check_mirror(x.shape, widths, mode == "reflect")
            return xp.pad(x, widths, mode=mode) if widths else x

        return pad

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.apply_op("MirrorPadGrad", None, [grad, op.inputs[1]], {"mode": op.attrs["mode"]}), None]


@op
class MirrorPadGrad:
    """The gradient of a MirrorPad: what was mirrored is added where it came from."""

    signature = "input: T, paddings: Tpaddings -> output: T"
    attrs = "T: type; Tpaddings: {int32, int64} = int32; mode: {'REFLECT', 'SYMMETRIC'}"
    no_kernel = "T: bool, string"

    def infer(n: Any, x: Any, paddings: Any) -> Any:
        value = n.value(1)
        if x is None:
            return None if not paddings or paddings[0] is None else (None,) * paddings[0]
        if value is None:
            return (None,) * len(x)
        return tuple(None if d is None else d - int(a) - int(b) for d, (a, b) in zip(x, value.tolist()))

    def kernel(n: Any) -> Any:
        xp, skip = n.xp, n.attrs["mode"] == "REFLECT"

        def fold(x: Any, paddings: Any) -> Any:
            for axis, (before, after) in enumerate(paddings.tolist()):
                size = x.shape[axis] - before - after
                whole = xp.moveaxis(x, axis, 0)
                inner = xp.array(whole[before:before + size])
                if before:
                    inner[skip:before + skip] += whole[:before][::-1]
                if after:
                    inner[size - after - skip:size - skip] += whole[before + size:][::-1]
                x = xp.moveaxis(inner, 0, axis)
            return x

        return fold

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.apply_op("MirrorPad", None, [grad, op.inputs[1]], {"mode": op.attrs["mode"]}), None]


@op
class BroadcastTo:
    """Repeated to a shape, as broadcasting does (tf.broadcast_to)."""

    signature = "input: T, shape: Tidx -> output: T"
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
