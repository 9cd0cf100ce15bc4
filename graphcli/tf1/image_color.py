"""Colours of images, adjusted by an amount or by chance (tf.image)."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidValue
from ..graph.types import float16, float32
from .conversion import convert_to_tensor
from .framework import apply_op, control_dependencies, elementwise, name_scope
from .grouping import with_dependencies
from .image import _holds, adjust_brightness, convert_image_dtype
from .modules import modules
from .random_values import random_uniform

EXPORTS = """
image: rgb_to_hsv hsv_to_rgb adjust_hue adjust_saturation adjust_contrast adjust_gamma
image: random_hue random_saturation random_contrast random_brightness
image: grayscale_to_rgb rgb_to_yiq yiq_to_rgb rgb_to_yuv yuv_to_rgb psnr
"""

tf = modules["tf"]

rgb_to_hsv = elementwise("rgb_to_hsv", "RGBToHSV", "images")
hsv_to_rgb = elementwise("hsv_to_rgb", "HSVToRGB", "images")


def _as_reals(image: Any) -> Any:
    return image if image.dtype.base_dtype in (float16, float32) else convert_image_dtype(image, float32)


def adjust_hue(image: Any, delta: Any, name: str | None = None) -> Any:
    """The image with its hue turned by ``delta`` of the circle (tf.image.adjust_hue)."""
    with name_scope(name, "adjust_hue"):
        image = convert_to_tensor(image, name="image")
        turned = apply_op("AdjustHue", None, [_as_reals(image), delta])
        return convert_image_dtype(turned, image.dtype)


def adjust_saturation(image: Any, saturation_factor: Any, name: str | None = None) -> Any:
    """The image with its saturation scaled (tf.image.adjust_saturation)."""
    with name_scope(name, "adjust_saturation"):
        image = convert_to_tensor(image, name="image")
        scaled = apply_op("AdjustSaturation", None, [_as_reals(image), saturation_factor])
        return convert_image_dtype(scaled, image.dtype)


def adjust_contrast(images: Any, contrast_factor: Any) -> Any:
    """The images with their distance from each channel's mean scaled (tf.image.adjust_contrast)."""
    with name_scope(None, "adjust_contrast") as scope:
        images = convert_to_tensor(images, name="images")
        scaled = apply_op("AdjustContrastv2", scope, [_as_reals(images), contrast_factor])
        return convert_image_dtype(scaled, images.dtype, saturate=True)


def adjust_gamma(image: Any, gamma: Any = 1, gain: Any = 1) -> Any:
    """``gain * image ** gamma``, in reals from 0 to 1 (tf.image.adjust_gamma). Raises InvalidValue below 0."""
    with name_scope(None, "adjust_gamma"):
        image = convert_to_tensor(image, name="image")
        reals = _as_reals(image)
        checks = _holds(gamma >= 0, "Gamma should be a non-negative real number.")
        if checks:
            gamma = with_dependencies(checks, gamma)
        return convert_image_dtype(gain * reals ** gamma, image.dtype, saturate=True)


def _between(lower: Any, upper: Any) -> None:
    if upper <= lower:
        raise InvalidValue(f"upper must be above lower, not {upper} and {lower}")
    if lower < 0:
        raise InvalidValue(f"lower is at least 0, not {lower}")


def random_brightness(image: Any, max_delta: Any, seed: int | None = None) -> Any:
    """adjust_brightness by up to ``max_delta``. Raises InvalidValue below 0."""
    if max_delta < 0:
        raise InvalidValue(f"max_delta is at least 0, not {max_delta}")
    return adjust_brightness(image, random_uniform([], -max_delta, max_delta, seed=seed))


def random_contrast(image: Any, lower: Any, upper: Any, seed: int | None = None) -> Any:
    """adjust_contrast from ``lower`` to ``upper``. Raises InvalidValue for what is no range above 0."""
    _between(lower, upper)
    return adjust_contrast(image, random_uniform([], lower, upper, seed=seed))


def random_hue(image: Any, max_delta: Any, seed: int | None = None) -> Any:
    """adjust_hue by up to ``max_delta``. Raises InvalidValue outside of [0, 0.5]."""
    if not 0 <= max_delta <= 0.5:
        raise InvalidValue(f"max_delta is from 0 to 0.5, not {max_delta}")
    return adjust_hue(image, random_uniform([], -max_delta, max_delta, seed=seed))


