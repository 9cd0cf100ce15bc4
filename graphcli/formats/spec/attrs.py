"""The attrs of a node as a spec says them."""
from __future__ import annotations

from typing import Any

from ...errors import InvalidType, NotSupported
from ...graph.graph import Node
from ...graph.opdef import OpDef
from ...graph.shapes import TensorShape
from ...graph.signature import Attr
from ...graph.types import DType
from ...graphdef.attrs import Func, Open
from .calls import is_default
from .constants import literal, text


def attrs_of(node: Node, opdef: OpDef) -> dict[str, Any]:
    """All that do not follow from the inputs and are not the op's defaults. Raises NotSupported for what a spec
    cannot say."""
    out: dict[str, Any] = {}
    for key, value in node.attrs.items():
        attr = opdef.attrs.get(key)
        if attr is None:
            if key[:1] != "_":
                raise NotSupported(f"{node.name} ({node.type}) has the attr {key!r}, which is not known here; "
                                   "a spec cannot say it", hint=".pb, .pbtxt and .meta keep it")
            continue
        if key in opdef.inferred and (node.inputs or not attr.kind.startswith("list")):
            if not (attr.kind == "list(type)" and not value):
                continue
        if is_default(node, key):
            continue
        out[key] = _attr(node, key, value, attr)
    own = {k: v for k, v in node.attrs.items() if k[:1] == "_"}
    group = own.pop("_class", None)
    usual = _usual_group(node, opdef)
    if group != usual:
        out["_class"] = group
    for key, value in own.items():
        if not isinstance(value, (str, bool, int, float, list)):
            raise NotSupported(f"{node.name} has the attr {key!r} of a kind that a spec cannot say",
                               hint=".pb, .pbtxt and .meta keep it")
        out[key] = value
    return out


def _usual_group(node: Node, opdef: OpDef) -> list[str] | None:
    """The ``_class`` that an op which writes to a variable has by itself."""
    marked = []
    at = 0
    for arg in opdef.inputs:
        size = node.attrs[arg.number_attr] if arg.number_attr else (
            len(node.attrs[arg.type_list_attr]) if arg.type_list_attr else 1)
        if arg.is_ref and not arg.is_list:
            marked += [t.op for t in node.inputs[at:at + size]]
        at += size
    if not marked:
        return None
    groups: list[str] = []
    for op in marked:
        groups += op.attrs.get("_class") or [f"loc:@{op.name}"]
    # what is no text has no order among texts
    return sorted(set(groups), key=lambda g: g if isinstance(g, bytes) else g.encode())


def _attr(node: Node, key: str, value: Any, attr: Attr) -> Any:
    if isinstance(value, (Func, Open)):
        raise NotSupported(f"{node.name} ({node.type}) calls a function; a spec cannot say it",
                           hint=".pb, .pbtxt and .meta keep it")
    if attr.kind == "tensor":
        return literal(value, "dtype" not in node.attrs)
    return _plain(value, attr.kind)


def _plain(value: Any, kind: str) -> Any:
    if isinstance(value, DType):
        return value.name
    if kind == "shape":
        return shape(value)
    if kind == "list(shape)":
        return [shape(v) for v in value]
    if isinstance(value, list):
        return [_plain(v, "") for v in value]
    if isinstance(value, (str, bytes)):
        return text(value)
    if isinstance(value, (bool, int, float)) or value is None:
        return value
    raise InvalidType(f"{value!r} is no value of an attr of a spec")


def shape(value: Any) -> Any:
    if isinstance(value, TensorShape):
        value = value.tuple
    return None if value is None else list(value)
