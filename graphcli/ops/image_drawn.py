"""Boxes drawn on images, and boxes and pieces of images that are drawn by chance (tf.image)."""
from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import no_gradient, op, undefined_gradient
from ..graph.shapes import show
from . import _philox as philox

CPU_ONLY = True
COLORS = np.array([[1, 1, 0, 1], [0, 0, 1, 1], [1, 0, 0, 1], [0, 1, 0, 1], [.5, 0, .5, 1], [.5, .5, 0, 1],
                   [.5, 0, 0, 1], [0, 0, .5, 1], [0, 1, 1, 1], [1, 0, 1, 1]], np.float32)
"""Those of boxes, one after the other; gray pictures have white ones."""


def _draw(image: Any, box: Any, color: Any) -> None:
    """One box [top, left, bottom, right], in parts of the sides."""
    height, width, depth = image.shape
    sides = np.array([height - 1, width - 1, height - 1, width - 1], np.float32)
    top, left, bottom, right = (int(x) for x in box.astype(np.float32) * sides)
    if top > bottom or left > right or top >= height or bottom < 0 or left >= width or right < 0:
        return
    rows, columns = slice(max(top, 0), min(bottom, height - 1) + 1), slice(max(left, 0), min(right, width - 1) + 1)
    for row in (top, bottom):
        if 0 <= row < height:
            image[row, columns] = color[:depth]
    for column in (left, right):
        if 0 <= column < width:
            image[rows, column] = color[:depth]


def _drawn(images: Any, boxes: Any, colors: Any = None) -> Any:
    depth = images.shape[3]
    palette = COLORS
    if colors is not None and colors.size:
        palette = colors
    elif depth == 1:
        palette = np.ones_like(COLORS)
    out = images.copy()
    for image, some in zip(out, boxes):
        for i, box in enumerate(some):
            _draw(image, box, palette[i % len(palette)])
    return out


def _images(n: Any, images: Any, boxes: Any, *colors: Any) -> Any:
    if images is not None and images[3] not in (None, 1, 3, 4):
        n.fail(f"images have 1, 3 or 4 channels, not {images[3]}")
    if not n.built and images is not None and boxes is not None and images[0] != boxes[0]:
        n.fail("there are as many images as lists of boxes")
    return images


@op
class DrawBoundingBoxes:
    """Images [batch, height, width, depth] with boxes [batch, boxes, 4] on them (tf.image.draw_bounding_boxes)."""

    signature = "images: T, boxes: float32 -> output: T"
    takes = "images: [?, ?, ?, ?]; boxes: [?, ?, 4]"
    attrs = "T: {float32, float16} = float32"
    infer, gradient = _images, no_gradient

    def kernel(n: Any) -> Any:
        return _drawn


@op
class DrawBoundingBoxesV2:
    """The same in colors that are given, [colors, 4], of which as many count as the images have channels."""

    signature = "images: T, boxes: float32, colors: float32 -> output: T"
    takes = "images: >=3; images: [?, ?, ?, ?] run; boxes: [?, ?, 4] run; colors: [?, 4] run"
    attrs = "T: {float32, float16} = float32"
    infer, gradient = _images, undefined_gradient

    def kernel(n: Any) -> Any:
        return _drawn


class _Draws:
    """Numbers that are drawn one at a time, four words of a counter after the other."""

    def __init__(self, rng: philox.Philox, at: int) -> None:
        self.rng, self.at = rng, at
        self.words: list[int] = []

    def word(self) -> int:
        if not self.words:
            self.words = self.rng.words(self.at, 1)[0].tolist()
            self.at += 1
        return self.words.pop(0)

    def share(self) -> Any:
        """A float32 in [0, 1)."""
        return np.uint32(0x3F800000 | self.word() & 0x7FFFFF).view(np.float32) - np.float32(1)

    def below(self, n: int) -> int:
        """A whole number in [0, n), all as likely: of the words so few are left out that n parts them evenly."""
        if not n & (n - 1):
            return self.word() & (n - 1)
        while (word := self.word()) < (1 << 32) % n:
            pass
        return word % n


_F = np.float32


def _piece(size: tuple[int, int], areas: Any, ratio: Any, draws: _Draws) -> tuple[int, int, int, int] | None:
    """A box (top, left, bottom, right) of a drawn height at a drawn place; None where there is none."""
    height, width = size
    if areas[1] <= 0 or ratio <= 0 or width <= 0 or height <= 0 or areas[0] > areas[1]:
        return None
    least, greatest = (_F(_F(a * _F(width)) * _F(height)) for a in areas)
    high = int(np.rint(np.sqrt(_F(least / ratio))))
    top_height = int(np.rint(np.sqrt(_F(greatest / ratio))))
    if np.rint(_F(_F(top_height) * ratio)) > width:
        top_height = int((width + 0.5 - float(_F(1e-7))) / float(ratio))
        if np.rint(_F(_F(top_height) * ratio)) > width:
            top_height -= 1
    top_height = min(top_height, height)
    high = min(high, top_height)
    if high < top_height:
        high += draws.below(top_height - high + 1)

    def wide(high: int) -> int:
        return int(np.rint(_F(_F(high) * ratio)))

    broad = wide(high)
    if _F(broad * high) < least:
        high += 1
        broad = wide(high)
    if _F(broad * high) > greatest:
        high -= 1
        broad = wide(high)
    area = _F(broad * high)
    if area < least or area > greatest or broad > width or high > height or broad <= 0 or high <= 0:
        return None
    y = draws.below(height - high) if high < height else 0
    x = draws.below(width - broad) if broad < width else 0
    return y, x, y + high, x + broad


