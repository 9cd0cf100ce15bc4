"""Products of stacks of matrices of which numbers are converted or conjugated, or that threads share: in blocks."""
from __future__ import annotations

from math import prod
from string import ascii_uppercase as LABELS
from typing import Any

import numpy

from ..errors import RunError
from ..graph.shapes import broadcast
from ._contraction import Contraction, contraction
from ._products import PART, own_scratch

LARGE = 1 << 20
"""Bytes of operands from which they are."""


class Stacks:
    """The products of a node's two inputs, of numpy's arrays. turns: its attrs that turn the matrices of each;
    conjugate: and conjugate them, if they are complex."""

    def __init__(self, node: Any, turns: tuple[str, str], conjugate: bool) -> None:
        self.node = node
        self.turned = [bool(node.attrs[key]) for key in turns]
        kinds = [numpy.dtype(t.dtype.base_dtype.as_numpy_dtype) for t in (*node.inputs, node.outputs[0])]
        half = kinds[2].itemsize == 2 and bool(node.outputs[0].dtype.base_dtype.is_floating)
        self.wide = numpy.dtype(numpy.float32) if half else kinds[2]
        self.conjugate = [conjugate and t and k.kind == "c" for t, k in zip(self.turned, kinds)]
        self.lay = [*[k != self.wide or c for k, c in zip(kinds, self.conjugate)], half]
        self.kinds = kinds
        self._known: dict[Any, Any] = {}

    def large(self, x: Any, y: Any) -> bool:
        """Whether the product of two arrays (or of what has their shapes) is taken in blocks."""
        if any(self.lay):
            return bool(prod(x) * self.kinds[0].itemsize + prod(y) * self.kinds[1].itemsize >= LARGE)
        return bool(prod(x) * y[-2 if self.turned[1] else -1] >= 2 * PART)

    def of(self, x: Any, y: Any) -> tuple[Contraction, list[list[int]], tuple[int, ...]] | None:
        """How shapes are multiplied, see ``contraction``, and the shape of the result; None where they do not fit, or
        are empty."""
        key = x, y
        if key not in self._known:
            if len(self._known) > 64:
                self._known.clear()
            self._known[key] = self._made(x, y)
        return self._known[key]  # type: ignore[no-any-return]

    def _made(self, x: Any, y: Any) -> Any:
        rows, inner = x[-1:-3:-1] if self.turned[0] else x[-2:]
        other, columns = y[-1:-3:-1] if self.turned[1] else y[-2:]
        try:
            lead: Any = broadcast(x[:-2], y[:-2])
        except RunError:
            return None
        shape = (*lead, rows, columns)
        if inner != other or not prod(shape) * inner:
            return None
        ahead = [LABELS[:len(s) - 2][::-1] for s in (x, y, shape)]
        terms = [ahead[0] + ("km" if self.turned[0] else "mk"), ahead[1] + ("nk" if self.turned[1] else "kn"),
                 ahead[2] + "mn"]
        how, shapes = contraction(terms, (x, y, shape), self.lay, self.conjugate, self.wide,
                                  [k.itemsize for k in self.kinds])
        return how, shapes, shape

    def product(self, x: Any, y: Any, each: Any) -> Any:
        """The products; None where they are left to numpy, as are errors."""
        found = self.of(x.shape, y.shape)
        if found is None:
            return None
        how, shapes, shape = found
        out = numpy.empty(shape, self.kinds[2])
        how.run(x.reshape(shapes[0]), y.reshape(shapes[1]), out.reshape(shapes[2]), each)
        return out

    def scratch(self, n: Any) -> int:
        """Bytes that are taken beside the results."""
        x, y = n.shapes
        found = self.of(x, y) if self.large(x, y) else None
        if found is not None:
            return found[0].scratch(n.threads, own_scratch(n) > 0)
        if not any(self.lay):
            return own_scratch(n)
        size = int(self.wide.itemsize)
        return sum(m * size for m, laid in zip((n.size(), n.size(1), n.made()), self.lay) if laid)
