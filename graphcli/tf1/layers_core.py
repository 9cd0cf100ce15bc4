"""Dense, dropout and flatten (tf.layers)."""
from __future__ import annotations

import numbers
from math import prod
from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.shapes import TensorShape, show
from ..graph.types import as_dtype, float32
from .initializers import Zeros
from .layers import Layer, smart_cond
from .layers_input import InputSpec
from .layers_words import activation as activation_of
from .layers_words import whole
from .modules import modules

EXPORTS = """
layers: Dense dense Dropout dropout Flatten flatten
"""

tf = modules["tf"]


class Dense(Layer):
    """``activation(inputs @ kernel + bias)`` over the last axis (tf.layers.Dense).

    Variables ``kernel`` [inputs, units] and ``bias`` [units]. Raises InvalidValue where the last size of the
    input is not known, InvalidType for a dtype that is no real or complex number.
    """

    def __init__(self, units: int, activation: Any = None, use_bias: bool = True, kernel_initializer: Any = None,
                 bias_initializer: Any = Zeros(), kernel_regularizer: Any = None, bias_regularizer: Any = None,
                 activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None,
                 trainable: bool = True, name: str | None = None, **kwargs: Any) -> None:
        super().__init__(trainable=trainable, name=name, activity_regularizer=activity_regularizer, **kwargs)
        self.units = whole(units, "units")
        self.activation = activation_of(activation)
        self.use_bias = use_bias
        self.kernel_initializer, self.bias_initializer = kernel_initializer, bias_initializer
        self.kernel_regularizer, self.bias_regularizer = kernel_regularizer, bias_regularizer
        self.kernel_constraint, self.bias_constraint = kernel_constraint, bias_constraint
        self.input_spec = InputSpec(min_ndim=2)

    def build(self, input_shape: Any) -> None:
        kind = as_dtype(self.dtype or float32)
        if not kind.is_floating and not kind.is_complex:
            raise InvalidType(f"a dense layer is of real or complex numbers, not {kind.name}")
        last = TensorShape(input_shape).as_list()[-1]
        if last is None:
            raise InvalidValue(f"the last size of the input of {self.name} must be known, not {input_shape}")
        self.input_spec = InputSpec(min_ndim=2, axes={-1: last})
        self.kernel = self.add_weight("kernel", [last, self.units], self.dtype, self.kernel_initializer,
                                      self.kernel_regularizer, constraint=self.kernel_constraint)
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight("bias", [self.units], self.dtype, self.bias_initializer,
                                        self.bias_regularizer, constraint=self.bias_constraint)
        self.built = True

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """The sizes of the input, the last one made ``units``. Raises InvalidValue if that is not known."""
        shape = TensorShape(input_shape).with_rank_at_least(2)
        if shape.rank is None or shape.as_list()[-1] is None:
            raise InvalidValue(f"the last size of the input of {self.name} must be known, not {shape}")
        return TensorShape([*shape.as_list()[:-1], self.units])

    def call(self, inputs: Any) -> Any:
        rank = len(inputs.static)
        if self.dtype is not None and inputs.dtype.base_dtype is not self.dtype:
            inputs = tf.cast(inputs, self.dtype)
        if rank == 2:
            outputs = tf.matmul(inputs, self.kernel)
        else:
            outputs = tf.tensordot(inputs, self.kernel, [[rank - 1], [0]])
            outputs.set_shape((*inputs.static[:-1], self.units))
        if self.bias is not None:
            outputs = tf.nn.bias_add(outputs, self.bias)
        return outputs if self.activation is None else self.activation(outputs)


def dense(inputs: Any, units: int, activation: Any = None, use_bias: bool = True, kernel_initializer: Any = None,
          bias_initializer: Any = Zeros(), kernel_regularizer: Any = None, bias_regularizer: Any = None,
          activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None,
          trainable: bool = True, name: str | None = None, reuse: Any = None) -> Any:
    """A fully connected layer (tf.layers.dense)."""
    layer = Dense(units, activation=activation, use_bias=use_bias, kernel_initializer=kernel_initializer,
                  bias_initializer=bias_initializer, kernel_regularizer=kernel_regularizer,
                  bias_regularizer=bias_regularizer, activity_regularizer=activity_regularizer,
                  kernel_constraint=kernel_constraint, bias_constraint=bias_constraint, trainable=trainable,
                  name=name, _scope=name, _reuse=reuse)
    return layer(inputs)


