"""Histograms in parts are those of one piece, and a plain loop counts the same."""
from __future__ import annotations

import bisect
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcli.ops import summary_histogram

FINITE = st.floats(allow_nan=False, allow_infinity=False)


def by_a_loop(values: list[float]) -> Any:
    """TensorFlow's Histogram::Add and EncodeToProto, value by value."""
    ends = summary_histogram.limits().tolist()
    counts = [0.0] * len(ends)
    total = squares = 0.0
    for value in values:
        counts[min(bisect.bisect_right(ends, value), len(ends) - 1)] += 1
        total += value
        squares += value * value
    shown: list[tuple[float, float]] = []
    at = 0
    while at < len(ends):
        end, count = ends[at], counts[at]
        at += 1
        if count <= 0:
            while at < len(ends) and counts[at] <= 0:
                end, count = ends[at], counts[at]
                at += 1
        shown.append((end, count))
    least, greatest = (min(values), max(values)) if values else (sys.float_info.max, -sys.float_info.max)
    return least, greatest, float(len(values)), total, squares, [e for e, _ in shown], [c for _, c in shown]


@given(st.lists(FINITE | st.sampled_from(summary_histogram.limits().tolist()), max_size=20))
def test_a_loop_counts_the_same(values: list[float]) -> None:
    with np.errstate(all="ignore"):
        ours = summary_histogram.bucketed(np.array(values, np.float64))
    np.testing.assert_equal(ours, by_a_loop(values))


def test_parts_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.sin(np.arange(1000.0)) * 1e3
    whole = summary_histogram.bucketed(values)
    monkeypatch.setattr(summary_histogram, "CHUNK", 7)
    assert summary_histogram.bucketed(values) == whole
