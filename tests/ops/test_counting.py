"""Bins that are counted in ranges: the bits of one walk over all, and numpy's counts."""
from __future__ import annotations

import numpy as np
import pytest

from graphcli.ops import counting


@pytest.mark.parametrize("dtype", ["int32", "int64", "float32", "float64"])
@pytest.mark.parametrize("kind", ["int32", "int64"])
@pytest.mark.parametrize("what", ["counts", "weights", "whether"])
def test_ranges_of_bins_have_the_counts_of_all(dtype: str, kind: str, what: str,
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    for size in (0, 1, 7, 50, 1000):
        for number in (0, 1, 100, 3000):
            # some are beyond the last bin
            x = rng.integers(0, max(1, size * 5 // 4), number).astype(kind)
            weights = (rng.random(number if what == "weights" else 0) * 9).astype(dtype)
            whole = counting._count(np, x, size, weights, what == "whether", dtype)
            with monkeypatch.context() as m:
                m.setattr(counting, "MANY", 2)
                m.setattr(counting, "PART", 16)
                found = counting._count(np, x, size, weights, what == "whether", dtype)
            wanted = np.bincount(x[x < size], weights[x < size] if weights.size else None, size)
            assert found.dtype == dtype and found.tobytes() == whole.tobytes()
            np.testing.assert_allclose(found, wanted > 0 if what == "whether" else wanted, rtol=1e-6)
