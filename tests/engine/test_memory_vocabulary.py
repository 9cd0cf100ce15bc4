"""What an op of large operands takes beyond them and its results is at most a tenth, and what the plan says."""
from __future__ import annotations

import base64
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.graph.lapack import lapack
from graphcli.wire.encode import blob, joined
from graphcli.wire.summaries import tensor_proto

from .held import shrinking_counts_twice, taken

ROWS: dict[str, tuple[str, tuple[Any, ...], dict[str, Any], Any, float]] = {}


class Var:
    """An input that is a variable of four bytes an element. kind: "ref" or "resource"."""

    def __init__(self, kind: str, *shape: int, dtype: str = "float32") -> None:
        self.kind = kind
        self.shape = shape
        self.dtype = dtype


class Made:
    """An input that the step makes, and nobody else needs: the square of a matrix."""

    def __init__(self, matrix: Callable[[], Any]) -> None:
        self.matrix = matrix


def f(*shape: int) -> Callable[[], Any]:
    """Positive numbers, fed."""
    return lambda: np.resize(np.random.default_rng(0).random(1 << 20, np.float32) + np.float32(0.1), shape)


def whole(below: int, *shape: int, kind: str = "int32") -> Callable[[], Any]:
    return lambda: np.random.default_rng(1).integers(0, below, shape).astype(kind)


def cx(*shape: int) -> Callable[[], Any]:
    return lambda: f(*shape)().astype(np.complex64)


def dominant(*shape: int) -> Callable[[], Any]:
    """Three diagonals, the middle one the greatest."""
    return lambda: f(*shape)() + np.array([[0], [4], [0]], np.float32)


def half(*shape: int, kind: Any = tf.float16) -> Callable[[], Any]:
    return lambda: f(*shape)().astype(kind.as_numpy_dtype)


def quanta(*shape: int, kind: Any = tf.quint8) -> Callable[[], Any]:
    """Whole numbers of a quantized net."""
    def made() -> Any:
        return np.random.default_rng(1).integers(0, 100, shape).astype(kind.as_numpy_dtype)

    made.kind = kind  # type: ignore[attr-defined]
    return made


def const(value: Any, kind: str = "int32") -> Any:
    return np.array(value, kind)


def whole_rank(size: int) -> Callable[[], Any]:
    """A matrix that has an inverse, and every factoring."""
    return lambda: f(size, size)() / np.float32(size) + np.eye(size, dtype=np.float32)


def row(kind: str, *inputs: Any, tag: str = "", outs: Any = None, beyond: float = 0.1, **attrs: Any) -> None:
    ROWS[f"{kind} {tag}".strip()] = kind, inputs, attrs, outs, beyond


IMAGES = (40, 128, 128, 16)
HALVES = (40, 64, 64, 16)
POOL = {"ksize": [1, 3, 3, 1], "strides": [1, 2, 2, 1], "padding": "SAME"}
ONE = {"strides": [1, 1, 1, 1], "padding": "SAME"}
row("MaxPool", f(*IMAGES), **POOL)
row("MaxPool", f(10, 64, 128, 128), tag="channels first", ksize=[1, 1, 3, 3], strides=[1, 1, 2, 2], padding="VALID",
    data_format="NCHW")
row("MaxPoolGrad", f(*IMAGES), f(*HALVES), f(*HALVES), **POOL)
row("MaxPoolGradGrad", f(*IMAGES), f(*HALVES), f(*IMAGES), **POOL)
row("MaxPoolWithArgmax", f(*IMAGES), **POOL)
row("AvgPool", f(*IMAGES), **POOL)
row("AvgPoolGrad", const(IMAGES), f(*HALVES), **POOL)
VOLUMES = {"ksize": [1, 3, 3, 3, 1], "strides": [1, 2, 2, 2, 1], "padding": "SAME"}
row("MaxPool3D", f(40, 16, 32, 32, 16), **VOLUMES)
row("MaxPool3DGrad", f(40, 16, 32, 32, 16), f(40, 8, 16, 16, 16), f(40, 8, 16, 16, 16), **VOLUMES)
row("AvgPool3DGrad", const((40, 16, 32, 32, 16)), f(40, 8, 16, 16, 16), **VOLUMES)
row("DepthwiseConv2dNative", f(*IMAGES), f(3, 3, 16, 1), **ONE)
row("DepthwiseConv2dNative", f(*IMAGES), f(3, 3, 16, 2), tag="multiplied", strides=[1, 2, 2, 1], padding="SAME")
row("DepthwiseConv2dNativeBackpropInput", const(IMAGES), f(3, 3, 16, 1), f(*IMAGES), **ONE)
row("DepthwiseConv2dNativeBackpropFilter", f(*IMAGES), const((3, 3, 16, 1)), f(*IMAGES), **ONE)
row("DepthwiseConv2dNativeBackpropFilter", half(*IMAGES, kind=tf.bfloat16), const((3, 3, 16, 1)),
    half(*IMAGES, kind=tf.bfloat16), tag="of halves", **ONE)
row("Conv2D", f(*IMAGES), f(3, 3, 16, 16), **ONE)
row("Conv2D", f(40, 16, 128, 128), f(3, 3, 16, 16), tag="channels first", data_format="NCHW", **ONE)
row("Conv2DBackpropInput", const(IMAGES), f(3, 3, 16, 32), f(40, 64, 64, 32), tag="transposed",
    strides=[1, 2, 2, 1], padding="SAME")
row("Conv2DBackpropFilter", f(*IMAGES), const((3, 3, 16, 16)), f(*IMAGES), **ONE)
row("Conv2DBackpropFilter", f(16, 56, 56, 256), const((1, 1, 256, 512)), f(16, 56, 56, 512), tag="one tap", **ONE)
row("Conv2D", f(*IMAGES), f(3, 3, 4, 16), tag="in groups", **ONE)
row("Conv2D", f(*IMAGES), f(1, 1, 4, 16), tag="in groups, one tap", **ONE)
row("Conv2DBackpropInput", const(IMAGES), f(3, 3, 4, 16), f(*IMAGES), tag="in groups", **ONE)
row("Conv2DBackpropInput", const(IMAGES), f(3, 3, 4, 16), f(*HALVES), tag="in groups, strided", strides=[1, 2, 2, 1],
    padding="SAME")
row("Conv2DBackpropFilter", f(*IMAGES), const((3, 3, 4, 16)), f(*IMAGES), tag="in groups", **ONE)
row("Conv2D", f(16, 64, 64, 64), f(3, 3, 64, 64), tag="17 MB", **ONE)
row("Conv2DBackpropFilter", f(16, 64, 64, 64), const((3, 3, 64, 64)), f(16, 64, 64, 64), tag="34 MB",
    beyond=0.13, **ONE)
row("Conv2DBackpropInput", const((16, 64, 64, 64)), f(3, 3, 64, 64), f(16, 32, 32, 64), tag="17 MB",
    strides=[1, 2, 2, 1], padding="SAME")
row("Conv2DBackpropInput", const((1, 1000, 1000, 10)), f(3, 3, 10, 20), f(1, 500, 500, 20), tag="of one image",
    strides=[1, 2, 2, 1], padding="SAME")
for tag, images, taps, more, strides in (
        ("13 MB", (16, 7, 7, 512), 3, 512, ONE), ("9 MB", (16, 12, 12, 256), 5, 256, {**ONE, "padding": "VALID"}),
        ("10 MB, strided", (16, 28, 28, 128), 3, 256, {**ONE, "strides": [1, 2, 2, 1]}),
        ("12 MB, one tap", (16, 14, 14, 512), 1, 1024, {**ONE, "strides": [1, 2, 2, 1]})):
    size = images[1] // strides["strides"][1] - (taps - 1) * (strides["padding"] == "VALID")
    filters, made = (taps, taps, images[3], more), (images[0], size, size, more)
    row("Conv2D", f(*images), f(*filters), tag=tag, **strides)
    row("Conv2DBackpropInput", const(images), f(*filters), f(*made), tag=tag, **strides)
    row("Conv2DBackpropFilter", f(*images), const(filters), f(*made), tag=tag, beyond=0.11, **strides)
