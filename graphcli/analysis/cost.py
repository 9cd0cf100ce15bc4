"""Cost: floating point operations of one step, and the bytes that it reads and writes, from static shapes."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from ..errors import GraphError
from ..graph.flow import FLOW
from ..graph.graph import Graph, Node, Tensor
from ..graph.shapes import Static
from ..graph.types import resource
from ..graph.variables import held
from ..record import Record
from .flops import ADDING, CALLS, UPDATES, flops_of, input_named, size

SOURCES = frozenset({"Const", "Placeholder", "PlaceholderWithDefault", "Variable", "VariableV2", "VarHandleOp"})
"""What is there before anything is read or written."""
VIEWS = frozenset({"Identity", "Reshape", "Squeeze", "ExpandDims", "NoOp", "Shape", "ShapeN", "Size", "Rank",
                   "StopGradient", "PreventGradient", "ReadVariableOp", "BroadcastGradientArgs", "ConcatOffset",
                   "IsVariableInitialized", "VarIsInitializedOp", "VariableShape", "ControlTrigger",
                   "IdentityN", "EnsureShape", "GuaranteeConst", "Snapshot"}) | FLOW
"""What touches no element."""
TAKING = frozenset({"Gather", "GatherV2", "GatherNd", "ResourceGather", "ResourceGatherNd", "Slice", "StridedSlice",
                    "TensorArrayReadV3", "TensorArrayGatherV3", "StackPopV2"})
"""What reads of its first input as much as it gives."""

Key = TypeVar("Key")


class Cost(Record):
    """flops: by node, where any; bytes: that a node reads and writes, by node. open: nodes whose count takes an
    unknown size as 1; unknown: nodes with no known rank."""

    flops: dict[Node, int]
    bytes: dict[Node, int]
    open: int
    unknown: int

    @property
    def total(self) -> int:
        return sum(self.flops.values())

    @property
    def total_bytes(self) -> int:
        return sum(self.bytes.values())

    def by_op(self) -> dict[str, int]:
        """Operations by op type, most first."""
        return _by_op(self.flops)

    def bytes_by_op(self) -> dict[str, int]:
        """Bytes by op type, most first."""
        return _by_op(self.bytes)


def _by_op(counts: Mapping[Node, int]) -> dict[str, int]:
    out: dict[str, int] = {}
    for node, count in counts.items():
        if count:
            out[node.type] = out.get(node.type, 0) + count
    return dict(sorted(out.items(), key=lambda pair: (-pair[1], pair[0])))


def intensity(flops: int, touched: int) -> float | None:
    """Operations for each byte, None where no byte is touched."""
    return round(flops / touched, 3) if touched else None


def cost(graph: Graph) -> Cost:
    """The cost of every node once, those that only initialize variables left out; a call of a function costs what its
    body does."""
    return _cost(graph, {})


def called(node: Node) -> Cost:
    """The cost of the functions that a node calls, each once."""
    return _called(node, {})


def _cost(graph: Graph, known: dict[Any, Cost]) -> Cost:
    flops: dict[Node, int] = {}
    touched: dict[Node, int] = {}
    is_open = unknown = 0
    for node in graph:
        if node.type in SOURCES or node.type in VIEWS or not node.inputs or _initializes(node):
            continue
        if node.type in CALLS:
            inner = _called(node, known)
            flops[node], touched[node] = inner.total, inner.total_bytes
            is_open, unknown = is_open + inner.open, unknown + inner.unknown
            continue
        shapes = [_form(t)[0] for t in node.inputs]
        if any(s is None for s in (*shapes, *(t.static for t in node.outputs))):
            unknown += 1
            continue
        flops[node] = flops_of(node, shapes, node.outputs[0].static if node.outputs else ())
        touched[node] = touched_by(node)
        is_open += any(None in s for s in (*shapes, *(t.static for t in node.outputs)) if s)
    return Cost(flops, touched, is_open, unknown)


def _called(node: Node, known: dict[Any, Cost]) -> Cost:
    from ..ops._bodies import body_of

    total = Cost({}, {}, 0, 0)
    for func in (v for v in node.attrs.values() if hasattr(v, "name") and hasattr(v, "attrs")):
        key = node.graph, func.name, str(func.attrs)
        if key not in known:
            known[key] = Cost({}, {}, 0, 0)  # of one that calls itself
            try:
                known[key] = _cost(body_of(node.graph, func), known)
            except GraphError:
                continue
        found = known[key]
        total = Cost({**total.flops, **found.flops}, {**total.bytes, **found.bytes}, total.open + found.open,
                     total.unknown + found.unknown)
    return total


def _form(tensor: Tensor) -> tuple[Static, int]:
    """The shape of a tensor and the bytes of an element; of a variable's handle those of the variable."""
    dtype, shape = tensor.dtype.base_dtype, tensor.static
    if dtype is resource:
        source = tensor.op
        while source.type in ("Identity", "Enter", "Switch") and source.inputs:
            source = source.inputs[0].op
        if source.type == "VarHandleOp":
            dtype, shape = held(source)
    return shape, dtype.size if dtype.kind in "fiubc" else 0


def _bytes(tensor: Tensor) -> int:
    """Bytes of a tensor, of text and of what is no array none."""
    shape, each = _form(tensor)
    return size(shape) * each


def touched_by(node: Node) -> int:
    """The bytes that a node reads and writes. Of a large table only the rows that it takes or changes."""
    kind = node.type
    given = sum(_bytes(t) for t in node.outputs if not t.dtype.is_ref)
    if kind in TAKING:
        return 2 * given + sum(_bytes(t) for t in node.inputs[1:])
    changed = [t for t in node.inputs if t.dtype.is_ref or t.dtype.base_dtype is resource]
    others = sum(_bytes(t) for t in node.inputs if t not in changed)
    if not changed:
        return given + others
    plain = kind.removeprefix("Resource")
    update = plain.removeprefix("Sparse")
    if update in UPDATES:
        gradient = node.inputs[input_named(node, "grad")]
        rows = size(gradient.static) if plain != update else None
        return others + sum(2 * (_bytes(t) if rows is None else rows * _form(t)[1]) for t in changed)
    if plain.startswith(("Scatter", "StridedSlice")):
        # the rows that are written are as many as those that come
        return others + _bytes(node.inputs[-1]) * (2 if ADDING.fullmatch(kind) else 1)
    if kind in ("Assign", "AssignVariableOp"):
        return given + others + _bytes(node.inputs[1])
    twice = kind.startswith("Assign") or node.outputs and node.outputs[0].dtype.is_ref
    return given + others + sum((2 if twice else 1) * _bytes(t) for t in changed)


def _initializes(node: Node) -> bool:
    """Whether the node's only use, in the end, is the first assignment of a variable."""
    return "/Initializer/" in node.name or node.type in ("Assign", "AssignVariableOp") and any(
        "/Initializer/" in t.op.name for t in node.inputs)
