"""Functions over the rows of tensors: map_fn, scan, foldl, foldr; each is a while_loop over TensorArrays."""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.graph import Tensor
from ..graph.shapes import Static
from ..graph.types import as_dtype
from . import nesting as nest
from .control_flow import while_loop
from .conversion import constant, convert_to_tensor, is_resource
from .flow_nodes import resources_read
from .framework import name_scope
from .tensor_array import TensorArray
from .variable_scope import get_variable_scope

EXPORTS = """
tf: map_fn scan foldl foldr
"""


@contextmanager
def _cached() -> Iterator[None]:
    """Variables that the function makes are read once, on the device of the variable."""
    scope = get_variable_scope()
    if scope.caching_device is not None:
        yield
        return
    scope.set_caching_device(lambda op: op.device)
    try:
        yield
    finally:
        scope.set_caching_device(None)


def _function(fn: Any, name: str) -> None:
    if not callable(fn):
        raise InvalidType(f"{name}() needs a function, not {said(fn)}",
                          hint=f"without quotes: {fn}" if isinstance(fn, str) else None)


def _rows(elems: list[Tensor], none_is_unknown: bool = True) -> Any:
    """How many rows the first tensor has: a number, or a tensor where it is not known.

    none_is_unknown: TensorFlow takes a size of 0 for one that is not known.
    """
    first = elems[0].static
    if first is not None and first[0] is not None and (first[0] or not none_is_unknown):
        return first[0]
    from . import shape

    return shape(elems[0])[0]


def _static_rows(elems: list[Tensor]) -> int | None:
    """The number of rows of the first, where it is known. Raises InvalidValue if another differs in it."""
    sizes = []
    for tensor in elems:
        if tensor.static == ():
            raise InvalidValue(f"{tensor.name} is a scalar; its elements cannot be taken one by one")
        sizes.append(None if tensor.static is None else tensor.static[0])
    known = sizes[0]
    for size in sizes:
        if known is not None and size is not None and size != known:
            raise InvalidValue(f"the tensors have {known} and {size} rows, and must have as many")
    return known


def _tail(static: Static) -> Static:
    return None if static is None else static[1:]


def map_fn(fn: Any, elems: Any, dtype: Any = None, parallel_iterations: int | None = None, back_prop: bool = True,
           swap_memory: bool = False, infer_shape: bool = True, name: str | None = None,
           fn_output_signature: Any = None) -> Any:
    """``fn`` of each row of ``elems``, stacked (tf.map_fn).

    elems: a tensor or a nesting of tensors with as many rows. dtype: of what ``fn`` returns, where it
    differs from ``elems``, in its nesting. Raises InvalidType and InvalidValue.
    """
    signature = dtype if fn_output_signature is None else fn_output_signature
    _function(fn, "map_fn")
    elems = resources_read(elems)
    given = nest.flatten(elems)
    if not given:
        raise InvalidValue("map_fn() needs at least one tensor")
    with name_scope(name, "map"), _cached():
        flat = [convert_to_tensor(e, name="elem") for e in given]
        static = _static_rows(flat)
        count = _rows(flat)
        arrays = [TensorArray(dtype=t.dtype, size=count, dynamic_size=False, infer_shape=True) for t in flat]
        arrays = [a.unstack(t) for a, t in zip(arrays, flat)]
        start = constant(0)
        kinds = [t.dtype for t in flat] if signature is None else [as_dtype(d) for d in nest.flatten(signature)]
        results = [TensorArray(dtype=k, size=count, dynamic_size=False, infer_shape=infer_shape) for k in kinds]
        like = elems if signature is None else signature

        def compute(i: Any, accumulated: list[TensorArray]) -> Any:
            value = fn(nest.pack(elems, [a.read(i) for a in arrays]))
            nest.assert_same(like, value, "dtype and what fn returns" if signature is not None
                             else "elems and what fn returns")
            accumulated = [a.write(i, v) for a, v in zip(accumulated, nest.flatten(value))]
            return i + 1, accumulated

        _, done = while_loop(lambda i, _: i < count, compute, (start, results),
                             parallel_iterations=parallel_iterations or 10, back_prop=back_prop,
                             swap_memory=swap_memory, maximum_iterations=count)
        stacked = [a.stack() for a in done]
        for tensor in stacked:
            if tensor.static is not None:
                tensor.set_shape((static, *tensor.static[1:]))
        return nest.pack(like, stacked)


