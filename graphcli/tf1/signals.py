"""Sounds in windows: frames, window functions, the short-time Fourier transform (tf.signal)."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidType, InvalidValue
from ..graph.constant import static_value
from ..graph.shapes import show
from ..graph.types import as_dtype, bool_, float32, int32
from .conversion import convert_to_tensor, is_tensor
from .framework import name_scope
from .modules import modules

EXPORTS = """
signal contrib.signal: hann_window hamming_window frame stft overlap_and_add
"""

tf = modules["tf"]


def _known(value: Any) -> Any:
    """A tensor's value where it is known, else the tensor."""
    found = static_value(value) if is_tensor(value) else value
    return value if found is None else found


def _cosine(name: str | None, word: str, length: Any, periodic: Any, dtype: Any, a: float, b: float) -> Any:
    kind = as_dtype(dtype)
    if not kind.is_floating:
        raise InvalidType(f"a window is of real numbers, not {kind.name}")
    with name_scope(name, word):
        length = convert_to_tensor(length, dtype=int32, name="window_length")
        known = static_value(length)
        if known is not None and known == 1:
            return tf.ones([1], dtype=kind)
        periodic = tf.cast(convert_to_tensor(periodic, dtype=bool_, name="periodic"), int32)
        even = 1 - length % 2
        n = tf.cast(length + periodic * even - 1, dtype=kind)
        count = tf.cast(tf.range(length), kind)
        angle = tf.constant(2 * np.pi, dtype=kind) * count / n
        if known is not None:
            return tf.cast(a - b * tf.cos(angle), dtype=kind)
        return tf.cond(tf.equal(length, 1), lambda: tf.ones([length], dtype=kind),
                       lambda: tf.cast(a - b * tf.cos(angle), dtype=kind))


def hann_window(window_length: Any, periodic: Any = True, dtype: Any = float32, name: str | None = None) -> Any:
    """The Hann window (tf.signal.hann_window). Raises InvalidType for another dtype than of real numbers."""
    return _cosine(name, "hann_window", window_length, periodic, dtype, 0.5, 0.5)


def hamming_window(window_length: Any, periodic: Any = True, dtype: Any = float32, name: str | None = None) -> Any:
    """The Hamming window (tf.signal.hamming_window). Raises InvalidType for another dtype than of real numbers."""
    return _cosine(name, "hamming_window", window_length, periodic, dtype, 0.54, 0.46)


