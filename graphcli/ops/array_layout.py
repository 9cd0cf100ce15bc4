"""Axes of one data format as those of another: what rewritten graphs hold."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import op, undefined_gradient
from ..graph.shapes import show

CPU_ONLY = True
_FORMATS = "src_format: string = 'NHWC'; dst_format: string = 'NCHW'"


def _formats(n: Any) -> tuple[str, str]:
    source, target = n.attrs["src_format"], n.attrs["dst_format"]
    if len(source) not in (4, 5) or sorted(source) != sorted(target):
        raise InvalidArgument(f"formats are of the same 4 or 5 letters, not {source!r} and {target!r}")
    return source, target


@op
class DataFormatDimMap:
    """The number of an axis of one data format as that of the same axis of another."""

    signature = "x: T -> y: T"
    attrs = f"T: {{int32, int64}} = int32; {_FORMATS}"
    gradient = undefined_gradient

    def infer(n: Any, x: Any) -> Any:
        return x

    def kernel(n: Any) -> Any:
        source, target = _formats(n)
        places = np.array([target.index(letter) for letter in source])

        def run(x: Any) -> Any:
            if x.size and not (-len(places) <= x.min() and x.max() < len(places)):
                raise InvalidArgument(f"an axis is from {-len(places)} to {len(places) - 1}")
            return places[x].astype(x.dtype)

        return run


@op
class DataFormatVecPermute:
    """A number, or a pair, for each axis of one data format in the order of another; of two, those of height and width.
    """

    signature = "x: T -> y: T"
    attrs = f"T: {{int32, int64}} = int32; {_FORMATS}"
    gradient = undefined_gradient

    def infer(n: Any, x: Any) -> Any:
        return x

    def kernel(n: Any) -> Any:
        source, target = _formats(n)

        def run(x: Any) -> Any:
            have, want = source, target
            if x.ndim and len(x) == len(source) - 2:
                have, want = (text.replace("N", "").replace("C", "") for text in (source, target))
            if x.ndim not in (1, 2) or len(x) != len(have) or x.shape[1:] not in ((), (2,)):
                raise InvalidArgument(f"x has a number or a pair for each of {len(source)} or {len(source) - 2} axes, "
                                      f"not the shape {show(x.shape)}")
            return x[[have.index(letter) for letter in want]]

        return run
