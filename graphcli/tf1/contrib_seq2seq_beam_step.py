"""One step of a beam search: the likeliest words after each of the sentences, and which of them go on."""
from __future__ import annotations

from typing import Any, NamedTuple

from ..errors import InvalidValue
from ..graph.constant import static_value
from ..graph.types import float32, int32, int64
from . import nesting as nest
from .contrib_seq2seq_wrapper import AttentionWrapperState
from .conversion import convert_to_tensor
from .framework import name_scope
from .modules import modules
from .tensor_array import TensorArray

EXPORTS = """
contrib.seq2seq: BeamSearchDecoderOutput BeamSearchDecoderState
"""

tf = modules["tf"]


class BeamSearchDecoderState(NamedTuple):
    """The cell's state and, [batch, beams], how likely each sentence is, whether it is finished and how long."""

    cell_state: Any
    log_probs: Any
    finished: Any
    lengths: Any
    accumulated_attention_probs: Any


class BeamSearchDecoderOutput(NamedTuple):
    """[batch, beams] of a step: scores, words, and the beams of the step before that these go on from."""

    scores: Any
    predicted_ids: Any
    parent_ids: Any


def known_rank(t: Any) -> int:
    """Raises InvalidValue where it is not known."""
    if t.static is None:
        raise InvalidValue(f"the rank of {t.name} in the state must be known")
    return len(t.static)


def _averaged(probs: list[Any]) -> Any:
    return tf.reduce_mean(tf.concat([tf.expand_dims(p, -1) for p in probs], -1), -1)


def attention_probs(cell_state: Any, coverage_penalty_weight: Any) -> Any:
    """What the attention of a state looks at; None without a penalty. Raises InvalidValue where none is in it."""
    if coverage_penalty_weight == 0.0:
        return None
    if isinstance(cell_state, AttentionWrapperState):
        states: tuple[Any, ...] = (cell_state,)
    else:
        states = cell_state if isinstance(cell_state, tuple) else ()
    found = [_averaged(list(s.alignments)) if isinstance(s.alignments, tuple) else s.alignments
             for s in states if isinstance(s, AttentionWrapperState)]
    if not found:
        raise InvalidValue("coverage_penalty_weight is for cells that have attention", hint="0.0 is none")
    return found[0] if len(found) == 1 else _averaged(found)


def _masked(probs: Any, end_token: Any, finished: Any) -> Any:
    """Logarithms [batch, beams, words] in which sentences that are finished have end_token alone."""
    words = tf.shape(probs)[2]
    row = tf.one_hot(end_token, words, dtype=probs.dtype, on_value=convert_to_tensor(0.0, dtype=probs.dtype),
                     off_value=probs.dtype.min)
    rows = tf.tile(tf.reshape(row, [1, 1, -1]), tf.concat([tf.shape(finished), [1]], 0))
    mask = tf.tile(tf.expand_dims(finished, 2), [1, 1, words])
    return tf.where(mask, rows, probs)


def _length_penalty(lengths: Any, factor: Any) -> Any:
    factor = convert_to_tensor(factor, name="penalty_factor")
    factor.set_shape(())
    value = static_value(factor)
    if value is not None and value == 0:
        return 1.0
    return tf.div((5.0 + tf.cast(lengths, float32)) ** factor, (5.0 + 1.0) ** factor)


def _scores(log_probs: Any, lengths: Any, length_weight: Any, coverage_weight: Any, finished: Any, seen: Any) -> Any:
    """How good each sentence with each word is."""
    penalty = tf.cast(_length_penalty(lengths, length_weight), dtype=log_probs.dtype)
    scores = log_probs / penalty
    coverage_weight = convert_to_tensor(coverage_weight, name="coverage_penalty_weight")
    if coverage_weight.static != ():
        raise InvalidValue(f"coverage_penalty_weight is one number, not of shape {coverage_weight.shape}")
    if static_value(coverage_weight) == 0.0:
        return scores
    seen = tf.where(tf.equal(seen, 0.0), tf.ones_like(seen), seen)
    coverage = tf.reduce_sum(tf.log(tf.minimum(seen, 1.0)), 2)
    coverage *= tf.cast(finished, float32)
    return scores + tf.expand_dims(coverage * coverage_weight, 2)


