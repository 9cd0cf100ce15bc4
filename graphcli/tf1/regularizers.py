"""Regularizers as tf.contrib.layers had them: functions of a variable that give a loss."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import InvalidType, InvalidValue, said
from .conversion import convert_to_tensor
from .framework import apply_op, name_scope
from .logging import info

EXPORTS = """
tf: l1_regularizer l2_regularizer l1_l2_regularizer sum_regularizer
"""


def _check(scale: Any) -> None:
    if isinstance(scale, (bool, str)) or not hasattr(scale, "__float__") and not hasattr(scale, "dtype"):
        raise InvalidType(f"the scale of a regularizer is a number, not {said(scale)}")
    if isinstance(scale, (int, float)) and scale < 0:
        raise InvalidValue(f"the scale of a regularizer must be at least 0, not {scale}")


def _none(scale: Any) -> bool:
    """Whether a scale of 0 leaves no loss at all."""
    if not isinstance(scale, float) or scale != 0.0:
        return False
    info("Scale of 0 disables regularizer.")
    return True


def l1_regularizer(scale: Any, scope: str | None = None) -> Callable[[Any], Any]:
    """``scale * sum(abs(w))``."""
    _check(scale)
    if _none(scale):
        return lambda _: None

    def l1(weights: Any) -> Any:
        from . import abs as absolute
        from . import reduce_sum

        with name_scope(scope, "l1_regularizer") as name:
            factor = convert_to_tensor(scale, dtype=weights.dtype.base_dtype, name="scale")
            return apply_op("Mul", name, [factor, reduce_sum(absolute(weights))])

    return l1


def l2_regularizer(scale: Any, scope: str | None = None) -> Callable[[Any], Any]:
    """``scale * sum(w ** 2) / 2``."""
    _check(scale)
    if _none(scale):
        return lambda _: None

    def l2(weights: Any) -> Any:
        from . import modules

        with name_scope(scope, "l2_regularizer") as name:
            factor = convert_to_tensor(scale, dtype=weights.dtype.base_dtype, name="scale")
            return apply_op("Mul", name, [factor, modules["nn"].l2_loss(weights)])

    return l2


def sum_regularizer(regularizers: Any, scope: str | None = None) -> Callable[[Any], Any] | None:
    """The sum of several regularizers, None where there are none."""
    parts = [r for r in regularizers if r is not None]
    if not parts:
        return None

    def total(weights: Any) -> Any:
        from . import add_n

        with name_scope(scope, "sum_regularizer") as name:
            values = [v for v in (r(weights) for r in parts) if v is not None]
            return add_n(values, name=name) if values else None

    return total


def l1_l2_regularizer(scale_l1: Any = 1.0, scale_l2: Any = 1.0, scope: str | None = None) -> Callable[[Any], Any]:
    """``scale_l1 * sum(abs(w)) + scale_l2 * sum(w ** 2) / 2``."""
    scope = scope or "l1_l2_regularizer"
    for scale, other, regularizer in ((scale_l1, scale_l2, l2_regularizer), (scale_l2, scale_l1, l1_regularizer)):
        if isinstance(scale, float) and scale == 0.0:
            return regularizer(other, scope)
    both = sum_regularizer([l1_regularizer(scale_l1), l2_regularizer(scale_l2)], scope)
    assert both is not None
    return both
