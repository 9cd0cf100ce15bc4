"""Random values of a stream that a variable holds, a counter of two numbers and a key
(tf.random.experimental.Generator)."""
from __future__ import annotations

import os
from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import op, undefined_gradient
from ..graph.shapes import show
from . import _philox as philox
from ._binomial import binomial
from .random import integers_scratch, normal_scratch, sizes, truncated_scratch, uniform_scratch
from .random_stateless import _integers, of_key
from .state import initialized, writeable

CPU_ONLY = True
_STATE = 3
_INTEGERS = ("int32", "int64", "uint32", "uint64")
_FLOATS = ("float16", "bfloat16", "float32", "float64")
_PHILOX = 1
_ROUND, _PER_ROUND = 100, 5150
"""So many binomial counts, and how far they move the counter on, as if other numbers were drawn."""


def _stream(n: Any, slot: Any, algorithm: Any) -> philox.Philox:
    """The stream that a variable holds, which tells its algorithm itself where None is given.

    Raises InvalidArgument for another algorithm than Philox, and for what is no state.
    """
    state = initialized(slot)
    if state.dtype != np.int64 or state.ndim != 1:
        raise InvalidArgument("RNG state must be one-dimensional and of int64, not "
                              f"{show(state.shape)} of {state.dtype.name}")
    if algorithm is None and len(state):
        algorithm, state = state[0], state[1:]
    algorithm = np.asarray(algorithm)
    if algorithm.ndim:
        raise InvalidArgument(f"algorithm must be of shape [], not {show(algorithm.shape)}")
    if int(algorithm) != _PHILOX:
        raise InvalidArgument(f"Unsupported algorithm id: {int(algorithm)}", hint="1 is Philox")
    if len(state) < _STATE:
        raise InvalidArgument(f"For the Philox algorithm, the size of state must be at least {_STATE}; got "
                              f"{len(state)}")
    words = state.view(np.uint64)
    return of_key(words[2], words[:2], _PHILOX)


def _skip(slot: Any, rng: philox.Philox, samples: int, first: int = 0) -> None:
    """Moves the counter in a variable on, which is at ``first``."""
    rng.reserve(samples * philox.RESERVED)
    words = [rng.counter & philox.MASK64, rng.counter >> 64]
    if not writeable(slot.value):
        slot.value = np.array(slot.value)
    slot.value.view(np.uint64)[first:first + 2] = words


def _of_kind(n: Any, kinds: tuple[str, ...]) -> Any:
    """The dtype of what is drawn. Raises InvalidArgument for one of which TensorFlow has no kernel."""
    name = n.attrs["dtype"].name
    if name not in kinds:
        raise InvalidArgument(f"TensorFlow has no kernel of {n.node.type} for {name}")
    return np.dtype(n.dtype())


def _filled(n: Any, draw: Any, kinds: tuple[str, ...], given: bool = True) -> Any:
    """A kernel of ``draw(stream, counter, count, dtype, *limits)``; given: whether an input tells the algorithm."""
    dtype = _of_kind(n, kinds)

    def kernel(slot: Any, *rest: Any) -> Any:
        algorithm, shape, *limits = rest if given else (None, *rest)
        wanted = sizes(shape)
        rng = _stream(n, slot, algorithm)
        count = int(np.prod(wanted, dtype=np.int64))
        values = draw(rng, rng.counter, count, dtype, *limits).reshape(wanted)
        _skip(slot, rng, count, 0 if given else 1)
        return values

    return kernel


def _shaped(n: Any, resource: Any, algorithm: Any, shape: Any, *more: Any) -> Any:
    n.with_rank(algorithm, 0, "the algorithm")
    n.with_rank(shape, 1, "the shape")
    for limit in more:
        n.with_rank(limit, 0, "a limit")
    return n.shape_value(2)


def _op(name: str, doc: str, draw: Any, kinds: tuple[str, ...], scratch: Any, default: str = "float32",
        limits: str = "") -> None:
    op(type(name, (), {
        "__doc__": doc, "__module__": __name__, "stateful": True, "gradient": undefined_gradient, "infer": _shaped,
        "signature": f"resource: resource, algorithm: int64, shape: shape_dtype{limits} -> output: dtype",
        "attrs": f"dtype: type = {default}; shape_dtype: type = int64", "scratch": scratch,
        "kernel": lambda n: _filled(n, draw, kinds)}))


