"""Variables, variable scopes and sharing, against what TensorFlow 2.21's v1 mode names and refuses."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.errors import InvalidType, InvalidValue


@pytest.fixture(autouse=True)
def graph() -> Iterator[Any]:
    with tf.Graph().as_default() as g:
        yield g


def names(graph: Any) -> list[str]:
    return [n.name for n in graph]


def test_nodes_of_a_variable(graph: Any) -> None:
    v = tf.Variable([1.0, 2.0], name="v")
    assert [(n.name, n.type, n.input_names()) for n in graph] == [
        ("v/initial_value", "Const", []), ("v", "VariableV2", []),
        ("v/Assign", "Assign", ["v", "v/initial_value"]), ("v/read", "Identity", ["v"])]
    assert graph.nodes["v/read"].attrs["_class"] == ["loc:@v"]
    assert (v.name, v.dtype.name, v.shape.as_list()) == ("v:0", "float32_ref", [2])
    assert tf.convert_to_tensor(v) is v.value()
    assert v in tf.global_variables() and v in tf.trainable_variables()


def test_nodes_of_get_variable(graph: Any) -> None:
    with tf.device("/gpu:0"):
        tf.get_variable("w", [2, 3])
    assert names(graph)[:2] == ["w/Initializer/random_uniform/shape", "w/Initializer/random_uniform/min"]
    assert graph.nodes["w/Initializer/random_uniform"].device == ""
    assert graph.nodes["w/Assign"].device == "/device:GPU:0"
    assert all(n.attrs["_class"] == ["loc:@w"] for n in graph)


def test_an_op_on_a_variable_stands_beside_it(graph: Any) -> None:
    with tf.device("/gpu:1"):
        w = tf.Variable(1.0, name="w")
    with tf.device("/cpu:0"):
        op = tf.assign(w, 2.0).op
    assert (op.device, op.attrs["_class"]) == ("/device:GPU:1", ["loc:@w"])


def test_scopes_share_and_refuse() -> None:
    with tf.variable_scope("s") as scope:
        w = tf.get_variable("w", [2])
        with pytest.raises(InvalidValue, match="variable s/w already exists"):
            tf.get_variable("w", [2])
        scope.reuse_variables()
        assert tf.get_variable("w") is w
        with pytest.raises(InvalidValue, match="s/x does not exist"):
            tf.get_variable("x", [2])
        with pytest.raises(InvalidValue, match=r"shape \[3\], but it has shape \[2\]"):
            tf.get_variable("w", [3])
        with pytest.raises(InvalidValue, match="dtype int32, but it has dtype float32"):
            tf.get_variable("w", [2], dtype=tf.int32)
    with tf.variable_scope("s", reuse=tf.AUTO_REUSE):
        assert tf.get_variable("w", [2]) is w
        assert tf.get_variable("v", [2]).name == "s/v:0"
    with tf.variable_scope(scope, reuse=True) as again:
        assert again.original_name_scope == "s/"
        assert tf.get_variable("w") is w
        with tf.variable_scope("inner", reuse=False) as inner:
            assert inner.reuse is True


def test_names_of_scopes(graph: Any) -> None:
    with tf.variable_scope("a"):
        with tf.variable_scope("b") as b:
            tf.get_variable("v", [])
            tf.constant(1, name="c")
    with tf.variable_scope("a"), tf.variable_scope(b):
        assert tf.constant(1, name="d").name == "a_1/b/d:0"
        assert tf.get_variable("u", []).name == "a/b/u:0"
    with tf.variable_scope("a", auxiliary_name_scope=False):
        assert tf.constant(1, name="e").name == "e:0"
    with tf.name_scope("n"):
        assert tf.get_variable("g", []).name == "g:0"
        assert tf.Variable(1.0, name="g").name == "n/g:0"
    for expected in ("d", "d_1"):
        with tf.variable_scope(None, default_name="d") as scope:
            assert scope.name == expected
    with tf.variable_scope("outer"):
        with tf.variable_scope(None, "d") as scope:
            assert scope.name == "outer/d"
    with tf.variable_scope("outer"):
        with tf.variable_scope(None, "d") as scope:
            assert (scope.name, scope.original_name_scope) == ("outer/d", "outer_1/d/")


def test_defaults_of_scopes() -> None:
    with tf.variable_scope("s", initializer=tf.ones_initializer(), dtype=tf.float64,
                           regularizer=lambda w: tf.reduce_sum(w, name="r")):
        with tf.variable_scope("t"):
            w = tf.get_variable("w", [2])
            tf.get_variable("u", [2], regularizer=tf.no_regularizer)
    assert w.dtype.base_dtype is tf.float64
    assert w.initial_value.name == "s/t/w/Initializer/ones:0"
    assert [t.name for t in tf.get_collection("regularization_losses")] == ["s/t/w/Regularizer/r:0"]


def test_custom_getters_chain() -> None:
    seen = []

    def getter(tag: str) -> Any:
        def get(inner: Any, name: str, *args: Any, **kwargs: Any) -> Any:
            seen.append((tag, name))
            return inner(name, *args, **kwargs)

        return get

    with tf.variable_scope("s", custom_getter=getter("outer")):
        with tf.variable_scope("t", custom_getter=getter("inner")):
            assert tf.get_variable("w", [1]).name == "s/t/w:0"
    assert seen == [("inner", "s/t/w"), ("outer", "s/t/w")]


def test_refusals() -> None:
    with pytest.raises(InvalidValue, match="shape is given too"):
        tf.get_variable("a", [2], initializer=tf.constant([1.0, 2.0]))
    with pytest.raises(InvalidValue, match="neither a shape nor an initial value"):
        tf.get_variable("b")
    with pytest.raises(InvalidValue, match="known shape"):
        tf.get_variable("c", [None, 2])
    with pytest.raises(InvalidType, match="name or a default_name"):
        tf.variable_scope(None).__enter__()
    with pytest.raises(InvalidValue, match="cannot be set"):
        tf.variable_scope(None, "x", reuse=True).__enter__()
    with pytest.raises(InvalidValue, match="needs an initial_value"):
        tf.Variable()
    with pytest.raises(InvalidValue, match="the initializer is float32"):
        tf.get_variable("e", dtype=tf.int32, initializer=1.5)
    with pytest.raises(InvalidValue, match="known shape"):
        tf.Variable(tf.placeholder(tf.float32, [None]))


def test_initial_values_that_read_variables(graph: Any) -> None:
    v = tf.Variable([1.0, 2.0], name="v")
    w = tf.Variable(v * 3.0, name="w")
    tf.Variable(v.initialized_value() * 2.0, name="x")
    assert {"w/cond/Merge", "v/read_w", "mul_w", "cond/Merge_x"} <= set(names(graph))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        assert session.run(w).tolist() == [3.0, 6.0]


def test_writing(graph: Any) -> None:
    w = tf.Variable(np.arange(6.0, dtype=np.float32).reshape(3, 2))
    with tf.Session() as session:
        session.run(w.initializer)
        session.run(w.assign_add(tf.ones([3, 2])))
        session.run(tf.scatter_sub(w, [0, 0], [[1.0, 1.0], [1.0, 1.0]]))
        session.run(tf.scatter_nd_add(w, [[2, 1]], [10.0]))
        session.run(tf.scatter_update(w, [1], [[7.0, 8.0]]))
        assert session.run(w).tolist() == [[-1.0, 0.0], [7.0, 8.0], [5.0, 16.0]]
        session.run(tf.scatter_div(w, [1], [[7.0, 2.0]]))
        session.run(tf.scatter_max(w, [0], [[0.0, -1.0]]))
        assert session.run(w)[:2].tolist() == [[0.0, 0.0], [1.0, 4.0]]
        with pytest.raises(Exception, match=r"indices\[1\] = 3 is not in \[0, 3\)"):
            session.run(tf.scatter_add(w, [0, 3], [[1.0, 1.0], [1.0, 1.0]]))
        count = tf.Variable(0)
        session.run(count.initializer)
        step = tf.count_up_to(count, 2)
        assert [session.run(step), session.run(step)] == [0, 1]
        with pytest.raises(Exception, match="Reached limit of 2"):
            session.run(step)


def test_uninitialized() -> None:
    v = tf.Variable(1.0, name="v")
    u = tf.Variable(1.0, name="u")
    missing = tf.report_uninitialized_variables()
    check = tf.assert_variables_initialized()
    with tf.Session() as session:
        session.run(v.initializer)
        assert session.run(missing).tolist() == [b"u"]
        assert session.run([tf.is_variable_initialized(v), tf.is_variable_initialized(u)]) == [True, False]
        with pytest.raises(Exception, match="u"):
            session.run(check)


def test_global_step() -> None:
    assert tf.train.get_global_step() is None
    step = tf.train.get_or_create_global_step()
    assert tf.train.get_or_create_global_step() is step
    assert step.dtype.base_dtype is tf.int64
    with pytest.raises(InvalidValue, match="global step already"):
        tf.train.create_global_step()


@pytest.mark.parametrize(("make", "mean", "spread"), [
    (lambda: tf.initializers.zeros(), 0.0, 0.0), (lambda: tf.initializers.ones(), 1.0, 0.0),
    (lambda: tf.initializers.constant(3), 3.0, 0.0),
    (lambda: tf.initializers.random_uniform(-1, 1, seed=1), 0.0, 0.577),
    (lambda: tf.initializers.random_normal(2.0, 0.5, seed=1), 2.0, 0.5),
    (lambda: tf.initializers.truncated_normal(stddev=0.1, seed=1), 0.0, 0.088),
    (lambda: tf.initializers.glorot_uniform(seed=1), 0.0, (2 / 300) ** 0.5),
    (lambda: tf.initializers.glorot_normal(seed=1), 0.0, (2 / 300) ** 0.5),
    (lambda: tf.initializers.he_normal(seed=1), 0.0, (2 / 100) ** 0.5),
    (lambda: tf.initializers.lecun_uniform(seed=1), 0.0, (1 / 100) ** 0.5),
    (lambda: tf.initializers.variance_scaling(2.0, "fan_out", "untruncated_normal", seed=1), 0.0, 0.1),
    (lambda: tf.uniform_unit_scaling_initializer(seed=1), 0.0, 0.1),
], ids=["zeros", "ones", "constant", "uniform", "normal", "truncated", "glorot_uniform", "glorot_normal",
        "he_normal", "lecun_uniform", "variance_scaling", "unit_scaling"])
def test_initializers(make: Any, mean: float, spread: float) -> None:
    with tf.Session() as session:
        values = session.run(make()([100, 200]))
    assert values.shape == (100, 200)
    assert abs(values.mean() - mean) < 0.01
    assert abs(values.std() - spread) < 0.05 * spread + 1e-9


def test_matrices_as_initial_values() -> None:
    with tf.Session() as session:
        q = session.run(tf.initializers.orthogonal(gain=2.0, seed=3)([4, 6]))
        np.testing.assert_allclose(q @ q.T, 4 * np.eye(4), atol=1e-5)
        np.testing.assert_array_equal(session.run(tf.initializers.identity(3.0)([2, 3])), 3 * np.eye(2, 3))
        with pytest.raises(InvalidValue):
            tf.initializers.identity()([2])


def test_a_regularizer_that_gives_a_number_is_refused_where_it_is_used_and_left_out_of_a_meta_graph() -> None:
    with tf.Graph().as_default():
        tf.get_variable("w", [2], regularizer=lambda w: 3.0)
        assert "regularization_losses" not in tf.train.export_meta_graph().collection_def
        assert str(tf.get_collection("regularization_losses")) == "[3.0]"


def test_a_regularizer_that_gives_no_loss_is_refused() -> None:
    with tf.Graph().as_default(), pytest.raises(TypeError, match="the regularizer of w gives the function 'l2'"):
        tf.get_variable("w", [2], regularizer=tf.contrib.layers.l2_regularizer)
