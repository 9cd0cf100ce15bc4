"""Discrete Fourier transforms of complex numbers, over the last one to three axes."""
from __future__ import annotations

from math import prod
from typing import Any

from ..errors import RunError
from ..graph.opdef import op
from ..graph.shapes import show
from . import _long_lines as long

COMPLEX = "Tcomplex: {complex64, complex128} = complex64"


def rank_of(n: Any) -> int:
    """How many axes an op transforms, from its name."""
    name: str = n.node.type if hasattr(n, "node") else n.type
    return int(name[-2]) if name.endswith("D") else 1


def last_axes(rank: int) -> tuple[int, ...]:
    return tuple(range(-rank, 0))


def _complex_shape(n: Any, x: Any) -> Any:
    return n.at_least_rank(x, rank_of(n), "input")


PART = 1 << 15
"""Elements that are transformed at a time."""


def whole(xp: Any, function: Any, x: Any, size: Any, axis: int, out: Any = None) -> Any:
    """All of x transformed at once, into out where that can be. Many numbers of single precision are transformed in
    single precision, as TensorFlow does: numpy does so where it scales the result, else in copies of double precision.
    """
    scaled = xp.__name__ == "numpy" and function in (xp.fft.fft, xp.fft.rfft) and x.dtype.char in "fF"
    if not scaled or x.size <= PART:
        return function(x, size, axis) if out is None or x.dtype.char in "fF" and function in (
            xp.fft.fft, xp.fft.rfft) else function(x, size, axis, out=out)
    result = function(x, size, axis, norm="forward", out=out if out is not None and out.dtype.char == "F" else None)
    if result.dtype.char == "F":
        result *= xp.float32(1 / xp.float32(1 / (x.shape[axis] if size is None else size)))
        return result
    return function(x, size, axis)


