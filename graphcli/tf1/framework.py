"""How calls become nodes: apply_op, its conversion of inputs, its attrs.

``apply_op`` is the one way in which a node of the vocabulary is made; it follows TensorFlow's
op_def_library, on whose order of conversions the names of constants depend.
"""
from __future__ import annotations

from collections import namedtuple
from collections.abc import Sequence
from typing import Any

from ..errors import InvalidType, InvalidValue, did_you_mean, said
from ..graph.default import use_graph
from ..graph.graph import Graph, Node, Tensor
from ..graph.opdef import OpDef, get_op
from ..graph.signature import Arg, Attr
from ..graph.types import DType, as_dtype, how_to_convert
from .calls import caller, elementwise, raw
from .context import (
    add_to_collection,
    add_to_collections,
    colocate_with,
    control_dependencies,
    device,
    get_collection,
    get_default_graph,
    name_scope,
)
from .conversion import convert_to_tensor, is_tensor
from .values import make_array

Operation = Node

EXPORTS = """
tf: Graph Tensor Operation apply_op
"""

__all__ = [
    "Graph", "Node", "Operation", "Tensor", "add_to_collection", "add_to_collections", "apply_op", "caller",
    "colocate_with", "control_dependencies", "device", "elementwise", "get_collection", "get_default_graph",
    "make_array", "name_scope", "raw", "results",
]

_tuples: dict[str, Any] = {}


def apply_op(op_type: str, name: str | None = None, inputs: Sequence[Any] = (),
             attrs: dict[str, Any] | None = None) -> Any:
    """Adds one node of an op type and returns what it yields.

    inputs: in the op's order, a list for a list input. attrs: by their GraphDef names; those with a
    default may be left out, those that follow from the inputs too. Returns the tensor, a list or
    named tuple of tensors, or the Node where there is no output.

    Raises InvalidType and InvalidValue for what the op's signature or inference refuses.
    """
    opdef = get_op(op_type)
    graph = get_default_graph()
    scopes = graph.scopes
    given = attrs or {}
    for key in given:
        check_attr_name(opdef, key)
    for value in inputs:
        if value.__class__ is list and value:
            value = value[0]
        theirs = getattr(value, "graph", None)
        if isinstance(theirs, Graph):
            if theirs is not graph and not graph.holds(theirs):
                # an op goes to the graph of its inputs, whichever is the default one
                with use_graph(theirs):
                    return apply_op(op_type, name, inputs, attrs)
            break
    if len(inputs) != len(opdef.inputs):
        names = ", ".join(a.name for a in opdef.inputs) or "none"
        plural = "" if len(opdef.inputs) == 1 else "s"
        raise InvalidType(f"{op_type} takes {len(opdef.inputs)} input{plural} ({names}), not {len(inputs)}")
    old = scopes.enter_name(name or op_type)
    try:
        node_attrs: dict[str, Any] = {}
        flat: list[Tensor] = []
        for arg, value in zip(opdef.inputs, inputs):
            if arg.is_list:
                _convert_list(opdef, arg, value, node_attrs, flat, given)
            else:
                flat.append(_convert_one(opdef, arg, value, node_attrs, given))
        _fill_attrs(opdef, given, node_attrs, name)
        full = scopes.name + "/"
        # a control flow context may add nodes beside this one, which are named below it
        if opdef.writes:
            with scopes.beside([t for t, a in zip(flat, opdef.inputs) if a.is_ref]):
                node = graph.create_node(op_type, flat, opdef.output_dtypes(node_attrs), node_attrs, full, opdef)
        else:
            node = graph.create_node(op_type, flat, opdef.output_dtypes(node_attrs), node_attrs, full, opdef)
    finally:
        scopes.name = old
    return results(node)


def check_attr_name(opdef: OpDef, key: str) -> None:
    if key not in opdef.attrs:
        names = ", ".join(sorted(opdef.attrs)) or "none"
        raise InvalidType(f"{opdef.name} has no attr {key!r}; it has {names}", hint=did_you_mean(key, opdef.attrs))


