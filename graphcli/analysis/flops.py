"""Floating point operations of one node, from the shapes of its inputs and of its first output.

A multiplication and an addition are two, a comparison is one, an ``exp`` is one; numbers count alike, whole, halves
or complex. What only moves or chooses numbers, sorts them, or is about text counts none.
"""
from __future__ import annotations

import re
from collections.abc import Sequence
from math import log2, prod

from ..graph.flow import FLOW
from ..graph.graph import Node
from ..graph.shapes import Static

PER_ELEMENT = {
    "Sigmoid": 4, "Softmax": 5, "LogSoftmax": 5, "Elu": 3, "Selu": 4, "Softplus": 3, "Softsign": 3, "Relu6": 2,
    "SquaredDifference": 2, "TanhGrad": 3, "SigmoidGrad": 3, "ClipByValue": 2, "BiasAdd": 1, "BiasAddV1": 1,
    "Cumsum": 1, "Cumprod": 1, "CumulativeLogsumexp": 4, "Cross": 3, "LinSpace": 2, "Betainc": 1, "ResizeBilinear": 6,
    "ResizeBicubic": 35, "CropAndResize": 6, "AdjustContrastv2": 3, "AdjustHue": 6, "AdjustSaturation": 6,
    "RGBToHSV": 6, "HSVToRGB": 6, "RandomUniform": 1, "RandomUniformInt": 1, "RandomStandardNormal": 1,
    "TruncatedNormal": 1, "ParameterizedTruncatedNormal": 1, "RandomGamma": 1, "RandomPoissonV2": 1,
    "StatelessRandomUniform": 1, "StatelessRandomNormal": 1, "StatelessTruncatedNormal": 1,
    "StatelessRandomUniformV2": 1, "StatelessRandomNormalV2": 1, "StatelessTruncatedNormalV2": 1, "Multinomial": 1,
    "Real": 0, "Imag": 0, "Complex": 0, "Cast": 0, "Select": 0, "SelectV2": 0}
"""Of an element of the output. Elementwise ops that are not here count one."""
OF_INPUT = {
    "Sum": 1, "Mean": 1, "Prod": 1, "Max": 1, "Min": 1, "ArgMax": 1, "ArgMin": 1, "All": 1, "Any": 1, "L2Loss": 2,
    "EuclideanNorm": 2, "BiasAddGrad": 1, "SegmentSum": 1, "SegmentMean": 1, "SegmentMax": 1, "SegmentMin": 1,
    "SegmentProd": 1, "UnsortedSegmentSum": 1, "UnsortedSegmentProd": 1, "UnsortedSegmentMax": 1,
    "UnsortedSegmentMin": 1, "SparseSegmentSumGrad": 1, "SparseSegmentMeanGrad": 2, "SparseSegmentSqrtNGrad": 2,
    "SoftmaxCrossEntropyWithLogits": 8, "SparseSoftmaxCrossEntropyWithLogits": 8, "FusedBatchNorm": 8,
    "FusedBatchNormV2": 8, "FusedBatchNormV3": 8, "FusedBatchNormGrad": 11, "FusedBatchNormGradV2": 11,
    "FusedBatchNormGradV3": 11, "Bincount": 1, "DenseBincount": 1, "HistogramFixedWidth": 2, "ResizeArea": 2,
    "ResizeBilinearGrad": 6, "ResizeBicubicGrad": 35, "CropAndResizeGradImage": 6, "CropAndResizeGradBoxes": 6}
"""Of an element of the first input."""
OF_VALUES = {
    "SparseReduceSum": 1, "SparseReduceSumSparse": 1, "SparseReduceMax": 1, "SparseReduceMaxSparse": 1,
    "SparseSoftmax": 5, "SparseAdd": 2, "SparseTensorDenseAdd": 1, "SparseSparseMaximum": 1, "SparseSparseMinimum": 1,
    "SparseDenseCwiseMul": 1, "SparseDenseCwiseDiv": 1, "SparseDenseCwiseAdd": 1}
"""Of a value of the sparse tensor that is the first three inputs."""
UPDATES = {
    "ApplyGradientDescent": 2, "ApplyMomentum": 4, "ApplyAdam": 12, "ApplyAdagrad": 5, "ApplyAdagradV2": 6,
    "ApplyAdagradDA": 8, "ApplyRMSProp": 10, "ApplyCenteredRMSProp": 14, "ApplyAdadelta": 13, "ApplyFtrl": 14,
    "ApplyFtrlV2": 16, "ApplyProximalAdagrad": 9, "ApplyProximalGradientDescent": 6}
"""Of an element of the gradient, sparse ones and those of resource variables too."""
ADDING = re.compile(r"(Resource)?Scatter(Nd)?(NonAliasing)?(Add|Sub|Mul|Div|Max|Min)|TensorScatter(Add|Sub|Max|Min)")
"""Ops that compute with each element of ``updates``."""
POOLS = {"MaxPool": None, "AvgPool": None, "MaxPool3D": None, "AvgPool3D": None, "MaxPoolWithArgmax": None,
         "MaxPoolGrad": 2, "MaxPool3DGrad": 2, "AvgPoolGrad": 1, "AvgPool3DGrad": 1, "MaxPoolGradGrad": None,
         "MaxPool3DGradGrad": None}
"""Ops that go over windows: for each element of this input, None for the output."""
CUBES = {"Cholesky": 1 / 3, "MatrixInverse": 2.0, "MatrixDeterminant": 2 / 3, "LogMatrixDeterminant": 2 / 3,
         "MatrixSolve": 2 / 3, "Lu": 2 / 3, "MatrixTriangularSolve": 0.0, "SelfAdjointEigV2": 9.0, "Eig": 25.0,
         "MatrixExponential": 20.0, "MatrixSquareRoot": 28.0, "MatrixLogarithm": 28.0}
