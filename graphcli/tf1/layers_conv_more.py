"""Transposed and separable convolution layers (tf.layers)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue
from .initializers import Zeros
from .layers_conv import Conv, format_of
from .layers_input import InputSpec
from .modules import modules

EXPORTS = """
layers: Conv2DTranspose conv2d_transpose Conv3DTranspose conv3d_transpose
layers: SeparableConv1D separable_conv1d SeparableConv2D separable_conv2d
"""

tf = modules["tf"]


class ConvTranspose(Conv):
    """The convolution that goes the other way: what the layers of 2 and 3 sizes share."""

    def __init__(self, filters: Any, kernel_size: Any, strides: Any = 1, padding: str = "valid",
                 data_format: str = "channels_last", activation: Any = None, use_bias: bool = True,
                 kernel_initializer: Any = None, bias_initializer: Any = Zeros(), kernel_regularizer: Any = None,
                 bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None,
                 bias_constraint: Any = None, trainable: bool = True, name: str | None = None,
                 **kwargs: Any) -> None:
        super().__init__(filters, kernel_size, strides, padding, data_format, 1, activation, use_bias,
                         kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer,
                         activity_regularizer, kernel_constraint, bias_constraint, trainable, name, **kwargs)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def build(self, input_shape: Any) -> None:
        channels = self._channels(input_shape)
        self.input_spec = InputSpec(ndim=self.rank + 2, axes={1 if self.channels_first else -1: channels})
        self._kernel_and_bias((*self.kernel_size, self.filters, channels))

    def _longer(self, size: Any, i: int) -> Any:
        if size is None:
            return None
        grown = size * self.strides[i]
        return grown + max(self.kernel_size[i] - self.strides[i], 0) if self.padding == "valid" else grown

    def _output(self, static: Any) -> list[int | None]:
        at = 2 if self.channels_first else 1
        longer = [self._longer(static[at + i], i) for i in range(self.rank)]
        return [static[0], self.filters, *longer] if self.channels_first else [static[0], *longer, self.filters]

    def call(self, inputs: Any) -> Any:
        sizes = tf.shape(inputs)
        batch = sizes[0]
        at = 2 if self.channels_first else 1
        # the two-dimensional layer takes what is known, the other always asks when it runs
        here = ([inputs.static[at + i] for i in range(2)] if self.rank == 2 else [None] * self.rank)
        asked = [sizes[at + i] if s is None else s for i, s in enumerate(here)]
        longer = [self._longer(s, i) for i, s in enumerate(asked)]
        shape = [batch, self.filters, *longer] if self.channels_first else [batch, *longer, self.filters]
        strides = (1, 1, *self.strides) if self.channels_first else (1, *self.strides, 1)
        function = tf.nn.conv2d_transpose if self.rank == 2 else tf.nn.conv3d_transpose
        wanted = tf.stack(shape)
        if self.rank == 2:
            # TensorFlow looks whether this is None, and the look stays in the graph
            wanted[0]  # noqa: B018
        outputs = function(inputs, self.kernel, wanted, strides, padding=self.padding.upper(),
                           data_format=self.tf_format)
        inner = [self._longer(inputs.static[at + i], i) for i in range(self.rank)]
        outputs.set_shape([inputs.static[0], self.filters, *inner] if self.channels_first
                          else [inputs.static[0], *inner, self.filters])
        if self.bias is not None:
            outputs = tf.nn.bias_add(outputs, self.bias, data_format="NCHW" if self.channels_first else "NHWC")
        return outputs if self.activation is None else self.activation(outputs)


class Conv2DTranspose(ConvTranspose):
    """Transposed convolution of images (tf.layers.Conv2DTranspose)."""


class Conv3DTranspose(ConvTranspose):
    """Transposed convolution of volumes (tf.layers.Conv3DTranspose)."""

    rank = 3


def conv2d_transpose(inputs: Any, filters: int, kernel_size: Any, strides: Any = (1, 1), padding: str = "valid",
                     data_format: str = "channels_last", activation: Any = None, use_bias: bool = True,
                     kernel_initializer: Any = None, bias_initializer: Any = Zeros(), kernel_regularizer: Any = None,
                     bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None,
                     bias_constraint: Any = None, trainable: bool = True, name: str | None = None,
                     reuse: Any = None) -> Any:
    """Transposed convolution of images (tf.layers.conv2d_transpose)."""
    return Conv2DTranspose(filters, kernel_size, strides, padding, data_format, activation, use_bias,
                           kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer,
                           activity_regularizer, kernel_constraint, bias_constraint, trainable, name,
                           _reuse=reuse, _scope=name)(inputs)


def conv3d_transpose(inputs: Any, filters: int, kernel_size: Any, strides: Any = (1, 1, 1), padding: str = "valid",
                     data_format: str = "channels_last", activation: Any = None, use_bias: bool = True,
                     kernel_initializer: Any = None, bias_initializer: Any = Zeros(), kernel_regularizer: Any = None,
                     bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None,
                     bias_constraint: Any = None, trainable: bool = True, name: str | None = None,
                     reuse: Any = None) -> Any:
    """Transposed convolution of volumes (tf.layers.conv3d_transpose)."""
    return Conv3DTranspose(filters, kernel_size, strides, padding, data_format, activation, use_bias,
                           kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer,
                           activity_regularizer, kernel_constraint, bias_constraint, trainable, name,
                           _reuse=reuse, _scope=name)(inputs)


class SeparableConv(Conv):
    """Each channel by itself, then 1x1 over the channels: what the layers of 1 and 2 sizes share."""

    def __init__(self, filters: Any, kernel_size: Any, strides: Any = 1, padding: str = "valid",
                 data_format: str = "channels_last", dilation_rate: Any = 1, depth_multiplier: int = 1,
                 activation: Any = None, use_bias: bool = True, depthwise_initializer: Any = None,
                 pointwise_initializer: Any = None, bias_initializer: Any = Zeros(),
                 depthwise_regularizer: Any = None, pointwise_regularizer: Any = None, bias_regularizer: Any = None,
                 activity_regularizer: Any = None, depthwise_constraint: Any = None,
                 pointwise_constraint: Any = None, bias_constraint: Any = None, trainable: bool = True,
                 name: str | None = None, **kwargs: Any) -> None:
        super().__init__(filters, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
                         None, bias_initializer, None, bias_regularizer, activity_regularizer, None,
                         bias_constraint, trainable, name, **kwargs)
        self.depth_multiplier = depth_multiplier
        self.depthwise_initializer, self.pointwise_initializer = depthwise_initializer, pointwise_initializer
        self.depthwise_regularizer, self.pointwise_regularizer = depthwise_regularizer, pointwise_regularizer
        self.depthwise_constraint, self.pointwise_constraint = depthwise_constraint, pointwise_constraint

    def build(self, input_shape: Any) -> None:
        channels = self._channels(input_shape)
        self.input_spec = InputSpec(ndim=self.rank + 2, axes={1 if self.channels_first else -1: channels})
        self.depthwise_kernel = self.add_weight(
            "depthwise_kernel", (*self.kernel_size, channels, self.depth_multiplier), self.dtype,
            self.depthwise_initializer, self.depthwise_regularizer, constraint=self.depthwise_constraint)
        self.pointwise_kernel = self.add_weight(
            "pointwise_kernel", ((1,) * self.rank + (self.depth_multiplier * channels, self.filters)), self.dtype,
            self.pointwise_initializer, self.pointwise_regularizer, constraint=self.pointwise_constraint)
        self._bias()

    def call(self, inputs: Any) -> Any:
        depthwise, pointwise, rate, strides = (self.depthwise_kernel, self.pointwise_kernel, self.dilation_rate,
                                               self.strides)
        if self.padding == "causal":
            inputs = self._causal(inputs)
        at = 2 if self.channels_first else 1
        if self.rank == 1:
            inputs = tf.expand_dims(inputs, at)
            depthwise, pointwise = tf.expand_dims(depthwise, 0), tf.expand_dims(pointwise, 0)
            rate, strides = (1, *rate), strides * 2
        data_format = format_of(self.data_format, 2)
        outputs = tf.nn.separable_conv2d(
            inputs, depthwise, pointwise, strides=(1, 1, *strides) if self.channels_first else (1, *strides, 1),
            padding="VALID" if self.padding == "causal" else self.padding.upper(), rate=rate, data_format=data_format)
        if self.bias is not None:
            outputs = tf.nn.bias_add(outputs, self.bias, data_format=data_format)
        if self.rank == 1:
            outputs = tf.squeeze(outputs, [at])
        return outputs if self.activation is None else self.activation(outputs)


class SeparableConv1D(SeparableConv):
    """Depthwise separable convolution of sequences (tf.layers.SeparableConv1D)."""

    rank = 1


class SeparableConv2D(SeparableConv):
    """Depthwise separable convolution of images (tf.layers.SeparableConv2D)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.padding == "causal":
            raise InvalidValue("padding 'causal' is for convolutions of one size")


