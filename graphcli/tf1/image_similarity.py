"""How alike two images are (tf.image.ssim)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue
from ..graph.shapes import compatible, show
from ..graph.types import float32, int32
from .conversion import convert_to_tensor
from .framework import control_dependencies, name_scope
from .image import convert_image_dtype
from .modules import modules

EXPORTS = """
image: ssim
"""

tf = modules["tf"]


def _gauss(size: Any, sigma: Any) -> Any:
    """[size, size, 1, 1]: the weights of a window, as a normal distribution has them."""
    size, sigma = convert_to_tensor(size, int32), convert_to_tensor(sigma)
    at = tf.cast(tf.range(size), sigma.dtype)
    at -= tf.cast(size - 1, sigma.dtype) / 2.0
    g = tf.square(at)
    g *= -0.5 / tf.square(sigma)
    g = tf.reshape(g, shape=[1, -1]) + tf.reshape(g, shape=[-1, 1])
    g = tf.nn.softmax(tf.reshape(g, shape=[1, -1]))
    return tf.reshape(g, shape=[size, size, 1, 1])


def images(a: Any, b: Any, top: Any) -> tuple[Any, Any, Any, Any]:
    """Both as float32, ``top`` beside them, and their shapes: the run sees that the two have one size.

    Raises InvalidValue where they never have.
    """
    a, b = convert_to_tensor(a, name="img1"), convert_to_tensor(b, name="img2")
    x, y = a.static, b.static
    for static in (x, y):
        if static is not None and len(static) < 3:
            raise InvalidValue(f"an image has at least rank 3, not the shape {show(static)}")
    if x is not None and y is not None and not compatible(x[-3:], y[-3:]):
        raise InvalidValue(f"the images differ in size: {show(x)} and {show(y)}")
    one, other = tf.shape_n([a, b])
    checks = [tf.Assert(tf.greater_equal(tf.size(one), 3), [one, other], summarize=10),
              tf.Assert(tf.reduce_all(tf.equal(one[-3:], other[-3:])), [one, other], summarize=10)]
    with control_dependencies(checks):
        a = tf.identity(a)
    top = convert_image_dtype(tf.cast(top, a.dtype), float32)
    return convert_image_dtype(a, float32), convert_image_dtype(b, float32), top, (one, other)


def by_channel(a: Any, b: Any, top: Any, size: int, sigma: float, k1: float, k2: float, as_map: bool = False) -> Any:
    """The similarity of each channel and, but for a map, its part that is contrast."""
    window, spread = tf.constant(size, dtype=int32), tf.constant(sigma, dtype=a.dtype.base_dtype)
    one, other = tf.shape_n([a, b])
    checks = [tf.Assert(tf.reduce_all(tf.greater_equal(shape[-3:-1], window)), [shape, window], summarize=8)
              for shape in (one, other)]
    with control_dependencies(checks):
        a = tf.identity(a)
    kernel = tf.tile(_gauss(window, spread), multiples=[1, 1, one[-1], 1])

    def around(x: Any) -> Any:
        """The weighted mean of each window."""
        shape = tf.shape(x)
        flat = tf.reshape(x, shape=tf.concat([[-1], shape[-3:]], 0))
        mean = tf.nn.depthwise_conv2d(flat, kernel, strides=[1, 1, 1, 1], padding="VALID")
        return tf.reshape(mean, tf.concat([shape[:-3], tf.shape(mean)[1:]], 0))

    c1, c2 = (k1 * top) ** 2, (k2 * top) ** 2
    mean_a, mean_b = around(a), around(b)
    both = mean_a * mean_b * 2.0
    squares = tf.square(mean_a) + tf.square(mean_b)
    luminance = (both + c1) / (squares + c1)
    product = around(a * b) * 2.0
    power = around(tf.square(a) + tf.square(b))
    c2 *= 1.0
    contrast = (product - both + c2) / (power - squares + c2)
    if as_map:
        return luminance * contrast
    axes = tf.constant([-3, -2], dtype=int32)
    return tf.reduce_mean(luminance * contrast, axes), tf.reduce_mean(contrast, axes)


def ssim(img1: Any, img2: Any, max_val: Any, filter_size: int = 11, filter_sigma: float = 1.5, k1: float = 0.01,
         k2: float = 0.03, return_index_map: bool = False) -> Any:
    """The structural similarity of two images or stacks of them, 1 where they are equal (tf.image.ssim).

    max_val: the greatest value a pixel may have. return_index_map: for each place, not the mean over them.
    Raises InvalidValue for sizes that differ.
    """
    with name_scope(None, "SSIM"):
        img1, img2, top, _ = images(img1, img2, max_val)
        each = by_channel(img1, img2, top, filter_size, filter_sigma, k1, k2, return_index_map)
        return tf.reduce_mean(each if return_index_map else each[0], [-1])
