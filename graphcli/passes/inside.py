"""Inside: the shapes and values that are known within loops and branches: in a loop, those that hold in each turn."""
from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from ..graph.flow import MERGE, NEXT, PASSES
from ..graph.graph import Node, Tensor
from ..graph.shapes import Static
from .effects import ALIASES
from .facts import Facts
from .kept import Kept, both, either

WALKS = 8
"""How often the shapes that come back from a turn are looked at anew."""


class Inside(Facts):
    """Facts of a run with regions. flowing: the nodes of these."""

    def __init__(self, fed: Mapping[Tensor, Static], flowing: Set[Node]) -> None:
        super().__init__(fed)
        self.flowing = flowing
        self._turned: dict[Node, Static] = {}
        """What is taken for the shape of a value that comes back, until it is seen to be another."""

    def add(self, nodes: Sequence[Node], changing: Set[Node]) -> None:
        self.kept = Kept(nodes)
        for _ in range(WALKS):
            self.shapes, self.values, self.refused = dict(self.fed), {}, {}
            super().add(nodes, changing)
            if not self._turns(nodes):
                return
        self.trust, self.shapes, self.values, self.refused = False, dict(self.fed), {}, {}

    def _turns(self, nodes: Sequence[Node]) -> bool:
        """Whether a value comes back in another shape than it was taken for."""
        changed = False
        for node in nodes:
            for tensor in node.inputs if node.type in MERGE and node in self.flowing else ():
                if tensor.op.type in NEXT and tensor not in self.fed:
                    before = self.partly(node.outputs[0])
                    found = either(before, self.partly(tensor))
                    if found != before:
                        self._turned[node] = found
                        changed = True
        return changed

    def _node(self, node: Node, changing: Set[Node]) -> None:
        kind = node.type
        made: list[Static] | None = None
        if kind in MERGE:
            taken = [self.partly(t) for t in node.inputs if t.op.type not in NEXT or t in self.fed]
            found = taken[0] if taken else None
            for other in taken[1:]:
                found = either(found, other)
            made = [self._turned.get(node, found), ()]
        elif kind in PASSES or kind == "LoopCond" or kind in ALIASES and node in self.flowing:
            made = [self.partly(node.inputs[0])] * len(node.outputs)
            value = self.values.get(node.inputs[0])
            if value is not None:
                self.values.update((t, value) for t in node.outputs if t not in self.fed)
        elif kind in ("StackPopV2", "TensorArrayReadV3"):
            made = [both(self.kept.element(node.inputs[0], self.partly), self.partly(node.outputs[0]))]
        elif kind == "TensorArrayGatherV3":
            element, many = self.kept.element(node.inputs[0], self.partly), self.partly(node.inputs[1])
            made = [both(None if element is None or many is None else (*many, *element), self.partly(node.outputs[0]))]
        if made is not None:
            self.shapes.update((t, s) for t, s in zip(node.outputs, made) if t not in self.fed)
            return
        super()._node(node, changing)
        if self.trust and node in self.flowing:
            for output in node.outputs:
                if output not in self.fed:
                    self.shapes[output] = both(self.partly(output), output.static)

    def _evaluate(self, node: Node) -> None:
        # what is known in a branch is not known where the branch may not have been taken
        if node in self.flowing or not any(t.op in self.flowing and t not in self.fed and t in self.values
                                           for t in node.inputs):
            super()._evaluate(node)
