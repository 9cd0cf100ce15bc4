"""Op types as OpDef messages: what a MetaGraphDef says of the ops that its graph uses (stripped_op_list)."""
from __future__ import annotations

from typing import Any

from ..graph.graph import Graph
from ..graph.opdef import OpDef, find_op
from ..graph.signature import Attr
from ..graph.types import DType
from ..wire.messages import message
from .attrs import put_attr


def op_list(graph: Graph, known: Any = None) -> Any:
    """The OpList of the ops of a graph, by name. known: an OpList for ops that are not known here."""
    others = {o.name: o for o in getattr(known, "op", ())}
    used = {n.type for n in graph}
    for function in graph.functions.values():
        used.update(n.op for n in function.node_def)
    made = message("OpList")()
    for name in sorted(used):
        opdef = find_op(name)
        if opdef is not None:
            put_op(made.op.add(), opdef)
        elif name in others:
            made.op.add().CopyFrom(others[name])
    return made


def put_op(proto: Any, opdef: OpDef) -> None:
    """Fills an OpDef message from an op type's form."""
    proto.name = opdef.name
    for args, into in ((opdef.inputs, proto.input_arg), (opdef.outputs, proto.output_arg)):
        for arg in args:
            made = into.add(name=arg.name, type_attr=arg.type_attr, number_attr=arg.number_attr,
                            type_list_attr=arg.type_list_attr, is_ref=arg.is_ref)
            if arg.dtype is not None:
                made.type = arg.dtype.enum
    for attr in opdef.attrs.values():
        put_attr_def(proto.attr.add(), attr, opdef)
    proto.is_stateful = opdef.stateful


def put_attr_def(proto: Any, attr: Attr, opdef: OpDef) -> None:
    """Fills an OpDef.AttrDef."""
    proto.name = attr.name
    proto.type = attr.kind
    if attr.minimum is not None:
        proto.has_minimum, proto.minimum = True, attr.minimum
    if attr.allowed is not None:
        kind = "list(type)" if isinstance(attr.allowed[0], DType) else "list(string)"
        put_attr(proto.allowed_values, list(attr.allowed), kind)
    if attr.default is not Attr.NONE:
        value = opdef.defaults[attr.name]
        if value is not None or attr.kind == "shape":
            put_attr(proto.default_value, value, attr.kind)
