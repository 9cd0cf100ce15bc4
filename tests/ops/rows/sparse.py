"""Sparse tensors."""
from __future__ import annotations

import numpy as np

from ..cases import a, f, i, p, program, row, v

AT = a([[0, 1], [1, 0], [1, 3]], "int64")
MIXED = a([[1, 3], [0, 1], [1, 0]], "int64")
OTHER = a([[0, 1], [0, 2], [1, 3], [1, 2]], "int64")
NONE = a([], "int64").reshape(0, 2)
DEEP = a([[0, 0, 2], [0, 1, 0], [2, 1, 1], [2, 1, 2]], "int64")
SHAPE = a([2, 4], "int64")
CUBE = a([3, 2, 3], "int64")
USUAL = "float32 float64"

row("SparseReorder", MIXED, f(3), SHAPE)
row("SparseReorder", DEEP, f(4), CUBE)
row("SparseReorder", a([[1, 3], [0, 1], [1, 3]], "int64"), f(3), SHAPE)
row("SparseReshape", AT, SHAPE, a([4, 2], "int64"))
row("SparseReshape", DEEP, CUBE, a([-1, 9], "int64"))
row("SparseReshape", NONE, SHAPE, a([2, 2, 2], "int64"))
row("SparseReshape", NONE, a([0, 4], "int64"), a([3, 0], "int64"))
row("SparseSlice", AT, f(3), SHAPE, a([0, 0], "int64"), a([2, 2], "int64"))
row("SparseSlice", DEEP, f(4), CUBE, a([1, 1, 1], "int64"), a([9, 1, 2], "int64"))
row("SparseSlice", AT, f(3), SHAPE, a([5, 0], "int64"), a([2, 2], "int64"))
row("SparseSliceGrad", f(2), AT, a([0, 1], "int64"), a([[0, 0], [1, 2]], "int64"),
    kinds=USUAL + " float16 int32 int64")
row("SparseConcat", [AT, MIXED], [f(3), f(3)], [SHAPE, SHAPE], concat_dim=1)
row("SparseConcat", [DEEP, NONE.reshape(0, 3), DEEP], [f(4), f(0), f(4)], [CUBE, CUBE, CUBE], concat_dim=-3)
row("SparseConcat", [AT, AT], [f(3), f(3)], [SHAPE, a([2, 6], "int64")], concat_dim=1)
row("SparseSplit", a(1, "int64"), AT, f(3), SHAPE, num_split=3, grad=False)
row("SparseSplit", a(-3, "int64"), DEEP, f(4), CUBE, num_split=2, grad=False)
row("SparseFillEmptyRows", a([[1, 3], [1, 0], [3, 2]], "int64"), f(3), a([5, 4], "int64"), f())
row("SparseFillEmptyRows", MIXED, f(3), SHAPE, f())
row("SparseFillEmptyRows", NONE, f(0), a([2, 3], "int64"), f())
row("SparseFillEmptyRows", NONE, f(0), a([0, 3], "int64"), f())
row("SparseFillEmptyRowsGrad", a([1, 3], "int64"), f(5))

row("SparseTensorDenseMatMul", AT, f(3), SHAPE, f(4, 3))
row("SparseTensorDenseMatMul", a([[0, 1], [1, 0], [1, 3]]), f(3), SHAPE, f(2, 3), adjoint_a=True,
    kinds="float32 float64 complex128")
row("SparseTensorDenseMatMul", MIXED, f(3), SHAPE, f(3, 4), adjoint_b=True, kinds="float32 float64 complex128")
row("SparseTensorDenseMatMul", MIXED, f(3), SHAPE, f(3, 2), adjoint_a=True, adjoint_b=True)
row("SparseTensorDenseMatMul", NONE, f(0), SHAPE, f(4, 3))
row("SparseTensorDenseAdd", AT, f(3), SHAPE, f(2, 4))
row("SparseTensorDenseAdd", a([[0, 1, 1], [0, 1, 1]]), f(2), i(1, 2, 3), f(1, 2, 3))
row("SparseAdd", AT, f(3), SHAPE, OTHER, f(4), SHAPE, f(kind="float32"), kinds=USUAL + " complex64", same=False)
row("SparseAdd", AT, v([1.0, 2.0, 3.0]), SHAPE, OTHER, v([-1.0, 2.0, 1.0, 0.5]), SHAPE, v(0.5),
    kinds=USUAL + " float16 bfloat16")
