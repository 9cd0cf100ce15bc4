"""Discrete Fourier transforms from reals and to reals, over the last one to three axes."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.constant import static_value
from ..graph.opdef import op, undefined_gradient
from ..graph.shapes import show
from . import _long_lines as long
from .math_complex import as_precise
from .spectral import COMPLEX, PART, all_written_over, last_axes, rank_of, scratch_of, transformed, written_over

SHARES = 4
"""Into how many shares threads cut lines that are written over."""
REAL = "Treal: {float32, float64} = float32; " + COMPLEX


def _real_shape(n: Any, x: Any, length: Any) -> Any:
    rank, forward = rank_of(n), n.node.type.startswith("R")
    n.at_least_rank(x, rank, "input")
    count = n.with_rank(length, 1, "fft_length")[0]
    if count not in (None, rank):
        n.fail(f"fft_length has {rank} elements, not {count}")
    if x is None:
        return None
    value = n.value(1)
    if value is None:
        return x[:-rank] + (None,) * rank
    sizes = [int(v) for v in value]
    if forward and sizes[-1]:
        sizes[-1] = int(sizes[-1] / 2) + 1  # of -1 as TensorFlow counts it: 1
    if min(sizes) < -1:
        n.fail(f"a size of at least 0, or -1 for what is not known, is made, not {min(sizes)}")
    return x[:-rank] + tuple(None if s < 0 else s for s in sizes)


def _real_kernel(n: Any) -> Any:
    xp, rank, dtype, forward = n.xp, rank_of(n), as_precise(n), n.node.type.startswith("R")
    others, last = (xp.fft.fft, xp.fft.rfft) if forward else (xp.fft.ifft, xp.fft.irfft)

    def transform(x: Any, length: Any) -> Any:
        if x.ndim < rank or len(length) != rank:
            raise RunError(f"input of {show(x.shape)} with fft_length {length.tolist()}: {rank} axes are transformed")
        sizes = [int(v) for v in length]
        need = [*sizes[:-1], sizes[-1] if forward else sizes[-1] // 2 + 1]
        out = [*x.shape[:-rank], *sizes[:-1], sizes[-1] // 2 + 1 if forward else sizes[-1]]
        if min(sizes) < 0:
            raise RunError(f"fft_length must not be negative, but is {sizes}")
        if not x.size or not min(sizes):
            return xp.zeros(out, dtype)
        for have, least in zip(x.shape[-rank:], need):
            if have < least:
                raise RunError(f"Input dimension must have length of at least {least} but got: {have}")
        cut = x[(..., *(slice(0, s) for s in need))]
        if rank == 1 and xp.__name__ == "numpy":
            made = _alone(n, cut, sizes[0], out, dtype)
            if made is not None:
                return made
        steps = [(others, a, s) for a, s in zip(last_axes(rank)[:-1], sizes)]
        at_last = (last, -1, sizes[-1])
        if forward:
            return transformed(n, cut, [at_last, *reversed(steps)], dtype)
        if written_over(cut.shape[:-rank], sizes, cut.dtype.itemsize) and xp.__name__ == "numpy":
            made = _over(n, [transformed(n, cut, steps, cut.dtype)], sizes[-1], dtype)
            if made is not None:
                return made
        return transformed(n, cut, [*steps, at_last], dtype)

    return transform


def _alone(n: Any, x: Any, size: int, shape: Any, dtype: Any) -> Any:
    """Few long lines of an even number of reals, one after the other; None of others."""
    kinds, width = x.dtype.char + np.dtype(dtype).char, max(x.itemsize, np.dtype(dtype).itemsize)
    if size % 2 or kinds not in ("fF", "dD", "Ff", "Dd") or not long.alone(shape, size // 2, width, True):
        return None
    out = np.empty(shape, dtype)
    for at in np.ndindex(*shape[:-1]):
        (long.from_reals if kinds[0] in "fd" else long.to_reals)(n.each, np.ascontiguousarray(x[at]), out[at])
    return out


def _over(n: Any, given: list[Any], size: int, dtype: Any) -> Any:
    """The last axis transformed back to reals, which are written over it: each line is longer than what is made of it.
    given: the array, which nobody else has. None where it is not all of its memory, in order."""
    x = given.pop()
    lead, own, fits = x.shape[:-1], x if x.base is None else x.base, x.flags.c_contiguous
    if not fits or type(own) is not np.ndarray or own.base is not None or own.nbytes != x.nbytes or not (
            own.flags.c_contiguous and own.dtype == x.dtype):
        return None
    del x
    total = _reals(n, own.reshape(-1, size // 2 + 1), size, dtype)
    own.resize(total // 2, refcheck=False)
    return own.view(dtype).reshape(*lead, size)


def _reals(n: Any, lines: Any, size: int, dtype: Any) -> int:
    """How many reals of lines are in their place now, one line after the other."""
    reals, many = lines.view(dtype).reshape(-1), max(1, PART // size)
    share, width = -(-len(lines) // SHARES), 2 * (size // 2 + 1)

    def some(k: int) -> None:
        start = k * share
        for i in range(start, min(len(lines), start + share), many):
            made = np.fft.irfft(lines[i:min(len(lines), start + share, i + many)], size)
            at = start * width + (i - start) * size
            reals[at:at + made.size] = made.reshape(-1)

    n.each(SHARES, some)
    total = len(lines) * size
    for k in range(1, SHARES):
        # to the end of the share before it
        gap, end = k * share * (width - size), min(total, (k + 1) * share * size)
        for at in range(k * share * size, end, PART):
            stop = min(end, at + PART)
            reals[at:stop] = reals[at + gap:stop + gap]
    return total


def _from_real_gradient(tf: Any, op: Any, grad: Any) -> Any:
    """Half of the inverse, in which the coefficients that stand for themselves alone count twice: the first and, of an
    even length, the last."""
    x, length = op.inputs
    rank, kind = rank_of(op), grad.dtype.base_dtype
    shape = tf.shape(x)
    even = tf.cast(1 - length[-1] % 2, kind)
    first = grad[..., 0:1]
    if rank == 1:
        single = first + even * grad[..., -1:] * _signs(tf, shape[-1], kind)
    else:
        turns = _turns(tf, shape[-2], kind)
        rank_of_first = tf.concat([tf.ones([tf.rank(first) - 2], "int32"), tf.shape(turns)], 0)
        turns = tf.tile(tf.reshape(turns, rank_of_first), tf.concat([tf.shape(first)[:-2], [1, 1]], 0))
        single = tf.matmul(turns, tf.conj(first))
        last = tf.matmul(turns, tf.conj(grad[..., -1:]))
        size = shape[-1]
        last = tf.tile(last, tf.concat([tf.ones([tf.rank(grad) - 1], "int32"), [size]], 0)) * _signs(tf, size, kind)
        single = single + even * last
    total = tf.cast(_size(tf, x, rank), x.dtype.base_dtype)
    inverse = (tf.signal.irfft if rank == 1 else tf.signal.irfft2d)(grad, length)
    return [0.5 * (inverse * total + tf.real(single)), None]


def _signs(tf: Any, size: Any, kind: Any) -> Any:
    """1, -1, 1, ..."""
    return tf.cast(1 - 2 * (tf.range(size) % 2), kind)


def _turns(tf: Any, size: Any, kind: Any) -> Any:
    """The matrix of a Fourier transform."""
    across = tf.tile(tf.expand_dims(tf.range(size), 0), [size, 1])
    down = tf.transpose(across, [1, 0])
    return tf.exp(-2j * np.pi * tf.cast(across * down, kind) / tf.cast(size, kind))


def _size(tf: Any, x: Any, rank: int) -> Any:
    return tf.reduce_prod(tf.shape(x)[-rank:])


def _to_real_gradient(tf: Any, op: Any, grad: Any) -> Any:
    """The transform of the gradient; what stands for two coefficients counts twice."""
    x, length = op.inputs
    rank = rank_of(op)
    known = static_value(length)
    length = length if known is None else known
    odd = tf.apply_op("FloorMod", "mod", [length[-1], 2])
    twice = 2.0 * tf.ones([tf.shape(x)[-1] - 2 + odd], grad.dtype.base_dtype)
    counts = tf.concat([[1.0], twice, tf.ones([1 - odd], grad.dtype.base_dtype)], 0)
    share = tf.reciprocal(tf.cast(_size(tf, grad, rank), grad.dtype.base_dtype))
    forward = (tf.signal.rfft if rank == 1 else tf.signal.rfft2d)(grad, length)
    return [forward * tf.cast(share * counts, x.dtype.base_dtype), None]


@op
class RFFT:
    """The first half of the Fourier transform of the last axis of reals (tf.spectral.rfft)."""

    signature = "input: Treal, fft_length: int32 -> output: Tcomplex"
    host_memory = "fft_length"
    attrs = REAL
    infer = _real_shape
    kernel = _real_kernel
    scratch = scratch_of
    gradient = _from_real_gradient


@op
class IRFFT:
    """The reals of which this is half of the Fourier transform (tf.spectral.irfft)."""

    signature = "input: Tcomplex, fft_length: int32 -> output: Treal"
    host_memory = "fft_length"
    attrs = REAL
    infer = _real_shape
    kernel = _real_kernel
    scratch = scratch_of
    gradient = _to_real_gradient


@op
class RFFT2D:
    """The first half of the Fourier transform of the last two axes of reals (tf.spectral.rfft2d)."""

    signature = "input: Treal, fft_length: int32 -> output: Tcomplex"
    host_memory = "fft_length"
    attrs = REAL
    infer = _real_shape
    kernel = _real_kernel
    scratch = scratch_of
    gradient = _from_real_gradient


@op
class IRFFT2D:
    """The reals of which this is half of the Fourier transform of two axes (tf.spectral.irfft2d)."""

    signature = "input: Tcomplex, fft_length: int32 -> output: Treal"
    host_memory = "fft_length"
    attrs = REAL
    parts = {"input": 2}
    uncut = all_written_over
    infer = _real_shape
    kernel = _real_kernel
    scratch = scratch_of
    gradient = _to_real_gradient


@op
class RFFT3D:
    """The first half of the Fourier transform of the last three axes of reals (tf.spectral.rfft3d)."""

    signature = "input: Treal, fft_length: int32 -> output: Tcomplex"
    host_memory = "fft_length"
    attrs = REAL
    infer = _real_shape
    kernel = _real_kernel
    scratch = scratch_of
    gradient = undefined_gradient


@op
class IRFFT3D:
    """The reals of which this is half of the Fourier transform of three axes (tf.spectral.irfft3d)."""

    signature = "input: Tcomplex, fft_length: int32 -> output: Treal"
    host_memory = "fft_length"
    attrs = REAL
    parts = {"input": 3}
    uncut = all_written_over
    infer = _real_shape
    kernel = _real_kernel
    scratch = scratch_of
    gradient = undefined_gradient
