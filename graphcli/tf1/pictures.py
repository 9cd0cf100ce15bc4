"""Pictures in strings (tf.image.decode_png, tf.image.decode_image, tf.image.encode_png)."""
from __future__ import annotations

from typing import Any

from ..graph.types import as_dtype, uint8
from .framework import apply_op, name_scope

EXPORTS = """
image io: decode_png decode_image encode_png
"""


def decode_png(contents: Any, channels: int = 0, dtype: Any = uint8, name: str | None = None) -> Any:
    """The pixels of a PNG file, [height, width, channels] (tf.image.decode_png). channels: 0 for those of the file."""
    return apply_op("DecodePng", name, [contents], {"channels": channels, "dtype": as_dtype(dtype)})


def decode_image(contents: Any, channels: int | None = None, dtype: Any = uint8, name: str | None = None,
                 expand_animations: bool = True) -> Any:
    """The pixels of a file, which is a PNG here (tf.image.decode_image); of float32 between 0 and 1."""
    with name_scope(name, "decode_image"):
        return apply_op("DecodeImage", None, [contents], {
            "channels": channels or 0, "dtype": as_dtype(dtype), "expand_animations": expand_animations})


def encode_png(image: Any, compression: int = -1, name: str | None = None) -> Any:
    """A PNG file of a picture [height, width, 1 to 4 channels] of uint8 or uint16 (tf.image.encode_png)."""
    return apply_op("EncodePng", name, [image], {"compression": compression})
