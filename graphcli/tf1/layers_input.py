"""What a layer takes (tf.layers.InputSpec)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue
from ..graph.shapes import show
from ..graph.types import as_dtype

EXPORTS = """
layers: InputSpec
"""


class InputSpec:
    """What a layer takes: a rank, a least rank, sizes of axes (tf.layers.InputSpec).

    of_any_rank: what has no known rank is taken too.
    """

    def __init__(self, dtype: Any = None, shape: Any = None, ndim: int | None = None, max_ndim: int | None = None,
                 min_ndim: int | None = None, axes: dict[int, int] | None = None,
                 of_any_rank: bool = False) -> None:
        self.dtype = None if dtype is None else as_dtype(dtype).name
        self.shape = shape
        self.ndim = len(shape) if shape is not None else ndim
        self.max_ndim, self.min_ndim = max_ndim, min_ndim
        self.axes = dict(axes or {})
        self.of_any_rank = of_any_rank

    def check(self, static: Any, layer: str) -> None:
        """Raises InvalidValue for a shape that is not taken."""
        wanted = self.ndim if self.ndim is not None else self.min_ndim
        if static is None:
            if (wanted is not None or self.axes) and not self.of_any_rank:
                raise InvalidValue(f"layer {layer}: the rank of the input is not known",
                                   hint="give the placeholder a shape")
            return
        rank = len(static)
        if self.ndim is not None and rank != self.ndim:
            raise InvalidValue(f"layer {layer} takes inputs of rank {self.ndim}, not the shape {show(static)}")
        if self.max_ndim is not None and rank > self.max_ndim:
            raise InvalidValue(f"layer {layer} takes inputs of rank {self.max_ndim} at most, not the shape "
                               f"{show(static)}")
        if self.min_ndim is not None and rank < self.min_ndim:
            raise InvalidValue(f"layer {layer} takes inputs of rank {self.min_ndim} at least, not the shape "
                               f"{show(static)}")
        for axis, size in self.axes.items():
            if static[axis] not in (None, size):
                raise InvalidValue(f"layer {layer} has been built for {size} at axis {axis}, not for the shape "
                                   f"{show(static)}")
