"""The initializers of tf.contrib.layers by their formula, for no TensorFlow has them any more; its older names."""
from __future__ import annotations

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli import Session
from graphcli.errors import GraphError


def drawn(initializer: object, shape: list[int]) -> tuple[np.ndarray, list[str]]:
    graph = tf.Graph()
    with graph.as_default(), Session(graph) as session:
        w = tf.get_variable("w", shape, initializer=initializer)
        session.run(w.initializer)
        return session.run(w), [n.type for n in graph.get_operations()]


@pytest.mark.parametrize(("made", "shape", "n", "factor"), [
    (tf.contrib.layers.xavier_initializer(seed=1), [3, 3, 40, 80], 9 * 60, 1.0),
    (tf.contrib.layers.variance_scaling_initializer(2.0, "FAN_OUT", True, seed=1), [50, 200], 200, 2.0),
])
def test_uniform_ones_fill_their_range(made: object, shape: list[int], n: int, factor: float) -> None:
    value, types = drawn(made, shape)
    limit = (3 * factor / n) ** 0.5
    assert 0.99 * limit < np.abs(value).max() <= limit
    assert value.std() == pytest.approx((factor / n) ** 0.5, rel=0.05)
    assert "RandomUniform" in types


def test_normal_ones_have_their_variance() -> None:
    value, types = drawn(tf.contrib.layers.variance_scaling_initializer(seed=1), [400, 50])
    assert np.abs(value).max() <= 2 * (1.3 * 2.0 / 400) ** 0.5
    assert value.std() == pytest.approx((2.0 / 400) ** 0.5, rel=0.05)
    assert "TruncatedNormal" in types


def test_what_is_none_is_refused() -> None:
    with pytest.raises(GraphError, match="FAN_AVG"):
        tf.contrib.layers.variance_scaling_initializer(mode="FAN")
    with pytest.raises(GraphError, match="makes floats"):
        tf.contrib.layers.xavier_initializer(dtype=tf.int32)


def test_older_places_hold_the_same() -> None:
    assert tf.contrib.rnn.BasicLSTMCell is tf.nn.rnn_cell.BasicLSTMCell
    assert tf.contrib.layers.l2_regularizer is tf.l2_regularizer
