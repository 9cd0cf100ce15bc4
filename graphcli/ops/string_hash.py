"""Hashes of strings: TensorFlow's own, FarmHash's fingerprint, and SipHash with a key."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import RunError
from ..graph.inference import same_shape
from ..graph.opdef import no_gradient, op
from .strings import mapped

CPU_ONLY = True
_MASK = (1 << 64) - 1
_K0, _K1, _K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F
_M = 0xC6A4A7935BD1E995


def hash64(data: bytes, seed: int = 0xDECAFCAFFE) -> int:
    """TensorFlow's Hash64 (a Murmur hash)."""
    h = seed ^ (len(data) * _M & _MASK)
    whole = len(data) // 8 * 8
    for i in range(0, whole, 8):
        k = int.from_bytes(data[i:i + 8], "little") * _M & _MASK
        k = (k ^ (k >> 47)) * _M & _MASK
        h = (h ^ k) * _M & _MASK
    if whole < len(data):
        h = (h ^ int.from_bytes(data[whole:], "little")) * _M & _MASK
    h = (h ^ (h >> 47)) * _M & _MASK
    return h ^ (h >> 47)


def _word(data: bytes, at: int, size: int = 8) -> int:
    return int.from_bytes(data[at:at + size], "little")


def _turn(value: int, by: int) -> int:
    return ((value >> by) | (value << (64 - by))) & _MASK


def _shift(value: int) -> int:
    return value ^ (value >> 47)


def _two(u: int, v: int, m: int) -> int:
    a = (u ^ v) * m & _MASK
    b = (v ^ (a ^ (a >> 47))) * m & _MASK
    return (b ^ (b >> 47)) * m & _MASK


def _short(s: bytes) -> int:
    n = len(s)
    if n >= 8:
        m = _K2 + n * 2 & _MASK
        a, b = _word(s, 0) + _K2 & _MASK, _word(s, n - 8)
        c = _turn(b, 37) * m + a & _MASK
        d = (_turn(a, 25) + b) * m & _MASK
        return _two(c, d, m)
    if n >= 4:
        return _two(n + (_word(s, 0, 4) << 3) & _MASK, _word(s, n - 4, 4), _K2 + n * 2 & _MASK)
    if n > 0:
        y, z = s[0] + (s[n >> 1] << 8), n + (s[n - 1] << 2)
        return _shift(y * _K2 & _MASK ^ (z * _K0 & _MASK)) * _K2 & _MASK
    return _K2


def _medium(s: bytes) -> int:
    n = len(s)
    m = _K2 + n * 2 & _MASK
    a, b = _word(s, 0) * _K1 & _MASK, _word(s, 8)
    c, d = _word(s, n - 8) * m & _MASK, _word(s, n - 16) * _K2 & _MASK
    return _two(_turn(a + b & _MASK, 43) + _turn(c, 30) + d & _MASK, a + _turn(b + _K2 & _MASK, 18) + c & _MASK, m)


def _long(s: bytes) -> int:
    """33 to 64 bytes."""
    n = len(s)
    m = _K2 + n * 2 & _MASK
    a, b = _word(s, 0) * _K2 & _MASK, _word(s, 8)
    c, d = _word(s, n - 8) * m & _MASK, _word(s, n - 16) * _K2 & _MASK
    y = _turn(a + b & _MASK, 43) + _turn(c, 30) + d & _MASK
    z = _two(y, a + _turn(b + _K2 & _MASK, 18) + c & _MASK, m)
    e, f = _word(s, 16) * m & _MASK, _word(s, 24)
    g, h = (y + _word(s, n - 32)) * m & _MASK, (z + _word(s, n - 24)) * m & _MASK
    return _two(_turn(e + f & _MASK, 43) + _turn(g, 30) + h & _MASK, e + _turn(f + a & _MASK, 18) + g & _MASK, m)


def _weak(s: bytes, at: int, a: int, b: int) -> tuple[int, int]:
    w, x, y, z = (_word(s, at + 8 * i) for i in range(4))
    a = a + w & _MASK
    b = _turn(b + a + z & _MASK, 21)
    c = a
    a = a + x + y & _MASK
    b = b + _turn(a, 44) & _MASK
    return a + z & _MASK, b + c & _MASK


