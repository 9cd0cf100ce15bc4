"""Strings split to rows of their parts, sparse or ragged; how far sequences are from each other."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType, InvalidValue, said
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


def _sparse_rows(source: Any, sep: Any, skip_empty: bool) -> SparseTensor:
    separator = convert_to_tensor(" " if sep is None else sep, string)
    source = convert_to_tensor(source, string)
    return SparseTensor(*apply_op("StringSplit", None, [source, separator], {"skip_empty": skip_empty}))


def string_split(source: Any, sep: Any = None, skip_empty: bool = True, delimiter: Any = None,
                 result_type: str = "SparseTensor", name: str | None = None) -> Any:
    """The parts of strings between the bytes of ``sep``, a blank by default, each string in a row (tf.string_split).

    source: [n]; sep: each of its bytes separates, and where it is empty every byte is a part. skip_empty: parts without
    a byte are left out. result_type: SparseTensor or RaggedTensor. Raises InvalidValue.
    """
    with name_scope(name, "StringSplit", [source]):
        made = _sparse_rows(source, renamed("sep", sep, "delimiter", delimiter), skip_empty)
        return made if result_type == "SparseTensor" else _ragged(made, result_type)


def _ragged(made: SparseTensor, result_type: str = "RaggedTensor") -> Any:
    """The rows of a sparse tensor. Raises InvalidValue for another type of result."""
    if result_type != "RaggedTensor":
        raise InvalidValue(f"result_type must be 'RaggedTensor' or 'SparseTensor', not {said(result_type)}")
    from .ragged_tensor import RaggedTensor

    return RaggedTensor.from_value_rowids(made.values, made.indices[:, 0], made.dense_shape[0], validate=False)


def _sparse_words(input: Any, sep: Any, maxsplit: int) -> SparseTensor:
    separator = convert_to_tensor("" if sep is None else sep, string)
    return SparseTensor(*apply_op("StringSplitV2", None, [input, separator], {"maxsplit": maxsplit}))


def split_to_rows(input: Any, sep: Any = None, maxsplit: int = -1, name: str | None = None) -> Any:
    """The parts of strings between ``sep``, by default between runs of white space, a row for each string
    (tf.compat.v2.strings.split). maxsplit: how often a string is split at most, if not below 0."""
    from .ragged_tensor import RaggedTensor, convert_to_tensor_or_ragged_tensor, is_rows

    with name_scope(name, "StringSplit", [input]):
        input = convert_to_tensor_or_ragged_tensor(input, string, name="input")
        if is_rows(input):
            return input.with_flat_values(split_to_rows(input.flat_values, sep, maxsplit))
        rank = input.shape.rank
        if rank == 0:
            return split_to_rows(tf.stack([input]), sep, maxsplit)[0]
        if rank is not None and rank > 1:
            return split_to_rows(RaggedTensor.from_tensor(input), sep, maxsplit)
        return _ragged(_sparse_words(input, sep, maxsplit))


def split(input: Any = None, sep: Any = None, maxsplit: int = -1, result_type: str = "SparseTensor",
          source: Any = None, name: str | None = None) -> Any:
    """The parts of strings between ``sep``, by default between runs of white space, each string in a row
    (tf.strings.split).

    input: strings, ragged ones too. maxsplit: how often a string is split at most, if not below 0. result_type:
    SparseTensor or RaggedTensor; what is split of one string is a tensor. Raises InvalidValue and InvalidType.
    """
    input = renamed("input", input, "source", source)
    from .ragged_tensor import convert_to_tensor_or_ragged_tensor

    with name_scope(name, "StringSplit", [input]):
        input = convert_to_tensor_or_ragged_tensor(input, string, name="input")
        if result_type == "SparseTensor" and input.shape.rank == 1:
            return _sparse_words(input, sep, maxsplit)
        made = split_to_rows(input, sep, maxsplit)
        if result_type == "SparseTensor":
            if not hasattr(made, "to_sparse"):
                raise InvalidType("the parts of one string are a tensor, and make no sparse tensor",
                                  hint="result_type='RaggedTensor'")
            return made.to_sparse()
        if result_type != "RaggedTensor":
            raise InvalidValue(f"result_type must be 'RaggedTensor' or 'SparseTensor', not {said(result_type)}")
        return made


def edit_distance(hypothesis: Any, truth: Any, normalize: bool = True, name: str = "edit_distance") -> Any:
    """The Levenshtein distance of the sequences in the last axes of two sparse tensors, float32 (tf.edit_distance).

    normalize: by the length of the truth; without one it is infinite. Raises InvalidType.
    """
    for value in (hypothesis, truth):
        if not is_sparse(value):
            raise InvalidType(f"edit_distance compares sparse tensors, not {said(value)}")
    parts = [*sparse(hypothesis).components, *sparse(truth).components]
    return apply_op("EditDistance", name, parts, {"normalize": normalize})
