"""Streams of random numbers that variables hold (tf.random.experimental.Generator)."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import InvalidValue
from ..graph.types import as_dtype, float32, int32, int64, uint64
from .conversion import convert_to_tensor
from .framework import apply_op, name_scope
from .modules import modules
from .variables import Variable

EXPORTS = """
random.experimental: Generator create_rng_state get_global_generator set_global_generator
"""

PHILOX, THREEFRY = 1, 2
_SIZES = {PHILOX: 3, THREEFRY: 2}
_LARGEST, _SPAN = (1 << 63) - 1, 1 << 64
_global: list[Generator] = []
tf = modules["tf"]


def _size(alg: Any) -> int:
    """How many numbers a state has. Raises InvalidValue for an algorithm that is none."""
    if alg not in _SIZES:
        raise InvalidValue(f"Unsupported algorithm id: {alg}")
    return _SIZES[alg]


def _signed(number: Any) -> Any:
    return number - _SPAN if number > _LARGEST else number


def create_rng_state(seed: Any, algorithm: int) -> Any:
    """The state of a seed, a whole number of any size or a vector of such (tf.random.experimental.create_rng_state).

    Raises InvalidValue for more axes, and for another algorithm.
    """
    size = _size(algorithm)
    words = [(seed >> 64 * i) & (_SPAN - 1) for i in range(size)] if isinstance(seed, int) else seed
    state = np.asarray([_signed(word) for word in words], np.int64)
    if state.ndim != 1:
        raise InvalidValue(f"seed should only have one dimension; got shape: {state.shape}")
    state = state[:size]
    return np.pad(state, (size - len(state), 0))


def _state_tensor(value: Any) -> Any:
    return convert_to_tensor([_signed(v) for v in value] if isinstance(value, list) else value, int64)


def _shape(shape: Any) -> Any:
    empty = isinstance(shape, (tuple, list)) and not shape
    return convert_to_tensor(shape, int64 if empty else None, "shape")


def _joined(key: Any, counter: Any, alg: int) -> Any:
    counter, key = _state_tensor(counter), _state_tensor(key)
    counter.shape.assert_is_compatible_with([_size(alg) - 1])
    key.shape.assert_is_compatible_with([])
    return tf.concat([counter, tf.reshape(key, [1])], 0)


class Generator:
    """A stream of random numbers whose place a variable holds (tf.random.experimental.Generator)."""

    def __init__(self, copy_from: Generator | None = None, state: Any = None, alg: int | None = None) -> None:
        if (alg is None or state is None) if copy_from is None else (alg or state) is not None:
            raise InvalidValue("a Generator is made of state and alg, or of copy_from alone",
                               hint="Generator.from_seed(SEED) makes one of a number")
        if copy_from is not None:
            state, alg = copy_from.state, copy_from.algorithm
        else:
            assert alg is not None
            state = _state_tensor(state)
            state.shape.assert_is_compatible_with([_size(alg)])
        self._state: Any = Variable(state, dtype=int64, trainable=False, use_resource=True)
        self._alg = alg

    @classmethod
    def from_state(cls, state: Any, alg: int) -> Generator:
        return cls(state=state, alg=alg)

    @classmethod
    def from_seed(cls, seed: Any, alg: int | None = None) -> Generator:
        alg = PHILOX if alg is None else alg
        return cls(state=create_rng_state(seed, alg), alg=alg)

    @classmethod
    def from_non_deterministic_state(cls, alg: int | None = None) -> Generator:
        alg = PHILOX if alg is None else alg
        return cls(state=apply_op("NonDeterministicInts", None, [[_size(alg)]], {"dtype": int64}), alg=alg)

    @classmethod
    def from_key_counter(cls, key: Any, counter: Any, alg: int) -> Generator:
        return cls(state=_joined(key, counter, alg), alg=alg)

    def reset(self, state: Any) -> None:
        """Makes the node that sets the state."""
        state = _state_tensor(state)
        state.shape.assert_is_compatible_with([_size(self._alg)])
        self._state.assign(state)

    def reset_from_seed(self, seed: Any) -> None:
        self._state.assign(create_rng_state(seed, self._alg))

    def reset_from_key_counter(self, key: Any, counter: Any) -> None:
        self._state.assign(_joined(key, counter, self._alg))

    @property
    def state(self) -> Any:
        return self._state

    @property
    def algorithm(self) -> Any:
        return self._alg

    @property
    def key(self) -> Any:
        """The last number of the state. Raises InvalidValue for another algorithm."""
        _size(self._alg)
        return self._state[-1]

    def skip(self, delta: Any) -> None:
        """Makes the node that moves the stream on."""
        apply_op("RngSkip", None, [self._state.handle, self._alg, delta])

    def _draw(self, op_type: str, shape: Any, attrs: dict[str, Any], limits: Sequence[Any] = (),
              name: str | None = None) -> Any:
        return apply_op(op_type, name, [self._state.handle, self._alg, shape, *limits], attrs)

    def _normal(self, op_type: str, default: str, shape: Any, mean: Any, stddev: Any, dtype: Any, name: str | None
                ) -> Any:
        with name_scope(name, default, [shape, mean, stddev]) as scope:
            shape = _shape(shape)
            mean = convert_to_tensor(mean, as_dtype(dtype), "mean")
            stddev = convert_to_tensor(stddev, as_dtype(dtype), "stddev")
            drawn = self._draw(op_type, shape, {"dtype": dtype})
            return apply_op("Add", scope, [drawn * stddev, mean])

    def normal(self, shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = float32,
               name: str | None = None) -> Any:
        return self._normal("StatefulStandardNormalV2", "stateful_normal", shape, mean, stddev, dtype, name)

    def truncated_normal(self, shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = float32,
                         name: str | None = None) -> Any:
        return self._normal("StatefulTruncatedNormal", "truncated_normal", shape, mean, stddev, dtype, name)

    def uniform(self, shape: Any, minval: Any = 0, maxval: Any = None, dtype: Any = float32,
                name: str | None = None) -> Any:
        """Numbers from minval up to, without, maxval. Raises InvalidValue where whole numbers have no maxval."""
        dtype = as_dtype(dtype)
        if maxval is None:
            if dtype.is_integer:
                raise InvalidValue(f"Must specify maxval for integer dtype {dtype!r}")
            maxval = 1
        with name_scope(name, "stateful_uniform", [shape, minval, maxval]) as scope:
            shape = _shape(shape)
            minval, maxval = convert_to_tensor(minval, dtype, "min"), convert_to_tensor(maxval, dtype, "max")
            if dtype.is_integer:
                return self._draw("StatefulUniformInt", shape, {}, [minval, maxval], scope)
            drawn = self._draw("StatefulUniform", shape, {"dtype": dtype})
            return apply_op("Add", scope, [drawn * (maxval - minval), minval])

    def uniform_full_int(self, shape: Any, dtype: Any = uint64, name: str | None = None) -> Any:
        with name_scope(name, "stateful_uniform_full_int", [shape]) as scope:
            return self._draw("StatefulUniformFullInt", _shape(shape), {"dtype": as_dtype(dtype)}, (), scope)

    def binomial(self, shape: Any, counts: Any, probs: Any, dtype: Any = int32, name: str | None = None) -> Any:
        with name_scope(name, "binomial", [shape, counts, probs]) as scope:
            counts, probs = convert_to_tensor(counts, name="counts"), convert_to_tensor(probs, name="probs")
            return self._draw("StatefulRandomBinomial", _shape(shape), {"dtype": as_dtype(dtype)}, [counts, probs],
                              scope)

    def make_seeds(self, count: int = 1) -> Any:
        """Seeds of two numbers for tf.random.stateless_uniform and its like: [2, count]."""
        _size(self._alg)
        keys = self.uniform_full_int([count], int64)
        return tf.stack([keys, tf.zeros_like(keys)])


def get_global_generator() -> Generator:
    """The generator that all may use, made by chance at first (tf.random.experimental.get_global_generator)."""
    if not _global:
        _global.append(Generator.from_non_deterministic_state())
    return _global[0]


def set_global_generator(generator: Generator) -> None:
    """Makes another one that which all may use (tf.random.experimental.set_global_generator)."""
    _global[:] = [generator]
