"""The literal of an attr that is a tensor: nested lists, ``{shape, fill}``, ``{shape, base64}``."""
from __future__ import annotations

import base64
import binascii
import math
from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.shapes import as_shape
from ..graph.types import DType, as_dtype, string

WORDS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def array(value: Any, dtype: DType) -> Any:
    """The array of a literal. Raises InvalidValue or InvalidType for one that is none of this dtype."""
    import numpy as np

    dtype = as_dtype(dtype)
    if isinstance(value, dict) and "shape" in value:
        return _by_shape(value, dtype)
    if dtype is string:
        return _strings(value)
    try:
        made = np.array(_plain(value), dtype.as_numpy_dtype)
    except (ValueError, TypeError, OverflowError) as error:
        raise InvalidValue(f"this is no constant of dtype {dtype.name}: {error}") from None
    if made.dtype == object:
        raise InvalidType(f"a constant of dtype {dtype.name} has no literal")
    return made


def _by_shape(value: dict[str, Any], dtype: DType) -> Any:
    import numpy as np

    unknown = set(value) - {"shape", "fill", "base64"}
    if unknown or ("fill" in value) == ("base64" in value):
        raise InvalidValue("a constant by its shape has fill or base64 beside it", hint="{shape: [2, 3], fill: 0}")
    static = as_shape(value["shape"])
    if static is None or None in static:
        raise InvalidValue("the shape of a constant must be known")
    if "fill" in value:
        return np.broadcast_to(array(value["fill"], dtype).reshape(()), static)  # type: ignore[arg-type]
    if dtype is string:
        raise InvalidValue("strings are listed, not written as one base64")
    data = decoded(value["base64"])
    kind = np.dtype(dtype.as_numpy_dtype)
    wanted = math.prod(s for s in static if s is not None) * kind.itemsize
    if len(data) != wanted:
        raise InvalidValue(f"base64 holds {len(data)} bytes; the shape and dtype need {wanted}")
    return np.frombuffer(data, kind).reshape(static)


def decoded(text: Any) -> bytes:
    """The bytes of a base64 text."""
    if not isinstance(text, str):
        raise InvalidType(f"base64 is a text, not {said(text)}")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidValue(f"this is no base64: {error}") from None


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, dict) and set(value) == {"real", "imag"}:
        return complex(_plain(value["real"]), _plain(value["imag"]))
    if isinstance(value, str):
        if value not in WORDS:
            raise ValueError(f"{value!r} is no number")
        return WORDS[value]
    return value


def _strings(value: Any) -> Any:
    import numpy as np

    def shape(v: Any) -> tuple[int, ...]:
        return (len(v), *(shape(v[0]) if v else ())) if isinstance(v, list) else ()

    def leaves(v: Any, depth: int) -> list[Any]:
        if depth == 0:
            return [text(v)]
        if not isinstance(v, list):
            raise InvalidValue("the rows of a constant differ")
        return [x for item in v for x in leaves(item, depth - 1)]

    dims = shape(value)
    flat = leaves(value, len(dims))
    if len(flat) != math.prod(dims):
        raise InvalidValue("the rows of a constant differ")
    made = np.empty(len(flat), object)
    made[:] = flat
    return made.reshape(dims)


def text(value: Any) -> bytes:
    """A string of the literal, or the bytes of its ``{base64: …}``."""
    if isinstance(value, dict) and set(value) == {"base64"}:
        return decoded(value["base64"])
    if not isinstance(value, str):
        raise InvalidType(f"a string is wanted, not {said(value)}")
    return value.encode()
