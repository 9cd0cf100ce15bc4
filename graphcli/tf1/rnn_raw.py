"""A recurrent loop whose inputs are made by a function, as decoders need it (tf.nn.raw_rnn)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType, said
from . import nesting as nest
from .control_flow import while_loop
from .conversion import constant, convert_to_tensor
from .framework import colocate_with
from .modules import modules
from .rnn import cached
from .rnn_cells import joined, like_a_cell, with_sizes
from .tensor_array import TensorArray
from .variable_scope import variable_scope

EXPORTS = """
nn: raw_rnn
"""

tf = modules["tf"]


def raw_rnn(cell: Any, loop_fn: Any, parallel_iterations: int | None = None, swap_memory: bool = False,
            scope: Any = None) -> tuple[Any, Any, Any]:
    """(TensorArrays of outputs, final state, final loop state) of a loop until all rows are finished (tf.nn.raw_rnn).

    loop_fn(time, output, state, loop_state): (finished, next input, next state, what to emit, loop state); at first
    output, state and loop_state are None, and it gives the initial state and the form of what is emitted.
    Raises InvalidType if ``cell`` or ``loop_fn`` is none, InvalidValue where nestings differ.
    """
    like_a_cell("cell", cell)
    if not callable(loop_fn):
        raise InvalidType(f"loop_fn is a function, not {said(loop_fn)}")
    with variable_scope(scope or "rnn") as varscope:
        cached(varscope)
        time = constant(0, "int32")
        finished, first, state, emitted, own_state = loop_fn(time, None, None, None)
        flat = nest.flatten(first)
        loop_state = own_state if own_state is not None else constant(0, "int32")
        fixed = flat[0].static[0] if flat[0].static is not None else None
        batch = fixed if fixed is not None else tf.shape(flat[0])[0]
        nest.assert_same(state, cell.state_size, "the initial state and the cell's state_size")
        flat_state = [convert_to_tensor(s) for s in nest.flatten(state)]
        state = nest.pack(state, flat_state)
        if emitted is not None:
            like = nest.flatten(emitted)
            sizes = [x.shape if x.static is not None and None not in x.static else tf.shape(x) for x in like]
            kinds = [x.dtype.base_dtype for x in like]
        else:
            emitted = cell.output_size
            sizes = nest.flatten(emitted)
            kinds = [flat_state[0].dtype.base_dtype] * len(sizes)
        arrays = [TensorArray(dtype=k, dynamic_size=True, element_shape=with_sizes((fixed,), s), size=0,
                              name=f"rnn_output_{i}") for i, (k, s) in enumerate(zip(kinds, sizes))]
        zeros = nest.pack(emitted, [tf.zeros(joined(batch, s), k) for s, k in zip(sizes, kinds)])

        def body(time: Any, finished: Any, current: Any, arrays: Any, state: Any, loop_state: Any) -> Any:
            output, cell_state = cell(current, state)
            nest.assert_same(state, cell_state, "the states before and after")
            nest.assert_same(cell.output_size, output, "output_size and the output")
            after = time + 1
            over, given, new, emit, new_loop = loop_fn(after, output, cell_state, loop_state)
            nest.assert_same(state, new, "the states before and after")
            nest.assert_same(current, given, "the inputs before and after")
            nest.assert_same(arrays, emit, "what is emitted at first and then")
            loop_state = loop_state if new_loop is None else new_loop

            def kept(old: Any, new: Any) -> Any:
                if isinstance(old, TensorArray) or old.static == ():
                    return new
                with colocate_with(new.op):
                    return tf.where(finished, old, new)

            emit = nest.map_structure(kept, zeros, emit)
            new = nest.map_structure(kept, state, new)
            arrays = nest.map_structure(lambda a, x: a.write(time, x), arrays, emit)
            return after, tf.logical_or(finished, over), given, arrays, new, loop_state

        done = while_loop(lambda time, finished, *_: tf.logical_not(tf.reduce_all(finished)), body,
                          [time, finished, first, nest.pack(emitted, arrays), state, loop_state],
                          parallel_iterations=parallel_iterations or 32, swap_memory=swap_memory)
        arrays, state, loop_state = done[-3:]
        return arrays, state, None if own_state is None else loop_state
