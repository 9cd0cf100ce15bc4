"""Functions of the values of ragged tensors whose rows stay as they are (tf.ragged.map_flat_values)."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import InvalidValue
from .modules import modules
from .ragged_rows import assert_splits_match
from .ragged_tensor import ALIKE, UNLIKE, RaggedTensor, convert_to_tensor_or_ragged_tensor
from .ragged_value import is_ragged

EXPORTS = """
ragged: map_flat_values
"""

tf = modules["tf"]


def map_flat_values(op: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """``op`` of the flat values in place of ragged tensors, in their rows (tf.ragged.map_flat_values).

    Raises InvalidValue where the ragged tensors have not as many ragged axes; a step fails where their rows differ.
    """
    nested: list[Any] = []
    inner, by_name = _flat(args, nested), _flat(kwargs, nested)
    if not nested:
        return op(*args, **kwargs)
    if len({splits[0].dtype for splits in nested}) > 1:
        raise InvalidValue(UNLIKE, hint=ALIKE)
    with tf.control_dependencies(assert_splits_match(nested)):
        return RaggedTensor.from_nested_row_splits(op(*inner, **by_name), nested[0], validate=False)


def _flat(value: Any, nested: list[Any]) -> Any:
    if is_ragged(value):
        value = convert_to_tensor_or_ragged_tensor(value)
        nested.append(value.nested_row_splits)
        return value.flat_values
    if isinstance(value, (list, tuple)):
        flat = [_flat(v, nested) for v in value]
        return flat if isinstance(value, list) else tuple(flat)
    return {k: _flat(v, nested) for k, v in value.items()} if isinstance(value, dict) else value
