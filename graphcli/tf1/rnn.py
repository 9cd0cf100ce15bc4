"""Cells over sequences in a while_loop (tf.nn.dynamic_rnn), and what every recurrent network needs."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import InvalidValue
from ..graph.shapes import show
from ..graph.types import int32
from . import nesting as nest
from .control_flow import while_loop
from .conversion import constant, convert_to_tensor
from .flow_context import while_context
from .framework import colocate_with, control_dependencies, get_default_graph, name_scope
from .modules import modules
from .rnn_cells import joined, like_a_cell, static_joined, with_sizes
from .tensor_array import TensorArray
from .variable_scope import variable_scope

EXPORTS = """
nn: dynamic_rnn bidirectional_dynamic_rnn
"""

tf = modules["tf"]


def cached(scope: Any) -> None:
    """Variables of the scope are read once, outside of the loop around."""
    if while_context(get_default_graph().scopes.flow) is None and scope.caching_device is None:
        scope.set_caching_device(lambda op: op.device)


def transposed(x: Any) -> Any:
    """[batch, time, …] of [time, batch, …], and back."""
    static = x.static
    if static is not None and len(static) < 2:
        return x
    rank = tf.rank(x)
    made = tf.transpose(x, tf.concat(([1, 0], tf.range(2, rank)), axis=0))
    if static is not None:
        made.set_shape((static[1], static[0], *static[2:]))
    return made


def _batch(flat: list[Any]) -> Any:
    """The batch size of inputs that begin with the time: a number or a tensor."""
    for x in flat:
        if x.static is None:
            continue
        if len(x.static) < 2:
            raise InvalidValue(f"the inputs have at least rank 2, not the shape {show(x.static)}")
        if x.static[1] is not None:
            return x.static[1]
    return tf.shape(flat[0])[1]


def state_dtype(dtype: Any, state: Any) -> Any:
    if dtype is not None:
        return dtype
    kinds = {s.dtype.base_dtype for s in nest.flatten(state)}
    if len(kinds) != 1:
        raise InvalidValue("the parts of the state have several dtypes", hint="give dtype")
    return kinds.pop()


def start_of(cell: Any, batch: Any, state: Any, dtype: Any) -> Any:
    """The initial state that was given, else zeros. Raises InvalidValue without either state or dtype."""
    if state is not None:
        return state
    if not dtype:
        raise InvalidValue("without initial_state the dtype must be given", hint="dtype=tf.float32")
    make = getattr(cell, "get_initial_state", None)
    if make is not None:
        return make(inputs=None, batch_size=batch, dtype=dtype)
    return cell.zero_state(batch, dtype)


def step(time: Any, lengths: Any, least: Any, most: Any, zero_output: Any, state: Any,
         call: Callable[[], tuple[Any, Any]], always: bool = False) -> tuple[Any, Any]:
    """One step, in which rows whose sequence is over keep their state and give zeros.

    always: without the conditions that save the work where no row or every row is over.
    """
    flat_state, flat_zero = nest.flatten(state), nest.flatten(zero_output)
    over = time >= lengths

    def kept(old: Any, new: Any) -> Any:
        if isinstance(old, TensorArray) or old.static == ():
            return new
        with colocate_with(new.op):
            return tf.where(over, old, new)

    def some(outputs: list[Any], states: list[Any]) -> list[Any]:
        return ([kept(a, b) for a, b in zip(flat_zero, outputs)] + [kept(a, b) for a, b in zip(flat_state, states)])

    def called() -> tuple[list[Any], list[Any]]:
        output, new = call()
        nest.assert_same(zero_output, output, "output_size and the output")
        nest.assert_same(state, new, "the states before and after")
        return nest.flatten(output), nest.flatten(new)

    def maybe() -> Any:
        outputs, states = called()
        return tf.cond(time < least, lambda: outputs + states, lambda: some(outputs, states))

    if always:
        outputs, states = called()
        # TensorFlow flattens the states first here; the order of nodes is that of the outputs all the same
        final = some(outputs, states)
    else:
        final = tf.cond(time >= most, lambda: flat_zero + flat_state, maybe)
    outputs, states = final[:len(flat_zero)], final[len(flat_zero):]
    for made, like in zip(outputs, flat_zero):
        made.set_shape(like.static)
    for made, like in zip(states, flat_state):
        if not isinstance(made, TensorArray):
            made.set_shape(like.static)
    return nest.pack(zero_output, outputs), nest.pack(state, states)


def dynamic_rnn(cell: Any, inputs: Any, sequence_length: Any = None, initial_state: Any = None, dtype: Any = None,
                parallel_iterations: int | None = None, swap_memory: bool = False, time_major: bool = False,
                scope: Any = None) -> tuple[Any, Any]:
    """(outputs, final state) of a cell over [batch, time, …], in a while_loop (tf.nn.dynamic_rnn).

    sequence_length: [batch], after which a row keeps its state and gives zeros. dtype: of the initial state where
    none is given. time_major: inputs and outputs are [time, batch, …].
    Raises InvalidValue for inputs whose inner sizes are not known, InvalidType if ``cell`` is none.
    """
    like_a_cell("cell", cell)
    with variable_scope(scope or "rnn") as varscope:
        cached(varscope)
        flat = nest.flatten(inputs)
        if not time_major:
            flat = [convert_to_tensor(x) for x in flat]
            flat = [transposed(x) for x in flat]
        if sequence_length is not None:
            sequence_length = tf.cast(sequence_length, int32)
            if sequence_length.static is not None and len(sequence_length.static) != 1:
                raise InvalidValue(f"sequence_length is a number for each row, not of shape "
                                   f"{show(sequence_length.static)}")
            sequence_length = tf.identity(sequence_length, name="sequence_length")
        batch = _batch(flat)
        state = start_of(cell, batch, initial_state, dtype)
        if sequence_length is not None:
            sizes, wanted = tf.shape(sequence_length), tf.stack([batch])
            check = tf.Assert(tf.reduce_all(tf.equal(sizes, wanted)),
                              [f"Expected shape for Tensor {sequence_length.name} is ", wanted, " but saw shape: ",
                               sizes])
            with control_dependencies([check]):
                sequence_length = tf.identity(sequence_length, name="CheckSeqLen")
        outputs, final = _loop(cell, nest.pack(inputs, flat), state, parallel_iterations or 32, swap_memory,
                               sequence_length, dtype)
        if not time_major:
            outputs = nest.map_structure(transposed, outputs)
        return outputs, final


def _loop(cell: Any, inputs: Any, state: Any, parallel_iterations: int, swap_memory: bool, lengths: Any,
          dtype: Any) -> tuple[Any, Any]:
    """The loop over inputs [time, batch, …]."""
    flat, sizes = nest.flatten(inputs), nest.flatten(cell.output_size)
    steps = tf.shape(flat[0])[0]
    batch = _batch(flat)
    shapes = [_inner(x) for x in flat]
    for x, s in zip(flat, shapes):
        if s[:2] != shapes[0][:2]:
            raise InvalidValue(f"the inputs differ in time or batch: {show(shapes[0])} and {x.name} {show(s)}")

    def zeros(size: Any) -> Any:
        return tf.zeros(tf.stack(joined(batch, size)), state_dtype(dtype, state))

    zero_output = nest.pack(cell.output_size, [zeros(s) for s in sizes])
    least = None if lengths is None else tf.reduce_min(lengths)
    most = steps if lengths is None else tf.reduce_max(lengths)
    time = constant(0, int32, name="time")
    with name_scope("dynamic_rnn") as base:
        pass

    def array(name: str, element: Any, kind: Any) -> TensorArray:
        return TensorArray(dtype=kind, size=steps, element_shape=element, tensor_array_name=base + name)

    gathered = [array(f"output_{i}", with_sizes((shapes[0][1],), s), state_dtype(dtype, state))
                for i, s in enumerate(sizes)]
    given = [array(f"input_{i}", s[1:], x.dtype) for i, (x, s) in enumerate(zip(flat, shapes))]
    given = [a.unstack(x) for a, x in zip(given, flat)]

    def one(time: Any, gathered: Any, state: Any) -> Any:
        parts = [a.read(time) for a in given]
        for part, s in zip(parts, shapes):
            part.set_shape(s[1:])
        now = nest.pack(inputs, parts)

        def call() -> Any:
            return cell(now, state)

        if lengths is None:
            output, new = call()
        else:
            output, new = step(time, lengths, least, most, zero_output, state, call, always=True)
        written = tuple(a.write(time, x) for a, x in zip(gathered, nest.flatten(output)))
        return time + 1, written, new

    bound = tf.minimum(steps, tf.maximum(1, most))
    _, done, final = while_loop(lambda time, *_: time < bound, one, (time, tuple(gathered), state),
                                parallel_iterations=parallel_iterations, maximum_iterations=steps,
                                swap_memory=swap_memory)
    outputs = [a.stack() for a in done]
    for x, size in zip(outputs, sizes):
        x.set_shape(static_joined(shapes[0][:2], size))
    return nest.pack(cell.output_size, outputs), final


def _inner(x: Any) -> tuple[Any, ...]:
    """The static shape of inputs [time, batch, …]. Raises InvalidValue where an inner size is not known."""
    if x.static is None:
        raise InvalidValue(f"the rank of the inputs {x.name} must be known", hint="give the placeholder a shape")
    if len(x.static) < 3:
        raise InvalidValue(f"the inputs have at least rank 3, not the shape {show(x.static)}")
    if None in x.static[2:]:
        raise InvalidValue(f"the depth of the inputs {x.name} must be known, not {show(x.static)}")
    return x.static  # type: ignore[no-any-return]


def bidirectional_dynamic_rnn(cell_fw: Any, cell_bw: Any, inputs: Any, sequence_length: Any = None,
                              initial_state_fw: Any = None, initial_state_bw: Any = None, dtype: Any = None,
                              parallel_iterations: int | None = None, swap_memory: bool = False,
                              time_major: bool = False, scope: Any = None) -> tuple[Any, Any]:
    """((outputs forward, backward), (state forward, backward)) (tf.nn.bidirectional_dynamic_rnn)."""
    like_a_cell("cell_fw", cell_fw)
    like_a_cell("cell_bw", cell_bw)
    shared = {"dtype": dtype, "parallel_iterations": parallel_iterations, "swap_memory": swap_memory,
              "time_major": time_major}
    time_axis, batch_axis = (0, 1) if time_major else (1, 0)

    def reverse(x: Any) -> Any:
        if sequence_length is None:
            return tf.reverse(x, axis=[time_axis])
        return tf.reverse_sequence(input=x, seq_lengths=sequence_length, seq_axis=time_axis, batch_axis=batch_axis)

    with variable_scope(scope or "bidirectional_rnn"):
        with variable_scope("fw") as inner:
            output_fw, state_fw = dynamic_rnn(cell_fw, inputs, sequence_length, initial_state_fw, scope=inner, **shared)
        with variable_scope("bw") as inner:
            turned = nest.map_structure(reverse, inputs)
            output_bw, state_bw = dynamic_rnn(cell_bw, turned, sequence_length, initial_state_bw, scope=inner, **shared)
    return (output_fw, reverse(output_bw)), (state_fw, state_bw)
