"""Columns of products: computed alone, with the bits of the whole; whatever is written meanwhile."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session, products
from graphcli.engine.plan import PASSES

from .test_accumulate import draw

pytestmark = pytest.mark.usefixtures("blas_has_two_threads")


def narrow(session: Session, fetches: Any, feeds: Any) -> list[tuple[int, int] | None]:
    return [s.columns for s in session.plan(fetches, feeds).steps if s.products]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("turns", [(False, False), (True, False), (False, True), (True, True)], ids=str)
@pytest.mark.parametrize(("sizes", "columns"), [((32, 512, 192), (64, 192)), ((64, 300, 257), (1, 256)),
                                                ((700, 700, 90), (3, 17)), ((128, 64, 1000), (0, 999))], ids=str)
def test_columns_of_a_product_have_the_bits_of_the_whole(sizes: Any, columns: Any, turns: Any, dtype: str) -> None:
    rows, inner, width = sizes
    with tf.Graph().as_default() as graph:
        a = tf.placeholder(dtype, (inner, rows) if turns[0] else (rows, inner))
        b = tf.placeholder(dtype, (width, inner) if turns[1] else (inner, width))
        y = tf.slice(tf.matmul(a, b, *turns), [0, columns[0]], [-1, columns[1] - columns[0]])
    feeds = {a: draw(*a.shape.as_list(), dtype=dtype), b: draw(*b.shape.as_list(), dtype=dtype, seed=1)}
    wanted = Session(graph, passes=()).run(y, feeds)
    for threads in (1, 2, 4):
        for passes in (("narrow",), PASSES):
            with Session(graph, passes=passes, threads=threads) as session:
                assert narrow(session, y, feeds) == [columns]
                step = session.make_callable(y, list(feeds))
                assert all(step(*feeds.values()).tobytes() == wanted.tobytes() for _ in range(2 * products.ASK + 2))


def test_where_the_bits_would_differ_the_whole_is_computed() -> None:
    session = Session(tf.Graph())
    a, b = draw(8, 4), draw(4, 6)

    def product(x: Any, y: Any) -> Any:
        return np.matmul(x, y) + np.float32(y.shape[1])

    found = session.plans.products.part(product, a, b, 2, 5)
    assert found.tobytes() == product(a, b)[:, 2:5].tobytes() and found.base is None


def test_a_variable_is_read_as_it_is_when_the_product_would_have_run() -> None:
    """Columns of a product with a variable, of which a later write is not seen and an earlier one is."""
    with tf.Graph().as_default() as graph:
        w = tf.Variable(tf.ones([512, 192]))
        x = tf.placeholder(tf.float32, [32, 512])
        old = tf.slice(tf.matmul(x, w), [0, 64], [32, 128])
        write = tf.assign_add(w, tf.ones([512, 192]))
        with tf.control_dependencies([write]):
            new = tf.slice(tf.matmul(x, w.op.outputs[0]), [0, 0], [-1, 64])
    feeds = {x: draw(32, 512)}
    plain = Session(graph, passes=())
    plain.initialize()
    wanted = plain.run([old, new, write], feeds)
    for passes in (("narrow",), PASSES):
        with Session(graph, passes=passes) as session:
            session.initialize()
            assert len(narrow(session, [old, new, write], feeds)) == 2
            assert all(a.tobytes() == b.tobytes() for a, b in zip(session.run([old, new, write], feeds), wanted))


def test_a_slice_that_waits_for_a_write_takes_the_product_as_it_was_before() -> None:
    with tf.Graph().as_default() as graph:
        w = tf.Variable(tf.ones([512, 192]))
        x = tf.placeholder(tf.float32, [32, 512])
        whole = tf.matmul(x, w)
        with tf.control_dependencies([tf.assign_add(w, tf.ones([512, 192]))]):
            part = tf.slice(whole, [0, 64], [32, 128])
    feeds = {x: draw(32, 512)}
    with Session(graph) as session, Session(graph, passes=()) as plain:
        session.initialize()
        plain.initialize()
        assert narrow(session, part, feeds) == []
        assert session.run(part, feeds).tobytes() == plain.run(part, feeds).tobytes()


@pytest.mark.parametrize("begin, size", [([1, 64], [31, 128]), ([0, 0], [-1, 192]), ([0, 5], [32, 0])], ids=str)
def test_rows_of_a_product_and_all_of_its_columns_are_left_as_they_are(begin: Any, size: Any) -> None:
    with tf.Graph().as_default() as graph:
        a, b = tf.placeholder(tf.float32, (32, 512)), tf.placeholder(tf.float32, (512, 192))
        y = tf.slice(tf.matmul(a, b), begin, size)
    feeds = {a: draw(32, 512), b: draw(512, 192)}
    with Session(graph) as session:
        assert narrow(session, y, feeds) == []
        assert session.run(y, feeds).tobytes() == Session(graph, passes=()).run(y, feeds).tobytes()


def test_a_product_that_others_use_is_left_as_it_is() -> None:
    with tf.Graph().as_default() as graph:
        a, b = tf.placeholder(tf.float32, (32, 512)), tf.placeholder(tf.float32, (512, 192))
        whole = tf.matmul(a, b)
        part = tf.slice(whole, [0, 64], [32, 128])
    feeds = {a: draw(32, 512), b: draw(512, 192)}
    with Session(graph) as session:
        assert narrow(session, [part, whole], feeds) == []
        assert narrow(session, [part, tf.reduce_sum(whole)], feeds) == []
        assert narrow(session, part, {**feeds, whole: draw(32, 192)}) == []


def test_the_plan_tells_the_memory_of_the_whole_and_the_work_of_the_columns() -> None:
    """The first steps compute the whole, to see whether the bits are the same; later ones the columns."""
    from graphcli.engine.explain import explain

    from .held import measured

    with tf.Graph().as_default() as graph:
        a, b = tf.placeholder(tf.float32, (1000, 512)), tf.placeholder(tf.float32, (512, 2000))
        y = tf.slice(tf.matmul(a, b), [0, 100], [-1, 900])
    feeds = {a: draw(1000, 512), b: draw(512, 2000)}
    with Session(graph) as session:
        peak = session.plan(y, feeds).peak.bytes
        assert peak == 4 * 1000 * (2000 + 900)
        assert abs(measured(session, y, feeds) - peak) < 0.02 * peak
        assert sum(explain(session, y, feeds).flops.values()) == 2 * 1000 * 512 * 900


def test_a_product_of_large_matrices_is_not_asked_for_columns() -> None:
    with tf.Graph().as_default() as graph:
        a, b = tf.placeholder(tf.float32, (2048, 2048)), tf.placeholder(tf.float32, (2048, 64))
        y = tf.slice(tf.matmul(a, b), [0, 0], [-1, 32])
    with Session(graph) as session:
        assert narrow(session, y, [a, b]) == []
