"""Discrete Fourier transforms from reals and to reals, over the last one to three axes."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.opdef import op, undefined_gradient
from ..graph.shapes import show
from .spectral import COMPLEX, last_axes, rank_of, scratch_of, transformed

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
        sizes[-1] = sizes[-1] // 2 + 1
    return x[:-rank] + tuple(sizes)


def _real_kernel(n: Any) -> Any:
    xp, rank, dtype, forward = n.xp, rank_of(n), n.dtype(), n.node.type.startswith("R")
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
        steps = [(others, a, s) for a, s in zip(last_axes(rank)[:-1], sizes)]
        at_last = (last, -1, sizes[-1])
        return transformed(n, cut, [at_last, *reversed(steps)] if forward else [*steps, at_last], dtype)

    return transform


def _cropped(tf: Any, x: Any, like: Any, rank: int) -> Any:
    """x with zeros after its last axes up to the shape of ``like``."""
    missing = tf.maximum(tf.shape(like) - tf.shape(x), 0)
    return tf.pad(x, tf.stack([tf.zeros_like(missing), missing], axis=1))


def _from_real_gradient(tf: Any, op: Any, grad: Any) -> Any:
    """The adjoint of taking half of a transform: the inverse of that half, the other half 0."""
    x, length = op.inputs
    rank = rank_of(op)
    shape = tf.shape(grad)
    missing = tf.concat([tf.zeros_like(shape[:-1]), [length[-1] - shape[-1]]], 0)
    full = tf.pad(grad, tf.stack([tf.zeros_like(missing), missing], axis=1))
    inverse = tf.apply_op("IFFT" if rank == 1 else f"IFFT{rank}D", None, [full])
    total = tf.cast(tf.reduce_prod(length), x.dtype.base_dtype)
    return [_cropped(tf, tf.real(inverse) * total, x, rank), None]


def _to_real_gradient(tf: Any, op: Any, grad: Any) -> Any:
    """The transform of the gradient; what stands for two coefficients counts twice."""
    x, length = op.inputs
    rank, kind = rank_of(op), x.dtype.base_dtype
    back = tf.apply_op("RFFT" if rank == 1 else f"RFFT{rank}D", None, [grad, length], {"Tcomplex": kind})
    last = length[-1]
    inner = tf.maximum(last // 2 + 1 - 2 + last % 2, 0)
    weights = tf.concat([tf.ones([1], kind), tf.fill([inner], tf.constant(2, kind)), tf.ones([1 - last % 2], kind)], 0)
    total = tf.cast(tf.reduce_prod(length), kind)
    return [_cropped(tf, back * weights / total, x, rank), None]


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
    infer = _real_shape
    kernel = _real_kernel
    scratch = scratch_of
    gradient = undefined_gradient
