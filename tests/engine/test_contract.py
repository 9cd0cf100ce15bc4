"""Products whose operands are turned before, or whose result is after, taken as these lie: within the bound, alike for
any number of threads, in no more memory than operands and result; and what others need, or is written, is left."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphcli.tf1 as tf
from graphcli.engine import Session, products
from graphcli.engine.plan import PASSES
from graphcli.passes import contract

from .held import measured
from .test_accumulate import draw

pytestmark = pytest.mark.usefixtures("blas_has_two_threads")

HEADS = (4, 128, 12, 64)
MOST = 1600
"""Terms of the sums below; a complex one has four products of real numbers."""
CASES: dict[str, tuple[Callable[..., Any], tuple[tuple[int, ...], ...]]] = {}


def case(name: str, *shapes: tuple[int, ...]) -> Callable[[Any], Any]:
    def keep(make: Callable[..., Any]) -> Any:
        CASES[name] = make, shapes
        return make

    return keep


def heads(x: Any, order: Any = (0, 2, 1, 3)) -> Any:
    """As BERT and GPT-2 make them."""
    return tf.transpose(tf.reshape(x, HEADS), order)


def together(x: Any) -> Any:
    return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [4 * 128, 12 * 64])


case("tensordot of the middle", (30, 200, 128), (200, 64))(lambda x, w: tf.tensordot(x, w, [[1], [0]]))
case("tensordot of two in another order", (40, 40, 200), (40, 40, 100))(
    lambda x, y: tf.tensordot(x, y, [[1, 0], [1, 0]]))
case("tensordot of a table", (64, 128), (128, 128, 32))(lambda x, w: tf.tensordot(x, w, [[1], [1]]))
case("tensordot of axes with others between", (60, 20, 60, 30), (20, 30, 64))(
    lambda x, w: tf.tensordot(x, w, [[1, 3], [0, 1]]))
case("tensordot of axes with others between, turned", (20, 30, 64), (60, 20, 60, 30))(
    lambda w, x: tf.tensordot(w, x, [[0, 1], [1, 3]]))
case("columns of heads", (512, 768), (512, 768))(lambda q, k: tf.matmul(heads(q), heads(k, (0, 2, 3, 1))))
case("heads put together", (4, 12, 128, 128), (512, 768))(lambda p, v: together(tf.matmul(p, heads(v))))
case("heads of a gradient", (4, 12, 128, 128), (512, 768))(
    lambda p, q: together(tf.matmul(p, heads(q), transpose_a=True)))
case("conjugated", (5, 200, 300), (5, 300, 100))(lambda x, y: tf.matmul(tf.conj(x), y))
case("one conjugated", (700, 900), (700, 600))(lambda x, y: tf.matmul(x, y, adjoint_a=True))
case("conjugated, turned", (10, 200, 100), (10, 200, 300))(
    lambda x, y: tf.matmul(tf.transpose(tf.conj(x), [0, 2, 1]), tf.conj(y)))
case("an adjoint of what is conjugated", (10, 200, 300), (10, 200, 300))(
    lambda x, y: tf.matmul(tf.conj(x), y, adjoint_a=True))


def built(name: str, dtype: str) -> tuple[Any, Any, dict[Any, Any]]:
    make, shapes = CASES[name]
    with tf.Graph().as_default() as graph:
        holders = [tf.placeholder(dtype, s) for s in shapes]
        y = make(*holders)
    return graph, y, {x: numbers(x.shape.as_list(), dtype, i) for i, x in enumerate(holders)}


def numbers(shape: Any, dtype: str, seed: int) -> Any:
    array = draw(*shape, dtype="float64", seed=seed)
    return (array + 1j * draw(*shape, seed=seed + 9) if "complex" in dtype else array).astype(
        tf.as_dtype(dtype).as_numpy_dtype)


def taken(session: Session, y: Any, feeds: Any) -> int:
    return sum(s.contracted is not None for s in session.plan(y, feeds).steps)


KINDS = [(n, d) for n in CASES for d in (("complex64", "complex128") if "conj" in n else ("float32", "float64"))]


@pytest.mark.parametrize("name, dtype", KINDS, ids=str)
def test_a_product_is_within_the_bound_and_alike_for_any_number_of_threads(name: str, dtype: str) -> None:
    graph, y, feeds = built(name, dtype)
    wide = "complex128" if "complex" in dtype else "float64"
    wide_graph, wide_y, holders = built(name, wide)
    exact, sizes = (Session(wide_graph, passes=()).run(wide_y, dict(zip(holders, arrays))) for arrays in (
        [a.astype(wide) for a in feeds.values()], [abs(a).astype(wide) for a in feeds.values()]))
    unit = 2.0 ** -24 if dtype in ("float32", "complex64") else 2.0 ** -52
    plain = Session(graph, passes=()).run(y, feeds)
    answers = set()
    for threads in (1, 2, 4):
        for passes in (("contract",), PASSES):
            with Session(graph, passes=passes, threads=threads) as session:
                assert taken(session, y, feeds) == 1
                step = session.make_callable(y, list(feeds))
                answers.update(step(*feeds.values()).tobytes() for _ in range(products.ASK + 1))
                found = step(*feeds.values())
    assert len(answers) == 1
    assert (abs(found - exact) <= 4 * MOST * unit * abs(sizes)).all()
    assert found.shape == plain.shape and found.flags.c_contiguous


@pytest.mark.parametrize("name, dtype", KINDS, ids=str)
def test_nothing_is_laid_out_for_it(name: str, dtype: str) -> None:
    graph, y, feeds = built(name, dtype)
    with Session(graph, threads=2) as session:
        result = session.run(y, feeds)
        held, peak = measured(session, y, feeds), session.plan(y, feeds).peak.bytes
    total = result.nbytes + sum(a.nbytes for a in feeds.values())
    # of what is conjugated, or no matrix, blocks of a quarter of a megabyte are laid out at least, by two threads
    blocks = 4 * (1 << 18) if "conj" in name or "between" in name else 0
    assert held - result.nbytes <= 0.1 * total + blocks
    assert abs(peak - held) <= 0.1 * max(held, total)


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_halves_are_turned_where_they_are_made_wider(dtype: str) -> None:
    shapes = (60, 400, 128), (400, 640)
    with tf.Graph().as_default() as graph:
        x, w = (tf.placeholder(dtype, s) for s in shapes)
        y = tf.tensordot(x, w, [[1], [0]])
    feeds = {t: numbers(t.shape.as_list(), dtype, i) for i, t in enumerate((x, w))}
    exact = np.einsum("abc,bd->acd", *[a.astype("f8") for a in feeds.values()])
    with Session(graph, threads=2) as session:
        assert taken(session, y, feeds) == 1
        found = session.run(y, feeds).astype("f8")
        assert measured(session, y, feeds) <= 1.1 * found.size * 2 + 0.1 * sum(a.nbytes for a in feeds.values())
    assert abs(found - exact).max() <= 2.0 ** (-7 if dtype == "bfloat16" else -10) * abs(exact).max()


def test_an_array_that_is_fed_may_lie_as_it_likes() -> None:
    graph, y, feeds = built("heads put together", "float32")
    with Session(graph) as session:
        wanted = session.run(y, feeds)
        for order in ((3, 2, 1, 0), (1, 0, 3, 2), (0, 2, 1, 3)):
            p, v = feeds.values()
            other = np.ascontiguousarray(p.transpose(order)).transpose(np.argsort(order))
            assert session.run(y, dict(zip(feeds, (other, np.asfortranarray(v))))).tobytes() == wanted.tobytes()


def test_what_others_need_laid_out_is_laid_out_once() -> None:
    with tf.Graph().as_default() as graph:
        x, w = tf.placeholder(tf.float32, (30, 200, 128)), tf.placeholder(tf.float32, (200, 64))
        flat = tf.reshape(tf.transpose(x, [0, 2, 1]), [-1, 200])
        y = tf.matmul(flat, w)
    feeds = {x: draw(30, 200, 128), w: draw(200, 64)}
    with Session(graph) as session:
        assert taken(session, y, feeds) == 1
        assert taken(session, [y, flat], feeds) == taken(session, [y, tf.tanh(flat)], feeds) == 0
        assert taken(session, y, {**feeds, flat: draw(3840, 200)}) == 0
        results = session.run([y, flat], feeds)
    assert np.array_equal(results[1], feeds[x].transpose(0, 2, 1).reshape(-1, 200))


def test_a_view_that_others_need_stays() -> None:
    with tf.Graph().as_default() as graph:
        x, w = tf.placeholder(tf.float32, (30, 200, 128)), tf.placeholder(tf.float32, (200, 64))
        turned = tf.transpose(x, [0, 2, 1])
        y = tf.matmul(tf.reshape(turned, [-1, 200]), w), tf.reduce_sum(turned, 1)
    feeds = {x: draw(30, 200, 128), w: draw(200, 64)}
    with Session(graph) as session:
        assert taken(session, y, feeds) == 1
        found = session.run(y, feeds)
    wanted = Session(graph, passes=()).run(y, feeds)
    assert all(np.allclose(a, b, 1e-4, 1e-4) for a, b in zip(found, wanted))


def test_a_result_that_is_put_together_is_not_turned_back_for_the_next_product() -> None:
    with tf.Graph().as_default() as graph:
        p, v, w = (tf.placeholder(tf.float32, s) for s in ((4, 12, 128, 128), (512, 768), (768, 768)))
        y = tf.matmul(together(tf.matmul(p, heads(v))), w)
    feeds = {p: draw(4, 12, 128, 128), v: draw(512, 768, seed=1), w: draw(768, 768, seed=2)}
    with Session(graph) as session:
        text = str(session.plan(y, feeds))
        assert text.count("as it lies") == 1 and "BatchMatMulV2+Reshape" in text and "Transpose" not in text
        assert np.allclose(session.run(y, feeds), Session(graph, passes=()).run(y, feeds), 1e-3, 1e-3)


def test_a_variable_is_read_before_it_is_written() -> None:
    with tf.Graph().as_default() as graph:
        w = tf.Variable(draw(30, 200, 128))
        x = tf.placeholder(tf.float32, (200, 64))
        old = tf.tensordot(w, x, [[1], [0]])
        write = tf.assign_add(w, tf.ones([30, 200, 128]))
        with tf.control_dependencies([write]):
            new = tf.tensordot(w.op.outputs[0], x, [[1], [0]])
            late = tf.matmul(tf.reshape(tf.transpose(w, [0, 2, 1]), [-1, 200]), tf.identity(x))
    feeds = {x: draw(200, 64, seed=1)}
    plain = Session(graph, passes=())
    plain.initialize()
    fetch = [old, new, late, write]
    wanted = plain.run(fetch, feeds)
    for passes in (("contract",), PASSES):
        with Session(graph, passes=passes) as session:
            session.initialize()
            for _ in range(2):
                assert taken(session, fetch, feeds) > 1
            assert all(np.allclose(a, b, 1e-4, 1e-4) for a, b in zip(session.run(fetch, feeds), wanted))


def test_training_heads_of_attention_gives_what_it_gives_without() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, (512, 768))
        q, k, v = (tf.matmul(x, tf.Variable(draw(768, 768, seed=i) / np.float32(28))) for i in range(3))
        y = together(tf.matmul(tf.nn.softmax(tf.matmul(heads(q), heads(k), transpose_b=True) / 8.0), heads(v)))
        loss = tf.reduce_mean(tf.square(y))
        train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    feeds = {x: draw(512, 768)}
    losses = []
    for passes in ((), PASSES):
        with Session(graph, passes=passes) as session:
            session.initialize()
            losses.append([session.run([train, loss], feeds)[1] for _ in range(3)])
            many = taken(session, [train, loss], feeds)
    assert many == 4
    assert np.allclose(*losses, 1e-5)


def test_small_operands_are_left_as_they_are() -> None:
    with tf.Graph().as_default() as graph:
        x, w = tf.placeholder(tf.float32, (10, 20, 30)), tf.placeholder(tf.float32, (20, 64))
        y = tf.tensordot(x, w, [[1], [0]])
    feeds = {x: draw(10, 20, 30), w: draw(20, 64)}
    with Session(graph) as session:
        assert taken(session, y, feeds) == 0


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.data())
def test_whatever_is_turned_gives_what_it_gives_without(data: Any) -> None:
    """Operands and results through reshapes, transposes and conjugations; everything counts as large."""
    sizes = [2, 3, 4, 6]
    lead = data.draw(st.lists(st.sampled_from(sizes), max_size=2))
    rows, inner, columns = (data.draw(st.lists(st.sampled_from(sizes), min_size=1, max_size=2)) for _ in range(3))
    kind = data.draw(st.sampled_from(["float32", "complex64", "float16"]))
    flags = {key: data.draw(st.booleans()) for key in ("transpose_a", "transpose_b")}

    def turned(parts: list[list[int]], seed: int) -> tuple[Any, Any, Any]:
        """A placeholder, what of it has these axes, and its numbers."""
        flat = [n for part in parts for n in part]
        order = data.draw(st.permutations(range(len(flat))))
        there = [flat[i] for i in order]
        holder = tf.placeholder(kind, there)
        found = tf.conj(holder) if data.draw(st.booleans()) else holder
        found = tf.reshape(tf.transpose(found, np.argsort(order)), [int(np.prod(p)) for p in parts])
        return holder, found, numbers(there, kind, seed)

    with tf.Graph().as_default() as graph:
        pairs = [[rows, inner], [inner, columns]]
        (x, a, one), (y, b, two) = (turned([*([n] for n in lead), *(p[::-1] if turn else p)], i)
                                    for i, (p, turn) in enumerate(zip(pairs, flags.values())))
        z = tf.matmul(a, b, **flags)
        if data.draw(st.booleans()):
            flat = [*lead, *rows, *columns]
            z = tf.reshape(z, flat)
            z = tf.reshape(tf.transpose(z, data.draw(st.permutations(range(len(flat))))), [-1, columns[0]])
    feeds = {x: one, y: two}
    before = contract.LEAST, contract.LARGE
    contract.LEAST = contract.LARGE = 0
    try:
        with Session(graph, threads=2) as session:
            found = session.run(z, feeds)
    finally:
        contract.LEAST, contract.LARGE = before
    wanted = Session(graph, passes=()).run(z, feeds)
    assert found.shape == wanted.shape and found.dtype == wanted.dtype
    bound = 2.0 ** -9 if kind == "float16" else 2.0 ** -20
    assert abs(found.astype("D") - wanted.astype("D")).max() <= bound * max(1, abs(wanted.astype("D")).max())
