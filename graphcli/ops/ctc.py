"""Labels of steps without saying which step has which: connectionist temporal classification (tf.nn.ctc_loss)."""
from __future__ import annotations

import heapq
from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.opdef import no_gradient, op

CPU_ONLY = True
NEVER = -1e30
"""The logarithm of what cannot be: finite, so that sums of such do not make NaN."""
ONCE = ("Currently there is no way to take the second  derivative of ctc_loss due to the fused implementation's "
        "interaction  with tf.gradients()")


def _inputs(n: Any, inputs: Any, lengths: Any) -> tuple[Any, Any, Any]:
    """The sizes of the logits: steps, batch, classes."""
    steps, batch, classes = n.with_rank(inputs, 3, "inputs")
    batch, = n.merge((batch,), n.with_rank(lengths, 1, "sequence_length"), "batch sizes")
    return steps, batch, classes


def _check_lengths(lengths: Any, steps: int, batch: int) -> None:
    if len(lengths) != batch:
        raise RunError(f"len(sequence_length) != batch_size: {len(lengths)} and {batch}")
    for i, length in enumerate(lengths.tolist()):
        if not 0 <= length <= steps:
            raise RunError(f"sequence_length({i}) <= {steps}")


@op
class CTCLoss:
    """Minus the logarithm of how likely labels are, said by some of the steps in their order (tf.nn.ctc_loss).

    inputs: logits [steps, batch, classes], of which the last class is no label. The second output is the gradient for
    them. preprocess_collapse_repeated: labels that come again at once count once; ctc_merge_repeated: a label said by
    several steps at once is one; ignore_longer_outputs_than_inputs: rows with more labels than steps lose nothing.
    """

    signature = ("inputs: T, labels_indices: int64, labels_values: int32, sequence_length: int32 -> loss: T, "
                 "gradient: T")
    attrs = ("preprocess_collapse_repeated: bool = False; ctc_merge_repeated: bool = True; "
             "ignore_longer_outputs_than_inputs: bool = False; T: {float32, float64} = float32")

    def infer(n: Any, inputs: Any, places: Any, values: Any, lengths: Any) -> Any:
        steps, batch, classes = _inputs(n, inputs, lengths)
        n.merge(n.with_rank(places, 2, "labels_indices")[:1], n.with_rank(values, 1, "labels_values"),
                "numbers of labels")
        return [(batch,), (steps, batch, classes)]

    def kernel(n: Any) -> Any:
        collapse, merge = n.attrs["preprocess_collapse_repeated"], n.attrs["ctc_merge_repeated"]
        ignore = n.attrs["ignore_longer_outputs_than_inputs"]

        def loss(inputs: Any, places: Any, values: Any, lengths: Any) -> Any:
            steps, batch, classes = inputs.shape
            if not batch:
                raise RunError("batch_size must not be 0")
            _check_lengths(lengths, steps, batch)
            rows = _rows(places, values, batch)
            given = np.array([len(row) for row in rows])
            for i in range(batch):
                if not given[i]:
                    raise RunError(f"Labels length is zero in batch {i}")
                if not ignore and given[i] > lengths[i]:
                    raise RunError(f"Not enough time for target transition sequence (required: {given[i]}, available: "
                                   f"{lengths[i]}){i}You can turn this error into a warning by using the flag "
                                   "ignore_longer_outputs_than_inputs")
            labels = [_labels(row, classes, collapse, i) for i, row in enumerate(rows)]
            some = np.flatnonzero((lengths > 0) & (given <= lengths))
            lost, slope = np.zeros(batch, inputs.dtype), np.zeros_like(inputs)
            if len(some):
                lost[some], slope[:, some] = _paths(inputs[:, some], [labels[i] for i in some], lengths[some], merge)
            return lost, slope

        return loss

    def scratch(n: Any) -> Any:
        return 4 * n.made(1)

    def gradient(tf: Any, op: Any, grad: Any, second: Any) -> Any:
        if grad is None:
            return None
        slope = tf.apply_op("PreventGradient", None, [op.outputs[1]], {"message": ONCE})
        return [tf.expand_dims(grad, -1) * slope, None, None, None]


def _rows(places: Any, values: Any, batch: int) -> list[list[int]]:
    """The labels of each row, which come in order."""
    if len(places) != len(values):
        raise RunError("labels_indices and labels_values must contain the same number of rows, but saw shapes: "
                       f"{list(places.shape)} vs. {list(values.shape)}")
    last = (-1, -1)
    rows: list[list[int]] = [[] for _ in range(batch)]
    for (row, column), value in zip(places.tolist(), values.tolist()):
        if not 0 <= row < batch or column < 0:
            raise RunError(f"label SparseTensor is not valid: the index [{row},{column}] is out of bounds: there are "
                           f"{batch} rows")
        if (row, column) <= last:
            raise RunError(f"label SparseTensor is not valid: the index [{row},{column}] is out of order")
        last = row, column
        rows[row].append(value)
    return rows