row("Conv2DBackpropFilter", f(16, 28, 28, 128), const((3, 3, 128, 128)), f(16, 28, 28, 128), tag="13 MB, halves",
    beyond=0.19, dilations=[1, 2, 2, 1], **ONE)
DEEP, ONE3 = (10, 16, 48, 48, 32), {"strides": [1, 1, 1, 1, 1], "padding": "SAME"}
TWO3 = {"strides": [1, 2, 2, 2, 1], "padding": "SAME"}
row("Conv3D", f(*DEEP), f(3, 3, 3, 32, 32), **ONE3)
row("Conv3D", f(*DEEP), f(3, 3, 3, 32, 32), tag="strided", **TWO3)
row("Conv3DBackpropInputV2", const(DEEP), f(3, 3, 3, 32, 32), f(*DEEP), **ONE3)
row("Conv3DBackpropInputV2", const(DEEP), f(3, 3, 3, 32, 32), f(10, 8, 24, 24, 32), tag="strided", **TWO3)
row("Conv3DBackpropInputV2", const((1, 64, 96, 96, 16)), f(3, 3, 3, 16, 16), f(1, 32, 48, 48, 16), tag="of one", **TWO3)
row("Conv3DBackpropFilterV2", f(*DEEP), const((3, 3, 3, 32, 32)), f(10, 8, 24, 24, 32), tag="strided", **TWO3)
row("Conv3DBackpropFilterV2", f(*DEEP), const((3, 3, 3, 32, 32)), f(*DEEP), **ONE3)
LARGE = (1, 1000, 1000, 10)
row("MaxPool", f(*LARGE), tag="of one image", **POOL)
row("AvgPool", f(*LARGE), tag="of one image", **POOL)
row("DepthwiseConv2dNative", f(*LARGE), f(3, 3, 10, 1), tag="of one image", **ONE)
row("Conv2D", f(*LARGE), f(3, 3, 10, 10), tag="of one image", **ONE)
row("LRN", f(*LARGE), tag="of one image")
row("AvgPoolGrad", const(LARGE), f(1, 500, 500, 10), tag="of one image", **POOL)
row("MaxPoolGrad", f(*LARGE), f(1, 500, 500, 10), f(1, 500, 500, 10), tag="of one image", **POOL)
row("MaxPoolWithArgmax", f(*LARGE), tag="of one image", **POOL)
row("MaxPool3D", f(1, 64, 96, 96, 16), tag="of one volume", **VOLUMES)
row("MaxPool3DGrad", f(1, 64, 96, 96, 16), f(1, 32, 48, 48, 16), f(1, 32, 48, 48, 16), tag="of one volume", **VOLUMES)
row("AvgPool3D", f(16, 16, 32, 32, 16), tag="17 MB", **VOLUMES)
row("AvgPool3DGrad", const((16, 16, 32, 32, 16)), f(16, 8, 16, 16, 16), tag="17 MB", **VOLUMES)
row("AvgPool3DGrad", const((1, 64, 96, 96, 16)), f(1, 32, 48, 48, 16), tag="of one volume", **VOLUMES)
row("ExtractImagePatches", f(1, 1000, 1000, 4), ksizes=[1, 3, 3, 1], rates=[1, 1, 1, 1], strides=[1, 2, 2, 1],
    padding="SAME", tag="of one image")
row("Dilation2D", f(*IMAGES), f(3, 3, 16), rates=[1, 1, 1, 1], **ONE)
row("Dilation2DBackpropFilter", f(*IMAGES), f(3, 3, 16), f(*IMAGES), rates=[1, 1, 1, 1], **ONE)
row("Dilation2D", f(*LARGE), f(3, 3, 10), rates=[1, 1, 1, 1], tag="of one image", **ONE)
for op in ("Filter", "Input"):
    row(f"Dilation2DBackprop{op}", f(*LARGE), f(3, 3, 10), f(*LARGE), rates=[1, 1, 1, 1], tag="of one image", **ONE)
row("MirrorPadGrad", f(40, 130, 130, 16), const([[0, 0], [1, 1], [1, 1], [0, 0]]), mode="REFLECT")
row("MirrorPadGrad", f(3000, 3002), const([[1, 1], [1, 1]]), mode="REFLECT", tag="of one matrix")
row("MirrorPadGrad", f(3000, 3000), const([[100, 900], [1100, 200]]), mode="SYMMETRIC", tag="of wide borders")
row("MirrorPadGrad", f(1, 1002, 1002, 10), const([[0, 0], [1, 1], [1, 1], [0, 0]]), mode="REFLECT", tag="of one image")
row("ResizeBilinear", f(40, 96, 96, 16), const([144, 144]))
row("ResizeBilinearGrad", f(40, 96, 96, 16), f(40, 64, 64, 16))
row("ResizeNearestNeighbor", f(40, 96, 96, 16), const([144, 144]))
row("ResizeBicubic", f(40, 64, 64, 16), const([96, 96]))
row("ResizeArea", f(40, 64, 64, 16), const([96, 96]))
for op in ("ResizeBilinear", "ResizeBicubic", "ResizeArea", "ResizeNearestNeighbor"):
    row(op, f(1, 1000, 1000, 4), const([1500, 1500]), tag="of one image")
row("ResizeBilinearGrad", f(1, 1500, 1500, 4), f(1, 1000, 1000, 4), tag="of one image")
row("ResizeNearestNeighborGrad", f(40, 144, 144, 16), const([96, 96]))
row("LRN", f(*IMAGES))
row("LRNGrad", f(*IMAGES), f(*IMAGES), f(*IMAGES))
NONE = const([], "float32")
for kind in (tf.float32, tf.float16, tf.bfloat16):
    for order, images in (("NHWC", IMAGES), ("NCHW", (40, 16, 128, 128)), ("NCHW", (1, 16, 1000, 1000))):
        large, tag = half(*images, kind=kind), f"{kind.name} {order} of {images[0]}"
        row("FusedBatchNormV3", large, f(16), f(16), NONE, NONE, outs=[0], tag=tag, data_format=order)
        row("FusedBatchNormV3", large, *[f(16)] * 4, outs=[0], tag=f"{tag}, by averages", data_format=order,
            is_training=False)
        row("FusedBatchNormGradV3", large, large, *[f(16)] * 4, outs=[0, 1, 2], tag=tag, data_format=order)
for op in ("AdjustHue", "AdjustSaturation", "AdjustContrastv2"):
    row(op, f(40, 256, 256, 3), const(0.4, "float32"))
row("AdjustContrastv2", f(2000, 2000, 3), const(0.4, "float32"), tag="of one image")
row("RGBToHSV", f(40, 256, 256, 3))
row("HSVToRGB", f(40, 256, 256, 3))
row("CropAndResize", f(10, 128, 128, 16), f(100, 4), whole(10, 100), const([64, 64]))
row("CropAndResizeGradImage", f(100, 64, 64, 16), f(100, 4), whole(10, 100), const([10, 128, 128, 16]), T=tf.float32)
row("CropAndResizeGradImage", f(100, 64, 64, 10), f(100, 4), whole(1, 100), const([1, 1000, 1000, 10]), T=tf.float32,
    tag="of one image")
row("CropAndResize", f(1, 1000, 1000, 4), f(4, 4), whole(1, 4), const([640, 640]), tag="of one image")
row("CropAndResizeGradBoxes", f(100, 64, 64, 16), f(10, 128, 128, 16), f(100, 4), whole(10, 100))
row("CropAndResizeGradBoxes", f(4, 640, 640, 4), f(1, 1000, 1000, 4), f(4, 4), whole(1, 4), tag="of one image")
row("NonMaxSuppression", f(2_000_000, 4), f(2_000_000), const(100))
row("NonMaxSuppressionV3", f(2_000_000, 4), f(2_000_000), const(100), const(0.5, "float32"), const(0.1, "float32"))
row("ExtractImagePatches", f(40, 64, 64, 16), ksizes=[1, 3, 3, 1], rates=[1, 1, 1, 1], strides=[1, 2, 2, 1],
    padding="SAME")
