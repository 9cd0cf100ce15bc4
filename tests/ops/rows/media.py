"""Sound; boxes of images; data formats; strings in groups; ragged rows."""
from __future__ import annotations

import struct
import zlib

import numpy as np

from ..cases import a, f, program, q, row, u, v


def wav(samples: list[int], channels: int = 1, form: int = 16, before: bytes = b"", after: bytes = b"") -> bytes:
    """A WAV file."""
    head = struct.pack("<4sIHHIIHH", b"fmt ", form, 1, channels, 8000, 16000 * channels, 2 * channels, 16)
    data = np.array(samples, "<i2").tobytes()
    return (b"RIFF\x00\x00\x00\x00WAVE" + before + head + b"\x00" * (form - 16) + after
            + struct.pack("<4sI", b"data", len(data)) + data)


row("DecodeWav", a(wav([1, -2, 32767, -32768]), "string"))
row("DecodeWav", a(wav([1, 2, 3, 4, 5, 6], 2, 18, b"", b"LIST\x02\x00\x00\x00ab"), "string"), desired_channels=3,
    desired_samples=5)
row("DecodeWav", a(wav([1, 2, 3, 4, 5, 6], 2), "string"), desired_channels=1, desired_samples=2)
row("EncodeWav", v([[0.5, -0.5], [1.5, -1.5], [3.05e-05, -7.63e-05]], "float32"), a(8000))
row("AudioSpectrogram", u(20, 2), window_size=8, stride=5)
row("AudioSpectrogram", u(7, 1), window_size=6, stride=1, magnitude_squared=True)
row("AudioSpectrogram", u(3, 1), window_size=6, stride=1)
row("Mfcc", q(1, 2, 33), a(8000), filterbank_channel_count=6, dct_coefficient_count=4)
row("Mfcc", q(2, 1, 129), a(16000))
row("AudioSummary", a(b"s", "string"), v([[0.5, -0.5, 0.25]], "float32"), sample_rate=8000.0)

PILE = a([[0.0, 0.0, 1.0, 1.0], [0.0, 0.1, 1.0, 1.1], [0.0, -0.1, 1.0, 0.9], [0.0, 10.0, 1.0, 11.0],
          [0.0, 10.1, 1.0, 11.1]], "float32")
SCORES = a([0.9, 0.75, 0.6, 0.95, 0.5], "float32")
HALF, NO = a(0.5, "float32"), a(0.0, "float32")
for pad in (False, True):
    row("NonMaxSuppressionV4", PILE, SCORES, a(4), HALF, NO, pad_to_max_output_size=pad)
    row("NonMaxSuppressionV5", PILE, SCORES, a(4), HALF, NO, NO, pad_to_max_output_size=pad)
row("NonMaxSuppressionV5", PILE, SCORES, a(5), a(1.0, "float32"), a(0.1, "float32"), HALF)
row("NonMaxSuppressionWithOverlaps", v([[1.0, 0.6, 0.2], [0.6, 1.0, 0.5], [0.2, 0.5, 1.0]]),
    a([0.5, 0.9, 0.7], "float32"), a(3), HALF, NO)
BOXES = a([[[[0.1, 0.1, 0.5, 0.5], [0.2, 0.2, 1.5, 0.9]], [[0.1, 0.15, 0.5, 0.55], [-0.2, 0.3, 0.4, 0.4]],
            [[0.6, 0.6, 0.9, 0.9], [0.2, 0.21, 1.5, 0.9]]]], "float32")
MARKS = a([[[0.9, 0.3], [0.8, 0.7], [0.2, 0.65]]], "float32")
row("CombinedNonMaxSuppression", BOXES, MARKS, a(2), a(5), HALF, a(0.1, "float32"))
row("CombinedNonMaxSuppression", BOXES[:, :, :1], MARKS, a(1), a(5), HALF, a(0.1, "float32"), pad_per_class=True,
    clip_boxes=False)
DRAWN = a([[[0.1, 0.2, 0.7, 0.9], [-0.5, 0.4, 1.5, 0.5]], [[0.9, 0.1, 0.2, 0.3], [0.0, -2.0, 0.6, -1.0]]], "float32")
row("DrawBoundingBoxes", q(2, 6, 5, 3), DRAWN)
row("DrawBoundingBoxes", q(2, 4, 5, 1), DRAWN)
row("DrawBoundingBoxesV2", q(2, 6, 5, 4), DRAWN, v([[0.1, 0.2, 0.3, 0.4]], "float32"))
row("SampleDistortedBoundingBox", a([40, 30, 3]), a([[[0.1, 0.2, 0.7, 0.9]]], "float32"), seed=3, seed2=4)
row("SampleDistortedBoundingBoxV2", a([40, 30, 3], "int64"),
    a([[[0.1, 0.2, 0.7, 0.9], [0.0, 0.0, 0.1, 0.1]]], "float32"), a(0.8, "float32"), seed=3, seed2=4,
    area_range=[0.3, 0.9], aspect_ratio_range=[0.5, 2.0])
row("SampleDistortedBoundingBoxV2", a([40, 30, 3]), a(np.zeros((1, 0, 4)), "float32"), a(0.1, "float32"), seed=1,
    use_image_if_no_bounding_boxes=True, max_attempts=2)
