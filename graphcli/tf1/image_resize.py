"""Images in other sizes, turned, cut and padded (tf.image)."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import InvalidValue
from ..graph.constant import static_value
from ..graph.shapes import show
from ..graph.types import float32, float64, int32
from .conversion import convert_to_tensor, is_tensor
from .framework import apply_op, name_scope
from .grouping import with_dependencies
from .image import ResizeMethod, _checked, _checks, _dimensions, _holds, _stack, _three_or_four, crop_to_bounding_box
from .image import pad_to_bounding_box as _padded
from .modules import modules
from .random_values import random_uniform

EXPORTS = """
image: resize_images resize=resize_images resize_bicubic resize_area resize_image_with_crop_or_pad
image: resize_with_crop_or_pad=resize_image_with_crop_or_pad resize_image_with_pad central_crop rot90
image: random_flip_left_right random_flip_up_down image_gradients sobel_edges
image: extract_patches
"""

tf = modules["tf"]


def resize_bicubic(images: Any, size: Any, align_corners: bool = False, name: str | None = None,
                   half_pixel_centers: bool = False) -> Any:
    """Images in another size along cubic curves (tf.image.resize_bicubic)."""
    return apply_op("ResizeBicubic", name, [images, size],
                    {"align_corners": align_corners, "half_pixel_centers": half_pixel_centers})


def resize_area(images: Any, size: Any, align_corners: bool = False, name: str | None = None) -> Any:
    """Images in another size, each pixel the mean of what it covers (tf.image.resize_area)."""
    return apply_op("ResizeArea", name, [images, size], {"align_corners": align_corners})


_RESIZERS = {ResizeMethod.BILINEAR: "ResizeBilinear", ResizeMethod.NEAREST_NEIGHBOR: "ResizeNearestNeighbor",
             ResizeMethod.BICUBIC: "ResizeBicubic", ResizeMethod.AREA: "ResizeArea", "bilinear": "ResizeBilinear",
             "nearest": "ResizeNearestNeighbor", "bicubic": "ResizeBicubic", "area": "ResizeArea"}


def resize_images(images: Any, size: Any, method: Any = ResizeMethod.BILINEAR, align_corners: bool = False,
                  preserve_aspect_ratio: bool = False, name: str | None = None) -> Any:
    """One image or a stack in the size [height, width], by a method (tf.image.resize_images).

    With preserve_aspect_ratio as large as fits. Raises InvalidValue for a rank that is neither 3 nor 4.
    """
    if method not in _RESIZERS:
        raise InvalidValue(f"there is no method {method!r} of resizing", hint="tf.image.ResizeMethod has them")
    with name_scope(name, "resize"):
        images = convert_to_tensor(images, name="images")
        if images.static is None or len(images.static) not in (3, 4):
            raise InvalidValue(f"an image has rank 3 or 4, not the shape {show(images.static)}")
        whole = len(images.static) == 4
        if not whole:
            images = tf.expand_dims(images, 0)
        have = images.static[1:3]
        size = convert_to_tensor(size, int32, name="size")
        if size.static not in (None, (2,), (None,)):
            raise InvalidValue(f"size is [height, width], not of shape {show(size.static)}")
        if preserve_aspect_ratio:
            size = _fitting(images, size)
        value = static_value(size)
        want = (None, None) if value is None else tuple(int(v) for v in value)
        if None in want or None in have or want != have:
            images = apply_op(_RESIZERS[method], None, [images, size], {"align_corners": align_corners})
            images.set_shape((None, *want, None))
        return images if whole else tf.squeeze(images, axis=[0])


def _fitting(images: Any, size: Any) -> Any:
    """The size of the largest images that fit and keep their form."""
    _, height, width, _ = _dimensions(images)
    by_height = tf.cast(size[0], float32) / tf.cast(height, float32)
    by_width = tf.cast(size[1], float32) / tf.cast(width, float32)
    factor = tf.minimum(by_height, by_width)
    sizes = [tf.cast(tf.round(factor * tf.cast(s, float32)), int32) for s in (height, width)]
    return convert_to_tensor(sizes, int32, name="size")


def _most(x: Any, y: Any) -> Any:
    return tf.maximum(x, y) if is_tensor(x) or is_tensor(y) else max(x, y)


def _least(x: Any, y: Any) -> Any:
    return tf.minimum(x, y) if is_tensor(x) or is_tensor(y) else min(x, y)


def _same(x: Any, y: Any) -> Any:
    return tf.equal(x, y) if is_tensor(x) or is_tensor(y) else x == y


def _targets(image: Any, height: Any, width: Any) -> tuple[Any, list[Any]]:
    checks = _checks(image)
    checks += _holds(width > 0, "target_width must be > 0.")
    checks += _holds(height > 0, "target_height must be > 0.")
    return with_dependencies(checks, image), checks


def resize_image_with_crop_or_pad(image: Any, target_height: Any, target_width: Any) -> Any:
    """The middle of the image, cut or padded with zeros to a size (tf.image.resize_image_with_crop_or_pad)."""
    with name_scope(None, "resize_image_with_crop_or_pad"):
        image, whole = _stack(convert_to_tensor(image, name="image"))
        image, checks = _targets(image, target_height, target_width)
        if is_tensor(target_height):
            target_height = with_dependencies(checks, target_height)
        if is_tensor(target_width):
            target_width = with_dependencies(checks, target_width)
        _, height, width, _ = _dimensions(image)
        wider = target_width - width
        crop_x, pad_x = _most(-wider // 2, 0), _most(wider // 2, 0)
        higher = target_height - height
        crop_y, pad_y = _most(-higher // 2, 0), _most(higher // 2, 0)
        cropped = crop_to_bounding_box(image, crop_y, crop_x, _least(target_height, height),
                                       _least(target_width, width))
        resized = _padded(cropped, pad_y, pad_x, target_height, target_width)
        _, height, width, _ = _dimensions(resized)
        checks = _holds(_same(height, target_height), "resized height is not correct.")
        checks += _holds(_same(width, target_width), "resized width is not correct.")
        resized = with_dependencies(checks, resized)
        return resized if whole else tf.squeeze(resized, axis=[0])


def resize_image_with_pad(image: Any, target_height: Any, target_width: Any, method: Any = ResizeMethod.BILINEAR,
                          align_corners: bool = False) -> Any:
    """The image as large as fits into a size, zeros around it (tf.image.resize_image_with_pad)."""
    with name_scope(None, "resize_image_with_pad"):
        image, whole = _stack(convert_to_tensor(image, name="image"))
        image, _ = _targets(image, target_height, target_width)
        _, height, width, _ = _dimensions(image)
        high, wide, target_high, target_wide = (tf.cast(s, float32) for s in (height, width, target_height,
                                                                               target_width))
        ratio = _most(wide / target_wide, high / target_high)
        new_high, new_wide = high / ratio, wide / ratio
        size = [tf.cast(tf.floor(new_high), int32), tf.cast(tf.floor(new_wide), int32)]
        pad_high, pad_wide = (target_high - new_high) / 2, (target_wide - new_wide) / 2
        floors = [tf.floor(pad_high), tf.floor(pad_wide)]
        pads = [_most(0, tf.cast(f, int32)) for f in floors]
        resized = resize_images(image, size, method, align_corners=align_corners)
        out = _padded(resized, pads[0], pads[1], target_height, target_width)
        _dimensions(out)
        return out if whole else tf.squeeze(out, axis=[0])


def central_crop(image: Any, central_fraction: Any) -> Any:
    """The middle of an image or of a stack, of a share of each size (tf.image.central_crop).

    Raises InvalidValue for a share outside of (0, 1] and for another rank than 3 and 4.
    """
    with name_scope(None, "central_crop"):
        image = convert_to_tensor(image, name="image")
        share = static_value(central_fraction) if hasattr(central_fraction, "op") else central_fraction
        if share is None:
            checks = _holds(tf.logical_or(central_fraction > 0.0, central_fraction <= 1.0),
                            "central_fraction must be within (0, 1]")
            image = with_dependencies(checks, image)
        else:
            if share <= 0.0 or share > 1.0:
                raise InvalidValue(f"central_fraction is in (0, 1], not {share}")
            if share == 1.0:
                return image
        _checked(image)
        static = image.static
        if static is None or len(static) not in (3, 4):
            raise InvalidValue(f"an image has rank 3 or 4, not the shape {show(static)}")
        at = len(static) - 3
        sizes = [tf.shape(image)[at + i] if static[at + i] is None else static[at + i] for i in range(2)]
        known = [static[at + i] is not None and share is not None for i in range(2)]
        starts = []
        for size, fixed in zip(sizes, known):
            if fixed:
                starts.append(int((float(size) - float(size) * share) / 2))
            else:
                real = tf.cast(size, float64)
                starts.append(tf.cast((real - real * tf.cast(central_fraction, float64)) / 2, int32))
        lengths = [size - start * 2 for size, start in zip(sizes, starts)]
        if at:
            begin, length = tf.stack([0, *starts, 0]), tf.stack([-1, *lengths, -1])
        else:
            begin, length = tf.stack([*starts, 0]), tf.stack([*lengths, -1])
        image = tf.slice(image, begin, length)
        image.set_shape([*static[:at], *[s if fixed else None for s, fixed in zip(lengths, known)], static[-1]])
        return image


def rot90(image: Any, k: Any = 1, name: str | None = None) -> Any:
    """The image turned ``k`` times by a right angle against the clock (tf.image.rot90)."""
    with name_scope(name, "rot90") as scope:
        image = _checked(convert_to_tensor(image, name="image"))
        k = convert_to_tensor(k, dtype=int32, name="k") % 4

        def turned(at: int) -> Callable[[], Any]:
            swap = [1, 0, 2] if at == 0 else [0, 2, 1, 3]

            def made() -> Any:
                cases = [(tf.equal(k, 1), lambda: tf.transpose(tf.reverse(image, [at + 1]), swap)),
                         (tf.equal(k, 2), lambda: tf.reverse(image, [at, at + 1])),
                         (tf.equal(k, 3), lambda: tf.reverse(tf.transpose(image, swap), [at + 1]))]
                out = tf.case(cases, default=lambda: image, exclusive=True, name=scope)
                static = image.static or (None,) * (3 + at)
                out.set_shape([None, None, static[2]] if at == 0
                              else [out.static[0] if out.static else None, None, None,
                                    out.static[3] if out.static else None])
                return out

            return made

        return _three_or_four(image, turned(0), turned(1))


def _random_flip(image: Any, axis: int, seed: int | None, call: str) -> Any:
    with name_scope(None, call) as scope:
        image = _checked(convert_to_tensor(image, name="image"))

        def three() -> Any:
            drawn = random_uniform([], 0, 1.0, seed=seed)
            out = tf.cond(tf.less(drawn, 0.5), lambda: tf.reverse(image, [axis]), lambda: image, name=scope)
            out.set_shape([None] * 3 if image.static is None else image.static)
            return out

        def four() -> Any:
            batch = tf.shape(image)[0]
            drawn = random_uniform([batch], 0, 1.0, seed=seed)
            flips = tf.cast(tf.round(tf.reshape(drawn, [batch, 1, 1, 1])), image.dtype.base_dtype)
            flipped = tf.reverse(image, [axis + 1])
            return flips * flipped + (1 - flips) * image

        return _three_or_four(image, three, four)


def random_flip_left_right(image: Any, seed: int | None = None) -> Any:
    """Each image mirrored left to right, or not (tf.image.random_flip_left_right)."""
    return _random_flip(image, 1, seed, "random_flip_left_right")


def random_flip_up_down(image: Any, seed: int | None = None) -> Any:
    """Each image upside down, or not (tf.image.random_flip_up_down)."""
    return _random_flip(image, 0, seed, "random_flip_up_down")



def extract_patches(images: Any, sizes: Any, strides: Any, rates: Any, padding: str, name: str | None = None) -> Any:
    """The same (tf.image.extract_patches)."""
    return tf.extract_image_patches(images, sizes, strides, rates, padding, name)


def image_gradients(image: Any) -> tuple[Any, Any]:
    """(down, right): differences to the next pixel, 0 at the edge. Raises InvalidValue for another rank than 4."""
    if image.static is None or len(image.static) != 4:
        raise InvalidValue(f"image_gradients takes a stack of images, not the shape {show(image.static)}")
    shape = tf.shape(image)
    batch, height, width, depth = tf.unstack(shape)
    down = image[:, 1:, :, :] - image[:, :-1, :, :]
    right = image[:, :, 1:, :] - image[:, :, :-1, :]
    kind = image.dtype.base_dtype
    down = tf.concat([down, tf.zeros(tf.stack([batch, 1, width, depth]), kind)], 1)
    down = tf.reshape(down, shape)
    right = tf.concat([right, tf.zeros(tf.stack([batch, height, 1, depth]), kind)], 2)
    return down, tf.reshape(right, shape)


def sobel_edges(image: Any) -> Any:
    """[..., channels, 2]: how strongly each pixel's neighbours rise down and to the right (tf.image.sobel_edges)."""
    static, shape = image.static, tf.shape(image)
    kernels = np.array([[[-1, -2, -1], [0, 0, 0], [1, 2, 1]], [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]])
    kernels = np.expand_dims(np.transpose(kernels, (1, 2, 0)), -2)
    filters = tf.constant(kernels, dtype=image.dtype.base_dtype)
    filters = tf.tile(filters, [1, 1, shape[-1], 1], name="sobel_filters")
    padded = tf.pad(image, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="REFLECT")
    edges = tf.nn.depthwise_conv2d(padded, filters, [1, 1, 1, 1], "VALID")
    edges = tf.reshape(edges, shape=tf.concat([shape, [2]], 0))
    edges.set_shape(None if static is None else (*static, 2))
    return edges
