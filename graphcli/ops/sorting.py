"""Order: the greatest elements, the n-th one, places in sorted rows."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.opdef import op, undefined_gradient
from . import _counted as counted
from . import _packed as packed
from . import _ranges as ranges
from ._packed import LONG, fits

PART = 1 << 16
"""Elements that are looked up at a time."""

LONGER = 1 << 18
"""Elements of a row from which its n-th one is looked for between two others."""
SMALL = 64
"""Elements of 16 bits are counted where the greatest of them are no smaller part of a row."""


def greatest(xp: Any, x: Any, k: int) -> Any:
    """Places of the k greatest of the last axis in falling order; of equals the first comes first, NaN last."""
    if x.dtype.kind in "iub" and x.dtype.kind != "i":
        key = ~x
    elif x.dtype.kind == "i":
        key = ~x
    else:
        key = -x.astype(xp.float32) if x.dtype.itemsize == 2 else -x
    if k == 1 and x.shape[-1]:
        return xp.expand_dims(xp.argmin(xp.where(xp.isnan(key), xp.inf, key) if key.dtype.kind == "f" else key, -1), -1)
    return xp.argsort(key, axis=-1, kind="stable")[..., :k]


def _top_shape(n: Any, x: Any, k: Any = ()) -> Any:
    n.at_least_rank(x, 1, "input")
    if "k" in n.attrs:
        count = n.attrs["k"]
    else:
        value = n.value(1)
        count = None if value is None else int(value)
    if count is not None and count < 0:
        n.fail(f"k is at least 0, not {count}")
    if x is None:
        return [None, None]
    if count is not None and x[-1] is not None and x[-1] < count:
        n.fail(f"the last axis has {x[-1]} elements, fewer than k = {count}")
    shape = (*x[:-1], count)
    return [shape, shape]


def _top_kernel(n: Any) -> Any:
    xp, dtype, index, fixed = n.xp, n.dtype(), n.dtype(1), n.attrs.get("k")

    def top(x: Any, k: Any = fixed) -> Any:
        k = int(k)
        if k < 0:
            raise RunError(f"Need k >= 0, got {k}")
        if k > x.shape[-1]:
            raise RunError(f"input must have at least k columns: it has {x.shape[-1]}, k is {k}")
        found_by = way(x.shape[-1], k, x.dtype.itemsize) if xp.__name__ == "numpy" and k > 1 and x.size else None
        if xp.__name__ == "numpy" and k == 1 and x.shape[-1] > 2 * LONG:
            # the first of the greatest of parts
            many = -(-x.shape[-1] // LONG)
            parts = [greatest(xp, x[..., i * LONG:(i + 1) * LONG], 1) + i * LONG for i in range(many)]
            found = xp.concatenate(parts, -1)
            best = greatest(xp, xp.take_along_axis(x, found, -1), 1)
            places = xp.take_along_axis(found, best, -1)
        elif found_by is not None:
            return found_by.greatest(x, k, index, n.each)
        elif xp.__name__ == "numpy" and k > 1 and fits(x.dtype):
            places = packed.greatest(x, k, index, n.each)
        else:
            places = greatest(xp, x, k)
        return xp.take_along_axis(x, places, -1).astype(dtype, copy=False), places.astype(index, copy=False)

    return top


def way(row: int, k: int, width: int) -> Any:
    """How the k > 1 greatest of rows are found where some of a row are looked at at a time; None for whole rows."""
    if row <= LONG:
        return None
    if width < 4 and k > row // SMALL:
        return counted
    # whole keys of 32 bits lie where the results will
    return None if width == 4 and k > row * 3 // 4 else ranges


def _top_scratch(n: Any) -> int:
    """Keys that turn the order round, and the place of every element."""
    size, width, row = n.size(), n.wide(), max(1, n.shapes[0][-1])
    k = n.outs[0][-1] if n.outs[0] else 0
    found_by = way(row, k, n.width()) if k > 1 else None
    if found_by is not None:
        return int(found_by.taken(row, n.width(), (n.out_width() + n.out_width(1)) * k, k))
    if k > 1 and n.width() <= 4:
        return packed.scratch(size // row, row, k, n.out_bytes(), n.out_bytes(1))
    if k == 1 and row > 2 * LONG:
        size = size // row * LONG
    if n.outs[0][-1:] == (1,):
        return int(size * (2 * width + 1 if n.node.inputs[0].dtype.base_dtype.is_floating else width))
    return int(max(size * (width + 8) - n.out_bytes() - n.out_bytes(1), size * 8))


def _top_gradient(tf: Any, op: Any, grad: Any, _: Any) -> Any:
    """The gradient goes back to where the values came from."""
    x, places = op.inputs[0], op.outputs[1]
    shape, taken = tf.shape(x), tf.shape(places)
    many = tf.gather(tf.cast(taken, "int64"), tf.size(taken) - 1)
    rows = tf.reshape(places, tf.stack([-1, many]))
    last = tf.gather(tf.cast(shape, "int64"), tf.size(shape) - 1)
    count = tf.shape(rows)[0]
    starts = tf.expand_dims(tf.range(0, tf.cast(count, "int64") * last, last), -1)
    flat = tf.reshape(rows + tf.cast(starts, places.dtype), [-1])
    out = tf.scatter_nd(tf.expand_dims(flat, -1), tf.reshape(grad, [-1]), [tf.reduce_prod(shape)])
    out = tf.reshape(out, shape)
    if len(op.inputs) == 1:
        return [out]
    # k is a number; TensorFlow gives it zeros
    return [out, tf.zeros([], "int32")]


@op
class TopKV2:
    """The k greatest of the last axis and where they are (tf.nn.top_k)."""

    signature = "input: T, k: Tk -> values: T, indices: index_type"
    takes = "k: [] run"
    host_memory = "k"
    attrs = ("sorted: bool = True; T: {realnumbertype}; Tk: {int16, int32, int64} = int32; "
             "index_type: {int16, int32, int64} = int32")
    parts = {"input": 1}
    infer = _top_shape
    kernel = _top_kernel
    scratch = _top_scratch
    gradient = _top_gradient


@op
class TopK:
    """The k greatest of the last axis and where they are (of older graphs)."""

    signature = "input: T -> values: T, indices: int32"
    attrs = "k: int >= 0; sorted: bool = True; T: {realnumbertype}"
    parts = {"input": 1}
    infer = _top_shape
    kernel = _top_kernel
    scratch = _top_scratch
    gradient = _top_gradient


@op
class NthElement:
    """The n-th least (or greatest) of the last axis (tf.nn.nth_element)."""

    signature = "input: T, n: int32 -> values: T"
    takes = "n: [] run"
    host_memory = "n"
    attrs = "reverse: bool = False; T: {realnumbertype}"
    parts = {"input": 1}

    def infer(n: Any, x: Any, which: Any) -> Any:
        n.at_least_rank(x, 1, "input")
        value = n.value(1)
        if value is not None:
            n.with_rank(value.shape, 0, "n")
        if value is not None and int(value) < 0:
            n.fail(f"n is at least 0, not {int(value)}")
        if value is not None and x is not None and x[-1] is not None and x[-1] <= int(value):
            n.fail(f"the last axis has {x[-1]} elements, no element {int(value)}")
        return None if x is None else x[:-1]

    def kernel(n: Any) -> Any:
        xp, reverse = n.xp, n.attrs["reverse"]

        def nth(x: Any, which: Any) -> Any:
            at = int(which)
            if not 0 <= at < x.shape[-1]:
                raise RunError(f"Input must have at least n+1 columns: n is {at}, columns {x.shape[-1]}")
            at = x.shape[-1] - 1 - at if reverse else at
            if xp.__name__ != "numpy" or x.shape[-1] <= LONGER:
                return xp.partition(x, at, axis=-1)[..., at]
            return xp.array([ranges.nth(row, at) for row in x.reshape(-1, x.shape[-1])], x.dtype).reshape(x.shape[:-1])

        return nth

    def scratch(n: Any) -> Any:
        row = n.shapes[0][-1] if n.shapes[0] else 0
        return n.bytes() if row <= LONGER else (row // 25 + 2 * ranges.SAMPLED) * n.width()

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x = op.inputs[0]
        here = tf.cast(tf.equal(tf.expand_dims(op.outputs[0], -1), x), grad.dtype.base_dtype)
        number = tf.expand_dims(tf.reduce_sum(here, -1), -1)
        return [tf.expand_dims(grad, -1) * here / number, None]


def _bounds_shape(n: Any, rows: Any, values: Any) -> Any:
    n.with_rank(rows, 2, "sorted_inputs")
    return values if values is None else n.with_rank(values, 2, "values")


def _bounds_kernel(side: str) -> Any:
    def kernel(n: Any) -> Any:
        xp, index = n.xp, n.dtype()

        def search(rows: Any, values: Any) -> Any:
            if len(rows) != len(values):
                raise RunError(f"Leading dim_size of both tensors must match: {len(rows)} and {len(values)}")
            out = xp.empty(values.shape, index)
            for i, row in enumerate(rows):
                for j in range(0, values.shape[1], PART):
                    out[i, j:j + PART] = xp.searchsorted(row, values[i, j:j + PART], side=side)
            return out

        return search

    return kernel


@op
class LowerBound:
    """Where in sorted rows values would go, before their equals (tf.searchsorted)."""

    signature = "sorted_inputs: T, values: T -> output: out_type"
    attrs = "T: type; out_type: {int32, int64} = int32"
    no_kernel = "T: complex64, complex128, bool, string"
    infer = _bounds_shape
    kernel = _bounds_kernel("left")
    gradient = undefined_gradient


@op
class UpperBound:
    """Where in sorted rows values would go, after their equals (tf.searchsorted)."""

    signature = "sorted_inputs: T, values: T -> output: out_type"
    attrs = "T: type; out_type: {int32, int64} = int32"
    no_kernel = "T: complex64, complex128, bool, string"
    infer = _bounds_shape
    kernel = _bounds_kernel("right")
    gradient = undefined_gradient
