"""Every invariant of a graph in one checker, to be called after any stage that makes or changes one."""
from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..errors import GraphError, GraphErrors, InvalidValue
from .flow import MERGE, NEXT
from .graph import Graph, Node


def verify(graph: Graph) -> None:
    """Raises GraphErrors with all that does not hold of a graph; returns if all does."""
    found = [InvalidValue(text) for text in problems(graph)]
    if found:
        raise found[0] if len(found) == 1 else GraphErrors(found)


def problems(graph: Graph) -> Iterator[str]:
    """What does not hold, in words."""
    inside = set(graph.nodes.values())
    uses: Counter[tuple[int, Node]] = Counter()
    waits: Counter[tuple[Node, Node]] = Counter()
    for number, (name, node) in enumerate(graph.nodes.items()):
        if node.name != name:
            yield f"the node {node.name!r} stands under the name {name!r}"
        if node.graph is not graph:
            yield f"{name} is of another graph"
        if node.number != number:
            yield f"{name} has the number {node.number}, not {number}"
        for tensor in node.inputs:
            uses[id(tensor), node] += 1
            if tensor.op not in inside or graph.nodes.get(tensor.op.name) is not tensor.op:
                yield f"{name} takes {tensor.name}, which is not in the graph"
            elif tensor.op.outputs[tensor.value_index] is not tensor:
                yield f"{name} takes {tensor.name}, which is not what that node yields"
        for other in node.control_inputs:
            waits[other, node] += 1
            if other not in inside:
                yield f"{name} waits for {other.name}, which is not in the graph"
        if len(set(node.control_inputs)) != len(node.control_inputs):
            yield f"{name} waits twice for one node"
        yield from _form(node)
    for node in graph:
        for tensor in node.outputs:
            for user, times in Counter(tensor.uses).items():
                taken = uses.pop((id(tensor), user), 0)
                if taken != times:
                    yield f"{tensor.name} counts {user.name} {times} times, which takes it {taken} times"
        for user, times in Counter(node.control_uses).items():
            if waits.pop((node, user), 0) != times:
                yield f"{node.name} counts {user.name}, which does not wait for it"
    for _, user in uses:
        yield f"{user.name} is not counted by what it takes"
    for _, user in waits:
        yield f"{user.name} is not counted by what it waits for"
    yield from circles(graph)


def _form(node: Node) -> Iterator[str]:
    """Whether a node has the form of its op type."""
    opdef = node.opdef
    if opdef is None:
        return
    name = f"{node.name} ({node.type})"
    for key, attr in opdef.attrs.items():
        if key not in node.attrs:
            yield f"{name} has no attr {key!r}"
            return
        value = node.attrs[key]
        if value is None and (attr.kind == "shape" or attr.default is None):
            continue
        if isinstance(value, (str, int)) and value == attr.default:
            continue
        try:
            attr.check(value, node.type)
        except GraphError as error:
            yield f"{name}: {error.message}"
            return
    wanted = opdef.output_dtypes(node.attrs)
    if [t.dtype for t in node.outputs] != wanted:
        yield (f"{name} yields {', '.join(t.dtype.name for t in node.outputs)}, its attrs say "
               f"{', '.join(d.name for d in wanted)}")
    sizes = [node.attrs[a.number_attr] if a.number_attr else len(node.attrs[a.type_list_attr])
             if a.type_list_attr else 1 for a in opdef.inputs]
    if len(node.inputs) != sum(sizes):
        yield f"{name} has {len(node.inputs)} inputs, its attrs say {sum(sizes)}"
        return
    at = 0
    for arg, size in zip(opdef.inputs, sizes):
        types = node.attrs[arg.type_list_attr] if arg.type_list_attr else [
            arg.dtype or node.attrs[arg.type_attr]] * size
        for tensor, dtype in zip(node.inputs[at:at + size], types):
            if tensor.dtype.base_dtype is not dtype.base_dtype:
                yield f"{name}: input {arg.name!r} is {tensor.dtype.name}, its attrs say {dtype.name}"
            if arg.is_ref and not tensor.dtype.is_ref:
                yield f"{name}: input {arg.name!r} is no variable"
        at += size


def circles(graph: Graph) -> Iterator[str]:
    """Circles other than the way back of a loop."""
    missing = {}
    for node in graph:
        back = node.type in MERGE
        missing[node] = sum(not (back and t.op.type in NEXT) for t in node.inputs) + len(node.control_inputs)
    ready = [n for n, m in missing.items() if not m]
    done = 0
    while ready:
        node = ready.pop()
        done += 1
        for tensor in node.outputs:
            for user in tensor.uses:
                if not (node.type in NEXT and user.type in MERGE):
                    missing[user] -= 1
                    if not missing[user]:
                        ready.append(user)
        for user in node.control_uses:
            missing[user] -= 1
            if not missing[user]:
                ready.append(user)
    if done < len(missing):
        stuck = [n.name for n, m in missing.items() if m]
        yield f"{len(stuck)} nodes stand in a circle or behind one: {', '.join(stuck[:3])}"
