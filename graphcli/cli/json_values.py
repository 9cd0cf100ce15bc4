"""A run's values for JSON."""
from __future__ import annotations

from typing import Any


def to_json(value: Any) -> Any:
    """A run's value for JSON, as the language's section 10 says."""
    import numpy as np

    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, dict):
        return {str(k): to_json(v) for k, v in value.items()}
    if hasattr(value, "dense_shape"):
        return {"values": to_json(value.values), "indices": to_json(value.indices),
                "dense_shape": to_json(value.dense_shape)}
    if hasattr(value, "nested_row_splits"):
        ends, rows = value.row_splits.tolist(), to_json(value.values)
        return [rows[start:stop] for start, stop in zip(ends, ends[1:])]
    if isinstance(value, (list, tuple)):
        return [to_json(v) for v in value]
    if isinstance(value, (bytes, bytearray)):
        try:
            return bytes(value).decode("utf-8")
        except UnicodeDecodeError:
            import base64

            return {"base64": base64.b64encode(value).decode("ascii")}
    array = np.asarray(value)
    kind = array.dtype.kind
    if kind in "biu":
        return array.tolist()
    if kind == "c":
        return _nested(array, lambda c: {"real": _float(c.real), "imag": _float(c.imag)})
    if kind in "SUO":
        return _nested(array, to_json)
    if kind != "f":
        array = array.astype(np.float32)  # bfloat16
    if np.isfinite(array).all():
        return array.tolist()
    return _nested(array, _float)


def _float(x: Any) -> Any:
    number = float(x)
    if number != number:
        return "NaN"
    if number in (float("inf"), float("-inf")):
        return "Infinity" if number > 0 else "-Infinity"
    return number


def _nested(array: Any, leaf: Any) -> Any:
    if array.ndim == 0:
        return leaf(array.item())

    def walk(x: Any) -> Any:
        return [walk(i) for i in x] if isinstance(x, list) else leaf(x)

    return walk(array.tolist())
