"""Images [height, width, channels] or stacks of them: turned, cut, padded, resized, in other dtypes (tf.image)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType, InvalidValue
from ..graph.shapes import show
from ..graph.types import as_dtype, float16, float32
from .conversion import convert_to_tensor, is_tensor
from .framework import apply_op, name_scope
from .grouping import with_dependencies
from .modules import modules

EXPORTS = """
image: flip_left_right flip_up_down transpose transpose_image=transpose rgb_to_grayscale
image: adjust_brightness convert_image_dtype per_image_standardization total_variation
image: crop_to_bounding_box pad_to_bounding_box
image: resize_bilinear resize_nearest_neighbor ResizeMethod
"""

tf = modules["tf"]


class ResizeMethod:
    """How images are resized (tf.image.ResizeMethod)."""

    BILINEAR = 0
    NEAREST_NEIGHBOR = 1
    BICUBIC = 2
    AREA = 3


def _checks(image: Any) -> list[Any]:
    """Assertions that an image has three axes that are not empty. Raises InvalidValue where it is known to fail."""
    static = image.static
    if static is not None and len(static) < 3:
        raise InvalidValue(f"an image has at least rank 3, not the shape {show(static)}")
    inner = (None, None, None) if static is None else static[-3:]
    if 0 in inner:
        raise InvalidValue(f"the last three sizes of an image are above 0, not {show(static)}")
    if None not in inner:
        return []
    return [tf.assert_positive(tf.shape(image)[-3:], ["inner 3 dims of 'image.shape' must be > 0."]),
            tf.assert_greater_equal(tf.rank(image), 3, message="'image' must be at least three-dimensional.")]


def _checked(image: Any) -> Any:
    return with_dependencies(_checks(image), image)


def _three_or_four(image: Any, three: Any, four: Any) -> Any:
    """What is made of one image or of a stack, decided by the run where the rank is unknown."""
    if image.static is None:
        return tf.cond(tf.equal(tf.rank(image), 3), three, four)
    if len(image.static) not in (3, 4):
        raise InvalidValue(f"an image has rank 3 or 4, not the shape {show(image.static)}")
    return three() if len(image.static) == 3 else four()


def _flip(image: Any, axis: int, call: str) -> Any:
    with name_scope(None, call):
        image = _checked(convert_to_tensor(image, name="image"))

        def three() -> Any:
            out = tf.reverse(image, [axis])
            out.set_shape([None] * 3 if image.static is None else image.static)
            return out

        return _three_or_four(image, three, lambda: tf.reverse(image, [axis + 1]))


def flip_left_right(image: Any) -> Any:
    """The image mirrored left to right (tf.image.flip_left_right)."""
    return _flip(image, 1, "flip_left_right")


def flip_up_down(image: Any) -> Any:
    """The image upside down (tf.image.flip_up_down)."""
    return _flip(image, 0, "flip_up_down")


def transpose(image: Any, name: str | None = None) -> Any:
    """Rows and columns of the image exchanged (tf.image.transpose)."""
    with name_scope(name, "transpose"):
        image = _checked(convert_to_tensor(image, name="image"))
        return _three_or_four(image, lambda: tf.transpose(image, [1, 0, 2], name=name),
                              lambda: tf.transpose(image, [0, 2, 1, 3], name=name))


def convert_image_dtype(image: Any, dtype: Any, saturate: bool = False, name: str | None = None) -> Any:
    """The image in another dtype; whole numbers go from 0 to their greatest, reals from 0 to 1."""
    image = convert_to_tensor(image, name="image")
    want, have = as_dtype(dtype).base_dtype, image.dtype.base_dtype
    for kind in (want, have):
        if not kind.is_floating and not kind.is_integer:
            raise InvalidType(f"images are of whole or real numbers, not {kind.name}")
    if want is have:
        return tf.identity(image, name=name)
    with name_scope(name, "convert_image") as scope:
        cast = tf.saturate_cast if saturate else tf.cast
        if have.is_floating:
            if want.is_floating:
                return tf.cast(image, want, name=scope)
            return cast(tf.multiply(image, want.max + 0.5), want, name=scope)
        if want.is_floating:
            return tf.multiply(tf.cast(image, want), 1.0 / have.max, name=scope)
        if have.max > want.max:
            return cast(tf.floordiv(image, (have.max + 1) // (want.max + 1)), want, name=scope)
        return tf.multiply(cast(image, want), (want.max + 1) // (have.max + 1), name=scope)


def adjust_brightness(image: Any, delta: Any) -> Any:
    """The image with ``delta`` added, in reals from 0 to 1 (tf.image.adjust_brightness)."""
    with name_scope(None, "adjust_brightness") as scope:
        image = convert_to_tensor(image, name="image")
        own = image.dtype.base_dtype
        real = image if own in (float16, float32) else convert_image_dtype(image, float32)
        brighter = tf.add(real, tf.cast(delta, real.dtype.base_dtype), name=scope)
        return convert_image_dtype(brighter, own, saturate=True)


def rgb_to_grayscale(images: Any, name: str | None = None) -> Any:
    """One channel of brightness for three of colour (tf.image.rgb_to_grayscale)."""
    with name_scope(name, "rgb_to_grayscale") as scope:
        images = convert_to_tensor(images, name="images")
        own = images.dtype.base_dtype
        gray = tf.tensordot(convert_image_dtype(images, float32), [0.2989, 0.587, 0.114], [-1, -1])
        return convert_image_dtype(tf.expand_dims(gray, -1), own, name=scope)


def per_image_standardization(image: Any) -> Any:
    """Each image with mean 0 and deviation 1 (tf.image.per_image_standardization)."""
    with name_scope(None, "per_image_standardization") as scope:
        image = tf.cast(_checked(convert_to_tensor(image, name="image")), dtype=float32)
        pixels = tf.reduce_prod(tf.shape(image)[-3:])
        mean = tf.reduce_mean(image, axis=[-1, -2, -3], keepdims=True)
        deviation = tf.math.reduce_std(image, axis=[-1, -2, -3], keepdims=True)
        least = tf.rsqrt(tf.cast(pixels, float32))
        deviation = tf.maximum(deviation, least)
        return tf.divide(image - mean, deviation, name=scope)


def total_variation(images: Any, name: str | None = None) -> Any:
    """How much neighbouring pixels differ, for each image (tf.image.total_variation)."""
    with name_scope(name, "total_variation"):
        rank = None if images.static is None else len(images.static)
        if rank == 3:
            down, right, axes = images[1:, :, :] - images[:-1, :, :], images[:, 1:, :] - images[:, :-1, :], None
        elif rank == 4:
            down = images[:, 1:, :, :] - images[:, :-1, :, :]
            right, axes = images[:, :, 1:, :] - images[:, :, :-1, :], [1, 2, 3]
        else:
            raise InvalidValue(f"images have rank 3 or 4, not the shape {show(images.static)}")
        return tf.reduce_sum(tf.abs(down), axis=axes) + tf.reduce_sum(tf.abs(right), axis=axes)


def _stack(image: Any) -> tuple[Any, bool]:
    """The image as a stack, and whether it was one."""
    if image.static is not None and len(image.static) not in (3, 4):
        raise InvalidValue(f"an image has rank 3 or 4, not the shape {show(image.static)}")
    if image.static is not None and len(image.static) == 4:
        return image, True
    unknown = image.static is None
    image = tf.expand_dims(image, 0)
    if unknown:
        image.set_shape([None] * 4)
    return image, False


def _dimensions(image: Any) -> list[Any]:
    """The four sizes, numbers where they are known."""
    if None not in image.static:
        return list(image.static)
    dynamic = tf.unstack(tf.shape(image), 4)
    return [d if s is None else s for s, d in zip(image.static, dynamic)]


def _holds(condition: Any, law: str) -> list[Any]:
    if is_tensor(condition):
        return [tf.Assert(condition, [law])]
    if not condition:
        raise InvalidValue(law)
    return []


def _box(image: Any, sizes: list[Any], whole: bool) -> Any:
    image.set_shape([None if is_tensor(s) else s for s in sizes])
    return image if whole else tf.squeeze(image, axis=[0])


def crop_to_bounding_box(image: Any, offset_height: Any, offset_width: Any, target_height: Any,
                         target_width: Any) -> Any:
    """A piece of the image of a given place and size (tf.image.crop_to_bounding_box)."""
    with name_scope(None, "crop_to_bounding_box"):
        image, whole = _stack(convert_to_tensor(image, name="image"))
        checks = _checks(image)
        batch, height, width, depth = _dimensions(image)
        checks += _holds(offset_width >= 0, "offset_width must be >= 0.")
        checks += _holds(offset_height >= 0, "offset_height must be >= 0.")
        checks += _holds(target_width > 0, "target_width must be > 0.")
        checks += _holds(target_height > 0, "target_height must be > 0.")
        checks += _holds(width >= target_width + offset_width, "width must be >= target + offset.")
        checks += _holds(height >= target_height + offset_height, "height must be >= target + offset.")
        image = with_dependencies(checks, image)
        begin = tf.stack([0, offset_height, offset_width, 0])
        size = tf.stack([tf.shape(image)[0], target_height, target_width, tf.shape(image)[3]])
        return _box(tf.slice(image, begin, size), [batch, target_height, target_width, depth], whole)


def pad_to_bounding_box(image: Any, offset_height: Any, offset_width: Any, target_height: Any,
                        target_width: Any) -> Any:
    """The image in a larger one of zeros, at a given place (tf.image.pad_to_bounding_box)."""
    with name_scope(None, "pad_to_bounding_box"):
        image, whole = _stack(convert_to_tensor(image, name="image"))
        batch, height, width, depth = _dimensions(image)
        right, below = target_width - offset_width - width, target_height - offset_height - height
        checks = _checks(image)
        checks += _holds(offset_height >= 0, "offset_height must be >= 0")
        checks += _holds(offset_width >= 0, "offset_width must be >= 0")
        checks += _holds(right >= 0, "width must be <= target - offset")
        checks += _holds(below >= 0, "height must be <= target - offset")
        image = with_dependencies(checks, image)
        pads = tf.reshape(tf.stack([0, 0, offset_height, below, offset_width, right, 0, 0]), [4, 2])
        return _box(tf.pad(image, pads), [batch, target_height, target_width, depth], whole)


def resize_bilinear(images: Any, size: Any, align_corners: bool = False, name: str | None = None,
                    half_pixel_centers: bool = False) -> Any:
    """Images in another size, linear between pixels (tf.image.resize_bilinear)."""
    return apply_op("ResizeBilinear", name, [images, size],
                    {"align_corners": align_corners, "half_pixel_centers": half_pixel_centers})


def resize_nearest_neighbor(images: Any, size: Any, align_corners: bool = False, name: str | None = None,
                            half_pixel_centers: bool = False) -> Any:
    """Images in another size, each pixel one of theirs (tf.image.resize_nearest_neighbor)."""
    return apply_op("ResizeNearestNeighbor", name, [images, size],
                    {"align_corners": align_corners, "half_pixel_centers": half_pixel_centers})
