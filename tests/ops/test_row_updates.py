"""Rows that are changed at once are changed as ``ufunc.at`` changes them, one update after the other."""
from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.ops._rows import ROUNDS, at, at_tuples

UFUNCS = [np.add, np.subtract, np.multiply, np.true_divide, np.minimum, np.maximum]
IDS = {"each once": np.arange(20)[::-1].copy(), "some twice": np.array([3, 1, 3, 0, 1, 7], np.int32),
       "one more often than there are rounds": np.array([5] * (ROUNDS + 3) + [2, 5]), "none": np.zeros(0, np.int64),
       "a sheet": np.array([[1, 2], [2, 1]])}


@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda u: u.__name__)
@pytest.mark.parametrize("ids", IDS.values(), ids=IDS)
@pytest.mark.parametrize("row", [(), (1,), (5,), (2, 3)], ids=str)
def test_rows_have_the_bits_of_one_update_after_the_other(ufunc: np.ufunc, ids: np.ndarray, row: tuple[int, ...]
                                                          ) -> None:
    rng = np.random.default_rng(0)
    value = rng.standard_normal((20, *row)).astype("float32")
    updates = rng.standard_normal((*ids.shape, *row)).astype("float32")
    wanted = value.copy()
    ufunc.at(wanted, ids, updates)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        at(ufunc, value, ids, updates)
    assert value.tobytes() == wanted.tobytes()


@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda u: u.__name__)
@pytest.mark.parametrize("order", ["C", "F"])
def test_tuples_of_indices_name_rows_below_several_axes(ufunc: np.ufunc, order: str) -> None:
    rng = np.random.default_rng(1)
    value = np.array(rng.standard_normal((4, 5, 6)), order=order)  # type: ignore[call-overload]
    indices = (np.array([0, 3, 0, 2]), np.array([4, 1, 4, 0]))
    updates = rng.standard_normal((4, 6))
    wanted = value.copy()
    ufunc.at(wanted, indices, updates)
    at_tuples(ufunc, value, indices, updates)
    assert (value == wanted).all()


@pytest.mark.parametrize("resource", [False, True])
def test_whole_numbers_are_divided_towards_zero_as_often_as_their_row_is_named(resource: bool) -> None:
    ids = np.array([5] * (ROUNDS + 3) + [2, 5, 7])
    by = np.resize(np.array([2, -3, 1], np.int32), (len(ids), 2))
    start = np.full((8, 2), 1 << 30, np.int32)
    with tf.Graph().as_default():
        variable = tf.Variable(start, use_resource=resource)
        divided = tf.scatter_div(variable, ids, by)
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            found = session.run(divided)
    for i, row in zip(ids, by):
        start[i] = np.trunc(start[i] / row)
    assert found.tolist() == start.tolist()


@pytest.mark.parametrize("resource", [False, True])
@pytest.mark.parametrize(("scatter", "wanted"), [(tf.scatter_min, [[np.nan, 1], [2, -3]]),
                                                 (tf.scatter_max, [[np.nan, 4], [2, 5]])])
def test_an_update_that_is_no_number_is_no_extreme(scatter: Any, wanted: Any, resource: bool) -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        rows = tf.get_variable("rows", initializer=tf.constant([[np.nan, 1.0], [2.0, -3.0]]), use_resource=resource)
        session.run(tf.global_variables_initializer())
        updated = scatter(rows, [0, 0, 1, 1], [[7.0, 4.0], [3.0, np.nan], [np.nan, 5.0], [np.nan, np.nan]])
        np.testing.assert_array_equal(session.run(updated), wanted)


def stepped(optimizer: Any, gradients: list[float], steps: int = 2) -> Any:
    """Three numbers after steps with gradients for two of them."""
    with tf.Graph().as_default(), tf.Session() as session:
        numbers = tf.get_variable("numbers", initializer=tf.constant([1.0, 2.0, 3.0]))
        given = tf.IndexedSlices(tf.constant(gradients), tf.constant([0, 2]), tf.constant([3]))
        train = optimizer().apply_gradients([(given, numbers)])
        session.run(tf.global_variables_initializer())
        for _ in range(steps):
            session.run(train)
        return session.run(numbers)


def test_of_rows_gradients_without_bounds_do_what_they_do_in_tensorflow() -> None:
    # as TensorFlow 2.21 leaves them
    np.testing.assert_array_equal(stepped(lambda: tf.train.RMSPropOptimizer(0.1), [1e20, -3e38]), [1, 2, 3])
    np.testing.assert_array_equal(stepped(lambda: tf.train.RMSPropOptimizer(0.1, centered=True), [1e20, -3e38]),
                                  [np.nan, 2, np.nan])
    np.testing.assert_array_equal(stepped(lambda: tf.train.FtrlOptimizer(0.1), [np.nan, np.inf]), [np.nan, 2, np.nan])
    np.testing.assert_array_equal(stepped(lambda: tf.train.FtrlOptimizer(0.1), [1e20, 3e38]), [np.nan, 2, np.nan])


def test_follow_the_leader_by_rows_wants_a_rate() -> None:
    with pytest.raises(tf.errors.InvalidArgumentError, match="lr is not positive"):
        stepped(lambda: tf.train.FtrlOptimizer(0.0), [1.0, 2.0])


@pytest.mark.parametrize("dtype", ["float32", "int32", "complex64"])
def test_rows_behind_a_handle_are_not_divided_by_0(dtype: str) -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        rows = tf.get_variable("rows", initializer=tf.constant([4, 6], dtype), use_resource=True)
        session.run(tf.global_variables_initializer())
        with pytest.raises(tf.errors.InvalidArgumentError, match="updates must not contain 0"):
            session.run(tf.scatter_div(rows, [0, 1], tf.constant([2, 0], dtype)))
