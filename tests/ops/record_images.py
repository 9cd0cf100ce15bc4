"""Writes images.json: the PNG files that TensorFlow's ImageSummary makes of float images.

    python tests/ops/record_images.py        # in an environment with TensorFlow
"""
from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
HERE = Path(__file__).parent


def images() -> dict[str, Any]:
    """Small images by name, [batch, height, width, channels]: every rule by which TensorFlow scales them."""
    wave = np.sin(np.arange(2 * 3 * 4 * 3) * 1.7).reshape(2, 3, 4, 3)
    holes = wave.astype(np.float32).copy()
    holes[0, 0, 1, 2], holes[1, 2, 3, 0], holes[1, 0, 0, 1] = np.nan, np.inf, -np.inf
    return {
        "positive": np.abs(wave).astype(np.float32) * 3,
        "negative": wave.astype(np.float32) * 1e3,
        "more_negative_than_positive": (wave - 0.7).astype(np.float32),
        "all_negative": (-np.abs(wave) - 1).astype(np.float32),
        "zero": np.zeros((1, 2, 2, 1), np.float32),
        "tiny": np.full((1, 2, 2, 1), 9e-7, np.float32),
        "tiny_negative": np.full((1, 2, 2, 1), -9e-7, np.float32),
        "not_finite": holes,
        "no_finite_pixel": np.full((1, 2, 2, 3), np.nan, np.float32),
        "grey": wave[..., :1].astype(np.float32),
        "alpha": np.concatenate([wave, wave[..., :1]], -1).astype(np.float32),
        "half": wave.astype(np.float16),
        "half_positive": (np.abs(wave) * 100).astype(np.float16),
        "double": wave * 1e10,
        "double_positive": np.abs(wave) / 3,
        "bytes": (np.abs(wave) * 255).astype(np.uint8),
        "greatest": np.array([[[[3.4e38], [1.0]]]], np.float32),
    }


def main() -> None:
    import tensorflow.compat.v1 as tf  # type: ignore[import-not-found,unused-ignore]

    out = {}
    for name, image in images().items():
        with tf.Graph().as_default() as graph:
            made = tf.summary.image("t", tf.constant(image))
            summary = tf.Summary.FromString(tf.Session(graph=graph).run(made))
        out[name] = [[v.tag, base64.b64encode(v.image.encoded_image_string).decode()] for v in summary.value]
    (HERE / "images.json").write_text(json.dumps(out, indent=1) + "\n")


if __name__ == "__main__":
    main()
