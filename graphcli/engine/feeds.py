"""Fed values: converted to the tensor's dtype by TensorFlow's rules, and checked against its shape."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import InvalidType, InvalidValue
from ..graph.graph import Node, Tensor
from ..graph.shapes import compatible, show
from ..graph.variables import held
from ..source import Span


def convert(tensor: Tensor | Contents, value: Any) -> Any:
    """The array that ``value`` is for ``tensor``; never written to, and shared with the caller if it fits and lies in
    one piece, rows first.

    Raises InvalidType where the kinds do not fit (a fraction for an integer), InvalidValue for text where numbers are
    wanted, a value out of range, a ragged list or another shape.
    """
    dtype = tensor.dtype.base_dtype
    wanted = dtype.as_numpy_dtype
    if type(value) is np.ndarray and value.dtype.type is wanted and dtype.kind != "S" and value.dtype.isnative:
        array = value
    else:
        if isinstance(value, Tensor) or hasattr(value, "_as_tensor"):
            raise InvalidType(f"{tensor.name} cannot be fed with {value!r}",
                              tensor.op.span, hint="feed an array, a number or a list; run() gives a tensor's value")
        array = _strings(tensor, value) if dtype.kind == "S" else _numbers(tensor, value, wanted)
    if tensor.static is not None and not compatible(tensor.static, array.shape):
        raise InvalidValue(f"{tensor.op.name!r} was fed a value of shape {show(array.shape)}; "
                           f"its shape is {show(tensor.static)}", tensor.op.span)
    if not array.flags.c_contiguous or not array.flags.aligned or array.ndim and min(array.strides) < 0:
        # numpy and BLAS round otherwise what lies otherwise
        array = array.copy()
    return array


def copied(value: Any, array: Any) -> int:
    """Bytes of the array that ``convert`` made of another: of another dtype, or not in one piece."""
    return int(array.nbytes) if isinstance(value, np.ndarray) and not np.may_share_memory(value, array) else 0


class Contents:
    """What a variable's node holds, in the place of a tensor that ``convert`` makes an array for."""

    def __init__(self, op: Node) -> None:
        self.op, self.name = op, op.name
        self.dtype, self.static = held(op)


def converter(tensor: Tensor) -> Callable[[Any], Any]:
    return lambda value: convert(tensor, value)


def _numbers(tensor: Tensor | Contents, value: Any, wanted: Any) -> Any:
    name, span = tensor.op.name, tensor.op.span
    dtype = tensor.dtype.base_dtype
    try:
        raw = np.asarray(value)
        if raw.dtype == object:
            raw = np.asarray(value, wanted)
    except OverflowError:
        raise InvalidValue(f"{name!r} was fed a number that {dtype.name} cannot hold", span) from None
    except (ValueError, TypeError) as error:
        _refuse_ragged(value, span)
        why = str(error).partition(". The")[0]
        raise InvalidValue(f"{name!r} was fed {_brief(value)}, which makes no {dtype.name} tensor: {why}",
                           span) from None
    if raw.dtype == wanted:
        return raw
    kind = raw.dtype.kind
    if kind in "SU":
        raise InvalidValue(f"{name!r} is {dtype.name} and was fed text: {_brief(value)}", span,
                           hint=_written(raw, dtype.kind))
    if kind in "mM" or raw.dtype.names is not None:
        what = "dates" if kind in "mM" else f"records of {', '.join(raw.dtype.names or ())}"
        raise InvalidType(f"{name!r} is {dtype.name} and was fed {what}: {_brief(value)}", span)
    if kind == "c" and dtype.kind != "c":
        raise InvalidType(f"{name!r} is {dtype.name} and was fed complex numbers: {_brief(value)}", span)
    with np.errstate(all="ignore"):
        array = raw.astype(wanted)
        if dtype.kind in "iu" and raw.size and kind in "fiub":
            whole = kind != "f" or bool(np.all(np.trunc(raw) == raw))
            if not whole:
                raise InvalidType(f"{name!r} is {dtype.name} and was fed fractions: {_brief(value)}", span,
                                  hint="round them first, or declare the placeholder float32")
            low, high = dtype.min, dtype.max
            if kind != "b" and (raw.min() < low or raw.max() > high):
                beyond = raw[(raw < low) | (raw > high)].flat[0]
                raise InvalidValue(f"{name!r} was fed {beyond}, which {dtype.name} cannot hold: it holds "
                                   f"{low} to {high}", span)
    return array


def _written(texts: Any, kind: str) -> str | None:
    """How what the texts seem to mean is written."""
    if kind == "c":
        return "a complex number is written {real: 1, imag: 2}"
    if kind == "b":
        return "a truth is written true or false"
    if kind == "f" and any(t.lower().strip("+-.") in ("nan", "inf", "infinity") for t in texts.flat):
        return "what is no finite number is written NaN, Infinity or -Infinity"
    return None


def _refuse_ragged(value: Any, span: Span | None) -> None:
    from ..tf1.values import check_nested

    try:
        check_nested(value)
    except InvalidValue as error:
        raise error.at(span) from None


def _strings(tensor: Tensor | Contents, value: Any) -> Any:
    try:
        raw = value if isinstance(value, np.ndarray) else np.asarray(value, object)
    except ValueError as error:
        _refuse_ragged(value, tensor.op.span)
        raise InvalidValue(f"{tensor.op.name!r} was fed {_brief(value)}: {error}", tensor.op.span) from None
    if raw.dtype == object and set(map(type, raw.flat)) <= {bytes}:
        return raw
    out = np.empty(raw.shape, object)
    flat = out.reshape(-1)
    for i, item in enumerate(raw.reshape(-1)):
        if isinstance(item, str):
            item = item.encode()
        elif not isinstance(item, bytes):
            raise InvalidType(f"{tensor.op.name!r} is a string tensor and was fed {_brief(item)}", tensor.op.span,
                              hint=f'a text that is a number has quotes: "{item}"'
                              if isinstance(item, (int, float, np.number)) and not isinstance(item, bool) else None)
        flat[i] = bytes(item)
    return out


def _brief(value: Any) -> str:
    value = value.item() if isinstance(value, np.generic) else value
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:57] + "..."
