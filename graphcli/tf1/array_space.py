"""Blocks of space as depth or as batch, and patches of images."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidValue
from ..graph.constant import static_value
from ..graph.shapes import compatible
from ..graph.types import int32
from .conversion import convert_to_tensor
from .framework import apply_op, name_scope
from .old_names import renamed

EXPORTS = """
tf nn: space_to_depth depth_to_space space_to_batch batch_to_space
tf: space_to_batch_nd batch_to_space_nd required_space_to_batch_paddings extract_image_patches
image: extract_image_patches
tf: extract_volume_patches
manip: space_to_batch_nd batch_to_space_nd
"""


def space_to_depth(input: Any, block_size: int, name: str | None = None, data_format: str = "NHWC") -> Any:
    """Blocks of an image as channels (tf.space_to_depth)."""
    return apply_op("SpaceToDepth", name, [input], {"block_size": block_size, "data_format": data_format})


def depth_to_space(input: Any, block_size: int, name: str | None = None, data_format: str = "NHWC") -> Any:
    """Channels as blocks of an image (tf.depth_to_space)."""
    return apply_op("DepthToSpace", name, [input], {"block_size": block_size, "data_format": data_format})


def space_to_batch_nd(input: Any, block_shape: Any, paddings: Any, name: str | None = None) -> Any:
    """Blocks of the padded spatial axes as batches (tf.space_to_batch_nd)."""
    return apply_op("SpaceToBatchND", name, [input, block_shape, paddings])


def batch_to_space_nd(input: Any, block_shape: Any, crops: Any, name: str | None = None) -> Any:
    """Batches as blocks of the spatial axes, cropped (tf.batch_to_space_nd)."""
    return apply_op("BatchToSpaceND", name, [input, block_shape, crops])


def space_to_batch(input: Any, paddings: Any, block_size: Any = None, name: str | None = None,
                   block_shape: Any = None) -> Any:
    """Square blocks of a padded image as batches (tf.space_to_batch)."""
    size = renamed("block_shape", block_shape, "block_size", block_size)
    result = space_to_batch_nd(input, np.array([size, size], np.int64), paddings, name)
    result.set_shape(result.shape.with_rank(4))
    return result


def batch_to_space(input: Any, crops: Any, block_size: Any = None, name: str | None = None,
                   block_shape: Any = None) -> Any:
    """Batches as square blocks of an image, cropped (tf.batch_to_space)."""
    size = renamed("block_shape", block_shape, "block_size", block_size)
    result = batch_to_space_nd(input, np.array([size, size], np.int64), crops, name)
    result.set_shape(result.shape.with_rank(4))
    return result


def required_space_to_batch_paddings(input_shape: Any, block_shape: Any, base_paddings: Any = None,
                                     name: str | None = None) -> Any:
    """(paddings, crops) that make the shape a multiple of the blocks (tf.required_space_to_batch_paddings)."""
    from . import stack, zeros

    with name_scope(name, "required_space_to_batch_paddings", [input_shape, block_shape]):
        shape = convert_to_tensor(input_shape, dtype=int32, name="input_shape")
        blocks = convert_to_tensor(block_shape, dtype=int32, name="block_shape")
        if blocks.static is None or len(blocks.static) != 1 or blocks.static[0] is None:
            raise InvalidValue(f"block_shape must be a vector of known length, not of shape {blocks.shape}")
        n = blocks.static[0]
        if n == 0:
            return zeros([0, 2], int32), zeros([0, 2], int32)
        if not compatible(shape.static, (n,)):
            raise InvalidValue(f"input_shape has shape {shape.shape}, block_shape {blocks.shape}")
        if base_paddings is not None:
            base = convert_to_tensor(base_paddings, dtype=int32, name="base_paddings")
            if not compatible(base.static, (n, 2)):
                raise InvalidValue(f"base_paddings must have shape ({n}, 2), not {base.shape}")
        else:
            base = zeros([n, 2], int32)
        known = [static_value(t) for t in (blocks, shape, base)]
        if all(k is not None for k in known):
            blocks, shape, base = known
        start, end = base[:, 0], base[:, 1]
        full = shape + start + end
        extra = (blocks - full % blocks) % blocks
        end = end + extra
        paddings = stack([[start[i], end[i]] for i in range(n)], name="paddings")
        crops = stack([[0, extra[i]] for i in range(n)], name="crops")
        return paddings, crops


def extract_image_patches(images: Any, ksizes: Any = None, strides: Any = None, rates: Any = None,
                          padding: Any = None, name: str | None = None, sizes: Any = None) -> Any:
    """Patches of images, each flattened into the channels of its place (tf.extract_image_patches)."""
    ksizes = renamed("sizes", sizes, "ksizes", ksizes)
    return apply_op("ExtractImagePatches", name, [images],
                    {"ksizes": ksizes, "strides": strides, "rates": rates, "padding": padding})


def extract_volume_patches(input: Any, ksizes: Any, strides: Any, padding: Any, name: str | None = None) -> Any:
    """Patches of volumes, each flattened into the channels of its place (tf.extract_volume_patches)."""
    return apply_op("ExtractVolumePatches", name, [input], {"ksizes": ksizes, "strides": strides, "padding": padding})
