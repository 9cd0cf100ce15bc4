"""Random values, with TF1's rules for seeds (tf.random_uniform and its like)."""
from __future__ import annotations

from math import isfinite
from typing import Any

import numpy as np

from ..errors import InvalidType, InvalidValue, said
from ..graph.dimension import Dimension
from ..graph.graph import Tensor
from ..graph.shapes import TensorShape
from ..graph.types import as_dtype, float32, int32, int64
from .conversion import convert_to_tensor, is_tensor
from .framework import apply_op, get_default_graph, name_scope

EXPORTS = """
tf: random_uniform random_normal truncated_normal random_shuffle multinomial random_gamma random_poisson get_seed
tf image: random_crop
random: uniform=random_uniform normal=random_normal truncated_normal shuffle=random_shuffle multinomial
random: gamma=random_gamma poisson=random_poisson get_seed categorical
"""

DEFAULT_GRAPH_SEED = 87654321
_LARGEST = 2**31 - 1


def get_seed(op_seed: int | None) -> tuple[int | None, int | None]:
    """The two seeds of an op (tf.get_seed): from the graph's seed, its own, and how many had none before."""
    graph = get_default_graph()
    if graph.seed is None:
        return (None, None) if op_seed is None else (DEFAULT_GRAPH_SEED, _in_range(op_seed))
    if op_seed is None:
        op_seed = graph.seeds_given
        graph.seeds_given += 1
    seeds = _in_range(graph.seed), _in_range(op_seed)
    # the kernels read (0, 0) as "no seed"
    return (0, _LARGEST) if seeds == (0, 0) else seeds


def _in_range(seed: Any) -> int:
    """A seed as an op takes it; as in TensorFlow the fraction of 4.5 is lost."""
    if not hasattr(seed, "__index__") and not (isinstance(seed, float) and isfinite(seed)):
        raise InvalidType(f"a seed is a whole number, not {said(seed)}")
    return int(seed % _LARGEST)


def _seeds(seed: int | None) -> dict[str, int]:
    first, second = get_seed(seed)
    return {"seed": first or 0, "seed2": second or 0}


def shape_tensor(shape: Any) -> Tensor:
    """A shape as an integer tensor; an empty list is int32."""
    dtype = None
    if isinstance(shape, (tuple, list)):
        if not shape:
            dtype = int32
        else:
            shape = tuple(s.value if isinstance(s, Dimension) else s for s in shape)
            kinds = [s.dtype.base_dtype for s in shape if is_tensor(s)]
            if kinds:
                dtype = int64 if int64 in kinds else int32
    if isinstance(shape, TensorShape) or isinstance(shape, (tuple, list)) and None in shape:
        if isinstance(shape, (tuple, list)) or not shape.is_fully_defined():
            raise InvalidValue(f"the shape {shape} must be known", hint="tf.shape(x) is known when the graph runs")
    return convert_to_tensor(shape, dtype=dtype, name="shape")


def random_normal(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = float32, seed: int | None = None,
                  name: str | None = None) -> Tensor:
    """Normal numbers of a mean and a standard deviation (tf.random_normal)."""
    return _normal("RandomStandardNormal", "random_normal", shape, mean, stddev, dtype, seed, name)


def truncated_normal(shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = float32, seed: int | None = None,
                     name: str | None = None) -> Tensor:
    """Normal numbers, those beyond two deviations drawn again (tf.truncated_normal)."""
    return _normal("TruncatedNormal", "truncated_normal", shape, mean, stddev, dtype, seed, name)


def _normal(op_type: str, default: str, shape: Any, mean: Any, stddev: Any, dtype: Any, seed: int | None,
            name: str | None) -> Tensor:
    from . import add

    with name_scope(name, default) as scope:
        sizes = shape_tensor(shape)
        mean = convert_to_tensor(mean, dtype=dtype, name="mean")
        stddev = convert_to_tensor(stddev, dtype=dtype, name="stddev")
        drawn = apply_op(op_type, None, [sizes], {"dtype": as_dtype(dtype), **_seeds(seed)})
        return add(drawn * stddev, mean, name=scope)  # type: ignore[no-any-return]


