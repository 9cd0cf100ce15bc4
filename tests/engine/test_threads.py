"""One session under threads, signals and forks: its numbers stay right, and its threads end with it."""
from __future__ import annotations

import gc
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.engine.device_threads import DeviceThreads
from graphcli.engine.execute import Executable
from graphcli.engine.plans import CACHE, STEPS
from graphcli.engine.prepared import SHAPES
from graphcli.engine.timeline import Timeline
from graphcli.errors import Finished, GraphError, RunError

SIZE = 500_000
"""Elements of arrays whose loops several threads share."""


def draw(seed: int, *shape: int) -> Any:
    return np.random.default_rng(seed).random(shape or (SIZE,), np.float32)


def at_once(count: int, body: Callable[[int], None]) -> None:
    """Calls ``body(0)`` to ``body(count - 1)`` on threads, and raises what one of them raises."""
    failed: list[BaseException] = []

    def run(i: int) -> None:
        try:
            body(i)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(i,), daemon=True) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), "a thread waits for ever"
    if failed:
        raise failed[0]


def graph_of_devices(count: int) -> tuple[Any, Any, Any]:
    with tf.Graph().as_default() as graph:
        x = y = tf.placeholder(tf.float32, (None,))
        for i in range(3 * count):
            with tf.device(f"/cpu:{i % count}"):
                y = tf.tanh(y) * 2.0 + x
    return graph, x, y


def test_threads_that_call_one_session_get_their_own_numbers() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, (None, 500))
        fetch = [tf.reduce_sum(tf.tanh(x) * 2.0, 1), tf.matmul(x, x, transpose_b=True)]
    fed = [draw(n, n, 500) for n in (3, 40, 300, 1000)]
    with Session(graph, threads=4) as session:
        call = session.make_callable(fetch, [x])
        want = [call(f) for f in fed]

        def body(i: int) -> None:
            for j in range(12):
                at = (i + j) % 4
                got = call(fed[at]) if j % 2 else session.run(fetch, {x: fed[at]})
                assert all(np.array_equal(a, b) for a, b in zip(got, want[at]))

        at_once(6, body)


def test_threads_that_call_a_session_of_several_devices_get_their_own_numbers() -> None:
    graph, x, y = graph_of_devices(3)
    fed = draw(1, 100)
    with Session(graph) as session:
        want = session.run(y, {x: fed})

        def body(i: int) -> None:
            for _ in range(20):
                assert np.array_equal(session.run(y, {x: fed}), want)

        at_once(6, body)


