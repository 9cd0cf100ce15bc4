"""The patches of a convolution that has few of them: laid out at once, a run of a patch copied as one element.

What such a convolution takes is mostly calls, so what follows from shapes is found once for them. Where runs are short,
a row is a strip of some outputs (``_strips``), which what is measured here tells.
"""
from __future__ import annotations

from itertools import product as pairs
from math import prod
from typing import Any

import numpy

from ..graph.kernel import Product
from ..record import Record
from ._strips import banded, reach, unbanded
from ._windows import Pads, Sizes, finite

MOST = 1 << 20
"""Elements of patches that are laid out at once, ..."""
LARGEST = 1 << 18
"""... of filters of no more elements."""
SHORT = 64
"""Bytes of a run below which numpy's inner loop goes along the images, not along the runs of a patch."""
RUN, COPY, MULTIPLY, BAND = 2.5, 0.08, 0.02, 15_000.0
"""Nanoseconds of beginning a run, of copying one element, of a multiplication, and of what strips take in all."""
LONGEST = 16
"""Outputs of a strip, at most."""
NARROW = 16
"""A product of fewer columns takes as long as one of so many."""

ALL = slice(None)


def by_runs(x: Any) -> Any:
    """What lies side by side along the last axis as one element."""
    return x.view(numpy.dtype((numpy.void, x.shape[-1] * x.itemsize)))[..., 0]


class Form:
    """How the patches of images ``[batch, size…, channels]`` are laid out, from shapes alone; elements are counted.

    rows, depth: of the patches. padded: the shape of the images with zeros around them, None where there are none.
    inside: where an image lies there. run: elements that lie side by side in a patch. shape, steps: of the runs.
    apart: the places of a patch's runs, of short ones; the copies are made one after the other.
    """

    def __init__(self, x: Sizes, window: Sizes, strides: Sizes, dilations: Sizes, out: Sizes, pads: Pads,
                 width: int) -> None:
        self.rows, self.depth = x[0] * prod(out), prod(window) * x[-1]
        around = any(map(any, pads))
        sizes = tuple(s + b + a for s, (b, a) in zip(x[1:-1], pads))
        self.padded = (x[0], *sizes, x[-1]) if around else None
        self.inside = (ALL, *(slice(b, b + s) for s, (b, _) in zip(x[1:-1], pads)))
        joined = dilations[-1] == 1 or window[-1] == 1
        self.run = window[-1] * x[-1] if joined else x[-1]
        lead = window[:-1] if joined else window
        line = [x[-1]]
        for size in sizes[::-1]:
            line.append(line[-1] * size)
        image, *along = line[::-1]
        self.shape = (x[0], *out, *lead)
        beside = tuple(a * d for a, d in zip(along[:len(lead)], dilations))
        self.steps = tuple(s * width for s in (image, *(a * s for a, s in zip(along, strides)), *beside))
        self.kind = numpy.dtype((numpy.void, self.run * width))
        short = self.run * width < SHORT and prod(lead) > 1
        self.apart: list[Any] = [(..., *place) for place in pairs(*map(range, lead))] if short else []
        # the patches are the images
        self.plain = not around and out == x[1:-1] and prod(window) == max(strides) == 1

    def patches(self, x: Any) -> Any:
        """``[rows, depth]`` of images that numpy has."""
        if self.plain:
            return x.reshape(self.rows, self.depth)
        if self.padded is not None:
            whole = numpy.zeros(self.padded, x.dtype)
            whole[self.inside] = x
        else:
            whole = numpy.ascontiguousarray(x)
        rows = numpy.empty((self.rows, self.depth), x.dtype)
        source = numpy.ndarray(self.shape, self.kind, whole, 0, self.steps)
        target = numpy.ndarray(self.shape, self.kind, rows)
        if self.apart:
            for place in self.apart:
                target[place] = source[place]
        else:
            target[...] = source
        return rows

    def scratch(self, made: int, apart: int = 0) -> int:
        """Elements that the patches take, beside so many that are made of them; the images with zeros around them are
        gone by then. apart: elements of images that do not lie in one piece."""
        if self.plain:
            return apart
        return self.rows * self.depth + max(0, (prod(self.padded) if self.padded else apart) - made)


