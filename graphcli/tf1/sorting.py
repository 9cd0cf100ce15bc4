"""Order: the greatest, sorting, what is distinct, where a value belongs."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType, InvalidValue, did_you_mean, said
from .conversion import constant, convert_to_tensor
from .framework import apply_op, name_scope, raw
from .modules import modules

EXPORTS = """
nn math: top_k in_top_k
tf: sort argsort unique unique_with_counts setdiff1d searchsorted
debugging math: is_strictly_increasing is_non_decreasing
tf: is_strictly_increasing is_non_decreasing
"""

tf = modules["tf"]
unique = raw("Unique")
unique_with_counts = raw("UniqueWithCounts")


def top_k(input: Any, k: Any = 1, sorted: bool = True, index_type: Any = "int32", name: str | None = None) -> Any:
    """The k greatest of the last axis and where they are: values, indices (tf.nn.top_k)."""
    return apply_op("TopKV2", name, [input, k], {"sorted": sorted, "index_type": index_type})


def in_top_k(predictions: Any, targets: Any, k: Any, name: str | None = None) -> Any:
    """Whether the target of each row is among its k greatest (tf.nn.in_top_k)."""
    with name_scope(name, "in_top_k"):
        return apply_op("InTopKV2", name, [predictions, targets, k])


def setdiff1d(x: Any, y: Any, index_dtype: Any = "int32", name: str | None = None) -> Any:
    """What of x is not in y, and where: out, idx (tf.setdiff1d)."""
    return apply_op("ListDiff", name, [x, y], {"out_idx": index_dtype})


def sort(values: Any, axis: Any = -1, direction: str = "ASCENDING", name: str | None = None) -> Any:
    """The values in order along an axis (tf.sort)."""
    with name_scope(name, "sort"):
        return _sorted(values, axis, direction, False)


def argsort(values: Any, axis: Any = -1, direction: str = "ASCENDING", stable: bool = False,
            name: str | None = None) -> Any:
    """Where the values in order come from along an axis (tf.argsort)."""
    with name_scope(name, "argsort"):
        return _sorted(values, axis, direction, True)


def _sorted(values: Any, axis: Any, direction: str, positions: bool) -> Any:
    from ..graph.constant import static_value

    if direction not in ("ASCENDING", "DESCENDING"):
        raise InvalidValue(f"direction is ASCENDING or DESCENDING, not {said(direction)}",
                           hint=did_you_mean(direction, ("ASCENDING", "DESCENDING")))
    known = static_value(convert_to_tensor(axis, name="axis"))
    if known is None or known.ndim:
        raise InvalidValue(f"the axis of a sort is one known number, not {said(axis)}")
    at = int(known)
    x = convert_to_tensor(values, name="values")
    if direction == "DESCENDING":
        return _descending(x, at, positions)
    if x.dtype.is_unsigned:
        top = x.dtype.max
        out = _descending(top - x, at, positions)
        return out if positions else top - out
    if x.dtype.is_integer:
        out = _descending(-x - 1, at, positions)
        return out if positions else -out - 1
    out = _descending(-x, at, positions)
    return out if positions else -out


def _descending(x: Any, axis: int, positions: bool) -> Any:
    import numpy as np

    k = tf.shape(x)[axis]
    rank = tf.rank(x)
    static = None if x.static is None else len(x.static)
    turn: Any = None
    if axis != -1 and axis + 1 != static:
        if static is not None:
            at = axis + static if axis < 0 else axis
            turn = constant(np.r_[np.arange(at), [static - 1], np.arange(at + 1, static - 1), [at]],
                            name="transposition")
        else:
            place = axis + rank if axis < 0 else axis
            turn = tf.tensor_scatter_update(tf.range(rank), [[place], [rank - 1]], [rank - 1, place])
        x = tf.transpose(x, turn)
    found = apply_op("TopKV2", None, [x, k], {"sorted": True})
    out = found.indices if positions else found.values
    return out if turn is None else tf.transpose(out, turn)


def searchsorted(sorted_sequence: Any, values: Any, side: str = "left", out_type: Any = "int32",
                 name: str | None = None) -> Any:
    """Where each value would go in sorted rows (tf.searchsorted)."""
    from .segments import _shape_of

    if side not in ("left", "right"):
        raise InvalidValue(f"searchsorted: side is left or right, not {said(side)}")
    size = _shape_of(sorted_sequence)[-1]
    wanted = _shape_of(values)[-1]
    rows = tf.reshape(sorted_sequence, [-1, size])
    values_2d = tf.reshape(values, [-1, wanted])
    out = apply_op("LowerBound" if side == "left" else "UpperBound", name, [rows, values_2d], {"out_type": out_type})
    return tf.reshape(out, _shape_of(values))


def _in_order(x: Any, compare: Any) -> Any:
    """Whether each element stands so to the one before it; no answer where there is none before."""
    x = tf.reshape(x, [-1])
    if not (x.dtype.is_floating or x.dtype.is_integer or x.dtype.is_complex):
        raise InvalidType(f"{x.dtype.base_dtype.name} has no order; x is to be of numbers")
    short = tf.less(tf.size(x), 2)
    steps = tf.shape(x) - 1
    return tf.cond(short, lambda: convert_to_tensor([], dtype="bool"),
                   lambda: compare(tf.strided_slice(x, [1], [1] + steps), tf.strided_slice(x, [0], steps)))


def is_non_decreasing(x: Any, name: str | None = None) -> Any:
    """Whether no element is smaller than the one before (tf.is_non_decreasing)."""
    with name_scope(name, "is_non_decreasing"):
        return tf.reduce_all(_in_order(x, tf.greater_equal))


def is_strictly_increasing(x: Any, name: str | None = None) -> Any:
    """Whether each element is greater than the one before (tf.is_strictly_increasing)."""
    with name_scope(name, "is_strictly_increasing"):
        return tf.reduce_all(_in_order(x, tf.greater))
