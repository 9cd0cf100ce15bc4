"""A step that is watched tells what each of its nodes cost, and computes what any other step does."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.engine.timeline import Timeline

FULL = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)


def stats(metadata: Any) -> dict[str, tuple[str, Any]]:
    """Node -> (device, NodeExecStats)."""
    return {n.node_name: (d.device, n) for d in metadata.step_stats.dev_stats for n in d.node_stats}


def test_every_node_is_told_though_steps_are_fused() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder("float32", [None], name="x")
        y = tf.exp(tf.tanh(x * 2.0, name="t") + 1.0, name="y")
        metadata = tf.RunMetadata()
        with Session(graph) as session:
            plain = session.run(y, {x: np.arange(5000)})
            watched = session.run(y, {x: np.arange(5000)}, options=FULL, run_metadata=metadata)
    np.testing.assert_array_equal(plain, watched)
    found = stats(metadata)
    assert set(found) == {"mul", "t", "add", "y", "x", "mul/y", "add/y"}
    for name in ("mul", "t", "add", "y"):
        _, node = found[name]
        assert node.memory[0].total_bytes == 20000 and node.all_end_rel_micros >= 1
        assert [d.size for d in node.output[0].tensor_description.shape.dim] == [5000]
        assert node.output[0].tensor_description.dtype == 1


def test_variables_and_constants_are_told_though_nothing_is_run_for_them() -> None:
    with tf.Graph().as_default() as graph:
        w = tf.get_variable("w", [2, 3])
        tf.matmul(tf.constant([[1.0, 2.0]], name="c"), w, name="y")
        metadata = tf.RunMetadata()
        with Session(graph) as session:
            session.initialize()
            session.run("y:0", options=FULL, run_metadata=metadata)
    found = stats(metadata)
    assert set(found) == {"y", "w", "w/read", "c"}
    assert {n: found[n][1].memory[0].total_bytes for n in found} == {"y": 12, "w": 24, "w/read": 24, "c": 8}
    # TensorBoard's page reads the shape of every output, a scalar's too
    assert all(o.tensor_description.HasField("shape") for _, node in found.values() for o in node.output)


def test_a_scalar_has_a_shape() -> None:
    with tf.Graph().as_default() as graph:
        y = tf.reduce_sum(tf.placeholder_with_default([1.0, 2.0], [2], name="x"), name="y")
        metadata = tf.RunMetadata()
        Session(graph).run(y, options=FULL, run_metadata=metadata)
    (output,) = stats(metadata)["y"][1].output
    assert output.tensor_description.HasField("shape") and not output.tensor_description.shape.dim


def test_devices_have_their_own_nodes() -> None:
    with tf.Graph().as_default() as graph:
        with tf.device("/cpu:0"):
            a = tf.random_uniform([3], seed=1, name="a")
        with tf.device("/job:worker/task:1/cpu:1"):
            b = tf.exp(a, name="b")
        metadata = tf.RunMetadata()
        Session(graph, devices={"/job:worker/task:1/cpu:1": "numpy"}).run(b, options=FULL, run_metadata=metadata)
    found = stats(metadata)
    assert found["a/RandomUniform"][0] == "/job:localhost/replica:0/task:0/device:CPU:0"
    assert found["b"][0].startswith("/job:worker") and found["b"][0].endswith("CPU:1")


def test_a_loop_is_the_sum_of_its_rounds() -> None:
    with tf.Graph().as_default() as graph:
        end = tf.while_loop(lambda i: i < 50, lambda i: tf.add(i, 1, name="next"), [tf.constant(0)])
        ticks = iter(range(100000))
        timeline = Timeline(lambda: 100.0, lambda: next(ticks) * 1e-3)
        assert Session(graph).watched(timeline, end) == 50
    cost = next(c for name, c in timeline.costs.items() if name.endswith("next"))
    assert cost.seconds == pytest.approx(50e-3) and cost.first == 100.0


def test_a_clock_that_stands_gives_the_same_bytes() -> None:
    def made() -> bytes:
        with tf.Graph().as_default() as graph:
            y = tf.reduce_sum(tf.random_normal([4, 4], seed=3))
            timeline = Timeline(lambda: 5.0, lambda: 5.0)
            Session(graph).watched(timeline, y)
        data: bytes = timeline.run_metadata().SerializeToString(deterministic=True)
        return data

    assert made() == made()


def test_without_a_trace_level_nothing_is_told() -> None:
    with tf.Graph().as_default() as graph:
        y = tf.random_normal([2])
        metadata = tf.RunMetadata()
        metadata.step_stats.dev_stats.add(device="old")
        Session(graph).run(y, options=tf.RunOptions(), run_metadata=metadata)
    assert not metadata.step_stats.dev_stats


def test_a_failing_step_leaves_the_session_as_it_was() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder("float32", [], name="x")
        checked, y = tf.check_numerics(x, "not finite"), x * 2.0
        session = Session(graph)
        with pytest.raises(Exception, match="not finite"):
            session.watched(Timeline(), checked, {x: np.nan})
        assert session.run(y, {x: 2.0}) == 4.0 and session.listeners == []
