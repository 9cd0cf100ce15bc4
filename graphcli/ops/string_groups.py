"""Strings of rows put together: those of each segment, and those that stand side by side."""
from __future__ import annotations

import zlib
from typing import Any

import numpy as np

from ..errors import DataLoss, InvalidArgument, OutOfRange
from ..graph.opdef import op, undefined_gradient
from ..graph.shapes import show
from .segment_unsorted import _unsorted_shape

CPU_ONLY = True


@op
class UnsortedSegmentJoin:
    """The strings of each segment in one (tf.strings.unsorted_segment_join)."""

    signature = "inputs: string, segment_ids: Tindices, num_segments: Tnumsegments -> output: string"
    takes = "num_segments: []"
    attrs = "separator: string = ''; Tindices: {int32, int64}; Tnumsegments: {int32, int64} = int32"
    infer, gradient = _unsorted_shape, undefined_gradient

    def kernel(n: Any) -> Any:
        between = n.attrs["separator"].encode()

        def run(inputs: Any, ids: Any, many: Any) -> Any:
            total = int(many)
            if not ids.ndim:
                raise InvalidArgument("Segment_id cannot have rank 0")
            if ids.ndim > inputs.ndim:
                raise OutOfRange(f"Invalid segment_id rank {ids.ndim} for input with {inputs.ndim} dimension(s)")
            if total < 0 or ids.shape != inputs.shape[:ids.ndim]:
                raise InvalidArgument(f"segment_ids {show(ids.shape)} are of the first axes of inputs "
                                      f"{show(inputs.shape)}, and num_segments is not negative")
            if ids.size and not (0 <= ids.min() and ids.max() < total):
                raise InvalidArgument("segment_ids are not allowed to exceed num_segments or to have negative values.")
            rest = inputs.shape[ids.ndim:]
            out = np.full((total, *rest), b"", object)
            for row, place in zip(inputs.reshape(ids.size, -1), ids.reshape(-1).tolist()):
                into = out[place].reshape(-1) if rest else out[place:place + 1]
                for i, text in enumerate(row.tolist()):
                    into[i] = into[i] + between + text if into[i] else text
            return out

        return run


@op
class StringNGrams:
    """The strings of each row that stand side by side, so many in one, with pads at the ends: (ngrams, splits)."""

    signature = "data: string, data_splits: Tsplits -> ngrams: string, ngrams_splits: Tsplits"
    takes = "data: [?]; data_splits: [?]"
    attrs = ("separator: string; ngram_widths: list(int) >= 0; left_pad: string; right_pad: string; pad_width: int; "
             "preserve_short_sequences: bool; Tsplits: {int32, int64} = int64")
    gradient = undefined_gradient

    def infer(n: Any, data: Any, splits: Any) -> Any:
        return [(None,), splits or (None,)]

    def kernel(n: Any) -> Any:
        a = n.attrs
        between, left, right = (a[k].encode() for k in ("separator", "left_pad", "right_pad"))
        pads, widths = a["pad_width"], a["ngram_widths"]

        def grams(row: list[bytes], width: int, pad: int) -> list[bytes]:
            padded = [left] * pad + row + [right] * pad
            return [between.join(padded[i:i + width]) for i in range(len(padded) - width + 1)]

        def run(data: Any, splits: Any) -> Any:
            if any(w <= 0 for w in widths):
                raise InvalidArgument("ngram_widths must contain positive values")
            ends = splits.tolist()
            if ends and (ends[0] != 0 or ends[-1] != len(data) or any(a > b for a, b in zip(ends, ends[1:]))):
                raise InvalidArgument(f"splits rise from 0 to the number of strings, {len(data)}: {ends[:8]}")
            made: list[bytes] = []
            counts = [0] * len(ends)
            for i, (start, stop) in enumerate(zip(ends, ends[1:]) if len(data) else (), 1):
                row, before = data[start:stop].tolist(), len(made)
                for width in widths:
                    made += grams(row, width, min(width - 1 if pads < 0 else pads, width - 1))
                if a["preserve_short_sequences"] and len(made) == before and row:
                    if pads < 0:
                        raise InvalidArgument("pad_width is at least 0 where short sequences are preserved and no "
                                              f"widths are given, not {pads}")
                    made += grams(row, len(row) + 2 * pads, pads)
                counts[i] = len(made)
            out = np.empty(len(made), object)
            out[:] = made
            return [out, np.array(counts, splits.dtype)]

        return run


@op
class DecodeCompressed:
    """Strings whose bytes are compressed by zlib or gzip, as they were (tf.io.decode_compressed)."""

    signature = "bytes: string -> output: string"
    attrs = "compression_type: string = ''"
    gradient = undefined_gradient

    def infer(n: Any, strings: Any) -> Any:
        return strings

    def kernel(n: Any) -> Any:
        kind = n.attrs["compression_type"]
        if kind not in ("", "ZLIB", "GZIP"):
            raise InvalidArgument(f"compression_type is '', ZLIB or GZIP, not {kind!r}")
        bits = {"ZLIB": zlib.MAX_WBITS, "GZIP": zlib.MAX_WBITS | 16}.get(kind)

        def run(strings: Any) -> Any:
            if bits is None:
                return strings
            out = np.empty(strings.shape, object)
            try:
                for i, text in enumerate(strings.reshape(-1).tolist()):
                    # what is cut off is read as far as it goes, as in TensorFlow
                    stream = zlib.decompressobj(bits)
                    out.reshape(-1)[i] = stream.decompress(text) + stream.flush()
            except zlib.error as error:
                raise DataLoss(f"string {i} is no {kind} data: {error}") from error
            return out

        return run
