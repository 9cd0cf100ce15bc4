"""Batch normalization with moving averages (tf.layers.batch_normalization)."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.shapes import TensorShape, show
from ..graph.types import bfloat16, float16, float32
from .conversion import convert_to_tensor
from .framework import colocate_with, control_dependencies, name_scope
from .initializers import Ones, Zeros
from .layers import Layer, known, smart_cond
from .layers_input import InputSpec
from .modules import modules
from .variable_creators import VariableAggregation, VariableSynchronization

EXPORTS = """
layers: BatchNormalization batch_normalization
"""

tf = modules["tf"]
_FUSED = {(4, 1): "NCHW", (4, 3): "NHWC", (5, 1): "NCDHW", (5, 4): "NDHWC"}


_MOVING: dict[str, Any] = {"trainable": False, "synchronization": VariableSynchronization.ON_READ,
                           "aggregation": VariableAggregation.MEAN}


class BatchNormalization(Layer):
    """Normalizes by the batch's mean and variance in training, by their moving averages else.

    axis: that of the features. Variables ``gamma``, ``beta``, ``moving_mean``, ``moving_variance``; the updates of
    the moving averages are in UPDATE_OPS. fused: one FusedBatchNormV3 where it can, by default for rank 4 and 5.
    renorm: batch renormalization. virtual_batch_size: rows that are normalized by their own moments.

    Raises InvalidValue for an axis whose size is not known.
    """

    def __init__(self, axis: Any = -1, momentum: Any = 0.99, epsilon: float = 1e-3, center: bool = True,
                 scale: bool = True, beta_initializer: Any = Zeros(), gamma_initializer: Any = Ones(),
                 moving_mean_initializer: Any = Zeros(), moving_variance_initializer: Any = Ones(),
                 beta_regularizer: Any = None, gamma_regularizer: Any = None, beta_constraint: Any = None,
                 gamma_constraint: Any = None, renorm: bool = False, renorm_clipping: Any = None,
                 renorm_momentum: Any = 0.99, fused: bool | None = None, trainable: bool = True,
                 virtual_batch_size: int | None = None, adjustment: Any = None, name: str | None = None,
                 **kwargs: Any) -> None:
        super().__init__(trainable=trainable, name=name, **kwargs)
        if not isinstance(axis, (int, list, tuple)):
            raise InvalidType(f"axis is a whole number or a list of them, not {said(axis)}")
        if adjustment is not None:
            raise InvalidValue("batch_normalization has no adjustment here", hint="leave adjustment out")
        if virtual_batch_size is not None and fused:
            raise InvalidValue("fused batch normalization has no virtual batches")
        self.virtual_batch_size = virtual_batch_size
        self.axis = [axis] if isinstance(axis, int) else list(axis)
        self.momentum, self.epsilon, self.center, self.scale = momentum, epsilon, center, scale
        self.beta_initializer, self.gamma_initializer = beta_initializer, gamma_initializer
        self.moving_mean_initializer = moving_mean_initializer
        self.moving_variance_initializer = moving_variance_initializer
        self.beta_regularizer, self.gamma_regularizer = beta_regularizer, gamma_regularizer
        self.beta_constraint, self.gamma_constraint = beta_constraint, gamma_constraint
        self.renorm, self.renorm_momentum = renorm, renorm_momentum
        self.renorm_clipping: Mapping[str, Any] = renorm_clipping or {}
        if unknown := set(self.renorm_clipping) - {"rmax", "rmin", "dmax"}:
            raise InvalidValue(f"renorm_clipping has rmax, rmin and dmax, not {sorted(unknown)[0]!r}")
        if fused and renorm:
            raise InvalidValue("fused batch normalization has no renorm")
        self.fused = fused
        self.gamma = self.beta = None
        self.input_spec = None

    def compute_output_shape(self, input_shape: Any) -> Any:
        """That of the input, as it was given."""
        return input_shape

    @property
    def _kind(self) -> Any:
        """The dtype of the variables: float32 for halves."""
        return float32 if self.dtype in (float16, bfloat16, None) else self.dtype

    def build(self, input_shape: Any) -> None:
        input_shape = TensorShape(input_shape)
        if input_shape.ndims is None:
            raise InvalidValue(f"{self.name}: the rank of the input is not known", hint="give the placeholder a shape")
        static = input_shape.as_list()
        rank = len(static)
        axes = [a + rank if a < 0 else a for a in self.axis]
        if any(not 0 <= a < rank for a in axes) or len(set(axes)) != len(axes):
            raise InvalidValue(f"{self.name}: axis {self.axis} is none of the shape {show(tuple(static))}")
        if any(static[a] is None for a in axes):
            raise InvalidValue(f"{self.name}: the size of axis {axes[0]} must be known, not {input_shape}")
        self.axis = axes
        plain = self.renorm or self.virtual_batch_size is not None
        can = not plain and len(axes) == 1 and rank in (4, 5) and self.dtype in (float16, bfloat16, float32, None)
        if self.fused and can and (rank, axes[0]) not in _FUSED:
            raise InvalidValue(f"{self.name}: fused batch normalization of rank {rank} has axis 1 or {rank - 1}, "
                               f"not {axes[0]}")
        self.fused = self.fused is not False and can and (rank, axes[0]) in _FUSED
        self.input_spec = InputSpec(ndim=rank, axes={a: static[a] for a in axes})
        shape = ([static[axes[0]]] if len(axes) == 1 and self.virtual_batch_size is None
                 else [static[i] if i in axes else 1 for i in range(rank)])
        if self.virtual_batch_size is not None:
            # the batch becomes two axes: of a virtual batch, and how many there are
            shape.insert(1, 1)
            self.axis = [a + 1 for a in axes]
        self._shape, kind = shape, self._kind
        if self.scale:
            self.gamma = self.add_weight("gamma", shape, kind, self.gamma_initializer, self.gamma_regularizer,
                                         constraint=self.gamma_constraint)
        if self.center:
            self.beta = self.add_weight("beta", shape, kind, self.beta_initializer, self.beta_regularizer,
                                        constraint=self.beta_constraint)
        # the moving averages are one piece each, whatever the scope says
        partitioner = self._scope.partitioner
        self._scope.set_partitioner(None)
        self.moving_mean = self.add_weight("moving_mean", shape, kind, self.moving_mean_initializer, **_MOVING)
        self.moving_variance = self.add_weight("moving_variance", shape, kind, self.moving_variance_initializer,
                                               **_MOVING)
        if self.renorm:
            self._renorm_variables(shape, kind)
        self._scope.set_partitioner(partitioner)
        self.built = True

    def _renorm_variables(self, shape: list[Any], kind: Any) -> None:
        def deviation(*args: Any, **kwargs: Any) -> Any:
            return tf.sqrt(self.moving_variance_initializer(*args, **kwargs))

        with colocate_with(self.moving_variance):
            self.moving_stddev = self.add_weight("moving_stddev", shape, kind, deviation, **_MOVING)
        with colocate_with(self.moving_mean):
            self.renorm_mean = self.add_weight("renorm_mean", shape, kind, self.moving_mean_initializer, **_MOVING)
        with colocate_with(self.moving_stddev):
            self.renorm_stddev = self.add_weight("renorm_stddev", shape, kind, deviation, **_MOVING)

    def _moved(self, variable: Any, value: Any, momentum: Any) -> Any:
        """``variable -= (variable - value) * (1 - momentum)``."""
        with name_scope("AssignMovingAvg") as scope, colocate_with(variable):
            part = convert_to_tensor(1.0 - momentum, name="decay")
            if part.dtype.base_dtype is not variable.dtype.base_dtype:
                part = tf.cast(part, variable.dtype.base_dtype)
            delta = (variable - tf.cast(value, variable.dtype.base_dtype)) * part
            return tf.assign_sub(variable, delta, name=scope)

    def call(self, inputs: Any, training: Any = False) -> Any:
        if training is None:
            training = False
        if self.virtual_batch_size is not None:
            return self._virtual(inputs, training)
        return self._fused(inputs, training) if self.fused else self._plain(inputs, training)

    def _virtual(self, inputs: Any, training: Any) -> Any:
        """Batches of ``virtual_batch_size`` rows that are normalized each by its own moments."""
        sizes = tf.shape(inputs)
        shape = tf.concat([tf.constant([-1]), sizes[1:]], 0)
        apart = tf.concat([tf.constant([self.virtual_batch_size, -1]), shape[1:]], 0)
        return tf.reshape(self._plain(tf.reshape(inputs, apart), training), shape)

    def _fused(self, inputs: Any, training: Any) -> Any:
        beta = self.beta if self.center else tf.constant(0.0, self._kind, self._shape)
        gamma = self.gamma if self.scale else tf.constant(1.0, self._kind, self._shape)
        data_format = _FUSED[len(inputs.static), self.axis[0]]

        def normalized(train: bool) -> Callable[[], Any]:
            return lambda: tf.nn.fused_batch_norm(
                inputs, gamma, beta, mean=self.moving_mean, variance=self.moving_variance, epsilon=self.epsilon,
                is_training=train, data_format=data_format)

        output, mean, variance = smart_cond(training, normalized(True), normalized(False))
        decided = known(training)
        if decided or decided is None:
            momentum = (convert_to_tensor(self.momentum) if decided
                        else smart_cond(training, lambda: self.momentum, lambda: 1.0))
            self.add_update(self._moved(self.moving_mean, mean, momentum))
            self.add_update(self._moved(self.moving_variance, variance, momentum))
        return output

    def _plain(self, inputs: Any, training: Any) -> Any:
        own = inputs.dtype.base_dtype
        if own in (float16, bfloat16):
            inputs = tf.cast(inputs, float32)
        rank = len(inputs.static)
        axes = [i for i in range(rank) if i not in self.axis]
        virtual = self.virtual_batch_size is not None
        if virtual:
            del axes[1]
        wide = [1] * rank
        wide[self.axis[0]] = inputs.static[self.axis[0]]

        def broad(value: Any) -> Any:
            if value is not None and len(value.static) != rank and axes != list(range(rank - 1)):
                return tf.reshape(value, wide)
            return value

        scale, offset = broad(self.gamma), broad(self.beta)
        mean, variance = self.moving_mean, self.moving_variance
        if known(training) is not False:
            mean, variance = tf.nn.moments(tf.cast(inputs, self._kind), axes, keep_dims=virtual or len(self.axis) > 1)
            batch_mean, batch_variance = mean, variance
            mean = smart_cond(training, lambda: batch_mean, lambda: convert_to_tensor(self.moving_mean))
            variance = smart_cond(training, lambda: batch_variance, lambda: convert_to_tensor(self.moving_variance))
            new_mean, new_variance = mean, variance
            if virtual:
                new_mean = tf.reduce_mean(new_mean, axis=1, keepdims=True)
                new_variance = tf.reduce_mean(new_variance, axis=1, keepdims=True)
            if self.renorm:
                r, d, new_mean, new_variance = self._renormed(new_mean, new_variance, training)
                r = broad(tf.stop_gradient(r, name="renorm_r"))
                d = broad(tf.stop_gradient(d, name="renorm_d"))
                if scale is not None:
                    r, d = r * scale, d * scale
                if offset is not None:
                    d = d + offset
                scale, offset = r, d
            self._updates_of(training, new_mean, new_variance)
        kind = inputs.dtype.base_dtype
        mean, variance = tf.cast(mean, kind), tf.cast(variance, kind)
        offset = None if offset is None else tf.cast(offset, kind)
        scale = None if scale is None else tf.cast(scale, kind)
        outputs = tf.nn.batch_normalization(inputs, broad(mean), broad(variance), offset, scale, self.epsilon)
        if own in (float16, bfloat16):
            outputs = tf.cast(outputs, own)
        outputs.set_shape(inputs.static)
        return outputs

    def _updates_of(self, training: Any, mean: Any, variance: Any) -> None:
        def stddev() -> Any:
            moved = self._moved(self.moving_stddev, tf.sqrt(variance + self.epsilon), self.momentum)
            new = tf.nn.relu(moved * moved - self.epsilon)
            with name_scope("AssignNewValue") as scope, colocate_with(self.moving_variance):
                return tf.assign(self.moving_variance, new, name=scope)

        self.add_update(smart_cond(training, lambda: self._moved(self.moving_mean, mean, self.momentum),
                                   lambda: self.moving_mean))
        self.add_update(smart_cond(
            training, stddev if self.renorm else lambda: self._moved(self.moving_variance, variance, self.momentum),
            lambda: self.moving_variance))

    def _renormed(self, mean: Any, variance: Any, training: Any) -> tuple[Any, Any, Any, Any]:
        """The correction of the batch's normalization towards the moving averages (batch renormalization)."""
        stddev = tf.sqrt(variance + self.epsilon)
        r_stddev = tf.maximum(self.renorm_stddev, tf.sqrt(self.epsilon))
        r = stddev / r_stddev
        d = (mean - self.renorm_mean) / r_stddev
        with control_dependencies([r, d]):
            mean, stddev = tf.identity(mean), tf.identity(stddev)
        least, most, far = (self.renorm_clipping.get(k) for k in ("rmin", "rmax", "dmax"))
        if least is not None:
            r = tf.maximum(r, least)
        if most is not None:
            r = tf.minimum(r, most)
        if far is not None:
            d = tf.minimum(tf.maximum(d, -far), far)
        given_r, given_d = r, d
        r = smart_cond(training, lambda: given_r, lambda: tf.ones(given_r.static, given_r.dtype, name="ones_like"))
        d = smart_cond(training, lambda: given_d, lambda: tf.zeros_like(given_d))

        def updated(variable: Any, value: Any) -> Any:
            value = tf.identity(value)
            return smart_cond(training, lambda: self._moved(variable, value, self.renorm_momentum),
                              lambda: tf.identity(variable))

        new_mean, new_stddev = updated(self.renorm_mean, mean), updated(self.renorm_stddev, stddev)
        with control_dependencies([new_mean, new_stddev]):
            return r, d, tf.identity(mean), tf.identity(variance)


