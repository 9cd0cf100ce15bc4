"""What a decoder reads next: the sequences that are known, or what it has just made (tf.contrib.seq2seq)."""
from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.shapes import TensorShape
from ..graph.types import int32
from .contrib_seq2seq_draws import categorical
from .conversion import convert_to_tensor, is_tensor
from .embedding import embedding_lookup
from .framework import name_scope
from .modules import modules
from .rnn import transposed
from .tensor_array import TensorArray

EXPORTS = """
contrib.seq2seq: Helper CustomHelper TrainingHelper GreedyEmbeddingHelper SampleEmbeddingHelper InferenceHelper
"""

tf = modules["tf"]


class Helper(ABC):
    """What makes the inputs of the steps of a BasicDecoder (tf.contrib.seq2seq.Helper)."""

    @property
    @abstractmethod
    def batch_size(self) -> Any:
        """int32 []."""
        raise NotImplementedError

    @property
    @abstractmethod
    def sample_ids_shape(self) -> Any:
        """The shape of what is taken from the outputs of a row."""
        raise NotImplementedError

    @property
    @abstractmethod
    def sample_ids_dtype(self) -> Any:
        raise NotImplementedError

    @abstractmethod
    def initialize(self, name: str | None = None) -> Any:
        """(finished [batch], first inputs)."""

    @abstractmethod
    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        """What is taken from the outputs of a step."""

    @abstractmethod
    def next_inputs(self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: str | None = None) -> Any:
        """(finished [batch], next inputs, next state)."""


class CustomHelper(Helper):
    """A helper of three functions, called as its methods are (tf.contrib.seq2seq.CustomHelper)."""

    def __init__(self, initialize_fn: Callable[..., Any], sample_fn: Callable[..., Any],
                 next_inputs_fn: Callable[..., Any], sample_ids_shape: Any = None,
                 sample_ids_dtype: Any = None) -> None:
        self._initialize_fn, self._sample_fn, self._next_inputs_fn = initialize_fn, sample_fn, next_inputs_fn
        self._batch_size: Any = None
        self._sample_ids_shape = TensorShape(sample_ids_shape or [])
        self._sample_ids_dtype = sample_ids_dtype or int32

    @property
    def batch_size(self) -> Any:
        """Raises InvalidValue before ``initialize``."""
        if self._batch_size is None:
            raise InvalidValue("the batch size of a CustomHelper is known after initialize()")
        return self._batch_size

    @property
    def sample_ids_shape(self) -> Any:
        return self._sample_ids_shape

    @property
    def sample_ids_dtype(self) -> Any:
        return self._sample_ids_dtype

    def initialize(self, name: str | None = None) -> Any:
        with name_scope(name, f"{type(self).__name__}Initialize"):
            finished, inputs = self._initialize_fn()
            if self._batch_size is None:
                self._batch_size = tf.size(finished)
        return finished, inputs

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        with name_scope(name, f"{type(self).__name__}Sample"):
            return self._sample_fn(time=time, outputs=outputs, state=state)

    def next_inputs(self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: str | None = None) -> Any:
        with name_scope(name, f"{type(self).__name__}NextInputs"):
            return self._next_inputs_fn(time=time, outputs=outputs, state=state, sample_ids=sample_ids)


def unstacked(x: Any) -> TensorArray:
    """An array of the steps of x [time, batch, …]."""
    return TensorArray(x.dtype, tf.shape(x)[0], element_shape=x.shape[1:]).unstack(x)


class _Words(Helper):
    """Helpers that take a whole number from each row of the outputs."""

    _batch_size: Any

    @property
    def batch_size(self) -> Any:
        return self._batch_size

    @property
    def sample_ids_shape(self) -> Any:
        return TensorShape([])

    @property
    def sample_ids_dtype(self) -> Any:
        return int32


class TrainingHelper(_Words):
    """The inputs are known: [batch, time, …], or [time, batch, …] with time_major (tf.contrib.seq2seq.TrainingHelper).

    sequence_length: [batch]. Raises InvalidValue for lengths of another rank.
    """

    def __init__(self, inputs: Any, sequence_length: Any, time_major: bool = False, name: str | None = None) -> None:
        with name_scope(name, "TrainingHelper", [inputs, sequence_length]):
            self._inputs = inputs = convert_to_tensor(inputs, name="inputs")
            if not time_major:
                inputs = transposed(inputs)
            self._input_tas = unstacked(inputs)
            self._sequence_length = convert_to_tensor(sequence_length, name="sequence_length")
            if self._sequence_length.static is None or len(self._sequence_length.static) != 1:
                raise InvalidValue(f"sequence_length is a number for each row, not {self._sequence_length.shape}")
            self._zero_inputs = tf.zeros_like(inputs[0, :])
            self._batch_size = tf.size(sequence_length)

    @property
    def inputs(self) -> Any:
        return self._inputs

    @property
    def sequence_length(self) -> Any:
        return self._sequence_length

    def initialize(self, name: str | None = None) -> Any:
        with name_scope(name, "TrainingHelperInitialize"):
            finished = tf.equal(0, self._sequence_length)
            return finished, self._read(finished, 0)

    def _read(self, finished: Any, time: Any) -> Any:
        return tf.cond(tf.reduce_all(finished), lambda: self._zero_inputs, lambda: self._input_tas.read(time))

    def sample(self, time: Any, outputs: Any, state: Any = None, name: str | None = None, **unused: Any) -> Any:
        with name_scope(name, "TrainingHelperSample", [time, outputs]):
            return tf.cast(tf.argmax(outputs, axis=-1), int32)

    def next_inputs(self, time: Any, outputs: Any, state: Any, sample_ids: Any = None, name: str | None = None,
                    **unused: Any) -> Any:
        with name_scope(name, "TrainingHelperNextInputs"):
            time = time + 1
            finished = time >= self._sequence_length
            return finished, self._read(finished, time), state


