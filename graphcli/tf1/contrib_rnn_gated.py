"""Cells with gates of their own kinds: Phased LSTM, +RNN, LSTM with coupled gates (tf.contrib.rnn)."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import InvalidValue
from ..graph.collections import GraphKeys
from ..graph.types import float32
from . import logging
from .contrib_rnn_cells import normalized, tanh
from .contrib_rnn_linear import Linear, known_width
from .framework import add_to_collection, get_collection
from .get_variable import get_variable
from .initializers import Constant, RandomUniform, Zeros
from .modules import modules
from .rnn_cells import RNNCell, UnitsRNNCell
from .rnn_lstm import LSTMStateTuple
from .variable_scope import get_variable_scope, variable_scope

EXPORTS = """
contrib.rnn: PhasedLSTMCell IntersectionRNNCell CoupledInputForgetGateLSTMCell
"""

tf = modules["tf"]


def in_shards(name: str, shape: list[int], dtype: Any, shards: int) -> Any:
    """A variable in ``shards`` parts ``name_0``…, joined along its rows once for each scope.

    Raises InvalidValue for more parts than rows.
    """
    if shards > shape[0]:
        raise InvalidValue(f"{shape[0]} rows cannot be in {shards} shards")
    rows, longer = divmod(shape[0], shards)
    parts = [get_variable(f"{name}_{i}", [rows + (i < longer), *shape[1:]], dtype=dtype) for i in range(shards)]
    if len(parts) == 1:
        return parts[0]
    whole = f"{get_variable_scope().name}/{name}/concat:0"
    for made in get_collection(GraphKeys.CONCATENATED_VARIABLES):
        if made.name == whole:
            return made
    joined = tf.concat(parts, 0, name=f"{name}/concat")
    add_to_collection(GraphKeys.CONCATENATED_VARIABLES, joined)
    return joined


def _exponential(low: float, high: float) -> Callable[..., Any]:
    """An initializer of numbers whose logarithms are uniform between those of the bounds."""
    return lambda shape, dtype=float32, partition_info=None: tf.exp(
        tf.random_uniform(shape, tf.log(low), tf.log(high), dtype))


class PhasedLSTMCell(UnitsRNNCell):
    """An LSTM whose units change their state in a part of their period only (tf.contrib.rnn.PhasedLSTMCell).

    Its inputs are (times [batch, 1], values [batch, size]). leak: how much they change in the rest of the period;
    ratio_on: the part at the beginning; period_init_min, period_init_max: where periods begin.
    """

    def __init__(self, num_units: int, use_peepholes: bool = False, leak: float = 0.001, ratio_on: float = 0.1,
                 trainable_ratio_on: bool = True, period_init_min: float = 1.0, period_init_max: float = 1000.0,
                 reuse: Any = None) -> None:
        super().__init__(_reuse=reuse)
        self._num_units, self._use_peepholes, self._leak = num_units, use_peepholes, leak
        self._ratio_on, self._trainable_ratio_on = ratio_on, trainable_ratio_on
        self._periods = period_init_min, period_init_max
        self._linear: dict[str, Linear] = {}

    @property
    def state_size(self) -> Any:
        return LSTMStateTuple(self._num_units, self._num_units)

    def _mapped(self, scope: str, args: list[Any], size: int, activation: Callable[[Any], Any]) -> Any:
        if scope not in self._linear:
            self._linear[scope] = Linear(args, size, True)
        return activation(self._linear[scope](args))

    def _cycle(self, time: Any, phase: Any, period: Any) -> Any:
        """How much of its period each unit is through; the gradient is that of ``time``, not of the rest."""
        phase, period = tf.cast(phase, time.dtype), tf.cast(period, time.dtype)
        shifted = time - phase
        rest = tf.stop_gradient(tf.mod(shifted, period) - shifted) + shifted
        return tf.cast(rest / period, float32)

    def call(self, inputs: Any, state: Any) -> Any:
        c_before, h_before = state
        time, x = inputs
        units, both = self._num_units, [x, h_before]
        with variable_scope("mask_gates"):
            gates = self._mapped("mask_gates", [*both, c_before] if self._use_peepholes else both, 2 * units,
                                 tf.sigmoid)
            i, f = tf.split(axis=1, num_or_size_splits=2, value=gates)
        with variable_scope("new_input"):
            new = self._mapped("new_input", both, units, tf.tanh)
        c = c_before * f + i * new
        with variable_scope("output_gate"):
            o = self._mapped("output_gate", [*both, c] if self._use_peepholes else both, units, tf.sigmoid)
        h = tf.tanh(c) * o
        period = get_variable("period", [units], initializer=_exponential(*self._periods))
        phase = get_variable("phase", [units], initializer=RandomUniform(0.0, period.initial_value))
        ratio_on = get_variable("ratio_on", [units], initializer=Constant(self._ratio_on),
                                trainable=self._trainable_ratio_on)
        cycle = self._cycle(time, phase, period)
        opening = 2 * cycle / ratio_on
        closing = 2 - opening
        closed = self._leak * cycle
        k = tf.where(cycle < ratio_on, closing, closed)
        k = tf.where(cycle < 0.5 * ratio_on, opening, k)
        c = k * c + (1 - k) * c_before
        h = k * h + (1 - k) * h_before
        return h, LSTMStateTuple(c, h)


class IntersectionRNNCell(UnitsRNNCell):
    """The +RNN cell: a gate through time and one through depth (tf.contrib.rnn.IntersectionRNNCell).

    num_in_proj: given where inputs of another size than num_units are mapped to it. Raises InvalidValue where they are
    not, or their size is not known.
    """

    def __init__(self, num_units: int, num_in_proj: int | None = None, initializer: Any = None,
                 forget_bias: float = 1.0, y_activation: Any = None, reuse: Any = None) -> None:
        super().__init__(_reuse=reuse)
        self._num_units, self._num_in_proj, self._initializer = num_units, num_in_proj, initializer
        self._forget_bias, self._y_activation = forget_bias, y_activation or tf.nn.relu
        self._in: Any = None
        self._linear: Any = None

    def call(self, inputs: Any, state: Any) -> Any:
        width, n = known_width(inputs.shape), self._num_units
        with variable_scope(get_variable_scope(), initializer=self._initializer):
            if width != n:
                if not self._num_in_proj:
                    raise InvalidValue(f"this cell has {n} units and inputs of size {width}",
                                       hint="num_in_proj maps them to the size of the units")
                with variable_scope("in_projection"):
                    self._in = self._in or Linear(inputs, n, True)
                    inputs = self._in(inputs)
            both = tf.concat([inputs, state], 1)
            self._linear = self._linear or Linear(both, 4 * n, True)
            made = self._linear(both)
            gate_h, h, gate_y, y = (made[:, k * n:(k + 1) * n] if k else made[:, :n] for k in range(4))
            h, y = tf.tanh(h), self._y_activation(y)
            gate_h, gate_y = (tf.sigmoid(gate + self._forget_bias) for gate in (gate_h, gate_y))
            state = gate_h * state + (1.0 - gate_h) * h
            output = gate_y * inputs + (1.0 - gate_y) * y
        return output, state


class CoupledInputForgetGateLSTMCell(RNNCell):
    """An LSTM that takes in as much as it forgets (tf.contrib.rnn.CoupledInputForgetGateLSTMCell).

    num_proj: size of the outputs, if they are projected; proj_clip bounds them. layer_norm: the gates are normalized,
    by ``gamma`` and ``beta`` that begin at norm_gain and norm_shift. Raises InvalidValue where the size of the inputs
    is not known.
    """

    def __init__(self, num_units: int, use_peepholes: bool = False, initializer: Any = None,
                 num_proj: int | None = None, proj_clip: float | None = None, num_unit_shards: int = 1,
                 num_proj_shards: int = 1, forget_bias: float = 1.0, state_is_tuple: bool = True,
                 activation: Callable[[Any], Any] = tanh, reuse: Any = None, layer_norm: bool = False,
                 norm_gain: float = 1.0, norm_shift: float = 0.0) -> None:
        super().__init__(_reuse=reuse)
        if not state_is_tuple:
            logging.warn(f"{self}: Using a concatenated state is slower and will soon be deprecated.  "
                         "Use state_is_tuple=True.")
        self._num_units, self._use_peepholes = num_units, use_peepholes
        self._num_proj, self._proj_clip = num_proj, proj_clip
        self._shards = num_unit_shards, num_proj_shards
        self._forget_bias, self._is_tuple, self._activation = forget_bias, state_is_tuple, activation
        self._layer_norm, self._start = layer_norm, (norm_gain, norm_shift)

    @property
    def state_size(self) -> Any:
        sizes = self._num_units, self._num_proj or self._num_units
        return LSTMStateTuple(*sizes) if self._is_tuple else sum(sizes)

    @property
    def output_size(self) -> Any:
        return self._num_proj or self._num_units

    def _diagonal(self, name: str, dtype: Any) -> Any:
        return get_variable(name, shape=[self._num_units], dtype=dtype) if self._use_peepholes else None

    def call(self, inputs: Any, state: Any) -> Any:
        units, dtype = self._num_units, inputs.dtype
        size = units if self._num_proj is None else self._num_proj
        if self._is_tuple:
            c_before, m_before = state
        else:
            c_before = tf.slice(state, [0, 0], [-1, units])
            m_before = tf.slice(state, [0, units], [-1, size])
        weights = in_shards("W", [known_width(inputs.shape) + size, 3 * units], dtype, self._shards[0])
        bias = get_variable("B", shape=[3 * units], initializer=Zeros(), dtype=dtype)
        gates = tf.matmul(tf.concat([inputs, m_before], 1), weights)
        if not self._layer_norm:
            gates = tf.nn.bias_add(gates, bias)
        j, f, o = tf.split(value=gates, num_or_size_splits=3, axis=1)
        if self._layer_norm:
            j, f, o = (normalized(x, scope, *self._start) for x, scope in ((j, "transform"), (f, "forget"),
                                                                           (o, "output")))
        of_f, of_o = self._diagonal("W_F_diag", dtype), self._diagonal("W_O_diag", dtype)
        f += self._forget_bias
        f = tf.sigmoid(f if of_f is None else f + of_f * c_before)
        c = f * c_before + (1 - f) * self._activation(j)
        if self._layer_norm:
            c = normalized(c, "state", *self._start)
        m = tf.sigmoid(o if of_o is None else o + of_o * c) * self._activation(c)
        if self._num_proj is not None:
            m = tf.matmul(m, in_shards("W_P", [units, self._num_proj], dtype, self._shards[1]))
            if self._proj_clip is not None:
                m = tf.clip_by_value(m, -self._proj_clip, self._proj_clip)
        return m, LSTMStateTuple(c, m) if self._is_tuple else tf.concat([c, m], 1)
