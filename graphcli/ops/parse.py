"""tf.train.Example messages, taken apart into tensors (tf.parse_example)."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import NotSupported, RunError
from ..graph.opdef import op, undefined_gradient
from ._datasets import OUTPUTS, Dataset, dataset_op, each_of, kept
from ._examples import (
    TYPES,
    dense_in_one,
    dense_of,
    fitting_default,
    joined,
    keys_of,
    pieces,
    rows_read,
    sparse_of,
)
from .serialized import in_three

CPU_ONLY = True


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
    for given, shape in zip(defaults, n.attrs["dense_shapes"]):
        fitting_default(n, given, shape)
    axes = None if rank is None else rank + 1
    dense = [None if serialized is None else (*serialized, *shape) for shape in n.attrs["dense_shapes"]]
    return [*[(None, axes)] * sparse, *[(None,)] * sparse, *[(axes,)] * sparse, *dense]


def _parsed(n: Any, serialized: Any, names: Any, sparse_keys: list[str], dense_keys: list[str], defaults: Any,
            sparse_types: list[Any]) -> list[Any]:
    """The outputs."""
    alone = np.ndim(serialized) == 0
    texts = np.asarray(serialized).reshape(-1).tolist()
    names = np.asarray(names).reshape(-1).tolist()
    if names and len(names) != len(texts):
        raise RunError(f"Expected len(names) == len(serialized), but got {len(names)} and {len(texts)}")
    sparse: list[list[Any]] = [[] for _ in sparse_keys]
    dense: list[list[Any]] = [[] for _ in dense_keys]
    kinds, shapes, given = n.attrs["Tdense"], n.attrs["dense_shapes"], list(map(np.asarray, defaults))
    wanted = list(zip([*sparse_keys, *dense_keys], [*sparse_types, *kinds]))
    for some in pieces(texts):
        rows = rows_read(texts[some], names[some], wanted, some.start)
        for parts, (values, counts, _) in zip(sparse, rows):
            parts.append((values, counts))
        for made, row, key, kind, shape, default in zip(dense, rows[len(sparse):], dense_keys, kinds, shapes, given):
            block = dense_of(row, names[some], key, kind, shape, default, alone, some.start)
            if alone or len(block) == len(texts) or shape and shape[0] is None:
                made.append(block)
                continue
            if not made:
                made.append(np.empty((len(texts), *block.shape[1:]), block.dtype))
            made[0][some] = block
    whole = []
    for parts in sparse:
        counts = np.concatenate([c for _, c in parts])
        values = [v for v, _ in parts]
        parts.clear()
        whole.append(sparse_of(joined(values), counts, alone))
    ends = [dense_in_one(*each) for each in zip(dense, kinds, shapes, given)]
    return [*(part[i] for i in range(3) for part in whole), *ends]


@op
class ParseExampleV2:
    """The features of serialized Examples, of one or of several (tf.parse_example)."""

    signature = ("serialized: string, names: string, sparse_keys: string, dense_keys: string, ragged_keys: string, "
                 "dense_defaults: list(Tdense) -> sparse_indices: num_sparse*int64, sparse_values: list(sparse_types), "
                 "sparse_shapes: num_sparse*int64, dense_values: list(Tdense), "
                 "ragged_values: list(ragged_value_types), ragged_row_splits: list(ragged_split_types)")
    takes = ("names: <=1; sparse_keys: [num_sparse]; dense_keys: [Tdense]; "
             "ragged_keys: [ragged_value_types]")
    attrs = (f"Tdense: {TYPES} >= 0; num_sparse: int >= 0; sparse_types: {TYPES} >= 0; "
             f"ragged_value_types: {TYPES} >= 0; "
             "ragged_split_types: list({int32, int64}) >= 0; dense_shapes: list(shape) >= 0")
    gradient = undefined_gradient

    def infer(n: Any, serialized: Any, names: Any, sparse: Any, dense: Any, ragged: Any, defaults: Any) -> Any:
        if names and names[0] and serialized is not None:
            n.merge(serialized, names, "shapes of serialized and names")
        rest = len(n.attrs["ragged_value_types"]) + len(n.attrs["ragged_split_types"])
        return [*_outputs(n, serialized, defaults, n.attrs["num_sparse"]), *[(None,)] * rest]

    def kernel(n: Any) -> Any:
        if n.attrs["ragged_value_types"]:
            raise NotSupported("there are no ragged features here", n.node.span)

        def parse(serialized: Any, names: Any, sparse: Any, dense: Any, ragged: Any, defaults: Any) -> Any:
            return _parsed(n, serialized, names, keys_of(sparse), keys_of(dense), defaults, n.attrs["sparse_types"])

        return parse


def _dataset(n: Any) -> Any:
    keys = [[str(k) for k in n.attrs[f"{which}_keys"]] for which in ("sparse", "dense")]
    if n.attrs.get("ragged_keys"):
        raise NotSupported("there are no ragged features here", n.node.span)
    # an element has the features by their names
    order = np.argsort(np.array([*keys[0], *keys[1]], object), kind="stable").tolist()
    many = len(keys[0])

    def made(rows: Any, calls: Any, defaults: Any) -> Dataset:
        defaults = kept(n, defaults, 2)

        def parse(element: Any) -> Any:
            found = _parsed(n, element[0], [], keys[0], keys[1], defaults, n.attrs["sparse_types"])
            parts = [*(in_three(found[i:3 * many:many]) for i in range(many)), *found[3 * many:]]
            return tuple(parts[i] for i in order)

        return Dataset(lambda: each_of(rows, parse), rows.many)

    return made


dataset_op("ParseExampleDatasetV2", "The features of serialized Examples (parse_example_dataset).",
           "input_dataset: variant, num_parallel_calls: int64, dense_defaults: list(Tdense)",
           f"sparse_keys: list(string) >= 0; dense_keys: list(string) >= 0; sparse_types: {TYPES} >= 0; "
           f"Tdense: {TYPES} >= 0; dense_shapes: list(shape) >= 0; {OUTPUTS}; deterministic: string = 'default'; "
           f"ragged_keys: list(string) >= 0 = []; ragged_value_types: {TYPES} >= 0 = []; "
           "ragged_split_types: list({int32, int64}) >= 0 = []", _dataset)


@op
class ParseExample:
    """The features of serialized Examples (of older graphs)."""

    signature = ("serialized: string, names: string, sparse_keys: Nsparse*string, dense_keys: Ndense*string, "
                 "dense_defaults: list(Tdense) -> sparse_indices: Nsparse*int64, sparse_values: list(sparse_types), "
                 "sparse_shapes: Nsparse*int64, dense_values: list(Tdense)")
    takes = "names: [?]"
    attrs = (f"Nsparse: int >= 0; Ndense: int >= 0; sparse_types: {TYPES} >= 0; Tdense: {TYPES} >= 0; "
             "dense_shapes: list(shape) >= 0")
    gradient = undefined_gradient

    def infer(n: Any, serialized: Any, names: Any, sparse: Any, dense: Any, defaults: Any) -> Any:
        return _outputs(n, n.with_rank(serialized, 1, "serialized"), defaults, len(sparse))

    def kernel(n: Any) -> Any:
        def parse(serialized: Any, names: Any, sparse: Any, dense: Any, defaults: Any) -> Any:
            return _parsed(n, serialized, names, [k for key in sparse for k in keys_of(key)],
                           [k for key in dense for k in keys_of(key)], defaults, n.attrs["sparse_types"])

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
            return _parsed(n, serialized, [], n.attrs["sparse_keys"], n.attrs["dense_keys"], defaults,
                           n.attrs["sparse_types"])

        return parse
