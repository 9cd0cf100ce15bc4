"""Strings: joining, cutting, numbers in and out. A string is bytes; an array of them holds objects."""
from __future__ import annotations

import re
from collections.abc import Callable
from math import inf, isfinite, prod
from typing import Any

from ..errors import RunError
from ..graph.inference import same_shape
from ..graph.opdef import no_gradient, op, undefined_gradient
from ._axes import reduced

CPU_ONLY = True
SOME = 1 << 13
"""Elements that are Python values at a time."""


def mapped(xp: Any, function: Callable[..., Any], dtype: Any, *arrays: Any) -> Any:
    """An elementwise function of Python values, broadcast, as an array."""
    found = xp.broadcast_arrays(*[xp.asarray(a) for a in arrays])
    out = xp.empty(found[0].shape, dtype)
    flat = out.reshape(-1)
    for start in range(0, flat.size, SOME):
        some = [a.flat[start:start + SOME].tolist() for a in found]
        for i, values in enumerate(zip(*some), start):
            flat[i] = function(*values)
    return out


def strings(n: Any, function: Callable[..., Any]) -> Any:
    """A kernel that maps strings to strings."""
    return lambda *arrays: mapped(n.xp, function, object, *arrays)


def scalar_too(n: Any, x: Any, *others: Any) -> Any:
    """Inference where all inputs but the first are scalars."""
    for i, other in enumerate(others, 1):
        n.with_rank(other, 0, n.node.opdef.inputs[i].name)
    return x


@op
class StringJoin:
    """Strings one after the other, a separator between (tf.strings.join). Scalars go with any shape."""

    signature = "inputs: N*string -> output: string"
    attrs = "N: int >= 0; separator: string = ''"
    gradient = no_gradient

    def infer(n: Any, inputs: Any) -> Any:
        shape: Any = None
        for other in inputs:
            if other != ():
                shape = n.merge(shape, other)
        return () if all(i == () for i in inputs) else shape

    def kernel(n: Any) -> Any:
        between = n.attrs["separator"].encode()

        def join(parts: Any) -> Any:
            if not parts:
                return n.xp.array(b"", object)
            shapes = {p.shape for p in map(n.xp.asarray, parts)} - {()}
            if len(shapes) > 1:
                raise RunError("Input shapes do not match: " + " and ".join(str(list(s)) for s in sorted(shapes)))
            return mapped(n.xp, lambda *texts: between.join(texts), object, *parts)

        return join


@op
class StringLength:
    """The number of bytes, or of UTF-8 characters (tf.strings.length)."""

    signature = "input: string -> output: int32"
    attrs = "unit: {'BYTE', 'UTF8_CHAR'} = 'BYTE'"
    infer = same_shape
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        size = len if n.attrs["unit"] == "BYTE" else characters
        return lambda x: mapped(n.xp, size, n.xp.int32, x)


def characters(text: bytes) -> int:
    """UTF-8 characters: bytes that do not continue one."""
    return sum(b & 0xC0 != 0x80 for b in text)


@op
class AsString:
    """Numbers as text (tf.as_string)."""

    signature = "input: T -> output: string"
    attrs = ("T: {int8, int16, int32, int64, uint8, uint16, uint32, uint64, float32, float64, float16, bfloat16, "
             "complex64, complex128, bool, string, variant}; precision: int = -1; scientific: bool = False; "
             "shortest: bool = False; width: int = -1; fill: string = ''")
    infer = same_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        dtype, attrs = n.node.inputs[0].dtype.base_dtype, n.attrs
        if attrs["scientific"] and attrs["shortest"]:
            raise RunError("Cannot select both scientific and shortest notation")
        if attrs["fill"] not in ("", "0", "+", "-", " "):
            raise RunError(f"Fill argument not supported: {attrs['fill']!r}")
        exact = not (dtype.is_floating or dtype.is_complex)
        if dtype.name == "string":
            return _padded(n.xp, attrs)
        if exact and (attrs["precision"] != -1 or attrs["scientific"] or attrs["shortest"]):
            raise RunError(f"scientific and shortest format not supported for datatype {dtype.name}")
        if dtype.is_bool:
            return lambda x: mapped(n.xp, lambda v: b"true" if v else b"false", object, x)
        form = number_form(dtype, attrs)
        # zeros are put before numbers alone
        none = form.replace("%0", "%", 1)

        def shown(v: Any) -> str:
            return str((form if dtype.is_integer or isfinite(v) else none) % v)

        if dtype.is_complex:
            return lambda x: mapped(n.xp, lambda v: f"({shown(v.real)},{shown(v.imag)})".encode(), object, x)
        return lambda x: mapped(n.xp, lambda v: shown(v).encode(), object, x)


def _padded(xp: Any, attrs: Any) -> Any:
    """Strings made as long as ``width``, and no longer than ``precision`` before that; as they are without a width."""
    width, most = attrs["width"], attrs["precision"]
    if width < 1:
        return lambda x: x
    side = bytes.ljust if attrs["fill"] == "-" else bytes.rjust
    return lambda x: mapped(xp, lambda v: side(v if most < 0 else v[:most], width), object, x)


def number_form(dtype: Any, attrs: Any) -> str:
    """The printf form of a number."""
    signed = not dtype.is_integer or not dtype.is_unsigned
    out: str = "%" + (attrs["fill"] if signed or attrs["fill"] not in ("+", " ") else "")
    if attrs["width"] > -1:
        out += str(attrs["width"])
    if dtype.is_integer:
        return out + "d"
    if attrs["precision"] > -1:
        out += f".{attrs['precision']}"
    return out + ("e" if attrs["scientific"] else "g" if attrs["shortest"] else "f")


