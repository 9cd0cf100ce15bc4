"""What a convolution and its gradients take beside their results, from shapes with the channels last: a padded input,
a block of patches for each thread, the bands of strips, what groups make, and wide copies of half precision."""
from __future__ import annotations

from math import prod
from typing import Any

from ._convolution import KEPT, PARTS, around, cut, fitting, strip_lines
from ._strips import SHARED, best, nanoseconds, reach
from ._windows import Pads, Sizes
from ._winograd import tiling


def padded(x: Sizes, pads: Pads) -> int:
    """Elements of x with its padding."""
    return int(x[0] * prod(s + b + a for s, (b, a) in zip(x[1:-1], pads)) * x[-1])


def _strips(x: Sizes, w: Sizes, strides: Sizes, dilations: Sizes, out: Sizes) -> tuple[Sizes, Sizes, int]:
    """The filter and the outputs as strips have them, and how many outputs a strip has."""
    *window, channels, filters = w
    many = best(x[0] * prod(out[:-1]), tuple(window), channels, filters, strides[-1], dilations[-1], out[-1])
    if many == 1:
        return w, out, 1
    span = reach(many, window[-1], strides[-1], dilations[-1])
    return (*window[:-1], span, channels, many * filters), (*out[:-1], out[-1] // many), many


def _blocks(n: Any, x: Sizes, w: Sizes, strides: Sizes, out: Sizes, pads: Pads) -> tuple[int, int]:
    """Elements of the patches and padded images that are held at once, and how many blocks there are. A window of one
    tap has no patches, but the whole of a padded x."""
    *window, channels, filters = w
    images = x[0]
    if prod(window) == 1 and len(out) > 0:
        return padded(x, pads) if any(map(any, pads)) else 0, 1
    depth, inner, height = prod(window) * channels, prod(out[1:]), out[0] if out else 1
    lines, together, across, count = cut(images, depth, inner, height)
    kept = 0
    if across > 1 and any(map(any, pads)):
        some = strip_lines(x, strides, out, pads, lines)
        line = padded((1, 1, *x[2:]), ((0, 0), *pads[1:]))
        kept = min(images * -(-height // some), KEPT) * min(padded((1, *x[1:]), pads),
                                                            (some * strides[0] + window[0]) * line)
    block = max(1, min(images, together)) * lines * inner * depth
    shared = nanoseconds(images * height * inner, tuple(window), channels, filters) > SHARED
    return kept + min(count, n.threads if shared else 1) * block, max(1, count)


def forward_scratch(n: Any, x: Sizes, w: Sizes, strides: Sizes, dilations: Sizes, out: Sizes, pads: Pads) -> int:
    """Bytes that ``forward`` takes; of the filter's dtype."""
    if n.winograd:
        return int(tiling(x, w, out, pads).taken(n.threads) * n.wide(1))
    in_strips, lines, many = _strips(x, w, strides, dilations, out)
    elements = _blocks(n, x, in_strips, strides, lines, pads)[0] + (prod(in_strips) if many > 1 else 0)
    results = x[0] * prod(out) * w[-1]
    if w[-2] and x[-1] > w[-2]:
        elements += results
    return int(elements * n.wide(1) + (0 if n.width(1) > 2 else 4 * (prod(x) + results)))


def to_input_scratch(n: Any, sizes: Sizes, w: Sizes, g: Sizes, strides: Sizes, dilations: Sizes, pads: Pads) -> int:
    """Bytes that ``to_input`` takes; of the filter's dtype."""
    width, window = n.wide(1), w[:-2]
    surrounded = around(window, strides, dilations, pads)
    if surrounded is not None:
        turned = (*window, w[-1], w[-2])
        return int(prod(w) * width) + forward_scratch(n, g, turned, strides, dilations, sizes[1:-1], surrounded)
    seen = prod(g[1:-1]) * prod(window) * w[-2]
    around_one = padded((1, *sizes[1:]), pads) if any(map(any, pads)) else 0
    within = min(sizes[0], n.threads * fitting(seen)) * (seen + around_one)
    return int((within + prod(w)) * width + (0 if n.width(1) > 2 else 4 * (prod(g) + prod(sizes))))


def to_filter_scratch(n: Any, x: Sizes, shape: Sizes, g: Sizes, strides: Sizes, dilations: Sizes, pads: Pads) -> int:
    """Bytes that ``to_filter`` takes; of the input's dtype."""
    in_strips, lines, many = _strips(x, shape, strides, dilations, g[1:-1])
    block, count = _blocks(n, x, in_strips, strides, lines, pads)
    sums = min(PARTS, count)
    elements = block + (sums + min(n.threads, sums)) * prod(in_strips) - (prod(shape) if sums == 1 and many == 1 else 0)
    return int(elements * n.wide(0) + (0 if n.width(0) > 2 else 4 * (prod(x) + prod(g))))
