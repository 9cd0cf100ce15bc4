"""Floating point operations and bytes of one step, from static shapes; a multiplication and an addition are two."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import TypeVar

from ..graph.flow import FLOW
from ..graph.graph import Graph, Node, Tensor
from ..graph.shapes import Static
from ..record import Record

PER_ELEMENT = {"Exp": 1, "Log": 1, "Tanh": 1, "Sigmoid": 4, "Softmax": 5, "LogSoftmax": 5, "Elu": 3, "Selu": 4,
               "Softplus": 3, "Softsign": 3, "Relu6": 2, "SquaredDifference": 2, "L2Loss": 2, "TanhGrad": 3,
               "SigmoidGrad": 3, "SoftmaxCrossEntropyWithLogits": 8, "SparseSoftmaxCrossEntropyWithLogits": 8,
               "FusedBatchNorm": 8, "FusedBatchNormV2": 8, "FusedBatchNormV3": 8, "FusedBatchNormGrad": 11,
               "FusedBatchNormGradV2": 11, "FusedBatchNormGradV3": 11, "ApplyGradientDescent": 2, "ApplyMomentum": 4,
               "ApplyAdam": 12, "ApplyAdagrad": 5, "ApplyRMSProp": 10, "ApplyAdadelta": 13, "ApplyFtrl": 14}
REDUCTIONS = ("Sum", "Mean", "Prod", "Max", "Min", "ArgMax", "ArgMin", "L2Loss", "All", "Any", "BiasAddGrad",
              "SegmentSum", "SegmentMean", "SegmentMax", "SegmentMin", "SegmentProd", "UnsortedSegmentSum",
              "UnsortedSegmentMax", "UnsortedSegmentMin", "UnsortedSegmentProd")
SOURCES = frozenset({"Const", "Placeholder", "PlaceholderWithDefault", "VariableV2", "VarHandleOp"})
"""What is there before anything is read or written."""
VIEWS = frozenset({"Identity", "Reshape", "Squeeze", "ExpandDims", "NoOp", "Shape", "ShapeN", "Size", "Rank",
                   "StopGradient", "PreventGradient", "ReadVariableOp", "BroadcastGradientArgs", "ConcatOffset",
                   "IsVariableInitialized", "VarIsInitializedOp", "Placeholder", "ControlTrigger"}) | FLOW
"""What touches no element."""
MOVES = frozenset({"Pack", "Unpack", "ConcatV2", "Split", "SplitV", "Slice", "StridedSlice", "Transpose", "Tile", "Pad",
                   "PadV2", "MirrorPad", "Gather", "GatherV2", "GatherNd", "Cast", "Fill", "Assign", "AssignVariableOp",
                   "Range", "OneHot", "ZerosLike", "OnesLike", "Select", "SelectV2", "BroadcastTo", "ReverseV2",
                   "Where", "Unique", "ScatterNd", "TensorScatterUpdate", "ScatterUpdate", "DynamicPartition",
                   "DynamicStitch", "InvertPermutation", "RandomShuffle", "DepthToSpace", "SpaceToDepth",
                   "BatchToSpaceND", "SpaceToBatchND", "ExtractImagePatches", "StridedSliceGrad", "Bitcast"})
"""What moves elements and computes none."""
FREE = SOURCES | VIEWS | MOVES
CUBES = {"Cholesky": 1 / 3, "MatrixInverse": 2.0, "MatrixDeterminant": 2 / 3, "LogMatrixDeterminant": 2 / 3,
         "MatrixSolve": 2 / 3}
"""Operations of a decomposition of [n, n], times n cubed."""

Key = TypeVar("Key")


class Cost(Record):
    """flops: by node, where any; bytes: that a node reads and writes, by node. open: nodes whose count takes an
    unknown size as 1; unknown: nodes with no known rank."""

    flops: dict[Node, int]
    bytes: dict[Node, int]
    open: int
    unknown: int

    @property
    def total(self) -> int:
        return sum(self.flops.values())

    @property
    def total_bytes(self) -> int:
        return sum(self.bytes.values())

    def by_op(self) -> dict[str, int]:
        """Operations by op type, most first."""
        return _by_op(self.flops)

    def bytes_by_op(self) -> dict[str, int]:
        """Bytes by op type, most first."""
        return _by_op(self.bytes)


def _by_op(counts: Mapping[Node, int]) -> dict[str, int]:
    out: dict[str, int] = {}
    for node, count in counts.items():
        if count:
            out[node.type] = out.get(node.type, 0) + count
    return dict(sorted(out.items(), key=lambda pair: (-pair[1], pair[0])))


def intensity(flops: int, size: int) -> float | None:
    """Operations for each byte, None where no byte is touched."""
    return round(flops / size, 3) if size else None


def cost(graph: Graph) -> Cost:
    """The cost of every node once, those that only initialize variables left out."""
    flops: dict[Node, int] = {}
    touched: dict[Node, int] = {}
    is_open = unknown = 0
    for node in graph:
        if node.type in SOURCES or node.type in VIEWS or not node.inputs or _initializes(node):
            continue
        tensors = (*node.inputs, *node.outputs)
        if any(t.static is None for t in tensors):
            unknown += 1
            continue
        if node.outputs:
            flops[node] = flops_of(node, [t.static for t in node.inputs], node.outputs[0].static)
        touched[node] = sum(_bytes(t) for t in tensors)
        is_open += any(None in t.static for t in tensors if t.static)
    return Cost(flops, touched, is_open, unknown)


def _bytes(tensor: Tensor) -> int:
    """Bytes of a tensor, of text and of what is no array none."""
    dtype = tensor.dtype.base_dtype
    return _size(tensor.static) * dtype.size if dtype.kind in "fiubc" else 0


def _initializes(node: Node) -> bool:
    """Whether the node's only use, in the end, is the first assignment of a variable."""
    return "/Initializer/" in node.name or node.type in ("Assign", "AssignVariableOp") and any(
        "/Initializer/" in t.op.name for t in node.inputs)


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
    if "MatMul" in kind or "Conv" in kind or kind == "Einsum" or kind in CUBES or kind == "MatrixTriangularSolve":
        return _of_product(node, inputs, output)
    if kind in ("MaxPool", "AvgPool", "MaxPool3D", "AvgPool3D"):
        return out * _size(tuple(node.attrs["ksize"]))
    if kind in REDUCTIONS:
        return _size(first) * PER_ELEMENT.get(kind, 1)
    if kind.startswith(("SoftmaxCross", "SparseSoftmaxCross", "FusedBatchNorm")):
        return _size(first) * PER_ELEMENT[kind]
    if kind == "AddN":
        return out * (len(node.inputs) - 1)
    return out * PER_ELEMENT.get(kind, 1)


