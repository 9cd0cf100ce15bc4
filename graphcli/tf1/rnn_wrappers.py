"""Cells around cells: dropout, residuals, a device (tf.nn.rnn_cell)."""
from __future__ import annotations

import hashlib
import numbers
from collections.abc import Callable
from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.constant import static_value
from ..graph.shapes import as_shape, compatible, show
from . import nesting as nest
from .conversion import convert_to_tensor
from .framework import device, name_scope
from .modules import modules
from .rnn_cells import RNNCell, like_a_cell
from .rnn_lstm import LSTMStateTuple
from .tensor_array import TensorArray

EXPORTS = """
nn.rnn_cell: DropoutWrapper ResidualWrapper DeviceWrapper
"""

tf = modules["tf"]


class Wrapper(RNNCell):
    """What cells around a cell share. Raises InvalidType if ``cell`` is none."""

    def __init__(self, cell: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        like_a_cell("cell", cell)
        self.cell = cell

    def wrapped(self, inputs: Any, state: Any, scope: Any) -> Any:
        return self.cell(inputs, state, scope=scope)

    def __call__(self, inputs: Any, state: Any = None, scope: Any = None, **kwargs: Any) -> Any:
        return self.wrapped(inputs, state, scope)

    @property
    def wrapped_cell(self) -> Any:
        return self.cell

    @property
    def state_size(self) -> Any:
        return self.cell.state_size

    @property
    def output_size(self) -> Any:
        return self.cell.output_size

    @property
    def trainable_weights(self) -> list[Any]:
        return list(self.cell.trainable_weights)

    @property
    def non_trainable_weights(self) -> list[Any]:
        return list(self.cell.non_trainable_weights)

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        with name_scope(type(self).__name__ + "ZeroState"):
            return self.cell.zero_state(batch_size, dtype)


def _filtered(part: Any) -> Any:
    """What of a state is dropped: all but the ``c`` of an LSTM and arrays."""
    if isinstance(part, LSTMStateTuple):
        return LSTMStateTuple(c=False, h=True)
    return not isinstance(part, TensorArray)


def _numbered(function: Callable[..., Any], *structures: Any) -> Any:
    """``function(number, *leaves)`` of the leaves, which are numbered in order."""
    count = iter(range(len(nest.flatten(structures[0]))))
    return nest.map_structure(lambda *leaves: function(next(count), *leaves), *structures)


class DropoutWrapper(Wrapper):
    """Dropout of a cell's inputs, states and outputs (tf.nn.rnn_cell.DropoutWrapper).

    variational_recurrent: one mask for all steps; then dtype, and input_size where inputs are dropped, are needed.
    Raises InvalidValue for a share outside of [0, 1].
    """

    def __init__(self, cell: Any, input_keep_prob: Any = 1.0, output_keep_prob: Any = 1.0, state_keep_prob: Any = 1.0,
                 variational_recurrent: bool = False, input_size: Any = None, dtype: Any = None,
                 seed: int | None = None, dropout_state_filter_visitor: Any = None, **kwargs: Any) -> None:
        super().__init__(cell, dtype=dtype, **kwargs)
        if dropout_state_filter_visitor is not None and not callable(dropout_state_filter_visitor):
            raise InvalidType(f"dropout_state_filter_visitor is a function, not {said(dropout_state_filter_visitor)}")
        self._filter = dropout_state_filter_visitor or _filtered
        self._seed = seed
        self._variational = variational_recurrent
        self._noise: dict[str, Any] = {"input": None, "state": None, "output": None}
        with name_scope("DropoutWrapperInit"):
            self._keep = {"input": self._share("input_keep_prob", input_keep_prob),
                          "state": self._share("state_keep_prob", state_keep_prob),
                          "output": self._share("output_keep_prob", output_keep_prob)}
        if variational_recurrent:
            self._masks(input_size, dtype)

    @staticmethod
    def _share(word: str, value: Any) -> Any:
        tensor = convert_to_tensor(value)
        number = static_value(tensor)
        if number is None:
            return tensor
        if not 0 <= number <= 1:
            raise InvalidValue(f"{word} is from 0 to 1, not {float(number)}")
        return float(number)

    def _masks(self, input_size: Any, dtype: Any) -> None:
        if dtype is None:
            raise InvalidValue("with variational_recurrent=True the dtype must be given")

        def noise(salt: str) -> Callable[[int, Any], Any]:
            def made(i: int, size: Any) -> Any:
                inner = [int(size)] if hasattr(size, "__index__") else list(as_shape(size) or ())
                shape = tf.concat(([1], inner), 0)
                return tf.random_uniform(shape, seed=self._salted(salt, i), dtype=dtype)

            return made

        keep = self._keep["input"]
        if not isinstance(keep, numbers.Real) or keep < 1:
            if input_size is None:
                raise InvalidValue("with variational_recurrent=True and inputs dropped, input_size must be given")
            self._noise["input"] = _numbered(noise("input"), input_size)
        self._noise["state"] = _numbered(noise("state"), self.cell.state_size)
        self._noise["output"] = _numbered(noise("output"), self.cell.output_size)

    def _salted(self, salt: str, index: int) -> int | None:
        """The seed of one dropout, made of the wrapper's."""
        if self._seed is None:
            return None
        text = f"{self._seed}{salt}_{index}".encode()
        return int(hashlib.md5(text, usedforsecurity=False).hexdigest()[:8], 16) & 0x7FFFFFFF

    def _dropped(self, salt: str, values: Any, which: Any = None) -> Any:
        keep = self._keep[salt]
        if isinstance(keep, float) and keep >= 1:
            return values

        def drop(i: int, wanted: Any, value: Any, *noise: Any) -> Any:
            if isinstance(wanted, bool) and not wanted:
                return value
            if not noise:
                return tf.nn.dropout(value, rate=1.0 - keep, seed=self._salted(salt, i))
            mask = tf.floor(keep + noise[0])
            kept = tf.divide(value, keep) * mask
            kept.set_shape(value.static)
            return kept

        which = nest.map_structure(lambda _: True, values) if which is None else which
        return _numbered(drop, which, values, *([self._noise[salt]] if self._variational else []))

    def _which(self, state: Any) -> Any:
        found = self._filter(state)
        if not isinstance(found, bool):
            return found
        if not nest.is_nested(state):
            return found
        if not found:
            return nest.map_structure(lambda _: False, state)
        parts = [self._which(part) for part in state]
        return type(state)(*parts) if hasattr(state, "_fields") else type(state)(parts)

    def wrapped(self, inputs: Any, state: Any, scope: Any) -> Any:
        inputs = self._dropped("input", inputs)
        output, new = self.cell(inputs, state, scope=scope)
        keep = self._keep["state"]
        if not isinstance(keep, float) or keep < 1:
            new = self._dropped("state", new, self._which(new))
        return self._dropped("output", output), new


class ResidualWrapper(Wrapper):
    """A cell whose inputs are added to its outputs (tf.nn.rnn_cell.ResidualWrapper)."""

    def __init__(self, cell: Any, residual_fn: Any = None, **kwargs: Any) -> None:
        super().__init__(cell, **kwargs)
        self._residual_fn = residual_fn

    def wrapped(self, inputs: Any, state: Any, scope: Any) -> Any:
        outputs, new = self.cell(inputs, state, scope=scope)
        return (self._residual_fn or self._added)(inputs, outputs), new

    @staticmethod
    def _added(inputs: Any, outputs: Any) -> Any:
        def add(a: Any, b: Any) -> Any:
            if not compatible(a.static, b.static):
                raise InvalidValue(f"the inputs {show(a.static)} and the outputs {show(b.static)} cannot be added")
            return a + b

        return nest.map_structure(add, inputs, outputs)


class DeviceWrapper(Wrapper):
    """A cell on a device (tf.nn.rnn_cell.DeviceWrapper)."""

    def __init__(self, cell: Any, device: str, **kwargs: Any) -> None:
        super().__init__(cell, **kwargs)
        self._device = device

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        with name_scope(type(self).__name__ + "ZeroState"), device(self._device):
            return self.cell.zero_state(batch_size, dtype)

    def wrapped(self, inputs: Any, state: Any, scope: Any) -> Any:
        with device(self._device):
            return self.cell(inputs, state, scope=scope)
