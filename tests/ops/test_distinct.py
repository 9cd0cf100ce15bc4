"""Distinct elements by packed keys and by numpy's order: both as a walk over the elements finds them."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphcli.ops import sorting_distinct


def walked(x: Any) -> tuple[list[int], list[int]]:
    """Places of the first of each value, and which value each element is; NaN is like none."""
    table: dict[Any, int] = {}
    which, places = [], []
    for i, v in enumerate(x.tolist()):
        key = v if v == v else ("NaN", i)
        if key not in table:
            table[key] = len(table)
            places.append(i)
        which.append(table[key])
    return places, which


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32, np.int64, np.uint8, np.bool_])
@pytest.mark.parametrize("many", [0, 1 << 40])
@pytest.mark.parametrize("part", [3, 1 << 16])
def test_values_are_distinct_in_order_of_appearance(dtype: Any, many: int, part: int,
                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorting_distinct, "MANY", many)
    monkeypatch.setattr(sorting_distinct, "PART", part)
    rng = np.random.default_rng(0)
    for size in (0, 1, 2, 5, 40, 200):
        x = rng.integers(-8, 8, size).astype(dtype)
        if x.dtype.kind == "f" and size > 4:
            x[[0, 2, 3, 4]] = [np.nan, -0.0, np.nan, 0.0]
        places, which, counts = sorting_distinct.distinct(np, x, np.int32)
        wanted, groups = walked(x)
        assert (places.tolist(), which.tolist()) == (wanted, groups)
        assert counts.tolist() == [groups.count(i) for i in range(len(wanted))]
