"""Many steps: none leaves anything behind, or plans, compiles or makes a kernel that one before it made."""
from __future__ import annotations

import contextlib
import gc
import json
import os
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session, backends, block_text, part, plans, prepared
from graphcli.engine.listeners import Profile
from graphcli.engine.profile import Recorded
from graphcli.errors import GraphError
from graphcli.passes import place

ROWS = np.linspace(-1, 1, 40, dtype=np.float32).reshape(8, 5)
LARGE = np.ones((60_000, 5), np.float32)
"""Rows whose loops are cut into blocks and shared among threads."""
Way = Callable[[Session, Any], Callable[[], Any]]


def net(devices: int = 1) -> tuple[Any, Any, Any]:
    """(graph, what is fed, what is fetched): a step of training."""
    with tf.Graph().as_default() as graph:
        x = h = tf.placeholder(tf.float32, (None, 5), "x")
        for i in range(3):
            with tf.device(f"/cpu:{i % devices}"):
                h = tf.layers.dense(h, 5, tf.tanh)
        loss = tf.reduce_mean(tf.square(h), name="loss")
        train = tf.train.AdamOptimizer(0.01).minimize(loss)
    return graph, x, [loss, train, h]


def loops() -> tuple[Any, Any, Any]:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, (8, 5), "x")
        v = tf.Variable(np.ones(5, np.float32))
        y = tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, tf.cond(
            tf.reduce_sum(a) > 0, lambda: tf.tanh(a * v), lambda: a - v)), (0, x))[1]
        z = tf.scan(lambda a, e: a * 0.5 + e * v, y)
        train = tf.train.MomentumOptimizer(0.01, 0.9).minimize(tf.reduce_sum(z), var_list=[v])
    return graph, x, [z, train]


def drawn() -> tuple[Any, Any, Any]:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, (8, 5), "x")
        summary = tf.summary.merge([tf.summary.scalar("mean", tf.reduce_mean(x)), tf.summary.histogram("x", x)])
        fetches = [tf.random_normal([3], seed=1), tf.nn.dropout(x, 0.5), tf.random_shuffle(x), summary]
    return graph, x, fetches


def by_run(session: Session, made: Any) -> Callable[[], Any]:
    return lambda: session.run(made[2], {made[1]: ROWS})


def by_call(session: Session, made: Any) -> Callable[[], Any]:
    call = session.make_callable(made[2], [made[1]])
    return lambda: call(ROWS)


def converted(session: Session, made: Any) -> Callable[[], Any]:
    call = session.make_callable({"all": made[2]}, [made[1]])
    return lambda: (call(ROWS.tolist()), session.run(tuple(made[2]), {"x:0": ROWS.astype(">f8")[::-1]}))


def large(session: Session, made: Any) -> Callable[[], Any]:
    call = session.make_callable(made[2], [made[1]])
    return lambda: (call(LARGE), session.run(made[2], {made[1]: LARGE}))


def watched(session: Session, made: Any) -> Callable[[], Any]:
    profile = Profile()
    return lambda: session.watched(profile, made[2], {made[1]: ROWS})


def traced(session: Session, made: Any) -> Callable[[], Any]:
    options, data = tf.RunOptions(trace_level=3), tf.RunMetadata()
    return lambda: session.run(made[2], {made[1]: ROWS}, options, data)


def of_many_shapes(session: Session, made: Any) -> Callable[[], Any]:
    call = session.make_callable(made[2], [made[1]])
    return lambda: [call(LARGE[:n]) for n in range(1, 40)]


def variables(session: Session, made: Any) -> Callable[[], Any]:
    def step() -> None:
        for v in session.variables():
            session.load(v, session.run(v))
            session.value(v)
        session.initialize()

    return step


WAYS: dict[str, tuple[Callable[[], Any], Way]] = {
    "run": (net, by_run), "call": (net, by_call), "converted": (net, converted), "large": (net, large),
    "devices run": (lambda: net(2), by_run), "devices call": (lambda: net(3), by_call),
    "devices large": (lambda: net(2), large), "watched": (net, watched), "traced": (net, traced),
    "many shapes": (net, of_many_shapes), "many shapes devices": (lambda: net(2), of_many_shapes),
    "variables": (net, variables), "loops run": (loops, by_run), "loops call": (loops, by_call),
    "drawn": (drawn, by_run)}


@contextlib.contextmanager
def uncollected() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def cycles_of_ours() -> list[str]:
    """What a garbage collection finds, classes of messages apart, which protobuf makes when it needs them."""
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        gc.collect()
        return [type(thing).__qualname__ for thing in gc.garbage if "FrameType" in repr(type(thing)) or type(
            thing).__module__.startswith("graphcli") or isinstance(thing, (np.ndarray, BaseException, type(net)))]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()


