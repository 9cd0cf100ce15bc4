"""Floating point operations of one step, from static shapes; a multiplication and an addition are two."""
from __future__ import annotations

from collections.abc import Sequence

from ..graph.graph import Graph, Node
from ..graph.types import Static
from ..record import Record

PER_ELEMENT = {"Exp": 1, "Log": 1, "Tanh": 1, "Sigmoid": 4, "Softmax": 5, "LogSoftmax": 5, "Elu": 3, "Selu": 4,
               "Softplus": 3, "Softsign": 3, "Relu6": 2, "SquaredDifference": 2, "L2Loss": 2,
               "SoftmaxCrossEntropyWithLogits": 8, "SparseSoftmaxCrossEntropyWithLogits": 8}
REDUCTIONS = ("Sum", "Mean", "Prod", "Max", "Min", "ArgMax", "ArgMin", "L2Loss", "All", "Any")
FREE = ("Identity", "Reshape", "Squeeze", "ExpandDims", "Const", "Placeholder", "PlaceholderWithDefault",
        "VariableV2", "NoOp", "Shape", "Size", "Rank", "StopGradient", "Pack", "Unpack", "ConcatV2", "Split",
        "SplitV", "Slice", "StridedSlice", "Transpose", "Tile", "Pad", "PadV2", "Gather", "GatherV2", "Cast",
        "Fill", "Assign", "Range", "OneHot", "ZerosLike", "OnesLike", "Select", "SelectV2")


class Cost(Record):
    """flops: by node; open: nodes whose count takes an unknown size as 1; unknown: nodes with no known rank."""

    flops: dict[Node, int]
    open: int
    unknown: int

    @property
    def total(self) -> int:
        return sum(self.flops.values())

    def by_op(self) -> dict[str, int]:
        out: dict[str, int] = {}
        for node, flops in self.flops.items():
            if flops:
                out[node.type] = out.get(node.type, 0) + flops
        return dict(sorted(out.items(), key=lambda pair: (-pair[1], pair[0])))


def cost(graph: Graph) -> Cost:
    """The cost of every node once, those that only initialize variables left out."""
    flops: dict[Node, int] = {}
    is_open = unknown = 0
    for node in graph:
        if node.type in FREE or not node.outputs or not node.inputs or _initializes(node):
            continue
        shapes = [t.static for t in (*node.inputs, node.outputs[0])]
        if any(s is None for s in shapes):
            unknown += 1
            continue
        flops[node] = flops_of(node, shapes[:-1], shapes[-1])
        is_open += any(None in s for s in shapes if s)
    return Cost(flops, is_open, unknown)


def _initializes(node: Node) -> bool:
    """Whether the node's only use, in the end, is the first assignment of a variable."""
    return "/Initializer/" in node.name


def _size(shape: Static) -> int:
    out = 1
    for d in shape or ():
        out *= 1 if d is None else d
    return out


def _dim(shape: Static, index: int) -> int:
    d = shape[index] if shape else 1
    return 1 if d is None else d


def flops_of(node: Node, inputs: Sequence[Static], output: Static) -> int:
    """The operations of one node, given the shapes of its inputs and of its first output; an unknown size counts 1."""
    kind = node.type
    if kind in FREE:
        return 0
    out = _size(output)
    first = inputs[0]
    if kind == "MatMul":
        return 2 * out * _dim(first, 0 if node.attrs.get("transpose_a") else 1)
    if kind in ("BatchMatMul", "BatchMatMulV2", "BatchMatMulV3"):
        return 2 * out * _dim(first, -2 if node.attrs.get("adj_x") else -1)
    if kind in ("Conv2D", "Conv3D"):
        return 2 * out * _size((inputs[1] or ())[:-1])
    if kind == "DepthwiseConv2dNative":
        return 2 * out * _size((inputs[1] or ())[:2])
    if kind in ("MaxPool", "AvgPool", "MaxPool3D", "AvgPool3D"):
        return out * _size(tuple(node.attrs["ksize"]))
    if kind in REDUCTIONS:
        return _size(first) * PER_ELEMENT.get(kind, 1)
    if kind.startswith(("SoftmaxCross", "SparseSoftmaxCross")):
        return _size(first) * PER_ELEMENT[kind]
    if kind == "AddN":
        return out * (len(node.inputs) - 1)
    return out * PER_ELEMENT.get(kind, 1)
