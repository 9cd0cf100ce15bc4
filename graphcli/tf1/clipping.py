"""Clipping by norm: of one tensor, by its average, of many by their common norm."""
from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..errors import InvalidType
from ..graph.types import float32
from .conversion import IndexedSlices, constant, convert_to_tensor, is_tensor
from .framework import apply_op, colocate_with, name_scope
from .modules import modules

EXPORTS = """
tf: clip_by_norm clip_by_global_norm clip_by_average_norm global_norm
linalg: global_norm
"""

tf = modules["tf"]


def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None, name: str | None = None) -> Any:
    """t, scaled down where its norm over ``axes`` is above ``clip_norm`` (tf.clip_by_norm)."""
    with name_scope(name, "clip_by_norm") as scope:
        values = convert_to_tensor(t.values if isinstance(t, IndexedSlices) else t, name="t")
        if is_tensor(clip_norm):
            clip_norm = tf.cast(tf.maximum(clip_norm, 0), values.dtype)
        else:
            clip_norm = max(clip_norm, 0)
        squares = tf.reduce_sum(values * values, axes, keepdims=True)
        positive = squares > 0
        # the square root never sees a 0, whose gradient would be NaN
        safe = tf.where(positive, squares, tf.ones_like(squares))
        norm = tf.where(positive, tf.sqrt(safe), squares)
        scaled = values * clip_norm
        values.shape.assert_is_compatible_with(scaled.shape)
        clipped = tf.identity(scaled / tf.maximum(norm, clip_norm), name=scope)
        return _like(t, clipped)


def clip_by_average_norm(t: Any, clip_norm: Any, name: str | None = None) -> Any:
    """t, scaled down where its norm per element is above ``clip_norm`` (tf.clip_by_average_norm)."""
    with name_scope(name, "clip_by_average_norm") as scope:
        t = convert_to_tensor(t, name="t")
        number = tf.cast(tf.size(t), float32)
        inverse = tf.rsqrt(tf.reduce_sum(t * t, tf.range(tf.rank(t))))
        most = t * clip_norm
        return tf.identity(most * tf.minimum(inverse * number, constant(1.0) / clip_norm), name=scope)


def global_norm(t_list: Iterable[Any], name: str | None = None) -> Any:
    """The root of the sum of all squares in a list of tensors (tf.global_norm); None is left out."""
    tensors = list(t_list)
    with name_scope(name, "global_norm"):
        halves = []
        for value in _values(tensors):
            if value is not None:
                with colocate_with(value):
                    halves.append(apply_op("L2Loss", None, [value]))
        half = tf.reduce_sum(tf.stack(halves))
        return tf.sqrt(half * constant(2.0, half.dtype), name="global_norm")


def clip_by_global_norm(t_list: Any, clip_norm: Any, use_norm: Any = None, name: str | None = None) -> Any:
    """(the tensors scaled so that their global norm is at most ``clip_norm``, that norm).

    Source: tf.clip_by_global_norm. Raises InvalidValue if ``t_list`` is no list.
    """
    if not isinstance(t_list, (list, tuple)):
        raise InvalidType("clip_by_global_norm takes a list of tensors")
    tensors = list(t_list)
    if use_norm is None:
        use_norm = global_norm(tensors, name)
    with name_scope(name, "clip_by_global_norm") as scope:
        finite = clip_norm * tf.minimum(1.0 / use_norm, constant(1.0, use_norm.dtype) / clip_norm)
        # a norm that is not finite makes everything NaN
        scale = finite + (use_norm - use_norm)
        clipped: list[Any] = []
        for i, (t, value) in enumerate(zip(tensors, _values(tensors), strict=True)):
            if value is None:
                clipped.append(None)
                continue
            with colocate_with(value):
                part = tf.identity(value * tf.cast(scale, value.dtype), name=f"{scope}_{i}")
            clipped.append(_like(t, part))
        return clipped, use_norm


def _values(tensors: list[Any]) -> list[Any]:
    return [None if t is None else convert_to_tensor(t.values if isinstance(t, IndexedSlices) else t, name=f"t_{i}")
            for i, t in enumerate(tensors)]


def _like(t: Any, values: Any) -> Any:
    return IndexedSlices(values, t.indices, t.dense_shape) if isinstance(t, IndexedSlices) else values
