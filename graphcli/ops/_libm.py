"""logf and sincosf on whole arrays, in the very steps of the C library that TensorFlow's kernels call.

The polynomials and the table are those of Arm's optimized routines (MIT licence), which glibc uses
too; evaluated in doubles they give its floats bit for bit, which a correctly rounded result does not. Each has the
arguments that random numbers bring, of which there are 2^23.
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
# for each sixteenth of an octave from 2^-24 on: what the number is multiplied with to come near 1, and its logarithm
_OCTAVES = np.repeat(np.arange(-24, 1), 16)
_FIRST = np.uint32(0x3F330000 - (24 << 23))
_NEAR = np.tile(_INVERSES, 25) * 2.0 ** -_OCTAVES
_BASE = np.tile(_LOGS, 25) + _OCTAVES * _LN2


def logf(x: Any) -> Any:
    """The natural logarithm of float32 numbers from 2^-24 to 1."""
    entry = x.view(np.uint32) - _FIRST
    entry >>= np.uint32(19)
    entry = entry.astype(np.intp)
    base, r = _BASE.take(entry), _NEAR.take(entry)
    wide = x.astype(np.float64)
    r *= wide
    r -= 1
    base += r
    y = np.multiply(r, _LOG[1], out=wide)
    y += _LOG[2]
    r *= r
    z = r * _LOG[0]
    z += y
    z *= r
    z += base
    return z.astype(np.float32)


_HALF_PI = _hex("0x1.921FB54442D18p0")
_COS = tuple(_hex(t) for t in
             "-0x1.ffffffd0c621cp-2 0x1.55553e1068f19p-5 -0x1.6c087e89a359dp-10 0x1.99343027bf8c3p-16".split())
_SIN = tuple(_hex(t) for t in "-0x1.555545995a603p-3 0x1.1107605230bc4p-7 -0x1.994eb3774cf24p-13".split())
_TURN = 2 * np.pi * 2.0 ** -23
_ONE = np.uint32(1)


def sincosf(turn: Any, radius: Any, out: Any) -> None:
    """Puts there, float32 [n, 2], sine and cosine of the float32 angles that are ``turn`` (uint32) parts of 2^23 of a
    turn, each times its radius."""
    quadrant = turn + np.uint32(1 << 20)
    quadrant >>= np.uint32(21)
    wide = turn.astype(np.float64)
    wide *= _TURN
    np.copyto(wide, wide.astype(np.float32))
    room = quadrant.astype(np.float64)
    room *= _HALF_PI
    wide -= room
    square = wide * wide
    cube = square * wide
    # wide + cube * _SIN[0] + cube * square * (_SIN[1] + square * _SIN[2])
    y = np.multiply(square, _SIN[2], out=room)
    y += _SIN[1]
    fifth = cube * square
    y *= fifth
    cube *= _SIN[0]
    wide += cube
    y += wide
    sine = y.astype(np.float32)
    # 1 + square * _COS[0] + fourth * _COS[1] + fourth * square * (_COS[2] + square * _COS[3])
    fourth = np.multiply(square, square, out=cube)
    y = np.multiply(square, _COS[3], out=fifth)
    y += _COS[2]
    part = np.multiply(fourth, _COS[1], out=wide)
    fourth *= square
    y *= fourth
    square *= _COS[0]
    square += 1
    square += part
    y += square
    cosine = y.astype(np.float32)
    sine *= radius
    cosine *= radius
    # odd quadrants exchange the two; sines are negative in quadrants 2 and 3, cosines in 1 and 2
    sines, cosines = sine.view(np.uint32), cosine.view(np.uint32)
    swap = quadrant & _ONE
    np.negative(swap, out=swap)
    swap &= sines ^ cosines
    sines ^= swap
    cosines ^= swap
    out = out.view(np.uint32)
    np.bitwise_xor(sines, quadrant >> _ONE << np.uint32(31), out=out[:, 0])
    quadrant += _ONE
    np.bitwise_xor(cosines, quadrant >> _ONE << np.uint32(31), out=out[:, 1])
