"""Joined: steps that put what is padded side by side instead of adding it up (``passes/join.py``)."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..passes.join import Side


def side_by_side(shape: Sequence[int], dtype: Any, sides: Sequence[Side]) -> Callable[..., Any]:
    """The function of the padded arrays, each with its paddings, that gives their sum, of this shape and dtype."""
    axis = sides[0][0]
    before = (slice(None),) * axis
    places = [(*before, slice(start, stop)) for _, start, stop in sides]
    ends = [0, *(end for _, start, stop in sorted(sides) for end in (start, stop)), shape[axis]]
    gaps = [(*before, slice(a, b)) for a, b in zip(ends[::2], ends[1::2]) if a < b]
    zero, add, empty = np.zeros((), dtype), np.add, np.empty

    def joined(*operands: Any) -> Any:
        out = empty(shape, dtype)
        for place, array in zip(places, operands[::2]):
            add(array, zero, out[place])
        for gap in gaps:
            out[gap] = zero
        return out

    return joined
