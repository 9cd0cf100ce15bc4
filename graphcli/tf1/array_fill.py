"""Tensors made from a shape or a range: zeros, ones, fill, range, linspace, one_hot, sequence_mask."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..errors import InvalidType, InvalidValue, NotSupported, said
from ..graph.dimension import Dimension
from ..graph.shapes import TensorShape, count
from ..graph.types import DType, as_dtype, bfloat16, bool_, float16, float32, float64, int32, int64, string, variant
from .array import shape_internal
from .conversion import IndexedSlices, constant, convert_to_tensor, is_resource, is_sparse_like, is_tensor, whole_sizes
from .framework import Tensor, apply_op, name_scope

EXPORTS = """
tf: zeros ones zeros_like ones_like fill range=range_ linspace lin_space=linspace one_hot sequence_mask meshgrid
"""

SMALL = 1000
"""Elements below which ``zeros`` and ``ones`` of a known shape are one Const."""


def zeros(shape: Any, dtype: Any = float32, name: str | None = None, layout: Any = None) -> Any:
    """Zeros of a shape (tf.zeros): one Const below 1000 elements, else a Fill."""
    _no_layout(layout)
    return _full(shape, as_dtype(dtype).base_dtype, name, "zeros", 0)


def ones(shape: Any, dtype: Any = float32, name: str | None = None, layout: Any = None) -> Any:
    """Ones of a shape (tf.ones): one Const below 1000 elements, else a Fill."""
    _no_layout(layout)
    return _full(shape, as_dtype(dtype).base_dtype, name, "ones", 1)


def _no_layout(layout: Any) -> None:
    if layout is not None:
        raise NotSupported("layouts of tensors over several machines do not exist here", hint="layout=None")


def _full(shape: Any, dtype: DType, name: str | None, default: str, number: int) -> Any:
    if number and dtype is string:
        raise InvalidType("there is no one of strings")
    value: Any = bool(number) if dtype is bool_ else "" if dtype is string else number
    with name_scope(name, default, [shape]) as scope:
        if not isinstance(shape, Tensor):
            static = _static(shape)
            small = _static(whole_sizes(shape)) if isinstance(shape, (list, tuple)) else static
            several = not isinstance(shape, (int, Dimension))
            if small is not None and several and math.prod(small) < SMALL:
                held = value.encode() if dtype is string else value
                return constant(np.full(small, held, dtype.as_numpy_dtype), name=scope)
            if static is not None:
                shape = convert_to_tensor(TensorShape(static))
            else:
                shape = convert_to_tensor(shape, dtype=int32)
        if not shape.static:
            shape = apply_op("Reshape", None, [shape, [-1]])
        return apply_op("Fill", scope, [shape, constant(value, dtype)])


def _static(shape: Any) -> tuple[int, ...] | None:
    """A shape of plain numbers, None where a tensor or an unknown size stands in it."""
    if isinstance(shape, TensorShape):
        shape = shape.tuple
    if shape is None or is_tensor(shape):
        return None
    items = shape if isinstance(shape, (list, tuple, np.ndarray)) else [shape]
    out = []
    for item in items:
        if isinstance(item, Dimension):
            item = item.value
        if isinstance(item, (bool, float, str)) or not isinstance(item, (int, np.integer)):
            return None
        if item < 0:
            raise InvalidValue(f"a size must be at least 0, not {item}")
        out.append(int(item))
    return tuple(out)


def zeros_like(tensor: Any, dtype: Any = None, name: str | None = None, optimize: bool = True) -> Any:
    """Zeros of the shape and dtype of a tensor (tf.zeros_like)."""
    with name_scope(name, "zeros_like", [tensor]) as scope:
        unread = is_sparse_like(tensor) or isinstance(tensor, IndexedSlices) or is_resource(tensor)
        if unread and optimize and tensor.shape.is_fully_defined():
            return zeros(tensor.shape, tensor.dtype if dtype is None else dtype, scope)
        tensor = convert_to_tensor(tensor, name="tensor")
        own = tensor.dtype.base_dtype
        wanted = own if dtype is None else as_dtype(dtype).base_dtype
        if optimize and count(tensor.static) is not None and own is not variant:
            return zeros(tensor.shape, wanted, scope)
        if wanted is not own:
            return zeros(shape_internal(tensor, optimize=optimize), wanted, scope)
        return apply_op("ZerosLike", scope, [tensor])


def ones_like(tensor: Any, dtype: Any = None, name: str | None = None, optimize: bool = True) -> Any:
    """Ones of the shape and dtype of a tensor (tf.ones_like)."""
    with name_scope(name, "ones_like", [tensor]) as scope:
        tensor = convert_to_tensor(tensor, name="tensor")
        shape = shape_internal(tensor, optimize=optimize)
        made = ones(shape, tensor.dtype.base_dtype if dtype is None else dtype, scope)
        made.set_shape(tensor.static)
        return made


def fill(dims: Any, value: Any, name: str | None = None, layout: Any = None) -> Any:
    """A tensor of one value (tf.fill)."""
    _no_layout(layout)
    return apply_op("Fill", name, [dims, value])


_ORDER = (int32, int64, float16, bfloat16, float32, float64)


def range_(start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, name: str | None = "range") -> Any:
    """start, start + delta, … below limit (tf.range); with one argument 0, 1, … below it."""
    if limit is None:
        start, limit = 0, start
    with name_scope(name, "Range", [start, limit, delta]) as scope:
        wanted = None if dtype is None else as_dtype(dtype)
        parts = [x if isinstance(x, Tensor) else convert_to_tensor(x, wanted, name=word)
                 for x, word in ((start, "start"), (limit, "limit"), (delta, "delta"))]
        if wanted is None:
            for p in parts:
                if p.dtype.base_dtype not in _ORDER:
                    raise InvalidType(f"range counts in {', '.join(d.name for d in _ORDER)}, not {p.dtype.name}")
            wanted = max((p.dtype.base_dtype for p in parts), key=_ORDER.index)
        parts = [_cast(p, wanted) for p in parts]
        return apply_op("Range", scope, parts)


def _cast(x: Any, dtype: Any) -> Any:
    from . import cast

    return cast(x, dtype)


def linspace(start: Any, stop: Any, num: Any, name: str | None = None, axis: int = 0) -> Any:
    """num values from start to stop, both included, along a new axis (tf.linspace).

    Built of small ops as TensorFlow builds it, so that start and stop may be tensors of any rank.
    """
    from . import broadcast_dynamic_shape, broadcast_to, concat, expand_dims, reshape, shape, where_v2
    from . import slice as cut

    with name_scope(name, "linspace", [start, stop]):
        start = convert_to_tensor(start, name="start")
        stop = convert_to_tensor(stop, name="stop", dtype=start.dtype)
        number = whole_numbers(num, "num")
        _cast(number, start.dtype)
        both = broadcast_dynamic_shape(shape(start), shape(stop))
        start = broadcast_to(start, both)
        stop = broadcast_to(stop, both)
        first = expand_dims(start, axis=axis)
        last = expand_dims(stop, axis=axis)
        sizes = shape(first)
        rank = shape(sizes)[0]
        at = where_v2(axis >= 0, axis, rank + axis)
        inner = apply_op("Maximum", None, [number - 2, 0])
        steps = apply_op("Maximum", None, [number - 1, 1])
        delta = (last - first) / _cast(steps, last.dtype)
        first = _cast(first, delta.dtype)
        last = _cast(last, delta.dtype)
        end = where_v2(number >= 0, steps, -1)
        counted = _cast(range_(1, end, dtype=int64), delta.dtype)
        is_axis = apply_op("Equal", None, [at, range_(rank)])
        counted = reshape(counted, where_v2(is_axis, inner, 1))
        middle = first + delta * counted
        joined = concat((first, middle, last), axis=at)
        begin = zeros_like(sizes)
        size = concat((sizes[0:at], reshape(number, [1]), sizes[at + 1:]), axis=0)
        return cut(joined, begin, size)


def whole_numbers(value: Any, name: str, dtype: Any = int32) -> Any:
    """A tensor of whole numbers of a dtype. Raises InvalidType for fractions.

    TensorFlow casts what has the dtype already, too.
    """
    tensor = convert_to_tensor(value, name=name, preferred_dtype=dtype)
    if not tensor.dtype.is_integer:
        raise InvalidType(f"{name} is a whole number, not {tensor.dtype.name}")
    return apply_op("Cast", None, [tensor], {"DstT": dtype})


def one_hot(indices: Any, depth: Any, on_value: Any = None, off_value: Any = None, axis: Any = None,
            dtype: Any = None, name: str | None = None) -> Any:
    """A new axis of ``depth`` with on_value at the index, off_value elsewhere (tf.one_hot)."""
    with name_scope(name, "one_hot", [indices, depth]) as scope:
        wanted = None if dtype is None else as_dtype(dtype).base_dtype
        on = None if on_value is None else convert_to_tensor(on_value, dtype_hint=wanted)
        off = None if off_value is None else convert_to_tensor(off_value, dtype_hint=wanted)
        for word, value in (("on_value", on), ("off_value", off)):
            if value is not None and wanted is not None and value.dtype.base_dtype is not wanted:
                raise InvalidType(f"{word} is {value.dtype.name}, dtype is {wanted.name}")
        if wanted is None:
            wanted = next((v.dtype.base_dtype for v in (on, off) if v is not None), float32)
        if on is None:
            on = convert_to_tensor(1, wanted, name="on_value")
        if off is None:
            off = convert_to_tensor(0, wanted, name="off_value")
        if on.dtype.base_dtype is not off.dtype.base_dtype:
            raise InvalidType(f"on_value is {on.dtype.name}, off_value is {off.dtype.name}")
        return apply_op("OneHot", scope, [indices, depth, on, off], {"axis": axis})


def _all_axes(x: Any) -> Any:
    if x.static is not None:
        return constant(np.arange(len(x.static)), int32)
    from . import rank

    return apply_op("Range", None, [0, rank(x), 1])


def sequence_mask(lengths: Any, maxlen: Any = None, dtype: Any = bool_, name: str | None = None) -> Any:
    """True in the first ``lengths[i]`` places of row i (tf.sequence_mask)."""
    from . import expand_dims

    with name_scope(name, "SequenceMask", [lengths, maxlen]):
        lengths = convert_to_tensor(lengths)
        if maxlen is None:
            maxlen = apply_op("Max", None, [lengths, _all_axes(lengths)])
            maxlen = apply_op("Maximum", None, [constant(0, maxlen.dtype), maxlen])
        else:
            maxlen = convert_to_tensor(maxlen)
        if maxlen.static:
            raise InvalidValue(f"maxlen must be a scalar, {maxlen.name} has shape {maxlen.shape}")
        kind = maxlen.dtype
        row = apply_op("Range", None, [constant(0, kind), maxlen, constant(1, kind)])
        column = apply_op("Cast", None, [expand_dims(lengths, -1)], {"DstT": kind})
        mask = row < column
        if dtype is None or as_dtype(dtype).base_dtype is bool_:
            return mask
        return apply_op("Cast", None, [mask], {"DstT": dtype})


def meshgrid(*args: Any, **kwargs: Any) -> Any:
    """Coordinates of a grid, one tensor per argument (tf.meshgrid); indexing 'xy' or 'ij'."""
    from . import reshape, size, stack

    indexing = kwargs.pop("indexing", "xy")
    name = kwargs.pop("name", "meshgrid")
    if kwargs:
        raise InvalidType(f"meshgrid has no argument {next(iter(kwargs))!r}")
    if indexing not in ("xy", "ij"):
        raise InvalidValue(f"indexing is 'xy' or 'ij', not {said(indexing)}")
    with name_scope(name, "meshgrid", args):
        n = len(args)
        if not n:
            return []
        ones_before = (1,) * n
        out = [reshape(stack(x), (ones_before[:i] + (-1,) + ones_before[i + 1:])) for i, x in enumerate(args)]
        sizes = [size(x) for x in args]
        dtype = convert_to_tensor(args[0]).dtype.base_dtype
        if indexing == "xy" and n > 1:
            out[0] = reshape(out[0], (1, -1) + (1,) * (n - 2))
            out[1] = reshape(out[1], (-1, 1) + (1,) * (n - 2))
            sizes[0], sizes[1] = sizes[1], sizes[0]
        factor = ones(sizes, dtype)
        return [x * factor for x in out]

