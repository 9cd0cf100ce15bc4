"""A cell that looks into memories (tf.contrib.seq2seq.AttentionWrapper)."""
from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from ..errors import InvalidType, InvalidValue, said
from ..graph.shapes import TensorShape
from ..graph.types import int32
from . import nesting as nest
from .contrib_seq2seq_attention import AttentionMechanism, without_bias
from .contrib_shapes import with_same_shape
from .conversion import is_tensor
from .framework import control_dependencies, name_scope
from .modules import modules
from .rnn_cells import RNNCell, like_a_cell, zeros_of
from .tensor_array import TensorArray

EXPORTS = """
contrib.seq2seq: AttentionWrapper AttentionWrapperState
contrib.seq2seq.python.ops.attention_wrapper: _compute_attention=compute_attention
"""

tf = modules["tf"]
_SIZES = "Non-matching batch sizes between"
_ADVICE = "Are you using the BeamSearchDecoder?  "
_TILE = "You may need to tile your {} via the tf.contrib.seq2seq.tile_batch function with argument multiple=beam_width."


class AttentionWrapperState(NamedTuple):
    """The state of an AttentionWrapper: that of its cell, what it has seen, when, and how much each step counted."""

    cell_state: Any
    attention: Any
    time: Any
    alignments: Any
    alignment_history: Any
    attention_state: Any

    def clone(self, **kwargs: Any) -> AttentionWrapperState:
        """A copy with other parts, of the same shapes. Raises InvalidValue for other shapes."""
        def alike(old: Any, new: Any) -> Any:
            return with_same_shape(old, new) if is_tensor(old) and is_tensor(new) else new

        return nest.map_structure(alike, self, self._replace(**kwargs))  # type: ignore[no-any-return]


def compute_attention(mechanism: Any, cell_output: Any, attention_state: Any, attention_layer: Any
                      ) -> tuple[Any, Any, Any]:
    """(what is seen, weights [batch, time], next state) for the output of a cell."""
    alignments, state = mechanism(cell_output, state=attention_state)
    seen = tf.squeeze(tf.matmul(tf.expand_dims(alignments, 1), mechanism.values), [1])
    if attention_layer is not None:
        seen = attention_layer(tf.concat([cell_output, seen], 1))
    return seen, alignments, state


