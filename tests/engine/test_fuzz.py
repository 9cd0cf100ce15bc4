"""Random graphs of random shapes: each optimization, any block size and any number of threads keep the bits."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import graphcli.tf1 as tf
from graphcli.engine import Session, gather
from graphcli.engine.plan import PASSES
from graphcli.engine.program import SMALL
from graphcli.passes import branch

from .test_passes import same

ONE: list[Callable[[Any], Any]] = [
    tf.tanh, tf.exp, tf.negative, tf.abs, tf.square, tf.nn.relu, tf.sigmoid, tf.nn.softplus, tf.nn.elu, tf.sign,
    tf.floor, tf.identity, lambda x: x * 2.0, lambda x: 1.0 - x, lambda x: x / 3.0, lambda x: tf.maximum(x, 0.0),
    lambda x: x * 1.0, lambda x: x - 0.0, lambda x: tf.cast(tf.cast(x, tf.float64), tf.float32),
    lambda x: tf.where(x > 0.5, x, tf.zeros_like(x)), lambda x: tf.where(tf.is_finite(x), x, tf.ones_like(x)),
    lambda x: tf.reshape(x, tf.shape(x)), lambda x: tf.cast(x > 0.0, tf.float32)]
AXES: list[Callable[[Any, Any, bool], Any]] = [tf.reduce_sum, tf.reduce_mean, tf.reduce_max, tf.reduce_min]
TWO: list[Callable[[Any, Any], Any]] = [
    tf.add, tf.subtract, tf.multiply, tf.maximum, tf.minimum, tf.squared_difference, lambda x, y: x / (y * y + 1.0),
    lambda x, y: tf.where(x > y, x + 0.0 * y, y + 0.0 * x), lambda x, y: tf.cast(x > y, tf.float32) + x * y]

sizes = st.sampled_from([1, 2, 3, 5, 17, 128, 300])
shapes = st.lists(sizes, min_size=0, max_size=3).map(tuple)


@st.composite
def programs(draw: Any) -> Any:
    """(shapes of the inputs, how to build): the steps are numbers, so that hypothesis can shrink them."""
    full = draw(shapes)
    inputs = [full]
    for _ in range(draw(st.integers(0, 2))):
        keep = draw(st.lists(st.booleans(), min_size=len(full), max_size=len(full)))
        cut = draw(st.integers(0, len(full)))
        inputs.append(tuple(d if k else 1 for d, k in zip(full, keep))[cut:])
    steps = draw(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60)),
                          min_size=1, max_size=14))
    return inputs, steps, draw(st.booleans()), [draw(st.booleans()) for _ in inputs[1:]]


def step(kind: int, which: int, first: int, second: int, values: Any) -> Any:
    """What a step makes of earlier values, None where that is nothing."""
    x, y = values[first % len(values)], values[second % len(values)]
    rank = len(x.shape)
    if kind < 4:
        return ONE[which % len(ONE)](x)
    if kind < 7:
        try:
            return TWO[which % len(TWO)](x, y)
        except ValueError:
            return None
    if kind == 7 and rank:
        axis = [[which % rank], None, list(range(rank))[which % rank:]][second % 3]
        return AXES[which % len(AXES)](x, axis, keepdims=bool(first % 2))
    if kind == 8 and rank:
        return tf.nn.softmax(x) if which % 2 else tf.nn.log_softmax(x)
    return tf.transpose(x) if kind == 9 and rank > 1 else None


@contextmanager
def all_forked(forked: bool) -> Iterator[None]:
    """Within, whatever can be a branch is one, if ``forked``."""
    kept, large = {name: getattr(branch, name) for name in ("HEAVY", "GAIN", "START", "LONG")}, gather.LARGE
    if forked:
        vars(branch).update(HEAVY=0.0, GAIN=1e-12, START=0.0, LONG=-1.0)
        gather.LARGE = -1
    try:
        yield
    finally:
        vars(branch).update(kept)
        gather.LARGE = large


def build(inputs: Any, steps: Any, with_variable: bool, held: Any = (), devices: int = 1) -> Any:
    """(graph, placeholders, fetches); the steps run on so many devices. held: for each input but the first whether it
    is a constant."""
    graph = tf.Graph()
    with graph.as_default():
        values: list[Any] = [tf.placeholder(tf.float32, inputs[0])]
        for shape, is_held in zip(inputs[1:], held, strict=True):
            count = int(np.prod(shape))
            values.append(tf.constant(np.linspace(-2, 2, count, dtype=np.float32).reshape(shape)) if is_held
                          else tf.placeholder(tf.float32, shape))
        holders = [v for v in values if v.op.type == "Placeholder"]
        fetches: list[Any] = []
        if with_variable:
            v = tf.Variable(np.linspace(-1, 1, int(np.prod(inputs[0]))).reshape(inputs[0]).astype(np.float32))
            values.append(v.read_value())
        for kind, which, first, second in steps:
            with tf.device(f"/cpu:{(which + first) % devices}"):
                made = step(kind, which, first, second, values)
            if made is None:
                continue
            values.append(made)
            if which % 5 == 0:
                fetches.append(made)
        fetches.append(values[-1])
        if with_variable:
            same_shape = [t for t in values if t.shape.as_list() == list(inputs[0])]
            fetches += [tf.assign_add(v, same_shape[-1] * 0.1), v]
            fetches.append(tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_sum(v * same_shape[0])))
    return graph, holders, fetches


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs(), st.sampled_from([None, *PASSES]), st.sampled_from([1, 1000, 65536]), st.sampled_from([1, 2, 4]),
       st.sampled_from([1, 1, 2, 3]), st.sampled_from([64, SMALL]), st.booleans())
def test_optimized_graphs_give_the_same_bits(program: Any, only: Any, block: int, threads: int, devices: int,
                                             small: int, forked: bool) -> None:
    """small: the elements from which arrays are cut into blocks, fewer than usual in half of the examples."""
    with mock.patch("graphcli.engine.program.SMALL", small), all_forked(forked):
        compare(program, only, block, threads, devices)


def compare(program: Any, only: Any, block: int, threads: int, devices: int) -> None:
    graph, holders, fetches = build(*program, devices)
    random = np.random.default_rng(5)
    feeds = {h: random.standard_normal(h.shape.as_list()).astype(np.float32) for h in holders}
    before = [f.copy() for f in feeds.values()]
    answers = []
    for options in ({"passes": ()}, {"passes": PASSES if only is None else (only,), "block": block}):
        with Session(graph, threads=threads, **options) as session:
            session.initialize()
            first = session.run(fetches, feeds)
            kept = [None if v is None else np.copy(v) for v in first]
            second = session.run(fetches, feeds)
            assert same(first, kept), "a later step changed what was fetched"
            answers.append((first, second))
    assert same(answers[0], answers[1])
    assert same(list(feeds.values()), before), "a feed was written to"