def batch_normalization(inputs: Any, axis: Any = -1, momentum: Any = 0.99, epsilon: float = 1e-3, center: bool = True,
                        scale: bool = True, beta_initializer: Any = Zeros(), gamma_initializer: Any = Ones(),
                        moving_mean_initializer: Any = Zeros(), moving_variance_initializer: Any = Ones(),
                        beta_regularizer: Any = None, gamma_regularizer: Any = None, beta_constraint: Any = None,
                        gamma_constraint: Any = None, training: Any = False, trainable: bool = True,
                        name: str | None = None, reuse: Any = None, renorm: bool = False,
                        renorm_clipping: Any = None, renorm_momentum: Any = 0.99, fused: bool | None = None,
                        virtual_batch_size: int | None = None, adjustment: Any = None) -> Any:
    """Batch normalization (tf.layers.batch_normalization); run what is in UPDATE_OPS with each training step."""
    layer = BatchNormalization(
        axis, momentum, epsilon, center, scale, beta_initializer, gamma_initializer, moving_mean_initializer,
        moving_variance_initializer, beta_regularizer, gamma_regularizer, beta_constraint, gamma_constraint, renorm,
        renorm_clipping, renorm_momentum, fused, trainable, virtual_batch_size, adjustment, name, _reuse=reuse,
        _scope=name)
    return layer(inputs, training=training)
