"""tf.train.Example messages, taken apart into tensors (tf.parse_example)."""
from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..errors import NotSupported, RunError
from ..graph.opdef import op, undefined_gradient

CPU_ONLY = True
LISTS = {"int64": "int64_list", "float32": "float_list", "string": "bytes_list"}
KINDS = {"int64_list": "int64", "float_list": "float", "bytes_list": "string"}
"""What TensorFlow calls the dtypes."""


def _features(texts: list[bytes], names: list[bytes]) -> list[tuple[str, Any]]:
    """(its name for messages, its features by name) of each serialized Example."""
    from google.protobuf.message import DecodeError

    from ..wire.messages import message

    example = message("Example")
    out = []
    for i, text in enumerate(texts):
        try:
            features = example.FromString(text).features.feature
        except DecodeError:
            shown = text[:60].decode(errors="replace") + ("..." if len(text) > 60 else "")
            raise RunError(f"Could not parse example input, value: {shown!r}") from None
        out.append((names[i].decode(errors="replace") if names else "<unknown>", features))
    return out


def _values(features: Any, key: str, kind: Any, name: str, at: int) -> Any:
    """The values of a feature as an array; None where there is no such feature."""
    feature = features[key] if key in features else None
    found = None if feature is None else feature.WhichOneof("kind")
    if found is None:
        return None
    if found != LISTS[kind.name]:
        raise RunError(f"Name: {name}, Key: {key}, Index: {at}.  Data types don't match. Data type: {KINDS[found]} but "
                       f"expected type: {KINDS[LISTS[kind.name]]}")
    values = getattr(feature, found).value
    if kind.kind != "S":
        return np.array(values, kind.as_numpy_dtype)
    out = np.empty(len(values), object)
    out[:] = list(values)
    return out


def _sparse(examples: list[Any], key: str, kind: Any, alone: bool) -> tuple[Any, Any, Any]:
    """A feature of any number of values, as a sparse tensor."""
    empty = np.empty(0, kind.as_numpy_dtype)
    rows = [_values(features, key, kind, name, i) for i, (name, features) in enumerate(examples)]
    rows = [empty if row is None else row for row in rows]
    counts = np.array([len(row) for row in rows], np.int64)
    values = np.concatenate([empty, *rows])
    columns = np.arange(len(values)) - np.repeat(np.cumsum(counts) - counts, counts)
    if alone:
        return columns[:, None].astype(np.int64), values, counts
    places = np.stack([np.repeat(np.arange(len(rows)), counts), columns], axis=1).astype(np.int64)
    return places, values, np.array([len(rows), counts.max(initial=0)], np.int64)


