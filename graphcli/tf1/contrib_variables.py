"""Variables of a model, and how they are found again (tf.contrib.framework.model_variable, get_variables, …)."""
from __future__ import annotations

import re
from functools import partial
from typing import Any

from ..errors import InvalidType, InvalidValue, said
from ..graph.collections import GraphKeys
from ..graph.types import float32
from ..graph.variables import VariableScope
from .context import device as on
from .contrib_arg_scope import add_arg_scope
from .framework import add_to_collection, get_collection
from .get_variable import get_variable
from .global_step import (
    assert_global_step,
    create_global_step,
    get_global_step,
    get_or_create_global_step,
)
from .variable_creators import VariableAggregation, VariableSynchronization
from .variable_scope import get_variable_scope
from .variables import Variable

EXPORTS = """
contrib.framework contrib.slim: variable model_variable add_model_variable local_variable global_variable
contrib.framework contrib.slim: get_variables get_variables_by_name get_variables_by_suffix get_unique_variable
contrib.framework contrib.slim: get_variable_full_name get_variables_to_restore filter_variables get_model_variables
contrib.framework contrib.slim: get_trainable_variables get_local_variables assert_or_get_global_step
contrib.framework contrib.slim: assert_global_step create_global_step get_global_step get_or_create_global_step
"""

__all__ = ["assert_global_step", "create_global_step", "get_global_step", "get_or_create_global_step"]


@add_arg_scope
def variable(name: str, shape: Any = None, dtype: Any = None, initializer: Any = None, regularizer: Any = None,
             trainable: bool = True, collections: Any = None, caching_device: Any = None, device: Any = None,
             partitioner: Any = None, custom_getter: Any = None, use_resource: bool | None = None,
             synchronization: Any = VariableSynchronization.AUTO,
             aggregation: Any = VariableAggregation.NONE) -> Any:
    """get_variable on a device, in GLOBAL_VARIABLES alone by default (tf.contrib.framework.variable)."""
    kept = list(dict.fromkeys([GraphKeys.GLOBAL_VARIABLES] if collections is None else collections))
    getter = get_variable
    if custom_getter is not None:
        getter = partial(custom_getter, reuse=get_variable_scope().reuse)
    with on(device or ""):
        return getter(name, shape=shape, dtype=dtype, initializer=initializer, regularizer=regularizer,
                      trainable=trainable, collections=kept, caching_device=caching_device, partitioner=partitioner,
                      use_resource=use_resource, synchronization=synchronization, aggregation=aggregation)


@add_arg_scope
def model_variable(name: str, shape: Any = None, dtype: Any = float32, initializer: Any = None,
                   regularizer: Any = None, trainable: bool = True, collections: Any = None,
                   caching_device: Any = None, device: Any = None, partitioner: Any = None, custom_getter: Any = None,
                   use_resource: bool | None = None, synchronization: Any = VariableSynchronization.AUTO,
                   aggregation: Any = VariableAggregation.NONE) -> Any:
    """A variable that is in MODEL_VARIABLES too (tf.contrib.framework.model_variable)."""
    return variable(name, shape=shape, dtype=dtype, initializer=initializer, regularizer=regularizer,
                    trainable=trainable, collections=[*(collections or ()), GraphKeys.GLOBAL_VARIABLES,
                                                      GraphKeys.MODEL_VARIABLES],
                    caching_device=caching_device, device=device, partitioner=partitioner,
                    custom_getter=custom_getter, use_resource=use_resource, synchronization=synchronization,
                    aggregation=aggregation)


def add_model_variable(var: Any) -> None:
    """Puts a variable into MODEL_VARIABLES, where it is not yet."""
    if not any(var is other for other in get_collection(GraphKeys.MODEL_VARIABLES)):
        add_to_collection(GraphKeys.MODEL_VARIABLES, var)


def local_variable(initial_value: Any, validate_shape: bool = True, name: str | None = None,
                   use_resource: bool | None = None) -> Any:
    """A variable of this process that is not trained (tf.contrib.framework.local_variable)."""
    return Variable(initial_value, trainable=False, collections=[GraphKeys.LOCAL_VARIABLES],
                    validate_shape=validate_shape, name=name, use_resource=use_resource)