row("RandomCrop", f(5, 4, 2), a([3, 2], "int64"), seed=1, seed2=2)
row("AdjustContrast", q(2, 3, 4, 3), a(0.4, "float32"), a(0.3, "float32"), a(0.6, "float32"))

row("DataFormatDimMap", a([0, 1, 2, 3, -4, -1]))
row("DataFormatDimMap", a([0, 1, 2], "int64"), src_format="NCHW", dst_format="NHWC")
row("DataFormatVecPermute", a([7, 4, 9, 3]))
row("DataFormatVecPermute", a([[1, 2], [3, 4], [5, 6], [7, 8]]), src_format="NCHW", dst_format="NHWC")
row("UnsortedSegmentJoin", a([b"a", b"b", b"c", b""], "string"), a([2, 0, 2, 2]), a(4), separator="-")
row("UnsortedSegmentJoin", a([[b"a", b"b"], [b"c", b"d"], [b"e", b"f"]], "string"), a([1, 0, 1], "int64"), a(2))
SPLITS = a([0, 3, 3, 4, 6], "int64")
WORDS = a([b"a", b"b", b"c", b"d", b"e", b"f"], "string")
row("StringNGrams", WORDS, SPLITS, separator="|", ngram_widths=[1, 3], left_pad="<", right_pad=">", pad_width=-1,
    preserve_short_sequences=False)
row("StringNGrams", WORDS, SPLITS, separator=" ", ngram_widths=[3], left_pad="", right_pad="", pad_width=0,
    preserve_short_sequences=True)
row("StringNGrams", WORDS, a([0, 6]), separator="", ngram_widths=[4, 2], left_pad="L", right_pad="R", pad_width=1,
    preserve_short_sequences=True)
row("DecodeCompressed", a([zlib.compress(b"abc"), zlib.compress(b"")], "string"), compression_type="ZLIB")
row("DecodeCompressed", a([b"abc"], "string"))
row("RaggedRange", a([0, 5, 8]), a([3, 5, 2]), a([1, 2, -3]))
row("RaggedRange", a(0.0, "float32"), a([1.0, 0.35], "float32"), a(0.1, "float32"))
row("RaggedRange", a(2, "int64"), a(9, "int64"), a(3, "int64"), Tsplits="int32")
row("RaggedTensorToSparse", [a([0, 2, 2, 3], "int64")], f(3))
row("RaggedTensorToSparse", [a([0, 2, 3]), a([0, 0, 2, 3])], f(3, 2), grad=False)

program("SummaryWriter CreateSummaryFileWriter WriteScalarSummary WriteHistogramSummary WriteImageSummary "
        "WriteAudioSummary WriteSummary WriteGraphSummary WriteRawProtoSummary ImportEvent FlushSummaryWriter "
        "CloseSummaryWriter", r"""
writer = raw("SummaryWriter", shared_name="writer")
made = raw("CreateSummaryFileWriter", writer, folder, 2, 1000, ".v2")
step = tf.constant(5, tf.int64)
with tf.control_dependencies([made]):
    written = [raw("WriteScalarSummary", writer, step, "scalar", F(1.25)),
               raw("WriteHistogramSummary", writer, step, "histogram", F([1.0, -2.0, 3.5])),
               raw("WriteImageSummary", writer, step, "image", F(np.ones((2, 3, 4, 1))), np.uint8([255])),
               raw("WriteAudioSummary", writer, step, "audio", F(np.zeros((1, 8))), F(8000.0)),
               raw("WriteSummary", writer, step, F([1.5, 2.0]), "tensor", b"\n\x03\n\x01p"),
               raw("WriteGraphSummary", writer, step, b"\n\x07\n\x01x\x12\x02No"),
               raw("WriteRawProtoSummary", writer, step, b"\n\x08\n\x01q\x15\x00\x00\x80?"),
               raw("ImportEvent", writer, b"\x10\x03*\n\n\x08\n\x01q\x15\x00\x00\x80?")]
with tf.control_dependencies(written):
    flushed = raw("FlushSummaryWriter", writer)
with tf.control_dependencies([flushed]):
    closed = raw("CloseSummaryWriter", writer)
with tf.control_dependencies([closed]):
    y = [tf.identity(F([1.0]))]""", grad=False)

for kind in ("", "Experimental"):
    program(f"{kind}ThreadPoolHandle {kind}StatsAggregatorHandle StatsAggregatorHandleV2 "
            f"{kind}StatsAggregatorSummary", """
kinds = {"output_types": [tf.int64], "output_shapes": [[]]}
rows = raw("RangeDataset", *(tf.constant(i, tf.int64) for i in (3, 5, 1)), **kinds)
pool = raw("KINDThreadPoolHandle", num_threads=2, display_name="pool")
told = raw("KINDStatsAggregatorHandle", shared_name="told")
more = raw("StatsAggregatorHandleV2", shared_name="more")
rows = raw("KINDThreadPoolDataset", rows, pool, **kinds)
rows = raw("KINDSetStatsAggregatorDataset", rows, told, "tag", "prefix", **kinds)
reader = raw("IteratorV2", shared_name="", container="", **kinds)
with tf.control_dependencies([raw("MakeIterator", rows, reader), more]):
    y = [raw("IteratorGetNext", reader, **kinds)[0], raw("KINDStatsAggregatorSummary", told)]""".replace("KIND", kind),
            grad=False)
