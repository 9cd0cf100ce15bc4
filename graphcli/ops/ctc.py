"""What labels cost that are said without saying by which step: connectionist temporal classification."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.opdef import op

CPU_ONLY = True
STEP = 1 << 15
"""Logits at a time."""
SHORT = 1 << 11
"""Places of paths that are looked at together, at least: in fewer there are more calls than work."""
SHARE = 16
"""Which part of the logits and their gradient paths may take where there are more."""
NEVER = -1e30
"""The logarithm of what cannot be: finite, so that sums of such do not make NaN."""
ONCE = ("Currently there is no way to take the second  derivative of ctc_loss due to the fused implementation's "
        "interaction  with tf.gradients()")


def sizes_of(n: Any, inputs: Any, lengths: Any) -> tuple[Any, Any, Any]:
    """The sizes of the logits: steps, batch, classes."""
    steps, batch, classes = n.with_rank(inputs, 3, "inputs")
    batch, = n.merge((batch,), n.with_rank(lengths, 1, "sequence_length"), "batch sizes")
    return steps, batch, classes


def check_lengths(lengths: Any, steps: int, batch: int) -> None:
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
        steps, batch, classes = sizes_of(n, inputs, lengths)
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
            check_lengths(lengths, steps, batch)
            said = _rows(places, values, batch)
            given = np.array([len(row) for row in said])
            for i in range(batch):
                if not given[i]:
                    raise RunError(f"Labels length is zero in batch {i}")
                if not ignore and given[i] > lengths[i]:
                    raise RunError(f"Not enough time for target transition sequence (required: {given[i]}, available: "
                                   f"{lengths[i]}){i}You can turn this error into a warning by using the flag "
                                   "ignore_longer_outputs_than_inputs")
            labels = [_labels(row, classes, collapse, i) for i, row in enumerate(said)]
            some = np.flatnonzero((lengths > 0) & (given <= lengths))
            lost, slope = np.zeros(batch, inputs.dtype), _chances(inputs)
            many = _together(batch, classes, max([2 * len(labels[i]) + 1 for i in some], default=1))
            for i in range(0, len(some), many):
                rows = some[i:i + many]
                lost[rows] = _paths(slope, rows, [labels[i] for i in rows], lengths[rows], merge)
            slope[np.arange(steps)[:, None] >= lengths] = 0
            slope[:, np.setdiff1d(np.arange(batch), some)] = 0
            return lost, slope

        return loss

    def scratch(n: Any) -> Any:
        steps, batch, classes = n.shapes[0]
        wide = 2 * -(-n.shapes[2][0] // batch) + 1
        return max(8 * STEP + n.width() * (2 * STEP + 2 * steps * batch),
                   2 * steps * _together(batch, classes, wide) * wide * n.width())

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


def _chances(inputs: Any) -> Any:
    """How likely each step is to say each class."""
    out = np.empty_like(inputs)
    many = max(1, STEP // max(1, inputs[0].size)) if len(inputs) else 1
    for i in range(0, len(inputs), many):
        some, part = inputs[i:i + many], out[i:i + many]
        np.subtract(some, some.max(axis=2, keepdims=True), out=part)
        np.exp(part, out=part)
        part /= part.sum(axis=2, keepdims=True)
        part[part < np.finfo(part.dtype).tiny] = 0
    return out


def _together(batch: int, classes: int, wide: int) -> int:
    """How many rows are looked at together, whose paths have so many places."""
    return max(1, SHORT // wide, batch * classes // (SHARE * wide))


def _paths(chance: Any, rows: Any, labels: list[list[int]], lengths: Any, merge: bool) -> Any:
    """The losses of some rows, over all paths through the steps. chance: how likely classes are, which becomes the
    gradient.

    A path goes through blank, label, blank, label, ..., blank: at each step it stays, moves on by one, or by two where
    it leaves out a blank. ``ahead[t]`` is how likely it is to be at each place after t steps, ``rest`` how likely the
    steps after are to end at the end.
    """
    steps, batch, classes, kind = len(chance), len(rows), chance.shape[2], chance.dtype
    ends = np.array([2 * len(row) + 1 for row in labels])
    wide = int(ends.max())
    path = np.full((batch, wide), classes - 1)
    for i, row in enumerate(labels):
        path[i, 1:2 * len(row):2] = row
    stay = np.zeros(wide, kind)
    if not merge:
        stay[1::2] = NEVER
    leap = np.full((batch, wide), NEVER, kind)
    leap[:, 3::2] = np.where(path[:, 3::2] == path[:, 1:-2:2], NEVER, 0) if merge else 0
    said = chance[:, rows[:, None], path]
    with np.errstate(divide="ignore"):
        np.log(said, out=said)
    np.maximum(said, kind.type(NEVER), out=said)
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
    here -= np.where(never, 0, total)[:, None]
    np.exp(here, out=here)
    chance[:, rows, -1] -= here[:, :, ::2].sum(axis=2)
    for place in range(1, wide, 2):
        chance[:, rows, path[:, place]] -= here[:, :, place]
    return np.where(never, np.inf, -total)
