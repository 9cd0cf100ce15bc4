"""Tensors put into a text (tf.strings.format), and texts that are written as they pass (tf.print)."""
from __future__ import annotations

import sys
from math import prod
from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.opdef import op, undefined_gradient
from .checkpoint import path_of

CPU_ONLY = True
_ESCAPES = {**{i: f"\\{i:03o}".encode() for i in (*range(32), 127)}, 10: b"\\n", 13: b"\\r", 9: b"\\t", 34: b'\\"',
            39: b"\\'", 92: b"\\\\"}
_LEVELS = {"log(info)": "I ", "log(warning)": "W ", "log(error)": "E "}
STREAMS = ("stdout", "stderr", *_LEVELS)


def _element(value: Any, kind: Any) -> bytes:
    """One element: numbers as short as they may be read back, strings in quotes."""
    if kind.kind == "O":
        return b'"' + b"".join(_ESCAPES.get(c, bytes((c,))) for c in value) + b'"'
    if kind.kind in "biu":
        return b"%d" % int(value)
    double = kind == np.float64
    number = float(value)
    text = f"{number:.15g}" if double else f"{number:.6g}"
    read = float(text) if double else float(np.float32(text))
    if read != number and number == number:
        text = f"{number:.17g}" if double else f"{number:.9g}"
    return text.encode()


def shown(x: Any, most: int) -> bytes:
    """An array in brackets, a row a line; of each axis the first and last ``most``, all where it is negative.

    Complex numbers are told as question marks, as in TensorFlow.
    """
    flat = x.reshape(-1)
    if x.dtype.kind == "c":
        some = flat.size if most < 0 else min(most, flat.size)
        told: bytes = b" ".join([b"?"] * some) + b"..." * (some < flat.size)
        return b"[" + told + b"]" if x.ndim else told
    ends = flat.size if most < 0 else min(most, flat.size)

    def part(axis: int, start: int) -> bytes:
        if axis == x.ndim:
            return _element(flat[start], flat.dtype)
        below = x.ndim - axis - 1
        between = b"\n" * below + b" " * (axis + 1) if below else b" "
        size, step = x.shape[axis], prod(x.shape[axis + 1:])
        out = between.join(part(axis + 1, start + i * step) for i in range(min(ends, size)))
        if size > 2 * ends:
            out += between + b"..."
        rest = [between + part(axis + 1, start + i * step) for i in range(max(ends, size - ends), size)]
        return b"".join([b"[", out, *rest, b"]"])

    return part(0, 0)


@op
class StringFormat:
    """A text in which tensors stand for a mark, one after the other (tf.strings.format)."""

    signature = "inputs: list(T) -> output: string"
    attrs = "T: list(type) >= 0; template: string = '%s'; placeholder: string = '%s'; summarize: int = 3"
    gradient = undefined_gradient

    def infer(n: Any, inputs: Any) -> Any:
        return ()

    def kernel(n: Any) -> Any:
        attrs = n.attrs
        parts = attrs["template"].encode().split(attrs["placeholder"].encode())
        if len(parts) != len(attrs["T"]) + 1:
            raise InvalidArgument(f"the template has {len(parts) - 1} places, and there are {len(attrs['T'])} tensors")

        def put(inputs: Any) -> Any:
            texts = [shown(np.asarray(x), attrs["summarize"]) for x in inputs]
            return np.asarray(parts[0] + b"".join(t + part for t, part in zip(texts, parts[1:])), object)

        return put


@op
class PrintV2:
    """Writes a text to the standard output or error, or to the end of a file (tf.print)."""

    signature = "input: string -> "
    attrs = "output_stream: string = 'stderr'; end: string = '\\n'"
    takes = "input: []"
    stateful = True
    gradient = undefined_gradient

    def infer(n: Any, x: Any) -> Any:
        """One text."""

    def kernel(n: Any) -> Any:
        stream, end = n.attrs["output_stream"], n.attrs["end"]
        if stream not in STREAMS and not stream.startswith("file://"):
            raise InvalidArgument(f"there is no output stream {stream!r}", hint=f"{', '.join(STREAMS)}, file://PATH")

        def write(text: Any) -> None:
            data = np.asarray(text, object).item() + end.encode()
            if stream.startswith("file://"):
                with open(path_of(n, np.asarray(stream[7:].encode(), object)), "ab") as file:
                    file.write(data)
                return
            out = sys.stdout if stream == "stdout" else sys.stderr
            out.write(_LEVELS.get(stream, "") + data.decode("utf-8", "backslashreplace"))
            out.flush()

        return write
