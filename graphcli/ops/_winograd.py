"""Convolution of images by Winograd's minimal filtering along the height: fewer multiplications for the same outputs.

m outputs of r taps take m + r - 1 products instead of m r (S. Winograd, Arithmetic Complexity of Computations, 1980;
A. Lavin and S. Gray, Fast Algorithms for Convolutional Neural Networks, 2016): lines of the image are mixed, mixed
filters multiply each mixed line, and lines of outputs are mixed from the products. All three are products of matrices.
Along the width nothing is copied: with lines laid end to end, the patches of every kw-th output lie end to end too, so
kw products see all of them where they lie.

Rounded otherwise than the plain sum: measured over random numbers and 16 to 256 channels, the error's mean square is
0.8 to 2 times that of the plain sum in single precision (2 outputs of 3 taps), 1.3 to 7 times (others), most where
channels are many, for the plain sum is then a sum of sums.
"""
from __future__ import annotations

from fractions import Fraction
from functools import cache, lru_cache
from math import prod
from typing import Any, TypeVar

from ..graph.kernel import in_turn
from ._panels import height
from ._runs import cheapest as by_runs
from ._runs import few
from ._strips import MULTIPLY, SHARED, cheapest
from ._unpacked import LONGEST
from ._windows import Pads, Sizes, squares

OUTPUTS: dict[int, tuple[int, ...]] = {3: (2,), 4: (2, 3), 5: (2,)}
"""Lines of outputs that may be made of one group of products, by taps: two of 3 taps, whose sums of small integers are
exact. ..."""
GRADIENTS: dict[int, tuple[int, ...]] = {3: (2, 4), 4: (2, 3), 5: (2,)}
"""... In gradients."""
POINTS: dict[int, tuple[Fraction, ...]] = {
    many: tuple(map(Fraction, points.split())) for many, points in
    {4: "0 1 -1", 5: "0 1 -1 1/2", 6: "0 1 -1 1/2 -2"}.items()}
"""Where polynomials are evaluated, beside infinity, by the products of a group: of those tried, the points of least
error."""
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
def mixes(taps: int, made: int) -> tuple[Rows, Rows, Rows]:
    """(outputs ``[made, n]``, filter ``[n, taps]``, lines ``[n, n]``) with n = taps + made - 1.

    ``outputs @ ((filter @ g) * (lines @ d))`` are the sums of products of taps g along d."""
    many = taps + made - 1
    points = list(POINTS[many])
    others = [[q for q in points if q != p] for p in points]
    scale = [prod((p - q for q in rest), start=Fraction(1)) for p, rest in zip(points, others)]
    end = [Fraction(0)]
    outputs = [[p ** i for p in points] + [Fraction(i == made - 1)] for i in range(made)]
    filters = [[p ** i / s for i in range(taps)] for p, s in zip(points, scale)]
    filters.append([Fraction(i == taps - 1) for i in range(taps)])
    lines = [[*_times(rest), *end * (many - len(rest) - 1)] for rest in others]
    lines.append(_times(points))
    return outputs, filters, lines


@cache
def arrays(xp: Any, taps: int, made: int) -> tuple[Any, Any, Any]:
    a, b, c = (xp.array([[float(v) for v in row] for row in rows], xp.float32) for rows in mixes(taps, made))
    return a, b, c


