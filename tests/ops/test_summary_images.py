"""Images in summaries have TensorFlow's pixels, for every dtype and every rule of scaling."""
from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli import Session
from graphcli.errors import RunError
from graphcli.wire.messages import message

from .record_images import images

RECORDED = json.loads((Path(__file__).parent / "images.json").read_text())
IMAGES = images()


def decoded(data: bytes) -> Any:
    """The pixels of a PNG file, by an independent reader."""
    return np.asarray(pytest.importorskip("PIL.Image").open(io.BytesIO(data)))


def summary_of(image: Any, **keywords: Any) -> Any:
    with tf.Graph().as_default() as graph:
        summary = tf.summary.image("t", tf.constant(image), **keywords)
        return message("Summary").FromString(Session(graph).run(summary))


@pytest.mark.parametrize("name", sorted(IMAGES))
def test_pixels_are_tensorflows(name: str) -> None:
    ours = summary_of(IMAGES[name])
    assert [v.tag for v in ours.value] == [tag for tag, _ in RECORDED[name]]
    for value, (_, theirs) in zip(ours.value, RECORDED[name]):
        image = value.image
        pixels, wanted = decoded(image.encoded_image_string), decoded(base64.b64decode(theirs))
        assert (image.height, image.width, image.colorspace) == IMAGES[name].shape[1:]
        np.testing.assert_array_equal(pixels, wanted)


def test_tags_follow_what_was_asked_for() -> None:
    image = np.zeros((4, 1, 1, 3), np.uint8)
    assert [v.tag for v in summary_of(image).value] == ["t/image/0", "t/image/1", "t/image/2"]
    assert [v.tag for v in summary_of(image, max_outputs=1).value] == ["t/image"]
    assert len(summary_of(image, max_outputs=9).value) == 4


@pytest.mark.parametrize(("shape", "words"), [((2, 2, 3), "4-D"), ((1, 2, 2, 2), "last dim 1, 3, or 4"),
                                              ((1, 0, 2, 3), "non-zero")])
def test_other_shapes_are_refused(shape: tuple[int, ...], words: str) -> None:
    with pytest.raises(RunError, match=words):
        summary_of(np.zeros(shape, np.float32))
