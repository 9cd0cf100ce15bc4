"""The body of a function laid into the graph that calls it, so that it can be differentiated there."""
from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ..errors import InvalidValue, NotSupported, did_you_mean
from ..graph.graph import Node, Tensor
from ..graphdef.attrs import Func
from ._bodies import _graph_of, _order

CALLS = frozenset(("PartitionedCall", "StatefulPartitionedCall", "If", "StatelessIf", "While", "StatelessWhile", "Case",
                   "StatelessCase"))
_READS = frozenset(("ReadVariableOp", "VarHandleOp", "Placeholder")) | CALLS


class Inlined:
    """A function by name with the attrs of its call, read once and laid into the call's graph as often as wanted.

    op: the node that calls it. Raises InvalidValue for a function that the graph has not, NotSupported for one that
    does more than compute: a gradient would do it a second time.
    """

    def __init__(self, op: Node, func: Func, graph: Any = None) -> None:
        functions = (graph or op.graph).functions
        if func.name not in functions:
            raise InvalidValue(f"{op.name} ({op.type}) calls the function {func.name!r}, which the graph has not",
                               op.span, hint=did_you_mean(func.name, functions))
        self.name = func.name
        definition = functions[func.name]
        made, self.results, _ = _graph_of(graph or op.graph, definition, func.attrs)
        self.arguments = [made.nodes[a.name].outputs[0] for a in definition.signature.input_arg]
        self.nodes = [n for n in _order([t.op for t in self.results]) if n.type != "Placeholder"]
        for node in self.nodes:
            if node.opdef is None or node.opdef.stateful and node.type not in _READS:
                raise NotSupported(f"{op.name}: the gradient of {op.type} runs the function {self.name!r} a second "
                                   f"time, and its {node.name} ({node.type}) is not the same then", op.span)

    def kept(self) -> list[int | None]:
        """For each result the argument that it hands on as it is, None where it computes something."""
        places = {t: i for i, t in enumerate(self.arguments)}
        return [places.get(t) for t in self.results]

    def __call__(self, tf: Any, args: Sequence[Tensor]) -> list[Tensor]:
        """The results for arguments, as nodes below a name scope of the function's name."""
        if len(args) != len(self.arguments):
            raise InvalidValue(f"function {self.name!r} takes {len(self.arguments)} values, not {len(args)}")
        here: dict[Tensor, Tensor] = dict(zip(self.arguments, args))
        made: dict[Node, Node] = {}
        graph = args[0].op.graph if args else tf.get_default_graph()
        with tf.name_scope(re.sub(r"[^A-Za-z0-9]+", "_", self.name).strip("_") or "function"):
            for node in self.nodes:
                opdef = node.opdef
                assert opdef is not None
                inputs = [here[t] for t in node.inputs]
                attrs = {k: v for k, v in node.attrs.items() if not k.startswith("_")}
                if node.type in CALLS:
                    here.update(zip(node.outputs, lowered(tf, node, inputs, graph)))
                    continue
                with tf.control_dependencies([made[c] for c in node.control_inputs if c in made]):
                    made[node] = graph.create_node(node.type, inputs, opdef.output_dtypes(node.attrs), attrs,
                                                   node.name.split("/")[-1], opdef)
                here.update(zip(node.outputs, made[node].outputs))
        return [here[t] for t in self.results]


def _invariant(start: Any, end: Any) -> Any:
    """The shape that holds at the start of a loop and after each round: the one at its end, if it is known before."""
    if start is None or end is None or len(start) != len(end):
        return None
    return tuple(e if e == s else None for s, e in zip(start, end))


def lowered(tf: Any, op: Node, args: Sequence[Tensor], graph: Any = None) -> list[Tensor]:
    """What a node of CALLS gives for arguments, as the nodes of its bodies, of tf.cond and of tf.while_loop.

    graph: whose library has the functions, the node's own by default. What a loop hands on stands outside of it.
    """
    bodies = {key: Inlined(op, value, graph) for key, value in op.attrs.items() if isinstance(value, Func)}
    if op.type.endswith("Call"):
        return bodies["f"](tf, args)
    if op.type.endswith("Case"):
        index, *rest = args
        functions = [Inlined(op, f, graph) for f in op.attrs["branches"]]

        def branch(at: int) -> list[Tensor]:
            if at == len(functions) - 1:
                return functions[at](tf, rest)
            return list(tf.cond(tf.equal(index, at), lambda: functions[at](tf, rest), lambda: branch(at + 1),
                                strict=True))

        return branch(0)
    if op.type.endswith("If"):
        condition, *rest = args
        if condition.dtype.base_dtype.name != "bool":
            condition = tf.not_equal(condition, tf.zeros_like(condition))
        return list(tf.cond(condition, lambda: bodies["then_branch"](tf, rest),
                            lambda: bodies["else_branch"](tf, rest), strict=True))
    body = bodies["body"]
    varied = [i for i, kept in enumerate(body.kept()) if kept != i]

    def whole(values: Sequence[Tensor]) -> list[Tensor]:
        every = list(args)
        for i, value in zip(varied, values):
            every[i] = value
        return every

    done = tf.while_loop(lambda *v: bodies["cond"](tf, whole(v))[0],
                         lambda *v: [r for i, r in enumerate(body(tf, whole(v))) if i in varied],
                         [args[i] for i in varied], return_same_structure=True,
                         shape_invariants=[tf.TensorShape(_invariant(args[i].static, op.outputs[i].static))
                                           for i in varied],
                         parallel_iterations=op.attrs["parallel_iterations"])
    return whole(done)
