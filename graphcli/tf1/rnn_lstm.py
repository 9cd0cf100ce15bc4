"""The LSTM cells and their state (tf.nn.rnn_cell.BasicLSTMCell, LSTMCell)."""
from __future__ import annotations

from collections import namedtuple
from typing import Any

from ..errors import InvalidType
from .conversion import constant
from .initializers import Zeros
from .modules import modules
from .rnn_cells import LayerRNNCell, supported

EXPORTS = """
nn.rnn_cell: BasicLSTMCell LSTMCell LSTMStateTuple
"""

tf = modules["tf"]


class LSTMStateTuple(namedtuple("LSTMStateTuple", ("c", "h"))):
    """The state of an LSTM: ``c``, what it keeps, and ``h``, what it gives."""

    __slots__ = ()

    @property
    def dtype(self) -> Any:
        """Their dtype. Raises InvalidType if they have two."""
        c, h = self
        if c.dtype != h.dtype:
            raise InvalidType(f"the parts of a state are {c.dtype.name} and {h.dtype.name}")
        return c.dtype


class BasicLSTMCell(LayerRNNCell):
    """The LSTM without peepholes and clipping (tf.nn.rnn_cell.BasicLSTMCell).

    Its state is an LSTMStateTuple; with state_is_tuple=False one tensor of both.
    """

    def __init__(self, num_units: int, forget_bias: float = 1.0, state_is_tuple: bool = True, activation: Any = None,
                 reuse: Any = None, name: str | None = None, dtype: Any = None, **kwargs: Any) -> None:
        super().__init__(num_units, activation, reuse, name, dtype, **kwargs)
        self._forget_bias = forget_bias
        self._state_is_tuple = state_is_tuple

    @property
    def state_size(self) -> Any:
        units = self._num_units
        return LSTMStateTuple(units, units) if self._state_is_tuple else 2 * units

    def build(self, input_shape: Any) -> None:
        depth, units = self._depth(input_shape), self._num_units
        self._kernel = self.add_weight("kernel", [depth + units, 4 * units])
        self._bias = self.add_weight("bias", [4 * units], initializer=Zeros())
        self.built = True

    def call(self, inputs: Any, state: Any) -> Any:
        supported(inputs, state)
        one = constant(1, "int32")
        c, h = state if self._state_is_tuple else tf.split(value=state, num_or_size_splits=2, axis=one)
        gates = tf.nn.bias_add(tf.matmul(tf.concat([inputs, h], 1), self._kernel), self._bias)
        i, j, f, o = tf.split(value=gates, num_or_size_splits=4, axis=one)
        bias = constant(self._forget_bias, f.dtype.base_dtype)
        kept = tf.multiply(c, tf.sigmoid(tf.add(f, bias)))
        new_c = tf.add(kept, tf.multiply(tf.sigmoid(i), self._activation(j)))
        new_h = tf.multiply(self._activation(new_c), tf.sigmoid(o))
        return new_h, LSTMStateTuple(new_c, new_h) if self._state_is_tuple else tf.concat([new_c, new_h], 1)


def _pieces(shards: int | None) -> Any:
    return None if shards is None else tf.fixed_size_partitioner(shards)


class LSTMCell(LayerRNNCell):
    """The LSTM with peepholes, clipping and a projection, if asked for (tf.nn.rnn_cell.LSTMCell)."""

    def __init__(self, num_units: int, use_peepholes: bool = False, cell_clip: Any = None, initializer: Any = None,
                 num_proj: int | None = None, proj_clip: Any = None, num_unit_shards: int | None = None,
                 num_proj_shards: int | None = None, forget_bias: float = 1.0, state_is_tuple: bool = True,
                 activation: Any = None, reuse: Any = None, name: str | None = None, dtype: Any = None,
                 **kwargs: Any) -> None:
        super().__init__(num_units, activation, reuse, name, dtype, **kwargs)
        self._unit_shards, self._proj_shards = num_unit_shards, num_proj_shards
        self._use_peepholes, self._cell_clip, self._initializer = use_peepholes, cell_clip, initializer
        self._num_proj, self._proj_clip, self._forget_bias = num_proj, proj_clip, forget_bias
        self._state_is_tuple = state_is_tuple

    @property
    def state_size(self) -> Any:
        units, given = self._num_units, self._num_proj or self._num_units
        return LSTMStateTuple(units, given) if self._state_is_tuple else units + given

    @property
    def output_size(self) -> Any:
        return self._num_proj or self._num_units

    def build(self, input_shape: Any) -> None:
        depth, units, start = self._depth(input_shape), self._num_units, self._initializer
        given = units if self._num_proj is None else self._num_proj
        self._kernel = self.add_weight("kernel", [depth + given, 4 * units], initializer=start,
                                       partitioner=_pieces(self._unit_shards))
        self._bias = self.add_weight("bias", [4 * units], initializer=Zeros())
        if self._use_peepholes:
            self._w_f, self._w_i, self._w_o = (self.add_weight(f"w_{gate}_diag", [units], initializer=start)
                                               for gate in "fio")
        if self._num_proj is not None:
            self._proj_kernel = self.add_weight("projection/kernel", [units, self._num_proj], initializer=start,
                                                partitioner=_pieces(self._proj_shards))
        self.built = True

    def call(self, inputs: Any, state: Any) -> Any:
        supported(inputs, state)
        sigmoid, act, units = tf.sigmoid, self._activation, self._num_units
        if self._state_is_tuple:
            c_prev, m_prev = state
        else:
            c_prev = tf.slice(state, [0, 0], [-1, units])
            m_prev = tf.slice(state, [0, units], [-1, units if self._num_proj is None else self._num_proj])
        gates = tf.nn.bias_add(tf.matmul(tf.concat([inputs, m_prev], 1), self._kernel), self._bias)
        i, j, f, o = tf.split(value=gates, num_or_size_splits=4, axis=1)
        if self._use_peepholes:
            c = (sigmoid(f + self._forget_bias + self._w_f * c_prev) * c_prev
                 + sigmoid(i + self._w_i * c_prev) * act(j))
        else:
            c = sigmoid(f + self._forget_bias) * c_prev + sigmoid(i) * act(j)
        if self._cell_clip is not None:
            c = tf.clip_by_value(c, -self._cell_clip, self._cell_clip)
        m = sigmoid(o + self._w_o * c) * act(c) if self._use_peepholes else sigmoid(o) * act(c)
        if self._num_proj is not None:
            m = tf.matmul(m, self._proj_kernel)
            if self._proj_clip is not None:
                m = tf.clip_by_value(m, -self._proj_clip, self._proj_clip)
        return m, LSTMStateTuple(c, m) if self._state_is_tuple else tf.concat([c, m], 1)
