"""JPEG as TensorFlow decodes it, of what Pillow's libjpeg gives (Pillow is the extra ``images``).

TensorFlow takes libjpeg's fast DCT and its "fancy" enlarging of the colour planes by default; Pillow has either the
fast one and no fancy planes, or the slow one and fancy planes. So where the two do not fit, planes are asked for in the
file's own colours, as small as they are stored, and are enlarged and turned into red, green and blue here, in libjpeg's
whole numbers.
"""
from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import DataLoss, InvalidArgument, Unimplemented

JPEG = ("channels: int = 0; ratio: int = 1; fancy_upscaling: bool = True; try_recover_truncated: bool = False; "
        "acceptable_fraction: float = 1.0; dct_method: string = ''")
"""The attrs of ops that read JPEG."""
SIGNATURE = b"\xff\xd8\xff"
LINES = 64
"""Lines of a picture that are turned into colours at a time."""


def pillow() -> Any:
    """Pillow's module of images."""
    try:
        from PIL import Image
    except ImportError:
        raise Unimplemented("JPEG and GIF files are read with Pillow, which is not installed",
                            hint="pip install 'graphcli[images]'") from None
    return Image


@dataclass
class Header:
    """What the head of a file tells. parts: of each component how much it is sampled, (across, down)."""

    height: int
    width: int
    parts: tuple[tuple[int, int], ...]
    space: str
    """The colours of its planes, in Pillow's words."""
    adobe: bool

    @property
    def most(self) -> tuple[int, int]:
        return max(h for h, _ in self.parts), max(v for _, v in self.parts)


def header(data: bytes) -> Header:
    """The head of a file. Raises DataLoss for bytes that have none."""
    try:
        return _header(data)
    except (struct.error, IndexError) as error:
        raise DataLoss("the JPEG ends in its head") from error


def _header(data: bytes) -> Header:
    if not data.startswith(SIGNATURE[:2]):
        raise DataLoss("the bytes are no JPEG")
    at, jfif, transform, frame = 2, False, -1, b""
    while True:
        while data[at] != 0xff or data[at + 1] in (0, 0xff):
            at += 1
        kind = data[at + 1]
        size, = struct.unpack_from(">H", data, at + 2)
        body = data[at + 4:at + 2 + size]
        if kind == 0xe0 and body.startswith(b"JFIF\0"):
            jfif = True
        elif kind == 0xee and body.startswith(b"Adobe") and len(body) >= 12:
            transform = body[11]
        elif 0xc0 <= kind <= 0xcf and kind not in (0xc4, 0xc8, 0xcc):
            frame = body
        elif kind in (0xd9, 0xda):
            break
        at += 2 + size
    # a file whose head goes on to where its pixels begin is the only one that libjpeg begins to read
    if kind == 0xd9 or not frame:
        raise DataLoss("the JPEG has no head")
    _, height, width, count = struct.unpack_from(">BHHB", frame)
    ids = bytes(frame[6 + 3 * k] for k in range(count))
    parts = tuple(divmod(frame[7 + 3 * k], 16) for k in range(count))
    if not (height and width and count and all(h and v for h, v in parts)):
        raise DataLoss("the JPEG has no size")
    return Header(height, width, parts, _space(ids, jfif, transform), transform >= 0)


def _space(ids: bytes, jfif: bool, transform: int) -> str:
    """As libjpeg guesses it."""
    if len(ids) == 4:
        return "YCbCrK" if transform == 2 else "CMYK"
    if len(ids) != 3:
        return "L"
    own = transform == 0 if transform >= 0 else ids == b"RGB"
    return "RGB" if own and not jfif else "YCbCr"


@dataclass
class Window:
    """A part of a picture, of its size at the ratio that is asked for."""

    lines: slice
    columns: slice


