"""One long line's Fourier transform where its result lies: shorter ones across and along it (in four steps).

A line of p * q * p numbers is a matrix of p * q rows: its columns are transformed, turned by roots of unity, then its
rows, and what stands for the first axis of p changes places with the last. Each is made some columns or rows at a
time, in double precision.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import isqrt, prod
from typing import Any

import numpy as np

LEAST, LEAST_REAL = 8_000_000, 16_000_000
"""Bytes of the complex numbers that are transformed, of a line of such and of reals, from which this takes no longer
than numpy, which has buffers of twice the line."""
NARROW = 320
"""What p is at least: of a shorter one some columns would be much of the line."""
FEW = 16
"""Of more lines numpy's buffers are next to nothing."""
SOME, TILE = 1 << 15, 128
"""Elements of rows, and rows and columns that change places, at a time."""
Each = Callable[[int, Callable[[int], None]], None]


def alone(shape: Sequence[int], size: int, width: int, real: bool) -> bool:
    """Whether lines along the last axis are transformed one after the other, by transforms of so many complex numbers,
    of so many bytes each."""
    long = size * width >= (LEAST_REAL if real else LEAST)
    return long and 0 < prod(shape[:-1]) <= FEW and sides(size) is not None


def _columns(p: int) -> int:
    """How many are transformed at a time."""
    return max(8, p // 64)


@lru_cache(256)
def sides(size: int) -> tuple[int, int] | None:
    """(p, q) of a line that is transformed so."""
    p, rest, factor = 1, size, 2
    while factor * factor <= rest:
        while rest % (factor * factor) == 0:
            rest //= factor * factor
            p *= factor
        while rest % factor == 0:
            rest //= factor
        factor += 1
    return (p, size // (p * p)) if p >= NARROW else None


def room(size: int, threads: int) -> int:
    """Bytes that a line takes besides."""
    p, q = sides(size) or (0, 0)
    return threads * 32 * max(_columns(p) * p * q, SOME)


def transform(each: Each, x: Any, out: Any, inverse: bool) -> None:
    """Puts the transform of a line of complex numbers into ``out``; the same array or another."""
    size = len(x)
    p, q = sides(size) or (0, 0)
    function = np.fft.ifft if inverse else np.fft.fft
    turn = (2j if inverse else -2j) * np.pi / size
    some = max(i for i in range(1, isqrt(p * q) + 1) if p * q % i == 0)
    many = _columns(p)
    given, made = x.reshape(p * q, p), out.reshape(p, q, p)

    def columns(k: int) -> None:
        at = slice(k * many, min(p, (k + 1) * many))
        block = np.empty((at.stop - at.start, p * q), np.complex128)
        block[...] = given[:, at].T
        function(block, axis=1, out=block)
        # the root to the power of column * (some * i + j) is the product of two of a few
        number = np.arange(at.start, at.stop)[:, None]
        parts = block.reshape(len(block), -1, some)
        parts *= np.exp(turn * (number * np.arange(some)))[:, None]
        parts *= np.exp(turn * (number * np.arange(0, p * q, some)))[:, :, None]
        made[:, :, at] = block.reshape(-1, q, p).transpose(2, 1, 0)

    each(-(-p // many), columns)
    lines, height = out.reshape(p * q, p), max(1, SOME // p)

    def rows(k: int) -> None:
        part = lines[k * height:(k + 1) * height]
        if part.dtype == np.complex128:
            function(part, axis=1, out=part)
        else:
            part[...] = function(part, axis=1)

    each(-(-p * q // height), rows)

    def exchange(k: int) -> None:
        here = slice(k // q * TILE, (k // q + 1) * TILE)
        square = made[:, k % q]
        square[here, here] = square[here, here].T.copy()
        for j in range(here.stop, p, TILE):
            there = slice(j, j + TILE)
            above = square[here, there].copy()
            square[here, there] = square[there, here].T
            square[there, here] = above.T

    each(-(-p // TILE) * q, exchange)


PIECE = 1 << 13
"""Numbers of a real line's transform that are made at a time, and as many from its end."""


def _pairs(each: Each, size: int, sign: int, body: Callable[[slice, slice, Any], None]) -> None:
    """Calls ``body`` for parts of 1 to size / 4, those as far from size / 2, backwards, and the roots of unity to the
    power of the first."""
    half = size // 2
    turn = sign * 2j * np.pi / size
    table = np.exp(turn * np.arange(PIECE))

    def some(k: int) -> None:
        start, stop = 1 + k * PIECE, min(half // 2, (k + 1) * PIECE) + 1
        body(slice(start, stop), slice(half - start, half - stop, -1), table[:stop - start] * np.exp(turn * start))

    each(-(-(half // 2) // PIECE), some)


def from_reals(each: Each, x: Any, out: Any) -> None:
    """Puts the first half of the transform of reals, an even number of them, into ``out``: that of half as many complex
    numbers, of which the even and the odd places are told apart."""
    half = len(x) // 2
    transform(each, x.view(out.dtype), out[:half], False)
    first = out[0]
    out[0], out[half] = first.real + first.imag, first.real - first.imag

    def body(here: slice, there: slice, root: Any) -> None:
        a, b = out[here].astype(np.complex128), out[there].conj()
        even, odd = a + b, a - b
        odd *= root
        odd *= -1j
        out[here], out[there] = (even + odd) / 2, (even - odd).conj() / 2

    _pairs(each, len(x), -1, body)


def to_reals(each: Each, x: Any, out: Any) -> None:
    """Puts the reals, an even number of them, of which x is the first half of the transform into ``out``."""
    half = len(out) // 2
    made = out.view(x.dtype)
    first, last = x[0].real, x[half].real
    made[0] = (first + last) / 2 + 1j * ((first - last) / 2)

    def body(here: slice, there: slice, root: Any) -> None:
        a, b = x[here].astype(np.complex128), x[there].conj()
        even, odd = a + b, a - b
        odd *= root
        odd *= 1j
        made[here], made[there] = (even + odd) / 2, (even - odd).conj() / 2

    _pairs(each, len(out), 1, body)
    transform(each, made, made, True)
