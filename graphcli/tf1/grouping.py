"""Ops that only order: no_op, group, tuple, with_dependencies."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.graph import Node
from .conversion import IndexedSlices, convert_to_tensor, is_tensor, is_tensor_like
from .framework import apply_op, colocate_with, control_dependencies, device, name_scope

EXPORTS = """
python.ops.control_flow_ops: with_dependencies
tf: no_op group tuple=tuple_
"""


def no_op(name: str | None = None) -> Any:
    """An op that does nothing; what it is ordered after is done when it is (tf.no_op)."""
    return apply_op("NoOp", name)


def group(*inputs: Any, **kwargs: Any) -> Any:
    """One op that is done when all inputs are (tf.group). Inputs may be nested."""
    name = kwargs.pop("name", None)
    if kwargs:
        raise InvalidValue(f"group has no argument {next(iter(kwargs))!r}")
    with name_scope(name, "group_deps", inputs) as scope:
        if not inputs:
            return no_op(scope)
        by_device: dict[str, list[Any]] = {}
        for item in _flatten(inputs):
            if not hasattr(item, "device"):
                raise InvalidType(f"group takes ops and tensors, not {said(item)}")
            by_device.setdefault(item.device or "", []).append(item)
        if len(by_device) == 1:
            (place, items), = by_device.items()
            return _after(place, items, scope)
        parts = [_after(place, by_device[place], None) for place in sorted(by_device)]
        with control_dependencies(parts):
            return no_op(scope)


def _after(place: str, items: list[Any], name: str | None) -> Any:
    with control_dependencies(items), device(place):
        return no_op(name)


def _flatten(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for key in sorted(value):
            yield from _flatten(value[key])
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _flatten(item)
    elif isinstance(value, IndexedSlices):
        yield value.values
        yield value.indices
        if value.dense_shape is not None:
            yield value.dense_shape
    elif hasattr(value, "components"):
        yield from value.components
    else:
        yield value


def with_dependencies(dependencies: Any, output_tensor: Any, name: str | None = None) -> Any:
    """The tensor, once the dependencies are done: an Identity beside it, of a reference a reference."""
    with name_scope(name, "control_dependency") as scope:
        composite = isinstance(output_tensor, IndexedSlices) or hasattr(output_tensor, "components")
        with colocate_with(output_tensor.op if composite else output_tensor), control_dependencies(dependencies):
            if hasattr(output_tensor, "components"):
                return output_tensor.remade([apply_op("Identity", None, [part]) for part in output_tensor.components])
            if isinstance(output_tensor, IndexedSlices):
                values = apply_op("Identity", scope, [output_tensor.values])
                return IndexedSlices(values, output_tensor.indices, output_tensor.dense_shape)
            tensor = convert_to_tensor(output_tensor)
            return apply_op("RefIdentity" if tensor.dtype.is_ref else "Identity", scope, [tensor])


def tuple_(tensors: Any, name: str | None = None, control_inputs: Any = None) -> list[Any]:
    """The tensors, each only once all are computed (tf.tuple). None stays None."""
    with name_scope(name, "tuple", tensors):
        items = [t if t is None or isinstance(t, (Node, IndexedSlices)) or is_tensor_like(t) else convert_to_tensor(t)
                 for t in tensors]
        gates: list[Node] = [t if isinstance(t, Node) else t.op for t in items if t is not None]
        for c in control_inputs or ():
            if not isinstance(c, Node) and not is_tensor(c):
                raise InvalidType(f"control_inputs of tuple are ops or tensors, not {said(c)}")
            gates.append(c if isinstance(c, Node) else c.op)
        if not gates:
            raise InvalidValue("tuple needs at least one tensor")
        gate = group(*sorted(set(gates), key=lambda op: op.number))
        out: list[Any] = []
        for t in items:
            if isinstance(t, Node):
                with control_dependencies([gate]):
                    out.append(group(t))
            else:
                out.append(None if t is None else with_dependencies([gate], t))
        return out
