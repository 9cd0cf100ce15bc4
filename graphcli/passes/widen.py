"""Double precision: every float of a graph made a float64, in place.

An op whose type takes float64 is given it, variables, constants and placeholders too; one that knows only
smaller floats (LRN, FusedBatchNorm, the flow of a TensorArray) keeps them, between casts. Its gradients can
then be told from rounding. The graph is to be nobody else's: build it for the purpose.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.graph import Graph, Node, Tensor
from ..graph.opdef import OpDef, get_op
from ..graph.signature import Arg
from ..graph.types import DType, complex128, float64

WIDER: dict[str, DType] = {"float16": float64, "bfloat16": float64, "float32": float64, "complex64": complex128}
AS_THEY_ARE = frozenset({"Bitcast", "SaveV2", "RestoreV2"})
"""Ops whose dtypes say something about bytes."""


def widen(graph: Graph) -> list[Node]:
    """Widens a graph; returns the nodes that had to keep a small float among their results."""
    graph.finalized = False
    nodes = list(graph)
    for node in nodes:
        if node.opdef is not None and node.type not in AS_THEY_ARE:
            _attrs(node, node.opdef)
    narrow = []
    for node in nodes:
        if node.opdef is None:
            continue
        for index, wanted in enumerate(_input_dtypes(node)):
            tensor = node.inputs[index]
            if tensor.dtype.base_dtype is not wanted.base_dtype:
                _cast(graph, node, index, tensor, wanted.base_dtype)
        # the flow of a TensorArray is a float that says only what comes after what
        if any(t.dtype.base_dtype.name in WIDER for t, a in _with_args(node) if not a.name.startswith("flow")):
            narrow.append(node)
    return narrow


def _with_args(node: Node) -> list[tuple[Tensor, Arg]]:
    """Each output with what the op's signature says of it."""
    assert node.opdef is not None
    args = []
    for arg in node.opdef.outputs:
        many = len(node.attrs[arg.type_list_attr]) if arg.type_list_attr else 1
        args += [arg] * (node.attrs[arg.number_attr] if arg.number_attr else many)
    return list(zip(node.outputs, args))


def _attrs(node: Node, opdef: OpDef) -> None:
    none_for = _without_kernel(opdef)
    attrs = dict(node.attrs)
    for key, attr in opdef.attrs.items():
        if attr.kind not in ("type", "list(type)") or attrs.get(key) is None:
            continue

        def wide(old: DType, key: str = key, allowed: Any = attr.allowed) -> DType:
            new = WIDER.get(old.base_dtype.name)
            fits = new is not None and (allowed is None or new in allowed) and (key, new.name) not in none_for
            return new if fits and new is not None else old

        attrs[key] = [wide(d) for d in attrs[key]] if attr.kind != "type" else wide(attrs[key])
    value = attrs.get("value")
    if node.type == "Const" and isinstance(value, np.ndarray) and value.dtype != object:
        attrs["value"] = value.astype(attrs["dtype"].as_numpy_dtype)
    node.attrs = attrs
    for tensor, dtype in zip(node.outputs, opdef.output_dtypes(attrs), strict=True):
        tensor.dtype = dtype


def _without_kernel(opdef: OpDef) -> frozenset[tuple[str, str]]:
    text = opdef.cls.__dict__.get("no_kernel", "")
    parts = (part.partition(":") for part in text.split(";") if part.strip())
    return frozenset((attr.strip(), name.strip()) for attr, _, names in parts for name in names.split(","))


def _input_dtypes(node: Node) -> list[DType]:
    """The dtype that each flat input is to have."""
    out: list[DType] = []
    opdef = node.opdef
    assert opdef is not None
    for arg in opdef.inputs:
        if arg.type_list_attr:
            out += node.attrs[arg.type_list_attr]
            continue
        dtype = arg.dtype or node.attrs[arg.type_attr]
        out += [dtype] * (node.attrs[arg.number_attr] if arg.number_attr else 1)
    return out


def _cast(graph: Graph, node: Node, index: int, tensor: Tensor, dtype: DType) -> None:
    """Puts a Cast before an input, in the loop or branch in which the input is."""
    attrs = {"SrcT": tensor.dtype.base_dtype, "DstT": dtype, "Truncate": False}
    made = Node(graph, graph.names.unique(f"{node.name}/widened"), "Cast", (tensor,), (), attrs, node.device, [dtype],
                get_op("Cast"), node.span)
    # inserted, not created: it stands in a loop or branch that is not open now
    made.flow = tensor.op.flow if node.type in ("Enter", "RefEnter") else node.flow
    graph.insert(made)
    made.outputs[0].static = tensor.static
    # not replace_input, which keeps the dtype
    node.inputs = (*node.inputs[:index], made.outputs[0], *node.inputs[index + 1:])
    tensor.uses.remove(node)
    made.outputs[0].uses.append(node)
