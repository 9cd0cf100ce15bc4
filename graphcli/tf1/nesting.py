"""Nested structures of lists, tuples, named tuples and mappings (tf.nest)."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from typing import Any

from ..errors import InvalidType, InvalidValue

EXPORTS = """
nest: flatten pack_sequence_as=pack map_structure is_nested assert_same_structure=assert_same
"""


def is_nested(value: Any) -> bool:
    return isinstance(value, (list, tuple, Mapping))


def _children(value: Any) -> list[Any]:
    """Members in TensorFlow's order: of a mapping by sorted key."""
    if isinstance(value, Mapping):
        return [value[k] for k in sorted(value)]
    return list(value)


def flatten(value: Any) -> list[Any]:
    """The leaves."""
    if not is_nested(value):
        return [value]
    return [leaf for child in _children(value) for leaf in flatten(child)]


def pack(structure: Any, leaves: Sequence[Any]) -> Any:
    """``leaves`` in the nesting of ``structure``. Raises InvalidValue if their number differs."""
    rest = list(leaves)
    count = len(flatten(structure))
    if count != len(rest):
        raise InvalidValue(f"{len(rest)} values do not fit a structure of {count}")

    def build(at: Any) -> Any:
        if not is_nested(at):
            return rest.pop(0)
        if isinstance(at, Mapping):
            made = {k: build(at[k]) for k in sorted(at)}
            # in the order of its keys, as the kind of dict that it is
            out: Any = copy(at) if isinstance(at, dict) else {}
            out.update((k, made[k]) for k in at)
            return out
        members = [build(child) for child in at]
        return type(at)(*members) if hasattr(at, "_fields") else type(at)(members)

    return build(structure)


def map_structure(function: Callable[..., Any], *structures: Any) -> Any:
    """``function`` of the leaves that stand at the same place."""
    for other in structures[1:]:
        assert_same(structures[0], other)
    return pack(structures[0], [function(*leaves) for leaves in zip(*[flatten(s) for s in structures])])


def assert_same(a: Any, b: Any, what: str = "the two structures") -> None:
    """Raises InvalidValue where the nesting differs, InvalidType where its kind does."""
    if is_nested(a) != is_nested(b):
        raise InvalidValue(f"{what} differ: one has {_shown(a)}, the other {_shown(b)}")
    if not is_nested(a):
        return
    if isinstance(a, Mapping) or isinstance(b, Mapping):
        if not (isinstance(a, Mapping) and isinstance(b, Mapping)):
            raise InvalidType(f"{what} differ: one has {_shown(a)}, the other {_shown(b)}")
        if set(a) != set(b):
            raise InvalidValue(f"{what} differ: one has the keys {sorted(a)}, the other {sorted(b)}")
    elif len(a) != len(b):
        raise InvalidValue(f"{what} differ: one has {len(a)} values, the other {len(b)}")
    elif type(a) is not type(b):
        raise InvalidType(f"{what} differ: one has a {type(a).__name__}, the other a {type(b).__name__}")
    for x, y in zip(_children(a), _children(b)):
        assert_same(x, y, what)


def _shown(value: Any) -> str:
    if not is_nested(value):
        return "a single value"
    return f"a {type(value).__name__} of {len(value)}"
