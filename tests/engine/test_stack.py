"""Products of few terms that a sum adds, multiplied as one: within the bound, alike for any number of threads."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session, products
from graphcli.engine.plan import PASSES

from .held import measured
from .test_accumulate import draw

pytestmark = pytest.mark.usefixtures("blas_has_two_threads")

BOTH = ("accumulate", "stack")
WAYS = [(turn_a, turn_b) for turn_a in (False, True) for turn_b in (False, True)]


def sums(inner: int, rows: int, columns: int, many: int, dtype: Any = "float32", turns: Any = (False, False)
         ) -> tuple[Any, Any, dict[Any, Any]]:
    with tf.Graph().as_default() as graph:
        pairs = [(tf.placeholder(dtype, (inner, rows) if turns[0] else (rows, inner)),
                  tf.placeholder(dtype, (columns, inner) if turns[1] else (inner, columns))) for _ in range(many)]
        y = tf.add_n([tf.matmul(a, b, *turns) for a, b in pairs])
    holders = [x for pair in pairs for x in pair]
    return graph, y, {x: draw(*x.shape.as_list(), dtype=dtype, seed=i) for i, x in enumerate(holders)}


def stacks(session: Session, y: Any, feeds: Any) -> list[int]:
    return [s.stack for s in session.plan(y, feeds).steps if s.products]


@pytest.mark.parametrize("dtype, unit, most", [("float32", 2**-24, 256), ("float64", 2**-53, 128)])
@pytest.mark.parametrize("turns", WAYS, ids=str)
@pytest.mark.parametrize("many", [2, 8, 9, 20])
def test_a_sum_is_within_the_bound_and_alike_for_any_number_of_threads(many: int, turns: Any, dtype: str, unit: float,
                                                                      most: int) -> None:
    graph, y, feeds = sums(32, 192, 512, many, dtype, turns)
    arrays = [x.astype("longdouble") for x in feeds.values()]
    a = np.concatenate([x.T if turns[0] else x for x in arrays[::2]], 1)
    b = np.concatenate([x.T if turns[1] else x for x in arrays[1::2]], 0)
    exact, sizes = a @ b, abs(a) @ abs(b)
    plain = Session(graph, passes=()).run(y, feeds)
    answers = {plain.tobytes()}
    for threads in (1, 2, 4):
        for passes in (BOTH, PASSES):
            with Session(graph, passes=passes, threads=threads) as session:
                assert stacks(session, y, feeds) == [min(many, most // 32)]
                step = session.make_callable(y, list(feeds))
                found = [step(*feeds.values()) for _ in range(2 * products.ASK + 2)]
                assert len({f.tobytes() for f in found}) == 1
                assert (abs(found[0] - exact) <= 32 * many * unit * sizes).all()
                answers.add(found[0].tobytes())
    assert len(answers) <= 2
    assert (abs(plain - exact) <= 32 * many * unit * sizes).all()


def test_the_last_stack_may_be_one_product() -> None:
    graph, y, feeds = sums(60, 300, 300, 5)
    with Session(graph) as session:
        assert stacks(session, y, feeds) == [4]
        np.testing.assert_allclose(session.run(y, feeds), sum(np.matmul(*pair) for pair in zip(
            list(feeds.values())[::2], list(feeds.values())[1::2])), rtol=1e-4, atol=1e-4)


def test_products_of_many_terms_or_of_several_forms_stay_alone() -> None:
    graph, y, feeds = sums(64, 192, 512, 4)
    with Session(graph) as session:
        assert stacks(session, y, feeds) == [1]
    with tf.Graph().as_default() as graph:
        a, b, c = (tf.placeholder(tf.float32, s) for s in ((192, 32), (32, 512), (32, 192)))
        y = tf.add_n([tf.matmul(a, b), tf.matmul(c, b, transpose_a=True)])
    feeds = {x: draw(*x.shape.as_list()) for x in (a, b, c)}
    with Session(graph) as session, Session(graph, passes=()) as plain:
        assert stacks(session, y, feeds) == [1]
        assert session.run(y, feeds).tobytes() == plain.run(y, feeds).tobytes()


def test_without_accumulate_nothing_is_stacked() -> None:
    graph, y, feeds = sums(32, 192, 512, 4)
    with Session(graph, passes=("stack",)) as session, Session(graph, passes=()) as plain:
        assert stacks(session, y, feeds) == []
        assert session.run(y, feeds).tobytes() == plain.run(y, feeds).tobytes()


@pytest.mark.parametrize("many", [8, 12])
def test_the_copies_of_the_operands_are_predicted(many: int) -> None:
    graph, y, feeds = sums(32, 1000, 1000, many)
    with Session(graph) as session:
        assert stacks(session, y, feeds) == [8]
        told = session.plan(y, feeds).peak.bytes
        assert 0.9 * told < measured(session, y, feeds) < 1.1 * told
