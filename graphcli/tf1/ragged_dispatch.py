"""What functions of tensors are of ragged tensors: of their values, or functions of rows."""
from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from ..graph.graph import Tensor
from . import ragged_array, ragged_concat, ragged_gather, ragged_math, ragged_reduce
from .conversion import convert_to_tensor
from .dispatch import Kind
from .modules import modules
from .old_names import renamed
from .ragged_rows import assert_splits_match
from .ragged_shape import RaggedTensorDynamicShape, broadcast_dynamic_shape, broadcast_to
from .ragged_tensor import RaggedTensor, is_ragged, match_row_splits_dtypes
from .sparse_tensor import SparseTensor

tf = modules["tf"]

NOT_SUPPORTED = object()
"""Where no argument is ragged, or one is neither a tensor nor ragged."""


def handled(function: Callable[..., Any], what: Kind, args: Any, keywords: Any) -> Any:
    """What the function gives of ragged arguments, NOT_SUPPORTED of others."""
    kind, name, ragged = what
    if kind == "own":
        return _own(_FUNCTIONS[name], ragged, args, keywords)
    names = list(inspect.signature(function).parameters)
    if kind == "two":
        return _two(function, names, args, keywords)
    first, args, keywords = _taken(names[0], args, keywords)
    if first is None:
        return NOT_SUPPORTED
    if kind == "several":
        return _several(function, first, args, keywords)
    if not is_ragged(first):
        return NOT_SUPPORTED
    return first.with_flat_values(function(first.flat_values, *args, **keywords))


def _taken(name: str, args: Any, keywords: Any) -> tuple[Any, Any, Any]:
    """An argument, and the others."""
    if args:
        return args[0], args[1:], keywords
    return keywords.get(name), args, {k: v for k, v in keywords.items() if k != name}


def _several(function: Callable[..., Any], items: Any, args: Any, keywords: Any) -> Any:
    ragged = [x for x in items if is_ragged(x)]
    if not all(is_ragged(x) or _is_tensor(x) for x in items) or not ragged:
        return NOT_SUPPORTED
    match_row_splits_dtypes(*items)
    nested = [x.nested_row_splits for x in ragged]
    flat = [x.flat_values if is_ragged(x) else x for x in items]
    with tf.control_dependencies(assert_splits_match(nested)):
        return RaggedTensor.from_nested_row_splits(function(flat, *args, **keywords), nested[0], validate=False)


def _two(function: Callable[..., Any], names: list[str], args: Any, keywords: Any) -> Any:
    x, args, keywords = _taken(names[0], args, keywords)
    y, args, keywords = _taken(names[1], args, keywords)
    if not (is_ragged(x) or is_ragged(y)):
        return NOT_SUPPORTED
    try:
        if not is_ragged(x):
            x = convert_to_tensor(x, name=names[0], preferred_dtype=y.dtype)
        if not is_ragged(y):
            y = convert_to_tensor(y, name=names[1], preferred_dtype=x.dtype)
    except (TypeError, ValueError):
        return NOT_SUPPORTED
    if is_ragged(x) and is_ragged(y):
        match_row_splits_dtypes(x, y)
    if is_ragged(x) and is_ragged(y) or _broad(x, y) or _broad(y, x):
        sizes = broadcast_dynamic_shape(RaggedTensorDynamicShape.from_tensor(x),
                                        RaggedTensorDynamicShape.from_tensor(y))
        x = broadcast_to(x, sizes, broadcast_inner_dimensions=False)
        y = broadcast_to(y, sizes, broadcast_inner_dimensions=False)
    made = function(x.flat_values if is_ragged(x) else x, y.flat_values if is_ragged(y) else y, *args, **keywords)
    return (x if is_ragged(x) else y).with_flat_values(made)


def _broad(ragged: Any, dense: Any) -> bool:
    """Whether a tensor has as many axes as the values of a ragged one, and does not broadcast with them alone."""
    return is_ragged(ragged) and bool(ragged.flat_values.shape.ndims <= dense.shape.ndims)


def _is_tensor(value: Any) -> bool:
    """Whether a value stands for a tensor; a list is made one to see it, as TensorFlow does."""
    if value is None or isinstance(value, (Tensor, np.ndarray, int, float, str)) or hasattr(value, "_as_tensor"):
        return True
    if isinstance(value, SparseTensor):
        return False
    try:
        convert_to_tensor(value)
    except (TypeError, ValueError):
        return False
    return True


def _own(function: Callable[..., Any], ragged: tuple[str, ...], args: Any, keywords: Any) -> Any:
    names = list(inspect.signature(function).parameters)
    found = False
    for word in ragged:
        name = word.strip("[]")
        place = names.index(name)
        value = args[place] if place < len(args) else keywords.get(name)
        if word[0] == "[" and not isinstance(value, (list, tuple)):
            return NOT_SUPPORTED
        for item in value if word[0] == "[" else [value]:
            if is_ragged(item):
                found = True
            elif not _is_tensor(item):
                return NOT_SUPPORTED
    return function(*args, **keywords) if found else NOT_SUPPORTED


def _gather(params: Any, indices: Any, validate_indices: Any = None, name: Any = None, axis: Any = 0,
            batch_dims: Any = 0) -> Any:
    return ragged_gather.gather(params, indices, validate_indices, axis, batch_dims, name)


def _gather_nd(params: Any, indices: Any, name: Any = None, batch_dims: Any = 0) -> Any:
    return ragged_gather.gather_nd(params, indices, batch_dims, name)


def _size(input: Any, name: Any = None, out_type: Any = "int32") -> Any:
    return ragged_array.size(input, out_type, name)


def _of_old(reduction: Callable[..., Any]) -> Callable[..., Any]:
    """A reduction with the old names of its arguments."""
    def call(input_tensor: Any, axis: Any = None, keepdims: Any = None, name: Any = None,
             reduction_indices: Any = None, keep_dims: Any = None) -> Any:
        return reduction(input_tensor, renamed("axis", axis, "reduction_indices", reduction_indices),
                         renamed("keepdims", keepdims, "keep_dims", keep_dims), name)

    return call


def _reduce_join(inputs: Any, axis: Any = None, keep_dims: Any = None, separator: str = "", name: Any = None,
                 reduction_indices: Any = None, keepdims: Any = None) -> Any:
    return ragged_reduce.reduce_join(inputs, renamed("axis", axis, "reduction_indices", reduction_indices),
                                     renamed("keepdims", keepdims, "keep_dims", keep_dims), separator, name)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "batch_gather": ragged_gather.batch_gather, "concat": ragged_concat.concat, "stack": ragged_concat.stack,
    "expand_dims": ragged_array.expand_dims_of_old, "gather": _gather, "gather_nd": _gather_nd,
    "one_hot": ragged_array.one_hot, "rank": ragged_array.rank, "size": _size,
    "squeeze": ragged_array.squeeze_of_old, "tile": ragged_array.tile, "where": ragged_reduce.where,
    "dynamic_partition": ragged_array.dynamic_partition, "reduce_join": _reduce_join,
    **{f"unsorted_segment_{word}": getattr(ragged_math, f"segment_{word}")
       for word in ("sum", "prod", "min", "max", "mean", "sqrt_n")},
    **{f"reduce_{word}": _of_old(getattr(ragged_reduce, f"reduce_{word}"))
       for word in ("sum", "prod", "min", "max", "mean", "any", "all")},
}
