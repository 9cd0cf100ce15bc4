"""Training in which some rows read what the net has just made, not what was to come (tf.contrib.seq2seq)."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import InvalidValue
from ..graph.types import bool_, int32
from . import nesting as nest
from .contrib_seq2seq_draws import bernoulli, categorical
from .contrib_seq2seq_helpers import TrainingHelper, looking_up, unstacked
from .conversion import convert_to_tensor
from .framework import name_scope
from .modules import modules
from .rnn import transposed

EXPORTS = """
contrib.seq2seq: ScheduledEmbeddingTrainingHelper ScheduledOutputTrainingHelper
"""

tf = modules["tf"]


def _probability(value: Any) -> Any:
    value = convert_to_tensor(value, name="sampling_probability")
    if value.static is None or len(value.static) > 1:
        raise InvalidValue(f"sampling_probability is a number, or one for each row, not {value.shape}")
    return value


def _mixed(base: Any, sampled: Callable[[], Any], others: Callable[[], Any], source: Any,
           inputs_of: Callable[[Any, Any], Any]) -> Any:
    """``base`` with other rows where ``sampled()`` holds: ``inputs_of`` rows of ``source`` and their places."""
    where = tf.cast(tf.where(sampled()), int32)
    where_not = tf.cast(tf.where(others()), int32)
    rows, kept = tf.gather_nd(source, where), tf.gather_nd(base, where_not)
    made = inputs_of(rows, where)
    shape = tf.shape(base)
    return (tf.scatter_nd(indices=where, updates=made, shape=shape)
            + tf.scatter_nd(indices=where_not, updates=kept, shape=shape))


class ScheduledEmbeddingTrainingHelper(TrainingHelper):
    """Rows that are drawn read a word that is drawn from the logits (ScheduledEmbeddingTrainingHelper).

    embedding: a table of words, or a function of numbers that makes inputs. sampling_probability: [] or [batch].
    What is taken from the outputs is the word, -1 where none is drawn. Raises as TrainingHelper does.
    """

    def __init__(self, inputs: Any, sequence_length: Any, embedding: Any, sampling_probability: Any,
                 time_major: bool = False, seed: int | None = None, scheduling_seed: int | None = None,
                 name: str | None = None) -> None:
        with name_scope(name, "ScheduledEmbeddingSamplingWrapper", [embedding, sampling_probability]):
            self._embedding_fn = looking_up(embedding)
            self._sampling_probability = _probability(sampling_probability)
            self._seed, self._scheduling_seed = seed, scheduling_seed
            super().__init__(inputs, sequence_length, time_major, name)

    def sample(self, time: Any, outputs: Any, state: Any = None, name: str | None = None, **unused: Any) -> Any:
        with name_scope(name, "ScheduledEmbeddingTrainingHelperSample"):
            which = bernoulli(self._sampling_probability, bool_, self.batch_size, self._scheduling_seed)
            return tf.where(which, categorical(outputs, self._seed), tf.fill([self.batch_size], -1))

    def next_inputs(self, time: Any, outputs: Any, state: Any, sample_ids: Any = None, name: str | None = None,
                    **unused: Any) -> Any:
        with name_scope(name, "ScheduledEmbeddingTrainingHelperNextInputs"):
            finished, base, state = super().next_inputs(time, outputs, state, sample_ids, name)

            def maybe() -> Any:
                return _mixed(base, lambda: sample_ids > -1, lambda: sample_ids <= -1, sample_ids,
                              lambda ids, _: self._embedding_fn(ids))

            return finished, tf.cond(tf.reduce_all(finished), lambda: base, maybe), state


class ScheduledOutputTrainingHelper(TrainingHelper):
    """Rows that are drawn read the outputs themselves (tf.contrib.seq2seq.ScheduledOutputTrainingHelper).

    next_inputs_fn: makes inputs of outputs. auxiliary_inputs: beside the inputs of each step, whatever they are.
    What is taken from the outputs is whether a row was drawn. Raises as TrainingHelper does.
    """

    def __init__(self, inputs: Any, sequence_length: Any, sampling_probability: Any, time_major: bool = False,
                 seed: int | None = None, next_inputs_fn: Callable[[Any], Any] | None = None,
                 auxiliary_inputs: Any = None, name: str | None = None) -> None:
        with name_scope(name, "ScheduledOutputTrainingHelper", [inputs, auxiliary_inputs, sampling_probability]):
            self._sampling_probability = _probability(sampling_probability)
            self._beside = None
            if auxiliary_inputs is not None:
                inputs = convert_to_tensor(inputs, name="inputs")
                auxiliary_inputs = convert_to_tensor(auxiliary_inputs, name="auxiliary_inputs")
                inputs = tf.concat((inputs, auxiliary_inputs), -1)
                self._beside = unstacked(auxiliary_inputs if time_major else transposed(auxiliary_inputs))
            self._seed, self._next_inputs_fn = seed, next_inputs_fn
            super().__init__(inputs, sequence_length, time_major, name)

    def sample(self, time: Any, outputs: Any, state: Any = None, name: str | None = None, **unused: Any) -> Any:
        with name_scope(name, "ScheduledOutputTrainingHelperSample"):
            return bernoulli(self._sampling_probability, int32, self.batch_size, self._seed)

    def next_inputs(self, time: Any, outputs: Any, state: Any, sample_ids: Any = None, name: str | None = None,
                    **unused: Any) -> Any:
        with name_scope(name, "ScheduledOutputTrainingHelperNextInputs"):
            finished, base, state = super().next_inputs(time, outputs, state, sample_ids, name)
            sampled = tf.cast(sample_ids, bool_)

            def joined(made: Any, places: Any = None) -> Any:
                if self._beside is None:
                    return made
                beside = self._beside.read(time + 1)
                if places is not None:
                    beside = tf.gather_nd(beside, places)
                return nest.map_structure(lambda x, y: tf.concat((x, y), -1), made, beside)

            def maybe() -> Any:
                inputs_of = self._next_inputs_fn
                if inputs_of is None:
                    return tf.where(sampled, joined(outputs), base)
                return _mixed(base, lambda: sampled, lambda: tf.logical_not(sampled), outputs,
                              lambda rows, places: joined(inputs_of(rows), places))

            over = tf.reduce_all(finished)
            none = tf.logical_not(tf.reduce_any(sampled))
            return finished, tf.cond(tf.logical_or(over, none), lambda: base, maybe), state
