"""The global step: a counter of training steps (tf.train.get_or_create_global_step)."""
from __future__ import annotations

from typing import Any

from ..errors import InvalidType, InvalidValue, NotFound, said
from ..graph.collections import GraphKeys
from ..graph.graph import Graph
from ..graph.types import int64, resource
from .conversion import is_tensor
from .framework import get_default_graph
from .get_variable import get_variable
from .initializers import Zeros
from .opened import variable_by_name
from .variable_creators import VariableAggregation

EXPORTS = """
train: global_step get_global_step create_global_step get_or_create_global_step assert_global_step
"""


def global_step(sess: Any, global_step_tensor: Any) -> int:
    """The number of the step in a session."""
    return int(sess.run(global_step_tensor))


def get_global_step(graph: Graph | None = None) -> Any:
    """The variable in the collection GLOBAL_STEP, or the tensor ``global_step:0``, or None."""
    graph = graph or get_default_graph()
    found = graph.get_collection(GraphKeys.GLOBAL_STEP)
    if len(found) > 1:
        return None
    if found:
        step = found[0]
    else:
        try:
            step = graph.get_tensor_by_name("global_step:0")
        except NotFound:
            return None
        if step.dtype is resource:
            step = variable_by_name(graph, GraphKeys.GLOBAL_STEP)
    assert_global_step(step)
    return step


def create_global_step(graph: Graph | None = None) -> Any:
    """A new int64 variable ``global_step`` of 0. Raises InvalidValue if there is one."""
    graph = graph or get_default_graph()
    if get_global_step(graph) is not None:
        raise InvalidValue("the graph has a global step already", hint="get_or_create_global_step shares it")
    with graph.as_default(), graph.name_scope(None):
        return get_variable(GraphKeys.GLOBAL_STEP, shape=[], dtype=int64, initializer=Zeros(), trainable=False,
                            collections=[GraphKeys.GLOBAL_VARIABLES, GraphKeys.GLOBAL_STEP],
                            aggregation=VariableAggregation.ONLY_FIRST_REPLICA)


def get_or_create_global_step(graph: Graph | None = None) -> Any:
    """The global step, made if there is none."""
    step = get_global_step(graph)
    return create_global_step(graph) if step is None else step


def assert_global_step(global_step_tensor: Any) -> None:
    """Raises InvalidType for what is not a whole-number scalar."""
    if not is_tensor(global_step_tensor):
        raise InvalidType(f"the global step is a variable or tensor, not {said(global_step_tensor)}")
    if not global_step_tensor.dtype.base_dtype.is_integer:
        raise InvalidType(f"the global step is a whole number, not {global_step_tensor.dtype.base_dtype.name}")
    shape = global_step_tensor.get_shape()
    if shape.rank != 0 and shape.is_fully_defined():
        raise InvalidType(f"the global step is a scalar, not of shape {shape}")


def global_step_read(graph: Graph | None = None) -> Any:
    """The tensor that hooks read the global step by, also before it has a value; None without a global step."""
    from . import cond, is_variable_initialized

    graph = graph or get_default_graph()
    found = graph.get_collection("global_step_read_op_cache")
    if not found:
        step = get_global_step(graph)
        if step is None:
            return None
        with graph.as_default(), graph.name_scope(None), graph.name_scope(step.op.name + "/"):
            value = cond(is_variable_initialized(step), step.read_value, lambda: step.initial_value) \
                if hasattr(step, "initial_value") else step
            found = [value + 0]
            graph.add_to_collection("global_step_read_op_cache", found[0])
    return found[0]
