"""BLAS and our own threads must not fight: while a step runs, each matrix product has one thread, the one that asks.

Large products are cut into blocks by their shapes, and the session's threads share the blocks; so the numbers
do not depend on how many threads there are. BLAS's own threads get a product where that is known to change no
bit (engine/products.py), while nothing else runs.
"""
from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .graph import Node

SHARED, LARGE = 1 << 19, 1 << 28
"""Multiplications of a product that more than one thread may share, and of one that is only shared by blocks."""

PROBED = 1 << 22
"""Elements of matrices of which a copy is made once, to see whether another way to their product has the same bits."""

_lock = threading.RLock()
"""Its own thread can take it again, and give back what a Ctrl-C left with it: see ``_OneThread``."""
_before: list[tuple[Any, int]] = []
_inside = 0


class _Bundled:
    """The OpenBLAS that comes with numpy's own wheels, by its own functions: found in a tenth of the time."""

    def __init__(self, path: str) -> None:
        import ctypes

        library = self.library = ctypes.CDLL(path)
        self.get_num_threads = library.scipy_openblas_get_num_threads64_
        self.set_num_threads = library.scipy_openblas_set_num_threads64_
        name = library.scipy_openblas_get_corename64_
        name.restype = ctypes.c_char_p
        self.architecture = name().decode()
        self.gemm = {kind: _declared(getattr(library, f"scipy_cblas_{kind}gemm64_"), number)
                     for kind, number in (("s", ctypes.c_float), ("d", ctypes.c_double))}


def _declared(call: Any, number: Any) -> Any:
    """``cblas_?gemm`` with the types of its arguments, numbers of matrices in 64 bits."""
    from ctypes import c_int, c_int64, c_void_p

    matrix = [c_void_p, c_int64]
    call.argtypes = [c_int] * 3 + [c_int64] * 3 + [number, *matrix, *matrix, number, *matrix]
    call.restype = None
    return call


ROWS, AS_IT_IS, TURNED = 101, 111, 112
"""CblasRowMajor, CblasNoTrans, CblasTrans."""


def bundled() -> Any:
    """The library (ctypes) that comes with numpy's own wheels, with LAPACK; None where numpy's BLAS is another."""
    libraries = _libraries()
    found = libraries[0] if len(libraries) == 1 else None
    return found.library if isinstance(found, _Bundled) else None


