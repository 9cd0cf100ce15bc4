"""A fingerprint of each row of a tensor."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import op, undefined_gradient
from .string_hash import fingerprint64

CPU_ONLY = True
_SIZE = 8


def _method(value: Any) -> str:
    text = np.asarray(value, object).item()
    return text.decode(errors="replace") if isinstance(text, bytes) else str(text)


def _rows(data: Any) -> Iterator[bytes]:
    """The bytes of each row; of several strings those of the fingerprint of each."""
    alone = data.dtype == object and data.size == len(data)
    for row in data:
        if alone:
            yield bytes(row.item() if isinstance(row, np.ndarray) else row)
        elif data.dtype == object:
            yield b"".join(fingerprint64(bytes(s)).to_bytes(_SIZE, "little") for s in row.reshape(-1).tolist())
        else:
            yield row.tobytes()


@op
class Fingerprint:
    """FarmHash's fingerprint of each row, its 8 bytes from the lowest on (tf.fingerprint)."""

    signature = "data: T, method: string -> fingerprint: uint8"
    attrs = "T: type"
    takes = "method: []"
    gradient = undefined_gradient

    def infer(n: Any, data: Any, method: Any) -> Any:
        n.at_least_rank(data, 1, "data")
        known = n.value(1)
        if known is not None and (text := _method(known)) != "farmhash64":
            n.fail(f"Unsupported fingerprint method: {text}")
        return (None if data is None else data[0], None if known is None else _SIZE)

    def kernel(n: Any) -> Any:
        def fingerprint(data: Any, method: Any) -> Any:
            if (text := _method(method)) != "farmhash64":
                raise InvalidArgument(f"Unsupported fingerprint method: {text}")
            data = np.asarray(data)
            if not data.ndim:
                raise InvalidArgument("`data` should be at least rank 1, not a scalar")
            made = np.array([fingerprint64(row) for row in _rows(data)], "<u8")
            return made.view(np.uint8).reshape(len(data), _SIZE)

        return fingerprint
