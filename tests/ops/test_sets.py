"""Set operations by sorting, in blocks of rows and in ranges of one: what Python's sets give."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphcli.graph.kernel import in_turn
from graphcli.ops import _ranges, _sets
from graphcli.ops.set_operation import KEPT, OPERATIONS


@pytest.mark.parametrize("kind", ["int8", "int16", "int32", "int64", "uint8", "uint16"])
@pytest.mark.parametrize(("block", "long"), [(1 << 15, 1 << 17), (8, 1 << 17), (8, 0)])
@pytest.mark.parametrize("name", KEPT)
def test_rows_are_those_of_sets(kind: str, block: int, long: int, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_sets, "BLOCK", block)
    monkeypatch.setattr(_sets, "LONG", long)
    monkeypatch.setattr(_ranges, "STEP", 8)
    monkeypatch.setattr(_sets, "STEP", 8)
    rng = np.random.default_rng(0)
    info = np.iinfo(kind)
    for lead, p, q in (((5,), 4, 3), ((2, 3), 7, 1), ((3,), 0, 4), ((3,), 4, 0), ((0,), 3, 3), ((2,), 60, 90),
                       ((2, 0, 2), 1, 1), ((2,), 0, 0)):
        for low, high in ((0, 3), (0, 100), (info.min, info.max)):
            a, b = (rng.integers(low, high, (*lead, n), endpoint=True).astype(kind) for n in (p, q))
            places, numbers, shape = _sets.operate(a, b, KEPT[name], in_turn)
            wanted: list[Any] = []
            most = 0
            for row in np.ndindex(*lead):
                found = sorted(OPERATIONS[name](set(a[row].tolist()), set(b[row].tolist())))
                wanted += [((*row, i), v) for i, v in enumerate(found)]
                most = max(most, len(found))
            assert places.dtype == shape.dtype == np.int64 and numbers.dtype == kind
            assert places.shape == (len(wanted), len(lead) + 1)
            assert places.tolist() == [list(at) for at, _ in wanted]
            assert numbers.tolist() == [v for _, v in wanted]
            assert shape.tolist() == [*lead, most]
