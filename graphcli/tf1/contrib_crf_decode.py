"""The likeliest sequence of tags of a conditional random field, by Viterbi's algorithm (tf.contrib.crf.crf_decode)."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.types import int32
from .contrib_crf import _Transitions, by_length, less_one
from .framework import apply_op
from .modules import modules
from .rnn import dynamic_rnn
from .rnn_cells import RNNCell

EXPORTS = """
contrib.crf: viterbi_decode crf_decode CrfDecodeForwardRnnCell CrfDecodeBackwardRnnCell
"""

tf = modules["tf"]


def viterbi_decode(score: Any, transition_params: Any) -> tuple[list[Any], Any]:
    """(likeliest tags, their score) of an array of scores [time, tags] and of transitions [tags, tags]."""
    best, back = score[0], []
    for row in score[1:]:
        ways = np.expand_dims(best, 1) + transition_params
        back.append(np.argmax(ways, 0).astype(np.int32))
        best = (row + np.max(ways, 0)).astype(score.dtype)
    tags = [np.argmax(best)]
    for pointers in reversed(back):
        tags.append(pointers[tags[-1]])
    return tags[::-1], np.max(best)


class CrfDecodeForwardRnnCell(_Transitions):
    """The likeliest way to each tag: gives the tag before, and keeps the scores (CrfDecodeForwardRnnCell)."""

    def __call__(self, inputs: Any, state: Any = None, scope: Any = None, **kwargs: Any) -> Any:
        ways = self._before(state)
        scores = inputs + tf.reduce_max(ways, [1])
        return tf.cast(tf.argmax(ways, 1), int32), scores


class CrfDecodeBackwardRnnCell(RNNCell):
    """Goes back from tag to tag: inputs int32 [batch, tags] say which came before (CrfDecodeBackwardRnnCell)."""

    def __init__(self, num_tags: Any) -> None:
        self._num_tags = num_tags

    @property
    def state_size(self) -> Any:
        return 1

    @property
    def output_size(self) -> Any:
        return 1

    def __call__(self, inputs: Any, state: Any = None, scope: Any = None, **kwargs: Any) -> Any:
        state = tf.squeeze(state, axis=[1])
        rows = tf.range(tf.shape(inputs)[0])
        tags = tf.expand_dims(apply_op("GatherNd", None, [inputs, tf.stack([rows, state], axis=1)]), axis=-1)
        return tags, tags


def _reversed(x: Any, lengths: Any) -> Any:
    return apply_op("ReverseSequence", None, [x, lengths], {"seq_dim": 1})


def crf_decode(potentials: Any, transition_params: Any, sequence_length: Any) -> tuple[Any, Any]:
    """(likeliest tags int32 [batch, time], their score [batch]) (tf.contrib.crf.crf_decode).

    potentials: [batch, time, tags]. transition_params: [tags, tags]. sequence_length: [batch], after which tags are 0.
    """
    def one() -> Any:
        scores = tf.squeeze(potentials, [1])
        tags = tf.expand_dims(tf.argmax(scores, axis=1), 1)
        best = tf.reduce_max(scores, axis=1)
        return tf.cast(tags, dtype=int32), best

    def several() -> Any:
        forward = CrfDecodeForwardRnnCell(transition_params)
        first = tf.squeeze(tf.slice(potentials, [0, 0, 0], [-1, 1, -1]), axis=[1])
        rest = tf.slice(potentials, [0, 1, 0], [-1, -1, -1])
        lengths = less_one(sequence_length)
        pointers, scores = dynamic_rnn(forward, rest, lengths, initial_state=first, dtype=int32)
        pointers = _reversed(pointers, lengths)
        backward = CrfDecodeBackwardRnnCell(potentials.shape[2].value)
        last = tf.expand_dims(tf.cast(tf.argmax(scores, axis=1), dtype=int32), axis=-1)
        tags, _ = dynamic_rnn(backward, pointers, lengths, initial_state=last, dtype=int32)
        tags = _reversed(tf.concat([last, tf.squeeze(tags, axis=[2])], axis=1), sequence_length)
        return tags, tf.reduce_max(scores, axis=1)

    return by_length(potentials, one, several)  # type: ignore[no-any-return]
