"""Values for variables from checkpoints and from arrays (tf.contrib.framework.assign_from_checkpoint, …)."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from math import prod
from typing import Any

import numpy as np

from ..errors import InvalidValue
from .checkpoint_init import init_from_checkpoint
from .checkpoint_management import CheckpointReader, list_variables, load_checkpoint, load_variable
from .contrib_variables import get_unique_variable, get_variable_full_name
from .framework import get_collection
from .grouping import group
from .logging import warn
from .modules import modules
from .saver import Saver
from .state import assign

EXPORTS = """
contrib.framework contrib.slim: assign_from_values assign_from_values_fn assign_from_checkpoint
contrib.framework contrib.slim: assign_from_checkpoint_fn
contrib.framework: list_variables load_variable load_checkpoint init_from_checkpoint
"""

__all__ = ["init_from_checkpoint", "list_variables", "load_checkpoint", "load_variable"]

tf = modules["tf"]


def _fed(var: Any, value: Any) -> tuple[Any, Any]:
    """A placeholder for a value, and the op that gives it to a variable."""
    place = tf.placeholder(var.dtype.base_dtype, shape=np.shape(value), name=f"placeholder/{var.op.name}")
    return place, assign(var, place)


def assign_from_values(var_names_to_values: Mapping[str, Any]) -> tuple[Any, dict[Any, Any]]:
    """An op that gives variables their values, and what to feed it. Raises InvalidValue for the name of none."""
    feeds, ops = {}, []
    for name, value in var_names_to_values.items():
        var = get_collection("variables", name)
        if not var:
            raise InvalidValue(f"there is no variable {name}")
        place, op = _fed(var[0] if len(var) == 1 else get_unique_variable(name), value)
        feeds[place] = value
        ops.append(op)
    return group(*ops), feeds


def assign_from_values_fn(var_names_to_values: Mapping[str, Any]) -> Callable[[Any], None]:
    """assign_from_values as a function of a session."""
    op, feeds = assign_from_values(var_names_to_values)

    def run(session: Any) -> None:
        session.run(op, feeds)

    return run


def _by_name(var_list: Any) -> dict[str, Any]:
    """Variables by their names in a checkpoint, the parts of one together."""
    if isinstance(var_list, Mapping):
        return dict(var_list)
    found: dict[str, Any] = {}
    for var in var_list:
        found.setdefault(get_variable_full_name(var), []).append(var)
    return {name: parts[0] if len(parts) == 1 else parts for name, parts in found.items()}


def assign_from_checkpoint(model_path: str, var_list: Any,
                           ignore_missing_vars: bool = False) -> tuple[Any, dict[Any, Any]]:
    """An op that gives variables the values of a checkpoint, and what to feed it.

    var_list: variables, or variables by their names in the checkpoint. ignore_missing_vars: those that it lacks are
    left as they are. Raises InvalidValue for one that it lacks, or that has another number of elements.
    """
    reader = CheckpointReader(model_path)
    feeds, ops = {}, []
    for name, variables in _by_name(var_list).items():
        parts = variables if isinstance(variables, (list, tuple)) else [variables]
        if not reader.has_tensor(name):
            if not ignore_missing_vars:
                raise InvalidValue(f"the checkpoint has no variable {name}")
            warn("Checkpoint is missing variable [%s]", name)
            continue
        value = reader.get_tensor(name)
        for var in parts:
            info = getattr(var, "_save_slice_info", None)
            part = value
            if info is not None:
                part = value[tuple(slice(at, at + size) for at, size in zip(info.var_offset, info.var_shape))]
            static = var.shape.as_list()
            if prod(part.shape) != prod(static):
                raise InvalidValue(f"{name} is of shape {list(part.shape)} in the checkpoint, and of {static} here")
            part = part.reshape(static)
            place, op = _fed(var, part)
            feeds[place] = part
            ops.append(op)
    return group(*ops), feeds


def assign_from_checkpoint_fn(model_path: str, var_list: Any, ignore_missing_vars: bool = False,
                              reshape_variables: bool = False) -> Callable[[Any], None] | None:
    """A function of a session that restores variables, None where the checkpoint has none of them.

    Arguments as of assign_from_checkpoint. Raises InvalidValue for no variables.
    """
    if not var_list:
        raise InvalidValue("there are no variables to restore")
    wanted = var_list
    if ignore_missing_vars:
        reader = CheckpointReader(model_path)
        by_name = var_list if isinstance(var_list, Mapping) else {v.op.name: v for v in var_list}
        wanted = {}
        for name, var in by_name.items():
            if reader.has_tensor(name):
                wanted[name] = var
            else:
                warn("Variable %s missing in checkpoint %s", name, model_path)
    if not wanted:
        warn("No Variables to restore")
        return None
    saver = Saver(wanted, reshape=reshape_variables)

    def restore(session: Any) -> None:
        saver.restore(session, model_path)

    return restore
