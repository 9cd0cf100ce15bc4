"""Images in other sizes, beyond the table: large ones, edges, what is not finite."""
from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import graphcli.tf1 as tf
from graphcli.engine import Session
from graphcli.ops import _resampling

KINDS = ["ResizeBilinear", "ResizeBicubic", "ResizeArea", "ResizeNearestNeighbor", "ResizeBilinearGrad",
         "ResizeBicubicGrad", "ResizeNearestNeighborGrad"]


def resized(kind: str, images: Any, second: Any, threads: int = 1, **attrs: Any) -> Any:
    with tf.Graph().as_default() as graph:
        out = tf.apply_op(kind, None, [tf.constant(images), tf.constant(second)], attrs)
    with Session(graph, threads=threads) as session:
        return session.run(out)


def second(kind: str, shape: tuple[int, ...]) -> Any:
    """What an op wants beside its images: a size, or images of it."""
    return np.zeros(shape, np.float32) if kind in ("ResizeBilinearGrad", "ResizeBicubicGrad") else np.array(
        shape[1:3], np.int32)


def test_one_line_with_corners_aligned_is_its_own_mean() -> None:
    """TensorFlow 2.21: tf.raw_ops.ResizeArea(images=[[[[1], [2], [3]]]], size=[2, 4], align_corners=True)."""
    found = resized("ResizeArea", np.array([1, 2, 3], np.float32).reshape(1, 1, 3, 1), np.array([2, 4], np.int32),
                    align_corners=True)
    assert np.allclose(found.reshape(2, 4), [[1, 1.5, 2, 3]] * 2)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(7, 9, 11, 2), (1, 60, 40, 3)])
@pytest.mark.parametrize("size", [(25, 31), (5, 4)])
def test_blocks_and_threads_change_no_bit(kind: str, shape: tuple[int, ...], size: tuple[int, int],
                                          monkeypatch: pytest.MonkeyPatch) -> None:
    images = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    want = second(kind, (shape[0], *size, shape[3]))
    whole = resized(kind, images, want)
    for block in (1, 500):
        monkeypatch.setattr(_resampling, "BLOCK", block)
        for threads in (1, 2):
            assert whole.tobytes() == resized(kind, images, want, threads).tobytes()


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_finite_reaches_its_neighbours_alone(kind: str) -> None:
    images = np.ones((1, 20, 20, 1), np.float32)
    images[0, 10, 10] = np.inf
    found = resized(kind, images, second(kind, (1, 40, 40, 1)))
    assert np.isfinite(found[0, :14]).all() and np.isfinite(found[0, :, :14]).all()
    assert not np.isfinite(found[0, 18:24, 18:24]).all()
