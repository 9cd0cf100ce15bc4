"""Convolutions, pooling, and moving between space, depth and batch."""
from __future__ import annotations

from ..cases import a, f, i, row

ONE = [1, 1, 1, 1]
TWO = [1, 2, 2, 1]
KINDS = "float32 float64"

row("Conv2D", f(2, 5, 4, 2), f(3, 2, 2, 3), strides=ONE, padding="SAME")
row("Conv2D", f(1, 5, 6, 2), f(3, 2, 2, 3), strides=[1, 2, 3, 1], padding="VALID")
row("Conv2D", f(1, 5, 5, 1), f(2, 2, 1, 2), strides=ONE, padding="SAME", dilations=TWO)
row("Conv2D", f(1, 4, 4, 1), f(3, 3, 1, 2), strides=TWO, padding="EXPLICIT", explicit_paddings=[0, 0, 1, 2, 0, 1, 0, 0])
row("Conv2D", f(0, 4, 4, 1), f(3, 3, 1, 2), strides=ONE, padding="SAME")
row("Conv2DBackpropInput", i(1, 5, 4, 2), f(3, 2, 2, 3), f(1, 5, 4, 3), strides=ONE, padding="SAME")
row("Conv2DBackpropInput", i(1, 5, 6, 1), f(3, 2, 1, 2), f(1, 2, 2, 2), strides=[1, 2, 3, 1], padding="VALID")
row("Conv2DBackpropFilter", f(1, 5, 4, 2), i(3, 2, 2, 3), f(1, 5, 4, 3), strides=ONE, padding="SAME")
row("Conv2DBackpropFilter", f(1, 5, 6, 1), i(3, 2, 1, 2), f(1, 2, 2, 2), strides=[1, 2, 3, 1], padding="VALID")
row("Conv3D", f(1, 3, 4, 3, 2), f(2, 2, 2, 2, 2), strides=[1, 1, 1, 1, 1], padding="SAME")
row("Conv3D", f(1, 3, 4, 3, 1), f(2, 2, 2, 1, 2), strides=[1, 1, 2, 1, 1], padding="VALID")
row("Conv3DBackpropInputV2", i(1, 3, 4, 3, 1), f(2, 2, 2, 1, 2), f(1, 2, 2, 2, 2), strides=[1, 1, 2, 1, 1],
    padding="VALID")
row("Conv3DBackpropFilterV2", f(1, 3, 4, 3, 1), i(2, 2, 2, 1, 2), f(1, 2, 2, 2, 2), strides=[1, 1, 2, 1, 1],
    padding="VALID")
row("DepthwiseConv2dNative", f(1, 4, 5, 2), f(3, 2, 2, 2), strides=ONE, padding="SAME")
row("DepthwiseConv2dNative", f(2, 4, 5, 2), f(2, 2, 2, 1), strides=TWO, padding="VALID")
row("DepthwiseConv2dNativeBackpropInput", i(1, 4, 5, 2), f(3, 2, 2, 2), f(1, 4, 5, 4), strides=ONE, padding="SAME")
row("DepthwiseConv2dNativeBackpropFilter", f(1, 4, 5, 2), i(3, 2, 2, 2), f(1, 4, 5, 4), strides=ONE, padding="SAME")
row("Dilation2D", f(1, 4, 5, 2), f(2, 3, 2), strides=ONE, rates=ONE, padding="SAME", kinds=KINDS)
row("Dilation2D", f(1, 5, 5, 1), f(2, 2, 1), strides=TWO, rates=TWO, padding="VALID", kinds="int32 float64 float16")
row("Dilation2DBackpropInput", f(1, 4, 5, 1), f(2, 2, 1), f(1, 4, 5, 1), strides=ONE, rates=ONE, padding="SAME",
    kinds=KINDS)
row("Dilation2DBackpropFilter", f(1, 4, 5, 1), f(2, 2, 1), f(1, 4, 5, 1), strides=ONE, rates=ONE, padding="SAME",
    kinds=KINDS)
for name in ("AvgPool", "MaxPool"):
    row(name, f(1, 4, 5, 2), ksize=[1, 2, 3, 1], strides=TWO, padding="SAME")
    row(name, f(2, 4, 5, 1), ksize=[1, 3, 2, 1], strides=ONE, padding="VALID")
row("AvgPoolGrad", i(1, 4, 5, 2), f(1, 2, 3, 2), ksize=[1, 2, 3, 1], strides=TWO, padding="SAME")
row("AvgPool3D", f(1, 3, 4, 4, 1), ksize=[1, 2, 2, 2, 1], strides=[1, 1, 2, 2, 1], padding="SAME")
row("AvgPool3DGrad", i(1, 3, 4, 4, 1), f(1, 3, 2, 2, 1), ksize=[1, 2, 2, 2, 1], strides=[1, 1, 2, 2, 1],
    padding="SAME")
row("MaxPool3D", f(1, 3, 4, 4, 1), ksize=[1, 2, 2, 2, 1], strides=[1, 1, 2, 2, 1], padding="SAME")
row("MaxPoolWithArgmax", f(1, 4, 4, 2), ksize=TWO, strides=TWO, padding="VALID")
row("MaxPoolWithArgmax", f(2, 3, 4, 1), ksize=TWO, strides=ONE, padding="SAME", include_batch_in_index=True)
row("MaxPoolGradWithArgmax", f(1, 4, 4, 1), f(1, 2, 2, 1), a([[[[0], [7]], [[8], [15]]]], "int64"), ksize=TWO,
    strides=TWO, padding="VALID", kinds=KINDS)
row("ExtractImagePatches", f(1, 4, 5, 2), ksizes=[1, 2, 3, 1], strides=ONE, rates=ONE, padding="VALID")
row("ExtractImagePatches", f(1, 5, 5, 1), ksizes=[1, 2, 2, 1], strides=TWO, rates=[1, 2, 1, 1], padding="SAME")
row("DepthToSpace", f(1, 2, 3, 4), block_size=2)
row("SpaceToDepth", f(1, 4, 2, 3), block_size=2)
row("SpaceToBatch", f(1, 3, 4, 1), a([[1, 0], [0, 0]]), block_size=2)
row("BatchToSpace", f(4, 2, 2, 1), a([[1, 0], [0, 1]]), block_size=2)
row("SpaceToBatchND", f(1, 3, 4, 1), i(2, 2), a([[1, 0], [0, 0]]))
row("BatchToSpaceND", f(4, 2, 2, 1), i(2, 2), a([[1, 0], [0, 1]]))
for flags in ({}, {"align_corners": True}, {"half_pixel_centers": True}):
    row("ResizeBilinear", f(1, 3, 4, 2), i(5, 2), **flags)
    row("ResizeBilinearGrad", f(1, 5, 2, 2), f(1, 3, 4, 2), **flags)
    row("ResizeNearestNeighbor", f(1, 3, 4, 2), i(5, 2), kinds=KINDS, **flags)
    row("ResizeNearestNeighborGrad", f(1, 5, 2, 2), i(3, 4), kinds=KINDS, **flags)
