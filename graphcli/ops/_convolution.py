"""Convolution of any number of sizes as matrix products over blocks of patches.

Patches are copied a block of outputs at a time, so that a block stays in the second-level cache
between the copy and the product; a window of one tap needs no patches at all.
"""
from __future__ import annotations

from math import prod
from typing import Any

from ._windows import Pads, Sizes, crop, pad, patches

BLOCK = 1 << 18
"""Elements of one block of patches."""


def wide(xp: Any, dtype: Any) -> Any:
    """The dtype to multiply in: half precision is summed in single precision."""
    return xp.float32 if dtype.itemsize == 2 else dtype


def groups(x: Any, w: Any) -> int:
    """How many groups of channels a filter works on."""
    return int(x.shape[-1] // w.shape[-2]) if w.shape[-2] else 1


def forward(xp: Any, x: Any, w: Any, strides: Sizes, dilations: Sizes, out: Sizes, pads: Pads) -> Any:
    """``[batch, out…, filters]`` of x ``[batch, size…, channels]`` and w ``[window…, channels, filters]``."""
    dtype = x.dtype
    x, w = x.astype(wide(xp, dtype), copy=False), w.astype(wide(xp, dtype), copy=False)
    many = groups(x, w)
    if many > 1:
        step, filters = w.shape[-2], w.shape[-1] // many
        parts = [_forward(xp, x[..., g * step:(g + 1) * step], w[..., g * filters:(g + 1) * filters],
                          strides, dilations, out, pads) for g in range(many)]
        return xp.concatenate(parts, -1).astype(dtype, copy=False)
    return _forward(xp, x, w, strides, dilations, out, pads).astype(dtype, copy=False)


def _forward(xp: Any, x: Any, w: Any, strides: Sizes, dilations: Sizes, out: Sizes, pads: Pads) -> Any:
    window, (channels, filters) = w.shape[:-2], w.shape[-2:]
    batch = x.shape[0]
    result = xp.empty((batch, *out, filters), x.dtype)
    if not result.size:
        return result
    x = pad(xp, x, pads)
    flat = w.reshape(-1, filters)
    if prod(window) == 1:
        seen = x[(slice(None), *(slice(0, (o - 1) * s + 1, s) for o, s in zip(out, strides)))]
        xp.matmul(seen.reshape(-1, channels), flat, out=result.reshape(-1, filters))
        return result
    for rows, seen in blocks(xp, x, window, strides, dilations, out):
        xp.matmul(seen, flat, out=result.reshape(-1, filters)[rows])
    return result


def blocks(xp: Any, x: Any, window: Sizes, strides: Sizes, dilations: Sizes, out: Sizes) -> Any:
    """Blocks of patches of a padded x: yields (rows, ``[rows, taps * channels]``) over all outputs in order."""
    view = patches(xp, x, window, strides, dilations, out)
    depth = prod(window) * x.shape[-1]
    inner = prod(out[1:])
    height = out[0] * x.shape[0]
    if not depth or not inner or not height:
        if height * inner:
            yield slice(0, height * inner), xp.zeros((height * inner, depth), x.dtype)
        return
    lines = max(1, BLOCK // (depth * inner))
    buffer = xp.empty((min(lines, height), *view.shape[2:]), x.dtype)
    if lines >= out[0]:
        images = max(1, lines // out[0])
        for first in range(0, x.shape[0], images):
            part = view[first:first + images]
            held = xp.ascontiguousarray(part).reshape(-1, depth)
            start = first * out[0] * inner
            yield slice(start, start + len(held)), held
        return
    for image in range(x.shape[0]):
        for first in range(0, out[0], lines):
            part = view[image, first:first + lines]
            held = buffer[:len(part)]
            held[...] = part
            start = (image * out[0] + first) * inner
            yield slice(start, start + len(part) * inner), held.reshape(-1, depth)


def to_input(xp: Any, sizes: Sizes, w: Any, g: Any, strides: Sizes, dilations: Sizes, pads: Pads) -> Any:
    """The gradient of x, of shape ``[batch, sizes…, channels]``, from the gradient g of the output."""
    dtype = g.dtype
    g, w = g.astype(wide(xp, dtype), copy=False), w.astype(wide(xp, dtype), copy=False)
    channels, out = sizes[-1], g.shape[1:-1]
    many = channels // w.shape[-2] if w.shape[-2] else 1
    if many > 1:
        filters = w.shape[-1] // many
        parts = [_to_input(xp, (*sizes[:-1], w.shape[-2]), w[..., i * filters:(i + 1) * filters],
                           g[..., i * filters:(i + 1) * filters], strides, dilations, out, pads)
                 for i in range(many)]
        return xp.concatenate(parts, -1).astype(dtype, copy=False)
    return _to_input(xp, sizes, w, g, strides, dilations, out, pads).astype(dtype, copy=False)


def _to_input(xp: Any, sizes: Sizes, w: Any, g: Any, strides: Sizes, dilations: Sizes, out: Sizes,
              pads: Pads) -> Any:
    window, (channels, filters) = w.shape[:-2], w.shape[-2:]
    if not g.size or not w.size:
        return xp.zeros(sizes, g.dtype)
    reach = tuple((k - 1) * d for k, d in zip(window, dilations))
    if max(strides) == 1 and all(b <= r and a <= r for (b, a), r in zip(pads, reach)):
        turned = w[tuple(slice(None, None, -1) for _ in window)]
        turned = xp.ascontiguousarray(xp.swapaxes(turned, -1, -2))
        around = tuple((r - b, r - a) for r, (b, a) in zip(reach, pads))
        return _forward(xp, g, turned, strides, dilations, sizes[1:-1], around)
    padded = tuple(s + b + a for s, (b, a) in zip(sizes[1:-1], pads))
    result = xp.zeros((sizes[0], *padded, channels), g.dtype)
    across = xp.ascontiguousarray(w.reshape(-1, filters).T)
    images = max(1, BLOCK // max(1, prod(out) * prod(window) * channels))
    for first in range(0, sizes[0], images):
        part = g[first:first + images]
        seen = xp.matmul(part.reshape(-1, filters), across).reshape(len(part), *out, *window, channels)
        target = result[first:first + images]
        for tap in xp.ndindex(*window):
            where = tuple(slice(t * d, t * d + (o - 1) * s + 1, s)
                          for t, d, o, s in zip(tap, dilations, out, strides))
            target[(slice(None), *where)] += seen[(slice(None), *(slice(None) for _ in out), *tap)]
    return xp.ascontiguousarray(crop(result, pads))


def to_filter(xp: Any, x: Any, shape: Sizes, g: Any, strides: Sizes, dilations: Sizes, pads: Pads) -> Any:
    """The gradient of the filter, of shape ``[window…, channels, filters]``."""
    dtype = g.dtype
    g, x = g.astype(wide(xp, dtype), copy=False), x.astype(wide(xp, dtype), copy=False)
    x = pad(xp, x, pads)
    many = x.shape[-1] // shape[-2] if shape[-2] else 1
    if many > 1:
        step, filters = shape[-2], shape[-1] // many
        parts = [_to_filter(xp, x[..., i * step:(i + 1) * step], (*shape[:-1], filters),
                            g[..., i * filters:(i + 1) * filters], strides, dilations) for i in range(many)]
        return xp.concatenate(parts, -1).astype(dtype, copy=False)
    return _to_filter(xp, x, shape, g, strides, dilations).astype(dtype, copy=False)


def _to_filter(xp: Any, x: Any, shape: Sizes, g: Any, strides: Sizes, dilations: Sizes) -> Any:
    window, (channels, filters) = shape[:-2], shape[-2:]
    out = g.shape[1:-1]
    rows = g.reshape(-1, filters)
    result = xp.zeros((prod(window) * channels, filters), g.dtype)
    if not rows.size:
        return result.reshape(shape)
    for where, seen in blocks(xp, x, window, strides, dilations, out):
        result += xp.matmul(seen.T, rows[where])
    return result.reshape(shape)