def _frame_shape(static: Any, length: Any, step: Any, pad_end: bool, axis: Any) -> Any:
    if static is None:
        return None
    if axis is None:
        return [None] * (len(static) + 1)
    size, many = static[axis], None
    before, after = list(static[:axis]), list(static[axis:][1:])
    if size is not None and step is not None:
        if pad_end:
            many = max(0, -(-size // step))
        elif length is not None:
            many = max(0, (size - length + step) // step)
    return [*before, many, length, *after]


def frame(signal: Any, frame_length: Any, frame_step: Any, pad_end: bool = False, pad_value: Any = 0, axis: Any = -1,
          name: str | None = None) -> Any:
    """[…, frames, frame_length, …]: pieces of a signal, each ``frame_step`` after the last (tf.signal.frame).

    pad_end: the last pieces are filled up with ``pad_value``. Raises InvalidValue for a scalar signal.
    """
    with name_scope(name, "frame"):
        signal = convert_to_tensor(signal, name="signal")
        frame_length = convert_to_tensor(frame_length, name="frame_length")
        frame_step = convert_to_tensor(frame_step, name="frame_step")
        axis = convert_to_tensor(axis, name="axis")
        if signal.static == ():
            raise InvalidValue("a signal has at least rank 1, not the shape []")
        values = [static_value(t) for t in (frame_length, frame_step, axis)]
        ints = [None if v is None else int(v) for v in values]
        shape_after = _frame_shape(signal.static, ints[0], ints[1], pad_end, ints[2])
        sizes = _known(tf.shape(signal))
        outer: Any
        inner: Any
        if not is_tensor(sizes) and ints[2] is not None:
            axis = range(len(sizes))[ints[2]]
            outer, inner, length = sizes[:axis], sizes[axis + 1:], sizes[axis].item()
        else:
            rank = tf.rank(signal)
            axis = tf.range(rank)[axis if ints[2] is None else ints[2]]
            outer, length, inner = tf.split(sizes, [axis, 1, rank - 1 - axis])
            length = tf.reshape(length, [])
        many_outer, many_inner = tf.size(outer), tf.size(inner)
        if pad_end:
            pad_value = convert_to_tensor(pad_value, signal.dtype)
            frames = -(-length // frame_step)
            more = tf.maximum(0, frame_length + frame_step * (frames - 1) - length)
            pads = tf.concat([tf.zeros([many_outer, 2], dtype=more.dtype), convert_to_tensor([[0, more]]),
                              tf.zeros([many_inner, 2], dtype=more.dtype)], 0)
            signal = tf.pad(signal, pads, constant_values=pad_value)
            sizes = tf.shape(signal)
            length = sizes[axis]
        else:
            frames = tf.maximum(tf.constant(0, dtype=frame_length.dtype), 1 + (length - frame_length) // frame_step)
        part = _divisor(frame_length, frame_step, ints)
        per_frame, per_hop, parts = frame_length // part, frame_step // part, length // part
        cut = tf.concat([outer, [parts * part], inner], 0)
        split = tf.concat([outer, [parts, part], inner], 0)
        pieces = tf.reshape(tf.strided_slice(signal, tf.zeros_like(sizes), cut), split)
        first = tf.reshape(tf.range(frames, dtype=frame_length.dtype) * per_hop, [frames, 1])
        each = tf.reshape(tf.range(per_frame, dtype=frame_length.dtype), [1, per_frame])
        chosen = first + each
        outer = convert_to_tensor(outer)
        inner = convert_to_tensor(inner, dtype=outer.dtype)
        middle = convert_to_tensor([frames, frame_length], dtype=outer.dtype)
        out = tf.reshape(tf.gather(pieces, chosen, axis=axis), tf.concat([outer, middle, inner], 0))
        if shape_after:
            out.set_shape(shape_after)
        return out


def _divisor(a: Any, b: Any, known: list[Any]) -> Any:
    """The greatest common divisor of two whole numbers. Raises InvalidValue where they are not known."""
    if known[0] is None or known[1] is None:
        raise InvalidValue("frame_length and frame_step must be known before the run here")
    # TensorFlow leaves this constant in the graph and goes on with its value
    with name_scope(None, "gcd"):
        made = tf.constant(np.gcd(known[0], known[1]), dtype=a.dtype.base_dtype)
    return static_value(made)


def stft(signals: Any, frame_length: Any, frame_step: Any, fft_length: Any = None, window_fn: Any = hann_window,
         pad_end: bool = False, name: str | None = None) -> Any:
    """[…, frames, fft_length // 2 + 1]: the spectrum of each frame (tf.signal.stft)."""
    with name_scope(name, "stft"):
        signals = convert_to_tensor(signals, name="signals")
        frame_length = convert_to_tensor(frame_length, name="frame_length")
        frame_step = convert_to_tensor(frame_step, name="frame_step")
        fft_length = fft_length_of(frame_length, fft_length)
        framed = frame(signals, frame_length, frame_step, pad_end=pad_end)
        if window_fn is not None:
            framed *= window_fn(frame_length, dtype=framed.dtype.base_dtype)
        return tf.signal.rfft(framed, [fft_length])


def fft_length_of(frame_length: Any, fft_length: Any) -> Any:
    """``fft_length`` as a tensor, the power of 2 that holds a frame where it is None. Raises InvalidValue where that
    is not known."""
    if fft_length is not None:
        return convert_to_tensor(fft_length, name="fft_length")
    known = static_value(frame_length)
    if known is None:
        raise InvalidValue("without fft_length the frame_length must be known before the run")
    return tf.constant(int(2 ** np.ceil(np.log(known) / np.log(2.0))), frame_length.dtype)


def overlap_and_add(signal: Any, frame_step: Any, name: str | None = None) -> Any:
    """Frames […, frames, length] laid over each other, ``frame_step`` apart, and added (tf.signal.overlap_and_add)."""
    with name_scope(name, "overlap_and_add"):
        signal = convert_to_tensor(signal, name="signal")
        if signal.static is not None and len(signal.static) < 2:
            raise InvalidValue(f"frames have at least rank 2, not the shape {show(signal.static)}")
        frame_step = convert_to_tensor(frame_step, name="frame_step")
        if not frame_step.dtype.is_integer:
            raise InvalidValue(f"frame_step is a whole number, not {frame_step.dtype.name}")
        step = _known(frame_step)
        fixed = not is_tensor(step)
        sizes = _known(tf.shape(signal))
        outer = sizes[:-2]
        rank = _known(tf.size(outer))

        def whole(inner: Any) -> Any:
            return tf.concat([outer, inner], 0)

        length, frames = sizes[-1], sizes[-2]
        total = length + step * (frames - 1)
        if fixed and signal.static is not None and step == signal.static[-1]:
            return tf.reshape(signal, whole([total]), name="fast_path")
        segments = -(-length // step)
        inner = [[0, segments], [0, segments * step - length]]
        pads = tf.concat([tf.zeros([int(rank) if not is_tensor(rank) else rank, 2], int32), inner], 0)
        signal = tf.reshape(tf.pad(signal, pads), whole([frames + segments, segments, step]))
        order = _known(tf.concat([tf.range(rank), rank + np.array([1, 0, 2], np.int32)
                                  if not is_tensor(rank) else rank + [1, 0, 2]], 0))
        signal = tf.reshape(tf.transpose(signal, order), whole([(frames + segments) * segments, step]))
        signal = signal[..., :(frames + segments - 1) * segments, :]
        signal = tf.reduce_sum(tf.reshape(signal, whole([segments, frames + segments - 1, step])), -3)
        return tf.reshape(signal, whole([(frames + segments - 1) * step]))[..., :total]