def beam_search_step(time: Any, logits: Any, next_cell_state: Any, beam_state: Any, batch_size: Any, beam_width: int,
                     end_token: Any, length_penalty_weight: Any, coverage_penalty_weight: Any) -> tuple[Any, Any]:
    """(BeamSearchDecoderOutput, BeamSearchDecoderState) of logits [batch, beams, words] and the state before."""
    known = static_value(batch_size)
    batch = None if known is None else int(known)
    going_on = tf.logical_not(beam_state.finished)
    step_probs = _masked(tf.nn.log_softmax(logits), end_token, beam_state.finished)
    total = tf.expand_dims(beam_state.log_probs, 2) + step_probs
    words = logits.static[-1] or tf.shape(logits)[-1]
    longer = tf.one_hot(tf.fill([batch_size, beam_width], end_token), depth=words, on_value=tf.to_int64(0),
                        off_value=tf.to_int64(1), dtype=int64)
    longer *= tf.expand_dims(tf.cast(going_on, int64), 2)
    lengths = longer + tf.expand_dims(beam_state.lengths, 2)
    seen = attention_probs(next_cell_state, coverage_penalty_weight)
    if seen is not None:
        seen *= tf.expand_dims(tf.cast(going_on, float32), 2)
        seen = beam_state.accumulated_attention_probs + seen
    scores = _scores(total, lengths, length_penalty_weight, coverage_penalty_weight, beam_state.finished, seen)
    convert_to_tensor(time, name="time")
    flat = tf.reshape(scores, [batch_size, -1])
    best, places = tf.nn.top_k(flat, k=convert_to_tensor(beam_width, dtype=int32, name="beam_width"))
    best.set_shape((batch, beam_width))
    places.set_shape((batch, beam_width))

    def taken(indices: Any, source: Any, size: Any, shape: list[Any], name: str | None = None) -> Any:
        return _gathered(indices, source, batch_size, size, shape, name)

    probs = taken(places, total, beam_width * words, [-1], "next_beam_probs")
    ids = tf.cast(tf.mod(places, words, name="next_beam_word_ids"), int32)
    parents = tf.cast(places / words, int32, name="next_beam_parent_ids")
    finished = taken(parents, beam_state.finished, beam_width, [-1])
    over = tf.logical_or(finished, tf.equal(ids, end_token), name="next_beam_finished")
    longer = tf.cast(tf.logical_not(finished), int64)
    lengths = taken(parents, beam_state.lengths, beam_width, [-1])
    lengths += longer
    if seen is not None:
        seen = taken(parents, seen, beam_width, [batch_size * beam_width, -1], "next_accumulated_attention_probs")

    def followed(part: Any) -> Any:
        shape = [batch_size * beam_width, -1]
        if isinstance(part, TensorArray) or known_rank(part) < len(shape):
            return part
        return taken(parents, part, beam_width, shape)

    state = BeamSearchDecoderState(
        cell_state=nest.map_structure(followed, next_cell_state), log_probs=probs, lengths=lengths, finished=over,
        accumulated_attention_probs=() if seen is None else seen)
    return BeamSearchDecoderOutput(best, ids, parents), state


def _gathered(indices: Any, source: Any, batch_size: Any, size: Any, shape: list[Any], name: str | None) -> Any:
    """Of each row of ``source``, which has ``size`` parts in ``shape``, those that ``indices`` [batch, beams] name."""
    with name_scope(name, "tensor_gather_helper"):
        begin = tf.expand_dims(tf.range(batch_size) * size, 1)
        indices = tf.reshape(indices + begin, [-1])
        output = tf.gather(tf.reshape(source, shape), indices)
        sizes = tf.shape(source)[:1 + len(shape)]
        known = static_value(batch_size)
        output = tf.reshape(output, sizes, name="output")
        output.set_shape((None if known is None else int(known), *source.static[1:1 + len(shape)]))
        return output
