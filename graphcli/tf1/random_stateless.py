"""Random values that follow from their seed of two numbers alone (tf.random.stateless_uniform and its like)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue
from ..graph.types import as_dtype, float32, int64
from .conversion import convert_to_tensor
from .framework import apply_op, name_scope
from .modules import modules
from .random_values import shape_tensor

EXPORTS = """
random: stateless_uniform stateless_normal stateless_truncated_normal stateless_multinomial stateless_categorical
"""

tf = modules["tf"]
_ANY = 3
"""The algorithm of random bits that the device has."""


def _drawn(op_type: str, shape: Any, seed: Any, attrs: dict[str, Any], limits: tuple[Any, ...] = (),
           name: str | None = None) -> Any:
    key, counter = apply_op("StatelessRandomGetKeyCounter", None, [seed])
    return apply_op(op_type, name, [shape, key, counter, _ANY, *limits], attrs)


def stateless_uniform(shape: Any, seed: Any, minval: Any = 0, maxval: Any = None, dtype: Any = float32,
                      name: str | None = None, alg: Any = "auto_select") -> Any:
    """Numbers from minval up to, without, maxval (tf.random.stateless_uniform).

    With whole numbers, minval and maxval both None give all that the dtype holds. Raises InvalidValue for another
    dtype, and where only one of the two is given.
    """
    kind = as_dtype(dtype)
    names = ("float16", "bfloat16", "float32", "float64", "int32", "int64", "uint32", "uint64")
    if kind.name not in names:
        raise InvalidValue(f"stateless_uniform makes {', '.join(names)}, not {kind.name}")
    if kind.is_integer:
        if (minval is None) != (maxval is None):
            raise InvalidValue("minval and maxval of whole numbers are both given or both None")
        if minval is not None and kind.name in ("uint32", "uint64"):
            raise InvalidValue(f"{kind.name} has no minval and maxval here", hint="give minval=None")
    elif maxval is None:
        maxval = 1
    with name_scope(name, "stateless_random_uniform") as scope:
        sizes = shape_tensor(shape)
        if kind.is_integer and minval is None:
            return _drawn("StatelessRandomUniformFullIntV2", sizes, seed, {"dtype": kind}, name=scope)
        low = convert_to_tensor(minval, dtype=kind, name="min")
        high = convert_to_tensor(maxval, dtype=kind, name="max")
        if kind.is_integer:
            return _drawn("StatelessRandomUniformIntV2", sizes, seed, {}, (low, high), scope)
        drawn = _drawn("StatelessRandomUniformV2", sizes, seed, {"dtype": kind})
        return tf.add(drawn * (high - low), low, name=scope)


def _normal(op_type: str, word: str, shape: Any, seed: Any, mean: Any, stddev: Any, dtype: Any,
            name: str | None) -> Any:
    with name_scope(name, word) as scope:
        sizes = shape_tensor(shape)
        middle = convert_to_tensor(mean, dtype=dtype, name="mean")
        spread = convert_to_tensor(stddev, dtype=dtype, name="stddev")
        drawn = _drawn(op_type, sizes, seed, {"dtype": as_dtype(dtype)})
        return tf.add(drawn * spread, middle, name=scope)


def stateless_normal(shape: Any, seed: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = float32,
                     name: str | None = None, alg: Any = "auto_select") -> Any:
    """Normal numbers of a mean and a standard deviation (tf.random.stateless_normal)."""
    return _normal("StatelessRandomNormalV2", "stateless_random_normal", shape, seed, mean, stddev, dtype, name)


def stateless_truncated_normal(shape: Any, seed: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = float32,
                               name: str | None = None, alg: Any = "auto_select") -> Any:
    """Normal numbers, those beyond two deviations drawn again (tf.random.stateless_truncated_normal)."""
    return _normal("StatelessTruncatedNormalV2", "stateless_truncated_normal", shape, seed, mean, stddev, dtype, name)


def _classes(logits: Any, num_samples: Any, dtype: Any, seed: Any) -> Any:
    logits = convert_to_tensor(logits, name="logits")
    return apply_op("StatelessMultinomial", None, [logits, num_samples, seed], {"output_dtype": as_dtype(dtype)})


def stateless_multinomial(logits: Any, num_samples: Any, seed: Any, output_dtype: Any = int64,
                          name: str | None = None) -> Any:
    """Classes drawn by unnormalized log probabilities (tf.random.stateless_multinomial)."""
    with name_scope(name, "stateless_multinomial"):
        return _classes(logits, num_samples, output_dtype, seed)


def stateless_categorical(logits: Any, num_samples: Any, seed: Any, dtype: Any = int64,
                          name: str | None = None) -> Any:
    """Classes drawn by unnormalized log probabilities (tf.random.stateless_categorical)."""
    with name_scope(name, "stateless_categorical"):
        return _classes(logits, num_samples, dtype, seed)
