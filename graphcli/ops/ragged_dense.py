"""Ragged rows as one dense tensor in which a default stands where a row has no more (RaggedTensorToTensor)."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidArgument, RunError
from ..graph.opdef import op, undefined_gradient
from ..graph.shapes import Static, compatible, merge, show

CPU_ONLY = True
KINDS = ("FIRST_DIM_SIZE", "VALUE_ROWIDS", "ROW_SPLITS")


def _axes(kinds: list[str]) -> int:
    """How many axes are ragged. Raises InvalidArgument for kinds of parts that say no rows."""
    for kind in kinds:
        if kind not in KINDS:
            raise InvalidArgument(f"Unknown string for partition info type: {kind}")
    if kinds and kinds[0] == "VALUE_ROWIDS":
        raise InvalidArgument("Cannot handle VALUE_ROWIDS in first dimension.")
    return len(kinds) - (kinds[:1] == ["FIRST_DIM_SIZE"])


def _whole(n: Any, ragged: int, shape: Static, values: Static) -> Static:
    """The static shape: that of the values behind the ragged axes, and what is said of all axes."""
    if values is not None and not values:
        n.fail("the values have at least rank 1")
    whole = None if values is None else ((None,) * (ragged + 1) + values[1:])
    if shape is None:
        return whole
    if whole is None:
        return shape
    if len(shape) != len(whole):
        n.fail(f"the shape {show(shape)} has {len(shape)} axes, values of shape {show(values)} in {ragged} ragged axes "
               f"{len(whole)}")
    if not compatible(shape[ragged + 1:], whole[ragged + 1:]):
        n.fail(f"the shape {show(shape)} does not end as that of the values, {show(values)}")
    return merge(shape, whole)


@op
class RaggedTensorToTensor:
    """Rows of different lengths as a dense tensor, cut or filled with a default where a shape is said.

    row_partition_types: what each tensor of row_partition_tensors is: FIRST_DIM_SIZE (the number of rows),
    VALUE_ROWIDS (the row of each value) or ROW_SPLITS (the ends of the rows), from the outermost axis on.
    """

    signature = ("shape: Tshape, values: T, default_value: T, "
                 "row_partition_tensors: num_row_partition_tensors*Tindex -> result: T")
    attrs = ("T: type; Tindex: {int64, int32}; Tshape: {int64, int32}; num_row_partition_tensors: int >= 1; "
             "row_partition_types: list(string)")
    takes = "shape: <=1"
    gradient = undefined_gradient

    def infer(n: Any, shape: Any, values: Any, default: Any, parts: Any) -> Any:
        kinds = [_text(k) for k in n.attrs["row_partition_types"]]
        try:
            ragged = _axes(kinds)
        except InvalidArgument as error:
            n.fail(error.message)
        if default is not None and values is not None and (len(default) >= len(values) or any(
                a not in (None, 1, b) and b is not None for a, b in zip(default, values[1:]))):
            n.fail(f"a default of shape {show(default)} does not broadcast to {show(values[1:])}, what stands in a row")
        said = n.value(0)
        if n.built:
            for kind, part in zip(kinds, parts):
                n.with_rank(part, 0 if kind == "FIRST_DIM_SIZE" else 1, f"the part {kind}")
        if shape == ():
            if n.built and said is None or said is not None and int(said) != -1:
                n.fail("The only valid scalar shape tensor is the fully unknown shape specified as -1.")
            sizes: Static = None
        elif said is not None:
            sizes = tuple(None if int(size) < 0 else int(size) for size in said)
        else:
            sizes = None if shape is None or shape[0] is None else (None,) * shape[0]
        return _whole(n, ragged, sizes, values)

    def kernel(n: Any) -> Any:
        kinds = [_text(k) for k in n.attrs["row_partition_types"]]
        _axes(kinds)

        def run(shape: Any, values: Any, default: Any, parts: Any) -> Any:
            sizes = _said(shape, len(parts) + (kinds[0] != "FIRST_DIM_SIZE"), values)
            levels = list(zip(kinds, parts))
            count = int(levels.pop(0)[1]) if kinds[0] == "FIRST_DIM_SIZE" else len(parts[0]) - 1
            if count < 0:
                raise InvalidArgument(f"Dimension {count} must be >= 0")
            places = [np.arange(count)]
            widths = [count]
            for kind, part in levels:
                rows, column, width = _rows_of(kind, part)
                above = len(places[0])
                if kind == "ROW_SPLITS" and len(part) - 1 != above or len(rows) and not (
                        0 <= rows.min() and rows.max() < above):
                    raise InvalidArgument(f"{kind} are of {above} rows: {part[:8].tolist()}")
                places = [p[rows] for p in places]
                places.append(column)
                widths.append(width)
            out = np.empty([*(w if i >= len(sizes) or sizes[i] < 0 else sizes[i] for i, w in enumerate(widths)),
                            *values.shape[1:]], values.dtype)
            out[...] = default if default.ndim < values.ndim else default.reshape(())
            if not out.size:
                return out
            if len(places[0]) != len(values):
                raise RunError("Values and indices must be equal")
            inside = np.logical_and.reduce([(p >= 0) & (p < size) for p, size in zip(places, out.shape)])
            out[tuple(p[inside] for p in places)] = values[inside]
            return out

        return run


def _said(shape: Any, ragged: int, values: Any) -> list[int]:
    """The sizes that are said, -1 for one that is left open. Raises InvalidArgument."""
    if not shape.ndim:
        if int(shape) != -1:
            raise InvalidArgument("The only valid scalar shape tensor is the fully unknown shape specified as -1.")
        return []
    sizes: list[int] = shape.tolist()
    inner = sizes[ragged:]
    if min(sizes, default=0) < -1 or len(sizes) != ragged + values.ndim - 1 or any(
            a not in (-1, b) for a, b in zip(inner, values.shape[1:])):
        raise InvalidArgument(f"the shape {sizes} is not of {ragged} ragged axes and values of shape {values.shape}")
    return sizes


def _text(kind: Any) -> str:
    return kind.decode() if isinstance(kind, bytes) else str(kind)


def _rows_of(kind: str, part: Any) -> tuple[Any, Any, int]:
    """The row of each value, its place in the row, and how long the longest row is."""
    if kind == "ROW_SPLITS":
        counts = np.maximum(np.diff(part), 0)
        rows = np.repeat(np.arange(len(counts)), counts)
        return rows, np.arange(len(rows)) - (np.cumsum(counts) - counts)[rows], int(counts.max(initial=0))
    # values of a row stand together: where another row begins the places begin anew
    begins = np.flatnonzero(np.diff(part, prepend=part[:1] - 1))
    lengths = np.diff(np.append(begins, len(part)))
    return part, np.arange(len(part)) - np.repeat(begins, lengths), int(lengths.max(initial=0))
