"""Numbers in strings: as bytes in memory, and as fields of comma-separated lines."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.opdef import no_gradient, op, undefined_gradient

CPU_ONLY = True
SOME, LINES = 1 << 12, 1 << 11
"""Strings that are taken apart at a time, and lines of fields."""

TOGETHER = 1 << 18
"""Bytes of strings that are joined at a time."""


@op
class DecodeRaw:
    """The numbers whose bytes strings are, all of one length (tf.decode_raw)."""

    signature = "bytes: string -> output: out_type"
    attrs = ("out_type: {float16, float32, float64, int32, uint16, uint8, int16, int8, int64, complex64, complex128, "
             "bool, bfloat16}; little_endian: bool = True")
    gradient = no_gradient

    def infer(n: Any, strings: Any) -> Any:
        return None if strings is None else (*strings, None)

    def kernel(n: Any) -> Any:
        dtype, little = np.dtype(n.dtype()), n.attrs["little_endian"]

        def decode(strings: Any) -> Any:
            texts = strings.reshape(-1)
            length = len(texts[0]) if len(texts) else 0
            for i, text in enumerate(texts.flat):
                if len(text) != length:
                    raise RunError("DecodeRaw requires input strings to all be the same size, but element "
                                   f"{i} has size {length} != {len(text)}")
            if length % dtype.itemsize:
                raise RunError(f"Input to DecodeRaw has length {length} that is not a multiple of {dtype.itemsize}, "
                               f"the size of {n.out().name}")
            numbers = np.empty((*strings.shape, length // dtype.itemsize), dtype)
            data = numbers.reshape(-1).view(np.uint8)
            for i in range(0, len(texts), SOME):
                some = texts[i:i + SOME].tolist()
                data[i * length:(i + len(some)) * length] = np.frombuffer(b"".join(some), np.uint8)
            if dtype == np.bool_:
                # any byte but 0 is true
                np.minimum(data, 1, out=data)
            return numbers if little else numbers.byteswap(inplace=True)

        return decode


@op
class DecodePaddedRaw:
    """The numbers whose bytes strings are, each cut off at a length or filled up with zeros (tf.io.decode_raw with
    fixed_length)."""

    signature = "input_bytes: string, fixed_length: int32 -> output: out_type"
    attrs = ("out_type: {float16, float32, float64, int32, uint16, uint8, int16, int8, int64, bfloat16}; "
             "little_endian: bool = True")
    takes = "fixed_length: [] run"
    host_memory = "fixed_length"
    gradient = no_gradient

    def infer(n: Any, strings: Any, fixed_length: Any) -> Any:
        length = n.size_value(1)
        size = n.attrs["out_type"].size
        if strings is None:
            return None
        if n.built and length is not None and length % size:
            n.fail(f"fixed_length must be a multiple of {size} bytes, not {length}")
        return (*strings, None if length is None else length // size)

    def kernel(n: Any) -> Any:
        dtype, little = np.dtype(n.dtype()), n.attrs["little_endian"]

        def decode(strings: Any, fixed_length: Any) -> Any:
            length = int(fixed_length)
            if length <= 0:
                raise RunError(f"DecodePaddedRaw needs a fixed length above zero, not {length}")
            if length % dtype.itemsize:
                raise RunError(f"fixed_length ({length}) must be a multiple of the size of out_type ({dtype.itemsize})")
            flat = strings.reshape(-1)
            made, many = np.empty(flat.size * length, np.uint8), max(1, TOGETHER // length)
            for i in range(0, flat.size, many):
                data = b"".join([s[:length].ljust(length, b"\0") for s in flat[i:i + many].tolist()])
                made[i * length:(i + many) * length] = np.frombuffer(data, np.uint8)
            numbers = made.view(dtype).reshape(*strings.shape, length // dtype.itemsize)
            return numbers if little else numbers.byteswap(inplace=True)

        return decode


def _numbers(kind: Any, column: list[bytes]) -> Any:
    """Fields as numbers of a dtype. Raises ValueError if one is none."""
    text = b" ".join(column)
    if b"_" in text:
        raise ValueError
    if kind.is_integer:
        try:
            numbers = np.fromiter(map(int, column), np.int64, len(column))
        except OverflowError:
            raise ValueError from None
        if len(numbers) and (numbers.min() < kind.min or numbers.max() > kind.max):
            raise ValueError
    else:
        read = _float if b"x" in text or b"X" in text else float
        numbers = np.fromiter(map(read, column), np.float64, len(column))
    with np.errstate(over="ignore"):
        return numbers.astype(kind.as_numpy_dtype)


def _float(text: bytes) -> float:
    return float.fromhex(text.decode()) if b"x" in text or b"X" in text else float(text)


def _bad(kind: Any, column: list[bytes]) -> int:
    """The first field that is no number."""
    for i, text in enumerate(column):
        try:
            _numbers(kind, [text])
        except ValueError:
            return i
    return 0


def fields(text: bytes, delimiter: bytes, quotes: bool) -> list[bytes]:
    """The fields of a line, by RFC 4180 where it may have quotes."""
    if not text:
        return []
    if not quotes or not any(c in text for c in b'"\n\r'):
        return text.split(delimiter)
    out, at = [], 0
    while True:
        if text[at:at + 1] == b'"':
            part, at = bytearray(), at + 1
            while True:
                end = text.find(b'"', at)
                if end < 0:
                    raise RunError("Quoted field has to end with quote followed by delim or end")
                part += text[at:end]
                at = end + 1
                if text[at:at + 1] != b'"':
                    break
                part += b'"'
                at += 1
            if at < len(text) and text[at:at + 1] != delimiter:
                raise RunError("Quote inside a string has to be escaped by another quote")
            out.append(bytes(part))
        else:
            end = text.find(delimiter, at)
            end = len(text) if end < 0 else end
            if any(c in text[at:end] for c in b'"\n\r'):
                raise RunError("Unquoted fields cannot have quotes/CRLFs inside")
            out.append(text[at:end])
            at = end
        if at >= len(text):
            return out
        at += 1


def columns_of(lines: list[bytes], delimiter: bytes, quotes: bool) -> list[list[bytes]] | None:
    """The columns of lines without quotes of as many fields each; None where they have another form."""
    many = len(fields(lines[0], delimiter, quotes))
    # a field of its own after each line
    text = (delimiter + b"\n" + delimiter).join(lines)
    if delimiter == b"\n" or text.count(b"\n") >= len(lines) or quotes and (b'"' in text or b"\r" in text):
        return None
    found = text.split(delimiter)
    ends = found[many::many + 1]
    if len(found) != len(lines) * (many + 1) - 1 or ends.count(b"\n") < len(ends) or many == 1 and not all(lines):
        return None
    return [found[i::many + 1] for i in range(many)]


def values_of(at: int, first: int, column: list[bytes], kind: Any, default: Any, missing: bytes) -> Any:
    """Some fields of a column, from a record on; where they are empty the default."""
    out = np.empty(len(column), kind.as_numpy_dtype)
    empty = []
    if b"" in column or missing in column:
        empty = [row for row, field in enumerate(column) if not field or field == missing]
    if empty and not default.size:
        raise RunError(f"Field {at} is required but missing in record {first + empty[0]}!")
    held = column if not empty else [field for field in column if field and field != missing]
    rows: Any = slice(None) if not empty else np.delete(np.arange(len(column)), empty)
    if kind.kind == "S":
        texts = np.empty(len(held), object)
        texts[:] = held
        out[rows] = texts
    else:
        try:
            out[rows] = _numbers(kind, held)
        except ValueError:
            bad = _bad(kind, held)
            said = {"float32": "float", "float64": "double"}.get(kind.name, kind.name)
            raise RunError(f"Field {at} in record {first + np.arange(len(column))[rows][bad]} is not a valid {said}: "
                           f"{held[bad].decode(errors='replace')}") from None
    if empty:
        out[empty] = default.reshape(-1)[0]
    return out


@op
class DecodeCSV:
    """The fields of comma-separated lines, a tensor for each column (tf.decode_csv).

    record_defaults: for each column its dtype, and what an empty field is; without one it must not be empty.
    """

    signature = "records: string, record_defaults: list(OUT_TYPE) -> output: list(OUT_TYPE)"
    attrs = ("OUT_TYPE: list({float32, float64, int32, int64, string}) >= 1; field_delim: string = ','; "
             "use_quote_delim: bool = True; na_value: string = ''; select_cols: list(int) = []")
    gradient = undefined_gradient

    def infer(n: Any, records: Any, defaults: Any) -> Any:
        for i, shape in enumerate(defaults):
            if shape is not None and (len(shape) > 1 or shape and shape[0] not in (None, 0, 1)):
                n.fail(f"default {i} is a scalar or has at most one element")
        return [records] * len(defaults)

    def kernel(n: Any) -> Any:
        kinds = [t.dtype for t in n.node.outputs]
        delimiter, quotes = n.attrs["field_delim"].encode(), n.attrs["use_quote_delim"]
        missing, chosen = n.attrs["na_value"].encode(), n.attrs["select_cols"]

        def decode(records: Any, defaults: Any) -> Any:
            if len(delimiter) != 1:
                raise RunError("field_delim should be only 1 char")
            lines = records.reshape(-1)
            results = [np.empty(len(lines), kind.as_numpy_dtype) for kind in kinds]
            for first in range(0, len(lines), LINES):
                some = lines[first:first + LINES].tolist()
                columns = columns_of(some, delimiter, quotes)
                if columns is not None and chosen:
                    columns = [columns[i] for i in chosen if i < len(columns)]
                if columns is None or len(columns) != len(kinds):
                    columns = [[] for _ in kinds]
                    for row, text in enumerate(some, first):
                        found = fields(text, delimiter, quotes)
                        if chosen:
                            found = [found[i] for i in chosen if i < len(found)]
                        if len(found) != len(kinds):
                            raise RunError(f"Expect {len(kinds)} fields but have {len(found)} in record {row}")
                        for column, field in zip(columns, found):
                            column.append(field)
                for i, (result, column, kind, default) in enumerate(zip(results, columns, kinds, defaults)):
                    result[first:first + LINES] = values_of(i, first, column, kind, default, missing)
            return [result.reshape(records.shape) for result in results]

        return decode
