"""Activations and initializers of layers by name, as Keras has them."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import InvalidType, InvalidValue, did_you_mean, said
from .initializers import Constant, Identity, Ones, Orthogonal, RandomNormal, RandomUniform, TruncatedNormal, Zeros
from .initializers_scaled import (
    GlorotNormal,
    GlorotUniform,
    VarianceScaling,
    he_normal,
    he_uniform,
    lecun_normal,
    lecun_uniform,
)
from .modules import modules

tf = modules["tf"]


def _hard_sigmoid(x: Any) -> Any:
    fifth, half = tf.constant(0.2, x.dtype.base_dtype), tf.constant(0.5, x.dtype.base_dtype)
    wide = tf.apply_op("Mul", None, [x, fifth])
    return tf.clip_by_value(tf.apply_op("AddV2", "Add", [wide, half]), 0.0, 1.0)


ACTIVATIONS: dict[str, Callable[[], Any]] = {
    **{name: (lambda name=name: getattr(tf.nn, name)) for name in (  # type: ignore[misc]
        "relu", "tanh", "sigmoid", "softmax", "elu", "selu", "softplus", "softsign")},
    "linear": lambda: lambda x: x, "exponential": lambda: tf.exp, "hard_sigmoid": lambda: _hard_sigmoid,
}

INITIALIZERS: dict[str, Callable[[], Any]] = {
    "zeros": Zeros, "ones": Ones, "constant": lambda: Constant(0), "orthogonal": Orthogonal,
    "identity": Identity, "glorot_uniform": GlorotUniform, "glorot_normal": GlorotNormal,
    "he_normal": he_normal, "he_uniform": he_uniform, "lecun_normal": lecun_normal,
    "lecun_uniform": lecun_uniform, "variance_scaling": VarianceScaling,
    # by these names Keras means narrower ones than tf.initializers
    "random_normal": lambda: RandomNormal(stddev=0.05), "truncated_normal": lambda: TruncatedNormal(stddev=0.05),
    "random_uniform": lambda: RandomUniform(-0.05, 0.05),
}


def activation(value: Any) -> Any:
    """A function of a tensor: one, or the name of one; None for none. Raises InvalidValue and InvalidType."""
    if value is None or callable(value):
        return value
    if not isinstance(value, str):
        raise InvalidType(f"an activation is a function or the name of one, not {said(value)}")
    if value not in ACTIVATIONS:
        raise InvalidValue(f"there is no activation {value!r}", hint=did_you_mean(value, ACTIVATIONS))
    return ACTIVATIONS[value]()


def initializer(value: Any) -> Any:
    """An initializer, where a name is given the one of that name. Raises InvalidValue for a name of none."""
    if not isinstance(value, str):
        return value
    if value not in INITIALIZERS:
        raise InvalidValue(f"there is no initializer {value!r}", hint=did_you_mean(value, INITIALIZERS))
    return INITIALIZERS[value]()


def whole(value: Any, what: str) -> int:
    """A whole number above 0. Raises InvalidType and InvalidValue for what is none."""
    if isinstance(value, (str, bool)) or not (hasattr(value, "__index__") or isinstance(value, float)):
        raise InvalidType(f"{what} is a whole number, not {said(value)}")
    if int(value) <= 0:
        raise InvalidValue(f"{what} is above 0, not {value}")
    return int(value)
