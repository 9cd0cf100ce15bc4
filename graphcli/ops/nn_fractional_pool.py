"""Pooling whose windows differ in size, as chance has it (Graham, Fractional Max-Pooling)."""
from __future__ import annotations

from math import ceil, floor
from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import op, undefined_gradient
from ._philox import Philox, new_stream, stream

RATIO = ("pooling_ratio: list(float) >= 4; pseudo_random: bool = False; overlapping: bool = False; "
         "deterministic: bool = False; seed: int = 0; seed2: int = 0; T: {float32, float64, int32, int64}")
SOME = 1 << 16
"""Elements of images that windows are made of at a time."""
GRAD = "overlapping: bool = False; T: {float32, float64, int32, int64}"


def _windows(size: int, ratio: float) -> int:
    """How many windows stand over so many lines, in the single precision of TensorFlow's kernel."""
    return floor(np.float32(size) / np.float32(ratio))


def _pooled(n: Any, x: Any) -> Any:
    x, ratio = n.with_rank(x, 4, "value"), n.attrs["pooling_ratio"]
    if len(ratio) != 4:
        n.fail(f"pooling_ratio must have 4 entries, not {len(ratio)}")
    if min(ratio) < 0:
        n.fail(f"pooling_ratio must not be negative, and is {ratio}")
    sizes = tuple(None if s is None else _windows(s, r) if r else None for s, r in zip(x, ratio))
    # TensorFlow's inference forgets where the last window ends
    return [sizes, *((None if s is None else s + 1,) for s in sizes[1:3])]


