"""Convolutions of few patches: all are laid out at once, and multiplied in one product.

The product is one that BLAS's threads may share. The gradient for the input, where there are strides, is a convolution
for the elements that the same taps meet.
"""
from __future__ import annotations

from collections.abc import Callable
from itertools import product as pairs
from math import prod
from typing import Any

import numpy

from ..errors import RunError
from ..graph.kernel import KernelContext
from ..graph.types import float32, float64
from ..record import Record
from ._panels import product as in_panels
from ._products import divided
from ._runs import ALL, Forms, by_runs, forms_of
from ._windows import Pads, Sizes, layout, place

LEAST = 1 << 24
"""Multiplications of a product that our own threads share: in fewer, who waits for the other loses what it brings."""
PANELS = 320
"""Terms of a sum that panels add in the order in which BLAS's threads do."""


class Phase(Record):
    """The elements of an input that the same taps meet, strides apart: a convolution of the output's gradient.

    seen: of that what is seen. taps: of the filter. place: of the input. apart: elements of what is seen, where it does
    not lie in one piece."""

    forms: Forms
    seen: tuple[slice, ...]
    taps: tuple[slice, ...]
    place: tuple[slice, ...]
    apart: int


def phases_of(sizes: Sizes, w: Sizes, g: Sizes, strides: Sizes, dilations: Sizes, pads: Pads, width: int
              ) -> list[Phase] | None:
    """None: another way is to be taken."""
    along = []
    for size, taps, stride, dilation, out, (before, _) in zip(sizes[1:], w, strides, dilations, g[1:], pads):
        if stride > 1 and dilation > 1 or stride > size:
            return None
        axis = []
        for first in range(stride):
            tap = (first + before) % stride
            many, shift = len(range(tap, taps, stride)), (first + before - tap) // stride
            outputs = -(-(size - first) // stride)
            lead = (many - 1) * dilation - shift
            behind = outputs + shift - out
            axis.append((outputs, many, (max(0, lead), max(0, behind)), slice(max(0, -lead), out - max(0, -behind)),
                         slice(tap + (many - 1) * stride, tap - stride if tap >= stride else None, -stride),
                         slice(first, None, stride)))
        along.append(axis)
    found = []
    for phase in pairs(*along):
        if not all(many for _, many, *_ in phase):
            # no tap meets these
            continue
        out, window, around, seen, taps, place = zip(*phase)
        x = (g[0], *(len(range(*s.indices(n))) for s, n in zip(seen, g[1:])), g[-1])
        ones = (1,) * len(strides)
        forms = forms_of(x, (*window, w[-1], w[-2]), ones, dilations, out, around, width)
        if forms is None:
            return None
        found.append(Phase(forms, (ALL, *seen), taps, (ALL, *place), 0 if x == g else prod(x)))
    # the largest patches are gone when the result is made
    return sorted(found, key=lambda phase: -phase.forms.whole.rows * phase.forms.whole.depth)


class Shapes:
    """Which convolutions of a node are made so, from shapes: None where another way is to be taken, which also says
    what is wrong with operands. given: the explicit padding."""

    def __init__(self, n: Any, strides: Sizes, dilations: Sizes, given: Pads) -> None:
        self.strides, self.dilations, self.given = strides, dilations, given
        self.padding = n.attrs["padding"]
        kind = n.node.outputs[0].dtype.base_dtype
        beside = {n.attrs[key][i] for key in ("strides", "dilations") for i in (0, -1)}
        self.fits = kind in (float32, float64) and not layout(n).first and not n.winograd and beside == {1}
        self.width: int = kind.size
        self.known: dict[Any, Any] = {}

    def found(self, look: Callable[..., Any], *shapes: Sizes) -> Any:
        """``look(*shapes)``, which is kept."""
        try:
            return self.known[shapes]
        except KeyError:
            if len(self.known) > 64:
                self.known.clear()
            try:
                made = look(*shapes) if self.fits and len({*map(len, shapes)}) == 1 else None
            except RunError:
                made = None
            self.known[shapes] = made
            return made

    def _place(self, sizes: Sizes, window: Sizes) -> tuple[Sizes, Pads]:
        return place(self.padding, sizes, window, self.strides, self.dilations, self.given)

    def forward(self, x: Sizes, w: Sizes) -> Forms | None:
        if x[-1] != w[-2]:
            return None
        return forms_of(x, w, self.strides, self.dilations, *self._place(x[1:-1], w[:-2]), self.width)

    def to_filter(self, x: Sizes, w: Sizes, g: Sizes) -> Forms | None:
        out, pads = self._place(x[1:-1], w[:-2])
        if x[-1] != w[-2] or g != (x[0], *out, w[-1]):
            return None
        return forms_of(x, w, self.strides, self.dilations, out, pads, self.width)

    def to_input(self, sizes: Sizes, w: Sizes, g: Sizes) -> list[Phase] | None:
        out, pads = self._place(sizes[1:-1], w[:-2])
        if sizes[-1] != w[-2] or g != (sizes[0], *out, w[-1]):
            return None
        return phases_of(sizes, w, g, self.strides, self.dilations, pads, self.width)

    def scratch(self, forms: Forms | list[Phase], w: Sizes, apart: int = 0) -> int:
        """Bytes that a convolution with these filters takes, or the gradient for its input. apart: elements of what is
        seen, where it does not lie in one piece."""
        if isinstance(forms, Forms):
            return forms.scratch(w[-1], apart) * self.width
        several = prod(self.strides) > 1
        taken = [f.whole.depth * w[-2] + f.scratch(w[-2], max(phase.apart, apart)) + several * f.whole.rows * w[-2]
                 for phase in forms for f in [phase.forms]]
        if several and len(forms) == prod(self.strides):
            taken[0] -= sum(phase.forms.whole.rows for phase in forms) * w[-2]
        return self.width * max([0, *taken])


class AtOnce:
    """The convolutions of one kernel that are made so; None of others."""

    def __init__(self, n: KernelContext, strides: Sizes, dilations: Sizes, given: Pads) -> None:
        self.shapes = Shapes(n, strides, dilations, given)
        self.shapes.fits &= n.xp is numpy
        self.product = divided(n, numpy.matmul, _lone, LEAST)
        self.sum = divided(n, numpy.matmul, None, LEAST)

    def forward(self, x: Any, w: Any) -> Any:
        forms = self.shapes.found(self.shapes.forward, x.shape, w.shape)
        return None if forms is None else forms.multiplied(self.product, x, w)

    def to_filter(self, x: Any, shape: Sizes, g: Any) -> Any:
        forms = self.shapes.found(self.shapes.to_filter, x.shape, shape, g.shape)
        return None if forms is None else forms.summed(self.sum, x, shape, g)

    def to_input(self, sizes: Sizes, w: Any, g: Any) -> Any:
        phases = self.shapes.found(self.shapes.to_input, sizes, w.shape, g.shape)
        if phases is None:
            return None
        result = None
        if len(phases) < prod(self.shapes.strides):
            result = numpy.zeros(sizes, g.dtype)
        for phase in phases:
            turned = numpy.ascontiguousarray(w[phase.taps].swapaxes(-1, -2))
            made = phase.forms.multiplied(self.product, g[phase.seen], turned)
            if result is None:
                if len(phases) == 1:
                    return made
                result = numpy.empty(sizes, g.dtype)
            by_runs(result)[phase.place] = by_runs(made)
            # let go of before the next is made
            made = None
        return result


def _lone(a: Any, b: Any, out: Any = None) -> Any:
    """A product of one thread."""
    if len(b) > PANELS:
        return numpy.matmul(a, b, out=out)
    return in_panels(numpy, a, b, numpy.empty((len(a), b.shape[1]), a.dtype) if out is None else out)
