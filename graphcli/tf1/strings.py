"""Strings (tf.strings and the older names of tf)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue
from .conversion import constant, convert_to_tensor
from .framework import apply_op, elementwise, name_scope
from .modules import modules
from .old_names import renamed

EXPORTS = """
tf: string_join string_to_number substr string_strip=strip regex_replace reduce_join
tf io: encode_base64 decode_base64
strings tf dtypes: as_string
strings: join=string_join length to_number=string_to_number substr lower upper strip regex_replace
strings: regex_full_match reduce_join
tf: string_to_hash_bucket string_to_hash_bucket_fast string_to_hash_bucket_strong
strings: to_hash_bucket=string_to_hash_bucket to_hash_bucket_fast=string_to_hash_bucket_fast
strings: to_hash_bucket_strong=string_to_hash_bucket_strong
"""

tf = modules["tf"]

strip = elementwise("string_strip", "StringStrip", "input")


def string_join(inputs: Any, separator: str = "", name: str | None = None) -> Any:
    """Strings one after the other, elementwise, with a separator between (tf.strings.join)."""
    return apply_op("StringJoin", name, [inputs], {"separator": separator})


def length(input: Any, name: str | None = None, unit: str = "BYTE") -> Any:
    """The number of bytes, or with ``unit='UTF8_CHAR'`` of characters, int32 (tf.strings.length)."""
    return apply_op("StringLength", name, [input], {"unit": unit})


def as_string(input: Any, precision: int = -1, scientific: bool = False, shortest: bool = False, width: int = -1,
              fill: str = "", name: str | None = None) -> Any:
    """Numbers as text, by the printf forms f, e or g (tf.strings.as_string)."""
    return apply_op("AsString", name, [input], {"precision": precision, "scientific": scientific,
                                                "shortest": shortest, "width": width, "fill": fill})


def string_to_number(string_tensor: Any = None, out_type: Any = "float32", name: str | None = None,
                     input: Any = None) -> Any:
    """Text as numbers (tf.strings.to_number)."""
    if string_tensor is not None and input is not None:
        raise InvalidValue("'input' and 'string_tensor' are one argument, of which 'string_tensor' is the old name")
    return apply_op("StringToNumber", name, [string_tensor if input is None else input], {"out_type": out_type})


def substr(input: Any, pos: Any, len: Any, name: str | None = None, unit: str = "BYTE") -> Any:
    """``len`` bytes or characters from ``pos`` on (tf.strings.substr)."""
    return apply_op("Substr", name, [input, pos, len], {"unit": unit})


def lower(input: Any, encoding: str = "", name: str | None = None) -> Any:
    """In lower case (tf.strings.lower)."""
    return apply_op("StringLower", name, [input], {"encoding": encoding})


def upper(input: Any, encoding: str = "", name: str | None = None) -> Any:
    """In upper case (tf.strings.upper)."""
    return apply_op("StringUpper", name, [input], {"encoding": encoding})


def regex_replace(input: Any, pattern: Any, rewrite: Any, replace_global: bool = True, name: str | None = None) -> Any:
    """What the pattern matches, rewritten; ``\\1`` is its first group (tf.strings.regex_replace)."""
    if isinstance(pattern, (str, bytes)) and isinstance(rewrite, (str, bytes)):
        return apply_op("StaticRegexReplace", name, [input],
                        {"pattern": pattern, "rewrite": rewrite, "replace_global": replace_global})
    return apply_op("RegexReplace", name, [input, pattern, rewrite], {"replace_global": replace_global})


def regex_full_match(input: Any, pattern: Any, name: str | None = None) -> Any:
    """Whether the pattern matches the whole string, bool (tf.strings.regex_full_match)."""
    if isinstance(pattern, (str, bytes)):
        return apply_op("StaticRegexFullMatch", name, [input], {"pattern": pattern})
    return apply_op("RegexFullMatch", name, [input, pattern])


def reduce_join(inputs: Any, axis: Any = None, keep_dims: bool | None = None, separator: str = "",
                name: str | None = None, reduction_indices: Any = None, keepdims: bool | None = None) -> Any:
    """The strings along ``axis`` joined, along all axes if None (tf.strings.reduce_join)."""
    if keep_dims is not None and keepdims is not None:
        raise InvalidValue("'keepdims' and 'keep_dims' are one argument, of which 'keep_dims' is the old name")
    if axis is not None and reduction_indices is not None:
        raise InvalidValue("'axis' and 'reduction_indices' are one argument, of which the second is the old name")
    with name_scope(None, "ReduceJoin"):
        inputs = convert_to_tensor(inputs)
        along = reduction_indices if axis is None else axis
        if along is None:
            rank = None if inputs.static is None else len(inputs.static)
            along = tf.range(tf.rank(inputs) - 1, -1, -1) if rank is None else constant(
                list(range(rank - 1, -1, -1)), dtype="int32")
        return apply_op("ReduceJoin", name, [inputs, along],
                        {"keep_dims": bool(keep_dims or keepdims), "separator": separator})


def encode_base64(input: Any, pad: bool = False, name: str | None = None) -> Any:
    """Bytes in web-safe base64 (tf.encode_base64)."""
    return apply_op("EncodeBase64", name, [input], {"pad": pad})


def decode_base64(input: Any, name: str | None = None) -> Any:
    """The bytes of web-safe base64 (tf.decode_base64)."""
    return apply_op("DecodeBase64", name, [input])


def string_to_hash_bucket(string_tensor: Any = None, num_buckets: int | None = None, name: str | None = None,
                          input: Any = None) -> Any:
    """A number below num_buckets for each string, by TensorFlow's own hash (tf.string_to_hash_bucket)."""
    strings = renamed("input", input, "string_tensor", string_tensor)
    return apply_op("StringToHashBucket", name, [strings], {"num_buckets": num_buckets})


def string_to_hash_bucket_fast(input: Any, num_buckets: int, name: str | None = None) -> Any:
    """A number below num_buckets for each string, by FarmHash (tf.string_to_hash_bucket_fast)."""
    return apply_op("StringToHashBucketFast", name, [input], {"num_buckets": num_buckets})


def string_to_hash_bucket_strong(input: Any, num_buckets: int, key: Any, name: str | None = None) -> Any:
    """A number below num_buckets for each string, by SipHash with a key of two numbers (…_bucket_strong)."""
    return apply_op("StringToHashBucketStrong", name, [input], {"num_buckets": num_buckets, "key": key})
