"""Matrices that lie column by column: the same bits, whatever meets them, and arrays of the caller's own, by rows."""
from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session, products, turn
from graphcli.engine.plan import PASSES
from graphcli.engine.spread import spreads

from .test_accumulate import draw
from .test_passes import same

pytestmark = pytest.mark.usefixtures("blas_has_two_threads")

EXACT = tuple(p for p in PASSES if p not in ("accumulate", "stack"))
"""All that keep the bits."""


def lstm(trained: bool, cells: int = 4, hidden: int = 128, batch: int = 32) -> tuple[Any, Any, dict[Any, Any]]:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [batch, cells, 64])
        kernel = tf.Variable(draw(64 + hidden, 4 * hidden) * np.float32(0.05))
        bias = tf.Variable(draw(4 * hidden, seed=1))
        h = c = tf.zeros([batch, hidden])
        for at in tf.unstack(x, axis=1):
            i, j, f, o = tf.split(tf.nn.bias_add(tf.matmul(tf.concat([at, h], 1), kernel), bias), 4, 1)
            c = tf.sigmoid(f + 1.0) * c + tf.sigmoid(i) * tf.tanh(j)
            h = tf.sigmoid(o) * tf.tanh(c)
        fetches = [h, c]
        if trained:
            fetches += tf.gradients(tf.reduce_mean(tf.square(h)), [kernel, bias])
    return graph, fetches, {x: draw(batch, cells, 64, seed=2)}


def answers(graph: Any, fetches: Any, feeds: Any, **options: Any) -> tuple[list[Any], int]:
    """What some steps give, the last with BLAS's threads where they are to have products, and how much is turned."""
    with Session(graph, seed=1, **options) as session:
        session.initialize()
        step = session.make_callable(fetches, list(feeds))
        found = [step(*feeds.values()) for _ in range(products.ASK + 2)]
        session.plans.products.on = True
        return found, len(session.plan(fetches, feeds).turned)


@pytest.mark.parametrize("trained", [False, True])
def test_an_lstm_keeps_its_bits(trained: bool) -> None:
    graph, fetches, feeds = lstm(trained)
    plain, _ = answers(graph, fetches, feeds, passes=())
    assert all(same(plain[0], p) for p in plain)
    for threads in (1, 2, 4):
        found, many = answers(graph, fetches, feeds, passes=EXACT, threads=threads)
        assert many > 20
        assert all(same(plain[0], f) for f in found)
    assert answers(graph, fetches, feeds, passes=[p for p in PASSES if p != "turn"])[1] == 0


@pytest.mark.parametrize("cut", ["split", "slice"])
def test_of_a_product_that_would_be_quicker_by_columns_one_column_may_be_cut(cut: str) -> None:
    with tf.Graph().as_default() as graph:
        x, w = tf.placeholder(tf.float32, [64, 256]), tf.Variable(draw(129, 256))
        whole = tf.tanh(tf.matmul(x, w, transpose_b=True)) * 0.5
        one, rest = tf.split(whole, [1, 128], 1) if cut == "split" else (
            tf.slice(whole, [0, 0], [64, 1]), tf.slice(whole, [0, 1], [64, 128]))
        out = [tf.tanh(rest) * one]
    feeds = {x: draw(64, 256, seed=2)}
    plain, _ = answers(graph, out, feeds, passes=())
    assert all(same(plain[0], f) for f in answers(graph, out, feeds, passes=EXACT)[0])


def test_what_is_fetched_lies_by_rows_and_is_the_callers() -> None:
    graph, fetches, feeds = lstm(False)
    with Session(graph) as session:
        session.initialize()
        plan = session.plan(fetches, feeds)
        assert all(r in plan.turned for r in plan.results)
        assert " by columns" in str(plan)
        step = session.make_callable(fetches, list(feeds))
        first = step(*feeds.values())
        kept = [a.copy() for a in first]
        step(*(v + 1 for v in feeds.values()))
        assert same(first, kept) and all(a.flags.c_contiguous and a.flags.owndata for a in first)


@pytest.mark.parametrize("trained", [False, True])
def test_what_only_turned_products_take_is_joined_by_columns(trained: bool) -> None:
    graph, fetches, feeds = lstm(trained)
    with Session(graph) as session:
        plan = session.plan(fetches, feeds)
    joined = [s.outputs[0] in plan.turned for s in plan.steps if s.node.type == "ConcatV2"]
    assert joined == ([False] * 8 if trained else [False, True, True, True]), "the first is of an input and zeros"


