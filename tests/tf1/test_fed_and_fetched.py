"""A tensor that is fed and fetched comes back as it was fed, as TensorFlow 1.15's session gives it."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphcli
import graphcli.tf1 as tf

PLAIN = np.array([1.0, 2.0], np.float32)


@pytest.mark.parametrize(("kind", "value", "same"), [
    ("float32", PLAIN, True), ("float32", np.ones((2, 3), np.float32).T, True), ("float32", [1.0, 2.0], False),
    ("float32", np.ones(2), False), ("float32", np.float32(3.0), False), ("int32", 3, False),
    ("string", np.array([b"a"], object), True), ("string", "LOG", False), ("string", ["a", b"b"], False)])
def test_what_is_fed_and_fetched_is_the_array_itself_or_numpys(kind: str, value: Any, same: bool) -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(kind)
        y = tf.identity(x)
        got, _, again = session.run([x, y, {"x": x}], {x: value})
        assert type(got) is np.ndarray and (got is value) == same and again["x"] is got
        assert got.dtype == tf.as_dtype(kind).as_numpy_dtype and got.tolist() == np.asarray(value, got.dtype).tolist()
        assert session.make_callable(x, [x])(value) is value or not same


def test_what_is_fed_in_the_middle_of_a_graph_and_the_parts_of_a_sparse_tensor_come_back_too() -> None:
    with tf.Graph().as_default(), tf.Session() as session:
        middle, sparse = tf.constant(2.0) * [1.0, 1.0], tf.sparse_placeholder(tf.float32)
        value = tf.SparseTensorValue(np.array([[0]]), np.array([1.0], np.float32), np.array([3]))
        found, parts = session.run([middle, sparse], {middle: PLAIN, sparse: value})
        assert found is PLAIN and parts.values is value.values and parts.indices is value.indices


def test_a_session_of_the_engine_gives_bytes_and_numbers() -> None:
    with tf.Graph().as_default() as graph:
        x, s = tf.placeholder("float32", []), tf.placeholder("string", [])
        got, text = graphcli.Session(graph).run([x, s], {x: 3, s: "LOG"})
    assert type(got) is np.float32 and text == b"LOG"
