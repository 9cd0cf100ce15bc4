"""A few op types of the tests' own, so that the engine is tested apart from the vocabulary."""
from __future__ import annotations

from typing import Any

import numpy as np

from graphcli.errors import RunError
from graphcli.graph.graph import Graph, Node, Tensor
from graphcli.graph.inference import broadcast_shape, same_shape
from graphcli.graph.opdef import OpDef, find_op
from graphcli.graph.types import as_dtype, float32


class ToyAdd:
    """x + y"""
    signature = "x: T, y: T -> z: T"
    attrs = "T: type"
    infer = broadcast_shape

    def kernel(n: Any) -> Any:
        return n.xp.add


class ToyFlip:
    """A view: the last axis reversed."""
    signature = "x: T -> y: T"
    attrs = "T: type"
    infer = same_shape

    def kernel(n: Any) -> Any:
        return lambda x: x[..., ::-1]


class ToyBoth:
    """x + y and x - y"""
    signature = "x: T, y: T -> sum: T, difference: T"
    attrs = "T: type"

    def kernel(n: Any) -> Any:
        return lambda x, y: (x + y, x - y)


class ToySum:
    """The sum of a list."""
    signature = "xs: N*T -> y: T"
    attrs = "T: type; N: int"

    def kernel(n: Any) -> Any:
        return lambda xs: sum(xs[1:], xs[0])


class ToyFail:
    """Fails."""
    signature = "x: T -> y: T"
    attrs = "T: type"

    def kernel(n: Any) -> Any:
        def run(x: Any) -> Any:
            raise RunError("this never works")
        return run


class ToyAssign:
    """ref = value"""
    signature = "ref: Ref(T), value: T -> out: Ref(T)"
    attrs = "T: type"
    stateful = True

    def kernel(n: Any) -> Any:
        def run(slot: Any, value: Any) -> Any:
            if slot.value is None:
                slot.value = np.array(value)
            else:
                slot.value[...] = value
            return slot
        return run


class ToyInc:
    """ref += value"""
    signature = "ref: Ref(T), value: T -> out: Ref(T)"
    attrs = "T: type"
    stateful = True

    def kernel(n: Any) -> Any:
        def run(slot: Any, value: Any) -> Any:
            slot.value += value
            return slot
        return run


class ToyCount:
    """How often it has run in this session."""
    signature = "-> n: int32"
    stateful = True

    def kernel(n: Any) -> Any:
        counter = n.state.private(n.node, lambda: [0])

        def run() -> Any:
            counter[0] += 1
            return np.asarray(counter[0], np.int32)
        return run


DEFS = {c.__name__: OpDef(c) for c in (ToyAdd, ToyFlip, ToyBoth, ToySum, ToyFail, ToyAssign, ToyInc, ToyCount)}


def opdef(kind: str) -> OpDef | None:
    if kind == "Assign":
        return DEFS["ToyAssign"]
    return DEFS.get(kind) or find_op(kind)


class Toy:
    """Makes nodes by hand."""

    def __init__(self) -> None:
        self.graph = Graph("toy")

    def node(self, kind: str, *inputs: Any, name: str | None = None, after: Any = (), device: str | None = None,
             dtype: Any = float32, **attrs: Any) -> Node:
        definition = opdef(kind)
        if definition is not None and inputs:
            attrs.setdefault("T", inputs[0].dtype.base_dtype)
        dtypes = [as_dtype(dtype)] if definition is None else definition.output_dtypes(attrs)
        with self.graph.device(device) if device else self.graph.control_dependencies([]):
            node = self.graph.create_node(kind, inputs, dtypes, attrs, name or kind, definition)
        for other in after:
            self.graph.add_control_input(node, other)
        return node

    def op(self, kind: str, *inputs: Any, **rest: Any) -> Tensor:
        return self.node(kind, *inputs, **rest).outputs[0]

    def const(self, value: Any, name: str = "c", dtype: Any = np.float32, **rest: Any) -> Tensor:
        array = np.asarray(value, dtype)
        node = self.graph.create_node("Const", (), [as_dtype(array.dtype)],
                                      {"value": array, "dtype": as_dtype(array.dtype)}, name)
        node.outputs[0].static = array.shape
        return node.outputs[0]

    def input(self, name: str, shape: Any = None, dtype: Any = float32, **rest: Any) -> Tensor:
        node = self.graph.create_node("Placeholder", (), [as_dtype(dtype)], {}, name)
        node.outputs[0].static = shape
        return node.outputs[0]

    def variable(self, name: str, value: Any, device: str | None = None) -> ToyVariable:
        return ToyVariable(self, name, value, device)

    def add(self, x: Any, y: Any, name: str = "add", **rest: Any) -> Tensor:
        return self.op("ToyAdd", x, y, name=name, **rest)


class ToyVariable:
    def __init__(self, toy: Toy, name: str, value: Any, device: str | None) -> None:
        start = value if isinstance(value, Tensor) else toy.const(value, f"{name}/start")
        with toy.graph.device(device or ""):
            self.op = toy.graph.create_node("VariableV2", (), [start.dtype.ref], {"shape": start.static}, name)
            self.op.outputs[0].static = start.static
            self.ref = self.op.outputs[0]
            self.initializer = toy.op("Assign", self.ref, start, name=f"{name}/Assign").op
            self.read = toy.graph.create_node("Identity", [self.ref], [start.dtype], {}, f"{name}/read").outputs[0]
            self.read.static = start.static
        self.name = f"{name}:0"
        self.graph = toy.graph
        toy.graph.add_to_collection("variables", self)

    def _as_graph_element(self) -> Tensor:
        return self.ref
