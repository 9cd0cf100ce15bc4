"""Convolution of any number of sizes as matrix products over blocks of patches.

Patches are copied a block of outputs at a time, so that a block stays in the second-level cache
between the copy and the product; a window of one tap needs no patches at all. Where channels are few, the
copies would cost more than the products, and a row of the product is a strip of outputs (``_strips``).
The context's ``each`` shares the blocks among threads, of a convolution that is worth it. What a block holds follows
from the shapes alone, and so do the numbers.
"""
from __future__ import annotations

from math import prod
from typing import Any

from ..graph.kernel import KernelContext, Product, in_turn
from ._panels import product
from ._strips import SHARED, banded, nanoseconds, reach, strip, unbanded
from ._windows import Pads, Sizes, crop, lines_of, pad, patches
from ._winograd import bounded, convolve

BLOCK = 1 << 17
"""Elements of one block of patches: 512 kB of float32."""
ROWS = 4
"""Into how many blocks a shared convolution of one tap is cut."""
PARTS = 16
"""Into how many sums the gradient of a filter is divided."""


KEPT = 3
"""Padded images, or strips of them, that are kept while their blocks are multiplied."""
STRIP = 1 << 18
"""Elements of a strip; an image of two of them or less is padded at once."""


def fitting(elements: int) -> int:
    """How many of something that has so many elements are one block, at least 1."""
    return max(1, BLOCK // max(1, elements))


def cut(images: int, depth: int, inner: int, height: int) -> tuple[int, int, int, int]:
    """Blocks of patches of ``depth`` elements, of images of ``height`` lines of ``inner``: lines and images of a
    block, blocks to an image, and blocks in all."""
    lines = fitting(depth * inner)
    if lines >= height:
        lines, together, across = height, max(1, lines // max(1, height)), 1
    else:
        across = -(-height // lines)
        lines, together = -(-height // across), 1
    return lines, together, across, -(-images // together) * across if images * height * inner else 0


def strip_lines(x: Sizes, strides: Sizes, out: Sizes, pads: Pads, lines: int) -> int:
    """How many lines of outputs make a strip of a padded image: whole blocks of ``lines``."""
    line = prod(s + b + a for s, (b, a) in zip(x[2:-1], pads[1:])) * x[-1] * strides[0]
    many = STRIP // max(1, line) // lines * lines
    return out[0] if 2 * many >= out[0] else max(lines, many)


def around(window: Sizes, strides: Sizes, dilations: Sizes, pads: Pads) -> Pads | None:
    """The padding with which the gradient of x is a convolution of that of the output; None where it is none."""
    beyond = tuple((k - 1) * d for k, d in zip(window, dilations))
    if max(strides) > 1 or any(b > r or a > r for (b, a), r in zip(pads, beyond)):
        return None
    return tuple((r - b, r - a) for r, (b, a) in zip(beyond, pads))


def wide(xp: Any, dtype: Any) -> Any:
    """The dtype to multiply in: half precision is summed in single precision."""
    return xp.float32 if dtype.itemsize == 2 else dtype


def groups(x: Any, w: Any) -> int:
    """How many groups of channels a filter works on."""
    return int(x.shape[-1] // w.shape[-2]) if w.shape[-2] else 1


def forward(n: KernelContext, x: Any, w: Any, strides: Sizes, dilations: Sizes, out: Sizes, pads: Pads) -> Any:
    """``[batch, out…, filters]`` of x ``[batch, size…, channels]`` and w ``[window…, channels, filters]``."""
    xp, dtype = n.xp, x.dtype
    x, w = x.astype(wide(xp, dtype), copy=False), w.astype(wide(xp, dtype), copy=False)
    many = groups(x, w)
    if many > 1:
        step, filters = w.shape[-2], w.shape[-1] // many
        parts = [_forward(n, x[..., g * step:(g + 1) * step], w[..., g * filters:(g + 1) * filters],
                          strides, dilations, out, pads) for g in range(many)]
        return xp.concatenate(parts, -1).astype(dtype, copy=False)
    return _forward(n, x, w, strides, dilations, out, pads).astype(dtype, copy=False)


def _forward(n: KernelContext, x: Any, w: Any, strides: Sizes, dilations: Sizes, out: Sizes, pads: Pads) -> Any:
    xp, filters = n.xp, w.shape[-1]
    if n.winograd and bounded(xp, x, w):
        return convolve(n, x, w, out, pads)
    many = strip(xp, x, w.shape, strides, dilations, out)
    if many == 1 or not xp.isfinite(xp.dot(x.reshape(-1), x.reshape(-1))):
        # what is not finite must not meet the zeros of a band
        return _products(n, x, w, strides, dilations, out, pads)
    result = _products(n, x, banded(xp, w, many, strides[-1], dilations[-1]),
                       (*strides[:-1], strides[-1] * many), (*dilations[:-1], 1), (*out[:-1], out[-1] // many), pads)
    return result.reshape(x.shape[0], *out, filters)


def _products(n: KernelContext, x: Any, w: Any, strides: Sizes, dilations: Sizes, out: Sizes, pads: Pads) -> Any:
    xp, window, (channels, filters) = n.xp, w.shape[:-2], w.shape[-2:]
    form = (x.shape[0], *out, filters)
    if not prod(form):
        return xp.empty(form, x.dtype)
    if prod(window) == 1:
        x = pad(xp, x, pads)
        seen = x[(slice(None), *(slice(0, (o - 1) * s + 1, s) for o, s in zip(out, strides)))].reshape(-1, channels)
        return one_tap(n)(seen, w.reshape(-1, filters)).reshape(form)
    result = xp.empty(form, x.dtype)
    flat, rows = w.reshape(-1, filters), result.reshape(-1, filters)
    shared = nanoseconds(len(rows), window, channels, filters) > SHARED
    blocks = Blocks(xp, x, window, strides, dilations, out, pads)

    def block(i: int) -> None:
        where, seen = blocks[i]
        product(xp, seen, flat, rows[where])

    (n.each if shared else in_turn)(len(blocks), block)
    return result


def one_tap(n: KernelContext) -> Product:
    """All outputs of a window of one tap as one product of matrices, which needs no patches."""
    xp = n.xp

    def by_blocks(seen: Any, flat: Any) -> Any:
        rows = xp.empty((len(seen), flat.shape[1]), seen.dtype)
        if nanoseconds(len(rows), (1,), *flat.shape) <= SHARED:
            return product(xp, seen, flat, rows)
        lines = -(-len(rows) // (4 * ROWS)) * 4
        n.each(-(-len(rows) // lines), lambda i: product(
            xp, seen[i * lines:(i + 1) * lines], flat, rows[i * lines:(i + 1) * lines]))
        return rows

    whole = n.shared(by_blocks, xp.matmul)
    return lambda seen, flat: (whole if seen.dtype.kind == "f" else by_blocks)(seen, flat)


class Blocks:
    """The patches of an x with padding, block by block: ``blocks[i]`` is (rows, ``[rows, taps * channels]``).

    The rows are all outputs in order. A block is some images, or some lines of one image where an image is
    more than a block. Images, or strips of lines of large ones, are padded when their blocks come, and a few are kept:
    no second x is made.
    """

    def __init__(self, xp: Any, x: Any, window: Sizes, strides: Sizes, dilations: Sizes, out: Sizes,
                 pads: Pads) -> None:
        self.xp = xp
        self.x = x
        self.form = window, strides, dilations, out
        self.pads = pads
        self.view = None if any(map(any, pads)) else patches(xp, x, *self.form)
        self.seen: dict[tuple[int, int], Any] = {}
        self.depth = prod(window) * x.shape[-1]
        self.inner = prod(out[1:])
        self.height = out[0]
        self.lines, self.images, self.across, self.count = cut(x.shape[0], self.depth, self.inner, self.height)
        self.strip = strip_lines(x.shape, strides, out, pads, self.lines) if self.across > 1 else self.height

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, number: int) -> tuple[slice, Any]:
        image, line = divmod(number, self.across)
        image, line = image * self.images, line * self.lines
        if self.view is None:
            strip, line_in = divmod(line, self.strip)
            part = self._padded(image, strip)[:, line_in:line_in + self.lines]
        else:
            part = self.view[image:image + self.images, line:line + self.lines]
        start = (image * self.height + line) * self.inner
        many = part.shape[0] * part.shape[1] * self.inner
        return slice(start, start + many), part.reshape(many, self.depth)

    def _padded(self, image: int, strip: int) -> Any:
        """The patches of a strip of the images of a block. Two threads may make the same; then one is dropped."""
        found = self.seen.get((image, strip))
        if found is None:
            window, strides, dilations, out = self.form
            start = strip * self.strip
            some = min(self.strip, self.height - start)
            ((_, seen, around),) = lines_of(some, some, window[0], strides[0], dilations[0], self.x.shape[1],
                                            (self.pads[0][0] - start * strides[0], 0))
            whole = pad(self.xp, self.x[image:image + self.images, seen], (around, *self.pads[1:]))
            found = patches(self.xp, whole, window, strides, dilations, (some, *out[1:]))
            if self.across > 1:
                for old in list(self.seen)[:1 - KEPT]:
                    self.seen.pop(old, None)
                self.seen[image, strip] = found
        return found


def to_input(n: KernelContext, sizes: Sizes, w: Any, g: Any, strides: Sizes, dilations: Sizes, pads: Pads) -> Any:
    """The gradient of x, of shape ``[batch, sizes…, channels]``, from the gradient g of the output."""
    xp, dtype = n.xp, g.dtype
    g, w = g.astype(wide(xp, dtype), copy=False), w.astype(wide(xp, dtype), copy=False)
    channels, out = sizes[-1], g.shape[1:-1]
    many = channels // w.shape[-2] if w.shape[-2] else 1
    if many > 1:
        filters = w.shape[-1] // many
        parts = [_to_input(n, (*sizes[:-1], w.shape[-2]), w[..., i * filters:(i + 1) * filters],
                           g[..., i * filters:(i + 1) * filters], strides, dilations, out, pads)
                 for i in range(many)]
        return xp.concatenate(parts, -1).astype(dtype, copy=False)
    return _to_input(n, sizes, w, g, strides, dilations, out, pads).astype(dtype, copy=False)


def _to_input(n: KernelContext, sizes: Sizes, w: Any, g: Any, strides: Sizes, dilations: Sizes, out: Sizes,
              pads: Pads) -> Any:
    xp, window, (channels, filters) = n.xp, w.shape[:-2], w.shape[-2:]
    if not g.size or not w.size:
        return xp.zeros(sizes, g.dtype)
    surrounded = around(window, strides, dilations, pads)
    if surrounded is not None:
        turned = w[tuple(slice(None, None, -1) for _ in window)]
        turned = xp.ascontiguousarray(xp.swapaxes(turned, -1, -2))
        return _forward(n, g, turned, strides, dilations, sizes[1:-1], surrounded)
    padded = tuple(s + b + a for s, (b, a) in zip(sizes[1:-1], pads))
    whole = any(map(any, pads))
    result = (xp.empty if whole else xp.zeros)(sizes, g.dtype)
    across = xp.ascontiguousarray(w.reshape(-1, filters).T)
    images = fitting(prod(out) * prod(window) * channels)

    def block(i: int) -> None:
        part = g[i * images:(i + 1) * images]
        seen = xp.matmul(part.reshape(-1, filters), across).reshape(len(part), *out, *window, channels)
        inside = result[i * images:(i + 1) * images]
        target = xp.zeros((len(part), *padded, channels), g.dtype) if whole else inside
        for tap in xp.ndindex(*window):
            where = tuple(slice(t * d, t * d + (o - 1) * s + 1, s)
                          for t, d, o, s in zip(tap, dilations, out, strides))
            target[(slice(None), *where)] += seen[(slice(None), *(slice(None) for _ in out), *tap)]
        if whole:
            inside[...] = crop(target, pads)

    n.each(-(-sizes[0] // images), block)
    return result


def to_filter(n: KernelContext, x: Any, shape: Sizes, g: Any, strides: Sizes, dilations: Sizes, pads: Pads) -> Any:
    """The gradient of the filter, of shape ``[window…, channels, filters]``."""
    xp, dtype = n.xp, g.dtype
    g, x = g.astype(wide(xp, dtype), copy=False), x.astype(wide(xp, dtype), copy=False)
    many = x.shape[-1] // shape[-2] if shape[-2] else 1
    if many > 1:
        step, filters = shape[-2], shape[-1] // many
        parts = [_to_filter(n, x[..., i * step:(i + 1) * step], (*shape[:-1], filters),
                            g[..., i * filters:(i + 1) * filters], strides, dilations, pads) for i in range(many)]
        return xp.concatenate(parts, -1).astype(dtype, copy=False)
    return _to_filter(n, x, shape, g, strides, dilations, pads).astype(dtype, copy=False)


def _to_filter(n: KernelContext, x: Any, shape: Sizes, g: Any, strides: Sizes, dilations: Sizes, pads: Pads) -> Any:
    xp, out = n.xp, g.shape[1:-1]
    many = strip(xp, x, shape, strides, dilations, out)
    if many == 1:
        return _sums(n, x, shape, g, strides, dilations, pads)
    window, (channels, filters) = shape[:-2], shape[-2:]
    span = reach(many, window[-1], strides[-1], dilations[-1])
    g = g.reshape(len(g), *out[:-1], out[-1] // many, many * filters)
    found = _sums(n, x, (*window[:-1], span, channels, many * filters), g,
                  (*strides[:-1], strides[-1] * many), (*dilations[:-1], 1), pads)
    return unbanded(xp, found, shape, many, strides[-1], dilations[-1])


def _sums(n: KernelContext, x: Any, shape: Sizes, g: Any, strides: Sizes, dilations: Sizes, pads: Pads) -> Any:
    xp, window, (channels, filters) = n.xp, shape[:-2], shape[-2:]
    out = g.shape[1:-1]
    rows = g.reshape(-1, filters)
    depth = prod(window) * channels
    if not rows.size or not depth:
        return xp.zeros(shape, g.dtype)
    blocks = Blocks(xp, x, window, strides, dilations, out, pads)
    many = min(PARTS, len(blocks))
    sums = xp.empty((many, depth, filters), g.dtype)

    def part(i: int) -> None:
        first, last = i * len(blocks) // many, (i + 1) * len(blocks) // many
        where, seen = blocks[first]
        total = product(xp, seen.T, rows[where], sums[i])
        for j in range(first + 1, last):
            # the one before it is let go first
            seen = None
            where, seen = blocks[j]
            total += product(xp, seen.T, rows[where], xp.empty_like(total))

    (n.each if nanoseconds(len(rows), window, channels, filters) > SHARED else in_turn)(many, part)
    return (sums.sum(0) if many > 1 else sums[0]).reshape(shape)