def _dense(examples: list[Any], key: str, kind: Any, shape: Any, default: Any, alone: bool) -> Any:
    """A feature of one shape; where its first size is not known, the longest of them."""
    said = KINDS[LISTS[kind.name]]
    varies = bool(shape) and shape[0] is None
    step = prod(s for s in shape if s is not None)
    rows = []
    for i, (name, features) in enumerate(examples):
        found = _values(features, key, kind, name, i)
        if found is None and not varies:
            if not default.size and step:
                raise RunError(f"Name: {name}, Feature: {key} (data type: {said}) is required but could not be found.")
            found = default.reshape(-1)
        elif found is None:
            found = np.empty(0, kind.as_numpy_dtype)
        wrong = len(found) != step if not varies else len(found) % step if step else len(found)
        if wrong:
            what = f"is not a multiple of stride length. Saw {len(found)} values but output shape is" if varies else \
                f"!= expected.  Values size: {len(found)} but output shape"
            shown = ",".join("?" if s is None else str(s) for s in shape)
            raise RunError(f"Name: {name}, Key: {key}, Index: {i}.  Number of {said} values {what}: [{shown}]")
        rows.append(found)
    if not varies:
        out = np.empty((len(rows), step), kind.as_numpy_dtype)
        for i, row in enumerate(rows):
            out[i] = row
        return out.reshape(shape) if alone else out.reshape(len(rows), *shape)
    longest = max((len(row) for row in rows), default=0)
    out = np.empty((len(rows), longest), kind.as_numpy_dtype)
    for i, row in enumerate(rows):
        out[i, :len(row)] = row
        out[i, len(row):] = default.reshape(-1)[:1] if default.size else b"" if kind.kind == "S" else 0
    sizes = (longest // step if step else 0, *shape[1:])
    return out.reshape(sizes) if alone else out.reshape(len(rows), *sizes)


def _outputs(n: Any, serialized: Any, defaults: Any, sparse: int) -> Any:
    """Shapes of (indices, values, shapes) of sparse features and of the dense ones."""
    rank = None if serialized is None else len(serialized)
    if rank is not None and rank > 1:
        n.fail("serialized is a string or a vector of them")
    if len(n.attrs["dense_shapes"]) != len(defaults):
        n.fail(f"there are {len(defaults)} defaults and {len(n.attrs['dense_shapes'])} shapes")
    for shape in n.attrs["dense_shapes"]:
        if shape is None or None in shape[1:]:
            n.fail("dense shapes are known, but for their first size")
    axes = None if rank is None else rank + 1
    dense = [None if serialized is None else (*serialized, *shape) for shape in n.attrs["dense_shapes"]]
    return [*[(None, axes)] * sparse, *[(None,)] * sparse, *[(axes,)] * sparse, *dense]


def _parsed(n: Any, serialized: Any, names: Any, sparse_keys: list[str], dense_keys: list[str], defaults: Any,
            sparse_types: list[Any]) -> Any:
    alone = np.ndim(serialized) == 0
    texts = np.asarray(serialized).reshape(-1).tolist()
    names = np.asarray(names).reshape(-1).tolist()
    if names and len(names) != len(texts):
        raise RunError(f"Expected len(names) == len(serialized), but got {len(names)} and {len(texts)}")
    examples = _features(texts, names)
    parts = [_sparse(examples, key, kind, alone) for key, kind in zip(sparse_keys, sparse_types)]
    dense = [_dense(examples, key, kind, shape, np.asarray(default), alone) for key, kind, shape, default in zip(
        dense_keys, n.attrs["Tdense"], n.attrs["dense_shapes"], defaults)]
    return [p[0] for p in parts], [p[1] for p in parts], [p[2] for p in parts], dense


def _keys(given: Any) -> list[str]:
    return [key.decode() for key in np.asarray(given).reshape(-1).tolist()]


TYPES = "list({float32, int64, string})"


@op
class ParseExampleV2:
    """The features of serialized Examples, of one or of several (tf.parse_example)."""

    signature = ("serialized: string, names: string, sparse_keys: string, dense_keys: string, ragged_keys: string, "
                 "dense_defaults: list(Tdense) -> sparse_indices: num_sparse*int64, sparse_values: list(sparse_types), "
                 "sparse_shapes: num_sparse*int64, dense_values: list(Tdense), "
                 "ragged_values: list(ragged_value_types), ragged_row_splits: list(ragged_split_types)")
    attrs = (f"Tdense: {TYPES} >= 0; num_sparse: int >= 0; sparse_types: {TYPES} >= 0; "
             f"ragged_value_types: {TYPES} >= 0; "
             "ragged_split_types: list({int32, int64}) >= 0; dense_shapes: list(shape) >= 0")
    gradient = undefined_gradient

    def infer(n: Any, serialized: Any, names: Any, sparse: Any, dense: Any, ragged: Any, defaults: Any) -> Any:
        rest = len(n.attrs["ragged_value_types"]) + len(n.attrs["ragged_split_types"])
        return [*_outputs(n, serialized, defaults, n.attrs["num_sparse"]), *[(None,)] * rest]

    def kernel(n: Any) -> Any:
        if n.attrs["ragged_value_types"]:
            raise NotSupported("there are no ragged features here", n.node.span)

        def parse(serialized: Any, names: Any, sparse: Any, dense: Any, ragged: Any, defaults: Any) -> Any:
            indices, values, shapes, found = _parsed(n, serialized, names, _keys(sparse), _keys(dense), defaults,
                                                     n.attrs["sparse_types"])
            return [*indices, *values, *shapes, *found]

        return parse


@op
class ParseExample:
    """The features of serialized Examples (of older graphs)."""

    signature = ("serialized: string, names: string, sparse_keys: Nsparse*string, dense_keys: Ndense*string, "
                 "dense_defaults: list(Tdense) -> sparse_indices: Nsparse*int64, sparse_values: list(sparse_types), "
                 "sparse_shapes: Nsparse*int64, dense_values: list(Tdense)")
    attrs = (f"Nsparse: int >= 0; Ndense: int >= 0; sparse_types: {TYPES} >= 0; Tdense: {TYPES} >= 0; "
             "dense_shapes: list(shape) >= 0")
    gradient = undefined_gradient

    def infer(n: Any, serialized: Any, names: Any, sparse: Any, dense: Any, defaults: Any) -> Any:
        return _outputs(n, n.with_rank(serialized, 1, "serialized"), defaults, len(sparse))

    def kernel(n: Any) -> Any:
        def parse(serialized: Any, names: Any, sparse: Any, dense: Any, defaults: Any) -> Any:
            indices, values, shapes, found = _parsed(n, serialized, names, [k for key in sparse for k in _keys(key)],
                                                     [k for key in dense for k in _keys(key)], defaults,
                                                     n.attrs["sparse_types"])
            return [*indices, *values, *shapes, *found]

        return parse


@op
class ParseSingleExample:
    """The features of one serialized Example (of graphs of TensorFlow 1)."""

    signature = ("serialized: string, dense_defaults: list(Tdense) -> sparse_indices: num_sparse*int64, "
                 "sparse_values: list(sparse_types), sparse_shapes: num_sparse*int64, dense_values: list(Tdense)")
    attrs = (f"num_sparse: int >= 0; sparse_keys: list(string) >= 0; dense_keys: list(string) >= 0; "
             f"sparse_types: {TYPES} >= 0; Tdense: {TYPES} >= 0; dense_shapes: list(shape) >= 0")
    gradient = undefined_gradient

    def infer(n: Any, serialized: Any, defaults: Any) -> Any:
        n.with_rank(serialized, 0, "serialized")
        return _outputs(n, (), defaults, n.attrs["num_sparse"])

    def kernel(n: Any) -> Any:
        def parse(serialized: Any, defaults: Any) -> Any:
            indices, values, shapes, found = _parsed(n, serialized, [], n.attrs["sparse_keys"], n.attrs["dense_keys"],
                                                     defaults, n.attrs["sparse_types"])
            return [*indices, *values, *shapes, *found]

        return parse
