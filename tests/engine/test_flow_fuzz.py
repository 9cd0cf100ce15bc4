"""Random loops and branches within each other, with variables that they write: as Python's own, and by the rules of
dataflow."""
from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.engine.plan import PASSES

UNARY = [tf.sin, tf.tanh, tf.negative, lambda v: v * 0.5, tf.identity, tf.stop_gradient, tf.square]
BINARY = [tf.add, tf.subtract, tf.multiply, tf.maximum, lambda a, b: tf.where(a > b, a, b)]


class Maker:
    """A graph from a row of numbers, each of which chooses something."""

    def __init__(self, numbers: list[int], resources: bool) -> None:
        self.numbers = iter(numbers)
        self.x = tf.placeholder(tf.float32, [2], name="x")
        self.variables = [tf.get_variable(f"v{i}", [2], initializer=tf.constant_initializer(0.5 + i),
                                          use_resource=resources) for i in range(2)]

    def next(self, below: int) -> int:
        return next(self.numbers, 0) % below

    def block(self, values: list[Any], depth: int) -> list[Any]:
        """``values`` and what is made of them; the last is wanted."""
        values = list(values)
        for _ in range(1 + self.next(4)):
            values.append(self.value(values, depth))
        return values

    def one(self, values: list[Any]) -> Any:
        return values[-1 - self.next(min(len(values), 3))]

    def value(self, values: list[Any], depth: int) -> Any:
        kind = self.next(11)
        if kind < 3:
            return UNARY[self.next(len(UNARY))](self.one(values))
        if kind < 6:
            return BINARY[self.next(len(BINARY))](self.one(values), self.one(values))
        if kind == 6:
            return self.variables[self.next(2)] * self.one(values)
        if kind == 7:
            written = tf.assign_add(self.variables[self.next(2)], 0.25 * tf.sin(self.one(values)))
            with tf.control_dependencies([written]):
                return tf.identity(self.one(values))
        if depth == 0:
            return tf.cos(self.one(values))
        return self.branch(values, depth) if kind == 8 else self.loop(values, depth)

    def branch(self, values: list[Any], depth: int) -> Any:
        held = tf.reduce_sum(self.one(values)) > 0.3

        def side() -> Any:
            return self.block(values, depth - 1)[-1]

        return tf.cond(held, side, side)

    def loop(self, values: list[Any], depth: int) -> Any:
        turns = self.next(4)
        more = tf.reduce_max(self.one(values)) > 0.1 if self.next(2) else None

        def test(i: Any, a: Any, b: Any) -> Any:
            return i < turns if more is None else tf.logical_and(i < turns, tf.logical_or(more, b[0] < 2.0))

        def body(i: Any, a: Any, b: Any) -> Any:
            made = self.block([*values[-2:], a, b], depth - 1)
            return [i + 1, made[-1], self.one([a, b, made[-1]])]

        out = tf.while_loop(test, body, [0, self.one(values), self.one(values)])
        return out[1 + self.next(2)]


def build(numbers: list[int], resources: bool) -> tuple[Any, Any]:
    graph = tf.Graph()
    with graph.as_default():
        maker = Maker(numbers, resources)
        values = maker.block([maker.x, maker.x * 2.0], 3)
        fetches = [values[-1], *values[-3:-1]]
        if maker.next(2):
            fetches += [g for g in tf.gradients(values[-1], [maker.x, *maker.variables]) if g is not None]
    return graph, fetches


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(st.integers(0, 999), min_size=5, max_size=80), st.booleans(), st.floats(-1, 1, width=32))
def test_structure_keeps_the_bits_and_the_order_of_writes(numbers: list[int], resources: bool, fed: float) -> None:
    graph, fetches = build(numbers, resources)
    found = []
    for passes in ((), ("structure",), PASSES):
        session = Session(graph, passes=passes)
        session.initialize()
        once = [session.run(fetches, {"x:0": np.array([fed, -0.75], np.float32)}) for _ in range(2)]
        found.append(str([once, session.run(["v0:0", "v1:0"])]))
    assert found[0] == found[1] == found[2]