row("SparseAdd", AT, v([1, 2, 3]), SHAPE, OTHER, v([1, 2, 1, 5]), SHAPE, v(0), kinds="int32 int64 int8 uint8 int16")
row("SparseAdd", DEEP, f(4), CUBE, DEEP, f(4), CUBE, v(0.0), kinds=USUAL)
row("SparseAddGrad", f(5), AT, OTHER, a([[0, 1], [0, 2], [1, 0], [1, 2], [1, 3]], "int64"), kinds=USUAL + " int32")
row("SparseSparseMaximum", AT, f(3), SHAPE, OTHER, f(4), SHAPE, grad=False)
row("SparseSparseMinimum", AT, f(3), SHAPE, OTHER, f(4), SHAPE, grad=False)
row("SparseDenseCwiseMul", AT, f(3), SHAPE, f(4))
row("SparseDenseCwiseMul", DEEP, f(4), CUBE, f(2, 1))
row("SparseDenseCwiseMul", DEEP, f(4), CUBE, f())
row("SparseDenseCwiseDiv", AT, f(3), SHAPE, p(2, 1))
row("SparseDenseCwiseDiv", DEEP, f(4), CUBE, p(3, 2, 3))
row("SparseDenseCwiseAdd", AT, f(3), SHAPE, f(2, 4), grad=False)

row("SparseReduceSum", AT, f(3), SHAPE, a(1))
row("SparseReduceSum", DEEP, f(4), CUBE, i(0, -1), keep_dims=True)
row("SparseReduceSum", MIXED, f(3), SHAPE, i(0, 1))
row("SparseReduceSum", NONE, f(0), SHAPE, i(0, 1))
row("SparseReduceSum", NONE, f(0), SHAPE, i(1))
row("SparseReduceSumSparse", AT, f(3), SHAPE, a(1), grad=False)
row("SparseReduceSumSparse", DEEP, f(4), CUBE, i(0, -1), keep_dims=True, grad=False)
row("SparseReduceSumSparse", NONE, f(0), SHAPE, i(0, 1), grad=False)
row("SparseReduceMax", AT, f(3), SHAPE, a(1), grad=False)
row("SparseReduceMax", DEEP, f(4), CUBE, i(0, -1), keep_dims=True, grad=False)
row("SparseReduceMaxSparse", AT, f(3), SHAPE, a(1), grad=False)
row("SparseReduceMaxSparse", DEEP, f(4), CUBE, i(-3), keep_dims=True, grad=False)
row("SparseSoftmax", AT, f(3), SHAPE)
row("SparseSoftmax", DEEP, f(4), CUBE)
row("SparseSoftmax", NONE, f(0), SHAPE)

for op in ("SparseSegmentSumGradV2", "SparseSegmentMeanGradV2", "SparseSegmentSqrtNGradV2"):
    row(op, f(3, 2), i(4, 0, 4, 1), i(0, 0, 1, 2), a(5), grad=False)
    row(op, f(2, 2), a([3, 3], "int64"), a([0, 0], "int64"), a(5), grad=False)

TEXTS = a([b"a b", b"", b" c  d ", b"e,f"], "string")
row("StringSplit", TEXTS, a(b" ", "string"))
row("StringSplit", TEXTS, a(b" ,", "string"), skip_empty=False)
row("StringSplit", TEXTS, a(b"", "string"))
row("StringSplitV2", TEXTS, a(b"", "string"))
row("StringSplitV2", TEXTS, a(b",", "string"), maxsplit=1)
row("EditDistance", DEEP, v([1, 2, 3, 4]), CUBE, a([[0, 0, 0], [2, 1, 0], [2, 1, 1]], "int64"), v([1, 3, 3]), CUBE,
    grad=False)
row("EditDistance", NONE, v([]), a([1, 3], "int64"), a([[0, 0]], "int64"), v([1]), a([2, 3], "int64"), normalize=False,
    grad=False)
row("CTCGreedyDecoder", f(6, 2, 3), i(6, 4), merge_repeated=True, grad=False)
row("CTCGreedyDecoder", f(6, 2, 3), i(0, 5), blank_index=1, grad=False)
SAID = a([[0, 0], [0, 1], [1, 0], [1, 1]], "int64")
# of doubles TensorFlow takes some exponentials as floats
row("CTCLoss", f(6, 2, 4), SAID, i(1, 2, 0, 0), i(6, 4), kinds="float32")
row("CTCLoss", f(6, 2, 4), SAID, i(1, 2, 0, 0), i(6, 4), ctc_merge_repeated=False, kinds="float32")
row("CTCLoss", f(6, 2, 4), SAID, i(1, 1, 0, 3), i(6, 1), preprocess_collapse_repeated=True,
    ignore_longer_outputs_than_inputs=True, kinds="float32")
row("CTCBeamSearchDecoder", f(6, 2, 3), i(6, 4), beam_width=4, top_paths=2, kinds="float32", grad=False)
row("CTCBeamSearchDecoder", f(6, 2, 3), i(0, 5), beam_width=2, top_paths=1, merge_repeated=False, kinds="float32",
    grad=False)
