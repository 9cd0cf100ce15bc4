"""Dropout (tf.nn.dropout)."""
from __future__ import annotations

import numbers
from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.shapes import TensorShape, as_shape
from .conversion import constant, convert_to_tensor, is_tensor
from .framework import apply_op, name_scope
from .modules import modules
from .old_names import renamed

EXPORTS = """
nn: dropout
"""

tf = modules["tf"]


def _noise_shape(x: Any, noise_shape: Any) -> Any:
    """The shape of the random mask: x's, with what ``noise_shape`` leaves open filled in."""
    if noise_shape is None:
        return tf.shape(x)
    if is_tensor(noise_shape):
        return noise_shape
    try:
        wanted = as_shape(noise_shape)
    except (TypeError, ValueError):
        return noise_shape
    if x.static is not None and wanted is not None and len(x.static) == len(wanted):
        return TensorShape(tuple(s if w is None else w for s, w in zip(x.static, wanted)))
    return noise_shape


def dropout(x: Any, keep_prob: Any = None, noise_shape: Any = None, seed: int | None = None, name: str | None = None,
            rate: Any = None) -> Any:
    """Zeros a share ``rate`` of x and scales the rest by 1 / (1 - rate) (tf.nn.dropout).

    rate (or 1 - keep_prob): a number in [0, 1) or a scalar; noise_shape: 1 where the mask repeats.
    With the number 0, x itself. Raises InvalidValue for another rate and for an x of no floats.
    """
    if keep_prob is not None and not isinstance(keep_prob, numbers.Real) and not is_tensor(keep_prob):
        raise InvalidValue(f"keep_prob is a number or a tensor, not {said(keep_prob)}")
    from_keep = 1.0 - keep_prob if keep_prob is not None else None
    rate = renamed("rate", rate, "keep_prob", from_keep)
    if rate is None:
        raise InvalidValue("dropout needs rate, the share of elements that become 0")
    with name_scope(name, "dropout", [x]):
        is_number = isinstance(rate, numbers.Real)
        if is_number and not 0 <= rate < 1:
            raise InvalidValue(f"the rate of dropout is a scalar in [0, 1), not {rate}" if keep_prob is None else
                               f"keep_prob of dropout is a scalar in (0, 1], not {keep_prob}")
        x = convert_to_tensor(x, name="x")
        dtype = x.dtype.base_dtype
        if not dtype.is_floating:
            raise InvalidValue(f"dropout scales x, which must have a floating dtype, not {dtype.name}")
        if is_number and rate == 0:
            tf.get_seed(seed)
            return x
        if is_number:
            kept = apply_op("Mul", None, [x, convert_to_tensor(1 / (1 - rate), dtype=dtype)])
        elif is_tensor(rate):
            rate = convert_to_tensor(rate)
            if rate.static not in (None, ()):
                raise InvalidValue(f"the rate of dropout is a scalar, not of rank {len(rate.static)}")
            if rate.dtype.base_dtype is not dtype:
                raise InvalidValue(f"the rate of dropout must be {dtype.name} as x, not {rate.dtype.base_dtype.name}")
            one = constant(1, dtype=dtype)
            kept = apply_op("RealDiv", None, [x, apply_op("Sub", None, [one, rate])])
        else:
            raise InvalidType(f"the rate of dropout is a number or a scalar tensor, not {said(rate)}")
        drawn = tf.random_uniform(_noise_shape(x, noise_shape), seed=seed, dtype=dtype)
        keep = drawn >= rate
        zero = constant(0, dtype=dtype)
        out = apply_op("SelectV2", None, [keep, kept, zero])
        out.set_shape(x.static)
        return out
