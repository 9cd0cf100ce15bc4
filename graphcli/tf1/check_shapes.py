"""Assertions about the shapes of several tensors at once (tf.debugging.assert_shapes)."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import InvalidType, InvalidValue, said
from .check import Assert, prefix
from .check_rank import assert_rank, assert_rank_at_least, assert_rank_in
from .conversion import constant, convert_to_tensor, is_tensor
from .framework import apply_op, control_dependencies, name_scope
from .grouping import group
from .sparse_tensor import is_sparse

EXPORTS = """
debugging: assert_shapes
"""

_ANY = (Ellipsis, "*")
_SKIPPED = (None, ".")


class _Sizes:
    """The shape of one tensor and what it is said to be."""

    def __init__(self, x: Any, symbols: list[Any]) -> None:
        from . import cond, rank, shape

        self.x, self.symbols = x, symbols
        self.name = x.indices.name if is_sparse(x) else x.name
        static = x.get_shape()
        self.rank = static.ndims
        self.shape = shape(x)
        self.known: list[Any] = []
        if self.rank is None:
            whole = self.shape
            self.shape = cond(apply_op("Equal", None, [rank(x), 0]), lambda: constant([1]), lambda: whole)
        else:
            sizes = static.as_list() or [1]
            self.known = [self.shape[i] if size is None else size for i, size in enumerate(sizes)]

    @property
    def open(self) -> bool:
        """Whether axes before those that are told of may be any."""
        return bool(self.symbols) and self.symbols[0] in _ANY

    def told(self) -> list[tuple[int, Any]]:
        """(axis, size or symbol) of the axes that are told of; the axes count from the end behind any others."""
        if self.open:
            count = len(self.symbols)
            return [(i - count, s) for i, s in enumerate(self.symbols) if i]
        return list(enumerate(self.symbols))

    def size(self, axis: int) -> Any:
        """A number where it is known, else a tensor."""
        return self.shape[axis] if self.rank is None else self.known[axis]


def _parsed(x: Any, symbols: Any) -> _Sizes:
    if not isinstance(symbols, Iterable) or is_tensor(symbols):
        raise InvalidValue(f"the shape of {getattr(x, 'name', 'a tensor')} is told by a list or text of sizes and "
                          f"symbols, not by {said(symbols)}")
    given = [int(s) if isinstance(s, str) and s.isdigit() else s for s in symbols] or [1]
    if any(s in _ANY for s in given[1:]):
        raise InvalidValue(f"... and * stand for any number of axes first in a shape, and not within {said(symbols)}")
    return _Sizes(x, given)


def assert_shapes(shapes: Any, data: Any = None, summarize: int | None = None, message: str | None = None,
                  name: str | None = None) -> Any:
    """An op that fails unless tensors have the shapes that are told (tf.debugging.assert_shapes).

    shapes: a list of (tensor, sizes) or a mapping. A size is a number, a symbol that is as long wherever it stands,
    or None or "." for any; ... or "*" first stands for any number of axes. A scalar counts as a vector of one.
    Raises InvalidValue where it is known to fail, InvalidType for what tells no shape.
    """
    with name_scope(name, "assert_shapes", [shapes, data]):
        pairs = list(shapes.items()) if isinstance(shapes, Mapping) else shapes
        if is_tensor(pairs) or not isinstance(pairs, Iterable):
            raise InvalidType(f"shapes are a list of (tensor, sizes) or a mapping, not {said(shapes)}")
        tensors = [(x if is_sparse(x) else convert_to_tensor(x), symbols) for x, symbols in pairs]
        told = [_parsed(x, symbols) for x, symbols in tensors]
        ranks = []
        for one in told:
            count, kept = len(one.symbols), {"data": data, "summarize": summarize, "message": message, "name": name}
            if one.open:
                ranks.append(assert_rank_at_least(one.x, count - 1, **kept))
            elif count == 1:
                ranks.append(assert_rank_in(one.x, (0, 1), **kept))
            else:
                ranks.append(assert_rank(one.x, count, **kept))
        checks = []
        first: dict[Any, tuple[Any, str]] = {}
        for one, axis, symbol in [(sizes, *pair) for sizes in told for pair in sizes.told()]:
            if symbol in _SKIPPED:
                continue
            with control_dependencies(ranks):
                size = one.size(axis)
            if not isinstance(symbol, int) and symbol not in first:
                first[symbol] = (size, f"Specified by tensor {one.name} dimension {axis}")
                continue
            wanted, source = (symbol, "Specified explicitly") if isinstance(symbol, int) else first[symbol]
            checks += _compared(one, axis, size, wanted, source, data, summarize, message)
    return group(*ranks, *checks)


def _compared(one: _Sizes, axis: int, size: Any, wanted: Any, source: str, data: Any, summarize: int | None,
              message: str | None) -> list[Any]:
    """The assertion that a size is as wanted, none where that is known. Raises InvalidValue where it is not."""
    from . import shape

    if isinstance(size, int) and isinstance(wanted, int):
        if size != wanted:
            raise InvalidValue(f"{prefix(message)}{source}.  Tensor {one.name} dimension {axis} must have size "
                               f"{wanted}.  Received size {size}, shape {one.x.get_shape()}")
        return []
    holds = apply_op("Equal", None, [convert_to_tensor(size), convert_to_tensor(wanted)])
    if data is None:
        data = [prefix(message), source, f"Tensor {one.name} dimension", axis, "must have size", wanted,
                "Received shape: ", shape(one.x)]
    return [Assert(holds, data, summarize=summarize)]
