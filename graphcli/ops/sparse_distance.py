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


@op
class CTCGreedyDecoder:
    """The likeliest labels of each step, without blanks (tf.nn.ctc_greedy_decoder).

    inputs: logits [steps, batch, classes]. merge_repeated: labels that come again at once count once.
    """

    signature = ("inputs: T, sequence_length: int32 -> decoded_indices: int64, decoded_values: int64, "
                 "decoded_shape: int64, log_probability: T")
    attrs = "merge_repeated: bool = False; blank_index: int = -1; T: {float32, float64} = float32"
    gradient = no_gradient

    def infer(n: Any, inputs: Any, lengths: Any) -> Any:
        inputs = n.with_rank(inputs, 3, "inputs")
        batch, = n.merge(inputs[1:2], n.with_rank(lengths, 1, "sequence_length"), "batch sizes")
        return [(None, 2), (None,), (2,), (batch, 1)]

    def kernel(n: Any) -> Any:
        merge, blank_index = n.attrs["merge_repeated"], n.attrs["blank_index"]

        def decode(inputs: Any, lengths: Any) -> Any:
            steps, batch, classes = inputs.shape
            if len(lengths) != batch:
                raise RunError(f"len(sequence_length) != batch_size: {len(lengths)} and {batch}")
            if not -classes <= blank_index < classes:
                raise RunError(f"blank_index expected to be in [{-classes}, {classes}), not {blank_index}")
            for i, length in enumerate(lengths.tolist()):
                if not 0 <= length <= steps:
                    raise RunError(f"sequence_length({i}) <= {steps}")
            blank = blank_index % classes
            best = inputs.argmax(axis=2)
            places, values, most = [], [], 0
            sums = np.zeros((batch, 1), inputs.dtype)
            for i, length in enumerate(lengths.tolist()):
                labels = best[:length, i]
                for logit in inputs[np.arange(length), i, labels]:
                    sums[i, 0] -= logit
                again = np.concatenate([[False], labels[1:] == labels[:-1]])[:length]
                kept = labels[(labels != blank) & ~(again if merge else np.zeros(length, bool))]
                places += [(i, j) for j in range(len(kept))]
                values += kept.tolist()
                most = max(most, len(kept))
            return (np.asarray(places, np.int64).reshape(-1, 2), np.asarray(values, np.int64),
                    np.array([batch, most], np.int64), sums)

        return decode
