"""The rows of the speed table compute the same thing for graphcli and for numpy by hand. Nothing is timed here."""
from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

import measure  # noqa: E402

LARGE = ("10M", "1M", "10,000,000")
FAMILIES = ("along_rows", "conv", "elementwise", "loops", "lstm", "mlp", "tiny", "word2vec")
ROWS = [row for family in FAMILIES for row in measure.load(family).ROWS]
SMALL = [row for row in ROWS if row.hand is not None and not any(word in row.name for word in LARGE)]


@pytest.mark.parametrize("row", SMALL, ids=lambda r: r.name)
def test_graphcli_computes_what_numpy_by_hand_computes(row: Any) -> None:
    data = row.data()
    ours, theirs = measure.ours(row, data)(), row.hand(data)()
    if row.check is not None:
        measure._compare(row, ours, theirs)
    else:
        assert 0.2 < ours[-1] / theirs < 5, "drawn values differ, not their size"


def test_every_row_has_a_bar() -> None:
    assert [row.name for row in ROWS if not row.bars] == []
