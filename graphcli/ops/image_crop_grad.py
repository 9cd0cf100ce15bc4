"""The gradients of crops of images, for these and for their boxes."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.opdef import op, undefined_gradient
from ._crop_sums import Sums
from ._crops import IMAGE, METHOD, Crops, boxed, pieces_of, taken
from ._resampling import run

CPU_ONLY = True
PART = 1 << 16
"""Elements that are added to an image at a time."""


@op
class CropAndResizeGradImage:
    """The gradient of CropAndResize for its images."""

    signature = "grads: float32, boxes: float32, box_ind: int32, image_size: int32 -> output: T"
    takes = "image_size: [?]"
    attrs = "T: {float32, float16, float64}; " + METHOD
    gradient = undefined_gradient

    def infer(n: Any, grads: Any, boxes: Any, box_ind: Any, image_size: Any) -> Any:
        shape = n.with_rank(n.shape_value(3), 4, "image_size")
        if n.built:
            return shape
        grads = n.with_rank(grads, 4, "grads")
        boxed(n, boxes, box_ind, *grads)
        n.merge(shape[3:], grads[3:], "channels of image_size and of grads")
        return shape

    def kernel(n: Any) -> Any:
        xp, nearest, kind = n.xp, n.attrs["method"] == "nearest", n.dtype()

        def back(grads: Any, boxes: Any, box_ind: Any, image_size: Any) -> Any:
            shape = tuple(int(s) for s in image_size)
            if shape[3:] != grads.shape[3:]:
                raise RunError(f"grads has {grads.shape[3]} channels, image_size {list(shape)}")
            crops = Crops(shape, boxes, box_ind, grads.shape[1:3])
            # [boxes, lines or columns, 1 or 2]
            (rows, down), (columns, over) = ([np.stack(v, 2) for v in zip(*crops.along(axis, nearest))]
                                             for axis in (0, 1))
            out = np.zeros(shape, kind)
            boxes_of = [np.flatnonzero(box_ind == image).tolist() for image in range(shape[0])]
            many = _lines(shape, kind == np.float16)
            across = -(-shape[1] // many)

            def band(number: int) -> None:
                image, low = divmod(number, across)
                low *= many
                total = out[image, low:low + many]
                if kind == np.float16:
                    total = total.astype(np.float32)
                for i in boxes_of[image]:
                    mine = (rows[i] >= low) & (rows[i] < low + many) & crops.lines[i][:, None]
                    some = np.flatnonzero(mine.any(1))
                    if some.size and crops.columns[i].any():
                        there = np.repeat(crops.columns[i][:, None], columns.shape[2], 1)
                        sums = Sums(columns[i], over[i], there, shape[3])
                        _spread(total, grads[i], some, rows[i] - low, down[i], mine, sums)
                if kind == np.float16:
                    out[image, low:low + many] = total

            n.each(shape[0] * across, band)
            return xp.asarray(out)

        return back

    def scratch(n: Any) -> Any:
        images, height, width, channels = n.outs[0]
        many, *crop, _ = n.shapes[0]
        halves = n.out_width() == 2
        row = crop[1] * channels
        part = min(crop[0], max(1, PART // max(1, 2 * row))) * row
        own = 4 * min(_lines(n.outs[0], halves), height) * width * channels if halves else 0
        return min(n.threads, max(1, images)) * (own + 32 * part) + 60 * many * sum(crop)


def _lines(shape: Any, halves: bool) -> int:
    """How many lines of an image of these sizes are summed at a time: all, if not in wider numbers."""
    return int(max(1, PART // max(1, shape[2] * shape[3])) if halves else max(1, shape[1]))


def _spread(total: Any, grads: Any, some: Any, places: Any, shares: Any, mine: Any, across: Sums) -> None:
    """Adds lines of a box's gradient to the lines that they were made of, one after the other.

    places, shares: of each line, two or one. mine: which of these are among the lines of the total. across: how columns
    are added up."""
    many = max(1, PART // max(1, 2 * grads.shape[1] * grads.shape[2]))
    for i in range(0, len(some), many):
        lines = some[i:i + many]
        wide, at = across.columns(grads[run(lines)])
        Sums(places[lines], shares[lines], mine[lines], 1).lines(total, wide, at)


@op
class CropAndResizeGradBoxes:
    """The gradient of CropAndResize for its boxes."""

    signature = "grads: float32, image: T, boxes: float32, box_ind: int32 -> output: float32"
    attrs = IMAGE + "method: {'bilinear'} = 'bilinear'"
    gradient = undefined_gradient

    def infer(n: Any, grads: Any, image: Any, boxes: Any, box_ind: Any) -> Any:
        if not n.built:
            grads, image = n.with_rank(grads, 4, "grads"), n.with_rank(image, 4, "image")
            n.merge(image[3:], grads[3:], "channels of image and of grads")
            boxed(n, boxes, box_ind, *grads)
        return boxes

    def kernel(n: Any) -> Any:
        xp = n.xp

        def back(grads: Any, image: Any, boxes: Any, box_ind: Any) -> Any:
            many, *size = grads.shape[:3]
            crops = Crops(image.shape, boxes, box_ind, (size[0], size[1]))
            pieces = pieces_of(grads.shape)
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
        return taken(n, n.shapes[0], 28)


def _along(crops: Crops, image: Any, grads: Any) -> tuple[Any, Any]:
    """Gradients times how the crops change down, by lines, and to the right, by columns."""
    upper_left, upper_right, lower_left, lower_right = crops.pixels(image, False)
    down, right = crops.shares(image.shape[3])
    lines, columns = lower_left - upper_left, upper_right - upper_left
    del upper_left
    upper_right = np.subtract(lower_right, upper_right, out=upper_right)
    lower_left = np.subtract(lower_right, lower_left, out=lower_left)
    inside = None if crops.inside.all() else crops.inside[..., None]

    def weighted(one: Any, other: Any, share: Any) -> Any:
        one *= 1 - share
        other *= share
        one += other
        one = one.reshape(grads.shape)
        if inside is not None:
            one *= inside
        one *= grads
        return one

    lines = weighted(lines, upper_right, right)
    columns = weighted(columns, lower_left, down)
    return lines.reshape(*lines.shape[:2], -1).sum(2), columns.sum(1).sum(2, dtype=np.float64)
