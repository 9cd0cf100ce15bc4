"""Cells over lists of steps, a copy of the cell for each (tf.nn.static_rnn and its kin)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.shapes import compatible, show
from ..graph.types import int32
from . import nesting as nest
from .conversion import convert_to_tensor
from .framework import control_dependencies
from .modules import modules
from .rnn import cached, start_of, state_dtype, step
from .rnn_cells import joined, like_a_cell, static_joined
from .variable_scope import variable_scope

EXPORTS = """
nn: static_rnn static_bidirectional_rnn static_state_saving_rnn
"""

tf = modules["tf"]


def static_rnn(cell: Any, inputs: Any, initial_state: Any = None, dtype: Any = None, sequence_length: Any = None,
               scope: Any = None) -> tuple[list[Any], Any]:
    """(list of outputs, final state) of a cell over a list of inputs [batch, …] (tf.nn.static_rnn).

    Raises InvalidType if ``cell`` or the list is none, InvalidValue for an empty one.
    """
    like_a_cell("cell", cell)
    if not isinstance(inputs, (list, tuple)):
        raise InvalidType(f"inputs is a list, an input for each step, not {said(inputs)}",
                          hint="tf.unstack(x, axis=1) gives one")
    if not inputs:
        raise InvalidValue("static_rnn needs at least one input")
    outputs: list[Any] = []
    with variable_scope(scope or "rnn") as varscope:
        cached(varscope)
        first = inputs[0]
        while nest.is_nested(first):
            first = first[0]
        batch = first.static[0] if first.static else None
        for x in nest.flatten(list(inputs)):
            if x.static is not None and len(x.static) > 1 and None in x.static[1:]:
                raise InvalidValue(f"the depth of the inputs {x.name} must be known, not {show(x.static)}")
        fixed = batch
        batch = batch or tf.shape(first)[0]
        state = start_of(cell, batch, initial_state, dtype)
        zero_output, least, most = None, None, None
        if sequence_length is not None:
            sequence_length = convert_to_tensor(sequence_length, name="sequence_length")
            if sequence_length.static is not None and len(sequence_length.static) != 1:
                raise InvalidValue(f"sequence_length is a number for each row, not of shape "
                                   f"{show(sequence_length.static)}")

            def zeros(size: Any) -> Any:
                made = tf.zeros(tf.stack(joined(batch, size)), state_dtype(dtype, state))
                made.set_shape(static_joined(fixed, size))
                return made

            zero_output = nest.map_structure(zeros, cell.output_size)
            sequence_length = tf.cast(sequence_length, int32)
            least, most = tf.reduce_min(sequence_length), tf.reduce_max(sequence_length)
        for time, x in enumerate(inputs):
            if time > 0:
                varscope.reuse_variables()
            current = state

            def call(x: Any = x, current: Any = current) -> Any:
                return cell(x, current)

            if sequence_length is None:
                output, state = call()
            else:
                output, state = step(time, sequence_length, least, most, zero_output, current, call)
            outputs.append(output)
        return outputs, state


def _turned(inputs: Any, lengths: Any) -> list[Any]:
    """A list of steps from the last to the first, each row by its own length."""
    if lengths is None:
        return list(reversed(inputs))
    turned: list[list[Any]] = [[] for _ in inputs]
    for parts in zip(*[nest.flatten(x) for x in inputs]):
        static = parts[0].static
        for x in parts:
            if not compatible(static, x.static):
                raise InvalidValue(f"the inputs differ in shape: {show(static)} and {show(x.static)}")
        rows = tf.unstack(tf.reverse_sequence(tf.stack(parts), lengths, 0, 1))
        for at, row in zip(turned, rows):
            at.append(row)
    return [nest.pack(x, flat) for x, flat in zip(inputs, turned)]


def static_bidirectional_rnn(cell_fw: Any, cell_bw: Any, inputs: Any, initial_state_fw: Any = None,
                             initial_state_bw: Any = None, dtype: Any = None, sequence_length: Any = None,
                             scope: Any = None) -> tuple[list[Any], Any, Any]:
    """(outputs of both beside each other, state forward, state backward) (tf.nn.static_bidirectional_rnn)."""
    like_a_cell("cell_fw", cell_fw)
    like_a_cell("cell_bw", cell_bw)
    if not isinstance(inputs, (list, tuple)):
        raise InvalidType(f"inputs is a list, an input for each step, not {said(inputs)}")
    if not inputs:
        raise InvalidValue("static_bidirectional_rnn needs at least one input")
    with variable_scope(scope or "bidirectional_rnn"):
        with variable_scope("fw") as inner:
            output_fw, state_fw = static_rnn(cell_fw, inputs, initial_state_fw, dtype, sequence_length, scope=inner)
        with variable_scope("bw") as inner:
            turned = _turned(inputs, sequence_length)
            output_bw, state_bw = static_rnn(cell_bw, turned, initial_state_bw, dtype, sequence_length, scope=inner)
    flat_fw, flat_bw = nest.flatten(output_fw), nest.flatten(_turned(output_bw, sequence_length))
    both = [tf.concat([a, b], 1) for a, b in zip(flat_fw, flat_bw)]
    return nest.pack(output_fw, both), state_fw, state_bw


def static_state_saving_rnn(cell: Any, inputs: Any, state_saver: Any, state_name: Any, sequence_length: Any = None,
                            scope: Any = None) -> tuple[list[Any], Any]:
    """static_rnn whose state comes from ``state_saver.state`` and goes to ``save_state``."""
    size = cell.state_size
    if nest.is_nested(size) != nest.is_nested(state_name):
        raise InvalidValue("state_name is a name for each part of the cell's state")
    names = nest.flatten(state_name)
    start = nest.pack(size, [state_saver.state(n) for n in names])
    outputs, state = static_rnn(cell, inputs, initial_state=start, sequence_length=sequence_length, scope=scope)
    saved = [state_saver.save_state(n, s) for n, s in zip(names, nest.flatten(state))]
    with control_dependencies(saved):
        outputs[-1] = nest.map_structure(tf.identity, outputs[-1])
        state = nest.map_structure(tf.identity, state)
    return outputs, state
