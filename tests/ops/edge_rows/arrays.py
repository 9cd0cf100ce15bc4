"""Shapes, rows and their numbers."""
from __future__ import annotations

import numpy as np

from ..edges import c, edge, k, r, s, z

LEAST = -2**31

# nothing is looked up where the result is empty
edge("GatherV2", k(z(3, 0, 0)), k([[1, 0, 5]]), c(-1))
edge("GatherV2", k(z(2, 0)), k([7]), c(0), grad=True)
edge("GatherV2", k(z(0, 2)), k([7]), c(0))
edge("UnsortedSegmentProd", k(z(5, 0)), r([2, 0, 2, -1, 0]), c(2), grad=True)
edge("ConcatV2", [k(z(2, 3)), s(z(2, 2))], k(LEAST))
edge("Unpack", r(z(2, 3)), num=6, axis=-3)
edge("Split", c([1, 1]), k(z(2, 4)), num_split=2)
edge("Split", k([1, 1]), k(z(2, 4)), num_split=2)
edge("NthElement", k(z(3)), c([0]))
edge("BroadcastArgs", k([LEAST, 1]), c([1]))
edge("BroadcastArgs", k([-3]), c([4]))
edge("Tile", s(z(2, 3)), k([2, 1], "int64"), grad=True)
edge("Reverse", r(z(2, 1)), c([True, True]))
edge("ReverseSequence", k(z(1, 0, 7)), r([1, 4, 2], "int64"), seq_dim=0, batch_dim=-1)
edge("MirrorPadGrad", k(z(4, 6)), s([[1, 0], [1, 1]]), mode="SYMMETRIC")
edge("MirrorPadGrad", k(z(4, 6)), r([[1, 0], [1, 1]]), mode="SYMMETRIC")
edge("MirrorPadGrad", r(z(4, 6)), c([[1, 0], [1, 1]]), mode="SYMMETRIC")
edge("MirrorPadGrad", k(z(4, 6)), c([[1, 0], [-1, 1]]), mode="SYMMETRIC")
edge("MirrorPadGrad", k(z(3, 1)), c([[1, 0], [2, 1]]), mode="REFLECT")
edge("PreventGradient", k(z(2)), grad=True, message="no")
edge("SparseSegmentSumGrad", r(z(4, 2)), c([0, 3, 1]), c([0, 0, 7]), c(0))
edge("SegmentMean", k([32766, 2, -32768, -32768], "int16"), c([0, 0, 1, 1]))
edge("SegmentMean", k([2**62 + 1, 2**62 + 3, -7, 2], "int64"), c([0, 0, 1, 1]))
edge("SegmentProd", k(z(4, 2)), k([0, 0, 1, 1]), grad=True)
edge("SparseSegmentMeanGrad", r(z(4, 0)), c([0, 3, 1]), c([0, 0, 1]), c(0))
edge("UnravelIndex", k([5, -1, -6, 0]), c([2, 3]))
edge("UnravelIndex", r(-5, "int64"), k([2, 3], "int64"))
edge("UnravelIndex", k([6]), c([2, 3]))
edge("OneHot", k([1, 2]), c([3, 4]), c(1.0), c(0.0))
edge("ScatterNd", k(z(0, 0).astype("int32")), k(z(0)), k(np.zeros(0, "int32")))
edge("GatherNd", k(z(0, 3, 0)), c(z(0, 1, 0).astype("int32")), grad=True)
edge("GatherV2", s(z(2, 3, 2)), k([[1, 0], [2, 2]]), c(1), grad=True, batch_dims=1)
edge("BiasAddGrad", s(z(2, 0)))
edge("BiasAddGrad", k(z(1, 3)), data_format="NCHW")
edge("SparseSegmentSumGradV2", r(z(2, 2)), k([3, 3]), k([2, 0]), c(0))
edge("SparseFillEmptyRowsGrad", k([1, 3], "int64"), k([LEAST, 1, -2, LEAST + 1, 0]))
edge("SparseFillEmptyRowsGrad", k([0], "int64"), k([True, False], "bool"))
edge("SparseAddGrad", k(z(1), "bfloat16"), k([[0]], "int64"), k([[0]], "int64"), k([[0]], "int64"))
