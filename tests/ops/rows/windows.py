"""Windows over images and volumes that come as inputs or by chance; images looked up at other places."""
from __future__ import annotations

import numpy as np

from ..cases import a, f, program, q, row, u, v

WINDOW, STEP = a([1, 2, 3, 1]), a([1, 2, 1, 1])
row("MaxPoolV2", f(2, 5, 6, 3), WINDOW, STEP, kinds="float32 float64 int32 float16", padding="SAME")
row("MaxPoolV2", f(2, 5, 6, 3), WINDOW, STEP, kinds="float64", padding="VALID")
row("MaxPoolV2", f(1, 3, 4, 6), a([1, 1, 1, 2]), a([1, 1, 1, 2]), padding="VALID", grad=False)
program("MaxPoolGradV2 MaxPoolGradGradV2", """
x, g = X(np.sin(np.arange(180.) * 7).reshape(2, 5, 6, 3)), X(np.cos(np.arange(108.) * 5).reshape(2, 3, 6, 3))
form = dict(padding="SAME", data_format="NHWC")
pooled = raw("MaxPoolV2", x, [1, 2, 3, 1], [1, 2, 1, 1], **form)
y = [raw("MaxPoolGradV2", x, pooled, g, [1, 2, 3, 1], [1, 2, 1, 1], **form),
     raw("MaxPoolGradGradV2", x, pooled, x, [1, 2, 3, 1], [1, 2, 1, 1], **form)]
""", grad=False)
VOLUME = f(2, 4, 5, 3, 2)
row("ExtractVolumePatches", VOLUME, kinds="float32 float64 int32 uint8", ksizes=[1, 2, 3, 2, 1],
    strides=[1, 1, 2, 1, 1], padding="VALID")
row("ExtractVolumePatches", VOLUME, kinds="float64", ksizes=[1, 3, 2, 2, 1], strides=[1, 2, 1, 2, 1], padding="SAME")
AROUND = a([[0, 0], [1, 2], [2, 0], [0, 0]])
row("FusedPadConv2D", f(1, 4, 5, 3), AROUND, u(2, 3, 3, 4), kinds="float32 float64 float16", mode="REFLECT",
    strides=[1, 1, 1, 1], padding="VALID")
row("FusedPadConv2D", f(1, 4, 5, 2), a(np.zeros((4, 2))), u(3, 2, 2, 3), mode="SYMMETRIC", strides=[1, 2, 2, 1],
    padding="SAME")
row("FusedResizeAndPadConv2D", f(1, 4, 5, 3), a([6, 7]), AROUND, u(2, 3, 3, 4),
    kinds="float32 float64 float16", mode="SYMMETRIC", strides=[1, 2, 1, 1], padding="VALID")
row("FusedResizeAndPadConv2D", f(1, 6, 5, 2), a([4, 3]), a([[0, 0], [1, 0], [0, 1], [0, 0]]), u(2, 2, 2, 3),
    mode="REFLECT", strides=[1, 1, 1, 1], padding="SAME", resize_align_corners=True)
SCALES, MOVES = a([0.6, 1.3], "float32"), a([0.4, -0.7], "float32")
for kernel in ("lanczos3", "lanczos1", "lanczos5", "gaussian", "box", "triangle", "keyscubic", "mitchellcubic"):
    row("ScaleAndTranslate", f(2, 7, 5, 2), a([4, 6]), SCALES, MOVES, kernel_type=kernel)
row("ScaleAndTranslate", f(1, 6, 5, 1), a([9, 3]), a([1.5, 0.4], "float32"), a([-3.0, 0.5], "float32"),
    kinds="float32 float64 float16 bfloat16 int32 uint8", antialias=False, kernel_type="triangle")
