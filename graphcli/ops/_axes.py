"""Axes that are given by number, from either end."""
from __future__ import annotations

from typing import Any

import numpy

from ..errors import RunError


def axis_in(n: Any, axis: int, rank: int, what: str = "axis") -> int:
    """The axis counted from the front. Fails the inference of ``n`` where there is none of that number."""
    if not -rank <= axis < rank:
        n.fail(f"{what} {axis} is not in [{-rank}, {rank})")
    return axis % rank


def backwards(xp: Any, x: Any, axes: Any) -> Any:
    """x with some axes back to front, in an array of its own: numpy's functions round otherwise where they go through
    memory back to front."""
    return xp.flip(x, axes).copy()


def reduced(n: Any, x: Any, axes: Any) -> Any:
    """The shape of a reduction over the axes in input 1."""
    keep = n.attrs["keep_dims"]
    value = n.value(1)
    if x is None:
        return None
    if value is None:
        if keep:
            return (None,) * len(x)
        return None
    gone = set()
    for axis in value.reshape(-1).tolist():
        if not -len(x) <= axis < len(x):
            n.fail(f"axis {axis} is not in [{-len(x)}, {len(x)})")
        gone.add(axis % len(x))
    if keep:
        return tuple(1 if i in gone else d for i, d in enumerate(x))
    return tuple(d for i, d in enumerate(x) if i not in gone)


def alone(x: Any, axes: tuple[int, ...]) -> bool:
    """Whether each element is reduced by itself: TensorFlow hands such values on as they are, -0 too."""
    return all(x.shape[a] == 1 for a in axes)


def handed_on(xp: Any, x: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    """The values that are reduced each by itself, in an array of its own."""
    return xp.array(x if keepdims else xp.squeeze(x, axes))


def axes_of(x: Any, axes: Any) -> tuple[int, ...]:
    """Axes as numpy takes them; refuses those that x has not."""
    rank = len(x.shape)
    out = []
    for axis in numpy.asarray(axes).reshape(-1).tolist():
        if not -rank <= axis < rank:
            raise RunError(f"Invalid reduction dimension {axis} for input with {rank} dimensions")
        out.append(axis % rank)
    if len(set(out)) < len(out):
        twice = next(a for i, a in enumerate(out) if a in out[:i])
        raise RunError(f"Invalid reduction arguments: Axes contains duplicate dimension: {twice}")
    return tuple(out)


def elements(xp: Any, x: Any) -> Any:
    """The elements of an array in their order, to be taken some at a time: only those are copied of what does not lie
    in one piece."""
    return x.flat if xp is numpy and not x.flags.c_contiguous else x.reshape(-1)