def looking_up(embedding: Any) -> Callable[[Any], Any]:
    """The function that makes inputs of whole numbers: the one that is given, or rows of a table."""
    return embedding if callable(embedding) else lambda ids: embedding_lookup(embedding, ids)


def tokens(start_tokens: Any, end_token: Any) -> tuple[Any, Any]:
    """Both as int32. Raises InvalidValue where the first are no vector, the second no number."""
    start = convert_to_tensor(start_tokens, int32, name="start_tokens")
    if start.static is None or len(start.static) != 1:
        raise InvalidValue(f"start_tokens is a number for each row, not {start.shape}")
    end = convert_to_tensor(end_token, int32, name="end_token")
    if end.static != ():
        raise InvalidValue(f"end_token is one number, not {end.shape}")
    return start, end


class GreedyEmbeddingHelper(_Words):
    """The next input is the likeliest word of the logits (tf.contrib.seq2seq.GreedyEmbeddingHelper).

    embedding: a table of words, or a function of numbers [batch] that makes inputs. start_tokens: int32 [batch].
    end_token: int32 [], after which a row is finished. Raises InvalidValue for other ranks.
    """

    def __init__(self, embedding: Any, start_tokens: Any, end_token: Any) -> None:
        self._embedding_fn = looking_up(embedding)
        self._start_tokens, self._end_token = tokens(start_tokens, end_token)
        self._batch_size = tf.size(start_tokens)
        self._start_inputs = self._embedding_fn(self._start_tokens)

    def initialize(self, name: str | None = None) -> Any:
        return tf.tile([False], [self._batch_size]), self._start_inputs

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        self._single(outputs)
        return tf.argmax(outputs, axis=-1, output_type=int32)

    def _single(self, outputs: Any) -> None:
        if not is_tensor(outputs):
            raise InvalidType(f"{type(self).__name__} takes logits from one tensor, not from {said(outputs)}")

    def next_inputs(self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: str | None = None) -> Any:
        finished = tf.equal(sample_ids, self._end_token)
        inputs = tf.cond(tf.reduce_all(finished), lambda: self._start_inputs, lambda: self._embedding_fn(sample_ids))
        return finished, inputs, state


class SampleEmbeddingHelper(GreedyEmbeddingHelper):
    """The next input is a word that is drawn (tf.contrib.seq2seq.SampleEmbeddingHelper).

    softmax_temperature: what logits are divided by.
    """

    def __init__(self, embedding: Any, start_tokens: Any, end_token: Any, softmax_temperature: Any = None,
                 seed: int | None = None) -> None:
        super().__init__(embedding, start_tokens, end_token)
        self._softmax_temperature, self._seed = softmax_temperature, seed

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        self._single(outputs)
        logits = outputs if self._softmax_temperature is None else outputs / self._softmax_temperature
        return categorical(logits, self._seed)


class InferenceHelper(Helper):
    """The next input is what a function takes from the outputs (tf.contrib.seq2seq.InferenceHelper).

    sample_fn: of outputs. sample_shape, sample_dtype: of what it gives for a row. end_fn: of that, whether rows are
    finished. next_inputs_fn: of that, the next inputs, which it is itself otherwise.
    """

    def __init__(self, sample_fn: Callable[[Any], Any], sample_shape: Any, sample_dtype: Any, start_inputs: Any,
                 end_fn: Callable[[Any], Any], next_inputs_fn: Callable[[Any], Any] | None = None) -> None:
        self._sample_fn, self._end_fn, self._next_inputs_fn = sample_fn, end_fn, next_inputs_fn
        self._sample_shape, self._sample_dtype = TensorShape(sample_shape), sample_dtype
        self._batch_size = tf.shape(start_inputs)[0]
        self._start_inputs = convert_to_tensor(start_inputs, name="start_inputs")

    @property
    def batch_size(self) -> Any:
        return self._batch_size

    @property
    def sample_ids_shape(self) -> Any:
        return self._sample_shape

    @property
    def sample_ids_dtype(self) -> Any:
        return self._sample_dtype

    def initialize(self, name: str | None = None) -> Any:
        return tf.tile([False], [self._batch_size]), self._start_inputs

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        return self._sample_fn(outputs)

    def next_inputs(self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: str | None = None) -> Any:
        inputs = sample_ids if self._next_inputs_fn is None else self._next_inputs_fn(sample_ids)
        return self._end_fn(sample_ids), inputs, state
