"""Convolution layers over 1 to 3 sizes (tf.layers)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue, said
from ..graph.shapes import TensorShape, show
from .initializers import Zeros
from .layers import Layer
from .layers_core import data_format_of, sizes_of
from .layers_input import InputSpec
from .layers_words import activation as activation_of
from .layers_words import whole
from .modules import modules

EXPORTS = """
layers: Conv1D conv1d Conv2D conv2d Conv3D conv3d
"""

tf = modules["tf"]


def format_of(data_format: str, rank: int) -> str:
    """TensorFlow's word: ``NHWC``, ``NCW``, …"""
    inner = ("W", "HW", "DHW")[rank - 1]
    return f"NC{inner}" if data_format == "channels_first" else f"N{inner}C"


class Conv(Layer):
    """``activation(conv(inputs, kernel) + bias)``; what the layers of 1, 2 and 3 sizes share.

    Raises InvalidValue for fields that do not fit, and where the channels of the input are not known.
    """

    rank = 2
    op_name: str | None = None
    """The scope of its ops, which is called after the class by default."""

    def __init__(self, filters: Any, kernel_size: Any, strides: Any = 1, padding: str = "valid",
                 data_format: str = "channels_last", dilation_rate: Any = 1, activation: Any = None,
                 use_bias: bool = True, kernel_initializer: Any = None, bias_initializer: Any = Zeros(),
                 kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None,
                 kernel_constraint: Any = None, bias_constraint: Any = None, trainable: bool = True,
                 name: str | None = None, **kwargs: Any) -> None:
        super().__init__(trainable=trainable, name=name, activity_regularizer=activity_regularizer, **kwargs)
        self.filters = whole(filters, "filters")
        self.kernel_size = sizes_of(kernel_size, self.rank, "kernel_size")
        self.strides = sizes_of(strides, self.rank, "strides")
        self.dilation_rate = sizes_of(dilation_rate, self.rank, "dilation_rate")
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise InvalidValue("a convolution has strides or a dilation_rate above 1, not both")
        self.padding = str(padding).lower()
        if self.padding not in ("valid", "same", "causal"):
            raise InvalidValue(f"padding is 'valid' or 'same', not {said(padding)}")
        if self.padding == "causal" and self.rank != 1:
            raise InvalidValue("padding 'causal' is for convolutions of one size")
        self.data_format = data_format_of(data_format)
        self.activation, self.use_bias = activation_of(activation), use_bias
        self.kernel_initializer, self.bias_initializer = kernel_initializer, bias_initializer
        self.kernel_regularizer, self.bias_regularizer = kernel_regularizer, bias_regularizer
        self.kernel_constraint, self.bias_constraint = kernel_constraint, bias_constraint
        self.input_spec = InputSpec(min_ndim=self.rank + 2)

    @property
    def channels_first(self) -> bool:
        return self.data_format == "channels_first"

    @property
    def tf_format(self) -> str:
        return format_of(self.data_format, self.rank)

    def _channels(self, input_shape: Any) -> int:
        found = TensorShape(input_shape).as_list()[1 if self.channels_first else -1]
        if found is None:
            raise InvalidValue(f"the channels of the input of {self.name} must be known, not {input_shape}")
        return int(found)

    def _spec(self, channels: int) -> None:
        self.input_spec = InputSpec(min_ndim=self.rank + 2, axes={1 if self.channels_first else -1: channels})

    def _kernel_and_bias(self, kernel_shape: tuple[int, ...]) -> None:
        self.kernel = self.add_weight("kernel", kernel_shape, self.dtype, self.kernel_initializer,
                                      self.kernel_regularizer, constraint=self.kernel_constraint)
        self._bias()

    def _bias(self) -> None:
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight("bias", [self.filters], self.dtype, self.bias_initializer,
                                        self.bias_regularizer, constraint=self.bias_constraint)
        self.built = True

    def build(self, input_shape: Any) -> None:
        channels = self._channels(input_shape)
        self._output(TensorShape(input_shape).as_list())
        self._kernel_and_bias((*self.kernel_size, channels, self.filters))
        self._spec(channels)

    def _length(self, size: int | None, i: int) -> int | None:
        if size is None:
            return None
        window = self.kernel_size[i] + (self.kernel_size[i] - 1) * (self.dilation_rate[i] - 1)
        out = size if self.padding in ("same", "causal") else size - window + 1
        return (out + self.strides[i] - 1) // self.strides[i]

    def _output(self, static: Any) -> list[int | None]:
        """The static shape of the output. Raises InvalidValue where nothing would be left."""
        inner = static[2:] if self.channels_first else static[1:-1]
        sizes = [self._length(s, i - (len(inner) - self.rank)) if i >= len(inner) - self.rank else s
                 for i, s in enumerate(inner)]
        if any(s is not None and s <= 0 for s in sizes):
            raise InvalidValue(f"layer {self.name}: the kernel {show(self.kernel_size)} does not fit in the input "
                               f"{show(tuple(static))}")
        return [static[0], self.filters, *sizes] if self.channels_first else [static[0], *sizes, self.filters]

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """The shape of the output. Raises InvalidValue where nothing would be left of a size."""
        return TensorShape(self._output(TensorShape(input_shape).as_list()))

    def _causal(self, inputs: Any) -> Any:
        before = self.dilation_rate[0] * (self.kernel_size[0] - 1)
        pads = [[0, 0], [0, 0], [before, 0]] if self.channels_first else [[0, 0], [before, 0], [0, 0]]
        return tf.pad(inputs, pads)

    def call(self, inputs: Any) -> Any:
        static = inputs.static
        padding = "VALID" if self.padding == "causal" else self.padding.upper()
        if self.padding == "causal":
            inputs = self._causal(inputs)
        outputs = tf.nn.convolution(inputs, self.kernel, padding=padding, strides=list(self.strides),
                                    dilations=list(self.dilation_rate), data_format=self.tf_format,
                                    name=self.op_name or type(self).__name__)
        if self.bias is not None:
            if self.rank == 1 and self.channels_first:
                outputs += tf.reshape(self.bias, (1, self.filters, 1))
            else:
                outputs = tf.nn.bias_add(outputs, self.bias, data_format=self.tf_format)
        outputs.set_shape(self._output(static))
        return outputs if self.activation is None else self.activation(outputs)


