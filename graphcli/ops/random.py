"""Random values on TensorFlow's own streams, so that a seed means the same numbers."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.opdef import no_gradient, op, undefined_gradient
from ..graph.shapes import show
from . import _philox as philox
from ._drawn_classes import drawn_classes, drawn_scratch
from ._shuffle import exchange, exchange_scratch, order_within, take_within
from .array_gather import take_rows

CPU_ONLY = True
WITHIN = 64
"""Bytes of a row up to which the order of rows is kept where they will be."""
_FLOATS = "{float16, bfloat16, float32, float64}"


def sizes(shape: Any) -> tuple[int, ...]:
    """The shape that an input holds. Raises RunError for a negative size."""
    found = tuple(int(s) for s in np.asarray(shape).reshape(-1))
    if any(s < 0 for s in found):
        raise RunError(f"the shape of random values must not be negative: {show(found)}")
    return found


def _total(shape: tuple[int, ...]) -> int:
    total = 1
    for s in shape:
        total *= s
    return total


def _fill(n: Any, draw: Any) -> Any:
    """A kernel of ``draw(stream, counter, count, dtype)`` for the shape in the first input."""
    rng, dtype, xp = philox.stream(n), np.dtype(n.dtype()), n.xp
    ahead = philox.Ahead(rng)

    def kernel(shape: Any, *more: Any) -> Any:
        wanted = sizes(shape)
        count = _total(wanted)
        ahead.step = count * philox.RESERVED
        at = rng.reserve(ahead.step)
        values = draw(ahead, at, count, dtype, *more).reshape(wanted)
        return values if xp is np else xp.asarray(values)

    return kernel


def _part(n: Any) -> int:
    """How many numbers are made at once."""
    return min(int(n.made()), philox.PART)


def _shape_input(n: Any, shape: Any, *more: Any) -> Any:
    n.with_rank(shape, 1, "the shape")
    return n.shape_value(0)


def uniform_scratch(n: Any) -> int:
    return _part(n) * (40 if n.out_width() == 8 else 18)


def integers_scratch(n: Any) -> int:
    return _part(n) * (32 if n.out_width() == 8 else 18)


def normal_scratch(n: Any) -> int:
    # the words, the numbers, and what some pairs of them are made of; of doubles the rounds of the words take more
    part, pairs = _part(n), min(-(-n.made() // 2), philox.PAIRS)
    width = (4 if n.out_width() < 8 else 8) * (1 if n.made() <= philox.PART else 2)
    return int(width * part + (76 * pairs if n.out_width() < 8 else 48 * min(philox.BLOCK, part)))


def truncated_scratch(n: Any) -> int:
    return normal_scratch(n) + _part(n) * (2 if n.out_width() < 8 else 4)


@op
class RandomUniform:
    """Floats from 0 up to, without, 1 (tf.random_uniform)."""

    signature = "shape: T -> output: dtype"
    attrs = f"seed: int = 0; seed2: int = 0; dtype: {_FLOATS}; T: {{int32, int64}}"
    stateful = True
    infer = _shape_input
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return _fill(n, philox.uniform)

    scratch = uniform_scratch


@op
class RandomUniformInt:
    """Whole numbers from minval up to, without, maxval (tf.random_uniform)."""

    signature = "shape: T, minval: Tout, maxval: Tout -> output: Tout"
    attrs = "seed: int = 0; seed2: int = 0; Tout: {int32, int64}; T: {int32, int64}"
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any, shape: Any, minval: Any, maxval: Any) -> Any:
        n.with_rank(minval, 0, "minval")
        n.with_rank(maxval, 0, "maxval")
        return _shape_input(n, shape)

    def kernel(n: Any) -> Any:
        def draw(rng: Any, at: int, count: int, dtype: Any, low: Any, high: Any) -> Any:
            if not low < high:
                raise RunError(f"minval must be below maxval: {int(low)} >= {int(high)}")
            return philox.integers(rng, at, count, int(low), int(high), dtype)

        return _fill(n, draw)

    scratch = integers_scratch


@op
class RandomStandardNormal:
    """Normal numbers of mean 0 and deviation 1 (tf.random_normal)."""

    signature = "shape: T -> output: dtype"
    attrs = f"seed: int = 0; seed2: int = 0; dtype: {_FLOATS}; T: {{int32, int64}}"
    stateful = True
    infer = _shape_input
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return _fill(n, philox.normal)

    scratch = normal_scratch


@op
class TruncatedNormal:
    """Normal numbers, those beyond two deviations drawn again (tf.truncated_normal)."""

    signature = "shape: T -> output: dtype"
    attrs = f"seed: int = 0; seed2: int = 0; dtype: {_FLOATS}; T: {{int32, int64}}"
    stateful = True
    infer = _shape_input
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return _fill(n, philox.truncated)

    scratch = truncated_scratch


@op
class RandomShuffle:
    """The rows of a tensor in random order (tf.random_shuffle)."""

    signature = "value: T -> output: T"
    attrs = "seed: int = 0; seed2: int = 0; T: type"
    stateful = True
    gradient = no_gradient

    def infer(n: Any, value: Any) -> Any:
        return value

    def kernel(n: Any) -> Any:
        rng = philox.stream(n)

        def shuffle(value: Any) -> Any:
            rows = value.shape[0] if value.ndim else 1
            if value.size <= 1 or rows <= 1:
                return value
            at = rng.reserve(philox.groups(rows - 1, 4))
            width = value.nbytes // rows
            alone = width in (1, 2, 4, 8) and not value.dtype.hasobject
            # short rows change places themselves, of others their numbers
            within = 4 < width <= WITHIN and rows < 1 << 31 and type(value) is np.ndarray and not value.dtype.hasobject
            if alone:
                moved = value.copy()
                order = moved.reshape(-1).view(f"u{width}")
            elif within:
                moved = np.empty(value.shape, value.dtype)
                order = order_within(moved)
            else:
                moved = order = np.arange(rows, dtype=np.uint32 if rows < 1 << 31 else np.uint64)
            for first in range(0, rows - 1, philox.BLOCK):
                some = min(philox.BLOCK, rows - 1 - first)
                words = rng.words(at + first // 4, philox.groups(some, 4)).reshape(-1)[:some]
                steps = words % np.arange(rows - first, rows - first - some, -1, dtype=np.uint32)
                exchange(order, first, steps)
            if within and not alone:
                take_within(value, order, moved)
            return moved if alone or within else take_rows(n.xp, value, moved, 0, 0)

        return shuffle

    def scratch(n: Any) -> Any:
        rows = n.shapes[0][0] if n.shapes[0] else 1
        some = min(rows, philox.BLOCK)
        steps = max(18 * some, 8 * some + exchange_scratch(rows, some))
        width = n.bytes() // max(1, rows)
        if width in (1, 2, 4, 8) or 4 < width <= WITHIN:
            return steps
        # the result is made after the steps
        return 4 * rows + max(0, steps - n.bytes())


@op
class Multinomial:
    """Classes drawn by unnormalized log probabilities (tf.multinomial)."""

    signature = "logits: T, num_samples: int32 -> output: output_dtype"
    attrs = "seed: int = 0; seed2: int = 0; T: {realnumbertype}; output_dtype: {int32, int64} = int64"
    no_kernel = "T: int8, int16, int32, int64, uint8, uint16, uint32, uint64"
    stateful = True
    gradient = no_gradient

    def infer(n: Any, logits: Any, num_samples: Any) -> Any:
        rows = n.with_rank(logits, 2, "logits")[0]
        n.with_rank(num_samples, 0, "num_samples")
        return (rows, n.size_value(1))

    def kernel(n: Any) -> Any:
        rng, dtype = philox.stream(n), n.dtype()

        def draw(logits: Any, num_samples: Any) -> Any:
            return drawn_classes(rng, rng.reserve, logits, num_samples, dtype)

        return draw

    def scratch(n: Any) -> Any:
        return drawn_scratch(n)
