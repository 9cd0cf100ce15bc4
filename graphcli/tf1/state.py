"""Writing to variables: assign, scatter, count_up_to (tf.assign and its like)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue
from ..graph.graph import Tensor
from .conversion import convert_to_tensor
from .framework import apply_op, name_scope
from .slicing import VariableSlice

EXPORTS = """
tf: assign assign_add assign_sub count_up_to scatter_update scatter_add scatter_sub scatter_mul scatter_div
tf: scatter_min scatter_max scatter_nd_update scatter_nd_add scatter_nd_sub batch_scatter_update
"""


def assign(ref: Any, value: Any, validate_shape: bool | None = None, use_locking: bool | None = None,
           name: str | None = None) -> Tensor:
    """Gives a variable a value when it runs, or a slice of it, ``w[1:]``; returns the variable's new value (tf.assign).
    """
    if hasattr(ref, "handle") or isinstance(ref, VariableSlice):
        return ref.assign(value, name=name)  # type: ignore[no-any-return]
    attrs = {"validate_shape": True if validate_shape is None else validate_shape,
             "use_locking": True if use_locking is None else use_locking}
    return apply_op("Assign", name, [ref, value], attrs)  # type: ignore[no-any-return]


def assign_add(ref: Any, value: Any, use_locking: bool | None = None, name: str | None = None) -> Tensor:
    """Adds to a variable (tf.assign_add)."""
    if hasattr(ref, "handle"):
        return ref.assign_add(value)  # type: ignore[no-any-return]
    return apply_op("AssignAdd", name, [ref, value], {"use_locking": bool(use_locking)})  # type: ignore[no-any-return]


def assign_sub(ref: Any, value: Any, use_locking: bool | None = None, name: str | None = None) -> Tensor:
    """Subtracts from a variable (tf.assign_sub)."""
    if hasattr(ref, "handle"):
        return ref.assign_sub(value)  # type: ignore[no-any-return]
    return apply_op("AssignSub", name, [ref, value], {"use_locking": bool(use_locking)})  # type: ignore[no-any-return]


def count_up_to(ref: Any, limit: int, name: str | None = None) -> Tensor:
    """The variable's value, then one more in it; fails at ``limit`` (tf.count_up_to)."""
    if hasattr(ref, "handle"):
        return apply_op("ResourceCountUpTo", name, [ref.handle],  # type: ignore[no-any-return]
                        {"limit": limit, "T": ref.dtype})
    return apply_op("CountUpTo", name, [ref], {"limit": limit})  # type: ignore[no-any-return]


def _scatter(op_type: str, ref: Any, indices: Any, updates: Any, use_locking: bool, name: str | None) -> Tensor:
    if hasattr(ref, "handle"):
        return ref._rows(op_type, indices, updates, name)  # type: ignore[no-any-return]
    return apply_op(op_type, name, [ref, indices, updates],  # type: ignore[no-any-return]
                    {"use_locking": use_locking})


def scatter_update(ref: Any, indices: Any, updates: Any, use_locking: bool = True, name: str | None = None) -> Tensor:
    """``ref[indices[i]] = updates[i]`` (tf.scatter_update)."""
    return _scatter("ScatterUpdate", ref, indices, updates, use_locking, name)


def scatter_add(ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None) -> Tensor:
    """``ref[indices[i]] += updates[i]``, repeated indices added up (tf.scatter_add)."""
    return _scatter("ScatterAdd", ref, indices, updates, use_locking, name)


def scatter_sub(ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None) -> Tensor:
    """``ref[indices[i]] -= updates[i]`` (tf.scatter_sub)."""
    return _scatter("ScatterSub", ref, indices, updates, use_locking, name)


def scatter_mul(ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None) -> Tensor:
    """``ref[indices[i]] *= updates[i]`` (tf.scatter_mul)."""
    return _scatter("ScatterMul", ref, indices, updates, use_locking, name)


def scatter_div(ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None) -> Tensor:
    """``ref[indices[i]] /= updates[i]`` (tf.scatter_div)."""
    return _scatter("ScatterDiv", ref, indices, updates, use_locking, name)


def scatter_min(ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None) -> Tensor:
    """The smaller of ``ref[indices[i]]`` and ``updates[i]`` (tf.scatter_min)."""
    return _scatter("ScatterMin", ref, indices, updates, use_locking, name)


def scatter_max(ref: Any, indices: Any, updates: Any, use_locking: bool = False, name: str | None = None) -> Tensor:
    """The greater of ``ref[indices[i]]`` and ``updates[i]`` (tf.scatter_max)."""
    return _scatter("ScatterMax", ref, indices, updates, use_locking, name)


def scatter_nd_update(ref: Any, indices: Any, updates: Any, use_locking: bool = True,
                      name: str | None = None) -> Tensor:
    """``ref[tuple(indices[i])] = updates[i]`` (tf.scatter_nd_update)."""
    return _scatter("ScatterNdUpdate", ref, indices, updates, use_locking, name)


def scatter_nd_add(ref: Any, indices: Any, updates: Any, use_locking: bool = False,
                   name: str | None = None) -> Tensor:
    """``ref[tuple(indices[i])] += updates[i]`` (tf.scatter_nd_add)."""
    return _scatter("ScatterNdAdd", ref, indices, updates, use_locking, name)


def scatter_nd_sub(ref: Any, indices: Any, updates: Any, use_locking: bool = False,
                   name: str | None = None) -> Tensor:
    """``ref[tuple(indices[i])] -= updates[i]`` (tf.scatter_nd_sub)."""
    return _scatter("ScatterNdSub", ref, indices, updates, use_locking, name)


def batch_scatter_update(ref: Any, indices: Any, updates: Any, use_locking: bool = True,
                         name: str | None = None) -> Tensor:
    """scatter_update along the last axis of ``indices``, batch by batch (tf.batch_scatter_update)."""
    from . import concat, expand_dims, ones_like, reshape
    from . import shape as shape_of

    with name_scope(name):
        indices = convert_to_tensor(indices, name="indices")
        sizes = shape_of(indices)
        if indices.static is None:
            raise InvalidValue(f"batch_scatter_update needs indices of known rank; {indices.name} has none")
        rank = len(indices.static)
        nd = expand_dims(indices, axis=-1)
        parts = []
        for axis in range(rank - 1):
            size = sizes[axis]
            wide: list[Any] = [1] * (rank + 1)
            wide[axis] = size
            steps = reshape(apply_op("Range", None, [0, size, 1]), wide)
            if steps.dtype.base_dtype is not nd.dtype:
                steps = apply_op("Cast", None, [steps], {"DstT": nd.dtype})
            parts.append(steps * ones_like(nd))
        parts.append(nd)
        return scatter_nd_update(ref, concat(parts, axis=-1), updates, use_locking=use_locking)
