"""Patches of images."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.opdef import op
from ._convolution_input import reached
from .array_space import times


def _window(size: int, k: int, stride: int, rate: int, same: bool) -> tuple[int, int]:
    """How many windows fit, and what is padded before the first."""
    wide = k + (k - 1) * (rate - 1)
    if not same:
        if size - wide + stride <= -stride:
            raise RunError(f"patches of {k} at rate {rate} do not fit into {size}")
        return max(0, (size - wide + stride) // stride), 0
    many = -(-size // stride)
    return many, max(0, (many - 1) * stride + wide - size) // 2


@op
class ExtractImagePatches:
    """Patches of images, each flattened into the channels of its place (tf.extract_image_patches)."""

    signature = "images: T -> patches: T"
    attrs = ("ksizes: list(int) >= 4; strides: list(int) >= 4; rates: list(int) >= 4; T: {bfloat16, float16, "
             "float32, float64, int8, int16, int32, int64, uint8, uint16, uint32, uint64, complex64, complex128, "
             "bool}; padding: {'SAME', 'VALID'}")
    no_kernel = "T: bool"
    parts = {"images": 3}

    def infer(n: Any, x: Any) -> Any:
        x = n.with_rank(x, 4, "images")
        for word in ("ksizes", "strides", "rates"):
            values = n.attrs[word]
            if len(values) != 4 or values[0] != 1 or values[3] != 1:
                n.fail(f"{word} is [1, rows, columns, 1], not {values}")
            if min(values) <= 0:
                n.fail(f"{word} must be above 0, not {values}")
        out: list[int | None] = [x[0]]
        same = n.attrs["padding"] == "SAME"
        for i in (1, 2):
            k, stride, rate = (n.attrs[w][i] for w in ("ksizes", "strides", "rates"))
            try:
                out.append(None if x[i] is None else _window(x[i], k, stride, rate, same)[0])
            except RunError as error:
                n.fail(error.message)
        if None in out[1:]:
            out[1:] = None, None
        return (*out, times(x[3], n.attrs["ksizes"][1] * n.attrs["ksizes"][2]))

    def kernel(n: Any) -> Any:
        xp, same = n.xp, n.attrs["padding"] == "SAME"
        geometry = [tuple(n.attrs[w][i] for w in ("ksizes", "strides", "rates")) for i in (1, 2)]

        def extract(x: Any) -> Any:
            (high, above), (wide, left) = (_window(size, *sizes, same)  # type: ignore[call-arg]
                                           for size, sizes in zip(x.shape[1:3], geometry))
            (kh, down, rate), (kw, along, pace) = geometry
            out = xp.zeros((x.shape[0], high, wide, kh, kw, x.shape[3]), x.dtype)
            for i, rows, seen in reached(kh, down, rate, high, above, 0, x.shape[1]):
                for j, columns, places in reached(kw, along, pace, wide, left, 0, x.shape[2]):
                    out[:, rows, columns, i, j] = x[:, seen, places]
            return out.reshape(x.shape[0], high, wide, kh * kw * x.shape[3])

        return extract

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x = op.inputs[0]
        batch, rows, columns, channels = tf.unstack(tf.shape(x, out_type=tf.int64))
        high, wide = tf.unstack(tf.shape(op.outputs[0], out_type=tf.int64)[1:3])
        _, kh, kw, _ = op.attrs["ksizes"]
        total = rows * columns
        numbers = tf.reshape(tf.range(1, total + 1, dtype=tf.float32), (1, rows, columns, 1))
        names = ("ksizes", "strides", "rates", "padding")
        places = tf.apply_op("ExtractImagePatches", None, [numbers], {k: op.attrs[k] for k in names})
        places = tf.cast(places, tf.int64)
        apart = tf.transpose(tf.reshape(grad, (batch, high, wide, kh, kw, channels)), (1, 2, 3, 4, 0, 5))
        flat = tf.reshape(apart, (-1, batch * channels))
        ids = tf.reshape(places, [-1]) - 1
        summed = tf.unsorted_segment_sum(flat, ids, num_segments=total)
        return [tf.transpose(tf.reshape(summed, (rows, columns, batch, channels)), (2, 0, 1, 3))]
