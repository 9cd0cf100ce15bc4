"""Patches of volumes."""
from __future__ import annotations

from itertools import product
from typing import Any

from ..errors import RunError
from ..graph.opdef import op
from ._convolution_input import reached
from .array_patches import _window
from .array_space import times


@op
class ExtractVolumePatches:
    """Patches of volumes, each flattened into the channels of its place (tf.extract_volume_patches)."""

    signature = "input: T -> patches: T"
    attrs = "ksizes: list(int) >= 5; strides: list(int) >= 5; T: {realnumbertype}; padding: {'SAME', 'VALID'}"

    def infer(n: Any, x: Any) -> Any:
        x = n.with_rank(x, 5, "the input")
        for word in ("ksizes", "strides"):
            values = n.attrs[word]
            if len(values) != 5:
                n.fail(f"{word} is [1, planes, rows, columns, 1], not {values}")
            if min(values) <= 0:
                n.fail(f"{word} must be above 0, not {values}")
        out: list[int | None] = []
        for size, k, stride in zip(x[1:4], n.attrs["ksizes"][1:4], n.attrs["strides"][1:4]):
            try:
                out.append(None if size is None else _window(size, k, stride, 1, n.attrs["padding"] == "SAME")[0])
            except RunError as error:
                n.fail(error.message)
        kp, kr, kc = n.attrs["ksizes"][1:4]
        return (x[0], *out, times(x[4], kp * kr * kc))

    def kernel(n: Any) -> Any:
        xp, same = n.xp, n.attrs["padding"] == "SAME"
        ksizes, strides = n.attrs["ksizes"][1:4], n.attrs["strides"][1:4]
        for word in ("ksizes", "strides"):
            if n.attrs[word][0] != 1 or n.attrs[word][4] != 1:
                raise RunError(f"{word} is [1, planes, rows, columns, 1], not {n.attrs[word]}")

        def extract(x: Any) -> Any:
            placed = [_window(size, k, stride, 1, same) for size, k, stride in zip(x.shape[1:4], ksizes, strides)]
            many = [m for m, _ in placed]
            planes, rows, columns = (list(reached(k, stride, 1, m, before, 0, size)) for k, stride, (m, before), size
                                     in zip(ksizes, strides, placed, x.shape[1:4]))
            out = xp.zeros((x.shape[0], *many, *ksizes, x.shape[4]), x.dtype)
            taps = list(product(planes, rows, columns))

            def volume(k: int) -> None:
                for (h, to, deep), (i, down, seen), (j, along, places) in taps:
                    out[k, to, down, along, h, i, j] = x[k, deep, seen, places]

            n.each(len(x), volume)
            kp, kr, kc = ksizes
            return out.reshape(x.shape[0], *many, kp * kr * kc * x.shape[4])

        return extract

    def gradient(tf: Any, op: Any, grad: Any) -> Any:
        x = op.inputs[0]
        batch, planes, rows, columns, channels = tf.unstack(tf.shape(x, out_type=tf.int64))
        deep, high, wide = tf.unstack(tf.shape(op.outputs[0], out_type=tf.int64)[1:4])
        _, kp, kr, kc, _ = op.attrs["ksizes"]
        total = planes * rows * columns
        numbers = tf.reshape(tf.range(1, total + 1, dtype=tf.int64), (1, planes, rows, columns, 1))
        places = tf.apply_op("ExtractVolumePatches", None, [numbers],
                             {k: op.attrs[k] for k in ("ksizes", "strides", "padding")})
        apart = tf.transpose(tf.reshape(grad, (batch, deep, high, wide, kp, kr, kc, channels)),
                             (1, 2, 3, 4, 5, 6, 0, 7))
        flat = tf.reshape(apart, (-1, batch * channels))
        summed = tf.unsorted_segment_sum(flat, tf.reshape(places, [-1]) - 1, num_segments=total)
        return [tf.transpose(tf.reshape(summed, (planes, rows, columns, batch, channels)), (3, 0, 1, 2, 4))]