def results(node: Node) -> Any:
    """What a call that made this node returns."""
    opdef = node.opdef
    assert opdef is not None
    outputs = node.outputs
    args = opdef.outputs
    if len(args) == 1:
        return list(outputs) if args[0].is_list else outputs[0]
    if not args:
        return node
    kind = _tuples.get(node.type)
    if kind is None:
        kind = _tuples[node.type] = namedtuple(node.type, [a.name for a in args])
    return kind(*opdef.group(args, outputs, node.attrs))


def _convert_one(opdef: OpDef, arg: Arg, value: Any, attrs: dict[str, Any], given: dict[str, Any]) -> Tensor:
    dtype = arg.dtype
    preferred = None
    if dtype is None:
        dtype = attrs.get(arg.type_attr) or given.get(arg.type_attr)
        if dtype is None:
            default = opdef.attrs[arg.type_attr].default
            preferred = default if default is not Attr.NONE else None
        else:
            dtype = as_dtype(dtype)
    if type(value) is Tensor:
        tensor = value
        if dtype is not None and tensor.dtype.base_dtype is not dtype.base_dtype:
            raise _mismatch(opdef, arg, tensor.dtype, dtype, attrs)
    else:
        try:
            tensor = _convert_preferring(opdef, arg, value, dtype, preferred)
        except (TypeError, ValueError) as error:
            if dtype is not None and is_tensor(value):
                raise _mismatch(opdef, arg, value.dtype, dtype, attrs) from None
            if isinstance(error, (InvalidType, InvalidValue)):
                error.message = f"{opdef.name}: input {arg.name!r}: {error.message}"
                error.args = (error.message,)
            raise
    if arg.is_ref and not tensor.dtype.is_ref:
        raise InvalidType(f"{opdef.name} writes its input {arg.name!r}, which must be a variable; "
                          f"{tensor.name} is not one")
    if arg.type_attr and arg.type_attr not in attrs:
        base = tensor.dtype.base_dtype
        _check_allowed(opdef, arg, base)
        attrs[arg.type_attr] = base
    return tensor


def _convert_preferring(opdef: OpDef, arg: Arg, value: Any, dtype: DType | None, preferred: Any) -> Tensor:
    """A value whose dtype may be an attr's default: taken only where its own dtype is not allowed.

    The constant of the first try stays in the graph, as it does in TensorFlow's.
    """
    allowed = opdef.attrs[arg.type_attr].allowed if preferred is not None else None
    if allowed is not None:
        try:
            own = convert_to_tensor(value, name=arg.name, as_ref=arg.is_ref)
        except TypeError:
            own = None
        if own is not None and own.dtype.base_dtype in allowed:
            return own
    return convert_to_tensor(value, dtype, arg.name, preferred, as_ref=arg.is_ref)


def _mismatch(opdef: OpDef, arg: Arg, got: DType, wanted: DType, attrs: dict[str, Any]) -> InvalidType:
    first = next((a.name for a in opdef.inputs if a.type_attr == arg.type_attr and a is not arg), None)
    if first and arg.type_attr in attrs:
        return InvalidType(f"{opdef.name}: input {arg.name!r} is {got.base_dtype.name}, but input "
                           f"{first!r} is {wanted.base_dtype.name}; both must have one dtype",
                           hint=how_to_convert(got, wanted))
    return InvalidType(f"{opdef.name}: input {arg.name!r} must be {wanted.base_dtype.name}, not "
                       f"{got.base_dtype.name}", hint=how_to_convert(got, wanted))


def _check_allowed(opdef: OpDef, arg: Arg, dtype: DType) -> None:
    allowed = opdef.attrs[arg.type_attr or arg.type_list_attr].allowed
    if allowed is not None and dtype not in allowed:
        raise InvalidType(f"{opdef.name}: input {arg.name!r} has dtype {dtype.name}, which is not one of "
                          f"{', '.join(a.name for a in allowed)}")


