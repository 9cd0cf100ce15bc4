"""Set operations by sorting, in blocks of rows and in ranges of one: what Python's sets give."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphcli.graph.kernel import in_turn
from graphcli.ops import _ranges, _set_rows, _sets
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


def sparse(rng: Any, shape: tuple[int, ...], share: float, numbers: Any) -> tuple[Any, Any]:
    """Some places of a shape, in order, and numbers there."""
    places = np.argwhere(rng.random(shape) < share)
    return places, rng.choice(numbers, len(places))


@pytest.mark.parametrize("kind", ["int8", "int64", "uint16"])
@pytest.mark.parametrize(("block", "long"), [(1 << 15, 1 << 17), (8, 1 << 17), (8, 8)])
@pytest.mark.parametrize("name", KEPT)
def test_rows_of_sparse_tensors_are_those_of_sets(kind: str, block: int, long: int, name: str,
                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    for module, size in ((_set_rows, "BLOCK"), (_sets, "BLOCK"), (_ranges, "STEP"), (_sets, "STEP")):
        monkeypatch.setattr(module, size, block if size == "BLOCK" else 8)
    monkeypatch.setattr(_set_rows, "LONG", long)
    rng = np.random.default_rng(0)
    info = np.iinfo(kind)
    for lead, wide, share, turned in (((5,), 7, 0.5, False), ((4, 3), 5, 0.2, False), ((3,), 60, 0.9, False),
                                      ((40,), 3, 0.1, False), ((6,), 5, 0.0, False), ((7,), 9, 0.6, True)):
        numbers = np.array([info.min, 1, 2, 3, 4, 5, info.max], kind)
        both = [sparse(rng, (*lead, wide), share, numbers) for _ in range(2)]
        if turned:
            both = [(places[order], values[order]) for places, values in both
                    for order in [rng.permutation(len(places))]]
        sets = [{row: {v for p, v in zip(places.tolist(), values.tolist()) if tuple(p[:-1]) == row}
                 for row in np.ndindex(*lead)} for places, values in both]
        rows = [_set_rows.sparse_rows(*given) for given in both]
        dense = rng.choice(numbers, (*lead, 4))
        for one, mine in ((rows[0], sets[0]), (_set_rows.dense_rows(dense),
                                              {row: set(dense[row].tolist()) for row in np.ndindex(*lead)})):
            places, found, shape = _set_rows.operate_rows(one, rows[1], lead, KEPT[name], in_turn)
            wanted = [(row, sorted(OPERATIONS[name](mine[row], sets[1][row]))) for row in np.ndindex(*lead)]
            assert places.tolist() == [[*row, i] for row, some in wanted for i in range(len(some))]
            assert found.tolist() == [v for _, some in wanted for v in some] and found.dtype == kind
            assert shape.tolist() == [*lead, max(len(some) for _, some in wanted)]
        sizes = _set_rows.sizes_of_rows(rows[0], np.array([*lead, wide]))
        assert sizes.tolist() == np.reshape([len(sets[0][row]) for row in np.ndindex(*lead)], lead).tolist()


@pytest.mark.parametrize("kind", ["int8", "uint16", "int32", "int64"])
@pytest.mark.parametrize("span", [3, 1 << 12, 1 << 30, 1 << 62])
@pytest.mark.parametrize("name", KEPT)
def test_what_stays_of_rows_is_in_their_order(kind: str, span: int, name: str) -> None:
    rng, info = np.random.default_rng(0), np.iinfo(kind)
    for size in (0, 1, 20, 2000):
        values = rng.integers(max(info.min, -span), min(info.max, span), size, kind, endpoint=True)
        rows = rng.integers(0, size // 4 + 1, size)
        one, other = (set(zip(rows[s].tolist(), values[s].tolist())) for s in (np.s_[:size // 3], np.s_[size // 3:]))
        mine, found = _sets.stay(values, rows, size // 4 + 1, size // 3, KEPT[name])
        assert list(zip(mine.tolist(), found.tolist())) == sorted(OPERATIONS[name](one, other))
        assert found.dtype == kind
