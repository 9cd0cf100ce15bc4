"""Ragged tensors of values and of what says their rows: ends, lengths, starts, limits, or the row of each value."""
from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InvalidType, InvalidValue
from ..graph.constant import static_value
from ..graph.graph import Tensor
from ..graph.types import int32, int64
from .conversion import constant, convert_to_tensor
from .framework import name_scope
from .grouping import with_dependencies
from .modules import modules
from .ragged_rows import bincount
from .ragged_value import is_ragged

tf = modules["tf"]


def _validating(validate: Any) -> None:
    if not isinstance(validate, bool):
        raise InvalidType("validate must have type bool")


def _converted(values: Any, part: Any, name: str) -> tuple[Any, Any]:
    """The values and what says their rows as tensors. Raises InvalidValue for rows of another dtype."""
    if is_ragged(values):
        if not isinstance(part, Tensor):
            return values, convert_to_tensor(part, values.row_splits.dtype, name=name)
        if part.dtype.base_dtype not in (int32, int64):
            raise InvalidValue(f"{name} must have dtype int32 or int64")
        if values.row_splits.dtype != part.dtype:
            raise InvalidValue(f"dtype mismatch: {name} ({part.dtype.name}) vs values.row_splits "
                               f"({values.row_splits.dtype.name})")
        return values, part
    values = convert_to_tensor(values, name="values")
    if isinstance(part, np.ndarray) and part.dtype == np.int32:
        part = convert_to_tensor(part, name=name)
    else:
        part = convert_to_tensor(part, name=name, preferred_dtype=int64)
    if part.dtype.base_dtype not in (int32, int64):
        raise InvalidValue(f"{name} must have dtype int32 or int64")
    return values, part


def _rows(values: Any, out_type: Any = int32) -> Any:
    """The number of rows of a tensor, ragged or not."""
    return values.nrows(out_type=out_type) if is_ragged(values) else tf.shape(values, out_type=out_type)[0]


def _rising(tensor: Any, message: str) -> Any:
    return tf.assert_non_negative(tensor[1:] - tensor[:-1], message=message)


def _zero(tensor: Any, message: str) -> Any:
    return tf.assert_equal(tensor, constant(0, dtype=tensor.dtype), message=message)


def _ranked(values: Any) -> list[Any]:
    return [] if is_ragged(values) else [tf.assert_rank_at_least(values, 1)]


def from_value_rowids(cls: Any, values: Any, value_rowids: Any, nrows: Any = None, name: str | None = None,
                      validate: bool = True) -> Any:
    """Rows by the row of each value (RaggedTensor.from_value_rowids); nrows: how many there are at least.

    Raises InvalidValue, InvalidType; a step fails where they say no rows, if ``validate``.
    """
    _validating(validate)
    with name_scope(name, "RaggedFromValueRowIds", [values, value_rowids, nrows]):
        values, value_rowids = _converted(values, value_rowids, "value_rowids")
        known = static_value(value_rowids)
        if nrows is None:
            if known is None:
                nrows = tf.concat([value_rowids[-1:], [-1]], axis=0)[0] + 1
                rows = None
            else:
                rows = known[-1] + 1 if known.size > 0 else 0
                nrows = convert_to_tensor(rows, value_rowids.dtype, name="nrows")
        else:
            nrows = convert_to_tensor(nrows, value_rowids.dtype, "nrows")
            rows = static_value(nrows)
            if rows is not None:
                if rows < 0:
                    raise InvalidValue(f"Expected nrows >= 0; got {rows}")
                if known is not None and known.size > 0 and rows < known[-1] + 1:
                    raise InvalidValue(f"Expected nrows >= value_rowids[-1] + 1; got nrows={rows}, "
                                       f"value_rowids[-1]={known[-1]}")
        value_rowids.shape.assert_has_rank(1)
        nrows.shape.assert_has_rank(0)
        values.shape[:1].assert_is_compatible_with(value_rowids.shape)
        if validate:
            message = "Arguments to from_value_rowids do not form a valid RaggedTensor"
            many, named = _rows(values), _rows(value_rowids)
            checks = [tf.assert_rank(value_rowids, 1, message=message), tf.assert_rank(nrows, 0, message=message),
                      tf.assert_equal(many, named, message=message),
                      tf.assert_non_negative(value_rowids[:1], message=message), _rising(value_rowids, message),
                      tf.assert_less(value_rowids[-1:], nrows, message=message), *_ranked(values)]
            value_rowids = with_dependencies(checks, value_rowids)
        ids, number = tf.cast(value_rowids, int32), tf.cast(nrows, int32)
        lengths = bincount(ids, minlength=number, maxlength=number, dtype=value_rowids.dtype)
        splits = tf.concat([[0], tf.cumsum(lengths)], axis=0)
        if rows is not None:
            lengths.set_shape([int(rows)])
            splits.set_shape([int(rows) + 1])
        return cls(values, splits, lengths, value_rowids, nrows, internal=True)


def from_row_splits(cls: Any, values: Any, row_splits: Any, name: str | None = None, validate: bool = True) -> Any:
    """Rows by where each begins, and the end of the last (RaggedTensor.from_row_splits)."""
    _validating(validate)
    if isinstance(row_splits, (list, tuple)) and not row_splits:
        raise InvalidValue("row_splits tensor may not be empty.")
    with name_scope(name, "RaggedFromRowSplits", [values, row_splits]):
        values, row_splits = _converted(values, row_splits, "row_splits")
        row_splits.shape.assert_has_rank(1)
        if validate:
            message = "Arguments to from_row_splits do not form a valid RaggedTensor"
            many = _rows(values, row_splits.dtype)
            checks = [tf.assert_rank(row_splits, 1, message=message), _zero(row_splits[0], message),
                      _rising(row_splits, message), tf.assert_equal(row_splits[-1], many, message=message),
                      *_ranked(values)]
            row_splits = with_dependencies(checks, row_splits)
        return cls(values, row_splits, internal=True)


