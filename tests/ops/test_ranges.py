"""A vector's order by ranges of values and by counting: the places of a stable sort, wherever ranges end."""
from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
import pytest

from graphcli.graph.kernel import in_turn
from graphcli.ops import _counted, _packed, _ranges

RNG = np.random.default_rng(0)
SMALL = 2.0**-52
VECTORS = {
    "normal": lambda n: RNG.standard_normal(n),
    "whole floats": lambda n: RNG.integers(-3, 3, n).astype(np.float64),
    "mostly one": lambda n: np.where(RNG.random(n) < 0.8, 3.0, RNG.standard_normal(n)),
    "rising": lambda n: np.arange(n) * 1.0,
    "close": lambda n: 1 + np.arange(n) * SMALL,
    "close and far": lambda n: (1 + RNG.integers(0, 50, n) * SMALL) * np.where(RNG.random(n) < 0.9, 1, 1e300),
    "single": lambda n: RNG.standard_normal(n).astype(np.float32),
    "half": lambda n: RNG.standard_normal(n).astype(np.float16),
    "bfloat16": lambda n: RNG.standard_normal(n).astype(ml_dtypes.bfloat16),
    "int64": lambda n: RNG.integers(-1 << 62, 1 << 62, n),
    "few of int64": lambda n: RNG.integers(-5, 5, n),
    "uint64": lambda n: RNG.integers(0, 1 << 63, n).astype(np.uint64) * 2,
    "int16": lambda n: RNG.integers(-1 << 15, 1 << 15, n).astype(np.int16),
    "uint16": lambda n: RNG.integers(0, 1 << 16, n).astype(np.uint16),
    "int8": lambda n: RNG.integers(-128, 128, n).astype(np.int8),
    "uint8": lambda n: RNG.integers(0, 256, n).astype(np.uint8),
}


def made(name: str, size: int, odd: bool) -> Any:
    x = VECTORS[name](size)
    if odd and x.dtype.kind not in "iu" and size > 8:
        x[:7] = np.array([np.nan, -0.0, np.inf, 0.0, -np.inf, -np.nan, np.nan]).astype(x.dtype)
    return x


def stable(x: Any) -> Any:
    """Places in falling order; of equals the first comes first, NaN last."""
    return np.argsort(~x if x.dtype.kind in "iu" else -x.astype(np.float64), kind="stable")


@pytest.mark.parametrize("name", VECTORS)
@pytest.mark.parametrize("many", [8, 17, 50, 1000])
def test_ranges_follow_each_other_in_the_order_of_a_stable_sort(name: str, many: int,
                                                                monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_ranges, "STEP", 8)
    monkeypatch.setattr(_packed, "LONG", 8)
    for size in (0, 1, 2, 9, 60, 333):
        x = made(name, size, size % 2 > 0)
        found = [np.zeros(0, np.int64)]
        for places, first in _ranges.Ranges(x, many, in_turn):
            found.append(np.array(places, np.int64))
            assert first is None or first == np.flatnonzero(x == x[places[0]])[0] and (x[places] == x[first]).all()
        assert (np.concatenate(found) == stable(x)).all()


@pytest.mark.parametrize("name", VECTORS)
@pytest.mark.parametrize("step", [8, 1 << 16])
def test_the_greatest_are_the_first_of_a_stable_sort(name: str, step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_ranges, "STEP", step)
    monkeypatch.setattr(_ranges, "SAMPLE", 16)
    monkeypatch.setattr(_counted, "STEP", step)
    monkeypatch.setattr(_packed, "LONG", step)
    for shape in ((1,), (30,), (333,), (3, 100)):
        x = made(name, int(np.prod(shape)), True).reshape(shape)
        for k in {1, shape[-1] // 3, shape[-1] - 1, shape[-1]} - {0}:
            wanted = np.array([stable(row)[:k] for row in x.reshape(-1, shape[-1])]).reshape(*shape[:-1], k)
            for way in (_ranges, *([_counted] if x.itemsize < 4 else [])):
                values, places = way.greatest(x, k, np.int32, in_turn)
                assert places.dtype == np.int32 and (places == wanted).all()
                assert values.tobytes() == np.take_along_axis(x, wanted, -1).tobytes()


@pytest.mark.parametrize("name", VECTORS)
def test_the_nth_of_a_vector_is_that_of_the_sorted_one(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_ranges, "STEP", 50)
    for sampled in (4, 16, 1000):
        monkeypatch.setattr(_ranges, "SAMPLED", sampled)
        for size in (1, 30, 333):
            x = made(name, size, True)
            for at in {0, size // 3, size - 9, size - 8, size - 1} & set(range(size)):
                found, wanted = _ranges.nth(x, at), np.sort(x.astype(np.float64) if x.itemsize == 2 else x)[at]
                assert found.dtype == x.dtype
                np.testing.assert_array_equal(found.astype(wanted.dtype), wanted)  # zeros of both signs are equal
