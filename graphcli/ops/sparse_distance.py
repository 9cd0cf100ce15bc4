"""How far sequences are from each other: sparse tensors of them, compared row by row."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.opdef import no_gradient, op
from ._sparse import checked, inside

CPU_ONLY = True


@op
class EditDistance:
    """How many values must be put in, left out or replaced to make one sequence of the other (tf.edit_distance).

    The sequences are the last axes of two sparse tensors. normalize: by the length of the truth.
    """

    signature = ("hypothesis_indices: int64, hypothesis_values: T, hypothesis_shape: int64, truth_indices: int64, "
                 "truth_values: T, truth_shape: int64 -> output: float32")
    attrs = "normalize: bool = True; T: type"
    gradient = no_gradient

    def infer(n: Any, *inputs: Any) -> Any:
        for i, (shape, rank) in enumerate(zip(inputs, (2, 1, 1) * 2)):
            n.with_rank(shape, rank, n.node.opdef.inputs[i].name)
        sizes = [n.shape_value(2), n.shape_value(5)]
        if any(n.value(i) is None for i in (2, 5)) or len(sizes[0]) != len(sizes[1]):
            return None
        return tuple(max(a, b) for a, b in zip(*[s[:-1] for s in sizes]))

    def kernel(n: Any) -> Any:
        normalize = n.attrs["normalize"]

        def distance(*arrays: Any) -> Any:
            for part in (arrays[:3], arrays[3:]):
                checked(*part)
                if len(part[2]) < 2:
                    raise RunError("the tensors must have at least rank 2")
                inside(part[0][:, :-1], part[2][:-1])
            if len(arrays[2]) != len(arrays[5]):
                raise RunError(f"Expected hypothesis_shape and truth_shape to have the same rank: {len(arrays[2])} and "
                               f"{len(arrays[5])}")
            out = np.zeros(np.maximum(arrays[2], arrays[5])[:-1], np.float32)
            said, truth = _sequences(arrays[0], arrays[1]), _sequences(arrays[3], arrays[4])
            for place in said.keys() | truth.keys():
                mine, right = said.get(place, []), truth.get(place, [])
                edits = _edits(mine, right) if mine and right else max(len(mine), len(right))
                out[place] = edits if not normalize else edits / len(right) if right else np.inf
            return out

        return distance


def _sequences(indices: Any, values: Any) -> dict[tuple[int, ...], list[Any]]:
    """The values of each row, as they come."""
    out: dict[tuple[int, ...], list[Any]] = {}
    for place, value in zip(map(tuple, indices[:, :-1].tolist()), values.tolist()):
        out.setdefault(place, []).append(value)
    return out


def _edits(a: list[Any], b: list[Any]) -> int:
    """The Levenshtein distance."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1]
