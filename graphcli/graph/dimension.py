"""Dimension: a size that may be unknown, as TF1 users see it."""
from __future__ import annotations

import operator
from typing import Any

from ..errors import InvalidType, InvalidValue


class Dimension:
    """A size that may be unknown (tf.Dimension); arithmetic with an unknown size is unknown."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        if isinstance(value, Dimension):
            value = value.value
        self.value: int | None = None if value is None else int(value)  # type: ignore[call-overload]
        if isinstance(value, float) and value != self.value:
            raise InvalidValue(f"a dimension is a whole number, not {value}")
        if self.value is not None and self.value < 0:
            raise InvalidValue(f"a dimension must be at least 0, not {self.value}")

    def __index__(self) -> int:
        if self.value is None:
            raise InvalidType("the size of this dimension is unknown before the graph runs",
                              hint="tf.shape(x)[i] has it at run time")
        return self.value

    __int__ = __index__

    def __bool__(self) -> bool:
        return bool(self.value)

    def __eq__(self, other: object) -> Any:
        value = other.value if isinstance(other, Dimension) else other
        if self.value is None or value is None:
            return None
        return self.value == value

    def __ne__(self, other: object) -> Any:
        same = self == other
        return None if same is None else not same

    def __hash__(self) -> int:
        return hash(self.value)

    def __repr__(self) -> str:
        return f"Dimension({self.value})"

    def __str__(self) -> str:
        return "?" if self.value is None else str(self.value)

    def assert_is_compatible_with(self, other: object) -> None:
        """Raises InvalidValue if both sizes are known and differ."""
        if not self.is_compatible_with(other):
            raise InvalidValue(f"the sizes {self} and {other} differ")

    def is_compatible_with(self, other: object) -> bool:
        value = Dimension(other).value
        return self.value is None or value is None or self.value == value

    def merge_with(self, other: object) -> Dimension:
        value = Dimension(other).value
        if not self.is_compatible_with(value):
            raise InvalidValue(f"the dimensions {self} and {value} are not compatible")
        return Dimension(value if self.value is None else self.value)


def _arithmetic(symbol: str, function: Any) -> None:
    def forward(self: Dimension, other: object) -> Any:
        value = other.value if isinstance(other, Dimension) else other
        if value is not None and not isinstance(value, int):
            return NotImplemented
        return Dimension(None if self.value is None or value is None else function(self.value, value))

    def backward(self: Dimension, other: object) -> Any:
        if other is not None and not isinstance(other, int):
            return NotImplemented
        return Dimension(None if self.value is None or other is None else function(other, self.value))

    def compare(self: Dimension, other: object) -> Any:
        value = other.value if isinstance(other, Dimension) else other
        return None if self.value is None or value is None else function(self.value, value)

    if symbol in ("lt", "le", "gt", "ge"):
        setattr(Dimension, f"__{symbol}__", compare)
    else:
        setattr(Dimension, f"__{symbol}__", forward)
        setattr(Dimension, f"__r{symbol}__", backward)


for _symbol in ("add", "sub", "mul", "floordiv", "mod", "lt", "le", "gt", "ge"):
    _arithmetic(_symbol, getattr(operator, _symbol))
