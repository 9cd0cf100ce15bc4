"""Strings, patterns and numbers in them."""
from __future__ import annotations

import numpy as np

from ..edges import c, edge, k

TEXTS = ["é", "aéb", "abc\n", "a\nb", "A b_1", "", "ÀÉ àé", "a\x0bb", "x{,2}y", "aa", "a.b", "ab\r\n", "ABCabc", "aaa",
         "1٣", b"a\xffb"]
PATTERNS = [
    "", ".", "c$", "b$", "^b", "(?m)^b", "(?m)b$", r"\w", r"\W", r"\s", r"\S", r"\d", r"\D", r"\b", "[[:alpha:]]+",
    "[^[:space:]]", "[[:^word:][:punct:]]", r"\pL", r"\PL", r"[\p{Lu}\d]", "(?i)É", "(?i)k", "a{,2}", "a{2}", "a**",
    "a++", "a+?", "a*?", "(?U)a+", r"\Q.\E", r"c\z", r"\Z", r"\A.", "(?P<n>a)b", "(?<n>a)", "(?s).", "a(?i)B",
    "(?i:B)c", "[é]", "[^a]", r"\x{e9}", r"\x41", r"\101", r"\u0041", r"[a-\d]", r"[\w-]", "(a|ab)(c|bcd)?", "(a*)*",
    "(?#c)a", "a|", "|a", r"[\b]", r"\_", "\\é", "{", "[]a]", "[a", "a)", "(a", "*", "(?=a)", r"(a)\1", "a{1001}",
    "a{3,2}", "[z-a]", r"\8", "x*", "(?-s).", "^*", "(?x)a b", r"[^\S]", r"[\D]", "\\"]


def text(value: object) -> np.ndarray:
    flat = [x if isinstance(x, bytes) else str(x).encode() for x in (value if isinstance(value, list) else [value])]
    return np.array(flat if isinstance(value, list) else flat[0], object)


for pattern in PATTERNS:
    edge("RegexReplace", k(text(TEXTS)), c(text(pattern)), c(text(r"<\0>")))
    edge("RegexFullMatch", k(text(TEXTS)), c(text(pattern)))
for rewrite in (r"<\1>", r"\2", "x\\", r"x\ny", r"\\", ""):
    for everywhere in (True, False):
        edge("RegexReplace", k(text(["abcb", "x"])), c(text("(b)")), c(text(rewrite)), replace_global=everywhere)
edge("RegexReplace", k(text("aéa")), c(text("a*")), c(text("-")), replace_global=False)
for number in ("0x10", "-0X1.8p2", "0x", "0x1p99999", "nan(1)", "-NaN(x)", "1e400", "1_0"):
    edge("StringToNumber", k(text([number])))
    edge("StringToNumber", k(text([number])), out_type="float64")
for kind in ("uint32", "uint64", "int32"):
    edge("StringToNumber", k(text(["-0"])), out_type=kind)
for fill in ("0", "-", "+", " "):
    for kind in ("float32", "complex64"):
        edge("AsString", k([float("nan"), float("inf"), -float("inf"), -0.0, 1.5], kind), width=12, fill=fill)
    edge("AsString", k([1, 127], "uint8"), width=5, fill=fill)
    edge("AsString", k([1, -127], "int8"), width=5, fill=fill)
edge("DecodeRaw", k(text([b"\x00a\x02"])), out_type="bool")
edge("ShardedFilename", k(text(b"\xff")), c(2), k(100000))
for unit in ("BYTE", "UTF8_CHAR"):
    for at in (0, 2, -2, 6, -7):
        for length in (1, -1, 100):
            edge("Substr", k(text(["héllo"])), c(at), c(length), unit=unit)
