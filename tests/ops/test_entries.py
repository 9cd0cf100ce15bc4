"""Tables that are filled once: by numbers they hold what a dict would, in the order in which it came, in little more
than the numbers."""
from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

from graphcli.errors import FailedPrecondition
from graphcli.ops._entries import entries_of

KEYS = {"ascending": np.arange(5, 25), "with gaps": np.arange(-9, 90, 7), "in no order": np.array([4, -2, 9, 0, 7, 1]),
        "twice": np.array([3, 3, -1, 8, -1, 3]), "none": np.zeros(0, np.int64),
        "far apart": np.array([np.iinfo(np.int64).max, np.iinfo(np.int64).min])}


@pytest.mark.parametrize("kind", ["int64", "float32", "text"])
@pytest.mark.parametrize("name", KEYS)
def test_numbers_are_found_as_in_a_dict(name: str, kind: str) -> None:
    keys = KEYS[name]
    values = np.array([b"%d\0" % k for k in keys], object) if kind == "text" else (keys % 11).astype(kind)
    default = b"none\0" if kind == "text" else -1
    entries, wanted = entries_of(keys, values), dict(zip(keys.tolist(), values.tolist()))
    asked = np.concatenate([keys, keys + 1, keys - 1, np.arange(-30, 30)])
    found = np.empty(asked.shape, values.dtype)
    entries.find(asked, default, found)
    assert found.tolist() == [wanted.get(k, default) for k in asked.tolist()]
    assert [part.tolist() for part in entries.export()] == [list(wanted), list(wanted.values())]
    assert len(entries) == len(wanted)
    assert entries.same(entries_of(keys[::-1], values[::-1]))
    assert not len(keys) or not entries.same(entries_of(keys[1:], values[1:])) or name == "twice"


@pytest.mark.parametrize(("keys", "values", "words"), [
    ([1, 2, 1, 2], [5, 6, 7, 8], "Key 1 has 5 and trying to add value 7"),
    ([9, 4, 3, 4, 9], [1, 2, 3, 5, 1], "Key 4 has 2 and trying to add value 5"),
    ([1, 2], [0.5, np.nan], "Key 2 has nan and trying to add value nan"),
    ([2, 1], [np.nan, 0.5], "Key 2 has nan and trying to add value nan"),
    ([7, 7], [b"a", b"b"], "Key 7 has a and trying to add value b")])
@pytest.mark.parametrize("kind", [np.int64, object])
def test_a_key_with_two_values_is_refused_the_first_of_them(keys: Any, values: Any, words: str, kind: Any) -> None:
    of = np.array(values, object if isinstance(values[0], bytes) else None)
    with pytest.raises(FailedPrecondition, match=words):
        entries_of(np.array(keys, kind), of)


def test_numbers_are_held_as_numbers() -> None:
    keys = np.random.default_rng(0).permutation(200_000)
    values = keys * 2
    tracemalloc.start()
    entries = entries_of(keys, values)
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(entries) == len(keys)
    assert held <= 1.6 * (keys.nbytes + values.nbytes) and peak <= 3.2 * (keys.nbytes + values.nbytes)


def test_numbers_are_sorted_beside_little_more_than_the_table() -> None:
    keys = np.random.default_rng(0).permutation(400_000)
    values = keys + 1
    tracemalloc.start()
    entries = entries_of(keys, values)
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 1.3 * 2 * keys.nbytes and peak < 1.6 * 2 * keys.nbytes
    assert np.array_equal(entries.export()[0], keys)
