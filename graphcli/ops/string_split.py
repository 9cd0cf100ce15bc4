"""Strings taken apart, as sparse tensors of their parts."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.opdef import no_gradient, op, undefined_gradient
from ._sparse import side_by_side

CPU_ONLY = True
SOME = 1 << 12
"""Strings that are split at a time."""


def _shapes(n: Any, strings: Any, separator: Any) -> Any:
    n.with_rank(strings, 1, n.node.opdef.inputs[0].name)
    n.with_rank(separator, 0, n.node.opdef.inputs[1].name)
    return [(None, 2), (None,), (2,)]


def _split(strings: Any, separator: Any, parts_of: Callable[[bytes, bytes], list[bytes]]) -> Any:
    """The parts of each string, in a row of its own."""
    if np.ndim(separator):
        raise RunError(f"the separator must be a scalar, got shape: {list(np.shape(separator))}")
    between = np.asarray(separator).item()
    counts = np.empty(len(strings), np.int64)
    pieces: list[Any] = []
    for start in range(0, len(strings), SOME):
        found: list[bytes] = []
        for i, text in enumerate(strings[start:start + SOME].tolist(), start):
            parts = parts_of(text, between)
            counts[i] = len(parts)
            found += parts
        pieces.append(np.array([*found, None], object)[:-1])
    total = int(counts.sum())
    values = np.empty(total, object)
    end = total
    while pieces:
        part = pieces.pop()
        values[end - len(part):end] = part
        end -= len(part)
    return side_by_side(counts), values, np.array([len(strings), counts.max(initial=0)], np.int64)


@op
class StringSplit:
    """Strings split at each byte of a delimiter, at every byte where it is empty (tf.string_split)."""

    signature = "input: string, delimiter: string -> indices: int64, values: string, shape: int64"
    attrs = "skip_empty: bool = True"
    infer = _shapes
    gradient = no_gradient

    def kernel(n: Any) -> Any:
        skip = n.attrs["skip_empty"]

        def parts(text: bytes, delimiter: bytes) -> list[bytes]:
            if not delimiter:
                return [text[i:i + 1] for i in range(len(text))]
            if not text:
                return []
            if len(delimiter) > 1:
                text = text.translate(bytes.maketrans(delimiter, delimiter[:1] * len(delimiter)))
            found = text.split(delimiter[:1])
            return [part for part in found if part] if skip else found

        return lambda strings, delimiter: _split(strings, delimiter, parts)


@op
class StringSplitV2:
    """Strings split at a separator, at runs of white space where it is empty, at most ``maxsplit`` times if that is not
    below 0 (tf.strings.split)."""

    signature = "input: string, sep: string -> indices: int64, values: string, shape: int64"
    attrs = "maxsplit: int = -1"
    infer = _shapes
    gradient = undefined_gradient

    def kernel(n: Any) -> Any:
        most = n.attrs["maxsplit"]

        def parts(text: bytes, separator: bytes) -> list[bytes]:
            if most == 0:
                return [text]
            if separator:
                return text.split(separator, most)
            found = text.split(None, most)
            # after the last split TensorFlow keeps what is left, though nothing is
            return [*found, b""] if len(found) == most else found

        return lambda strings, separator: _split(strings, separator, parts)
