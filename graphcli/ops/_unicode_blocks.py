"""Texts as code points and back, a block at a time: Python's decoders read what has no fault, and numpy takes it apart;
what has faults goes character by character (``_unicode``)."""
from __future__ import annotations

import codecs
import io
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from ._unicode import FAULT, LAST, Faults, characters

SOME = 1 << 14
"""Bytes of texts, or code points, of a block."""
_BYTES = ("ascii", "latin-1", "iso8859-", "cp125", "koi8-", "mac-roman", "cp866", "cp874")
"""How the names of encodings begin that have a byte for each character."""

Block = tuple[int, list[int], Any, Any]
"""Which text is the first, how many characters of it and of those after it there are, which, and where they begin."""


def _sizes(codes: Any, python: str) -> Any:
    """Bytes of each character."""
    if python == "utf-8":
        return 1 + (codes > 0x7F) + (codes > 0x7FF).astype(np.int64) + (codes > 0xFFFF)
    if python[:6] == "utf-16":
        return 2 + 2 * (codes > 0xFFFF).astype(np.int64)
    return np.full(len(codes), 4 if python[:6] == "utf-32" else 1)


def _known(python: str) -> str:
    """The codec by which texts without faults, and without marks at the front, are read; "" where a character may have
    any number of bytes."""
    if python in ("utf-16", "utf-32"):
        return f"{python}-be"
    return python if python == "utf-8" or python[:6] in ("utf-16", "utf-32") or python.startswith(_BYTES) else ""


def _marked(text: bytes, python: str) -> bool:
    return python in ("utf-16", "utf-32") and text[:2] in (b"\xfe\xff", b"\xff\xfe", b"\0\0")


def _pieces(text: bytes, codec: str) -> Iterator[str]:
    """A long text, some of it at a time. Raises UnicodeDecodeError."""
    decoder = codecs.getincrementaldecoder(codec)()
    for i in range(0, len(text), SOME):
        yield decoder.decode(text[i:i + SOME], i + SOME >= len(text))


def whole(text: bytes, python: str) -> str | None:
    """A text of one block that has no fault."""
    if len(text) > SOME or not _known(python) or _marked(text, python):
        return None
    try:
        return text.decode(_known(python))
    except UnicodeDecodeError:
        return None


def _sound(text: bytes, python: str) -> bool:
    """Whether a long text has no fault."""
    if not _known(python) or _marked(text, python):
        return False
    try:
        for _ in _pieces(text, _known(python)):
            pass
    except UnicodeDecodeError:
        return False
    return True


def blocks(texts: Iterable[bytes], python: str, faults: Faults) -> Iterator[Block]:
    """The characters of texts that stay. Raises InvalidArgument where a fault is an error."""
    some: list[str] = []
    sizes: list[int] = []
    first = held = 0
    for i, text in enumerate(texts):
        found = whole(text, python)
        if some and (found is None or held + len(text) > SOME):
            yield _block(first, some, sizes, 0, python, faults)
            held, some, sizes = 0, [], []
        if found is not None:
            first = first if some else i
            held += len(text)
            some.append(found)
            sizes.append(len(text))
        elif len(text) > SOME and _sound(text, python):
            at = 0
            for piece in _pieces(text, _known(python)):
                size = len(piece.encode(_known(python)))
                yield _block(i, [piece], [size], at, python, faults)
                at += size
        else:
            yield from _one_by_one(i, text, python, faults)
    if some:
        yield _block(first, some, sizes, 0, python, faults)


def _block(first: int, some: list[str], sizes: list[int], start: int, python: str, faults: Faults) -> Block:
    """Texts of so many bytes each, of which the first begins at a byte of its text."""
    many = [len(s) for s in some]
    codes = np.frombuffer("".join(some).encode("utf-32-le"), "<i4").astype(np.int32)
    places = _sizes(codes, _known(python))
    places = np.cumsum(places) - places + start
    places -= np.repeat(np.cumsum(sizes) - sizes, many)
    if faults.controls and (bad := codes <= 0x1F).any():
        if faults.errors == "ignore":
            text = np.repeat(np.arange(len(many)), many)
            many = np.bincount(text[~bad], minlength=len(many)).tolist()
            codes, places = codes[~bad], places[~bad]
        else:
            codes[bad] = faults.replacement
    return first, many, codes, places


def _one_by_one(number: int, text: bytes, python: str, faults: Faults) -> Iterator[Block]:
    at = 0
    codes: list[int] = []
    places: list[int] = []
    for code, size, _ in faults.settled(characters(text, python)):
        if code >= 0:
            codes.append(code)
            places.append(at)
        at += size
        if len(codes) == SOME // 8:
            yield number, [len(codes)], np.array(codes, np.int32), np.array(places, np.int64)
            codes, places = [], []
    yield number, [len(codes)], np.array(codes, np.int32), np.array(places, np.int64)


def as_text(codes: Any, encoding: str) -> str:
    """Code points as a string that is to be encoded. A surrogate alone is none in UTF-8, and as it is in the others."""
    if encoding == "UTF-8":
        codes = np.where((codes >= 0xD800) & (codes < 0xE000), FAULT, codes)
    return str(codes.astype("<u4").tobytes(), "utf-32-le", "surrogatepass")


def encoded(parts: Iterable[Any], encoding: str) -> bytes:
    """Code points that come in parts as bytes."""
    out = io.BytesIO()
    for codes in parts:
        out.write(as_text(codes, encoding).encode(encoding, "surrogatepass"))
    return out.getvalue()


def rows(values: Any, ends: Any, encoding: str, faults: Faults) -> Iterator[tuple[int, list[bytes]]]:
    """(the number of the first, some rows of code points as bytes). ends: where each row begins, and the last ends."""

    def settled(codes: Any) -> tuple[Any, Any]:
        """The code points that stay, and which do; None for all."""
        bad = (codes < 0) | (codes > LAST)
        if not bad.any():
            return codes, None
        return (np.where(bad, faults.replacement, codes), None) if faults.errors == "replace" else (codes[~bad], ~bad)

    i, many = 0, len(ends) - 1
    while i < many:
        start = int(ends[i])
        if ends[i + 1] - start > SOME:
            yield i, [encoded((settled(values[k:min(k + SOME, int(ends[i + 1]))])[0]
                               for k in range(start, int(ends[i + 1]), SOME)), encoding)]
            i += 1
            continue
        stop = min(int(np.searchsorted(ends, start + SOME, "right")) - 1, i + SOME)
        codes, stays = settled(values[start:int(ends[stop])])
        at = ends[i:stop + 1] - start
        if stays is not None:
            at = np.concatenate([[0], np.cumsum(stays)])[at]
        text, at = as_text(codes, encoding), at.tolist()
        yield i, [text[a:b].encode(encoding, "surrogatepass") for a, b in zip(at, at[1:])]
        i = stop


class Growing:
    """A vector that parts are put behind, in little more memory than they take."""

    def __init__(self, dtype: Any) -> None:
        self.array = np.empty(0, dtype)
        self.size = 0

    def add(self, part: Any) -> None:
        end = self.size + len(part)
        if end > len(self.array):
            self.array.resize(end + (end >> 4), refcheck=False)
        self.array[self.size:end] = part
        self.size = end

    def whole(self) -> Any:
        self.array.resize(self.size, refcheck=False)
        return self.array
