"""What is there for another's sake: the same in a graph that was made here and in one that was read from a file."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import graphcli.tf1 as tf
from graphcli.analysis.auxiliary import auxiliary
from graphcli.analysis.lint import lint
from graphcli.analysis.sharing import variables
from graphcli.formats.graphdef.read import read
from graphcli.formats.graphdef.write import to_bytes

OPTIMIZERS: dict[str, Callable[[], Any]] = {
    "sgd": lambda: tf.train.GradientDescentOptimizer(0.1), "momentum": lambda: tf.train.MomentumOptimizer(0.1, 0.9),
    "adam": lambda: tf.train.AdamOptimizer(0.1), "adagrad": lambda: tf.train.AdagradOptimizer(0.1),
    "rmsprop": lambda: tf.train.RMSPropOptimizer(0.1), "ftrl": lambda: tf.train.FtrlOptimizer(0.1),
}
OWN = {"x", "layer/w", "layer/y", "Square", "Const", "loss", "mean"}
READ = {False: {"layer/w/read"}, True: {"layer/y/ReadVariableOp"}}


def trained(optimizer: str, use_resource: bool = False) -> Any:
    graph = tf.Graph()
    with graph.as_default():
        x = tf.placeholder(tf.float32, [None, 3], name="x")
        with tf.variable_scope("layer", use_resource=use_resource):
            w = tf.get_variable("w", [3, 2])
            y = tf.matmul(x, w, name="y")
        loss = tf.sqrt(tf.reduce_mean(tf.square(y), name="mean"), name="loss")
        OPTIMIZERS[optimizer]().minimize(loss)
        tf.global_variables_initializer()
        tf.report_uninitialized_variables()
        tf.train.Saver(sharded=use_resource)
    return graph


@pytest.mark.parametrize("use_resource", [False, True])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_only_the_users_own_is_left(optimizer: str, use_resource: bool) -> None:
    graph = trained(optimizer, use_resource)
    found = auxiliary(graph)
    assert {n.name for n in graph if n not in found} == OWN | READ[use_resource]
    assert set(found.values()) == {"gradients", "training", "initializers", "savers"}


@pytest.mark.parametrize("use_resource", [False, True])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_file_tells_by_its_names(optimizer: str, use_resource: bool) -> None:
    graph = trained(optimizer, use_resource)
    opened = read(to_bytes(graph, "pb"), "trained.pb")
    there = next(iter(opened.graphs.values())).graph
    found = auxiliary(there)
    assert {n.name for n in there if n not in found} == OWN | READ[use_resource]


@pytest.mark.parametrize("use_resource", [False, True])
def test_what_an_optimizer_holds_is_read_by_its_update_and_warned_of_nowhere(use_resource: bool) -> None:
    opened = read(to_bytes(trained("ftrl", use_resource), "pb"), "trained.pb")
    there = next(iter(opened.graphs.values()))
    facts = {v.name: v for v in variables(there)}
    assert {name for name, v in facts.items() if v.auxiliary} == {"layer/w/Ftrl", "layer/w/Ftrl_1"}
    update = "Ftrl/update_layer/w/" + ("ResourceApplyFtrl" if use_resource else "ApplyFtrl")
    assert [n.name for n in facts["layer/w/Ftrl_1"].own_readers] == [update]
    assert [n.name for n in facts["layer/w"].written_by if "update" in n.name] == [update]
    assert not [f for f in lint(there) if f.rule == "renamed"]


def test_who_takes_what_was_written_reads_the_variable() -> None:
    with tf.Graph().as_default() as graph:
        v = tf.Variable(1.0, name="v", trainable=False)
        tf.identity(v.assign_add(2.0, name="more"), name="y")
    fact = next(f for f in variables(next(iter(read(to_bytes(graph, "pb"), "g.pb").graphs.values()))))
    assert ([n.name for n in fact.read_by], [n.name for n in fact.written_by]) == (["y"], ["more"])


def test_what_only_a_gradient_reads_is_the_users() -> None:
    """sqrt's gradient reads sqrt's value, and nothing else does: the loss is drawn all the same."""
    graph = trained("sgd")
    assert {u.name.split("/")[0] for u in graph.nodes["loss"].outputs[0].uses} == {"gradients"}
    assert graph.nodes["loss"] not in auxiliary(graph)


def test_a_frozen_variable_is_drawn_as_one_constant_however_small() -> None:
    from graphcli.analysis.shown import fold

    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [None, 2], name="x")
        w = tf.identity(tf.constant([[1.0], [2.0]], name="w"), name="w/read")
        tf.add(tf.matmul(x, w, name="product"), tf.constant(1.0, name="one"), name="y")
    owner, folded = fold(graph, False)
    assert {n.name: owner[n].name for n in owner} == {
        "x": "x", "w": "w", "w/read": "w", "product": "product", "y": "y"}
    assert [n.name for n in folded] == ["one"]


def averaged_and_clipped(told: bool) -> tf.Graph:
    with tf.Graph().as_default() as graph:
        w = tf.get_variable("w", [2])
        losses = [tf.reduce_sum(tf.square(w), name="a"), tf.reduce_sum(tf.exp(w), name="b")]
        optimizer = tf.train.GradientDescentOptimizer(0.1)
        one, two = [optimizer.compute_gradients(loss)[0][0] for loss in losses]
        with tf.name_scope("mine"):
            norm = tf.global_norm([mean := (one + two) / 2])
            clipped, _ = tf.clip_by_global_norm([mean], 1.0, norm)
            tf.multiply(two, 3.0, name="unread")
        optimizer.apply_gradients([(clipped[0], w)])
        if told:
            tf.summary.scalar("norm", norm)
    return graph


def test_what_stands_between_gradients_and_updates_belongs_to_training() -> None:
    graph = averaged_and_clipped(False)
    found = auxiliary(graph)
    assert {n.name for n in graph if n not in found and n.name.startswith("mine")} == {"mine/unread", "mine/unread/y"}


def test_what_is_read_of_it_is_the_users() -> None:
    graph = averaged_and_clipped(True)
    shown = {n.name for n in graph if n not in auxiliary(graph)}
    assert {"norm", "mine/global_norm/global_norm", "mine/truediv"} <= shown
    assert not {name for name in shown if name.startswith("mine/clip_by_global_norm/")}


def test_an_initial_value_that_averages_start_from_is_an_initializer() -> None:
    with tf.Graph().as_default() as graph:
        w = tf.get_variable("w", [2])
        tf.train.ExponentialMovingAverage(0.9).apply([w])
    found = auxiliary(graph)
    assert {why for n, why in found.items() if "/Initializer/" in n.name} == {"initializers"}
    assert {n.name for n in graph if n not in found} == {"w", "w/read"}