class Tiling:
    """How a convolution is cut. x: ``[images, height, width, channels]``; w: ``[kh, kw, channels, filters]``.

    A tile is ``made`` lines of outputs of one image. line: places of a line of x with the zeros between it and the
    next. images, tiles: of a block. places: of a block, for which ``chunks`` times kw products of ``rows`` outputs
    are made.
    """

    block, apart, largest = BLOCK, APART, LARGEST

    def __init__(self, x: Sizes, w: Sizes, out: Sizes, pads: Pads, made: int) -> None:
        self.x, self.w, self.out, self.made = x, w, out, made
        self.top, (self.lead, behind) = pads[0][0], pads[1]
        taps, along, self.channels, self.filters = w
        self.many = taps + made - 1
        self.line = max(x[2] + max(self.lead, behind), out[1])
        self.tall = -(-out[0] // made)
        self.along, self.inner = along, along * self.channels
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
        self.chunks = -(-self.places // (along * self.highest()))
        self.rows = -(-self.places // (along * self.chunks))
        self.room = (self.chunks * self.rows + 1) * along

    def _fitting(self, one: int) -> int:
        """Tiles of a block, of so many elements each."""
        whole = one * self.x[0] * self.tall
        return max(1, min(self.block, max(SMALLEST, whole // self.apart)) // one)

    def highest(self) -> int:
        """Rows of a product, at most."""
        return height(self.inner, self.filters) or LONGEST

    def within(self, beside: int = 0) -> int:
        """Elements that a block takes: mixed lines, and first the lines with their padding, then products and what is
        beside them."""
        lines = self.images * (self.made * self.tiles + self.many - self.made) * self.line + self.lead
        mixed = self.many * self.room
        return mixed * self.channels + max(lines * self.channels, mixed * self.filters + beside)

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
        return self.mixed + self.within() * min(self.count, threads if self.shared else 1)

    def block_of(self, number: int) -> tuple[slice, int, int]:
        """The images of a block, its first tile, and how many it has."""
        image, tile = divmod(number, self.across)
        image, tile = image * self.images, tile * self.tiles
        return slice(image, min(self.x[0], image + self.images)), tile, min(self.tiles, self.tall - tile)

    def in_steps(self, xp: Any, array: Any, depth: int, chunk: int) -> Any:
        """A view ``[many, chunks, kw, rows, chunk]`` of places: those of each kw-th, from each of the first kw on."""
        return view(xp, array, (self.many, self.chunks, self.along, self.rows, chunk),
                    (array.shape[1], self.along * self.rows * depth, depth, self.along * depth, 1))


Tiles = TypeVar("Tiles", bound=Tiling)


@lru_cache(256)
def tiling(x: Sizes, w: Sizes, out: Sizes, pads: Pads, gradient: bool = False) -> Tiling:
    """The cheapest. gradient: whether the outputs are."""
    return best([Tiling(x, w, out, pads, made) for made in (GRADIENTS if gradient else OUTPUTS)[w[0]]])


def best(ways: list[Tiles]) -> Tiles:
    return min(ways, key=lambda t: (t.mixed > t.largest, t.nanoseconds()))


def fits(x: Sizes, w: Sizes, strides: Sizes, dilations: Sizes, out: Sizes) -> bool:
    """Whether there is such a way at all."""
    return (len(w) == 4 and w[0] in OUTPUTS and max(*strides, *dilations) == 1 and x[-1] == w[-2]
            and prod(x) * prod(w) * prod(out) > 0)


def pays(found: Tiling) -> bool:
    """Whether it is quicker, from shapes alone."""
    x, w, out = found.x, found.w, found.out
    lines, width = x[0] * out[0], out[1]
    at_once = few(lines * width, prod(w[:3]), w[3])
    _, plain = by_runs(lines, w, 1, 1, width) if at_once else cheapest(lines, tuple(w[:2]), w[2], w[3], 1, 1, width)
    return found.mixed <= found.largest and found.nanoseconds() < GAIN * plain


def gains(x: Sizes, w: Sizes, strides: Sizes, dilations: Sizes, out: Sizes, pads: Pads, gradient: bool = False) -> bool:
    """Whether a convolution of these shapes, with its channels last, is to be made so: from shapes alone."""
    return fits(x, w, strides, dilations, out) and pays(tiling(x, w, out, pads, gradient))


def bounded(xp: Any, x: Any, w: Any) -> bool:
    """Whether nothing on the way to the outputs can be infinite: they are at most the product of both norms."""
    of_x, of_w = (sum(squares(xp, a, xp.float32)) for a in (x, w))
    return bool(xp.isfinite(of_x * of_w * xp.float32(1 << 12)))


def convolve(n: Any, x: Any, w: Any, out: Sizes, pads: Pads, gradient: bool = False) -> Any:
    """``[images, out…, filters]`` of x and w of single precision, with strides and dilations of 1."""
    xp = n.xp
    t = tiling(x.shape, w.shape, out, pads, gradient)
    outputs, filters, lines = arrays(xp, w.shape[0], t.made)
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


def view(xp: Any, array: Any, shape: Sizes, steps: Sizes) -> Any:
    """A view of the elements of an array in one piece; steps: in elements."""
    size = array.itemsize
    return xp.lib.stride_tricks.as_strided(array, shape, tuple(s * size for s in steps))


def lines_of(xp: Any, t: Tiling, x: Any, tile: int, tiles: int, lines: Any) -> Any:
    """``[many, room * channels]``: the mixed lines that these tiles of some images see, end to end."""
    images, tall, wide = len(x), t.made * tiles + t.many - t.made, t.line * t.channels
    flat = _padded(xp, t, x, t.made * tile - t.top, tall)
    seen = xp.empty((t.many, t.room * t.channels), x.dtype)
    # a place is where a patch begins
    seen[:, images * tiles * wide:] = 0
    xp.matmul(lines, view(xp, flat, (images, tiles, t.many, wide), (tall * wide, t.made * wide, wide, 1)),
              out=view(xp, seen, (images, tiles, t.many, wide), (tiles * wide, wide, seen.shape[1], 1)))
    return seen


def _block(xp: Any, t: Tiling, number: int, x: Any, mixed: Any, outputs: Any, lines: Any, result: Any) -> None:
    where, tile, tiles = t.block_of(number)
    seen = lines_of(xp, t, x[where], tile, tiles, lines)
    products = xp.empty((t.many, t.room * t.filters), x.dtype)
    xp.matmul(t.in_steps(xp, seen, t.channels, t.inner), mixed, out=t.in_steps(xp, products, t.filters, t.filters))
    span, images = t.out[1] * t.filters, where.stop - where.start
    whole = min(tiles, t.out[0] // t.made - tile)
    made = view(xp, products, (images, tiles, t.many, span),
                (tiles * t.line * t.filters, t.line * t.filters, products.shape[1], 1))
    there = result[where, t.made * tile:t.made * (tile + whole)]
    xp.matmul(outputs, made[:, :whole], out=view(
        xp, there, (images, whole, t.made, span), (t.out[0] * span, t.made * span, span, 1)))
    if whole < tiles:
        # of the last tile only some lines are wanted
        left = t.out[0] - t.made * (tile + whole)
        result[where, -left:] = xp.matmul(outputs[:left], made[:, -1]).reshape(images, left, t.out[1], t.filters)


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
