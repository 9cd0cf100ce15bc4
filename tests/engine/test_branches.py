"""Branches side by side: the bits, the failures and the memory of one step after the other."""
from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.engine.listeners import Trace
from graphcli.engine.plan import PASSES
from graphcli.errors import RunError

from .test_footprint import measured
from .test_passes import same

BATCH = 96


def weights(*shape: int) -> Any:
    return tf.Variable((np.random.default_rng(len(shape)).random(shape, np.float32) - 0.5) / 10)


def towers(dropout: bool = False, bad: tuple[int, ...] = ()) -> tuple[Any, Any, Any]:
    """(graph, fetches, feeds) of four networks on one input, and the mean of what they say."""
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, (BATCH, 256), name="x")
        rows = tf.placeholder(tf.int32, (BATCH,), name="rows")
        said = []
        for i in range(4):
            h = x
            for a, b in ((256, 256), (256, 256), (256, 64)):
                h = tf.nn.relu(tf.sort(tf.matmul(h, weights(a, b)), name=f"sorted{i}") + weights(b))
                h = tf.nn.dropout(h, 0.5, seed=i + 1) if dropout else h
            if i in bad:
                h = tf.gather(h, rows, name=f"picked{i}")
            said.append(h)
        y = tf.add_n(said) / 4.0
        step = tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_mean(tf.square(y)))
    values = np.random.default_rng(3).random((BATCH, 256), np.float32)
    return graph, [y, step], {x: values, rows: np.arange(BATCH, dtype=np.int32)} if bad else {x: values}


@pytest.mark.parametrize("dropout", [False, True])
@pytest.mark.parametrize("threads", [2, 4])
def test_branches_keep_the_bits(threads: int, dropout: bool) -> None:
    graph, fetches, feeds = towers(dropout)
    answers = []
    every = tuple(p for p in PASSES if p not in ("accumulate", "winograd"))  # all that keep the bits of a variable
    for passes in ((), every, ("branch",)):
        with Session(graph, passes=passes, threads=threads, seed=1) as session:
            session.initialize()
            assert session.plan(fetches, feeds).forks or passes != every
            answers.append([session.run(fetches, feeds)[0] for _ in range(4)])
    assert same(answers[0], answers[1]) and same(answers[0], answers[2])


def test_one_thread_has_no_branches() -> None:
    graph, fetches, feeds = towers()
    assert not Session(graph, threads=1).plan(fetches, feeds).forks
    assert not Session(graph, threads=2, passes=[p for p in PASSES if p != "branch"]).plan(fetches, feeds).forks


def test_who_listens_sees_one_step_after_the_other() -> None:
    graph, fetches, feeds = towers()
    seen: set[int] = set()
    with Session(graph, threads=2, listeners=[Trace(lambda node, arrays: seen.add(threading.get_ident()))],
                 passes=PASSES) as session:
        session.initialize()
        assert session.plan(fetches, feeds).forks
        session.run(fetches, feeds)
    assert seen == {threading.get_ident()}


def test_the_first_failure_in_the_plan_is_told() -> None:
    graph, fetches, feeds = towers(bad=(1, 3))
    with Session(graph, threads=2) as session:
        session.initialize()
        forks = session.plan(fetches, feeds).forks
        session.run(fetches, feeds)
        rows = next(t for t in feeds if t.op.name == "rows")
        for _ in range(5):
            with pytest.raises(RunError, match=r"picked1 \(GatherV2\)"):
                session.run(fetches, {**feeds, rows: np.full(BATCH, 1000, np.int32)})
        steps = {n for fork in forks for branch in fork for n in branch}
        assert any(s.node.name == "picked1" for s in session.plan(fetches, feeds).steps if s.number in steps)


def test_branches_are_in_the_peak() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, (64, 512))
        said = []
        for _ in range(2):
            h = x
            for _ in range(3):
                h = tf.tanh(tf.sort(h * weights(512)))
            said.append(tf.cumsum(h, 1))
        y = said[0] + said[1]
    feeds = {x: np.random.default_rng(3).random((64, 512), np.float32)}
    with Session(graph, threads=2) as session:
        session.initialize()
        plan = session.plan(y, feeds)
        assert plan.forks
        held = max(measured(session, y, feeds) for _ in range(16))
    # the branches may happen not to meet, and what one of them holds is then all
    assert 0.7 * held < plan.peak.bytes < 2 * held + 100_000


def test_branches_that_would_hold_much_more_run_one_after_the_other() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, (1000, 2000))
        y = tf.add_n([tf.reduce_sum(tf.sort(x * float(i)), 0) for i in range(4)])
    feeds = {x: np.random.default_rng(3).random((1000, 2000), np.float32)}
    with Session(graph, threads=2) as session:
        plan = session.plan(y, feeds)
        assert not plan.forks and 0.9 * plan.peak.bytes < measured(session, y, feeds) < 1.1 * plan.peak.bytes


def test_the_plan_shows_its_branches() -> None:
    graph, fetches, feeds = towers()
    text = str(Session(graph, threads=2).plan(fetches[0], feeds))
    assert "  # branch 1 of 4: " in text and "  # branch 4 of 4: " in text
