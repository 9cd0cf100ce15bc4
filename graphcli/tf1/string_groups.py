"""Strings of segments put together, and strings that were compressed (tf.strings, tf.io)."""
from __future__ import annotations

from .calls import raw

EXPORTS = """
strings: unsorted_segment_join
tf io: decode_compressed
"""

unsorted_segment_join = raw("UnsortedSegmentJoin", "unsorted_segment_join")
decode_compressed = raw("DecodeCompressed", "decode_compressed")
