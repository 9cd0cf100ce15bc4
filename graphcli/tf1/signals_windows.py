"""Windows that fade a piece of a signal in and out (tf.signal.kaiser_window and the like)."""
from __future__ import annotations

import math
from typing import Any

from ..graph.constant import static_value
from ..graph.types import as_dtype, float32
from .conversion import convert_to_tensor
from .framework import name_scope
from .modules import modules

EXPORTS = """
signal: kaiser_window kaiser_bessel_derived_window vorbis_window
"""

tf = modules["tf"]


def kaiser_window(window_length: Any, beta: Any = 12.0, dtype: Any = float32, name: str | None = None) -> Any:
    """The Kaiser window; the greater ``beta``, the narrower (tf.signal.kaiser_window)."""
    with name_scope(name, "kaiser_window"):
        kind = as_dtype(dtype)
        length = convert_to_tensor(window_length)
        if static_value(length) == 1:
            return tf.ones([1], dtype=kind)
        half = (tf.cast(length, float32) - 1.0) / 2.0
        at = tf.cast(tf.range(-half, half + 0.1, 1.0), dtype=kind)
        beta, one, half = tf.cast(beta, dtype=kind), tf.cast(1.0, dtype=kind), tf.cast(half, dtype=kind)
        height = beta * tf.sqrt(tf.nn.relu(one - tf.square(at / half)))
        return tf.exp(height - beta) * (tf.math.bessel_i0e(height) / tf.math.bessel_i0e(beta))


def kaiser_bessel_derived_window(window_length: Any, beta: Any = 12.0, dtype: Any = float32,
                                 name: str | None = None) -> Any:
    """The window whose squares of both halves add up to one, out of Kaiser's (tf.signal.kaiser_bessel_derived_window).

    An odd window_length counts as the even one below it.
    """
    with name_scope(name, "kaiser_bessel_derived_window"):
        half = convert_to_tensor(window_length) // 2
        sums = tf.cumsum(kaiser_window(half + 1, beta, dtype=dtype))
        rising = tf.sqrt(sums[:-1] / sums[-1])
        return tf.concat((rising, rising[::-1]), axis=0)


def vorbis_window(window_length: Any, dtype: Any = float32, name: str | None = None) -> Any:
    """The window of Vorbis (tf.signal.vorbis_window)."""
    with name_scope(name, "vorbis_window"):
        length, kind = convert_to_tensor(window_length), as_dtype(dtype)
        at = tf.cast(tf.range(length), dtype=kind)
        angle = math.pi / tf.cast(length, dtype=kind) * (at + 0.5)
        return tf.sin(math.pi / 2.0 * tf.pow(tf.sin(angle), 2.0))
