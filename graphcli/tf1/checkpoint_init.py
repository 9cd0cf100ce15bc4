"""tf.train.init_from_checkpoint: initial values of variables come out of a checkpoint."""
from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ..errors import InvalidType, InvalidValue, did_you_mean, said
from ..graph.shapes import show
from ..graph.variables import store_of
from ..wire.bundle import Bundle
from .checkpoint_management import load_checkpoint
from .framework import apply_op, device, get_default_graph

EXPORTS = """
train: init_from_checkpoint
"""


def init_from_checkpoint(ckpt_dir_or_file: str, assignment_map: Mapping[str, Any]) -> None:
    """From here on the initializers of variables restore them (tf.train.init_from_checkpoint).

    assignment_map: name in the checkpoint -> a variable, the name of one that get_variable made, or with a ``/`` at the
    end of both a scope of them (``/`` alone: all). Raises InvalidValue for what is not there and for other shapes.
    """
    reader = load_checkpoint(os.fspath(ckpt_dir_or_file))
    store = store_of(get_default_graph())
    declared = {name: d.variable for name, d in store.declared.items()
                if d.variable._save_slice_info is None} | store.partitioned
    for source, target in sorted(assignment_map.items()):
        for tensor, variable in _pairs(reader.bundle, declared, source, target):
            _initialize(reader.bundle, tensor, variable)


def _pairs(bundle: Bundle, declared: Mapping[str, Any], source: str, target: Any) -> list[tuple[str, Any]]:
    if not isinstance(target, str):
        if not hasattr(target, "_ref") and not hasattr(target, "_get_variable_list"):
            raise InvalidType(f"{source} is to initialize a variable or a name, not {said(target)}")
        return [(source, target)]
    if not target.endswith("/"):
        if target not in declared:
            raise InvalidValue(f"there is no variable {target!r} that get_variable made",
                               hint=did_you_mean(target, declared))
        return [(source, declared[target])]
    if not source.endswith("/"):
        raise InvalidValue(f"the scope {target!r} goes with a scope of the checkpoint, not with {source!r}",
                           hint=f"{source}/")
    scope, lead = ("" if target == "/" else target), ("" if source == "/" else source)
    found = [(lead + name[len(scope):], declared[name]) for name in sorted(declared) if name.startswith(scope)]
    if not found:
        raise InvalidValue(f"there are no variables below {target!r} that get_variable made")
    return found


def _initialize(bundle: Bundle, tensor: str, variable: Any) -> None:
    if tensor not in bundle:
        raise InvalidValue(f"{bundle.prefix} has no tensor {tensor!r} for the variable {_name(variable)}",
                           hint=did_you_mean(tensor, bundle.entries))
    static, shape = variable.static, bundle.entry(tensor).shape
    if static is None or None in static or tuple(static) != shape:
        raise InvalidValue(f"the variable {_name(variable)} has shape {show(static)}, {tensor} in {bundle.prefix} has "
                           f"{show(shape)}", getattr(variable, "span", None))
    for part in variable if hasattr(variable, "_get_variable_list") else [variable]:
        info, ref = part._save_slice_info, part._ref()
        with device("/cpu:0"):
            value, = apply_op("RestoreV2", "checkpoint_initializer", [bundle.prefix, [tensor],
                                                                      ["" if info is None else info.spec]],
                              {"dtypes": [part.dtype.base_dtype]})
        value.set_shape(part.shape)
        if hasattr(part, "handle"):
            part._initializer = apply_op("AssignVariableOp", None, [part.handle, value])
        else:
            part._initializer = apply_op("Assign", None, [ref, value], {"validate_shape": True}).op
        part._initial_value = value


def _name(variable: Any) -> str:
    return str(variable.name).removesuffix(":0")