def _sequence(length: int, many: int, rng: Philox, pseudo: bool) -> Any:
    """Where each of ``many`` windows over so many lines begins, and where the last one ends."""
    each, more = divmod(length, many)
    if not more:
        return np.arange(many + 1) * each
    if pseudo:
        alpha = length / many
        bound = min((each + 2) / alpha - 1, (length + 1 - each) / alpha - (many - 1))
        u = _real(rng.words(rng.reserve(1), 1).reshape(-1)[:2]) * bound
        inner = [ceil(alpha * (i + u)) - 1 for i in range(1, many)]
        return np.array([0, *inner, length])
    sizes = [each + 1] * more + [each] * (many - more)
    groups = -(-many // 4)
    words = rng.words(rng.reserve(groups), groups).reshape(-1)
    for i, word in zip(range(many - 1), words.tolist()):
        j = i + word % (many - i)
        sizes[i], sizes[j] = sizes[j], sizes[i]
    return np.concatenate([[0], np.cumsum(sizes)])


def _real(words: Any) -> float:
    """Of two words a number of [0, 1) with 52 bits, as TensorFlow's SimplePhilox makes it."""
    first, second = (int(w) for w in words)
    bits = np.uint64(1023 << 52 | (first & 0xfffff) << 32 | second)
    return float(bits.view(np.float64)) - 1.0


def _kernel(n: Any, reduce: Any) -> Any:
    attrs = n.attrs
    seeds = attrs["seed"], attrs["seed2"]
    if not attrs["deterministic"] and any(seeds):
        raise InvalidArgument("Both seed and seed2 should be 0 if deterministic is false.")
    ratio = attrs["pooling_ratio"]
    if ratio[0] != 1 or ratio[3] != 1:
        raise InvalidArgument("Fractional pooling is not yet supported on the batch nor channel dimension.")
    if min(ratio) < 1:
        raise InvalidArgument(f"pooling_ratio cannot be smaller than 1, got: {min(ratio):g}")
    rng = new_stream(n) if n.state is None else stream(n)

    def pool(x: Any) -> Any:
        if x.ndim != 4:
            raise InvalidArgument("tensor_in must be 4-dimensional")
        for size, r in zip(x.shape, ratio):
            if size < r:
                raise InvalidArgument("Pooling ratio must not be larger than the size of the input")
        if attrs["deterministic"]:
            # each run draws what the first one drew
            rng.counter = rng.counter >> 64 << 64
        rows, columns = (_sequence(size, _windows(size, r), rng, attrs["pseudo_random"])
                         for size, r in zip(x.shape[1:3], ratio[1:3]))
        out = reduce(x, rows, columns)
        return out, rows.astype(np.int64), columns.astype(np.int64)

    return pool


def _along(x: Any, axis: int, starts: Any, over: bool, add: Any, out: Any = None) -> Any:
    """Windows along an axis as one, by ``add``: from each of these lines to the next. over: whether each has the first
    line of the next too, the last one that at the end, if there is one."""
    before = (slice(None),) * axis
    out = add.reduceat(x[*before, :starts[-1]], starts[:-1], axis, out=out)
    if over:
        shared = starts[1:] if starts[-1] < x.shape[axis] else starts[1:-1]
        some = out[*before, :len(shared)]
        add(some, np.take(x, shared, axis), out=some)
    return out


def _blocks(batch: int, wide: int, lines: int, high: int) -> tuple[int, int]:
    """(images, lines of windows) that are made at a time. wide: elements of a line. lines: of an image."""
    images = min(batch, SOME // max(1, wide * lines))
    return (images, high) if images else (1, min(high, max(1, SOME * high // max(1, wide * lines))))


def _in_blocks(n: Any, out: Any, wide: int, lines: int, make: Any) -> None:
    """``make(images, first, last)`` for the lines of windows, or of images, ``[batch, lines, ...]`` of a result."""
    batch, high = out.shape[:2]
    images, many = _blocks(batch, wide, lines, high)
    parts = -(-high // max(1, many))

    def some(k: int) -> None:
        i, first = k // parts * images, k % parts * many
        make(slice(i, i + images), first, min(high, first + many))

    n.each(-(-batch // max(1, images)) * parts, some)


def _at_once(n: Any, wide: int, lines: int) -> tuple[int, int]:
    """(images, lines) that all threads hold."""
    batch, high = n.outs[0][:2]
    images, many = _blocks(batch, wide, lines, high)
    parts = -(-batch // max(1, images)) * -(-high // max(1, many))
    return images * min(n.threads, parts), many


def _reduced(n: Any, add: Any, divide: Any = None) -> Any:
    """The windows of images as one each, by ``add``, some lines of them at a time."""
    over = n.attrs["overlapping"]

    def reduce(x: Any, rows: Any, columns: Any) -> Any:
        rows, columns = rows.astype(int), columns.astype(int)
        out = np.empty((len(x), len(rows) - 1, len(columns) - 1, x.shape[3]), x.dtype)
        down, across = _counts(rows, over), _counts(columns, over)

        def make(images: slice, first: int, last: int) -> None:
            seen = x[images, rows[first]:rows[last] + over]
            lines = _along(seen, 1, rows[first:last + 1] - rows[first], over, add)
            found = _along(lines, 2, columns, over, add, out[images, first:last])
            if divide is not None:
                divide(found, (down[first:last, None] * across)[:, :, None].astype(x.dtype))

        _in_blocks(n, out, x.shape[2] * x.shape[3], x.shape[1], make)
        return out

    return reduce


def _counts(starts: Any, over: bool) -> Any:
    many = np.diff(starts)
    if over:
        many = many.copy()
        many[:-1] += 1
    return many


def _divided(total: Any, many: Any) -> None:
    """Sums into means; of whole numbers cut off towards 0."""
    if total.dtype.kind == "f":
        total /= many
    else:
        total[...] = np.sign(total) * (abs(total) // many)


def _scratch(n: Any, means: int) -> int:
    """Bytes of some lines of windows, and of what of them is taken twice. means: how many copies of the windows a mean
    takes."""
    _, height, width, channels = n.shapes[0]
    wide, twice = n.outs[0][2], n.attrs["overlapping"]
    images, many = _at_once(n, width * channels, height)
    return int(n.width() * channels * images * many * max(width * (1 + twice), width + wide * twice, wide * means))


@op
class FractionalMaxPool:
    """The greatest value of each window, and where windows begin (tf.nn.fractional_max_pool)."""

    signature = "value: T -> output: T, row_pooling_sequence: int64, col_pooling_sequence: int64"
    attrs = RATIO
    cpu_only = True
    infer = _pooled

    def kernel(n: Any) -> Any:
        return _kernel(n, _reduced(n, np.maximum))

    def scratch(n: Any) -> int:
        return _scratch(n, 0)

    def gradient(tf: Any, op: Any, grad: Any, *unused: Any) -> Any:
        return [tf.apply_op("FractionalMaxPoolGrad", None, [op.inputs[0], op.outputs[0], grad, *op.outputs[1:]],
                            {"overlapping": op.attrs["overlapping"]})]


@op
class FractionalAvgPool:
    """The mean of each window, and where windows begin (tf.nn.fractional_avg_pool)."""

    signature = "value: T -> output: T, row_pooling_sequence: int64, col_pooling_sequence: int64"
    attrs = RATIO
    cpu_only = True
    infer = _pooled

    def kernel(n: Any) -> Any:
        return _kernel(n, _reduced(n, np.add, _divided))

    def scratch(n: Any) -> int:
        return _scratch(n, 0 if n.node.inputs[0].dtype.base_dtype.is_floating else 3)

    def gradient(tf: Any, op: Any, grad: Any, *unused: Any) -> Any:
        return [tf.apply_op("FractionalAvgPoolGrad", None, [
            tf.shape(op.inputs[0], out_type=tf.int64), grad, *op.outputs[1:]],
                            {"overlapping": op.attrs["overlapping"]})]


def _fits(starts: Any, lines: int, given: int) -> None:
    if starts.ndim != 1 or len(starts) != given + 1 or (np.diff(starts) < 0).any() or given and (
            starts[0] != 0 or starts[-1] > lines):
        raise InvalidArgument(f"a pooling sequence {starts.tolist()} does not cut {lines} lines into {given}")


def _over(starts: Any, lines: int, over: bool) -> tuple[list[Any], Any]:
    """(which windows each line is of, in their order: the first of each line, the second, ..., -1 for none; how many
    lines each window has, at least 1)."""
    ends = np.minimum(starts[1:] + over, lines)
    many = ends - starts[:-1]
    window = np.repeat(np.arange(len(many)), many)
    line = np.arange(len(window)) + np.repeat(ends - np.cumsum(many), many)
    order = np.argsort(line, kind="stable")
    window, line = window[order], line[order]
    place = np.arange(len(line)) - np.searchsorted(line, line)
    found = np.full((int(place.max(initial=-1)) + 1, lines), -1)
    found[place, line] = window
    return list(found), np.maximum(many, 1)


@op
class FractionalMaxPoolGrad:
    """The gradient of FractionalMaxPool: of each window to the first of its greatest values."""

    signature = ("orig_input: T, orig_output: T, out_backprop: T, row_pooling_sequence: int64, "
                 "col_pooling_sequence: int64 -> output: T")
    takes = "orig_output: [?, ?, ?, ?] run; out_backprop: [?, ?, ?, ?] run"
    attrs = GRAD
    cpu_only = True
    gradient = undefined_gradient

    def infer(n: Any, x: Any, *others: Any) -> Any:
        return n.with_rank(x, 4, "orig_input")

    def kernel(n: Any) -> Any:
        over = n.attrs["overlapping"]

        def back(x: Any, y: Any, g: Any, rows: Any, columns: Any) -> Any:
            if g.shape != y.shape:
                raise InvalidArgument(f"out_backprop has the shape {list(g.shape)}, not {list(y.shape)}")
            _fits(rows, x.shape[1], y.shape[1])
            _fits(columns, x.shape[2], y.shape[2])
            out = np.zeros_like(x)
            batch, channel = np.ogrid[:x.shape[0], :x.shape[3]]
            for i in range(y.shape[1]):
                lines = slice(rows[i], min(rows[i + 1] + over, x.shape[1]))
                for j in range(y.shape[2]):
                    part = x[:, lines, columns[j]:min(columns[j + 1] + over, x.shape[2])]
                    wide = part.shape[2]
                    at = part.reshape(len(x), -1, x.shape[3]).argmax(1)
                    out[batch, rows[i] + at // wide, columns[j] + at % wide, channel] += g[:, i, j]
            return out

        return back


@op
class FractionalAvgPoolGrad:
    """The gradient of FractionalAvgPool: of each window in equal shares to its values."""

    signature = ("orig_input_tensor_shape: int64, out_backprop: T, row_pooling_sequence: int64, "
                 "col_pooling_sequence: int64 -> output: T")
    takes = "orig_input_tensor_shape: [4] run; out_backprop: [?, ?, ?, ?] run"
    attrs = GRAD
    cpu_only = True
    gradient = undefined_gradient

    def infer(n: Any, shape: Any, *others: Any) -> Any:
        found = n.shape_value(0)
        return (None,) * 4 if found is None else found

    def kernel(n: Any) -> Any:
        over = n.attrs["overlapping"]

        def back(shape: Any, g: Any, rows: Any, columns: Any) -> Any:
            full = [int(s) for s in shape]
            if g.shape[0] != full[0] or g.shape[3] != full[3]:
                raise InvalidArgument(f"out_backprop has the shape {list(g.shape)}, the input {full}")
            _fits(rows, full[1], g.shape[1])
            _fits(columns, full[2], g.shape[2])
            out = np.empty(full, g.dtype)
            down, high = _over(rows, full[1], over)
            across, wide = _over(columns, full[2], over)

            def make(images: slice, first: int, last: int) -> None:
                # in double precision, and in the order of the windows, as TensorFlow adds them
                total = np.zeros(out[images, first:last].shape)
                for row in down:
                    at = np.flatnonzero(row[first:last] >= 0)
                    here = row[first:last][at]
                    for column in across:
                        where = np.flatnonzero(column >= 0)
                        there = column[where]
                        part = g[images, here[:, None], there]
                        part = part / (high[here, None] * wide[there])[:, :, None].astype(g.dtype)
                        if len(at) == last - first and len(where) == full[2]:
                            total += part
                        else:
                            total[:, at[:, None], where] += part
                out[images, first:last] = total

            _in_blocks(n, out, full[2] * full[3], 4 * full[1], make)
            return out

        return back

    def scratch(n: Any) -> int:
        _, height, width, channels = n.outs[0]
        images, many = _at_once(n, width * channels, 4 * height)
        return int(images * many * width * channels * (16 + n.out_width()))
