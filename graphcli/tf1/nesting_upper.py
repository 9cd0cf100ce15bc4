"""The upper part of a nested structure, down to where another one ends (tf.contrib.framework.nest)."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import InvalidType, InvalidValue, said
from .nesting import flatten, is_nested, pack

EXPORTS = """
contrib.framework.nest nest python.util.nest: assert_shallow_structure flatten_up_to map_structure_up_to
contrib.framework.nest nest python.util.nest: flatten_dict_items
"""


def _below(shallow: Any, tree: Any, check_types: bool, check_lengths: bool = True) -> list[tuple[Any, Any]]:
    """What stands at the same place in both, one level down. Raises InvalidType, InvalidValue."""
    if not is_nested(tree):
        raise InvalidType("If shallow structure is a sequence, input must also be a sequence. "
                          f"Input has type: {type(tree)}.")
    mappings = isinstance(shallow, Mapping) and isinstance(tree, Mapping)
    named = hasattr(shallow, "_fields") and getattr(tree, "_fields", None) == shallow._fields
    if check_types and not (isinstance(tree, type(shallow)) or mappings or named):
        raise InvalidType("The two structures don't have the same sequence type. Input structure has type "
                          f"{type(tree)}, while shallow structure has type {type(shallow)}.")
    if check_lengths and len(tree) != len(shallow):
        raise InvalidValue("The two structures don't have the same sequence length. Input structure has length "
                           f"{len(tree)}, while shallow structure has length {len(shallow)}.")
    if not check_lengths and len(tree) < len(shallow):
        raise InvalidValue(f"the structure has {len(tree)} values, the shallow one {len(shallow)}")
    if not isinstance(shallow, Mapping):
        return list(zip(shallow, tree.values() if isinstance(tree, Mapping) else tree))
    if not isinstance(tree, Mapping):
        return list(zip((shallow[k] for k in sorted(shallow)), tree))
    if missing := set(shallow) - set(tree):
        raise InvalidValue("The two structures don't have the same keys. Input structure has keys "
                           f"{list(tree)}, while shallow structure has keys {list(shallow)}; {sorted(missing)} is "
                           "missing.")
    return [(shallow[k], tree[k]) for k in sorted(shallow)]


def assert_shallow_structure(shallow_tree: Any, input_tree: Any, check_types: bool = True,
                             expand_composites: bool = False, check_subtrees_length: bool = True) -> None:
    """Raises InvalidType or InvalidValue where the one is not the upper part of the other."""
    if is_nested(shallow_tree):
        for shallow, tree in _below(shallow_tree, input_tree, check_types, check_subtrees_length):
            assert_shallow_structure(shallow, tree, check_types, expand_composites, check_subtrees_length)


def flatten_up_to(shallow_tree: Any, input_tree: Any, check_types: bool = True, expand_composites: bool = False,
                  check_subtrees_length: bool = True) -> list[Any]:
    """What stands where the leaves of ``shallow_tree`` are. Raises as assert_shallow_structure does."""
    if not is_nested(shallow_tree):
        return [input_tree]
    return [leaf for shallow, tree in _below(shallow_tree, input_tree, check_types, check_subtrees_length)
            for leaf in flatten_up_to(shallow, tree, check_types, expand_composites, check_subtrees_length)]


def map_structure_up_to(shallow_tree: Any, func: Callable[..., Any], *inputs: Any, check_types: bool = True,
                        expand_composites: bool = False, check_subtrees_length: bool = True) -> Any:
    """``func`` of what stands where the leaves of ``shallow_tree`` are, in its nesting. Raises InvalidValue without
    inputs, and as assert_shallow_structure does."""
    if not inputs:
        raise InvalidValue("Cannot map over no sequences")
    flat = [flatten_up_to(shallow_tree, i, check_types, expand_composites, check_subtrees_length) for i in inputs]
    return pack(shallow_tree, [func(*leaves) for leaves in zip(*flat)]) if is_nested(shallow_tree) else func(*inputs)


def flatten_dict_items(dictionary: Any) -> dict[Any, Any]:
    """A dict whose keys that are nested are taken apart, with their values. Raises InvalidType, InvalidValue."""
    if not isinstance(dictionary, Mapping):
        raise InvalidType("input must be a dictionary")
    out: dict[Any, Any] = {}
    for key, value in dictionary.items():
        keys, values = (flatten(key), flatten(value)) if is_nested(key) else ([key], [value])
        if len(keys) != len(values):
            raise InvalidValue(f"Could not flatten dictionary. Key had {len(keys)} elements, but value had "
                               f"{len(values)} elements. Key: {keys}, value: {values}.")
        for k, v in zip(keys, values):
            if k in out:
                raise InvalidValue(f"Could not flatten dictionary: key {said(k)} is not unique.")
            out[k] = v
    return out
