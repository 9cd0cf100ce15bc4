"""Comparisons as single bits."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidArgument
from ..graph.opdef import op, undefined_gradient


@op
class CompareAndBitpack:
    """Whether elements are greater than a threshold: a bit each, eight along the last axis to a byte."""

    signature = "input: T, threshold: T -> output: uint8"
    attrs = "T: {bool, float16, float32, float64, int8, int16, int32, int64}"
    takes = "threshold: []"
    gradient = undefined_gradient
    cpu_only = True
    parts = {"input": 1}

    def infer(n: Any, x: Any, threshold: Any) -> Any:
        n.at_least_rank(x, 1, "input")
        if x is None:
            return None
        if x[-1] is not None and x[-1] % 8:
            n.fail(f"the last axis is divisible by 8, not {x[-1]} long")
        return (*x[:-1], None if x[-1] is None else x[-1] // 8)

    def kernel(n: Any) -> Any:
        xp, same = n.xp, n.attrs["T"].name == "bool"

        def pack(x: Any, threshold: Any) -> Any:
            if not x.ndim or x.shape[-1] % 8:
                raise InvalidArgument("Inner dimension of input should be divisible by 8")
            # of booleans the bits are they themselves
            return xp.packbits(x if same else x > threshold, -1)

        return pack

    def scratch(n: Any) -> int:
        return 0 if n.attrs["T"].name == "bool" else n.size()
