"""Into how many parts a variable is cut, and along which axis (tf.fixed_size_partitioner and its like)."""
from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.shapes import TensorShape
from ..graph.types import as_dtype

EXPORTS = """
tf: fixed_size_partitioner variable_axis_size_partitioner min_max_variable_partitioner
"""

Partitioner = Callable[..., Sequence[int]]
"""A function of ``shape`` and ``dtype`` that gives the number of parts along each axis."""


def fixed_size_partitioner(num_shards: int, axis: int = 0) -> Partitioner:
    """So many parts along an axis, fewer where the axis is shorter (tf.fixed_size_partitioner)."""
    if not isinstance(num_shards, int) or not isinstance(axis, int):
        raise InvalidType(f"the number of parts and the axis are whole numbers, "
                          f"not {said(num_shards)} and {said(axis)}")

    def partitioner(shape: Any, dtype: Any = None) -> list[int]:
        return _along(_axis(shape, axis), axis, lambda size: min(num_shards, size))

    return partitioner


def variable_axis_size_partitioner(max_shard_bytes: int, axis: int = 0, bytes_per_string_element: int = 16,
                                   max_shards: int | None = None) -> Partitioner:
    """Parts of at most so many bytes, as far as one axis can be cut (tf.variable_axis_size_partitioner).

    max_shards: no more parts than these. Raises InvalidValue for numbers that are not positive.
    """
    if max_shard_bytes < 1 or bytes_per_string_element < 1:
        raise InvalidValue("max_shard_bytes and bytes_per_string_element must be at least 1, not "
                           f"{max_shard_bytes} and {bytes_per_string_element}")
    if max_shards and max_shards < 1:
        raise InvalidValue(f"max_shards must be at least 1, not {max_shards}")

    def partitioner(shape: Any, dtype: Any) -> list[int]:
        known = _axis(shape, axis)

        def parts(size: int) -> int:
            each = math.prod(known) / size * _element_size(dtype, bytes_per_string_element)
            wanted = math.ceil(size / max(1, math.floor(max_shard_bytes / each)))
            return min(max_shards, wanted) if max_shards else wanted

        return _along(known, axis, parts)

    return partitioner


def min_max_variable_partitioner(max_partitions: int = 1, axis: int = 0, min_slice_size: int = 256 << 10,
                                 bytes_per_string_element: int = 16) -> Partitioner:
    """As many parts of at least min_slice_size bytes as there may be (tf.min_max_variable_partitioner)."""
    def partitioner(shape: Any, dtype: Any) -> list[int]:
        known = _axis(shape, axis)
        whole = math.prod(known) * _element_size(dtype, bytes_per_string_element)
        return _along(known, axis, lambda size: max(1, min(size, max_partitions, math.ceil(whole / min_slice_size))))

    return partitioner


def _axis(shape: Any, axis: int) -> list[int]:
    """The sizes of a shape that is known and has the axis."""
    if not isinstance(shape, TensorShape):
        raise InvalidType(f"a partitioner takes a TensorShape, not {said(shape)}")
    if not shape.is_fully_defined():
        raise InvalidValue(f"the shape of a variable that is cut into parts must be known, not {shape}")
    known = [s or 0 for s in shape.as_list()]
    if not -len(known) <= axis < len(known):
        raise InvalidValue(f"there is no axis {axis} to cut in the shape {shape}")
    return known


def _along(shape: Sequence[int], axis: int, parts: Callable[[int], int]) -> list[int]:
    out = [1] * len(shape)
    out[axis] = parts(shape[axis])
    return out


def _element_size(dtype: Any, string: int) -> int:
    kind = as_dtype(dtype).base_dtype
    return string if kind.name == "string" else kind.size
