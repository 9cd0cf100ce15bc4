"""Pieces of images: boxes, the best of boxes, windows around points (tf.image)."""
from __future__ import annotations

from typing import Any

from .conversion import convert_to_tensor
from .framework import apply_op, name_scope
from .old_names import renamed

EXPORTS = """
image: crop_and_resize non_max_suppression extract_glimpse
image: non_max_suppression_padded non_max_suppression_with_scores non_max_suppression_overlaps
image: combined_non_max_suppression draw_bounding_boxes sample_distorted_bounding_box
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


def non_max_suppression_padded(boxes: Any, scores: Any, max_output_size: Any, iou_threshold: Any = 0.5,
                               score_threshold: Any = float("-inf"), pad_to_max_output_size: bool = False,
                               name: str | None = None) -> Any:
    """The same, padded with 0 to as many as there may be, and how many there are."""
    with name_scope(name, "non_max_suppression_padded"):
        overlap = convert_to_tensor(iou_threshold, name="iou_threshold")
        least = convert_to_tensor(score_threshold, name="score_threshold")
        return apply_op("NonMaxSuppressionV4", None, [boxes, scores, max_output_size, overlap, least],
                        {"pad_to_max_output_size": pad_to_max_output_size})


def non_max_suppression_with_scores(boxes: Any, scores: Any, max_output_size: Any, iou_threshold: Any = 0.5,
                                    score_threshold: Any = float("-inf"), soft_nms_sigma: Any = 0.0,
                                    name: str | None = None) -> Any:
    """The same and their scores, which fall where a better box overlaps if soft_nms_sigma is above 0."""
    with name_scope(name, "non_max_suppression_with_scores"):
        overlap = convert_to_tensor(iou_threshold, name="iou_threshold")
        least = convert_to_tensor(score_threshold, name="score_threshold")
        sigma = convert_to_tensor(soft_nms_sigma, name="soft_nms_sigma")
        found = apply_op("NonMaxSuppressionV5", None, [boxes, scores, max_output_size, overlap, least, sigma])
        return found[0], found[1]


def non_max_suppression_overlaps(overlaps: Any, scores: Any, max_output_size: Any, overlap_threshold: Any = 0.5,
                                 score_threshold: Any = float("-inf"), name: str | None = None) -> Any:
    """The same of boxes of which a matrix says how much they overlap."""
    with name_scope(name, "non_max_suppression_overlaps"):
        overlap = convert_to_tensor(overlap_threshold, name="overlap_threshold")
        return apply_op("NonMaxSuppressionWithOverlaps", None,
                        [overlaps, scores, max_output_size, overlap, score_threshold])


def combined_non_max_suppression(boxes: Any, scores: Any, max_output_size_per_class: Any, max_total_size: Any,
                                 iou_threshold: Any = 0.5, score_threshold: Any = float("-inf"),
                                 pad_per_class: bool = False, clip_boxes: bool = True, name: str | None = None) -> Any:
    """The best boxes of each image, of all classes (tf.image.combined_non_max_suppression).

    boxes: [batch, boxes, 1 or classes, 4]; scores: [batch, boxes, classes].
    """
    with name_scope(name, "combined_non_max_suppression"):
        overlap = convert_to_tensor(iou_threshold, "float32", name="iou_threshold")
        least = convert_to_tensor(score_threshold, "float32", name="score_threshold")
        return apply_op("CombinedNonMaxSuppression", None,
                        [boxes, scores, max_output_size_per_class, max_total_size, overlap, least],
                        {"pad_per_class": pad_per_class, "clip_boxes": clip_boxes})


def draw_bounding_boxes(images: Any, boxes: Any, name: str | None = None, colors: Any = None) -> Any:
    """Images with boxes [batch, boxes, 4] on them, in shares of the sides (tf.image.draw_bounding_boxes)."""
    if colors is None:
        return apply_op("DrawBoundingBoxes", name, [images, boxes])
    return apply_op("DrawBoundingBoxesV2", name, [images, boxes, colors])


def sample_distorted_bounding_box(
        image_size: Any, bounding_boxes: Any, seed: int | None = None, seed2: int | None = None,
        min_object_covered: Any = 0.1, aspect_ratio_range: Any = None, area_range: Any = None,
        max_attempts: int | None = None, use_image_if_no_bounding_boxes: bool | None = None,
        name: str | None = None) -> Any:
    """A box by chance that has enough of an object: where it begins, its size and its corners, as tf.slice and
    draw_bounding_boxes take them (tf.image.sample_distorted_bounding_box)."""
    given = {"seed": seed, "seed2": seed2, "aspect_ratio_range": aspect_ratio_range, "area_range": area_range,
             "max_attempts": max_attempts, "use_image_if_no_bounding_boxes": use_image_if_no_bounding_boxes}
    with name_scope(name, "sample_distorted_bounding_box"):
        # the op has the name that was given, within the scope of this name
        return apply_op("SampleDistortedBoundingBoxV2", name, [image_size, bounding_boxes, min_object_covered],
                        {k: v for k, v in given.items() if v is not None})