def random_saturation(image: Any, lower: Any, upper: Any, seed: int | None = None) -> Any:
    """adjust_saturation from ``lower`` to ``upper``. Raises InvalidValue for what is no range above 0."""
    _between(lower, upper)
    return adjust_saturation(image, random_uniform([], lower, upper, seed=seed))


def grayscale_to_rgb(images: Any, name: str | None = None) -> Any:
    """Three equal channels for one (tf.image.grayscale_to_rgb). Raises InvalidValue for another number."""
    with name_scope(name, "grayscale_to_rgb") as scope:
        static = images.static
        if static is not None and len(static) < 2:
            raise InvalidValue("a grayscale image is at least two-dimensional")
        if static is not None and None not in static:
            if static[-1] != 1:
                raise InvalidValue("a grayscale image has one channel")
            checks: list[Any] = []
        else:
            checks = [tf.assert_equal(tf.shape(images)[-1], 1,
                                      message="Last dimension of a grayscale image should be size 1."),
                      tf.assert_greater_equal(tf.rank(images), 3,
                                              message="A grayscale image must be at least two-dimensional.")]
        images = with_dependencies(checks, images)
        last = tf.expand_dims(tf.rank(images) - 1, 0)
        many = tf.concat([tf.ones(last, dtype="int32"), tf.expand_dims(3, 0)], 0)
        rgb = tf.tile(images, many, name=scope)
        rgb.set_shape(None if static is None else (*static[:-1], 3))
        return rgb


_KERNELS = {
    "rgb_to_yiq": [[0.299, 0.59590059, 0.2115], [0.587, -0.27455667, -0.52273617], [0.114, -0.32134392, 0.31119955]],
    "yiq_to_rgb": [[1, 1, 1], [0.95598634, -0.27201283, -1.10674021], [0.6208248, -0.64720424, 1.70423049]],
    "rgb_to_yuv": [[0.299, -0.14714119, 0.61497538], [0.587, -0.28886916, -0.51496512],
                   [0.114, 0.43601035, -0.10001026]],
    "yuv_to_rgb": [[1, 1, 1], [0, -0.394642334, 2.03206185], [1.13988303, -0.58062185, 0]],
}


def _turned(word: str, images: Any) -> Any:
    images = convert_to_tensor(images, name="images")
    kernel = convert_to_tensor(_KERNELS[word], dtype=images.dtype, name="kernel")
    return tf.tensordot(images, kernel, axes=[[len(images.static) - 1], [0]])


def rgb_to_yiq(images: Any) -> Any:
    """Brightness and two colours of red, green and blue, as NTSC has them (tf.image.rgb_to_yiq)."""
    return _turned("rgb_to_yiq", images)


def yiq_to_rgb(images: Any) -> Any:
    """Red, green and blue of YIQ (tf.image.yiq_to_rgb)."""
    return _turned("yiq_to_rgb", images)


def rgb_to_yuv(images: Any) -> Any:
    """Brightness and two colours of red, green and blue, as PAL has them (tf.image.rgb_to_yuv)."""
    return _turned("rgb_to_yuv", images)


def yuv_to_rgb(images: Any) -> Any:
    """Red, green and blue of YUV (tf.image.yuv_to_rgb)."""
    return _turned("yuv_to_rgb", images)


def psnr(a: Any, b: Any, max_val: Any, name: str | None = None) -> Any:
    """How near two images are, in decibels (tf.image.psnr). Raises InvalidValue for shapes that differ."""
    with name_scope(name, "PSNR"):
        top = convert_image_dtype(tf.cast(max_val, a.dtype), float32)
        a, b = convert_image_dtype(a, float32), convert_image_dtype(b, float32)
        mse = tf.reduce_mean(tf.squared_difference(a, b), [-3, -2, -1])
        value = tf.subtract(20 * tf.log(top) / tf.log(10.0), np.float32(10 / np.log(10)) * tf.log(mse), name="psnr")
        one, other = tf.shape_n([a, b])
        checks = [tf.Assert(tf.greater_equal(tf.size(one), 3), [one, other], summarize=10),
                  tf.Assert(tf.reduce_all(tf.equal(one[-3:], other[-3:])), [one, other], summarize=10)]
        with control_dependencies(checks):
            return tf.identity(value)
