"""Text and bytes, and values that are known before the run (tf.compat, tf.get_static_value)."""
from __future__ import annotations

import numbers
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..errors import InvalidType, said
from ..graph.constant import static_value
from .conversion import is_tensor

EXPORTS = """
compat: as_bytes as_text as_str=as_text as_str_any path_to_str
compat: forward_compatible forward_compatibility_horizon
compat: bytes_or_text_types integral_types real_types complex_types
tf: get_static_value VERSION GIT_VERSION COMPILER_VERSION CXX11_ABI_FLAG MONOLITHIC_BUILD
tf: __git_version__=GIT_VERSION __compiler_version__=COMPILER_VERSION
tf version: GRAPH_DEF_VERSION GRAPH_DEF_VERSION_MIN_CONSUMER GRAPH_DEF_VERSION_MIN_PRODUCER
version: VERSION GIT_VERSION COMPILER_VERSION
"""

VERSION = "1.15.0"
"""The TensorFlow whose programs run here, for those that ask (tf.VERSION, tf.__version__)."""
GIT_VERSION = f"v{VERSION}-0-graphcli"
COMPILER_VERSION = platform.python_compiler()
CXX11_ABI_FLAG = MONOLITHIC_BUILD = 0
GRAPH_DEF_VERSION, GRAPH_DEF_VERSION_MIN_CONSUMER, GRAPH_DEF_VERSION_MIN_PRODUCER = 134, 0, 0
bytes_or_text_types = (bytes, str)
integral_types = (numbers.Integral, np.integer)
real_types = (numbers.Real, np.integer, np.floating)
complex_types = (numbers.Complex, np.number)


HORIZON = (2019, 8, 21)
"""What TensorFlow 1.15 does as of this day."""
_today = [HORIZON]


def forward_compatible(year: int, month: int, day: int) -> bool:
    """Whether what came on a day may be used: that is before TensorFlow 1.15's (tf.compat.forward_compatible)."""
    return _today[0] > (year, month, day)


@contextmanager
def forward_compatibility_horizon(year: int, month: int, day: int) -> Iterator[None]:
    """Inside, it is that day (tf.compat.forward_compatibility_horizon)."""
    before, _today[0] = _today[0], (year, month, day)
    try:
        yield
    finally:
        _today[0] = before


def as_bytes(bytes_or_text: Any, encoding: str = "utf-8") -> bytes:
    """Bytes of text or bytes (tf.compat.as_bytes). Raises InvalidType for anything else."""
    if isinstance(bytes_or_text, (bytes, bytearray)):
        return bytes(bytes_or_text)
    if isinstance(bytes_or_text, str):
        return bytes_or_text.encode(encoding)
    raise InvalidType(f"text or bytes are wanted, not {said(bytes_or_text)}")


def as_text(bytes_or_text: Any, encoding: str = "utf-8") -> str:
    """Text of text or bytes (tf.compat.as_text). Raises InvalidType for anything else."""
    if isinstance(bytes_or_text, str):
        return bytes_or_text
    if isinstance(bytes_or_text, bytes):
        return bytes_or_text.decode(encoding)
    raise InvalidType(f"text or bytes are wanted, not {said(bytes_or_text)}")


def as_str_any(value: Any, encoding: str = "utf-8") -> str:
    """Text of anything (tf.compat.as_str_any)."""
    return as_text(value, encoding) if isinstance(value, bytes) else str(value)


def path_to_str(path: Any) -> Any:
    """The text of a path object, anything else as it is (tf.compat.path_to_str)."""
    return as_str_any(os.fspath(path)) if hasattr(path, "__fspath__") else path


def get_static_value(tensor: Any, partial: bool = False) -> Any:
    """The value of a tensor where it is known before the run, else None (tf.get_static_value)."""
    if not is_tensor(tensor):
        raise InvalidType(f"a tensor is wanted, not {said(tensor)}")
    return static_value(tensor) if not hasattr(tensor, "_as_tensor") else None