def _fold(fn: Any, elems: Any, initializer: Any, parallel_iterations: int, back_prop: bool, swap_memory: bool,
          name: str | None, word: str) -> Any:
    _function(fn, word)
    right = word == "foldr"
    with name_scope(name, word), _cached():
        flat = [convert_to_tensor(e, name="elem") for e in nest.flatten(elems)]
        count = _rows(flat)
        # TensorFlow writes elems themselves, so that a resource variable is read again there
        written = [e if is_resource(e) else t for e, t in zip(nest.flatten(elems), flat)]
        arrays = nest.map_structure(lambda e: TensorArray(dtype=e.dtype, size=count, dynamic_size=False,
                                                          infer_shape=True).unstack(e), nest.pack(elems, written))
        if right:
            start = count - 1 if initializer is None else count
        if initializer is None:
            first = nest.map_structure(lambda a: a.read(start if right else 0), arrays)
        else:
            first = initializer
        if not right:
            start = constant(1 if initializer is None else 0)

        def left(i: Any, a: Any) -> Any:
            a = fn(a, nest.map_structure(lambda e: e.read(i), arrays))
            return [i + 1, a]

        def from_right(i: Any, a: Any) -> Any:
            i = i - 1
            return [i, fn(a, nest.map_structure(lambda e: e.read(i), arrays))]

        _, result = while_loop((lambda i, a: i > 0) if right else (lambda i, a: i < count),
                               from_right if right else left, [start, first],
                               parallel_iterations=parallel_iterations, back_prop=back_prop,
                               swap_memory=swap_memory, maximum_iterations=count)
        return result


def foldl(fn: Any, elems: Any, initializer: Any = None, parallel_iterations: int = 10, back_prop: bool = True,
          swap_memory: bool = False, name: str | None = None) -> Any:
    """``fn(…fn(fn(initializer, row 0), row 1)…)`` (tf.foldl); without initializer it starts with row 0."""
    return _fold(fn, elems, initializer, parallel_iterations, back_prop, swap_memory, name, "foldl")


def foldr(fn: Any, elems: Any, initializer: Any = None, parallel_iterations: int = 10, back_prop: bool = True,
          swap_memory: bool = False, name: str | None = None) -> Any:
    """``foldl`` from the last row to the first (tf.foldr)."""
    return _fold(fn, elems, initializer, parallel_iterations, back_prop, swap_memory, name, "foldr")


def scan(fn: Any, elems: Any, initializer: Any = None, parallel_iterations: int = 10, back_prop: bool = True,
         swap_memory: bool = False, infer_shape: bool = True, reverse: bool = False, name: str | None = None) -> Any:
    """The values of a fold after each row, stacked (tf.scan). ``reverse``: from the last row to the first."""
    _function(fn, "scan")
    like = elems if initializer is None else initializer
    with name_scope(name, "scan"), _cached():
        flat = [convert_to_tensor(e, name="elem") for e in nest.flatten(elems)]
        count = _rows(flat, none_is_unknown=False)
        arrays = [TensorArray(dtype=e.dtype, size=count, dynamic_size=False, element_shape=_tail(e.static),
                              infer_shape=True) for e in flat]
        arrays = [a.unstack(e) for a, e in zip(arrays, flat)]
        if initializer is None:
            first = [a.read(count - 1 if reverse else 0) for a in arrays]
            start = 1
        else:
            first = [convert_to_tensor(v) for v in nest.flatten(initializer)]
            start = 0
        results = [TensorArray(dtype=a.dtype, size=count, element_shape=a.static if infer_shape else None,
                               dynamic_size=False, infer_shape=infer_shape) for a in first]
        if initializer is None:
            results = [r.write(count - 1 if reverse else 0, a) for r, a in zip(results, first)]

        def compute(i: Any, a: Any, accumulated: Any) -> Any:
            row = nest.pack(elems, [e.read(i) for e in arrays])
            value = fn(nest.pack(like, a), row)
            nest.assert_same(like, value, "the accumulator and what fn returns")
            parts = nest.flatten(value)
            accumulated = [t.write(i, v) for t, v in zip(accumulated, parts)]
            return i - 1 if reverse else i + 1, parts, accumulated

        if reverse:
            begin, goes_on = count - 1 - start, (lambda i, a, t: i >= 0)
        else:
            begin, goes_on = start, (lambda i, a, t: i < count)
        _, _, done = while_loop(goes_on, compute, (begin, first, results), parallel_iterations=parallel_iterations,
                                back_prop=back_prop, swap_memory=swap_memory, maximum_iterations=count)
        stacked = [a.stack() for a in done]
        static = _static_rows(flat)
        for tensor in stacked:
            if tensor.static is not None:
                tensor.set_shape((static, *tensor.static[1:]))
        return nest.pack(like, stacked)
