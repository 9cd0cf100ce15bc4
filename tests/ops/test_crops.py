"""The gradient of crops for their images, some lines at a time: the sums of one walk over all boxes."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.ops import _crops, image_crop_grad


def corners(crops: _crops.Crops, nearest: bool) -> Iterator[tuple[Any, Any, Any]]:
    """(rows, columns, weights) of the pixels: one, or the four around."""
    for rows, v in crops.along(0, nearest):
        for columns, h in crops.along(1, nearest):
            yield rows[:, :, None], columns[:, None, :], v[:, :, None] * h[:, None, :] * crops.inside


def summed(shape: Any, grads: Any, boxes: Any, of: Any, nearest: bool) -> Any:
    """Corner by corner, box by box, element by element, in double precision."""
    total = np.zeros(shape)
    crops = _crops.Crops(shape, boxes, of, grads.shape[1:3])
    for rows, columns, weights in corners(crops, nearest):
        at = np.broadcast_arrays(crops.at, rows, columns)
        np.add.at(total, tuple(at), grads * weights[..., None])
    return total.astype(np.float32)


def drawn(many: int, images: int) -> tuple[Any, Any]:
    """Boxes, of which some are turned round and some reach beyond the image, and of which image each is."""
    rng = np.random.default_rng(many)
    return (rng.random((many, 4)) * 1.4 - 0.2).astype(np.float32), rng.integers(0, images, many).astype(np.int32)


@pytest.mark.parametrize("method", ["bilinear", "nearest"])
@pytest.mark.parametrize("many", [0, 1, 7])
def test_lines_have_the_sums_of_whole_images(method: str, many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(many)
    for shape in ((1, 9, 7, 1), (3, 5, 8, 3)):
        boxes, of = drawn(many, shape[0])
        grads = rng.standard_normal((many, 6, 11, shape[3])).astype(np.float32)
        with tf.Graph().as_default() as graph:
            found = tf.apply_op("CropAndResizeGradImage", None, [tf.constant(v) for v in (grads, boxes, of, shape)],
                                {"method": method, "T": tf.float32})
        made = []
        for part, threads in ((1 << 16, 1), (1, 1), (30, 2), (100, 2)):
            monkeypatch.setattr(image_crop_grad, "PART", part)
            with Session(graph, threads=threads) as session:
                made.append(session.run(found))
        assert np.allclose(made[0], summed(shape, grads, boxes, of, method == "nearest"), rtol=0, atol=1e-5)
        assert all(m.tobytes() == made[0].tobytes() for m in made)


@pytest.mark.parametrize("kind", [np.uint8, np.float16, np.float32])
@pytest.mark.parametrize("shape", [(1, 9, 7, 1), (3, 5, 8, 3), (2, 1, 1, 2)])
def test_crops_are_the_sums_of_the_pixels_around(shape: tuple[int, ...], kind: Any,
                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    image = np.random.default_rng(0).integers(0, 100, shape).astype(kind)
    for method, many, size in (("bilinear", 7, (6, 11)), ("nearest", 7, (6, 11)), ("bilinear", 5, (1, 4)),
                               ("bilinear", 0, (3, 3))):
        boxes, of = drawn(many, shape[0])
        crops = _crops.Crops(shape, boxes, of, size)
        wanted = sum(image[crops.at, rows, columns] * weights[..., None].astype(float)
                     for rows, columns, weights in corners(crops, method == "nearest"))
        with tf.Graph().as_default() as graph:
            given = [tf.constant(v) for v in (image, boxes, of, np.array(size, np.int32))]
            found = tf.apply_op("CropAndResize", None, given, {"method": method, "extrapolation_value": 7.0})
        made = []
        for piece in (1 << 17, 1, 30):
            monkeypatch.setattr(_crops, "PIECE", piece)
            with Session(graph) as session:
                made.append(session.run(found))
        assert np.allclose(made[0], np.where(crops.inside[..., None], wanted, 7), rtol=1e-5, atol=1e-4)
        assert all(m.tobytes() == made[0].tobytes() for m in made)
