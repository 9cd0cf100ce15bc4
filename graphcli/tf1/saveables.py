"""What a Saver saves under one name: a variable, a resource variable, or a part of either."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidType, InvalidValue, said
from ..graph.graph import Node
from ..graph.shapes import Static
from ..graph.types import DType
from ..graph.variables import held
from .framework import apply_op, device
from .opened import HANDLES, REFERENCES, variable_by_name
from .partitioned import PartitionedVariable
from .variables import Variable


class SaveableObject:
    """What a Saver saves beside variables. name: sorts it. node: what it is of. names: those that a checkpoint has."""

    def __init__(self, name: str, node: Node, names: list[str]) -> None:
        self.name, self.node, self.names = name, node, names
        self.specs = [""] * len(names)

    @property
    def device(self) -> str:
        return self.node.device

    @property
    def dtypes(self) -> list[DType]:
        return [t.dtype.base_dtype for t in self.tensors()]

    def tensors(self) -> list[Any]:
        """What is saved, a tensor for each of the names."""
        raise NotImplementedError

    def restore(self, values: list[Any], reshape: bool) -> Node:
        """The op that puts back what was read."""
        raise NotImplementedError


class Saveable(SaveableObject):
    """A variable as a checkpoint has it. name: in the checkpoint. spec: which part of that it is, '' for all of it.

    part: the variable whose part it is. whole: else the tensor that is saved: the reference of a variable, of a
    resource variable its read.
    """

    def __init__(self, name: str, whole: Any = None, part: Any = None) -> None:
        super().__init__(name, node_of(whole) if part is None else part._ref().op, [name])
        self.part, self.whole = part, whole
        self.specs = ["" if part is None else part._save_slice_info.spec]

    @property
    def dtypes(self) -> list[DType]:
        return [held(self.node)[0]]

    @property
    def static(self) -> Static:
        return held(self.node)[1]

    @property
    def resource(self) -> bool:
        return self.node.type in HANDLES

    def tensors(self) -> list[Any]:
        return [self.tensor()]

    def tensor(self) -> Any:
        """What is saved; the read of a part is made for it, as TensorFlow makes it."""
        if self.part is None:
            return self.whole
        if not self.resource:
            return self.part.value()
        from . import identity

        with device(self.device):
            value = self.part.read_value_no_copy()
            with device("/device:CPU:0"):
                return identity(value)

    def restore(self, values: list[Any], reshape: bool) -> Node:
        value, = values
        from . import identity
        from . import reshape as reshaped
        from . import shape as shape_of

        static = self.static
        known = static is not None and None not in static
        if reshape:
            sizes = np.array(static, np.int32) if known else shape_of(self.tensor())
            value = reshaped(value, sizes)
        if self.resource:
            with device(self.device):
                made: Node = apply_op("AssignVariableOp", None, [self.node.outputs[0], identity(value)])
                return made
        done = apply_op("Assign", "Assign", [self.node.outputs[0], value], {"validate_shape": known and not reshape})
        return done.op  # type: ignore[no-any-return]


def node_of(tensor: Any) -> Node:
    """The node of the variable of which a tensor is saved."""
    op: Node = tensor.op
    return op.inputs[0].op if op.type == "ReadVariableOp" else op


def saveables(var_list: Any) -> list[SaveableObject]:
    """What a Saver saves, sorted by name; the parts of one variable in their order.

    Raises InvalidType and InvalidValue for what a Saver refuses.
    """
    named: dict[str, Any] = {}
    if isinstance(var_list, dict):
        for name, thing in var_list.items():
            if not isinstance(name, str):
                raise InvalidType(f"a Saver's mapping has names as keys, not {said(name)}")
            named[name] = thing
    elif isinstance(var_list, (list, tuple, set)):
        for thing in sorted(_flat(var_list), key=lambda v: str(getattr(v, "name", v))):
            _add(named, thing)
    else:
        raise InvalidType(f"the variables of a Saver are a list or a mapping, not {said(var_list)}")
    out: list[SaveableObject] = []
    seen: dict[Node, str] = {}
    for name, thing in sorted(named.items()):
        for made in _made(name, thing):
            if made.node in seen:
                raise InvalidValue(f"the variable {made.node.name} would be saved under two names: {seen[made.node]} "
                                   f"and {name}")
            seen[made.node] = name
            out.append(made)
    return out


def _flat(things: Any) -> list[Any]:
    return [v for t in things for v in (_flat(t) if isinstance(t, (list, tuple)) else [t])]


def _add(named: dict[str, Any], thing: Any) -> None:
    """Puts a variable under its own name, a part to the other parts of its tensor."""
    info = thing._save_slice_info if isinstance(thing, Variable) else None
    if info is not None:
        parts = named.setdefault(info.full_name, [])
        if not isinstance(parts, list):
            raise InvalidValue(f"{info.full_name} would be saved both whole and in parts")
        parts.append(thing)
        return
    if isinstance(thing, SaveableObject):
        named[thing.name] = thing
        return
    if isinstance(thing, PartitionedVariable):
        name = thing.name
    else:
        thing = _tensor(thing)
        name = node_of(thing).name
    if name in named:
        raise InvalidValue(f"At least two variables have the same name: {name}")
    named[name] = thing


def _made(name: str, thing: Any) -> list[Any]:
    if isinstance(thing, SaveableObject):
        return [thing]
    if not isinstance(thing, (list, tuple, PartitionedVariable)):
        return [Saveable(name, _tensor(thing))]
    parts = list(thing)
    for part in parts:
        if not isinstance(part, Variable) or part._save_slice_info is None:
            raise InvalidValue(f"{name} is to be saved in parts, and {part!r} is no part of a variable")
        if part._save_slice_info.full_name != parts[0]._save_slice_info.full_name:
            raise InvalidValue(f"{name} is to be saved in parts, which are of {part._save_slice_info.full_name} and "
                               f"of {parts[0]._save_slice_info.full_name}")
    return [Saveable(name, part=part) for part in parts]


def _tensor(thing: Any) -> Any:
    """The tensor that is saved of a whole variable."""
    if hasattr(thing, "handle"):
        return thing._as_graph_element()
    tensor = thing._ref() if hasattr(thing, "_ref") else thing
    kind = getattr(getattr(tensor, "op", None), "type", "")
    if kind in HANDLES:
        return variable_by_name(tensor.graph, tensor.op.name)._as_graph_element()
    if kind != "ReadVariableOp" and kind not in REFERENCES:
        raise InvalidType(f"a Saver saves variables, not {said(thing)}")
    return tensor
