"""The labels that steps are likely to have said: connectionist temporal classification the other way round."""
from __future__ import annotations

import heapq
from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.opdef import no_gradient, op
from .ctc import check_lengths, sizes_of

CPU_ONLY = True


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
        _, batch, _ = sizes_of(n, inputs, lengths)
        return [(None, 2), (None,), (2,), (batch, 1)]

    def kernel(n: Any) -> Any:
        merge, blank_index = n.attrs["merge_repeated"], n.attrs["blank_index"]

        def decode(inputs: Any, lengths: Any) -> Any:
            steps, batch, classes = inputs.shape
            check_lengths(lengths, steps, batch)
            if not -classes <= blank_index < classes:
                raise RunError(f"blank_index expected to be in [{-classes}, {classes}), not {blank_index}")
            blank = blank_index % classes
            found: list[Any] = []
            sums = np.zeros((batch, 1), inputs.dtype)
            for i, length in enumerate(lengths.tolist()):
                labels = inputs[:length, i].argmax(axis=1)
                if length:
                    # in turn, as they come
                    sums[i, 0] -= np.cumsum(inputs[np.arange(length), i, labels])[-1]
                again = np.concatenate([[False], labels[1:] == labels[:-1]])[:length]
                kept = labels[(labels != blank) & ~(again if merge else np.zeros(length, bool))]
                found.append(kept.astype(np.int32))
            counts = [len(kept) for kept in found]
            places = np.empty((sum(counts), 2), np.int64)
            values = np.concatenate([np.zeros(0, np.int64), *found])
            del found
            at = 0
            for i, count in enumerate(counts):
                places[at:at + count, 0], places[at:at + count, 1] = i, np.arange(count)
                at += count
            return places, values, np.array([batch, max(counts, default=0)], np.int64), sums

        return decode


@op
class CTCBeamSearchDecoder:
    """The likeliest labels, over all steps that may have said them (tf.nn.ctc_beam_search_decoder).

    inputs: logits [steps, batch, classes], of which the last class is no label. After each step the ``beam_width``
    likeliest beginnings are kept. merge_repeated: of labels that are the same at once, one is given.
    """

    signature = ("inputs: T, sequence_length: int32 -> decoded_indices: top_paths*int64, "
                 "decoded_values: top_paths*int64, decoded_shape: top_paths*int64, log_probability: T")
    attrs = ("beam_width: int >= 1; top_paths: int >= 1; merge_repeated: bool = True; "
             "T: {float32, float64} = float32")
    gradient = no_gradient

    def infer(n: Any, inputs: Any, lengths: Any) -> Any:
        _, batch, _ = sizes_of(n, inputs, lengths)
        paths = n.attrs["top_paths"]
        return [*[(None, 2)] * paths, *[(None,)] * paths, *[(2,)] * paths, (batch, paths)]

    def kernel(n: Any) -> Any:
        width, paths, merge = n.attrs["beam_width"], n.attrs["top_paths"], n.attrs["merge_repeated"]

        def decode(inputs: Any, lengths: Any) -> Any:
            steps, batch, classes = inputs.shape
            check_lengths(lengths, steps, batch)
            if paths > width:
                raise RunError("requested more paths than the beam width.")
            chances = np.empty((batch, paths), inputs.dtype)
            found: list[list[list[int]]] = [[] for _ in range(paths)]
            for i, length in enumerate(lengths.tolist()):
                best = _beam(inputs[:length, i].astype(np.float64), width)
                if len(best) < paths:
                    raise RunError("Less leaves in the beam search than requested.")
                for k, (labels, chance) in enumerate(best[:paths]):
                    chances[i, k] = chance
                    found[k].append([x for j, x in enumerate(labels) if not (merge and j and labels[j - 1] == x)])
            places = [np.array([(i, j) for i, row in enumerate(rows) for j in range(len(row))], np.int64).reshape(-1, 2)
                      for rows in found]
            values = [np.array([x for row in rows for x in row], np.int64) for rows in found]
            shapes = [np.array([batch, max((len(row) for row in rows), default=0)], np.int64) for rows in found]
            return [*places, *values, *shapes, chances]

        return decode


