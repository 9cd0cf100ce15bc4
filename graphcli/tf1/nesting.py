"""Nested structures of lists, tuples, named tuples and mappings (tf.nest)."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from typing import Any

from ..errors import InvalidType, InvalidValue, said

EXPORTS = """
nest contrib.framework.nest: flatten pack_sequence_as=pack map_structure is_nested assert_same_structure
nest contrib.framework.nest: is_sequence=is_nested
"""


def is_nested(seq: Any) -> bool:
    return isinstance(seq, (list, tuple, Mapping))


def _children(value: Any) -> list[Any]:
    """Members in TensorFlow's order: of a mapping by sorted key."""
    if isinstance(value, Mapping):
        return [value[k] for k in sorted(value)]
    return list(value)


def parts_of(value: Any) -> list[Any] | None:
    """The tensors that a sparse or ragged tensor or IndexedSlices are made of; None for another value."""
    found = getattr(value, "components", None) or getattr(value, "parts", None)
    return None if found is None else list(found)


def flatten(structure: Any, expand_composites: bool = False) -> list[Any]:
    """The leaves. expand_composites: of a sparse tensor the tensors that it is made of."""
    if not is_nested(structure):
        return (parts_of(structure) if expand_composites else None) or [structure]
    return [leaf for child in _children(structure) for leaf in flatten(child, expand_composites)]


def pack(structure: Any, flat_sequence: Sequence[Any], expand_composites: bool = False) -> Any:
    """Leaves in the nesting of ``structure``. Raises InvalidType for what is no list of leaves, InvalidValue if their
    number differs."""
    if not is_nested(flat_sequence):
        raise InvalidType(f"a list of leaves is wanted, not {said(flat_sequence)}")
    rest = list(flat_sequence)
    count = len(flatten(structure, expand_composites))
    if count != len(rest):
        raise InvalidValue(f"{len(rest)} values do not fit a structure of {count}")

    def build(at: Any) -> Any:
        if not is_nested(at):
            if expand_composites and (parts := parts_of(at)):
                return at.remade([rest.pop(0) for _ in parts])
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


def map_structure(func: Callable[..., Any], *structure: Any, check_types: bool = True,
                  expand_composites: bool = False) -> Any:
    """``func`` of the leaves that stand at the same place. Raises as ``assert_same_structure`` does."""
    if not callable(func):
        raise InvalidType(f"a function is wanted, not {said(func)}")
    if not structure:
        raise InvalidValue("map_structure maps at least one structure")
    for other in structure[1:]:
        assert_same(structure[0], other, types=check_types)
    flat = [flatten(s, expand_composites) for s in structure]
    return pack(structure[0], [func(*leaves) for leaves in zip(*flat)], expand_composites)


def assert_same_structure(nest1: Any, nest2: Any, check_types: bool = True, expand_composites: bool = False) -> None:
    """Raises InvalidValue where the nesting differs, InvalidType where its kind does, if ``check_types``."""
    assert_same(nest1, nest2, types=check_types)


def assert_same(a: Any, b: Any, what: str = "the two structures", types: bool = True) -> None:
    """Raises InvalidValue where the nesting differs, InvalidType where its kind does."""
    if is_nested(a) != is_nested(b):
        raise InvalidValue(f"{what} differ: one has {_shown(a)}, the other {_shown(b)}")
    if not is_nested(a):
        if hasattr(a, "components") != hasattr(b, "components"):
            raise InvalidValue(f"{what} differ: one has a sparse or ragged tensor, the other none")
        if len(getattr(a, "parts", ())) != len(getattr(b, "parts", ())):
            raise InvalidValue(f"{what} differ: one has IndexedSlices, the other none or of other parts")
        return
    if isinstance(a, Mapping) or isinstance(b, Mapping):
        if not (isinstance(a, Mapping) and isinstance(b, Mapping)):
            raise InvalidType(f"{what} differ: one has {_shown(a)}, the other {_shown(b)}")
        if set(a) != set(b):
            raise InvalidValue(f"{what} differ: one has the keys {sorted(a)}, the other {sorted(b)}")
    elif len(a) != len(b):
        raise InvalidValue(f"{what} differ: one has {len(a)} values, the other {len(b)}")
    elif types and type(a) is not type(b):
        raise InvalidType(f"{what} differ: one has a {type(a).__name__}, the other a {type(b).__name__}",
                          hint="[a, b] is a list, (a, b) a tuple" if {type(a), type(b)} == {list, tuple} else None)
    for x, y in zip(_children(a), _children(b)):
        assert_same(x, y, what, types)


def _shown(value: Any) -> str:
    if not is_nested(value):
        return "a single value"
    return f"a {type(value).__name__} of {len(value)}"
