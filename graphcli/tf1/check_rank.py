"""Assertions on ranks: decided while the graph is built where the rank is known."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import InvalidValue
from ..graph.constant import static_value
from ..graph.types import int32
from .check import Assert, assert_type, prefix
from .conversion import convert_to_tensor
from .framework import apply_op, name_scope
from .grouping import no_op, with_dependencies
from .sparse_tensor import convert_to_tensor_or_sparse_tensor, is_sparse

EXPORTS = """
tf debugging: assert_rank assert_rank_at_least assert_rank_in
"""


def _rank(x: Any, ranks: list[Any], data: Any, summarize: int | None, message: str | None, law: str,
          holds: Callable[..., bool], dynamic: Callable[..., Any]) -> Any:
    """The rank assertions: decided now where the rank is known."""
    from . import rank as rank_of
    from . import shape

    told = x.indices.name if is_sparse(x) else x.name
    if data is None:
        data = [prefix(message), f"Tensor {told} must have rank {law}".rstrip(), *ranks,
                "Received shape: ", shape(x)]
    for r in ranks:
        assert_type(r, int32)
    known = [static_value(r) for r in ranks]
    if all(k is not None for k in known):
        if any(k.ndim for k in known):
            raise InvalidValue("a rank must be a scalar")
        count = x.get_shape().ndims
        if count is not None:
            wanted = [int(k) for k in known]
            if not holds(count, wanted):
                shown = wanted[0] if len(wanted) == 1 and law != "in" else tuple(wanted)
                raise InvalidValue(f"{prefix(message)}{told} must have rank {law + ' ' if law else ''}{shown}, "
                                   f"it has rank {count}, shape {x.shape}")
            return no_op(name="static_checks_determined_all_ok")
    condition = dynamic(rank_of(x), ranks)
    for r, k in zip(ranks, known):
        if k is None:
            check = assert_rank(r, 0, data=["Rank must be a scalar. Received rank: ", r])
            condition = with_dependencies([check], condition)
    return Assert(condition, data, summarize=summarize)


def assert_rank(x: Any, rank: Any, data: Any = None, summarize: int | None = None, message: str | None = None,
                name: str | None = None) -> Any:
    """x has this rank (tf.assert_rank). Raises InvalidValue where it is known not to."""
    with name_scope(name, "assert_rank"):
        x = convert_to_tensor_or_sparse_tensor(x, name="x")
        rank = convert_to_tensor(rank, name="rank")
        return _rank(x, [rank], data, summarize, message, "", lambda a, b: a == b[0],
                     lambda a, b: apply_op("Equal", None, [a, b[0]]))


def assert_rank_at_least(x: Any, rank: Any, data: Any = None, summarize: int | None = None,
                         message: str | None = None, name: str | None = None) -> Any:
    """x has at least this rank (tf.assert_rank_at_least). Raises InvalidValue where it is known not to."""
    with name_scope(name, "assert_rank_at_least"):
        x = convert_to_tensor_or_sparse_tensor(x, name="x")
        rank = convert_to_tensor(rank, name="rank")
        return _rank(x, [rank], data, summarize, message, "at least", lambda a, b: a >= b[0],
                     lambda a, b: apply_op("GreaterEqual", None, [a, b[0]]))


def assert_rank_in(x: Any, ranks: Any, data: Any = None, summarize: int | None = None, message: str | None = None,
                   name: str | None = None) -> Any:
    """x has one of these ranks (tf.assert_rank_in). Raises InvalidValue where it is known not to."""
    def any_of(actual: Any, given: list[Any]) -> Any:
        if not given:
            return convert_to_tensor(False)
        result = apply_op("Equal", None, [given[0], actual])
        for r in given[1:]:
            result = apply_op("LogicalOr", None, [result, apply_op("Equal", None, [r, actual])])
        return result

    with name_scope(name, "assert_rank_in"):
        x = convert_to_tensor_or_sparse_tensor(x, name="x")
        ranks = [convert_to_tensor(r, name="rank") for r in ranks]
        return _rank(x, ranks, data, summarize, message, "in", lambda a, b: a in b, any_of)
