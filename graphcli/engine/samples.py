"""Samples: matrices of numbers that repeat, in the memory of the first part of them: its pages stand for all others.

Whether two ways to a product give the same bits is asked of matrices in the shapes of a step's own
(``products.py``); that is not to take as much memory again.
"""
from __future__ import annotations

import mmap
import os
import sys
import weakref
from hashlib import blake2b
from math import prod
from typing import Any

import numpy as np

PART = 1 << 16
"""Bytes after which pages repeat, a multiple of their size."""
NUMBERS = 4099
"""Numbers that are drawn, and repeat within a part."""
FIXED = 0x10
"""MAP_FIXED of Linux."""


def like(x: Any, which: int) -> Any:
    """Numbers in the shape and the layout of a matrix, that are not to be written to."""
    numbers = np.random.default_rng(which).standard_normal(NUMBERS).astype(x.dtype)
    turned = not x.flags.c_contiguous and x.flags.f_contiguous
    shape = x.shape[::-1] if turned else x.shape
    line = _mapped(numbers, prod(shape)) if x.nbytes > 2 * PART and sys.platform == "linux" else None
    out = np.resize(numbers, shape) if line is None else line.reshape(shape)
    return out.T if turned else out


def digest(x: Any) -> bytes:
    """What tells the bits of two matrices apart, without them."""
    return blake2b(np.ascontiguousarray(x).data).digest()


def _mapped(numbers: Any, count: int) -> Any:
    """So many numbers, one part of them over and over; None where the system gives no such memory."""
    import ctypes

    library = ctypes.CDLL(None)
    place, sizes = ctypes.c_void_p, [ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
    library.mmap.argtypes, library.mmap.restype = [place, *sizes], place
    library.munmap.argtypes = [place, ctypes.c_size_t]
    total = -(-count * numbers.itemsize // PART) * PART
    try:
        made = os.memfd_create("sample")
    except (AttributeError, OSError):
        return None
    with open(made, "w+b") as file:
        file.write(np.resize(numbers, PART // numbers.itemsize).data)
        file.flush()
        begin = library.mmap(None, total, mmap.PROT_READ, mmap.MAP_SHARED, file.fileno(), 0)
        if begin == ctypes.c_size_t(-1).value:
            return None
        memory = (ctypes.c_char * total).from_address(begin)
        weakref.finalize(memory, library.munmap, begin, total).atexit = False
        for at in range(begin + PART, begin + total, PART):
            if library.mmap(at, PART, mmap.PROT_READ, mmap.MAP_SHARED | FIXED, file.fileno(), 0) != at:
                return None
    line = np.frombuffer(memory, numbers.dtype, count)
    line.flags.writeable = False
    return line
