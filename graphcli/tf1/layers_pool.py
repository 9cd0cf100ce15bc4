"""Pooling layers over 1 to 3 sizes (tf.layers)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue, said
from ..graph.shapes import TensorShape
from .layers import Layer
from .layers_core import data_format_of, sizes_of
from .layers_input import InputSpec
from .modules import modules

EXPORTS = """
layers: AveragePooling1D average_pooling1d MaxPooling1D max_pooling1d AveragePooling2D average_pooling2d
layers: MaxPooling2D max_pooling2d AveragePooling3D average_pooling3d MaxPooling3D max_pooling3d
"""

tf = modules["tf"]


class Pooling(Layer):
    """Windows of ``pool_size`` every ``strides``, each made one number."""

    rank = 2
    average = False

    def __init__(self, pool_size: Any, strides: Any, padding: str = "valid", data_format: str = "channels_last",
                 name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.pool_size = sizes_of(pool_size, self.rank, "pool_size")
        self.strides = sizes_of(pool_size if strides is None else strides, self.rank, "strides")
        self.padding = str(padding).lower()
        if self.padding not in ("valid", "same"):
            raise InvalidValue(f"padding is 'valid' or 'same', not {said(padding)}")
        self.data_format = data_format_of(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2, of_any_rank=True)

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """The shape of the output."""
        sizes: list[Any] = TensorShape(input_shape).as_list()
        at = 2 if self.data_format == "channels_first" else 1
        for i, (window, stride) in enumerate(zip(self.pool_size, self.strides), at):
            if sizes[i] is not None:
                sizes[i] = -(-(sizes[i] - (window - 1 if self.padding == "valid" else 0)) // stride)
        return TensorShape(sizes)

    def _pooled(self, inputs: Any, size: tuple[int, ...], strides: tuple[int, ...], data_format: str | None) -> Any:
        deep = len(size) == 5
        function = ((tf.nn.avg_pool3d if deep else tf.nn.avg_pool) if self.average
                    else (tf.nn.max_pool3d if deep else tf.nn.max_pool))
        if data_format is None:
            return function(inputs, ksize=size, strides=strides, padding=self.padding.upper())
        return function(inputs, ksize=size, strides=strides, padding=self.padding.upper(), data_format=data_format)

    def call(self, inputs: Any) -> Any:
        first = self.data_format == "channels_first"
        if self.rank == 1:
            axis = 3 if first else 2
            inputs = tf.expand_dims(inputs, axis)
            size, strides = (*self.pool_size, 1), (*self.strides, 1)
            wide = self._pooled(inputs, *((1, 1, *size), (1, 1, *strides)) if first
                                else ((1, *size, 1), (1, *strides, 1)), "NCHW" if first else "NHWC")
            return tf.squeeze(wide, [axis])
        if self.rank == 2:
            if first:
                return self._pooled(inputs, (1, 1, *self.pool_size), (1, 1, *self.strides), "NCHW")
            return self._pooled(inputs, (1, *self.pool_size, 1), (1, *self.strides, 1), "NHWC")
        if first:
            inputs = tf.transpose(inputs, (0, 2, 3, 4, 1))
        outputs = self._pooled(inputs, (1, *self.pool_size, 1), (1, *self.strides, 1), None)
        return tf.transpose(outputs, (0, 4, 1, 2, 3)) if first else outputs


class AveragePooling1D(Pooling):
    """Means of windows of [batch, length, channels]."""

    rank, average = 1, True


class MaxPooling1D(Pooling):
    """The greatest of windows of [batch, length, channels]."""

    rank = 1


class AveragePooling2D(Pooling):
    """Means of windows of [batch, height, width, channels]."""

    average = True


class MaxPooling2D(Pooling):
    """The greatest of windows of [batch, height, width, channels]."""


class AveragePooling3D(Pooling):
    """Means of windows of [batch, depth, height, width, channels]."""

    rank, average = 3, True


class MaxPooling3D(Pooling):
    """The greatest of windows of [batch, depth, height, width, channels]."""

    rank = 3


def average_pooling1d(inputs: Any, pool_size: Any, strides: Any, padding: str = "valid",
                      data_format: str = "channels_last", name: str | None = None) -> Any:
    """Means of windows (tf.layers.average_pooling1d)."""
    return AveragePooling1D(pool_size, strides, padding, data_format, name)(inputs)


def max_pooling1d(inputs: Any, pool_size: Any, strides: Any, padding: str = "valid",
                  data_format: str = "channels_last", name: str | None = None) -> Any:
    """The greatest of windows (tf.layers.max_pooling1d)."""
    return MaxPooling1D(pool_size, strides, padding, data_format, name)(inputs)


def average_pooling2d(inputs: Any, pool_size: Any, strides: Any, padding: str = "valid",
                      data_format: str = "channels_last", name: str | None = None) -> Any:
    """Means of windows (tf.layers.average_pooling2d)."""
    return AveragePooling2D(pool_size, strides, padding, data_format, name)(inputs)


def max_pooling2d(inputs: Any, pool_size: Any, strides: Any, padding: str = "valid",
                  data_format: str = "channels_last", name: str | None = None) -> Any:
    """The greatest of windows (tf.layers.max_pooling2d)."""
    return MaxPooling2D(pool_size, strides, padding, data_format, name)(inputs)


def average_pooling3d(inputs: Any, pool_size: Any, strides: Any, padding: str = "valid",
                      data_format: str = "channels_last", name: str | None = None) -> Any:
    """Means of windows (tf.layers.average_pooling3d)."""
    return AveragePooling3D(pool_size, strides, padding, data_format, name)(inputs)


def max_pooling3d(inputs: Any, pool_size: Any, strides: Any, padding: str = "valid",
                  data_format: str = "channels_last", name: str | None = None) -> Any:
    """The greatest of windows (tf.layers.max_pooling3d)."""
    return MaxPooling3D(pool_size, strides, padding, data_format, name)(inputs)
