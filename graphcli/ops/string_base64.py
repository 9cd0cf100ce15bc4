"""Bytes in base64 and back."""
from __future__ import annotations

import base64
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

from ..errors import RunError
from ..graph.inference import same_shape
from ..graph.opdef import no_gradient, op
from .strings import strings

CPU_ONLY = True
PIECE = 3 << 16
"""Bytes of a string that are encoded, or decoded, at a time: threes and fours are whole in it."""


def _in_pieces(text: Any, function: Callable[[bytes], bytes]) -> bytes:
    if len(text) <= PIECE:
        return function(bytes(text))
    out = BytesIO()
    for i in range(0, len(text), PIECE):
        out.write(function(bytes(text[i:i + PIECE])))
    return out.getvalue()


@op
class EncodeBase64:
    """Bytes in web-safe base64 (tf.encode_base64)."""

    signature = "input: string -> output: string"
    attrs = "pad: bool = False"
    infer = same_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        pad = n.attrs["pad"]

        def encode(text: bytes) -> bytes:
            made = base64.urlsafe_b64encode(text)
            return made if pad else made.rstrip(b"=")

        return strings(n, lambda text: _in_pieces(text, encode))


@op
class DecodeBase64:
    """The bytes of web-safe base64, padded or not (tf.decode_base64)."""

    signature = "input: string -> output: string"
    infer = same_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        def decode(text: bytes) -> bytes:
            found = re.match(rb"[A-Za-z0-9_-]*", text)
            bare = found.end() if found else 0
            if text.count(b"=", bare) != len(text) - bare or bare % 4 == 1:
                raise RunError("Invalid character found in base64.")
            return _in_pieces(memoryview(text)[:bare], lambda part: base64.urlsafe_b64decode(
                part + b"=" * (-len(part) % 4)))

        return strings(n, decode)
