"""How elements of datasets are nested: in tuples and mappings; a list in one is a tensor (tf.data.util.nest)."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.shapes import TensorShape


def is_nested(value: Any) -> bool:
    return isinstance(value, (tuple, Mapping)) and not hasattr(value, "dense_shape")


def flatten(value: Any) -> list[Any]:
    """The leaves, of a mapping by sorted key."""
    if not is_nested(value):
        return [value]
    children = [value[k] for k in sorted(value)] if isinstance(value, Mapping) else value
    return [leaf for child in children for leaf in flatten(child)]


def flatten_up_to(like: Any, value: Any) -> list[Any]:
    """What of ``value`` stands where ``like`` has leaves. Raises InvalidType or InvalidValue where it is nested
    otherwise."""
    if not is_nested(like):
        return [value]
    if isinstance(like, Mapping):
        if not isinstance(value, Mapping) or sorted(like) != sorted(value):
            raise InvalidValue(f"the keys {sorted(like)} are wanted, not {said(value)}")
        pairs = [(like[k], value[k]) for k in sorted(like)]
    else:
        if not isinstance(value, (tuple, list)):
            raise InvalidType(f"a tuple of {len(like)} is wanted, not {said(value)}")
        if len(value) != len(like):
            raise InvalidValue(f"a tuple of {len(like)} is wanted, not of {len(value)}")
        pairs = list(zip(like, value))
    return [leaf for a, b in pairs for leaf in flatten_up_to(a, b)]


def pack(like: Any, flat: Sequence[Any]) -> Any:
    """Leaves in the nesting of ``like``."""
    rest = list(flat)

    def build(at: Any) -> Any:
        if not is_nested(at):
            return rest.pop(0)
        if isinstance(at, Mapping):
            made = {k: build(at[k]) for k in sorted(at)}
            return type(at)((k, made[k]) for k in at)  # type: ignore[call-arg]
        members = [build(child) for child in at]
        return type(at)(*members) if hasattr(at, "_fields") else tuple(members)

    return build(like)


def mapped(function: Callable[..., Any], like: Any, *others: Any) -> Any:
    """A function of leaves that stand at the same place."""
    return pack(like, [function(*leaves) for leaves in zip(flatten(like), *(flatten_up_to(like, o) for o in others))])


def as_shapes(types: Any, shapes: Any) -> Any:
    """TensorShapes in the nesting of ``types``; all unknown where there are none."""
    if shapes is None:
        return mapped(lambda _: TensorShape(None), types)
    return mapped(lambda _, s: TensorShape(s), types, shapes)
