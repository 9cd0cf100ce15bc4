"""The best of boxes that overlap (tf.image.non_max_suppression)."""
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.opdef import no_gradient, op, undefined_gradient
from ..graph.shapes import show
from ._ranges import Ranges, room

CPU_ONLY = True
PART = 1 << 10
"""Boxes that are looked at at a time."""


def _selected(n: Any, boxes: Any, scores: Any, max_output_size: Any, *thresholds: Any) -> Any:
    boxes = n.with_rank(boxes, 2, "boxes")
    if boxes[1] not in (None, 4):
        n.fail(f"boxes have four sizes, not the shape {show(boxes)}")
    n.merge((boxes[0],), n.with_rank(scores, 1, "scores"), "numbers of boxes and scores")
    n.with_rank(max_output_size, 0, "max_output_size")
    for threshold in thresholds:
        n.with_rank(threshold, 0, "a threshold")
    return (None,)


def _candidates(n: Any, boxes: Any, scores: Any, most: int, least: float) -> Iterator[tuple[int, Any, Any, Any]]:
    """Boxes by falling scores, those above a score: place, lower ends, upper ends, area."""
    many = room(boxes.nbytes + scores.nbytes, 0, max(0, most))
    few = len(scores) <= PART
    for found, _ in [(np.argsort(-scores, kind="stable"), 0)] if few else Ranges(scores, many, n.each):
        for i in range(0, len(found), PART):
            places = found[i:i + PART]
            some = boxes[places].astype(np.float32)
            above = (scores[places].astype(np.float32) > least).tolist()
            low, high = np.minimum(some[:, :2], some[:, 2:]), np.maximum(some[:, :2], some[:, 2:])
            areas = (high - low).prod(1)
            for j, place in enumerate(places.tolist()):
                if not above[j]:
                    return
                yield place, low[j], high[j], areas[j]


def _suppressed(n: Any, boxes: Any, scores: Any, most: int, overlap: float, least: float) -> Any:
    """The indices of the boxes to be kept, the best first. Raises RunError for a threshold outside of [0, 1], or a
    number below 0."""
    if most < 0:
        raise RunError(f"max_output_size is not negative, not {most}")
    if not 0 <= overlap <= 1:
        raise RunError(f"iou_threshold must be in [0, 1], not {overlap:g}")
    kept: list[int] = []
    lows, highs, areas = np.empty((PART, 2), np.float32), np.empty((PART, 2), np.float32), np.empty(PART, np.float32)
    for place, low, high, area in _candidates(n, np.asarray(boxes), np.asarray(scores), most, least):
        count = len(kept)
        if count >= most:
            break
        inner = np.maximum(np.minimum(highs[:count], high) - np.maximum(lows[:count], low), 0).prod(1)
        union = areas[:count] + area - inner
        flat = (areas[:count] <= 0) | (area <= 0)
        if np.any(~flat & (inner / np.where(union > 0, union, 1) > np.float32(overlap))):
            continue
        if count == len(areas):
            lows, highs, areas = (np.concatenate([a, np.empty_like(a)]) for a in (lows, highs, areas))
        lows[count], highs[count], areas[count] = low, high, area
        kept.append(place)
    return np.asarray(kept, np.int32)


@op
class NonMaxSuppression:
    """Boxes by falling scores, without those that overlap a better one (tf.image.non_max_suppression)."""

    signature = "boxes: float32, scores: float32, max_output_size: int32 -> selected_indices: int32"
    attrs = "iou_threshold: float = 0.5"
    infer = _selected
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        xp, overlap = n.xp, n.attrs["iou_threshold"]
        return lambda boxes, scores, most: xp.asarray(_suppressed(n, boxes, scores, int(most), overlap, -np.inf))


@op
class NonMaxSuppressionV2:
    """The same with the threshold as an input."""

    signature = "boxes: T, scores: T, max_output_size: int32, iou_threshold: T_threshold -> selected_indices: int32"
    attrs = "T: {float16, float32} = float32; T_threshold: {float16, float32} = float32"
    infer = _selected
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        xp = n.xp
        return lambda boxes, scores, most, overlap: xp.asarray(
            _suppressed(n, boxes, scores, int(most), float(overlap), -np.inf))


@op
class NonMaxSuppressionV3:
    """The same, of boxes whose score is above a threshold."""

    signature = ("boxes: T, scores: T, max_output_size: int32, iou_threshold: T_threshold, "
                 "score_threshold: T_threshold -> selected_indices: int32")
    attrs = "T: {float16, float32} = float32; T_threshold: {float16, float32} = float32"
    infer = _selected
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        xp = n.xp
        return lambda boxes, scores, most, overlap, least: xp.asarray(
            _suppressed(n, boxes, scores, int(most), float(overlap), float(least)))
