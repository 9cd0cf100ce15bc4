"""The body of a function of a graph's library as something to call."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import GraphError, InvalidValue, NotSupported, RunError, did_you_mean
from ..graph.flow import FLOW
from ..graph.graph import Graph, Node, Tensor
from ..graph.kernel import KernelContext
from ..graph.opdef import OpDef, op_of, op_types, unlike
from ..graphdef.attrs import Func, Open, put_attr, read_attrs
from ..graphdef.read import add_nodes
from ..wire.messages import message


class Body:
    """A function by name with the attrs of its call. Called with its arguments it returns a list of what it gives.

    Raises RunError, naming the function, for one that is not in the library or cannot be run here.
    """

    def __init__(self, n: Any, func: Func) -> None:
        self.name = func.name
        self.context = n
        graph: Graph = n.node.graph
        definition = graph.functions.get(func.name)
        if definition is None:
            raise RunError(f"it calls the function {func.name!r}, which the graph has not",
                           hint=did_you_mean(func.name, graph.functions))
        self.arguments = [a.name for a in definition.signature.input_arg]
        try:
            self.graph, self.results, wanted = _graph_of(graph, definition, func.attrs)
        except GraphError as error:
            raise RunError(f"function {func.name!r}: {error.message}", hint=error.hint) from error
        self.nodes = _order(wanted)
        self.kernels: dict[Node, Any] | None = None

    def __call__(self, args: Sequence[Any]) -> list[Any]:
        if len(args) != len(self.arguments):
            raise RunError(f"function {self.name!r} takes {len(self.arguments)} values, not {len(args)}")
        if self.kernels is None:
            self.kernels = {node: self._kernel(node) for node in self.nodes if node.type not in ("NoOp", "Placeholder")}
        values: dict[Tensor, Any] = {}
        given = dict(zip(self.arguments, args))
        for node in self.nodes:
            kind = node.type
            if kind == "NoOp":
                continue
            if kind == "Placeholder":
                values[node.outputs[0]] = given[node.name]
                continue
            opdef = node.opdef
            assert opdef is not None
            inputs = [values[t] for t in node.inputs]
            try:
                result = self.kernels[node](*opdef.group(opdef.inputs, inputs, node.attrs))
            except GraphError as error:
                error.message = f"{error.message}, in {node.name} of function {self.name!r}"
                error.args = (error.message,)
                raise
            if len(node.outputs) == 1:
                values[node.outputs[0]] = result[0] if type(result) in (list, tuple) else result
            else:
                values.update(zip(node.outputs, result or ()))
        return [values[t] for t in self.results]

    def _kernel(self, node: Node) -> Any:
        opdef = node.opdef
        if opdef is None or opdef.kernel is None or node.type in FLOW:
            why, hint = f"this engine runs no {node.type} there", None
            if opdef is None:
                why, hint = unlike(node.type, node.attrs)
            raise NotSupported(f"{node.name} of function {self.name!r}: {why}", hint=hint)
        return opdef.kernel(KernelContext(node, self.context.xp, self.context.state))


def body_of(graph: Graph, func: Func) -> Graph:
    """The body of a function of a graph's library as a graph. Raises GraphError for one that is not there."""
    definition = graph.functions.get(func.name)
    if definition is None:
        raise InvalidValue(f"there is no function {func.name!r}", hint=did_you_mean(func.name, graph.functions))
    return _graph_of(graph, definition, func.attrs)[0]


def _graph_of(outer: Graph, definition: Any, attrs: dict[str, Any]) -> tuple[Graph, list[Tensor], list[Node]]:
    """(the body, the tensors that it gives, the nodes that must run)."""
    proto = message("GraphDef")()
    signature = definition.signature
    for arg in signature.input_arg:
        node = proto.node.add(name=arg.name, op="Placeholder")
        node.attr["shape"].shape.unknown_rank = True
        dtype = attrs.get(arg.type_attr) if arg.type_attr else None
        node.attr["dtype"].type = dtype.enum if dtype is not None else arg.type
    flat: dict[str, list[str]] = {arg.name: [arg.name] for arg in signature.input_arg}
    for source in definition.node_def:
        node = proto.node.add()
        node.CopyFrom(source)
        for name in list(node.attr):
            if node.attr[name].WhichOneof("value") == "placeholder":
                key = node.attr[name].placeholder
                if key not in attrs:
                    raise InvalidValue(f"attr {key!r} is not given by the call")
                put_attr(node.attr[name], attrs[key])
        flat.update(_outputs(node, outer.functions))

    def place(text: str) -> str:
        if text.startswith("^"):
            return text
        head, _, index = text.rpartition(":")
        if not head:
            return flat[text][0] if text in flat else text
        found = flat.get(head)
        if found is None or not index.isdigit() or int(index) >= len(found):
            raise InvalidValue(f"{text!r} is nothing that a node of it yields")
        return found[int(index)]

    for node in proto.node:
        inputs = [place(i) for i in node.input]
        del node.input[:]
        node.input.extend(inputs)
    graph = Graph(signature.name)
    graph.functions, graph.function_gradients = outer.functions, outer.function_gradients
    made = add_nodes(graph, proto)
    results = []
    for arg in signature.output_arg:
        name = place(definition.ret[arg.name])
        head, _, index = name.rpartition(":")
        results.append(made[head].outputs[int(index)] if head else made[name].outputs[0])
    effects = [n for n in graph if n.opdef is not None and n.opdef.stateful and n.type != "Placeholder"]
    controls = [made[n] for n in definition.control_ret.values() if n in made]
    return graph, results, [t.op for t in results] + effects + controls


def _outputs(node: Any, functions: Any) -> dict[str, list[str]]:
    """``node:output`` of a function's body -> the inputs of a GraphDef that mean its tensors."""
    opdef = op_of(node.op, functions)
    if opdef is None:
        raise NotSupported(f"{node.name}: this engine has no op {node.op!r}", hint=did_you_mean(node.op, op_types()))
    attrs = {k: v for k, v in read_attrs(node.attr).items() if not isinstance(v, Open)}
    out: dict[str, list[str]] = {}
    at = 0
    for arg in opdef.outputs:
        size = _size(opdef, attrs, arg)
        out[f"{node.name}:{arg.name}"] = [node.name if i == 0 else f"{node.name}:{i}" for i in range(at, at + size)]
        at += size
    return out


def _size(opdef: OpDef, attrs: dict[str, Any], arg: Any) -> int:
    if arg.number_attr:
        return int(attrs[arg.number_attr])
    return len(attrs[arg.type_list_attr]) if arg.type_list_attr else 1


def _order(wanted: Sequence[Node]) -> list[Node]:
    """What must run, each after what it waits for, else in the order of the file."""
    needed: set[Node] = set()
    todo = list(wanted)
    while todo:
        node = todo.pop()
        if node not in needed:
            needed.add(node)
            todo += [t.op for t in node.inputs] + list(node.control_inputs)
    import heapq

    missing = {n: len({t.op for t in n.inputs} | set(n.control_inputs)) for n in needed}
    ready = [(n.number, n.name) for n, m in missing.items() if not m]
    heapq.heapify(ready)
    out: list[Node] = []
    while ready:
        node = next(iter(wanted)).graph.nodes[heapq.heappop(ready)[1]]
        out.append(node)
        for user in {u for t in node.outputs for u in t.uses} | set(node.control_uses):
            if user in missing:
                missing[user] -= 1
                if not missing[user]:
                    heapq.heappush(ready, (user.number, user.name))
    return out