def _separable(kind: type[SeparableConv], inputs: Any, name: str | None, reuse: Any, *fields: Any) -> Any:
    arguments: Any = (*fields, name)
    layer = kind(*arguments, _reuse=reuse, _scope=name)
    return layer(inputs)


def separable_conv1d(inputs: Any, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid",
                     data_format: str = "channels_last", dilation_rate: Any = 1, depth_multiplier: int = 1,
                     activation: Any = None, use_bias: bool = True, depthwise_initializer: Any = None,
                     pointwise_initializer: Any = None, bias_initializer: Any = Zeros(),
                     depthwise_regularizer: Any = None, pointwise_regularizer: Any = None,
                     bias_regularizer: Any = None, activity_regularizer: Any = None, depthwise_constraint: Any = None,
                     pointwise_constraint: Any = None, bias_constraint: Any = None, trainable: bool = True,
                     name: str | None = None, reuse: Any = None) -> Any:
    """Depthwise separable convolution of sequences (tf.layers.separable_conv1d)."""
    return _separable(SeparableConv1D, inputs, name, reuse, filters, kernel_size, strides, padding, data_format,
                      dilation_rate, depth_multiplier, activation, use_bias, depthwise_initializer,
                      pointwise_initializer, bias_initializer, depthwise_regularizer, pointwise_regularizer,
                      bias_regularizer, activity_regularizer, depthwise_constraint, pointwise_constraint,
                      bias_constraint, trainable)


def separable_conv2d(inputs: Any, filters: int, kernel_size: Any, strides: Any = (1, 1), padding: str = "valid",
                     data_format: str = "channels_last", dilation_rate: Any = (1, 1), depth_multiplier: int = 1,
                     activation: Any = None, use_bias: bool = True, depthwise_initializer: Any = None,
                     pointwise_initializer: Any = None, bias_initializer: Any = Zeros(),
                     depthwise_regularizer: Any = None, pointwise_regularizer: Any = None,
                     bias_regularizer: Any = None, activity_regularizer: Any = None, depthwise_constraint: Any = None,
                     pointwise_constraint: Any = None, bias_constraint: Any = None, trainable: bool = True,
                     name: str | None = None, reuse: Any = None) -> Any:
    """Depthwise separable convolution of images (tf.layers.separable_conv2d)."""
    return _separable(SeparableConv2D, inputs, name, reuse, filters, kernel_size, strides, padding, data_format,
                      dilation_rate, depth_multiplier, activation, use_bias, depthwise_initializer,
                      pointwise_initializer, bias_initializer, depthwise_regularizer, pointwise_regularizer,
                      bias_regularizer, activity_regularizer, depthwise_constraint, pointwise_constraint,
                      bias_constraint, trainable)
