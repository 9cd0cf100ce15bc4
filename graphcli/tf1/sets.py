"""Sets in the last axes of tensors, dense or sparse (tf.sets)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType, said
from .framework import apply_op
from .sparse_tensor import SparseTensor, convert_to_tensor_or_sparse_tensor

EXPORTS = """
sets: size set_size=size intersection set_intersection=intersection difference set_difference=difference
sets: union set_union=union
"""


def size(a: Any, validate_indices: bool = True) -> Any:
    """How many different values each set of a sparse tensor has, int32 (tf.sets.size)."""
    a = convert_to_tensor_or_sparse_tensor(a, name="a")
    if not isinstance(a, SparseTensor):
        raise InvalidType(f"sets.size takes a SparseTensor, not {said(a)}")
    return apply_op("SetSize", None, a.components, {"validate_indices": validate_indices})


def intersection(a: Any, b: Any, validate_indices: bool = True) -> SparseTensor:
    """What is in both sets (tf.sets.intersection). a, b: [..., n], each dense or sparse."""
    return _operation(a, b, "intersection", validate_indices)


def difference(a: Any, b: Any, aminusb: bool = True, validate_indices: bool = True) -> SparseTensor:
    """What is in a and not in b, or the other way round (tf.sets.difference). a, b: [..., n], each dense or sparse."""
    return _operation(a, b, "a-b" if aminusb else "b-a", validate_indices)


def union(a: Any, b: Any, validate_indices: bool = True) -> SparseTensor:
    """What is in either set (tf.sets.union). a, b: [..., n], each dense or sparse."""
    return _operation(a, b, "union", validate_indices)


_TURNED = {"a-b": "b-a", "b-a": "a-b"}


def _operation(a: Any, b: Any, operation: str, validate_indices: bool) -> SparseTensor:
    a = convert_to_tensor_or_sparse_tensor(a, name="a")
    b = convert_to_tensor_or_sparse_tensor(b, name="b")
    if a.dtype.base_dtype is not b.dtype.base_dtype:
        raise InvalidType(f"the sets are {a.dtype.base_dtype.name} and {b.dtype.base_dtype.name}; both must have one "
                          "dtype")
    if isinstance(a, SparseTensor) and not isinstance(b, SparseTensor):
        # the op takes the dense one first
        a, b, operation = b, a, _TURNED.get(operation, operation)
    kinds = [isinstance(x, SparseTensor) for x in (a, b)]
    op_type = "SparseToSparse" if all(kinds) else "DenseToSparse" if any(kinds) else "DenseToDense"
    parts = [part for x in (a, b) for part in (x.components if isinstance(x, SparseTensor) else [x])]
    return SparseTensor(*apply_op(f"{op_type}SetOperation", None, parts,
                                  {"set_operation": operation, "validate_indices": validate_indices}))
