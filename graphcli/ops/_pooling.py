"""Pooling over any number of sizes: the greatest or the mean of each window, and their gradients.

Each tap of the window is one slice of the input, so a pool is as many array operations as its window
has taps and makes no patches. Padding is never seen: a tap meets only the outputs it has an input for.
"""
from __future__ import annotations

from math import prod
from typing import Any

from ..errors import RunError, Unimplemented
from ..graph.types import as_dtype
from . import _pooling_runs
from ._windows import Pads, Sizes, counts, explicit, layout, lines_of, place, seen_of, taps

ALL = slice(None)
BITS = {"f4": "i4", "f8": "i8"}
LINES = 1 << 17
"""Elements of an input that are pooled at a time, ..."""
SMALL = 1 << 21
"""... unless it has no more than these: threads that share short calls wait for each other."""
FEW = 64
"""Channels below which numpy's inner loop over them is mostly its own cost."""


def ones(window: Sizes) -> Sizes:
    return (1,) * len(window)


def lowest(xp: Any, dtype: Any) -> Any:
    """What TensorFlow starts the search for the greatest with: the least finite number, which -inf does not beat."""
    if dtype.kind in "iu":
        return xp.iinfo(dtype).min
    if dtype.name == "bfloat16":
        return as_dtype(dtype).min
    return xp.finfo(dtype).min