def few(rows: int, depth: int, filters: int) -> bool:
    """Whether so many patches, of so many elements each, are laid out at once."""
    return 0 < rows * depth <= MOST and 0 < depth * filters <= LARGEST


def form_of(x: Sizes, window: Sizes, filters: int, strides: Sizes, dilations: Sizes, out: Sizes, pads: Pads,
            width: int) -> Form | None:
    """The form of a convolution with one group of channels, None where its patches, or filters, are many."""
    if not few(x[0] * prod(out), prod(window) * x[-1], filters) or min(map(min, pads), default=0) < 0:
        return None
    return Form(x, window, strides, dilations, out, pads, width)


class Forms(Record):
    """The patches of a convolution: whole, and by strips of so many outputs where that is quicker. stride, dilation:
    along the last size."""

    whole: Form
    strips: Form | None
    many: int
    out: Sizes
    stride: int
    dilation: int

    def multiplied(self, product: Product, x: Any, w: Any) -> Any:
        """The convolution of x with w."""
        form = self.strips
        if form is not None and finite(numpy, x, x.dtype):
            w = banded(numpy, w, self.many, self.stride, self.dilation)
        else:
            # what is not finite must not meet the zeros of a band
            form = self.whole
        return product(form.patches(x), w.reshape(form.depth, -1)).reshape(len(x), *self.out, -1)

    def scratch(self, filters: int, apart: int = 0) -> int:
        """Elements that ``multiplied`` takes, with so many filters. apart: see ``Form.scratch``."""
        form, filters = self.strips or self.whole, filters * self.many
        band = form.depth * filters if self.strips else 0
        return form.scratch(form.rows * filters, apart) + band

    def summed(self, product: Product, x: Any, shape: Sizes, g: Any) -> Any:
        """The gradient of a filter of this shape."""
        form = self.strips or self.whole
        found = product(form.patches(x).T, g.reshape(form.rows, -1))
        if self.strips is None:
            return found.reshape(shape)
        span = reach(self.many, shape[-3], self.stride, self.dilation)
        band = found.reshape(*shape[:-3], span, shape[-2], -1)
        return unbanded(numpy, band, shape, self.many, self.stride, self.dilation)

    def sum_scratch(self, filters: int, apart: int = 0) -> int:
        """Elements that ``summed`` takes. apart: see ``Form.scratch``."""
        form, size = self.strips or self.whole, self.whole.depth * filters
        band = form.depth * filters * self.many
        return max(form.scratch(band, apart) + band - size, band if self.strips else 0)


def cheapest(lines: int, w: Sizes, stride: int, dilation: int, width: int) -> tuple[int, float]:
    """How many of the outputs of lines so wide make a strip (``_strips``), and nanoseconds of one thread."""
    *above, taps, channels, filters = w

    def cost(many: int) -> float:
        rows, run = lines * width // many, reach(many, taps, stride, 1) * channels
        product = prod(above) * run * max(NARROW, many * filters) * MULTIPLY
        return rows * (prod(above) * (RUN + run * COPY) + product) + (BAND if many > 1 else 0)

    ways = [many for many in range(1, min(width, LONGEST) + 1) if not width % many and (many == 1 or dilation == 1)]
    many = min(ways, key=cost, default=1)
    return many, cost(many)


def forms_of(x: Sizes, w: Sizes, strides: Sizes, dilations: Sizes, out: Sizes, pads: Pads, width: int) -> Forms | None:
    whole = form_of(x, w[:-2], w[-1], strides, dilations, out, pads, width)
    if whole is None:
        return None
    (many, _), strips = cheapest(x[0] * prod(out[:-1]), w, strides[-1], dilations[-1], out[-1]), None
    if many > 1:
        window = (*w[:-3], reach(many, w[-3], strides[-1], dilations[-1]))
        strips = form_of(x, window, many * w[-1], (*strides[:-1], strides[-1] * many), (*dilations[:-1], 1),
                         (*out[:-1], out[-1] // many), pads, width)
    return Forms(whole, strips, many if strips else 1, out, strides[-1], dilations[-1])
