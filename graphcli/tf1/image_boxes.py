"""Pieces of images: boxes, the best of boxes, windows around points (tf.image)."""
from __future__ import annotations

from typing import Any

from .conversion import convert_to_tensor
from .framework import apply_op, name_scope
from .old_names import renamed

EXPORTS = """
image: crop_and_resize non_max_suppression extract_glimpse
"""


def extract_glimpse(input: Any, size: Any, offsets: Any, centered: bool = True, normalized: bool = True,
                    uniform_noise: bool = True, name: str | None = None) -> Any:
    """A window of each image around its point [y, x] (tf.image.extract_glimpse); noise where it reaches beyond.

    input: float32 [batch, height, width, channels]; offsets: [batch, 2], 0 the middle if centered, 1 the image's side
    if normalized.
    """
    return apply_op("ExtractGlimpse", name, [input, size, offsets],
                    {"centered": centered, "normalized": normalized, "uniform_noise": uniform_noise})


def crop_and_resize(image: Any, boxes: Any, box_ind: Any = None, crop_size: Any = None, method: str = "bilinear",
                    extrapolation_value: float = 0, name: str | None = None, box_indices: Any = None) -> Any:
    """Boxes of images, in one size (tf.image.crop_and_resize)."""
    which = renamed("box_indices", box_indices, "box_ind", box_ind)
    return apply_op("CropAndResize", name, [image, boxes, which, crop_size],
                    {"method": method, "extrapolation_value": extrapolation_value})


def non_max_suppression(boxes: Any, scores: Any, max_output_size: Any, iou_threshold: Any = 0.5,
                        score_threshold: Any = float("-inf"), name: str | None = None) -> Any:
    """The indices of boxes by falling scores, without those that overlap a better one."""
    with name_scope(name, "non_max_suppression"):
        overlap = convert_to_tensor(iou_threshold, name="iou_threshold")
        least = convert_to_tensor(score_threshold, name="score_threshold")
        return apply_op("NonMaxSuppressionV3", None, [boxes, scores, max_output_size, overlap, least])
