"""The greatest of rows by packed keys: the same places as by a stable sort, for all dtypes and lengths."""
from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np
import pytest

from graphcli.ops import _packed, sorting

DTYPES = [np.float32, np.float16, ml_dtypes.bfloat16, np.int32, np.int16, np.int8, np.uint32, np.uint16, np.uint8]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("long", [16, 64, 1000])
def test_packed_keys_order_as_a_stable_sort(dtype: Any, long: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_packed, "LONG", long)
    rng = np.random.default_rng(long)
    for shape in [(1,), (2,), (300,), (3, 40), (2, 333), (7, 64)]:
        x = rng.integers(-40, 40, shape).astype(dtype)
        if np.dtype(dtype).kind not in "iu" and x.size > 9:
            x.reshape(-1)[:7] = [np.nan, -0.0, np.inf, 0.0, -np.inf, -np.nan, np.nan]
            x = rng.permuted(x.astype(np.float32), axis=-1).astype(dtype)
        for k in {min(2, shape[-1]), -(-shape[-1] // 3), shape[-1] - 1, shape[-1]} - {0, 1}:
            wanted = np.asarray(sorting.greatest(np, x, k))
            found = _packed.greatest(x, k, np.int32)
            assert found.dtype == np.int32 and (found == wanted).all(), (shape, k)


def test_the_greatest_of_a_long_row_is_the_first_of_equals() -> None:
    import graphcli.tf1 as tf
    from graphcli.engine import Session

    x = np.zeros(1_000_000, np.float32)
    x[[200_000, 700_000]] = 3
    with tf.Graph().as_default() as graph:
        found = tf.nn.top_k(tf.constant(x), 1)
    with Session(graph) as session:
        values, places = session.run(found)
    assert values.tolist() == [3] and places.tolist() == [200_000]
