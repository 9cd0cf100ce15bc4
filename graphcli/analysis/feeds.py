"""What must be fed to get a value: the placeholders that it needs, and the way that needs each."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from typing import Any

from ..graph.collections import GraphKeys
from ..graph.graph import Graph, Node, Tensor
from ..record import Record
from .upstream import node_of, parents, reach, way

PLACEHOLDERS = ("Placeholder", "PlaceholderV2", "PlaceholderWithDefault")


class Need(Record):
    """One placeholder: ``path`` leads from it to what was asked for; one with a default is optional."""

    tensor: Tensor
    path: tuple[Node, ...]

    @property
    def optional(self) -> bool:
        return self.tensor.op.type == "PlaceholderWithDefault"

    @property
    def conditional(self) -> bool:
        """Whether it stands in a branch, so that a step may do without it."""
        return bool(self.tensor.op.control_inputs)


def called(handles: Mapping[str, Any]) -> Callable[[Tensor], str]:
    """What a user calls a tensor: by its handle, of those that there are, else by the name of its node."""
    # what is of a sparse or ragged tensor has its own name
    by_node = {id(getattr(v, "op", None)): k for k, v in handles.items() if not hasattr(v, "components")}
    return lambda tensor: by_node.get(id(tensor.op), str(tensor.op.name))


def needs(targets: Iterable[Tensor | Node], fed: Set[Tensor] = frozenset()) -> list[Need]:
    """The placeholders that ``targets`` need beyond what is fed, in graph order."""

    def step(node: Node) -> Iterable[Node]:
        if node.type in PLACEHOLDERS and node.outputs[0] in fed:
            return []
        if not fed:
            return parents(node)
        return [t.op for t in node.inputs if t not in fed] + [
            n for n in node.control_inputs if not any(t in fed for t in n.outputs)]

    starts = [node_of(t) for t in targets if t not in fed]
    came = reach(starts, step)
    found = [n for n in came if n.type in PLACEHOLDERS and n.outputs[0] not in fed]
    return [Need(n.outputs[0], tuple(way(n, came))) for n in sorted(found, key=lambda n: n.number)]


def to_start(graph: Graph, besides: Iterable[Need] = ()) -> list[Need]:
    """The placeholders that the initial values of variables need, other than ``besides``, in graph order."""
    variables = (v for k in (GraphKeys.GLOBAL_VARIABLES, GraphKeys.LOCAL_VARIABLES) for v in graph.get_collection(k))
    initializers = (getattr(v, "initializer", None) for v in variables)
    assigned = [getattr(start, "op", start) for start in initializers if start is not None]
    others = {n.tensor for n in besides}
    return [n for n in needs(assigned) if n.tensor not in others]


def example(tensor: Tensor) -> str:
    """A literal that fits the placeholder: unknown sizes are 1, many elements are elided by None."""
    kind = tensor.dtype.base_dtype.kind
    leaf = {"f": "0.0", "b": "false", "S": "\"\"", "c": "0"}.get(kind, "0")
    out = leaf
    for size in reversed(tensor.static or ()):
        out = "[" + ",".join([out] * (1 if size is None else size)) + "]"
        if len(out) > 60:
            return "@file.npy"
    return out


def whole_example(value: Any) -> str:
    """A literal that fits a sparse placeholder: its first element, with 1 for unknown sizes; a ragged one: a row."""
    from ..graph.constant import constant_value

    if value.kind == "ragged":
        flat = example(value.flat_values)
        return flat if flat[0] == "@" else "[" * value.ragged_rank + flat.join(
            "" if flat[0] == "[" else "[]") + "]" * value.ragged_rank
    sparse = value
    indices, values, shape = sparse.components
    size = constant_value(shape.op.inputs[0]) if shape.op.inputs else None
    rank = (indices.static or (None, None))[1] or 2
    sizes = [1] * rank if size is None else [max(d, 1) for d in size.tolist()]
    leaf = example(values).strip("[]")
    return f"{{indices: [{[0] * len(sizes)}], values: [{leaf}], dense_shape: {sizes}}}"
