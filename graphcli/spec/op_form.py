"""``op: TYPE``: one node of an op type, its attrs by their GraphDef names. What ``export`` writes of any graph."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from ..errors import GraphError, GraphErrors, InvalidType, InvalidValue, did_you_mean, said
from ..graph.flow import MERGE
from ..graph.graph import Node, Tensor
from ..source import Span
from . import constants, params, schema
from .declared import bind
from .env import Env, Later
from .fields import check, collections, device, field, handle, literal
from .tree import Map

if TYPE_CHECKING:
    from .build import Builder


def node(b: Builder, name: str | None, m: Map, span: Span, env: Env) -> None:
    """Makes the node of a statement and binds its handle."""
    from ..graph.opdef import find_op, op_types

    tf = b.tf
    check(m, ("op", *schema.names(schema.OP_FIELDS)))
    item = m.get("op")
    assert item is not None
    op_type = params.text(b, item, env, "op")
    opdef = find_op(op_type)
    if opdef is None:
        raise InvalidValue(f"unknown op type {op_type!r}", item.span, hint=did_you_mean(op_type, op_types()))
    inputs, attrs = field(b, m, "inputs", env, []), literal(b, m, "attrs", env, {})
    if not isinstance(inputs, (list, tuple)):
        raise m.get("inputs").error("inputs is a list", hint="inputs: [x]")  # type: ignore[union-attr]
    if not isinstance(attrs, dict):
        raise m.get("attrs").error("attrs is a mapping", hint="attrs: {NAME: VALUE}")  # type: ignore[union-attr]
    own = {k: v for k, v in attrs.items() if k.startswith("_")}
    attrs = {k: _placed(m, k, _attr, opdef, k, v, attrs) for k, v in attrs.items() if k not in own}
    stand_ins, back = _stand_ins(op_type, inputs)
    control = field(b, m, "control_inputs", env)
    control = [] if control is None else control
    if not isinstance(control, (list, tuple)):
        raise m.get("control_inputs").error("control_inputs is a list", hint="control_inputs: [x]")  # type: ignore[union-attr]
    late = [c for c in control if isinstance(c, Later)]
    if late:
        control = [c for c in control if not isinstance(c, Later)]
    # as in TensorFlow's wrappers, what follows from the inputs does not say what their literals are
    follows = {k: v for k, v in attrs.items() if k in opdef.inferred and v is not None}
    with device(b, m, env), tf.control_dependencies(control) if control else nullcontext():
        try:
            result = tf.apply_op(op_type, name, stand_ins, {k: v for k, v in attrs.items() if k not in follows})
        except GraphError:
            wrong = []
            for key, value in attrs.items():
                try:
                    _placed(m, key, _check, opdef, key, value)
                except GraphError as e:
                    wrong.append(e)
            if wrong:
                raise GraphErrors(wrong) from None
            raise
    made = _node_of(result)
    for key, value in follows.items():
        _placed(m, key, _agree, opdef, made, key, value)
    if own or back or late or m.get("shapes") is not None:
        assert made is not None
        _set_own(made, own)
        b.back_edges += [(made, index, later.name, span) for index, later in back]
        b.back_edges += [(made, None, later.name, span) for later in late]
        _set_shapes(made, literal(b, m, "shapes", env, []))
    if isinstance(result, tuple):
        result = list(result)
    for key in collections(b, m, env) or []:
        tf.add_to_collection(key, result)
    path = handle(b, m, env, name)
    if path is not None:
        bind(b, env, path, result, span, m)


def _placed(m: Map, attr: str, function: Any, *args: Any) -> Any:
    """What ``function`` makes of an attr, with its refusal told where the attr stands."""
    try:
        return function(*args)
    except GraphError as e:
        item = m.get("attrs")
        key = item.key(attr) if isinstance(item, Map) else None
        raise e.at(key.span if key is not None else None) from None


def _check(opdef: Any, name: str, value: Any) -> None:
    from ..tf1.framework import check_attr_name

    check_attr_name(opdef, name)
    if value is not None:
        opdef.attrs[name].check(value, opdef.name)


def _agree(opdef: Any, made: Node | None, name: str, value: Any) -> None:
    value = opdef.attrs[name].check(value, opdef.name)
    got = made.attrs[name] if made is not None else value
    if got != value:
        raise InvalidType(f"the inputs of {opdef.name} make {name} = {_shown(got)}, not {_shown(value)}")


def _shown(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_shown, value))}]"
    return str(getattr(value, "name", value))


def _attr(opdef: Any, name: str, value: Any, attrs: dict[str, Any]) -> Any:
    """The value of an attr that a literal cannot be as it stands: a tensor, bytes."""
    attr = opdef.attrs.get(name)
    if attr is None:
        return value
    if attr.kind == "tensor" and value is not None:
        dtype = value.get("dtype") if isinstance(value, dict) else None
        if isinstance(value, dict) and "dtype" in value:
            value = {k: v for k, v in value.items() if k != "dtype"}
        dtype = dtype or attrs.get("dtype")
        if dtype is None:
            raise InvalidValue(f"attr {name} of {opdef.name} needs its dtype", hint="attrs: {dtype: float32, ...}")
        return constants.array(value, dtype)
    if attr.kind == "string" and isinstance(value, dict):
        return constants.text(value)
    if attr.kind == "list(string)" and isinstance(value, list):
        return [constants.text(v) if isinstance(v, dict) else v for v in value]
    return value


def _stand_ins(op_type: str, inputs: Any) -> tuple[list[Any], list[tuple[int, Later]]]:
    """The inputs with what stands in for those that come later, and (flat number, what comes) of each such."""
    back: list[tuple[int, Later]] = []
    at = 0

    def one(item: Any, others: Any) -> Any:
        nonlocal at
        at += 1
        if not isinstance(item, Later):
            return item
        back.append((at - 1, item))
        if item.instead is not None:
            return item.instead
        first = next((o for o in others if not isinstance(o, Later)), None)
        if op_type not in MERGE or first is None:
            raise InvalidValue(f"nothing stands for {item.name} until it is made",
                               hint=f"later('{item.name}', x) with a tensor x of its dtype and shape")
        return first

    out: list[Any] = []
    for item in inputs:
        out.append([one(i, item) for i in item] if isinstance(item, (list, tuple)) else one(item, ()))
    return out, back


def _node_of(result: Any) -> Node | None:
    if isinstance(result, Node):
        return result
    if isinstance(result, Tensor):
        return result.op
    for item in result if isinstance(result, (list, tuple)) else ():
        found = _node_of(item)
        if found is not None:
            return found
    return None


def _set_own(made: Node, own: dict[str, Any]) -> None:
    """Attrs that begin with ``_`` are no part of an op's signature; null takes one away."""
    for key, value in own.items():
        if value is None:
            made.attrs.pop(key, None)
        elif isinstance(value, (str, bool, int, float)) or isinstance(value, list) and all(
                isinstance(v, (str, bool, int, float)) for v in value):
            made.attrs[key] = value
        else:
            raise InvalidType(f"the attr {key} is a text, a number, true or false, or a list of such, "
                              f"not {said(value)}")


def _set_shapes(made: Node, shapes: Any) -> None:
    """Adds what is known of the outputs' static shapes."""
    if not isinstance(shapes, list) or len(shapes) > len(made.outputs):
        raise InvalidValue(f"shapes is a list of the static shapes of the {len(made.outputs)} outputs of {made.name}",
                           hint="shapes: [[null, 3]]")
    for tensor, shape in zip(made.outputs, shapes):
        tensor.set_shape(shape)


def close_loops(b: Builder) -> None:
    """Leads the inputs of nodes to what was still to come when they were made."""
    for made, index, name, span in b.back_edges:
        try:
            if index is None:
                b.graph.add_control_input(made, b.graph.get_operation_by_name(name))
            else:
                tensor = b.graph.get_tensor_by_name(name if ":" in name else f"{name}:0")
                b.graph.replace_input(made, index, tensor)
        except GraphError as error:
            if b.has_failed() and isinstance(error, KeyError):
                continue
            b.errors.add(error.at(span))
    if b.back_edges and not b.has_failed():
        from ..graph.verify import circles

        for text in circles(b.graph):
            b.errors.add(InvalidValue(text, b.back_edges[0][3]))
