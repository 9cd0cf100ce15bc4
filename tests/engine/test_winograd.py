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
    """A graph with a convolution, its gradient for the input, and values for its placeholders."""
    if data_format == "NCHW":
        x = (x[0], x[3], x[1], x[2])
        padding = padding if isinstance(padding, str) else [padding[i] for i in (0, 3, 1, 2)]
    with tf.Graph().as_default() as graph:
        image, taps = tf.placeholder("float32", x), tf.placeholder("float32", w)
        y = tf.nn.conv2d(image, taps, 1, padding, data_format=data_format)
        g = tf.placeholder("float32", y.shape)
        back = tf.gradients(y, image, g)[0]
    return graph, (y, back), {image: draw(*x), taps: draw(*w, seed=1), g: draw(*y.shape.as_list(), seed=2)}


def taken(session: Session, fetches: Any, feeds: Any) -> int:
    return sum(s.winograd for s in session.plan(fetches, feeds).steps)


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Takes it wherever it is possible, whether or not it is quicker."""
    monkeypatch.setattr(ways, "GAIN", 100.0)


@given(st.sampled_from(sorted(ways.POINTS)), st.data())
def test_mixed_products_are_the_sums_of_the_taps_exactly(taps: int, data: Any) -> None:
    whole = st.lists(st.integers(-99, 99), min_size=taps, max_size=taps)
    filters, seen = data.draw(whole), [*data.draw(whole), data.draw(st.integers(-99, 99))]
    outputs, mix, lines = ways.mixes(taps)

    def times(rows: Any, column: Any) -> list[Fraction]:
        return [sum((a * b for a, b in zip(row, column, strict=True)), start=Fraction(0)) for row in rows]

    products = [a * b for a, b in zip(times(mix, filters), times(lines, seen), strict=True)]
    assert times(outputs, products) == [sum(f * seen[i + k] for k, f in enumerate(filters)) for i in range(2)]


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize("data_format", ["NHWC", "NCHW"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_outputs_and_gradients_lie_within_the_bound_of_the_plain_sums(case: Any, data_format: str) -> None:
    graph, fetches, feeds = convolution(*case, data_format)
    plain = Session(graph, passes=()).run(fetches, feeds)
    found = Session(graph, passes=ONE)
    assert taken(found, fetches, feeds) > 0
    _, w, g = feeds.values()
    for seen, fetched, wanted in zip((next(iter(feeds)), None), found.run(fetches, feeds), plain):
        array = g if seen is None else feeds[seen]
        height = case[1][0] * case[1][1] * array.shape[1 if data_format == "NCHW" else 3]
        # a patch of normal numbers is hardly longer than this
        patch = np.abs(array).max() * np.sqrt(height)
        taps = np.sqrt((w.astype("d") ** 2).sum((0, 1, 2) if seen is not None else (0, 1, 3)).max())
        assert fetched.shape == wanted.shape and np.abs(fetched - wanted).max() <= 2.0 ** -19 * patch * taps


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
@pytest.mark.parametrize("where", [0, 1], ids=["in the image", "in the filter"])
def test_what_is_not_finite_or_might_overflow_is_summed_plainly(what: float, where: int) -> None:
    graph, (y, _), feeds = convolution(*CASES[1])
    placeholder = list(feeds)[where]
    feeds[placeholder][0, 1, 2, 3] = what
    with np.errstate(all="ignore"):
        found, plain = (Session(graph, passes=p).run(y, feeds) for p in (ONE, ()))
    assert found.tobytes() == plain.tobytes()


def test_small_integers_are_exact_with_three_taps() -> None:
    graph, (y, _), feeds = convolution(*CASES[1])
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
    graph, (y, _), feeds = convolution(*CASES[1])
    assert "v3 = Conv2D(v0, v1)  # Conv2D by winograd" in str(Session(graph).plan(y, feeds))
    assert "winograd" not in str(Session(graph, passes=[p for p in PASSES if p != "winograd"]).plan(y, feeds))


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("case", [((8, 96, 96, 32), (3, 3, 32, 32), "SAME"), ((4, 96, 96, 64), (5, 5, 64, 64), "SAME")],
                         ids=str)
def test_what_it_holds_is_what_the_plan_says(case: Any, threads: int) -> None:
    graph, (y, _), feeds = convolution(*case)
    with Session(graph, threads=threads) as session:
        said = session.plan(y, feeds).peak.bytes
        assert taken(session, y, feeds) == 1
        assert 0.9 * said <= measured(session, y, feeds) <= 1.1 * said
