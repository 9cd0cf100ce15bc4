"""Python values and arrays as the numpy array of a constant, by the rules of tf.make_tensor_proto."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidType, InvalidValue, said
from ..graph.dimension import Dimension
from ..graph.shapes import Static, TensorShape, show
from ..graph.types import DType, as_dtype, string


def make_array(value: Any, dtype: Any = None) -> Any:
    """The numpy array of a constant, by the rules of tf.make_tensor_proto.

    Without ``dtype``: Python floats are float32, whole numbers int32 (int64 if they do not fit),
    arrays keep their own, and a Dimension is no number; with an integer dtype it is one.
    Raises InvalidType for values that do not fit ``dtype``, InvalidValue for ragged lists and None.
    """
    wanted = as_dtype(dtype).base_dtype if dtype is not None else None
    if value is None:
        raise InvalidValue("null is not a value of a tensor")
    if isinstance(value, (np.ndarray, np.generic)):
        return _own(np.asarray(value), wanted)
    if isinstance(value, TensorShape):
        raise InvalidValue(f"the shape {value} is not a value of a constant", hint="tf.convert_to_tensor takes it")
    leaves = check_nested(value)
    for leaf in leaves:
        _check_leaf(leaf, wanted)
    if wanted is string or wanted is None and any(isinstance(leaf, (str, bytes)) for leaf in leaves):
        for leaf in leaves:
            _check_leaf(leaf, string)
        return _strings(value)
    try:
        # what is too large for the dtype is infinite, as in TensorFlow, whose numpy warns of it
        with np.errstate(over="ignore", invalid="ignore"):
            array = np.array(_plain(value), None if wanted is None else wanted.as_numpy_dtype)
    except OverflowError:
        wide = np.array(_plain(value))
        if wanted is not None and wide.dtype.kind in "iu":
            # as in C, the bits that the dtype has are kept
            return wide.astype(wanted.as_numpy_dtype)
        worst = max((x for x in leaves if isinstance(x, int)), key=abs)
        raise InvalidValue(f"{worst} does not fit {wanted.name if wanted else 'int64'}") from None
    except ValueError as error:
        raise InvalidValue(f"a tensor cannot be made of this list: {str(error).partition('.')[0]}") from None
    if array.dtype == object:
        beyond = next((x for x in leaves if isinstance(x, int) and not -2**63 <= x < 2**64), None)
        if beyond is not None:
            raise InvalidType(f"no int64 holds {said(beyond)}")
        raise InvalidType(f"a tensor cannot be made of {said(value)}")
    if wanted is None:
        if array.dtype == np.float64:
            with np.errstate(over="ignore"):
                array = array.astype(np.float32)
        elif array.dtype == np.int64:
            small = array.astype(np.int32)
            if np.array_equal(small, array):
                array = small
    return array


def _own(given: Any, wanted: DType | None) -> Any:
    """An array's values in an array of the constant's own: who gave it may write to theirs."""
    kind = given.dtype.kind
    if kind in "US" or kind == "O" and wanted in (None, string):
        texts = np.empty(given.shape, object)
        for i, leaf in enumerate(given.reshape(-1).tolist()):
            _check_leaf(leaf, string)
            texts.reshape(-1)[i] = leaf.encode() if isinstance(leaf, str) else leaf
        return texts if wanted is None else texts.astype(wanted.as_numpy_dtype)
    if wanted is string and kind != "O" and given.size:
        raise InvalidType(f"an array of {given.dtype.name} is not of strings")
    if wanted is not None:
        with np.errstate(over="ignore", invalid="ignore"):
            return given.astype(wanted.as_numpy_dtype, order="C")
    return given.astype(given.dtype if given.dtype.isnative else given.dtype.newbyteorder("="), order="C")


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    return value.__index__() if isinstance(value, Dimension) else value


def _strings(value: Any) -> Any:
    """Byte strings in an object array."""
    def encode(v: Any) -> Any:
        if isinstance(v, (list, tuple)):
            return [encode(x) for x in v]
        return v.encode() if isinstance(v, str) else v

    shape: list[int] = []
    at = value
    while isinstance(at, (list, tuple)):
        shape.append(len(at))
        at = at[0] if at else None
    array = np.empty(shape, object)
    flat = check_nested(value)
    if array.size:
        array.reshape(-1)[:] = [encode(v) for v in flat]
    return array


def check_nested(value: Any) -> list[Any]:
    """The leaves of a nested list. Raises InvalidValue if it is ragged."""
    if not isinstance(value, (list, tuple)):
        return [value]
    level: list[Any] = list(value)
    while level and any(isinstance(v, (list, tuple)) for v in level):
        sizes = {len(v) if isinstance(v, (list, tuple)) else None for v in level}
        if len(sizes) > 1:
            shown = sorted("a single value" if s is None else f"{s} value{'' if s == 1 else 's'}" for s in sizes)
            raise InvalidValue(f"the rows of {said(value)} differ: one has {shown[0]}, another {shown[-1]}",
                               hint="all rows of a tensor have the same length")
        level = [x for v in level for x in v]
    return level


def _check_leaf(leaf: Any, wanted: DType | None) -> None:
    if wanted is None:
        if not isinstance(leaf, (bool, int, float, complex, str, bytes, np.generic, np.ndarray)):
            raise InvalidType(f"{said(leaf)} is not a value of a tensor")
        return
    kind = wanted.kind
    if isinstance(leaf, (np.generic, np.ndarray)):
        fits = kind not in "iu" or leaf.dtype.kind not in "fc"
    elif kind == "S":
        fits = isinstance(leaf, (str, bytes))
    elif kind == "b":
        fits = isinstance(leaf, (bool, np.bool_))
    elif kind in "iu":
        fits = isinstance(leaf, (int, Dimension))
    elif kind == "f":
        fits = isinstance(leaf, (int, float))
    elif kind == "c":
        fits = isinstance(leaf, (int, float, complex))
    else:
        fits = False
    if not fits:
        raise InvalidType(f"{said(leaf)} is not a value of dtype {wanted.name}")


def fill_shape(array: Any, static: Static, total: int) -> Any:
    """The array in a shape of ``total`` elements, its last value repeated where it has fewer, 0 where it has none."""
    if array.size == total:
        return array.reshape(static)
    if not array.size:
        return np.zeros(static, array.dtype)
    if array.size > total:
        raise InvalidValue(f"{array.size} values do not fit the shape {show(static)} of {total} elements")
    flat = array.reshape(-1)
    return np.concatenate([flat, np.full(total - array.size, flat[-1], array.dtype)]).reshape(static)
