"""The nodes that a Saver adds: ``save/filename``, ``save/SaveV2``, ``save/RestoreV2``, ``save/Assign``, …

Names and order are those of tensorflow/python/training/saver.py, BaseSaverBuilder.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..graph.collections import GraphKeys
from ..graph.devices import canonical
from .conversion import constant
from .framework import apply_op, control_dependencies, device, name_scope
from .grouping import group, no_op, with_dependencies
from .saveables import SaveableObject


def all_saveables(graph: Any) -> list[Any]:
    """What a Saver without a list saves: the global variables and SAVEABLE_OBJECTS."""
    found = [*graph.get_collection(GraphKeys.GLOBAL_VARIABLES), *graph.get_collection(GraphKeys.SAVEABLE_OBJECTS)]
    return list({id(v): v for v in found}.values())


def build(things: Sequence[SaveableObject], name: str | None, filename: str, reshape: bool,
          sharded: bool, old: bool = False) -> tuple[str, str, str]:
    """Adds the nodes; the names of the filename tensor, the save tensor and the restore op. old: it saves in the V1
    format."""
    from . import placeholder_with_default

    with name_scope(name, "save"):
        prefix = placeholder_with_default(filename, shape=(), name="filename")
        prefix = placeholder_with_default(prefix, shape=(), name="Const")
        if sharded:
            groups = _by_device(things)
            save = (_save_sharded_slices if old else _save_sharded)(prefix, groups)
            restore = _restore_sharded(prefix, groups, reshape)
        else:
            save = with_dependencies([_save(prefix, things, old)], prefix)
            restore = group(*_restore(prefix, things, reshape), name="restore_all")
    return prefix.name, save.name, restore.name


def _save(prefix: Any, things: Sequence[SaveableObject], old: bool = False) -> Any:
    tensors = [tensor for thing in things for tensor in thing.tensors()]
    if old:
        return apply_op("SaveSlices", "save", [prefix, *_names(things), tensors])
    return apply_op("SaveV2", "SaveV2", [prefix, *_names(things), tensors])


def _names(things: Sequence[SaveableObject]) -> tuple[list[str], list[str]]:
    return [n for t in things for n in t.names], [s for t in things for s in t.specs]


def _restore(prefix: Any, things: Sequence[SaveableObject], reshape: bool) -> list[Any]:
    """RestoreV2 and an Assign for each variable."""
    with device("/cpu:0"):
        values = apply_op("RestoreV2", "RestoreV2", [prefix, *_names(things)], {
            "dtypes": [d for t in things for d in t.dtypes]})
    left = iter(values)
    return [thing.restore([next(left) for _ in thing.names], reshape) for thing in things]


# -- a data file for each device

def _by_device(things: Sequence[SaveableObject]) -> list[tuple[str, list[SaveableObject]]]:
    groups: dict[str, list[SaveableObject]] = {}
    for thing in things:
        groups.setdefault(canonical(thing.device) if thing.device else "", []).append(thing)
    return sorted(groups.items())


def _cpu(place: str) -> str:
    """The CPU of a device's task: the one that has the task's files."""
    parts = [p for p in place.split("/") if p and not p.startswith("device:")]
    return "".join(f"/{p}" for p in parts) + "/device:CPU:0"


def _save_sharded(prefix: Any, groups: Sequence[tuple[str, list[SaveableObject]]]) -> Any:
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


def _save_sharded_slices(prefix: Any, groups: Sequence[tuple[str, list[SaveableObject]]]) -> Any:
    """Files of the V1 format, which nothing puts together; the pattern of their names."""
    total, done = constant(len(groups), name="num_shards"), []
    for number, (place, variables) in enumerate(groups):
        with device(place):
            file = apply_op("ShardedFilename", "ShardedFilename", [prefix, number, total])
            done.append(with_dependencies([_save(file, variables, True)], file))
    with control_dependencies([t.op for t in done]):
        return apply_op("ShardedFilespec", "ShardedFilespec", [prefix, total])


def _restore_sharded(prefix: Any, groups: Sequence[tuple[str, list[SaveableObject]]], reshape: bool) -> Any:
    shards = []
    for place, variables in groups:
        with device(place):
            shards.append(group(*_restore(prefix, variables, reshape), name="restore_shard"))
    return group(*shards, name="restore_all") if shards else no_op("restore_all")
