"""Seeded draws are TensorFlow's for many seeds and sizes: uniform and whole numbers to the bit, normal ones 2 ulp."""
from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf

from . import record_streams as streams

KEPT = np.load(Path(__file__).parent / "streams.npz")
CASES = [pytest.param(n, case, id=f"{case[0]}-{case[1][0]},{case[1][1]}-{case[2]}-{case[3]}")
         for n, case in enumerate(streams.cases()) if str(n) in KEPT]
ULPS = {"RandomStandardNormal": 2, "TruncatedNormal": 2, "RandomGamma": 64}
"""How many units in the last place numbers may differ; the others are to be equal."""


def apart(a: Any, b: Any) -> int:
    """The greatest distance of two arrays of floats, in units in the last place."""
    whole = {2: np.int16, 4: np.int32, 8: np.int64}[a.dtype.itemsize]
    x, y = (np.where(v < 0, np.iinfo(whole).min - v.astype(np.int64), v.astype(np.int64)) if whole is not np.int64
            else np.where(v < 0, np.iinfo(whole).min - v, v) for v in (a.view(whole), b.view(whole)))
    return int(np.max(np.abs(x - y), initial=0))


@pytest.mark.parametrize(("number", "case"), CASES)
def test_draws_are_tensorflows(number: int, case: Any) -> None:
    ours = streams.drawn(tf, lambda op, *inputs, **attrs: tf.apply_op(op, None, list(inputs), attrs), case)
    theirs = KEPT[str(number)]
    assert ours.dtype == theirs.dtype and ours.shape == theirs.shape
    if case[3] == "bfloat16":
        # kept as float32: 16 bits less
        assert apart(ours, theirs) <= ULPS.get(case[0], 0) << 16
    elif case[0] in ULPS:
        assert apart(ours, theirs) <= ULPS[case[0]]
    else:
        np.testing.assert_array_equal(ours, theirs)
