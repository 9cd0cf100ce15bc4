"""Effects: which variable's buffer a tensor is, and which nodes read and write it.

A reference variable's read is the live buffer in TensorFlow: ``w``, ``w/read``, the result of an
``Assign`` and a reshape of any of them are one memory. Whoever uses such a tensor reads the
variable when it runs.
"""
from __future__ import annotations

from collections.abc import Iterable, Sequence, Set

from ..graph.flow import MERGE, PASSES
from ..graph.graph import Node, Tensor
from ..graph.types import resource

VARIABLES = frozenset({"VariableV2", "Variable", "TemporaryVariable", "VarHandleOp"})
ALIASES = frozenset({"Identity", "StopGradient", "PreventGradient", "PlaceholderWithDefault", "Snapshot",
                     "RefIdentity", "DebugGradientIdentity", "DebugGradientRefIdentity"})
"""Ops that yield their first input as it is; they need no step of their own."""
VIEWS = frozenset({"Reshape", "Squeeze", "ExpandDims", "IdentityN", "Print", "CheckNumerics", "EnsureShape",
                   "Bitcast"})
"""Ops that yield the memory of their first input in another form."""
NEEDS_VALUE = frozenset({"ReadVariableOp", "ResourceGather", "ResourceGatherNd", "VariableShape"})
"""Ops that read a variable by its handle; what they yield is their own."""
READERS = NEEDS_VALUE | {"IsVariableInitialized", "VarIsInitializedOp", "DisableCopyOnRead", "RefIdentity", "RefSelect",
                         "DebugGradientRefIdentity", "RefSwitch", "RefMerge", "RefEnter", "RefExit",
                         "RefNextIteration"}
"""Ops that take a reference or handle and write nothing."""
FIRST = frozenset({"Assign", "AssignVariableOp", "DestroyResourceOp", "PartitionedCall", "StatefulPartitionedCall",
                   "If", "While", "StatelessIf", "StatelessWhile"})
"""Ops that may write to a variable which has no value yet."""


class Effects:
    """live: tensor -> the variable whose buffer it is, and whether it is the buffer itself (not a view).
    reads, writes: node -> variables. still: variables that none of the nodes writes; a read by their handles is the
    buffer too."""

    def __init__(self, nodes: Sequence[Node], fed: Set[Tensor]) -> None:
        self.fed = fed
        self.still: frozenset[Node] = frozenset()
        self._all(nodes)
        read = {v for n, variables in self.reads.items() if n.type == "ReadVariableOp" for v in variables}
        self.still = frozenset(read.difference(*self.writes.values()))
        if self.still:
            self._all(nodes)

    def _all(self, nodes: Sequence[Node]) -> None:
        self.live: dict[Tensor, tuple[Node, bool]] = {}
        self.reads: dict[Node, list[Node]] = {}
        self.writes: dict[Node, list[Node]] = {}
        for node in nodes:
            self.add(node)

    def is_alias(self, node: Node) -> bool:
        """Whether a node yields its first input, or the variable behind it, as it is."""
        return node.type in ALIASES or node.type == "ReadVariableOp" and self.still_read(node)

    def still_read(self, node: Node) -> bool:
        found = self.live.get(node.inputs[0])
        return found is not None and found[0] in self.still

    def add(self, node: Node) -> None:
        """Takes in a node whose inputs have been taken in."""
        live, fed, kind = self.live, self.fed, node.type
        if kind in VARIABLES:
            if node.outputs[0] not in fed:
                live[node.outputs[0]] = (node, True)
            return
        met = [t for t in node.inputs if t in live and t not in fed]
        if not met:
            return
        written: dict[Node, None] = {}
        if kind not in READERS and kind not in ALIASES:
            written = dict.fromkeys(live[t][0] for t in references(node) if t in live)
        if written:
            self.writes[node] = list(written)
            for i, output in enumerate(node.outputs):
                if output.dtype.is_ref and i < len(written):
                    live[output] = (list(written)[i], True)
        read = dict.fromkeys(live[t][0] for t in met if live[t][0] not in written)
        if read and kind not in ALIASES:
            self.reads[node] = list(read)
        first = node.inputs[0]
        if kind in PASSES and first in live:
            for output in node.outputs:
                live[output] = live[first]
        elif kind in MERGE:
            known = {live.get(t) for t in node.inputs}
            if len(known) == 1 and None not in known:
                live[node.outputs[0]] = live[first]
        elif first in live and not written:
            if kind in ALIASES or kind == "ReadVariableOp" and live[first][0] in self.still:
                live[node.outputs[0]] = live[first]
            elif kind in VIEWS:
                live[node.outputs[0]] = (live[first][0], False)


def updates(nodes: Iterable[Node], fed: Set[Tensor]) -> bool:
    """Whether any of the nodes, in any order, writes to a variable."""
    return any(_of_variable(t, fed) for n in nodes if n.type not in READERS and n.type not in ALIASES
               for t in references(n))


def _of_variable(tensor: Tensor, fed: Set[Tensor]) -> bool:
    """Whether a reference or handle is that of a variable, which may have come through branches and loops."""
    todo, seen = [tensor], {tensor}
    for at in todo:
        if at in fed:
            continue
        if at.op.type in VARIABLES:
            return True
        for before in at.op.inputs:
            if before not in seen and (before.dtype.is_ref or before.dtype is resource):
                seen.add(before)
                todo.append(before)
    return False


def references(node: Node) -> list[Tensor]:
    """The inputs that the op takes by reference, or as the handle of a variable."""
    return [t for t, by_reference in zip(node.inputs, by_references(node)) if by_reference]


def by_references(node: Node) -> list[bool]:
    """For each input whether the op takes it so; one tensor may be taken so and by its value."""
    if node.opdef is None:
        return [t.dtype.is_ref for t in node.inputs]
    out: list[bool] = []
    for arg in node.opdef.inputs:
        size = 1
        if arg.number_attr:
            size = node.attrs[arg.number_attr]
        elif arg.type_list_attr:
            size = len(node.attrs[arg.type_list_attr])
        out += [arg.is_ref] * size
    return [by_reference or t.dtype is resource for by_reference, t in zip(out, node.inputs)]
