"""Blocks of space as depth or as batch."""
from __future__ import annotations

from itertools import product
from math import prod
from typing import Any

from ..errors import RunError
from ..graph.opdef import op
from ..graph.parts import PART, SHARE

FORMATS = "data_format: {'NHWC', 'NCHW', 'NCHW_VECT_C'} = 'NHWC'"


def _axes(n: Any) -> tuple[int, int, int]:
    """Where height, width and channels stand."""
    if n.attrs["data_format"] == "NCHW_VECT_C":
        n.fail("NCHW_VECT_C is not on this device")
    return (1, 2, 3) if n.attrs["data_format"] == "NHWC" else (2, 3, 1)


def _divided(n: Any, size: int | None, by: int, what: str) -> int | None:
    if size is None:
        return None
    if size % by:
        n.fail(f"{what} {size} must be divisible by {by}")
    return size // by


def times(size: int | None, by: int) -> int | None:
    return None if size is None else size * by


def laid(n: Any, view: Any) -> Any:
    """A copy in one piece; of a large one threads share some entries of an axis at a time."""
    if n.xp.__name__ != "numpy" or view.nbytes <= PART:
        return n.xp.ascontiguousarray(view)
    out = n.xp.empty(view.shape, view.dtype)
    axis = next((i for i, size in enumerate(view.shape) if size >= SHARE), 0)
    size = view.shape[axis]
    each = -(-size // min(size, -(-view.nbytes // PART)))
    ahead = (slice(None),) * axis

    # numpy's inner loop is along the last axis, which may be short
    last = range(view.shape[-1]) if view.shape[-1] < SHARE and view.strides[-1] != view.itemsize else [slice(None)]

    def some(i: int) -> None:
        here = (*ahead, slice(i * each, (i + 1) * each), ...)
        for k in last:
            out[(*here, k)] = view[(*here, k)]

    n.each(-(-size // each), some)
    return out


@op
class SpaceToDepth:
    """Blocks of an image as channels (tf.space_to_depth)."""

    signature = "input: T -> output: T"
    attrs = f"T: type; block_size: int >= 2; {FORMATS}"

    def infer(n: Any, x: Any) -> Any:
        b, shape = n.attrs["block_size"], list(n.with_rank(x, 4, "input"))
        high, wide, deep = _axes(n)
        shape[high] = _divided(n, shape[high], b, "the height")
        shape[wide] = _divided(n, shape[wide], b, "the width")
        shape[deep] = times(shape[deep], b * b)
        return tuple(shape)

    def kernel(n: Any) -> Any:
        b, first = n.attrs["block_size"], n.attrs["data_format"] == "NCHW"
        xp = n.xp

        def run(x: Any) -> Any:
            many, h, w, c = xp.moveaxis(x, 1, -1).shape if first else x.shape
            if h % b or w % b:
                raise RunError(f"Image height {h} and width {w} should be divisible by block_size: {b}")
            if first:
                out = laid(n, x.reshape(many, c, h // b, b, w // b, b).transpose(0, 3, 5, 1, 2, 4))
                return out.reshape(many, b * b * c, h // b, w // b)
            out = laid(n, x.reshape(many, h // b, b, w // b, b, c).transpose(0, 1, 3, 2, 4, 5))
            return out.reshape(many, h // b, w // b, b * b * c)

        return run

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.depth_to_space(grad, op.attrs["block_size"], data_format=op.attrs["data_format"])]


@op
class DepthToSpace:
    """Channels as blocks of an image (tf.depth_to_space)."""

    signature = "input: T -> output: T"
    attrs = f"T: type; block_size: int >= 2; {FORMATS}"

    def infer(n: Any, x: Any) -> Any:
        b, shape = n.attrs["block_size"], list(n.with_rank(x, 4, "input"))
        high, wide, deep = _axes(n)
        shape[high], shape[wide] = times(shape[high], b), times(shape[wide], b)
        shape[deep] = _divided(n, shape[deep], b * b, "the depth")
        return tuple(shape)

    def kernel(n: Any) -> Any:
        b, first = n.attrs["block_size"], n.attrs["data_format"] == "NCHW"
        xp = n.xp

        def run(x: Any) -> Any:
            many, h, w, c = xp.moveaxis(x, 1, -1).shape if first else x.shape
            if c % (b * b):
                raise RunError(f"Input depth dimension {c} should be divisible by: {b * b}")
            if first:
                out = laid(n, x.reshape(many, b, b, c // (b * b), h, w).transpose(0, 3, 4, 1, 5, 2))
                return out.reshape(many, c // (b * b), h * b, w * b)
            out = laid(n, x.reshape(many, h, w, b, b, c // (b * b)).transpose(0, 1, 3, 2, 4, 5))
            return out.reshape(many, h * b, w * b, c // (b * b))

        return run

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.space_to_depth(grad, op.attrs["block_size"], data_format=op.attrs["data_format"])]


def _block_shape(n: Any, x: Any, block: Any, pads: Any, forward: bool) -> Any:
    """The shape after space_to_batch (forward) or batch_to_space."""
    n.with_rank(block, 1, "block_shape")
    n.with_rank(pads, 2, "paddings" if forward else "crops")
    rows = n.merge(block, pads if pads is None else pads[:1], "sizes of block_shape and of paddings or crops")
    many = rows[0] if rows is not None else None
    if x is None or many is None:
        return None
    n.at_least_rank(x, many + 1, "input")
    sizes, around = n.value(1), n.value(2)
    batch = x[0]
    spatial: list[int | None] = []
    for i in range(many):
        size = x[i + 1]
        if around is None:
            before = after = 0
            size = None
        else:
            before, after = (int(v) for v in around[i])
            if before < 0 or after < 0:
                n.fail(f"paddings and crops must not be negative, but are {around.tolist()}")
        if sizes is None:
            batch, size = None, None
        else:
            b = int(sizes[i])
            if b < 1:
                n.fail(f"block_shape must be positive, but is {sizes.tolist()}")
            if forward:
                batch = times(batch, b)
                size = _divided(n, None if size is None else size + before + after, b, "the padded size")
            else:
                batch = _divided(n, batch, b, "the batch size")
                size = None if size is None else size * b - before - after
                if size is not None and size < 0:
                    n.fail(f"crops {around.tolist()} leave nothing of axis {i + 1}")
        spatial.append(size)
    return (batch, *spatial, *x[many + 1:])


@op
class SpaceToBatchND:
    """Blocks of the padded spatial axes as batches (tf.space_to_batch_nd)."""

    signature = "input: T, block_shape: Tblock_shape, paddings: Tpaddings -> output: T"
    takes = "paddings: [?, 2]"
    host_memory = "block_shape, paddings"
    attrs = "T: type; Tblock_shape: {int32, int64} = int32; Tpaddings: {int32, int64} = int32"
    no_kernel = "T: complex64, complex128, bool, string"

    def infer(n: Any, x: Any, block: Any, paddings: Any) -> Any:
        return _block_shape(n, x, block, paddings, True)

    def kernel(n: Any) -> Any:
        xp = n.xp
        return lambda x, block, paddings: to_batch(xp, x, block.tolist(), paddings.tolist())

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.batch_to_space_nd(grad, op.inputs[1], op.inputs[2]), None, None]


@op
class BatchToSpaceND:
    """Batches as blocks of the spatial axes, cropped (tf.batch_to_space_nd)."""

    signature = "input: T, block_shape: Tblock_shape, crops: Tcrops -> output: T"
    takes = "crops: [?, 2]"
    host_memory = "block_shape, crops"
    attrs = "T: type; Tblock_shape: {int32, int64} = int32; Tcrops: {int32, int64} = int32"
    no_kernel = "T: complex64, complex128, bool, string"

    def infer(n: Any, x: Any, block: Any, crops: Any) -> Any:
        return _block_shape(n, x, block, crops, False)

    def kernel(n: Any) -> Any:
        xp = n.xp
        return lambda x, block, crops: to_space(xp, x, block.tolist(), crops.tolist())

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        return [tf.space_to_batch_nd(grad, op.inputs[1], op.inputs[2]), None, None]


def _shares(size: int, block: int, before: int, many: int) -> list[tuple[int, slice, slice]]:
    """For each place in a block: which of ``many`` blocks have an element there, and which elements of the ``size``
    that begin after ``before`` others these are."""
    out = []
    for place in range(block):
        first, last = max(0, -((place - before) // block)), min(many, -((place - before - size) // block))
        if first < last:
            out.append((place, slice(first, last), slice(place + first * block - before, size, block)))
    return out


def _both(xp: Any, blocks: Any, whole: Any, block: list[int], before: list[int]) -> Any:
    """Pairs of views: blocks [*block, batch, *blocks, ...] and the parts of the whole that are the same elements."""
    m = len(block)
    sizes = zip(whole.shape[1:m + 1], block, before, blocks.shape[m + 1:2 * m + 1])
    for shares in product(*(_shares(*s) for s in sizes)):
        at = (*(s[0] for s in shares), slice(None), *(s[1] for s in shares))
        yield blocks[at], whole[(slice(None), *(s[2] for s in shares))]


def to_batch(xp: Any, x: Any, block: list[int], paddings: list[list[int]]) -> Any:
    m = len(block)
    if any(b < 1 for b in block) or any(p < 0 for pair in paddings for p in pair):
        raise RunError(f"block_shape {block} must be positive and paddings {paddings} not negative")
    padded = [s + sum(p) for s, p in zip(x.shape[1:m + 1], paddings)]
    for i, b in enumerate(block):
        if padded[i] % b:
            raise RunError(f"padded_shape[{i}]={padded[i]} is not divisible by block_shape[{i}]={b}")
    many, rest = [s // b for s, b in zip(padded, block)], x.shape[m + 1:]
    make = xp.zeros if any(map(any, paddings)) else xp.empty
    out = make((prod(block) * x.shape[0], *many, *rest), x.dtype)
    blocks = out.reshape(*block, x.shape[0], *many, *rest)
    for to, source in _both(xp, blocks, x, block, [p[0] for p in paddings]):
        to[...] = source
    return out


def to_space(xp: Any, x: Any, block: list[int], crops: list[list[int]]) -> Any:
    m, total = len(block), prod(block)
    if any(b < 1 for b in block) or x.shape[0] % total:
        raise RunError(f"Input batch dimension ({x.shape[0]}) is not divisible by product of block sizes ({total})")
    sizes = [s * b for s, b in zip(x.shape[1:m + 1], block)]
    for i, (before, after) in enumerate(crops):
        if before < 0 or after < 0 or sizes[i] < before + after:
            raise RunError(f"crops[{i}]={[before, after]} do not fit the size {sizes[i]}")
    batch, rest = x.shape[0] // total, x.shape[m + 1:]
    blocks = x.reshape(*block, batch, *x.shape[1:])
    if not any(map(any, crops)):
        order = [m, *(a for i in range(m) for a in (m + 1 + i, i))]
        return blocks.transpose(*order, *range(2 * m + 1, x.ndim + m)).reshape(batch, *sizes, *rest)
    out = xp.empty((batch, *(s - sum(c) for s, c in zip(sizes, crops)), *rest), x.dtype)
    for source, to in _both(xp, blocks, out, block, [c[0] for c in crops]):
        to[...] = source
    return out


@op
class SpaceToBatch:
    """Square blocks of a padded image as batches."""

    signature = "input: T, paddings: Tpaddings -> output: T"
    takes = "paddings: [2, 2]"
    host_memory = "paddings"
    attrs = "T: type; Tpaddings: {int32, int64} = int32; block_size: int >= 2"
    no_kernel = "T: complex64, complex128, bool, string"

    def infer(n: Any, x: Any, paddings: Any) -> Any:
        x, b, around = n.with_rank(x, 4, "input"), n.attrs["block_size"], n.value(1)
        if around is None:
            return (times(x[0], b * b), None, None, x[3])
        if (around < 0).any():
            n.fail(f"paddings must not be negative, but are {around.tolist()}")
        sides = [_divided(n, None if s is None else s + int(sum(p)), b, "the padded size")
                 for s, p in zip(x[1:3], around)]
        return (times(x[0], b * b), *sides, x[3])

    def kernel(n: Any) -> Any:
        xp, b = n.xp, n.attrs["block_size"]
        return lambda x, paddings: to_batch(xp, x, [b, b], paddings.tolist())

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        b = op.attrs["block_size"]
        return [tf.batch_to_space(grad, op.inputs[1], block_size=b), None]


@op
class BatchToSpace:
    """Batches as square blocks of an image, cropped."""

    signature = "input: T, crops: Tidx -> output: T"
    takes = "crops: [2, 2]"
    host_memory = "crops"
    attrs = "T: type; block_size: int >= 2; Tidx: {int32, int64} = int32"
    no_kernel = "T: complex64, complex128, bool, string"

    def infer(n: Any, x: Any, crops: Any) -> Any:
        x, b, around = n.with_rank(x, 4, "input"), n.attrs["block_size"], n.value(1)
        batch = _divided(n, x[0], b * b, "the batch size")
        if around is None:
            return (batch, None, None, x[3])
        sides = [None if s is None else s * b - int(sum(p)) for s, p in zip(x[1:3], around)]
        return (batch, *sides, x[3])

    def kernel(n: Any) -> Any:
        xp, b = n.xp, n.attrs["block_size"]
        return lambda x, crops: to_space(xp, x, [b, b], crops.tolist())

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        b = op.attrs["block_size"]
        return [tf.space_to_batch(grad, op.inputs[1], block_size=b), None]
