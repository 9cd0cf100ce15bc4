"""Numbers in strings: as bytes in memory, and as fields of comma-separated lines."""
from __future__ import annotations

import re
from typing import Any

import numpy as np

from ..errors import RunError
from ..graph.opdef import no_gradient, op, undefined_gradient

CPU_ONLY = True


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
            texts = strings.reshape(-1).tolist()
            length = len(texts[0]) if texts else 0
            for i, text in enumerate(texts):
                if len(text) != length:
                    raise RunError("DecodeRaw requires input strings to all be the same size, but element "
                                   f"{i} has size {length} != {len(text)}")
            if length % dtype.itemsize:
                raise RunError(f"Input to DecodeRaw has length {length} that is not a multiple of {dtype.itemsize}, "
                               f"the size of {n.out().name}")
            data = bytearray(b"".join(texts))
            if dtype == np.bool_ and max(data, default=0) > 1:
                raise RunError(f"a bool is a byte of 0 or 1, not of {max(data)}")
            numbers = np.frombuffer(data, dtype).reshape(*strings.shape, length // dtype.itemsize)
            return numbers if little else numbers.byteswap()

        return decode


NUMBER = re.compile(rb"\s*[+-]?\d+\s*\Z")


def _number(dtype: Any, text: bytes) -> Any:
    """A field as a number of a dtype. Raises ValueError if it is none."""
    if dtype.is_integer:
        if not NUMBER.match(text):
            raise ValueError(text)
        value = int(text)
        if not dtype.min <= value <= dtype.max:
            raise ValueError(text)
        return value
    if b"_" in text:
        raise ValueError(text)
    text = text.strip()
    return float.fromhex(text.decode()) if b"x" in text.lower() else float(text)


def fields(text: bytes, delimiter: bytes, quotes: bool) -> list[bytes]:
    """The fields of a line, by RFC 4180 where it may have quotes."""
    if not text:
        return []
    out, at = [], 0
    while True:
        if quotes and text[at:at + 1] == b'"':
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
            part = bytearray(text[at:end])
            if quotes and any(c in part for c in b'"\n\r'):
                raise RunError("Unquoted fields cannot have quotes/CRLFs inside")
            out.append(bytes(part))
            at = end
        if at >= len(text):
            return out
        at += 1


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
            out = [np.empty(records.size, kind.as_numpy_dtype) for kind in kinds]
            for row, text in enumerate(records.reshape(-1).tolist()):
                found = fields(text, delimiter, quotes)
                if chosen:
                    found = [found[i] for i in chosen if i < len(found)]
                if len(found) != len(kinds):
                    raise RunError(f"Expect {len(kinds)} fields but have {len(found)} in record {row}")
                for i, (field, kind, default, column) in enumerate(zip(found, kinds, defaults, out)):
                    if not field or field == missing:
                        if not default.size:
                            raise RunError(f"Field {i} is required but missing in record {row}!")
                        column[row] = default.reshape(-1)[0]
                    elif kind.kind == "S":
                        column[row] = field
                    else:
                        try:
                            column[row] = _number(kind, field)
                        except ValueError:
                            said = {"float32": "float", "float64": "double"}.get(kind.name, kind.name)
                            raise RunError(f"Field {i} in record {row} is not a valid {said}: "
                                           f"{field.decode(errors='replace')}") from None
            return [column.reshape(records.shape) for column in out]

        return decode
