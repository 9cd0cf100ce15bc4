"""Summaries of images and sound: tensorflow/core/kernels/summary_{image,audio}_op.cc."""
from __future__ import annotations

from math import prod
from typing import Any

from ..errors import RunError
from ..graph.inference import scalar_shape
from ..graph.opdef import no_gradient, op
from ..graph.shapes import show
from .summary import as_tensor, tag_bytes

CPU_ONLY = True
ALMOST_ZERO = 1e-6
PART = 1 << 15
"""Pixels, or frames, that are looked at at a time."""


def scaling(picture: Any) -> tuple[Any, Any]:
    """By what the floats of a picture are to be multiplied to be bytes, and what is to be added.

    With a negative value in it, 0 is 128 and the greatest in absolute value is 127 away; else the greatest value is
    255. A pixel that holds a NaN or an infinity does not count.
    """
    import numpy as np

    pixels = picture.reshape(-1, picture.shape[-1])
    ends = []
    for i in range(0, len(pixels), PART):
        some = pixels[i:i + PART]
        finite = np.isfinite(some)
        seen = (some if finite.all() else some[finite.all(axis=1)]).astype(np.float32)
        if seen.size:
            ends += [seen.min(), seen.max()]
    scale = offset = np.float32(0.0)
    if ends:
        least, greatest = min(ends), max(ends)
        span = np.maximum(abs(least), abs(greatest)) if least < 0 else greatest
        room = np.float32(127.0 if least < 0 else 255.0)
        scale = np.float32(0.0) if span < np.float32(ALMOST_ZERO) else room / span
        offset = np.float32(128.0 if least < 0 else 0.0)
    return scale.astype(picture.dtype), offset.astype(picture.dtype)


def to_uint8(pixels: Any, scale: Any, offset: Any, bad: Any) -> Any:
    """Floats [..., channels] as bytes; a pixel that holds a NaN or an infinity gets the colour ``bad``."""
    import numpy as np

    finite = np.isfinite(pixels).all(axis=-1)
    if finite.all():
        return (pixels * scale + offset).astype(np.uint8)
    out = np.empty(pixels.shape, np.uint8)
    out[finite] = (pixels[finite] * scale + offset).astype(np.uint8)
    out[~finite] = bad
    return out


def lines_of(picture: Any, bad: Any) -> Any:
    """What gives some rows of a picture as bytes."""
    if picture.dtype == "uint8":
        return lambda start, stop: picture[start:stop]
    scale, offset = scaling(picture)
    return lambda start, stop: to_uint8(picture[start:stop], scale, offset, bad)


def numbered(tag: bytes, kind: bytes, most: int, index: int) -> bytes:
    """The tag of one of several: numbered where more than one may be asked for, however many there are."""
    return b"%s/%s/%d" % (tag, kind, index) if most > 1 else b"%s/%s" % (tag, kind)


def pictures(most: int, bad: Any, tag: Any, tensor: Any) -> Any:
    """The summary of some images; a pixel that is no number has the colour ``bad``. Raises RunError for no images."""
    import numpy as np

    from ..wire.encode import Pieces, joined
    from ..wire.png import encode
    from ..wire.summaries import image

    x = np.asarray(tensor)
    if np.ndim(tag):
        raise RunError(f"tags must be scalar, not {show(np.shape(tag))}")
    if x.ndim != 4 or x.shape[3] not in (1, 3, 4):
        raise RunError(f"Tensor must be 4-D with last dim 1, 3, or 4, not {show(x.shape)}")
    _, height, width, depth = x.shape
    if not height * width:
        raise RunError(f"input tensor must have non-zero dims. Found: {show(x.shape)}")
    if x.dtype != np.uint8 and len(bad) < depth:
        raise RunError(f"expected depth <= bad_color.size, got depth = {depth}, bad_color.size = {len(bad)}")
    values: Pieces = []
    for i, picture in enumerate(x[:most]):
        name = numbered(tag_bytes(tag), b"image", most, i)
        values += image(name, height, width, depth, encode(picture.shape, lines_of(picture, bad[:depth])))
    return as_tensor(joined(values))


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

        most, bad = n.attrs["max_images"], np.asarray(n.attrs["bad_color"], np.uint8)
        return lambda tag, tensor: pictures(most, bad, tag, tensor)

    def scratch(n: Any) -> Any:
        # pixels are bytes, and seldom fewer when they are compressed; the text grows into an eighth more
        images, *sizes = n.shapes[1] or (0,)
        return min(images, n.attrs["max_images"]) * prod(sizes) * 9 // 8


def sounds(most: int, tag: Any, tensor: Any, rate: float) -> Any:
    """The summary of some sounds [batch, frames (, channels)]."""
    import numpy as np

    from ..wire.encode import joined
    from ..wire.summaries import audio
    from ..wire.wav import write

    x = np.asarray(tensor)
    if np.ndim(tag):
        raise RunError(f"Tag must be a scalar, not {show(np.shape(tag))}")
    if x.ndim not in (2, 3):
        raise RunError(f"Tensor must be 3-D or 2-D, got: {show(x.shape)}")
    if not rate > 0:
        raise RunError("sample_rate must be > 0")
    x = x.reshape(*x.shape[:2], -1 if x.size else (x.shape[2] if x.ndim == 3 else 1))
    values = [piece for i, sound in enumerate(x[:most])
              for piece in audio(numbered(tag_bytes(tag), b"audio", most, i), rate, x.shape[2], x.shape[1],
                                 write(sound, int(rate)))]
    return as_tensor(joined(values))


def _sounds(n: Any) -> Any:
    sounds, *sizes = n.shapes[1] or (0,)
    return 9 * min(sounds, n.attrs["max_outputs"]) * prod(sizes) // 4


@op
class AudioSummary:
    """The same with the rate as an attr (tf.summary.audio of old)."""

    signature = "tag: string, tensor: float32 -> summary: string"
    attrs = "sample_rate: float; max_outputs: int >= 1 = 3"
    infer = scalar_shape
    gradient = no_gradient
    scratch = _sounds

    def kernel(n: Any) -> Any:
        most, rate = n.attrs["max_outputs"], n.attrs["sample_rate"]
        return lambda tag, tensor: sounds(most, tag, tensor, rate)


@op
class AudioSummaryV2:
    """A summary of sound as WAV (tf.summary.audio)."""

    signature = "tag: string, tensor: float32, sample_rate: float32 -> summary: string"
    attrs = "max_outputs: int >= 1 = 3"
    infer = scalar_shape
    gradient = no_gradient
    scratch = _sounds

    def kernel(n: Any) -> Any:
        import numpy as np

        most = n.attrs["max_outputs"]

        def summarize(tag: Any, tensor: Any, sample_rate: Any) -> Any:
            if np.size(sample_rate) != 1:
                raise RunError(f"sample_rate is one number, not {show(np.shape(sample_rate))}")
            return sounds(most, tag, tensor, float(np.asarray(sample_rate).reshape(-1)[0]))

        return summarize
