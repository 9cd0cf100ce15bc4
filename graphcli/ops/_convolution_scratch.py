"""What a convolution and its gradients take beside their results, from shapes with the channels last: a block of
patches and a strip of a padded input for each thread, the bands of strips, sums, and what groups make."""
from __future__ import annotations

from math import prod
from typing import Any

from ._blocks import HUGE, cut, in_pieces, most, side_by_side, strip_elements, strip_lines
from ._convolution import as_they_lie
from ._convolution_filter import PANELS, sums_of, tall, taps_apart
from ._convolution_input import cut_input, turned_pads
from ._joined_groups import joins
from ._panels import PART
from ._strips import SHARED, best, nanoseconds, reach
from ._windows import Pads, Sizes, layout
from ._winograd import tiling
from ._winograd_filter import tiling_of_sums


def _strips(x: Sizes, w: Sizes, strides: Sizes, dilations: Sizes, out: Sizes) -> tuple[Sizes, Sizes, Sizes]:
    """The filter, the outputs and the strides as strips have them."""
    *window, channels, filters = w
    many = best(x[0] * prod(out[:-1]), tuple(window), channels, filters, strides[-1], dilations[-1], out[-1])
    if many == 1:
        return w, out, strides
    span = reach(many, window[-1], strides[-1], dilations[-1])
    return ((*window[:-1], span, channels, many * filters), (*out[:-1], out[-1] // many),
            (*strides[:-1], strides[-1] * many))


def _blocks(width: int, wide: int, threads: int, x: Sizes, window: Sizes, strides: Sizes, out: Sizes, pads: Pads,
            filters: int, apart: bool, limit: int = 0, beside: int = 0) -> tuple[int, int]:
    """Bytes of the patches and padded strips that are held at once, and how many strips there are. width: bytes of an
    element of x, and as it is multiplied. apart: whether the channels of x do not lie side by side, all of them.
    beside: bytes beside a row of patches."""
    depth, sizes = prod(window) * x[-1], (x[0], *out)
    ahead, cells = (0, limit) if limit else in_pieces(window, x[-1], sizes, filters)
    axis, many, _ = cut(sizes, depth, cells)
    lines = strip_lines(x, window, strides, pads, sizes, axis, many)
    count = prod(sizes[:axis]) * -(-sizes[axis] // lines)
    threads = min(count if limit or count > 1 else side_by_side(filters, 2)[0], threads)
    copied = strip = 0
    if not as_they_lie(window, strides, pads) or apart or wide > width:
        copied = many * prod(sizes[axis + 1:]) * depth // prod(window[:ahead])
    if any(map(any, pads)) or wide > width:
        strip = strip_elements(x, window, strides, pads, axis, lines)
    # of one tap a padded strip is what it sees
    held = max(copied, strip) if prod(window) == max(strides) == 1 else copied + strip
    return threads * (many * prod(sizes[axis + 1:]) * beside + held * wide), max(1, count)


def _groups(channels: int, w: Sizes) -> int:
    return channels // w[-2] if w[-2] else 1


def _joined(n: Any, channels: int, w: Sizes) -> tuple[Sizes, int]:
    """The filter as it is multiplied, and its elements where it is made of groups (``_joined_groups``)."""
    if not joins(channels, w, n.winograd):
        return w, 0
    w = (*w[:-2], channels, w[-1])
    return w, prod(w)


def forward_scratch(n: Any, x: Sizes, w: Sizes, strides: Sizes, dilations: Sizes, out: Sizes, pads: Pads,
                    gradient: bool = False) -> int:
    """Bytes that ``forward`` takes; of the filter's dtype. gradient: for the gradient for an input."""
    if n.winograd:
        return int(tiling(x, w, out, pads, gradient).taken(n.threads) * n.wide(1))
    width, wide, (w, whole) = n.width(1), n.wide(1), _joined(n, x[-1], w)
    many = _groups(x[-1], w)
    if many > 1:
        x, w = (*x[:-1], w[-2]), (*w[:-1], w[-1] // many)
    band, lines, steps = _strips(x, w, strides, dilations, out)
    first = layout(n).first
    taken = whole * wide + (prod(w) * many * wide if wide > width else 0) + (prod(band) * wide if band != w else 0)
    if as_they_lie(w[:-2], strides, pads) and wide == width and not first and many == 1:
        return int(taken)
    shared = nanoseconds(x[0] * prod(lines), band[:-2], *band[-2:]) > SHARED
    threads = n.threads if shared else 1
    # products that are copied into place
    beside = band[-1] * wide if wide > width or many > 1 and band != w else 0
    seen, _ = _blocks(width, wide, threads, x, band[:-2], steps, lines, pads, band[-1], first or many > 1, 0, beside)
    return int(taken + seen)


def to_input_scratch(n: Any, sizes: Sizes, w: Sizes, g: Sizes, strides: Sizes, dilations: Sizes, pads: Pads) -> int:
    """Bytes that ``to_input`` takes; of the filter's dtype."""
    width, wide, window, (w, whole) = n.width(1), n.wide(1), w[:-2], _joined(n, sizes[-1], w)
    many = _groups(sizes[-1], w)
    surrounded = turned_pads(n.winograd, sizes[1:-1], window, w[-1] // many, strides, dilations, g[1:-1], pads)
    if surrounded is not None:
        turned = (*window, w[-1] // many, w[-2])
        size = prod(w) // many
        copied = size if size <= HUGE and not n.winograd and wide == width else 0
        return int((copied + whole) * wide + forward_scratch(
            n, (*g[:-1], w[-1] // many), turned, strides, dilations, sizes[1:-1], surrounded, gradient=True))
    axis, lines, product = cut_input(sizes, window, w[-2], w[-1] // many, strides, g[1:-1])
    blocks = prod(sizes[:axis]) * -(-sizes[axis] // lines)
    threads = min(n.threads, max(1, blocks))
    rest = prod(sizes) // max(1, blocks) // many
    each = product * wide
    if wide > width or layout(n).first or many > 1:
        each += g[-1] // many * product // max(1, prod(window[axis:]) * w[-2]) * wide
    if wide > width:
        each += rest * wide
    copied = prod(w) // many if prod(w) // many <= HUGE or wide > width else 0
    return int(threads * each + (copied + whole) * wide)


def to_filter_scratch(n: Any, x: Sizes, shape: Sizes, g: Sizes, strides: Sizes, dilations: Sizes, pads: Pads) -> int:
    """Bytes that ``to_filter`` takes; of the input's dtype."""
    if n.winograd:
        return int(tiling_of_sums(x, shape, g[1:-1], pads).taken(n.threads) * n.wide(0))
    width, wide, many = n.width(0), n.wide(0), _groups(x[-1], shape)
    if many > 1:
        x, shape = (*x[:-1], shape[-2]), (*shape[:-1], shape[-1] // many)
    band, lines, steps = _strips(x, shape, strides, dilations, g[1:-1])
    window, (channels, filters) = band[:-2], band[-2:]
    first = layout(n).first
    shared = nanoseconds(x[0] * prod(lines), window, channels, filters) > SHARED
    # rows of the output's gradient that are copied
    beside = band[-1] * (wide + (width if first and wide > width else 0)) if first or wide > width or many > 1 else 0
    depth = prod(window) * channels
    seen, count = _blocks(width, wide, n.threads if shared else 1, x, window, steps, lines, pads, band[-1],
                          first or many > 1, most(depth, (x[0], *lines), filters), beside)
    sums = sums_of(depth, filters, count, prod(x) + prod(g) // many)
    result = prod(shape) * width
    threads = min(n.threads if shared else 1, max(1, sums))
    if sums:
        taken = (sums - 1) * prod(band) + (threads * min(depth * filters, PART) if count > sums else 0)
    else:
        sizes, cuts = taps_apart(window, channels, filters)
        threads = min(n.threads, prod(window[:sizes]) * cuts)
        step = -(-channels // cuts)
        # a tap in a corner, which has padding
        met = (x[0], *(o - 1 if b or a else o for (b, a), o in zip(pads, lines[:sizes])), *x[1 + sizes:-1], step)
        here = (*((int(b > 0), int(a > 0 and not b)) for b, a in pads[:sizes]), *pads[sizes:])
        limit = tall(prod(window[sizes:]) * step, filters, first or wide > width)
        joined = (*(1 for _ in here[:sizes]), *window[sizes:])
        seen, count = _blocks(width, wide, threads, met, joined, (*joined[:sizes], *steps[sizes:]), lines, here,
                              filters, True, limit, beside)
        part = prod(joined) * step * filters
        taken = threads * ((part if cuts > 1 else 0) + (min(part, PART) if filters in PANELS and count > 1 else 0))
    within, total = seen + taken * wide, prod(band) * wide
    if many > 1:
        return int(within + total)
    # where the sum is no result, that comes when nothing but the sum is left
    return int(within if band == shape and wide == width else total + max(0, within - result))