@pytest.fixture
def makings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is planned, compiled and made: the name of each."""
    met: list[str] = []

    def count(where: Any, name: str) -> None:
        inner = getattr(where, name)

        def counted(*args: Any, **more: Any) -> Any:
            met.append(name)
            return inner(*args, **more)

        monkeypatch.setattr(where, name, counted)

    count(plans, "make_plan")
    count(backends.Backend, "kernel")
    for module in (block_text, part, prepared):
        count(module, "function_of")
    return met


@pytest.mark.parametrize("name", WAYS)
def test_a_step_that_was_taken_before_makes_and_leaves_nothing(name: str, makings: list[str]) -> None:
    make, way = WAYS[name]
    made = make()
    with Session(made[0], seed=1, threads=2) as session:
        session.initialize()
        step = way(session, made)
        for _ in range(3):
            step()
        before = len(makings), threading.active_count(), len(os.listdir("/proc/self/fd"))
        with uncollected():
            step()
            objects = len(gc.get_objects())
            for _ in range(10):
                step()
            assert not cycles_of_ours()
            assert len(gc.get_objects()) - objects < 10
        # what earlier tests left may end meanwhile
        assert len(makings) == before[0]
        assert threading.active_count() <= before[1] and len(os.listdir("/proc/self/fd")) <= before[2]


def failing(devices: int, what: str) -> tuple[Any, Any, Any]:
    """(graph, what is fed, a fetch that fails)"""
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, (None, 5), "x")
        with tf.device("/cpu:0"):
            y = tf.tanh(tf.cumsum(x) * 2.0)
        with tf.device(f"/cpu:{devices - 1}"):
            if what == "shapes":
                y = y * tf.reshape(y, (-1,))[:3]
            elif what == "assert":
                with tf.control_dependencies([tf.Assert(tf.reduce_sum(y) > 1e9, ["no"])]):
                    y = tf.tanh(y)
            elif what == "loop":
                y = tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, tf.gather(a, tf.range(9) * 1000000)), (0, y),
                                  shape_invariants=(tf.TensorShape([]), tf.TensorShape([None, 5])))[1]
            elif what == "branches":
                y = tf.add_n([tf.check_numerics(tf.log(tf.sort(y + float(i)) - 9.0), "no") for i in range(4)])
            elif what == "variable":
                y = y + tf.get_variable("v", (5,))
    return graph, x, y


@pytest.mark.parametrize("call", [True, False])
@pytest.mark.parametrize("devices", [1, 2])
@pytest.mark.parametrize("what", ["shapes", "assert", "loop", "branches", "variable", "feed"])
def test_a_step_that_fails_holds_nothing_once_its_error_is_let_go(what: str, devices: int, call: bool) -> None:
    graph, x, y = failing(devices, what)
    with Session(graph, threads=2) as session:
        called = session.make_callable(y, [x])
        rows = LARGE[:, :4] if what == "feed" else LARGE

        def step() -> None:
            with pytest.raises(GraphError):
                called(rows) if call else session.run(y, {x: rows})

        step()
        with uncollected():
            for _ in range(3):
                step()
            assert not cycles_of_ours()


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("make", [net, lambda: net(2)])
def test_a_session_that_is_over_holds_nothing(closed: bool, make: Callable[[], Any]) -> None:
    graph, x, fetches = make()

    def step() -> None:
        session = Session(graph, threads=2)
        session.initialize()
        session.run(fetches, {x: LARGE})
        session.make_callable(fetches, [x])(LARGE)
        session.watched(Profile(), fetches, {x: ROWS})
        if closed:
            session.close()

    step()
    with uncollected():
        step()
        assert not cycles_of_ours()


def test_reading_ever_new_checkpoints_keeps_nothing_of_them(tmp_path: Path) -> None:
    graph, _, _ = net()
    with Session(graph) as session:
        session.initialize()
        paths = [session.save(str(tmp_path / f"model{i}")) for i in range(40)]

        def restore(some: list[str]) -> int:
            for path in some:
                session.restore(path)
            gc.collect()
            return tracemalloc.get_traced_memory()[0]

        tracemalloc.start()
        try:
            before = restore(paths[:20])
            assert restore(paths[20:]) - before < 20 * 200
        finally:
            tracemalloc.stop()


def test_variables_that_are_read_one_by_one_are_planned_once(makings: list[str]) -> None:
    with tf.Graph().as_default() as graph:
        some = [tf.get_variable(f"v{i}", (2,)) for i in range(2 * plans.CACHE)]
    with Session(graph) as session:
        session.initialize()
        for v in some:
            session.run(v)
        before = len(makings)
        for v in some:
            session.run(v)
        assert len(makings) == before


def test_a_graph_that_grows_between_steps_is_placed_node_by_node(monkeypatch: pytest.MonkeyPatch) -> None:
    met: list[str] = []
    placed = place.Placer._placed
    monkeypatch.setattr(place.Placer, "_placed", lambda self, node: met.append(node.name) or placed(self, node))
    with tf.Graph().as_default() as graph, Session(graph) as session:
        v = tf.get_variable("v", ())
        session.initialize()
        for i in range(5):
            with tf.device(f"/cpu:{i}"):
                session.run([tf.assign_add(v, 1.0), tf.tanh(float(i))])
        assert met == list(graph.nodes)
        device = session.placement().device
        assert [device(graph.nodes[n]) for n in ("Tanh_4", "AssignAdd_4")] == ["/device:CPU:4", "/device:CPU:0"]
        extra = tf.constant(1.0)
        graph.remove(extra.op)
        assert session.run(tf.constant(2.0)) == 2.0


def test_a_profile_of_many_steps_holds_the_first_calls_and_counts_all() -> None:
    with tf.Graph().as_default() as graph:
        y = tf.sort(tf.placeholder(tf.float32, (3,), "x")) * 2.0
    record = Recorded(most=5)
    with Session(graph, listeners=[record]) as session:
        for _ in range(20):
            session.run(y, {"x:0": [1, 2, 3]})
    assert len(record.events) == 5
    assert record.calls >= 40 and {row[2] for row in record.by_node()} == {20}
    events = json.loads(record.trace())["traceEvents"]
    assert [e["cat"] == "run" for e in events if e["ph"] == "X"].count(False) == 5
