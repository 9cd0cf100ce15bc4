"""What time it is, and fingerprints of rows (tf.timestamp, tf.fingerprint)."""
from __future__ import annotations

from typing import Any

from .framework import apply_op

EXPORTS = """
tf: timestamp fingerprint
"""


def timestamp(name: str | None = None) -> Any:
    """Seconds since 1970, when the node runs (tf.timestamp)."""
    return apply_op("Timestamp", name, [])


def fingerprint(data: Any, method: Any = "farmhash64", name: str | None = None) -> Any:
    """8 bytes of each row: uint8 [rows, 8] (tf.fingerprint). Raises InvalidValue for another method."""
    return apply_op("Fingerprint", name, [data, method])
