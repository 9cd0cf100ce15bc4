"""Summaries of images and sound: tensorflow/core/kernels/summary_{image,audio}_op.cc."""
from __future__ import annotations

import struct
from typing import Any

from ..errors import RunError
from ..graph.inference import scalar_shape
from ..graph.opdef import no_gradient, op
from ..graph.shapes import show
from .summary import as_tensor, tag_bytes

CPU_ONLY = True
ALMOST_ZERO = 1e-6


def to_uint8(pixels: Any, bad: Any) -> Any:
    """Pixels of floats as bytes; one that holds a NaN or an infinity gets the colour ``bad``.

    pixels: float array of shape [number, channels]. With a negative value in it, 0 is 128 and the greatest in
    absolute value is 127 away; else the greatest value is 255.
    """
    import numpy as np

    finite = np.isfinite(pixels).all(axis=1)
    seen = pixels[finite].astype(np.float32)
    dtype = pixels.dtype
    scale = offset = np.float32(0.0)
    if seen.size:
        least, greatest = seen.min(), seen.max()
        span = np.maximum(abs(least), abs(greatest)) if least < 0 else greatest
        room = np.float32(127.0 if least < 0 else 255.0)
        scale = np.float32(0.0) if span < np.float32(ALMOST_ZERO) else room / span
        offset = np.float32(128.0 if least < 0 else 0.0)
    out = np.empty(pixels.shape, np.uint8)
    out[finite] = (pixels[finite] * scale.astype(dtype) + offset.astype(dtype)).astype(np.uint8)
    out[~finite] = bad
    return out


def numbered(tag: bytes, kind: bytes, most: int, index: int) -> bytes:
    """The tag of one of several: numbered where more than one may be asked for, however many there are."""
    return b"%s/%s/%d" % (tag, kind, index) if most > 1 else b"%s/%s" % (tag, kind)


@op
class ImageSummary:
    """A summary of images as PNG (tf.summary.image)."""

    signature = "tag: string, tensor: T -> summary: string"
    attrs = ("max_images: int >= 1 = 3; T: {uint8, float32, float16, float64} = float32; "
             "bad_color: tensor = uint8 [255, 0, 0, 255]")
    infer = scalar_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        import numpy as np

        from ..wire.png import encode
        from ..wire.summaries import image

        most, bad = n.attrs["max_images"], np.asarray(n.attrs["bad_color"], np.uint8)

        def summarize(tag: Any, tensor: Any) -> Any:
            x = np.asarray(tensor)
            if np.ndim(tag):
                raise RunError(f"tags must be scalar, not {show(np.shape(tag))}")
            if x.ndim != 4 or x.shape[3] not in (1, 3, 4):
                raise RunError(f"Tensor must be 4-D with last dim 1, 3, or 4, not {show(x.shape)}")
            _, height, width, depth = x.shape
            if not height * width:
                raise RunError(f"input tensor must have non-zero dims. Found: {show(x.shape)}")
            if x.dtype != np.uint8 and len(bad) < depth:
                raise RunError(f"expected depth <= bad_color.size, got depth = {depth}, "
                               f"bad_color.size = {len(bad)}")
            values = []
            for i, picture in enumerate(x[:most]):
                if x.dtype != np.uint8:
                    picture = to_uint8(picture.reshape(-1, depth), bad[:depth]).reshape(picture.shape)
                name = numbered(tag_bytes(tag), b"image", most, i)
                values.append(image(name, height, width, depth, encode(picture)))
            return as_tensor(b"".join(values))

        return summarize


def wav(samples: Any, rate: float) -> bytes:
    """Samples of shape [frames, channels] in -1 to 1 as a WAV file of 16 bits (RIFF, format 1)."""
    import numpy as np

    frames, channels = samples.shape
    scaled = samples * np.float32(1 << 15)
    # halves are rounded away from zero
    rounded = np.trunc(scaled + np.copysign(np.float32(0.5), scaled))
    data: bytes = np.clip(rounded, -32768, 32767).astype("<i2").tobytes()
    hertz, align = int(rate), 2 * channels
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, hertz, hertz * align, align, 16)
    body = b"WAVE" + form + struct.pack("<4sI", b"data", len(data)) + data
    return struct.pack("<4sI", b"RIFF", len(body)) + body


@op
class AudioSummaryV2:
    """A summary of sound as WAV (tf.summary.audio)."""

    signature = "tag: string, tensor: float32, sample_rate: float32 -> summary: string"
    attrs = "max_outputs: int >= 1 = 3"
    infer = scalar_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        import numpy as np

        from ..wire.summaries import audio

        most = n.attrs["max_outputs"]

        def summarize(tag: Any, tensor: Any, sample_rate: Any) -> Any:
            x, rate = np.asarray(tensor), float(np.asarray(sample_rate).reshape(-1)[0])
            if np.ndim(tag):
                raise RunError(f"Tag must be a scalar, not {show(np.shape(tag))}")
            if x.ndim not in (2, 3):
                raise RunError(f"Tensor must be 3-D or 2-D, got: {show(x.shape)}")
            if not rate > 0:
                raise RunError("sample_rate must be > 0")
            x = x.reshape(*x.shape[:2], -1 if x.size else (x.shape[2] if x.ndim == 3 else 1))
            values = [audio(numbered(tag_bytes(tag), b"audio", most, i), rate, x.shape[2], x.shape[1], wav(sound, rate))
                      for i, sound in enumerate(x[:most])]
            return as_tensor(b"".join(values))

        return summarize
