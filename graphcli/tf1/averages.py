"""Moving averages of variables and tensors (tf.train.ExponentialMovingAverage)."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import InvalidType
from ..graph.collections import GraphKeys
from ..graph.graph import Node
from .conversion import convert_to_tensor
from .framework import colocate_with, device, get_default_graph, name_scope
from .optimizer import by_training
from .slots import create_slot, create_zeros_slot
from .state import assign, assign_sub
from .variable_lists import (
    global_variables,
    is_variable_initialized,
    moving_average_variables,
    trainable_variables,
)
from .variables import Variable

EXPORTS = """
python.training.moving_averages: assign_moving_average
train: ExponentialMovingAverage
"""


def assign_moving_average(variable: Any, value: Any, decay: Any, zero_debias: bool = True,
                          name: str | None = None) -> Any:
    """An op that moves a variable towards a value: ``variable -= (variable - value) * (1 - decay)``.

    zero_debias: for an average that begins at 0, divided by how much of it has been filled.
    """
    from . import cast

    kind = variable.dtype.base_dtype
    with name_scope(name, "AssignMovingAvg") as scope:
        part = convert_to_tensor(1.0 - decay, name="decay")
        if part.dtype.base_dtype is not kind:
            part = cast(part, kind)
        if zero_debias:
            return _unbiased(variable, value, part)
        return assign_sub(variable, (variable - value) * part, name=scope)


def _unbiased(variable: Any, value: Any, part: Any) -> Any:
    from . import pow
    from .get_variable import get_variable
    from .initializers import Zeros
    from .variable_scope import get_variable_scope, variable_scope

    with variable_scope(variable.op.name):
        def free(name: str) -> str:
            scope = get_variable_scope()
            if scope.reuse:
                return name
            taken = {v.op.name for v in scope.global_variables()}  # type: ignore[attr-defined]
            full, number = scope.full_name(name), 1
            if full not in taken:
                return name
            while f"{full}_{number}" in taken:
                number += 1
            return f"{name}_{number}"

        kind = variable.dtype.base_dtype
        with colocate_with(variable.op):
            biased = get_variable(free("biased"), variable.get_shape(), kind, Zeros(), trainable=False)
            steps = get_variable(free("local_step"), [], kind, Zeros(), trainable=False)
    moved = assign_sub(biased, (biased - value) * part)
    counted = steps.assign_add(1)
    filled = 1 - pow(1.0 - part, counted)
    scope = get_default_graph().scopes.name
    return assign(variable, moved / filled, name=scope + "/")


class ExponentialMovingAverage:
    """Averages that follow variables: ``average -= (1 - decay) * (average - variable)``.

    num_updates: a step by which the decay begins lower, ``(1 + n) / (10 + n)``. zero_debias: for the
    averages of tensors, which begin at 0.
    """

    def __init__(self, decay: Any, num_updates: Any = None, zero_debias: bool = False,
                 name: str = "ExponentialMovingAverage") -> None:
        self._decay, self._num_updates, self._zero_debias, self._name = decay, num_updates, zero_debias, name
        self._averages: dict[Any, Variable] = {}

    @property
    def name(self) -> str:
        return self._name

    def apply(self, var_list: Sequence[Any] | None = None) -> Node:
        """An op that moves the average of each variable or tensor, TRAINABLE_VARIABLES by default.

        Raises InvalidType for what is not of floats.
        """
        with by_training():
            return self._apply(trainable_variables() if var_list is None else list(var_list))

    def _apply(self, items: Sequence[Any]) -> Node:
        from . import cast, group, minimum

        unbiased = set()
        for item in items:
            if item.dtype.base_dtype.name not in ("bfloat16", "float16", "float32", "float64"):
                raise InvalidType(f"{item.name} is {item.dtype.base_dtype.name}; averages are of floats")
            if item in self._averages:
                continue
            with item.graph.scopes.lifted():
                average = self._slot(item)
            if self._zero_debias and not isinstance(item, Variable):
                unbiased.add(average)
            self._averages[item] = average
        with name_scope(self._name) as scope:
            decay: Any = convert_to_tensor(self._decay, dtype="float32", name="decay")
            if self._num_updates is not None:
                count = cast(self._num_updates, "float32", name="num_updates")
                decay = minimum(decay, (1.0 + count) / (10.0 + count))
            updates = [assign_moving_average(self._averages[item], item, decay, self._averages[item] in unbiased)
                       for item in items]
            return group(*updates, name=scope)  # type: ignore[no-any-return]

    def _slot(self, item: Any) -> Variable:
        from . import cond

        if not isinstance(item, Variable):
            stands = item.op.type in ("Variable", "VariableV2", "VarHandleOp")
            return create_zeros_slot(item, self._name, colocate=stands)
        with device(item.device):
            start = cond(is_variable_initialized(item), item.read_value, lambda: item.initial_value)
        average = create_slot(item, start, self._name)
        get_default_graph().add_to_collection(GraphKeys.MOVING_AVERAGE_VARIABLES, item)
        return average

    def average(self, var: Any) -> Variable | None:
        """The variable that holds the average, None before ``apply``."""
        return self._averages.get(var)

    def average_name(self, var: Any) -> str:
        """The name of the variable that holds or would hold the average."""
        if var in self._averages:
            return self._averages[var].op.name
        return get_default_graph().unique_name(f"{var.op.name}/{self._name}", mark_as_used=False)

    def variables_to_restore(self, moving_avg_variables: Sequence[Any] | None = None) -> dict[str, Any]:
        """Names in a checkpoint -> variables, with the averages in place of the variables that have one."""
        if moving_avg_variables is None:
            moving_avg_variables = [*trainable_variables(), *moving_average_variables()]
        out = {self.average_name(v): v for v in dict.fromkeys(moving_avg_variables)}
        taken = {v.name for v in moving_avg_variables}
        for v in dict.fromkeys(global_variables()):
            if v.name not in taken and v.op.name not in out:
                out[v.op.name] = v
        return out
