"""tf.train.SequenceExample messages, taken apart into tensors (tf.io.parse_sequence_example)."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import NotSupported, RunError
from ..graph.opdef import op, undefined_gradient
from ._examples import TYPES, dense_list, dense_of, fitting_default, keys_of, parsed, rows_of, sparse_list, sparse_of

CPU_ONLY = True
CONTEXT = ("context_sparse_indices: Ncontext_sparse*int64, context_sparse_values: list(context_sparse_types), "
           "context_sparse_shapes: Ncontext_sparse*int64, context_dense_values: list(Tcontext_dense), ")
FEATURE_LISTS = ("feature_list_sparse_indices: Nfeature_list_sparse*int64, "
                 "feature_list_sparse_values: list(feature_list_sparse_types), "
                 "feature_list_sparse_shapes: Nfeature_list_sparse*int64, "
                 "feature_list_dense_values: list(feature_list_dense_types)")
LENGTHS = ", feature_list_dense_lengths: Nfeature_list_dense*int64"
ATTRS = ("Ncontext_sparse: int >= 0 = 0; Nfeature_list_sparse: int >= 0 = 0; Nfeature_list_dense: int >= 0 = 0; "
         f"context_sparse_types: {TYPES} >= 0 = []; Tcontext_dense: {TYPES} >= 0 = []; "
         f"feature_list_dense_types: {TYPES} >= 0 = []; feature_list_sparse_types: {TYPES} >= 0 = []; "
         "context_dense_shapes: list(shape) >= 0 = []; feature_list_dense_shapes: list(shape) >= 0 = []")


def _outputs(n: Any, serialized: Any, defaults: Any, ragged: bool = False, lengths: bool = True) -> list[Any]:
    """The shapes of the outputs."""
    if serialized is not None and len(serialized) > 1:
        n.fail("serialized is a string or a vector of them")
    get = n.attrs
    for given, shape in zip(defaults, get["context_dense_shapes"]):
        fitting_default(n, given, shape)
    rank = None if serialized is None else len(serialized)

    def sparse(count: int, more: int) -> list[Any]:
        axes = None if rank is None else rank + more
        return [*[(None, axes)] * count, *[(None,)] * count, *[(axes,)] * count]

    def dense(shapes: Any, *before: Any) -> list[Any]:
        return [None if serialized is None or s is None else (*serialized, *before, *s) for s in shapes]

    out = sparse(get["Ncontext_sparse"], 1) + dense(get["context_dense_shapes"])
    if ragged:
        out += [(None,)] * (len(get["context_ragged_value_types"]) + len(get["context_ragged_split_types"]))
    out += sparse(get["Nfeature_list_sparse"], 2) + dense(get["feature_list_dense_shapes"], None)
    if lengths:
        out += [serialized] * get["Nfeature_list_dense"]
    if ragged:
        out += [(None,)] * len(get["feature_list_ragged_value_types"])
        out += [(None,)] * (2 * len(get["feature_list_ragged_split_types"]))
    return out


def _parse(n: Any, serialized: Any, names: Any, keys: list[list[str]], defaults: Any, may_miss: Any) -> list[Any]:
    """The outputs. keys: of the context's sparse and dense features, then of the sparse and dense lists."""
    alone = np.ndim(serialized) == 0
    texts, named = np.asarray(serialized).reshape(-1).tolist(), np.asarray(names).reshape(-1).tolist()
    if named and len(named) != len(texts):
        raise RunError("example_names must be empty or have the correct number of elements")
    examples = parsed("SequenceExample", texts, named)
    context = [(name, example.context.feature) for name, example in examples]
    lists = [(name, example.feature_lists.feature_list) for name, example in examples]
    attrs = n.attrs
    first = [sparse_of(*rows_of(context, key, kind)[:2], alone)
             for key, kind in zip(keys[0], attrs["context_sparse_types"])]
    one = [dense_of(rows_of(context, key, kind), named, key, kind, shape, np.asarray(default), alone)
           for key, kind, shape, default in zip(
               keys[1], attrs["Tcontext_dense"], attrs["context_dense_shapes"], defaults)]
    second = [sparse_list(lists, key, kind, alone) for key, kind in zip(keys[2], attrs["feature_list_sparse_types"])]
    many = [dense_list(lists, key, kind, shape, key in may_miss, alone) for key, kind, shape in zip(
        keys[3], attrs["feature_list_dense_types"], attrs["feature_list_dense_shapes"])]
    return [*[part[i] for i in range(3) for part in first], *one, *[part[i] for i in range(3) for part in second],
            *[part[i] for i in range(2) for part in many]]


