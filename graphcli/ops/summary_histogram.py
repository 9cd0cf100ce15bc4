"""Summaries of distributions: tensorflow/core/lib/histogram/histogram.cc, whose buckets grow by a tenth each."""
from __future__ import annotations

import sys
from functools import cache
from typing import Any

from ..errors import RunError
from ..graph.inference import scalar_shape
from ..graph.opdef import no_gradient, op
from ..graph.shapes import show
from ._axes import elements
from .summary import as_tensor, tag_bytes

CPU_ONLY = True
CHUNK = 1 << 16
"""Values that are looked at at once, as float64."""


@cache
def limits() -> Any:
    """The upper ends of the buckets: 0, plus and minus 1e-12 * 1.1**i up to 1e20, and the greatest double."""
    import numpy as np

    ends = []
    end = 1.0e-12
    while end < 1.0e20:
        ends.append(end)
        end *= 1.1
    ends.append(sys.float_info.max)
    return np.array([-e for e in reversed(ends)] + [0.0] + ends)


def bucketed(array: Any) -> tuple[float, float, float, float, float, list[float], list[float]]:
    """min, max, number, sum, sum of squares, bucket limits and bucket counts of an array.

    Runs of empty buckets are one. Sums are taken in order, as a loop takes them, so that they have its rounding.
    """
    import numpy as np

    ends = limits()
    counts = np.zeros(len(ends))
    total, squares, values = 0.0, 0.0, elements(np, array)
    least, greatest = (sys.float_info.max, -sys.float_info.max) if not array.size else (np.inf, -np.inf)
    for start in range(0, len(values), CHUNK):
        part = values[start:start + CHUNK].astype(np.float64)
        # a value equal to a bucket's end belongs to the next one
        where = np.minimum(np.searchsorted(ends, part, side="right"), len(ends) - 1)
        counts += np.bincount(where, minlength=len(ends))
        # the first of equal ones, which tells 0.0 from -0.0
        low, high = float(part[part.argmin()]), float(part[part.argmax()])
        least, greatest = low if low < least else least, high if high > greatest else greatest
        total = float(np.add.accumulate(np.concatenate(([total], part)))[-1])
        squares = float(np.add.accumulate(np.concatenate(([squares], part * part)))[-1])
    kept_ends: list[float] = []
    kept: list[float] = []
    filled = counts > 0
    # an empty bucket is kept only where the next one is filled, or at the end
    keep = filled | np.append(filled[1:], True)
    for end, count in zip(ends[keep].tolist(), counts[keep].tolist()):
        kept_ends.append(end)
        kept.append(count)
    return least, greatest, float(len(values)), total, squares, kept_ends, kept


def distribution(tag: Any, values: Any) -> Any:
    """The summary of a tensor's values. Raises RunError for those that are not finite."""
    import numpy as np

    from ..wire.summaries import histogram

    if np.ndim(tag):
        raise RunError(f"tags must be scalar, not {show(np.shape(tag))}")
    values = np.asarray(values)
    flat = elements(np, values)
    name = tag_bytes(tag)
    for start in range(0, len(flat), CHUNK):
        part = flat[start:start + CHUNK].astype(np.float64)
        finite = np.isfinite(part)
        if not finite.all():
            what = "Nan" if np.isnan(part[~finite][0]) else "Infinity"
            raise RunError(f"{what} in summary histogram for: {name.decode('utf-8', 'replace')}")
    return as_tensor(histogram(name, *bucketed(values)))


@op
class HistogramSummary:
    """A summary of how the values of a tensor are distributed (tf.summary.histogram)."""

    signature = "tag: string, values: T -> summary: string"
    attrs = "T: {realnumbertype} = float32"
    infer = scalar_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return distribution

    def scratch(n: Any) -> Any:
        return 38 * min(CHUNK, n.size(1))