def _of_product(node: Node, inputs: Sequence[Static], output: Static) -> int:
    """The operations of products of matrices, of convolutions and of what else sums products."""
    kind, out, first = node.type, _size(output), inputs[0]
    if kind in ("MatMul", "SparseMatMul"):
        return 2 * out * _dim(first, 0 if node.attrs.get("transpose_a") else 1)
    if kind in ("BatchMatMul", "BatchMatMulV2", "BatchMatMulV3"):
        return 2 * out * _dim(first, -2 if node.attrs.get("adj_x") else -1)
    if "Conv" in kind:
        # the gradients of a convolution take as many as itself: the elements of its output times those of the filter
        # that each is a sum over
        result = inputs[2] if "Backprop" in kind and len(inputs) > 2 else output
        window = output if "BackpropFilter" in kind else inputs[1] if len(inputs) > 1 else ()
        taps = (window or ())[:2] if "Depthwise" in kind else (window or ())[:-1]
        return 2 * _size(result) * _size(taps)
    if kind == "Einsum":
        return _of_einsum(str(node.attrs["equation"]), inputs, out)
    if kind in CUBES or kind == "MatrixTriangularSolve":
        n = _dim(first, -1)
        many = _size((first or ())[:-2])
        right = _dim(inputs[1], -1) if "Solve" in kind else 0
        solved = n * n * right * (2 if kind == "MatrixSolve" else 1)
        return many * (int(CUBES.get(kind, 0) * n ** 3) + solved)
    return 2 * out


def _of_einsum(equation: str, inputs: Sequence[Static], out: int) -> int:
    """Twice the product of the sizes of all labels; what an ellipsis stands for is in the output."""
    left, _, right = equation.replace(" ", "").partition("->")
    sizes: dict[str, int] = {}
    for term, shape in zip(left.split(","), inputs):
        before, dots, after = term.partition("...")
        pairs = [*zip(before, shape or ()), *(zip(after[::-1], (shape or ())[::-1]) if dots else ())]
        sizes.update({label: max(sizes.get(label, 1), 1 if d is None else d) for label, d in pairs})
    summed = prod(d for label, d in sizes.items() if label not in right)
    return out * summed * (2 if len(inputs) > 1 else 1)
