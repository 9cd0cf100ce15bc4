"""Fourier transforms (tf.fft, tf.spectral, tf.signal)."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import InvalidValue
from ..graph.constant import constant_shape, static_value
from .conversion import convert_to_tensor
from .framework import apply_op, name_scope, raw
from .modules import modules
from .named import named

EXPORTS = """
tf spectral signal: fft ifft fft2d ifft2d fft3d ifft3d
spectral signal: rfft irfft rfft2d irfft2d rfft3d irfft3d
"""

tf = modules["tf"]
fft, ifft, fft2d, ifft2d, fft3d, ifft3d = (raw(o) for o in ("FFT", "IFFT", "FFT2D", "IFFT2D", "FFT3D", "IFFT3D"))


def _length(x: Any, rank: int, back: bool) -> Any:
    """The length of a transform that keeps the sizes of x."""
    sizes = None if x.static is None else list(x.static[-rank:])
    if sizes is None or None in sizes:
        if not back:
            return tf.shape(x)[-rank:]
        parts = tf.unstack(tf.shape(x)[-rank:])
        parts[-1] = tf.maximum(0, 2 * (parts[-1] - 1))
        return tf.stack(parts)
    if back:
        sizes[-1] = max(0, 2 * (sizes[-1] - 1))
    return convert_to_tensor(sizes, "int32")


def _padded(x: Any, rank: int, length: Any, back: bool) -> Any:
    """x with zeros after its last axes as far as the transform needs them."""
    wanted, static = constant_shape(length), x.static
    if static is not None and 0 in static:
        return x
    if static is not None and wanted is not None and None not in wanted:
        have = static[-len(wanted):]
        if None not in have:
            need = (*wanted[:-1], wanted[-1] // 2 + 1) if back else wanted  # type: ignore[operator]
            pads = [[0, max(n - h, 0)] for n, h in zip(need, have)]
            return tf.pad(x, [[0, 0]] * max(len(static) - len(wanted), 0) + pads) if any(p for _, p in pads) else x
    depth = tf.rank(x)
    sizes = tf.shape(x)[-rank:]
    outer = tf.zeros([tf.maximum(0, depth - rank)], length.dtype.base_dtype)
    if back:
        length = tf.concat([length[:-1], length[-1:] // 2 + 1], 0)
    ends = tf.concat([outer, tf.maximum(0, length - sizes)], 0)
    return tf.pad(x, tf.stack([tf.zeros_like(ends), ends], axis=1))


def _of_reals(op_type: str, call: str, rank: int, back: bool) -> Callable[..., Any]:
    kinds = ("complex64", "complex128") if back else ("float32", "float64")

    def transform(input_tensor: Any, fft_length: Any = None, name: str | None = None) -> Any:
        with name_scope(name, call) as scope:
            x = convert_to_tensor(input_tensor, preferred_dtype=kinds[0])
            kind = x.dtype.base_dtype
            if kind.name not in kinds:
                raise InvalidValue(f"{call} is of {' or '.join(kinds)}, not {kind.name}")
            if x.static is not None and len(x.static) < rank:
                raise InvalidValue(f"{call} needs at least rank {rank}, not {len(x.static)}")
            length = _length(x, rank, back) if fft_length is None else convert_to_tensor(fft_length, "int32")
            x = _padded(x, rank, length, back)
            known = static_value(length)
            other = ("float32" if kind.name == "complex64" else "float64") if back else (
                "complex64" if kind.name == "float32" else "complex128")
            return apply_op(op_type, scope, [x, length if known is None else np.asarray(known)],
                            {"Treal" if back else "Tcomplex": other})

    what = "The reals of half of a transform" if back else "Half of the Fourier transform of reals"
    return named(transform, call, f"{what} (tf.spectral.{call}).")


rfft, rfft2d, rfft3d = (_of_reals(f"RFFT{d}", f"rfft{d.lower()}", i, False)
                        for i, d in ((1, ""), (2, "2D"), (3, "3D")))
irfft, irfft2d, irfft3d = (_of_reals(f"IRFFT{d}", f"irfft{d.lower()}", i, True)
                           for i, d in ((1, ""), (2, "2D"), (3, "3D")))