def fingerprint64(s: bytes) -> int:
    """FarmHash's Fingerprint64 (farmhashna::Hash64)."""
    n = len(s)
    if n <= 16:
        return _short(s)
    if n <= 32:
        return _medium(s)
    if n <= 64:
        return _long(s)
    x, y = 81, 81 * _K1 + 113 & _MASK
    z = _shift(y * _K2 + 113 & _MASK) * _K2 & _MASK
    v, w = (0, 0), (0, 0)
    x = x * _K2 + _word(s, 0) & _MASK
    end, last = (n - 1) // 64 * 64, n - 64
    for at in range(0, end, 64):
        x = _turn(x + y + v[0] + _word(s, at + 8) & _MASK, 37) * _K1 & _MASK
        y = _turn(y + v[1] + _word(s, at + 48) & _MASK, 42) * _K1 & _MASK
        x ^= w[1]
        y = y + v[0] + _word(s, at + 40) & _MASK
        z = _turn(z + w[0] & _MASK, 33) * _K1 & _MASK
        v = _weak(s, at, v[1] * _K1 & _MASK, x + w[0] & _MASK)
        w = _weak(s, at + 32, z + w[1] & _MASK, y + _word(s, at + 16) & _MASK)
        z, x = x, z
    m = _K1 + ((z & 0xFF) << 1) & _MASK
    w = (w[0] + ((n - 1) & 63) & _MASK, w[1])
    v = (v[0] + w[0] & _MASK, v[1])
    w = (w[0] + v[0] & _MASK, w[1])
    x = _turn(x + y + v[0] + _word(s, last + 8) & _MASK, 37) * m & _MASK
    y = _turn(y + v[1] + _word(s, last + 48) & _MASK, 42) * m & _MASK
    x ^= w[1] * 9 & _MASK
    y = y + v[0] * 9 + _word(s, last + 40) & _MASK
    z = _turn(z + w[0] & _MASK, 33) * m & _MASK
    v = _weak(s, last, v[1] * m & _MASK, x + w[0] & _MASK)
    w = _weak(s, last + 32, z + w[1] & _MASK, y + _word(s, last + 16) & _MASK)
    z, x = x, z
    return _two(_two(v[0], w[0], m) + _shift(y) * _K0 + z & _MASK, _two(v[1], w[1], m) + x & _MASK, m)


def siphash(key: tuple[int, int], data: bytes) -> int:
    """SipHash-2-4 with a key of two 64-bit numbers."""
    v = [key[0] ^ 0x736F6D6570736575, key[1] ^ 0x646F72616E646F6D, key[0] ^ 0x6C7967656E657261,
         key[1] ^ 0x7465646279746573]

    def rounds(count: int) -> None:
        for _ in range(count):
            v[0], v[2] = v[0] + v[1] & _MASK, v[2] + v[3] & _MASK
            v[1], v[3] = _turn(v[1], 51) ^ v[0], _turn(v[3], 48) ^ v[2]
            v[0] = _turn(v[0], 32)
            v[2], v[0] = v[2] + v[1] & _MASK, v[0] + v[3] & _MASK
            v[1], v[3] = _turn(v[1], 47) ^ v[2], _turn(v[3], 43) ^ v[0]
            v[2] = _turn(v[2], 32)

    whole = len(data) // 8 * 8
    blocks = [_word(data, i) for i in range(0, whole, 8)]
    blocks.append(_word(data, whole) | (len(data) & 0xFF) << 56)
    for block in blocks:
        v[3] ^= block
        rounds(2)
        v[0] ^= block
    v[2] ^= 0xFF
    rounds(4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def _bucketed(n: Any, function: Callable[[bytes], int]) -> Any:
    many, xp = n.attrs["num_buckets"], n.xp
    return lambda values: mapped(xp, lambda s: function(s.encode() if isinstance(s, str) else s) % many, "int64",
                                 values)


@op
class StringToHashBucketFast:
    """Each string's FarmHash fingerprint modulo the number of buckets (tf.string_to_hash_bucket_fast)."""

    signature = "input: string -> output: int64"
    attrs = "num_buckets: int >= 1"
    infer = same_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return _bucketed(n, fingerprint64)


@op
class StringToHashBucket:
    """Each string's hash modulo the number of buckets (tf.string_to_hash_bucket)."""

    signature = "string_tensor: string -> output: int64"
    attrs = "num_buckets: int >= 1"
    infer = same_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        return _bucketed(n, hash64)


@op
class StringToHashBucketStrong:
    """Each string's SipHash with a key, modulo the number of buckets (tf.string_to_hash_bucket_strong)."""

    signature = "input: string -> output: int64"
    attrs = "num_buckets: int >= 1; key: list(int)"
    infer = same_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        key = n.attrs["key"]
        if len(key) != 2:
            raise RunError(f"Key must have 2 elements, not {len(key)}")
        pair = (key[0] & _MASK, key[1] & _MASK)
        return _bucketed(n, lambda s: siphash(pair, s))