row("ScaleAndTranslateGrad", f(2, 4, 6, 2, kind="float32"), f(2, 7, 5, 2, kind="float32"), SCALES, MOVES, grad=False)
RATIOS = {"pooling_ratio": [1.0, 1.6, 1.4, 1.0], "deterministic": True, "seed": 7, "seed2": 11}
for op in ("FractionalMaxPool", "FractionalAvgPool"):
    row(op, f(2, 8, 7, 3), kinds="float32 float64 int32 int64", outs=(0,), **RATIOS)
    row(op, f(1, 11, 9, 2), kinds="float64", outs=(0,), pseudo_random=True, overlapping=True, **RATIOS)
    row(op, f(2, 6, 8, 1), kinds="float64", outs=(0,), overlapping=True, pooling_ratio=[1.0, 2.0, 2.0, 1.0])
ROWS, COLUMNS = a([0, 2, 3, 5], "int64"), a([0, 1, 3, 4], "int64")
row("FractionalMaxPoolGrad", f(2, 5, 4, 2), f(2, 3, 3, 2), f(2, 3, 3, 2), ROWS, COLUMNS, grad=False, same=False)
row("FractionalAvgPoolGrad", a([2, 5, 4, 2], "int64"), f(2, 3, 3, 2), ROWS, COLUMNS,
    kinds="float32 float64 int32", grad=False)
row("FractionalAvgPoolGrad", a([2, 5, 4, 2], "int64"), f(2, 3, 3, 2), ROWS, COLUMNS, grad=False, overlapping=True)
row("CompareAndBitpack", f(3, 16), v(0.1), kinds="float32 float64 float16 int32 int8 int64")
row("CompareAndBitpack", a([[True, False, True, True, False, False, False, True]], "bool"), a(False, "bool"))
TURNS = a([[0.9, -0.4, 1.1, 0.3, 1.1, -0.6, 0.02, -0.01], [1, 0, 0.5, 0, 1, -1.25, 0, 0]], "float32")
for way in ("NEAREST", "BILINEAR"):
    row("ImageProjectiveTransform", f(2, 5, 4, 2), TURNS, kinds="float32 float64 float16 int32 uint8",
        interpolation=way, grad=False)
    row("ImageProjectiveTransformV2", f(2, 5, 4, 2), TURNS, a([3, 6]), kinds="float32 int64", interpolation=way,
        grad=False)
row("ImageProjectiveTransformV2", f(2, 4, 4, 1), TURNS[1:], a([4, 4]), interpolation="NEAREST", grad=False)
PLACES = v([[[0.3, 0.6], [2.2, 1.1]], [[-0.4, 2.7], [3.6, -0.2]], [[1.5, 3.4], [-1.5, 1.0]]])
row("Resampler", f(3, 4, 5, 2), PLACES, kinds="float32 float64 float16")
row("ResamplerGrad", f(3, 4, 5, 2), PLACES, f(3, 2, 2), kinds="float32 float64", grad=False)
row("BipartiteMatch", a([[0.5, 0.2, 0.3], [0.1, 0.9, 0.3], [0.4, 0.1, 0.8], [0.1, 0.1, 0.1]], "float32"),
    a([3.0], "float32"), top_k=-1)
row("BipartiteMatch", a([[0.5, 0.2, 0.3], [0.1, 0.9, 0.3]], "float32"), a(-1.0, "float32"), top_k=1)
row("ImageConnectedComponents", a([[[1, 1, 0, 1], [0, 1, 0, 1], [2, 2, 1, 1]], [[0, 0, 0, 0], [3, 0, 3, 3],
                                                                             [3, 3, 3, 0]]]), same=False)
row("ImageConnectedComponents", a([[[b"a", b""], [b"a", b"b"]]], "string"), same=False)
row("AdjustHsvInYiq", q(2, 3, 4, 3), a(0.7, "float32"), a(1.3, "float32"), a(0.8, "float32"), grad=False)
row("PeriodicResample", f(2, 3, 8), kinds="float32 float64 int32", shape=[4, 6, None])
row("PeriodicResample", f(4, 3, 4), shape=[None, 6, 4])
row("PeriodicResampleOpGrad", f(4, 6, 2), kinds="float32 float64 int32", original_shape=[2, 3, 8],
    desired_shape=[4, 6, None], grad=False)