row("SpaceToBatchND", f(*IMAGES), const([2, 2]), const([[0, 0], [2, 2]]))
row("BatchToSpaceND", f(*IMAGES), const([2, 2]), const([[1, 1], [2, 2]]))
row("DepthToSpace", f(40, 16, 128, 128), block_size=2, data_format="NCHW")
FIRST = {"data_format": "NCHW"}
for op in ("DepthToSpace", "SpaceToDepth"):
    row(op, f(2, 16, 500, 500), tag="of two images, channels first", block_size=2, **FIRST)
row("Conv2D", f(1, 10, 997, 1000), f(3, 3, 10, 10), tag="of one image, channels first", **ONE, **FIRST)
row("Conv2D", f(2, 16, 500, 500), f(1, 1, 16, 32), tag="of two images, channels first", **ONE, **FIRST)
row("Conv2DBackpropInput", const((1, 10, 997, 1000)), f(3, 3, 10, 10), f(1, 10, 997, 1000),
    tag="of one image, channels first", **ONE, **FIRST)
row("MaxPoolGradGrad", f(1, 16, 1000, 1000), f(1, 16, 500, 500), f(1, 16, 1000, 1000),
    tag="of one image, channels first", ksize=[1, 1, 2, 2], strides=[1, 1, 2, 2], padding="VALID", **FIRST)
row("Softmax", f(10_000, 1000))
row("LogSoftmax", f(10_000, 1000))
row("SoftmaxCrossEntropyWithLogits", f(10_000, 1000), f(10_000, 1000))
row("SparseSoftmaxCrossEntropyWithLogits", f(10_000, 1000), whole(1000, 10_000))
row("SparseSoftmaxCrossEntropyWithLogits", f(10_000, 1000), whole(1000, 10_000), outs=[0], tag="the loss alone")
row("InTopKV2", f(10_000, 1000), whole(1000, 10_000), const(5))
row("TopKV2", f(10_000, 1000), const(1000), tag="a sort")
row("TopKV2", f(10_000, 1000), const(5))
row("TopKV2", f(10_000_000), const(10_000_000), tag="a vector's order")
row("TopKV2", f(10_000_000), const(5), tag="of a vector")
row("TopKV2", f(10_000_000), const(1), tag="the first of a vector")
row("TopKV2", lambda: f(5_000_000)().astype(np.float64), const(5_000_000), tag="a vector's order in 64 bits")
row("TopKV2", lambda: f(5_000_000)().astype(np.float64), const(500_000), tag="a tenth of a vector in 64 bits")
row("TopKV2", lambda: f(5_000_000)().astype(np.float64), const(5), tag="of a vector in 64 bits")
row("TopKV2", whole(1 << 60, 5_000_000, kind="int64"), const(5_000_000), tag="a vector's order, whole")
row("TopKV2", lambda: f(10_000_000)().astype(np.float16), const(10_000_000), tag="a vector's order in half")
row("TopKV2", f(10_000_000), const(5_000_000), tag="half of a vector")
row("Unique", whole(100, 10_000_000), tag="of few values")
row("Unique", lambda: np.random.default_rng(0).permutation(5_000_000).astype(np.int32), tag="of as many values")
row("Unique", lambda: np.random.default_rng(0).random(5_000_000), tag="of numbers in 64 bits")
row("UniqueWithCounts", whole(10_000_000, 10_000_000))
for op in ("UniqueV2", "UniqueWithCountsV2"):
    row(op, f(1_000_000, 10), const([0], "int64"))
row("UniqueV2", f(10_000, 1000), const([0], "int64"), tag="of long rows")
row("UniqueV2", f(10, 1_000_000), const([1], "int64"), tag="of columns")
row("UniqueV2", f(5_000_000, 2), const([0], "int64"), tag="of pairs")
row("UniqueV2", whole(2, 1_000_000, 8), const([0], "int64"), tag="of few rows")
for op in ("a-b", "union"):
    row("DenseToDenseSetOperation", whole(1000, 10_000, 300), whole(1000, 10_000, 200), tag=op, set_operation=op)
row("DenseToDenseSetOperation", whole(5_000_000, 1, 4_000_000), whole(5_000_000, 1, 1000), tag="of one row",
    set_operation="a-b")
row("ListDiff", whole(4_000_000, 4_000_000), whole(4_000_000, 1000))
row("ListDiff", lambda: np.random.default_rng(0).random(4_000_000), lambda: np.arange(1000) / 1000,
    tag="of numbers in 64 bits")
row("NthElement", f(10_000, 1000), const(5))
row("NthElement", f(10_000_000), const(5_000_000), tag="of a vector")
row("NthElement", f(10_000_000), const(3), tag="of a vector, near its end")
for kind in (tf.float16, tf.bfloat16, tf.uint8):
    row("NthElement", half(10_000_000, kind=kind), const(5_000_000), tag=f"of a vector of {kind.name}")
row("OneHot", whole(1000, 10_000), const(1000), const(1.0, "float32"), const(0.0, "float32"))
row("OneHot", whole(1000, 10_000), const(1000), const(1.0, "float32"), const(0.0, "float32"), tag="first", axis=0)
row("OneHot", whole(10, 1_000_000), const(10), const(1.0, "float32"), const(0.0, "float32"), tag="of few", axis=0)
for op in ("Cumsum", "Cumprod", "CumulativeLogsumexp"):
    row(op, f(4000, 1000), const(0), exclusive=True, reverse=True)
    row(op, f(4000, 1000), const(1), tag="of rows", exclusive=True)
row("EuclideanNorm", f(10_000, 1000), const([0]))
row("EuclideanNorm", f(10_000, 1000), const([0, 1]), tag="of all")
row("EuclideanNorm", f(16, 64, 100, 100), const([0, 2, 3]), tag="by channels")
row("EuclideanNorm", f(16, 100, 100, 64), const([0, 1, 2]), tag="by last channels")
row("FFT", cx(5000, 1000))
row("FFT", cx(5_000_000), tag="of a vector")
row("FFT", cx(1_000_003), tag="of a prime")
row("IFFT", lambda: cx(1 << 20)().astype(np.complex128), tag="of a vector in 128 bits")
row("RFFT", f(2, 5_000_000), const([5_000_000]), tag="of two vectors")
row("IRFFT", cx(2_500_001), const([5_000_000]), tag="of a vector")
row("FFT2D", cx(2048, 2048), tag="one image")
row("FFT3D", cx(20, 64, 64, 64))
row("RFFT2D", f(40, 512, 512), const([512, 512]))
row("Cholesky", lambda: np.resize(np.eye(100, dtype=np.float32), (1000, 100, 100)))
row("MatrixInverse", lambda: np.resize(np.eye(100, dtype=np.float32), (1000, 100, 100)))
row("MatrixSolve", lambda: np.resize(np.eye(100, dtype=np.float32), (1000, 100, 100)), f(1000, 100, 100))
row("MatrixTriangularSolve", lambda: np.resize(np.eye(100, dtype=np.float32), (1000, 100, 100)), f(1000, 100, 100))
# LAPACK writes over a copy, or over what the step made for it; where that is no result, and divide and conquer needs
# three matrices or two, it is beyond
ALONE = "by LAPACK"


def whole_complex(size: int) -> Callable[[], Any]:
    return lambda: whole_rank(size)().astype(np.complex64)


def by_lapack(kind: str, fed: float, made: float, *rest: Any, tag: str = "", make: Any = whole_rank, **attrs: Any
              ) -> None:
    row(kind, make(1200), *rest, tag=ALONE + tag, beyond=fed, **attrs)
    row(kind, Made(make(1200)), *rest, tag=f"{ALONE}{tag}, made", beyond=made, **attrs)


for op, limits in {"MatrixDeterminant": (1.02, 0.03), "LogMatrixDeterminant": (1.02, 0.03), "Svd": (1.36, 1.02),
                   "SelfAdjointEigV2": (0.81, 0.52), "MatrixExponential": (0.57, 0.07),
                   "MatrixSquareRoot": (0.56, 0.06)}.items():
    by_lapack(op, *limits)
