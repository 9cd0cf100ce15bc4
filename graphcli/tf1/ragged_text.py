"""Texts taken apart into ragged rows and put together (tf.strings.unicode_decode, bytes_split, ngrams, split, …)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType, InvalidValue
from ..graph.graph import Tensor
from ..graph.types import int32, string
from .calls import raw
from .framework import apply_op, name_scope
from .modules import modules
from .ragged_array import expand_dims
from .ragged_tensor import RaggedTensor, convert_to_tensor_or_ragged_tensor, is_rows

EXPORTS = """
strings: bytes_split=string_bytes_split ngrams unicode_decode unicode_decode_with_offsets unicode_encode
strings: unicode_split unicode_split_with_offsets unicode_transcode unicode_script
"""

tf = modules["tf"]

unicode_transcode = raw("UnicodeTranscode", "unicode_transcode")
unicode_script = raw("UnicodeScript", "unicode_script")


def string_bytes_split(input: Any, name: str | None = None) -> Any:
    """The bytes of each string, a row of them (tf.strings.bytes_split). Raises InvalidValue."""
    with name_scope(name, "StringsByteSplit", [input]):
        input = convert_to_tensor_or_ragged_tensor(input, name="input")
        if is_rows(input):
            return input.with_flat_values(string_bytes_split(input.flat_values))
        rank = input.shape.ndims
        if rank is None:
            raise InvalidValue("input must have a statically-known rank.")
        if rank == 0:
            return string_bytes_split(tf.stack([input]))[0]
        if rank > 1:
            return string_bytes_split(RaggedTensor.from_tensor(input))
        places, values, shape = apply_op("StringSplit", None, [input, ""], {"skip_empty": False})
        return RaggedTensor.from_value_rowids(values, places[:, 0], shape[0], validate=False)


def unicode_encode(input: Any, output_encoding: str, errors: str = "replace", replacement_char: int = 65533,
                   name: str | None = None) -> Any:
    """Code points as strings, one for each innermost row (tf.strings.unicode_encode). Raises InvalidValue."""
    how = (output_encoding, errors, replacement_char)
    with name_scope(name, "UnicodeEncode", [input]):
        codes = convert_to_tensor_or_ragged_tensor(input)
        rank = codes.shape.ndims
        if rank is None:
            raise InvalidValue("Rank of input_tensor must be statically known.")
        if is_rows(codes):
            if codes.flat_values.shape.ndims > 1:
                return codes.with_flat_values(unicode_encode(codes.flat_values, *how))
            if codes.ragged_rank > 1:
                return codes.with_values(unicode_encode(codes.values, *how))
            return apply_op("UnicodeEncode", None, [codes.values, codes.row_splits],
                            {"output_encoding": output_encoding, "errors": errors,
                             "replacement_char": replacement_char})
        if rank == 2:
            return unicode_encode(RaggedTensor.from_tensor(codes), *how)
        if rank > 2:
            flat = tf.reshape(codes, tf.stack([-1, tf.shape(codes)[-1]]))
            return tf.reshape(unicode_encode(flat, *how), codes.shape[:-1])
        if rank == 0:
            raise InvalidValue("input_tensor's rank must be at least 1.")
        row = RaggedTensor.from_row_splits(codes, tf.stack([0, tf.shape(codes, out_type=int32)[0]]), validate=False)
        return tf.reshape(unicode_encode(row, *how), [])


def unicode_decode(input: Any, input_encoding: str, errors: str = "replace", replacement_char: int = 65533,
                   replace_control_characters: bool = False, name: str | None = None) -> Any:
    """The code points of each string, a row of them (tf.strings.unicode_decode). Raises InvalidValue."""
    with name_scope(name, "UnicodeDecode", [input]):
        return _decoded(input, input_encoding, errors, replacement_char, replace_control_characters)[0]


def unicode_decode_with_offsets(input: Any, input_encoding: str, errors: str = "replace",
                                replacement_char: int = 65533, replace_control_characters: bool = False,
                                name: str | None = None) -> Any:
    """(code points, the byte that each begins at) (tf.strings.unicode_decode_with_offsets). Raises InvalidValue."""
    with name_scope(name, "UnicodeDecodeWithOffsets", [input]):
        return _decoded(input, input_encoding, errors, replacement_char, replace_control_characters, offsets=True)


def unicode_split(input: Any, input_encoding: str, errors: str = "replace", replacement_char: int = 65533,
                  name: str | None = None) -> Any:
    """The characters of each string, a row of strings (tf.strings.unicode_split). Raises InvalidValue."""
    with name_scope(name, "UnicodeSplit", [input]):
        codes = _decoded(input, input_encoding, errors, replacement_char, False)[0]
        return unicode_encode(expand_dims(codes, -1), input_encoding, errors, replacement_char)


def unicode_split_with_offsets(input: Any, input_encoding: str, errors: str = "replace",
                               replacement_char: int = 65533, name: str | None = None) -> Any:
    """(characters, the byte that each begins at) (tf.strings.unicode_split_with_offsets). Raises InvalidValue."""
    with name_scope(name, "UnicodeSplitWithOffsets", [input]):
        codes, places = _decoded(input, input_encoding, errors, replacement_char, False, offsets=True)
        return unicode_encode(expand_dims(codes, -1), input_encoding, errors, replacement_char), places


def _decoded(input: Any, encoding: str, errors: str, replacement: int, controls: bool,
             offsets: bool = False) -> tuple[Any, ...]:
    """The code points and, if ``offsets``, their places, as ragged as the input and an axis more."""
    input = convert_to_tensor_or_ragged_tensor(input, name="input")
    rank = input.shape.ndims
    if rank is None:
        raise InvalidValue("Rank of `input` must be statically known.")
    if rank > 1:
        if not is_rows(input):
            input = RaggedTensor.from_tensor(input, ragged_rank=rank - 1)
        elif input.ragged_rank < rank - 1:
            input = input.with_flat_values(RaggedTensor.from_tensor(
                input.flat_values, ragged_rank=rank - input.ragged_rank + 1))
    flat = tf.reshape(input.flat_values if is_rows(input) else input, [-1])
    made = apply_op("UnicodeDecodeWithOffsets" if offsets else "UnicodeDecode", None, [flat],
                    {"input_encoding": encoding, "errors": errors, "replacement_char": replacement,
                     "replace_control_characters": controls})
    parts = [made.char_values, made.char_to_byte_starts] if offsets else [made.char_values]
    if rank == 0:
        return tuple(parts)
    rows = []
    for part in parts:
        row = RaggedTensor.from_row_splits(part, made.row_splits, validate=False)
        rows.append(input.with_flat_values(row) if rank > 1 else row)
    return tuple(rows)


def ngrams(data: Any, ngram_width: Any, separator: str = " ", pad_values: Any = None, padding_width: int | None = None,
           preserve_short_sequences: bool = False, name: str | None = None) -> Any:
    """The strings of each innermost row that stand side by side, so many in one (tf.strings.ngrams).

    pad_values: what stands at both ends of a row, a string or one for each. Raises InvalidValue and InvalidType.
    """
    with name_scope(name, "StringNGrams", [data]):
        left, right = _pads(pad_values)
        if padding_width is not None and padding_width < 1:
            raise InvalidValue("padding_width must be greater than 0.")
        if padding_width is not None and pad_values is None:
            raise InvalidValue("pad_values must be provided if padding_width is set.")
        data = convert_to_tensor_or_ragged_tensor(data, string, name="data")
        dense = None
        if isinstance(data, Tensor):
            dense = tf.concat([tf.shape(data)[:-1], [-1]], axis=0)
        how = (ngram_width, separator, pad_values, padding_width, preserve_short_sequences, name)
        if not is_rows(data):
            rank = data.shape.ndims
            if rank is None:
                raise InvalidValue("Rank of data must be known.")
            if rank == 0:
                raise InvalidValue("Data must have rank>0")
            if rank == 1:
                return ngrams(RaggedTensor.from_row_starts(data, [0], validate=False), *how)[0]
            data = RaggedTensor.from_tensor(data, ragged_rank=rank - 1)
        if data.ragged_rank > 1:
            made = data.with_values(ngrams(data.values, *how))
            return made if dense is None else tf.reshape(made.flat_values, dense)
        if pad_values is None:
            padding_width = 0
        elif padding_width is None:
            padding_width = -1
        widths = ngram_width if isinstance(ngram_width, (list, tuple)) else [ngram_width]
        for width in widths:
            if width < 1:
                raise InvalidValue(f"All ngram_widths must be greater than 0. Got {ngram_width}")
        grams, splits = apply_op("StringNGrams", None, [data.flat_values, data.row_splits],
                                 {"separator": separator, "ngram_widths": list(widths), "left_pad": left,
                                  "right_pad": right, "pad_width": padding_width,
                                  "preserve_short_sequences": preserve_short_sequences})
        made = RaggedTensor.from_row_splits(grams, splits, validate=False)
        return made if dense is None else tf.reshape(made.flat_values, dense)


def _pads(values: Any) -> tuple[Any, Any]:
    if values is None:
        return "", ""
    left, right = values[:2] if isinstance(values, (list, tuple)) else (values, values)
    if not isinstance(left, (str, bytes)) or not isinstance(right, (str, bytes)):
        raise InvalidType("pad_values must be a string, tuple of strings, or None.")
    return left, right
