"""Convolution of images by Winograd's minimal filtering along the height: fewer multiplications for the same outputs.

Two outputs of r taps take r + 1 products instead of 2 r (S. Winograd, Arithmetic Complexity of Computations, 1980;
A. Lavin and S. Gray, Fast Algorithms for Convolutional Neural Networks, 2016): lines of the image are mixed, mixed
filters multiply each mixed line, and lines of outputs are mixed from the products. All three are products of matrices.
Along the width nothing is copied: with lines laid end to end, the patches of every kw-th output lie end to end too, so
kw products see all of them where they lie.

Rounded otherwise than the plain sum: measured over random filters, the error's mean square is 1.1 times (3 taps), 1.6
(4 taps) and 1.9 times (5 taps) that of the plain sum in single precision.
"""
from __future__ import annotations

from fractions import Fraction
from functools import cache, lru_cache
from math import prod
from typing import Any

from ..graph.kernel import in_turn
from ._panels import LONGEST, height
from ._strips import MULTIPLY, SHARED, cheapest
from ._windows import Pads, Sizes, squares

OUTPUTS = 2
"""Lines of outputs that are made of one group of products."""
POINTS: dict[int, tuple[Fraction, ...]] = {
    taps: tuple(map(Fraction, points.split())) for taps, points in
    {3: "0 1 -1", 4: "0 1 -1 1/2", 5: "0 1 -1 1/2 -2"}.items()}
"""Where polynomials are evaluated, beside infinity, by taps: of those tried, the points of least error."""
MIX = 0.3
"""Nanoseconds of mixing one element, with the padding and the reading of it."""
BLOCK = 1 << 18
"""Elements of mixed lines and products of a block."""
APART = 4
"""Into how many blocks a convolution is cut at least, if they are not smaller than SMALLEST."""
SMALLEST = 1 << 15
LARGEST = 1 << 20
"""Elements of mixed filters, at most."""
CALLS = 25_000
"""Nanoseconds that the calls of a block take."""
GAIN = 0.85
"""The part of the plain way's time, by estimate, from which this one is taken."""

Rows = list[list[Fraction]]


def _times(roots: list[Fraction]) -> list[Fraction]:
    """The coefficients of the product of ``x - root``, lowest first."""
    out = [Fraction(1)]
    for root in roots:
        out = [(out[i - 1] if i else Fraction(0)) - (root * out[i] if i < len(out) else 0)
               for i in range(len(out) + 1)]
    return out


@cache
def mixes(taps: int) -> tuple[Rows, Rows, Rows]:
    """(outputs ``[2, n]``, filter ``[n, taps]``, lines ``[n, n]``) with n = taps + 1.

    ``outputs @ ((filter @ g) * (lines @ d))`` are the two sums of products of taps g along d."""
    points, many = list(POINTS[taps]), taps + OUTPUTS - 1
    others = [[q for q in points if q != p] for p in points]
    scale = [prod((p - q for q in rest), start=Fraction(1)) for p, rest in zip(points, others)]
    end = [Fraction(0)]
    outputs = [[p ** i for p in points] + [Fraction(i == OUTPUTS - 1)] for i in range(OUTPUTS)]
    filters = [[p ** i / s for i in range(taps)] for p, s in zip(points, scale)]
    filters.append([Fraction(i == taps - 1) for i in range(taps)])
    lines = [[*_times(rest), *end * (many - len(rest) - 1)] for rest in others]
    lines.append(_times(points))
    return outputs, filters, lines


@cache
def _arrays(xp: Any, taps: int) -> tuple[Any, Any, Any]:
    a, b, c = (xp.array([[float(v) for v in row] for row in rows], xp.float32) for rows in mixes(taps))
    return a, b, c


