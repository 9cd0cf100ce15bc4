"""Distinct elements by tables, by ranges of values and by numpy's order: all as a walk over the elements finds them."""
from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from graphcli.graph.kernel import in_turn
from graphcli.ops import _distinct, _distinct_rows, _ranges

CONTEXT = SimpleNamespace(xp=np, each=in_turn)
DTYPES = [np.float32, np.float64, np.float16, ml_dtypes.bfloat16, np.int32, np.int64, np.uint64, np.int8, np.uint8,
          np.bool_]


def walked(x: Any) -> tuple[list[int], list[int]]:
    """Places of the first of each value, and which value each element is; NaN is like none, and zeros of half precision
    are two, as TensorFlow hashes them."""
    table: dict[Any, int] = {}
    which, places = [], []
    half = x.itemsize == 2 and x.dtype.kind not in "iu"
    for i, v in enumerate(x.tolist()):
        key = (v, half and bool(np.signbit(x[i]))) if v == v else ("NaN", i)
        if key not in table:
            table[key] = len(table)
            places.append(i)
        which.append(table[key])
    return places, which


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("part", [3, 1 << 16])
@pytest.mark.parametrize("wide", [0, 1 << 16])
@pytest.mark.parametrize("nothing", [False, True])
def test_values_are_distinct_in_order_of_appearance(dtype: Any, part: int, wide: int, nothing: bool,
                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_distinct, "PART", part)
    monkeypatch.setattr(_distinct, "WIDE", wide)
    monkeypatch.setattr(_ranges, "STEP", 8)
    rng = np.random.default_rng(0)
    for size in (0, 1, 2, 5, 40, 200):
        for many in (1, 8, 300):
            x = rng.integers(-many if np.dtype(dtype).kind != "u" else 0, many, size).astype(np.int16).astype(dtype)
            if x.dtype.kind not in "iub" and size > 4:
                x[[0, 2, 3, 4]] = np.array([np.nan if nothing else 7, -0.0, np.nan if nothing else -0.0, 0.0], dtype)
            found, which, counts = _distinct.distinct(CONTEXT, x, np.int32, True)
            wanted, groups = walked(x)
            assert found.dtype == x.dtype and found.tobytes() == x[wanted].tobytes()
            assert which.dtype == counts.dtype == np.int32
            assert which.tolist() == groups
            assert counts.tolist() == [groups.count(i) for i in range(len(wanted))]


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.float16, np.int32, np.int64, np.uint64, np.int8])
@pytest.mark.parametrize("wide", [0, 1 << 16])
def test_what_is_in_one_list_alone_is_in_its_order(dtype: Any, wide: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_distinct, "PART", 8)
    monkeypatch.setattr(_distinct, "WIDE", wide)
    rng = np.random.default_rng(1)
    for i in range(60):
        x, y = (rng.integers(0, 30, n).astype(dtype) for n in rng.integers(0, 60, 2))
        if i % 3 == 0 and x.size and y.size:
            x[0], y[0] = (np.nan, np.nan) if x.dtype.kind == "f" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
        if x.dtype == np.float16 and x.size and y.size:
            y[-1], x[-1] = -0.0, 0.0
        found, places = _distinct.differ(x, y, np.int32)
        known = [(v, str(v)) if x.itemsize == 2 else v for v in y.tolist()]
        wanted = [j for j, v in enumerate(x.tolist()) if ((v, str(v)) if x.itemsize == 2 else v) not in known or v != v]
        assert places.dtype == np.int32 and places.tolist() == wanted
        assert found.tobytes() == x[wanted].tobytes()


def walked_rows(rows: Any) -> tuple[list[int], list[int]]:
    if len(rows) and rows[0].size == 1:
        return walked(rows.reshape(-1))
    table: dict[Any, int] = {}
    which, places = [], []
    for i, row in enumerate(rows):
        values = tuple(row.reshape(-1).tolist())
        key = values if values == tuple(v if v == v else None for v in values) else ("NaN", i)
        if key not in table:
            table[key] = len(table)
            places.append(i)
        which.append(table[key])
    return places, which


@pytest.mark.parametrize("dtype", [*DTYPES, object])
@pytest.mark.parametrize("part", [3, 1 << 16])
@pytest.mark.parametrize(("few", "share", "alike"), [(1 << 9, 20, None), (0, 0, None), (0, 1 << 20, None), (0, 0, 1),
                                                     (0, 1 << 20, 3)])
def test_rows_are_distinct_in_order_of_appearance(dtype: Any, part: int, few: int, share: int,
                                                  alike: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    mixed = _distinct_rows.mixed
    monkeypatch.setattr(_distinct, "PART", part)
    monkeypatch.setattr(_ranges, "STEP", 8)
    monkeypatch.setattr(_distinct_rows, "BLOCK", 16 * part)
    monkeypatch.setattr(_distinct_rows, "SHARE", share)
    monkeypatch.setattr(_distinct_rows, "PART", part)
    monkeypatch.setattr(_distinct_rows, "FEW", 4 if share else 1 << 12)
    monkeypatch.setattr(_distinct, "FEW", few)
    if alike:
        # rows that differ have the same bits
        monkeypatch.setattr(_distinct_rows, "mixed", lambda rows: mixed(rows) % np.uint64(alike))
    rng = np.random.default_rng(0)
    for shape, axis in (((1, 3), 0), ((100, 5), 0), ((3, 60), 1), ((2, 20, 3), 1), ((5, 0), 0), ((0, 5), 0),
                        ((0, 5), 1), ((30, 1, 1), 0), ((7, 33), 1)):
        for many in (2, 90):
            x = rng.integers(0, many, shape).astype(np.int16).astype(dtype)
            if x.dtype == object:
                x = np.array([b"%d" % v for v in x.reshape(-1).tolist()], object).reshape(shape)
            elif x.dtype.kind not in "iub":
                where = rng.random(shape)
                x[where < 0.1] = np.array(np.nan, dtype)
                x[(where > 0.5) & (x == 0)] = np.array(-0.0, dtype)
            rows = np.moveaxis(x, axis, 0)
            found, which, counts = _distinct.distinct(CONTEXT, x, np.int32, True, axis)
            wanted, groups = walked_rows(rows)
            assert found.dtype == x.dtype and found.shape == (*shape[:axis], len(wanted), *shape[axis + 1:])
            lines = np.moveaxis(found, axis, 0)
            if x.dtype.kind in "iubO":
                assert lines.tolist() == rows[wanted].tolist()
            else:
                assert lines.tobytes() == rows[wanted].tobytes()
            assert which.tolist() == groups
            assert counts.tolist() == [groups.count(i) for i in range(len(wanted))]


@pytest.mark.parametrize("values", [[0.0, 1.0], [-1.0, 1.0], [0.0, 1e-45, 1e30]])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_of_few_values_have_bits_of_their_own(values: list[float], dtype: Any) -> None:
    rows = np.array(values, dtype)[np.random.default_rng(0).integers(0, len(values), (4000, 64))]
    assert len(np.unique(_distinct_rows.mixed(rows))) == len(rows)
