"""Normal numbers within bounds, drawn as TensorFlow draws them: by rejection from one of three distributions.

Each round takes whole counters of the stream; what is drawn after the last number that is wanted is lost.
TensorFlow's own threads may each begin elsewhere where there are many rows; these are one thread's numbers.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.opdef import no_gradient, op
from ..graph.shapes import show
from . import _philox as philox
from .random import sizes

CPU_ONLY = True
TRIES = 1000
"""How many numbers in a row TensorFlow rejects at most, for which it sets samples aside."""
BATCH = 100
"""Numbers that are drawn together where the parameters are scalars."""
NEAR = 1.3
"""From how many deviations of a bound on normal numbers are drawn."""


class Drawn:
    """Numbers from a stream, from a counter on."""

    def __init__(self, rng: philox.Philox, at: int, kind: Any) -> None:
        self.rng, self.at, self.kind = rng, at, kind
        self.per = 2 if kind == np.float64 else 4

    def take(self, need: int, step: int, make: Callable[[Any], tuple[Any, Any]]) -> Any:
        """``need`` numbers: ``make(words [rounds, step, 4])`` gives [rounds, each] values and which are kept."""
        out: list[Any] = []
        while need:
            rounds = max(need // self.per * 2, 4)
            values, good = make(self.rng.words(self.at, rounds * step).reshape(rounds, step, 4))
            kept = np.flatnonzero(good.reshape(-1))[:need]
            out.append(values.reshape(-1)[kept])
            need -= len(kept)
            used = rounds if need else int(kept[-1]) // values.shape[1] + 1
            self.at += used * step
        return np.concatenate(out)

    def uniform(self, words: Any) -> Any:
        return philox.uniform_of(np.ascontiguousarray(words), self.kind).reshape(len(words), -1)

    def normal(self, words: Any) -> Any:
        make = philox.normal_double_of if self.per == 2 else philox.normal_of
        return make(np.ascontiguousarray(words)).reshape(len(words), -1).astype(self.kind, copy=False)


def bounded(drawn: Drawn, count: int, mean: Any, stddev: Any, low: Any, high: Any) -> Any:
    """``count`` normal numbers from ``low`` to ``high``. Raises RunError for bounds or a deviation that are none."""
    kind = np.dtype(drawn.kind).type
    if not (stddev > 0 and low < high and (np.isfinite(low) or np.isfinite(high))):
        raise RunError(f"Invalid parameters: the deviation is {stddev}, the bounds are {low} and {high}")
    if np.isinf(low) and low < 0 or high < mean:
        low, high, stddev = high, low, -stddev
    first, last = kind((low - mean) / stddev), kind((high - mean) / stddev)
    root = np.sqrt(first * first + kind(4))
    cutoff = kind(2) * np.exp(kind(0.5) + first * (first - root) / kind(4)) / (first + root)
    width = last - first

    def by_normal(words: Any) -> Any:
        z = drawn.normal(words[:, 0])
        return z, (z >= first) & (z <= last)

    def by_uniform(words: Any) -> Any:
        z = drawn.uniform(words[:, 0]) * width + first
        top = kind(0) if first < 0 else first * first
        return z, drawn.uniform(words[:, 1]) <= np.exp((top - z * z) / kind(2))

    def by_exponential(words: Any) -> Any:
        alpha = (first + root) / kind(2)
        pairs = drawn.uniform(words[:, 0]).reshape(len(words), -1, 2)
        with np.errstate(divide="ignore"):
            z = -np.log(pairs[..., 0]) / alpha + first
        x = alpha - z if first < alpha else first - alpha
        return z, (pairs[..., 1] <= np.exp(-x * x / kind(2))) & (z < last)

    if first < -NEAR and last >= 0 or last > NEAR and first <= 0:
        z = drawn.take(count, 1, by_normal)
    elif width < cutoff:
        z = drawn.take(count, 2, by_uniform)
    else:
        z = drawn.take(count, 1, by_exponential)
    return z * stddev + mean


@op
class ParameterizedTruncatedNormal:
    """Normal numbers within bounds, a mean, deviation and bounds for each row or for all of them."""

    signature = "shape: T, means: dtype, stdevs: dtype, minvals: dtype, maxvals: dtype -> output: dtype"
    attrs = ("seed: int = 0; seed2: int = 0; dtype: {float16, bfloat16, float32, float64}; T: {int32, int64}")
    no_kernel = "dtype: bfloat16"
    stateful = True
    gradient = no_gradient

    def infer(n: Any, shape: Any, *parameters: Any) -> Any:
        n.with_rank(shape, 1, "the shape")
        for parameter in parameters:
            if parameter is not None and len(parameter) > 1:
                n.fail("the mean, the deviation and the bounds are scalars or vectors")
        return n.shape_value(0)

    def kernel(n: Any) -> Any:
        rng, kind, xp = philox.stream(n), np.dtype(n.dtype()), n.xp

        def draw(shape: Any, *parameters: Any) -> Any:
            wanted = sizes(shape)
            if not wanted:
                raise RunError("Input shape should have at least one dimension: []")
            count = int(np.prod(wanted, dtype=np.int64))
            given = [np.asarray(p).reshape(-1) for p in parameters]
            rows, each = wanted[0], count // wanted[0] if wanted[0] else 0
            if not any(np.ndim(p) for p in parameters):
                rows, each = -(-count // BATCH), BATCH
            elif any(len(p) not in (1, rows) for p in given):
                raise RunError(f"the parameters have one element or {rows}, one for each row, not "
                               f"{show(tuple(len(p) for p in given))}")
            drawn = Drawn(rng, rng.reserve(rows * 2 * TRIES * (each + 3) // 4), kind)
            out = np.empty(count, kind)
            for b in range(rows):
                part = out[b * each:min((b + 1) * each, count)]
                if part.size:
                    part[:] = bounded(drawn, part.size, *(p[b if len(p) > 1 else 0] for p in given))
            return xp.asarray(out.reshape(wanted))

        return draw
