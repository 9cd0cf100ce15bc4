"""What ``--random`` feeds."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from .literals import brief, literal

if TYPE_CHECKING:
    from ..graph.graph import Tensor

MAX_RANDOM = 2**28
"""Elements at most."""


def random_value(tensor: Tensor, text: str | None, seed: int, place: str) -> Any:
    """What ``--random`` feeds: the static shape with 1 for unknown sizes, or the shape given."""
    import zlib

    import numpy as np

    from ..graph.shapes import compatible, count, show

    static = tensor.static
    if text is None:
        shape = tuple(1 if d is None else d for d in static or ())
    else:
        value = literal(text, place)
        value = [value] if isinstance(value, int) and not isinstance(value, bool) else value
        if not isinstance(value, list) or not all(isinstance(d, int) and not isinstance(d, bool) and d >= 0
                                                  for d in value):
            raise UsageError(f"{place}: a shape is a list of sizes, not {brief(text)}")
        shape = tuple(value)
        if not compatible(static, shape):
            raise UsageError(f"{place}: the shape {show(shape)} does not fit {show(static)} of {tensor.op.name}")
    if (count(shape) or 0) > MAX_RANDOM:
        raise UsageError(f"{place}: {show(shape)} has more than {MAX_RANDOM} elements")
    # a stream per name, so that one more --random does not change the others
    rng = np.random.Generator(np.random.PCG64([seed % 2**64, zlib.crc32(tensor.name.encode())]))
    dtype = tensor.dtype.base_dtype
    if dtype.kind == "f":
        return rng.standard_normal(shape).astype(dtype.as_numpy_dtype)
    if dtype.kind == "c":
        return (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)).astype(dtype.as_numpy_dtype)
    if dtype.kind == "b":
        return rng.random(shape) < 0.5
    if dtype.kind in "iu":
        # small numbers: most integer placeholders are ids or labels
        return rng.integers(0, 2, shape).astype(dtype.as_numpy_dtype)
    if dtype.kind == "S":
        out = np.empty(shape, object)
        out.reshape(-1)[:] = [b"text%d" % rng.integers(100) for _ in range(out.size)]
        return out
    raise UsageError(f"{place}: nothing random fits {dtype.name}")
