"""Datasets of what generators of the program yield (tf.data.Dataset.from_generator)."""
from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..errors import InvalidType
from ..graph.shapes import compatible, show
from ..graph.types import DType, int64, string
from . import data_nest as nest
from .conversion import convert_to_tensor
from .framework import apply_op
from .py_func import py_func
from .traced import traced


class _Running:
    """The iterators of a generator that have begun, by number."""

    def __init__(self, generator: Callable[..., Any]) -> None:
        self.generator = generator
        self.numbers = itertools.count()
        self.open: dict[int, Iterator[Any]] = {}

    def begin(self, *args: Any) -> Any:
        number = next(self.numbers)
        self.open[number] = iter(self.generator(*args))
        return np.int64(number)

    def end(self, number: Any) -> Any:
        self.open.pop(int(number), None)
        return np.int64(0)


def _converted(value: Any, dtype: DType, shape: Any) -> Any:
    """What was yielded, as an array. Raises InvalidType where it does not fit."""
    try:
        array = np.asarray(value, object if dtype is string else dtype.as_numpy_dtype)
    except (TypeError, ValueError) as error:
        raise InvalidType("`generator` yielded an element that could not be converted to the expected type. The "
                          f"expected type was {dtype.name}, but the yielded element was {value}.") from error
    if not compatible(shape.tuple, array.shape):
        raise InvalidType(f"`generator` yielded an element of shape {show(array.shape)} where an element of shape "
                          f"{shape} was expected.")
    if dtype is string:
        flat = [v.encode() if isinstance(v, str) else v for v in array.reshape(-1).tolist()]
        out = np.empty(array.shape, object)
        out.reshape(-1)[:] = flat
        return out
    return array


def from_generator(from_tensors: Callable[..., Any], flat_map: Callable[..., Any], generator: Callable[..., Any],
                   types: Any, shapes: Any, args: Any) -> Any:
    """See Dataset.from_generator; types and shapes are in the nesting of what is yielded."""
    running = _Running(generator)
    dtypes, sizes = nest.flatten(types), nest.flatten(shapes)
    given = [convert_to_tensor(a, name=f"args_{i}") for i, a in enumerate(() if args is None else args)]

    def following(number: Any) -> Any:
        values = next(running.open[int(number)])
        try:
            flat = nest.flatten_up_to(types, values)
        except (TypeError, ValueError) as error:
            raise InvalidType("`generator` yielded an element that did not match the expected structure. The expected "
                              f"structure was {types}, but the yielded element was {values}.") from error
        return [_converted(v, d, s) for v, d, s in zip(flat, dtypes, sizes)]

    def get_iterator_id_fn(unused: Any) -> Any:
        return py_func(running.begin, given, int64)

    def generator_next_fn(number: Any) -> Any:
        flat = py_func(following, [number], dtypes)
        for tensor, shape in zip(flat, sizes):
            tensor.set_shape(shape)
        return tuple(flat)

    def finalize_fn(number: Any) -> Any:
        return py_func(running.end, [number], int64)

    def flat_map_fn(dummy: Any) -> Any:
        begin = traced("__inference_Dataset_from_generator_get_iterator_id_fn", get_iterator_id_fn, [dummy.dtype],
                       [dummy.static])
        more = traced("__inference_Dataset_from_generator_generator_next_fn", generator_next_fn, [int64], [None])
        end = traced("__inference_Dataset_from_generator_finalize_fn", finalize_fn, [int64], [None])
        handle = apply_op("GeneratorDataset", None, [[dummy, *begin.captured], more.captured, end.captured],
                          {"init_func": begin.func, "next_func": more.func, "finalize_func": end.func,
                           "output_types": dtypes, "output_shapes": [s.tuple for s in sizes]})
        return outside._with(handle)

    outside = from_tensors(0)
    outside._with = lambda handle: type(outside)(handle, types, shapes)
    return flat_map(outside, flat_map_fn)
