"""LSTMs whose gates are convolutions (tf.contrib.rnn.ConvLSTMCell)."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import InvalidValue
from ..graph.shapes import TensorShape
from .get_variable import get_variable
from .initializers import Constant
from .modules import modules
from .rnn_cells import RNNCell
from .rnn_lstm import LSTMStateTuple

EXPORTS = """
contrib.rnn: ConvLSTMCell Conv1DLSTMCell Conv2DLSTMCell Conv3DLSTMCell
"""

tf = modules["tf"]


def _convolved(args: list[Any], sizes: list[int], channels: int, use_bias: bool) -> Any:
    """The arguments side by side under one filter, with variables ``kernel`` and ``biases``.

    Raises InvalidValue for arguments of different ranks, or not of 3 to 5 axes.
    """
    shapes = [a.get_shape().as_list() for a in args]
    rank = len(shapes[0])
    if any(len(shape) not in (3, 4, 5) or len(shape) != rank for shape in shapes):
        raise InvalidValue(f"a convolution of a cell takes tensors of 3, 4 or 5 axes alike, not of {shapes}")
    dtype = args[0].dtype
    kernel = get_variable("kernel", [*sizes, sum(shape[-1] for shape in shapes), channels], dtype=dtype)
    convolution = {3: tf.nn.conv1d, 4: tf.nn.conv2d, 5: tf.nn.conv3d}[rank]
    made = convolution(tf.concat(axis=rank - 1, values=args), kernel, 1 if rank == 3 else [1] * rank, padding="SAME")
    if not use_bias:
        return made
    return made + get_variable("biases", [channels], dtype=dtype, initializer=Constant(0.0, dtype=dtype))


class ConvLSTMCell(RNNCell):
    """An LSTM of images or the like, whose state has a place for each of theirs (tf.contrib.rnn.ConvLSTMCell).

    conv_ndims: how many axes are convolved, 1 to 3. input_shape: [sizes…, channels], a list. output_channels: of the
    state. skip_connection: the inputs follow in the channels of the output. Raises InvalidValue for an input_shape of
    another length.
    """

    def __init__(self, conv_ndims: int, input_shape: list[int], output_channels: int, kernel_shape: Sequence[int],
                 use_bias: bool = True, skip_connection: bool = False, forget_bias: float = 1.0,
                 initializers: Any = None, name: str = "conv_lstm_cell") -> None:
        super().__init__(name=name)
        if conv_ndims != len(input_shape) - 1:
            raise InvalidValue(f"input_shape {input_shape} is [sizes…, channels], for conv_ndims={conv_ndims} "
                               f"{conv_ndims + 1} numbers")
        self._axis, self._channels, self._kernel_shape = conv_ndims + 1, output_channels, list(kernel_shape)
        self._use_bias, self._forget_bias, self._skip = use_bias, forget_bias, skip_connection
        kept = TensorShape(input_shape[:-1] + [output_channels])
        self._state_size = LSTMStateTuple(kept, kept)
        self._output_size = TensorShape(
            input_shape[:-1] + [output_channels + (input_shape[-1] if skip_connection else 0)])

    @property
    def state_size(self) -> Any:
        return self._state_size

    @property
    def output_size(self) -> Any:
        return self._output_size

    def call(self, inputs: Any, state: Any, scope: Any = None) -> Any:
        c, h = state
        gates = _convolved([inputs, h], self._kernel_shape, 4 * self._channels, self._use_bias)
        i, j, f, o = tf.split(value=gates, num_or_size_splits=4, axis=self._axis)
        c = tf.sigmoid(f + self._forget_bias) * c
        c += tf.sigmoid(i) * tf.tanh(j)
        output = tf.tanh(c) * tf.sigmoid(o)
        if self._skip:
            output = tf.concat([output, inputs], axis=-1)
        return output, LSTMStateTuple(c, output)


class Conv1DLSTMCell(ConvLSTMCell):
    """ConvLSTMCell of sequences [steps, channels] (tf.contrib.rnn.Conv1DLSTMCell)."""

    def __init__(self, name: str = "conv_1d_lstm_cell", **kwargs: Any) -> None:
        super().__init__(conv_ndims=1, name=name, **kwargs)


class Conv2DLSTMCell(ConvLSTMCell):
    """ConvLSTMCell of images [height, width, channels] (tf.contrib.rnn.Conv2DLSTMCell)."""

    def __init__(self, name: str = "conv_2d_lstm_cell", **kwargs: Any) -> None:
        super().__init__(conv_ndims=2, name=name, **kwargs)


class Conv3DLSTMCell(ConvLSTMCell):
    """ConvLSTMCell of volumes [depth, height, width, channels] (tf.contrib.rnn.Conv3DLSTMCell)."""

    def __init__(self, name: str = "conv_3d_lstm_cell", **kwargs: Any) -> None:
        super().__init__(conv_ndims=3, name=name, **kwargs)
