"""Window sizes, strides and paddings in the forms that TF1 takes."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue, said


def sequence(value: Any, n: int, channel: int, name: str) -> list[Any]:
    """``value`` as a list for batch, n sizes and channels: a number, n numbers or the whole list."""
    if value is None:
        return [1] * (n + 2)
    values = list(value) if hasattr(value, "__len__") or isinstance(value, (list, tuple)) else [value]
    if len(values) == n + 2:
        return values
    if len(values) == 1:
        values = values * n
    elif len(values) != n:
        raise InvalidValue(f"{name} has 1, {n} or {n + 2} entries, not {len(values)}: {values}")
    return [1, 1, *values] if channel == 1 else [1, *values, 1]


def padding_attrs(padding: Any, length: int = 4) -> dict[str, Any]:
    """The attrs ``padding`` and ``explicit_paddings`` of "SAME", "VALID" or a list of pairs."""
    if padding == "EXPLICIT":
        raise InvalidValue("padding is 'SAME', 'VALID' or a list of pairs, not 'EXPLICIT'")
    if not isinstance(padding, (list, tuple)):
        return {"padding": padding, "explicit_paddings": []}
    if len(padding) != length:
        raise InvalidValue(f"a list of paddings has {length} pairs, not {len(padding)}")
    for pair in padding:
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            raise InvalidValue(f"a padding is a pair [before, after], not {said(pair)}")
    return {"padding": "EXPLICIT", "explicit_paddings": [p for pair in padding for p in pair]}


def channel_index(data_format: str | None, rank: int) -> int:
    """Which axis has the channels."""
    return 1 if data_format is not None and data_format.startswith("NC") else rank - 1