def _covers(crop: Any, least: Any, boxes: list[Any]) -> bool:
    """Whether a box has enough of one of the objects."""
    def area(box: Any) -> Any:
        return _F((box[3] - box[1]) * (box[2] - box[0]))

    if area(crop) < 1:
        return False
    for box in boxes:
        if area(box) < 1:
            continue
        inner = max(crop[0], box[0]), max(crop[1], box[1]), min(crop[2], box[2]), min(crop[3], box[3])
        shared = _F(0) if inner[0] > inner[2] or inner[1] > inner[3] else area(inner)
        if shared / area(box) >= least:
            return True
    return False


def _sampled(n: Any) -> Any:
    attrs = n.attrs
    ratios, areas = attrs["aspect_ratio_range"], attrs["area_range"]
    for name, values in (("aspect ratio", ratios), ("area", areas)):
        if len(values) != 2 or not min(values) > 0:
            raise InvalidArgument(f"the {name} range has two numbers above 0, not {values}")
    if max(areas) > 1:
        raise InvalidArgument(f"the area range is at most 1, not {areas}")
    if attrs["max_attempts"] <= 0:
        raise InvalidArgument(f"max_attempts must be above 0, not {attrs['max_attempts']}")
    given = attrs.get("min_object_covered")
    rng = philox.stream(n)
    low, high = map(_F, ratios)

    def run(image_size: Any, bounding_boxes: Any, covered: Any = given) -> Any:
        if not covered >= 0:
            raise InvalidArgument(f"min_object_covered must be at least 0, not {float(covered):g}")
        height, width, _ = image_size.tolist()
        if not (0 <= height < 2**31 - 1 and 0 <= width < 2**31 - 1):
            raise InvalidArgument(f"image_size has a height and a width from 0 to 2^31 - 2, not {height} and {width}")
        boxes = bounding_boxes.reshape(-1, 4)
        if not ((boxes >= 0) & (boxes <= 1)).all():
            raise InvalidArgument("All bounding box coordinates must be in [0.0, 1.0]")
        sides = np.array([height, width, height, width], np.float32)
        found = (boxes * sides).astype(np.int32).tolist()
        if not found:
            if not attrs["use_image_if_no_bounding_boxes"]:
                raise InvalidArgument("No bounding boxes provided as input",
                                      hint="use_image_if_no_bounding_boxes takes the whole image then")
            found = [(0, 0, height, width)]
        draws = _Draws(rng, rng.reserve(attrs["max_attempts"]))
        crop = 0, 0, height, width
        for _ in range(attrs["max_attempts"]):
            ratio = draws.share() * (high - low) + low
            piece = _piece((height, width), tuple(map(_F, areas)), ratio, draws)
            if piece is not None and _covers(piece, _F(covered), found):
                crop = piece
                break
        top, left, bottom, right = crop
        kind = image_size.dtype
        return [np.array([top, left, 0]).astype(kind), np.array([bottom - top, right - left, -1]).astype(kind),
                (np.array(crop, np.float32) / sides).reshape(1, 1, 4)]

    return run


_SAMPLED = ("aspect_ratio_range: list(float) = [0.75, 1.3300000429153442]; "
            "area_range: list(float) = [0.05000000074505806, 1.0]; "
            "max_attempts: int = 100; use_image_if_no_bounding_boxes: bool = False; "
            "T: {uint8, int8, int16, int32, int64}; seed: int = 0; seed2: int = 0")


@op
class SampleDistortedBoundingBox:
    """A box by chance that has enough of an object: where it begins, its size, and its corners."""

    signature = "image_size: T, bounding_boxes: float32 -> begin: T, size: T, bboxes: float32"
    takes = "image_size: [3]; bounding_boxes: [?, ?, 4]"
    attrs = f"{_SAMPLED}; min_object_covered: float = 0.10000000149011612"
    stateful = True
    kernel, gradient = _sampled, no_gradient

    def infer(n: Any, *inputs: Any) -> Any:
        return [(3,), (3,), (1, 1, 4)]


@op
class SampleDistortedBoundingBoxV2:
    """The same with the part of an object as an input (tf.image.sample_distorted_bounding_box)."""

    signature = ("image_size: T, bounding_boxes: float32, min_object_covered: float32 -> "
                 "begin: T, size: T, bboxes: float32")
    takes = "image_size: [3]; bounding_boxes: [?, ?, 4]; min_object_covered: []"
    attrs = _SAMPLED
    stateful = True
    kernel, gradient = _sampled, no_gradient

    def infer(n: Any, *inputs: Any) -> Any:
        return [(3,), (3,), (1, 1, 4)]


@op
class RandomCrop:
    """A piece of an image [height, width, channels], of a size [height, width], at a place by chance."""

    signature = "image: T, size: int64 -> output: T"
    takes = "image: [?, ?, ?]; size: [2]"
    attrs = "T: {uint8, int8, int16, int32, int64, float32, float64}; seed: int = 0; seed2: int = 0"
    stateful = True
    gradient = no_gradient

    def infer(n: Any, image: Any, size: Any) -> Any:
        return (*n.shape_value(1), (image or (None,) * 3)[2])

    def kernel(n: Any) -> Any:
        rng = philox.stream(n)

        def run(image: Any, size: Any) -> Any:
            height, width = size.tolist()
            if not (0 <= height <= image.shape[0] and 0 <= width <= image.shape[1]):
                raise InvalidArgument(f"an image {show(image.shape)} has no piece of the size {[height, width]}")
            draws = _Draws(rng, rng.reserve(1))
            # a word for each side that is cut
            left = draws.word() % (image.shape[1] - width + 1) if width < image.shape[1] else 0
            top = draws.word() % (image.shape[0] - height + 1) if height < image.shape[0] else 0
            return image[top:top + height, left:left + width].copy()

        return run

    def scratch(n: Any) -> Any:
        return prod(n.shapes[1] or (0,))
