"""Attrs that come otherwise: a kernel that reads them from its node is given others."""
from __future__ import annotations

from typing import Any


class Given:
    """What a node knows, of inference or of a kernel, with some attrs in the place of its own."""

    def __init__(self, n: Any, **attrs: Any) -> None:
        self._n = n
        self.attrs = {**n.attrs, **attrs}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._n, name)
