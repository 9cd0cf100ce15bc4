"""Colours of images [..., 3]: hue, saturation, value, contrast."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.opdef import no_gradient, op, undefined_gradient
from ..graph.shapes import show

SOME = 1 << 16
"""Elements of an image whose contrast is adjusted at a time."""


def _colored(n: Any, images: Any, *more: Any) -> Any:
    if images is None:
        return None
    if not images or images[-1] not in (None, 3):
        n.fail(f"images have three channels, not the shape {show(images)}")
    return (*images[:-1], 3)


def _adjusted(n: Any, images: Any, amount: Any) -> Any:
    n.with_rank(amount, 0, "the amount")
    return n.at_least_rank(images, 3, "images")


def _channels(xp: Any, images: Any) -> Any:
    """The three channels, each in one piece of memory."""
    if images.shape[-1:] != (3,):
        raise RunError(f"images have three channels, not the shape {show(images.shape)}")
    # of one colour as well, of which numpy would make a vector
    return [xp.ascontiguousarray(images[..., i]).reshape(images.shape[:-1]) for i in range(3)]


def to_hsv(xp: Any, images: Any) -> Any:
    """(hue, saturation, value), each [...]."""
    r, g, b = _channels(xp, images)
    kind = images.dtype.type
    value = xp.maximum(xp.maximum(r, g), b)
    span = value - xp.minimum(xp.minimum(r, g), b)
    saturation = xp.where(value > 0, span / xp.where(value > 0, value, kind(1)), kind(0))
    norm = kind(1) / (kind(6) * xp.where(span > 0, span, kind(1)))
    hue = xp.where(r == value, norm * (g - b), xp.where(g == value, norm * (b - r) + kind(2 / 6),
                                                        norm * (r - g) + kind(4 / 6)))
    hue = xp.where(span > 0, hue, kind(0))
    return xp.where(hue < 0, hue + kind(1), hue), saturation, value


def of_hsv(xp: Any, hue: Any, saturation: Any, value: Any) -> Any:
    """Images [..., 3] of hue, saturation and value."""
    kind = value.dtype.type
    six = hue * kind(6)
    parts = (xp.abs(six - kind(3)) - kind(1), kind(2) - xp.abs(six - kind(2)), kind(2) - xp.abs(six - kind(4)))
    rest = kind(1) - saturation
    out = xp.empty((*value.shape, 3), value.dtype)
    for i, part in enumerate(parts):
        out[..., i] = (rest + saturation * xp.clip(part, kind(0), kind(1))) * value
    return out


@op
class RGBToHSV:
    """Hue, saturation and value, each from 0 to 1, of red, green and blue (tf.image.rgb_to_hsv)."""

    signature = "images: T -> output: T"
    attrs = "T: {float16, bfloat16, float32, float64} = float32"
    parts = {"images": 1}
    infer = _colored

    def kernel(n: Any) -> Any:
        xp = n.xp
        return lambda images: xp.stack(to_hsv(xp, images), axis=-1).astype(images.dtype)

    def scratch(n: Any) -> Any:
        return 2 * n.wide() * n.size()

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        image, kind = op.inputs[0], op.inputs[0].dtype.base_dtype
        r, g, b = image[..., 0], image[..., 1], image[..., 2]

        def flag(x: Any) -> Any:
            return tf.cast(x, kind)

        # of equal channels TensorFlow takes red for the greatest before green, and blue for the least before green
        high = [flag((r >= b) & (r >= g)), flag((g > r) & (g >= b)), flag((b > r) & (b > g))]
        low = [flag((r < b) & (r < g)), flag((g <= r) & (g < b)), flag((b <= r) & (b <= g))]
        channels = [r, g, b]
        top = tf.add_n([h * c for h, c in zip(high, channels)])
        bottom = tf.add_n([k * c for k, c in zip(low, channels)])
        span = top - bottom

        def over(a: Any, c: Any) -> Any:
            """a / c, and 0 where c is 0."""
            return tf.div_no_nan(a, c)

        lit = flag(top > 0)
        one = tf.ones_like(top)
        d_high = over(bottom * lit, tf.square(top))
        d_low = -over(lit, top)
        # the hue is the difference of the two channels after the greatest, over six times the span
        after = [(1, 2), (2, 0), (0, 1)]
        apart = tf.add_n([h * (channels[i] - channels[j]) for h, (i, j) in zip(high, after)])
        slope = over(lit * one, 6 * span)
        fall = over(lit * apart, 6 * tf.square(span))
        out = []
        for c in range(3):
            hue = -fall * (high[c] - low[c])
            for h, (i, j) in zip(high, after):
                if c == i:
                    hue = hue + h * slope
                elif c == j:
                    hue = hue - h * slope
            out.append(grad[..., 0] * hue + grad[..., 1] * (high[c] * d_high + low[c] * d_low)
                       + grad[..., 2] * high[c])
        return tf.stack(out, axis=-1)


@op
class HSVToRGB:
    """Red, green and blue of hue, saturation and value (tf.image.hsv_to_rgb)."""

    signature = "images: T -> output: T"
    attrs = "T: {float16, bfloat16, float32, float64} = float32"
    parts = {"images": 1}
    infer = _colored
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        xp = n.xp
        return lambda images: of_hsv(xp, *_channels(xp, images)).astype(images.dtype)

    def scratch(n: Any) -> Any:
        return 3 * n.wide() * n.size()


@op
class AdjustHue:
    """Images whose hue is turned by a share of the circle (tf.image.adjust_hue)."""

    signature = "images: T, delta: float32 -> output: T"
    cpu_only = True
    attrs = "T: {float16, float32} = float32"
    no_kernel = "T: float16"
    parts = {"images": 1}
    infer = _adjusted
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        xp = n.xp

        def turn(images: Any, delta: Any) -> Any:
            r, g, b = _channels(xp, images.astype(xp.float32, copy=False))
            top, bottom = xp.maximum(xp.maximum(r, g), b), xp.minimum(xp.minimum(r, g), b)
            span = top - bottom
            # in sixths of the circle, from -1 on
            norm = 1 / (span + (span == 0))
            hue = xp.where(r == top, (g - b) * norm, xp.where(g == top, (b - r) * norm + 2, (r - g) * norm + 4))
            hue += xp.float32(delta) * xp.float32(6)
            hue -= xp.floor(hue * xp.float32(1 / 6)) * xp.float32(6)
            out = xp.empty(images.shape, images.dtype)
            for i, part in enumerate((xp.abs(hue - 3) - 1, 2 - xp.abs(hue - 2), 2 - xp.abs(hue - 4))):
                part = xp.minimum(xp.maximum(part, 0), 1)
                part *= span
                part += bottom
                out[..., i] = part
            return out

        return turn

    def scratch(n: Any) -> Any:
        return 23 * n.size()


@op
class AdjustSaturation:
    """Images whose saturation is scaled (tf.image.adjust_saturation)."""

    signature = "images: T, scale: float32 -> output: T"
    cpu_only = True
    attrs = "T: {float16, float32} = float32"
    no_kernel = "T: float16"
    parts = {"images": 1}
    infer = _adjusted
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        xp = n.xp

        def scaled(images: Any, scale: Any) -> Any:
            hue, saturation, value = to_hsv(xp, images.astype(xp.float32))
            saturation = xp.clip(saturation * xp.float32(scale), xp.float32(0), xp.float32(1))
            return of_hsv(xp, hue, saturation, value).astype(images.dtype)

        return scaled

    def scratch(n: Any) -> Any:
        return 15 * n.size()


@op
class AdjustContrastv2:
    """Images whose distance from each channel's mean is scaled (tf.image.adjust_contrast)."""

    signature = "images: T, contrast_factor: float32 -> output: T"
    cpu_only = True
    one_piece = True
    attrs = "T: {float16, float32} = float32"
    no_kernel = "T: float16"
    parts = {"images": 3}
    infer = _adjusted
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        xp = n.xp

        def scaled(images: Any, factor: Any) -> Any:
            *lead, height, width, channels = images.shape
            # lines, for numpy's inner loop over few channels is mostly its own cost
            flat = images.reshape(*lead, height, width * channels)
            sums = flat.astype(xp.float32, copy=False).sum(axis=-2).reshape(*lead, width, channels)
            mean = (sums.sum(axis=-2, dtype=xp.float64) / max(1, height * width)).astype(xp.float32)
            mean = mean[..., None, :].repeat(width, -2).reshape(*lead, 1, width * channels)
            result = xp.empty_like(flat)
            lines = max(1, SOME * height // max(1, images.size))

            def some(i: int) -> None:
                part = (..., slice(i * lines, (i + 1) * lines), slice(None))
                wide = flat[part] - mean
                wide *= xp.float32(factor)
                wide += mean
                result[part] = wide

            n.each(-(-height // lines), some)
            return result.reshape(images.shape)

        return scaled

    def scratch(n: Any) -> Any:
        wide = 4 * n.size() if n.width() == 2 else 0
        return wide + min(4 * n.size(), n.threads * 4 * SOME)


@op
class AdjustContrast:
    """The same of any numbers, in float32, kept between two ends (tf.image.adjust_contrast of old)."""

    signature = "images: T, contrast_factor: float32, min_value: float32, max_value: float32 -> output: float32"
    takes = "images: >=3; contrast_factor: []; min_value: []; max_value: []"
    attrs = "T: {uint8, int8, int16, int32, int64, float32, float64}"
    parts = {"images": 3}
    gradient = undefined_gradient

    def infer(n: Any, images: Any, *others: Any) -> Any:
        return images

    def kernel(n: Any) -> Any:
        xp = n.xp

        def run(images: Any, factor: Any, least: Any, greatest: Any) -> Any:
            wide = images.astype("float32")
            mean = wide.mean(axis=(-3, -2), keepdims=True, dtype="float64").astype("float32")
            wide -= mean
            wide *= factor
            wide += mean
            return xp.maximum(xp.minimum(wide, greatest), least)

        return run

    def scratch(n: Any) -> Any:
        return 8 * n.size()