def _beam(inputs: Any, width: int) -> list[tuple[list[int], float]]:
    """(labels, the logarithm of how likely they are) of the likeliest paths, the best first.

    A beginning has a chance to have been said with a label last (``spoken``) and one with a blank last (``silent``).
    """
    nodes: list[tuple[int, int]] = [(-1, -1)]
    names: dict[tuple[int, int], int] = {}
    beam, last = np.array([0]), np.array([-1])
    silent, spoken = np.array([0.0]), np.array([-np.inf])
    for row in inputs:
        row = row - row.max()
        row -= np.log(np.exp(row).sum())
        total = np.logaddexp(silent, spoken)
        at = {node: i for i, node in enumerate(beam.tolist())}
        parents = np.array([at.get(nodes[node][0], -1) for node in beam.tolist()])
        child = parents >= 0
        came = np.full(len(beam), -np.inf)
        before = parents[child]
        came[child] = np.where(last[child] == last[before], silent[before], total[before])
        spoken_now = np.logaddexp(spoken, came) + np.where(last >= 0, row[last], 0)
        silent_now = total + row[-1]
        grown = total[:, None] + row[None, :-1]
        at_end = np.flatnonzero(last >= 0)
        grown[at_end, last[at_end]] = silent[at_end] + row[last[at_end]]
        grown[before, last[child]] = -np.inf
        chances = np.concatenate([np.logaddexp(spoken_now, silent_now), grown.reshape(-1)])
        order = np.argsort(-chances, kind="stable")[:width]
        order = order[chances[order] > -np.inf]
        if _cut_short(order, parents, total, max(len(row) - 1, 1)):
            order = _one_by_one(chances[:len(beam)], grown, parents, last, total, width)
        kept, fresh = order[order < len(beam)], order[order >= len(beam)] - len(beam)
        where, labels = np.divmod(fresh, max(len(row) - 1, 1))
        born = []
        for parent, label in zip(beam[where].tolist(), labels.tolist()):
            key = parent, label
            if key not in names:
                names[key] = len(nodes)
                nodes.append(key)
            born.append(names[key])
        beam = np.concatenate([beam[kept], np.array(born, int)])
        last = np.concatenate([last[kept], labels])
        spoken = np.concatenate([spoken_now[kept], grown.reshape(-1)[fresh]])
        silent = np.concatenate([silent_now[kept], np.full(len(born), -np.inf)])
    total = np.logaddexp(silent, spoken) if len(inputs) else np.zeros(1)
    out = []
    for i in np.argsort(-total, kind="stable").tolist():
        path: list[int] = []
        node = int(beam[i])
        while node:
            node, label = nodes[node]
            path.append(label)
        out.append((path[::-1], float(total[i])))
    return out


def _cut_short(order: Any, parents: Any, total: Any, classes: int) -> bool:
    """Whether what was likeliest grew from a beginning that is itself left out and comes after its own beginning.

    TensorFlow may have given up such a beginning by then (see ``_one_by_one``).
    """
    count = len(parents)
    left = np.ones(count, bool)
    left[order[order < count]] = False
    left &= (parents >= 0) & (total[parents] >= total)
    return bool(left[(order[order >= count] - count) // classes].any())


def _one_by_one(stay: Any, grown: Any, parents: Any, last: Any, total: Any, width: int) -> Any:
    """What is kept of the beginnings (``stay``) and of what grows of them, as TensorFlow goes through them.

    The likeliest grow first. One that has been pushed out when that of which it grew comes by grows no more.
    """
    count, classes = grown.shape
    leaves = [(chance, i) for i, chance in enumerate(stay.tolist())]
    heapq.heapify(leaves)
    inside, ended = [True] * count, [False] * count
    children: dict[int, dict[int, int]] = {}
    for i, parent in enumerate(parents.tolist()):
        if parent >= 0:
            children.setdefault(parent, {})[int(last[i])] = i
    for i in np.argsort(-total, kind="stable").tolist():
        least = leaves[0][0] if len(leaves) == width else -np.inf
        if ended[i] or total[i] <= least:
            continue
        known = children.get(i, {})
        for label in sorted({*np.flatnonzero(grown[i] > least).tolist(), *known}):
            chance = float(grown[i, label])
            if label in known:
                ended[known[label]] |= not inside[known[label]]
            elif len(leaves) < width:
                heapq.heappush(leaves, (chance, count + i * classes + label))
            elif chance > leaves[0][0]:
                _, out = heapq.heapreplace(leaves, (chance, count + i * classes + label))
                if out < count:
                    inside[out] = False
    return np.array([at for _, at in sorted(leaves, key=lambda leaf: -leaf[0])])
