"""The best of boxes with their scores, padded, of all classes, or by overlaps that are given (tf.image)."""
from __future__ import annotations

import heapq
from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import no_gradient, op, undefined_gradient
from ..graph.shapes import show
from .image_boxes import PART, _candidates, _selected, _suppressed

CPU_ONLY = True
_T = "{float16, float32} = float32"


def _padded(chosen: Any, most: int) -> Any:
    """As many as are wanted, 0 after the last."""
    out = np.zeros(most, chosen.dtype)
    out[:len(chosen)] = chosen
    return out


def _how_many(n: Any, sizes: Any) -> tuple[Any]:
    most = n.value(2) if n.attrs["pad_to_max_output_size"] and sizes == (None,) else None
    if most is not None and most < 0:
        n.fail(f"max_output_size must be at least 0, not {int(most)}")
    return (None if most is None else int(most),)


@op
class NonMaxSuppressionV4:
    """The boxes of non_max_suppression, padded to their greatest number, and how many they are
    (tf.image.non_max_suppression_padded)."""

    signature = ("boxes: T, scores: T, max_output_size: int32, iou_threshold: T_threshold, "
                 "score_threshold: T_threshold -> selected_indices: int32, valid_outputs: int32")
    attrs = f"T: {_T}; T_threshold: {_T}; pad_to_max_output_size: bool = False"
    gradient = undefined_gradient

    def infer(n: Any, *inputs: Any) -> Any:
        return [_how_many(n, _selected(n, *inputs)), ()]

    def kernel(n: Any) -> Any:
        pad = n.attrs["pad_to_max_output_size"]

        def run(boxes: Any, scores: Any, most: Any, overlap: Any, least: Any) -> Any:
            found = _suppressed(n, boxes, scores, int(most), float(overlap), float(least))
            return [_padded(found, int(most)) if pad else found, np.int32(len(found))]

        return run


class _Chosen:
    """Boxes that are chosen: their corners and areas."""

    def __init__(self) -> None:
        self.count = 0
        self.parts = [np.empty((PART, 2), np.float32), np.empty((PART, 2), np.float32), np.empty(PART, np.float32)]

    def add(self, *box: Any) -> None:
        if self.count == len(self.parts[0]):
            self.parts = [np.concatenate([a, np.empty_like(a)]) for a in self.parts]
        for part, value in zip(self.parts, box):
            part[self.count] = value
        self.count += 1

    def overlap(self, first: int, low: Any, high: Any, area: Any) -> Any:
        """The intersection over union of a box with those from ``first`` on, the last of them first."""
        lows, highs, areas = (a[first:self.count][::-1] for a in self.parts)
        inner = np.maximum(np.minimum(highs, high) - np.maximum(lows, low), 0).prod(1)
        union = areas + area - inner
        flat = (areas <= 0) | (area <= 0)
        return np.where(flat, np.float32(0), inner / np.where(union > 0, union, 1))


def _softened(n: Any, boxes: Any, scores: Any, most: int, least: Any, sigma: Any, overlap: Any
              ) -> tuple[list[int], list[Any]]:
    """Boxes whose scores fall by how much better ones overlap them, and these scores."""
    kind = scores.dtype.type
    scale = kind(kind(-0.5) / sigma)
    # of equal scores the first box; those that have fallen wait in a heap until better ones have been looked at
    fresh = ((-scores[place], place, 0, box) for place, *box in _candidates(n, boxes, scores, most, float(least)))
    following, fallen = next(fresh, None), list[Any]()
    chosen: list[int] = []
    found: list[Any] = []
    among = _Chosen()
    while len(chosen) < most and (following or fallen):
        if following and (not fallen or following[:2] < fallen[0][:2]):
            (negative, place, seen, box), following = following, next(fresh, None)
        else:
            negative, place, seen, box = heapq.heappop(fallen)
        score = first = -negative
        for near in among.overlap(seen, *box).astype(kind):
            if near > overlap:
                # as TensorFlow 1 has it, a box that overlaps too much is left out whatever sigma is
                score = kind(-np.inf)
                break
            score = kind(score * np.exp(kind(kind(scale * near) * near)))
            if score <= least:
                break
        if score == first:
            chosen.append(place)
            found.append(score)
            among.add(*box)
        elif score > least:
            heapq.heappush(fallen, (-score, place, len(chosen), box))
    return chosen, found


@op
class NonMaxSuppressionV5:
    """The same with their scores, which fall where boxes overlap if sigma is above 0
    (tf.image.non_max_suppression_with_scores)."""

    signature = ("boxes: T, scores: T, max_output_size: int32, iou_threshold: T, score_threshold: T, "
                 "soft_nms_sigma: T -> selected_indices: int32, selected_scores: T, valid_outputs: int32")
    attrs = f"T: {_T}; pad_to_max_output_size: bool = False"
    gradient = undefined_gradient

    def infer(n: Any, *inputs: Any) -> Any:
        sizes = _how_many(n, _selected(n, *inputs))
        return [sizes, sizes, ()]

    def kernel(n: Any) -> Any:
        pad = n.attrs["pad_to_max_output_size"]

        def run(boxes: Any, scores: Any, most: Any, overlap: Any, least: Any, sigma: Any) -> Any:
            if sigma < 0:
                raise InvalidArgument(f"soft_nms_sigma must be at least 0, not {float(sigma):g}")
            if sigma > 0:
                # what may not be is refused
                _suppressed(n, boxes[:0], scores[:0], int(most), float(overlap), float(least))
                chosen, kept = _softened(n, boxes, scores, int(most), least, sigma, overlap)
                found, marks = np.asarray(chosen, np.int32), np.asarray(kept, scores.dtype)
            else:
                found = _suppressed(n, boxes, scores, int(most), float(overlap), float(least))
                marks = scores[found]
            valid = np.int32(len(found))
            return [_padded(found, int(most)), _padded(marks, int(most)), valid] if pad else [found, marks, valid]

        return run


