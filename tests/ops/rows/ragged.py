"""Rows of different lengths, and text by its characters."""
from __future__ import annotations

import numpy as np

from ..cases import a, f, program, row

ENDS = a([0, 2, 2, 3], "int64")
row("RaggedGather", [ENDS], f(3), a([2, 0, 0]), OUTPUT_RAGGED_RANK=1)
row("RaggedGather", [a([0, 2, 3]), a([0, 1, 1, 4])], f(4, 2), a([1, 0], "int64"), OUTPUT_RAGGED_RANK=2)
row("RaggedGather", [ENDS], f(3), a([[2, 0], [1, 1]]), OUTPUT_RAGGED_RANK=2)
row("RaggedGather", [ENDS], f(3), a(np.zeros((0, 2))), OUTPUT_RAGGED_RANK=2)
row("RaggedGather", [ENDS], f(3), a(0), OUTPUT_RAGGED_RANK=0)

PARTS = {"row_partition_types": ["ROW_SPLITS"]}
row("RaggedTensorToTensor", a([-1, -1], "int64"), f(3), f(), [ENDS], **PARTS, grad=False)
row("RaggedTensorToTensor", a([2, 1]), f(3), f(), [ENDS], **PARTS, grad=False)
row("RaggedTensorToTensor", a([-1, 4, 2]), f(3, 2), f(2), [a([0, 2, 2, 3])], **PARTS, grad=False)
row("RaggedTensorToTensor", a([5, -1]), f(3), f(), [a(4, "int64"), a([0, 0, 3], "int64")],
    row_partition_types=["FIRST_DIM_SIZE", "VALUE_ROWIDS"], grad=False)
row("RaggedTensorToTensor", a([-1, -1, 2], "int64"), f(3), f(), [a([0, 2, 3]), a([0, 1, 1, 3])],
    row_partition_types=["ROW_SPLITS", "ROW_SPLITS"], grad=False)
row("RaggedTensorToTensor", a([-1, -1]), a([b"a", b"b"], "string"), a(b"", "string"), [a([0, 0, 2])], **PARTS)

FAULTS = a([b"a\xffb", b"\xe2\x82", b"\xf0\x9f\x98\x80z", b"", b"\xed\xa0\x80x", b"\x01\xc3\xa9"], "string")
for errors in ("replace", "ignore"):
    row("UnicodeDecodeWithOffsets", FAULTS, input_encoding="UTF-8", errors=errors, replace_control_characters=True)
    row("UnicodeTranscode", FAULTS, input_encoding="UTF-8", output_encoding="UTF-16-BE", errors=errors)
row("UnicodeDecode", FAULTS, input_encoding="UTF-8", replacement_char=65, Tsplits="int32")
row("UnicodeDecode", FAULTS, input_encoding="UTF-8", errors="strict")
row("UnicodeDecode", a(b"\xe9\x80", "string"), input_encoding="latin1")
row("UnicodeDecodeWithOffsets", a([b"\x82\xa0a\x82", b"\xb1"], "string"), input_encoding="shift_jis")
row("UnicodeDecodeWithOffsets", a([b"\x00a\xd8\x3d\xde\x00", b"\xd8\x3d\x00a", b"\x00a\x00"], "string"),
    input_encoding="UTF-16-BE")
row("UnicodeDecodeWithOffsets", a([b"\xff\xfea\x00", b"\x00a"], "string"), input_encoding="UTF-16")
row("UnicodeDecode", a(b"a", "string"), input_encoding="nonsense")
row("UnicodeTranscode", a([[b"\xc3\xa9"], [b"\xff"]], "string"), input_encoding="UTF-8", output_encoding="UTF-32-BE",
    replacement_char=32)
row("UnicodeTranscode", a([b"\xe9", b"\x80\x81"], "string"), input_encoding="windows-1252", output_encoding="UTF-8")
row("UnicodeTranscode", a(b"a", "string"), input_encoding="UTF-8", output_encoding="UTF-8", replacement_char=0x110000)
CODES = a([97, 0x1F600, -1, 0x110000, 0xE9])
for encoding in ("UTF-8", "UTF-16-BE", "UTF-32-BE"):
    row("UnicodeEncode", CODES, a([0, 2, 2, 5], "int64"), output_encoding=encoding, replacement_char=63)
row("UnicodeEncode", CODES, a([0, 5]), output_encoding="UTF-8", errors="ignore")
row("UnicodeEncode", CODES, a([0, 5]), output_encoding="UTF-8", errors="strict")
row("UnicodeEncode", CODES, a([0, 6]), output_encoding="UTF-8")
row("UnicodeScript", a([[65, 0x3B1, 0x416], [0x3042, 32, -1], [0x10FFFF, 0x110000, 0x915]]))

for splits, batched in (("[[0, 2, 2, 3]]", False), ("[[0, 2, 3], [0, 1, 1, 3]]", False), ("[[0, 2, 2, 3]]", True),
                        ("[[0, 2, 3], [0, 1, 1, 3]]", True)):
    program("RaggedTensorToVariant RaggedTensorFromVariant", f"""
splits = [F(np.array(s, np.int64)) for s in {splits}]
x = F([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
v = tf.raw_ops.RaggedTensorToVariant(rt_nested_splits=splits, rt_dense_values=x, batched_input={batched})
r = tf.raw_ops.RaggedTensorFromVariant(encoded_ragged=v, input_ragged_rank=-1, output_ragged_rank=len(splits),
                                       Tvalues=tf.float32, Tsplits=tf.int64)
y = [*r[0], r[1]]
""", grad=False)
program("RaggedTensorToVariant RaggedTensorFromVariant", """
v = tf.raw_ops.RaggedTensorToVariant(rt_nested_splits=[F(np.array([0, 1], np.int64))], rt_dense_values=F([1.0]),
                                     batched_input=True)
r = tf.raw_ops.RaggedTensorFromVariant(encoded_ragged=v, input_ragged_rank=0, output_ragged_rank=1,
                                       Tvalues=tf.int32, Tsplits=tf.int64)
y = [*r[0], r[1]]
""", grad=False)