STEPS = a([[[1, 2, 3], [6, 5, 4]], [[4, 5, 6], [1, 2, 9]], [[7, 8, 9], [3, 2, 1]], [[1, 1, 1], [7, 8, 9]]])
PARENTS = a([[[0, 0, 0], [0, 0, 0]], [[0, 1, 1], [2, 0, 1]], [[2, 1, 2], [0, 0, 2]], [[0, 0, 0], [1, 2, 0]]])
row("GatherTree", STEPS, PARENTS, i(3, 4), a(9), grad=False)
row("GatherTree", STEPS, PARENTS, i(0, 7), a(5), grad=False)
row("GatherTree", a(np.zeros([0, 2, 3], "int32")), a(np.zeros([0, 2, 3], "int32")), i(1, 2), a(9), grad=False)
SETS = "int8 int16 int32 int64 uint8 uint16"
for what in ("a-b", "b-a", "intersection", "union"):
    row("DenseToSparseSetOperation", v([[1, 2, 3], [4, 5, 5]]), AT, v([3, 4, 6]), SHAPE, set_operation=what, kinds=SETS)
    row("SparseToSparseSetOperation", DEEP, v([1, 2, 3, 4]), CUBE, a([[0, 1, 0], [2, 1, 0]], "int64"), v([2, 4]), CUBE,
        set_operation=what, kinds=SETS)
row("SetSize", DEEP, v([1, 2, 3, 3]), CUBE, kinds=SETS)
row("SerializeTensor", f(2, 3), grad=False)
row("SerializeTensor", a([b"a", b"bcd"], "string"))
row("ParseTensor", a(b'\x08\x01\x12\x04\x12\x02\x08\x02"\x08\x00\x00\x80?\x00\x00\x00@', "string"), out_type="float32")
row("ParseTensor", a(b"\x08\x03\x12\x04\x12\x02\x08\x04:\x02\x07\x08", "string"), out_type="int32")
row("SerializeSparse", AT, f(3), SHAPE, grad=False)
row("SerializeManySparse", AT, f(3), SHAPE, grad=False)
row("DeserializeManySparse", a([[b'\x08\t\x12\x08\x12\x02\x08\x01\x12\x02\x08\x01"\x08\x01' + bytes(7),
                                 b'\x08\x01\x12\x04\x12\x02\x08\x01"\x04\x00\x00\x80?',
                                 b'\x08\t\x12\x04\x12\x02\x08\x01"\x08\x04' + bytes(7)]], "string"), dtype="float32")
row("DeserializeSparse", a([b'\x08\t\x12\x08\x12\x02\x08\x01\x12\x02\x08\x01"\x08\x01' + bytes(7),
                            b'\x08\x01\x12\x04\x12\x02\x08\x01"\x04\x00\x00\x80?',
                            b'\x08\t\x12\x04\x12\x02\x08\x01"\x08\x04' + bytes(7)], "string"), dtype="float32")

program("AddSparseToTensorsMap AddManySparseToTensorsMap TakeManySparseFromTensorsMap", """
parts = tf.constant([[0, 1], [1, 2]], tf.int64), F([1.0, 2.0]), tf.constant([3, 4], tf.int64)
one = raw("AddSparseToTensorsMap", *parts, shared_name="held")
with tf.control_dependencies([one]):
    rows = raw("AddManySparseToTensorsMap", *parts, shared_name="held")
with tf.control_dependencies([rows]):
    y = [*raw("TakeManySparseFromTensorsMap", tf.stack([one]), dtype=tf.float32, shared_name="held"),
         *raw("TakeManySparseFromTensorsMap", tf.gather(rows, [1, 0]), dtype=tf.float32, shared_name="held")]""",
        grad=False)

WORDS, NUMBERS = a([b"x", b"", b"y"], "string"), a([3, -1, 5], "int64")
row("SparseCrossV2", [AT], [WORDS], [SHAPE], [a([[b"u", b"w"], [b"v", b""]], "string"), a([[1], [2]], "int64")],
    a(b"-", "string"))
row("SparseCross", [AT, AT], [WORDS, NUMBERS], [SHAPE, SHAPE], [a([[7], [-8]], "int64")], hashed_output=True,
    num_buckets=1000, hash_key=956888297470, out_type="int64", internal_type="int64")
row("SparseCross", [AT], [WORDS], [SHAPE], [a([[b"q"], [b"r"]], "string")], hashed_output=True, num_buckets=0,
    hash_key=5, out_type="int64", internal_type="string")
for buckets in (0, 100):
    row("SparseFeatureCross", [AT, AT], [WORDS, NUMBERS], [SHAPE, SHAPE], [a([[7], [-8]], "int64")], hashed_output=True,
        num_buckets=buckets, out_type="int64", internal_type="int64")
row("SparseFeatureCross", [AT], [WORDS], [SHAPE], [a([[b"q"], [b"r"]], "string")], hashed_output=False, num_buckets=0,
    out_type="string", internal_type="string")
row("SparseFeatureCrossV2", [AT], [NUMBERS], [SHAPE], [a([[b"q"], [b"r"]], "string")], hashed_output=True,
    num_buckets=0, hash_key=956888297470, out_type="int64", internal_type="int64")
