"""tf.contrib.image: images turned, moved and bent by projective transforms."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType, InvalidValue
from ..graph.types import float32, int32
from .conversion import convert_to_tensor
from .framework import apply_op, name_scope
from .modules import modules

EXPORTS = """
contrib.image: transform rotate translate angles_to_projective_transforms translations_to_projective_transforms
contrib.image: compose_transforms flat_transforms_to_matrices matrices_to_flat_transforms
"""

tf = modules["tf"]
_KINDS = ("uint8", "int32", "int64", "float16", "float32", "float64")


def _batched(images: Any) -> Any:
    """Images of rank 2 or 3 as a batch of one. Raises InvalidType for dtypes and ranks that no op takes."""
    if images.dtype.base_dtype.name not in _KINDS:
        raise InvalidType(f"Invalid dtype {images.dtype.name}.")
    if images.static is None:
        raise InvalidType("image_or_images rank must be statically known")
    if len(images.static) == 2:
        return images[None, :, :, None]
    if len(images.static) == 3:
        return images[None, :, :, :]
    if len(images.static) != 4:
        raise InvalidType("Images should have rank between 2 and 4.")
    return images


def _as_they_were(output: Any, images: Any) -> Any:
    if len(images.static) == 2:
        return output[0, :, :, 0]
    return output[0, :, :, :] if len(images.static) == 3 else output


def _rows(values: Any, what: str) -> Any:
    """One row or several as several."""
    if values.static is None:
        raise InvalidType(f"{what} rank must be statically known")
    if len(values.static) == 1:
        return values[None]
    if len(values.static) != 2:
        raise InvalidType(f"{what} should have rank 1 or 2.")
    return values


def transform(images: Any, transforms: Any, interpolation: str = "NEAREST", output_shape: Any = None,
              name: str | None = None) -> Any:
    """Images by transforms [a0, a1, a2, b0, b1, b2, c0, c1] (tf.contrib.image.transform).

    The pixel (x, y) of the result is that at ((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) / k) with k = c0 x + c1 y + 1;
    zeros stand for what lies outside. images: [height, width], with channels, or a batch of these. interpolation:
    "NEAREST" or "BILINEAR". output_shape: [height, width], else that of the images. No gradient goes into transforms.
    """
    with name_scope(name, "transform"):
        given = convert_to_tensor(images, name="images")
        rows = convert_to_tensor(transforms, name="transforms", dtype=float32)
        batch = _batched(given)
        if output_shape is None:
            output_shape = tf.shape(batch)[1:3]
        size = convert_to_tensor(output_shape, name="output_shape", dtype=int32)
        if size.static is not None and (len(size.static) != 1 or size.static[0] not in (None, 2)):
            raise InvalidValue("output_shape must be a 1-D Tensor of 2 elements: new_height, new_width")
        rows = _rows(rows, "Transforms")
        output = apply_op("ImageProjectiveTransformV2", None, [batch, rows, size],
                          {"interpolation": interpolation.upper()})
        return _as_they_were(output, given)


def rotate(images: Any, angles: Any, interpolation: str = "NEAREST", name: str | None = None) -> Any:
    """Images turned counterclockwise by angles in radians, around their middles (tf.contrib.image.rotate)."""
    with name_scope(name, "rotate"):
        given = convert_to_tensor(images)
        batch = _batched(given)
        height = tf.cast(tf.shape(batch)[1], float32)[None]
        width = tf.cast(tf.shape(batch)[2], float32)[None]
        output = transform(batch, angles_to_projective_transforms(angles, height, width), interpolation)
        return _as_they_were(output, given)


def translate(images: Any, translations: Any, interpolation: str = "NEAREST", name: str | None = None) -> Any:
    """Images moved by [dx, dy], or each by its own (tf.contrib.image.translate)."""
    with name_scope(name, "translate"):
        return transform(images, translations_to_projective_transforms(translations), interpolation)


def angles_to_projective_transforms(angles: Any, image_height: Any, image_width: Any, name: str | None = None) -> Any:
    """[n, 8]: transforms that turn images of this size around their middles
    (tf.contrib.image.angles_to_projective_transforms)."""
    with name_scope(name, "angles_to_projective_transforms"):
        given = convert_to_tensor(angles, name="angles", dtype=float32)
        if given.static is None or len(given.static) > 1:
            raise InvalidType("Angles should have rank 0 or 1.")
        turn = given[None] if not given.static else given
        x = ((image_width - 1) - (tf.cos(turn) * (image_width - 1) - tf.sin(turn) * (image_height - 1))) / 2.0
        y = ((image_height - 1) - (tf.sin(turn) * (image_width - 1) + tf.cos(turn) * (image_height - 1))) / 2.0
        many = tf.shape(turn)[0]
        return tf.concat([tf.cos(turn)[:, None], -tf.sin(turn)[:, None], x[:, None], tf.sin(turn)[:, None],
                          tf.cos(turn)[:, None], y[:, None], tf.zeros((many, 2), float32)], axis=1)


def translations_to_projective_transforms(translations: Any, name: str | None = None) -> Any:
    """[n, 8]: transforms that move images by [dx, dy] (tf.contrib.image.translations_to_projective_transforms)."""
    with name_scope(name, "translations_to_projective_transforms"):
        moves = _rows(convert_to_tensor(translations, name="translations", dtype=float32), "Translations")
        many = tf.shape(moves)[0]
        return tf.concat([tf.ones((many, 1), float32), tf.zeros((many, 1), float32), -moves[:, 0, None],
                          tf.zeros((many, 1), float32), tf.ones((many, 1), float32), -moves[:, 1, None],
                          tf.zeros((many, 2), float32)], axis=1)


def compose_transforms(*transforms: Any) -> Any:
    """One transform that does what several do one after the other (tf.contrib.image.compose_transforms)."""
    assert transforms, "transforms cannot be empty"
    with name_scope("compose_transforms"):
        composed = flat_transforms_to_matrices(transforms[0])
        for each in transforms[1:]:
            composed = tf.matmul(composed, flat_transforms_to_matrices(each))
        return matrices_to_flat_transforms(composed)


def flat_transforms_to_matrices(transforms: Any) -> Any:
    """[n, 3, 3] of [n, 8] or [8]: from places of the result to those of the image
    (tf.contrib.image.flat_transforms_to_matrices)."""
    with name_scope("flat_transforms_to_matrices"):
        rows = convert_to_tensor(transforms, name="transforms")
        if rows.static is None or len(rows.static) not in (1, 2):
            raise InvalidValue(f"Transforms should be 1D or 2D, got: {rows}")
        rows = tf.reshape(rows, tf.constant([-1, 8]))
        many = tf.shape(rows)[0]
        return tf.reshape(tf.concat([rows, tf.ones([many, 1])], axis=1), tf.constant([-1, 3, 3]))


def matrices_to_flat_transforms(transform_matrices: Any) -> Any:
    """[n, 8] of [n, 3, 3] or [3, 3] (tf.contrib.image.matrices_to_flat_transforms)."""
    with name_scope("matrices_to_flat_transforms"):
        given = convert_to_tensor(transform_matrices, name="transform_matrices")
        if given.static is None or len(given.static) not in (2, 3):
            raise InvalidValue(f"Matrices should be 2D or 3D, got: {given}")
        rows = tf.reshape(given, tf.constant([-1, 9]))
        rows /= rows[:, 8:9]
        return rows[:, :8]