class Tiling:
    """How a convolution is cut. x: ``[images, height, width, channels]``; w: ``[kh, kw, channels, filters]``.

    A tile is OUTPUTS lines of outputs of one image. line: places of a line of x with the zeros between it and the
    next. images, tiles: of a block. places: of a block, for which ``chunks`` times kw products of ``rows`` outputs
    are made.
    """

    def __init__(self, x: Sizes, w: Sizes, out: Sizes, pads: Pads) -> None:
        self.x, self.w, self.out = x, w, out
        self.top, (self.lead, behind) = pads[0][0], pads[1]
        taps, along, self.channels, self.filters = w
        self.many = taps + OUTPUTS - 1
        self.line = max(x[2] + max(self.lead, behind), out[1])
        self.tall = -(-out[0] // OUTPUTS)
        self.inner = along * self.channels
        one = self.many * self.line * (self.channels + self.filters)
        self.tiles = min(self.tall, self._fitting(one))
        self.images = 1
        if self.tiles == self.tall:
            self.images = max(1, min(x[0], self._fitting(one) // self.tall))
        else:
            self.tiles = -(-self.tall // -(-self.tall // self.tiles))
        self.across = -(-self.tall // self.tiles)
        self.count = -(-x[0] // self.images) * self.across
        self.places = self.images * self.tiles * self.line
        most = along * (height(self.inner, self.filters) or LONGEST)
        self.chunks = -(-self.places // most)
        self.rows = -(-self.places // (along * self.chunks))
        self.room = (self.chunks * self.rows + 1) * along

    def _fitting(self, one: int) -> int:
        """Tiles of a block, of so many elements each."""
        whole = one * self.x[0] * self.tall
        return max(1, min(BLOCK, max(SMALLEST, whole // APART)) // one)

    @property
    def within(self) -> int:
        """Elements that a block takes: its lines with their padding, mixed lines, products."""
        lines = self.images * (OUTPUTS * self.tiles + self.many - OUTPUTS) * self.line + self.lead
        return lines * self.channels + self.many * self.room * (self.channels + self.filters)

    @property
    def mixed(self) -> int:
        """Elements of the mixed filters."""
        return self.many * self.inner * self.filters

    def nanoseconds(self) -> float:
        """What it costs one thread, about."""
        places = self.x[0] * self.tall * self.line * self.many
        each = self.inner * self.filters * MULTIPLY + MIX * (self.channels + self.filters)
        return places * each + MIX * self.mixed + CALLS * self.count

    @property
    def shared(self) -> bool:
        """Whether a second thread is worth waking."""
        return self.nanoseconds() > SHARED

    def taken(self, threads: int) -> int:
        """Elements that it takes beside the outputs."""
        return self.mixed + self.within * min(self.count, threads if self.shared else 1)


@lru_cache(256)
def tiling(x: Sizes, w: Sizes, out: Sizes, pads: Pads) -> Tiling:
    return Tiling(x, w, out, pads)


def gains(x: Sizes, w: Sizes, strides: Sizes, dilations: Sizes, out: Sizes, pads: Pads) -> bool:
    """Whether a convolution of these shapes, with its channels last, is to be made so: from shapes alone."""
    if len(w) != 4 or w[0] not in POINTS or max(*strides, *dilations) > 1 or x[-1] != w[-2]:
        return False
    if not prod(x) * prod(w) * prod(out):
        return False
    found = tiling(x, w, out, pads)
    _, plain = cheapest(x[0] * out[0], tuple(w[:2]), w[2], w[3], 1, 1, out[1])
    return found.mixed <= LARGEST and found.nanoseconds() < GAIN * plain


def bounded(xp: Any, x: Any, w: Any) -> bool:
    """Whether nothing on the way to the outputs can be infinite: they are at most the product of both norms."""
    of_x, of_w = (sum(squares(xp, a, xp.float32)) for a in (x, w))
    return bool(xp.isfinite(of_x * of_w * xp.float32(1 << 12)))


def convolve(n: Any, x: Any, w: Any, out: Sizes, pads: Pads) -> Any:
    """``[images, out…, filters]`` of x and w of single precision, with strides and dilations of 1."""
    xp = n.xp
    t = tiling(x.shape, w.shape, out, pads)
    outputs, filters, lines = _arrays(xp, w.shape[0])
    mixed = _mixed(xp, t, filters, w).reshape(t.many, 1, 1, t.inner, t.filters)
    result = xp.empty((x.shape[0], *out, t.filters), x.dtype)
    (n.each if t.shared else in_turn)(t.count, lambda i: _block(xp, t, i, x, mixed, outputs, lines, result))
    return result


def _mixed(xp: Any, t: Tiling, filters: Any, w: Any) -> Any:
    if w.flags.c_contiguous:
        return xp.matmul(filters, w.reshape(len(w), -1))
    # a turned filter is mixed as it lies, a part at a time
    mixed, backwards = xp.empty((t.many, *w.shape[1:]), w.dtype), xp.ascontiguousarray(filters[:, ::-1])
    step = max(1, SMALLEST // (t.many * t.channels))
    for along in range(w.shape[1]):
        for i in range(0, t.filters, step):
            some = xp.swapaxes(w[::-1, along, :, i:i + step], -1, -2)
            made = xp.matmul(backwards, some.reshape(len(w), -1)).reshape(t.many, *some.shape[1:])
            mixed[:, along, :, i:i + step] = xp.swapaxes(made, -1, -2)
    return mixed


def _view(xp: Any, array: Any, shape: Sizes, steps: Sizes) -> Any:
    """A view of the elements of an array in one piece; steps: in elements."""
    size = array.itemsize
    return xp.lib.stride_tricks.as_strided(array, shape, tuple(s * size for s in steps))


def _block(xp: Any, t: Tiling, number: int, x: Any, mixed: Any, outputs: Any, lines: Any, result: Any) -> None:
    image, tile = divmod(number, t.across)
    image, tile = image * t.images, tile * t.tiles
    images, tiles = min(t.images, len(x) - image), min(t.tiles, t.tall - tile)
    tall, wide = OUTPUTS * tiles + t.many - OUTPUTS, t.line * t.channels
    flat = _padded(xp, t, x[image:image + images], OUTPUTS * tile - t.top, tall)
    # a place is where a patch begins
    places = images * tiles * t.line
    seen = xp.empty((t.many, t.room * t.channels), x.dtype)
    seen[:, places * t.channels:] = 0
    xp.matmul(lines, _view(xp, flat, (images, tiles, t.many, wide), (tall * wide, OUTPUTS * wide, wide, 1)),
              out=_view(xp, seen, (images, tiles, t.many, wide), (tiles * wide, wide, seen.shape[1], 1)))
    products = xp.empty((t.many, t.room * t.filters), x.dtype)
    along = t.inner // t.channels

    def in_steps(array: Any, depth: int, chunk: int) -> Any:
        return _view(xp, array, (t.many, t.chunks, along, t.rows, chunk),
                     (array.shape[1], along * t.rows * depth, depth, along * depth, 1))

    xp.matmul(in_steps(seen, t.channels, t.inner), mixed, out=in_steps(products, t.filters, t.filters))
    span = t.out[1] * t.filters
    whole = min(tiles, t.out[0] // OUTPUTS - tile)
    made = _view(xp, products, (images, tiles, t.many, span),
                 (tiles * t.line * t.filters, t.line * t.filters, products.shape[1], 1))
    there = result[image:image + images, OUTPUTS * tile:OUTPUTS * (tile + whole)]
    xp.matmul(outputs, made[:, :whole], out=_view(
        xp, there, (images, whole, OUTPUTS, span), (t.out[0] * span, OUTPUTS * span, span, 1)))
    if whole < tiles:
        # of the last tile only some lines are wanted
        left = t.out[0] - OUTPUTS * (tile + whole)
        result[image:image + images, -left:] = xp.matmul(outputs[:left], made[:, -1]).reshape(
            images, left, t.out[1], t.filters)


def _padded(xp: Any, t: Tiling, x: Any, first: int, tall: int) -> Any:
    """Lines ``first`` to ``first + tall`` of the images end to end, zeros around them."""
    flat = xp.empty((len(x) * tall * t.line + t.lead, t.channels), x.dtype)
    flat[:t.lead] = 0
    body = flat[t.lead:].reshape(len(x), tall, t.line, t.channels)
    above, below = max(0, -first), min(tall, t.x[1] - first)
    body[:, :above] = 0
    body[:, max(below, above):] = 0
    body[:, :, t.x[2]:] = 0
    body[:, above:below, :t.x[2]] = x[:, first + above:first + below]
    return flat
