"""Boxes of images brought to one size, and the gradients."""
from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from itertools import product
from math import prod
from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.opdef import op, undefined_gradient
from ..graph.shapes import show

CPU_ONLY = True
PART = 1 << 16
"""Elements of an image that are summed at a time, twice as many as of gradients that are added to them."""
PIECE = 1 << 16
"""Elements of crops that are made at a time, twice as many as of gradients for boxes."""
_METHOD = "method: {'bilinear', 'nearest'} = 'bilinear'"
_IMAGE = "T: {uint8, uint16, int8, int16, int32, int64, float16, float32, float64}; "


def _places(have: int, want: int, low: Any, high: Any) -> Any:
    """[boxes, want]: where in the image the lines of the crops lie, of the boxes' ends as shares."""
    last = np.float32(have - 1)
    if want > 1:
        step = (high - low) * last / np.float32(want - 1)
        return (low * last)[:, None] + np.arange(want, dtype=np.float32) * step[:, None]
    return (np.float32(0.5) * (low + high) * last)[:, None]


class Crops:
    """Which pixels each crop reads. Raises RunError for a box of an image that is not there."""

    def __init__(self, shape: tuple[int, ...], boxes: Any, box_ind: Any, size: tuple[int, int]) -> None:
        batch, height, width, _ = shape
        if any(s <= 0 for s in size):
            raise RunError("crop dimensions must be positive")
        bad = np.flatnonzero((box_ind < 0) | (box_ind >= batch))
        if bad.size:
            raise RunError(f"box_ind[{bad[0]}] is {int(box_ind[bad[0]])}, and there are {batch} images")
        y1, x1, y2, x2 = np.asarray(boxes, np.float32).T
        self.y, self.x = _places(height, size[0], y1, y2), _places(width, size[1], x1, x2)
        self.lines = (self.y >= 0) & (self.y <= height - 1)
        self.columns = (self.x >= 0) & (self.x <= width - 1)
        self.at = np.asarray(box_ind)[:, None, None]
        self.height, self.width = height, width

    def part(self, boxes: slice, lines: slice) -> Crops:
        """Some lines of some crops."""
        out = copy(self)
        out.y, out.lines = self.y[boxes, lines], self.lines[boxes, lines]
        out.x, out.columns, out.at = self.x[boxes], self.columns[boxes], self.at[boxes]
        return out

    @property
    def inside(self) -> Any:
        """[boxes, height, width]: what lies within the image."""
        return self.lines[:, :, None] & self.columns[:, None, :]

    def along(self, axis: int, nearest: bool) -> list[tuple[Any, Any]]:
        """(lines or columns of the image, shares) that the crops read along an axis: one, or the two beside."""
        at, size = (self.x, self.width) if axis else (self.y, self.height)
        if nearest:
            # half away from 0, as C's roundf
            found = [(np.floor(at + np.float32(0.5)), np.ones_like(at))]
        else:
            low = np.floor(at)
            found = [(low, 1 - (at - low)), (np.ceil(at), at - low)]
        return [(np.clip(place.astype(int), 0, size - 1), share) for place, share in found]

    def corners(self, nearest: bool) -> Iterator[tuple[Any, Any, Any]]:
        """(rows, columns, weights) of the pixels: one, or the four around."""
        for rows, v in self.along(0, nearest):
            for columns, h in self.along(1, nearest):
                yield rows[:, :, None], columns[:, None, :], v[:, :, None] * h[:, None, :] * self.inside


