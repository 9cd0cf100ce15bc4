"""Division: true, floored, truncated, and where the divisor may be 0."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType
from .conversion import constant, convert_to_tensor, is_tensor
from .framework import apply_op, name_scope
from .math import hinted, same_dtype
from .modules import modules
from .ragged_value import is_ragged

_REALS = {"uint8": "float32", "int8": "float32", "uint16": "float32", "int16": "float32", "uint32": "float64",
          "int32": "float64", "uint64": "float64", "int64": "float64"}
"""What whole numbers become before a true division."""

EXPORTS = """
tf math: divide truediv floordiv
tf: div div_no_nan
math: divide_no_nan=div_no_nan multiply_no_nan reciprocal_no_nan xdivy
"""

tf = modules["tf"]


def _as_reals(call: str, x: Any, y: Any) -> tuple[Any, Any]:
    kind = same_dtype(call, x, y)
    wide = _REALS.get(kind.name)
    if wide is not None:
        return tf.cast(x, wide), tf.cast(y, wide)
    if not (kind.is_floating or kind.is_complex):
        raise InvalidType(f"{call}: {kind.name} cannot be divided")
    return x, y


def truediv(x: Any, y: Any, name: str | None = None) -> Any:
    """x / y; whole numbers of up to 16 bits become float32 before, longer ones float64 (tf.truediv)."""
    with name_scope(name, "truediv") as scope:
        x, y = _as_reals("truediv", *hinted(x, y))
        return apply_op("RealDiv", scope, [x, y])


def divide(x: Any, y: Any, name: str | None = None) -> Any:
    """x / y as Python divides (tf.divide)."""
    if name is not None:
        return truediv(x, y, name)
    if not (is_tensor(x) or is_ragged(x)):
        x = convert_to_tensor(x, y.dtype.base_dtype if is_tensor(y) else None)
    return x / y


def div(x: Any, y: Any, name: str | None = None) -> Any:
    """x / y; of whole numbers rounded down (tf.div)."""
    with name_scope(name, "div") as scope:
        x = convert_to_tensor(x, name="x")
        y = convert_to_tensor(y, x.dtype.base_dtype, "y")
        kind = x.dtype.base_dtype
        return apply_op("RealDiv" if kind.is_floating or kind.is_complex else "FloorDiv", scope, [x, y])


def div_no_nan(x: Any, y: Any, name: str | None = None) -> Any:
    """x / y, 0 where y is 0 (tf.div_no_nan)."""
    with name_scope(name, "div_no_nan") as scope:
        if is_tensor(y) and not is_tensor(x):
            y = convert_to_tensor(y, name="y")
            x = convert_to_tensor(x, y.dtype.base_dtype, "x")
        else:
            x, y = hinted(x, y)
        x, y = _as_reals("div_no_nan", x, y)
        return apply_op("DivNoNan", scope, [x, y])


def multiply_no_nan(x: Any, y: Any, name: str | None = None) -> Any:
    """x * y, 0 where y is 0 (tf.math.multiply_no_nan)."""
    with name_scope(name, "multiply_no_nan") as scope:
        x = convert_to_tensor(x, name="x")
        y = convert_to_tensor(y, x.dtype.base_dtype, "y")
        return apply_op("MulNoNan", scope, [x, y])


def reciprocal_no_nan(x: Any, name: str | None = None) -> Any:
    """1 / x, 0 where x is 0 (tf.math.reciprocal_no_nan)."""
    with name_scope(name, "reciprocal_no_nan") as scope:
        x = convert_to_tensor(x, name="x")
        return apply_op("DivNoNan", scope, [constant(1, x.dtype.base_dtype, name="one"), x])


def floordiv(x: Any, y: Any, name: str | None = None) -> Any:
    """x / y rounded down (tf.floordiv)."""
    with name_scope(name, "floordiv") as scope:
        return apply_op("FloorDiv", scope, [x, y])


def xdivy(x: Any, y: Any, name: str | None = None) -> Any:
    """x / y, 0 where x is 0 (tf.math.xdivy)."""
    with name_scope(name, "xdivy"):
        return apply_op("Xdivy", None, [x, y])
