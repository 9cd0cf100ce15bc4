"""Products of matrices in tiles that BLAS does not pack."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcli.ops import _unpacked
from graphcli.ops._unpacked import FEW, LOW, MOST, STEP, TERMS, heights, in_tiles, sums

SHAPES = [(2, 1024, 1024), (8, 512, 1008), (13, 900, 272), (33, 2000, 512), (100, 449, 256), (129, 64, 512),
          (300, 320, 256)]

OWN = np.ones((4096, 16), "float32")


@pytest.fixture(autouse=True)
def on_any_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_unpacked, "alike", lambda: True)


@given(st.integers(2, 3000), st.integers(1, TERMS), st.integers(1, 256))
def test_tiles_have_each_row_once_and_none_has_one_row(rows: int, terms: int, columns: int) -> None:
    high, whole, rest = heights(rows, terms, columns)
    assert whole % high == 0
    ends = [(i, i + high) for i in range(0, whole, high)] + list(rest)
    assert [start for start, _ in ends] == [0, *(end for _, end in ends[:-1])] and ends[-1][1] == rows
    assert min(end - start for start, end in ends) > 1
    assert max(end - start for start, end in ends) * terms * columns <= max(MOST, STEP * terms * columns)


@given(st.integers(1, 10_000))
def test_sums_have_each_term_once_and_no_part_is_longer_than_blas_adds_at_a_time(terms: int) -> None:
    cuts = sums(terms)
    assert [start for start, _ in cuts] == [0, *(end for _, end in cuts[:-1])] and cuts[-1][1] == terms
    assert max(end - start for start, end in cuts) <= TERMS


@pytest.mark.parametrize("way", ["as they lie", "first turned", "second turned", "columns of others"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_product_in_tiles_is_the_product(shape: tuple[int, int, int], way: str) -> None:
    rows, terms, columns = shape
    rng = np.random.default_rng(2)
    a, b, out = rng.standard_normal((rows, terms)), rng.standard_normal((terms, columns)), None
    exact, bound = a @ b, terms * 2.0 ** -24 * (abs(a) @ abs(b)) + 2.0 ** -22 * abs(a) @ abs(b)
    a, b = np.float32(a), np.float32(b)
    if way == "first turned":
        a = np.asfortranarray(a)
    elif way == "second turned":
        b = np.asfortranarray(b)
    elif way == "columns of others":
        b, out = np.pad(b, ((0, 0), (3, 5)))[:, 3:-5], np.full((rows, columns + 9), np.float32(7))[:, 4:-5]
    asked: list[Any] = []

    def matmul(*args: Any, **options: Any) -> Any:
        asked.append(args)
        return np.matmul(*args, **options)

    made = in_tiles(matmul)(a, b, out)
    assert out is None or made is out
    assert (abs(made - exact) <= bound).all()
    turned = way.endswith("turned")
    assert not asked or turned and rows > (LOW if way == "second turned" else FEW), "few rows are made in tiles"


@pytest.mark.parametrize(("a", "b"), [
    (np.ones((8, 512), "float64"), np.ones((512, 512), "float64")),
    (np.ones((1, 2048), "float32"), np.ones((2048, 1024), "float32")),
    (np.ones((8, 512), "float32"), np.ones((512, 515), "float32")),
    (np.ones((40, 512), "float32"), np.ones((512, 512), "float32").T),
    (np.ones((8, 100), "float32"), np.ones((100, 512), "float32")),
    (OWN.T, OWN),
    (OWN.T, OWN.T.copy().T),
], ids=["double", "one row", "515 columns", "second turned", "few multiplications", "itself", "its own size"])
def test_what_tiles_do_not_make_quicker_is_one_product(a: Any, b: Any) -> None:
    asked: list[Any] = []

    def matmul(x: Any, y: Any, out: Any = None) -> Any:
        asked.append((x, y))
        return np.matmul(x, y, out=out)

    in_tiles(matmul)(a, b)
    assert len(asked) == 1 and asked[0][0] is a and asked[0][1] is b


def test_a_blas_whose_tiles_have_other_bits_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    _unpacked.alike.cache_clear()
    monkeypatch.setattr(_unpacked, "known", lambda: True)
    monkeypatch.setattr(_unpacked, "TERMS", 100)
    sums.cache_clear()
    asked: list[Any] = []

    def matmul(a: Any, b: Any, out: Any = None) -> Any:
        asked.append(a)
        return np.matmul(a, b, out=out)

    in_tiles(matmul)(np.ones((8, 512), "float32"), np.ones((512, 512), "float32"))
    assert asked
    monkeypatch.undo()
    _unpacked.alike.cache_clear()
    sums.cache_clear()