_op("StatefulUniform", "Floats from 0 up to, without, 1, of a stream in a variable.", philox.uniform, _FLOATS,
    uniform_scratch)
_op("StatefulStandardNormalV2", "Normal numbers of a stream in a variable.", philox.normal, _FLOATS, normal_scratch)
_op("StatefulTruncatedNormal", "Normal numbers of a stream in a variable, those beyond two deviations drawn again.",
    philox.truncated, _FLOATS, truncated_scratch)
_op("StatefulUniformInt", "Whole numbers from minval up to, without, maxval, of a stream in a variable.", _integers,
    _INTEGERS, integers_scratch, "int64", ", minval: dtype, maxval: dtype")
_op("StatefulUniformFullInt", "Whole numbers of all that the dtype holds, of a stream in a variable.", philox.words,
    _INTEGERS, integers_scratch, "uint64")


@op
class StatefulStandardNormal:
    """Normal numbers of a stream in a variable that begins with its algorithm."""

    signature = "resource: resource, shape: shape_dtype -> output: dtype"
    attrs = "dtype: type = float32; shape_dtype: type = int64"
    stateful = True
    gradient = undefined_gradient
    scratch = normal_scratch

    def infer(n: Any, resource: Any, shape: Any) -> Any:
        n.with_rank(shape, 1, "the shape")
        return n.shape_value(1)

    def kernel(n: Any) -> Any:
        return _filled(n, philox.normal, _FLOATS, given=False)


@op
class StatefulRandomBinomial:
    """How many of counts trials succeed with probability probs, of a stream in a variable."""

    signature = "resource: resource, algorithm: int64, shape: S, counts: T, probs: T -> output: dtype"
    attrs = ("S: {int32, int64}; T: {float16, float32, float64, int32, int64} = float64; "
             "dtype: {float16, float32, float64, int32, int64} = int64")
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any, resource: Any, algorithm: Any, shape: Any, counts: Any, probs: Any) -> Any:
        n.with_rank(algorithm, 0, "the algorithm")
        n.with_rank(shape, 1, "the shape")
        return n.shape_value(2)

    def kernel(n: Any) -> Any:
        dtype = n.dtype()

        def draw(slot: Any, algorithm: Any, shape: Any, counts: Any, probs: Any) -> Any:
            wanted = sizes(shape)
            rng = _stream(n, slot, algorithm)
            values = binomial(rng, rng.counter, wanted, np.asarray(counts), np.asarray(probs)).astype(dtype)
            _skip(slot, rng, _PER_ROUND * -(-values.size // _ROUND))
            return values

        return draw


@op
class RngSkip:
    """Moves the counter of a stream in a variable on, as if so many numbers were drawn."""

    signature = "resource: resource, algorithm: int64, delta: int64 -> "
    takes = "algorithm: []; delta: []"
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any, resource: Any, algorithm: Any, delta: Any) -> Any:
        return []

    def kernel(n: Any) -> Any:
        def skip(slot: Any, algorithm: Any, delta: Any) -> None:
            _skip(slot, _stream(n, slot, algorithm), int(delta) & philox.MASK64)

        return skip


@op
class NonDeterministicInts:
    """Whole numbers by chance, of all that the dtype holds."""

    signature = "shape: shape_dtype -> output: dtype"
    attrs = "dtype: type = int64; shape_dtype: type = int64"
    takes = "shape: [?]"
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any, shape: Any) -> Any:
        return n.shape_value(0)

    def kernel(n: Any) -> Any:
        dtype = _of_kind(n, _INTEGERS)

        def draw(shape: Any) -> Any:
            wanted = sizes(shape)
            count = int(np.prod(wanted, dtype=np.int64))
            if n.state.seed is not None:
                return philox.words(rng := philox.stream(n), rng.reserve(count), count, dtype).reshape(wanted)
            return np.frombuffer(bytearray(os.urandom(count * dtype.itemsize)), dtype).reshape(wanted)

        return draw
