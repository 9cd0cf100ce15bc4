"""Inputs whose shapes come with the feeds: what inference refuses of known shapes is refused of these, in its words."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine.session import Session
from graphcli.errors import RunError

MATRIX, ROW = np.ones((2, 3), np.float32), np.ones(3, np.float32)
LAWS: list[tuple[str, Any, str]] = [
    ("tf.cholesky(x)", MATRIX, "input is not square: 2 rows, 3 columns"),
    ("tf.cholesky(x)", ROW, "input must have at least rank 2, not 1"),
    ("tf.nn.conv2d(x, tf.ones([2, 2, 1, 1]), 1, 'VALID')", ROW, "the input must have rank 4, not 1"),
    ("tf.nn.bias_add(tf.ones([2, 3]), x)", MATRIX, "bias"),
    ("tf.matmul(x, tf.ones([5, 2]))", MATRIX, "inner dimensions differ: 3 meets 5"),
    ("tf.reshape(x, [4, 2])", MATRIX, r"6 elements do not make the shape \[4, 2\] of 8"),
    ("tf.diag_part(x)", MATRIX, "differ"),
    ("tf.squeeze(x, [0])", MATRIX, "size 1"),
    ("tf.nn.relu(x) + tf.ones([4])", ROW, r"the shapes \[3\] and \[4\] do not broadcast"),
]


@pytest.mark.parametrize("passes", [None, ()])
@pytest.mark.parametrize(("expression", "value", "law"), LAWS)
def test_a_step_is_refused_by_the_law_of_its_op(expression: str, value: Any, law: str, passes: Any) -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32)
        y = eval(expression, {"tf": tf, "x": x})
    with Session(graph, passes=passes) as session, \
            pytest.raises(RunError, match=rf"{y.op.name} \({y.op.type}\): .*{law}"):
        session.run(y, {x: value})


def test_a_branch_that_is_not_taken_is_not_refused() -> None:
    with tf.Graph().as_default() as graph:
        x, square = tf.placeholder(tf.float32), tf.placeholder(tf.bool, [])
        y = tf.cond(square, lambda: tf.cholesky(x), lambda: x + 1)
    with tf.Session(graph=graph) as session:
        assert session.run(y, {x: MATRIX, square: False}).tolist() == [[2, 2, 2], [2, 2, 2]]
        with pytest.raises(RunError, match="not square"):
            session.run(y, {x: MATRIX, square: True})


def test_what_stands_before_a_refused_step_comes_first() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32)
        with tf.control_dependencies([tf.Assert(tf.equal(tf.rank(x), 1), ["a row is wanted"])]):
            y = tf.nn.bias_add(tf.ones([2, 3]), x)
    with tf.Session(graph=graph) as session, pytest.raises(RunError, match="a row is wanted"):
        session.run(y, {x: MATRIX})


def test_what_only_the_kernel_meets_is_told_without_its_own_words() -> None:
    with tf.Graph().as_default() as graph:
        k = tf.placeholder(tf.int32)
        y = tf.split(tf.ones([4]), [2, 2], k)
    with tf.Session(graph=graph) as session:
        with pytest.raises(RunError, match=r"\(SplitV\): an input that must be a scalar is none") as info:
            session.run(y, {k: [0, 0]})
        assert f"{k.name} is int32 [2]" in info.value.notes[0][0]


@pytest.mark.parametrize("given", [[0], [0, 0]])
def test_a_scalar_that_a_step_brings_is_no_list_though_the_graph_may_be_built_with_one(given: list[int]) -> None:
    with tf.Graph().as_default() as graph:
        k = tf.placeholder(tf.int32)
        y = tf.cumsum(tf.ones([3]), k)
        assert tf.cumsum(tf.ones([3]), given).shape == (3,)
    with tf.Session(graph=graph) as session:
        with pytest.raises(RunError, match=r"\(Cumsum\): axis must have rank 0, not 1") as info:
            session.run(y, {k: given})
        assert f"{k.name} is int32 [{len(given)}]" in info.value.notes[0][0]


def test_what_tensorflows_kernels_take_runs_though_it_is_refused_when_it_is_built() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32)
        nothing = tf.nn.conv2d(x, tf.ones([1, 2, 1, 2]), 1, "VALID")
        same = tf.reverse(x, [4])
    with tf.Session(graph=graph) as session:
        assert session.run(same, {x: 3.0}) == 3.0
        assert session.run(nothing, {x: np.ones([1, 4, 1, 1])}).shape == (1, 4, 0, 2)