by_lapack("MatrixLogarithm", 0.58, 0.08, make=whole_complex)
by_lapack("MatrixSolve", 0.36, 0.03, f(1200, 1200))
by_lapack("MatrixSolve", 1.0, 0.03, f(1200, 10), tag=", few columns")
row("SelfAdjointEig", whole_rank(800), tag=ALONE, beyond=0.82)
row("BatchSelfAdjointEig", lambda: np.resize(np.eye(100, dtype=np.float32), (400, 100, 100)))
by_lapack("SelfAdjointEigV2", 1.05, 0.05, tag=", values alone", compute_v=False)
by_lapack("Svd", 1.1, 0.1, tag=", values alone", compute_uv=False)
by_lapack("Eig", 0.05, 0.05, Tout=tf.complex64)
by_lapack("Eig", 0.56, 0.06, tag=", complex", make=whole_complex, Tout=tf.complex64)
by_lapack("Eig", 1.05, 0.05, tag=", values alone", Tout=tf.complex64, compute_v=False)
for op, beyond in {"Cholesky": 0.02, "MatrixInverse": 0.05, "Lu": 0.02, "Qr": 0.03}.items():
    row(op, whole_rank(1200), tag=ALONE, beyond=beyond)
def three(size: int) -> Callable[[], Any]:
    return lambda: np.stack([whole_rank(size)()] * 3)


for op in ("Cholesky", "MatrixInverse", "Lu", "Qr"):
    row(op, three(600), tag=f"{ALONE}, of three", beyond=0.05)
row("MatrixTriangularSolve", three(600), three(600), tag=f"{ALONE}, of three", beyond=0.02)
for op in ("MatrixDeterminant", "LogMatrixDeterminant"):
    row(op, Made(three(600)), tag=f"{ALONE}, of three, made", beyond=0.1)
    row(op, lambda: three(600)()[:2], tag=f"{ALONE}, of two", beyond=0.52)
row("Svd", Made(three(400)), tag=f"{ALONE}, of three, made, values alone", beyond=0.15, compute_uv=False)
row("Svd", f(20_000, 100), tag=f"{ALONE}, tall", beyond=0.05)
row("Svd", f(100, 20_000), tag=f"{ALONE}, wide", beyond=0.05)
row("Qr", f(20_000, 100), tag=f"{ALONE}, tall", beyond=0.02)
row("Qr", f(2000, 1000), tag=f"{ALONE}, full", full_matrices=True, beyond=0.02)
row("MatrixTriangularSolve", lambda: np.resize(np.eye(4, dtype=np.float32), (100_000, 4, 4)), f(100_000, 4, 4),
    tag="small")
row("MatrixTriangularSolve", whole_rank(1200), f(1200, 1200), tag=ALONE, beyond=0.01)
row("MatrixSolveLs", f(2000, 1000), f(2000, 10), const(0.1, "float64"), tag=ALONE, beyond=0.26)
row("MatrixSolveLs", f(2000, 1000), f(2000, 10), const(0.1, "float64"), tag=f"{ALONE}, of any rank", fast=False,
    beyond=1.05)
for equation, shapes in {
        "bhqd,bkhd->bhqk": ((16, 8, 256, 64), (16, 256, 8, 64)),
        "bhqk,bkhd->bqhd": ((16, 8, 256, 256), (16, 256, 8, 64)),
        "ijk,kjl->il": ((1000, 64, 64), (64, 64, 1000)), "abc,cd->bad": ((100, 400, 128), (128, 128)),
        "ijk,jl->il": ((2000, 2000, 2), (2000, 500)), "aibj,cjdi->acbd": ((40,) * 4, (40,) * 4),
        "ijk,lkj->il": ((20, 500, 500), (20, 500, 500)), "bte,ehd->bhtd": ((16, 256, 512), (512, 8, 64)),
        "bhtd,bte->ehd": ((16, 8, 256, 64), (16, 256, 512)), "...ij,jk->ik": ((20, 500, 500), (500, 500)),
        "ijb,jkb->ikb": ((64, 64, 600), (64, 64, 600)), "ijk,kji->": ((200, 200, 100), (100, 200, 200)),
        "iij,jk->ik": ((200, 200, 200), (200, 200)), "ijk,ki->kji": ((200,) * 3, (200, 200))}.items():
    row("Einsum", f(*shapes[0]), f(*shapes[1]), tag=equation, equation=equation)
row("Einsum", half(1000, 2000), half(2000, 3000), tag="of halves", equation="ij,jk->ki")
for turns in ({"adj_x": True}, {"adj_y": True}, {"adj_x": True, "adj_y": True}):
    row("BatchMatMulV2", cx(20, 300, 300), cx(20, 300, 300), tag=" ".join(turns), **turns)
    row("BatchMatMulV2", cx(1200, 1200), cx(1200, 1200), tag=f"of one {' '.join(turns)}", **turns)
row("BatchMatMulV2", half(20, 500, 500), half(20, 500, 500), tag="of halves")
row("BatchMatMulV3", whole(9, 20, 500, 500, kind="int8"), whole(9, 20, 500, 500, kind="int8"), tag="of bytes",
    Tout=tf.int32)
row("MatMul", half(2000, 2000), half(2000, 2000), tag="of halves", transpose_b=True)
row("SparseMatMul", half(2000, 2000, kind=tf.bfloat16), half(2000, 2000, kind=tf.bfloat16))
row("MatMul", f(2000, 2000), tag="with itself", transpose_b=True)
row("MatMul", f(1_000_000, 10), tag="of a long one with itself", transpose_a=True)
row("BatchMatMulV2", f(20, 500, 500), tag="with itself", adj_y=True)
row("BatchMatMulV2", f(5000, 32, 32), tag="of small ones with themselves", adj_y=True)
for tag, diagonals, right in (
        ("of one", (3, 2_000_000), (2_000_000, 1)), ("of one, many columns", (3, 100_000), (100_000, 40)),
        ("of many", (20_000, 3, 100), (20_000, 100, 1)), ("of long ones", (300, 3, 10_000), (300, 10_000, 1))):
    row("TridiagonalSolve", dominant(*diagonals), f(*right), tag=tag)
row("TridiagonalSolve", dominant(20_000, 3, 100), f(20_000, 100, 1), tag="in order", partial_pivoting=False)
for tag, line, right in (("of one", (1, 10_000), (10_000, 500)), ("of a long one", (1, 2_000_000), (2_000_000, 2)),
                         ("of many", (10_000, 1, 100), (10_000, 100, 4)),
                         ("of three", (3, 1, 10_000), (3, 10_000, 200))):
    row("TridiagonalMatMul", f(*line), f(*line), f(*line), f(*right), tag=tag)
row("GatherV2", f(5_000_000), whole(5_000_000, 5_000_000), const(0), tag="of a vector")
row("SparseToDense", lambda: np.arange(0, 10_000_000, 5), const([10_000_000], "int64"), f(2_000_000),
    const(0.0, "float32"))
PLACES, SIZES = 1_000_000, const([2000, 2000], "int64")