def decoded(data: bytes, channels: int, ratio: int = 1, fancy: bool = True, accurate: bool = False,
            recover: bool = False, window: tuple[int, int, int, int] | None = None, limit: int | None = None) -> Any:
    """The pixels, uint8 [height, width, channels]. channels: 0 for those of the file, 1 or 3.

    recover: whether one that is cut short would do, which is not read here. window: (line, column, lines, columns)
    that are wanted. limit: bytes that the picture may take.
    """
    try:
        head = header(data)
    except DataLoss as error:
        raise _damaged(data) from error
    channels = channels or (1 if len(head.parts) == 1 else 3)
    height, width = -(-head.height // ratio), -(-head.width // ratio)
    if limit is not None and height * width * channels > limit:
        raise InvalidArgument(f"the picture takes {height * width * channels} bytes; the limit is {limit}")
    part = None
    if window is not None:
        y, x, high, wide = window
        if min(y, x) < 0 or min(high, wide) < 1 or y + high > height or x + wide > width:
            raise _damaged(data)
        part = Window(slice(y, y + high), slice(x, x + wide))
    if len(head.parts) not in (1, 3, 4) or channels == 1 and len(head.parts) == 4:
        raise _damaged(data)
    try:
        return _Planes(data, head, ratio, fancy, accurate).pixels(channels, part)
    except ValueError as error:
        if recover and "not enough" in str(error):
            raise Unimplemented("the JPEG is cut short, and is not read on here") from error
        raise _damaged(data) from error


def of_jpeg(n: Any) -> None:
    """Refuses attrs that no file can be read with, in the words of TensorFlow's kernel."""
    ratio, method = n.attrs["ratio"], n.attrs["dct_method"]
    if ratio not in (1, 2, 4, 8):
        raise InvalidArgument(f"ratio must be 1, 2, 4, or 8, got {ratio}")
    method = method.decode() if isinstance(method, bytes) else method
    if method not in ("", "INTEGER_FAST", "INTEGER_ACCURATE"):
        raise InvalidArgument(f"dct_method must be one of {{'', 'INTEGER_FAST', 'INTEGER_ACCURATE'}}, not {method!r}")


def _damaged(data: bytes) -> InvalidArgument:
    return InvalidArgument(f"Invalid JPEG data or crop window, data size {len(data)}")


class _Planes:
    """A file at a ratio, and how its planes are to be enlarged."""

    def __init__(self, data: bytes, head: Header, ratio: int, fancy: bool, accurate: bool) -> None:
        self.image, self.data, self.head, self.ratio, self.accurate = pillow(), data, head, ratio, accurate
        self.fancy = fancy
        self.half: Any = None
        self.ways: list[str] = []

    def _read(self, space: str, ratio: int) -> Any:
        """The picture in these colours, enlarged as Pillow does it."""
        mode = {"YCbCrK": "CMYK"}.get(space, space)
        size = (-(-self.head.width // ratio), -(-self.head.height // ratio))
        image = self.image.frombytes(mode, size, self.data, "jpeg", space, "", ratio, 0 if self.accurate else 1)
        pixels = np.asarray(image)
        return pixels if pixels.ndim == 3 else pixels[..., None]

    def _times(self, part: tuple[int, int]) -> tuple[int, int]:
        """How much larger than a component's plane the picture is; libjpeg's DCT makes a small one larger first."""
        (most_h, most_v), (h, v), least = self.head.most, part, 8 // self.ratio
        size = least
        while size < 8 and most_h * least % (h * size * 2) == 0 and most_v * least % (v * size * 2) == 0:
            size *= 2
        return most_h * least // (h * size), most_v * least // (v * size)

    def _enlarged(self, part: tuple[int, int]) -> str:
        """The name of the fancy way to enlarge such a plane, if there is one."""
        if self.ratio == 8:
            return ""
        times = self._times(part)
        wide = -(-self.head.width // (self.ratio * times[0])) > 2
        return {(2, 1): "across" if wide else "", (1, 2): "down", (2, 2): "both" if wide else ""}.get(times, "")

    def pixels(self, channels: int, window: Window | None = None) -> Any:
        head = self.head
        self.ways = [self._enlarged(p) for p in head.parts]
        pillows = self.fancy is self.accurate and not (self.fancy and window)
        if pillows or not any(self.ways) or channels == 1 and not self.ways[0]:
            if channels == 1:
                whole = self._read("L", self.ratio)
            elif len(head.parts) < 4:
                whole = _as_three(self._read("L" if head.space == "L" else "RGB", self.ratio))
            else:
                whole = _inked(self._read("CMYK", self.ratio), head.adobe)
            return whole if window is None else whole[window.lines, window.columns]
        whole = self._read(head.space, self.ratio)
        planes = [self._plane(whole, k, window) for k in range(1 if channels == 1 else len(head.parts))]
        if channels == 1:
            return np.ascontiguousarray(planes[0][..., None])
        if head.space in ("RGB", "CMYK"):
            whole = np.stack(planes, -1)
            return whole if head.space == "RGB" else _inked(whole, head.adobe)
        colours = _colours(*planes[:3])
        if head.space == "YCbCr":
            return colours
        return _inked(np.concatenate([255 - colours, planes[3][..., None]], -1), head.adobe)

    def _plane(self, whole: Any, k: int, window: Window | None) -> Any:
        """A plane in the picture's size, or what is seen of it in a window, where libjpeg enlarges what stands in it
        and in the blocks to the left alone."""
        height, width = whole.shape[:2]
        way, (across, down) = self.ways[k], self._times(self.head.parts[k])
        lines, columns = (slice(0, height), slice(0, width)) if window is None else (window.lines, window.columns)
        if not way:
            return whole[lines, columns, k]
        small = self._small(whole, k)
        if not self.fancy:
            return small.repeat(down, 0)[:height].repeat(across, 1)[lines, columns]
        block = 8 // self.ratio * self.head.most[0]
        start = columns.start // block * block
        small = small[:, start // across:-(-columns.stop // across)]
        if window is not None and small.shape[1] < 2 and way != "down":
            return small.repeat(down, 0).repeat(across, 1)[lines, columns.start - start:columns.stop - start]
        large = _WAYS[way](small.astype(np.uint16)).astype(np.uint8)
        return large[lines, columns.start - start:columns.stop - start]

    def _small(self, whole: Any, k: int) -> Any:
        """A plane as small as it is stored. Pillow enlarges an accurate one, but not at half the picture's size."""
        across, down = self._times(self.head.parts[k])
        if not self.accurate:
            return whole[::down, ::across, k]
        if self.ratio > 1 or (across, down) != (2, 2):
            raise Unimplemented("colours that a JPEG has at half the width or half the height alone are not read "
                                "accurately without fancy_upscaling, or in a window")
        if self.half is None:
            self.half = self._read(self.head.space, 2)
        return self.half[..., k]


def _as_three(pixels: Any) -> Any:
    return pixels if pixels.shape[2] == 3 else np.repeat(pixels, 3, -1)


def _inked(ink: Any, adobe: bool) -> Any:
    """Colours of four inks, which Adobe writes as what is left of white."""
    left = ink.astype(np.uint16) if adobe else 255 - ink.astype(np.uint16)
    return (left[..., :3] * left[..., 3:] // 255).astype(np.uint8)


def _beside(plane: Any, axis: int) -> tuple[Any, Any]:
    """Of each line the one before and the one after, at the ends itself."""
    at = np.arange(plane.shape[axis])
    return plane.take(np.maximum(at - 1, 0), axis), plane.take(np.minimum(at + 1, len(at) - 1), axis)


def _across(plane: Any) -> Any:
    """Twice as wide, 3/4 of the nearer and 1/4 of the farther; the ends are as they are."""
    before, after = _beside(plane, 1)
    out = np.empty((len(plane), 2 * plane.shape[1]), np.uint16)
    out[:, ::2], out[:, 1::2] = (3 * plane + before + 1) >> 2, (3 * plane + after + 2) >> 2
    out[:, 0], out[:, -1] = plane[:, 0], plane[:, -1]
    return out


def _down(plane: Any) -> Any:
    above, below = _beside(plane, 0)
    out = np.empty((2 * len(plane), plane.shape[1]), np.uint16)
    out[::2], out[1::2] = (3 * plane + above + 1) >> 2, (3 * plane + below + 2) >> 2
    return out


def _both(plane: Any) -> Any:
    above, below = _beside(plane, 0)
    rows = np.empty((2 * len(plane), plane.shape[1]), np.uint16)
    rows[::2], rows[1::2] = 3 * plane + above, 3 * plane + below
    before, after = _beside(rows, 1)
    out = np.empty((len(rows), 2 * plane.shape[1]), np.uint16)
    out[:, ::2], out[:, 1::2] = (3 * rows + before + 8) >> 4, (3 * rows + after + 7) >> 4
    return out


_WAYS = {"across": _across, "down": _down, "both": _both}
_OFF = np.arange(256) - 128
_RED, _BLUE = ((int(s * 65536 + 0.5) * _OFF + 32768 >> 16).astype(np.int16) for s in (1.402, 1.772))
_GREEN = ((int(0.34414 * 65536 + 0.5) * -_OFF + 32768)[:, None] + int(0.71414 * 65536 + 0.5) * -_OFF >> 16).astype(
    np.int16).reshape(-1)
"""Of blue and red in one number."""


def _colours(light: Any, blue: Any, red: Any) -> Any:
    """Red, green and blue of the planes Y, Cb and Cr."""
    out = np.empty((*light.shape, 3), np.uint8)
    for start in range(0, len(light), LINES):
        some = slice(start, start + LINES)
        y, both = light[some].astype(np.int16), blue[some].astype(np.uint16)
        both <<= 8
        both |= red[some]
        for k, (table, places) in enumerate(((_RED, red[some]), (_GREEN, both), (_BLUE, blue[some]))):
            value = table.take(places)
            value += y
            np.clip(value, 0, 255, out=value)
            out[some, :, k] = value
    return out
