"""Initial values: those that functions make, and those that read other variables.

The latter read what those variables start with, so any order of initializers is right.
"""
from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from ..errors import InvalidType, said
from ..graph.collections import GraphKeys
from ..graph.graph import Graph, Node, Tensor
from ..graph.opdef import find_op


def started(name: str, function: Callable[..., Any]) -> Any:
    """What a function without arguments makes. Raises InvalidType for one that needs some."""
    try:
        inspect.signature(function).bind()
    except TypeError as error:
        raise InvalidType(f"the initial value of {name} is made without arguments, and {said(function)} has some: "
                          f"{error}", hint="lambda: CALL gives them") from None
    except ValueError:
        # it does not tell its signature
        pass
    return function()


def guarded(graph: Graph, name: str, start: Tensor) -> Tensor:
    """The initial value with every variable in it replaced by its initialized value, as TF1 does."""
    if not _reads_variable(start.op):
        return start
    return _safe(graph, name, start, {})


def _reads_variable(node: Node) -> bool:
    """Whether a variable's value flows into a node that has no cycle behind it."""
    state: dict[Node, int] = {}
    found = False
    stack: list[tuple[Node, Any]] = [(node, iter(_before(node)))]
    state[node] = 1
    while stack:
        at, rest = stack[-1]
        following = next(rest, None)
        if following is None:
            state[at] = 2
            stack.pop()
            continue
        if following.type in ("VariableV2", "Variable"):
            found = True
        seen = state.get(following)
        if seen == 1:
            return False
        if seen is None:
            state[following] = 1
            stack.append((following, iter(_before(following))))
    return found


def _before(node: Node) -> list[Node]:
    return [t.op for t in node.inputs] + list(node.control_inputs)


def _safe(graph: Graph, name: str, tensor: Tensor, made: dict[Node, Node]) -> Tensor:
    node = tensor.op
    if node not in made:
        made[node] = _safe_node(graph, name, node, made)
    return made[node].outputs[tensor.value_index]


def _safe_node(graph: Graph, name: str, node: Node, made: dict[Node, Node]) -> Node:
    if node.type in ("IsVariableInitialized", "VarIsInitializedOp", "ReadVariableOp", "If"):
        return node
    if node.type in ("Variable", "VariableV2"):
        for key in (GraphKeys.GLOBAL_VARIABLES, GraphKeys.LOCAL_VARIABLES):
            for variable in graph.get_collection(key):
                if getattr(variable, "op", None) is node and hasattr(variable, "initialized_value"):
                    return variable.initialized_value().op  # type: ignore[no-any-return]
        return node
    inputs = [_safe(graph, name, t, made) for t in node.inputs]
    if all(a is b for a, b in zip(inputs, node.inputs)):
        return node
    kind = "Switch" if node.type == "RefSwitch" else node.type
    dtypes = [t.dtype.base_dtype if kind != node.type else t.dtype for t in node.outputs]
    return graph.create_node(kind, inputs, dtypes, dict(node.attrs), f"{node.name}_{name}".replace(":", "_"),
                             find_op(kind))
