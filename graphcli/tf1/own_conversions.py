"""Conversions of a program's own types to tensors (tf.register_tensor_conversion_function)."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..errors import GraphError, InvalidType, said
from ..graph.graph import Tensor
from ..graph.types import DType

EXPORTS = """
tf: register_tensor_conversion_function
"""


class BadConversion(GraphError, RuntimeError):
    """A program's own conversion made what was not asked for."""


class _Conversion(NamedTuple):
    priority: int
    kind: Any
    function: Callable[..., Any]


conversions: list[_Conversion] = []
"""What programs registered, those of low priority first, of one priority in their order."""


def register_tensor_conversion_function(base_type: Any, conversion_func: Callable[..., Any],
                                        priority: int = 100) -> None:
    """Where a tensor is wanted, values of a type are made one by a function of the program.

    conversion_func: of ``(value, dtype=None, name=None, as_ref=False)``; it returns a tensor of that dtype (any, if
    None), or NotImplemented, and then the next one is asked. Functions of low priority are asked first. Raises
    InvalidType for what is no type or no function, and for numbers and arrays, which convert as they do.
    """
    kinds = base_type if isinstance(base_type, tuple) else (base_type,)
    if not kinds or not all(isinstance(kind, type) for kind in kinds):
        raise InvalidType(f"a type or a tuple of types is wanted, not {said(base_type)}")
    if any(issubclass(kind, (int, float, np.generic, np.ndarray)) for kind in kinds):
        raise InvalidType(f"numbers and arrays have their conversion, {base_type!r} takes no other")
    if not callable(conversion_func):
        raise InvalidType(f"a conversion is a function, not {said(conversion_func)}")
    conversions.append(_Conversion(priority, base_type, conversion_func))
    conversions.sort(key=lambda entry: entry.priority)


def converted(value: Any, dtype: DType | None, preferred: Any, name: str | None, as_ref: bool) -> Tensor | None:
    """The tensor that a program's own function makes of a value, None where there is no such function.

    Raises BadConversion if it makes something else.
    """
    for _, kind, function in conversions:
        if not isinstance(value, kind):
            continue
        made: Any = NotImplemented
        if dtype is None and preferred is not None:
            try:
                made = function(value, dtype=preferred, name=name, as_ref=as_ref)
            except (TypeError, ValueError):
                made = NotImplemented
        if made is NotImplemented:
            made = function(value, dtype=dtype, name=name, as_ref=as_ref)
        if made is NotImplemented:
            continue
        if not isinstance(made, Tensor):
            raise BadConversion(f"{function} was to make a tensor of {value!r}, and made {made!r}")
        if dtype is not None and made.dtype.base_dtype is not dtype.base_dtype:
            raise BadConversion(f"{function} was to make a {dtype.base_dtype.name} tensor of {value!r}, and made "
                            f"{made.dtype.base_dtype.name}")
        return made
    return None
