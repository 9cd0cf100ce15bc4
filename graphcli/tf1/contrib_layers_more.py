"""Layer and unit normalization, regularization of weights, and layers one after another (tf.contrib.layers)."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..errors import InvalidValue, said
from ..graph.collections import GraphKeys
from ..graph.types import bfloat16, float16
from .contrib_arg_scope import add_arg_scope
from .contrib_outputs import channel_dimension, collect_named_outputs, get_variable_collections
from .contrib_variables import model_variable
from .conversion import convert_to_tensor
from .framework import add_to_collection, get_collection, name_scope
from .initializers import Ones, Zeros
from .modules import modules
from .variable_scope import variable_scope

EXPORTS = """
contrib.layers contrib.slim: layer_norm unit_norm stack repeat
contrib.layers contrib.slim contrib.slim.regularizers: apply_regularization
contrib.layers contrib.slim: instance_norm
"""

tf = modules["tf"]


@add_arg_scope
def layer_norm(inputs: Any, center: bool = True, scale: bool = True, activation_fn: Any = None, reuse: Any = None,
               variables_collections: Any = None, outputs_collections: Any = None, trainable: bool = True,
               begin_norm_axis: int = 1, begin_params_axis: int = -1, scope: Any = None) -> Any:
    """Normalizes each element of the batch by its moments over the axes from begin_norm_axis on.

    Variables ``beta`` and ``gamma`` of the sizes from begin_params_axis on. Raises InvalidValue where the input has
    not as many axes, or these sizes are not known.
    """
    with variable_scope(scope, "LayerNorm", [inputs], reuse=reuse) as sc:
        inputs = convert_to_tensor(inputs)
        rank = inputs.shape.ndims
        if rank is None:
            raise InvalidValue(f"the rank of {inputs.name} is not known", hint="give the placeholder a shape")
        kind = inputs.dtype.base_dtype
        begin = begin_norm_axis + rank if begin_norm_axis < 0 else begin_norm_axis
        if begin >= rank or begin_params_axis >= rank:
            raise InvalidValue(f"begin_norm_axis {begin_norm_axis} and begin_params_axis {begin_params_axis} are "
                               f"axes of an input of rank {rank}")
        shape = inputs.shape[begin_params_axis:]
        if not shape.is_fully_defined():
            raise InvalidValue(f"the sizes of {inputs.name} from axis {begin_params_axis} on must be known, "
                               f"not {inputs.shape}")

        def made(name: str, initializer: Any) -> Any:
            return model_variable(name, shape=shape, dtype=kind, initializer=initializer, trainable=trainable,
                                  collections=get_variable_collections(variables_collections, name))

        beta = made("beta", Zeros()) if center else None
        gamma = made("gamma", Ones()) if scale else None
        mean, variance = tf.nn.moments(inputs, list(range(begin, rank)), keep_dims=True)
        # 16 bits hold no smaller one beside 1
        epsilon = 1e-3 if kind in (float16, bfloat16) else 1e-12
        outputs = tf.nn.batch_normalization(inputs, mean, variance, offset=beta, scale=gamma,
                                            variance_epsilon=epsilon)
        outputs.set_shape(inputs.static)
        if activation_fn is not None:
            outputs = activation_fn(outputs)
        return collect_named_outputs(outputs_collections, sc.name, outputs)


@add_arg_scope
def instance_norm(inputs: Any, center: bool = True, scale: bool = True, epsilon: float = 1e-6,
                  activation_fn: Any = None, param_initializers: Any = None, reuse: Any = None,
                  variables_collections: Any = None, outputs_collections: Any = None, trainable: bool = True,
                  data_format: str = "NHWC", scope: Any = None) -> Any:
    """Normalizes each channel of each element of the batch by its own moments (tf.contrib.layers.instance_norm).

    Variables ``beta`` and ``gamma`` of the size of the channels. Raises InvalidValue for another data_format, and
    where the rank or that size is not known.
    """
    inputs = convert_to_tensor(inputs)
    rank = inputs.shape.ndims
    if rank is None:
        raise InvalidValue(f"the rank of {inputs.name} is not known", hint="give the placeholder a shape")
    if data_format not in ("NHWC", "NCHW"):
        raise InvalidValue(f"data_format is 'NHWC' or 'NCHW', not {said(data_format)}")
    with variable_scope(scope, "InstanceNorm", [inputs], reuse=reuse) as sc:
        first = data_format == "NCHW"
        around = list(range(2, rank)) if first else list(range(1, rank - 1))
        channels = channel_dimension(inputs.shape, data_format)
        kind = inputs.dtype.base_dtype

        def made(name: str, initializer: Any) -> Any:
            variable = model_variable(
                name, shape=[channels], dtype=kind, initializer=(param_initializers or {}).get(name, initializer),
                trainable=trainable, collections=get_variable_collections(variables_collections, name))
            return tf.reshape(variable, [1, channels, *[1] * (rank - 2)]) if first else variable

        beta = made("beta", Zeros()) if center else None
        gamma = made("gamma", Ones()) if scale else None
        mean, variance = tf.nn.moments(inputs, around, keep_dims=True)
        outputs = tf.nn.batch_normalization(inputs, mean, variance, beta, gamma, epsilon, name="instancenorm")
        outputs.set_shape(inputs.static)
        if activation_fn is not None:
            outputs = activation_fn(outputs)
        return collect_named_outputs(outputs_collections, sc.name, outputs)


@add_arg_scope
def unit_norm(inputs: Any, dim: int, epsilon: float = 1e-7, scope: Any = None) -> Any:
    """The input over its length along an axis (tf.contrib.layers.unit_norm). Raises InvalidValue for no such axis."""
    with variable_scope(scope, "UnitNorm", [inputs]):
        rank = inputs.shape.ndims
        if rank is None:
            raise InvalidValue("the rank of the input is not known", hint="give the placeholder a shape")
        if not 0 <= dim < rank:
            raise InvalidValue(f"dim is an axis of an input of rank {rank}, not {dim}")
        lengths = tf.sqrt(epsilon + tf.reduce_sum(tf.square(inputs), dim, keepdims=True))
        times = []
        if dim > 0:
            times.append(tf.ones([dim], dtype="int32"))
        times.append(tf.strided_slice(tf.shape(inputs), [dim], [dim + 1]))
        if dim < rank - 1:
            times.append(tf.ones([rank - 1 - dim], dtype="int32"))
        return tf.div(inputs, tf.tile(lengths, tf.concat(times, 0)))


def apply_regularization(regularizer: Callable[[Any], Any], weights_list: Sequence[Any] | None = None) -> Any:
    """The sum of the regularizer's losses, which is put into REGULARIZATION_LOSSES.

    weights_list: the variables, those of the collection ``weights`` by default. Raises InvalidValue if there are
    none, or where a loss is no number.
    """
    weights = weights_list or get_collection(GraphKeys.WEIGHTS)
    if not weights:
        raise InvalidValue("there are no weights to regularize")
    with name_scope("get_regularization_penalty", values=weights) as scope:
        penalties = [regularizer(w) for w in weights]
        penalties = [tf.constant(0.0) if p is None else p for p in penalties]
        for penalty in penalties:
            if penalty.shape.ndims != 0:
                raise InvalidValue(f"a regularizer gives a number, not a tensor of shape {penalty.shape}")
        total = tf.add_n(penalties, name=scope)
        add_to_collection(GraphKeys.REGULARIZATION_LOSSES, total)
        return total


def _name_of(layer: Any, default: str) -> str:
    function = layer if hasattr(layer, "__name__") else getattr(layer, "func", None)
    return getattr(function, "__name__", default)


def _in_turn(inputs: Any, layer: Callable[..., Any], calls: Sequence[Any], default: str, kwargs: dict[str, Any]) -> Any:
    """The input through a layer again and again, each time with the next arguments, in scopes NAME_1, NAME_2, …"""
    scope = kwargs.pop("scope", None)
    with variable_scope(scope, default.capitalize(), [inputs]):
        outputs = convert_to_tensor(inputs)
        name = _name_of(layer, default) if scope is None else scope
        for i, args in enumerate(calls, 1):
            outputs = layer(outputs, *args, **{**kwargs, "scope": f"{name}_{i}"})
        return outputs


def stack(inputs: Any, layer: Callable[..., Any], stack_args: Any, **kwargs: Any) -> Any:
    """A layer after another, each with arguments of its own (tf.contrib.layers.stack).

    stack_args: a list with the argument, or a list of them, of each layer. Raises InvalidValue for no list.
    """
    if not isinstance(stack_args, (list, tuple)):
        raise InvalidValue("stack_args is a list of arguments, one for each layer")
    calls = [args if isinstance(args, (list, tuple)) else [args] for args in stack_args]
    return _in_turn(inputs, layer, calls, "stack", kwargs)


def repeat(inputs: Any, repetitions: int, layer: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """The same layer so many times, one after another, with variables of its own each (tf.contrib.layers.repeat)."""
    return _in_turn(inputs, layer, [args] * repetitions, "repeat", kwargs)
