"""Discrete Fourier transforms over the last one to three axes, complex, from reals and to reals."""
from __future__ import annotations

from typing import Any

from ..errors import RunError
from ..graph.opdef import op, undefined_gradient
from ..graph.shapes import show

COMPLEX = "Tcomplex: {complex64, complex128} = complex64"
REAL = "Treal: {float32, float64} = float32; " + COMPLEX


def _rank(n: Any) -> int:
    """How many axes an op transforms, from its name."""
    name: str = n.node.type if hasattr(n, "node") else n.type
    return int(name[-2]) if name.endswith("D") else 1


def _axes(rank: int) -> tuple[int, ...]:
    return tuple(range(-rank, 0))


def _complex_shape(n: Any, x: Any) -> Any:
    return n.at_least_rank(x, _rank(n), "input")


PART = 1 << 15
"""Elements that are transformed at a time."""


def transformed(n: Any, x: Any, axes: Any, dtype: Any) -> Any:
    """x transformed along one axis after the other. axes: (function of an array, a size and an axis, axis, size).

    Lines along an axis are transformed on their own, some of them at a time, in the precision that numpy takes; only
    the last of the results is of ``dtype``.
    """
    xp, own = n.xp, False
    for step, (function, axis, size) in enumerate(axes, 1):
        across = max((i for i in range(x.ndim) if i != x.ndim + axis), key=lambda i: x.shape[i], default=None)
        if across is None or x.size <= PART:
            x, own = function(x, size, axis), True
            continue
        many = max(1, PART * x.shape[across] // x.size)
        lines, out = xp.moveaxis(x, across, 0), None
        first = xp.moveaxis(function(xp.moveaxis(lines[:many], 0, across), size, axis), across, 0)
        kind = first.dtype if step < len(axes) else xp.dtype(dtype)
        if own and kind == x.dtype and first.shape[1:] == lines.shape[1:]:
            out = lines
        else:
            shape = [*x.shape]
            shape[axis] = xp.moveaxis(first, 0, across).shape[axis]
            out = xp.moveaxis(xp.empty(shape, kind), across, 0)
        out[:many] = first

        def some(i: int, lines: Any = lines, out: Any = out, many: int = many, across: int = across,
                 function: Any = function, size: int = size, axis: int = axis) -> None:
            part = slice((i + 1) * many, (i + 2) * many)
            out[part] = xp.moveaxis(function(xp.moveaxis(lines[part], 0, across), size, axis), across, 0)

        n.each(-(-len(lines) // many) - 1, some)
        x, own = xp.moveaxis(out, 0, across), True
    return x.astype(dtype, copy=False)


def _complex_kernel(n: Any) -> Any:
    xp, rank, dtype = n.xp, _rank(n), n.dtype()
    function = xp.fft.ifft if n.node.type.startswith("I") else xp.fft.fft

    def transform(x: Any) -> Any:
        if x.ndim < rank:
            raise RunError(f"Input must have rank of at least {rank} but got: {show(x.shape)}")
        return transformed(n, x, [(function, a, x.shape[a]) for a in reversed(_axes(rank))], dtype) if x.size else x

    return transform


def _scratch(n: Any) -> int:
    """What numpy takes to transform some lines (five times their bytes there, none on the way back); of transforms back
    to reals also what the last axis is transformed from."""
    size, back = max(n.size(), n.made()), n.node.type.startswith("I")
    complex_width = max(n.width(), n.out_width())
    lines = size // max(1, (n.shapes[0] or (1,))[-1])
    some = size if lines < 2 or size <= PART else n.threads * PART
    taken = complex_width * some * (1 if back else 5) - (n.out_bytes() if some == size else 0)
    return int(max(0, taken) + (n.bytes() if n.node.type[:3] == "IRF" and _rank(n) > 1 else 0))


def _complex_gradient(tf: Any, op: Any, grad: Any) -> Any:
    rank, kind = _rank(op), grad.dtype.base_dtype
    size = tf.cast(tf.reduce_prod(tf.shape(grad)[-rank:]), kind)
    name = op.type[1:] if op.type.startswith("I") else "I" + op.type
    other = tf.apply_op(name, None, [grad])
    return [other / size if op.type.startswith("I") else other * size]


@op
class FFT:
    """The Fourier transform of the last axis (tf.fft)."""

    signature = "input: Tcomplex -> output: Tcomplex"
    attrs = COMPLEX
    infer = _complex_shape
    kernel = _complex_kernel
    scratch = _scratch
    gradient = _complex_gradient


@op
class IFFT:
    """The inverse Fourier transform of the last axis (tf.ifft)."""

    signature = "input: Tcomplex -> output: Tcomplex"
    attrs = COMPLEX
    infer = _complex_shape
    kernel = _complex_kernel
    scratch = _scratch
    gradient = _complex_gradient


@op
class FFT2D:
    """The Fourier transform of the last two axes (tf.fft2d)."""

    signature = "input: Tcomplex -> output: Tcomplex"
    attrs = COMPLEX
    infer = _complex_shape
    kernel = _complex_kernel
    scratch = _scratch
    gradient = _complex_gradient


@op
class IFFT2D:
    """The inverse Fourier transform of the last two axes (tf.ifft2d)."""

    signature = "input: Tcomplex -> output: Tcomplex"
    attrs = COMPLEX
    infer = _complex_shape
    kernel = _complex_kernel
    scratch = _scratch
    gradient = _complex_gradient


@op
class FFT3D:
    """The Fourier transform of the last three axes (tf.fft3d)."""

    signature = "input: Tcomplex -> output: Tcomplex"
    attrs = COMPLEX
    infer = _complex_shape
    kernel = _complex_kernel
    scratch = _scratch
    gradient = _complex_gradient


@op
class IFFT3D:
    """The inverse Fourier transform of the last three axes (tf.ifft3d)."""

    signature = "input: Tcomplex -> output: Tcomplex"
    attrs = COMPLEX
    infer = _complex_shape
    kernel = _complex_kernel
    scratch = _scratch
    gradient = _complex_gradient


def _real_shape(n: Any, x: Any, length: Any) -> Any:
    rank, forward = _rank(n), n.node.type.startswith("R")
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
    xp, rank, dtype, forward = n.xp, _rank(n), n.dtype(), n.node.type.startswith("R")
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
        steps = [(others, a, s) for a, s in zip(_axes(rank)[:-1], sizes)]
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
    rank = _rank(op)
    shape = tf.shape(grad)
    missing = tf.concat([tf.zeros_like(shape[:-1]), [length[-1] - shape[-1]]], 0)
    full = tf.pad(grad, tf.stack([tf.zeros_like(missing), missing], axis=1))
    inverse = tf.apply_op("IFFT" if rank == 1 else f"IFFT{rank}D", None, [full])
    total = tf.cast(tf.reduce_prod(length), x.dtype.base_dtype)
    return [_cropped(tf, tf.real(inverse) * total, x, rank), None]


def _to_real_gradient(tf: Any, op: Any, grad: Any) -> Any:
    """The transform of the gradient; what stands for two coefficients counts twice."""
    x, length = op.inputs
    rank, kind = _rank(op), x.dtype.base_dtype
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
    attrs = REAL
    infer = _real_shape
    kernel = _real_kernel
    scratch = _scratch
    gradient = _from_real_gradient


@op
class IRFFT:
    """The reals of which this is half of the Fourier transform (tf.spectral.irfft)."""

    signature = "input: Tcomplex, fft_length: int32 -> output: Treal"
    attrs = REAL
    infer = _real_shape
    kernel = _real_kernel
    scratch = _scratch
    gradient = _to_real_gradient


@op
class RFFT2D:
    """The first half of the Fourier transform of the last two axes of reals (tf.spectral.rfft2d)."""

    signature = "input: Treal, fft_length: int32 -> output: Tcomplex"
    attrs = REAL
    infer = _real_shape
    kernel = _real_kernel
    scratch = _scratch
    gradient = _from_real_gradient


@op
class IRFFT2D:
    """The reals of which this is half of the Fourier transform of two axes (tf.spectral.irfft2d)."""

    signature = "input: Tcomplex, fft_length: int32 -> output: Treal"
    attrs = REAL
    parts = {"input": 2}
    infer = _real_shape
    kernel = _real_kernel
    scratch = _scratch
    gradient = _to_real_gradient


@op
class RFFT3D:
    """The first half of the Fourier transform of the last three axes of reals (tf.spectral.rfft3d)."""

    signature = "input: Treal, fft_length: int32 -> output: Tcomplex"
    attrs = REAL
    infer = _real_shape
    kernel = _real_kernel
    scratch = _scratch
    gradient = undefined_gradient


@op
class IRFFT3D:
    """The reals of which this is half of the Fourier transform of three axes (tf.spectral.irfft3d)."""

    signature = "input: Tcomplex, fft_length: int32 -> output: Treal"
    attrs = REAL
    parts = {"input": 3}
    infer = _real_shape
    kernel = _real_kernel
    scratch = _scratch
    gradient = undefined_gradient
