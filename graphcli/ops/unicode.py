"""Text in one encoding as text in another, or as the numbers of its characters (tf.strings.unicode_…)."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidArgument
from ..graph.inference import same_shape
from ..graph.opdef import op, undefined_gradient
from ._quanta import in_pieces, piece_bytes
from ._scripts import script
from ._unicode import LAST, Faults, codec
from ._unicode_blocks import Growing, blocks, encoded, rows, whole

CPU_ONLY = True
FAULTS = "errors: {'strict', 'replace', 'ignore'} = 'replace'; replacement_char: int = 65533"
FROM = f"input_encoding: string; {FAULTS}; replace_control_characters: bool = False"
INTO = "output_encoding: {'UTF-8', 'UTF-16-BE', 'UTF-32-BE'}"


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


@op
class UnicodeTranscode:
    """Text of one encoding in another (tf.strings.unicode_transcode)."""

    signature = "input: string -> output: string"
    attrs = f"{FROM}; {INTO}"
    infer, gradient = same_shape, undefined_gradient

    def kernel(n: Any) -> Any:
        (python, faults), into = _from(n), n.attrs["output_encoding"]

        def recoded(text: bytes) -> bytes:
            found = None if faults.controls else whole(text, python)
            if found is None:
                return encoded((codes for _, _, codes, _ in blocks([text], python, faults)), into)
            return found.encode(into)

        def run(texts: Any) -> Any:
            out = np.empty(texts.shape, object)
            into = out.reshape(-1)
            for i, text in enumerate(texts.flat):
                into[i] = recoded(text)
            return out

        return run


def _from(n: Any) -> tuple[str, Faults]:
    """Python's codec of what comes, and what is done with faults."""
    return codec(_text(n.attrs["input_encoding"])), Faults(n.attrs)


def _decoded(n: Any, offsets: bool) -> Any:
    (python, faults), kind = _from(n), n.attrs["Tsplits"].as_numpy_dtype

    def run(texts: Any) -> Any:
        splits = np.zeros(texts.size + 1, kind)
        found, places = Growing(np.int32), Growing(np.int64)
        for first, many, codes, starts in blocks(texts.flat, python, faults):
            splits[first + 1:first + 1 + len(many)] += np.array(many, kind)
            found.add(codes)
            if offsets:
                places.add(starts)
        np.cumsum(splits, out=splits)
        return [splits, found.whole(), *([places.whole()] if offsets else [])]

    return run


def _vectors(n: Any, texts: Any) -> Any:
    total: int | None = 1
    for size in (None,) if texts is None else texts:
        total = None if total is None or size is None else total * size
    return [(None if total is None else total + 1,), *[(None,)] * (len(n.node.outputs) - 1)]


@op
class UnicodeDecode:
    """The characters of texts as numbers: (ends of the texts, code points) (tf.strings.unicode_decode)."""

    signature = "input: string -> row_splits: Tsplits, char_values: int32"
    attrs = f"{FROM}; Tsplits: {{int32, int64}} = int64"
    infer, gradient = _vectors, undefined_gradient

    def kernel(n: Any) -> Any:
        return _decoded(n, offsets=False)


@op
class UnicodeDecodeWithOffsets:
    """The characters of texts as numbers, and the byte that each begins at: (ends, code points, places)."""

    signature = "input: string -> row_splits: Tsplits, char_values: int32, char_to_byte_starts: int64"
    attrs = f"{FROM}; Tsplits: {{int32, int64}} = int64"
    infer, gradient = _vectors, undefined_gradient

    def kernel(n: Any) -> Any:
        return _decoded(n, offsets=True)


@op
class UnicodeEncode:
    """Rows of code points as texts (tf.strings.unicode_encode)."""

    signature = "input_values: int32, input_splits: Tsplits -> output: string"
    attrs = f"{FAULTS}; {INTO}; Tsplits: {{int32, int64}} = int64"
    takes = "input_values: [?]; input_splits: [?]"
    gradient = undefined_gradient

    def infer(n: Any, values: Any, splits: Any) -> Any:
        if splits is not None and splits[0] == 0:
            n.fail("input_splits has at least one end, 0")
        return (None if splits is None or splits[0] is None else splits[0] - 1,)

    def kernel(n: Any) -> Any:
        into, faults = n.attrs["output_encoding"], Faults(n.attrs)

        def run(values: Any, splits: Any) -> Any:
            ends = splits.reshape(-1)
            if not len(ends) or ends[0] != 0 or (ends[1:] < ends[:-1]).any() or ends[-1] != values.size:
                raise InvalidArgument(f"input_splits rise from 0 to the number of code points, {values.size}")
            codes = values.reshape(-1)
            if faults.errors == "strict" and codes.size and not 0 <= codes.min() <= codes.max() <= LAST:
                raise InvalidArgument("Code point is out of range for Unicode, or a noncharacter.")
            out = np.empty(len(ends) - 1, object)
            for i, some in rows(codes, ends, into, faults):
                out[i:i + len(some)] = some
            return out

        return run


@op
class UnicodeScript:
    """The script of each code point by ICU's number, -1 for what is none (tf.strings.unicode_script)."""

    signature = "input: int32 -> output: int32"
    infer, gradient = same_shape, undefined_gradient

    def kernel(n: Any) -> Any:
        return lambda codes: in_pieces(script, np.int32, codes)

    def scratch(n: Any) -> int:
        return piece_bytes(n, 24)