"""Operations of a decomposition of [n, n], times n cubed."""
CALLS = frozenset({"PartitionedCall", "StatefulPartitionedCall", "If", "StatelessIf", "While", "StatelessWhile"})
"""Calls of functions, whose nodes count."""


def size(shape: Static) -> int:
    """The elements of a shape, an unknown size taken as 1."""
    return prod(1 if d is None else d for d in shape or ())


def _dim(shape: Static, index: int) -> int:
    d = shape[index] if shape and -len(shape) <= index < len(shape) else 1
    return 1 if d is None else d


def input_named(node: Node, name: str) -> int:
    """The number of the input of this name; -1 where the op has none."""
    names = [] if node.opdef is None or any(a.is_list for a in node.opdef.inputs) else [
        a.name for a in node.opdef.inputs]
    return names.index(name) if name in names else -1


def flops_of(node: Node, inputs: Sequence[Static], output: Static) -> int:
    """The operations of one node, given the shapes of its inputs and of its first output; an unknown size counts 1."""
    kind = node.type
    if kind in FLOW or not inputs:
        return 0
    out, first = size(output), inputs[0]
    if kind in PER_ELEMENT:
        return out * PER_ELEMENT[kind]
    if kind == "TridiagonalSolve":
        return 3 * size(first) + 5 * out
    if kind in OF_INPUT:
        return size(first) * OF_INPUT[kind]
    if kind in OF_VALUES:
        return size(inputs[1]) * OF_VALUES[kind]
    if kind in CUBES or kind in ("Qr", "Svd", "MatrixSolveLs"):
        return _of_decomposition(node, inputs)
    if "MatMul" in kind or "Conv" in kind or kind == "Einsum" or kind.startswith("Dilation"):
        return _of_product(node, inputs, output)
    if kind in POOLS:
        at = POOLS[kind]
        return size(output if at is None else inputs[at]) * size(tuple(node.attrs["ksize"]))
    update = kind.removeprefix("Resource").removeprefix("Sparse")
    if update in UPDATES:
        return size(inputs[input_named(node, "grad")]) * UPDATES[update]
    if ADDING.fullmatch(kind):
        return size(inputs[2])
    if kind.startswith(("AssignAdd", "AssignSub")):
        return size(inputs[1])
    return _of_others(node, inputs, out)


def _of_others(node: Node, inputs: Sequence[Static], out: int) -> int:
    kind, first = node.type, inputs[0]
    if kind == "AddN":
        return out * (len(node.inputs) - 1)
    if kind.startswith("LRN"):
        window = 2 * int(node.attrs["depth_radius"]) + 1
        return out * (2 * window + 3) * (2 if kind == "LRNGrad" else 1)
    if kind.startswith("SparseSegment"):
        return size(inputs[1]) * size((first or (1,))[1:])
    if "FFT" in kind:
        # of the larger of both sides: one half of a spectrum is that of real numbers
        axes = int(kind[-2]) if kind.endswith("D") else 1
        length = size((first or ())[-axes:])
        return int(5 * max(size(first), out) * log2(max(2, length)))
    return out if node.opdef is not None and node.opdef.elementwise else 0


def _of_product(node: Node, inputs: Sequence[Static], output: Static) -> int:
    """The operations of products of matrices, of convolutions and of what else sums products."""
    kind, out, first = node.type, size(output), inputs[0]
    if kind in ("MatMul", "SparseMatMul"):
        return 2 * out * _dim(first, 0 if node.attrs.get("transpose_a") else 1)
    if kind == "SparseTensorDenseMatMul":
        return 2 * size(inputs[1]) * _dim(output, 1)
    if kind in ("BatchMatMul", "BatchMatMulV2", "BatchMatMulV3"):
        return 2 * out * _dim(first, -2 if node.attrs.get("adj_x") else -1)
    if "Conv" in kind or kind.startswith("Dilation"):
        # the gradients of a convolution take as many as itself: the elements of its output times those of the filter
        # that each is a sum over
        result = inputs[2] if "Backprop" in kind and len(inputs) > 2 else output
        window = output if "Conv" in kind and "BackpropFilter" in kind else inputs[1] if len(inputs) > 1 else ()
        taps = (window or ())[:2] if "Conv" not in kind or "Depthwise" in kind else (window or ())[:-1]
        return 2 * size(result) * size(taps)
    if kind == "Einsum":
        return _of_einsum(str(node.attrs["equation"]), inputs, out)
    return 5 * out if kind == "TridiagonalMatMul" else 2 * out


def _of_decomposition(node: Node, inputs: Sequence[Static]) -> int:
    """The operations of what LAPACK does with many matrices, by the terms of the highest order."""
    kind, shape = node.type, inputs[0]
    many, rows, columns = size((shape or ())[:-2]), _dim(shape, -2), _dim(shape, -1)
    right = _dim(inputs[1], -1) if "Solve" in kind else 0
    if kind in CUBES:
        times = CUBES[kind]
        if not node.attrs.get("compute_v", True):
            times = 4 / 3 if kind == "SelfAdjointEigV2" else 10.0
        solved = columns * columns * right * (2 if kind == "MatrixSolve" else 1)
        return many * (int(times * columns ** 3) + solved)
    small, large = sorted((rows, columns))
    if kind == "Qr":
        return many * int(4 * small ** 2 * (large - small / 3))
    if kind == "Svd":
        vectors = node.attrs.get("compute_uv", True)
        return many * (6 * large * small ** 2 + 20 * small ** 3 if vectors else 2 * large * small ** 2 + 2 * small ** 3)
    return many * int(large * small ** 2 + small ** 3 / 3 + 2 * small * (large + small) * right)


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
