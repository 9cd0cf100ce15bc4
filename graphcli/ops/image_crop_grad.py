"""The gradients of crops of images, for these and for their boxes."""
from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.opdef import op, undefined_gradient
from ._crops import IMAGE, METHOD, PIECE, Crops, boxed, pieces_of, taken

CPU_ONLY = True
PART = 1 << 16
"""Elements of an image that are summed at a time, twice as many as of gradients that are added to them."""


@op
class CropAndResizeGradImage:
    """The gradient of CropAndResize for its images."""

    signature = "grads: float32, boxes: float32, box_ind: int32, image_size: int32 -> output: T"
    takes = "image_size: [?]"
    attrs = "T: {float32, float16, float64}; " + METHOD
    gradient = undefined_gradient

    def infer(n: Any, grads: Any, boxes: Any, box_ind: Any, image_size: Any) -> Any:
        grads = n.with_rank(grads, 4, "grads")
        boxed(n, boxes, box_ind, *grads)
        shape = n.with_rank(n.shape_value(3), 4, "image_size")
        n.merge(shape[3:], grads[3:], "channels of image_size and of grads")
        return shape

    def kernel(n: Any) -> Any:
        xp, nearest, kind = n.xp, n.attrs["method"] == "nearest", n.dtype()

        def back(grads: Any, boxes: Any, box_ind: Any, image_size: Any) -> Any:
            shape = tuple(int(s) for s in image_size)
            if shape[3:] != grads.shape[3:]:
                raise RunError(f"grads has {grads.shape[3]} channels, image_size {list(shape)}")
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
    attrs = IMAGE + "method: {'bilinear'} = 'bilinear'"
    gradient = undefined_gradient

    def infer(n: Any, grads: Any, image: Any, boxes: Any, box_ind: Any) -> Any:
        grads, image = n.with_rank(grads, 4, "grads"), n.with_rank(image, 4, "image")
        n.merge(image[3:], grads[3:], "channels of image and of grads")
        boxed(n, boxes, box_ind, *grads)
        return boxes

    def kernel(n: Any) -> Any:
        xp = n.xp

        def back(grads: Any, image: Any, boxes: Any, box_ind: Any) -> Any:
            many, *size = grads.shape[:3]
            crops = Crops(image.shape, boxes, box_ind, (size[0], size[1]))
            pieces = pieces_of(grads.shape, PIECE // 2)
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
        return taken(n, n.shapes[0], PIECE // 2, 16 + 4 * n.width(1))


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
