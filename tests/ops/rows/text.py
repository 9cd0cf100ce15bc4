"""Strings, summaries and checkpoints."""
from __future__ import annotations

from typing import Any

from ..cases import a, f, p, program, q, row, v

row("StringJoin", [a([b"a", b"b"], "string"), a(b"!", "string")], separator="-")
row("StaticRegexFullMatch", a([b"abc", b"abd", b""], "string"), pattern="ab[cx]")
row("ShardedFilename", a(b"model", "string"), a(2), a(10))
row("ScalarSummary", a(b"loss", "string"), v(1.5))
row("ScalarSummary", a([b"a", b"b"], "string"), f(2))
row("HistogramSummary", a(b"w", "string"), f(2, 3), kinds="float32 float64 float16 int32 int64 uint8")
row("HistogramSummary", a(b"w", "string"), f(0))
row("MergeSummary", [a(b"\n\x06\n\x01a\x15\x00\x00\x80?", "string"), a([], "string")])
row("TensorSummary", f(2, 3))
row("TensorSummaryV2", a(b"t", "string"), f(2, 3), a(b"", "string"))
row("ImageSummary", a(b"i", "string"), q(2, 3, 4, 1), kinds="float32 float64 float16 uint8", same=False)
row("AudioSummaryV2", a(b"s", "string"), v([[0.5, -0.5, 0.25]], "float32"), a(8000.0, "float32"), max_outputs=1)
row("CumulativeLogsumexp", f(2, 3), a(1))
row("CumulativeLogsumexp", p(4, 2), a(0), exclusive=True)
row("CumulativeLogsumexp", f(2, 3), a(-1), reverse=True)

row("StringFormat", [f(2, 3), f(5), a([b"q\x01", b"\""], "string"), a([True])], template="a {} {}, {}{}.",
    placeholder="{}", summarize=1)
row("StringFormat", [v([[[1 / 3, 1e10, 2.0]], [[-1e-7, 0.1, 123456.789]]])], kinds="float64 float16 bfloat16 float32",
    template="%", placeholder="%", summarize=-1)
row("StringFormat", [f(2, 0)], template="%", placeholder="%")
row("PrintV2", a(b"text", "string"), output_stream="log(info)", end="")

row("AsString", v([1.5, -2.0]), kinds="float32 float64 float16 bfloat16", precision=2)
row("ReduceJoin", a([[b"a", b"b"], [b"c", b"d"]], "string"), a([0, 1]), separator="-")
row("ReduceJoin", a([[b"a", b"b"]], "string"), a(-1), keep_dims=True)
row("RegexFullMatch", a([b"abc", b"x"], "string"), a(b"a.c", "string"))
row("RegexReplace", a([b"aab", b""], "string"), a(b"(a)b", "string"), a(b"<\\1>", "string"))
row("StaticRegexReplace", a([b"aab"], "string"), pattern="a", rewrite="o", replace_global=False)
row("StringLength", a([b"abc", b""], "string"))
row("StringLower", a([b"AbC"], "string"))
row("StringUpper", a([b"AbC"], "string"))
row("StringStrip", a([b" a\t"], "string"))
row("StringToNumber", a([b"1.5", b"-2"], "string"))
row("Substr", a([b"hello", b"world"], "string"), a(-3), a(2))
row("EncodeBase64", a([b"hello", b"a"], "string"), pad=True)
row("DecodeBase64", a([b"aGVsbG8", b"YQ=="], "string"))

program("SaveV2 RestoreV2 MergeV2Checkpoints", """
parts = [folder + "/part0", folder + "/part1"]
saved = [raw("SaveV2", tf.constant(q), tf.constant(["w" + q[-1]]), tf.constant([""]), [F([1.0, 2.0 + n])])
         for n, q in enumerate(parts)]
with tf.control_dependencies(saved):
    merged = raw("MergeV2Checkpoints", tf.constant(parts), tf.constant(folder + "/whole"), delete_old_dirs=False)
with tf.control_dependencies([merged]):
    y = raw("RestoreV2", tf.constant(folder + "/whole"), tf.constant(["w1", "w0"]), tf.constant(["", "2 1,1"]),
            dtypes=[tf.float32, tf.float32])""", grad=False)
HASHES: dict[str, dict[str, Any]] = {"Fast": {}, "": {}, "Strong": {"key": [7, -8]}}
HASHED = a([["", "a", "hello"], ["0123456789abcdef", "x" * 40, "many bytes, 64 and more, " * 4]], "string")
for op, attrs in HASHES.items():
    row(f"StringToHashBucket{op}", HASHED, num_buckets=1000003, **attrs)
ROWS = a([["a", "bc"], ["", "hello"]], "string")
row("Fingerprint", ROWS, a("farmhash64", "string"))
row("Fingerprint", a([["a"], ["0123456789abcdef" * 5]], "string"), a("farmhash64", "string"))
row("Fingerprint", a([[[1.5, 2.0]], [[-1.0, 0.0]]], "float32"), a("farmhash64", "string"))
row("Fingerprint", a([[], []], "int64"), a("farmhash64", "string"))
for kind in ("float16", "float32", "float64", "int32", "uint16", "uint8", "int16", "int8", "int64"):
    row("DecodePaddedRaw", a([["abcdefghijk", ""], ["0123456789abcdefgh", "a"]], "string"), a(16), out_type=kind)
row("DecodePaddedRaw", a("ab", "string"), a(4), out_type="int16", little_endian=False)
JSON = ['{"features": {"feature": {"a": {"int64_list": {"value": [1, -2]}}}}}', "{}"]
JSON += ['{"features": {"feature": {"z": {"float_list": {"value": [1.5]}}, "b": {"bytes_list": {"value": []}}}}}']
row("DecodeJSONExample", a([JSON], "string"))
row("DecodeJSONExample", a('{"features": {"feature": {"b": {"bytes_list": {"value": ["YWI="]}}}}}', "string"))
