"""Products of matrices, convolutions, pools, norms and pictures."""
from __future__ import annotations

from ..edges import c, edge, k, r, s, z

for kinds in (("int8", "uint8", "int32"), ("bfloat16", "int8", "bfloat16"), ("float32", "float32", "float32"),
              ("float16", "float16", "float16"), ("float32", "float32", "float64"), ("uint8", "uint8", "int64")):
    edge("BatchMatMulV3", k(z(2, 3), kinds[0]), r(z(3, 1), kinds[1]), Tout=kinds[2])
edge("BatchMatMul", k(z(2, 3, 4)), r(z(2, 4, 1)))
edge("BatchMatMul", r(z(2, 3, 4)), s(z(2, 3, 1)), adj_x=True)
edge("BatchMatMul", s(z(2, 3, 4)), k(z(2, 4, 1)), grad=True)
edge("SparseMatMul", r(z(2, 3), "bfloat16"), k(z(3, 2), "bfloat16"), grad=True, a_is_sparse=True)
edge("SparseMatMul", k(z(3, 2)), k(z(4, 3)), grad=True, transpose_a=True, transpose_b=True, b_is_sparse=True)
edge("Lu", s(z(0, 0, 0)), output_idx_type="int64")
for diagonals in (k, r):
    edge("TridiagonalSolve", diagonals([[1.0, 2.0, 0.0], [4.0, 5.0, 6.0], [0.0, 1.0, 2.0]]), k([[1.0], [2.0], [3.0]]),
         grad=True)

SAME = {"padding": "SAME", "strides": [1, 1, 1, 1]}
ODD: list[dict[str, object]] = [
    {"padding": "EXPLICIT"}, {"padding": "EXPLICIT", "explicit_paddings": [0, 0, 1, 1, 0, 0]},
    {"padding": "EXPLICIT", "explicit_paddings": [0, 0, 1, 1, 0, -1, 0, 0]},
    {"padding": "EXPLICIT", "explicit_paddings": [0, 1, 1, 1, 0, 0, 0, 0]},
    {"padding": "EXPLICIT", "explicit_paddings": [0, 0, 1, 1, 0, 0, 0, 1]},
    {"explicit_paddings": [0, 0, 1, 1, 0, 0, 0, 0]}]
for odd in ODD:
    edge("Conv2D", k(z(2, 4, 5, 2)), k(z(2, 2, 2, 3)), **{**SAME, **odd})
    edge("Conv2DBackpropInput", c([2, 4, 5, 2]), k(z(2, 2, 2, 3)), k(z(2, 4, 5, 3)), **{**SAME, **odd})
    edge("Conv2DBackpropFilter", k(z(2, 4, 5, 2)), c([2, 2, 2, 3]), k(z(2, 4, 5, 3)), **{**SAME, **odd})
    edge("DepthwiseConv2dNative", k(z(2, 4, 5, 2)), k(z(2, 2, 2, 1)), **{**SAME, **odd})
    edge("DepthwiseConv2dNativeBackpropInput", c([2, 4, 5, 2]), k(z(2, 2, 2, 1)), k(z(2, 4, 5, 2)), **{**SAME, **odd})
    edge("MaxPool", k(z(2, 4, 5, 2)), ksize=[1, 2, 2, 1], **{**SAME, **odd})
for name in ("strides", "dilations"):
    for odd in ([2, 1, 1, 1], [1, 1, 1, 2]):
        edge("Conv2D", k(z(2, 4, 5, 2)), k(z(2, 2, 2, 3)), **{**SAME, name: odd})
        edge("Conv2DBackpropInput", c([2, 4, 5, 2]), k(z(2, 2, 2, 3)), k(z(2, 4, 5, 3)), **{**SAME, name: odd})
edge("MaxPool", c(z(2, 4, 5, 1)), ksize=[1, 3, 2, 1], strides=[1, 1, 1, 1], padding="EXPLICIT",
     explicit_paddings=[0, 0, 0, 1, 0, 2, 0, 0])
edge("ExtractImagePatches", k(z(1, 5, 5, 1)), ksizes=[1, 2, 2, 1], strides=[1, 2, 0, 1], rates=[1, 1, 1, 1],
     padding="SAME")
