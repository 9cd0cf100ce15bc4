"""Convolutions, pooling, and moving between space, depth and batch."""
from __future__ import annotations

from ..cases import a, f, i, q, row

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
    # the gradient of float64 images comes to TensorFlow in float32
    kinds = "float32" if flags else "float32 float16 bfloat16 int8 int16 int32 int64 uint8 uint16"
    row("ResizeBilinear", f(1, 3, 4, 2), i(5, 2), kinds=kinds, **flags)
    row("ResizeBilinearGrad", f(1, 5, 2, 2), f(1, 3, 4, 2), **flags)
    row("ResizeNearestNeighbor", f(1, 3, 4, 2), i(5, 2), kinds=KINDS, **flags)
    row("ResizeNearestNeighborGrad", f(1, 5, 2, 2), i(3, 4), kinds=KINDS, **flags)

row("RGBToHSV", q(2, 3, 4, 3), kinds=KINDS)
row("HSVToRGB", q(2, 3, 4, 3), kinds=KINDS)
row("AdjustHue", q(2, 3, 3), a(0.3, "float32"), kinds="float32")
row("AdjustHue", q(1, 2, 2, 3), a(-0.8, "float32"), kinds="float32")
row("AdjustSaturation", q(2, 3, 3), a(1.4, "float32"), kinds="float32")
row("AdjustContrastv2", q(2, 3, 4, 3), a(0.4, "float32"), kinds="float32 float16")
row("ResizeBicubic", f(1, 3, 4, 2), i(5, 2), kinds="float32 uint8 int32")
row("ResizeBicubic", f(1, 3, 4, 2), i(6, 6), half_pixel_centers=True, kinds="float32")
row("ResizeBicubic", f(1, 3, 4, 1), i(5, 7), align_corners=True, kinds="float32")
row("ResizeBicubicGrad", f(1, 2, 5, 1, kind="float32"), f(1, 3, 4, 1), kinds="float32")
for name in ("ResizeBilinear", "ResizeBicubic"):
    row(name, f(1, 3, 4, 2), i(5, 2), kinds="float64", grad=False)
row("ResizeArea", f(1, 4, 5, 2), i(3, 2), kinds="float32 float64 uint8 int32")
row("ResizeArea", f(1, 3, 4, 1), i(5, 9), align_corners=True)
BOXES = a([[0.0, 0.0, 1.0, 1.0], [0.2, 0.6, 0.7, 0.1], [-0.5, 0.1, 0.4, 1.3]], "float32")
row("CropAndResize", f(2, 5, 4, 2), BOXES, i(0, 1, 0), i(3, 4), kinds="float32 uint8 int32")
row("CropAndResize", f(2, 5, 4, 2), BOXES, i(0, 1, 0), i(1, 2), method="nearest", extrapolation_value=-1.0,
    kinds="float32")
row("CropAndResizeGradImage", f(3, 3, 4, 2, kind="float32"), BOXES, i(0, 1, 0), i(2, 5, 4, 2), T="float32",
    grad=False)
row("CropAndResizeGradBoxes", f(3, 3, 4, 2, kind="float32"), f(2, 5, 4, 2), BOXES, i(0, 1, 0), kinds="float32",
    grad=False)
POINTS = a([[0.0, 0.0], [0.4, -0.9], [-1.3, 0.2]], "float32")
SEEN = f(3, 5, 4, 2, kind="float32")
row("ExtractGlimpse", SEEN, i(3, 2), POINTS, noise="zero", uniform_noise=False, kinds="float32")
row("ExtractGlimpse", SEEN, i(2, 6), POINTS, noise="zero", uniform_noise=False, centered=False, kinds="float32")
row("ExtractGlimpse", SEEN, i(4, 3), POINTS * 5, noise="zero", uniform_noise=False, normalized=False, kinds="float32")
row("ExtractGlimpse", SEEN, i(3, 2), POINTS + 2, noise="zero", uniform_noise=False, centered=False, normalized=False,
    kinds="float32")
PILE = a([[0.0, 0.0, 1.0, 1.0], [0.0, 0.1, 1.0, 1.1], [0.0, -0.1, 1.0, 0.9], [0.0, 10.0, 1.0, 11.0],
          [0.0, 10.1, 1.0, 11.1]], "float32")
SCORES = a([0.9, 0.75, 0.6, 0.95, 0.5], "float32")
row("NonMaxSuppression", PILE, SCORES, a(3), iou_threshold=0.5)
row("NonMaxSuppressionV2", PILE, SCORES, a(4), a(0.9, "float32"))
row("NonMaxSuppressionV3", PILE, SCORES, a(4), a(0.5, "float32"), a(0.55, "float32"))
