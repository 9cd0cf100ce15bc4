"""Convolutions of fewer multiplications: exact as algebra, near the plain sum in numbers, alike for all threads."""
from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.engine.plan import PASSES
from graphcli.ops import _winograd as ways
from graphcli.ops import _winograd_filter as sums

from .held import measured

ONE = ("winograd",)
CASES = [  # x, w, padding
    ((2, 20, 21, 32), (3, 3, 32, 32), "SAME"),
    ((1, 56, 56, 64), (3, 3, 64, 64), "SAME"),
    ((8, 32, 32, 32), (5, 5, 32, 32), "SAME"),
    ((7, 17, 15, 24), (5, 2, 24, 40), "VALID"),
    ((3, 23, 30, 40), (4, 4, 40, 33), "SAME"),
    ((2, 33, 18, 48), (3, 1, 48, 48), [[0, 0], [2, 0], [3, 1], [0, 0]]),
    ((5, 19, 40, 32), (3, 5, 32, 16), [[0, 0], [0, 3], [0, 5], [0, 0]]),
    ((9, 31, 7, 64), (5, 3, 64, 64), "VALID"),
]


def draw(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).standard_normal(shape).astype("float32")


def convolution(x: Any, w: Any, padding: Any, data_format: str = "NHWC") -> Any:
    """A graph with a convolution, its gradients for the input and the filter, and values for its placeholders."""
    if data_format == "NCHW":
        x = (x[0], x[3], x[1], x[2])
        padding = padding if isinstance(padding, str) else [padding[i] for i in (0, 3, 1, 2)]
    with tf.Graph().as_default() as graph:
        image, taps = tf.placeholder("float32", x), tf.placeholder("float32", w)
        y = tf.nn.conv2d(image, taps, 1, padding, data_format=data_format)
        g = tf.placeholder("float32", y.shape)
        fetches = (y, *tf.gradients(y, [image, taps], g))
    return graph, fetches, {image: draw(*x), taps: draw(*w, seed=1), g: draw(*y.shape.as_list(), seed=2)}