@op
class NonMaxSuppressionWithOverlaps:
    """Boxes by falling scores, without those that overlap a better one by more than a threshold, as a matrix tells
    (tf.image.non_max_suppression_overlaps)."""

    signature = ("overlaps: float32, scores: float32, max_output_size: int32, overlap_threshold: float32, "
                 "score_threshold: float32 -> selected_indices: int32")
    takes = "overlaps: [?, ?]; scores: [?]; max_output_size: []; overlap_threshold: []; score_threshold: []"
    gradient = no_gradient

    def infer(n: Any, overlaps: Any, scores: Any, *others: Any) -> Any:
        if overlaps is not None:
            n.merge(overlaps[:1], overlaps[1:], "sides of the overlaps")
            n.merge(overlaps[:1], scores, "numbers of overlaps and scores")
        return (None,)

    def kernel(n: Any) -> Any:
        def run(overlaps: Any, scores: Any, most: Any, overlap: Any, least: Any) -> Any:
            if most < 0:
                raise InvalidArgument(f"max_output_size must be at least 0, not {int(most)}")
            chosen: list[int] = []
            for i in np.argsort(-scores, kind="stable").tolist():
                if len(chosen) >= most or not scores[i] > least:
                    break
                if not (overlaps[i, chosen] > overlap).any():
                    chosen.append(i)
            return np.asarray(chosen, np.int32)

        return run


@op
class CombinedNonMaxSuppression:
    """The best boxes of each image, of all classes together, padded with zeros: boxes, scores, classes, and how many
    (tf.image.combined_non_max_suppression)."""

    signature = ("boxes: float32, scores: float32, max_output_size_per_class: int32, max_total_size: int32, "
                 "iou_threshold: float32, score_threshold: float32 -> nmsed_boxes: float32, nmsed_scores: float32, "
                 "nmsed_classes: float32, valid_detections: int32")
    takes = ("boxes: [?, ?, ?, 4]; scores: [?, ?, ?]; max_output_size_per_class: []; max_total_size: []; "
             "iou_threshold: []; score_threshold: []")
    attrs = "pad_per_class: bool = False; clip_boxes: bool = True"
    gradient = undefined_gradient

    def infer(n: Any, boxes: Any, scores: Any, *others: Any) -> Any:
        boxes, scores = boxes or (None,) * 4, scores or (None,) * 3
        n.merge(boxes[:2], scores[:2], "batches and numbers of boxes and scores")
        classes = scores[2]
        if boxes[2] not in (None, 1) and classes is not None and boxes[2] != classes:
            n.fail(f"boxes are for all classes or for each, not {boxes[2]} for {classes}")
        total, each = n.value(3), n.value(2)
        if total is not None and total <= 0:
            n.fail(f"max_total_size must be above 0, not {int(total)}")
        size = None if total is None else int(total)
        if n.attrs["pad_per_class"] and size is not None:
            size = None if each is None or classes is None else min(size, int(each) * classes)
        many = boxes[0] if boxes[0] is not None else scores[0]
        return [(many, size, 4), (many, size), (many, size), (many,)]

    def kernel(n: Any) -> Any:
        pad, clip = n.attrs["pad_per_class"], n.attrs["clip_boxes"]

        def run(boxes: Any, scores: Any, each: Any, total: Any, overlap: Any, least: Any) -> Any:
            if total <= 0:
                raise InvalidArgument(f"max_total_size must be above 0, not {int(total)}")
            if each <= 0:
                raise InvalidArgument(f"max_size_per_class must be above 0, not {int(each)}")
            if boxes.shape[2] not in (1, scores.shape[2]):
                raise InvalidArgument(f"boxes are for all classes or for each, not {show(boxes.shape)}")
            images, _, classes = scores.shape
            size = min(int(total), int(each) * classes) if pad else int(total)
            out, marks = np.zeros((images, size, 4), np.float32), np.zeros((images, size), np.float32)
            kinds, valid = np.zeros((images, size), np.float32), np.zeros(images, np.int32)
            for image in range(images):
                found = [(place, kind) for kind in range(classes)
                         for place in _suppressed(n, boxes[image, :, kind % boxes.shape[2]], scores[image, :, kind],
                                                  int(each), float(overlap), float(least)).tolist()]
                places, which = np.array(found, int).reshape(-1, 2).T
                best = np.argsort(-scores[image, places, which], kind="stable")[:size]
                places, which = places[best], which[best]
                valid[image] = some = len(best)
                chosen = boxes[image, places, which % boxes.shape[2]]
                out[image, :some] = np.clip(chosen, 0, 1) if clip else chosen
                marks[image, :some], kinds[image, :some] = scores[image, places, which], which
            return [out, marks, kinds, valid]

        return run
