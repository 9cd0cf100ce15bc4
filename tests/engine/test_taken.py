"""Products within loops that are taken into the sum that goes from turn to turn, or of which columns are taken."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session, products
from graphcli.engine.plan import PASSES
from graphcli.passes.taken import Taken

from .held import measured
from .test_accumulate import draw

pytestmark = pytest.mark.usefixtures("blas_has_two_threads")

WAYS = [(turn_a, turn_b) for turn_a in (False, True) for turn_b in (False, True)]
NOT_STACKED = tuple(p for p in PASSES if p != "stack")


def taken(session: Session, fetches: Any, feeds: Any) -> list[tuple[int, tuple[int, int] | None]]:
    """How many turns' products are added as one, and the columns, of each product that is taken."""
    found: list[tuple[int, tuple[int, int] | None]] = []
    for step in session.plan(fetches, feeds).steps:
        rows = [] if step.structured is None else [step.structured.block]
        while rows:
            for item in rows.pop():
                if isinstance(item.what, Taken):
                    found.append((item.what.stack, item.what.columns))
                elif hasattr(item.what, "body"):
                    rows += [item.what.head, item.what.body]
    return found


def summing(turns: Any, dtype: str = "float32", inner: int = 40, at_first: Any = None, **other: Any
            ) -> tuple[Any, Any, dict[Any, Any]]:
    """A loop that adds products; ``other`` says what else it does."""
    with tf.Graph().as_default() as graph:
        many = tf.placeholder(tf.int32, ())
        a = tf.placeholder(dtype, (13, inner, 160) if turns[0] else (13, 160, inner))
        b = tf.placeholder(dtype, (13, 192, inner) if turns[1] else (13, inner, 192))
        first = tf.placeholder(dtype, (160, 192))

        def body(i: Any, total: Any) -> Any:
            made = tf.matmul(tf.gather(a, i), tf.gather(b, i), *turns)
            total = other.get("add", tf.add)(total, made)
            return [i + 1, other.get("after", lambda total, made: total)(total, made)]

        out = tf.while_loop(lambda i, total: i < many, body, [0, first])[1]
        out = [out, out * 2.0] if other.get("used") else [out]
    feeds = {x: draw(*x.shape.as_list(), dtype=dtype, seed=i) for i, x in enumerate((a, b, first))}
    return graph, out, {many: np.int32(13), **feeds}


@pytest.mark.parametrize(("dtype", "unit"), [("float32", 2**-24), ("float64", 2**-53)])
@pytest.mark.parametrize("turns", WAYS, ids=str)
def test_a_sum_of_turns_has_the_bits_of_the_turns_or_is_within_the_bound(turns: Any, dtype: str, unit: float) -> None:
    graph, out, feeds = summing(turns, dtype, used=True)
    count, a, b, first = feeds
    x, y = feeds[a].astype("longdouble"), feeds[b].astype("longdouble")
    x, y = x.swapaxes(1, 2) if turns[0] else x, y.swapaxes(1, 2) if turns[1] else y
    plain = Session(graph, passes=())
    for many in (0, 1, 5, 13):
        given = {**feeds, count: np.int32(many)}
        exact = feeds[first] + (x[:many] @ y[:many]).sum(0)
        sizes = abs(feeds[first]) + (abs(x[:many]) @ abs(y[:many])).sum(0)
        wanted = plain.run(out, given)
        for threads in (1, 2):
            for passes in (("structure", "accumulate"), NOT_STACKED, ("structure", "accumulate", "stack"), PASSES):
                with Session(graph, passes=passes, threads=threads) as session:
                    stack = (6 if dtype == "float32" else 3) if "stack" in passes else 1
                    assert taken(session, out, given) == [(stack, None)]
                    step, kept = session.make_callable(out, list(given)), feeds[first].copy()
                    answers = [step(*given.values()) for _ in range(products.ASK + 2)]
                    assert len({r.tobytes() for answer in answers for r in answer[:1]}) == 1
                    assert (answers[0][0] * 2 == answers[0][1]).all() and (feeds[first] == kept).all()
                    if "stack" in passes:
                        assert (abs(answers[0][0] - exact) <= (40 * many + 1) * unit * sizes).all()
                    else:
                        assert answers[0][0].tobytes() == wanted[0].tobytes()


@pytest.mark.parametrize("other", [
    {"add": lambda total, made: total + made + tf.reduce_sum(made)},
    {"add": lambda total, made: total + made * tf.reduce_sum(total)},
    {"add": lambda total, made: total - made},
    {"add": lambda total, made: tf.cond(tf.reduce_sum(total) > 0.0, lambda: total + made, lambda: total)},
    {"after": lambda total, made: total * 0.5},
    {"after": lambda total, made: tf.Print(total, [made[0, 0]], summarize=1)}],
    ids=["the product is used", "the sum is read", "taken away", "under a condition", "changed", "seen"])