def taken(session: Session, fetches: Any, feeds: Any) -> int:
    return sum(s.winograd for s in session.plan(fetches, feeds).steps)


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes it wherever it is possible, whether or not it is quicker."""
    monkeypatch.setattr(ways, "GAIN", 100.0)
    monkeypatch.setattr(sums, "SHARE", 0)


@given(st.sampled_from([(taps, made) for taps in ways.GRADIENTS for made in ways.GRADIENTS[taps]]), st.data())
def test_mixed_products_are_the_sums_of_the_taps_exactly(way: tuple[int, int], data: Any) -> None:
    taps, made = way

    def whole(many: int) -> Any:
        return data.draw(st.lists(st.integers(-99, 99), min_size=many, max_size=many))

    filters, seen, back = whole(taps), whole(taps + made - 1), whole(made)
    outputs, mix, lines = ways.mixes(taps, made)

    def times(rows: Any, column: Any) -> list[Fraction]:
        return [sum((a * b for a, b in zip(row, column, strict=True)), start=Fraction(0)) for row in rows]

    mixed = times(lines, seen)
    products = [a * b for a, b in zip(times(mix, filters), mixed, strict=True)]
    assert times(outputs, products) == [sum(f * seen[i + k] for k, f in enumerate(filters)) for i in range(made)]
    # the gradient for the filter
    products = [a * b for a, b in zip(times(list(zip(*outputs)), back), mixed, strict=True)]
    assert times(list(zip(*mix)), products) == [sum(g * seen[i + k] for i, g in enumerate(back)) for k in range(taps)]


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize("data_format", ["NHWC", "NCHW"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_outputs_and_gradients_lie_within_the_bound_of_the_plain_sums(case: Any, data_format: str) -> None:
    graph, fetches, feeds = convolution(*case, data_format)
    found = Session(graph, passes=ONE)
    # the gradient for an input with more zeros around it than taps is no such convolution
    assert taken(found, [fetches[0], fetches[2]], feeds) == 2 and taken(found, fetches, feeds) >= 2
    x, w, g = (v.astype("d") for v in feeds.values())
    images = tuple(i for i in range(4) if i != (1 if data_format == "NCHW" else 3))

    def of(array: Any, axes: tuple[int, ...]) -> float:
        return float(np.sqrt((array ** 2).sum(axes).max()))

    def patch(array: Any) -> float:
        # of normal numbers it is hardly longer than this
        return float(np.abs(array).max() * np.sqrt(case[1][0] * case[1][1] * array.shape[sum(range(4)) - sum(images)]))

    bounds = patch(x) * of(w, (0, 1, 2)), patch(g) * of(w, (0, 1, 3)), of(x, images) * of(g, images)
    for made, wanted, bound in zip(found.run(fetches, feeds), Session(graph, passes=()).run(fetches, feeds), bounds):
        assert made.shape == wanted.shape and np.abs(made - wanted).max() <= 2.0 ** -19 * bound


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_numbers_are_the_same_for_any_number_of_threads_and_with_all_passes(case: Any) -> None:
    graph, fetches, feeds = convolution(*case)
    first = Session(graph, passes=ONE, threads=1).run(fetches, feeds)
    for threads, passes in ((2, ONE), (4, PASSES)):
        with Session(graph, passes=passes, threads=threads) as session:
            for _ in range(3):
                assert [v.tobytes() for v in session.run(fetches, feeds)] == [v.tobytes() for v in first]


@pytest.mark.parametrize("what", [np.inf, -np.inf, np.nan, 3e30])
@pytest.mark.parametrize("where", [0, 1, 2], ids=["in the image", "in the filter", "in the gradient"])
def test_what_is_not_finite_or_might_overflow_is_summed_plainly(what: float, where: int) -> None:
    graph, fetches, feeds = convolution(*CASES[1])
    # none of the three operands is seen by all of them
    fetches = [f for i, f in enumerate(fetches) if i != (1, 2, 0)[where]]
    placeholder = list(feeds)[where]
    feeds[placeholder][0, 1, 2, 3] = what
    with np.errstate(all="ignore"):
        found, plain = (Session(graph, passes=p).run(fetches, feeds) for p in (ONE, ()))
    assert [v.tobytes() for v in found] == [v.tobytes() for v in plain]


def test_small_integers_are_exact_with_three_taps() -> None:
    graph, (y, *_), feeds = convolution(*CASES[1])
    for array in feeds.values():
        array[...] = np.random.default_rng(3).integers(-8, 9, array.shape)
    found, plain = (Session(graph, passes=p).run(y, feeds) for p in (ONE, ()))
    assert found.tobytes() == plain.tobytes()


@pytest.mark.parametrize("change", ["float64", "strides", "dilations", "few channels", "7 taps", "depthwise"])
def test_other_convolutions_are_summed_plainly(change: str) -> None:
    dtype = "float64" if change == "float64" else "float32"
    channels = 2 if change == "few channels" else 32
    taps = 7 if change == "7 taps" else 3
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(dtype, (2, 20, 21, channels))
        w = tf.placeholder(dtype, (taps, taps, channels, channels))
        if change == "depthwise":
            y = tf.nn.depthwise_conv2d(x, w[..., :2], [1, 1, 1, 1], "SAME")
        else:
            y = tf.nn.conv2d(x, w, 2 if change == "strides" else 1, "SAME", dilations=2 if change == "dilations" else 1)
    feeds = {t: draw(*t.shape.as_list()).astype(dtype) for t in (x, w)}
    assert taken(Session(graph, passes=PASSES), y, feeds) == 0


def test_the_plan_tells_which_convolutions_are_made_so() -> None:
    graph, (y, *_), feeds = convolution(*CASES[1])
    assert "v3 = Conv2D(v0, v1)  # Conv2D by winograd" in str(Session(graph).plan(y, feeds))
    assert "winograd" not in str(Session(graph, passes=[p for p in PASSES if p != "winograd"]).plan(y, feeds))


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("fetch", range(3), ids=["outputs", "for the input", "for the filter"])
@pytest.mark.parametrize("case", [((8, 96, 96, 32), (3, 3, 32, 32), "SAME"), ((4, 96, 96, 64), (5, 5, 64, 64), "SAME"),
                                  ((8, 61, 61, 64), (3, 3, 64, 128), "VALID")], ids=str)
def test_what_it_holds_is_what_the_plan_says(case: Any, fetch: int, threads: int) -> None:
    graph, fetches, feeds = convolution(*case)
    with Session(graph, threads=threads) as session:
        said = session.plan(fetches[fetch], feeds).peak.bytes
        assert taken(session, fetches[fetch], feeds) == 1
        assert 0.9 * said <= measured(session, fetches[fetch], feeds) <= 1.1 * said
