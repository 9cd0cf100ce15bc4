"""Decoders that make a sequence step by step, in a while_loop (tf.contrib.seq2seq.dynamic_decode)."""
from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.constant import static_value
from ..graph.shapes import TensorShape
from ..graph.types import int32
from . import nesting as nest
from .control_flow import while_loop
from .conversion import constant, convert_to_tensor
from .modules import modules
from .rnn import cached, transposed
from .rnn_cells import zeros_of
from .tensor_array import TensorArray
from .variable_scope import variable_scope

EXPORTS = """
contrib.seq2seq: Decoder dynamic_decode
"""

tf = modules["tf"]


class Decoder(ABC):
    """What makes the next step of a sequence (tf.contrib.seq2seq.Decoder).

    A class below has ``batch_size``, ``output_size`` and ``output_dtype`` too, and ``finalize`` where something is
    left to be done after the last step.
    """

    @property
    def batch_size(self) -> Any:
        raise NotImplementedError

    @property
    def output_size(self) -> Any:
        raise NotImplementedError

    @property
    def output_dtype(self) -> Any:
        raise NotImplementedError

    @abstractmethod
    def initialize(self, name: str | None = None) -> Any:
        """(finished [batch], first inputs, first state)."""
        raise NotImplementedError

    @abstractmethod
    def step(self, time: Any, inputs: Any, state: Any, name: str | None = None) -> Any:
        """(outputs, next state, next inputs, finished [batch]) of one step."""
        raise NotImplementedError

    def finalize(self, outputs: Any, final_state: Any, sequence_lengths: Any) -> Any:
        """(outputs, state) as they are to be returned, of those of all steps."""
        raise NotImplementedError

    @property
    def tracks_own_finished(self) -> bool:
        """Whether ``step`` says what was finished before too, for it may move rows."""
        return False


def output_size_of(cell: Any, layer: Any) -> Any:
    """The sizes of a cell's outputs, or of those of the layer that comes after it."""
    if layer is None:
        return cell.output_size
    shapes = nest.map_structure(lambda size: TensorShape([None]).concatenate(
        [size] if hasattr(size, "__index__") else size), cell.output_size)
    return nest.map_structure(lambda shape: shape[1:], layer.compute_output_shape(shapes))


def _element(batch: Any, size: Any) -> TensorShape | None:
    """The static shape of what is written in each step."""
    if not isinstance(size, TensorShape) or size.rank == 0:
        return None
    known = static_value(convert_to_tensor(batch, name="batch_size"))
    return TensorShape([None if known is None else int(known)]).concatenate(size)


def _kept(finished: Any, new: Any, old: Any) -> Any:
    """A part of the state, which rows that are finished keep."""
    if isinstance(old, TensorArray):
        return new
    new.set_shape(old.static)
    return new if new.static == () else tf.where(finished, old, new)


def dynamic_decode(decoder: Any, output_time_major: bool = False, impute_finished: bool = False,
                   maximum_iterations: Any = None, parallel_iterations: int = 32, swap_memory: bool = False,
                   scope: Any = None) -> tuple[Any, Any, Any]:
    """(outputs, final state, lengths [batch]) of the steps of a decoder, until all rows are finished.

    output_time_major: outputs are [time, batch, …], otherwise [batch, time, …]. impute_finished: rows that are
    finished keep their state and give zeros. maximum_iterations: int32 []; how many steps at most.
    Raises InvalidType for what is no Decoder, InvalidValue for maximum_iterations of another rank.
    """
    if not isinstance(decoder, Decoder):
        raise InvalidType(f"dynamic_decode takes a Decoder, such as a BasicDecoder, not {said(decoder)}")
    with variable_scope(scope, "decoder") as varscope:
        cached(varscope)
        if maximum_iterations is not None:
            maximum_iterations = convert_to_tensor(maximum_iterations, int32, name="maximum_iterations")
            if maximum_iterations.static != ():
                raise InvalidValue("maximum_iterations is one number")
        finished, inputs, state = decoder.initialize()
        zeros = nest.map_structure(lambda size, dtype: zeros_of(size, decoder.batch_size, dtype),
                                   decoder.output_size, decoder.output_dtype)
        if maximum_iterations is not None:
            finished = tf.logical_or(finished, 0 >= maximum_iterations)
        lengths = tf.zeros_like(finished, dtype=int32)
        time = constant(0, int32)
        arrays = nest.map_structure(
            lambda size, dtype: TensorArray(dtype, 0, dynamic_size=True,
                                            element_shape=_element(decoder.batch_size, size)),
            decoder.output_size, decoder.output_dtype)

        def one(time: Any, arrays: Any, state: Any, inputs: Any, finished: Any, lengths: Any) -> Any:
            outputs, new_state, new_inputs, over = decoder.step(time, inputs, state)
            if not decoder.tracks_own_finished:
                over = tf.logical_or(over, finished)
            new_lengths = tf.where(tf.logical_not(finished), tf.fill(tf.shape(lengths), time + 1), lengths)
            nest.assert_same(state, new_state, "the states before and after")
            nest.assert_same(arrays, outputs, "output_size and the outputs")
            nest.assert_same(inputs, new_inputs, "the inputs of a step and of the next")
            if impute_finished:
                outputs = nest.map_structure(lambda x, zero: tf.where(finished, zero, x), outputs, zeros)
                new_state = nest.map_structure(lambda new, old: _kept(finished, new, old), new_state, state)
            arrays = nest.map_structure(lambda array, x: array.write(time, x), arrays, outputs)
            return time + 1, arrays, new_state, new_inputs, over, new_lengths

        _, arrays, state, _, _, lengths = while_loop(
            lambda *loop: tf.logical_not(tf.reduce_all(loop[4])), one, (time, arrays, state, inputs, finished, lengths),
            parallel_iterations=parallel_iterations, maximum_iterations=maximum_iterations, swap_memory=swap_memory)
        outputs = nest.map_structure(lambda array: array.stack(), arrays)
        try:
            outputs, state = decoder.finalize(outputs, state, lengths)
        except NotImplementedError:
            pass
        if not output_time_major:
            outputs = nest.map_structure(transposed, outputs)
    return outputs, state, lengths
