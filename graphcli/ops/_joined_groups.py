"""Groups of few channels as one convolution, its filter 0 where a channel is of another group.

Each group alone is calls that go over few elements that lie side by side, and they take longer than the products with
zeros.
"""
from __future__ import annotations

from typing import Any

from ._windows import Sizes, finite

FEW, MANY = 4, 32
"""Channels of a group, and channels or filters of all groups, up to which it is so."""


def joins(channels: int, w: Sizes, winograd: bool) -> bool:
    """Whether the groups of a filter for so many channels are one convolution."""
    return not winograd and 0 < w[-2] < channels and w[-2] <= FEW and max(channels, w[-1]) <= MANY


def joined(xp: Any, channels: int, w: Any, x: Any, kind: Any, winograd: bool) -> Any:
    """The filter of all groups for x, of the kind to multiply in; itself where there is one or where they stay apart:
    what is not finite must not meet the zeros."""
    if xp.__name__ != "numpy" or not joins(channels, w.shape, winograd) or not finite(xp, x, kind):
        return w
    step = w.shape[-2]
    many = channels // step
    whole = xp.zeros((*w.shape[:-2], many, step, many, w.shape[-1] // many), kind)
    for i in range(many):
        whole[..., i, :, i, :] = w.reshape(*w.shape[:-1], many, -1)[..., i, :]
    return whole.reshape(*w.shape[:-2], channels, -1)
