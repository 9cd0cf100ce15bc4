"""AttrValue and the values that a Node's attrs have.

A dtype is a DType, a shape a tuple or None, a tensor an array, a string a str (bytes where it is no UTF-8),
a function a Func, a list a list; what a template leaves open is an Open.
"""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..errors import InvalidType, InvalidValue
from ..graph.shapes import TensorShape
from ..graph.types import DType, as_dtype
from .tensors import OpaqueTensor, put_shape, put_tensor, read_shape, read_tensor

FIELDS = {"type": "type", "int": "i", "float": "f", "bool": "b", "string": "s", "shape": "shape", "tensor": "tensor",
          "func": "func"}
"""The field of an AttrValue for each kind of attr."""
DEEPEST = 50
"""Functions in the attrs of functions, beyond which a file is not believed."""


@dataclass(frozen=True)
class Func:
    """A function by name, with the attrs that it is called with (NameAttrList)."""

    name: str
    attrs: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Open:
    """An attr of a function's body that the call gives (AttrValue.placeholder)."""

    name: str


def kind_of(value: Any) -> str:
    """The kind of an attr from its value alone. Raises InvalidType if a GraphDef has no such attr."""
    if isinstance(value, DType):
        return "type"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int"
    if isinstance(value, float):
        return "float"
    if isinstance(value, (str, bytes)):
        return "string"
    if value is None or isinstance(value, (tuple, TensorShape)):
        return "shape"
    if isinstance(value, Func):
        return "func"
    if isinstance(value, OpaqueTensor) or hasattr(value, "dtype") and hasattr(value, "shape"):
        return "tensor"
    raise InvalidType(f"{value!r} is no value of an attr")


def put_attr(proto: Any, value: Any, kind: str | None = None) -> None:
    """Fills an AttrValue. kind: as an op's signature has it (``int``, ``list(type)``); None looks at the value."""
    if isinstance(value, Open):
        proto.placeholder = value.name
        return
    if isinstance(value, list) or kind is not None and kind.startswith("list("):
        proto.list.SetInParent()
        inner = kind[5:-1] if kind is not None and kind.startswith("list(") else None
        for item in value:
            _put_item(proto.list, item, inner or kind_of(item))
        return
    kind = kind or kind_of(value)
    if kind == "type":
        proto.type = value.enum
    elif kind == "shape":
        proto.shape.SetInParent()
        put_shape(proto.shape, value.tuple if isinstance(value, TensorShape) else value)
    elif kind == "tensor":
        put_tensor(proto.tensor, value)
    elif kind == "func":
        put_func(proto.func, value)
    elif kind == "string":
        proto.s = value.encode() if isinstance(value, str) else value
    else:
        setattr(proto, FIELDS[kind], value)


def _put_item(proto: Any, value: Any, kind: str) -> None:
    if kind == "type":
        proto.type.append(value.enum)
    elif kind == "shape":
        put_shape(proto.shape.add(), value.tuple if isinstance(value, TensorShape) else value)
    elif kind == "tensor":
        put_tensor(proto.tensor.add(), value)
    elif kind == "func":
        put_func(proto.func.add(), value)
    elif kind == "string":
        proto.s.append(value.encode() if isinstance(value, str) else value)
    else:
        getattr(proto, FIELDS[kind]).append(value)


def put_func(proto: Any, func: Func) -> None:
    proto.SetInParent()
    proto.name = func.name
    for name, value in func.attrs.items():
        put_attr(proto.attr[name], value)


def read_attr(proto: Any, max_bytes: int | None = None, depth: int = 0) -> Any:
    """The value of an AttrValue. Raises InvalidValue or InvalidType for what is none, LookupError if it is empty."""
    field_name = proto.WhichOneof("value")
    if field_name is None:
        raise LookupError
    if field_name in ("i", "b", "f"):
        return getattr(proto, field_name)
    if field_name == "s":
        return text(proto.s)
    if field_name == "type":
        return as_dtype(int(proto.type))
    if field_name == "shape":
        return read_shape(proto.shape)
    if field_name == "tensor":
        return read_tensor(proto.tensor, max_bytes)
    if field_name == "func":
        return read_func(proto.func, max_bytes, depth)
    if field_name == "placeholder":
        return Open(proto.placeholder)
    return _read_list(proto.list, max_bytes, depth)


def _read_list(proto: Any, max_bytes: int | None, depth: int) -> list[Any]:
    out: list[Any] = []
    for described, values in proto.ListFields():
        name = described.name
        if name in ("i", "f", "b"):
            out += values
        elif name == "s":
            out += map(text, values)
        elif name == "type":
            out += [as_dtype(int(t)) for t in values]
        elif name == "shape":
            out += map(read_shape, values)
        elif name == "tensor":
            out += [read_tensor(t, max_bytes) for t in values]
        else:
            out += [read_func(f, max_bytes, depth) for f in values]
    return out


def read_func(proto: Any, max_bytes: int | None = None, depth: int = 0) -> Func:
    """The Func of a NameAttrList."""
    if depth > DEEPEST:
        raise InvalidValue(f"functions in the attrs of functions, more than {DEEPEST} deep")
    return Func(proto.name, read_attrs(proto.attr, max_bytes, depth + 1))


def read_attrs(proto: Any, max_bytes: int | None = None, depth: int = 0, without: str = "") -> dict[str, Any]:
    """The attrs of a map, by name, less the one ``without``. Raises InvalidValue, naming the attr."""
    out: dict[str, Any] = {}
    for name in sorted(proto):
        if name == without:
            continue
        try:
            out[name] = read_attr(proto[name], max_bytes, depth)
        except LookupError:
            continue
        except (InvalidValue, InvalidType) as error:
            raise InvalidValue(f"attr {name!r}: {error.message}", hint=error.hint) from None
    return out


def text(data: bytes) -> str | bytes:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return bytes(data)