def places() -> Any:
    """A quarter of the places of a matrix, in order."""
    flat = np.flatnonzero(np.random.default_rng(0).permutation(4 * PLACES) < PLACES)
    return np.stack([flat // 2000, flat % 2000], 1)


def other_places() -> Any:
    return np.sort((places() * [1, 7] + [0, 3]) % 2000 @ [2000, 1])[:, None] // [2000, 1] % 2000


SET = whole(100, PLACES, kind="int64")
for op in ("a-b", "union"):
    row("SparseToSparseSetOperation", places, SET, SIZES, other_places, SET, SIZES, tag=op, set_operation=op)
row("DenseToSparseSetOperation", whole(100, 2000, 500, kind="int64"), places, SET, SIZES, set_operation="union")
row("SetSize", places, SET, SIZES)
row("EditDistance", *(part for many in (8000, 2) for part in (
    lambda many=many: np.indices((20, many)).reshape(2, -1).T.copy(), whole(9, 20 * many), const([20, many], "int64"))))
for tag, steps, classes, labels in (("", 100, 800, 20), ("of many labels", 400, 50, 90)):
    row("CTCLoss", f(steps, 64, classes), lambda labels=labels: np.argwhere(np.ones((64, labels))),
        whole(classes - 1, 64 * labels), const([steps] * 64), tag=tag, beyond=0.65 if tag else 0.1)
for columns in (1, 100):
    row("SparseTensorDenseMatMul", places, f(PLACES), SIZES, f(2000, columns), tag=f"{columns} columns")
row("SparseTensorDenseMatMul", places, f(PLACES), SIZES, f(2000, 100), tag="turned", adjoint_a=True)
row("SparseTensorDenseAdd", places, f(PLACES), SIZES, f(2000, 2000))
for op in ("Add", "Mul", "Div"):
    row(f"SparseDenseCwise{op}", places, f(PLACES), SIZES, f(2000, 2000))
row("SparseReorder", lambda: places()[np.random.default_rng(1).permutation(PLACES)], f(PLACES), SIZES)
row("SparseReorder", lambda: np.random.default_rng(1).permutation(PLACES)[:, None], f(PLACES), const([PLACES], "int64"),
    tag="of a vector")
for axis in (0, 1):
    row("SparseConcat", [places, places], [f(PLACES)] * 2, [lambda: SIZES] * 2, tag=f"along {axis}",
        concat_dim=axis)
    row("SparseSplit", const(axis, "int64"), places, f(PLACES), SIZES, tag=f"along {axis}", num_split=4)
row("SparseSlice", places, f(PLACES), SIZES, const([10, 10], "int64"), const([1500, 1500], "int64"))
row("SparseReshape", places, SIZES, const([4000, 1000], "int64"))
row("SparseFillEmptyRows", places, f(PLACES), SIZES, const(0.0, "float32"))
row("SparseFillEmptyRows", lambda: np.arange(0, 2_000_000, 40)[:, None] * [1, 0], f(50_000),
    const([2_000_000, 1], "int64"), const(0.0, "float32"), tag="many")
row("SparseFillEmptyRows", lambda: places()[::-1].copy(), f(PLACES), SIZES, const(0.0, "float32"), tag="not in order")
row("SparseFillEmptyRowsGrad", lambda: np.arange(0, 4_000_000, 2), f(4_000_000))
row("SparseSliceGrad", f(PLACES), places, const([0, 0], "int64"), places)
row("SparseAddGrad", f(PLACES), places, places, places)
row("SparseAdd", places, f(PLACES), SIZES, other_places, f(PLACES), SIZES, const(0, "float32"))
row("SparseSparseMaximum", places, f(PLACES), SIZES, other_places, f(PLACES), SIZES)
for op in ("Sum", "Max"):
    row(f"SparseReduce{op}", places, f(PLACES), SIZES, const([1]))
    row(f"SparseReduce{op}", places, f(PLACES), SIZES, const([0]), tag="of columns")
    row(f"SparseReduce{op}", whole(PLACES, PLACES, 2, kind="int64"), f(PLACES), const([PLACES, PLACES], "int64"),
        const([0]), tag="of many columns")
row("SparseReduceSum", lambda: np.arange(PLACES)[:, None] * [1, 0], f(PLACES), const([PLACES, 1], "int64"), const([1]),
    tag="of one column")
row("SparseSoftmax", places, f(PLACES), SIZES)
row("DynamicPartition", f(10_000_000), whole(4, 10_000_000), num_partitions=4, tag="of a vector")
row("GatherNd", f(10_000, 1000), whole(10_000, 10_000, 1))
row("ScatterNd", whole(10_000, 10_000, 1), f(10_000, 1000), const([10_000, 1000]))
row("ScatterNd", whole(2000, 2_000_000, 2), f(2_000_000), const([2000, 2000]), tag="of elements")
for op in ("Add", "Max", "Update"):
    row(f"TensorScatter{op}", f(10_000, 1000), whole(10_000, 10_000, 1), f(10_000, 1000))
for op in ("Sum", "Max"):
    row(f"UnsortedSegment{op}", f(10_000, 1000), whole(100, 10_000), const(100))
    row(f"SegmentS{op[1:]}" if op == "Sum" else f"Segment{op}", f(10_000, 1000), lambda: np.arange(10_000) // 100)
row("UnsortedSegmentSum", f(10_000_000), whole(1000, 10_000_000), const(1000), tag="of elements")
for op in ("Mean", "Max"):
    row(f"Segment{op}", f(4_000_000), lambda: np.arange(4_000_000), tag="of one each")
row("SparseSegmentSum", f(100_000), whole(100_000, 4_000_000), lambda: np.arange(4_000_000) // 100, tag="of elements")
row("SparseSegmentMeanWithNumSegments", f(10_000, 1000), whole(10_000, 10_000), lambda: np.arange(10_000) // 100,
    const(100))
for op in ("ScatterAdd", "ScatterMul"):
    row(op, Var("ref", 10_000, 1000), whole(10_000, 10_000), f(10_000, 1000))
    row(f"Resource{op}", Var("resource", 10_000, 1000), whole(10_000, 10_000), f(10_000, 1000))
for kind in ("ref", "resource"):
    op = "ScatterDiv" if kind == "ref" else "ResourceScatterDiv"
    row(op, Var(kind, 1_000_000, dtype="int32"), whole(1_000_000, 1_000_000), lambda: whole(9, 1_000_000)() + 1,
        tag="of whole numbers")
row("ResourceScatterNdAdd", Var("resource", 2000, 1500), whole(1500, 2_000_000, 2), f(2_000_000), tag="of elements")
row("Assign", Var("ref", 3000, 1000), f(3000, 1000))
row("AssignAddVariableOp", Var("resource", 3000, 1000), f(3000, 1000))
row("StridedSliceAssign", Var("ref", 3000, 1000), const([1, 1]), const([2999, 999]), const([1, 1]), f(2998, 998))
ADAM = [const(v, "float32") for v in (0.9, 0.99, 0.1, 0.9, 0.99, 1e-8)]
row("ResourceApplyAdam", *[Var("resource", 4000, 1000)] * 3, *ADAM, f(4000, 1000))
row("SparseApplyMomentum", *[Var("ref", 10_000, 1000)] * 2, ADAM[2], f(5000, 1000), lambda: np.arange(5000), ADAM[0])
RATE = const(0.1, "float32")
row("ResourceApplyProximalGradientDescent", Var("resource", 3000, 1000), RATE, RATE, RATE, f(3000, 1000))
row("ResourceApplyFtrl", *[Var("resource", 3000, 1000)] * 3, f(3000, 1000), RATE, RATE, RATE, const(-0.5, "float32"))
row("ApplyCenteredRMSProp", *[Var("ref", 3000, 1000)] * 4, *[RATE] * 4, f(3000, 1000))
row("SparseApplyProximalGradientDescent", Var("ref", 1_000_000, 3), RATE, RATE, RATE, f(1_000_000, 3),
    lambda: np.arange(1_000_000), tag="of short rows")
row("ResourceSparseApplyAdagrad", *[Var("resource", 1_000_000, 3)] * 2, RATE, f(500_000, 3),
    lambda: np.arange(500_000), tag="of half the rows")
TAG = const("t", "object")
row("TensorSummary", f(10_000_000))
row("TensorSummaryV2", TAG, f(10_000_000), TAG)
row("HistogramSummary", TAG, f(10_000_000))
row("ImageSummary", TAG, f(1, 3000, 3000, 1))
row("ImageSummary", TAG, lambda: (f(3, 1500, 1500, 3)() * 100).astype(np.uint8), tag="of bytes")
row("AudioSummaryV2", TAG, f(1, 10_000_000, 1), const(44100, "float32"))
row("Bincount", whole(1000, 10_000_000), const(1000), const([]))
row("Bincount", whole(5_000_000, 5_000_000), const(5_000_000), f(5_000_000), tag="of many bins")
row("Bincount", whole(5_000_000, 5_000_000), const(5_000_000), const([]), tag="of many bins, counted")
row("HistogramFixedWidth", f(10_000_000), const([0.0, 1.0], "float32"), const(100))
row("TruncateDiv", whole(1 << 30, 5_000_000), lambda: whole(100, 5_000_000)() + 1)
for op in ("Angle", "ComplexAbs"):
    row(op, cx(5_000_000))
row("PopulationCount", whole(1 << 30, 10_000_000))
row("Bucketize", f(10_000_000), boundaries=[0.2, 0.5])
row("RandomStandardNormal", const([5000, 2000]), seed=1, dtype=tf.float32)
row("TruncatedNormal", const([5000, 2000]), seed=1, dtype=tf.float32)
row("StatelessRandomUniformFullIntV2", const([10_000_000]), const([7], "uint64"), const([1, 2], "uint64"), const(1),
    dtype=tf.int32)
for op in ("RandomUniform", "RandomStandardNormal", "TruncatedNormal"):
    row(op, const([5_000_000]), tag="in 64 bits", seed=1, dtype=tf.float64)
    row(op, const([10_000_000]), tag="of halves", seed=1, dtype=tf.float16)
for op in ("RandomStandardNormal", "TruncatedNormal"):
    row(op, const([2_500_000]), tag="of 10 MB", seed=1, dtype=tf.float32)
row("RandomUniformInt", const([10_000_000]), const(0), const(100), seed=1)
row("ParameterizedTruncatedNormal", const([1000, 5000]), f(1000), f(1000), lambda: f(1000)() - 3, lambda: f(1000)() + 3,
    seed=1)
row("Multinomial", f(1000, 100), const(5000), seed=1)
row("Multinomial", f(10_000, 1000), const(1), tag="of many classes", seed=1)
row("Multinomial", f(1, 100), const(3_000_000), tag="of one row", seed=1)
row("Multinomial", f(1, 4_000_000), const(20), tag="of millions of classes", seed=1)
row("Multinomial", f(3, 500_000), const(20), tag="of a few rows", seed=1)
row("StatelessMultinomial", f(1000, 100), const(5000), const([1, 2]))
for op in ("StatelessRandomUniform", "StatelessRandomNormal", "StatelessTruncatedNormal"):
    row(op, const([10_000_000]), const([1, 2]))
for op in ("BesselI0e", "BesselK1", "Dawsn", "Digamma", "Erfinv", "Lgamma", "Ndtri", "Spence"):
    row(op, f(5_000_000))
for op in ("Igamma", "Igammac", "IgammaGradA", "RandomGammaGrad"):
    row(op, f(3_000_000), f(3_000_000))
for op in ("Igamma", "Zeta"):
    row(op, lambda: f(2000, 1)() + 1, f(1, 2000), tag="of all pairs")
row("Polygamma", lambda: np.full(3_000_000, 2, np.float32), f(3_000_000))
row("Zeta", lambda: f(3_000_000)() + 1, f(3_000_000))
row("Betainc", f(1_000_000), f(1_000_000), lambda: f(1_000_000)() / np.float32(1.2))
CLASSES = const([[1, 3], [0, 7]], "int64")
for op in ("LogUniform", "Uniform", "LearnedUnigram"):
    for unique in (True, False):
        row(f"{op}CandidateSampler", CLASSES, tag="different" if unique else "", num_true=2, num_sampled=500_000,
            unique=unique, range_max=2_000_000, seed=1)
row("FixedUnigramCandidateSampler", CLASSES, num_true=2, num_sampled=300_000, unique=False, range_max=100_000, seed=1,
    unigrams=[1.0 + i % 7 for i in range(100_000)])
row("UniformCandidateSampler", whole(1000, 500_000, 2, kind="int64"), tag="of many true ones", num_true=2,
    num_sampled=1000, unique=True, range_max=100_000, seed=1)
row("ComputeAccidentalHits", whole(10_000_000, 2_000_000, 1, kind="int64"), whole(10_000_000, 1000, kind="int64"),
    num_true=1)
row("RandomGamma", const([1000]), f(6000), seed=1)
row("RandomPoissonV2", const([1000]), f(4000), seed=1)
row("RandomPoissonV2", const([1]), lambda: f(2_500_000)() + 20, tag="of large rates", seed=1)
row("RandomShuffle", f(10_000, 1000), seed=1)
row("RandomShuffle", half(1_000_000, 2), tag="of pairs", seed=1)
row("RandomShuffle", whole(100, 1_000_000, 5, kind="uint8"), tag="of five bytes", seed=1)
row("RandomShuffle", f(1_000_000, 3), tag="of three", seed=1)
row("StatelessRandomNormal", const([10_000_000]), const([1, 2]), tag="of halves", dtype=tf.float16)
row("Range", const(0), const(10_000_000), const(1))
row("MatrixBandPart", f(2000, 2000), const(10), const(20))
row("Tile", f(1000, 1000), const([3, 3]))
row("ClipByValue", half(10_000_000, kind=tf.bfloat16), lambda: half(1, kind=tf.bfloat16)()[0],
    lambda: half(1, kind=tf.bfloat16)()[0], tag="of halves")
for op in ("Elu", "LeakyRelu", "Softplus"):
    row(op, half(10_000_000, kind=tf.bfloat16), tag="of halves")
row("DivNoNan", half(10_000_000, kind=tf.bfloat16), half(10_000_000, kind=tf.bfloat16), tag="of halves")
for op in ("Div", "MulNoNan", "SquaredDifference", "SigmoidGrad", "ReciprocalGrad"):
    row(op, cx(3_000_000), cx(3_000_000))
row("Sigmoid", cx(3_000_000))
row("Mul", cx(2000, 2000), cx(2000), tag="of rows")
for kind in (tf.float16, tf.bfloat16):
    for op in ("Sum", "Mean", "Prod"):
        row(op, half(2_000_000, 3, kind=kind), const([1]), tag=f"of short rows of {kind.name}")
row("L2Loss", half(10_000_000), tag="of halves")
row("Sum", half(3, 4_000_000), const([0]), tag="of halves over the first axis")
row("LogSoftmax", f(1, 4_000_000), tag="of one row")
row("LogSoftmax", f(1, 300_000), tag="of one row of 300,000")
row("SoftmaxCrossEntropyWithLogits", *[f(1, 4_000_000)] * 2, tag="of one row")
row("SoftmaxCrossEntropyWithLogits", *[f(1, 400_000)] * 2, tag="of one row of 400,000")
for op, more in (("Softmax", []), ("SoftmaxCrossEntropyWithLogits", [half(1, 400_000)]),
                 ("SparseSoftmaxCrossEntropyWithLogits", [whole(1000, 1)])):
    row(op, half(1, 400_000), *more, tag="of one row of 400,000 halves")
for kind in (tf.float16, tf.bfloat16):
    for op in ("Softmax", "LogSoftmax"):
        row(op, half(1, 4_000_000, kind=kind), tag=f"of one row of {kind.name}")
    row("SparseSoftmaxCrossEntropyWithLogits", half(1, 4_000_000, kind=kind), whole(1000, 1),
        tag=f"of one row of {kind.name}")
row("SoftmaxCrossEntropyWithLogits", *[half(1, 4_000_000)] * 2, tag="of one row of halves")
LOW, HIGH = const(0.0, "float32"), const(1.0, "float32")
for mode in ("MIN_COMBINED", "MIN_FIRST", "SCALED"):
    row("QuantizeV2", f(3000, 1000), LOW, HIGH, tag=mode, T=tf.quint8, mode=mode)
    row("Dequantize", quanta(3000, 1000), LOW, HIGH, tag=mode, mode=mode)
row("QuantizeAndDequantizeV2", f(3000, 1000), LOW, HIGH)
for op in ("QuantizedAdd", "QuantizedMul"):
    row(op, quanta(1000, 3000), quanta(1000, 3000), *[LOW, HIGH] * 2)
    row(op, quanta(1000, 3000), quanta(3000), *[LOW, HIGH] * 2, tag="of rows")
row("QuantizedBiasAdd", quanta(1000, 3000), quanta(3000), *[LOW, HIGH] * 2, out_type=tf.qint32)
row("QuantizedMatMul", quanta(2000, 1500), quanta(1500, 2000), *[LOW, HIGH] * 2)
row("QuantizedConv2D", quanta(50, 100, 100, 4), quanta(3, 3, 4, 8), *[LOW, HIGH] * 2, **ONE)
row("QuantizedBatchNormWithGlobalNormalization", quanta(80, 100, 100, 8), LOW, HIGH,
    *[i for _ in range(4) for i in (quanta(8), LOW, HIGH)], out_type=tf.qint32, variance_epsilon=0.01,
    scale_after_normalization=True)
row("Requantize", quanta(2000, 3000, kind=tf.qint32), *[LOW, HIGH] * 2, out_type=tf.quint8)
row("QuantizeDownAndShrinkRange", quanta(2000, 3000, kind=tf.qint32), LOW, HIGH, out_type=tf.quint8)
row("FakeQuantWithMinMaxArgs", f(10_000, 1000))
row("FakeQuantWithMinMaxVarsGradient", *[f(10_000, 1000)] * 2, const(0.0, "float32"), const(1.0, "float32"))
row("FakeQuantWithMinMaxVarsPerChannelGradient", *[f(10_000, 1000)] * 2, f(1000), lambda: f(1000)() + 1)
row("CheckNumerics", f(10_000, 1000), message="")
row("MatrixSetDiagV3", f(6000, 30, 30), f(6000, 3, 30), const([-1, 1]))
row("MatrixDiagV3", f(6000, 3, 30), const([-1, 1]), const(-1), const(-1), const(0, "float32"))
row("Cross", f(1_500_000, 3), f(1_500_000, 3))
row("ReverseSequence", f(5000, 1000), whole(1000, 5000), seq_dim=1)
row("ReverseSequence", f(300_000, 4), whole(4, 300_000), seq_dim=1, tag="of many rows", beyond=0.11)
row("DynamicStitch", [lambda: np.arange(0, 10_000, 2, dtype=np.int32), lambda: np.arange(1, 10_000, 2, dtype=np.int32)],
    [f(5000, 500)] * 2)
row("DenseBincount", whole(100, 5000, 1000), const(100), const([], "float32"), tag="of rows")
row("BiasAddGrad", half(5000, 1000))
row("IFFT2D", cx(20, 256, 256))
row("IRFFT2D", cx(2500, 1501), const([2500, 3000]), tag="of one")
row("IRFFT2D", cx(2, 1700, 1501), const([1700, 3000]), tag="of two")
row("IRFFT2D", cx(900, 601), const([900, 1200]), tag="of a small one")
row("IRFFT3D", cx(40, 300, 301), const([40, 300, 600]), tag="of one")
row("MatrixDiagPart", f(1_000_000, 3, 3))
row("MatrixDiagPartV3", f(1_000_000, 3, 3), const([-1, 1]), const(0, "float32"))
for op in ("SumGrad", "MeanGrad", "SumGradV2", "SqrtNGradV2"):
    row(f"SparseSegment{op}", f(100_000), whole(4_000_000, 4_000_000), lambda: np.arange(4_000_000) // 40,
        const(4_000_000))
    row(f"SparseSegment{op}", f(4_000_000), whole(4_000_000, 4_000_000), lambda: np.arange(4_000_000),
        const(4_000_000), tag="of one each")
    for kind in (tf.float32, tf.float16):
        row(f"SparseSegment{op}", half(10_000, 1000, kind=kind), whole(10_000, 10_000), lambda: np.arange(10_000),
            const(10_000), tag=f"of rows of {kind.name}")
row("SparseSegmentMeanGradV2", f(2_000_000), whole(1 << 30, 2_000_000), lambda: np.arange(2_000_000), const(1 << 30),
    tag="far between")
def texts(many: int, of: Callable[[int], bytes] = lambda i: b"%d words, some more of them, in a line" % i
          ) -> Callable[[], Any]:
    return lambda: np.array([of(i) for i in range(many)], object)


def long_text(size: int, of: Callable[[bytes], bytes] = bytes) -> Callable[[], Any]:
    return lambda: np.array([of(bytes(size))], object)


def as_proto(array: Any, kind: int) -> bytes:
    return joined(tensor_proto(array, kind))


def sparse_rows() -> Any:
    """Sparse tensors of a thousand elements each as the bytes of their three tensors."""
    index, values = np.arange(1000, dtype=np.int64)[:, None], np.ones(1000, np.float32)
    parts = [as_proto(index, 9), as_proto(values, 1), as_proto(np.array([1000], np.int64), 9)]
    return np.array([[bytes(bytearray(p)) for p in parts] for _ in range(800)], object)


def examples(many: int, values: int, shape: tuple[int, ...] = (-1,)) -> Callable[[], Any]:
    """Serialized Examples, each of so many floats and whole numbers."""
    floats = b"".join([blob(1, np.arange(values, dtype=np.float32).tobytes())])
    features = b"".join(blob(1, blob(1, name) + blob(2, part)) for name, part in (
        (b"a", blob(2, floats)), (b"b", blob(3, blob(1, bytes(i % 100 for i in range(values)))))))
    return lambda: np.array([bytes(bytearray(blob(1, features))) for _ in range(many)], object).reshape(shape)


NO_KEYS, KEYS = const([], "object"), const([b"a", b"b"], "object")
for many, values in ((20_000, 50), (1, 1_000_000)):
    row("ParseExampleV2", examples(many, values), NO_KEYS, NO_KEYS, KEYS, NO_KEYS,
        [const([], "float32"), const([], "int64")], tag=f"of {many}, dense", beyond=0.12, Tdense=[tf.float32, tf.int64],
        dense_shapes=[[values], [values]], num_sparse=0, sparse_types=[], ragged_value_types=[], ragged_split_types=[])
    row("ParseExampleV2", examples(many, values), NO_KEYS, KEYS, NO_KEYS, NO_KEYS, [], tag=f"of {many}, sparse",
        Tdense=[], dense_shapes=[], num_sparse=2, sparse_types=[tf.float32, tf.int64], ragged_value_types=[],
        ragged_split_types=[])
for kind in (tf.float16, tf.float32):
    for op in ("SegmentSum", "SegmentMean"):
        row(op, half(10_000, 1000, kind=kind), lambda: np.arange(10_000) // 2, tag=f"of pairs of {kind.name}")
    row("UnsortedSegmentMax", half(10_000, 1000, kind=kind), whole(5000, 10_000), const(5000),
        tag=f"of pairs of {kind.name}")
for op in ("StringSplit", "StringSplitV2"):
    row(op, texts(100_000), const(b" ", "object"))
for kind in (tf.float32, tf.uint8):
    row("DecodeRaw", texts(100_000, lambda i: b"%080d" % i), tag=f"of many {kind.name}", out_type=kind)
    row("DecodeRaw", long_text(10_000_000), tag=f"of one {kind.name}", out_type=kind)
row("DecodeRaw", long_text(10_000_000), tag="turned", out_type=tf.int32, little_endian=False)
row("DecodeCSV", texts(100_000, lambda i: b"%d,%d.5" % (i, i)), [const([0]), const([0], "float32")])
row("EncodeBase64", long_text(10_000_000))
row("DecodeBase64", long_text(10_000_000, base64.urlsafe_b64encode))
for kind in (tf.float32, tf.int64, tf.complex64):
    row("SerializeTensor", half(2_000_000, kind=kind), tag=kind.name)
row("SerializeSparse", places, f(PLACES), SIZES)
row("SerializeManySparse", places, f(PLACES), SIZES)
row("ParseTensor", lambda: np.array(as_proto(f(4_000_000)(), 1), object), out_type=tf.float32)
row("DeserializeManySparse", sparse_rows, dtype=tf.float32)
row("UnravelIndex", whole(4_000_000, 4_000_000), const([2000, 2000]))
row("InvertPermutation", lambda: np.random.default_rng(0).permutation(4_000_000).astype(np.int32))
row("CompareAndBitpack", f(2000, 4000), const(0.5, "float32"))
row("AccumulateNV2", [f(1000, 3000)] * 3, shape=[1000, 3000])
row("GatherTree", whole(50, 200, 50, 100), whole(100, 200, 50, 100), whole(200, 50), const(1))
row("DecodePaddedRaw", texts(100_000, lambda i: b"%080d" % i), const(80), out_type=tf.uint8)
row("Resampler", f(20, 128, 128, 8), f(20, 100, 100, 2))
row("CholeskyGrad", lambda: np.resize(np.eye(150, dtype=np.float32), (100, 150, 150)), f(100, 150, 150))
row("CholeskyGrad", whole_rank(1000), f(1000, 1000), tag=f"{ALONE}, of one", beyond=0.02)
row("LSTMBlockCell", f(2000, 200), f(2000, 300), f(2000, 300), f(500, 1200), *[f(300)] * 3, f(1200))
row("LSTMBlockCellGrad", f(2000, 200), f(2000, 300), f(2000, 300), f(500, 1200), *[f(300)] * 3, f(1200),
    *[f(2000, 300)] * 8, use_peephole=True)
row("GRUBlockCell", f(4000, 200), f(4000, 300), f(500, 600), f(500, 300), f(600), f(300))
row("GRUBlockCellGrad", f(4000, 200), f(4000, 300), f(500, 600), f(500, 300), f(600), f(300), *[f(4000, 300)] * 4)
row("NearestNeighbors", f(100_000, 32), f(100, 32), const(5, "int64"))
row("CTCGreedyDecoder", f(400, 64, 40), const([400] * 64))
row("NonMaxSuppressionV5", f(500_000, 4), f(500_000), const(50), *map(const, (0.5, 0.1, 0.5), ["float32"] * 3),
    tag="softened")
row("FusedPadConv2D", f(20, 100, 100, 8), const([[0, 0], [1, 1], [1, 1], [0, 0]]), f(3, 3, 8, 8), mode="REFLECT",
    strides=[1, 1, 1, 1], padding="VALID", beyond=0.16)
row("FusedResizeAndPadConv2D", f(20, 100, 100, 8), const([150, 150]), const([[0, 0], [1, 1], [1, 1], [0, 0]]),
    f(3, 3, 8, 8), mode="REFLECT", strides=[1, 1, 1, 1], padding="VALID")
row("BatchNormWithGlobalNormalization", f(40, 64, 64, 16), *[f(16)] * 4, variance_epsilon=0.1,
    scale_after_normalization=True)
for kind in ("Avg", "Max"):
    row(f"Quantized{kind}Pool", quanta(40, 100, 100, 16), LOW, HIGH, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1],
        padding="SAME")
    row(f"Quantized{kind}Pool", quanta(1, 601, 601, 16), LOW, HIGH, tag="of one image", ksize=[1, 3, 3, 1],
        strides=[1, 2, 2, 1], padding="SAME")
row("QuantizedConcat", const(1), [quanta(2000, 3000)] * 2, [LOW, const(-2.0, "float32")], [HIGH, const(3.0, "float32")])
row("QuantizedReluX", quanta(2000, 3000), const(0.5, "float32"), LOW, HIGH)
row("QuantizedResizeBilinear", quanta(40, 100, 100, 4), const([150, 150]), LOW, HIGH)
row("QuantizedResizeBilinear", f(10, 300, 300, 4), const([350, 350]), LOW, HIGH, tag="of single precision")
PIECES = whole(3, 1, 1500, 1500)
row("ImageConnectedComponents", PIECES)
row("ImageConnectedComponents", lambda: PIECES().astype(np.uint8), tag="of bytes")
CUT = {"pooling_ratio": [1.0, 1.44, 1.73, 1.0], "deterministic": True, "seed": 1}
for op in ("Max", "Avg"):
    for over in (True, False):
        row(f"Fractional{op}Pool", f(10, 100, 100, 16), tag="overlapping" * over, overlapping=over, **CUT)
row("FractionalAvgPoolGrad", const((10, 100, 100, 16), "int64"), f(10, 69, 57, 16), lambda: np.arange(70) * 100 // 69,
    lambda: np.arange(58) * 100 // 57, overlapping=True)
for many, size in ((20, 100), (1, 300)):
    row("ResamplerGrad", f(many, size, size, 8), whole(99, many, size, size, 2, kind="float32"),
        f(many, size, size, 8), tag=f"of {many}", beyond=0.13)
row("EncodePng", whole(255, 1500, 1500, 3, kind="uint8"))
row("EncodeWav", lambda: f(1_000_000, 2)() - np.float32(0.5), const(44100))
row("ExtractVolumePatches", f(2, 30, 60, 60, 8), ksizes=[1, 2, 2, 2, 1], strides=[1, 2, 2, 2, 1], padding="SAME")
row("UnicodeDecode", texts(100_000), input_encoding="UTF-8")
row("UnicodeDecodeWithOffsets", lambda: np.array(["größe".encode() * 500_000], object), tag="of one",
    input_encoding="UTF-8")
row("UnicodeTranscode", texts(100_000), input_encoding="UTF-8", output_encoding="UTF-16-BE")
row("UnicodeEncode", whole(200, 3_000_000), lambda: np.arange(0, 3_000_001, 30), output_encoding="UTF-8")
row("Fingerprint", whole(255, 100, 50_000, kind="uint8"), const(b"farmhash64", "object"))
row("UnicodeScript", whole(1000, 2_000_000))


def fed(item: Any, feeds: dict[Any, Any]) -> Any:
    """A constant, or a placeholder and what it is fed."""
    if not callable(item):
        return tf.constant(item)
    value = item()
    kind = getattr(item, "kind", tf.string if value.dtype == object else value.dtype)
    holder = tf.placeholder(kind, value.shape)
    feeds[holder] = value
    return holder


def built(name: str) -> tuple[Any, Any, dict[Any, Any], int, int]:
    """The graph of a row, what to fetch, what to feed, the bytes of its variables, and of what is made for it."""
    kind, inputs, attrs, outs, _ = ROWS[name]
    feeds: dict[Any, Any] = {}
    variables = made_for = 0
    with tf.Graph().as_default() as graph:
        args = []
        for item in inputs:
            if isinstance(item, Var):
                variable = tf.Variable(np.ones(item.shape, item.dtype), use_resource=item.kind == "resource")
                variables += 4 * int(np.prod(item.shape))
                args.append(variable.handle if item.kind == "resource" else variable._ref())
            elif isinstance(item, Made):
                value = item.matrix()
                holder = tf.placeholder(value.dtype, value.shape)
                args.append(tf.matmul(holder, holder))
                feeds[holder] = value
                made_for = value.nbytes
            else:
                found = [fed(i, feeds) for i in (item if isinstance(item, list) else [item])]
                args.append(found if isinstance(item, list) else found[0])
        if kind == "Einsum":
            args = [args]
        elif "with " in name:
            args *= 2
        made = tf.apply_op(kind, None, args, attrs)
    found = made if isinstance(made, (list, tuple)) else [made]
    found = [t for part in found for t in (part if isinstance(part, list) else [part])]
    if any(isinstance(i, Var) for i in inputs):
        return graph, [getattr(t, "op", t) for t in found], feeds, variables, made_for
    return graph, [found[i] for i in outs] if outs else list(found), feeds, variables, made_for


SHRINKS = {"TopKV2 a vector's order", "IRFFT2D of one", "IRFFT2D of two", "IRFFT2D of a small one", "IRFFT3D of one"}
UNSEEN = {"FFT of a prime": 64_000_000}
"""Bytes that numpy's C and C++ ask for, which tracemalloc does not see, and the process grows by."""


MADE_TEXT = {"EncodeBase64", "DecodeBase64", "EncodePng"}
"""What makes few strings, of which the plan knows nothing."""


def held_by(array: Any) -> int:
    """Bytes of an array, and of what it holds."""
    if array.dtype != object:
        return int(array.nbytes)
    return int(array.nbytes) + sum(map(sys.getsizeof, {id(v): v for v in array.flat}.values()))


@pytest.mark.parametrize("name", ROWS)
def test_an_op_takes_a_tenth_beyond_its_operands_at_most(name: str) -> None:
    if ALONE in name and lapack(np.dtype("f4")) is None:
        pytest.skip("numpy's LAPACK is not the one of its wheels")
    if name in SHRINKS and shrinking_counts_twice():
        pytest.skip("this numpy tells of an array that shrinks where it lies as if it were held twice")
    graph, fetch, feeds, variables, made = built(name)
    with Session(graph, threads=2, seed=1) as session:
        session.initialize()
        peak = session.plan(fetch, feeds).peak
        given = sum(map(held_by, feeds.values())) + variables

        def measured() -> tuple[bool, bool]:
            """Whether a step takes a tenth beyond, and what its plan says."""
            found, held = taken(session, fetch, feeds)
            results = sum(held_by(np.asarray(r)) for r in found if r is not None)
            foreseen = abs(peak.bytes - UNSEEN.get(name, 0) - held) <= 0.1 * max(held, given + results)
            return (held - made - results <= ROWS[name][4] * (given + results),
                    foreseen or peak.unknown or name in MADE_TEXT)

        # a first step may read modules too
        assert measured() == (True, True) or measured() == (True, True)