def cut(x: Sizes, lines: int) -> tuple[int, int]:
    """(images, lines) of a block, of an input of this shape. lines: in how many an image is cut."""
    image = max(1, prod(x[1:]))
    if x[0] * image <= SMALL:
        return x[0], lines
    if image <= LINES or lines < 2:
        return max(1, min(x[0], LINES // image)), lines
    return 1, max(1, LINES * lines // image)


def portion(threads: int, x: Sizes, lines: int, more: int = 0) -> float:
    """The part of an input of this shape that is held at once: 1 where it is one block. more: lines that a block sees
    beside its own."""
    images, some = cut(x, lines)
    blocks = -(-x[0] // max(1, images)) * -(-lines // max(1, some))
    return 1.0 if blocks < 2 else min(1.0, threads * images * min(lines, some + more) / (x[0] * lines))


def room(n: Any, shape: Sizes, dtype: Any) -> Any:
    """An empty array with its channels last that lies in memory as the op's data format has it."""
    if not layout(n).first:
        return n.xp.empty(shape, dtype)
    return n.xp.moveaxis(n.xp.empty((shape[0], shape[-1], *shape[1:-1]), dtype), 1, -1)


def by_lines(n: Any, function: Any, x: Any, window: Sizes, strides: Sizes, out: Sizes, pads: Pads) -> Any:
    """``function(xp, x, window, strides, out, pads)``, of many or large images some images, or some lines of one, at a
    time, shared among threads."""
    (result,) = all_by_lines(n, lambda xp, x, first, *form: (function(xp, x, *form),), x, (x.dtype,),
                             window, strides, out, pads)
    return result


def all_by_lines(n: Any, function: Any, x: Any, dtypes: Any, window: Sizes, strides: Sizes, out: Sizes,
                 pads: Pads) -> Any:
    """The same with several results. The function is also told which image and line of x are the first that it sees."""
    xp = n.xp
    images, many = cut(x.shape, out[0])
    if (images >= len(x) and many >= out[0]) or xp.__name__ != "numpy":
        return function(xp, x, (0, 0), window, strides, out, pads)
    parts = list(lines_of(many, out[0], window[0], strides[0], 1, x.shape[1], pads[0]))
    results = [room(n, (len(x), *out, x.shape[-1]), dtype) for dtype in dtypes]

    def some(i: int) -> None:
        image, line = divmod(i, len(parts))
        some, (to, seen, around) = slice(image * images, (image + 1) * images), parts[line]
        found = function(xp, x[some, seen], (some.start, seen.start), window, strides, (to.stop - to.start, *out[1:]),
                         (around, *pads[1:]))
        for result, lines in zip(results, found):
            result[some, to] = lines

    n.each(-(-len(x) // images) * len(parts), some)
    return results


def windows(n: Any) -> Any:
    """A function: sizes of an input -> what ``_pooling`` wants; refuses windows over batches or channels."""
    where = layout(n)
    ksize, strides = n.attrs["ksize"], n.attrs["strides"]
    padding, given = n.attrs["padding"], explicit(where, n.attrs)
    window, steps = where.sizes(ksize), where.sizes(strides)

    def over(sizes: Any) -> Any:
        if ksize[0] != 1 or strides[0] != 1:
            raise Unimplemented("Pooling is not yet supported on the batch dimension")
        if ksize[where.channel] != 1:
            raise Unimplemented("pooling over channels is only possible for MaxPool, with windows of one pixel")
        if given and any(p >= k for pair, k in zip(given, window) for p in pair):
            raise RunError(f"padding must be less than the window, whose sizes are {list(window)}")
        out, pads = place(padding, tuple(sizes), window, steps, (1,) * len(window), given)
        return window, steps, out, pads

    return over


def met(start: int, stop: int, taps_: int, stride: int, out: int, before: int) -> tuple[int, int]:
    """Which outputs see lines of the input: the first, and the one after the last."""
    return max(0, -((taps_ - 1 - before - start) // stride)), min(out, (stop - 1 + before) // stride + 1)


def back_by_lines(n: Any, function: Any, shape: Sizes, x: Any, y: Any, g: Any, window: Sizes, strides: Sizes,
                  out: Sizes, pads: Pads) -> Any:
    """``function(xp, x, y, g, window, strides, out, pads)`` of the input's shape, by blocks of it, each with all that
    the windows that meet it see."""
    xp, size = n.xp, shape[1]
    images, many = cut(shape, size)
    if (images >= shape[0] and many >= size) or xp.__name__ != "numpy":
        return function(xp, x, y, g, window, strides, out, pads)
    taps_, stride, (before, _) = window[0], strides[0], pads[0]
    result = room(n, shape, g.dtype)
    across = -(-size // many)

    def some(i: int) -> None:
        image, line = divmod(i, across)
        some = slice(image * images, min(shape[0], (image + 1) * images))
        start, stop = line * many, min(size, (line + 1) * many)
        first, last = met(start, stop, taps_, stride, out[0], before)
        if first >= last:
            result[some, start:stop] = 0
            return
        seen, _ = seen_of(first, last - first, taps_, stride, 1, size, before)
        low, high = min(seen.start, start), max(seen.stop, stop)
        lines = slice(first, last)
        found = function(xp, x[some, low:high], y[some, lines], g[some, lines], window, strides,
                         (last - first, *out[1:]), ((low - first * stride + before, 0), *pads[1:]))
        result[some, start:stop] = found[:, start - low:stop - low]

    n.each(-(-shape[0] // images) * across, some)
    return result


def greatest(xp: Any, x: Any, window: Sizes, strides: Sizes, out: Sizes, pads: Pads) -> Any:
    """The greatest of each window; NaN is passed over, as in TensorFlow. Few channels are short runs of memory:
    then one size after the other, the first ones along whole lines."""
    if _pooling_runs.fits(xp, x):
        return _pooling_runs.greatest(x, window, strides, out, pads)
    if x.shape[-1] < FEW:
        for axis in range(len(window)):
            before, after = (1,) * axis, (1,) * (len(window) - axis - 1)
            x = _greatest(xp, x, (*before, window[axis], *after), (*before, strides[axis], *after),
                          (*out[:axis + 1], *x.shape[axis + 2:-1]),
                          (*((0, 0) for _ in before), pads[axis], *((0, 0) for _ in after)))
        return x
    return _greatest(xp, x, window, strides, out, pads)


def _greatest(xp: Any, x: Any, window: Sizes, strides: Sizes, out: Sizes, pads: Pads) -> Any:
    low = lowest(xp, x.dtype)
    seen = list(taps(window, strides, ones(window), out, x.shape[1:-1], pads))
    if len(seen) > 1 and all(s.stop - s.start == o for to, _ in seen for s, o in zip(to, out)):
        result = xp.fmax(x[(ALL, *seen[0][1])], x[(ALL, *seen[1][1])])
        for _, source in seen[2:]:
            xp.fmax(result, x[(ALL, *source)], out=result)
        return xp.fmax(result, xp.asarray(low, x.dtype), out=result)
    result = xp.full((x.shape[0], *out, x.shape[-1]), low, x.dtype)
    for to, source in seen:
        part = result[(ALL, *to)]
        xp.fmax(part, x[(ALL, *source)], out=part)
    return result


def greatest_at(xp: Any, x: Any, first: int, window: Sizes, strides: Sizes, out: Sizes, pads: Pads) -> tuple[Any, Any]:
    """The greatest of each window and its flat position in one image with channels, the first of equals. first: the
    line of the image with which x begins."""
    start, many = first * prod(x.shape[2:]), prod(x.shape[1:])
    where = xp.arange(start, start + many, dtype=xp.int64).reshape(x.shape[1:])
    result = xp.full((x.shape[0], *out, x.shape[-1]), lowest(xp, x.dtype), x.dtype)
    index = xp.full(result.shape, -1, xp.int64)
    for to, source in taps(window, strides, ones(window), out, x.shape[1:-1], pads):
        seen, best, at = x[(ALL, *source)], result[(ALL, *to)], index[(ALL, *to)]
        better = (seen > best) | (at < 0)
        xp.copyto(best, seen, where=better)
        xp.copyto(at, xp.broadcast_to(where[source], at.shape), where=better)
    return result, index


def to_greatest(xp: Any, x: Any, y: Any, g: Any, window: Sizes, strides: Sizes, out: Sizes, pads: Pads) -> Any:
    """The gradient of the input: each window's goes to the first of its greatest values."""
    if _pooling_runs.fits(xp, x, y, g):
        return _pooling_runs.to_greatest(x, y, g, window, strides, out, pads)
    result = xp.zeros(x.shape, g.dtype)
    free = xp.ones(y.shape, bool)
    apart = all(s >= k for s, k in zip(strides, window))
    bits = BITS.get(g.dtype.str[1:]) if xp.__name__ == "numpy" else None
    for to, source in taps(window, strides, ones(window), out, x.shape[1:-1], pads):
        left, part, given = free[(ALL, *to)], result[(ALL, *source)], g[(ALL, *to)]
        hit = xp.equal(x[(ALL, *source)], y[(ALL, *to)])
        hit &= left
        left ^= hit
        if not apart:
            part += xp.where(hit, given, xp.zeros((), g.dtype))
        elif bits is None:
            part[...] = xp.where(hit, given, xp.zeros((), g.dtype))
        else:
            # the bits of g where it hits, else 0
            xp.multiply(given.view(bits), hit, out=part.view(bits))
    return result


def to_all_greatest(xp: Any, x: Any, y: Any, g: Any, window: Sizes, strides: Sizes, out: Sizes, pads: Pads) -> Any:
    """The same, but each window's goes to all its greatest values."""
    result = xp.zeros(x.shape, g.dtype)
    for to, source in taps(window, strides, ones(window), out, x.shape[1:-1], pads):
        hit = x[(ALL, *source)] == y[(ALL, *to)]
        part = result[(ALL, *source)]
        part += xp.where(hit, g[(ALL, *to)], xp.zeros((), g.dtype))
    return result


def from_greatest(xp: Any, x: Any, y: Any, g: Any, window: Sizes, strides: Sizes, out: Sizes, pads: Pads) -> Any:
    """The gradient of ``to_greatest``: each window takes g where its greatest value is."""
    result = xp.zeros(y.shape, g.dtype)
    free = xp.ones(y.shape, bool)
    for to, source in taps(window, strides, ones(window), out, x.shape[1:-1], pads):
        left = free[(ALL, *to)]
        hit = xp.equal(x[(ALL, *source)], y[(ALL, *to)])
        hit &= left
        left ^= hit
        xp.copyto(result[(ALL, *to)], g[(ALL, *source)], where=hit)
        hit = None
    return result


def mean(xp: Any, x: Any, window: Sizes, strides: Sizes, out: Sizes, pads: Pads) -> Any:
    if _pooling_runs.fits(xp, x):
        return _pooling_runs.mean(x, window, strides, out, pads)
    dtype = x.dtype
    kind = xp.float32 if dtype.itemsize == 2 else dtype
    result = xp.zeros((x.shape[0], *out, x.shape[-1]), kind)
    for to, source in taps(window, strides, ones(window), out, x.shape[1:-1], pads):
        result[(ALL, *to)] += x[(ALL, *source)]
    result /= counts(xp, window, strides, out, x.shape[1:-1], pads, kind)
    return result.astype(dtype, copy=False)


def added_along(xp: Any, axis: int, share: Any, size: int, window: int, stride: int, pads: tuple[int, int],
                total: Any = None) -> Any:
    """What windows along one size give to the values that they see, each all of its share, added to ``total``."""
    if total is None:
        if window == stride == 1 and share.shape[axis + 1] == size:
            return share
        total = xp.zeros((*share.shape[:axis + 1], size, *share.shape[axis + 2:]), share.dtype)
    for (to,), (source,) in taps((window,), (stride,), (1,), (share.shape[axis + 1],), (size,), (pads,)):
        before = (ALL,) * (axis + 1)
        total[(*before, source)] += share[(*before, to)]
    return total


def to_mean(n: Any, shape: Sizes, g: Any, window: Sizes, strides: Sizes, out: Sizes, pads: Pads) -> Any:
    """The gradient of the input, of this shape: each window's is shared out among its values. By blocks of the input,
    each of all windows that meet it."""
    if _pooling_runs.fits(n.xp, g) and 0 < prod(shape) <= _pooling_runs.GROUP and not layout(n).first:
        return _pooling_runs.to_mean(shape, g, window, strides, out, pads)
    xp, size, before = n.xp, shape[1], pads[0][0]
    kind = xp.float32 if g.dtype.itemsize == 2 else g.dtype
    result = room(n, shape, g.dtype)
    images, many = cut(shape, size)
    across = -(-size // max(1, many))

    def some(i: int) -> None:
        image, line = divmod(i, across)
        some = slice(image * images, min(shape[0], (image + 1) * images))
        start, stop = line * many, min(size, (line + 1) * many)
        first, last = met(start, stop, window[0], strides[0], out[0], before)
        mine = result[some, start:stop]
        total = mine if kind == g.dtype else xp.empty(mine.shape, kind)
        total[...] = 0
        if first < last:
            lines = (last - first, *out[1:])
            above = before - first * strides[0]
            share = g[some, first:last] / counts(xp, window, strides, lines, shape[1:-1], ((above, 0), *pads[1:]), kind)
            for axis in range(len(out) - 1, 0, -1):
                share = added_along(xp, axis, share, shape[axis + 1], window[axis], strides[axis], pads[axis])
            added_along(xp, 0, share, stop - start, window[0], strides[0], (above + start, 0), total)
        if total is not mine:
            mine[...] = total

    n.each(-(-shape[0] // max(1, images)) * across, some)
    return result
