"""Control flow contexts as the messages that a MetaGraphDef carries (CondContext.to_proto, WhileContext.to_proto)."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import InvalidValue
from ..graph.graph import Graph, Tensor
from ..wire.messages import message
from .flow_context import CondContext, Context
from .flow_loop import WhileContext

DEEPEST = 60
"""Contexts inside of contexts, beyond which a file is not believed."""


def to_proto(context: Context) -> Any:
    """The CondContextDef or WhileContextDef of a context."""
    if isinstance(context, CondContext):
        proto = message("CondContextDef")(context_name=context.name, pred_name=context.pred.name,
                                          pivot_name=context.pivot.name, branch=context.branch)
    elif isinstance(context, WhileContext):
        proto = message("WhileContextDef")(
            context_name=context.name, parallel_iterations=context.parallel_iterations, back_prop=context.back_prop,
            swap_memory=context.swap_memory, loop_exit_names=[t.name for t in context.loop_exits],
            loop_enter_names=[t.name for t in context.loop_enters])
        for name, tensor in (("maximum_iterations_name", context.maximum_iterations), ("pivot_name", context.pivot),
                             ("pivot_for_pred_name", context.pivot_for_pred),
                             ("pivot_for_body_name", context.pivot_for_body)):
            if tensor is not None:
                setattr(proto, name, tensor.name)
    else:
        raise InvalidValue(f"{context!r} has no message")
    proto.values_def.values.extend(sorted({t.name for t in context.values}))
    for outside, inside in context.external.items():
        proto.values_def.external_values[outside.name] = inside.name
    for inner in context.nested:
        kind = "while_ctxt" if inner.is_while else "cond_ctxt"
        getattr(proto.nested_contexts.add(), kind).CopyFrom(to_proto(inner))
    return proto


def from_proto(graph: Graph, proto: Any, prefix: str = "", outer: Context | None = None, depth: int = 0) -> Context:
    """The context of a message, whose nodes are in the graph; they are given it.

    prefix: of the names in the graph, with a final ``/``. Raises InvalidValue for a name that is not there.
    """
    if depth > DEEPEST:
        raise InvalidValue(f"control flow contexts more than {DEEPEST} deep")

    def find(name: str) -> Tensor:
        return graph.get_tensor_by_name(prefix + name)

    context: Context
    if proto.DESCRIPTOR.name == "CondContextDef":
        cond = context = CondContext.__new__(CondContext)
        cond.pred, cond._pivot, cond.branch = find(proto.pred_name), find(proto.pivot_name), proto.branch
    else:
        loop = context = WhileContext.__new__(WhileContext)
        loop.parallel_iterations, loop.back_prop = proto.parallel_iterations, proto.back_prop
        loop.swap_memory = proto.swap_memory
        loop.grad_state = None

        def maybe(name: str) -> Tensor | None:
            return find(name) if name else None

        loop.maximum_iterations = maybe(proto.maximum_iterations_name)
        loop._pivot = maybe(proto.pivot_name)
        loop.pivot_for_pred, loop.pivot_for_body = maybe(proto.pivot_for_pred_name), maybe(proto.pivot_for_body_name)
        loop.loop_exits = [find(n) for n in proto.loop_exit_names]
        loop.loop_enters = [find(n) for n in proto.loop_enter_names]
    context.graph, context.name, context.outer = graph, prefix + proto.context_name, outer
    context.nested, context._stack = [], []
    context.external = {find(k): find(v) for k, v in sorted(proto.values_def.external_values.items())}
    context.values = {find(n) for n in proto.values_def.values}
    outside = set(context.external)
    for tensor in context.values:
        # the predicate of a cond stands for itself, outside
        if tensor not in outside:
            tensor.op.flow = context
    for inner in _inner(proto.nested_contexts):
        context.nested.append(from_proto(graph, inner, prefix, context, depth + 1))
    if outer is None:
        _complete(graph, context)
    return context


def _inner(nested: Sequence[Any]) -> list[Any]:
    return [getattr(n, n.WhichOneof("ctxt")) for n in nested if n.WhichOneof("ctxt")]


def _complete(graph: Graph, top: Context) -> None:
    """Gives a context to nodes without outputs too, of which a message does not tell: that of what they take."""
    for node in graph:
        if node.flow is None and not node.outputs:
            inside = [t.op.flow for t in node.inputs if t.op.flow is not None and not t.op.type.endswith("Exit")]
            inside += [n.flow for n in node.control_inputs if n.flow is not None and not n.type.endswith("Exit")]
            if inside:
                node.flow = inside[0]