def global_variable(initial_value: Any, validate_shape: bool = True, name: str | None = None,
                    use_resource: bool | None = None) -> Any:
    """A variable that is saved and not trained (tf.contrib.framework.global_variable)."""
    return Variable(initial_value, trainable=False, collections=[GraphKeys.GLOBAL_VARIABLES],
                    validate_shape=validate_shape, name=name, use_resource=use_resource)


def get_variables(scope: Any = None, suffix: str | None = None,
                  collection: str = GraphKeys.GLOBAL_VARIABLES) -> list[Any]:
    """The variables of a collection whose names begin with ``scope`` and end with ``suffix``.

    scope: a variable scope, or a regular expression, as ``suffix`` is one.
    """
    if isinstance(scope, VariableScope):
        scope = scope.name
    if suffix is not None:
        scope = f"{scope or ''}.*{suffix if ':' in suffix else suffix + ':0'}"
    return get_collection(collection, scope)


def get_model_variables(scope: Any = None, suffix: str | None = None) -> list[Any]:
    """get_variables of MODEL_VARIABLES."""
    return get_variables(scope, suffix, GraphKeys.MODEL_VARIABLES)


def get_local_variables(scope: Any = None, suffix: str | None = None) -> list[Any]:
    """get_variables of LOCAL_VARIABLES."""
    return get_variables(scope, suffix, GraphKeys.LOCAL_VARIABLES)


def get_trainable_variables(scope: Any = None, suffix: str | None = None) -> list[Any]:
    """get_variables of TRAINABLE_VARIABLES."""
    return get_variables(scope, suffix, GraphKeys.TRAINABLE_VARIABLES)


def get_variables_by_suffix(suffix: str, scope: Any = None) -> list[Any]:
    """The variables whose names end with ``suffix``."""
    return get_variables(scope, suffix)


def get_variables_by_name(given_name: str, scope: Any = None) -> list[Any]:
    """The variables whose names, or the last part of them, are ``given_name``."""
    return get_variables(scope, f"/{given_name}:|^{given_name}:")


def get_unique_variable(var_op_name: str) -> Any:
    """The one variable of this name. Raises InvalidValue if there is none."""
    found = get_variables(var_op_name)
    for var in found:
        if var.op.name == var_op_name:
            return var
    if found:
        raise InvalidValue(f"{var_op_name} is the name of no variable; {found[0].op.name} begins with it")
    raise InvalidValue(f"there is no variable {var_op_name}")


def get_variable_full_name(var: Any) -> str:
    """Under which name a checkpoint has a variable, or the whole of which it is a part."""
    info = getattr(var, "_save_slice_info", None)
    return str(info.full_name if info else var.op.name)


def get_variables_to_restore(include: Any = None, exclude: Any = None) -> list[Any]:
    """The variables that begin with one of ``include`` (all by default) and with none of ``exclude``."""
    if include is None:
        found = get_variables()
    else:
        if not isinstance(include, (list, tuple)):
            raise InvalidType(f"include is a list of scopes, not {said(include)}")
        found = [var for scope in include for var in get_variables(scope)]
    if exclude is None:
        return found
    if not isinstance(exclude, (list, tuple)):
        raise InvalidType(f"exclude is a list of scopes, not {said(exclude)}")
    without = {var for scope in exclude for var in get_variables(scope)}
    return [var for var in found if var not in without]


def filter_variables(var_list: Any, include_patterns: Any = None, exclude_patterns: Any = None,
                     reg_search: bool = True) -> list[Any]:
    """The variables whose names an including pattern finds (all by default) and no excluding one.

    reg_search: anywhere in the name; else at its start.
    """
    look = re.search if reg_search else re.match
    included = [v for v in var_list if include_patterns is None
                or any(look(pattern, v.op.name) for pattern in include_patterns)]
    return [v for v in included if exclude_patterns is None
            or not any(look(pattern, v.op.name) for pattern in exclude_patterns)]


def assert_or_get_global_step(graph: Any = None, global_step_tensor: Any = None) -> Any:
    """The given global step, looked at, or the graph's."""
    if global_step_tensor is None:
        return get_global_step(graph)
    assert_global_step(global_step_tensor)
    return global_step_tensor
