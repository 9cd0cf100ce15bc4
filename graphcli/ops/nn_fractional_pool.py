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
        out = reduce(x, rows, columns, attrs["overlapping"])
        return out, rows.astype(np.int64), columns.astype(np.int64)

    return pool


def _along(x: Any, axis: int, starts: Any, over: bool, add: Any) -> Any:
    """Windows along an axis as one, by ``add``. over: whether each has the first line of the next too."""
    out = add.reduceat(x, starts[:-1].astype(int), axis)
    if over and len(starts) > 2:
        lines, seen = [slice(None)] * x.ndim, [slice(None)] * x.ndim
        lines[axis], seen[axis] = slice(0, -1), starts[1:-1].astype(int)
        out[tuple(lines)] = add(out[tuple(lines)], x[tuple(seen)])
    return out


def _greatest(x: Any, rows: Any, columns: Any, over: bool) -> Any:
    return _along(_along(x, 1, rows, over, np.maximum), 2, columns, over, np.maximum)


def _counts(starts: Any, over: bool) -> Any:
    many = np.diff(starts)
    if over:
        many = many.copy()
        many[:-1] += 1
    return many


def _mean(x: Any, rows: Any, columns: Any, over: bool) -> Any:
    total = _along(_along(x, 1, rows, over, np.add), 2, columns, over, np.add)
    many = (_counts(rows, over)[:, None] * _counts(columns, over))[:, :, None].astype(x.dtype)
    if x.dtype.kind == "f":
        return total / many
    return (np.sign(total) * (abs(total) // many)).astype(x.dtype)


def _scratch(n: Any) -> int:
    return int(n.bytes(0))


@op
class FractionalMaxPool:
    """The greatest value of each window, and where windows begin (tf.nn.fractional_max_pool)."""

    signature = "value: T -> output: T, row_pooling_sequence: int64, col_pooling_sequence: int64"
    attrs = RATIO
    cpu_only = True
    infer, scratch = _pooled, _scratch

    def kernel(n: Any) -> Any:
        return _kernel(n, _greatest)

    def gradient(tf: Any, op: Any, grad: Any, *unused: Any) -> Any:
        return [tf.apply_op("FractionalMaxPoolGrad", None, [op.inputs[0], op.outputs[0], grad, *op.outputs[1:]],
                            {"overlapping": op.attrs["overlapping"]})]


@op
class FractionalAvgPool:
    """The mean of each window, and where windows begin (tf.nn.fractional_avg_pool)."""

    signature = "value: T -> output: T, row_pooling_sequence: int64, col_pooling_sequence: int64"
    attrs = RATIO
    cpu_only = True
    infer, scratch = _pooled, _scratch

    def kernel(n: Any) -> Any:
        return _kernel(n, _mean)

    def gradient(tf: Any, op: Any, grad: Any, *unused: Any) -> Any:
        return [tf.apply_op("FractionalAvgPoolGrad", None, [
            tf.shape(op.inputs[0], out_type=tf.int64), grad, *op.outputs[1:]],
                            {"overlapping": op.attrs["overlapping"]})]


def _fits(starts: Any, lines: int, given: int) -> None:
    if starts.ndim != 1 or len(starts) != given + 1 or (np.diff(starts) < 0).any() or given and (
            starts[0] != 0 or starts[-1] > lines):
        raise InvalidArgument(f"a pooling sequence {starts.tolist()} does not cut {lines} lines into {given}")


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
            out = np.zeros(full, np.float64)
            for i in range(g.shape[1]):
                lines = slice(rows[i], min(rows[i + 1] + over, full[1]))
                for j in range(g.shape[2]):
                    some = out[:, lines, columns[j]:min(columns[j + 1] + over, full[2])]
                    some += (g[:, i, j] / max(1, some.shape[1] * some.shape[2]))[:, None, None]
            return out.astype(g.dtype)

        return back
