"""Crossed features (tf.sparse.cross, tf.sparse.cross_hashed, tf.contrib.layers.sparse_feature_cross)."""
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
contrib.layers contrib.layers.sparse_feature_cross_op: sparse_feature_cross
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
    return _made("SparseCross", name, inputs, {"hash_key": hash_key or _KEY}, True, num_buckets)


def sparse_feature_cross(inputs: Any, hashed_output: bool = False, num_buckets: int = 0, name: str | None = None,
                         hash_key: int | None = None) -> SparseTensor:
    """The combinations as text with ``_X_`` between, or as numbers (tf.contrib.layers.sparse_feature_cross).

    hash_key: without one numbers are those of early graphs. Raises InvalidType for what is no list.
    """
    key, kind = ({"hash_key": hash_key}, "V2") if hash_key else ({}, "")
    return _made(f"SparseFeatureCross{kind}", name, inputs, key, hashed_output, num_buckets)


def _made(kind: str, name: str | None, inputs: Any, key: dict[str, int], hashed: bool, buckets: int) -> SparseTensor:
    columns = _columns(inputs)
    numbers = any(t.dtype.base_dtype == int64 for t in (*columns[1], *columns[3]))
    return SparseTensor(*apply_op(kind, name, columns, {
        "hashed_output": hashed, "num_buckets": buckets, **key, "out_type": int64 if hashed else string,
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
