"""The gradient of crops for their images, some lines at a time: the sums of one walk over all boxes."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.ops import _crops, image_crop_grad


def summed(shape: Any, grads: Any, boxes: Any, of: Any, nearest: bool) -> Any:
    """Corner by corner, box by box, element by element, in double precision."""
    total = np.zeros(shape)
    crops = _crops.Crops(shape, boxes, of, grads.shape[1:3])
    for rows, columns, weights in crops.corners(nearest):
        at = np.broadcast_arrays(crops.at, rows, columns)
        np.add.at(total, tuple(at), grads * weights[..., None])
    return total.astype(np.float32)


@pytest.mark.parametrize("method", ["bilinear", "nearest"])
@pytest.mark.parametrize("many", [0, 1, 7])
def test_lines_have_the_sums_of_whole_images(method: str, many: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(many)
    for shape in ((1, 9, 7, 1), (3, 5, 8, 3)):
        # some boxes are turned round, some reach beyond the image
        boxes = (rng.random((many, 4)) * 1.4 - 0.2).astype(np.float32)
        of = rng.integers(0, shape[0], many).astype(np.int32)
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
