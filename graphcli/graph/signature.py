"""The signature of an op type: its arguments and its attrs, parsed from their text.

Arguments: ``x: T`` (type attr), ``x: int32`` (fixed), ``xs: N*T`` (N tensors of one type),
``xs: list(T)`` (one type each), ``ref: Ref(T)`` (a variable's own buffer). Attrs, separated by ``;``:
``name: kind = default`` with kind one of type, int, float, bool, string, shape, tensor, func,
``list(kind)``, a set of dtypes ``{float32, int32}`` or of strings ``{'SAME', 'VALID'}``.
"""
from __future__ import annotations

import ast
import re
from math import isfinite
from typing import Any

from ..errors import InvalidType, InvalidValue, did_you_mean, said
from .shapes import as_shape, past_int64, show
from .types import DTYPES, DType, as_dtype

NUMERIC = ("float32, float64, int32, uint8, int16, int8, complex64, int64, bfloat16, uint16, "
           "complex128, float16, uint32, uint64")

SETS = {
    "numbertype": NUMERIC,
    "realnumbertype": "float32, float64, int32, uint8, int16, int8, int64, bfloat16, uint16, float16, "
                      "uint32, uint64",
    "floating": "bfloat16, float16, float32, float64",
    "index": "int32, int64",
    "quantizedtype": "qint8, quint8, qint32, qint16, quint16",
}
"""Named sets of dtypes, as TensorFlow's op registry names them: usable as ``T: {numbertype}``."""


class Arg:
    """One input or output of an op type."""

    __slots__ = ("name", "dtype", "type_attr", "number_attr", "type_list_attr", "is_ref")

    def __init__(self, name: str, spec: str) -> None:
        self.name = name
        self.is_ref = spec.startswith("Ref(")
        if self.is_ref:
            spec = spec[4:-1]
        self.dtype: DType | None = None
        self.type_attr = self.number_attr = self.type_list_attr = ""
        if "*" in spec:
            self.number_attr, spec = (s.strip() for s in spec.split("*"))
        if spec.startswith("list("):
            self.type_list_attr = spec[5:-1]
        elif spec in DTYPES:
            self.dtype = DTYPES[spec]
        else:
            self.type_attr = spec

    @property
    def is_list(self) -> bool:
        return bool(self.number_attr or self.type_list_attr)


class Attr:
    """One attr of an op type. ``default`` is ``Attr.NONE`` where it must be given or inferred."""

    NONE = object()
    __slots__ = ("name", "kind", "default", "allowed", "minimum")

    def __init__(self, text: str) -> None:
        name, rest = text.split(":", 1)
        self.name = name.strip()
        self.allowed: tuple[Any, ...] | None = None
        self.minimum: int | None = None
        kind, equals, default = rest.partition("=") if ">=" not in rest else (rest, "", "")
        kind = kind.strip()
        if ">=" in kind:
            kind, least = (s.strip() for s in kind.split(">="))
            least, equals, default = least.partition("=")
            self.minimum = int(least)
        self.default: Any = Attr.NONE
        inner = kind[5:-1] if kind.startswith("list(") else kind
        if inner.startswith("{"):
            members = inner[1:-1]
            if "'" in members:
                self.allowed = ast.literal_eval(f"({members},)")
                inner = "string"
            else:
                for key, value in SETS.items():
                    members = re.sub(rf"\b{key}\b", value, members)
                self.allowed = tuple(dict.fromkeys(as_dtype(m.strip()) for m in members.split(",")))
                inner = "type"
        self.kind = f"list({inner})" if kind.startswith("list(") else inner
        if equals:
            text = default.strip()
            self.default = (as_dtype(text) if self.kind == "type" else _array(text) if self.kind == "tensor"
                            else ast.literal_eval(text))

    def check(self, value: Any, op_type: str) -> Any:
        """The value in its canonical form. Raises InvalidType or InvalidValue if it is none."""
        if self.kind.startswith("list("):
            if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
                raise InvalidType(f"attr {self.name} of {op_type} is a list, not {said(value)}")
            values = [self._one(v, op_type) for v in value]
            if self.minimum is not None and len(values) < self.minimum:
                raise InvalidValue(f"attr {self.name} of {op_type} has at least {self.minimum} items")
            return values
        return self._one(value, op_type)

    def _one(self, value: Any, op_type: str) -> Any:
        kind = self.kind[5:-1] if self.kind.startswith("list(") else self.kind
        where = f"attr {self.name} of {op_type}"
        if kind == "type":
            value = as_dtype(value).base_dtype
        elif kind == "shape":
            value = as_shape(value)
            why = past_int64(value)
            if why is not None:
                raise InvalidValue(f"{where} is {show(value)}: {why}")
        elif kind == "bool":
            if not isinstance(value, bool) and not hasattr(value, "dtype"):
                raise InvalidType(f"{where} is true or false, not {said(value)}")
            value = bool(value)
        elif kind == "int":
            # TensorFlow takes the whole part of any number
            if not (hasattr(value, "__index__") or _is_float(value)) or isinstance(value, (str, bytes)):
                raise InvalidType(f"{where} is a whole number, not {said(value)}")
            value = int(value)
            if self.minimum is not None and not self.kind.startswith("list(") and value < self.minimum:
                raise InvalidValue(f"{where} is at least {self.minimum}, not {value}")
        elif kind == "float":
            if isinstance(value, (str, bytes)) or not hasattr(value, "__float__"):
                raise InvalidType(f"{where} is a number, not {said(value)}")
            value = float(value)
        elif kind == "string":
            value = value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value
            if isinstance(value, str) and not value.isascii() and any("\udc80" <= c <= "\udcff" for c in value):
                # bytes that are no text: a serialized message
                return value.encode("utf-8", "surrogateescape")
            if not isinstance(value, str):
                raise InvalidType(f"{where} is a string, not {said(value)}")
        if self.allowed is not None and value not in self.allowed:
            names = [a.name if isinstance(a, DType) else repr(a) for a in self.allowed]
            shown = value.name if isinstance(value, DType) else repr(value)
            kind_of = InvalidType if kind == "type" else InvalidValue
            raise kind_of(f"{where} is one of {', '.join(names)}, not {shown}",
                          hint=did_you_mean(value, self.allowed) if kind == "string" else None)
        return value


def _is_float(value: Any) -> bool:
    """Whether a value is a finite number of Python or numpy with a fraction."""
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    return isinstance(value, float) and isfinite(value) or kind == "f" and isfinite(value)


def _array(text: str) -> Any:
    """The default of a tensor attr, written as ``uint8 [255, 0]``."""
    import numpy as np

    dtype, _, values = text.partition(" ")
    return np.array(ast.literal_eval(values), as_dtype(dtype).as_numpy_dtype)
