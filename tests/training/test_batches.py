"""Batches: every row once an epoch, in an order that follows from seed and epoch alone."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphcli.tf1 as tf
from graphcli.errors import GraphError, InvalidType, InvalidValue
from graphcli.training.batches import Batches, order
from graphcli.training.data import Data


def rows(batches: Batches, step: int) -> list[int]:
    return np.arange(batches.rows)[batches.at(step)].tolist()  # type: ignore[no-any-return]


@given(st.integers(1, 60), st.integers(1, 70), st.booleans(), st.integers(0, 2**63))
def test_an_epoch_has_every_row_once(count: int, size: int, shuffle: bool, seed: int) -> None:
    batches = Batches(count, size, shuffle, seed)
    for epoch in range(3):
        seen = [r for b in range(batches.per_epoch) for r in rows(batches, epoch * batches.per_epoch + b)]
        assert sorted(seen) == list(range(count))
        assert shuffle or seen == list(range(count))
        assert batches.epoch(epoch * batches.per_epoch) == epoch


def test_the_order_is_a_function_of_seed_and_epoch() -> None:
    a, b = Batches(100, 7, True, 5), Batches(100, 7, True, 5)
    forward = [rows(a, s) for s in range(60)]
    backward = [rows(b, s) for s in reversed(range(60))]
    assert forward == backward[::-1]
    assert order(100, 5, 0).tolist() != order(100, 5, 1).tolist() != order(100, 6, 1).tolist()


def test_the_order_does_not_change_from_release_to_release() -> None:
    assert order(8, 1, 0).tolist() == [7, 4, 3, 1, 2, 5, 6, 0]
    assert order(8, 1, 1).tolist() == [0, 1, 2, 6, 5, 4, 3, 7]


def test_every_position_is_as_likely() -> None:
    first = np.bincount([order(5, seed, 0)[0] for seed in range(2000)], minlength=5)
    assert first.min() > 300 and first.max() < 500


def test_a_last_smaller_batch_may_be_left_out() -> None:
    assert [rows(Batches(5, 2), s) for s in range(4)] == [[0, 1], [2, 3], [4], [0, 1]]
    assert [rows(Batches(5, 2, drop_last=True), s) for s in range(3)] == [[0, 1], [2, 3], [0, 1]]


@pytest.mark.parametrize(("count", "size", "drop"), [(0, 2, False), (1, 2, True), (3, 0, False)])
def test_no_batch_is_refused(count: int, size: int, drop: bool) -> None:
    with pytest.raises(InvalidValue):
        Batches(count, size, drop_last=drop)


def place(dtype: Any, shape: Any) -> Any:
    with tf.Graph().as_default():
        return tf.placeholder(dtype, shape, name="x")


def test_data_is_fitted_to_its_tensor() -> None:
    x = place("float32", [None, 2])
    data = Data({x: np.arange(6).reshape(3, 2)})
    assert data.arrays[x].dtype == np.float32 and data.rows == 3 and data.fixed is None
    same = np.zeros((3, 2), np.float32)
    assert Data({x: same}).arrays[x] is same
    column = place("float32", [None, 1])
    assert Data({column: [1, 2, 3]}).arrays[column].shape == (3, 1)
    assert Data({place("int32", [4]): [1, 2, 3]}).fixed == 4
    words = place("string", [None])
    assert Data({words: ["a", b"b"]}).arrays[words].tolist() == [b"a", b"b"]


@pytest.mark.parametrize(("tensor", "value", "kind", "message"), [
    (("float32", [None, 3]), np.zeros((4, 2)), InvalidValue, r"it has rows of shape \[2\]; x takes rows of \[3\]"),
    (("int32", [None]), np.array([0.5]), InvalidType, "fractions"),
    (("float32", []), np.zeros(3), InvalidValue, "takes"),
    (("float32", None), np.float32(3), InvalidValue, "a single value"),
    (("float32", [None]), np.array(["a"]), InvalidValue, "text"),
])
def test_data_that_does_not_fit_is_refused(tensor: Any, value: Any, kind: Any, message: str) -> None:
    x = place(*tensor)
    with pytest.raises(kind, match=message):
        Data({x: value}, {x: "it"})


def test_arrays_of_other_lengths_are_refused() -> None:
    x, y = place("float32", [None]), place("float32", [None])
    with pytest.raises(GraphError, match="a has 2, b has 3"):
        Data({x: np.zeros(2), y: np.zeros(3)}, {x: "a", y: "b"})
