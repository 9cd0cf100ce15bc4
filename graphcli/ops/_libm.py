"""logf and sincosf on whole arrays, in the very steps of the C library that TensorFlow's kernels call.

The polynomials and the table are those of Arm's optimized routines (MIT licence), which glibc uses
too; evaluated in doubles they give its floats bit for bit, which a correctly rounded result does not.
"""
from __future__ import annotations

from typing import Any

import numpy as np

_hex = float.fromhex
_INVERSES = np.array([_hex(t) for t in (
    "0x1.661ec79f8f3bep+0 0x1.571ed4aaf883dp+0 0x1.49539f0f010bp+0 0x1.3c995b0b80385p+0 0x1.30d190c8864a5p+0 "
    "0x1.25e227b0b8eap+0 0x1.1bb4a4a1a343fp+0 0x1.12358f08ae5bap+0 0x1.0953f419900a7p+0 0x1p+0 "
    "0x1.e608cfd9a47acp-1 0x1.ca4b31f026aap-1 0x1.b2036576afce6p-1 0x1.9c2d163a1aa2dp-1 0x1.886e6037841edp-1 "
    "0x1.767dcf5534862p-1").split()])
_LOGS = np.array([_hex(t) for t in (
    "-0x1.57bf7808caadep-2 -0x1.2bef0a7c06ddbp-2 -0x1.01eae7f513a67p-2 -0x1.b31d8a68224e9p-3 "
    "-0x1.6574f0ac07758p-3 -0x1.1aa2bc79c81p-3 -0x1.a4e76ce8c0e5ep-4 -0x1.1973c5a611cccp-4 -0x1.252f438e10c1ep-5 "
    "0x0p+0 0x1.aa5aa5df25984p-5 0x1.c5e53aa362eb4p-4 0x1.526e57720db08p-3 0x1.bc2860d22477p-3 "
    "0x1.1058bc8a07ee1p-2 0x1.4043057b6ee09p-2").split()])
_LOG = tuple(_hex(t) for t in "-0x1.00ea348b88334p-2 0x1.5575b0be00b6ap-2 -0x1.ffffef20a4123p-2".split())
_LN2 = _hex("0x1.62e42fefa39efp-1")
_OFFSET = np.uint32(0x3F330000)


def logf(x: Any) -> Any:
    """The natural logarithm of positive normal float32 numbers."""
    bits = x.view(np.uint32)
    shifted = bits - _OFFSET
    entry = (shifted >> np.uint32(19)) & np.uint32(15)
    exponent = shifted.view(np.int32) >> 23
    mantissa = (bits - (shifted & np.uint32(0xFF800000))).view(np.float32).astype(np.float64)
    r = mantissa * _INVERSES[entry] - 1
    base = _LOGS[entry] + exponent * _LN2
    square = r * r
    y = _LOG[1] * r + _LOG[2]
    y = _LOG[0] * square + y
    return (y * square + (base + r)).astype(np.float32)


_TWO_OVER_PI = _hex("0x1.45F306DC9C883p-1")
_HALF_PI = _hex("0x1.921FB54442D18p0")
_COS = tuple(_hex(t) for t in
             "-0x1.ffffffd0c621cp-2 0x1.55553e1068f19p-5 -0x1.6c087e89a359dp-10 0x1.99343027bf8c3p-16".split())
_SIN = tuple(_hex(t) for t in "-0x1.555545995a603p-3 0x1.1107605230bc4p-7 -0x1.994eb3774cf24p-13".split())


def sincosf(x: Any) -> tuple[Any, Any]:
    """Sine and cosine of float32 numbers from 0 to 2 pi."""
    wide = x.astype(np.float64)
    quadrant = np.floor(wide * _TWO_OVER_PI + 0.5)
    r = wide - quadrant * _HALF_PI
    n = quadrant.astype(np.int8) & 3
    np.negative(r, out=r, where=(n == 1) | (n == 2))
    square = r * r
    cube, fourth = square * r, square * square
    sine = (r + cube * _SIN[0]) + cube * square * (_SIN[1] + square * _SIN[2])
    cosine = ((1 + square * _COS[0]) + fourth * _COS[1]) + fourth * square * (_COS[2] + square * _COS[3])
    np.negative(cosine, out=cosine, where=n >= 2)
    swap = (n & 1).astype(bool)
    return np.where(swap, cosine, sine).astype(np.float32), np.where(swap, sine, cosine).astype(np.float32)
