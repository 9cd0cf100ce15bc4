"""Products of matrices that BLAS shares among threads of its own.

BLAS's threads wait for work awake, so they share a product of 0.1 ms, for which ours are woken too late (25 us there,
25 us back, measured on a virtual machine). But they are one pool for the whole process; they stay awake where ours are
to work; and where another process has their core, who waits for them waits long (a step of 1 ms took 60). So they get
products only while that is measured to be quicker, and only what they give the same bits for. In such a step our
threads rest: two that wait for one core are slower than one.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..graph.blas import LARGE, PROBED, SHARED, adder, narrow
from ..graph.kernel import Product
from .samples import digest, like
from .workers import Workers

Added = Callable[[Any, Any, Any, Any], None]
"""``added(out, a, b, times)``: ``out += times * (a @ b)``, in place."""

ASK = 3
"""So many products of the same shapes are taken without BLAS's threads; one step is not worth the question."""
KNOWN = 256
"""Shapes of which it is remembered how often they came."""


class Products:
    """The products of a session. on: whether BLAS's threads get them now. any: whether there are such products."""

    def __init__(self, workers: Workers) -> None:
        self.workers = workers
        self.on = False
        self.any = False
        self._calls: dict[Any, int] = {}
        self._answers: dict[Any, bool] = {}

    def shared(self, product: Product, whole: Product) -> Product:
        """``product`` (of two matrices, by one thread or by ours), or ``whole`` by BLAS's threads for the same bits."""
        if self.workers.count == 1:
            return product

        def same(x: Any, y: Any) -> bool:
            found = self._widely(lambda: digest(whole(x, y)))
            return found is not None and found == digest(product(x, y))

        alike: Any = None
        widen = self.workers.widen

        def shared(a: Any, b: Any) -> Any:
            nonlocal alike
            form = _form(a, b)
            if form != alike:
                if not SHARED <= a.shape[0] * a.shape[1] * b.shape[1] < LARGE:
                    return product(a, b)
                if not self._same_bits(("product", form), same, a, b):
                    return product(a, b)
                alike, self.any = form, True
            if not self.on or not widen():
                return product(a, b)
            try:
                return whole(a, b)
            finally:
                narrow()

        return shared

    def adding(self, product: Product, exactly: bool) -> Added:
        """The function of (out, a, b, times) that does ``out += times * product(a, b)``: in one call of BLAS if it can
        be had, of all threads for the same bits. exactly: of the bits of the product and the sum; times is 1 then.
        """
        alike: Any = None
        add: Any = None
        several = False
        widen = self.workers.widen

        def added(out: Any, a: Any, b: Any, times: Any) -> None:
            nonlocal alike, add, several
            form = (*_form(a, b), out.strides)
            if form != alike or not out.flags.carray:
                found = adder(out.dtype) if out.flags.carray else None
                if found is None or exactly and not self._same_bits(("sum", form), _exact(found, product), out, a, b):
                    change = product(a, b)
                    change *= out.dtype.type(times)
                    out += change
                    return
                known = self._by_threads(form, found, out, a, b)
                if known is None:
                    found(out, a, b, times)
                    return
                alike, add, several = form, found, known
                self.any |= several
            if not several or not self.on or not widen():
                add(out, a, b, times)
                return
            try:
                add(out, a, b, times)
            finally:
                narrow()

        return added

    def _by_threads(self, form: Any, add: Added, *arrays: Any) -> bool | None:
        """Whether BLAS's threads add a product with the bits of one thread; None where that is not known yet."""
        def same(one: Any, x: Any, y: Any) -> bool:
            total = one.copy()
            add(total, x, y, 0.5)
            wanted = digest(total)
            total[...] = one

            def again() -> bytes:
                add(total, x, y, 0.5)
                return digest(total)

            return bool(self._widely(again) == wanted)

        if self.workers.count == 1:
            return False
        key = "added", form
        self._same_bits(key, same, *arrays)
        return self._answers.get(key)

    def _widely(self, call: Callable[[], Any]) -> Any:
        """``call()`` by BLAS's threads while ours rest; None, and nothing done, where they do not."""
        if not self.workers.widen():
            return None
        try:
            return call()
        finally:
            narrow()

    def part(self, product: Product, a: Any, b: Any, start: int, end: int) -> Any:
        """Columns of ``product(a, b)``: computed alone where that gives the same bits."""
        def same(x: Any, y: Any) -> bool:
            return digest(product(x, y)[:, start:end]) == digest(product(x, y[:, start:end]))

        if self._same_bits(("part", start, end, _form(a, b)), same, a, b):
            return product(a, b[:, start:end])
        return product(a, b)[:, start:end].copy()

    def turned(self, product: Product, columns: tuple[int, int] | None, laid: bool) -> Product:
        """``product`` of two matrices, or these columns of it, column by column in memory: as the product of the
        transposes where that gives the same bits. laid: whether the first matrix lies so too, which is no reason for
        other bits."""
        alike: Any = None
        part = slice(None) if columns is None else slice(*columns)

        def same(x: Any, y: Any) -> bool:
            wanted = product(np.ascontiguousarray(x) if laid else x, y)[:, part]
            return digest(wanted) == digest(product(y[:, part].T, x.T).T)

        def turned(a: Any, b: Any) -> Any:
            nonlocal alike
            form = _form(a, b)
            if form != alike:
                if not self._same_bits(("turned", columns, form), same, a, b):
                    a = np.ascontiguousarray(a) if laid else a
                    return np.asfortranarray(product(a, b) if columns is None else self.part(product, a, b, *columns))
                alike = form
            return product((b if columns is None else b[:, part]).T, a.T).T

        return turned

    def _same_bits(self, key: Any, same: Callable[..., bool], *arrays: Any) -> bool:
        """Whether two ways gave the same bits for numbers in these shapes: asked when they come the third time.

        key: what is asked, and of which shapes. same: the answer, of arrays that it does not write to.
        """
        known = self._answers.get(key)
        if known is not None:
            return known
        if len(self._calls) == KNOWN:
            self._calls.clear()
        seen = self._calls[key] = self._calls.get(key, 0) + 1
        if seen >= ASK:
            if len(self._answers) == KNOWN:
                self._answers.clear()
            small = sum(x.size for x in arrays) <= PROBED
            self._answers[key] = small and same(*(like(x, i) for i, x in enumerate(arrays)))
        return False


def _form(a: Any, b: Any) -> Any:
    """What tells how BLAS multiplies two matrices."""
    return a.dtype.char, a.shape, b.shape, a.strides, b.strides


def _exact(add: Any, product: Product) -> Callable[..., bool]:
    """Whether BLAS adds a product to a sum as the product and a sum do."""
    def same(total: Any, x: Any, y: Any) -> bool:
        out = product(x, y)
        out += total
        wanted = digest(out)
        out[...] = total
        add(out, x, y, 1)
        return digest(out) == wanted

    return same