@pytest.mark.parametrize("trained", [False, True])
def test_a_blas_that_rounds_the_transposes_otherwise_is_not_asked_for_them(trained: bool,
                                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    graph, fetches, feeds = lstm(trained)
    plain, _ = answers(graph, fetches, feeds, passes=())
    asked: list[Any] = []

    def never(self: Any, key: Any, *rest: Any) -> bool:
        asked.append(key[0])
        return False

    monkeypatch.setattr(products.Products, "_same_bits", never)
    found, many = answers(graph, fetches, feeds, passes=EXACT)
    assert many and "turned" in asked and same(plain[0], found[-1])


def test_a_row_that_changes_between_two_steps_is_spread_anew() -> None:
    with tf.Graph().as_default() as graph:
        x, w = tf.placeholder(tf.float32, [32, 192]), tf.placeholder(tf.float32, [192, 512])
        bias = tf.Variable(draw(512))
        made: list[Any] = []
        change: list[Any] = []
        for at in range(8):
            with tf.control_dependencies([*change, *made[-1:]]):
                read = bias.read_value() if at % 4 else bias
                made.append(gates(tf.nn.bias_add(tf.matmul(x + float(at), w), read)))
            if at in (3, 5):
                with tf.control_dependencies(made[-1:]):
                    change = [tf.assign_add(bias, draw(512, seed=at)).op]
    feeds = {x: draw(32, 192), w: draw(192, 512, seed=1)}
    plain, _ = answers(graph, made, feeds, passes=())
    found, many = answers(graph, made, feeds, passes=EXACT)
    with Session(graph, passes=EXACT) as session:
        steps = session.plan(made, feeds).steps
        assert {at[0]: spread for at, spread in spreads(steps, session.plan(made, feeds).turned).items()}
    assert many and all(same(p, f) for p, f in zip(plain, found))
    assert not same(plain[0], plain[1])


def alone(make: Any) -> int:
    """How much is turned of a product and what is made of it."""
    with tf.Graph().as_default() as graph:
        x, w = tf.placeholder(tf.float32, [32, 192], name="x"), tf.placeholder(tf.float32, [192, 512], name="w")
        y = make(tf.matmul(x, w))
    with Session(graph) as session:
        session.initialize()
        return len(session.plan(y, {x: draw(32, 192), w: draw(192, 512)}).turned)


def gates(y: Any) -> Any:
    return tf.add_n([tf.tanh(y[:, at:at + 128]) for at in range(0, 512, 128)])


@pytest.mark.parametrize("make, fits", [
    (gates, True),
    (lambda y: tf.concat([gates(y), gates(y)], 1), True),
    (lambda y: gates(y) + tf.placeholder_with_default(draw(32, 128), (32, 128)), False),
    (lambda y: gates(y) + tf.Variable(draw(32, 128)), False),
    (lambda y: tf.reshape(gates(y), [-1]), False),
    (lambda y: tf.matmul(gates(y), draw(128, 128)), False),
    (lambda y: [gates(y), tf.transpose(y)], False),
    (lambda y: tf.sort(gates(y)), False),
    (lambda y: tf.reduce_sum(tf.tanh(y), 0), False)], ids=[str(i) for i in range(9)])
def test_what_meets_a_matrix_that_lies_otherwise_is_left_as_it_is(make: Any, fits: bool) -> None:
    assert (alone(make) > 0) == fits


def grown(seed: int) -> tuple[Any, Any, dict[Any, Any]]:
    """A graph of products, sums, cuts, joints and elementwise ops on small matrices."""
    r = random.Random(seed)
    rows = r.choice([2, 5, 8])
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [rows, 6])
        bias = [tf.Variable(draw(n, seed=n)) for n in (4, 8, 12)]
        column = tf.placeholder(tf.float32, [rows, 1])
        made = [x]
        for at in range(r.randint(6, 24)):
            a = r.choice(made[-6:])
            columns = a.shape.as_list()[1]
            kind = r.random()
            if kind < 0.3:
                n = r.choice([4, 8, 12])
                turned = r.random() < 0.5
                w = draw(n, columns, seed=at) if turned else draw(columns, n, seed=at)
                made.append(tf.matmul(a, tf.constant(w) if r.random() < 0.5 else tf.Variable(w), transpose_b=turned))
            elif kind < 0.4 and columns in (4, 8, 12):
                made.append(tf.nn.bias_add(a, bias[columns // 4 - 1]))
            elif kind < 0.5 and columns % 2 == 0 and columns > 2:
                made += tf.split(a, 2, 1)
            elif kind < 0.58 and columns > 3:
                made.append(a[:, 1:columns - 1])
            elif kind < 0.68:
                made.append(tf.concat([a, r.choice(made)], 1))
            elif kind < 0.74:
                made.append(a - tf.reduce_mean(a, r.choice([0, 1]), keepdims=True))
            elif kind < 0.8:
                made.append(tf.where(a > 0.0, a, tf.ones_like(a) * 0.5))
            elif kind < 0.85:
                made.append(a * column)
            else:
                b = r.choice([m for m in made if m.shape.as_list() == a.shape.as_list()])
                made.append(r.choice([tf.tanh(a), tf.maximum(a, b), a * b, tf.sigmoid(a) + b, tf.nn.relu(a)]))
        fetches = r.sample(made, min(3, len(made)))
        loss = tf.reduce_sum(tf.tanh(made[-1]))
        fetches += [loss, *(g for g in tf.gradients(loss, bias) if g is not None)]
    return graph, fetches, {x: draw(rows, 6), column: draw(rows, 1, seed=1)}


def compared(seed: int) -> int:
    """How much is turned in a grown graph, whose bits are compared."""
    graph, fetches, feeds = grown(seed)
    plain, _ = answers(graph, fetches, feeds, passes=())
    found, many = answers(graph, fetches, feeds, passes=EXACT, threads=1 + seed % 2)
    assert all(same(p, f) for p, f in zip(plain, found)), seed
    return many


def test_random_graphs_keep_their_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn, "SHARED", 1)
    monkeypatch.setattr(turn, "PACE", 1e-9)
    assert sum(compared(seed) > 0 for seed in range(60)) > 30