@cache
def adder(dtype: Any) -> Callable[[Any, Any, Any, Any], None] | None:
    """``add(out, a, b, times)``: ``out += times * (a @ b)`` in one call of BLAS; None where numpy's BLAS is not known.

    out: its rows each in one piece. All three of ``dtype``, float32 or float64.
    """
    libraries = _libraries()
    found = libraries[0] if len(libraries) == 1 else None
    if not isinstance(found, _Bundled):
        return None
    gemm, at = found.gemm[{"f": "s", "d": "d"}[dtype.char]], _reader()

    def add(out: Any, a: Any, b: Any, times: Any) -> None:
        (rows, inner), columns = a.shape, b.shape[1]
        a, turn_a, step_a = _laid(a)
        b, turn_b, step_b = _laid(b)
        gemm(ROWS, turn_a, turn_b, rows, columns, inner, float(times), at(a), step_a, at(b), step_b, 1.0, at(out),
             max(columns, out.strides[0] // out.itemsize))

    return add


def address(x: Any) -> int:
    """Where the first number of an array lies."""
    return _reader()(x)


@cache
def _reader() -> Callable[[Any], int]:
    """What ``address`` asks.

    numpy's ways take 1.3 us, half as long as a small product. The address is also the first thing in an array object
    behind what all objects of Python begin with (PyArrayObject of numpy's binary interface): read there if that is so.
    """
    from ctypes import c_size_t

    import numpy

    begin, head = c_size_t.from_address, object.__basicsize__
    samples = [numpy.empty(n, numpy.float32) for n in (0, 1, 1000)]

    def read(x: Any) -> int:
        return begin(id(x) + head).value

    def asked(x: Any) -> int:
        found: int = x.__array_interface__["data"][0]
        return found

    return read if all(read(x) == asked(x) for x in [*samples, samples[-1][1::2]]) else asked


def _laid(x: Any) -> tuple[Any, int, int]:
    """A matrix as BLAS takes it: itself or a copy, whether it is turned, and from one line to the next."""
    if x.flags.c_contiguous:
        return x, AS_IT_IS, x.shape[1]
    if x.flags.f_contiguous:
        return x, TURNED, x.shape[0]
    if x.strides[1] == x.itemsize and not x.strides[0] % x.itemsize and x.strides[0] >= x.shape[1] * x.itemsize:
        return x, AS_IT_IS, x.strides[0] // x.itemsize
    if x.strides[0] == x.itemsize and not x.strides[1] % x.itemsize and x.strides[1] >= x.shape[0] * x.itemsize:
        return x, TURNED, x.strides[1] // x.itemsize
    x = x.copy()
    return x, AS_IT_IS, x.shape[1]


def _bundled() -> _Bundled | None:
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
            paths = {line.split(maxsplit=5)[-1].strip() for line in maps if "openblas" in line}
        # scipy brings another one, which multiplies nothing of numpy's
        paths = {p for p in paths if os.path.basename(os.path.dirname(p)) == "numpy.libs"} or paths
        return _Bundled(paths.pop()) if len(paths) == 1 else None
    except (OSError, AttributeError):
        return None


@cache
def _libraries() -> list[Any]:
    """The BLAS libraries of this process: numpy's own, or all that threadpoolctl finds."""
    bundled = _bundled()
    if bundled is not None:
        return [bundled]
    from threadpoolctl import ThreadpoolController

    return [c for c in ThreadpoolController().lib_controllers if c.user_api == "blas"]


def architectures() -> set[str]:
    """The processors for which the BLAS libraries of this process compute, by their own names."""
    return {str(getattr(library, "architecture", "")) for library in _libraries()}


def _forked() -> None:
    """In the child of a fork: whoever was inside, or held the lock, is not here to leave."""
    global _lock, _inside
    _lock = threading.RLock()
    if _inside:
        _inside = 0
        for library, count in _before:
            library.set_num_threads(count)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)


class _OneThread:
    """Entered and left; a generator's context manager takes longer than a small product."""

    def __enter__(self) -> None:
        global _inside, _before
        libraries = _libraries()
        with _lock:
            _inside += 1
            if _inside == 1:
                _before = [(library, library.get_num_threads()) for library in libraries]
                for library in libraries:
                    library.set_num_threads(1)

    def __exit__(self, *_: object) -> None:
        global _inside
        with _lock:
            _inside = max(0, _inside - 1)
            if not _inside:
                for library, count in _before:
                    library.set_num_threads(count)
        while _lock._is_owned():  # type: ignore[attr-defined]
            # a Ctrl-C came between ``widen`` and what follows it
            _lock.release()


_ONE_THREAD = _OneThread()


def one_thread() -> AbstractContextManager[None]:
    """Within, BLAS uses the thread that calls it and no other; whoever leaves last puts back what was set."""
    return _ONE_THREAD


def widen(count: int) -> bool:
    """Gives BLAS so many of its own threads, from within ``one_thread``, until ``narrow``.

    False, and nothing done, where another step is running or BLAS was not to have so many.
    """
    if not _lock.acquire(blocking=False):
        return False
    if _inside != 1 or len(_before) != 1 or _before[0][1] < count:
        _lock.release()
        return False
    _before[0][0].set_num_threads(count)
    return True


def narrow() -> None:
    """Takes back what ``widen`` gave."""
    _before[0][0].set_num_threads(1)
    _lock.release()


def alone(nodes: Iterable[Node]) -> AbstractContextManager[None]:
    """``one_thread`` where one of the nodes calls BLAS, for whatever runs their kernels."""
    return one_thread() if any(n.opdef is not None and n.opdef.blas for n in nodes) else nullcontext()