class Conv1D(Conv):
    """Convolution of [batch, length, channels] (tf.layers.Conv1D)."""

    rank = 1


class Conv2D(Conv):
    """Convolution of [batch, height, width, channels] (tf.layers.Conv2D)."""


class Conv3D(Conv):
    """Convolution of [batch, depth, height, width, channels] (tf.layers.Conv3D)."""

    rank = 3


def conv1d(inputs: Any, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid",
           data_format: str = "channels_last", dilation_rate: Any = 1, activation: Any = None, use_bias: bool = True,
           kernel_initializer: Any = None, bias_initializer: Any = Zeros(), kernel_regularizer: Any = None,
           bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None,
           bias_constraint: Any = None, trainable: bool = True, name: str | None = None, reuse: Any = None) -> Any:
    """Convolution of sequences (tf.layers.conv1d)."""
    return Conv1D(filters, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
                  kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer,
                  kernel_constraint, bias_constraint, trainable, name, _reuse=reuse, _scope=name)(inputs)


def conv2d(inputs: Any, filters: int, kernel_size: Any, strides: Any = (1, 1), padding: str = "valid",
           data_format: str = "channels_last", dilation_rate: Any = (1, 1), activation: Any = None,
           use_bias: bool = True, kernel_initializer: Any = None, bias_initializer: Any = Zeros(),
           kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None,
           kernel_constraint: Any = None, bias_constraint: Any = None, trainable: bool = True,
           name: str | None = None, reuse: Any = None) -> Any:
    """Convolution of images (tf.layers.conv2d)."""
    return Conv2D(filters, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
                  kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer,
                  kernel_constraint, bias_constraint, trainable, name, _reuse=reuse, _scope=name)(inputs)


def conv3d(inputs: Any, filters: int, kernel_size: Any, strides: Any = (1, 1, 1), padding: str = "valid",
           data_format: str = "channels_last", dilation_rate: Any = (1, 1, 1), activation: Any = None,
           use_bias: bool = True, kernel_initializer: Any = None, bias_initializer: Any = Zeros(),
           kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None,
           kernel_constraint: Any = None, bias_constraint: Any = None, trainable: bool = True,
           name: str | None = None, reuse: Any = None) -> Any:
    """Convolution of volumes (tf.layers.conv3d)."""
    return Conv3D(filters, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
                  kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer,
                  kernel_constraint, bias_constraint, trainable, name, _reuse=reuse, _scope=name)(inputs)
