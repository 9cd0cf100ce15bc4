"""Questions about numbers: finite, NaN, infinite."""
from __future__ import annotations

from typing import Any

from ..graph.inference import same_shape
from ..graph.opdef import no_gradient, op, undefined_gradient


@op
class IsNan:
    """Which elements are NaN (tf.is_nan)."""

    signature = "x: T -> y: bool"
    attrs = "T: {bfloat16, float16, float32, float64}"
    elementwise = True
    infer = same_shape
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        return n.xp.isnan


@op
class IsInf:
    """Which elements are infinite (tf.is_inf)."""

    signature = "x: T -> y: bool"
    attrs = "T: {bfloat16, float16, float32, float64}"
    elementwise = True
    infer = same_shape
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        return n.xp.isinf


@op
class IsFinite:
    """Which elements are finite (tf.is_finite)."""

    signature = "x: T -> y: bool"
    attrs = "T: {bfloat16, float16, float32, float64}"
    elementwise = True
    infer = same_shape
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        return n.xp.isfinite


@op
class LogicalNot:
    """Not, elementwise (tf.logical_not)."""

    signature = "x: bool -> y: bool"
    elementwise = True
    infer = same_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return n.xp.logical_not


@op
class Invert:
    """Every bit flipped (tf.bitwise.invert)."""

    signature = "x: T -> y: T"
    attrs = "T: {int8, int16, int32, int64, uint8, uint16, uint32, uint64}"
    elementwise = True
    infer = same_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return n.xp.invert
