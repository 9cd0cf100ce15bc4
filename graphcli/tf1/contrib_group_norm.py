"""Normalization by groups of channels (tf.contrib.layers.group_norm)."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import InvalidValue
from .contrib_arg_scope import add_arg_scope
from .contrib_outputs import collect_named_outputs, get_variable_collections
from .contrib_variables import model_variable
from .conversion import convert_to_tensor
from .initializers import Ones, Zeros
from .modules import modules
from .variable_scope import variable_scope

EXPORTS = """
contrib.layers contrib.slim: group_norm
"""

tf = modules["tf"]


@add_arg_scope
def group_norm(inputs: Any, groups: int = 32, channels_axis: int = -1, reduction_axes: Sequence[int] = (-3, -2),
               center: bool = True, scale: bool = True, epsilon: float = 1e-6, activation_fn: Any = None,
               param_initializers: Any = None, reuse: Any = None, variables_collections: Any = None,
               outputs_collections: Any = None, trainable: bool = True, scope: Any = None,
               mean_close_to_zero: bool = False) -> Any:
    """Each group of channels of each element by its moments over reduction_axes (tf.contrib.layers.group_norm).

    Variables ``beta`` and ``gamma`` of the size of the channels. Raises InvalidValue where the groups do not divide
    the channels, where an axis is not there, and where the rank or one of these sizes is not known.
    """
    inputs = convert_to_tensor(inputs)
    rank = inputs.shape.ndims
    if rank is None:
        raise InvalidValue(f"Inputs {inputs.name} has undefined rank.")
    if channels_axis > rank - 1:
        raise InvalidValue("Axis is out of bounds.")
    dynamic = tf.shape(inputs)
    sizes = [dynamic[i] if size.value is None else size.value for i, size in enumerate(inputs.shape)]
    at = channels_axis % rank if channels_axis < 0 else channels_axis
    channels = inputs.shape[at].value
    if channels is None:
        raise InvalidValue(f"Inputs {inputs.name} has undefined channel dimension: {at}.")
    axes = [axis + rank if axis < 0 else axis for axis in reduction_axes]
    for axis in axes:
        if axis >= rank:
            raise InvalidValue("Axis is out of bounds.")
        if inputs.shape[axis].value is None:
            raise InvalidValue(f"Inputs {inputs.name} has undefined dimensions {axis}.")
        if axis == at:
            raise InvalidValue("reduction_axis must be mutually exclusive with channels_axis")
    if groups > channels:
        raise InvalidValue(f"Invalid groups {groups} for {channels} channels.")
    if channels % groups:
        raise InvalidValue(f"{channels} channels is not commensurate with {groups} groups.")
    grouped = [groups, channels // groups]
    wide = [1] * at + grouped + [1] * (rank - at - 1)
    inputs = tf.reshape(inputs, sizes[:at] + grouped + sizes[at + 1:])
    over = [at + 1, *(axis + 1 if axis > at else axis for axis in axes)]
    with variable_scope(scope, "GroupNorm", [inputs], reuse=reuse) as sc:
        def made(name: str, initializer: Any) -> Any:
            variable = model_variable(
                name, shape=[channels], dtype=inputs.dtype.base_dtype, trainable=trainable,
                initializer=(param_initializers or {}).get(name, initializer),
                collections=get_variable_collections(variables_collections, name))
            return tf.reshape(variable, wide)

        beta = made("beta", Zeros()) if center else None
        gamma = made("gamma", Ones()) if scale else None
        if mean_close_to_zero:
            counts, means, variances, _ = tf.nn.sufficient_statistics(inputs, over, keep_dims=True)
            mean, variance = tf.nn.normalize_moments(counts, means, variances, shift=None)
        else:
            mean, variance = tf.nn.moments(inputs, over, keep_dims=True)
        gain = tf.rsqrt(variance + epsilon)
        offset = -mean * gain
        if gamma is not None:
            gain *= gamma
            offset *= gamma
        if beta is not None:
            offset += beta
        outputs = tf.reshape(inputs * gain + offset, sizes)
        if activation_fn is not None:
            outputs = activation_fn(outputs)
        return collect_named_outputs(outputs_collections, sc.name, outputs)
