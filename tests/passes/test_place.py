"""Placement: what is asked for, what is given, and why."""
from __future__ import annotations

import pytest

import graphcli.tf1 as tf
from graphcli.errors import InvalidValue
from graphcli.passes.place import place, read_devices


@pytest.mark.parametrize(("asked", "table", "given", "reason"), [
    (None, {}, "/device:CPU:0", "the default device"),
    ("/cpu:0", {}, "/device:CPU:0", "a CPU runs on numpy"),
    ("/cpu:3", {}, "/device:CPU:3", "a CPU runs on numpy"),
    ("/job:localhost/replica:0/task:0/cpu:1", {}, "/device:CPU:1", "a CPU runs on numpy"),
    ("/gpu:0", {}, None, "there is no such device"),
    ("/job:worker/cpu:0", {}, None, "there is no such device"),
    ("/gpu:0", {"/gpu:0": "numpy"}, "/device:GPU:0", "runs on numpy"),
    ("/gpu:*", {"/gpu:1": "numpy"}, "/device:GPU:1", "runs on numpy"),
    ("/gpu:0", {"/gpu:0": "cupy"}, None, "no cupy here"),
    ("/gpu:0", {"/gpu:0": {"backend": "cupy", "fallback": "/cpu:1"}}, "/device:CPU:1", "fallback of /device:GPU:0"),
    ("/job:ps/cpu:0", {"/job:ps/cpu:0": "numpy"}, "/job:ps/device:CPU:0", "runs on numpy"),
])
def test_one_node(asked: str | None, table: dict[str, object], given: str | None, reason: str) -> None:
    with tf.Graph().as_default() as graph, tf.device(asked):
        node = tf.constant(1.0).op
    placement = place(graph, table, missing={"cupy": "no cupy here"})
    placed = placement.placed[node]
    assert placed.assigned == given
    assert reason in placed.reason
    if given is None:
        with pytest.raises(InvalidValue, match="asks for"):
            placement.device(node)
        assert place(graph, table, soft=True).device(node) == "/device:CPU:0" or "cupy" in str(table)


def test_every_device_that_is_missing_is_named_once_with_the_first_op_that_asks_for_it() -> None:
    with tf.Graph().as_default() as graph:
        with tf.device("/gpu:0"):
            a = tf.exp(tf.constant(1.0, name="c"), name="a")
        with tf.device("/gpu:1"), tf.colocate_with(a.op):
            tf.exp(a, name="beside")
        with tf.device("/gpu:2"):
            b = tf.exp(1.0, name="b")
        tf.exp(b, name="here")
    placement = place(graph, {"/gpu:2": "cupy"}, missing={"cupy": "no cupy here"})
    refusal = placement.refusal(graph)
    assert refusal is not None
    assert [e.message for e in refusal.errors()] == [
        "a (Exp) and 2 more ask for /device:GPU:0: there is no such device",
        "b (Exp) and 1 more ask for /device:GPU:2: no cupy here"]
    single = placement.refusal([b.op])
    assert single is not None and single.message == "b (Exp) asks for /device:GPU:2: no cupy here"
    assert placement.refusal([]) is None and place(graph, soft=True).refusal(graph) is None


def test_a_group_stands_together_and_updates_stand_beside_their_variable() -> None:
    with tf.Graph().as_default() as graph:
        with tf.device("/cpu:1"):
            v = tf.Variable([1.0], name="v")
        with tf.colocate_with(v.op):
            c = tf.constant(2.0, name="c")
        up = tf.assign_add(v, [1.0], name="up")
    placement = place(graph)
    assert [placement.device(n) for n in (v.op, c.op, up.op)] == ["/device:CPU:1"] * 3
    assert placement.placed[c.op].reason == "colocated with v"


def test_transfers_name_tensor_and_users() -> None:
    with tf.Graph().as_default() as graph:
        with tf.device("/cpu:0"):
            x = tf.constant(1.0, name="x")
        with tf.device("/cpu:1"):
            tf.exp(x, name="y")
            tf.exp(x, name="z")
    found = [(t.tensor.name, t.source, t.target, [u.name for u in t.users]) for t in place(graph).transfers()]
    assert found == [("x:0", "/device:CPU:0", "/device:CPU:1", ["y", "z"])]


def test_what_a_device_may_be() -> None:
    with pytest.raises(InvalidValue, match="unknown backend 'numpyy'") as info:
        read_devices({"/cpu:0": "numpyy"})
    assert info.value.hint == "did you mean 'numpy'?"