@op
class ParseSequenceExampleV2:
    """The features of serialized SequenceExamples, of one or of several (tf.io.parse_sequence_example)."""

    signature = ("serialized: string, debug_name: string, context_sparse_keys: string, context_dense_keys: string, "
                 "context_ragged_keys: string, feature_list_sparse_keys: string, feature_list_dense_keys: string, "
                 "feature_list_ragged_keys: string, feature_list_dense_missing_assumed_empty: bool, "
                 f"context_dense_defaults: list(Tcontext_dense) -> {CONTEXT}"
                 "context_ragged_values: list(context_ragged_value_types), "
                 f"context_ragged_row_splits: list(context_ragged_split_types), {FEATURE_LISTS}{LENGTHS}, "
                 "feature_list_ragged_values: list(feature_list_ragged_value_types), "
                 "feature_list_ragged_outer_splits: list(feature_list_ragged_split_types), "
                 "feature_list_ragged_inner_splits: list(feature_list_ragged_split_types)")
    takes = ("debug_name: <=1; context_sparse_keys: [Ncontext_sparse]; context_dense_keys: [Tcontext_dense]; "
             "context_ragged_keys: [context_ragged_value_types]; feature_list_sparse_keys: [Nfeature_list_sparse]; "
             "feature_list_dense_keys: [Nfeature_list_dense]; "
             "feature_list_ragged_keys: [feature_list_ragged_value_types]; "
             "feature_list_dense_missing_assumed_empty: [Nfeature_list_dense]")
    attrs = (f"{ATTRS}; context_ragged_value_types: {TYPES} >= 0 = []; "
             f"context_ragged_split_types: list({{int32, int64}}) >= 0 = []; feature_list_ragged_value_types: {TYPES} "
             ">= 0 = []; feature_list_ragged_split_types: list({int32, int64}) >= 0 = []")
    gradient = undefined_gradient

    def infer(n: Any, serialized: Any, *rest: Any) -> Any:
        return _outputs(n, serialized, rest[-1], ragged=True)

    def kernel(n: Any) -> Any:
        if n.attrs["context_ragged_value_types"] or n.attrs["feature_list_ragged_value_types"]:
            raise NotSupported("there are no ragged features here", n.node.span)

        def parse(serialized: Any, names: Any, sparse: Any, dense: Any, ragged: Any, sparse_lists: Any,
                  dense_lists: Any, ragged_lists: Any, may_miss: Any, defaults: Any) -> Any:
            keys = [keys_of(given) for given in (sparse, dense, sparse_lists, dense_lists)]
            missing = {key for key, may in zip(keys[3], np.asarray(may_miss).tolist()) if may}
            return _parse(n, serialized, names, keys, defaults, missing)

        return parse


@op
class ParseSequenceExample:
    """The features of several serialized SequenceExamples (of older graphs)."""

    signature = ("serialized: string, debug_name: string, context_dense_defaults: list(Tcontext_dense) -> "
                 f"{CONTEXT}{FEATURE_LISTS}{LENGTHS}")
    takes = "debug_name: [?]"
    attrs = ("feature_list_dense_missing_assumed_empty: list(string) >= 0; context_sparse_keys: list(string) >= 0; "
             "context_dense_keys: list(string) >= 0; feature_list_sparse_keys: list(string) >= 0; "
             f"feature_list_dense_keys: list(string) >= 0; Ncontext_dense: int >= 0 = 0; {ATTRS}")
    gradient = undefined_gradient

    def infer(n: Any, serialized: Any, name: Any, defaults: Any) -> Any:
        return _outputs(n, n.with_rank(serialized, 1, "serialized"), defaults)

    def kernel(n: Any) -> Any:
        keys = [[str(key) for key in n.attrs[f"{of}_keys"]] for of in (
            "context_sparse", "context_dense", "feature_list_sparse", "feature_list_dense")]
        missing = set(n.attrs["feature_list_dense_missing_assumed_empty"])

        def parse(serialized: Any, names: Any, defaults: Any) -> Any:
            return _parse(n, serialized, names, keys, defaults, missing)

        return parse


@op
class ParseSingleSequenceExample:
    """The features of one serialized SequenceExample (of graphs of TensorFlow 1)."""

    signature = ("serialized: string, feature_list_dense_missing_assumed_empty: string, "
                 "context_sparse_keys: Ncontext_sparse*string, context_dense_keys: Ncontext_dense*string, "
                 "feature_list_sparse_keys: Nfeature_list_sparse*string, "
                 "feature_list_dense_keys: Nfeature_list_dense*string, context_dense_defaults: list(Tcontext_dense), "
                 f"debug_name: string -> {CONTEXT}{FEATURE_LISTS}")
    takes = ("feature_list_dense_missing_assumed_empty: [?]; context_sparse_keys: []; context_dense_keys: []; "
             "feature_list_sparse_keys: []; feature_list_dense_keys: []; debug_name: []")
    attrs = f"Ncontext_dense: int >= 0 = 0; {ATTRS}"
    gradient = undefined_gradient

    def infer(n: Any, serialized: Any, *rest: Any) -> Any:
        n.with_rank(serialized, 0, "serialized")
        return _outputs(n, (), rest[-2], lengths=False)

    def kernel(n: Any) -> Any:
        lengths = n.attrs["Nfeature_list_dense"]

        def parse(serialized: Any, may_miss: Any, sparse: Any, dense: Any, sparse_lists: Any, dense_lists: Any,
                  defaults: Any, name: Any) -> Any:
            keys = [[k for key in given for k in keys_of(key)] for given in (sparse, dense, sparse_lists, dense_lists)]
            out = _parse(n, serialized, name, keys, defaults, set(keys_of(may_miss)))
            return out[:len(out) - lengths]

        return parse
