"""Layers of bidirectional recurrent nets one above the other (tf.contrib.rnn)."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..errors import InvalidValue
from .modules import modules
from .rnn import bidirectional_dynamic_rnn
from .rnn_unrolled import static_bidirectional_rnn
from .variable_scope import variable_scope

EXPORTS = """
contrib.rnn: stack_bidirectional_rnn stack_bidirectional_dynamic_rnn
"""

tf = modules["tf"]


def _checked(cells_fw: Any, cells_bw: Any, states_fw: Any, states_bw: Any) -> tuple[Sequence[Any], Sequence[Any]]:
    """The initial states, None for each layer where none are given. Raises InvalidValue for another number of them."""
    for name, cells in (("cells_fw", cells_fw), ("cells_bw", cells_bw)):
        if not isinstance(cells, list) or not cells:
            raise InvalidValue(f"{name} is a list of cells, one for each layer")
    if len(cells_fw) != len(cells_bw):
        raise InvalidValue(f"there are {len(cells_fw)} cells forwards and {len(cells_bw)} backwards")
    for name, states in (("initial_states_fw", states_fw), ("initial_states_bw", states_bw)):
        if states is not None and (not isinstance(states, list) or len(states) != len(cells_fw)):
            raise InvalidValue(f"{name} is a list of states, one for each of {len(cells_fw)} layers")
    none = [None] * len(cells_fw)
    return states_fw or none, states_bw or none


def _stacked(cells_fw: Any, cells_bw: Any, inputs: Any, states_fw: Any, states_bw: Any, scope: Any,
             layer: Callable[..., tuple[Any, Any, Any]]) -> tuple[Any, tuple[Any, ...], tuple[Any, ...]]:
    """The outputs of the last layer, and the last states of each. layer: of a scope, two cells, the outputs of the one
    below and two states."""
    starts_fw, starts_bw = _checked(cells_fw, cells_bw, states_fw, states_bw)
    ends: list[tuple[Any, Any]] = []
    with variable_scope(scope or "stack_bidirectional_rnn"):
        for i, (cell_fw, cell_bw, start_fw, start_bw) in enumerate(zip(cells_fw, cells_bw, starts_fw, starts_bw)):
            with variable_scope(f"cell_{i}") as here:
                inputs, *states = layer(here, cell_fw, cell_bw, inputs, start_fw, start_bw)
                ends.append((states[0], states[1]))
    return inputs, tuple(fw for fw, _ in ends), tuple(bw for _, bw in ends)


def stack_bidirectional_rnn(cells_fw: Any, cells_bw: Any, inputs: Any, initial_states_fw: Any = None,
                            initial_states_bw: Any = None, dtype: Any = None, sequence_length: Any = None,
                            scope: Any = None) -> tuple[Any, tuple[Any, ...], tuple[Any, ...]]:
    """static_bidirectional_rnn over the outputs of the one below (tf.contrib.rnn.stack_bidirectional_rnn).

    Returns the outputs of the last layer, and the last states of each layer forwards and backwards.
    Raises InvalidValue for other numbers of cells or states.
    """
    def layer(here: Any, cell_fw: Any, cell_bw: Any, below: Any, start_fw: Any, start_bw: Any) -> Any:
        return static_bidirectional_rnn(cell_fw, cell_bw, below, initial_state_fw=start_fw, initial_state_bw=start_bw,
                                        sequence_length=sequence_length, dtype=dtype, scope=here)

    return _stacked(cells_fw, cells_bw, inputs, initial_states_fw, initial_states_bw, scope, layer)


def stack_bidirectional_dynamic_rnn(cells_fw: Any, cells_bw: Any, inputs: Any, initial_states_fw: Any = None,
                                    initial_states_bw: Any = None, dtype: Any = None, sequence_length: Any = None,
                                    parallel_iterations: Any = None, time_major: bool = False, scope: Any = None,
                                    swap_memory: bool = False) -> tuple[Any, tuple[Any, ...], tuple[Any, ...]]:
    """bidirectional_dynamic_rnn over the outputs of the one below, joined (stack_bidirectional_dynamic_rnn).

    Returns and raises as stack_bidirectional_rnn.
    """
    def layer(_: Any, cell_fw: Any, cell_bw: Any, below: Any, start_fw: Any, start_bw: Any) -> Any:
        outputs, states = bidirectional_dynamic_rnn(
            cell_fw, cell_bw, below, initial_state_fw=start_fw, initial_state_bw=start_bw,
            sequence_length=sequence_length, dtype=dtype, parallel_iterations=parallel_iterations,
            time_major=time_major, swap_memory=swap_memory)
        return tf.concat(outputs, 2), *states

    return _stacked(cells_fw, cells_bw, inputs, initial_states_fw, initial_states_bw, scope, layer)
