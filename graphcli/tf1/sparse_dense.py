"""Tensors from a few values and where they stand (tf.sparse_to_dense)."""
from __future__ import annotations

from typing import Any

from .framework import apply_op

EXPORTS = """
tf: sparse_to_dense
"""


def sparse_to_dense(sparse_indices: Any, output_shape: Any, sparse_values: Any, default_value: Any = 0,
                    validate_indices: bool = True, name: str | None = None) -> Any:
    """A tensor of ``default_value`` with ``sparse_values`` (one for all, or one each) at the indices, which are [], [n]
    or [n, rank] (tf.sparse_to_dense). validate_indices: they come in order, none twice, or the run ends in an error."""
    return apply_op("SparseToDense", name, [sparse_indices, output_shape, sparse_values, default_value],
                    {"validate_indices": validate_indices})