def transformed(n: Any, x: Any, axes: Any, dtype: Any) -> Any:
    """x transformed along one axis after the other. axes: (function of an array, a size and an axis, axis, size).

    Lines along an axis are transformed on their own, some of them at a time, in the precision that numpy takes; only
    the last of the results is of ``dtype``.
    """
    xp, own = n.xp, False
    for step, (function, axis, size) in enumerate(axes, 1):
        across = max((i for i in range(x.ndim) if i != x.ndim + axis), key=lambda i: x.shape[i], default=None)
        if across is None or x.shape[across] < 2 or x.size <= PART:
            x, own = whole(xp, function, x, size, axis), True
            continue
        many = max(1, PART * x.shape[across] // x.size)
        lines, out = xp.moveaxis(x, across, 0), None
        # long lines are transformed where they are to lie, and none tells how long that is
        done = 0 if many == 1 and x.size > PART * len(lines) and xp.__name__ == "numpy" else many
        first = xp.moveaxis(whole(xp, function, xp.moveaxis(lines[:done], 0, across), size, axis), across, 0)
        kind = first.dtype if step < len(axes) else xp.dtype(dtype)
        if own and kind == x.dtype and first.shape[1:] == lines.shape[1:]:
            out = lines
        else:
            shape = [*x.shape]
            shape[axis] = xp.moveaxis(first, 0, across).shape[axis]
            out = xp.moveaxis(xp.empty(shape, kind), across, 0)
        out[:done] = first
        del first

        def some(i: int, lines: Any = lines, out: Any = out, many: int = many, done: int = done, across: int = across,
                 function: Any = function, size: int = size, axis: int = axis) -> None:
            part = slice(done + i * many, done + (i + 1) * many)
            into = xp.moveaxis(out[part], 0, across)
            made = whole(xp, function, xp.moveaxis(lines[part], 0, across), size, axis, None if out is lines else into)
            if made is not into:
                into[...] = made

        n.each(-(-(len(lines) - done) // many), some)
        x, own = xp.moveaxis(out, 0, across), True
    return x.astype(dtype, copy=False)


def _complex_kernel(n: Any) -> Any:
    xp, rank, dtype = n.xp, rank_of(n), n.dtype()
    function = xp.fft.ifft if n.node.type.startswith("I") else xp.fft.fft

    def transform(x: Any) -> Any:
        if x.ndim < rank:
            raise RunError(f"Input must have rank of at least {rank} but got: {show(x.shape)}")
        plain = rank == 1 and xp.__name__ == "numpy" and x.dtype == dtype
        if plain and long.alone(x.shape, x.shape[-1], x.itemsize, False):
            out = xp.empty(x.shape, dtype)
            for at in xp.ndindex(*x.shape[:-1]):
                long.transform(n.each, x[at], out[at], function is xp.fft.ifft)
            return out
        return transformed(n, x, [(function, a, x.shape[a]) for a in reversed(last_axes(rank))], dtype) if x.size else x

    return transform


def scratch_of(n: Any) -> int:
    """What numpy takes to transform some lines (five times their bytes there, none on the way back), and of each long
    line, as numpy's C++ asks for it; of transforms back to reals also what the last axis is transformed from."""
    own = _alone(n)
    if own:
        return long.room(own, n.threads)
    size, back = max(n.size(), n.made()), n.node.type.startswith("I")
    complex_width = max(n.width(), n.out_width())
    line = max(1, (n.shapes[0] or (1,))[-1])
    some = size if size <= line or size <= PART else n.threads * PART
    double = 4 if not back and complex_width == 8 else 0
    taken = complex_width * some * (double + (some < size)) if size <= PART or line <= PART else 0
    if double and n.node.type == "RFFT" and taken:
        # of reals a copy of double precision, and half as many results
        taken = some * (8 + 24 * n.made() // max(1, n.size()))
    sizes = (n.outs if n.node.type[:3] == "IRF" else n.shapes)[0][-rank_of(n):]
    longest = max(sizes, default=0)
    if longest > PART:
        real = "RF" in n.node.type and longest == sizes[-1]
        taken += complex_width * min(n.threads, size // longest) * _line(longest, real)
    if n.node.type[:3] != "IRF" or rank_of(n) == 1:
        return int(max(0, taken))
    lead, sizes = n.outs[0][:-rank_of(n)], n.outs[0][-rank_of(n):]
    between = between_bytes(lead, sizes, n.width())
    return int(max(0, taken) + (between - n.out_bytes() if written_over(lead, sizes, n.width()) else between))


def _alone(n: Any) -> int:
    """How many complex numbers a line is that is transformed on its own, 0 for none."""
    if rank_of(n) > 1 or not n.shapes[0]:
        return 0
    shape, size, width = n.shapes[0], n.shapes[0][-1], max(n.width(), n.out_width())
    if n.node.type in ("RFFT", "IRFFT"):
        made = n.outs[0][-1]
        # of more reals than are transformed it is not known whether they are even
        size = made if n.node.type == "IRFFT" else size if size // 2 + 1 == made else 2 * made - 2
        if size % 2 or n.width() + n.out_width() not in (12, 24):
            return 0
        size //= 2
    elif n.width() != n.out_width():
        return 0
    return size if long.alone(shape, size, width, "RF" in n.node.type) else 0


LARGE = 1 << 21
"""Bytes from which reals are written over what the last axis is transformed from."""


def between_bytes(lead: Any, sizes: Any, width: int) -> int:
    """Bytes of what the last axis is transformed from."""
    return int(width * prod(lead) * prod(sizes[:-1]) * (sizes[-1] // 2 + 1)) if sizes else 0


def all_written_over(n: Any) -> bool:
    """Whether as a whole images are written over, of which one alone would be as well."""
    rank = rank_of(n)
    lead, sizes = n.outs[0][:-rank], n.outs[0][-rank:]
    return between_bytes((), sizes, n.width()) >= LARGE and written_over(lead, sizes, n.width())


def written_over(lead: Any, sizes: Any, width: int) -> bool:
    """Whether a transform of several axes back to reals is written over that."""
    even = prod(lead) * prod(sizes) % 2 == 0
    return len(sizes) > 1 and even and between_bytes(lead, sizes, width) >= LARGE


def _line(size: int, real: bool) -> int:
    """Complex numbers that one transform takes: the roots of unity and a buffer; where the size has a prime factor
    above its root four lines of twice the size (Bluestein's way)."""
    rest, factor = size, 2
    while factor * factor <= rest:
        if rest % factor:
            factor += 1
        else:
            rest //= factor
    own = 2 * (size // 2 + 1 if real else size)
    return own if rest * rest <= size else 8 * size + (own if real else 0)


def _complex_gradient(tf: Any, op: Any, grad: Any) -> Any:
    kind = grad.dtype.base_dtype
    size = tf.reduce_prod(tf.shape(grad)[-rank_of(op):])
    if op.type.startswith("I"):
        scale = tf.cast(1.0 / tf.cast(size, kind.real_dtype), kind)
        return [tf.apply_op(op.type[1:], None, [grad]) * scale]
    scale = tf.cast(size, kind)
    return [tf.apply_op("I" + op.type, None, [grad]) * scale]


@op
class FFT:
    """The Fourier transform of the last axis (tf.fft)."""

    signature = "input: Tcomplex -> output: Tcomplex"
    attrs = COMPLEX
    infer = _complex_shape
    kernel = _complex_kernel
    scratch = scratch_of
    gradient = _complex_gradient


@op
class IFFT:
    """The inverse Fourier transform of the last axis (tf.ifft)."""

    signature = "input: Tcomplex -> output: Tcomplex"
    attrs = COMPLEX
    infer = _complex_shape
    kernel = _complex_kernel
    scratch = scratch_of
    gradient = _complex_gradient


@op
class FFT2D:
    """The Fourier transform of the last two axes (tf.fft2d)."""

    signature = "input: Tcomplex -> output: Tcomplex"
    attrs = COMPLEX
    infer = _complex_shape
    kernel = _complex_kernel
    scratch = scratch_of
    gradient = _complex_gradient


@op
class IFFT2D:
    """The inverse Fourier transform of the last two axes (tf.ifft2d)."""

    signature = "input: Tcomplex -> output: Tcomplex"
    attrs = COMPLEX
    infer = _complex_shape
    kernel = _complex_kernel
    scratch = scratch_of
    gradient = _complex_gradient


@op
class FFT3D:
    """The Fourier transform of the last three axes (tf.fft3d)."""

    signature = "input: Tcomplex -> output: Tcomplex"
    attrs = COMPLEX
    infer = _complex_shape
    kernel = _complex_kernel
    scratch = scratch_of
    gradient = _complex_gradient


@op
class IFFT3D:
    """The inverse Fourier transform of the last three axes (tf.ifft3d)."""

    signature = "input: Tcomplex -> output: Tcomplex"
    attrs = COMPLEX
    infer = _complex_shape
    kernel = _complex_kernel
    scratch = scratch_of
    gradient = _complex_gradient
