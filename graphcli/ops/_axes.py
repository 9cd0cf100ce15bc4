"""Axes that are given by number, from either end."""
from __future__ import annotations

from typing import Any


def axis_in(n: Any, axis: int, rank: int, what: str = "axis") -> int:
    """The axis counted from the front. Fails the inference of ``n`` where there is none of that number."""
    if not -rank <= axis < rank:
        n.fail(f"{what} {axis} is not in [{-rank}, {rank})")
    return axis % rank


def backwards(xp: Any, x: Any, axes: Any) -> Any:
    """x with some axes back to front, in an array of its own: numpy's functions round otherwise where they go through
    memory back to front."""
    return xp.flip(x, axes).copy()
