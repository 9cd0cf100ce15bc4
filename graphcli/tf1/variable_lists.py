"""The variables of a graph by collection, and the ops that initialize them or say which are not."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..graph.collections import GraphKeys
from ..graph.graph import Node, Tensor
from .framework import (
    apply_op,
    colocate_with,
    device,
    get_default_graph,
    name_scope,
)

EXPORTS = """
tf: global_variables all_variables=global_variables trainable_variables local_variables model_variables
tf: moving_average_variables variables_initializer initialize_variables=variables_initializer
tf: global_variables_initializer initialize_all_variables=global_variables_initializer
tf: local_variables_initializer initialize_local_variables=local_variables_initializer
tf: is_variable_initialized assert_variables_initialized report_uninitialized_variables
initializers: global_variables=global_variables_initializer local_variables=local_variables_initializer
initializers: variables=variables_initializer
tf initializers: tables_initializer
tf: initialize_all_tables=tables_initializer
"""


def global_variables(scope: str | None = None) -> list[Any]:
    """The variables in GLOBAL_VARIABLES; ``scope``: only those whose names the expression matches at the start."""
    return get_default_graph().get_collection(GraphKeys.GLOBAL_VARIABLES, scope)


def trainable_variables(scope: str | None = None) -> list[Any]:
    """The variables that optimizers change (tf.trainable_variables)."""
    return get_default_graph().get_collection(GraphKeys.TRAINABLE_VARIABLES, scope)


def local_variables(scope: str | None = None) -> list[Any]:
    """The variables of this process only (tf.local_variables)."""
    return get_default_graph().get_collection(GraphKeys.LOCAL_VARIABLES, scope)


def model_variables(scope: str | None = None) -> list[Any]:
    """The variables of the model (tf.model_variables)."""
    return get_default_graph().get_collection(GraphKeys.MODEL_VARIABLES, scope)


def moving_average_variables(scope: str | None = None) -> list[Any]:
    """The variables that have a moving average (tf.moving_average_variables)."""
    return get_default_graph().get_collection(GraphKeys.MOVING_AVERAGE_VARIABLES, scope)


def variables_initializer(var_list: Sequence[Any], name: str = "init") -> Node:
    """An op that gives each variable its initial value (tf.variables_initializer)."""
    from . import group, no_op

    if var_list:
        return group(*[v.initializer for v in var_list], name=name)  # type: ignore[no-any-return]
    return no_op(name=name)  # type: ignore[no-any-return]


def global_variables_initializer() -> Node:
    """The op that initializes all global variables (tf.global_variables_initializer)."""
    return variables_initializer(global_variables())


def local_variables_initializer() -> Node:
    """The op that initializes all local variables (tf.local_variables_initializer)."""
    return variables_initializer(local_variables())


def is_variable_initialized(variable: Any) -> Tensor:
    """Whether a variable has a value when the op runs (tf.is_variable_initialized)."""
    if hasattr(variable, "handle"):
        return variable.is_initialized()  # type: ignore[no-any-return]
    made: Tensor = apply_op("IsVariableInitialized", None, [variable])
    return made


def assert_variables_initialized(var_list: Sequence[Any] | None = None) -> Tensor | None:
    """An op that fails if a variable has no value; None if there are none (tf.assert_variables_initialized)."""
    from . import stack

    if var_list is None:
        var_list = global_variables() + local_variables()
    if not var_list:
        var_list = [n.outputs[0] for n in get_default_graph() if n.type in ("Variable", "VariableV2")]
    if not var_list:
        return None
    ranks = []
    for variable in var_list:
        with colocate_with(variable.op):
            ranks.append(apply_op("Rank", None, [variable]))
    return ranks[0] if len(ranks) == 1 else stack(ranks)  # type: ignore[no-any-return]


def report_uninitialized_variables(var_list: Sequence[Any] | None = None,
                                   name: str = "report_uninitialized_variables") -> Tensor:
    """The names of the variables that have no value, a list of strings (tf.report_uninitialized_variables)."""
    from . import boolean_mask, constant, logical_not, stack

    if var_list is None:
        var_list = global_variables() + local_variables()
        if not var_list:
            var_list = [n.outputs[0] for n in get_default_graph() if n.type in ("Variable", "VariableV2")]
    with name_scope(name):
        states = [is_variable_initialized(v) for v in var_list]
        with device("/cpu:0"):
            if not states:
                return constant([], dtype="string")  # type: ignore[no-any-return]
            missing = logical_not(stack(states))
            names = constant([v.op.name for v in var_list])
            return boolean_mask(names, missing)  # type: ignore[no-any-return]


def tables_initializer(name: str = "init_all_tables") -> Node:
    """A group of what fills the tables of the graph (tf.tables_initializer)."""
    from .grouping import group

    made: Node = group(*get_default_graph().get_collection(GraphKeys.TABLE_INITIALIZERS), name=name)
    return made
