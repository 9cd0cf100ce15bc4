"""Names in the text of a region: of values, of constants, and of variables."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..graph.graph import Node, Tensor
from ..graph.kernel import Slot
from ..graph.types import resource
from ..passes.effects import VARIABLES
from ..passes.structured import Condition, Structured
from .flow_units import snapshot


class StructuredNames:
    """``of(tensor)``: the name of what a tensor is, which may be a variable; ``value(tensor)``: that of its value.

    refs: the variables among the tensors from outside. opened: for each name of a variable that the region does not
    write, the name of its value. loose: names that are a variable which the region writes, or may be one.
    """

    def __init__(self, structured: Structured, outside: Sequence[Tensor], refs: Mapping[Tensor, Node],
                 slot: Callable[[Node], Slot]) -> None:
        self.structured = structured
        self.slot = slot
        self.arguments = [f"a{i}" for i in range(len(outside))]
        self.space: dict[str, Any] = {"snapshot": snapshot, "truth": truth}
        self.opened: dict[str, str] = {}
        self.slots: list[Slot] = []
        """The variables whose values the text takes when it begins."""
        self.loose: set[str] = set()
        self._names: dict[Tensor, str] = {}
        for tensor, name in zip(outside, self.arguments):
            self._names[tensor] = name
            if tensor in refs:
                self._variable(name, refs[tensor])
        self._loosen()

    def of(self, tensor: Tensor) -> str:
        root = self.structured.root(tensor)
        found = self._names.get(root)
        return self._new(root) if found is None else found

    def value(self, tensor: Tensor) -> str:
        name = self.of(tensor)
        return self.opened.get(name, name)

    def truth(self, tensor: Tensor) -> str:
        """The text of what decides."""
        name = self.value(tensor)
        return f"truth({name})" if name in self.loose else name

    def all_of(self, conditions: Sequence[Condition]) -> str:
        """The text of conditions."""
        return " and ".join(self.truth(key) if branch else f"not {self.truth(key)}" for key, branch in conditions)

    def moved(self, source: Tensor, target: Tensor) -> str:
        """The text of what ``target`` is given where it becomes ``source``."""
        name = self.of(source)
        return f"snapshot({name})" if name in self.opened and self.of(target) not in self.loose else name

    def _variable(self, name: str, variable: Node) -> None:
        if variable in self.structured.written:
            self.loose.add(name)
        else:
            self.opened[name] = f"b{len(self.opened)}"
            self.slots.append(self.slot(variable))

    def _new(self, root: Tensor) -> str:
        node, number = root.op, len(self._names)
        if node.type == "Const":
            name = f"c{number}"
            self.space[name] = node.attrs["value"]
        elif node.type in VARIABLES:
            name = f"s{number}"
            self.space[name] = self.slot(node)
            self._variable(name, node)
        else:
            name = f"v{number}"
            if root.dtype.is_ref or root.dtype is resource:
                self.loose.add(name)
        self._names[root] = name
        return name

    def _loosen(self) -> None:
        """Finds what may be a variable because it is chosen from, or comes back from, what may be one."""
        structured = self.structured
        taken: list[tuple[Tensor, Sequence[Tensor]]] = [(n.outputs[0], n.inputs) for n in structured.structure.chosen]
        taken += [(c.merge, [c.first, c.following]) for c in structured.carried]
        changed = True
        while changed:
            changed = False
            for target, sources in taken:
                name = self.of(target)
                if name not in self.loose and any(self.of(s) in self.loose for s in sources):
                    self.loose.add(name)
                    changed = True


def truth(value: Any) -> Any:
    """The value of a condition that may be a variable."""
    return value.value if type(value) is Slot else value
