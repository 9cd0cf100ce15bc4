"""Strings split to sparse tensors; how far sequences are from each other."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType, InvalidValue, NotSupported, said
from ..graph.types import string
from .conversion import convert_to_tensor
from .framework import apply_op, name_scope
from .modules import modules
from .old_names import renamed
from .sparse_tensor import SparseTensor, is_sparse, sparse

EXPORTS = """
tf: string_split edit_distance
strings: split
"""

tf = modules["tf"]


def _result(result_type: str) -> None:
    if result_type not in ("SparseTensor", "RaggedTensor"):
        raise InvalidValue(f"result_type is 'SparseTensor', not {said(result_type)}")
    if result_type != "SparseTensor":
        raise NotSupported("there are no ragged tensors here", hint="result_type='SparseTensor'")


def string_split(source: Any, sep: Any = None, skip_empty: bool = True, delimiter: Any = None,
                 result_type: str = "SparseTensor", name: str | None = None) -> SparseTensor:
    """The parts of strings between the bytes of ``sep``, a blank by default, each string in a row (tf.string_split).

    source: [n]; sep: each of its bytes separates, and where it is empty every byte is a part. skip_empty: parts without
    a byte are left out. Raises InvalidValue.
    """
    sep = renamed("sep", sep, "delimiter", delimiter)
    _result(result_type)
    with name_scope(name, "StringSplit", [source]):
        separator = convert_to_tensor(" " if sep is None else sep, string)
        source = convert_to_tensor(source, string)
        return SparseTensor(*apply_op("StringSplit", None, [source, separator], {"skip_empty": skip_empty}))


def split(input: Any = None, sep: Any = None, maxsplit: int = -1, result_type: str = "SparseTensor",
          source: Any = None, name: str | None = None) -> SparseTensor:
    """The parts of strings between ``sep``, by default between runs of white space, each string in a row
    (tf.strings.split). input: [n], or one string. maxsplit: how often a string is split at most, if not below 0."""
    input = renamed("input", input, "source", source)
    with name_scope(name, "StringSplit", [input]):
        input = convert_to_tensor(input, string, name="input")
        _result(result_type)
        if input.static == ():
            input = tf.expand_dims(input, 0)
        if input.static is None or len(input.static) != 1:
            raise NotSupported("strings of more than one axis are split to ragged tensors, which are not here",
                               hint="tf.reshape(x, [-1]) has one axis")
        separator = convert_to_tensor("" if sep is None else sep, string)
        return SparseTensor(*apply_op("StringSplitV2", None, [input, separator], {"maxsplit": maxsplit}))


def edit_distance(hypothesis: Any, truth: Any, normalize: bool = True, name: str = "edit_distance") -> Any:
    """The Levenshtein distance of the sequences in the last axes of two sparse tensors, float32 (tf.edit_distance).

    normalize: by the length of the truth; without one it is infinite. Raises InvalidType.
    """
    for value in (hypothesis, truth):
        if not is_sparse(value):
            raise InvalidType(f"edit_distance compares sparse tensors, not {said(value)}")
    parts = [*sparse(hypothesis).components, *sparse(truth).components]
    return apply_op("EditDistance", name, parts, {"normalize": normalize})
