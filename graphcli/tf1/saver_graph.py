"""The nodes that a Saver adds: ``save/filename``, ``save/SaveV2``, ``save/RestoreV2``, ``save/Assign``, …

Names and order are those of tensorflow/python/training/saver.py, BaseSaverBuilder.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import InvalidType, InvalidValue
from ..graph.collections import GraphKeys
from ..graph.devices import canonical
from .framework import apply_op, constant, control_dependencies, device, name_scope
from .grouping import group, no_op, with_dependencies
from .opened import variable_by_name


def saveables(var_list: Any) -> list[tuple[str, Any]]:
    """(name in the checkpoint, variable), sorted. Raises InvalidType and InvalidValue for what a Saver refuses."""
    named: dict[str, Any] = {}
    if isinstance(var_list, dict):
        for name, variable in var_list.items():
            if not isinstance(name, str):
                raise InvalidType(f"a Saver's mapping has names as keys, not {name!r}")
            named[name] = _variable(variable)
    elif isinstance(var_list, (list, tuple, set)):
        for variable in sorted(var_list, key=lambda v: str(getattr(v, "name", v))):
            found = _variable(variable)
            name = _node(found).name
            if name in named:
                raise InvalidValue(f"At least two variables have the same name: {name}")
            named[name] = found
    else:
        raise InvalidType(f"the variables of a Saver are a list or a mapping, not {var_list!r}")
    seen: dict[Any, str] = {}
    for name, variable in sorted(named.items()):
        node = _node(variable)
        if node in seen:
            raise InvalidValue(f"the variable {node.name} would be saved under two names: {seen[node]} and {name}")
        seen[node] = name
    return sorted(named.items())


def _variable(thing: Any) -> Any:
    """The tensor that is saved: the reference of a variable, of a resource variable its read."""
    if hasattr(thing, "handle"):
        return thing._as_graph_element()
    tensor = thing._ref() if hasattr(thing, "_ref") else thing
    if getattr(getattr(tensor, "op", None), "type", "") == "VarHandleOp":
        return variable_by_name(tensor.graph, tensor.op.name)._as_graph_element()
    if not _is_read(tensor) and getattr(getattr(tensor, "op", None), "type", "") not in ("VariableV2", "Variable"):
        raise InvalidType(f"a Saver saves variables, not {thing!r}")
    return tensor


def _is_read(tensor: Any) -> bool:
    """Whether a tensor is the read of a resource variable."""
    return getattr(getattr(tensor, "op", None), "type", "") == "ReadVariableOp"


def _node(tensor: Any) -> Any:
    """The node of the variable of which a tensor is saved."""
    return tensor.op.inputs[0].op if _is_read(tensor) else tensor.op


def all_saveables(graph: Any) -> list[Any]:
    """What a Saver without a list saves: the global variables and SAVEABLE_OBJECTS."""
    found = [*graph.get_collection(GraphKeys.GLOBAL_VARIABLES), *graph.get_collection(GraphKeys.SAVEABLE_OBJECTS)]
    return list({id(v): v for v in found}.values())


def build(variables: Sequence[tuple[str, Any]], name: str | None, filename: str, reshape: bool,
          sharded: bool) -> tuple[str, str, str]:
    """Adds the nodes; the names of the filename tensor, the save tensor and the restore op."""
    from . import placeholder_with_default

    with name_scope(name, "save"):
        prefix = placeholder_with_default(filename, shape=(), name="filename")
        prefix = placeholder_with_default(prefix, shape=(), name="Const")
        if sharded:
            groups = _by_device(variables)
            save = _save_sharded(prefix, groups)
            restore = _restore_sharded(prefix, groups, reshape)
        else:
            save = with_dependencies([_save(prefix, variables)], prefix)
            restore = group(*_restore(prefix, variables, reshape), name="restore_all")
    return prefix.name, save.name, restore.name


def _save(prefix: Any, variables: Sequence[tuple[str, Any]]) -> Any:
    return apply_op("SaveV2", "SaveV2", [prefix, *_names(variables), [v for _, v in variables]])


def _names(variables: Sequence[tuple[str, Any]]) -> tuple[list[str], list[str]]:
    return [name for name, _ in variables], ["" for _ in variables]


def _restore(prefix: Any, variables: Sequence[tuple[str, Any]], reshape: bool) -> list[Any]:
    """RestoreV2 and an Assign for each variable."""
    from . import identity
    from . import reshape as reshaped

    with device("/cpu:0"):
        values = apply_op("RestoreV2", "RestoreV2", [prefix, *_names(variables)],
                          {"dtypes": [v.dtype.base_dtype for _, v in variables]})
    out = []
    for (_, variable), value in zip(variables, values):
        known = variable.static is not None and None not in variable.static
        if reshape:
            from . import shape as shape_of

            value = reshaped(value, list(variable.static) if known else shape_of(variable))
        if _is_read(variable):
            with device(variable.device):
                out.append(apply_op("AssignVariableOp", None, [variable.op.inputs[0], identity(value)]))
            continue
        out.append(apply_op("Assign", "Assign", [variable, value], {"validate_shape": known and not reshape}).op)
    return out


# -- a data file for each device

def _by_device(variables: Sequence[tuple[str, Any]]) -> list[tuple[str, list[tuple[str, Any]]]]:
    groups: dict[str, list[tuple[str, Any]]] = {}
    for name, variable in variables:
        groups.setdefault(canonical(variable.op.device) if variable.op.device else "", []).append((name, variable))
    return sorted(groups.items())


def _cpu(place: str) -> str:
    """The CPU of a device's task: the one that has the task's files."""
    parts = [p for p in place.split("/") if p and not p.startswith("device:")]
    return "".join(f"/{p}" for p in parts) + "/device:CPU:0"


def _save_sharded(prefix: Any, groups: Sequence[tuple[str, list[tuple[str, Any]]]]) -> Any:
    from . import identity, where

    with device("/device:CPU:*"):
        remote = apply_op("StaticRegexFullMatch", "StaticRegexFullMatch", [prefix], {"pattern": "^s3://.*"})
        folder = where(remote, constant(".part"), constant("_temp/part"))
        parts = apply_op("StringJoin", "StringJoin", [[prefix, folder]])
    total = constant(len(groups), name="num_shards")
    shards, done = [], []
    place = ""
    for number, (place, variables) in enumerate(groups):
        with device(_cpu(place)):
            file = apply_op("ShardedFilename", "ShardedFilename", [parts, number, total])
            shards.append(file)
            done.append(with_dependencies([_save(file, variables)], file))
    with control_dependencies([t.op for t in done]), device(_cpu(place)):
        merged = apply_op("MergeV2Checkpoints", "MergeV2Checkpoints", [shards, prefix], {"delete_old_dirs": True})
        with control_dependencies([merged]):
            return identity(prefix)


def _restore_sharded(prefix: Any, groups: Sequence[tuple[str, list[tuple[str, Any]]]], reshape: bool) -> Any:
    shards = []
    for place, variables in groups:
        with device(place or None):
            shards.append(group(*_restore(prefix, variables, reshape), name="restore_shard"))
    return group(*shards, name="restore_all") if shards else no_op("restore_all")
