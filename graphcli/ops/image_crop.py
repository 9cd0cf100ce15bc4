"""Boxes of images brought to one size, and the gradients."""
from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.opdef import op, undefined_gradient
from ..graph.shapes import show

CPU_ONLY = True
PART = 1 << 16
"""Elements of an image that are summed at a time, twice as many as of gradients that are added to them."""
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
    parts = {"boxes": 1, "box_ind": 0}

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
            total = sum(image[crops.at, rows, columns].astype(np.float32) * weights[..., None].astype(np.float32)
                        for rows, columns, weights in crops.corners(nearest))
            return xp.asarray(np.where(crops.inside[..., None], total, outside).astype(np.float32))

        return crop

    def scratch(n: Any) -> Any:
        return 2 * n.out_bytes() + 100 * n.made() // max(1, n.outs[0][3])

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
    parts = {"grads": 3, "boxes": 1, "box_ind": 0}
    shares = True
    gradient = undefined_gradient

    def infer(n: Any, grads: Any, image: Any, boxes: Any, box_ind: Any) -> Any:
        n.with_rank(grads, 4, "grads")
        n.with_rank(image, 4, "image")
        _boxed(n, boxes, box_ind)
        return boxes

    def kernel(n: Any) -> Any:
        xp = n.xp

        def back(grads: Any, image: Any, boxes: Any, box_ind: Any) -> Any:
            size = grads.shape[1:3]
            crops = Crops(image.shape, boxes, box_ind, size)
            values = [image[crops.at, rows, columns].astype(np.float64) for rows, columns, _ in crops.corners(False)]
            down = (crops.y - np.floor(crops.y))[:, :, None, None]
            right = (crops.x - np.floor(crops.x))[:, None, :, None]
            inside = crops.inside[..., None]
            upper_left, upper_right, lower_left, lower_right = values
            slope_y = ((1 - right) * (lower_left - upper_left) + right * (lower_right - upper_right)) * inside
            slope_x = ((1 - down) * (upper_right - upper_left) + down * (lower_right - lower_left)) * inside
            out = np.zeros((len(boxes), 4))
            for slope, have, want, axis in ((slope_y, crops.height, size[0], 0), (slope_x, crops.width, size[1], 1)):
                each = (grads * slope).sum(axis=(3, 2 - axis)) * (have - 1)
                share = np.arange(want) / (want - 1) if want > 1 else np.array([0.5])
                out[:, axis] = (each * (1 - share)).sum(1)
                out[:, axis + 2] = (each * share).sum(1)
            return xp.asarray(out.astype(np.float32))

        return back

    def scratch(n: Any) -> Any:
        return 64 * n.size()

