"""Products that are added where their sum lies: the same bits for a sum, one rounding less for a variable."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session, products
from graphcli.engine.plan import PASSES
from graphcli.graph import blas

pytestmark = pytest.mark.usefixtures("blas_has_two_threads")

ONE = ("accumulate",)
EACH = tuple(p for p in PASSES if p != "stack")
SIZES = [(32, 192, 512), (64, 784, 256), (256, 701, 900), (1, 1024, 1024), (77, 515, 1030)]
known = pytest.mark.skipif(blas.adder(np.dtype("f4")) is None, reason="numpy's BLAS is not the one of its wheels")


def draw(*shape: int, dtype: Any = "float32", seed: int = 0) -> Any:
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def sums(inner: int, rows: int, columns: int, dtype: str, turns: tuple[bool, bool]) -> tuple[Any, Any, Any]:
    with tf.Graph().as_default() as graph:
        pairs = []
        for _ in range(4):
            a = tf.placeholder(dtype, (inner, rows) if turns[0] else (rows, inner))
            b = tf.placeholder(dtype, (columns, inner) if turns[1] else (inner, columns))
            pairs.append((a, b))
        y = tf.add_n([tf.matmul(a, b, *turns) for a, b in pairs])
    holders = [x for pair in pairs for x in pair]
    return graph, y, {x: draw(*x.shape.as_list(), dtype=dtype, seed=i) for i, x in enumerate(holders)}


def added(session: Session, fetches: Any, feeds: Any) -> list[int]:
    """How many products each step adds."""
    return [len(s.products) for s in session.plan(fetches, feeds).steps if s.products]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("turns", [(False, False), (True, False), (False, True), (True, True)], ids=str)
@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_a_sum_of_products_keeps_its_bits(sizes: Any, turns: Any, dtype: str) -> None:
    graph, y, feeds = sums(*sizes, dtype, turns)
    wanted = Session(graph, passes=()).run(y, feeds)
    for threads in (1, 2, 4):
        for passes in (ONE, EACH):
            with Session(graph, passes=passes, threads=threads) as session:
                assert added(session, y, feeds) == ([4] if dtype == "float32" or sizes[0] <= 128 else [])
                step = session.make_callable(y, list(feeds))
                assert all(step(*feeds.values()).tobytes() == wanted.tobytes() for _ in range(2 * products.ASK + 2))


def trained(steps: int, **options: Any) -> tuple[list[Any], list[int]]:
    """The variables of a net after some steps, and what its steps add."""
    x, target = draw(64, 300), draw(64, 200, seed=1)
    with tf.Graph().as_default() as graph:
        first, last = (tf.Variable(draw(*s, seed=i) * np.float32(0.05)) for i, s in enumerate(((300, 200), (200, 200))))
        h = x
        for w in (first, last, last):
            h = tf.tanh(tf.matmul(h, w))
        train = tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_sum(tf.square(h - target)))
    with Session(graph, **options) as session:
        session.initialize()
        for _ in range(steps):
            session.run(train)
        return session.run([first, last]), added(session, train, {})


@known
def test_a_variable_is_rounded_once_less_and_alike_for_any_number_of_threads() -> None:
    before = trained(0)[0]
    plain = trained(1, passes=())[0]
    one, adding = trained(1)
    assert sorted(adding) == [1, 2], "the first variable takes its product, the gradients of the last are summed"
    for old, a, b in zip(before, plain, one):
        unit = np.spacing(np.maximum(np.maximum(np.abs(old), np.abs(a)), np.abs(a - old)))
        assert (np.abs(a - b) <= 1.5 * unit).all()
    assert (plain[0] != one[0]).any() and plain[1].tobytes() == one[1].tobytes()
    later = [trained(12, threads=n, passes=p)[0] for n in (1, 2, 4) for p in (ONE, PASSES)]
    assert len({b"".join(v.tobytes() for v in found) for found in later}) == 1


def test_without_a_blas_that_is_known_nothing_is_rounded_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = trained(3, passes=())[0]
    monkeypatch.setattr(products, "adder", lambda dtype: None)
    found, adding = trained(3)
    assert adding and all(a.tobytes() == b.tobytes() for a, b in zip(plain, found))


def test_a_blas_that_rounds_a_sum_otherwise_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def other(out: Any, a: Any, b: Any, times: Any) -> None:
        out += (a @ b) * out.dtype.type(times) * out.dtype.type(1 + 2**-20)

    monkeypatch.setattr(products, "adder", lambda dtype: other)
    graph, y, feeds = sums(32, 192, 512, "float32", (False, False))
    wanted = Session(graph, passes=()).run(y, feeds)
    assert Session(graph, passes=EACH).run(y, feeds).tobytes() == wanted.tobytes()


def test_a_variable_that_is_not_in_one_piece_is_changed_all_the_same() -> None:
    with tf.Graph().as_default() as graph:
        w = tf.Variable(tf.zeros([512, 192]))
        a, b = tf.placeholder(tf.float32, [512, 32]), tf.placeholder(tf.float32, [32, 192])
        train = tf.assign(w, tf.zeros([512, 192])).op
        step = tf.apply_op("ApplyGradientDescent", None, [w.op.outputs[0], 0.5, tf.matmul(a, b)])
    feeds = {a: draw(512, 32), b: draw(32, 192, seed=1)}
    with Session(graph) as session:
        session.initialize()
        session.run(train)
        session.state.slots[w.op].value = np.asfortranarray(draw(512, 192, seed=2))
        assert added(session, step, feeds) == [1]
        session.run(step, feeds)
        np.testing.assert_allclose(session.run(w), draw(512, 192, seed=2) - 0.5 * (feeds[a] @ feeds[b]), rtol=1e-5,
                                   atol=1e-5)


def pair(rows: Any = 192, inner: Any = 32, columns: Any = 512, dtype: Any = tf.float32) -> Any:
    return tf.matmul(tf.placeholder(dtype, (rows, inner)), tf.placeholder(dtype, (inner, columns)))


def twice() -> Any:
    one = pair()
    return tf.add_n([one, one])


def used_elsewhere() -> Any:
    one, other = pair(), pair()
    return [tf.add_n([one, other]), tf.exp(one)]


def fetched() -> Any:
    one, other = pair(), pair()
    return [tf.add_n([one, other]), other]


def of_a_variable() -> Any:
    w = tf.Variable(tf.zeros([32, 512]))
    x = tf.placeholder(tf.float32, (192, 32))
    return tf.add_n([tf.matmul(x, w), pair()])


def of_other_ops() -> Any:
    return tf.add_n([pair(), tf.exp(pair())])


@pytest.mark.parametrize("make", [
    twice, used_elsewhere, fetched, of_a_variable, of_other_ops,
    lambda: tf.add_n([pair(inner=300, rows=600), pair(inner=300, rows=600)]),
    lambda: tf.add_n([pair(rows=16, columns=256, inner=256), pair(rows=16, columns=256, inner=256)]),
    lambda: tf.add_n([pair(rows=8, columns=8, inner=4), pair(rows=8, columns=8, inner=4)]),
    lambda: tf.add_n([pair(dtype=tf.float16), pair(dtype=tf.float16)]),
    lambda: tf.add_n([pair()])], ids=[str(i) for i in range(10)])
def test_what_others_need_or_what_would_not_pay_is_left_as_it_is(make: Callable[[], Any]) -> None:
    with tf.Graph().as_default() as graph:
        fetches = make()
    feeds = {n.outputs[0]: draw(*n.outputs[0].shape.as_list(), seed=i).astype(n.outputs[0].dtype.as_numpy_dtype)
             for i, n in enumerate(graph) if n.type == "Placeholder"}
    with Session(graph) as session, Session(graph, passes=()) as plain:
        assert added(session, fetches, feeds) == []
        session.initialize()
        plain.initialize()
        one, other = session.run(fetches, feeds), plain.run(fetches, feeds)
        assert all(np.asarray(a).tobytes() == np.asarray(b).tobytes() for a, b in zip(one, other))


def test_a_product_that_is_fed_is_what_was_fed() -> None:
    with tf.Graph().as_default() as graph:
        one, other = pair(), pair()
        with tf.control_dependencies([one]):
            total = tf.add_n([tf.identity(one), other])
    feeds = {n.outputs[0]: draw(*n.outputs[0].shape.as_list()) for n in graph if n.type == "Placeholder"}
    feeds[one] = np.ones((192, 512), "float32")
    with Session(graph) as session:
        wanted = feeds[one] + Session(graph, passes=()).run(other, feeds)
        assert session.run(total, feeds).tobytes() == wanted.tobytes()


def test_who_waits_for_a_product_waits_for_what_it_waited_for() -> None:
    with tf.Graph().as_default() as graph:
        w = tf.Variable(0.0)
        with tf.control_dependencies([tf.assign(w, 1.0)]):
            one = tf.matmul(tf.zeros([192, 32]) + draw(192, 32), tf.placeholder_with_default(draw(32, 512), (32, 512)))
        total = tf.add_n([one, pair()])
        with tf.control_dependencies([one]):
            seen = tf.identity(w.op.outputs[0])
    feeds = {n.outputs[0]: draw(*n.outputs[0].shape.as_list()) for n in graph if n.type == "Placeholder"}
    with Session(graph) as session:
        session.initialize()
        assert added(session, [total, seen], feeds) == [2]
        assert session.run([total, seen], feeds)[1] == 1.0
