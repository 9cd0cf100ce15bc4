"""Cells of tf.contrib.rnn that TensorFlow's core has not: an LSTM with normalized gates, UGRNN, NAS."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import logging
from .contrib_rnn_linear import Linear, known_width
from .get_variable import get_variable
from .initializers import Constant, Zeros
from .modules import modules
from .rnn_cells import LayerRNNCell, UnitsRNNCell
from .rnn_lstm import LSTMStateTuple
from .variable_scope import get_variable_scope, variable_scope

EXPORTS = """
contrib.rnn: LayerNormBasicLSTMCell UGRNNCell NASCell
"""

tf = modules["tf"]


def tanh(x: Any) -> Any:
    return tf.tanh(x)


def normalized(x: Any, scope: str, gain: float, shift: float) -> Any:
    """layer_norm with variables of that scope, which begin at ``gain`` and ``shift``."""
    with variable_scope(scope):
        for name, start in (("gamma", gain), ("beta", shift)):
            get_variable(name, shape=x.shape[-1:], initializer=Constant(start), dtype=x.dtype)
    return tf.contrib.layers.layer_norm(x, reuse=True, scope=scope)


class LayerNormBasicLSTMCell(UnitsRNNCell):
    """An LSTM whose gates are normalized, with dropout of what it takes in (tf.contrib.rnn.LayerNormBasicLSTMCell).

    norm_gain, norm_shift: where ``gamma`` and ``beta`` begin. dropout_keep_prob: a number or a tensor.
    """

    def __init__(self, num_units: int, forget_bias: float = 1.0, input_size: Any = None,
                 activation: Callable[[Any], Any] = tanh, layer_norm: bool = True, norm_gain: float = 1.0,
                 norm_shift: float = 0.0, dropout_keep_prob: Any = 1.0, dropout_prob_seed: int | None = None,
                 reuse: Any = None) -> None:
        super().__init__(_reuse=reuse)
        if input_size is not None:
            logging.warn(f"{self}: The input_size parameter is deprecated.")
        self._num_units, self._activation, self._forget_bias = num_units, activation, forget_bias
        self._keep_prob, self._seed = dropout_keep_prob, dropout_prob_seed
        self._layer_norm, self._norm_gain, self._norm_shift = layer_norm, norm_gain, norm_shift

    @property
    def state_size(self) -> Any:
        return LSTMStateTuple(self._num_units, self._num_units)

    def _norm(self, x: Any, scope: str) -> Any:
        return normalized(x, scope, self._norm_gain, self._norm_shift)

    def call(self, inputs: Any, state: Any) -> Any:
        c, h = state
        args = tf.concat([inputs, h], 1)
        units, dtype = 4 * self._num_units, args.dtype
        gates = tf.matmul(args, get_variable("kernel", [args.shape[-1], units], dtype=dtype))
        if not self._layer_norm:
            gates = tf.nn.bias_add(gates, get_variable("bias", [units], dtype=dtype))
        i, j, f, o = tf.split(value=gates, num_or_size_splits=4, axis=1)
        if self._layer_norm:
            i, j, f, o = (self._norm(x, scope) for x, scope in ((i, "input"), (j, "transform"), (f, "forget"),
                                                                (o, "output")))
        g = self._activation(j)
        if not isinstance(self._keep_prob, float) or self._keep_prob < 1:
            g = tf.nn.dropout(g, self._keep_prob, seed=self._seed)
        c = c * tf.sigmoid(f + self._forget_bias) + tf.sigmoid(i) * g
        if self._layer_norm:
            c = self._norm(c, "state")
        h = self._activation(c) * tf.sigmoid(o)
        return h, LSTMStateTuple(c, h)


class UGRNNCell(UnitsRNNCell):
    """A cell with one gate between its state and what is new (tf.contrib.rnn.UGRNNCell).

    Raises InvalidValue where the size of the inputs is not known.
    """

    def __init__(self, num_units: int, initializer: Any = None, forget_bias: float = 1.0,
                 activation: Callable[[Any], Any] = tanh, reuse: Any = None) -> None:
        super().__init__(_reuse=reuse)
        self._num_units, self._initializer = num_units, initializer
        self._forget_bias, self._activation = forget_bias, activation
        self._linear: Any = None

    def call(self, inputs: Any, state: Any) -> Any:
        known_width(inputs.shape)
        with variable_scope(get_variable_scope(), initializer=self._initializer):
            both = tf.concat([inputs, state], 1)
            self._linear = self._linear or Linear(both, 2 * self._num_units, True)
            gate, new = tf.split(axis=1, num_or_size_splits=2, value=self._linear(both))
            new = self._activation(new)
            gate = tf.sigmoid(gate + self._forget_bias)
            state = gate * state + (1.0 - gate) * new
        return state, state


class NASCell(LayerRNNCell):
    """The cell that a search for architectures found (tf.contrib.rnn.NASCell).

    num_proj: size of the outputs, if they are projected. Raises InvalidValue where the size of the inputs is not known.
    """

    def __init__(self, num_units: int, num_proj: int | None = None, use_bias: bool = False, reuse: Any = None,
                 **kwargs: Any) -> None:
        super().__init__(num_units, reuse=reuse, **kwargs)
        self.input_spec = None
        self._num_proj, self._use_bias = num_proj, use_bias

    @property
    def state_size(self) -> Any:
        return LSTMStateTuple(self._num_units, self.output_size)

    @property
    def output_size(self) -> Any:
        return self._num_units if self._num_proj is None else self._num_proj

    def build(self, input_shape: Any) -> None:
        depth = known_width(input_shape)
        self.recurrent_kernel = self.add_weight("recurrent_kernel", [self.output_size, 8 * self._num_units])
        self.kernel = self.add_weight("kernel", [depth, 8 * self._num_units])
        if self._use_bias:
            self.bias = self.add_weight("bias", shape=[8 * self._num_units], initializer=Zeros())
        if self._num_proj is not None:
            self.projection_weights = self.add_weight("projection_weights", [self._num_units, self._num_proj])
        self.built = True

    def call(self, inputs: Any, state: Any) -> Any:
        sigmoid, relu = tf.sigmoid, tf.nn.relu
        c, m = state
        of_m = tf.matmul(m, self.recurrent_kernel)
        of_x = tf.matmul(inputs, self.kernel)
        if self._use_bias:
            of_m = tf.nn.bias_add(of_m, self.bias)
        of_m = tf.split(axis=1, num_or_size_splits=8, value=of_m)
        of_x = tf.split(axis=1, num_or_size_splits=8, value=of_x)
        kinds = (sigmoid, relu, sigmoid, relu, tf.tanh, sigmoid, tf.tanh, sigmoid)
        # the fourth pair alone is multiplied
        a = [kind(x * y if k == 3 else x + y) for k, (kind, x, y) in enumerate(zip(kinds, of_x, of_m))]
        b = [tf.tanh(a[0] * a[1]), tf.tanh(a[2] + a[3]), tf.tanh(a[4] * a[5]), sigmoid(a[6] + a[7])]
        c = tf.tanh(b[0] + c) * b[1]
        m = tf.tanh(c * tf.tanh(b[2] + b[3]))
        if self._num_proj is not None:
            m = tf.matmul(m, self.projection_weights)
        return m, LSTMStateTuple(c, m)
