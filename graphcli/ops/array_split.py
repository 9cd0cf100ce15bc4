"""Tensors taken apart: in parts along an axis, or in slices."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.opdef import op
from ._axes import axis_in


def _cut(x: Any, axis: int, ends: Any) -> list[Any]:
    """The parts of x between ends, as views (np.split takes 2 us a part)."""
    lead = (slice(None),) * (axis % x.ndim)
    return [x[(*lead, slice(start, end))] for start, end in zip((0, *ends), ends)]


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
        axis, number = n.attrs["axis"], n.attrs["num"]

        def unpack(x: Any) -> Any:
            at = _axis(axis, x, "axis")
            if x.shape[at] != number:
                raise RunError(f"axis {axis} has {x.shape[at]} rows, not {number}")
            lead = (slice(None),) * (at % x.ndim)
            return [x[(*lead, i)] for i in range(number)]

        return unpack

    def gradient(tf: Any, op: Any, *grads: Any) -> Any:
        full = [tf.zeros_like(o) if g is None else g for o, g in zip(op.outputs, grads)]
        return [tf.stack(full, axis=op.attrs["axis"])]


def _axis(axis: Any, x: Any, name: str = "split_dim") -> int:
    """The axis as a number. Raises RunError where the array has none of it."""
    at, rank = int(axis), len(x.shape)
    if not -rank <= at < rank:
        raise RunError(f"-input rank(-{rank}) <= {name} < input rank ({rank}), but got {at}")
    return at


@op
class Split:
    """Equal parts along an axis (tf.split of a number)."""

    signature = "split_dim: int32, value: T -> output: num_split*T"
    takes = "split_dim: [] run"
    host_memory = "split_dim"
    attrs = "num_split: int >= 1; T: type"

    def infer(n: Any, axis: Any, x: Any) -> Any:
        number, value = n.attrs["num_split"], n.value(0)
        if x is None:
            return [None] * number
        if value is None:
            return [(None,) * len(x)] * number
        n.with_rank(value.shape, 0, "split_dim")
        at = axis_in(n, int(value), len(x), "split_dim")
        if x[at] is not None and x[at] % number:
            n.fail(f"axis {at} of size {x[at]} cannot be split into {number} equal parts")
        return [x[:at] + (None if x[at] is None else x[at] // number,) + x[at + 1:]] * number

    def kernel(n: Any) -> Any:
        number = n.attrs["num_split"]

        def split(axis: Any, x: Any) -> Any:
            at = _axis(axis, x)
            each, rest = divmod(x.shape[at], number)
            if rest:
                raise RunError(f"axis {at} of size {x.shape[at]} cannot be split into {number} equal parts")
            return _cut(x, at, [each * i for i in range(1, number + 1)])

        return split

    def gradient(tf: Any, op: Any, *grads: Any) -> Any:
        full = [tf.zeros_like(o) if g is None else g for o, g in zip(op.outputs, grads)]
        return [None, tf.concat(full, op.inputs[0])]


@op
class SplitV:
    """Parts of given sizes along an axis (tf.split of a list)."""

    signature = "value: T, size_splits: Tlen, split_dim: int32 -> output: num_split*T"
    host_memory = "size_splits, split_dim"
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
            if min(given, default=0) < -1 or given.count(-1) > 1:
                n.fail(f"sizes are not negative, but for one -1: {given}")
            rest = None if x[a] is None else x[a] - sum(v for v in given if v >= 0)
            if rest is not None and (rest < 0 or rest and -1 not in given):
                n.fail(f"the sizes {given} do not make the {x[a]} of axis {a}")
            parts = [rest if v == -1 else v for v in given]
        return [x[:a] + (p,) + x[a + 1:] for p in parts]

    def kernel(n: Any) -> Any:
        number = n.attrs["num_split"]

        def split(x: Any, sizes: Any, axis: Any) -> Any:
            at, given = _axis(axis, x), sizes.tolist()
            if len(given) != number:
                raise RunError(f"size_splits has {len(given)} elements, there are {number} parts")
            if number == 1 and given[0] != x.shape[at]:
                raise RunError(f"the one size {given[0]} is not the {x.shape[at]} of axis {at}")
            if given.count(-1) > 1:
                raise RunError(f"only one of the sizes may be -1, not {given}")
            rest = x.shape[at] - sum(v for v in given if v >= 0)
            if min(given) < -1 or rest < 0 or rest and -1 not in given:
                raise RunError(f"the sizes {given} do not make the {x.shape[at]} of axis {at}")
            ends, total = [], 0
            for v in given:
                total += rest if v == -1 else v
                ends.append(total)
            return _cut(x, at, ends)

        return split

    def gradient(tf: Any, op: Any, *grads: Any) -> Any:
        full = [tf.zeros_like(o) if g is None else g for o, g in zip(op.outputs, grads)]
        return [tf.concat(full, op.inputs[2]), None, None]