def _convert_list(opdef: OpDef, arg: Arg, value: Any, attrs: dict[str, Any], flat: list[Tensor],
                  given: dict[str, Any]) -> None:
    if not isinstance(value, (list, tuple)):
        raise InvalidType(f"{opdef.name}: input {arg.name!r} is a list of tensors, not {said(value)}")
    dtype = arg.dtype
    tensors: list[Tensor] = []
    wanted: Any = None
    preferred: Any = None
    if arg.type_list_attr:
        wanted = attrs.get(arg.type_list_attr) or given.get(arg.type_list_attr)
    elif dtype is None:
        dtype = attrs.get(arg.type_attr)
        if dtype is None:
            dtype = next((v.dtype.base_dtype for v in value if is_tensor(v)), None)
        default = opdef.attrs[arg.type_attr].default
        preferred = default if default is not Attr.NONE else None
    for i, item in enumerate(value):
        try:
            kind = as_dtype(wanted[i]) if wanted is not None and i < len(wanted) else dtype
            tensors.append(convert_to_tensor(item, kind, f"{arg.name}_{i}", preferred, as_ref=arg.is_ref))
        except (InvalidType, InvalidValue) as error:
            error.message = f"{opdef.name}: item {i} of input {arg.name!r}: {error.message}"
            error.args = (error.message,)
            raise
    if arg.type_list_attr:
        attrs[arg.type_list_attr] = [t.dtype.base_dtype for t in tensors]
        for kind in attrs[arg.type_list_attr]:
            _check_allowed(opdef, arg, kind)
    else:
        number = attrs.get(arg.number_attr)
        if number is not None and number != len(tensors):
            raise InvalidValue(f"{opdef.name}: input {arg.name!r} has {len(tensors)} tensors, "
                               f"the input before it {number}")
        attrs[arg.number_attr] = len(tensors)
        minimum = opdef.attrs[arg.number_attr].minimum
        if minimum is not None and len(tensors) < minimum:
            raise InvalidValue(f"{opdef.name}: input {arg.name!r} needs at least {minimum} "
                               f"tensor{'s' if minimum > 1 else ''}, not {len(tensors)}")
        kinds = {t.dtype.base_dtype.name for t in tensors}
        if len(kinds) > 1:
            raise InvalidType(f"{opdef.name}: the tensors of input {arg.name!r} must have one dtype, "
                              f"not {' and '.join(sorted(kinds))}", hint="tf.cast converts a tensor")
        if arg.type_attr and arg.type_attr not in attrs:
            base = tensors[0].dtype.base_dtype if tensors else preferred
            if base is None:
                raise InvalidType(f"{opdef.name}: the dtype of the empty list {arg.name!r} is not known")
            _check_allowed(opdef, arg, base)
            attrs[arg.type_attr] = base
    flat += tensors


def _fill_attrs(opdef: OpDef, given: dict[str, Any], attrs: dict[str, Any], name: str | None) -> None:
    """Defaults and checks, in the op's own order of attrs."""
    inferred = opdef.inferred
    for key, attr in opdef.attrs.items():
        if key in given and given[key] is not None:
            value = attr.check(given[key], opdef.name)
            if key in attrs and attrs[key] != value:
                got = attrs[key].name if isinstance(attrs[key], DType) else attrs[key]
                raise InvalidType(f"the inputs of {opdef.name} make {key} = {got}, not "
                                  f"{value.name if isinstance(value, DType) else value}")
            attrs[key] = value
        elif key not in attrs:
            if key in opdef.defaults:
                attrs[key] = opdef.defaults[key]
            elif key in given and attr.kind == "shape":
                attrs[key] = None
            elif key not in inferred:
                raise InvalidType(f"{opdef.name} needs the attr {key!r}")
