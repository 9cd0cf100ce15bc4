"""Boxes of images brought to one size."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..graph.opdef import op
from ..graph.shapes import count
from ._crops import IMAGE, METHOD, Crops, boxed, pieces_of, read, taken
from .image_resize import asked

CPU_ONLY = True
PIECE = 1 << 17
"""Elements of crops that are made at a time: two threads gain only from calls of 20 µs and more."""


def _on_the_way(first: Any, second: Any, share: Any) -> Any:
    """The first, in its place, on the way to the second, which is lost."""
    second -= first
    second *= share
    first += second
    return first


def _fill(image: Any, part: Crops, nearest: bool, whole: Any) -> None:
    """Writes crops to ``[boxes, height, width * channels]``."""
    places = part.places(nearest)
    if nearest:
        read(image, sum(places[0]), whole)
        return
    down, right = part.shares(image.shape[3])
    lower, room = np.empty((2, *whole.shape), np.float32)
    for made_of, line in ((places[:2], whole), (places[2:], lower)):
        read(image, sum(made_of[0]), line)
        _on_the_way(line, read(image, sum(made_of[1]), room), right)
    _on_the_way(whole, lower, down)


@op
class CropAndResize:
    """Boxes [y1, x1, y2, x2] (shares of the height and the width) of images, in one size (tf.image.crop_and_resize).

    box_ind: of which image each box is. What lies outside is ``extrapolation_value``.
    """

    signature = "image: T, boxes: float32, box_ind: int32, crop_size: int32 -> crops: float32"
    attrs = IMAGE + METHOD + "; extrapolation_value: float = 0.0"

    def infer(n: Any, image: Any, boxes: Any, box_ind: Any, crop_size: Any) -> Any:
        image, many = n.with_rank(image, 4, "image"), boxed(n, boxes, box_ind)
        if n.with_rank(crop_size, 1, "crop_size")[0] not in (None, 2):
            n.fail("crop_size is [height, width]")
        return (many, *asked(n, 3), image[3])

    def kernel(n: Any) -> Any:
        xp, nearest, outside = n.xp, n.attrs["method"] == "nearest", np.float32(n.attrs["extrapolation_value"])

        def crop(image: Any, boxes: Any, box_ind: Any, crop_size: Any) -> Any:
            image = np.ascontiguousarray(image)
            crops = Crops(image.shape, boxes, box_ind, (int(crop_size[0]), int(crop_size[1])))
            out = np.empty((len(boxes), *crop_size, image.shape[3]), np.float32)
            pieces = pieces_of(out.shape, PIECE)

            def some(number: int) -> None:
                for place in pieces[number]:
                    part, made = crops.part(*place), out[place]
                    _fill(image, part, nearest, made.reshape(*made.shape[:2], -1))
                    inside = part.inside
                    if not inside.all():
                        made[~inside] = outside

            n.each(len(pieces), some)
            return xp.asarray(out)

        return crop

    def scratch(n: Any) -> Any:
        each = 0 if n.attrs["method"] == "nearest" else 8
        if n.attrs["T"].name != "float32":
            each += n.width()
        return taken(n, n.outs[0], each, PIECE) + n.copied(0)

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        image, boxes, box_ind, _ = op.inputs
        size = tf.shape(image) if count(image.static) is None else list(image.static)
        of_image = None
        if image.dtype.base_dtype.is_floating:
            of_image = tf.apply_op("CropAndResizeGradImage", None, [grad, boxes, box_ind, size],
                                   {"T": image.dtype.base_dtype, "method": op.attrs["method"]})
        of_boxes = tf.apply_op("CropAndResizeGradBoxes", None, [grad, image, boxes, box_ind])
        return [of_image, of_boxes, None, None]
