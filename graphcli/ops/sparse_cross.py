"""Crossed features: every combination of the features that columns have in a row (tf.sparse.cross)."""
from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from itertools import product
from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import no_gradient, op, undefined_gradient
from ._sparse import checked, inside
from .string_hash import fingerprint64

CPU_ONLY = True
_IN = ("indices: N*int64, values: list(sparse_types), shapes: N*int64, dense_inputs: list(dense_types){}"
       " -> output_indices: int64, output_values: {}, output_shape: int64")
_KINDS = "N: int >= 0; {}sparse_types: list({{int64, string}}) >= 0; dense_types: list({{int64, string}}) >= 0"
_WORD = (1 << 64) - 1
_BY = 0xC6A4A7935BD1E995


def together(a: int, b: int) -> int:
    """One fingerprint of two (FingerprintCat64)."""
    def folded(x: int) -> int:
        return x ^ x >> 47

    mixed = (a ^ _BY ^ folded(b * _BY & _WORD) * _BY & _WORD) * _BY & _WORD
    return folded(folded(mixed) * _BY & _WORD)


def folded_in(a: int, b: int) -> int:
    """One hash of two, as early graphs have it (HashCombine): its right shift keeps the sign of ``a``."""
    signed = a - (a >> 63 << 64)
    return a ^ (b + 0x9E3779B97F4A7800 + (a << 10) + (signed >> 4) & _WORD)


def _columns(indices: Any, values: Any, shapes: Any, dense: Any) -> tuple[int, list[list[list[Any]]]]:
    """(the number of rows, the features of each row of each column): first of the sparse columns, then of the others.

    Raises InvalidArgument for columns that are no matrices or whose rows differ in number.
    """
    found: list[list[list[Any]]] = []
    rows: set[int] = set()
    for places, features, shape in zip(indices, values, shapes):
        checked(places, features, shape)
        if len(shape) != 2:
            raise InvalidArgument(f"columns are matrices, and one has the shape {shape.tolist()}")
        inside(places, shape)
        column: list[list[Any]] = [[] for _ in range(int(shape[0]))]
        for (row, _), feature in zip(places.tolist(), features.tolist()):
            column[row].append(feature)
        found.append(column)
        rows.add(len(column))
    for matrix in dense:
        if matrix.ndim != 2:
            raise InvalidArgument(f"columns are matrices, and one has the shape {list(matrix.shape)}")
        found.append(matrix.tolist())
        rows.add(len(matrix))
    if len(rows) > 1:
        raise InvalidArgument(f"columns have {' and '.join(map(str, sorted(rows)))} rows")
    return max(rows, default=0), found


def _crossed(inputs: tuple[Any, ...], dtype: Any, one: Callable[[tuple[Any, ...]], Any]) -> tuple[Any, Any, Any]:
    rows, columns = _columns(*inputs)
    places, values, widest = [], [], 0
    for row in range(rows):
        made = [one(features) for features in product(*(column[row] for column in columns))]
        places += [(row, i) for i in range(len(made))]
        values += made
        widest = max(widest, len(made))
    out = np.empty(len(values), dtype)
    out[:] = values
    return np.array(places, np.int64).reshape(-1, 2), out, np.array([rows, widest], np.int64)


def _shapes(n: Any, *inputs: Any) -> Any:
    return [(None, 2), (None,), (2,)]


def _text(feature: Any) -> bytes:
    return feature if isinstance(feature, bytes) else b"%d" % feature


def _hashing(combined: Callable[[int, int], int]) -> Any:
    def kernel(n: Any) -> Any:
        key, buckets = n.attrs.get("hash_key", 0xDECAFCAFFE) & _WORD, n.attrs["num_buckets"] or (1 << 63) - 1

        def number(feature: Any) -> int:
            return fingerprint64(feature) if isinstance(feature, bytes) else feature & _WORD

        def hashed(features: tuple[Any, ...]) -> int:
            found: int = reduce(combined, map(number, features), key) % buckets
            return found

        if n.attrs["hashed_output"]:
            return lambda *inputs: _crossed(inputs, np.int64, hashed)
        return lambda *inputs: _crossed(inputs, object, lambda features: b"_X_".join(map(_text, features)))

    return kernel


@op
class SparseCross:
    """Crossed features of columns, as numbers of buckets or as text (tf.sparse.cross_hashed)."""

    signature = _IN.format("", "out_type")
    attrs = _KINDS.format("hashed_output: bool; num_buckets: int >= 0; hash_key: int; ") + \
        "; out_type: {int64, string}; internal_type: {int64, string}"
    infer = _shapes
    gradient = undefined_gradient

    kernel = _hashing(together)


@op
class SparseCrossV2:
    """Crossed features of columns, as text with ``sep`` between (tf.sparse.cross)."""

    signature = _IN.format(", sep: string", "string")
    takes = "sep: [] run"
    attrs = _KINDS.format("")
    infer = _shapes
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        def cross(*inputs: Any) -> Any:
            between = np.asarray(inputs[-1], object).item()
            return _crossed(inputs[:-1], object, lambda features: between.join(map(_text, features)))

        return cross


def _older(name: str, key: str, combined: Callable[[int, int], int]) -> None:
    op(type(name, (), {
        "__doc__": "Crossed features of columns (tf.contrib.layers.sparse_feature_cross).", "__module__": __name__,
        "signature": SparseCross.signature.replace("dense_inputs", "dense"),
        "attrs": SparseCross.attrs.replace("hash_key: int; ", key), "infer": _shapes, "kernel": _hashing(combined),
        "gradient": no_gradient}))


_older("SparseFeatureCross", "", folded_in)
_older("SparseFeatureCrossV2", "hash_key: int; ", together)
