"""Chains of elementwise ops on many numbers."""
from __future__ import annotations

from typing import Any

from measure import Step, Work

LARGE, SMALL = 10_000_000, 10_000


def numbers(size: int) -> Any:
    def data() -> dict[str, Any]:
        import numpy as np

        return {"x": np.random.default_rng(0).standard_normal(size).astype(np.float32)}

    return data


def graph(formula: Any) -> Any:
    def build(tf: Any, data: dict[str, Any]) -> Any:
        x = tf.placeholder(tf.float32, data["x"].shape)
        return formula(tf, x), [(x, data["x"])]

    return build


def in_pytensor(formula: Any) -> Any:
    def make(data: dict[str, Any]) -> Any:
        import pytensor.tensor as pt

        x = pt.vector("x", dtype="float32")
        return [x], formula(pt, x), [], [data["x"]]

    return make


def transcendental(tf: Any, x: Any) -> Any:
    return tf.tanh(x * 2.0 + 1.0) * x - tf.exp(-x) / (1.0 + x * x)


def transcendental_by_hand(data: dict[str, Any]) -> Step:
    import numpy as np

    x = data["x"]
    return lambda: np.tanh(x * 2 + 1) * x - np.exp(-x) / (1 + x * x)


def arithmetic(tf: Any, x: Any) -> Any:
    y = tf.maximum(x * 2.0 + 1.0, 0.0) * x - 0.5
    return y * y + x


def arithmetic_by_hand(data: dict[str, Any]) -> Step:
    import numpy as np

    x = data["x"]

    def step() -> Any:
        y = np.maximum(x * 2 + 1, 0) * x - 0.5
        return y * y + x

    return step


def numexpr(formula: str) -> Any:
    def make(data: dict[str, Any]) -> Step:
        import numexpr
        from measure import THREADS

        numexpr.set_num_threads(THREADS)
        x = data["x"]
        numexpr.validate(formula, {"x": x})
        return lambda: numexpr.re_evaluate({"x": x})

    return make


NUMEXPR = {"transcendental": "tanh(x*2+1)*x - exp(-x)/(1+x*x)",
           "arithmetic": "(where(x*2+1 > 0, x*2+1, 0)*x - 0.5)*(where(x*2+1 > 0, x*2+1, 0)*x - 0.5) + x"}

ROWS = [
    Work("tanh(x*2+1)*x - exp(-x)/(1+x*x), 10M float32", numbers(LARGE), graph(transcendental),
         transcendental_by_hand, {"numexpr": numexpr(NUMEXPR["transcendental"])},
         {"numpy": 4, "tensorflow": 1.7, "numexpr": 4}, pytensor=in_pytensor(transcendental)),
    Work("y=max(x*2+1,0)*x-0.5; y*y+x, 10M float32", numbers(LARGE), graph(arithmetic), arithmetic_by_hand,
         {"numexpr": numexpr(NUMEXPR["arithmetic"])}, {"numpy": 4, "tensorflow": 1.5, "numexpr": 3},
         pytensor=in_pytensor(arithmetic)),
    Work("tanh(x*2+1)*x - exp(-x)/(1+x*x), 10k float32", numbers(SMALL), graph(transcendental),
         transcendental_by_hand, {}, {"numpy": 1.5, "tensorflow": 2}, calls=100,
         pytensor=in_pytensor(transcendental)),
    Work("y=max(x*2+1,0)*x-0.5; y*y+x, 10k float32", numbers(SMALL), graph(arithmetic), arithmetic_by_hand, {},
         {"numpy": 1.5, "tensorflow": 2}, calls=100, pytensor=in_pytensor(arithmetic)),
]