def from_row_lengths(cls: Any, values: Any, row_lengths: Any, name: str | None = None, validate: bool = True) -> Any:
    """Rows by how long each is (RaggedTensor.from_row_lengths)."""
    _validating(validate)
    with name_scope(name, "RaggedFromRowLengths", [values, row_lengths]):
        values, row_lengths = _converted(values, row_lengths, "row_lengths")
        row_lengths.shape.assert_has_rank(1)
        if validate:
            message = "Arguments to from_row_lengths do not form a valid RaggedTensor"
            total, many = tf.reduce_sum(row_lengths), _rows(values, row_lengths.dtype)
            checks = [tf.assert_rank(row_lengths, 1, message=message),
                      tf.assert_non_negative(row_lengths, message=message),
                      tf.assert_equal(total, many, message=message), *_ranked(values)]
            row_lengths = with_dependencies(checks, row_lengths)
        limits = tf.cumsum(row_lengths)
        splits = tf.concat([[0], limits], axis=0)
        return cls(values, splits, row_lengths, internal=True)


def from_row_starts(cls: Any, values: Any, row_starts: Any, name: str | None = None, validate: bool = True) -> Any:
    """Rows by where each begins (RaggedTensor.from_row_starts)."""
    _validating(validate)
    with name_scope(name, "RaggedFromRowStarts", [values, row_starts]):
        values, row_starts = _converted(values, row_starts, "row_starts")
        row_starts.shape.assert_has_rank(1)
        many = _rows(values, row_starts.dtype)
        if validate:
            message = "Arguments to from_row_starts do not form a valid RaggedTensor"
            checks = [tf.assert_rank(row_starts, 1, message=message), _zero(row_starts[:1], message),
                      _rising(row_starts, message), tf.assert_less_equal(row_starts[-1:], many, message=message),
                      *_ranked(values)]
            row_starts = with_dependencies(checks, row_starts)
        return cls(values, tf.concat([row_starts, [many]], axis=0), internal=True)


def from_row_limits(cls: Any, values: Any, row_limits: Any, name: str | None = None, validate: bool = True) -> Any:
    """Rows by where each ends (RaggedTensor.from_row_limits)."""
    _validating(validate)
    with name_scope(name, "RaggedFromRowLimits", [values, row_limits]):
        values, row_limits = _converted(values, row_limits, "row_limits")
        row_limits.shape.assert_has_rank(1)
        if validate:
            message = "Arguments to from_row_limits do not form a valid RaggedTensor"
            many = _rows(values, row_limits.dtype)
            checks = [tf.assert_rank(row_limits, 1, message=message),
                      tf.assert_non_negative(row_limits[:1], message=message), _rising(row_limits, message),
                      tf.assert_equal(row_limits[-1:], many, message=message), *_ranked(values)]
            row_limits = with_dependencies(checks, row_limits)
        zero = tf.zeros([1], row_limits.dtype)
        return cls(values, tf.concat([zero, row_limits], axis=0), internal=True)


def _listed(name: str, value: Any) -> Any:
    if isinstance(value, Tensor):
        raise InvalidType(f"{name} must be a list of Tensors")
    return value


def from_nested_value_rowids(cls: Any, flat_values: Any, nested_value_rowids: Any, nested_nrows: Any = None,
                             name: str | None = None, validate: bool = True) -> Any:
    """Rows in rows by the row of each value, from the outermost axis on (RaggedTensor.from_nested_value_rowids)."""
    _validating(validate)
    ids = _listed("nested_value_rowids", nested_value_rowids)
    numbers = [None] * len(ids) if nested_nrows is None else _listed("nested_nrows", nested_nrows)
    if len(numbers) != len(ids):
        raise InvalidValue("nested_nrows must have the same length as nested_value_rowids")
    with name_scope(name, "RaggedFromNestedValueRowIds", [flat_values, *ids, *numbers]):
        made = flat_values
        for rows, number in reversed(list(zip(ids, numbers))):
            made = cls.from_value_rowids(made, rows, number, validate=validate)
        return made


def _nested(rows: Any, default: str, flat_values: Any, nested: Any, name: str | None, validate: bool) -> Any:
    """Rows in rows. rows: what makes those of one axis."""
    with name_scope(name, default, [flat_values, *nested]):
        made = flat_values
        for parts in reversed(nested):
            made = rows(made, parts, validate=validate)
        return made


def from_nested_row_splits(cls: Any, flat_values: Any, nested_row_splits: Any, name: str | None = None,
                           validate: bool = True) -> Any:
    """Rows in rows by where they end, from the outermost axis on (RaggedTensor.from_nested_row_splits)."""
    _validating(validate)
    nested = _listed("nested_row_splits", nested_row_splits)
    return _nested(cls.from_row_splits, "RaggedFromNestedRowSplits", flat_values, nested, name, validate)


def from_nested_row_lengths(cls: Any, flat_values: Any, nested_row_lengths: Any, name: str | None = None,
                            validate: bool = True) -> Any:
    """Rows in rows by their lengths, from the outermost axis on (RaggedTensor.from_nested_row_lengths)."""
    _validating(validate)
    nested = _listed("nested_row_lengths", nested_row_lengths)
    return _nested(cls.from_row_lengths, "RaggedFromNestedRowlengths", flat_values, nested, name, validate)