class AttentionWrapper(RNNCell):
    """A cell whose output is joined with what it sees in a memory (tf.contrib.seq2seq.AttentionWrapper).

    attention_mechanism: one, or a list. attention_layer_size, attention_layer: a layer over the cell's output and
    what is seen, without bias; one for each mechanism. cell_input_fn: makes the cell's inputs of inputs and what was
    seen, joined by default. output_attention: whether that is the output, or the cell's. alignment_history: weights
    of all steps are kept. initial_cell_state: of ``zero_state``.
    Raises InvalidType for what is none of these, InvalidValue for other numbers of layers or other batches.
    """

    def __init__(self, cell: Any, attention_mechanism: Any, attention_layer_size: Any = None,
                 alignment_history: bool = False, cell_input_fn: Callable[[Any, Any], Any] | None = None,
                 output_attention: bool = True, initial_cell_state: Any = None, name: str | None = None,
                 attention_layer: Any = None, attention_fn: Callable[..., Any] | None = None,
                 dtype: Any = None) -> None:
        super().__init__(name=name, dtype=dtype)
        like_a_cell("cell", cell)
        self._is_multi = isinstance(attention_mechanism, (list, tuple))
        self._attention_mechanisms = attention_mechanism if self._is_multi else (attention_mechanism,)
        for mechanism in self._attention_mechanisms:
            if not isinstance(mechanism, AttentionMechanism):
                raise InvalidType(f"attention_mechanism is an AttentionMechanism or a list, not {said(mechanism)}")
        if cell_input_fn is not None and not callable(cell_input_fn):
            raise InvalidType(f"cell_input_fn is a function of inputs and attention, not {said(cell_input_fn)}")
        self._cell = cell
        self._cell_input_fn = cell_input_fn or (lambda inputs, attention: tf.concat([inputs, attention], -1))
        self._layers(attention_layer_size, attention_layer)
        self._attention_fn = attention_fn or compute_attention
        self._output_attention, self._alignment_history = output_attention, alignment_history
        self._initial_cell_state = None
        with name_scope(name, "AttentionWrapperInit"):
            if initial_cell_state is not None:
                last = nest.flatten(initial_cell_state)[-1]
                batch = last.static[0] or tf.shape(last)[0]
                message = (f"When constructing AttentionWrapper {self._base_name}: {_SIZES} the memory (encoder "
                           f"output) and initial_cell_state.  {_ADVICE}{_TILE.format('initial state')}")
                with control_dependencies(self._batch_size_checks(batch, message)):
                    self._initial_cell_state = nest.map_structure(
                        lambda s: tf.identity(s, name="check_initial_cell_state"), initial_cell_state)

    def _layers(self, sizes: Any, layers: Any) -> None:
        """The layers over what is seen, and the size of it all."""
        mechanisms = self._attention_mechanisms
        if sizes is not None and layers is not None:
            raise InvalidValue("attention_layer_size or attention_layer is given, not both")
        for word, given in (("attention_layer_size", sizes), ("attention_layer", layers)):
            count = len(given) if isinstance(given, (list, tuple)) else 1
            if given is not None and count != len(mechanisms):
                raise InvalidValue(f"{word} has one for each mechanism: {count} for {len(mechanisms)}")
        if sizes is not None:
            sizes = tuple(sizes) if isinstance(sizes, (list, tuple)) else (sizes,)
            self._attention_layers: Any = tuple(without_bias(size, "attention_layer", m.dtype)
                                                for size, m in zip(sizes, mechanisms))
            self._attention_layer_size = sum(sizes)
        elif layers is not None:
            self._attention_layers = tuple(layers) if isinstance(layers, (list, tuple)) else (layers,)
            shapes = [layer.compute_output_shape([None, self._cell.output_size + m.values.static[-1]])
                      for layer, m in zip(self._attention_layers, mechanisms)]
            self._attention_layer_size = sum(TensorShape(s).as_list()[-1] or 0 for s in shapes)
        else:
            self._attention_layers = None
            self._attention_layer_size = sum(m.values.static[-1] for m in mechanisms)

    def _batch_size_checks(self, batch_size: Any, error_message: str) -> list[Any]:
        return [tf.assert_equal(batch_size, m.batch_size, message=error_message) for m in self._attention_mechanisms]

    def _item_or_tuple(self, seq: Iterable[Any]) -> Any:
        parts = tuple(seq)
        return parts if self._is_multi else parts[0]

    @property
    def output_size(self) -> Any:
        return self._attention_layer_size if self._output_attention else self._cell.output_size

    @property
    def state_size(self) -> AttentionWrapperState:
        return AttentionWrapperState(
            cell_state=self._cell.state_size, time=TensorShape([]), attention=self._attention_layer_size,
            alignments=self._item_or_tuple(m.alignments_size for m in self._attention_mechanisms),
            attention_state=self._item_or_tuple(m.state_size for m in self._attention_mechanisms),
            alignment_history=self._item_or_tuple(m.alignments_size if self._alignment_history else ()
                                                  for m in self._attention_mechanisms))

    def zero_state(self, batch_size: Any, dtype: Any) -> AttentionWrapperState:
        """A state of zeros, or with the cell's initial state; its parts may be replaced by ``clone``.

        Raises InvalidValue for another batch size than the memories have.
        """
        with name_scope(type(self).__name__ + "ZeroState", values=[batch_size]):
            state = self._initial_cell_state
            if state is None:
                make = getattr(self._cell, "get_initial_state", None)
                state = (self._cell.zero_state(batch_size, dtype) if make is None
                         else make(batch_size=batch_size, dtype=dtype))
            message = (f"When calling zero_state of AttentionWrapper {self._base_name}: {_SIZES} the memory (encoder "
                       f"output) and the requested batch size.  {_ADVICE}If so, make sure your encoder output has been "
                       "tiled to beam_width via tf.contrib.seq2seq.tile_batch, and the batch_size= argument "
                       "passed to zero_state is batch_size * beam_width.")
            with control_dependencies(self._batch_size_checks(batch_size, message)):
                state = nest.map_structure(lambda s: tf.identity(s, name="checked_cell_state"), state)
            alignments = [m.initial_alignments(batch_size, dtype) for m in self._attention_mechanisms]
            return AttentionWrapperState(
                cell_state=state, time=tf.zeros([], dtype=int32),
                attention=zeros_of(self._attention_layer_size, batch_size, dtype),
                alignments=self._item_or_tuple(alignments),
                attention_state=self._item_or_tuple(m.initial_state(batch_size, dtype)
                                                    for m in self._attention_mechanisms),
                alignment_history=self._item_or_tuple(
                    TensorArray(dtype, 0, dynamic_size=True, element_shape=a.shape) if self._alignment_history else ()
                    for a in alignments))

    def call(self, inputs: Any, state: Any) -> Any:
        """(output, next state). Raises InvalidType for another state."""
        if not isinstance(state, AttentionWrapperState):
            raise InvalidType(f"the state of an AttentionWrapper is an AttentionWrapperState, not {said(state)}",
                              hint="zero_state(batch_size, dtype).clone(cell_state=state) has the state of the cell")
        output, cell_state = self._cell(self._cell_input_fn(inputs, state.attention), state.cell_state)
        batch = output.static[0] or tf.shape(output)[0]
        message = (f"When applying AttentionWrapper {self.name}: {_SIZES} the memory (encoder output) and the "
                   f"query (decoder output).  {_ADVICE}{_TILE.format('memory input')}")
        with control_dependencies(self._batch_size_checks(batch, message)):
            output = tf.identity(output, name="checked_cell_output")
        before = state.attention_state if self._is_multi else [state.attention_state]
        history = state.alignment_history if self._is_multi else [state.alignment_history]
        seen, alignments, states, histories = [], [], [], []
        for i, mechanism in enumerate(self._attention_mechanisms):
            layer = self._attention_layers[i] if self._attention_layers else None
            attention, weights, following = self._attention_fn(mechanism, output, before[i], layer)
            histories.append(history[i].write(state.time, weights) if self._alignment_history else ())
            states.append(following)
            alignments.append(weights)
            seen.append(attention)
        attention = tf.concat(seen, 1)
        following = AttentionWrapperState(
            time=state.time + 1, cell_state=cell_state, attention=attention,
            attention_state=self._item_or_tuple(states), alignments=self._item_or_tuple(alignments),
            alignment_history=self._item_or_tuple(histories))
        return (attention if self._output_attention else output), following
