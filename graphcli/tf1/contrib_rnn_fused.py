"""Cells that are called with whole sequences [time, batch, …] (tf.contrib.rnn.FusedRNNCell)."""
from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from .modules import modules
from .rnn import dynamic_rnn
from .rnn_unrolled import static_rnn

EXPORTS = """
contrib.rnn: FusedRNNCell FusedRNNCellAdaptor TimeReversedFusedRNN
"""

tf = modules["tf"]


class FusedRNNCell(ABC):
    """What is called with a sequence, a tensor or a list of steps (tf.contrib.rnn.FusedRNNCell)."""

    @abstractmethod
    def __call__(self, inputs: Any, initial_state: Any = None, dtype: Any = None, sequence_length: Any = None,
                 scope: Any = None) -> tuple[Any, Any]:
        """(outputs, final state) of inputs [time, batch, …]; sequence_length: [batch]."""


class FusedRNNCellAdaptor(FusedRNNCell):
    """A cell over a sequence, by dynamic_rnn or static_rnn (tf.contrib.rnn.FusedRNNCellAdaptor)."""

    def __init__(self, cell: Any, use_dynamic_rnn: bool = False) -> None:
        self._cell, self._use_dynamic_rnn = cell, use_dynamic_rnn

    def __call__(self, inputs: Any, initial_state: Any = None, dtype: Any = None, sequence_length: Any = None,
                 scope: Any = None) -> tuple[Any, Any]:
        given: dict[str, Any] = {"initial_state": initial_state, "dtype": dtype, "sequence_length": sequence_length,
                                 "scope": scope}
        steps = isinstance(inputs, list)
        if self._use_dynamic_rnn:
            outputs, state = dynamic_rnn(self._cell, tf.stack(inputs) if steps else inputs, time_major=True, **given)
            return tf.unstack(outputs) if steps else outputs, state
        outputs, state = static_rnn(self._cell, inputs if steps else tf.unstack(inputs), **given)
        return outputs if steps else tf.stack(outputs), state


class TimeReversedFusedRNN(FusedRNNCell):
    """A fused cell over the sequence from its end to its beginning (tf.contrib.rnn.TimeReversedFusedRNN)."""

    def __init__(self, cell: Any) -> None:
        self._cell = cell

    @staticmethod
    def _reverse(x: Any, lengths: Any) -> Any:
        if isinstance(x, list):
            return x[::-1]
        return tf.reverse(x, [0]) if lengths is None else tf.reverse_sequence(x, lengths, 0, 1)

    def __call__(self, inputs: Any, initial_state: Any = None, dtype: Any = None, sequence_length: Any = None,
                 scope: Any = None) -> tuple[Any, Any]:
        outputs, state = self._cell(self._reverse(inputs, sequence_length), initial_state=initial_state, dtype=dtype,
                                    sequence_length=sequence_length, scope=scope)
        return self._reverse(outputs, sequence_length), state
