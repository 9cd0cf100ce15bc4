"""Random values that follow from their seed alone, the same in every run (tf.random.stateless_*).

The older ops take the seed, the newer ones the key and the counter that StatelessRandomGetKeyCounter makes of it.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.opdef import no_gradient, op, undefined_gradient
from ..graph.shapes import show
from . import _philox as philox
from ._drawn_classes import drawn_classes, drawn_scratch
from .random import integers_scratch, normal_scratch, sizes, truncated_scratch, uniform_scratch

CPU_ONLY = True
_FLOATS = "{float16, bfloat16, float32, float64}"
_MIX = (0x02461E29 << 32) | 0x3EC8F720


def _scrambled(seed: Any) -> tuple[int, int]:
    """(key, counter) of a seed of two whole numbers."""
    first, second = (int(s) & philox.MASK64 for s in np.asarray(seed).reshape(-1))
    mixed = [int(w) for w in philox.Philox(_MIX, 0).words(first | (second << 64), 1)[0]]
    return mixed[0] | (mixed[1] << 32), (mixed[2] << 64) | (mixed[3] << 96)


def _stream(key: int, counter: int) -> philox.Philox:
    rng = philox.Philox(key, 0)
    rng.counter = counter
    return rng


def of_seed(seed: Any) -> philox.Philox:
    """The stream of a seed. Raises RunError if it is not of two numbers."""
    if np.asarray(seed).shape != (2,):
        raise RunError(f"seed must have shape [2], not {show(np.asarray(seed).shape)}")
    return _stream(*_scrambled(seed))


def of_key(key: Any, counter: Any, alg: Any) -> philox.Philox:
    """The stream of a key and a counter. Raises RunError for another algorithm than Philox (1, or 3 for any)."""
    if int(alg) not in (1, 3):
        raise RunError(f"Unsupported algorithm id: {int(alg)}", hint="1 is Philox")
    low, high = (int(c) for c in np.asarray(counter).reshape(-1)[:2])
    return _stream(int(np.asarray(key).reshape(-1)[0]), low | (high << 64))


def _shaped(n: Any, shape: Any, seed: Any, *more: Any) -> Any:
    n.with_rank(shape, 1, "the shape")
    if n.with_rank(seed, 1, "seed")[0] not in (None, 2):
        n.fail(f"seed is two whole numbers, not of shape {show(seed)}")
    return n.shape_value(0)


def _shaped_by_key(n: Any, shape: Any, key: Any, counter: Any, alg: Any, *more: Any) -> Any:
    n.with_rank(shape, 1, "the shape")
    n.with_rank(key, 1, "key")
    n.with_rank(counter, 1, "counter")
    n.with_rank(alg, 0, "alg")
    return n.shape_value(0)


def _filled(n: Any, draw: Any, by_key: bool) -> Any:
    """A kernel of ``draw(stream, counter, count, dtype, *limits)``."""
    dtype, xp = np.dtype(n.dtype()), n.xp

    def kernel(shape: Any, *rest: Any) -> Any:
        wanted = sizes(shape)
        rng, limits = (of_key(*rest[:3]), rest[3:]) if by_key else (of_seed(rest[0]), rest[1:])
        values = draw(rng, rng.counter, int(np.prod(wanted, dtype=np.int64)), dtype, *limits).reshape(wanted)
        return values if xp is np else xp.asarray(values)

    return kernel


def _integers(rng: Any, at: int, count: int, dtype: Any, low: Any, high: Any) -> Any:
    if not low < high:
        raise RunError(f"Need minval < maxval, got {int(low)} >= {int(high)}")
    return philox.integers(rng, at, count, int(low), int(high), dtype)


def _all_integers(rng: Any, at: int, count: int, dtype: Any) -> Any:
    """Whole numbers of all that the dtype holds: the words as they are."""
    return philox.words(rng, at, count, dtype)


@op
class StatelessRandomGetKeyCounter:
    """The key and the counter of a stream, of a seed of two numbers."""

    signature = "seed: Tseed -> key: uint64, counter: uint64"
    attrs = "Tseed: {int32, int64} = int64"
    gradient = undefined_gradient

    def infer(n: Any, seed: Any) -> Any:
        if n.with_rank(seed, 1, "seed")[0] not in (None, 2):
            n.fail(f"seed is two whole numbers, not of shape {show(seed)}")
        return [(1,), (2,)]

    def kernel(n: Any) -> Any:
        def made(seed: Any) -> Any:
            if np.asarray(seed).shape != (2,):
                raise RunError(f"seed must have shape [2], not {show(np.asarray(seed).shape)}")
            key, counter = _scrambled(seed)
            words = [counter & philox.MASK64, counter >> 64]
            return n.xp.asarray([key], dtype=np.uint64), n.xp.asarray(words, dtype=np.uint64)

        return made


@op
class StatelessRandomGetAlg:
    """The algorithm of random bits that the device has: 1, Philox."""

    signature = "-> alg: int32"
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any) -> Any:
        return ()

    def kernel(n: Any) -> Any:
        return lambda: n.xp.asarray(1, dtype=np.int32)


@op
class StatelessRandomUniform:
    """Floats from 0 up to, without, 1, of a seed."""

    signature = "shape: T, seed: Tseed -> output: dtype"
    attrs = f"dtype: {_FLOATS} = float32; T: {{int32, int64}} = int32; Tseed: {{int32, int64}} = int64"
    infer = _shaped
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return _filled(n, philox.uniform, False)

    scratch = uniform_scratch


@op
class StatelessRandomNormal:
    """Normal numbers of a seed."""

    signature = "shape: T, seed: Tseed -> output: dtype"
    attrs = f"dtype: {_FLOATS} = float32; T: {{int32, int64}} = int32; Tseed: {{int32, int64}} = int64"
    infer = _shaped
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return _filled(n, philox.normal, False)

    scratch = normal_scratch


@op
class StatelessTruncatedNormal:
    """Normal numbers of a seed, those beyond two deviations drawn again."""

    signature = "shape: T, seed: Tseed -> output: dtype"
    attrs = f"dtype: {_FLOATS} = float32; T: {{int32, int64}} = int32; Tseed: {{int32, int64}} = int64"
    infer = _shaped
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return _filled(n, philox.truncated, False)

    scratch = truncated_scratch


@op
class StatelessRandomUniformInt:
    """Whole numbers from minval up to, without, maxval, of a seed."""

    signature = "shape: T, seed: Tseed, minval: dtype, maxval: dtype -> output: dtype"
    takes = "minval: []; maxval: []"
    attrs = "dtype: {int32, int64}; T: {int32, int64}; Tseed: {int32, int64} = int64"
    infer = _shaped
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return _filled(n, _integers, False)

    scratch = integers_scratch


@op
class StatelessMultinomial:
    """Classes drawn by unnormalized log probabilities, of a seed."""

    signature = "logits: T, num_samples: int32, seed: Tseed -> output: output_dtype"
    takes = "seed: [2]"
    attrs = ("T: {realnumbertype}; Tseed: {int32, int64} = int64; output_dtype: {int32, int64} = int64")
    no_kernel = "T: int8, int16, int32, int64, uint8, uint16, uint32, uint64"
    gradient = no_gradient

    def infer(n: Any, logits: Any, num_samples: Any, seed: Any) -> Any:
        rows = n.with_rank(logits, 2, "logits")[0]
        n.with_rank(num_samples, 0, "num_samples")
        return (rows, n.size_value(1))

    def kernel(n: Any) -> Any:
        dtype = n.dtype()

        def draw(logits: Any, num_samples: Any, seed: Any) -> Any:
            rng = of_seed(seed)
            return drawn_classes(rng, lambda _: rng.counter, logits, num_samples, dtype)

        return draw

    scratch = drawn_scratch


@op
class StatelessRandomUniformV2:
    """Floats from 0 up to, without, 1, of a key and a counter."""

    signature = "shape: Tshape, key: uint64, counter: uint64, alg: int32 -> output: dtype"
    takes = "key: [1]"
    attrs = f"dtype: {_FLOATS} = float32; Tshape: {{int32, int64}} = int32"
    infer = _shaped_by_key
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return _filled(n, philox.uniform, True)

    scratch = uniform_scratch


@op
class StatelessRandomNormalV2:
    """Normal numbers of a key and a counter."""

    signature = "shape: Tshape, key: uint64, counter: uint64, alg: int32 -> output: dtype"
    takes = "key: [1]"
    attrs = f"dtype: {_FLOATS} = float32; Tshape: {{int32, int64}} = int32"
    infer = _shaped_by_key
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return _filled(n, philox.normal, True)

    scratch = normal_scratch


@op
class StatelessTruncatedNormalV2:
    """Normal numbers of a key and a counter, those beyond two deviations drawn again."""

    signature = "shape: Tshape, key: uint64, counter: uint64, alg: int32 -> output: dtype"
    takes = "key: [1]"
    attrs = f"dtype: {_FLOATS} = float32; Tshape: {{int32, int64}} = int32"
    infer = _shaped_by_key
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return _filled(n, philox.truncated, True)

    scratch = truncated_scratch


@op
class StatelessRandomUniformIntV2:
    """Whole numbers from minval up to, without, maxval, of a key and a counter."""

    signature = ("shape: Tshape, key: uint64, counter: uint64, alg: int32, minval: dtype, maxval: dtype "
                 "-> output: dtype")
    takes = "key: [1]; minval: []; maxval: []"
    attrs = "dtype: {int32, int64, uint32, uint64}; Tshape: {int32, int64} = int32"
    no_kernel = "dtype: uint32, uint64"
    infer = _shaped_by_key
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return _filled(n, _integers, True)

    scratch = integers_scratch


@op
class StatelessRandomUniformFullIntV2:
    """Whole numbers of all that the dtype holds, of a key and a counter."""

    signature = "shape: Tshape, key: uint64, counter: uint64, alg: int32 -> output: dtype"
    takes = "key: [1]"
    attrs = "dtype: {int32, int64, uint32, uint64} = uint64; Tshape: {int32, int64} = int32"
    infer = _shaped_by_key
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return _filled(n, _all_integers, True)