def random_uniform(shape: Any, minval: Any = 0, maxval: Any = None, dtype: Any = float32, seed: int | None = None,
                   name: str | None = None) -> Tensor:
    """Numbers from minval up to, without, maxval: 1 for floats, to be given for integers (tf.random_uniform).

    Raises InvalidValue for another dtype than float16, bfloat16, float32, float64, int32 and int64.
    """
    from . import add, multiply

    kind = as_dtype(dtype)
    if kind.name not in ("float16", "bfloat16", "float32", "float64", "int32", "int64"):
        raise InvalidValue("random_uniform makes float16, bfloat16, float32, float64, int32 or int64, "
                           f"not {kind.name}")
    if maxval is None:
        if kind.is_integer:
            raise InvalidValue(f"random_uniform of {kind.name} needs maxval")
        maxval = 1
    with name_scope(name, "random_uniform") as scope:
        sizes = shape_tensor(shape)
        from_zero = isinstance(minval, int) and minval == 0
        to_one = isinstance(maxval, int) and maxval == 1
        if not from_zero or not to_one or kind.is_integer:
            minval = convert_to_tensor(minval, dtype=kind, name="min")
            maxval = convert_to_tensor(maxval, dtype=kind, name="max")
        seeds = _seeds(seed)
        if kind.is_integer:
            return apply_op("RandomUniformInt", scope, [sizes, minval, maxval], seeds)  # type: ignore[no-any-return]
        result = apply_op("RandomUniform", None, [sizes], {"dtype": kind, **seeds})
        if not from_zero:
            return add(result * (maxval - minval), minval, name=scope)  # type: ignore[no-any-return]
        return result if to_one else multiply(result, maxval)  # type: ignore[no-any-return]


def random_shuffle(value: Any, seed: int | None = None, name: str | None = None) -> Tensor:
    """The rows of a tensor in random order (tf.random_shuffle)."""
    return apply_op("RandomShuffle", name, [value], _seeds(seed))  # type: ignore[no-any-return]


def random_crop(value: Any, size: Any, seed: int | None = None, name: str | None = None) -> Tensor:
    """A piece of a given size from a random place of a tensor (tf.random_crop); a run error where it is smaller."""
    from . import Assert, reduce_all, slice
    from . import shape as shape_of
    from .grouping import with_dependencies

    with name_scope(name, "random_crop") as scope:
        value = convert_to_tensor(value, name="value")
        size = convert_to_tensor(size, dtype=int32, name="size")
        have = shape_of(value)
        check = Assert(reduce_all(have >= size), ["Need value.shape >= size, got ", have, size], summarize=1000)
        have = with_dependencies([check], have)
        limit = have - size + 1
        offset = random_uniform(shape_of(have), dtype=int32, maxval=int32.max, seed=seed) % limit
        return slice(value, offset, size, name=scope)  # type: ignore[no-any-return]


def multinomial(logits: Any, num_samples: Any, seed: int | None = None, name: str | None = None,
                output_dtype: Any = None) -> Tensor:
    """Classes drawn by unnormalized log probabilities [batch, classes] -> [batch, num_samples] (tf.multinomial)."""
    with name_scope(name, "multinomial"):
        return _categorical(logits, num_samples, output_dtype, seed)


def categorical(logits: Any, num_samples: Any, dtype: Any = None, seed: int | None = None,
                name: str | None = None) -> Tensor:
    """The same as multinomial (tf.random.categorical)."""
    with name_scope(name, "categorical"):
        return _categorical(logits, num_samples, dtype, seed)


def _categorical(logits: Any, num_samples: Any, dtype: Any, seed: int | None) -> Tensor:
    logits = convert_to_tensor(logits, name="logits")
    kind = as_dtype(dtype) if dtype else int64
    if kind not in (int32, int64):
        raise InvalidValue(f"classes are int32 or int64, not {kind.name}")
    return apply_op("Multinomial", None, [logits, num_samples],  # type: ignore[no-any-return]
                    {"output_dtype": kind, **_seeds(seed)})


def random_gamma(shape: Any, alpha: Any, beta: Any = None, dtype: Any = float32, seed: int | None = None,
                 name: str | None = None) -> Tensor:
    """Gamma numbers of shape parameter alpha and rate beta: ``shape + broadcast(alpha, beta)`` (tf.random_gamma)."""
    from . import broadcast_dynamic_shape, broadcast_to, maximum
    from . import shape as shape_of

    with name_scope(name, "random_gamma"):
        sizes = convert_to_tensor(shape, name="shape", dtype=int32)
        alpha = convert_to_tensor(alpha, name="alpha", dtype=dtype)
        beta = convert_to_tensor(1 if beta is None else beta, name="beta", dtype=dtype)
        common = broadcast_dynamic_shape(shape_of(alpha), shape_of(beta))
        wide = broadcast_to(alpha, common)
        drawn = apply_op("RandomGamma", None, [sizes, wide], _seeds(seed))
        tiny = np.finfo(alpha.dtype.as_numpy_dtype).tiny
        return maximum(tiny, drawn / beta)  # type: ignore[no-any-return]


def random_poisson(lam: Any, shape: Any, dtype: Any = float32, seed: int | None = None,
                   name: str | None = None) -> Tensor:
    """Poisson counts of rate lam: ``shape + lam.shape`` (tf.random_poisson)."""
    with name_scope(name, "random_poisson"):
        sizes = convert_to_tensor(shape, name="shape", dtype=int32)
        return apply_op("RandomPoissonV2", None, [sizes, lam],  # type: ignore[no-any-return]
                        {"dtype": as_dtype(dtype), **_seeds(seed)})
