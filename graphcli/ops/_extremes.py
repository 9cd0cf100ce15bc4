"""The least and the greatest of arrays that may be empty, for any array module."""
from __future__ import annotations

from typing import Any


def least(x: Any, of_none: Any) -> Any:
    """The least element of x; ``of_none`` of an empty one."""
    return x.min() if x.size else of_none


def greatest(x: Any, of_none: Any) -> Any:
    """The greatest element of x; ``of_none`` of an empty one."""
    return x.max() if x.size else of_none
