"""case: the first of several branches whose predicate holds, as conds in conds."""
from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.graph import Tensor
from ..graph.types import int32
from .control_flow import cond
from .conversion import constant
from .framework import control_dependencies, name_scope

EXPORTS = """
tf: case
"""


def case(pred_fn_pairs: Any, default: Any = None, exclusive: bool = False, strict: bool = False,
         name: str = "case") -> Any:
    """The value of the function beside the first predicate that holds, else of ``default`` (tf.case).

    pred_fn_pairs: (bool tensor, function) pairs, or a mapping. exclusive: at most one may hold, which is
    checked in the step. Raises InvalidType for other pairs.
    """
    pairs = _pairs(pred_fn_pairs)
    predicates = [p for p, _ in pairs]
    actions = [f for _, f in pairs]
    with name_scope(name, "case"):
        if default is None:
            default = _checked_default(predicates[-1], actions[-1], predicates[:-1])
            predicates, actions = predicates[:-1], actions[:-1]
        function = default
        for predicate, action in reversed(list(zip(predicates, actions))):
            function = partial(cond, predicate, true_fn=action, false_fn=function, strict=strict)
        if not exclusive:
            return function()
        with control_dependencies([_at_most(predicates, 1, "Input error: exclusive=True")]):
            return function()


def _pairs(given: Any) -> list[tuple[Tensor, Callable[[], Any]]]:
    if isinstance(given, dict):
        given = sorted(given.items(), key=lambda item: item[0].name)
    if not isinstance(given, (list, tuple)):
        raise InvalidType(f"case() takes a list of (predicate, function) pairs, not {said(given)}")
    for pair in given:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise InvalidType(f"case() takes (predicate, function) pairs, not {said(pair)}")
        predicate, function = pair
        if not isinstance(predicate, Tensor) or predicate.dtype.base_dtype.kind != "b":
            raise InvalidType(f"a predicate of case() is a bool tensor, not {said(predicate)}")
        if not callable(function):
            raise InvalidType(f"case() needs a function beside {predicate.name}, not {said(function)}")
    if not given:
        raise InvalidValue("case() needs at least one (predicate, function) pair")
    return list(given)


def _at_most(predicates: list[Tensor], most: int, message: str) -> Any:
    """An Assert that at most ``most`` of the predicates hold."""
    from . import Assert, cast, less_equal, reduce_sum, stack
    stacked = stack(predicates, name="preds_c")
    number = reduce_sum(cast(stacked, int32), name="num_true_conds")
    holds = less_equal(number, constant(most, name="n_true_conds"))
    names = ", ".join(p.name for p in predicates)
    return Assert(holds, data=[f"{message}: more than {most} conditions ({names}) evaluated as True:", stacked],
                  summarize=len(predicates))


def _checked_default(predicate: Tensor, action: Any, others: list[Tensor]) -> Callable[[], Any]:
    """The last action, with checks that its predicate holds and no other does."""
    def default() -> Any:
        from . import Assert, stack

        wrong = (f"Implementation error: selected default action #{len(others)} was called, but some of other "
                 "predicates are True: ")
        none = ("Input error: None of conditions evaluated as True:", stack([*others, predicate], name="preds_c"))
        with control_dependencies([_at_most(others, 0, wrong), Assert(predicate, data=none)]):
            return action()

    return default