def test_a_sum_that_a_turn_looks_at_is_made_in_each(other: Any) -> None:
    graph, out, feeds = summing((False, False), **other)
    with Session(graph) as session, Session(graph, passes=()) as plain:
        assert taken(session, out, feeds) == []
        assert session.run(out, feeds)[0].tobytes() == plain.run(out, feeds)[0].tobytes()


def test_products_of_many_terms_are_added_one_by_one_and_of_too_many_not_at_all() -> None:
    for inner, wanted in ((64, [(1, None)]), (100, [])):
        graph, out, feeds = summing((True, False), inner=inner)
        with Session(graph) as session:
            assert taken(session, out, feeds) == wanted


def recurrent(units: int, batch: int, length: int) -> tuple[Any, Any, dict[Any, Any]]:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, (length, batch, units))
        kernel = tf.Variable(draw(2 * units, 4 * units) * np.float32(0.1))
        inputs = tf.TensorArray(tf.float32, length, element_shape=[batch, units]).unstack(x)

        def turn(t: Any, c: Any, h: Any) -> Any:
            i, j, f, o = tf.split(tf.matmul(tf.concat([inputs.read(t), h], 1), kernel), 4, 1)
            c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(j)
            return [t + 1, c, tf.sigmoid(o) * tf.tanh(c)]

        last = tf.while_loop(lambda t, *rest: t < length, turn, [0, *[tf.zeros((batch, units))] * 2])[2]
        slope = tf.gradients(tf.reduce_sum(last * last), kernel._ref())[0]
    return graph, [slope, last], {x: draw(length, batch, units, seed=1)}


def test_the_gradient_of_a_recurrent_net_takes_columns_and_sums() -> None:
    graph, fetches, feeds = recurrent(64, 36, 7)
    answers = {}
    ways = {"none": (), "rest": NOT_STACKED, "narrow": ("fold", "structure", "narrow"), "all": PASSES}
    for name, passes in ways.items():
        with Session(graph, passes=passes) as session:
            session.initialize()
            if passes:
                columns = [(1, (64, 128))] if "narrow" in passes else []
                assert sorted(taken(session, fetches, feeds), key=str) == columns + (
                    [] if name == "narrow" else [(1 if name == "rest" else 7, None)])
            step = session.make_callable(fetches, list(feeds))
            found = [step(*feeds.values()) for _ in range(products.ASK + 2)]
            assert len({f[0].tobytes() for f in found}) == 1
            answers[name] = found[-1]
    for name in ("rest", "narrow"):
        assert [a.tobytes() for a in answers[name]] == [a.tobytes() for a in answers["none"]]
    np.testing.assert_allclose(answers["all"][0], answers["none"][0], rtol=1e-4, atol=1e-5)


def test_what_a_sum_holds_is_in_the_prediction() -> None:
    graph, fetches, feeds = recurrent(256, 32, 20)
    with Session(graph, threads=1) as session:
        session.initialize()
        told = session.plan(fetches, feeds).peak.bytes
        assert 0.9 * told < measured(session, fetches, feeds) < 1.1 * told


@pytest.mark.parametrize("state", [32, 64, 128])
def test_of_a_product_of_which_two_slices_are_made_the_one_that_is_needed_takes_its_columns(state: int) -> None:
    """The gradient of what a cell puts together: nothing needs that of the input, however wide it is."""
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, (32, 5, 256))
        cell = tf.nn.rnn_cell.BasicLSTMCell(state)
        with tf.variable_scope("net", initializer=tf.random_uniform_initializer(-0.1, 0.1, seed=1)):
            out, _ = tf.nn.dynamic_rnn(cell, x, dtype=tf.float32)
        loss = tf.reduce_mean(tf.square(out))
        # each gradient of a cell waits for the others
        made = tf.gradients(loss, tf.trainable_variables(), gate_gradients=True)
    feeds = {x: draw(32, 5, 256)}
    answers = []
    for passes in ((), PASSES):
        with Session(graph, passes=passes, threads=1) as session:
            session.initialize()
            answers.append(session.run(made, feeds))
            columns = [c for _, c in taken(session, made, feeds) if c]
            assert columns == ([(256, 256 + state)] if passes and state > 32 else [])
    for plain, found in zip(*answers):
        np.testing.assert_allclose(found, plain, rtol=1e-4, atol=1e-7)
