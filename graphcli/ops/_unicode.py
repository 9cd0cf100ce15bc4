"""Bytes as characters and back, as ICU's converters do it: each character with its place, and whether it stands for
bytes that mean none.

They go character by character, which what has faults, and the encodings of old, need (``_unicode_blocks``). The
converters are those that Python has too; user-defined and unassigned characters of East Asian ones may differ.
"""
from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from ..errors import InvalidArgument

FAULT, NOTHING, LAST = 0xFFFD, 0xFFFF, 0x10FFFF

CODECS: dict[str, str] = {
    "utf8": "utf-8", "unicode11utf8": "utf-8", "cp1208": "utf-8",
    "utf16be": "utf-16-be", "xutf16be": "utf-16-be", "unicodebigunmarked": "utf-16-be", "cp1201": "utf-16-be",
    "cp1200": "utf-16-be", "utf16le": "utf-16-le", "unicodelittleunmarked": "utf-16-le",
    "utf16": "utf-16", "ucs2": "utf-16", "iso10646ucs2": "utf-16", "csunicode": "utf-16", "unicode": "utf-16",
    "utf32be": "utf-32-be", "utf32le": "utf-32-le", "utf32": "utf-32", "ucs4": "utf-32", "iso10646ucs4": "utf-32",
    "utf7": "utf-7", "usascii": "ascii", "ascii": "ascii", "latin1": "latin-1", "l1": "latin-1", "iso88591": "latin-1",
    "latin2": "iso8859-2", "latin5": "iso8859-9", "latin9": "iso8859-15", "macintosh": "mac-roman", "mac": "mac-roman",
    "windows874": "cp874", "tis620": "cp874", "koi8r": "koi8-r", "koi8u": "koi8-u", "ibm866": "cp866", "cp866": "cp866",
    "shiftjis": "cp932", "sjis": "cp932", "xsjis": "cp932", "cp932": "cp932", "windows31j": "cp932", "ms932": "cp932",
    "mskanji": "cp932", "csshiftjis": "cp932", "eucjp": "euc_jp", "ujis": "euc_jp", "iso2022jp": "iso2022_jp",
    "iso2022kr": "iso2022_kr", "gb18030": "gb18030", "gbk": "gbk", "cp936": "gbk", "windows936": "gbk", "ms936": "gbk",
    "gb2312": "gb2312", "gb231280": "gb2312", "gb23121980": "gb2312", "euccn": "gb2312", "chinese": "gb2312",
    "hz": "hz", "hzgb2312": "hz", "big5": "cp950", "windows950": "cp950", "big5hkscs": "big5hkscs", "euckr": "euc_kr",
    "cseuckr": "euc_kr", "windows51949": "euc_kr", "windows949": "cp949", "cp949": "cp949", "xwindows949": "cp949",
    "ksc56011987": "cp949",
    **{f"iso8859{k}": f"iso8859-{k}" for k in (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15)},
    **{f"{name}125{k}": f"cp125{k}" for name in ("windows", "cp") for k in range(8)},
}
"""ICU's names, of small letters without signs, and Python's codecs."""


@cache
def codec(name: str) -> str:
    """Python's codec of ICU's name. Raises InvalidArgument for a name that ICU, or Python, has no converter of."""
    found = CODECS.get(re.sub(r"0+(?=[1-9])", "", re.sub("[^a-z0-9]", "", name.lower())) if name else "")
    if found is None:
        found = CODECS.get(re.sub("[^a-z0-9]", "", name.lower()))
    if found is None:
        raise InvalidArgument(f"Could not create converter for input encoding: {name}")
    return found


Character = tuple[int, int, bool]
"""A code point, how many bytes it stands for, and whether these mean none."""


def characters(data: bytes, python: str) -> Iterator[Character]:
    """The characters of some bytes."""
    return _marked(data, python) if python in ("utf-16", "utf-32") else _one_by_one(data, python)


def _marked(data: bytes, python: str) -> Iterator[Character]:
    """UTF-16 and UTF-32 in the order that a mark at the front says, else big end first."""
    mark, order = b"", "be"
    for end in ("be", "le"):
        if data.startswith(some := "\ufeff".encode(f"{python}-{end}")):
            mark, order = some, end
            break
    for i, (code, size, bad) in enumerate(_one_by_one(data[len(mark):], f"{python}-{order}")):
        # the mark counts with the first character
        yield code, size if i else size + len(mark), bad


def _one_by_one(data: bytes, python: str) -> Iterator[Character]:
    decoder = codecs.getincrementaldecoder(python)()
    start = at = 0
    while at < len(data):
        try:
            text = decoder.decode(data[at:at + 1], at + 1 == len(data))
        except UnicodeDecodeError as error:
            # the decoder holds what it has read since the last character
            size = max(1, error.end)
            code = _unassigned(data[start], python)
            yield (FAULT if code is None else code), size, code is None
            decoder.reset()
            start = at = start + size
            continue
        at += 1
        for i, c in enumerate(text):
            yield ord(c), at - start if not i else 0, False
            start = at
    if start < len(data):
        # signs that only say how to read on
        yield NOTHING, len(data) - start, False


def _unassigned(byte: int, python: str) -> int | None:
    """What ICU reads in a byte that Python has no character for."""
    if python == "gbk" and byte == 0x80:
        return 0x20AC
    if python[:4] == "cp12" or python == "cp874":
        return byte if 0x80 <= byte < 0xA0 else None
    return 0x80 if byte == 0x80 and python in ("euc_jp", "gb2312", "cp950", "euc_kr") else None


class Faults:
    """What is done with bytes that mean no character: the attrs errors, replacement_char, replace_control_characters.

    Raises InvalidArgument for a replacement that is no code point.
    """

    def __init__(self, attrs: dict[str, Any]) -> None:
        self.errors, self.replacement = attrs["errors"], attrs["replacement_char"]
        self.controls = attrs.get("replace_control_characters", False)
        if not 0 <= self.replacement <= LAST:
            raise InvalidArgument("replacement_char out of unicode codepoint range")

    def settled(self, found: Iterable[Character]) -> Iterator[Character]:
        """The characters that stay. Raises InvalidArgument where a fault is an error."""
        for code, size, bad in found:
            if bad and self.errors == "strict":
                raise InvalidArgument("Invalid formatting on input string")
            if bad or self.controls and code <= 0x1F:
                code = -1 if self.errors == "ignore" else self.replacement
            yield code, size, bad
