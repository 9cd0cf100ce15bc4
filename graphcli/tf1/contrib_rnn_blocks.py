"""LSTMs and GRUs of one op for a step or for a sequence (tf.contrib.rnn.LSTMBlockCell, LSTMBlockFusedCell)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue
from ..graph.shapes import TensorShape
from ..graph.types import int64
from .conversion import convert_to_tensor
from .framework import apply_op
from .initializers import Constant
from .layers import Layer
from .layers_input import InputSpec
from .modules import modules
from .rnn_cells import LayerRNNCell
from .rnn_lstm import LSTMStateTuple

EXPORTS = """
contrib.rnn: LSTMBlockCell LSTMBlockFusedCell LSTMBlockWrapper GRUBlockCell GRUBlockCellV2
"""

tf = modules["tf"]
PEEPHOLES = ("w_i_diag", "w_f_diag", "w_o_diag")


def _weights(layer: Any, depth: int, units: int, peephole: bool) -> tuple[Any, Any, list[Any]]:
    """The variables: kernel, bias and, if they are wanted, what gates see of the state."""
    kernel = layer.add_weight("kernel", [depth + units, 4 * units])
    bias = layer.add_weight("bias", [4 * units], initializer=Constant(0.0))
    return kernel, bias, [layer.add_weight(name, [units]) for name in PEEPHOLES] if peephole else []


class LSTMBlockCell(LayerRNNCell):
    """An LSTM cell of one op; its variables are those of LSTMCell (tf.contrib.rnn.LSTMBlockCell).

    cell_clip: bound of the state. use_peephole: gates see the state. Raises InvalidValue where the size of the inputs
    is not known, or for a state that is no pair.
    """

    def __init__(self, num_units: int, forget_bias: float = 1.0, cell_clip: float | None = None,
                 use_peephole: bool = False, dtype: Any = None, reuse: Any = None, name: str = "lstm_cell") -> None:
        super().__init__(num_units, reuse=reuse, name=name, dtype=dtype)
        self._forget_bias, self._use_peephole = forget_bias, use_peephole
        self._cell_clip = -1 if cell_clip is None else cell_clip

    @property
    def state_size(self) -> Any:
        return LSTMStateTuple(self._num_units, self._num_units)

    def build(self, input_shape: Any) -> None:
        made = _weights(self, self._depth(input_shape), self._num_units, self._use_peephole)
        self._kernel, self._bias, self._peepholes = made
        self.built = True

    def call(self, inputs: Any, state: Any) -> Any:
        if len(state) != 2:
            raise InvalidValue(f"the state of an LSTM is a pair, not of {len(state)}")
        peepholes = self._peepholes or [tf.zeros([self._num_units], dtype=self.dtype)] * 3
        _, cs, _, _, _, _, h = apply_op(
            "LSTMBlockCell", None, [inputs, *state, self._kernel, *peepholes, self._bias],
            {"forget_bias": self._forget_bias, "cell_clip": self._cell_clip, "use_peephole": self._use_peephole})
        return h, LSTMStateTuple(cs, h)


class LSTMBlockWrapper(Layer):
    """A layer over sequences [time, batch, inputs], or lists of their steps (tf.contrib.rnn.LSTMBlockWrapper)."""

    @property
    def num_units(self) -> int:
        raise NotImplementedError

    def _call_cell(self, inputs: Any, initial_cell_state: Any, initial_output: Any, dtype: Any,
                   sequence_length: Any) -> tuple[Any, Any]:
        """(states, outputs), each [time, batch, units]."""
        raise NotImplementedError

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        return super().__call__(inputs, *args, **kwargs)

    def call(self, inputs: Any, initial_state: Any = None, dtype: Any = None, sequence_length: Any = None) -> Any:
        """(outputs, LSTMStateTuple of each row's last step). sequence_length: [batch], after which outputs are 0.

        Raises InvalidValue without an initial state or a dtype, or where the size of the inputs is not known.
        """
        steps = isinstance(inputs, list)
        if steps:
            inputs = tf.stack(inputs)
        time, batch, depth = inputs.shape.with_rank(3).as_list()
        if not depth:
            raise InvalidValue(f"the last size of the inputs must be known, not {inputs.shape}")
        batch = tf.shape(inputs)[1] if batch is None else batch
        time = tf.shape(inputs)[0] if time is None else time
        if initial_state is None:
            if dtype is None:
                raise InvalidValue("either initial_state or dtype must be given")
            zeros = tf.zeros(tf.stack([batch, self.num_units]), dtype=dtype)
            initial_state = zeros, zeros
        elif len(initial_state) != 2:
            raise InvalidValue(f"initial_state is a pair, not of {len(initial_state)}")
        dtype = initial_state[0].dtype if dtype is None else dtype
        if sequence_length is not None:
            sequence_length = convert_to_tensor(sequence_length)
        first_state, first_output = initial_state
        states, outputs = self._call_cell(inputs, first_state, first_output, dtype, sequence_length)
        if sequence_length is None:
            final = LSTMStateTuple(states[-1], outputs[-1])
        else:
            mask = tf.transpose(tf.sequence_mask(sequence_length, time, dtype=dtype), [1, 0])
            outputs *= tf.tile(tf.expand_dims(mask, [-1]), [1, 1, self.num_units])
            all_states = tf.concat([tf.expand_dims(first_state, [0]), states], 0)
            all_outputs = tf.concat([tf.expand_dims(first_output, [0]), outputs], 0)
            final = LSTMStateTuple(*[tf.gather_nd(x, tf.stack([sequence_length, tf.range(batch)], axis=1))
                                     for x in (all_states, all_outputs)])
        return tf.unstack(outputs) if steps else outputs, final


class LSTMBlockFusedCell(LSTMBlockWrapper):
    """An LSTM over a sequence by one op, the quickest there is on a CPU (tf.contrib.rnn.LSTMBlockFusedCell)."""

    def __init__(self, num_units: int, forget_bias: float = 1.0, cell_clip: float | None = None,
                 use_peephole: bool = False, reuse: Any = None, dtype: Any = None,
                 name: str = "lstm_fused_cell") -> None:
        super().__init__(_reuse=reuse, name=name, dtype=dtype)
        self._num_units, self._forget_bias, self._use_peephole = num_units, forget_bias, use_peephole
        self._cell_clip = -1 if cell_clip is None else cell_clip
        self.input_spec = InputSpec(ndim=3)

    @property
    def num_units(self) -> int:
        return self._num_units

    def build(self, input_shape: Any) -> None:
        depth = TensorShape(input_shape).as_list()[2]
        if depth is None:
            raise InvalidValue(f"the last size of the inputs must be known, not {input_shape}")
        self._kernel, self._bias, self._peepholes = _weights(self, depth, self._num_units, self._use_peephole)
        self.built = True

    def _call_cell(self, inputs: Any, initial_cell_state: Any, initial_output: Any, dtype: Any,
                   sequence_length: Any) -> tuple[Any, Any]:
        time = inputs.shape.as_list()[0]
        time = tf.shape(inputs)[0] if time is None else time
        peepholes = self._peepholes or [tf.zeros([self._num_units], dtype=dtype)] * 3
        most = tf.cast(time if sequence_length is None else tf.reduce_max(sequence_length), int64)
        _, cs, _, _, _, _, h = apply_op(
            "BlockLSTM", None, [most, inputs, initial_cell_state, initial_output, self._kernel, *peepholes, self._bias],
            {"forget_bias": self._forget_bias, "cell_clip": self._cell_clip, "use_peephole": self._use_peephole})
        return cs, h


class GRUBlockCell(LayerRNNCell):
    """A GRU whose step is one op (tf.contrib.rnn.GRUBlockCell). Raises InvalidValue for no size, or two."""

    _names = ("w_ru", "b_ru", "w_c", "b_c")

    def __init__(self, num_units: int | None = None, cell_size: int | None = None, reuse: Any = None,
                 name: str = "gru_cell") -> None:
        size = num_units if cell_size is None else cell_size
        if size is None or None not in (cell_size, num_units):
            raise InvalidValue("exactly one of num_units and cell_size is given")
        super().__init__(size, None, reuse, name, None)

    def build(self, input_shape: Any) -> None:
        depth, units, names = self._depth(input_shape), self._num_units, self._names
        self._gate_kernel = self.add_weight(names[0], [depth + units, 2 * units])
        self._gate_bias = self.add_weight(names[1], [2 * units], initializer=Constant(1.0))
        self._candidate_kernel = self.add_weight(names[2], [depth + units, units])
        self._candidate_bias = self.add_weight(names[3], [units], initializer=Constant(0.0))
        self.built = True

    def call(self, inputs: Any, state: Any) -> Any:
        new = apply_op("GRUBlockCell", None, [inputs, state, self._gate_kernel, self._candidate_kernel,
                                              self._gate_bias, self._candidate_bias])[3]
        return new, new


class GRUBlockCellV2(GRUBlockCell):
    """The same with the variables of tf.nn.rnn_cell.GRUCell (tf.contrib.rnn.GRUBlockCellV2)."""

    _names = ("gates/kernel", "gates/bias", "candidate/kernel", "candidate/bias")
