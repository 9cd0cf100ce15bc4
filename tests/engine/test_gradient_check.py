"""``run --check-gradients``: right gradients pass in float64, a wrong one is found and its op named."""
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.engine.gradient_check import check_gradients
from graphcli.graph.graph import Graph
from graphcli.graph.opdef import get_op
from graphcli.passes.widen import widen

GRAPH = str(Path(__file__).parent / "graphs" / "many_ways.yaml")
FEEDS = ["--random", "x=[3,4]", "--random", "img=[3,4,4,2]", "--feed", "ids=[1,2,1]", "--feed", "labels=[0,1,2]"]


def plant(monkeypatch: pytest.MonkeyPatch, name: str, factor: float) -> None:
    right = get_op(name).gradient
    assert right is not None

    def gradient(tf_: Any, op: Any, *grads: Any) -> Any:
        out = right(tf_, op, *grads)
        return [None if g is None else tf_.convert_to_tensor(g) * factor
                for g in (out if isinstance(out, (list, tuple)) else [out])]

    monkeypatch.setattr(get_op(name), "gradient", gradient)


def test_the_page(invoke: Any) -> None:
    told = invoke("run", GRAPH, *FEEDS, "--check-gradients", "loss", "--seed", "1")
    assert told.code == 0
    assert told.out == """\
loss 2.98623 in float64, gradients against central differences within 1e-05
name  kind      shape         probes  largest  gradient
w     variable  [4, 5]             8    0.542  ok
b     variable  [5]                5   0.6555  ok
emb   variable  [20, 5]            8  0.04978  ok
k     variable  [3, 3, 2, 3]       8   0.5079  ok
s     variable  []                 1    1.208  ok
x     feed      [3, 4]             8   0.3537  ok
img   feed      [3, 4, 4, 2]       8    0.067  ok
held fixed: StopGradient (StopGradient), d/random_uniform/RandomUniform
            (RandomUniform)
"""


def test_a_recurrent_net_is_checked_in_float64(invoke: Any) -> None:
    path = Path(GRAPH).with_name("recurrent.yaml")
    told = invoke("run", str(path), "--random", "x=[2,5,3]", "--random", "t=[2,1]", "--feed", "n=[3,5]",
                  "--check-gradients", "loss", "--seed", "1", "--format", "json")
    page = json.loads(told.out)
    assert (told.code, page["ok"], page["off"], page["narrow"]) == (0, True, [], [])
    assert [r["name"] for r in page["checked"]][-2:] == ["x", "t"]
    assert len(page["checked"]) == 10


def test_json(invoke: Any) -> None:
    told = invoke("run", GRAPH, *FEEDS, "--check-gradients", "both", "--seed", "1", "--format", "json")
    page = json.loads(told.out)
    assert (told.code, page["ok"], page["off"], page["narrow"]) == (0, True, [], ["LRN"])
    assert [r["name"] for r in page["checked"]] == ["w", "b", "emb", "k", "s", "x", "img"]


@pytest.mark.parametrize(("name", "node", "line", "text"), [
    ("Conv2D", "c", 18, "c: conv2d"),
    ("Tanh", "while/Tanh", 20, "tanh(z * s)"),
    ("GatherV2", "e", 15, "e: embedding_lookup"),
    ("SparseSoftmaxCrossEntropyWithLogits", "SparseSoftmaxCrossEntropyWithLogits/"
     "SparseSoftmaxCrossEntropyWithLogits", 21, "xent:"),
])
def test_a_wrong_gradient_is_found_and_its_op_named(monkeypatch: pytest.MonkeyPatch, invoke: Any, name: str, node: str,
                                                    line: int, text: str) -> None:
    plant(monkeypatch, name, 1.01)
    told = invoke("run", GRAPH, *FEEDS, "--check-gradients", "loss", "--seed", "1")
    assert told.code == 1
    first, shown = told.err.splitlines()[:2]
    assert first.startswith("error: ") and f":{line}:" in first and f"{node} ({name}): the gradient" in first
    assert text in shown
    assert "off by" in told.out
    page = invoke("run", GRAPH, *FEEDS, "--check-gradients", "loss", "--seed", "1", "--format", "json")
    assert {o["op"] for o in json.loads(page.out)["off"]} == {name}


def report_of(build: Any, feeds: dict[str, Any] | None = None) -> Any:
    graphs = []
    for _ in range(2):
        graph = Graph()
        with graph.as_default():
            loss = build()
        graphs.append((graph, loss))
    (graph, loss), (twin, _) = graphs
    with Session(graph) as session:
        session.initialize()
        return check_gradients(session, twin, loss, {graph.nodes[k].outputs[0]: np.asarray(v, np.float32)
                                                     for k, v in (feeds or {}).items()})


def test_a_kink_takes_any_slope_between_the_two_sides() -> None:
    report = report_of(lambda: tf.reduce_sum(tf.nn.relu(tf.get_variable("w", initializer=np.zeros(3, np.float32)))))
    assert report.ok and report.rows[0].kinks == 3


def test_an_update_in_the_loss_begins_at_the_same_values_each_time() -> None:
    def build() -> Any:
        w = tf.get_variable("w", initializer=np.array([1.0, 2.0], np.float32))
        n = tf.get_variable("n", initializer=0.0, trainable=False)
        with tf.control_dependencies([tf.assign_add(n, 1.0).op]):
            return tf.reduce_sum(w * w * tf.identity(n))

    report = report_of(build)
    assert report.ok and report.rows[0].largest == 4.0


def test_half_precision_is_checked_in_double() -> None:
    def build() -> Any:
        w = tf.get_variable("w", initializer=np.array([[0.5, -0.25]], np.float16))
        return tf.reduce_mean(tf.exp(tf.cast(w, tf.bfloat16)) * 3)

    report = report_of(build)
    assert report.ok and report.rows[0].error < 1e-7 and not report.narrow


def test_widening_keeps_the_numbers_of_an_op_that_knows_no_double() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.constant(np.linspace(-1, 1, 8).reshape(1, 2, 2, 2).astype(np.float32))
        y = tf.sqrt(tf.nn.lrn(x, depth_radius=1) + 2.0)
        with Session(graph) as session:
            before = session.run(y)
        narrow = widen(graph)
        with Session(graph) as session:
            after = session.run(y)
    assert [n.type for n in narrow] == ["LRN"]
    assert after.dtype == np.float64
    np.testing.assert_allclose(after, before, rtol=1e-6)
