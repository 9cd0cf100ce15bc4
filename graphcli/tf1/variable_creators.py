"""Who makes a variable: the functions of the creator scopes that are open."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Any

from .framework import get_default_graph

EXPORTS = """
tf: VariableSynchronization VariableAggregation variable_creator_scope
"""

ARGUMENTS = ("initial_value", "trainable", "collections", "validate_shape", "caching_device", "name", "variable_def",
             "dtype", "expected_shape", "import_scope", "constraint", "use_resource", "synchronization", "aggregation",
             "shape")


@contextmanager
def variable_creator_scope(variable_creator: Callable[..., Any]) -> Iterator[None]:
    """Inside, Variable and get_variable ask a function for their variables (tf.variable_creator_scope).

    variable_creator: of ``next_creator`` and the arguments of ``Variable`` by name; it returns what it makes, mostly
    ``next_creator(**kwargs)``. The innermost is asked first.
    """
    scopes = get_default_graph().scopes
    old = scopes.creators
    scopes.creators = (*old, variable_creator)
    try:
        yield
    finally:
        scopes.creators = old


class VariableSynchronization(Enum):
    """When copies of a variable are brought together (tf.VariableSynchronization); kept for TF1 code."""

    AUTO = 0
    NONE = 1
    ON_WRITE = 2
    ON_READ = 3


class VariableAggregation(Enum):
    """How copies of a variable are brought together (tf.VariableAggregation); kept for TF1 code."""

    NONE = 0
    SUM = 1
    MEAN = 2
    ONLY_FIRST_REPLICA = 3
