"""Of inputs that are told in part the shapes of the outputs are TensorFlow's, and it refuses the same."""
from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from . import cases, partial
from .test_cases import OURS

EARLIER = set(
    "AdjustSaturation ConjugateTranspose Conv2DBackpropFilter Conv3DBackpropFilterV2 Conv3DBackpropInputV2 "
    "DepthwiseConv2dNativeBackpropFilter EditDistance ExtractGlimpse FusedResizeAndPadConv2D IRFFT3D MaxPoolV2 "
    "ParseExampleV2 ParseSequenceExampleV2 ParseSingleExample ParseSingleSequenceExample ResizeBilinear "
    "ResizeNearestNeighbor SparseAddGrad SparseSplit TensorScatterMax TensorScatterMin "
    "TensorStridedSliceUpdate".split())
"""Refused when they are built, where TensorFlow refuses what no step can compute in each step."""
OTHERWISE = {
    "MatrixDiagV2", "MatrixDiagV3",                          # takes sizes that are not known yet for those left out
    "FractionalAvgPool", "FractionalMaxPool",                # has one boundary less than there are
    "ExtractVolumePatches", "RFFT", "IRFFT3D",               # other shapes than those of its kernel
    "SparseConcat", "SparseFillEmptyRows", "CombinedNonMaxSuppression",    # says less
    "MatrixSetDiagV3", "TridiagonalMatMul", "RaggedTensorToTensor",        # refuses what its kernels would
    "FusedPadConv2D", "FusedResizeAndPadConv2D",             # refuses paddings of no known rank
    "BatchToSpaceND", "SpaceToBatchND", "ParallelConcat",    # refuses what is not known
}
"""What TensorFlow's shape functions say of these is not followed, for the reasons beside them."""


@cache
def told() -> dict[str, list[str]]:
    lines = (Path(__file__).parent / "partial.txt").read_text().splitlines()
    return {key: rest.strip().split(" | ") for key, _, rest in (line.partition(":") for line in lines)}


@pytest.mark.parametrize("row", partial.rows(), ids=lambda row: row.key)
def test_shapes_of_inputs_that_are_told_in_part_are_tensorflows(row: cases.Row) -> None:
    for inputs, wanted in zip(partial.drawn(row), told()[row.key], strict=True):
        found = partial.shapes(OURS, row, inputs)
        assert (found == wanted or wanted == "-" or found == "!" and row.op in EARLIER
                or found != "!" and row.op in OTHERWISE)
