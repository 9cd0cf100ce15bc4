"""The value of a constant as the literal of a spec, to the bit."""
from __future__ import annotations

import base64
from typing import Any

import numpy as np

from ...errors import NotSupported
from ...graphdef.tensors import OpaqueTensor

MOST = 64
"""Numbers up to which a constant is written out; more are written as their bytes."""
BARE = ("float16", "float32", "float64")


def literal(array: Any, with_dtype: bool = False) -> Any:
    """Nested lists, or ``{shape, fill}`` where all elements are one, or ``{shape, base64}``.

    with_dtype: always the last, with the dtype in it, where no other attr says it.

    Raises NotSupported for a dtype of which a spec has no values.
    """
    if isinstance(array, OpaqueTensor):
        raise NotSupported(f"a constant of dtype {array.dtype.name} is not written in a spec")
    array = np.asarray(array)
    if array.dtype.kind in "OSU":
        if with_dtype:
            raise NotSupported("a constant of strings is not written as this attr")
        return _nested(array, _text)
    if with_dtype:
        return {"dtype": array.dtype.name, **_bytes(array)}
    if array.size > 1 and array.strides == (0,) * array.ndim:
        return {"shape": list(array.shape), "fill": _number(array.reshape(-1)[0])}
    if array.size > MOST or _odd(array) or array.size == 0 and array.shape != (0,):
        return _bytes(array)
    return _nested(array, _number)


def _bytes(array: Any) -> dict[str, Any]:
    data = np.ascontiguousarray(array)
    data = data.astype(data.dtype.newbyteorder("<"), copy=False)
    return {"shape": list(array.shape), "base64": base64.b64encode(data.tobytes()).decode()}


def _odd(array: Any) -> bool:
    """Whether words would lose something: NaNs with a sign or payload, dtypes beyond Python's numbers."""
    if array.dtype.kind == "V" or array.dtype.name == "bfloat16":
        return True
    if array.dtype.kind not in "fc":
        return False
    return bool(np.isnan(array).any())


def _nested(array: Any, one: Any) -> Any:
    def rows(at: int, axis: int) -> Any:
        if axis == array.ndim:
            return one(flat[at])
        step = array.shape[axis]
        return [rows(at * step + i, axis + 1) for i in range(step)]

    flat = array.reshape(-1)
    return rows(0, 0)


def _number(value: Any) -> Any:
    kind = value.dtype.kind
    if kind == "b":
        return bool(value)
    if kind == "c":
        return {"real": _number(value.real), "imag": _number(value.imag)}
    if kind == "f":
        return float(str(value)) if value.dtype.name in BARE else float(value)
    return int(value)


def _text(value: Any) -> Any:
    data = value.encode() if isinstance(value, str) else bytes(value)
    return text(data)


def text(data: bytes | str) -> Any:
    """A string as it stands, or as ``{base64: …}`` where it is no text or would be filled in."""
    try:
        found = data if isinstance(data, str) else data.decode()
        if "${" not in found:
            return found
    except UnicodeDecodeError:
        pass
    return {"base64": base64.b64encode(data.encode() if isinstance(data, str) else data).decode()}
