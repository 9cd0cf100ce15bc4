"""Images in other sizes, and the gradients."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.opdef import no_gradient, op, undefined_gradient
from ..graph.shapes import show
from ._gradients import kept

FLAGS = "align_corners: bool = False; half_pixel_centers: bool = False"
KEPT = ("align_corners", "half_pixel_centers")
REAL = "T: {int8, uint8, int16, uint16, int32, int64, bfloat16, float16, float32, float64}; "


def _resized(n: Any, images: Any, size: Any) -> Any:
    images = n.with_rank(images, 4, "images")
    many = n.with_rank(size, 1, "size")[0]
    if many not in (None, 2):
        n.fail(f"size is [height, width], not of {many} elements")
    value = n.value(1)
    height, width = (None, None) if value is None else (int(v) for v in value)
    return (images[0], height, width, images[3])


def _scale(have: int, want: int, corners: bool) -> float:
    return (have - 1) / (want - 1) if corners and want > 1 else have / want


def _sizes(images: Any, size: Any) -> tuple[int, int]:
    height, width = (int(s) for s in size)
    if images.ndim != 4 or 0 in images.shape[1:]:
        raise RunError(f"images must be 4-dimensional and not empty, not {show(images.shape)}")
    if height <= 0 or width <= 0:
        raise RunError("output dimensions must be positive")
    return height, width


def _weights(xp: Any, have: int, want: int, corners: bool, centers: bool) -> Any:
    """[want, have]: how much of each input line each output line takes, linearly between the two nearest."""
    scale = xp.float32(_scale(have, want, corners))
    at = xp.arange(want, dtype=xp.float32)
    at = (at + xp.float32(0.5)) * scale - xp.float32(0.5) if centers else at * scale
    low = xp.floor(at)
    part = at - low
    first = xp.clip(low, 0, have - 1).astype(int)
    second = xp.clip(xp.ceil(at) if centers else low + 1, 0, have - 1).astype(int)
    out = xp.zeros((want, have), xp.float32)
    rows = xp.arange(want)
    xp.add.at(out, (rows, first), 1 - part)
    xp.add.at(out, (rows, second), part)
    return out


def _nearest(xp: Any, have: int, want: int, corners: bool, centers: bool) -> Any:
    """The input line that each output line shows."""
    scale = xp.float32(_scale(have, want, corners))
    at = xp.arange(want, dtype=xp.float32)
    at = (at + xp.float32(0.5)) * scale if centers else at * scale
    # to the nearest with corners aligned, half away from 0 as C's roundf
    return xp.clip(xp.floor(at + xp.float32(0.5)) if corners else xp.floor(at), 0, have - 1).astype(int)


def _flags(n: Any) -> tuple[bool, bool]:
    corners, centers = n.attrs["align_corners"], n.attrs["half_pixel_centers"]
    if corners and centers:
        raise RunError("If half_pixel_centers is True, align_corners must be False.")
    return corners, centers


@op
class ResizeBilinear:
    """Images in another size, linear between pixels (tf.image.resize_bilinear)."""

    signature = "images: T, size: int32 -> resized_images: float32"
    one_piece = True
    attrs = REAL + FLAGS
    parts = {"images": 3}
    infer = _resized

    def kernel(n: Any) -> Any:
        xp, flags = n.xp, _flags(n)

        def resize(images: Any, size: Any) -> Any:
            height, width = _sizes(images, size)
            rows = _weights(xp, images.shape[1], height, *flags)
            columns = _weights(xp, images.shape[2], width, *flags)
            wide = xp.einsum("pw,nhwc->nhpc", columns, images.astype(xp.float32, copy=False))
            return xp.einsum("oh,nhpc->nopc", rows, wide).astype(xp.float32, copy=False)

        return resize

    def scratch(n: Any) -> Any:
        images, height, _, channels = n.shapes[0]
        return 4 * images * height * n.outs[0][2] * channels + (0 if n.width() == 4 else 4 * n.size())

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        if not op.inputs[0].dtype.is_floating:
            return [None, None]
        return [tf.apply_op("ResizeBilinearGrad", None, [grad, op.inputs[0]], kept(op, KEPT)), None]


@op
class ResizeBilinearGrad:
    """The gradient of ResizeBilinear for its images."""

    signature = "grads: float32, original_image: T -> output: T"
    one_piece = True
    attrs = "T: {float32, bfloat16, float16, float64}; " + FLAGS
    parts = {"grads": 3, "original_image": 3}
    gradient = no_gradient

    def infer(n: Any, grads: Any, images: Any) -> Any:
        return None if images is None else n.with_rank(images, 4, "original_image")

    def kernel(n: Any) -> Any:
        xp, flags = n.xp, _flags(n)

        def back(grads: Any, images: Any) -> Any:
            rows = _weights(xp, images.shape[1], grads.shape[1], *flags)
            columns = _weights(xp, images.shape[2], grads.shape[2], *flags)
            tall = xp.einsum("oh,nopc->nhpc", rows, grads)
            return xp.einsum("pw,nhpc->nhwc", columns, tall).astype(images.dtype, copy=False)

        return back

    def scratch(n: Any) -> Any:
        images, height, _, channels = n.outs[0]
        return 4 * images * height * n.shapes[0][2] * channels + (0 if n.width(1) == 4 else 4 * n.made())


@op
class ResizeNearestNeighbor:
    """Images in another size, each pixel one of theirs (tf.image.resize_nearest_neighbor)."""

    signature = "images: T, size: int32 -> resized_images: T"
    attrs = REAL + FLAGS
    parts = {"images": 3}
    infer = _resized

    def kernel(n: Any) -> Any:
        xp, flags = n.xp, _flags(n)

        def resize(images: Any, size: Any) -> Any:
            height, width = _sizes(images, size)
            rows = _nearest(xp, images.shape[1], height, *flags)
            return images[:, rows][:, :, _nearest(xp, images.shape[2], width, *flags)]

        return resize

    def scratch(n: Any) -> Any:
        images, _, width, channels = n.shapes[0]
        return images * n.outs[0][1] * width * channels * n.width()

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        size = tf.shape(op.inputs[0])[1:3]
        return [tf.apply_op("ResizeNearestNeighborGrad", None, [grad, size], kept(op, KEPT)), None]


@op
class ResizeNearestNeighborGrad:
    """The gradient of ResizeNearestNeighbor for its images."""

    signature = "grads: T, size: int32 -> output: T"
    attrs = "T: {uint8, int8, int32, float16, float32, float64, bfloat16}; " + FLAGS
    parts = {"grads": 3}
    infer = _resized
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        xp, flags = n.xp, _flags(n)

        def back(grads: Any, size: Any) -> Any:
            height, width = (int(s) for s in size)
            out = xp.zeros((grads.shape[0], height, width, grads.shape[3]), grads.dtype)
            rows = _nearest(xp, height, grads.shape[1], *flags)
            columns = _nearest(xp, width, grads.shape[2], *flags)
            xp.add.at(out, (slice(None), rows[:, None], columns[None]), grads)
            return out

        return back
