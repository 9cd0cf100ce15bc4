"""Windows that slide over an image or a volume: sizes, paddings, patches.

Everything here has its channels last, ``[batch, size…, channels]``; ``Layout`` brings other data
formats into that order and back.
"""
from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

from ..errors import RunError, Unimplemented
from ._turning import room, turned

SQUARED = 1 << 18
"""Elements that are squared and summed at a time."""
TURNED = 1 << 16
"""Elements that are turned at a time."""
LEAST = 1 << 21
"""Bytes of an image from which one is turned where it lies."""

Sizes = tuple[int, ...]
Pads = tuple[tuple[int, int], ...]


class Layout:
    """Where a data format (``NHWC``, ``NCDHW``, …) has its batch, sizes and channels."""

    def __init__(self, data_format: str) -> None:
        self.first = data_format.startswith("NC")
        self.rank = len(data_format)
        self.channel = 1 if self.first else self.rank - 1
        self.spatial = tuple(range(2, self.rank)) if self.first else tuple(range(1, self.rank - 1))

    def sizes(self, values: Any) -> tuple[Any, ...]:
        """The entries of a list as long as the rank that belong to the sizes."""
        return tuple(values[i] for i in self.spatial)

    def shape(self, batch: Any, sizes: Any, channels: Any) -> tuple[Any, ...]:
        return (batch, channels, *sizes) if self.first else (batch, *sizes, channels)

    def last(self, xp: Any, x: Any) -> Any:
        """The array with its channels last."""
        return xp.moveaxis(x, 1, -1) if self.first else x

    def back(self, xp: Any, x: Any, own: bool = False) -> Any:
        """An array with its channels last, in this format. own: whether nobody else has it, so that it is turned where
        it lies, some small images or one that is not small at a time."""
        if not self.first:
            return x
        if not own or x.size * x.itemsize < LEAST and len(x) < 2 or xp.__name__ != "numpy" or not x.flags.c_contiguous:
            return xp.ascontiguousarray(xp.moveaxis(x, -1, 1))
        out = x.reshape(len(x), x.shape[-1], *x.shape[1:-1])
        if x.size // max(1, len(x)) * x.itemsize >= LEAST:
            for image in x:
                turned(image.reshape(-1, x.shape[-1]))
            return out
        many = max(1, TURNED * len(x) // max(1, x.size))
        for i in range(0, len(x), many):
            out[i:i + many] = xp.moveaxis(x[i:i + many].copy(), -1, 1)
        return out

    def back_scratch(self, shape: Any, width: int) -> int:
        """Bytes that ``back`` takes for one's own of this shape, with its channels last. width: bytes of an element."""
        if not self.first or not prod(shape):
            return 0
        one = int(prod(shape[1:]) * width)
        if one >= LEAST:
            return room(prod(shape[1:-1]), shape[-1]) * width
        return one * int(min(shape[0], max(1, TURNED * width // one))) if shape[0] > 1 else one


def layout(n: Any) -> Layout:
    return Layout(n.attrs.get("data_format", "NHWC"))


def inner_ones(n: Any, *names: str) -> None:
    """Refuses windows that leave out batches or channels."""
    if wrong := not_inner(n.attrs, *names):
        raise Unimplemented(wrong)


def not_inner(attrs: Any, *names: str) -> str:
    """Which attrs leave out batches or channels, nothing where none does."""
    where = Layout(attrs.get("data_format", "NHWC"))
    for name in names:
        values = attrs[name]
        if len(values) == where.rank and (values[0] != 1 or values[where.channel] != 1):
            return f"{name} in the batch and channel dimensions must be 1, not {list(values)}"
    return ""


def skips(attrs: Any) -> str:
    """Why no convolution runs with such strides and dilations, nothing where one does."""
    return not_inner(attrs, "strides", "dilations")


def wrong_paddings(where: Layout, attrs: Any) -> str:
    """What is wrong with the attr ``explicit_paddings``, nothing where it fits."""
    pads, padding = attrs.get("explicit_paddings") or [], attrs["padding"]
    if padding != "EXPLICIT":
        return f"explicit_paddings must be empty when the padding is {padding}" if pads else ""
    if len(pads) != 2 * where.rank:
        return f"explicit_paddings must have {2 * where.rank} entries, not {len(pads)}"
    if min(pads) < 0:
        return f"explicit_paddings must not be negative, but are {pads}"
    if any(pads[2 * i] or pads[2 * i + 1] for i in range(where.rank) if i not in where.spatial):
        return f"explicit_paddings of batches and channels must be 0, but are {pads}"
    return ""


def fitting(n: Any) -> None:
    """Refuses, when a kernel is run, paddings that TensorFlow does not look at when the node is made."""
    wrong = wrong_paddings(layout(n), n.attrs)
    if wrong:
        raise RunError(wrong)


def extent(size: Any, dilation: int) -> Any:
    """How far a dilated window of ``size`` taps reaches."""
    return None if size is None else (size - 1) * dilation + 1


def explicit(where: Layout, attrs: Any) -> Pads:
    """The attr ``explicit_paddings`` per size, zeros if it is empty, or is none (``wrong_paddings``)."""
    pads = attrs.get("explicit_paddings") or []
    if len(pads) != 2 * where.rank:
        pads = [0] * (2 * where.rank)
    return tuple((pads[2 * i], pads[2 * i + 1]) for i in where.spatial)


def last(where: Layout, shape: Any) -> Any:
    """A shape with the channels last."""
    return (shape[0], *(shape[i] for i in where.spatial), shape[where.channel])


def windowed(n: Any, sizes: Any, window: Any, strides: Any, dilations: Any, pads: Pads,
             short: bool = False) -> tuple[Any, ...]:
    """The static sizes of an output, None where unknown. short: a window may be longer than the input by less than a
    stride, for an output of nothing."""
    out: list[int | None] = []
    padding = n.attrs["padding"]
    for size, taps, stride, dilation, (before, after) in zip(sizes, window, strides, dilations, pads):
        if stride <= 0 or dilation <= 0:
            n.fail(f"strides and dilations must be positive, not {stride} and {dilation}")
        reach = extent(taps, dilation)
        if size is None or reach is None and padding != "SAME":
            out.append(None)
        elif padding == "SAME":
            out.append(-(-size // stride))
        else:
            if size + before + after < reach - (stride if short or not n.built else 0):
                n.fail(f"a window of {reach} does not fit into {size + before + after} with padding {padding}")
            out.append((size + before + after - reach) // stride + 1)
    return tuple(out)


def place(padding: str, sizes: Any, window: Any, strides: Any, dilations: Any,
          given: Pads) -> tuple[Sizes, Pads]:
    """The sizes of an output and the padding before and after each size, of real arrays."""
    out, pads = [], []
    for size, taps, stride, dilation, (before, after) in zip(sizes, window, strides, dilations, given):
        reach = extent(taps, dilation)
        if padding == "SAME":
            many = -(-size // stride)
            need = max(0, (many - 1) * stride + reach - size)
            before, after = need // 2, need - need // 2
        else:
            room = size + before + after - reach + stride
            if room <= -stride:
                raise RunError(f"a window of {reach} does not fit into {size + before + after}")
            many = max(room, 0) // stride
        out.append(many)
        pads.append((before, after))
    return tuple(out), tuple(pads)


def seen_of(start: int, many: int, taps: int, stride: int, dilation: int, size: int,
            before: int) -> tuple[slice, tuple[int, int]]:
    """What some lines of the output see: lines of the input, and the padding around those."""
    first = start * stride - before
    need = (many - 1) * stride + (taps - 1) * dilation + 1
    low = min(max(first, 0), size)
    high = max(low, min(first + need, size))
    above = min(max(0, -first), need)
    return slice(low, high), (above, need - (high - low) - above)


def lines_of(many: int, out: int, taps: int, stride: int, dilation: int, size: int, pads: tuple[int, int]) -> Any:
    """Some lines of the output at a time: (these, the lines of the input that they see, the padding around those)."""
    for start in range(0, out, many):
        stop = min(out, start + many)
        yield slice(start, stop), *seen_of(start, stop - start, taps, stride, dilation, size, pads[0])


def squares(xp: Any, x: Any, kind: Any) -> Iterator[Any]:
    """Sums of the squares of x in the dtype ``kind``, as it lies in memory, some images or lines at a time."""
    while len(x) == 1 and x.ndim > 1:
        x = x[0]
    size = SQUARED
    if x.dtype != kind and x.flags.c_contiguous:
        # which are copies
        x, size = x.reshape(-1), SQUARED // 4
    many = max(1, size * len(x) // max(1, x.size))
    for i in range(0, len(x), many):
        some = x[i:i + many].ravel("K").astype(kind, copy=False)
        yield xp.dot(some, some)
        some = None


def finite(xp: Any, x: Any, kind: Any) -> bool:
    """Whether all of x is finite, and so are its squares."""
    return all(xp.isfinite(total) for total in squares(xp, x, kind))


def pad(xp: Any, x: Any, pads: Pads, kind: Any = None) -> Any:
    """x with zeros around its sizes; x itself where there is nothing to add. kind: the dtype, if not that of x."""
    kind = x.dtype if kind is None else kind
    if not any(map(any, pads)):
        return x.astype(kind, copy=False)
    out = xp.empty((x.shape[0], *(s + b + a for s, (b, a) in zip(x.shape[1:], pads)), x.shape[-1]), kind)
    inside: list[Any] = [slice(None)]
    for size, (before, after) in zip(x.shape[1:], pads):
        if before:
            out[(*inside, slice(before))] = 0
        if after:
            out[(*inside, slice(before + size, None))] = 0
        inside.append(slice(before, before + size))
    out[tuple(inside)] = x
    return out


def crop(x: Any, pads: Pads) -> Any:
    """x without its padding."""
    if not any(map(any, pads)):
        return x
    inside = tuple(slice(b, s - a) for s, (b, a) in zip(x.shape[1:], pads))
    return x[(slice(None), *inside)]


def patches(xp: Any, x: Any, window: Sizes, strides: Sizes, dilations: Sizes, out: Sizes) -> Any:
    """A view ``[batch, out…, window…, channels]`` of what each window sees of a padded x."""
    outer = x.strides[1:-1]
    shape = (x.shape[0], *out, *window, x.shape[-1])
    steps = (x.strides[0], *(o * s for o, s in zip(outer, strides)),
             *(o * d for o, d in zip(outer, dilations)), x.strides[-1])
    return xp.lib.stride_tricks.as_strided(x, shape, steps)


def taps(window: Sizes, strides: Sizes, dilations: Sizes, out: Sizes, sizes: Sizes, pads: Pads) -> Any:
    """For each tap of a window, in row-major order: which outputs it has an input for, and which input.

    Yields (slices of the output, slices of the input), both over the sizes; the padding is left out.
    """
    per_axis = []
    for taps_, stride, dilation, many, size, (before, _) in zip(window, strides, dilations, out, sizes, pads):
        axis: list[tuple[slice, slice] | None] = []
        for tap in range(taps_):
            start = tap * dilation - before
            first = max(0, -(start // stride))
            last = min(many - 1, (size - 1 - start) // stride)
            if first > last:
                axis.append(None)
                continue
            low = start + first * stride
            axis.append((slice(first, last + 1), slice(low, start + last * stride + 1, stride)))
        per_axis.append(axis)
    return _product(per_axis)


def _product(per_axis: Any) -> Any:
    import itertools

    for point in itertools.product(*per_axis):
        if None not in point:
            yield tuple(p[0] for p in point), tuple(p[1] for p in point)


def counts(xp: Any, window: Sizes, strides: Sizes, out: Sizes, sizes: Sizes, pads: Pads, dtype: Any) -> Any:
    """How many inputs each window sees without the padding, ``[out…, 1]``."""
    total: Any = None
    for axis, (taps_, stride, many, size, (before, _)) in enumerate(zip(window, strides, out, sizes, pads)):
        start = xp.arange(many) * stride - before
        one = xp.minimum(start + taps_, size) - xp.maximum(start, 0)
        one = one.reshape((1,) * axis + (-1,) + (1,) * (len(out) - axis))
        total = one if total is None else total * one
    return total.astype(dtype)