def _float(text: str) -> float:
    """A number as C reads it: to the base 16 too, and with what it is not in brackets. Raises ValueError."""
    if "0x" in text.lower():
        if not re.fullmatch(r"[+-]?0x([0-9a-f]+\.?[0-9a-f]*|\.[0-9a-f]+)(p[+-]?[0-9]+)?", text, re.IGNORECASE):
            raise ValueError
        try:
            return float.fromhex(text)
        except OverflowError:
            return -inf if text[0] == "-" else inf
    return float(re.sub(r"(?i)^([+-]?nan)\(\w*\)$", r"\1", text))


@op
class StringToNumber:
    """Text as numbers (tf.strings.to_number)."""

    signature = "string_tensor: string -> output: out_type"
    attrs = "out_type: {float32, float64, int32, int64, uint32, uint64} = float32"
    infer = same_shape
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        out = n.out()
        read: Callable[[str], Any] = int if out.is_integer else _float

        def number(text: bytes) -> Any:
            try:
                shown = text.decode().strip()
                if "_" in shown or shown[:1] == "-" and out.is_integer and out.is_unsigned:
                    raise ValueError
                value = read(shown)
            except ValueError:
                raise RunError(f"StringToNumberOp could not correctly convert string: "
                               f"{text.decode('utf-8', 'replace')}") from None
            if out.is_integer and not out.min <= value <= out.max:
                raise RunError(f"StringToNumberOp could not correctly convert string: {shown}: it does not fit "
                               f"{out.name}")
            return value

        return lambda x: mapped(n.xp, number, n.dtype(), x)


@op
class Substr:
    """``len`` bytes or characters from ``pos`` on; a negative pos counts from the end (tf.strings.substr)."""

    signature = "input: string, pos: T, len: T -> output: string"
    attrs = "T: {int32, int64}; unit: {'BYTE', 'UTF8_CHAR'} = 'BYTE'"
    gradient = undefined_gradient

    def infer(n: Any, x: Any, pos: Any, length: Any) -> Any:
        n.merge(pos, length, "shapes of pos and len")
        return n.broadcast(x, pos)

    def kernel(n: Any) -> Any:
        whole = n.attrs["unit"] == "BYTE"

        def cut(text: bytes, pos: int, length: int) -> bytes:
            unit: Any = text if whole else text.decode("utf-8", "surrogateescape")
            size = len(unit)
            if not -size <= pos <= size or not whole and pos < 0 and length < 0:
                raise RunError(f"pos {pos} out of range for string b'{text.decode('utf-8', 'replace')}'")
            first = pos + size if pos < 0 else pos
            # of bytes a length below 0 is that of all the rest
            found = unit[first:size if whole and length < 0 else first + max(0, length)]
            return bytes(found) if whole else str(found).encode("utf-8", "surrogateescape")

        return strings(n, cut)


@op
class StringLower:
    """Upper case letters as lower case ones: of ASCII, or of UTF-8 where encoding says so (tf.strings.lower)."""

    signature = "input: string -> output: string"
    attrs = "encoding: string = ''"
    infer = same_shape
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        return strings(n, bytes.lower if n.attrs["encoding"] == "" else lambda t: t.decode().lower().encode())


@op
class StringUpper:
    """Lower case letters as upper case ones: of ASCII, or of UTF-8 where encoding says so (tf.strings.upper)."""

    signature = "input: string -> output: string"
    attrs = "encoding: string = ''"
    infer = same_shape
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        return strings(n, bytes.upper if n.attrs["encoding"] == "" else lambda t: t.decode().upper().encode())


@op
class StringStrip:
    """Without the white space at both ends (tf.strings.strip)."""

    signature = "input: string -> output: string"
    attrs = ""
    infer = same_shape
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        return strings(n, bytes.strip)


@op
class ReduceJoin:
    """The strings along axes joined, along the first axis first (tf.strings.reduce_join)."""

    signature = "inputs: string, reduction_indices: int32 -> output: string"
    takes = "reduction_indices: <=1"
    attrs = "keep_dims: bool = False; separator: string = ''"
    infer = reduced
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        xp, between, keep = n.xp, n.attrs["separator"].encode(), n.attrs["keep_dims"]

        def join(x: Any, axes: Any) -> Any:
            rank = x.ndim
            given = [int(a) for a in xp.asarray(axes).reshape(-1)]
            if any(not -rank <= a < rank for a in given):
                raise RunError(f"Invalid reduction dimension {given} for a tensor of rank {rank}")
            along = [a % rank for a in given]
            if len(set(along)) < len(along):
                raise RunError(f"Duplicate reduction dimension in {given}")
            if not along:
                return x
            rest = [a for a in range(rank) if a not in along]
            shape = [x.shape[a] for a in rest]
            # both counts are given: of no elements -1 tells neither
            rows = xp.transpose(x, (*rest, *along[::-1])).reshape(prod(shape), prod(x.shape[a] for a in along))
            out = xp.empty(shape, object)
            flat = out.reshape(-1)
            for i, row in enumerate(rows):
                flat[i] = between.join(row.tolist())
            return out.reshape([1 if a in along else x.shape[a] for a in range(rank)]) if keep else out

        return join
