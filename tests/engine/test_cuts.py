"""Ops that only index their array stand as indices in the text of a plan."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.engine.part_text import Text
from graphcli.errors import RunError

from .test_passes import same

X = np.arange(4 * 6 * 8, dtype=np.float32).reshape(4, 6, 8)


def text_of(session: Session) -> str:
    """The text of the only plan of a session."""
    prepared, = session.plans.runs.values()
    executable, = prepared.by_shape.values()
    return "\n".join(Text(executable.parts[0]).lines)


CUTS: list[tuple[Callable[[Any], Any], str]] = [
    (lambda x: tf.split(x, 2, 1), "v1, v2 = f0[:, 0:3], f0[:, 3:6]"),
    (lambda x: tf.split(x, 2, 1)[1], "v1 = f0[:, 3:6]"),
    (lambda x: tf.split(x, [1, -1, 2], 2)[1], "v1 = f0[:, :, 1:6]"),
    (lambda x: tf.split(x, [8], -1), "v1 = f0[:, :, 0:8]"),
    (lambda x: tf.unstack(x, axis=-2)[3], "v1 = f0[:, 3]"),
    (lambda x: tf.unstack(x)[2], "v1 = f0[2]"),
    (lambda x: tf.slice(x, [1, 0, 2], [2, -1, 3]), "v1 = f0[1:3, 0:6, 2:5]"),
    (lambda x: x[..., ::2, tf.newaxis, 3], "v1 = f0[:, ::2, None, 3]"),
    (lambda x: x[:, ::-1, 3], "v1 = k0(f0, "),
    (lambda x: x[1:, -2], "v1 = f0[1:, -2, :]"),
    (lambda x: x[3, 2, 1], "v1 = f0[3, 2, 1]"),
    (lambda x: x[2:1, 5:, :7:3], "v1 = f0[2:1, 5:, :7:3]"),
]


@pytest.mark.parametrize(("cut", "text"), CUTS, ids=[text for _, text in CUTS])
def test_a_cut_at_known_places_is_an_index_and_gives_what_the_op_gives(cut: Callable[[Any], Any], text: str) -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, X.shape)
        found = cut(x)
        fetches = [tf.tanh(y) * 2.0 for y in (found if isinstance(found, list) else [found])]
    with Session(graph) as session:
        got = session.run(fetches, {x: X})
        assert text in text_of(session)
    assert same(got, Session(graph, passes=()).run(fetches, {x: X}))


def test_a_cut_of_strings_gives_strings() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.string, (3,))
        fetches = [tf.strings.length(x[1]), tf.unstack(x)[2]]
    assert Session(graph).run(fetches, {x: ["a", "bcd", "ef"]}) == [3, b"ef"]


def test_a_fetched_cut_is_the_caller_s_own() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, X.shape)
        fetches = tf.split(x, 2, 1)
    fed = X.copy()
    for part in Session(graph).run(fetches, {x: fed}):
        part += 1
    assert np.array_equal(fed, X)


@pytest.mark.parametrize("shape", [(None, 6, 8), None])
def test_what_is_known_at_the_run_only_is_cut_by_the_op_and_refused_by_it(shape: Any) -> None:
    with tf.Graph().as_default() as graph:
        x, at = tf.placeholder(tf.float32, shape), tf.placeholder(tf.int32, ())
        fetch = tf.slice(x, [at, 0, 0], [2, 1, 1])
    with Session(graph) as session:
        assert session.run(fetch, {x: X, at: 2}).ravel().tolist() == X[2:4, 0, 0].tolist()
        with pytest.raises(RunError, match=r"Expected begin\[0\] in \[0, 4\]"):
            session.run(fetch, {x: X, at: 5})


def test_a_cut_that_nothing_uses_still_runs_for_who_waits_for_it() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, X.shape)
        parts = tf.split(x, 2, 1)
        with tf.control_dependencies([parts[0]]):
            fetch = tf.constant(3.0) * tf.reduce_sum(x)
    assert same(Session(graph).run(fetch, {x: X}), np.float32(3) * X.sum())


def test_a_constant_is_cut_where_the_run_says() -> None:
    with tf.Graph().as_default() as graph:
        at = tf.placeholder(tf.int32, (3,))
        fetch = tf.slice(tf.constant(X), at, [1, 2, 1])
    assert Session(graph).run(fetch, {at: [1, 2, 3]}).ravel().tolist() == X[1, 2:4, 3].tolist()


@pytest.mark.parametrize("make", [
    lambda t: tf.expand_dims(t[0], 0), lambda t: tf.reshape(tf.gather(t, 1), [1]), lambda t: tf.squeeze(t[2:]),
    lambda t: tf.reshape(tf.unstack(t)[0], [1, 1]), lambda t: tf.tile(tf.reshape(t[1], [1]), [2]),
    lambda t: tf.map_fn(lambda e: tf.string_join([e, e]), t),
    lambda t: tf.foldl(lambda a, e: tf.string_join([a, e]), t),
    lambda t: tf.reshape(tf.cond(tf.equal(t[0], "a"), lambda: t[1], lambda: t[2]), [1])])
def test_one_text_of_many_is_an_array_of_rank_0(make: Callable[[Any], Any]) -> None:
    with tf.Graph().as_default() as graph:
        t = tf.placeholder(tf.string, (3,))
        made = make(t)
    feeds = {t: np.array([b"a", b"bc", b""], object)}
    with Session(graph) as session, Session(graph, passes=()) as plain:
        assert same(session.run(made, feeds), plain.run(made, feeds))