def _pieces(sizes: tuple[int, ...], most: int) -> list[list[tuple[slice, slice]]]:
    """How crops [boxes, height, width, channels] are cut: for some boxes each, the pieces of some lines.

    most: elements of a piece.
    """
    many, height, *line = sizes
    lines = max(1, most // max(1, prod(line)))
    boxes = max(1, lines // max(1, height))
    return [[(slice(i, i + boxes), slice(j, j + lines)) for j in range(0, height, lines)]
            for i in range(0, many, boxes)]


def _scratch(n: Any, sizes: tuple[int, ...], most: int, each: int) -> int:
    """Bytes of pieces, so many for each element."""
    many, height, width, channels = sizes
    piece = min(many * height, max(1, most // max(1, width * channels))) * width
    return int(min(n.threads, max(1, len(_pieces(sizes, most)))) * piece * (each * channels + 40)
               + 60 * many * (height + width))


def _boxed(n: Any, boxes: Any, box_ind: Any) -> Any:
    """How many boxes there are."""
    boxes = n.with_rank(boxes, 2, "boxes")
    if boxes[1] not in (None, 4):
        n.fail(f"boxes have four sizes, not the shape {show(boxes)}")
    return n.merge((boxes[0],), n.with_rank(box_ind, 1, "box_ind"), "numbers of boxes")[0]


@op
class CropAndResize:
    """Boxes [y1, x1, y2, x2] (shares of the height and the width) of images, in one size (tf.image.crop_and_resize).

    box_ind: of which image each box is. What lies outside is ``extrapolation_value``.
    """

    signature = "image: T, boxes: float32, box_ind: int32, crop_size: int32 -> crops: float32"
    attrs = _IMAGE + _METHOD + "; extrapolation_value: float = 0.0"

    def infer(n: Any, image: Any, boxes: Any, box_ind: Any, crop_size: Any) -> Any:
        image, many = n.with_rank(image, 4, "image"), _boxed(n, boxes, box_ind)
        if n.with_rank(crop_size, 1, "crop_size")[0] not in (None, 2):
            n.fail("crop_size is [height, width]")
        size = n.value(3)
        height, width = (None, None) if size is None else (int(v) for v in size)
        return (many, height, width, image[3])

    def kernel(n: Any) -> Any:
        xp, nearest, outside = n.xp, n.attrs["method"] == "nearest", np.float32(n.attrs["extrapolation_value"])

        def crop(image: Any, boxes: Any, box_ind: Any, crop_size: Any) -> Any:
            crops = Crops(image.shape, boxes, box_ind, (int(crop_size[0]), int(crop_size[1])))
            out = np.empty((len(boxes), *crop_size, image.shape[3]), np.float32)
            pieces = _pieces(out.shape, PIECE)

            def some(number: int) -> None:
                for place in pieces[number]:
                    part = crops.part(*place)
                    total = sum(image[part.at, rows, columns].astype(np.float32) * weights[..., None]
                                for rows, columns, weights in part.corners(nearest))
                    out[place] = np.where(part.inside[..., None], total, outside)

            n.each(len(pieces), some)
            return xp.asarray(out)

        return crop

    def scratch(n: Any) -> Any:
        return _scratch(n, n.outs[0], PIECE, 20)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        image, boxes, box_ind, _ = op.inputs
        size = tf.shape(image)
        of_image = None
        if image.dtype.base_dtype.is_floating:
            of_image = tf.apply_op("CropAndResizeGradImage", None, [grad, boxes, box_ind, size],
                                   {"T": image.dtype.base_dtype, "method": op.attrs["method"]})
        of_boxes = tf.apply_op("CropAndResizeGradBoxes", None, [grad, image, boxes, box_ind])
        return [of_image, of_boxes, None, None]


@op
class CropAndResizeGradImage:
    """The gradient of CropAndResize for its images."""

    signature = "grads: float32, boxes: float32, box_ind: int32, image_size: int32 -> output: T"
    takes = "image_size: [?]"
    attrs = "T: {float32, float16, float64}; " + _METHOD
    gradient = undefined_gradient

    def infer(n: Any, grads: Any, boxes: Any, box_ind: Any, image_size: Any) -> Any:
        n.with_rank(grads, 4, "grads")
        _boxed(n, boxes, box_ind)
        return n.with_rank(n.shape_value(3), 4, "image_size")

    def kernel(n: Any) -> Any:
        xp, nearest, kind = n.xp, n.attrs["method"] == "nearest", n.dtype()

        def back(grads: Any, boxes: Any, box_ind: Any, image_size: Any) -> Any:
            shape = tuple(int(s) for s in image_size)
            crops = Crops(shape, boxes, box_ind, grads.shape[1:3])
            rows, columns = crops.along(0, nearest), crops.along(1, nearest)
            out = np.empty(shape, kind)
            boxes_of = [np.flatnonzero(box_ind == image).tolist() for image in range(shape[0])]
            many = _lines(shape)
            across = -(-shape[1] // many)

            def band(number: int) -> None:
                image, low = divmod(number, across)
                low *= many
                high = min(shape[1], low + many)
                total = np.zeros((high - low) * shape[2] * shape[3])
                # box by box for each corner
                for (y, v), (x, h) in product(rows, columns):
                    for i in boxes_of[image]:
                        some = np.flatnonzero(crops.lines[i] & (y[i] >= low) & (y[i] < high))
                        if some.size:
                            _spread(total, grads[i], some, (y[i] - low) * shape[2], v[i], crops.columns[i], x[i], h[i])
                out[image, low:high] = total.reshape(high - low, *shape[2:])

            n.each(shape[0] * across, band)
            return xp.asarray(out)

        return back

    def scratch(n: Any) -> Any:
        images, height, width, channels = n.outs[0]
        _, *crop, _ = n.shapes[0]
        many = _lines(n.outs[0])
        blocks = max(1, images * -(-height // many))
        row = crop[1] * channels
        part = min(crop[0], max(1, PART // max(1, 2 * row))) * row
        return (min(n.threads, blocks) * (8 * min(many, height) * width * channels + 20 * part)
                + 50 * n.shapes[0][0] * sum(crop))


def _lines(shape: Any) -> int:
    """How many lines of an image of these sizes are summed at a time."""
    return int(max(1, PART // max(1, shape[2] * shape[3])))


def _spread(total: Any, grads: Any, some: Any, rows: Any, v: Any, kept: Any, columns: Any, h: Any) -> None:
    """Adds lines of a box's gradient to the elements that they were made of, in their order.

    rows, columns: where the lines and columns of the box begin. v, h: their shares."""
    channels = grads.shape[2]
    if not kept.all():
        grads, columns, h = grads[:, kept], columns[kept], h[kept]
    along = (columns[:, None] * channels + np.arange(channels)).reshape(-1)
    many = max(1, PART // max(1, 2 * along.size))
    for i in range(0, len(some), many):
        here = some[i:i + many]
        weights = v[here][:, None] * h
        given = (grads[here] * weights[..., None]).astype(np.float64)
        np.add.at(total, ((rows[here] * channels)[:, None] + along).reshape(-1), given.reshape(-1))


@op
class CropAndResizeGradBoxes:
    """The gradient of CropAndResize for its boxes."""

    signature = "grads: float32, image: T, boxes: float32, box_ind: int32 -> output: float32"
    attrs = _IMAGE + "method: {'bilinear'} = 'bilinear'"
    gradient = undefined_gradient

    def infer(n: Any, grads: Any, image: Any, boxes: Any, box_ind: Any) -> Any:
        n.with_rank(grads, 4, "grads")
        n.with_rank(image, 4, "image")
        _boxed(n, boxes, box_ind)
        return boxes

    def kernel(n: Any) -> Any:
        xp = n.xp

        def back(grads: Any, image: Any, boxes: Any, box_ind: Any) -> Any:
            many, *size = grads.shape[:3]
            crops = Crops(image.shape, boxes, box_ind, (size[0], size[1]))
            pieces = _pieces(grads.shape, PIECE // 2)
            # by lines, and by columns
            along = np.zeros((many, size[0])), np.zeros((many, size[1]))

            def some(number: int) -> None:
                for place in pieces[number]:
                    along[0][place], across = _along(crops.part(*place), image, grads[place])
                    along[1][place[0]] += across

            n.each(len(pieces), some)
            out = np.empty((many, 4))
            for axis, have in ((0, crops.height), (1, crops.width)):
                each, want = along[axis] * (have - 1), size[axis]
                share = np.arange(want) / (want - 1) if want > 1 else np.array([0.5])
                out[:, axis] = (each * (1 - share)).sum(1)
                out[:, axis + 2] = (each * share).sum(1)
            return xp.asarray(out.astype(np.float32))

        return back

    def scratch(n: Any) -> Any:
        return _scratch(n, n.shapes[0], PIECE // 2, 16 + 4 * n.width(1))


def _along(crops: Crops, image: Any, grads: Any) -> tuple[Any, Any]:
    """Gradients times how the crops change down, by lines, and to the right, by columns."""
    upper_left, upper_right, lower_left, lower_right = [image[crops.at, rows, columns]
                                                        for rows, columns, _ in crops.corners(False)]
    down = (crops.y - np.floor(crops.y))[:, :, None, None]
    right = (crops.x - np.floor(crops.x))[:, None, :, None]
    inside = crops.inside[..., None]

    def weighted(a: Any, less_a: Any, b: Any, less_b: Any, share: Any) -> Any:
        one, other = np.subtract(a, less_a, dtype=np.float64), np.subtract(b, less_b, dtype=np.float64)
        one *= 1 - share
        other *= share
        one += other
        one *= inside
        one *= grads
        return one

    return (weighted(lower_left, upper_left, lower_right, upper_right, right).sum(axis=(3, 2)),
            weighted(upper_right, upper_left, lower_right, lower_left, down).sum(axis=(3, 1)))
