"""Cosine transforms by way of Fourier's, and spectra with their middle first (tf.spectral.dct, tf.signal.fftshift)."""
from __future__ import annotations

import math
from typing import Any

from ..errors import InvalidValue, NotSupported, said
from .conversion import convert_to_tensor, is_tensor
from .framework import name_scope
from .modules import modules

EXPORTS = """
signal spectral: dct idct
signal: fftshift ifftshift
"""

tf = modules["tf"]


def _checked(type: Any, n: Any, axis: Any, norm: Any) -> None:
    if axis != -1:
        raise NotSupported(f"a cosine transform is along the last axis, -1, not {axis}")
    if n is not None and n < 1:
        raise InvalidValue(f"n is a length of at least 1, not {n}")
    if type not in (1, 2, 3, 4):
        raise InvalidValue(f"cosine transforms are of types 1, 2, 3 and 4, not {said(type)}")
    if type == 1 and norm == "ortho":
        raise InvalidValue("a cosine transform of type 1 has no norm 'ortho'")
    if norm not in (None, "ortho"):
        raise InvalidValue(f"norm is None or 'ortho', not {said(norm)}")


def dct(input: Any, type: int = 2, n: int | None = None, axis: int = -1, norm: str | None = None,
        name: str | None = None) -> Any:
    """The discrete cosine transform of real signals [..., samples] along the last axis (tf.signal.dct).

    n: so many samples, the first or with zeros after them. norm 'ortho' makes it orthonormal.
    Raises InvalidValue for another type, n or norm, NotSupported for another axis.
    """
    _checked(type, n, axis, norm)
    return _transform(input, type, n, norm, name)


def idct(input: Any, type: int = 2, n: int | None = None, axis: int = -1, norm: str | None = None,
         name: str | None = None) -> Any:
    """The inverse cosine transform but for a factor, which 'ortho' spares (tf.signal.idct). Raises as ``dct``."""
    _checked(type, n, axis, norm)
    return _transform(input, {1: 1, 2: 3, 3: 2, 4: 4}[type], n, norm, name)


def _size(x: Any) -> Any:
    return x.shape[-1].value or tf.shape(x)[-1]


def _of_length(x: Any, n: Any, have: Any) -> Any:
    def cut() -> Any:
        return x[..., 0:n]

    def filled() -> Any:
        pads = [[0, 0] for _ in x.static]
        pads[-1][1] = n - have
        return tf.pad(x, paddings=convert_to_tensor(pads, dtype="int32"))

    longer = n <= have
    return tf.cond(longer, cut, filled) if is_tensor(longer) else cut() if longer else filled()


def _weights(first: Any, rest: Any, size: Any) -> Any:
    """The factor of the first sample, and that of each of the others."""
    return tf.pad(tf.expand_dims(first, 0), [[0, size - 1]], constant_values=rest)


def _transform(x: Any, type: int, n: Any, norm: str | None, name: str | None = None) -> Any:
    signal = tf.signal
    with name_scope(name, "dct", [x]):
        x = convert_to_tensor(x)
        zero = convert_to_tensor(0.0, dtype=x.dtype)
        have = _size(x)
        if n is not None:
            x = _of_length(x, n, have)
        size = _size(x)
        real = tf.cast(size, x.dtype.base_dtype)
        if type == 1:
            return tf.real(signal.rfft(tf.concat([x, x[..., -2:0:-1]], axis=-1)))
        if type == 2:
            scale = 2.0 * tf.exp(tf.complex(zero, -tf.range(real) * math.pi * 0.5 / real))
            out = tf.real(signal.rfft(x, fft_length=[2 * size])[..., :size] * scale)
            if norm == "ortho":
                first = 0.5 * tf.rsqrt(real)
                out *= _weights(first, first * math.sqrt(2.0), size)
            return out
        if type == 3:
            if norm == "ortho":
                first = tf.sqrt(real)
                x *= _weights(first, first * math.sqrt(0.5), size)
            else:
                x *= real
            scale = 2.0 * tf.exp(tf.complex(zero, tf.range(real) * math.pi * 0.5 / real))
            return tf.real(signal.irfft(scale * tf.complex(x, zero), fft_length=[2 * size]))[..., :size]
        out = _transform(x, 2, 2 * size, None)[..., 1::2]
        if norm == "ortho":
            out *= math.sqrt(0.5) * tf.rsqrt(real)
        return out


def fftshift(x: Any, axes: Any = None, name: str | None = None) -> Any:
    """Halves of the axes (of all, by default) in each other's place, so that frequency 0 is in the middle
    (tf.signal.fftshift)."""
    return _shifted(x, axes, "fftshift", name, lambda half: half)


def ifftshift(x: Any, axes: Any = None, name: str | None = None) -> Any:
    """The way back from ``fftshift`` (tf.signal.ifftshift)."""
    return _shifted(x, axes, "ifftshift", name, lambda half: -half)


def _shifted(x: Any, axes: Any, call: str, name: str | None, way: Any) -> Any:
    with name_scope(name, call) as scope:
        x = convert_to_tensor(x)
        if axes is None:
            if x.static is None:
                raise InvalidValue(f"{call} of all axes needs a known rank")
            axes = tuple(range(len(x.static)))
            shift = way(tf.shape(x) // 2)
        elif isinstance(axes, int):
            shift = way(tf.shape(x)[axes] // 2)
        else:
            rank = tf.rank(x)
            axes = tf.where(tf.less(axes, 0), axes + rank, axes)
            shift = way(tf.gather(tf.shape(x), axes) // 2)
        return tf.roll(x, shift, axes, scope)
