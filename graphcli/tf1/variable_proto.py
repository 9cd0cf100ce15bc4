"""Variables as the messages that a MetaGraphDef carries, and back (Variable.to_proto, Variable.from_proto)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidValue
from ..graph.graph import Graph
from ..wire.messages import message
from .save_slices import SaveSliceInfo
from .variable_creators import VariableAggregation, VariableSynchronization
from .variables import Variable


def to_proto(variable: Any) -> Any:
    """The VariableDef of a variable."""
    proto = message("VariableDef")(
        variable_name=variable._ref().name, initializer_name=variable.initializer.name,
        snapshot_name=variable._snapshot.name, trainable=variable.trainable,
        synchronization=VariableSynchronization(variable.synchronization).value,
        aggregation=VariableAggregation(variable.aggregation).value,
        is_resource=getattr(variable, "is_resource", False))
    info = variable._save_slice_info
    if info is not None:
        proto.save_slice_info_def.full_name = info.full_name
        for field in ("full_shape", "var_offset", "var_shape"):
            getattr(proto.save_slice_info_def, field).extend(getattr(info, field))
    if variable.initial_value is not None:
        proto.initial_value_name = variable.initial_value.name
    return proto


def from_proto(graph: Graph, proto: Any, prefix: str = "") -> Any:
    """The variable of a VariableDef, whose nodes are in the graph.

    prefix: of the names in the graph, with a final ``/``. Raises InvalidValue for a name that is not there.
    """
    if not proto.variable_name or not proto.initializer_name or not proto.snapshot_name:
        raise InvalidValue(f"a variable without a name, an initializer or a snapshot: {proto.variable_name!r}")
    kind: Any = Variable
    if proto.is_resource:
        from .resource_variable import ResourceVariable

        kind = ResourceVariable
    head = graph.get_tensor_by_name(prefix + _tensor(proto.variable_name))
    initial = proto.initial_value_name
    made = kind.of_nodes(head, graph.get_operation_by_name((prefix + proto.initializer_name).partition(":")[0]),
                         graph.get_tensor_by_name(prefix + _tensor(proto.snapshot_name)),
                         graph.get_tensor_by_name(prefix + initial) if initial else None, bool(proto.trainable))
    if proto.HasField("save_slice_info_def"):
        info = proto.save_slice_info_def
        made._set_save_slice_info(SaveSliceInfo(prefix + info.full_name, info.full_shape, info.var_offset,
                                                info.var_shape))
    made.synchronization = VariableSynchronization(proto.synchronization)
    made.aggregation = VariableAggregation(proto.aggregation)
    return made


def _tensor(name: str) -> str:
    return name if ":" in name else f"{name}:0"