def _labels(row: list[int], classes: int, collapse: bool, at: int) -> list[int]:
    """The labels that steps say: up to the first that is no label."""
    out: list[int] = []
    ended = False
    shown = ",".join(map(str, row))
    for i, label in enumerate(row):
        if collapse and i and label == row[i - 1]:
            continue
        if label >= classes - 1:
            ended = True
        elif ended:
            raise RunError("Saw a non-null label (index >= num_classes - 1) following a null label, batch: "
                           f"{at} num_classes: {classes} labels: {shown} labels seen so far: "
                           f"{','.join(map(str, out))}")
        elif label < 0:
            raise RunError(f"All labels must be nonnegative integers, batch: {at} labels: {shown}")
        else:
            out.append(label)
    return out


def _sum(parts: Any) -> Any:
    """The logarithm of the sum of three exponentials."""
    most = np.maximum(np.maximum(parts[0], parts[1]), parts[2])
    total = np.exp(parts[0] - most)
    total += np.exp(parts[1] - most)
    total += np.exp(parts[2] - most)
    np.log(total, out=total)
    total += most
    return total


def _paths(inputs: Any, labels: list[list[int]], lengths: Any, merge: bool) -> tuple[Any, Any]:
    """The losses of rows and their gradients, over all paths through the steps.

    A path goes through blank, label, blank, label, ..., blank: at each step it stays, moves on by one, or by two where
    it leaves out a blank. ``ahead[t]`` is how likely it is to be at each place after t steps, ``rest`` how likely the
    steps after are to end at the end.
    """
    steps, batch, classes = inputs.shape
    kind = inputs.dtype
    chance = np.exp(inputs - inputs.max(axis=2, keepdims=True))
    chance /= chance.sum(axis=2, keepdims=True)
    chance[chance < np.finfo(kind).tiny] = 0
    with np.errstate(divide="ignore"):
        logs = np.maximum(np.log(chance), kind.type(NEVER))
    ends = np.array([2 * len(row) + 1 for row in labels])
    wide = int(ends.max())
    path = np.full((batch, wide), classes - 1)
    for i, row in enumerate(labels):
        path[i, 1:2 * len(row):2] = row
    every = np.arange(batch)
    stay = np.zeros(wide, kind)
    if not merge:
        stay[1::2] = NEVER
    leap = np.full((batch, wide), NEVER, kind)
    leap[:, 3::2] = np.where(path[:, 3::2] == path[:, 1:-2:2], NEVER, 0) if merge else 0
    said = logs[:, every[:, None], path]
    del logs
    ahead = np.full((steps, batch, wide + 2), NEVER, kind)
    here = ahead[:, :, 2:]
    here[0, :, :2] = said[0, :, :2]
    for t in range(1, steps):
        before = ahead[t - 1]
        here[t] = said[t] + _sum((before[:, 2:] + stay, before[:, 1:-1], before[:, :-2] + leap))
    rest = np.full((batch, wide + 2), NEVER, kind)
    onward = np.full((batch, wide + 2), NEVER, kind)
    onward[:, :-2] = leap
    last = np.full((batch, wide), NEVER, kind)
    for i, end in enumerate(ends.tolist()):
        last[i, max(end - 2, 0):end] = 0
    for t in range(steps - 1, -1, -1):
        if t + 1 < steps:
            rest[:, :-2] += said[t + 1]
            rest[:, :-2] = _sum((rest[:, :-2] + stay, rest[:, 1:-1], rest[:, 2:] + onward[:, 2:]))
        ended = lengths == t + 1
        rest[ended, :-2] = last[ended]
        rest[lengths < t + 1, :-2] = NEVER
        here[t] += rest[:, :-2]
    most = here[0].max(axis=1)
    total = most + np.log(np.exp(here[0] - most[:, None]).sum(axis=1))
    never = total < NEVER / 10
    past = np.arange(steps)[:, None] >= lengths
    here -= np.where(never, 0, total)[:, None]
    np.exp(here, out=here)
    chance[:, :, -1] -= here[:, :, ::2].sum(axis=2)
    for place in range(1, wide, 2):
        chance[:, every, path[:, place]] -= here[:, :, place]
    chance[past] = 0
    return np.where(never, np.inf, -total), chance


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
        _, batch, _ = _inputs(n, inputs, lengths)
        return [(None, 2), (None,), (2,), (batch, 1)]

    def kernel(n: Any) -> Any:
        merge, blank_index = n.attrs["merge_repeated"], n.attrs["blank_index"]

        def decode(inputs: Any, lengths: Any) -> Any:
            steps, batch, classes = inputs.shape
            _check_lengths(lengths, steps, batch)
            if not -classes <= blank_index < classes:
                raise RunError(f"blank_index expected to be in [{-classes}, {classes}), not {blank_index}")
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
        _, batch, _ = _inputs(n, inputs, lengths)
        paths = n.attrs["top_paths"]
        return [*[(None, 2)] * paths, *[(None,)] * paths, *[(2,)] * paths, (batch, paths)]

    def kernel(n: Any) -> Any:
        width, paths, merge = n.attrs["beam_width"], n.attrs["top_paths"], n.attrs["merge_repeated"]

        def decode(inputs: Any, lengths: Any) -> Any:
            steps, batch, classes = inputs.shape
            _check_lengths(lengths, steps, batch)
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
