"""Names that numpy had when TensorFlow 1 was new: programs that say ``np.int`` find them again while they run."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

NAMES: dict[str, Any] = {
    "int": int, "float": float, "object": object, "str": str, "complex": complex, "long": np.long, "unicode": str,
    "float_": np.float64, "complex_": np.complex128, "string_": np.bytes_, "unicode_": np.str_, "round_": np.round,
    "product": np.prod, "cumproduct": np.cumprod, "alltrue": np.all, "sometrue": np.any, "row_stack": np.vstack,
    "Inf": np.inf, "Infinity": np.inf, "infty": np.inf, "PINF": np.inf, "NINF": -np.inf, "NaN": np.nan, "NAN": np.nan,
    "PZERO": 0.0, "NZERO": -0.0}


def _asscalar(a: Any) -> Any:
    """The one element of an array (numpy.asscalar)."""
    return a.item()


def _in1d(ar1: Any, ar2: Any, assume_unique: bool = False, invert: bool = False) -> Any:
    """Which elements of a flat array are in another (numpy.in1d)."""
    return np.isin(np.ravel(ar1), ar2, assume_unique=assume_unique, invert=invert)


def _asfarray(a: Any, dtype: Any = np.float64) -> Any:
    """An array of floats (numpy.asfarray)."""
    return np.asarray(a, dtype if np.issubdtype(dtype, np.inexact) else np.float64)


def _fromstring(string: Any, dtype: Any = float, count: int = -1, sep: str = "", **more: Any) -> Any:
    """An array of text, or of bytes, which numpy calls frombuffer now (numpy.fromstring)."""
    if sep:
        return _read_text(string, dtype, count, sep=sep, **more)
    data = string.encode("latin-1") if isinstance(string, str) else string
    return np.frombuffer(data, dtype, count).copy()


def _array(*args: Any, copy: Any = True, **more: Any) -> Any:
    """numpy.array, of which ``copy=False`` copies where it must, as it did."""
    return _make(*args, copy=None if copy is False else copy, **more)


_read_text, _make = np.fromstring, np.array
FUNCTIONS = {"asscalar": _asscalar, "in1d": _in1d, "asfarray": _asfarray, "trapz": np.trapezoid}


@contextmanager
def spoken() -> Iterator[None]:
    """Inside, numpy has the old names that it lacks, reads bytes by ``fromstring``, and prints a number in a list as
    the number alone."""
    given = {name: value for name, value in {**NAMES, **FUNCTIONS}.items() if name not in vars(np)}
    for name, value in given.items():
        setattr(np, name, value)
    np.fromstring, np.array = _fromstring, _array  # type: ignore[assignment]
    printed = np.get_printoptions()
    np.set_printoptions(legacy="1.25")
    try:
        yield
    finally:
        np.set_printoptions(**printed)
        for name in given:
            delattr(np, name)
        np.fromstring, np.array = _read_text, _make
