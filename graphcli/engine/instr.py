"""What a kernel does to arrays, written down: calls of numpy by number of array."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..record import Record

Shape = tuple[int, ...]
VECDOT = getattr(np, "vecdot", None)
DEAR = frozenset("exp exp2 expm1 log log1p log2 tanh sin cos tan sinh cosh arcsin arccos arctan arcsinh arccosh "
                 "arctanh arctan2 power float_power fmod sqrt".split())


class Instr(Record):
    """One call. kind: ``call`` (fn is a ufunc), ``reduce`` (fn is a ufunc, options its axes), ``where`` or
    ``copy``. args: numbers of arrays, or constants. out: the number of the array that it makes or changes."""

    kind: str
    fn: Any
    args: tuple[Any, ...]
    out: int
    options: tuple[tuple[str, Any], ...] = ()

    def option(self, name: str) -> Any:
        return dict(self.options).get(name)

    @property
    def dear(self) -> bool:
        """Whether it takes as long as two or three other calls."""
        return getattr(self.fn, "__name__", "") in DEAR


class Template(Record):
    """What a kernel does: arrays 0 .. inputs-1 are given, ``shapes`` and ``dtypes`` are of all arrays."""

    inputs: int
    instrs: tuple[Instr, ...]
    outputs: tuple[int, ...]
    shapes: tuple[Shape, ...]
    dtypes: tuple[Any, ...]
    written: frozenset[int]
