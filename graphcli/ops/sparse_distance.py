"""How far sequences are from each other: sparse tensors of them, compared row by row."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.opdef import no_gradient, op
from ._set_rows import met, sparse_rows
from ._sparse import checked, inside

CPU_ONLY = True
LONG = 24
"""Values of a sequence from which numpy's calls take less time than Python's."""


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
        for word, (indices, values, size) in (("hypothesis", inputs[:3]), ("truth", inputs[3:])):
            if indices is not None:
                n.merge(indices[:1], values, f"numbers of indices and values of {word}")
                n.merge(indices[1:], size, f"ranks of indices and shape of {word}")
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
            said, truth = sparse_rows(*arrays[:2]), sparse_rows(*arrays[3:5])
            places, one, other = met(said, truth)
            for i, place in enumerate(map(tuple, places.tolist())):
                mine, right = said.values[one[i]:one[i + 1]], truth.values[other[i]:other[i + 1]]
                edits = _edits(mine, right) if len(mine) and len(right) else max(len(mine), len(right))
                out[place] = edits if not normalize else edits / len(right) if len(right) else np.inf
            return out

        return distance


def _edits(a: Any, b: Any) -> int:
    """The Levenshtein distance, which is that of one from the other too: Python walks the shorter one."""
    if len(a) > len(b):
        a, b = b, a
    if len(b) < LONG:
        return _few_edits(a.tolist(), b.tolist())
    along = np.arange(len(b) + 1)
    row = along.copy()
    for x in a:
        kept = row[:-1] + (b != x)
        row += 1
        np.minimum(row[1:], kept, out=row[1:])
        # what is put in after, one by one
        row -= along
        np.minimum.accumulate(row, out=row)
        row += along
    return int(row[-1])


def _few_edits(a: list[Any], b: list[Any]) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1]
