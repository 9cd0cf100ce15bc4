"""Ops that are taken in parts give the bits of the whole, for parts of any size and any number of threads."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.errors import GraphError
from graphcli.graph import parts
from graphcli.graph.opdef import find_op

from ..ops import cases, check
from ..ops.test_cases import CASES, OURS
from .test_passes import same


def cut(row: cases.Row) -> bool:
    found = find_op(row.op.split()[0])
    return found is not None and "parts" in found.cls.__dict__


@pytest.mark.parametrize(("row", "kind"), [c for c in CASES if cut(c.values[0])])
def test_every_entry_on_its_own_gives_the_bits_of_the_whole(monkeypatch: Any, row: cases.Row, kind: str) -> None:
    try:
        built = check.build(OURS, row, kind)
    except GraphError:
        return

    def values(part: int, threads: int) -> Any:
        monkeypatch.setattr(parts, "PART", part)
        monkeypatch.setattr(parts, "SMALLEST", part)
        try:
            with Session(built.graph, seed=3, passes=(), threads=threads) as session:
                session.initialize()
                for before in built.before:
                    session.run(before, built.feeds)
                return session.run(built.ys, built.feeds)
        except GraphError as error:
            return str(error)

    whole = values(1 << 40, 1)
    assert same(values(0, 1), whole)
    assert same(values(64, 3), whole)


def draw(*shape: int) -> Any:
    return np.random.default_rng(1).random(shape, np.float32)


LARGE = {
    "pool": lambda: (tf.nn.max_pool(tf.constant(draw(9, 60, 60, 20)), [1, 3, 3, 1], [1, 2, 2, 1], "SAME")),
    "sort": lambda: tf.nn.top_k(tf.constant(draw(3, 100, 1001)), 7),
    "transform": lambda: tf.fft(tf.cast(tf.constant(draw(4, 50, 999)), tf.complex64)),
    "solve": lambda: tf.matrix_solve(tf.constant(draw(60, 60, 60)), tf.constant(draw(60, 60, 60))),
    "colours": lambda: tf.image.adjust_hue(tf.constant(draw(3, 100, 333, 3)), 0.3),
    "labels": lambda: tf.nn.sparse_softmax_cross_entropy_with_logits(
        labels=tf.constant(np.arange(3001) % 100), logits=tf.constant(draw(3001, 100))),
    "turned": lambda: tf.nn.in_top_k(tf.transpose(tf.constant(draw(1003, 500))), np.arange(500), 9),
}


@pytest.mark.parametrize("name", LARGE)
def test_parts_of_any_size_and_any_number_of_threads_give_the_same_bits(monkeypatch: Any, name: str) -> None:
    with tf.Graph().as_default() as graph:
        y = LARGE[name]()
    found = []
    for size, threads in ((1 << 40, 1), (1 << 20, 2), (1 << 16, 4), (1000, 1)):
        monkeypatch.setattr(parts, "PART", size)
        monkeypatch.setattr(parts, "SMALLEST", size)
        with Session(graph, passes=(), threads=threads) as session:
            found.append(session.run(y))
    assert all(same(f, found[0]) for f in found[1:])


def test_what_fails_in_a_part_is_told_of_the_whole() -> None:
    with tf.Graph().as_default() as graph:
        x, labels = tf.placeholder(tf.float32, (4000, 100)), tf.placeholder(tf.int64, (4000,))
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=x)
    given = np.zeros(4000, np.int64)
    given[3999] = 100
    with Session(graph, threads=2) as session, pytest.raises(GraphError, match="label value of 100 .* values: 0 0 0"):
        session.run(loss, {x: draw(4000, 100), labels: given})


def test_an_output_that_nobody_wants_is_not_made() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, (4000, 1000))
        values, places = tf.nn.top_k(x, 1000)
    given = draw(4000, 1000)
    with Session(graph) as session:
        both = session.run([values, places], {x: given})
        assert np.array_equal(session.run(values, {x: given}), both[0])
        assert np.array_equal(session.run(places, {x: given}), both[1])


LOOPS = {
    "softmax": lambda x: tf.nn.softmax(x), "log_softmax": lambda x: tf.nn.log_softmax(x),
    "cross entropy": lambda x: tf.nn.softmax_cross_entropy_with_logits_v2(labels=x, logits=x),
    "sum": lambda x: tf.reduce_sum(x, 1), "bias": lambda x: tf.nn.bias_add(x, tf.ones(1000)),
}


@pytest.mark.parametrize("name", LOOPS)
def test_what_can_be_a_loop_over_blocks_still_is(name: str) -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, (1000, 1000))
        y = LOOPS[name](x)
    with Session(graph) as session:
        steps = session.plan(y, {x: draw(1000, 1000)}).steps
    assert [s for s in steps if s.program is not None and s.program.shape is not None]
