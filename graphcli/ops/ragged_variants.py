"""Ragged rows as one value each (``variant``), as datasets hand them on and batch them."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import no_gradient, op, undefined_gradient
from ..graph.types import DType
from ._tensor_list import Variant

CPU_ONLY = True


class Rows(Variant):
    """The ends of ragged rows, from the outermost axis on, and the values."""

    __slots__ = ("splits", "values", "dtype")

    def __init__(self, splits: list[Any], values: Any, dtype: DType) -> None:
        self.splits, self.values, self.dtype = splits, values, dtype


@op
class RaggedTensorToVariant:
    """A ragged tensor as a variant, or as one for each row (batched_input)."""

    signature = "rt_nested_splits: RAGGED_RANK*Tsplits, rt_dense_values: Tvalues -> encoded_ragged: variant"
    attrs = "RAGGED_RANK: int >= 1; Tvalues: type; Tsplits: {int32, int64} = int64; batched_input: bool"
    takes = "rt_nested_splits: [?] built; rt_dense_values: >=1 built"
    gradient = no_gradient

    def infer(n: Any, splits: Any, values: Any) -> Any:
        if not n.attrs["batched_input"]:
            return ()
        size = splits[0][0] if splits[0] is not None else None
        return (None if size is None else size - 1,)

    def kernel(n: Any) -> Any:
        dtype = n.attrs["Tvalues"]

        def whole(splits: Any, values: Any) -> Any:
            return Rows(list(splits), values, dtype)

        def rows(splits: Any, values: Any) -> Any:
            ends, *inner = splits
            if not len(ends):
                raise InvalidArgument("Ragged splits may not be empty")
            out = np.empty(len(ends) - 1, object)
            for i, (start, stop) in enumerate(zip(ends.tolist(), ends[1:].tolist())):
                own = []
                for level in inner:
                    # the ends of a row begin at 0
                    own.append(level[start:stop + 1] - level[start])
                    start, stop = int(level[start]), int(level[stop])
                if not 0 <= start <= stop <= len(values):
                    raise InvalidArgument("Ragged splits must not point past values")
                out[i] = Rows(own, values[start:stop], dtype)
            return out

        return rows if n.attrs["batched_input"] else whole


@op
class RaggedTensorFromVariant:
    """The ragged tensor of a variant, or of variants that are its rows: (ends of the rows, values).

    input_ragged_rank: how many ragged axes each variant has; -1: what output_ragged_rank leaves to it.
    """

    signature = ("encoded_ragged: variant -> output_nested_splits: output_ragged_rank*Tsplits, "
                 "output_dense_values: Tvalues")
    attrs = ("input_ragged_rank: int >= -1; output_ragged_rank: int >= 1; Tvalues: type; "
             "Tsplits: {int32, int64} = int64")
    gradient = undefined_gradient

    def infer(n: Any, encoded: Any) -> Any:
        inner, outer = n.attrs["input_ragged_rank"], n.attrs["output_ragged_rank"]
        if inner >= 0:
            n.with_rank(encoded, outer - inner, "encoded_ragged")
        return [*[(None,)] * outer, None]

    def kernel(n: Any) -> Any:
        dtype, kind = n.attrs["Tvalues"], n.attrs["Tsplits"].as_numpy_dtype
        given, outer = n.attrs["input_ragged_rank"], n.attrs["output_ragged_rank"]

        def run(encoded: Any) -> Any:
            inner = outer - encoded.ndim if given < 0 else given
            if inner < 0 or outer != inner + encoded.ndim:
                raise InvalidArgument("output_ragged_rank must be equal to input_ragged_rank + encoded_ragged.dims(); "
                                      f"output_ragged_rank: {outer}, input_ragged_rank: {inner}, "
                                      f"encoded_variant.dims(): {encoded.ndim}.")
            items: list[Any] = encoded.reshape(-1).tolist() if encoded.ndim else [
                encoded if isinstance(encoded, Variant) else encoded.item()]
            for item in items:
                _check(item, inner, dtype, kind)
            out = [np.arange(int(np.prod(encoded.shape[:k + 1])) + 1) * encoded.shape[k + 1]
                   for k in range(encoded.ndim - 1)]
            if not encoded.ndim:
                return [*items[0].splits, items[0].values]
            lengths = [len(x.splits[0]) - 1 if inner else len(x.values) for x in items]
            out.append(np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]))
            for level in range(inner):
                counts = [np.diff(x.splits[level]) for x in items]
                out.append(np.concatenate([[0], np.cumsum(np.concatenate(counts or [[]]), dtype=np.int64)]))
            values = [x.values for x in items]
            if any(v.shape[1:] != values[0].shape[1:] for v in values):
                raise InvalidArgument("All flat_values must have compatible shapes.")
            flat = np.concatenate(values) if values else np.empty(0, dtype.as_numpy_dtype)
            return [*[e.astype(kind) for e in out], flat]

        return run


def _check(item: Any, rank: int, dtype: DType, kind: Any) -> None:
    if not isinstance(item, Rows):
        raise InvalidArgument("Input Variant element doesn't hold a ragged tensor")
    if len(item.splits) != rank:
        raise InvalidArgument("Encoded input Variant must hold either input_ragged_rank + 1 Tensors or an empty Tensor "
                              f"(zero splits Tensors, 1 values Tensor), input_ragged_rank: {rank}, "
                              f"encoded variant tensors: {len(item.splits) + 1}")
    if item.dtype.base_dtype is not dtype.base_dtype:
        raise InvalidArgument(f"Expected values Tensor dtype: {dtype.enum}, found: {item.dtype.enum}")
    if any(s.dtype != kind for s in item.splits):
        raise InvalidArgument(f"Expected row_splits Tensor dtype: {np.dtype(kind).name}, "
                              f"found: {item.splits[0].dtype.name}")