class Dropout(Layer):
    """Drops a share ``rate`` of the input where ``training`` holds, else the input (tf.layers.Dropout)."""

    def __init__(self, rate: Any = 0.5, noise_shape: Any = None, seed: int | None = None, name: str | None = None,
                 **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        if isinstance(rate, (int, float)) and not 0 <= rate <= 1:
            raise InvalidValue(f"the rate of dropout is from 0 to 1, not {rate}")
        self.rate = rate
        self.noise_shape = noise_shape
        self.seed = seed

    def _noise(self, inputs: Any) -> Any:
        if self.noise_shape is None:
            return None
        sizes = tf.shape(inputs)
        return tf.convert_to_tensor([sizes[i] if s is None else s for i, s in enumerate(self.noise_shape)])

    def compute_output_shape(self, input_shape: Any) -> Any:
        """That of the input, as it was given."""
        return input_shape

    def call(self, inputs: Any, training: Any = False) -> Any:
        if isinstance(self.rate, numbers.Real) and self.rate == 0:
            return tf.identity(inputs)

        def dropped() -> Any:
            return tf.nn.dropout(inputs, noise_shape=self._noise(inputs), seed=self.seed, rate=self.rate)

        return smart_cond(training, dropped, lambda: tf.identity(inputs))


def dropout(inputs: Any, rate: Any = 0.5, noise_shape: Any = None, seed: int | None = None, training: Any = False,
            name: str | None = None) -> Any:
    """The input, of which a share ``rate`` is dropped in training (tf.layers.dropout)."""
    return Dropout(rate, noise_shape=noise_shape, seed=seed, name=name)(inputs, training=training)


class Flatten(Layer):
    """[batch, all the rest] (tf.layers.Flatten)."""

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = data_format_of(data_format)
        self.input_spec = InputSpec(min_ndim=1, of_any_rank=True)

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """The batch, and all other sizes as one; that is not known if one of them is not, or is 0."""
        sizes: list[Any] = TensorShape(input_shape).as_list()
        return TensorShape([*(sizes[:1] or [1]), prod(sizes[1:]) if all(sizes[1:]) else None])

    def call(self, inputs: Any) -> Any:
        static = inputs.static
        if static is None:
            return tf.reshape(inputs, [tf.shape(inputs)[0], -1])
        rank = len(static)
        if self.data_format == "channels_first" and rank > 1:
            inputs = tf.transpose(inputs, perm=[0, *range(2, rank), 1])
            static = inputs.static
        if rank == 1:
            return tf.expand_dims(inputs, axis=1)
        if None not in static[1:]:
            size = 1
            for s in static[1:]:
                size *= s
            shape = tf.constant([-1, size])
        elif static[0] is not None:
            shape = tf.constant([static[0], -1])
        else:
            shape = [tf.shape(inputs)[0], -1]
        return tf.reshape(inputs, shape)


def flatten(inputs: Any, name: str | None = None, data_format: str = "channels_last") -> Any:
    """[batch, all the rest] of the input (tf.layers.flatten)."""
    return Flatten(name=name, data_format=data_format)(inputs)


def data_format_of(value: Any) -> str:
    """``channels_last`` or ``channels_first``. Raises InvalidValue for another word."""
    found = "channels_last" if value is None else str(value).lower()
    if found not in ("channels_first", "channels_last"):
        raise InvalidValue(f"data_format is 'channels_last' or 'channels_first', not {said(value)}")
    return found


def sizes_of(value: Any, rank: int, what: str, least: int = 1) -> tuple[int, ...]:
    """``rank`` whole numbers; one stands for all. Raises InvalidValue for another count or too small a one."""
    items = (value,) * rank if hasattr(value, "__index__") else tuple(value) if hasattr(value, "__iter__") else None
    if items is None or len(items) != rank or not all(hasattr(v, "__index__") for v in items):
        raise InvalidValue(f"{what} is a whole number or {rank} of them, not {said(value)}")
    found = tuple(int(v) for v in items)
    if any(v < least for v in found):
        raise InvalidValue(f"{what} is at least {least}, not {show(found)}")
    return found
