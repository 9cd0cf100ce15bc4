"""Pictures in strings: the files of tf.image, read and written."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue
from ..graph.types import as_dtype, int32, uint8, uint16
from .conversion import convert_to_tensor, is_tensor
from .framework import apply_op, control_dependencies, name_scope
from .image import convert_image_dtype
from .modules import modules

EXPORTS = """
image io: decode_png decode_image encode_png decode_jpeg decode_and_crop_jpeg extract_jpeg_shape encode_jpeg decode_bmp
image io: decode_gif is_jpeg
image: adjust_jpeg_quality random_jpeg_quality
"""

tf = modules["tf"]


def decode_png(contents: Any, channels: int = 0, dtype: Any = uint8, name: str | None = None) -> Any:
    """The pixels of a PNG file, [height, width, channels] (tf.image.decode_png). channels: 0 for those of the file."""
    return apply_op("DecodePng", name, [contents], {"channels": channels or 0, "dtype": as_dtype(dtype)})


def _read(channels: int, ratio: int, fancy_upscaling: bool, try_recover_truncated: bool, acceptable_fraction: float,
          dct_method: str) -> dict[str, Any]:
    return {"channels": channels or 0, "ratio": ratio, "fancy_upscaling": fancy_upscaling, "dct_method": dct_method,
            "try_recover_truncated": try_recover_truncated, "acceptable_fraction": acceptable_fraction}


def decode_jpeg(contents: Any, channels: int = 0, ratio: int = 1, fancy_upscaling: bool = True,
                try_recover_truncated: bool = False, acceptable_fraction: float = 1, dct_method: str = "",
                name: str | None = None) -> Any:
    """The pixels of a JPEG file, [height, width, channels], smaller by ratio 1, 2, 4 or 8 (tf.image.decode_jpeg).

    channels: 0 for those of the file, 1 or 3. dct_method: "INTEGER_FAST" as by default, or "INTEGER_ACCURATE". Running
    it needs Pillow, ``pip install 'graphcli[images]'``.
    """
    return apply_op("DecodeJpeg", name, [contents], _read(
        channels, ratio, fancy_upscaling, try_recover_truncated, acceptable_fraction, dct_method))


def decode_and_crop_jpeg(contents: Any, crop_window: Any, channels: int = 0, ratio: int = 1,
                         fancy_upscaling: bool = True, try_recover_truncated: bool = False,
                         acceptable_fraction: float = 1, dct_method: str = "", name: str | None = None) -> Any:
    """The pixels of a JPEG file in the window [line, column, lines, columns] (tf.image.decode_and_crop_jpeg)."""
    return apply_op("DecodeAndCropJpeg", name, [contents, crop_window], _read(
        channels, ratio, fancy_upscaling, try_recover_truncated, acceptable_fraction, dct_method))


def extract_jpeg_shape(contents: Any, output_type: Any = int32, name: str | None = None) -> Any:
    """[height, width, channels] of a JPEG file, by its head alone (tf.image.extract_jpeg_shape)."""
    return apply_op("ExtractJpegShape", name, [contents], {"output_type": as_dtype(output_type)})


def encode_jpeg(image: Any, format: str = "", quality: int = 95, progressive: bool = False,
                optimize_size: bool = False, chroma_downsampling: bool = True, density_unit: str = "in",
                x_density: int = 300, y_density: int = 300, xmp_metadata: str = "", name: str | None = None) -> Any:
    """A JPEG file of a picture [height, width, 1 or 3 channels] of uint8 (tf.image.encode_jpeg).

    format: "grayscale" or "rgb" where no other will do. quality: from 0 to 100.
    """
    return apply_op("EncodeJpeg", name, [image], {
        "format": format, "quality": quality, "progressive": progressive, "optimize_size": optimize_size,
        "chroma_downsampling": chroma_downsampling, "density_unit": density_unit, "x_density": x_density,
        "y_density": y_density, "xmp_metadata": xmp_metadata})


def adjust_jpeg_quality(image: Any, jpeg_quality: Any, name: str | None = None) -> Any:
    """The image [height, width, 3] as it is read back from a JPEG file (tf.image.adjust_jpeg_quality).

    jpeg_quality: from 0 to 100, a number or a tensor.
    """
    with name_scope(name, "adjust_jpeg_quality"):
        image = convert_to_tensor(image, name="image")
        kind = image.dtype
        image = convert_image_dtype(image, uint8)
        if not is_tensor(jpeg_quality):
            jpeg_quality = convert_to_tensor(jpeg_quality, int32)
        contents = apply_op("EncodeJpegVariableQuality", None, [image, jpeg_quality])
        return convert_image_dtype(decode_jpeg(contents), kind)


def random_jpeg_quality(image: Any, min_jpeg_quality: int, max_jpeg_quality: int, seed: int | None = None) -> Any:
    """adjust_jpeg_quality with a quality by chance, below ``max_jpeg_quality`` (tf.image.random_jpeg_quality).

    Raises InvalidValue where they are not between 0 and 100, or the least is not below the greatest.
    """
    if not 0 <= min_jpeg_quality < max_jpeg_quality <= 100:
        raise InvalidValue("the qualities are 0 <= min_jpeg_quality < max_jpeg_quality <= 100, not "
                           f"{min_jpeg_quality} and {max_jpeg_quality}")
    quality = tf.random_uniform([], min_jpeg_quality, max_jpeg_quality, seed=seed, dtype=int32)
    return adjust_jpeg_quality(image, quality)


def decode_bmp(contents: Any, channels: int = 0, name: str | None = None) -> Any:
    """The pixels of a BMP file, [height, width, channels] (tf.image.decode_bmp)."""
    return apply_op("DecodeBmp", name, [contents], {"channels": channels or 0})


def decode_gif(contents: Any, name: str | None = None) -> Any:
    """The pixels of a GIF file, [frames, height, width, 3] (tf.image.decode_gif). Running it needs Pillow."""
    return apply_op("DecodeGif", name, [contents], {})


def is_jpeg(contents: Any, name: str | None = None) -> Any:
    """Whether bytes begin as those of a JPEG file do (tf.image.is_jpeg)."""
    with name_scope(name, "is_jpeg"):
        return tf.equal(tf.substr(contents, 0, 3), b"\xff\xd8\xff", name=name)


def _is_png(contents: Any) -> Any:
    with name_scope(None, "is_png"):
        return tf.equal(tf.substr(contents, 0, 3), b"\x89PN")


def decode_image(contents: Any, channels: int | None = None, dtype: Any = uint8, name: str | None = None,
                 expand_animations: bool = True) -> Any:
    """The pixels of a JPEG, PNG, GIF or BMP file, of a GIF [frames, height, width, 3] (tf.image.decode_image).

    A graph of conditions, as TensorFlow 1.15 makes it, whose shape nobody knows. dtype: of reals between 0 and 1.
    expand_animations: whether all the frames of a GIF are wanted, or the first alone.
    """
    dtype, many = as_dtype(dtype), channels or 0
    if many not in (0, 1, 3, 4):
        raise InvalidValue("channels must be in (None, 0, 1, 3, 4)")

    def bmp() -> Any:
        known = tf.Assert(tf.equal(tf.substr(contents, 0, 2), "BM", name="is_bmp"),
                          ["Unable to decode bytes as JPEG, PNG, GIF, or BMP"])
        fits = tf.Assert(tf.not_equal(many, 1, name="check_channels"),
                         ["Channels must be in (None, 0, 3) when decoding BMP images"])
        with control_dependencies([known, fits]):
            return convert_image_dtype(decode_bmp(contents), dtype)

    def gif() -> Any:
        fits = tf.logical_and(tf.not_equal(many, 1, name="check_gif_channels"),
                              tf.not_equal(many, 4, name="check_gif_channels"))
        with control_dependencies([tf.Assert(fits, ["Channels must be in (None, 0, 3) when decoding GIF images"])]):
            frames = convert_image_dtype(decode_gif(contents), dtype)
            return frames if expand_animations else tf.gather(frames, 0)

    def png() -> Any:
        return convert_image_dtype(decode_png(contents, many, uint8 if dtype == uint8 else uint16), dtype)

    def jpeg() -> Any:
        fits = tf.not_equal(many, 4, name="check_jpeg_channels")
        with control_dependencies([tf.Assert(fits, ["Channels must be in (None, 0, 1, 3) when decoding JPEG images"])]):
            return convert_image_dtype(decode_jpeg(contents, many), dtype)

    def others() -> Any:
        return tf.cond(_is_png(contents), png, gif_or_bmp, name="cond_png")

    def gif_or_bmp() -> Any:
        return tf.cond(tf.equal(start, b"GIF", name="is_gif"), gif, bmp, name="cond_gif")

    with name_scope(name, "decode_image"):
        start = tf.substr(contents, 0, 3)
        return tf.cond(is_jpeg(contents), jpeg, others, name="cond_jpeg")


def encode_png(image: Any, compression: int = -1, name: str | None = None) -> Any:
    """A PNG file of a picture [height, width, 1 to 4 channels] of uint8 or uint16 (tf.image.encode_png)."""
    return apply_op("EncodePng", name, [image], {"compression": compression})