edge("FusedBatchNorm", k(z(2, 2, 2, 0)), k(z(0)), k(z(0)), k(z(0)), k(z(0)), epsilon=0.1, data_format="NHWC",
     is_training=True)
edge("FusedBatchNormGrad", s(z(2, 1, 2, 3)), k(z(2, 1, 2, 3)), s(z(3)), k(z(3)), k([1.0, 2.0, 3.0]), epsilon=0.1,
     data_format="NHWC", is_training=False)
edge("FusedBatchNormGrad", k(z(2, 1, 2, 0)), k(z(2, 1, 2, 0)), k(z(0)), k(z(0)), k(z(0)), epsilon=0.1,
     data_format="NHWC", is_training=True)
edge("AvgPool3D", k(z(1, 3, 1, 4, 1)), ksize=[1, 2, 2, 2, 1], strides=[1, 1, 2, 2, 1], padding="VALID")
edge("ResizeBilinear", k(z(0, 3, 4, 2)), k([5, 2]))
edge("ResizeNearestNeighborGrad", k(z(1, 0, 2, 2)), c([3, 1]))
edge("ResizeBicubicGrad", k(z(0, 3, 5, 2)), k(z(0, 3, 4, 2)))
edge("AdjustContrastv2", k(z(0, 1, 4, 1)), c(0.4))
for name in ("AdjustContrastv2", "AdjustHue", "AdjustSaturation"):
    edge(name, k(z(1, 1, 2, 3), "float16"), c(0.4))
for kind in ("float16", "bfloat16"):
    edge("RGBToHSV", k([[0.5, 0.25, 1.0], [0.0, 0.0, 0.0], [0.75, 0.75, 0.25]], kind))
    edge("HSVToRGB", k([[0.5, 0.25, 1.0], [0.0, 0.0, 0.0], [0.75, 0.75, 0.25]], kind))
edge("BatchToSpace", r(z(4, 2, 2, 1)), s([[1, 0], [0, 1]]), grad=True, block_size=2)
edge("SpaceToBatch", k(z(1, 3, 3, 1)), c([[1, 0], [0, 1]]), grad=True, block_size=2)
edge("MatrixTriangularSolve", s([[[2.0, 1.0], [3.0, 4.0]]]), k(z(1, 2, 1)), grad=True)
edge("MatrixTriangularSolve", k([[[2.0, 1.0], [3.0, 4.0]]]), k(z(1, 2, 1)), grad=True, lower=False)
edge("MatrixDiagPart", k(z(3, 2, 2)), grad=True)
edge("MatrixDiagPart", k(z(3, 2, 0)), grad=True)
edge("MatrixDiagPart", s(z(3, 2, 2)), grad=True)
edge("MatrixSetDiag", r(z(2, 3, 4)), k(z(2, 3)), grad=True)
edge("MatrixSetDiag", s(z(2, 3, 4)), r(z(2, 3)), grad=True)
edge("MatrixSetDiag", k(z(2, 3, 4)), r(z(2, 3)), grad=True)
edge("DepthwiseConv2dNative", k(z(2, 4, 5, 2)), k(z(2, 2, 2, 1)), padding="SAME", strides=[1, 2, 1, 1])
edge("MatrixDiagPartV3", k(z(3, 4)), c([1, -1]), k(0.0))
edge("MatrixDiagV3", s(z(3, 3)), c([1, -1]), c(3), c(-2), k(0.0))
edge("MatrixSetDiagV3", r(z(3, 3)), k(z(3, 3)), c([-1, 1, -1]))
for real, whole in (("float32", "complex64"), ("float32", "complex128"), ("float64", "complex64")):
    edge("RFFT", k(z(4), real), c([4]), Tcomplex=whole)
    edge("IRFFT", k(z(3), whole), c([4]), Treal=real)
    edge("Eig", k([[1.0]], real), Tout=whole)
for l2 in (-1.0, float("nan"), 0.0):
    edge("MatrixSolveLs", k(z(2, 2)), k(z(2, 1)), c(l2, "float64"), fast=False)
