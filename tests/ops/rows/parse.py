"""Examples, lines and bytes in strings."""
from __future__ import annotations

from ..cases import a, row

ONE = (b"\n3\n\x05\n\x01Z\x12\x00\n\x0b\n\x01a\x12\x06\x1a\x04\n\x02\x01\x02\n\r\n\x01b\x12\x08\x12\x06\n\x04\x00\x00"
       b"\x00?\n\x0e\n\x01c\x12\t\n\x07\n\x01x\n\x02yy")
TWO = (b"\n7\n\x0b\n\x01a\x12\x06\x1a\x04\n\x02\x03\x04\n\r\n\x01b\x12\x08\x12\x06\n\x04\x00\x00\xc0?\n\x19\n"
       b"\x01d\x12\x14\x12\x12\n\x10\x00\x00\x80?\x00\x00\x00@\x00\x00@@\x00\x00\x80@")
BOTH = a([ONE, TWO], "string")
NONE = a([], "string")
NEITHER = a([], "float32")

row("ParseExampleV2", BOTH, NONE, a([b"a", b"c"], "string"), a([b"b", b"d"], "string"), NONE,
    [NEITHER, a([1.0, 2.0, 3.0, 4.0], "float32")], num_sparse=2, sparse_types=["int64", "string"],
    ragged_value_types=[], ragged_split_types=[], dense_shapes=[[], [4]])
row("ParseExampleV2", a(ONE, "string"), NONE, a([b"d", b"b"], "string"), a([b"a", b"c"], "string"), NONE,
    [a(0, "int64"), a(b"", "string")], num_sparse=2, sparse_types=["float32", "float32"], ragged_value_types=[],
    ragged_split_types=[], dense_shapes=[[None], [None, 2]])
row("ParseExampleV2", BOTH, a([b"p", b"q"], "string"), NONE, a([b"d", b"c"], "string"), NONE,
    [a(7.0, "float32"), a(b"none", "string")], num_sparse=0, sparse_types=[], ragged_value_types=[],
    ragged_split_types=[], dense_shapes=[[None, 2], [None]])
row("ParseExample", BOTH, NONE, [a(b"a", "string")], [a(b"b", "string")], [NEITHER], sparse_types=["int64"],
    dense_shapes=[[1]])
row("ParseSingleExample", a(ONE, "string"), [NEITHER, a([b"q"], "string")], num_sparse=1, sparse_keys=["a"],
    dense_keys=["b", "e"], sparse_types=["int64"], dense_shapes=[[], [1]])
row("DecodeRaw", a([b"abcdefgh", b"ijklmnop"], "string"), out_type="int16")
row("DecodeRaw", a([[b"abcd"]], "string"), out_type="float32", little_endian=False)
row("DecodeRaw", a(b"", "string"), out_type="uint8")
row("DecodeCSV", a([b'1,2.5,"a,""b"""', b" 3 ,,x"], "string"), [a([0]), a([1.0], "float32"), a([b""], "string")])
row("DecodeCSV", a([[b"1;2;3"], [b"4;NA;6"]], "string"), [a(7, "int64"), a([8.0], "float64")], field_delim=";",
    na_value="NA", select_cols=[1, 2])
