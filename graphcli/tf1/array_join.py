"""Tensors joined, taken apart, repeated, padded and turned round."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidType, InvalidValue, said
from ..graph.dimension import Dimension
from ..graph.graph import Tensor
from ..graph.types import int32
from .conversion import IndexedSlices, convert_to_tensor, is_tensor
from .framework import apply_op, name_scope
from .modules import modules
from .old_names import renamed

EXPORTS = """
tf: concat stack unstack parallel_stack split tile pad reverse reverse_v2=reverse reverse_sequence roll
tf: invert_permutation repeat unravel_index
math: invert_permutation
manip: roll
manip: reverse tile
"""

tf = modules["tf"]


def concat(values: Any, axis: Any, name: str = "concat") -> Any:
    """Tensors joined along an axis (tf.concat); one tensor is passed on by an Identity."""
    if not isinstance(values, (list, tuple)):
        values = [values]
    if len(values) == 1:
        with name_scope(name):
            at = convert_to_tensor(axis, name="concat_dim", dtype=int32)
            if at.static not in (None, ()):
                listed = isinstance(axis, (list, tuple))
                raise InvalidValue(f"the axis of a concat is one number, not {'a list' if listed else said(axis)}",
                                   hint="concat(values, axis)" if listed else None)
            return tf.identity(values[0], name=name)
    return apply_op("ConcatV2", name, [values, axis])


def stack(values: Any, axis: int = 0, name: str = "stack") -> Any:
    """Tensors as rows of a new axis (tf.stack); constants make one Const."""
    if axis == 0 and isinstance(values, (list, tuple)) and any(isinstance(v, IndexedSlices) for v in values):
        if any(isinstance(v, Tensor) for v in values):
            # TensorFlow begins to pack them, and leaves the name behind
            with name_scope(name):
                pass
    elif axis == 0:
        try:
            return convert_to_tensor(values, name=name)
        except (TypeError, ValueError):
            pass
    if not isinstance(values, (list, tuple)) or not values:
        raise InvalidValue("stack needs a list of at least one tensor")
    static = convert_to_tensor(values[0], name=name).static
    if static is not None:
        _check_axis(axis, len(static) + 1)
    return apply_op("Pack", name, [values], {"axis": axis})


def _check_axis(axis: int, rank: int) -> None:
    if not -rank <= axis < rank:
        raise InvalidValue(f"axis {axis} is not in [{-rank}, {rank})")


def parallel_stack(values: Any, name: str = "parallel_stack") -> Any:
    """Tensors of known shape as rows of a new first axis (tf.parallel_stack)."""
    with name_scope(name):
        first = convert_to_tensor(values[0])
        if first.static is None or None in first.static:
            raise InvalidValue(f"parallel_stack needs known shapes, {first.name} has shape {first.shape}")
        shape = (len(values), *first.static)
        return apply_op("ParallelConcat", None, [[tf.expand_dims(v, 0) for v in values]], {"shape": shape})


def unstack(value: Any, num: int | None = None, axis: int = 0, name: str = "unstack") -> Any:
    """The rows of an axis, a list (tf.unstack). Raises InvalidValue if their number is unknown."""
    if num is None:
        value = convert_to_tensor(value)
        if value.static is not None:
            _check_axis(axis, len(value.static))
            num = value.static[axis]
        if num is None:
            raise InvalidValue(f"unstack cannot know how many rows {value.name} has: its shape is {value.shape}",
                               hint="give num=")
    return apply_op("Unpack", name, [value], {"num": num, "axis": axis})


def split(value: Any, num_or_size_splits: Any, axis: Any = 0, num: int | None = None, name: str = "split") -> Any:
    """Equal parts (a number) or parts of given sizes (a list) along an axis, a list (tf.split)."""
    if isinstance(num_or_size_splits, (int, np.integer, Dimension)):
        return apply_op("Split", name, [axis, value], {"num_split": num_or_size_splits})
    sizes = convert_to_tensor(num_or_size_splits)
    if sizes.static == ():
        raise InvalidValue("split takes a Python number or a list of sizes, not a scalar tensor")
    if num is None:
        num = sizes.static[0] if sizes.static else None
        if num is None:
            raise InvalidValue(f"split cannot know how many parts {sizes.name} asks for", hint="give num=")
    return apply_op("SplitV", name, [value, sizes, axis], {"num_split": num})


def tile(input: Any, multiples: Any, name: str | None = None) -> Any:
    """Repeated along each axis (tf.tile)."""
    return apply_op("Tile", name, [input, multiples])


def pad(tensor: Any, paddings: Any, mode: str = "CONSTANT", name: str | None = None, constant_values: Any = 0) -> Any:
    """Values around (tf.pad): constant_values, or the inside mirrored (REFLECT, SYMMETRIC)."""
    mode = mode.upper()
    if mode == "CONSTANT":
        if not is_tensor(constant_values) and np.ndim(constant_values) == 0 and not constant_values:
            result = apply_op("Pad", name, [tensor, paddings])
        else:
            result = apply_op("PadV2", name, [tensor, paddings, constant_values])
    elif mode in ("REFLECT", "SYMMETRIC"):
        result = apply_op("MirrorPad", name, [tensor, paddings], {"mode": mode})
    else:
        raise InvalidValue(f"the mode of pad is CONSTANT, REFLECT or SYMMETRIC, not {said(mode)}")
    _set_padded_shape(result, paddings)
    return result


def _set_padded_shape(result: Any, paddings: Any) -> None:
    """The sizes of the axes whose paddings are plain numbers, where some other is not."""
    before = result.op.inputs[0].static
    if before is None or is_tensor(paddings) or result.static is not None and None not in result.static:
        return
    sizes: list[int | None] = []
    for size, pair in zip(before, paddings):
        plain = not is_tensor(pair) and not any(is_tensor(p) or p is None for p in pair)
        sizes.append(int(sum(pair)) + size if plain and size is not None else None)
    result.set_shape(sizes)


def reverse(tensor: Any, axis: Any, name: str | None = None) -> Any:
    """Axes back to front (tf.reverse)."""
    return apply_op("ReverseV2", name, [tensor, axis])


def reverse_sequence(input: Any, seq_lengths: Any, seq_axis: Any = None, batch_axis: Any = None,
                     name: str | None = None, seq_dim: Any = None, batch_dim: Any = None) -> Any:
    """The first seq_lengths[i] entries of row i back to front (tf.reverse_sequence)."""
    seq_axis = renamed("seq_axis", seq_axis, "seq_dim", seq_dim)
    batch_axis = renamed("batch_axis", batch_axis, "batch_dim", batch_dim)
    return apply_op("ReverseSequence", name, [input, seq_lengths], {"seq_dim": seq_axis, "batch_dim": batch_axis})


def roll(input: Any, shift: Any, axis: Any, name: str | None = None) -> Any:
    """Entries moved along axes; what falls off comes in again (tf.roll)."""
    return apply_op("Roll", name, [input, shift, axis])


def invert_permutation(x: Any, name: str | None = None) -> Any:
    """The permutation that undoes another (tf.invert_permutation)."""
    return apply_op("InvertPermutation", name, [x])


def unravel_index(indices: Any, dims: Any, name: str | None = None) -> Any:
    """The coordinates of flat indices in a shape, a row for each axis (tf.unravel_index)."""
    return apply_op("UnravelIndex", name, [indices, dims])


def repeat(input: Any, repeats: Any, axis: int | None = None, name: str | None = None) -> Any:
    """Each entry of an axis ``repeats`` times, one number or one for each entry (tf.repeat)."""
    if axis is None:
        return _repeat(tf.reshape(input, [-1]), repeats, 0, name)
    return _repeat(input, repeats, axis, name)


def _repeat(data: Any, repeats: Any, axis: int, name: str | None) -> Any:
    from .array_fill import _all_axes, sequence_mask, whole_numbers

    with name_scope(name, "Repeat", [data, repeats]):
        data = convert_to_tensor(data, name="data")
        repeats = whole_numbers(repeats, "repeats")
        if repeats.static is not None and len(repeats.static) > 1:
            raise InvalidValue(f"repeats has at most rank 1, not {len(repeats.static)}")
        data = _at_least_vector(data)
        sizes = tf.shape(data, out_type=repeats.dtype)
        axis = positive_axis(axis, None if data.static is None else len(data.static))
        if repeats.static is not None and None not in repeats.static and int(np.prod(repeats.static)) == 1:
            repeats = tf.reshape(repeats, [])
            tiled = tile_axis(tf.expand_dims(data, axis + 1), axis + 1, repeats)
            return tf.reshape(tiled, concat([sizes[:axis], [repeats * sizes[axis]], sizes[axis + 1:]], axis=0))
        if repeats.static is not None and len(repeats.static) == 1:
            if data.static is None:
                raise InvalidType("repeat: repeats of their own for each entry need data of a known rank")
            a, b = data.static[axis], repeats.static[0]
            if a is not None and b is not None and a != b:
                raise InvalidValue(f"repeats has {b} entries, axis {axis} of the data {a}")
        repeats = tf.broadcast_to(repeats, [sizes[axis]])
        each = repeats
        if repeats.static is None or len(repeats.static) != axis + 1:
            own, own_rank = tf.shape(repeats), tf.rank(repeats)
            repeats = tf.broadcast_to(repeats, concat([sizes[:axis + 1 - own_rank], own], axis=0))
            repeats.set_shape([None] * (axis + 1))
        most = apply_op("Max", None, [repeats, _all_axes(repeats)])
        most = apply_op("Maximum", None, [convert_to_tensor(0, name="zero", dtype=most.dtype), most])
        mask = sequence_mask(repeats, most)
        masked = tf.boolean_mask(tile_axis(tf.expand_dims(data, axis + 1), axis + 1, most), mask)
        if axis == 0:
            result = masked
        else:
            total = apply_op("Sum", None, [each, apply_op("Range", None, [0, tf.rank(each), 1])])
            result = tf.reshape(masked, concat([sizes[:axis], [total], sizes[axis + 1:]], axis=0))
        if data.static is not None:
            new = 0 if repeats.static is not None and repeats.static[0] == 0 else None
            result.set_shape(data.static[:axis] + (new,) + data.static[axis + 1:])
        return result


def positive_axis(axis: Any, rank: int | None) -> int:
    """An axis counted from the first. Raises InvalidType for what is no whole number, InvalidValue out of range."""
    if not isinstance(axis, int):
        raise InvalidType(f"axis is a whole number, not {said(axis)}")
    if rank is not None:
        _check_axis(axis, rank)
        return axis % rank
    if axis < 0:
        raise InvalidValue(f"axis {axis} counts from the end, but the rank is not known")
    return axis


def _at_least_vector(data: Any) -> Any:
    if data.static is not None:
        return data if data.static else stack([data])
    sizes, n = tf.shape(data), tf.rank(data)
    return tf.reshape(data, concat([[1], sizes], axis=0)[-n:])


def tile_axis(data: Any, axis: int, times: Any) -> Any:
    if data.static is not None:
        multiples: Any = [1] * len(data.static)
        multiples[axis] = times
    else:
        one = tf.ones(tf.rank(data), int32)
        multiples = concat([one[:axis], [times], one[axis + 1:]], axis=0)
    return tile(data, multiples)
