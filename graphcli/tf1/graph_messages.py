"""What TF1 code asks of nodes and shapes in messages of TensorFlow, and nodes that it makes by ``create_op``."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, NoReturn

from ..errors import BadState, InvalidType, InvalidValue
from ..graph.default import use_graph
from ..graph.graph import Graph, Node, Tensor
from ..graph.opdef import find_op
from ..graph.shapes import TensorShape
from ..wire.messages import message
from .framework import apply_op

_plain = Node.get_attr


def get_attr(node: Node, name: str) -> Any:
    """The value of an attr: dtypes, numbers and bytes as they are, shapes and tensors as messages
    (Operation.get_attr). Raises InvalidValue for an attr that the op does not have."""
    value = _plain(node, name)
    return [_told(v) for v in value] if isinstance(value, list) else _told(value)


def _told(value: Any) -> Any:
    from ..graphdef.attrs import kind_of, put_attr

    kind = kind_of(value)
    if kind not in ("shape", "tensor", "func"):
        return value
    proto = message("AttrValue")()
    put_attr(proto, value, kind)
    return getattr(proto, kind)


def shape_proto(shape: TensorShape) -> Any:
    """The shape as a TensorShapeProto (TensorShape.as_proto)."""
    return _told(shape)


def attr_scope(graph: Graph, attr_map: Mapping[str, Any]) -> AbstractContextManager[None]:
    """Nodes made inside have these attrs, AttrValues by name (Graph._attr_scope).

    Raises InvalidType for what is no mapping from names to AttrValues.
    """
    from ..graphdef.attrs import read_attrs

    if not isinstance(attr_map, Mapping) or not all(isinstance(k, str) for k in attr_map):
        raise InvalidType("attr_map must be a dictionary mapping strings to AttrValue protocol buffers")
    return graph.scopes.with_attrs(read_attrs(attr_map))


def create_op(graph: Graph, op_type: str, inputs: Sequence[Any], dtypes: Any = None, input_types: Any = None,
              name: str | None = None, attrs: Mapping[str, Any] | None = None, op_def: Any = None,
              compute_shapes: bool = True, compute_device: bool = True) -> Node:
    """Adds a node (Graph.create_op). attrs: AttrValues by name. dtypes and the like follow from the op.

    Raises BadState for an op type that is not known, InvalidType and InvalidValue for what its signature refuses.
    """
    from ..graphdef.attrs import read_attrs

    opdef = find_op(op_type)
    if opdef is None:
        raise BadState(f"Op type not registered {op_type!r}")
    given = list(inputs)
    values: list[Any] = []
    known = read_attrs(dict(attrs or {}))
    for arg in opdef.inputs:
        if not arg.is_list:
            values.append(given.pop(0) if given else None)
            continue
        # a list input takes all that the ones after it leave
        rest = len(opdef.inputs) - len(values) - 1
        values.append(given[:len(given) - rest])
        del given[:len(given) - rest]
    if given or None in values:
        raise InvalidValue(f"{op_type} does not take {len(inputs)} inputs")
    with use_graph(graph):
        made = apply_op(op_type, name, values, known)
    return _node(made)


def _node(made: Any) -> Node:
    while isinstance(made, (list, tuple)):
        made = made[0]
    node: Node = getattr(made, "op", made)
    return node


def no_array(tensor: Tensor, dtype: Any = None, copy: bool | None = None) -> NoReturn:
    """Refuses a tensor where numpy wants numbers. Raises NotImplementedError, as TensorFlow does."""
    raise NotImplementedError(f"Cannot convert a symbolic Tensor ({tensor.name}) to a numpy array; "
                              "its value is what Session.run gives")
