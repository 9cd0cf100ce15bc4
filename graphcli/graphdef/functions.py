"""A body as a function of a graph's library (FunctionDef): its inputs are arguments by name and ``node:output:i``."""
from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ..graph.graph import Graph, Tensor
from ..wire.messages import message
from .attrs import put_attr
from .write import put_node

_ORDERED = ("Random", "Truncated", "ParameterizedTruncated", "Multinomial", "Stateless")
"""Stateful ops of these beginnings need not run where nobody takes their values."""


def function_def(name: str, graph: Graph, arguments: Sequence[Tensor], results: Sequence[Tensor],
                 attrs: dict[str, Any] | None = None) -> Any:
    """The FunctionDef of a graph, whose arguments are Placeholders of it, in order.

    What has an effect runs with each call (``control_ret``). Raises InvalidValue as ``put_node`` does.
    """
    made = message("FunctionDef")()
    signature = made.signature
    signature.name = name
    taken: set[str] = set()
    names: dict[Tensor, str] = {}
    for i, tensor in enumerate(arguments):
        names[tensor] = _unique(tensor.op.name, taken)
        signature.input_arg.add(name=names[tensor], type=tensor.dtype.base_dtype.enum)
        put_attr(made.arg_attr[i].attr["_output_shapes"], [tensor.static], "list(shape)")
        put_attr(made.arg_attr[i].attr["_user_specified_name"], tensor.op.name, "string")
    inside = {t.op for t in arguments}
    for node in graph:
        if node in inside:
            continue
        proto = made.node_def.add()
        put_node(proto, node)
        del proto.input[:]
        proto.input.extend([_place(t, names) for t in node.inputs])
        proto.input.extend([f"^{n.name}" for n in node.control_inputs if n not in inside])
        if node.opdef is not None and node.opdef.stateful:
            signature.is_stateful = True
            if not node.type.startswith(_ORDERED) and not node.type.endswith("Dataset"):
                made.control_ret[node.name] = node.name
                signature.control_output.append(node.name)
    taken = set()
    for tensor in results:
        output = _unique(tensor.op.name, taken)
        signature.output_arg.add(name=output, type=tensor.dtype.base_dtype.enum)
        made.ret[output] = _place(tensor, names)
    for key, value in (attrs or {}).items():
        put_attr(made.attr[key], value)
    return made


def _unique(name: str, taken: set[str]) -> str:
    """A name that an argument may have, of an op's: lower-case letters, digits and ``_``."""
    plain = re.sub(r"[^a-z0-9]", "_", name.lower()).lstrip("_0123456789") or "unknown"
    found, i = plain, 0
    while found in taken:
        i += 1
        found = f"{plain}_{i}"
    taken.add(found)
    return found


def _place(tensor: Tensor, arguments: dict[Tensor, str]) -> str:
    """How a function's body names a tensor: an argument, or ``node:output:index``."""
    if tensor in arguments:
        return arguments[tensor]
    node = tensor.op
    assert node.opdef is not None
    at = tensor.value_index
    groups = node.opdef.group(node.opdef.outputs, list(range(len(node.outputs))), node.attrs)
    for arg, places in zip(node.opdef.outputs, groups):
        found = places if isinstance(places, list) else [places]
        if at in found:
            return f"{node.name}:{arg.name}:{found.index(at)}"
    raise AssertionError(tensor.name)
