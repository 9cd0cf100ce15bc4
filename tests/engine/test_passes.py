"""What the optimizations promise: the corpus and the gallery give the same bits with each of them, all and none."""
from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.engine.plan import PASSES
from graphcli.errors import GraphError
from graphcli.spec import load_spec

from ..oracle.corpus import Case, cases

ROOT = Path(__file__).parents[2]
CORPUS = [c for c in cases() if "error" not in c.expected]
WAYS = [("all", PASSES), *((p, (p,)) for p in PASSES)]


def outcome(part: Any, fetches: Any, feeds: Any, steps: int, **options: Any) -> Any:
    """The values of a run, or the message of its error; random ops draw the same numbers each time."""
    try:
        with Session(part, seed=7, soft_placement=True, **options) as session:
            session.initialize()
            for _ in range(steps):
                values = session.run(fetches, feeds)
            held = {n: v.value for n, v in session.state.slots.items()}
            return values, {n.name: np.array(v) for n, v in held.items() if v is not None}
    except GraphError as error:
        return str(error)


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [x for v in value.values() for x in leaves(v)]
    if isinstance(value, (list, tuple)):
        return [x for v in value for x in leaves(v)]
    if hasattr(value, "dense_shape"):
        return [x for v in value for x in leaves(v)]
    return [value]


def same(a: Any, b: Any) -> bool:
    """Whether two outcomes have the same bits; the payload of a NaN is none of a graph's business."""
    one, two = leaves(a), leaves(b)
    return len(one) == len(two) and all(_same(x, y) for x, y in zip(one, two))


def _same(x: Any, y: Any) -> bool:
    if x is None or isinstance(x, str):
        return bool(x is y or x == y)
    x, y = np.asarray(x), np.asarray(y)
    if x.shape != y.shape or x.dtype != y.dtype:
        return False
    if x.dtype == object:
        return bool(x.tolist() == y.tolist())
    if x.dtype.kind in "fc":
        nan = np.isnan(x)
        if not np.array_equal(nan, np.isnan(y)):
            return False
        x, y = np.where(nan, 0, x).astype(x.dtype), np.where(nan, 0, y).astype(x.dtype)
    return x.tobytes() == y.tobytes()


@cache
def built(case: Case) -> Any:
    spec = load_spec(case.path, graph=case.graph, params=case.params)
    return next(iter(spec.graphs.values())) if case.graph is None else spec.graphs[case.graph]


Case.__hash__ = lambda self: hash((self.id, self.graph))  # type: ignore[method-assign]


@pytest.mark.parametrize("case", CORPUS, ids=[c.id for c in CORPUS])
def test_every_pass_keeps_the_bits_of_the_corpus(case: Case) -> None:
    part = built(case)
    for run in case.expected.get("runs", []):
        if run.get("error", {}).get("type") == "SpecError":
            continue
        fetches = {n: part.resolve(n) for n in run["fetches"]}
        feeds = {part.resolve(n): v for n, v in run.get("feeds", {}).items()}
        plain = outcome(part, fetches, feeds, run.get("steps", 1), passes=())
        for name, passes in WAYS:
            assert same(outcome(part, fetches, feeds, run.get("steps", 1), passes=passes), plain), name


@pytest.mark.parametrize("path", sorted((ROOT / "specs").glob("*.yaml")), ids=lambda p: p.stem)
def test_every_pass_keeps_the_bits_of_the_gallery(path: Path) -> None:
    try:
        spec = load_spec(path)
    except GraphError:
        return
    for part in spec.graphs.values():
        fetches = {n: part.resolve(n) for n in part.outputs}
        random = np.random.default_rng(3)
        feeds = {}
        for node in part.graph:
            if node.type == "Placeholder":
                tensor = node.outputs[0]
                shape = tuple(3 if d is None else d for d in tensor.static or ())
                numbers = random.random(shape) * (1 if tensor.dtype.base_dtype.kind == "f" else 2)
                feeds[tensor] = numbers.astype(tensor.dtype.base_dtype.as_numpy_dtype)
        if not fetches:
            continue
        plain = outcome(part, fetches, feeds, 2, passes=())
        for name, passes in WAYS:
            assert same(outcome(part, fetches, feeds, 2, passes=passes), plain), name


def test_sums_do_not_depend_on_how_an_array_lies_in_memory() -> None:
    """What a pass makes of an op on a transposed view lies in one piece."""
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, (17, 9))
        turned = tf.abs(tf.transpose(x))
        fetch = [f(turned, a) for f in (tf.reduce_sum, tf.reduce_mean, tf.reduce_prod) for a in (None, 0, 1)]
    for seed in range(20):
        given = np.random.default_rng(seed).standard_normal((17, 9)).astype(np.float32)
        plain, *others = [Session(graph, passes=p).run(fetch, {x: given}) for p in ((), ("fuse",), PASSES)]
        assert all(same(other, plain) for other in others)


def test_the_negation_of_a_negation_that_is_fed_is_that_of_what_was_fed() -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [3])
        inner = tf.negative(x)
        y = tf.negative(inner)
    with Session(graph) as session:
        assert session.run(y, {x: [1, 2, 3]}).tolist() == [1, 2, 3]
        assert session.run(y, {x: [1, 2, 3], inner: [4, 5, 6]}).tolist() == [-4, -5, -6]
