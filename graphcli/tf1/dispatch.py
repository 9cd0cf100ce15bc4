"""Functions of tensors that take ragged tensors too: what they refuse is asked of ``ragged_dispatch`` once more.

As in TensorFlow the function itself goes first, and the names that it took in vain stay taken. The names here are
those of ``tf`` where there is one.
"""
from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

ONE = """
check_numerics identity ones_like zeros_like clip_by_value abs acos acosh angle asin asinh atan atanh cast conj cos
cosh digamma erf erfc exp expm1 floor imag is_finite is_inf is_nan lgamma log log1p log_sigmoid logical_not negative
real reciprocal rint round rsqrt saturate_cast sign sin sinh sqrt square tan bitwise.invert math.ceil decode_compressed
as_string decode_base64 encode_base64 regex_replace strings.regex_full_match
string_strip string_to_hash_bucket_fast string_to_hash_bucket_strong substr strings.length strings.unicode_script
"""
"""Functions of the values of their first argument."""

SEVERAL = "add_n string_join"
"""Functions of a list of values."""

TWO = """
bitwise.bitwise_and bitwise.bitwise_or bitwise.bitwise_xor bitwise.left_shift bitwise.right_shift add atan2 complex
div_no_nan divide equal floordiv floormod greater greater_equal less less_equal logical_and logical_or logical_xor
maximum minimum multiply not_equal pow realdiv squared_difference subtract truediv truncatediv truncatemod
"""
"""Functions of two values that broadcast."""

OWN = """
batch_gather(params indices) concat([values]) expand_dims(input) gather(params indices) gather_nd(params indices)
one_hot(indices) rank(input) size(input) squeeze(input) stack([values]) tile(input) where(condition x y)
dynamic_partition(data partitions) unsorted_segment_sum(data segment_ids) unsorted_segment_prod(data segment_ids)
unsorted_segment_min(data segment_ids) unsorted_segment_max(data segment_ids) unsorted_segment_mean(data segment_ids)
unsorted_segment_sqrt_n(data segment_ids) reduce_join(inputs) reduce_sum(input_tensor) reduce_prod(input_tensor)
reduce_min(input_tensor) reduce_max(input_tensor) reduce_mean(input_tensor) reduce_any(input_tensor)
reduce_all(input_tensor)
"""
"""Functions that are others of ragged tensors, with the arguments that may be ragged."""


Kind = tuple[str, str, tuple[str, ...]]
"""What a function is (one, several, two, own), its name, and which arguments may be ragged, in brackets a list."""


def kinds(table: Mapping[str, Mapping[str, tuple[str, str]]]) -> dict[tuple[str, str], Kind]:
    """The functions by file and attribute."""
    found: list[Kind] = [(kind, name, ()) for kind, text in (("one", ONE), ("several", SEVERAL), ("two", TWO))
                         for name in text.split()]
    for item in OWN.split(")"):
        name, _, ragged = item.strip().partition("(")
        if name:
            found.append(("own", name, tuple(ragged.split())))
    out: dict[tuple[str, str], Kind] = {}
    for what in found:
        module, _, name = what[1].rpartition(".")
        # a name that is new is missed until the index is written
        if name in table[module or "tf"]:
            out[table[module or "tf"][name]] = what
    return out


def dispatched(function: Callable[..., Any], what: Kind) -> Callable[..., Any]:
    """The function, which takes ragged tensors too."""
    @wraps(function)
    def call(*args: Any, **keywords: Any) -> Any:
        try:
            return function(*args, **keywords)
        except (TypeError, ValueError):
            if f"{__package__}.ragged_value" not in sys.modules:
                raise
            # by its name, for it stands on most of what is wrapped here
            ragged: Any = importlib.import_module(f"{__package__}.ragged_dispatch")
            made = ragged.handled(call, what, args, keywords)
            if made is ragged.NOT_SUPPORTED:
                raise
            return made

    return call
