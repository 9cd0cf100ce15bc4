"""Rows of different lengths as the ends of the rows and one tensor of values (tf.ragged)."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import no_gradient, op

CPU_ONLY = True


@op
class RaggedRange:
    """Numbers from starts to limits by deltas, a row for each: (ends of the rows, numbers) (tf.ragged.range)."""

    signature = "starts: T, limits: T, deltas: T -> rt_nested_splits: Tsplits, rt_dense_values: T"
    takes = "starts: <=1; limits: <=1; deltas: <=1"
    attrs = "T: {bfloat16, float32, float64, int32, int64} = int32; Tsplits: {int32, int64} = int64"
    gradient = no_gradient

    def infer(n: Any, *inputs: Any) -> Any:
        rows: Any = None
        for shape in inputs:
            if shape is not None and len(shape) == 1:
                rows = n.merge(rows, shape, "numbers of rows")
        if rows is None:
            rows = (None if None in inputs else 1,)
        return [(None if rows[0] is None else rows[0] + 1,), (None,)]

    def kernel(n: Any) -> Any:
        splits = n.attrs["Tsplits"].as_numpy_dtype

        def run(*inputs: Any) -> Any:
            rows = np.broadcast_arrays(*inputs)
            starts, limits, deltas = (np.atleast_1d(x) for x in rows)
            if (deltas == 0).any():
                raise InvalidArgument("Requires delta != 0")
            counts = [max(0, -(-(b - a) // c)) if isinstance(a, int) else int(max(0.0, np.ceil((b - a) / c)))
                      for a, b, c in zip(starts.tolist(), limits.tolist(), deltas.tolist())]
            ends = np.concatenate([[0], np.cumsum(counts)]).astype(splits)
            out = np.empty(int(ends[-1]), starts.dtype)
            for i, count in enumerate(counts):
                # each is the one before it and a delta, rounded
                row = np.full(count, deltas[i], starts.dtype)
                row[:1] = starts[i]
                out[int(ends[i]):int(ends[i + 1])] = np.cumsum(row, dtype=starts.dtype)
            return [ends, out]

        return run


@op
class RaggedGather:
    """Rows of ragged rows by their places: (ends of the rows, from the outermost axis on; values) (tf.gather)."""

    signature = ("params_nested_splits: PARAMS_RAGGED_RANK*Tsplits, params_dense_values: Tvalues, indices: Tindices -> "
                 "output_nested_splits: OUTPUT_RAGGED_RANK*Tsplits, output_dense_values: Tvalues")
    attrs = ("Tvalues: type; Tindices: {int32, int64}; Tsplits: {int32, int64} = int64; PARAMS_RAGGED_RANK: int >= 1; "
             "OUTPUT_RAGGED_RANK: int >= 0")
    takes = "params_nested_splits: [?] built; params_dense_values: >=1 built"

    def infer(n: Any, splits: Any, values: Any, indices: Any) -> Any:
        rank = n.attrs["OUTPUT_RAGGED_RANK"]
        n.with_rank(indices, rank - len(splits) + 1, "indices")
        return [*[(None,)] * rank, None if values is None else (None, *values[1:])]

    def kernel(n: Any) -> Any:
        kind = n.attrs["Tsplits"].as_numpy_dtype

        def run(splits: Any, values: Any, indices: Any) -> Any:
            if not values.ndim:
                raise InvalidArgument("params.rank must be nonzero")
            for i, ends in enumerate(splits):
                _check_ends(ends, len(splits[i + 1]) if i + 1 < len(splits) else len(values))
            rows = len(splits[0]) - 1
            flat = indices.reshape(-1)
            wrong = np.flatnonzero((flat < 0) | (flat >= rows))
            if wrong.size:
                place = "".join(f"[{k}]" for k in np.unravel_index(wrong[0], indices.shape))
                raise InvalidArgument(f"indices{place} = {flat[wrong[0]]} is not in [0, {rows})")
            out = [np.arange(int(np.prod(indices.shape[:k + 1])) + 1) * indices.shape[k + 1]
                   for k in range(indices.ndim - 1)]
            starts, stops = flat, flat + 1
            for i, ends in enumerate(splits):
                # a scalar index opens the row: its own ends are those of no axis
                if i or indices.ndim:
                    counts = np.diff(ends)[_ranges(starts, stops)]
                    out.append(np.concatenate([[0], np.cumsum(counts)]))
                starts, stops = ends[starts], ends[stops]
            return [*[e.astype(kind) for e in out], values[_ranges(starts, stops)]]

        return run

    def gradient(tf: Any, op: Any, *grads: Any) -> Any:
        *splits, values, indices = op.inputs
        ends = splits[0]
        for inner in splits[1:]:
            ends = tf.gather(inner, ends)
        flat = tf.reshape(indices, [-1])
        rows = tf.ragged.range(tf.gather(ends, flat), tf.gather(ends[1:], flat)).values
        return [*[None] * len(splits), tf.IndexedSlices(grads[-1], rows, tf.shape(values)), None]


def _check_ends(ends: Any, beyond: int) -> None:
    """Raises InvalidArgument for ends of rows that are none."""
    if not len(ends):
        raise InvalidArgument("Ragged splits may not be empty")
    if ends[0] < 0:
        raise InvalidArgument("Ragged splits must be non-negative")
    if (np.diff(ends) < 0).any():
        raise InvalidArgument("Ragged splits must be sorted")
    if ends[-1] > beyond:
        raise InvalidArgument("Ragged splits must not point past values")


def _ranges(starts: Any, stops: Any) -> Any:
    """The whole numbers from each start to its stop, one range after the other."""
    counts = stops - starts
    before = np.cumsum(counts) - counts
    return np.arange(int(counts.sum())) + np.repeat(starts - before, counts)


@op
class RaggedTensorToSparse:
    """Ragged rows as a sparse tensor: (indices, values, dense_shape)."""

    signature = ("rt_nested_splits: RAGGED_RANK*Tsplits, rt_dense_values: T -> sparse_indices: int64, "
                 "sparse_values: T, sparse_dense_shape: int64")
    attrs = "RAGGED_RANK: int >= 1; T: type; Tsplits: {int32, int64} = int64"

    def infer(n: Any, splits: Any, values: Any) -> Any:
        for shape in splits:
            n.with_rank(shape, 1, "splits")
        if values is None:
            return [(None, None), (None,), (None,)]
        if not values:
            n.fail("the values have at least rank 1")
        rank = len(splits) + len(values)
        total = 1
        for size in values:
            total = None if total is None or size is None else total * size  # type: ignore[assignment]
        return [(total, rank), (total,), (rank,)]

    def kernel(n: Any) -> Any:
        def run(splits: Any, values: Any) -> Any:
            columns: list[Any] = []
            widths = [len(splits[0]) - 1]
            for k, ends in enumerate(splits):
                beyond = len(splits[k + 1]) - 1 if k + 1 < len(splits) else len(values)
                counts = np.diff(ends)
                if not len(ends) or ends[0] != 0 or (counts < 0).any() or ends[-1] != beyond:
                    raise InvalidArgument(f"splits rise from 0 to the {beyond} rows that they part")
                rows = np.repeat(np.arange(len(counts)), counts)
                columns = [c[rows] for c in columns] + ([rows] if not columns else [])
                columns.append(np.arange(beyond) - np.asarray(ends)[:-1][rows])
                widths.append(int(counts.max(initial=0)))
            inner = values.shape[1:]
            size = int(np.prod(inner, dtype=int))
            parts = [np.repeat(c, size) for c in columns]
            parts += [np.tile(c.reshape(-1), len(values)) for c in np.indices(inner)]
            return [np.stack(parts, 1).astype(np.int64), values.reshape(-1),
                    np.array([*widths, *inner], np.int64)]

        return run

    def gradient(tf: Any, op: Any, *grads: Any) -> Any:
        *splits, values = op.inputs
        return [*[None] * len(splits), tf.reshape(grads[1], tf.shape(values))]
