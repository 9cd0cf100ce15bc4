"""Cells whose units see of the state only their own: IndRNN, IndyGRU, IndyLSTM, SRU (tf.contrib.rnn)."""
from __future__ import annotations

from typing import Any

from .framework import apply_op
from .initializers import Constant, RandomUniform, Zeros
from .modules import modules
from .rnn_cells import LayerRNNCell
from .rnn_lstm import LSTMStateTuple

EXPORTS = """
contrib.rnn: IndRNNCell IndyGRUCell IndyLSTMCell SRUCell
"""

tf = modules["tf"]


class IndRNNCell(LayerRNNCell):
    """``tanh(inputs @ kernel_w + state * kernel_u + bias)``, the next state too (tf.contrib.rnn.IndRNNCell)."""

    def __init__(self, num_units: int, activation: Any = None, reuse: Any = None, name: str | None = None,
                 dtype: Any = None) -> None:
        super().__init__(num_units, activation, reuse, name, dtype)

    def _row(self, name: str, size: int) -> Any:
        """The weights [1, size] of the units' own states."""
        return self.add_weight(name, shape=[1, size], initializer=RandomUniform(-1, 1, dtype=self.dtype))

    def build(self, input_shape: Any) -> None:
        depth, units = self._depth(input_shape), self._num_units
        self._kernel_w = self.add_weight("kernel_w", shape=[depth, units])
        self._kernel_u = self._row("kernel_u", units)
        self._bias = self.add_weight("bias", shape=[units], initializer=Zeros(dtype=self.dtype))
        self.built = True

    def call(self, inputs: Any, state: Any) -> Any:
        both = tf.matmul(inputs, self._kernel_w) + state * self._kernel_u
        output = self._activation(tf.nn.bias_add(both, self._bias))
        return output, output


class IndyGRUCell(IndRNNCell):
    """GRUCell whose units see of the state only their own (tf.contrib.rnn.IndyGRUCell)."""

    def __init__(self, num_units: int, activation: Any = None, reuse: Any = None, kernel_initializer: Any = None,
                 bias_initializer: Any = None, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(num_units, activation, reuse, name, dtype)
        self._kernel_initializer, self._bias_initializer = kernel_initializer, bias_initializer

    def _part(self, depth: int, size: int, kernel: str, row: str, bias: str, start: Any) -> list[Any]:
        return [self.add_weight(kernel, shape=[depth, size], initializer=self._kernel_initializer),
                self._row(row, size),
                self.add_weight(bias, shape=[size], initializer=self._bias_initializer or start)]

    def build(self, input_shape: Any) -> None:
        depth, units = self._depth(input_shape), self._num_units
        self._gates = self._part(depth, 2 * units, "gates/kernel_w", "gates/kernel_u", "gates/bias",
                                 Constant(1.0, dtype=self.dtype))
        self._candidate = self._part(depth, units, "candidate/kernel", "candidate/kernel_u", "candidate/bias",
                                     Zeros(dtype=self.dtype))
        self.built = True

    def call(self, inputs: Any, state: Any) -> Any:
        kernel, row, bias = self._gates
        both = tf.matmul(inputs, kernel) + apply_op("Tile", None, [state, [1, 2]]) * row
        r, u = tf.split(value=tf.sigmoid(tf.nn.bias_add(both, bias)), num_or_size_splits=2, axis=1)
        kernel, row, bias = self._candidate
        reset = r * state
        candidate = tf.matmul(inputs, kernel) + reset * row
        c = self._activation(tf.nn.bias_add(candidate, bias))
        state = u * state + (1 - u) * c
        return state, state


class IndyLSTMCell(IndRNNCell):
    """BasicLSTMCell whose units see of the state only their own (tf.contrib.rnn.IndyLSTMCell)."""

    def __init__(self, num_units: int, forget_bias: float = 1.0, activation: Any = None, reuse: Any = None,
                 kernel_initializer: Any = None, bias_initializer: Any = None, name: str | None = None,
                 dtype: Any = None) -> None:
        super().__init__(num_units, activation, reuse, name, dtype)
        self._forget_bias = forget_bias
        self._kernel_initializer, self._bias_initializer = kernel_initializer, bias_initializer

    @property
    def state_size(self) -> Any:
        return LSTMStateTuple(self._num_units, self._num_units)

    def build(self, input_shape: Any) -> None:
        depth, size = self._depth(input_shape), 4 * self._num_units
        self._kernel_w = self.add_weight("kernel_w", shape=[depth, size], initializer=self._kernel_initializer)
        self._kernel_u = self._row("kernel_u", size)
        self._bias = self.add_weight("bias", shape=[size],
                                     initializer=self._bias_initializer or Zeros(dtype=self.dtype))
        self.built = True

    def call(self, inputs: Any, state: Any) -> Any:
        one = tf.constant(1, dtype="int32")
        c, h = state
        both = tf.matmul(inputs, self._kernel_w)
        both += apply_op("Tile", None, [h, [1, 4]]) * self._kernel_u
        i, j, f, o = tf.split(value=tf.nn.bias_add(both, self._bias), num_or_size_splits=4, axis=one)
        bias = tf.constant(self._forget_bias, dtype=f.dtype)
        c = tf.add(tf.multiply(c, tf.sigmoid(tf.add(f, bias))), tf.multiply(tf.sigmoid(i), self._activation(j)))
        h = tf.multiply(self._activation(c), tf.sigmoid(o))
        return h, LSTMStateTuple(c, h)


class SRUCell(LayerRNNCell):
    """The simple recurrent unit, whose gates do not see the state (tf.contrib.rnn.SRUCell)."""

    def __init__(self, num_units: int, activation: Any = None, reuse: Any = None, name: str | None = None,
                 **kwargs: Any) -> None:
        super().__init__(num_units, activation, reuse, name, **kwargs)

    def build(self, input_shape: Any) -> None:
        depth, units = self._depth(input_shape), self._num_units
        self._kernel = self.add_weight("kernel", shape=[depth, 4 * units])
        self._bias = self.add_weight("bias", shape=[2 * units], initializer=Zeros())
        self.built = True

    def call(self, inputs: Any, state: Any) -> Any:
        new, f, r, past = tf.split(value=tf.matmul(inputs, self._kernel), num_or_size_splits=4, axis=1)
        gates = tf.sigmoid(tf.nn.bias_add(tf.concat([f, r], 1), self._bias))
        f, r = tf.split(value=gates, num_or_size_splits=2, axis=1)
        c = f * state + (1.0 - f) * new
        h = r * self._activation(c) + (1.0 - r) * past
        return h, c
