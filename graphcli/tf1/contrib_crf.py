"""Conditional random fields over a line: how likely a sequence of tags is (tf.contrib.crf)."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..graph.constant import constant_value
from ..graph.types import float32, int64
from .conversion import constant
from .get_variable import get_variable
from .modules import modules
from .rnn import dynamic_rnn
from .rnn_cells import RNNCell

EXPORTS = """
contrib.crf: crf_sequence_score crf_multitag_sequence_score crf_log_norm crf_log_likelihood crf_unary_score
contrib.crf: crf_binary_score CrfForwardRnnCell
"""

tf = modules["tf"]


def by_length(inputs: Any, one: Callable[[], Any], several: Callable[[], Any]) -> Any:
    """``one()`` for inputs [batch, time, tags] of one step, ``several()`` for more; the run decides if need be."""
    pred = tf.equal(inputs.static[1] or tf.shape(inputs)[1], 1)
    known = constant_value(pred)
    if known is None:
        return tf.cond(pred, one, several)
    return one() if known else several()


def less_one(lengths: Any) -> Any:
    """The lengths without their first step."""
    return tf.maximum(constant(0, dtype=lengths.dtype), lengths - 1)


def _counted(values: Any, lengths: Any) -> Any:
    """A value for each row, 0 where it has no step."""
    return tf.where(tf.less_equal(lengths, 0), tf.zeros_like(values), values)


class _Transitions(RNNCell):
    """A cell that knows what goes from each tag to each: transition_params [tags, tags]."""

    def __init__(self, transition_params: Any) -> None:
        self._transition_params = tf.expand_dims(transition_params, 0)
        self._num_tags = transition_params.shape[0].value

    @property
    def state_size(self) -> Any:
        return self._num_tags

    @property
    def output_size(self) -> Any:
        return self._num_tags

    def _before(self, state: Any) -> Any:
        """[batch, from, to] of the scores [batch, tags] before."""
        return tf.expand_dims(state, 2) + self._transition_params


class CrfForwardRnnCell(_Transitions):
    """The forward algorithm: logarithms of the sums over all ways to each tag (tf.contrib.crf.CrfForwardRnnCell)."""

    def __call__(self, inputs: Any, state: Any = None, scope: Any = None, **kwargs: Any) -> Any:
        alphas = inputs + tf.reduce_logsumexp(self._before(state), [1])
        return alphas, alphas


def crf_unary_score(tag_indices: Any, sequence_lengths: Any, inputs: Any) -> Any:
    """[batch]: what the tags [batch, time] have in inputs [batch, time, tags] together."""
    batch, steps, tags = (tf.shape(inputs)[i] for i in range(3))
    flat = tf.reshape(inputs, [-1])
    places = tf.expand_dims(tf.range(batch) * steps * tags, 1)
    places += tf.expand_dims(tf.range(steps) * tags, 0)
    if tag_indices.dtype == int64:
        places = tf.cast(places, int64)
    places = tf.reshape(places + tag_indices, [-1])
    scores = tf.reshape(tf.gather(flat, places), [batch, steps])
    mask = tf.sequence_mask(sequence_lengths, maxlen=tf.shape(tag_indices)[1], dtype=float32)
    return tf.reduce_sum(scores * mask, 1)


def crf_binary_score(tag_indices: Any, sequence_lengths: Any, transition_params: Any) -> Any:
    """[batch]: what the steps from tag to tag have in transition_params [tags, tags] together."""
    tags = transition_params.shape[0]
    count = tf.shape(tag_indices)[1] - 1
    begin = tf.slice(tag_indices, [0, 0], [-1, count])
    end = tf.slice(tag_indices, [0, 1], [-1, count])
    places = begin * tags + end
    scores = tf.gather(tf.reshape(transition_params, [-1]), places)
    mask = tf.sequence_mask(sequence_lengths, maxlen=tf.shape(tag_indices)[1], dtype=float32)
    return tf.reduce_sum(scores * tf.slice(mask, [0, 1], [-1, -1]), 1)


def crf_sequence_score(inputs: Any, tag_indices: Any, sequence_lengths: Any, transition_params: Any) -> Any:
    """[batch]: the score of the tags [batch, time], before it is compared with all others.

    inputs: [batch, time, tags]. sequence_lengths: [batch]. transition_params: [tags, tags].
    """
    def one() -> Any:
        batch = tf.shape(inputs, out_type=tag_indices.dtype)[0]
        rows = tf.reshape(tf.range(batch, dtype=tag_indices.dtype), [-1, 1])
        scores = tf.gather_nd(tf.squeeze(inputs, [1]), tf.concat([rows, tag_indices], axis=1))
        return _counted(scores, sequence_lengths)

    def several() -> Any:
        unary = crf_unary_score(tag_indices, sequence_lengths, inputs)
        return unary + crf_binary_score(tag_indices, sequence_lengths, transition_params)

    return by_length(inputs, one, several)


def crf_multitag_sequence_score(inputs: Any, tag_bitmap: Any, sequence_lengths: Any, transition_params: Any) -> Any:
    """[batch]: the score of all sequences together whose tags are True in tag_bitmap [batch, time, tags]."""
    def allowed() -> Any:
        return tf.where(tag_bitmap, inputs, tf.fill(tf.shape(inputs), float("-inf")))

    return by_length(inputs, lambda: tf.reduce_logsumexp(allowed(), axis=[1, 2], keepdims=False),
                     lambda: crf_log_norm(allowed(), sequence_lengths, transition_params))


def crf_log_norm(inputs: Any, sequence_lengths: Any, transition_params: Any) -> Any:
    """[batch]: the logarithm of the sum over all sequences of tags."""
    first = tf.squeeze(tf.slice(inputs, [0, 0, 0], [-1, 1, -1]), [1])

    def several() -> Any:
        rest = tf.slice(inputs, [0, 1, 0], [-1, -1, -1])
        cell = CrfForwardRnnCell(transition_params)
        _, alphas = dynamic_rnn(cell, rest, less_one(sequence_lengths), initial_state=first, dtype=float32)
        return _counted(tf.reduce_logsumexp(alphas, [1]), sequence_lengths)

    return by_length(inputs, lambda: _counted(tf.reduce_logsumexp(first, [1]), sequence_lengths), several)


def crf_log_likelihood(inputs: Any, tag_indices: Any, sequence_lengths: Any, transition_params: Any = None
                       ) -> tuple[Any, Any]:
    """(log likelihood [batch] of the tags [batch, time], transitions) (tf.contrib.crf.crf_log_likelihood).

    inputs: [batch, time, tags]. transition_params: [tags, tags], a variable ``transitions`` if they are not given.
    """
    tags = inputs.shape[2].value
    if transition_params is None:
        transition_params = get_variable("transitions", [tags, tags])
    scores = crf_sequence_score(inputs, tag_indices, sequence_lengths, transition_params)
    norm = crf_log_norm(inputs, sequence_lengths, transition_params)
    return scores - norm, transition_params
