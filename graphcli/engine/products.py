"""Products of matrices that BLAS shares among threads of its own.

BLAS's threads wait for work awake, so they share a product of 0.1 ms, for which ours are woken too late
(25 us there, 25 us back, measured on a virtual machine). Three things speak against them: how BLAS cuts a
product may change its bits; they are one pool for the whole process; and where another process has their
core, who waits for them waits long (a step of 1 ms took 60). So they get a product when
- the same shapes came before: one step is not worth the question;
- numbers of these shapes gave the same bits as the product of one thread, the law for any number of threads;
- no other step runs, nor another part of this one;
- they were quicker than one thread, and not late for a while.
"""
from __future__ import annotations

from time import perf_counter
from typing import Any

import numpy as np

from ..graph.blas import LARGE, SHARED
from ..graph.kernel import Product
from .workers import Workers

ASK = 3
"""So many products of the same shapes are taken by one thread, the last timed, before BLAS is asked."""
TRIED = 8
"""After so many it is decided whether BLAS's threads are quicker at all."""
LATE = 3.0, 5e-5
"""How late is late: so many times what one thread takes, and so many seconds."""
REST, LONGEST = 32, 1 << 14
"""For how many products BLAS's threads rest once they were late; twice as many each further time."""
SAMPLE = 4099


class _Seen:
    """What is known of the products of one pair of shapes."""

    __slots__ = ("calls", "alone", "wide", "usable")

    def __init__(self) -> None:
        self.calls = 0
        self.alone = self.wide = float("inf")
        self.usable = True


class Products:
    """The products of a session."""

    def __init__(self, workers: Workers) -> None:
        self.workers = workers
        self._rest = 0
        self._next = REST
        self._good = 0

    def shared(self, product: Product, whole: Product) -> Product:
        """``product`` (of two matrices, by one thread or by ours), or ``whole`` by BLAS's threads for the same bits."""
        if self.workers.count == 1:
            return product
        known: dict[Any, _Seen] = {}

        def shared(a: Any, b: Any) -> Any:
            if self._rest:
                self._rest -= 1
                return product(a, b)
            if not SHARED <= a.shape[0] * a.shape[1] * b.shape[1] < LARGE:
                return product(a, b)
            key = a.shape, b.shape, a.strides, b.strides
            seen = known.get(key)
            if seen is None:
                seen = known[key] = _Seen()
            if not seen.usable:
                return product(a, b)
            if seen.calls < ASK:
                seen.calls += 1
                start = perf_counter()
                out = product(a, b)
                seen.alone = min(seen.alone, perf_counter() - start)
                if seen.calls == ASK:
                    seen.usable = self._same_bits(product, whole, a, b)
                return out
            start = perf_counter()
            out = self.workers.wide(whole, a, b)
            if out is None:
                return product(a, b)
            self._judge(seen, perf_counter() - start)
            return out

        return shared

    def _same_bits(self, product: Product, whole: Product, a: Any, b: Any) -> bool:
        a, b = _like(a, 0), _like(b, 1)
        out = self.workers.wide(whole, a, b)
        return out is not None and bool((out == product(a, b)).all())

    def _judge(self, seen: _Seen, took: float) -> None:
        seen.calls += 1
        seen.wide = min(seen.wide, took)
        if seen.calls == ASK + TRIED:
            seen.usable = seen.wide < seen.alone
        if took > LATE[0] * seen.alone + LATE[1]:
            self._rest, self._next, self._good = self._next, min(2 * self._next, LONGEST), 0
        elif self._next > REST:
            self._good += 1
            if self._good == self._next:
                self._next = REST


def _like(x: Any, which: int) -> Any:
    """Numbers in the shape and the layout of x."""
    sample = np.random.default_rng(which).standard_normal(SAMPLE).astype(x.dtype)
    if x.flags.c_contiguous or not x.flags.f_contiguous:
        return np.resize(sample, x.shape)
    return np.resize(sample, x.shape[::-1]).T
