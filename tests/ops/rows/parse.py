"""Examples, lines and bytes in strings."""
from __future__ import annotations

from ..cases import a, row

ONE = (b"\n3\n\x05\n\x01Z\x12\x00\n\x0b\n\x01a\x12\x06\x1a\x04\n\x02\x01\x02\n\r\n\x01b\x12\x08\x12\x06\n\x04\x00\x00"
       b"\x00?\n\x0e\n\x01c\x12\t\n\x07\n\x01x\n\x02yy")
TWO = (b"\n7\n\x0b\n\x01a\x12\x06\x1a\x04\n\x02\x03\x04\n\r\n\x01b\x12\x08\x12\x06\n\x04\x00\x00\xc0?\n\x19\n"
       b"\x01d\x12\x14\x12\x12\n\x10\x00\x00\x80?\x00\x00\x00@\x00\x00@@\x00\x00\x80@")
LISTS = (b"\n\x1c\n\x0b\n\x02id\x12\x05\x1a\x03\n\x01\x07\n\r\n\x01w\x12\x08\n\x06\n\x01a\n\x01b\x12a\n\x1c\n"
         b"\x03cap\x12\x15\n\x05\x1a\x03\n\x01\x01\n\x05\x1a\x03\n\x01\x02\n\x05\x1a\x03\n\x01\x03\n\x1c\n\x03t"
         b"ag\x12\x15\n\x08\n\x06\n\x01x\n\x01y\n\x02\n\x00\n\x05\n\x03\n\x01z\n#\n\x03vec\x12\x1c\n\x0c\x12\n"
         b"\n\x08\x00\x00\x80?\x00\x00\x00@\n\x0c\x12\n\n\x08\x00\x00@@\x00\x00\x80@")
MORE = (b"\n\r\n\x0b\n\x02id\x12\x05\x1a\x03\n\x01\x08\x12L\n\x0e\n\x03cap\x12\x07\n\x05\x1a\x03\n\x01\x04\n"
        b"\x07\n\x03tag\x12\x00\n1\n\x03vec\x12*\n\x0c\x12\n\n\x08\x00\x00\xa0@\x00\x00\xc0@\n\x0c\x12\n\n\x08"
        b"\x00\x00\xa0@\x00\x00\xc0@\n\x0c\x12\n\n\x08\x00\x00\xa0@\x00\x00\xc0@")
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
CONTEXT = dict(context_sparse_types=["string"], context_dense_shapes=[[]])
LONG = dict(feature_list_sparse_types=["string"], feature_list_dense_types=["int64", "float32"],
            feature_list_dense_shapes=[[], [2]])
COUNTS = dict(Ncontext_sparse=1, Nfeature_list_sparse=1, Nfeature_list_dense=2)
row("ParseSequenceExampleV2", a([LISTS, MORE], "string"), NONE, a([b"w"], "string"), a([b"id"], "string"), NONE,
    a([b"tag"], "string"), a([b"cap", b"vec"], "string"), NONE, a([False, False], "bool"), [a([], "int64")],
    **COUNTS, **CONTEXT, **LONG)
row("ParseSequenceExampleV2", a(MORE, "string"), a(b"more", "string"), a([b"w"], "string"), a([b"id"], "string"), NONE,
    a([b"tag"], "string"), a([b"gone", b"vec"], "string"), NONE, a([True, False], "bool"), [a([], "int64")],
    **COUNTS, **CONTEXT, **LONG)
row("ParseSequenceExample", a([MORE, LISTS], "string"), NONE, [a(5, "int64")],
    feature_list_dense_missing_assumed_empty=["gone"], context_sparse_keys=["w"], context_dense_keys=["none"],
    feature_list_sparse_keys=["tag"], feature_list_dense_keys=["gone", "vec"], Ncontext_dense=1, **COUNTS, **CONTEXT,
    **LONG)
row("ParseSingleSequenceExample", a(LISTS, "string"), a([b"gone"], "string"), [a(b"w", "string")],
    [a(b"id", "string")], [a(b"tag", "string")], [a(b"gone", "string"), a(b"vec", "string")], [a([], "int64")],
    a(b"", "string"), **CONTEXT, **LONG)
row("DecodeRaw", a([b"abcdefgh", b"ijklmnop"], "string"), out_type="int16")
row("DecodeRaw", a([[b"abcd"]], "string"), out_type="float32", little_endian=False)
row("DecodeRaw", a(b"", "string"), out_type="uint8")
row("DecodeCSV", a([b'1,2.5,"a,""b"""', b" 3 ,,x"], "string"), [a([0]), a([1.0], "float32"), a([b""], "string")])
row("DecodeCSV", a([[b"1;2;3"], [b"4;NA;6"]], "string"), [a(7, "int64"), a([8.0], "float64")], field_delim=";",
    na_value="NA", select_cols=[1, 2])
