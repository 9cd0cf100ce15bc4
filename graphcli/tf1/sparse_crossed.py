"""Crossed features (tf.sparse.cross, tf.sparse.cross_hashed)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType, said
from ..graph.types import int64, string
from .conversion import convert_to_tensor
from .framework import apply_op
from .modules import modules
from .sparse_tensor import SparseTensor, is_sparse

EXPORTS = """
sparse: cross cross_hashed
"""

tf = modules["tf"]
_KEY = 0xDECAFCAFFE


def cross(inputs: Any, name: str | None = None, separator: str | None = None) -> SparseTensor:
    """Every combination of the features of a row, as text with ``separator`` (or ``_X_``) between (tf.sparse.cross).

    inputs: columns, matrices or sparse ones, with as many rows each. Raises InvalidType for what is no list.
    """
    between = convert_to_tensor("_X_" if separator is None else separator, string)
    return SparseTensor(*apply_op("SparseCrossV2", name, [*_columns(inputs), between]))


def cross_hashed(inputs: Any, num_buckets: int = 0, hash_key: int | None = None, name: str | None = None
                 ) -> SparseTensor:
    """The combinations as numbers below ``num_buckets``, of int64 where that is 0 (tf.sparse.cross_hashed)."""
    columns = _columns(inputs)
    numbers = any(t.dtype.base_dtype == int64 for t in (*columns[1], *columns[3]))
    return SparseTensor(*apply_op("SparseCross", name, columns, {
        "hashed_output": True, "num_buckets": num_buckets, "hash_key": hash_key or _KEY, "out_type": int64,
        "internal_type": int64 if numbers else string}))


def _columns(inputs: Any) -> list[list[Any]]:
    if not isinstance(inputs, list):
        raise InvalidType(f"columns are given as a list, not as {said(inputs)}")
    columns: list[Any] = [c if is_sparse(c) else convert_to_tensor(c) for c in inputs]
    sparse, dense = [c for c in columns if is_sparse(c)], [c for c in columns if not is_sparse(c)]

    def features(x: Any) -> Any:
        return x if x.dtype.base_dtype == string else tf.cast(x, int64)

    return [[c.indices for c in sparse], [features(c.values) for c in sparse], [c.dense_shape for c in sparse],
            [features(c) for c in dense]]