def test_every_device_of_every_step_has_a_thread() -> None:
    threads, barrier = DeviceThreads(), threading.Barrier(5)
    for _ in range(3):
        tasks = [threads.start(lambda: barrier.wait(30) and None) for _ in range(4)]
        barrier.wait(30)
        assert [t.waited() for t in tasks] == [None] * 4
    threads.close()


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no timer")
@pytest.mark.parametrize("devices", [1, 2])
def test_a_step_that_is_interrupted_changes_no_later_one(devices: int) -> None:
    graph, x, y = graph_of_devices(devices)
    fed = [draw(i) for i in range(2)]
    moments = random.Random(1)
    came: list[bool] = []
    raised = 0

    def interrupt(*_: Any) -> None:
        came.append(True)
        raise KeyboardInterrupt

    def until_it_comes(call: Any, value: Any) -> None:
        # a function of its own: Python 3.13 counts the jump of a loop in a try as outside of it
        signal.setitimer(signal.ITIMER_REAL, 1e-5 + moments.random() * 0.004)
        while not came:
            call(value)

    before = signal.signal(signal.SIGALRM, interrupt)
    # what is raised in a callback of the garbage collector, hypothesis has one, is dropped
    gc.disable()
    try:
        with Session(graph, threads=3) as session:
            call = session.make_callable(y, [x])
            want = [call(f) for f in fed]
            for i in range(60):
                came.clear()
                try:
                    until_it_comes(call, fed[i % 2])
                except KeyboardInterrupt:
                    raised += 1
                assert np.array_equal(call(fed[i // 2 % 2]), want[i // 2 % 2])
        assert raised == 60
    finally:
        gc.enable()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("devices", [1, 2])
def test_a_callable_makes_its_plan_once(devices: int) -> None:
    graph, x, y = graph_of_devices(devices)
    fed = draw(1)
    with Session(graph, threads=3) as session:
        call = session.make_callable(y, [x])
        call(fed)
        made = [e for e in gc.get_objects() if type(e) is Executable]
        for _ in range(5):
            call(fed)
        assert [e for e in gc.get_objects() if type(e) is Executable] == made


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("devices", [1, 2])
def test_a_child_of_a_fork_runs_what_its_parent_ran(devices: int) -> None:
    graph, x, y = graph_of_devices(devices)
    fed = draw(1)
    with Session(graph, threads=3) as session:
        want = session.run(y, {x: fed})
        child = os.fork()
        if not child:
            signal.alarm(20)
            os._exit(0 if all(np.array_equal(session.run(y, {x: fed}), want) for _ in range(3)) else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert np.array_equal(session.run(y, {x: fed}), want)


@pytest.mark.parametrize("closed", [False, True])
def test_threads_end_with_their_session(closed: bool) -> None:
    before = set(threading.enumerate())
    for _ in range(2):
        graph, x, y = graph_of_devices(2)
        session = Session(graph, threads=3)
        session.run(y, {x: draw(1)})
        if closed:
            session.close()
    begun = [t for t in threading.enumerate() if t not in before]
    assert closed or {t.name for t in begun} == {"graphcli-blocks", "graphcli-device"}
    del session, graph, x, y
    gc.collect()
    for thread in begun:
        thread.join(20)
        assert not thread.is_alive()


def test_a_failure_on_any_thread_is_told_with_its_node_and_later_steps_are_right() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.int32, (SIZE,))
        y = tf.floordiv(x * 3 + 3, x, name="quotient") + 2
    with Session(graph, threads=4) as session:
        for at in (0, SIZE // 2, SIZE - 1):
            fed = np.ones(SIZE, np.int32)
            fed[at] = 0
            with pytest.raises(RunError, match=r"quotient \(FloorDiv\): Integer division by zero"):
                session.run(y, {x: fed})
            assert (session.run(y, {x: np.ones(SIZE, np.int32)}) == 8).all()


def test_what_watches_one_step_sees_none_of_other_threads() -> None:
    graph, x, y = graph_of_devices(1)
    with Session(graph) as session:
        def body(i: int) -> None:
            for _ in range(10):
                if i % 2:
                    session.run(y, {x: draw(1, 5)})
                else:
                    timeline = Timeline()
                    session.watched(timeline, x.graph.get_tensor_by_name("Tanh:0"), {x: draw(1, 5)})
                    assert sorted(timeline.costs) == ["Tanh"]

        at_once(4, body)
        assert session.listeners == [] and session.plans.passes


def test_plans_are_forgotten_and_what_holds_one_ends_with_the_session() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, (2,))
        made = [x * float(i) for i in range(CACHE + 20)]
        deep = x
        for _ in range(100):
            deep = tf.reshape(tf.cumsum(deep), (2,))
        all_of_it = [[deep + float(i)] for i in range(STEPS // 100 + 1)]
    session = Session(graph, passes=())
    call = session.make_callable(made[1], [x])
    assert call(np.ones(2, np.float32)).tolist() == [1, 1]
    for y in (*made, *all_of_it):
        session.run(y, {x: np.ones(2)})
    assert len(session.plans.runs) == CACHE
    assert call(np.ones(2, np.float32)).tolist() == [1, 1]
    session.close()
    for run in (lambda: call(np.ones(2, np.float32)), lambda: session.run(made[1], {x: np.ones(2)})):
        with pytest.raises(Finished, match="the session is closed"):
            run()


def test_feeds_of_ever_new_shapes_make_no_ever_new_plans() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, (None, 3))
        y = tf.reduce_sum(tf.tanh(x) * 2.0, 1)
    with Session(graph) as session:
        call = session.make_callable(y, [x])
        for n in range(1, 5 * SHAPES):
            fed = draw(n, n, 3)
            assert np.array_equal(call(fed), session.run(y, {x: fed}))
        assert [len(p.by_shape) for p in session.plans.runs.values()] == [SHAPES + 1]


def test_a_session_that_is_closed_while_steps_run_ends_them_or_lets_them_end() -> None:
    graph, x, y = graph_of_devices(2)
    session = Session(graph, threads=2)
    fed = draw(3)
    want = session.run(y, {x: fed})

    def body(i: int) -> None:
        if i == 0:
            time.sleep(0.02)
            session.close()
            return
        try:
            while True:
                assert np.array_equal(session.run(y, {x: fed}), want)
        except GraphError as error:
            assert "the session is closed" in str(error)

    at_once(4, body)
